"""Counted loops, over every kind of sequence."""

import numpy as np

from tests.programs import program

X = np.array([0.4, -0.8, 1.5, 0.9])
W4 = np.array([0.7, -1.3, 2.1, 0.2])
A = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7], [1.5, 0.2, 0.6]])
V = np.array([0.3, 0.5, -0.2])


@program(1.1, 5)
def power_by_loop(x, n):
    y = 1.0
    for _ in range(n):
        y = y * x
    return y


@program(1.1, 0)
def loop_of_no_trips(x, n):
    y = x * x
    for _ in range(n):
        y = y * np.sin(y)
    return y * 2


@program(X)
def sum_by_index(x):
    s = 0.0
    for i in range(len(x)):
        s = s + W4[i] * x[i] ** 2
    return s


@program(X)
def sum_by_augmented_assignment(x):
    s = 0.0
    for i in range(x.shape[0]):
        s += np.sin(x[i]) * (i + 1)
    return s


@program(X, 1)
def range_with_start_and_step(x, start):
    s = 0.0
    for i in range(start, len(x), 2):
        s += x[i] ** 3 * i
    return s


@program(X)
def range_backwards(x):
    y = 0.5
    for i in range(len(x) - 1, -1, -1):
        y = y * x[i] + 1
    return y


@program(X)
def reversed_range(x):
    y = 0.5
    for i in reversed(range(len(x))):
        y = np.tanh(y * x[i]) + x[i]
    return y


@program(X)
def elements_of_array(x):
    y = 1.0
    for e in x:
        y = y * (1 + e * e)
    return y


@program(A)
def rows_of_array(a):
    s = np.zeros(3)
    for row in a:
        s = s * 0.5 + row**2
    return np.sum(V * s)


@program(X)
def enumerated(x):
    s = 0.0
    for i, e in enumerate(x):
        s += e ** (i + 1)
    return s


@program(X)
def enumerated_from_one(x):
    s = 0.0
    for i, e in enumerate(x, start=1):
        s += e * e / i
    return s


@program(X, W4 * 2)
def zipped(x, y):
    s = 0.0
    for a, b in zip(x, y):
        s += a * b**2
    return s


@program(X, A)
def enumerate_of_zip(x, a):
    s = 0.0
    for k, (e, row) in enumerate(zip(x, a)):
        s += k * e * np.sum(V * row) + e
    return s


@program(1.3)
def static_list_of_numbers(x):
    y = 0.0
    for c in [0.5, -1.0, 2.0]:
        y = y * x + c
    return y


@program(1.3)
def static_tuple_of_functions(x):
    for f in (np.sin, np.exp, np.tanh):
        x = f(x) + 0.1 * x
    return x


@program(1.3)
def static_strings(x):
    y = x
    for op in "sq", "inv", "sq":
        y = y * y if op == "sq" else 1 / (1 + y)
    return y


@program({"a": 0.5, "b": np.array([0.2, -0.7]), "c": 2.0})
def items_of_dict(params):
    s = 0.0
    for key, value in params.items():
        s = s + np.sum(value**2) * (3 if key == "b" else 1)
    return s


@program({"a": 0.5, "b": 1.5})
def keys_and_values_of_dict(params):
    p = 1.0
    for key in params:
        p = p * params[key]
    for value in params.values():
        p = p + value**2
    return p


@program([0.5, 1.5, -0.4])
def reversed_list(xs):
    y = 1.0
    for x in reversed(xs):
        y = y * x + x
    return y


@program(X)
def loop_variable_after_loop(x):
    for e in x:
        last = e * e
    return last * 3 + e


@program(X)
def loop_index_after_loop(x):
    for i in range(3):
        pass
    return x[i] ** 2


@program(1.3, X)
def loop_variable_shadows_argument(e, x):
    s = e * e
    for e in x:
        s = s + e * s * 0.1
    return s * e


@program(1.1, 6)
def two_carried_values(x, n):
    a, b = 0.0, x
    for _ in range(n):
        a, b = b, a * 0.5 + b * x
    return b


@program(0.4, 0.7, 5)
def rotation(x, y, n):
    for _ in range(n):
        x, y = x * 0.8 - y * 0.6, x * 0.6 + y * 0.8 + 0.1 * x * y
    return x * y


@program(A)
def nested_loops(a):
    s = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            s += a[i, j] ** 2 * (i + 2 * j + 1)
    return s


@program(A)
def triangular_loops(a):
    s = 0.0
    for i in range(3):
        for j in range(i):
            s += a[i, j] * a[j, i]
        s = s * 1.1
    return s


@program(A, V)
def matrix_vector_by_hand(a, v):
    out = 0.0
    for i in range(len(a)):
        dot = 0.0
        for j in range(len(v)):
            dot += a[i, j] * v[j]
        out += np.tanh(dot) * (i + 1)
    return out


@program(0.9)
def triple_loop(x):
    s = 0.0
    for i in range(2):
        for j in range(3):
            t = x * (i + 1)
            for k in range(2):
                t = t * x + j - k
            s += t
    return s


