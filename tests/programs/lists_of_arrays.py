"""Lists of run-time length that hold arrays, which are written through the list."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(223)
W3, W43 = RNG.normal(size=3), RNG.normal(size=(4, 3))

V3 = np.array([0.4, -0.9, 1.3])


@program(V3, 3.5, argnums=(0,), peer=False)
def rows_updated_in_loops(x, n):
    rows = []
    k = 0
    while k < n:
        rows.append(np.zeros(3))
        k += 1
    for row in rows:
        row += x
        row[0] *= x[1]
    for i in range(len(rows)):
        rows[i][1:] += rows[i - 1][:-1] * x[0]
        rows[i] *= 1.5
    rows[1] = rows[0] * x
    rows[1][2] = 7.0 * x[0]
    return sum(np.sum(row * w * row) for row, w in zip(rows, W43))


@program(V3, 4, argnums=(0,), peer=False)
def rows_by_elements_and_the_last_one_taken(x, n):
    rows = []
    for k in range(n):
        row = np.empty(3)
        for j in range(3):
            row[j] = x[j] * 0.3 * k + 1
        rows.append(row)
    for k in range(1, n):
        for j in range(3):
            rows[k][j] *= rows[k - 1][j]
    r = rows[2]
    r[:] = r * r
    q = rows.pop()
    rows[0][:] = q
    return np.sum(rows[0] * W3 * rows[2] * q)


@program(V3, 4, argnums=(0,), peer=False)
def matrix_of_rows_from_a_comprehension(x, n):
    grid = [np.zeros(3) for _ in range(n)]
    grid[0][:] = x
    for i in range(1, n):
        grid[i][0] = x[0] * i
        for j in range(1, 3):
            grid[i][j] = np.tanh(grid[i - 1][j]) + grid[i][j - 1] * grid[i - 1][j - 1]
    return np.sum(W43 * np.array(grid))


@program(V3, 0.7, 4, argnums=(0, 1), peer=False)
def rows_of_two_lengths(x, s, n):
    rows = []
    for k in range(n):
        rows.append(x[:2] * s if k % 2 else x * (k + 1))
        rows[-1][-1] += s
    for k in range(n):
        rows[k][0] *= rows[k - 1][1]
    return np.sum(rows[0] * W3) + np.sum(rows[1]) * rows[2][2] ** 2


@program(W43, 0.7, 4, peer=False)
def rows_sorted_by_exchanges(a, c, n):
    rows = []
    for i in range(n):
        rows.append(a[i] * 2)
    for i in range(n):
        for j in range(n - 1 - i):
            if rows[j][1] > rows[j + 1][1]:
                rows[j], rows[j + 1] = rows[j + 1], rows[j]
                rows[j] *= c
    return sum((k + 1) * np.sum(W3 * row**2) for k, row in enumerate(rows))


@program(W43, 0.7, 3, peer=False)
def arrays_exchanged_in_lists_in_a_list(a, c, n):
    grid = []
    for i in range(n):
        grid.append([a[i] * 2, a[i] * c, a[i] ** 2])
    for i in range(n - 1):
        grid[i][0], grid[i + 1][2] = grid[i + 1][2], grid[i][0]
        grid[i][0] *= c
        grid[0], grid[1], grid[2] = grid[1], grid[2], grid[0]
        grid[i][1][0] += grid[1][0][1]
    return sum((k + 1) * np.sum(W3 * e**3) for k, row in enumerate(grid) for e in row)


def _first_by_last(rows):
    return np.sum(rows[0] / rows[-1]) + _first_by_last(rows[1:]) if len(rows) > 2 else 0.0


@program(V3 * V3, 2, peer=False)
def arrays_of_other_lengths_in_each_trip(x, n):
    rows, total, before = [], 0.0, None
    for i in range(n + 1):
        rows.append(x[x > 1.0 - i])  # one number, and then all
        if before is not None:
            total = total + np.sum(W3 * before * rows[-1])
        before = rows[-1] ** 2
    if len(rows[0]) == len(rows[1]):
        return total
    total += np.sum(W3 * rows[0] * rows[-1]) + _first_by_last(rows)
    last, first = rows.pop(), rows.pop(0)
    return total + np.sum(W3 * np.maximum(first, last) * W3)


@program(W43[:3], 3, argnums=(0,), peer=False)
def elimination_in_parts_of_a_list_of_rows(a, n):
    rows = [a[i] * 2 for i in range(n)]
    for k in range(n - 1):
        best = max(range(k, n), key=lambda i: abs(rows[i][k]))
        rows[k], rows[best] = rows[best], rows[k]
        pivot = rows[k]
        for r in rows[k + 1 :]:
            r -= pivot * (r[k] / pivot[k])
    for after, row in zip(rows[1:], rows[:-1], strict=True):
        after += row * a[0]
    for k, r in enumerate(rows[::-2]):
        r *= k + 2
        if r[0] > 40:
            break
    return sum((k + 1) * np.sum(W3 * row**2) for k, row in enumerate(rows))
