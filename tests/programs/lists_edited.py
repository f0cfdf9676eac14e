"""Lists of run-time length whose items are written, taken out and put in, anywhere."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(211)
W5, W8 = RNG.normal(size=5), RNG.normal(size=8)

V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])


@program(0.7, 6, argnums=(0,), peer=False)
def table_read_and_written_around(x, n):
    f = [0.0] * n
    f[0] = x
    for i in range(1, n):
        f[i] += f[i - 1] * x
        f[i] *= np.sin(f[i - 1]) + 2
        f[i - 1] = f[i] * x
    return f[-1] * f[0] + f[2] ** 2


@program(V5, 3.5, argnums=(0,), peer=False)
def swaps_at_places_that_depend_on_the_values(x, n):
    xs = [v * v for v in x]
    k = 0
    while k < n:
        j = int(abs(xs[k]) * 7) % 4
        xs[j], xs[k] = xs[k] * x[0], xs[j] + xs[k]
        k += 1
    return sum(v * w * v for v, w in zip(xs, W5))


@program(1.1, 3, argnums=(0,), peer=False)
def places_from_the_end_of_a_list_that_grows(x, n):
    xs = [x, x * x]
    for _ in range(n):
        xs[-1] = xs[-2] * xs[-1]
        xs.append(xs[-1] * x)
        xs[-1] = xs[0] * xs[-1]
        xs[-3] *= 1.3
    return xs[-1] * xs[1] + xs[2]


@program(0.7, 6, argnums=(0,), peer=False)
def smallest_taken_out_first(x, n):
    heap = []
    for k in range(n):
        heap.append(np.sin(x * k))
    total = 0.0
    while len(heap) > 2:
        j = 0
        for i in range(1, len(heap)):
            if heap[i] < heap[j]:
                j = i
        a = heap.pop(j)
        heap[0] += a * x
        total += a * heap[-1]
    del heap[0]
    return total * heap[0]


@program(0.7, 6, argnums=(0,), peer=False)
def items_put_in_and_taken_out_by_counters(x, n):
    xs = []
    for i in range(n):
        xs.append(x * i + 1)
    s = 0.0
    for i in range(2):
        a = xs.pop(i)
        s += a * xs[i] * x
        xs.insert(i + 1, a * s)
        xs.insert(-1, a * x)
    del xs[1]
    xs.insert(100, s)
    s += xs.pop() * xs.pop(-2)
    return s + sum(v * v * w for v, w in zip(xs, W8))


@program(0.7, 0, argnums=(0,), peer=False, name="zeroth_item_inserted, no trips")
@program(0.7, 3, argnums=(0,), peer=False)
def zeroth_item_inserted(x, n):
    xs = [x]
    for _ in range(n):
        xs[0] = x * xs[0]
        xs.insert(0, xs[0] * x)
    return xs[0] * xs[-1]


@program(1.2, 4.5, argnums=(0,), peer=False)
def last_item_read_before_the_list_grows(x, n):
    xs = [x]
    while len(xs) < n:
        xs.append(xs[-1] * x + 1)
    s = 0.0
    for i in range(4):
        s += xs[-1] * x * xs[i]
    xs.append(s * s)
    xs[0] = s
    return s * xs[-1] * xs[0]


@program(0.7, 5, argnums=(0,), peer=False)
def table_under_two_names_and_a_copy(x, n):
    xs = [0.0] * n
    ys = xs
    zs = list(xs)
    for k in range(n):
        ys[k] = x * k
        zs[k - 1] = xs[k] * x
    return sum(a * b * a for a, b in zip(xs, zs))


@program(0.7, 3, argnums=(0,), peer=False)
def lists_made_of_lists_and_changed_after(x, n):
    xs = [x]
    ys = xs
    for k in range(n):
        xs = xs + [x * k]  # noqa: RUF005
        zs = xs
        zs.append(xs[-1] * x)
    ys.append(x * x)
    return sum(a * b * a for a, b in zip(xs, ys)) + zs[-1] * xs[2]


@program(0.7, 0.3, 3, argnums=(0, 1), peer=False)
def list_repeated(x, y, n):
    ys = [x, y] * n
    zs = n * [x]
    zs[1] = ys[2] * zs[0]
    return sum(a * a * w for a, w in zip(ys, W8)) + zs[1] * zs[2]


@program(0.7, 5, argnums=(0,), peer=False)
def one_of_two_lists_by_the_trip(x, n):
    xs = [0.0] * n
    ys = [x] * n
    for k in range(n):
        c = xs if k % 2 else ys
        c[k] = x * k
        c.append(x)
    return sum(a * b * a for a, b in zip(xs, ys))


@program(0.7, 4, argnums=(0,), peer=False)
def two_lists_that_change_their_names(x, n):
    a, b = [x], [2.0]
    for k in range(n):
        a.append(x * k + b[-1])
        a, b = b, a
    return a[-1] * b[-1] + sum(a) * len(b)


def bubbles(rows, by):
    for i in range(len(rows) - 1):
        for j in range(len(rows) - 1 - i):
            if by(rows[j]) > by(rows[j + 1]):
                rows[j], rows[j + 1] = rows[j + 1], rows[j]
            rows[j] = rows[j] * 1.1


@program(np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.7]))
def sorted_by_exchanges(x):
    xs = [v * v for v in x if v > -1]
    bubbles(xs, lambda v: v)
    return sum(k * v * v for k, v in enumerate(xs))


@program(np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.7]))
def exchanged_by_a_temporary_name(x):
    xs = [v * v for v in x if v > -1]
    for j in range(len(xs) - 1):
        if xs[j] > xs[j + 1]:
            t = xs[j]
            xs[j] = xs[j + 1]
            xs[j + 1] = t
        xs[j] *= 1.5
    return sum(k * v * v for k, v in enumerate(xs))


@program(np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.7]))
def turned_round_in_place(x):
    xs = [v * v for v in x if v > -1]
    i, j = 0, len(xs) - 1
    while i < j:
        xs[i], xs[j] = xs[j], xs[i]
        xs[i] *= xs[j]
        i, j = i + 1, j - 1
    return sum(k * v * v for k, v in enumerate(xs))


@program(np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.7]))
def exchanged_from_the_end_and_with_itself(x):
    xs = [v * v for v in x if v > -1]
    i = 0
    xs[i], xs[i] = xs[1], xs[2]
    xs[1], xs[-3] = xs[-3], xs[1]
    k = len(xs) - 1
    xs[k], xs[-1] = xs[-1], xs[k]
    try:
        xs[0], xs[17] = xs[17], xs[0]
    except IndexError:
        xs[0] *= 3
    return sum(k * v * v for k, v in enumerate(xs))


@program(np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.7]))
def not_quite_exchanges(x):
    xs = [v * v for v in x if v > -1]
    for j in range(len(xs) - 1):
        t = xs[j]
        xs[j] = xs[j + 1]
        xs[j + 1] = t * xs[j]
        t = xs[j]
        xs[j] = xs[0]
        xs[0] = t
        a, b = xs[j], xs[j + 1]
        xs[j], xs[j + 1] = a, b
        xs[j], xs[j - 1] = xs[j - 1] * 1.0, xs[j]
    return sum(k * v * v for k, v in enumerate(xs))


@program(np.arange(12.0).reshape(4, 3) / 7 + 0.1)
def written_rows_in_place_of_each_other(a):
    rows = [np.sin(row * 3) for row in a if row[0] > 0.05]
    for i in range(len(rows) - 1):
        for j in range(len(rows) - 1 - i):
            if rows[j][0] > rows[j + 1][0]:
                rows[j], rows[j + 1] = rows[j + 1], rows[j]
            rows[j] *= rows[j + 1]
    return sum(k * row @ row * row[0] for k, row in enumerate(rows))


@program(np.arange(12.0).reshape(4, 3) / 7 + 0.1)
def eliminated_with_pivots(a):
    rows = [row + np.eye(3)[k % 3] for k, row in enumerate(a) if row[0] > 0.05][:3]
    n = len(rows)
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(rows[i][k]) > abs(rows[p][k]):
                p = i
        rows[k], rows[p] = rows[p], rows[k]
        for i in range(k + 1, n):
            rows[i] -= rows[i][k] / rows[k][k] * rows[k]
    return np.prod(np.array([rows[k][k] for k in range(n)]))


@program(0.6, np.array([0.4, -0.9, 1.3, 0.7]))
def pairs_added_to_in_an_inner_loop(s, x):
    rows = [(np.sin(v), v) for v in x]
    for _ in range(2):
        rows = rows[1:] + [(s, x[0])]  # noqa: RUF005
        for _ in range(3):
            rows += [(s, s * x[1])]
    return s * sum((a * 1.3 + b) * (k + 1) for k, (a, b) in enumerate(rows))


@program(0.6, np.array([0.4, -0.9, 1.3, 0.7]))
def lists_in_containers_made_again_in_an_inner_loop(s, x):
    held = {"rows": [np.sin(v) for v in x]}
    pair = ([(np.sin(v), v) for v in x], 1.0)
    for _ in range(2):
        held = {"rows": held["rows"][1:] + [s]}  # noqa: RUF005
        pair = (pair[0][1:] + [(s, x[0])], pair[1] * 2)  # noqa: RUF005
        for _ in range(3):
            held["rows"].append(s * x[1])
            held = {"rows": held["rows"]}
            pair[0].append((s, s))
            pair = (pair[0], pair[1] + s)
    total = sum(a * (k + 1) for k, a in enumerate(held["rows"]))
    return total + pair[1] * sum((a * 1.3 + b) * (k + 1) for k, (a, b) in enumerate(pair[0]))


class Kept:
    pass


@program(V5, 3, argnums=(0,), peer=False)
def repeated_in_place_under_all_names(x, n):
    def twice(items):
        items *= 2

    known, kept = [x[0], x[1] * x[2]], Kept()
    kept.items, other = known, known
    known *= 2
    kept.items *= 2
    known[1] = x[3] ** 2
    twice(other)
    ends = (x[4], x[0])
    before = ends
    ends *= 2
    grown = [0.0]
    same = grown
    grown *= n
    for i in range(n):
        same[i] += x[i] * x[i + 1]
    total = sum(v * w for v, w in zip(ends, W5)) * sum(before) * len(other)
    return total + sum((i % 5) * v * v for i, v in enumerate(other)) + grown[1] * grown[2]
