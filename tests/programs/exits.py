"""``while``, ``break``, ``continue``, ``else`` of loops, and returns out of them."""

import numpy as np

from tests.programs import program

X = np.array([0.4, -0.8, 1.5, 0.9, 0.2])


@program(2.7, 1e-9, argnums=(0,))
def newton_root(a, tol):
    x = a
    while abs(x * x - a) > tol:
        x = 0.5 * (x + a / x)
    return x


@program(1.1)
def while_below_bound(x):
    y = x
    while y < 40:
        y = y * x + x * x
    return y


@program(1.1, 4)
def while_with_counter(x, n):
    i = 0
    y = x
    while i < n:
        y = np.sin(y) + x
        i += 1
    return y


@program(1.1)
def while_true_break(x):
    y = x
    while True:
        y = y * 1.7
        if y > 9:
            break
    return y * x


@program(1.1)
def while_never_entered(x):
    y = x * x
    while y > 100:
        y = y * 0.5
    return y


@program(1.1)
def break_in_the_middle(x):
    y = x
    for i in range(20):
        y = y * x + 0.1
        if y > 3:
            break
        y = y + np.sin(x)
    return y


@program(X)
def break_before_anything(x):
    s = 1.0
    for e in x:
        if e > 1:
            break
        s = s * (e + 2)
    return s


@program(X)
def continue_skips(x):
    s = 0.5
    for e in x:
        if e < 0:
            continue
        s = s * e + e**2
    return s


@program(X)
def continue_and_break(x):
    s = 0.5
    for i, e in enumerate(x):
        s = s + e
        if i == 1:
            continue
        s = s * 1.3
        if i == 3:
            break
        s = s * e
    return s


@program(1.2, 5.0, 10, argnums=(0,))
def return_from_loop(a, limit, n):
    x = a
    for _ in range(n):
        x = x * a + 1.0
        if x > limit:
            return x * a
    return np.sin(x)


@program(1.01, 3)
def return_from_loop_not_reached(a, n):
    x = a
    for _ in range(n):
        x = x * a + 1.0
        if x > 50.0:
            return x
    return np.sin(x)


@program(X)
def returns_from_two_places(x):
    s = 1.0
    for i in range(len(x)):
        if x[i] < -5:
            return s
        s = s + x[i] ** 2
        if s > 4:
            return s * x[i]
    return s


@program(X)
def for_else_reached(x):
    s = 0.0
    for e in x:
        s += e * e
        if s > 100:
            break
    else:
        s = s * 3
    return s


@program(X)
def for_else_skipped(x):
    s = 0.0
    for e in x:
        s += e * e
        if s > 1:
            break
    else:
        s = s * 3
    return s


@program(1.3)
def while_else(x):
    y = x
    while y < 5:
        y = y * x
        if y > 300:
            break
    else:
        y = y + x**2
    return y


@program(1.05)
def nested_whiles(x):
    s = 0.0
    y = x
    while y < 3:
        z = y
        while z < 6:
            z = z * (1 + x)
        s = s + z
        y = y + x
    return s


@program(1.3)
def break_of_inner_only(x):
    s = 0.0
    for i in range(3):
        t = x
        for j in range(5):
            t = t * x
            if j >= i:
                break
        s = s + t * (i + 1)
    return s


@program(1.3)
def return_from_nested_loop(x):
    s = x
    for i in range(5):
        for j in range(5):
            s = s * 1.1 + i * x
            if s > 4:
                return s * x
    return s


@program(0.6)
def break_with_flag(x):
    found = False
    y = x
    for i in range(12):
        y = np.cos(y) * x + 0.3
        if i > 6:
            found = True
            break
    if found:
        return y * 2
    return y


@program(0.7, 1e-13, argnums=(0,))
def fixed_point(x, tol):
    y = 0.5
    for _ in range(100):
        new = np.cos(y) * x
        if abs(new - y) < tol:
            break
        y = new
    return y


@program(12.0)
def halving_with_continue(x):
    y = x
    k = 0
    while y > 1:
        k += 1
        if k % 2 == 0:
            y = y - 0.5
            continue
        y = y / 2
    return y * y


@program(0.3)
def while_over_two_conditions(x):
    y, z = x, 1.0
    while y < 3 and z < 5:
        y, z = y + z * x, z * 1.2 + y * 0.1
    return y * z


@program(X)
def while_walks_an_array(x):
    i = 0
    s = 1.0
    while i < len(x) and x[i] < 1.4:
        s = s * (1 + x[i])
        i = i + 1
    return s


@program(X)
def return_none_never(x):
    total = 0.0
    for e in x:
        if e > 1:
            return total * e
        total = total + e * e
    return total


@program(0.8, X)
def loop_after_loop(a, x):
    s = 0.0
    for e in x:
        if e < 0:
            break
        s = s + e * a
    t = s
    for e in x:
        if e > 1:
            break
        t = t * a + e
    return s * t


@program(1.4)
def collatz_like(x):
    n = 6
    y = x
    while n != 1:
        if n % 2 == 0:
            n = n // 2
            y = y * x
        else:
            n = 3 * n + 1
            y = y + x
    return y


@program(X)
def only_trip_of_while_true(v):
    s = v[0]
    while True:
        s = s * v[1]
        break
    return s * s


@program(X)
def only_trip_with_inner_loop(v):
    s = v[0]
    while True:
        for t in v:
            if t > 0.5:
                s = s + t * t
                break
        s = s * v[1]
        break
    return s


@program(X)
def only_trip_of_for(v):
    s = v[0]
    for i, t in enumerate(v):
        s = s + t * t * s
        break
    return s * v[i + 1]


@program(X)
def only_trip_that_returns(v):
    for t in v[v > 0.3]:
        return t * t * v[1]
    return v[0]


@program(X, 9.0, argnums=(0,))
def only_trip_that_is_not_there(v, least):
    s = v[0]
    for t in v[v > least]:
        s = s * t
        break
    else:
        s = s * v[2]
    return s * s


@program(X)
def only_trip_inside_a_loop(v):
    s = v[0]
    for i in range(len(v)):
        while s < i:
            s = s * v[1] + v[i]
            break
        s = s * s + v[i]
    return s


@program(X, 2, -1, -1, argnums=(0,))
def only_trip_of_steps(v, start, stop, step):
    s = v[0]
    for i in range(start, stop, step):
        if v[i] > 0.0:
            s = s * v[i]
            break
        else:
            return s + v[i]
    return s * s


@program(X, 0, 0, 2, argnums=(0,))
def only_trip_of_no_steps(v, start, stop, step):
    s = v[0]
    for i in range(start, stop, step):
        s = s * v[i]
        break
    return s * s


@program(X)
def only_trip_backwards(v):
    s = v[0]
    for i in range(len(v) - 1, -1, -1):
        s = s * v[i]
        break
    return s * s


@program(X, peer=False)
def only_trip_that_writes(v):
    out = v * v
    while True:
        out[0] = out[1] * v[2]
        out[1:] *= v[0]
        break
    for i in range(len(out)):
        out[i] = out[i] * out[-1]
        break
    return out[0] * out[1]
