"""Slices of lists whose length is known at run time only: each is a list of its own."""

import numpy as np

from tests.programs import program

X = np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.7])
A = np.arange(12.0).reshape(4, 3) / 7 + 0.1


def squares(x):
    return [v * v for v in x if v > -1]


@program(X)
def part_and_list_changed_apart(x):
    xs = squares(x)
    ys = xs[1:]
    ys.append(xs[0] * xs[1])
    xs.append(ys[0] ** 2)
    xs[0] = ys[-1] * ys[0]
    ys[1] = xs[1] * 2
    zs = ys[::-1]
    zs[0] *= 3
    total = sum(k * v * v for k, v in enumerate(xs))
    total += sum((k + 2) * v * v for k, v in enumerate(ys))
    return total + sum((k - 2) * v * v for k, v in enumerate(zs))


@program(X)
def every_second_and_backwards(x):
    xs = squares(x)
    even, odd = xs[::2], xs[1::2]
    inner = xs[::-1][1:-1:2]
    return sum(a * b for a, b in zip(even, odd)) * sum(inner) + sum(xs[-2:]) * sum(xs[5:2:-1])


@program(X)
def prefixes_and_rests(x):
    xs = squares(x)
    total = 0.0
    for i in range(len(xs) + 1):
        total += sum(xs[:i]) ** 2 + sum(xs[i:]) * i
    return total


@program(X)
def window_that_moves(x):
    window = []
    total = 0.0
    for v in x:
        window.append(v)
        window = window[-3:]
        total += np.prod(np.array(window))
    return total


@program(X)
def halves_until_one_is_left(x):
    xs = squares(x)
    while len(xs) > 1:
        h = len(xs) // 2
        a, b = xs[:h], xs[h:]
        xs = [p * q for p, q in zip(a, b)] + b[len(a) :]
    return xs[0]


@program(X)
def ends_from_an_array(x):
    xs = squares(x)
    i, j = np.argmax(np.abs(x)) - 1, np.argmin(np.abs(x)) + 1
    return sum(xs[i:j]) * sum(xs[j:]) + sum(xs[:i]) * sum(xs[-j:])


def product_of_halves(xs):
    if len(xs) == 1:
        return xs[0]
    m = len(xs) // 2
    return np.sin(product_of_halves(xs[:m])) * product_of_halves(xs[m:])


@program(X)
def halves_by_recursion(x):
    return product_of_halves(squares(x))


@program(A)
def rows_of_a_part(a):
    rows = [np.sin(row) for row in a if row[0] > 0.2]
    total = 0.0
    for u, v in zip(rows, rows[1:]):  # noqa: RUF007
        total = total + u @ v * u[0]
    return total


@program(X)
def parts_of_lists_in_a_list(x):
    rows = []
    for i in range(len(x)):
        rows.append([v * x[i] for v in x if v > x[i]])
    total = 0.0
    for k, row in enumerate(rows):
        total += sum(row[1:]) * k
    for row in rows[1:-1]:
        total += sum(row[:2]) ** 2
    return total


@program(X)
def copies_by_slice_method_and_class(x):
    xs = squares(x)
    ys, zs, ws = xs.copy(), list(xs), xs[:]
    ys[0] = 1.0
    zs.append(x[0])
    ws.pop()
    return sum(xs) * sum(ys) + sum(zs) * sum(ws)
