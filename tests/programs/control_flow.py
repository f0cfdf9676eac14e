"""Branches: on data, on structure, with exits, with names bound on one side."""

import numpy as np

from tests.programs import program

W3 = np.array([0.7, -1.3, 2.1])
V = np.array([0.4, -0.8, 1.5])
A = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7]])


@program(0.7)
def if_else(x):
    if x > 0.5:
        y = x**2
    else:
        y = -x
    return y * 3


@program(0.3)
def if_else_other_side(x):
    if x > 0.5:
        y = x**2
    else:
        y = -x * np.exp(x)
    return y * 3


@program(0.7)
def if_without_else(x):
    y = x
    if x > 0:
        y = y * x
    if x > 100:
        y = y * 5
    return y


@program(2.7)
def elif_chain(x):
    if x < 1:
        y = x
    elif x < 2:
        y = x**2
    elif x < 3:
        y = x**3
    else:
        y = x**4
    return y * x


@program(0.7, -0.4)
def nested_branches(x, y):
    if x > 0:
        if y > 0:
            z = x * y
        else:
            z = x - y * y
    else:
        z = y
    return z * x


@program(0.7)
def early_return(x):
    if x < 1:
        return x**3
    y = np.exp(x)
    return y * x


@program(1.7)
def early_return_not_taken(x):
    if x < 1:
        return x**3
    y = np.exp(x)
    return y * x


@program(0.2, 0.9)
def returns_in_every_arm(x, y):
    if x > y:
        return x * y
    elif x * 3 > y:
        return x - y
    else:
        return y**2 / (x + 1)


@program(0.7)
def bound_in_one_branch(x):
    if x > 0:
        extra = x * 3
    y = x * x
    if x > 0:
        y = y + extra * x
    return y


@program(0.7, 0.2)
def several_names_per_branch(x, y):
    if x > y:
        a, b = x * 2, y
        c = a * b
    else:
        a, b = y, x * 3
        c = a - b
    return a * b + c**2


@program(0.7, 0.2)
def swapped_in_branch(x, y):
    if x > y:
        x, y = y, x
    return x**2 + 5 * y


@program(0.7, 0.3)
def and_or_of_tests(x, y):
    if x > 0 and y > 0 or x > 5:
        return x * y
    return x + y


@program(0.7, 0.3)
def not_of_test(x, y):
    if not x < y:
        return x * x * y
    return y


@program(0.0, 0.3, argnums=(1,))
def short_circuit_protects(x, y):
    if x != 0 and y / x > 1:
        return x * y
    return y * y + x


@program(V)
def branch_on_array_reduction(v):
    if np.sum(v) > 1 and np.all(v < 10):
        return np.sum(W3 * v**2)
    return np.sum(W3 * v)


@program(V)
def branch_on_any(v):
    return np.sum(W3 * (v**3 if np.any(v < 0) else v))


@program(A)
def branch_on_rank(a):
    if a.ndim == 2:
        return np.sum(a @ W3)
    return np.sum(a * W3)


@program(V)
def branch_on_rank_other(a):
    if a.ndim == 2:
        return np.sum(a @ W3)
    return np.sum(a * W3 * a)


@program(A)
def branch_on_length(a):
    n, m = a.shape
    if n < m:
        return np.sum(a.T @ a * W3)
    return np.sum(a @ a.T)


@program(V, None)
def none_argument(v, bias):
    y = v * W3
    if bias is not None:
        y = y + bias
    return np.sum(y**2)


@program(V, 0.3)
def none_argument_given(v, bias=None):
    y = v * W3
    if bias is not None:
        y = y + bias
    return np.sum(y**2)


@program(V, "tanh")
def string_option(v, activation):
    if activation == "relu":
        y = np.maximum(v, 0)
    elif activation == "tanh":
        y = np.tanh(v)
    else:
        raise ValueError(f"no activation {activation!r}")
    return np.sum(W3 * y)


@program(V, True)
def boolean_option(v, squared):
    return np.sum(W3 * v**2) if squared else np.sum(v)


@program(0.7)
def isinstance_check(x):
    if isinstance(x, (list, tuple)):
        x = x[0]
    return x * 3 * x


@program(0.7)
def raise_under_condition(x):
    if x < 0:
        raise ValueError("negative")
    return np.sqrt(x) * x


@program(0.7)
def nested_ternaries(x):
    sign = -1.0 if x < 0 else 1.0 if x > 0 else 0.0
    return sign * x**2


@program(0.7, 0.2)
def or_gives_a_default(x, scale):
    s = scale or 1.0
    return x * s


@program(0.7)
def flag_set_in_branch(x):
    large = False
    y = x * 2
    if y > 1:
        large = True
        y = y - 0.3 * x * x
    if large:
        y = y * y
    return y


@program(0.7, peer=False)
def integer_or_float_joined(x):
    y = 0
    if x > 0:
        y = x * x
    return y + x


@program(0.7)
def function_chosen_at_run_time(x):
    f = np.sin if x > 0.5 else np.cos
    return f(x) * x


@program(0.7)
def function_chosen_by_statement(x):
    if x > 0.9:
        f = np.sin
        c = 2.0
    else:
        f = np.tanh
        c = 3.0
    y = f(x * c)
    return y * y


@program(V)
def arrays_joined(v):
    if v[0] > 0:
        u = v * 2
    else:
        u = v - 1
    return np.sum(W3 * u * v)


@program(0.7, 0.3)
def exit_inside_nested_branch(x, y):
    z = x * y
    if x > 0:
        if y > 1:
            return z
        z = z + x
        if y > 0.1:
            z = z * z
            if z > 100:
                return z * 2
    return z + y


@program(0.7, 1.2)
def branch_assigns_tuple(x, y):
    pair = (x, y)
    if x < y:
        pair = (y * 2, x * x)
    a, b = pair
    return a * b


@program(0.4)
def piecewise_smooth(x):
    knots = [0.0, 0.5, 1.0]
    if x < knots[0]:
        return 0.0 * x
    if x < knots[1]:
        return 2 * x**2
    if x < knots[2]:
        return 1 - 2 * (1 - x) ** 2
    return 1.0 + 0 * x


@program(1.4, -0.2)
def clamp_by_min_max(x, y):
    return max(x, 0.5) * min(y, 1.0) + max(x, y, 0.1) ** 2


@program(np.array([0.4, -0.8, 1.5, 0.3]), 4)
def bound_by_one_branch_and_read_in_another(v, n):
    """Each of these names has a value on one path only."""
    s = 1.0
    if v[1] > 0:
        low = np.log(v)
    else:
        high = np.cos(v)
    for k in range(n):
        if v[k] > 0:
            t = np.sin(v[1] * v)
            w = v[k] * s
        for _ in range(2):
            if v[k] > 0:
                s = s + 0.1 * np.sum(t * t) * w
            else:
                s = s * v[0]
        if k > 1:
            s = s + (np.sum(low) if v[1] > 0 else high @ high)
    return s


@program(V, 1.0, argnums=(0,), peer=False)
@program(V, -1.0, name="name_bound_on_the_other_path", argnums=(0,), peer=False)
def name_bound_on_one_path(w, x):
    bound = False
    if x > 0:
        s = w**2
        bound = True
    w = w * 2
    y = np.sum(s * w) if x > 0 else np.sum(w)
    if not bound:
        s = w**3
    for i in range(3):
        if i == 1:
            t = w * s
        if i >= 1:
            y = y + np.sum(t * W3) * (i + 1)
        w = w * s[0]
    return y + np.sum(s * W3)
