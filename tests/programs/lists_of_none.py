"""Lists that are made of None, ``[None] * n``, and filled at positions."""

import numpy as np

from tests.programs import program

X = np.array([0.4, 0.9, 0.7])
ROWS = np.random.default_rng(1).uniform(1, 2, (4, 5))


@program(X, 4, peer=False)
def filled_with_arrays(x, n):
    ys = [None] * n
    for i in range(n):
        ys[i] = np.sin(x) * (i + 1)
    return sum(np.sum(y**2) for y in ys) + np.sum(np.stack(ys)[1:] ** 3)


@program(X, peer=False)
def filled_from_the_end(x):
    n = len(x)
    ys = [None] * n
    for i in reversed(range(n)):
        ys[i] = x[i] ** 2 if i == n - 1 else x[i] * ys[i + 1]
    return np.sum(np.array(ys) * np.arange(n))


@program(ROWS[0] * 0.3, ROWS[1] * 3, ROWS[2] * 0.2, ROWS[3], peer=False)
def tridiagonal_solver(a, b, c, d):
    n = len(d)
    upper, right, x = [None] * n, [None] * n, [None] * n
    upper[0] = c[0] / b[0]
    right[0] = d[0] / b[0]
    for i in range(1, n):
        pivot = b[i] - a[i] * upper[i - 1]
        upper[i] = c[i] / pivot
        right[i] = (d[i] - a[i] * right[i - 1]) / pivot
    x[-1] = right[-1]
    for i in range(n - 2, -1, -1):
        x[i] = right[i] - upper[i] * x[i + 1]
    return np.sum(np.array(x) ** 2)


@program(X, np.random.default_rng(0).normal(size=(4, 3, 3)), peer=False)
def activations_of_layers(x, weights):
    found = [None] * (len(weights) + 1)
    found[0] = x
    for k in range(len(weights)):
        found[k + 1] = np.tanh(weights[k] @ found[k])
    total = 0.0
    for each in found[1:]:
        total = total + np.sum(each)
    return total


@program(X, 5, peer=False)
def some_are_left(x, n):
    ys = [None] * n
    for i in range(0, n, 2):
        ys[i] = np.sin(x) * (i + 1)
    total = 0.0
    for y in ys:
        if y is not None:
            total += np.sum(y**2)
    return total


@program(X, peer=False)
def one_for_none(x):
    ys = [None] * len(x)
    for i in range(len(x)):
        if x[i] > 0.5:
            ys[i] = x[i] ** 2
    return sum(2.0 * x[0] if y is None else y for y in ys)


@program(X, 4, peer=False)
def replaced_and_taken_out(x, n):
    ys = [None] * n
    for i in range(n):
        ys[i] = x * i
    for i in range(n):
        if ys[i] is not None:
            ys[i] = ys[i] ** 2
    ys[0] = None
    return sum(np.sum(y) for y in ys if y is not None)


@program(X, 4, peer=False)
def written_in_place(x, n):
    ys = [None] * n
    for i in range(n):
        ys[i] = x * i
    for i in range(n):
        ys[i] *= 2.0
        ys[i][0] = 0.0
    return sum(np.sum(y**2) for y in ys)


@program(X, 3, peer=False)
def table_of_none(x, n):
    table = [[None] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            if i == 0 or j == 0:
                table[i][j] = x[0]
            else:
                table[i][j] = table[i - 1][j] * 0.5 + table[i][j - 1] * x[1]
    return table[n - 1][n - 1]


@program(X, 4, peer=False)
def remembered(x, n):
    found = [None] * (n + 1)

    def value(k):
        if found[k] is None:
            found[k] = 1.0 + x[0] if k < 2 else value(k - 1) * x[1] + value(k - 2)
        return found[k]

    return value(n)


@program(X, peer=False)
def none_is_appended(x):
    ys = []
    for v in x:
        ys.append(None if v < 0.5 else v**2)
    return sum(y for y in ys if y is not None)
