"""Comprehensions over every kind of iterable, nested and filtered."""

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5])
W3 = np.array([0.7, -1.3, 2.1])
A = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7]])


@program(0.7)
def over_range(x):
    return sum([x**k / (k + 1) for k in range(4)])


@program(0.7, 5)
def over_range_of_argument(x, n):
    return sum([np.sin(x * k) for k in range(n)])


@program(V)
def over_elements(v):
    return sum([e * e * w for e, w in zip(v, W3)])


@program(A)
def over_rows(a):
    norms = [np.sum(row**2) for row in a]
    return norms[0] * 3 + norms[1]


@program(V)
def into_array(v):
    u = np.array([np.sin(e) for e in v])
    return np.sum(W3 * u)


@program(A, V)
def stacked(a, v):
    m = np.stack([row * v for row in a])
    return np.sum(m @ W3 * np.array([1.0, -2.0]))


@program(V)
def enumerated(v):
    return sum([e ** (i + 1) for i, e in enumerate(v)])


@program([0.4, 1.3, -0.2])
def filtered_by_position(xs):
    return sum([x**2 for i, x in enumerate(xs) if i != 1])


@program(0.7)
def filtered_statically(x):
    return sum([k * x for k in range(10) if k % 3 == 1 if k > 1])


@program(V)
def conditional_inside(v):
    return sum([e if e > 0 else -2 * e for e in v])


@program(0.7)
def two_fors(x):
    return sum([x ** (i + j) for i in range(3) for j in range(i + 1)])


@program(V)
def nested_lists(v):
    m = np.array([[v[i] * v[j] + i for j in range(3)] for i in range(3)])
    return np.sum(m @ W3 * W3)


@program({"a": 0.4, "b": 1.3})
def dict_comprehension(p):
    q = {k: v * v for k, v in p.items()}
    r = {k.upper(): q[k] * p[k] for k in q}
    return r["A"] + 3 * r["B"]


@program([V, W3])
def over_list_of_arrays(vs):
    squares = [v * v for v in vs]
    return np.sum(squares[0] * squares[1])


@program(0.7)
def variable_stays_inside(x):
    e = x * 3
    parts = [e * x for e in (1.0, 2.0)]
    return e * parts[0] * parts[1]


@program(0.7)
def closure_in_comprehension(x):
    functions = [lambda t, k=k: t**k for k in (1, 2, 3)]
    return sum([f(x) * f(2.0) for f in functions])


@program([(A.T, V[:2]), (A, W3)], V)
def updated_parameters(layers, x):
    slower = [(w * 0.9, b - 0.1 * b**2) for w, b in layers]
    for w, b in slower:
        x = np.tanh(x @ w + b)
    return np.sum(W3 * x)


@program(V)
def walrus_inside(v):
    parts = [(t := e * 2) * t for e in v]
    return sum(parts) + t


@program([0.4, 1.3, -0.2], [0.2, 0.8, 0.5])
def zipped_and_starred(xs, ys):
    pairs = [(x * y, x - y) for x, y in zip(xs, ys)]
    products, gaps = zip(*pairs)
    return sum(products) * gaps[0] + gaps[2]


@program(V)
def mapped_lambda(v):
    return sum(list(map(lambda e: e**3, v))) + max([abs(e) for e in v])


@program(A)
def columns(a):
    return sum([np.max(a[:, j]) * (j + 1) for j in range(a.shape[1])])


@program(A)
def concatenated(a):
    return np.sum(np.concatenate([row[1:] * i for i, row in enumerate(a, 1)]) * W3[[0, 1, 2, 0]])


@program(V)
def any_and_all(v):
    if all([e < 5 for e in v]) and any([e < 0 for e in v]):
        return np.sum(W3 * v**2)
    return np.sum(v)