@program(X)
def branch_inside_loop(x):
    s = 0.0
    for e in x:
        if e > 0:
            s = s + e**2
        else:
            s = s - 3 * e
    return s


@program(X)
def best_so_far(x):
    best = None
    for e in x:
        if best is None or e > best:
            best = e
    return best**2


@program(0.8, V, 3)
def vector_state(c, v, n):
    u = v
    for i in range(n):
        u = np.tanh(A @ u + c * i)
    return np.sum(V * u)


@program(0.8, V)
def number_becomes_vector(c, v):
    s = 0.0
    for i in range(3):
        s = s + c * v**i
    return np.sum(s * V)


@program(1.3)
def value_first_bound_inside(x):
    for i in range(3):
        t = x * (i + 1)
        u = t * t
    return u + t


@program(1.3, X)
def start_is_read_in_body(x, v):
    y = x
    for e in v:
        y = y * e + x
    return y


@program(0.3, 4)
def bound_that_grows_inside(x, n):
    s = x
    for i in range(n):
        for _ in range(i + 1):
            s = np.sin(s) + x * 0.1
    return s


@program(np.array([[0.1, 0.2], [0.5, -0.3], [0.7, 0.9]]))
def rows_unpacked_in_header(points):
    s = 0.0
    for px, py in points:
        s += px**2 * 3 + px * py
    return s


@program(1.2)
def loop_over_slice_of_range(x):
    s = 0.0
    for i in range(10)[2:7:2]:
        s += x**i / (i + 1)
    return s


@program([(0.5, 2.0), (1.5, 3.0)])
def list_of_pairs(pairs):
    s = 0.0
    for a, b in pairs:
        s += a**2 * b
    return s


@program(X)
def global_array_zipped(x):
    return sum_with_weights(x, W4)


def sum_with_weights(values, weights):
    s = 0.0
    for value, weight in zip(values, weights):
        s += value**3 * weight
    return s


@program(np.array([0.1, 0.3, 0.5, 0.7, 0.2]), 0.4, 4, argnums=(0, 1))
def name_bound_in_the_first_trip(x, s, n):
    for k in range(n):
        if k == 0:
            y = x * 2
        elif k == 3:
            y = y * y[4]
        y = np.sin(y * s)
    return np.sum(np.array([0.3, -1.0, 0.7, 0.2, 1.4]) * y**2)


@program(np.array([0.3, 0.5, -0.2, 0.8, 0.4]), 3, argnums=(0,))
def name_of_another_length_each_trip(x, n):
    s = 0.0
    for k in range(n):
        y = x[k:] * 2
        s = s + np.sum(y**2)
    return s * np.sum(y**3)


@program(np.array([0.3, 0.5, -0.2, 0.8, 0.4]), 3, argnums=(0,))
def name_of_another_length_by_a_branch(x, n):
    for k in range(n):
        y = x[: k + 1] * 2
        if y[0] > 0.3:
            y = np.sin(y)
    return np.sum(y**3)


@program(np.array([0.3, 0.5, -0.2, 0.8, 0.4]), 3, argnums=(0,), peer=False)
def name_of_another_length_written(x, n):
    s = 1.0
    for k in range(n):
        y = x[k:] * 2
        y[0] *= x[1]
        y[1:] -= s * y[:-1]
        s = s + np.sum(y**2)
    return s + np.sum(y**3)


@program(np.array([0.3, 0.5, -0.2, 0.8, 0.4]), 3, argnums=(0,))
def name_of_another_length_in_nested_loops(x, n):
    s = 0.0
    for j in range(n):
        for k in range(1, j + 2):
            y = x[k - 1 :] * x[: len(x) - k + 1]
            z = y[1:] if y[0] > 0 else y[:-1] * 3
        s = s + np.sum(z) ** 2 * x[j]
    return s + np.sum(np.cos(z)) + np.sum(y) * y[1]


@program(np.array([0.4, -0.9, 1.3, 0.7]), 0.6)
def parts_of_ranges(x, c):
    every = range(len(x))
    s = x[0]
    for i in every[::-1]:
        s = np.sin(s) * x[i] + c
    for i, j in zip(every[:-2], every[2:]):
        s += x[i] * x[j] ** 2
    for i in range(1, len(x))[5:]:
        s *= x[i]
    return s + sum(x[i] * c for i in every[1:-1])


@program(np.arange(24.0).reshape(2, 3, 4) / 10, 1.3, peer=False)
def axes_are_lost_from_trip_to_trip(x, k):
    y = x**2
    while y.ndim > 1:
        y = np.tanh(y).sum(axis=0)
    mean = x
    while np.ndim(mean) > 0:
        mean = np.mean(mean, axis=-1) * k
    most = x
    for _ in range(x.ndim - 1):
        most = np.max(most, axis=0) * 1.5
    return np.sum(y**2) * mean + most @ y
