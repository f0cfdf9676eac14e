"""Lists in lists of run-time length, which are changed through the list that they are in."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(91)
X = RNG.uniform(0.3, 1.2, size=4)
W = RNG.normal(size=4)
WHICH = np.array([0, 2, 0, 1])


@program(X, WHICH, argnums=(0,), peer=False)
def buckets_filled_by_an_array(x, which):
    buckets = [[] for _ in range(3)]
    for i, v in zip(which, x):
        buckets[i].append(v**2)
    return sum(buckets[0]) * sum(buckets[1]) + np.prod(np.array(buckets[2])) * x[0]


@program(X, WHICH, 3, argnums=(0,), peer=False)
def buckets_of_a_number_gone_over(x, which, n):
    buckets = [[] for _ in range(n)]
    for i, v in zip(which, x):
        buckets[i].append(v)
    total = 0.0
    for k, bucket in enumerate(buckets):
        for j, v in enumerate(bucket):
            total += v ** (j + 2) * (k + 1)
    return total * len(buckets[0])


@program(X, 4, argnums=(0,), peer=False)
def table_by_recurrence(x, n):
    table = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            above = table[i - 1][j] if i > 0 else 1.0
            left = table[i][j - 1] if j > 0 else x[i]
            table[i][j] = x[i] * x[j] + above * np.sin(left)
    return table[n - 1][n - 1] * table[1][0] + sum(sum(row) for row in table)


@program(X, 4, argnums=(0,), peer=False)
def rows_scaled_and_combined_in_place(x, n):
    rows = []
    for k in range(n):
        rows.append([x[k], x[0] * x[k]])
    for k in range(n):
        rows[k][1] = rows[k][0] * rows[k - 1][1]
        rows[k][0] *= x[1]
    for row in rows:
        row[0], row[1] = row[1], row[0] + row[1] * x[2]
    return sum(row[0] * row[1] * (k + 1) for k, row in enumerate(rows))


@program(X, 3, argnums=(0,), peer=False)
def items_moved_from_row_to_row(x, n):
    rows = []
    for k in range(n):
        rows.append([x[k], x[0] * x[k], x[1]])
    total = 0.0
    for k in range(n):
        last = rows[k].pop()
        first = rows[k].pop(0)
        rows[k - 1].append(last * first)
        rows[k].insert(1, first * x[2])
        total += last * first
    return total * sum(sum(row) * (i + 1) for i, row in enumerate(rows))


@program(X, 3, argnums=(0,), peer=False)
def rows_under_names(x, n):
    def push(row, value):
        row.append(value)
        row[0] = row[0] * value

    rows = [[x[k]] for k in range(n)]
    row = rows[1]
    row.append(x[0])
    row += [x[2], x[1]]
    for i in range(n):
        push(rows[i], x[i + 1])
    rows[1][0] = row[1] * x[0]
    chosen = rows[0] if x[0] > 0.5 else rows[2]
    chosen.append(x[3])
    weighted = [a * (i + 1) * (j + 2) for j, each in enumerate(rows) for i, a in enumerate(each)]
    return sum(weighted) * sum(row)


@program(X, 3, argnums=(0,), peer=False)
def rows_turned_sorted_cleared_and_sliced(x, n):
    rows = []
    for k in range(n):
        rows.append([x[k], x[0] * x[k], x[1]])
    rows[0].reverse()
    rows[1].sort()
    rows[2].clear()
    rows[2].extend([x[0], x[1]])
    rows[2].extend(rows[1])
    rows[0][1:] = [x[2], x[3]]
    del rows[1][0]
    first = rows.pop(0)
    first.append(x[3] * first[0])
    rows.append(first)
    return sum(a * (i + 1) * (j + 1) for j, row in enumerate(rows) for i, a in enumerate(row))


@program(X, WHICH, argnums=(0,), peer=False)
def stacks_that_are_pushed_and_popped(x, which):
    stacks = [[] for _ in range(3)]
    total = x[0]
    for i, v in zip(which, x):
        stacks[i].append(v * total)
        if len(stacks[i]) > 1:
            total += stacks[i].pop() * stacks[i][-1]
        elif v > 0.6:
            stacks[0].append(v)
    return total + sum(map(sum, stacks))


@program(X, np.array([[0, 1], [1, 2], [0, 2], [2, 1]]), argnums=(0,), peer=False)
def neighbours_of_a_graph(x, edges):
    neighbours = [[] for _ in range(3)]
    weights = [[] for _ in range(3)]
    for k in range(len(edges)):
        a, b = edges[k]
        neighbours[a].append(b)
        neighbours[b].append(a)
        weights[a].append(x[k])
        weights[b].append(x[k] ** 2)
    state = np.zeros(3)
    state[0] = 1.0
    for _ in range(2):
        new = np.zeros(3)
        for i in range(3):
            for j, w in zip(neighbours[i], weights[i]):
                new[i] += state[j] * w
        state = state + np.tanh(new)
    return np.sum(state * state)


@program(X, WHICH % 2, argnums=(0,), peer=False)
def lists_in_lists_in_lists(x, which):
    cube = [[[] for _ in range(2)] for _ in range(2)]
    for i, v in zip(which, x):
        cube[i][1 - i].append(v)
        cube[i][1 - i][0] *= v
        cube[0][0].append(v)
    return sum(
        (i + 2) * sum(sum(row) * (j + 1) for j, row in enumerate(plane))
        for i, plane in enumerate(cube)
    )


@program(X, 4, argnums=(0,), peer=False)
def triangle_of_rows(x, n):
    triangle = [[1.0 * x[0]]]
    for _ in range(n):
        above = triangle[-1]
        row = [x[0]]
        for j in range(len(above) - 1):
            row.append(above[j] * x[1] + above[j + 1])
        row.append(x[2])
        triangle.append(row)
    return sum(triangle[-1]) * triangle[1][1]


@program(X, 3, argnums=(0,), peer=False)
def arrays_in_rows(x, n):
    rows = [[] for _ in range(n)]
    for i in range(n):
        rows[i].append(x * (i + 1))
        rows[i - 1].append(np.sin(x))
    return sum(
        np.sum(a * a * W) * (j + 2) * (i + 1)
        for j, row in enumerate(rows)
        for i, a in enumerate(row)
    )


@program(X, 3, argnums=(0,), peer=False)
def lists_that_tuples_hold(x, n):
    pairs = []
    for k in range(n):
        pairs.append((x[k], [x[0]]))
    pairs[1][1].append(x[2])
    value, row = pairs[0]
    row.append(value)
    return sum(v * sum(r) for v, r in pairs) * len(pairs[0][1])


@program(X, 0, argnums=(0,), peer=False)
def no_rows_at_all(x, n):
    rows = [[] for _ in range(n)]
    for k in range(n):
        rows[k].append(x[k])
    return x[0] ** 2 + sum(sum(row) for row in rows)


@program(X, 3, argnums=(0,), peer=False)
def rows_filled_after_they_were_put_in(x, n):
    rows = []

    def begun(value):
        made = []
        rows.append(made)
        made.append(value)
        return made

    row = [x[2]]
    for i in range(n):
        row = begun(x[i] ** 2)
        same = row
        row.extend([x[0], x[1] * row[0]])
        rows[i].append(x[i] * same[-1])
        same[1] *= row[3]
    row.append(x[3])
    row[0] *= x[2]
    return sum(sum(each) * (k + 1) for k, each in enumerate(rows)) ** 2


@program(X, 4, argnums=(0,), peer=False)
def segments_of_arrays_begun_on_a_path(x, n):
    segments, segment = [], []
    segments.append(segment)
    arrays = []
    for i in range(n):
        array = np.zeros(3)
        arrays.insert(0, array)
        array[1] = x[i] ** 2
        array += x[0] * array[1]
        if i == 1 or x[i] > 5.0:
            segment = []
            segments.append(segment)
        segment.append(arrays[0][1] * x[i])
        segment.append(array[0])
    total = sum(np.sum(a**2) * (k + 1) for k, a in enumerate(arrays)) + np.sum(arrays[2] * array)
    return total * sum(sum(each) * (k + 1) for k, each in enumerate(segments))


@dataclass
class Edge:
    to: Any
    weight: Any


@program(X, np.array([[0, 1], [1, 2], [0, 2], [2, 3]]), 4, argnums=(0,), peer=False)
def shortest_paths_and_messages(w, edges, n):
    graph = [[] for _ in range(n)]
    known = []
    for k in range(len(edges)):
        a, b = edges[k]
        graph[a].append((b, w[k]))
        graph[b].append((a, w[k] ** 2))
    for _ in range(n):
        known.append([])
    distance = [100.0] * n
    distance[0] = 0.0
    for _ in range(n):
        for a in range(n):
            for b, weight in graph[a]:
                if distance[a] + weight < distance[b]:
                    distance[b] = distance[a] + weight
    for a in range(n):
        for b, weight in graph[a]:
            known[b].append(Edge(a, weight * distance[a]))
    return sum(distance) * sum(e.weight * w[e.to] * (len(es) + 1) for es in known for e in es)


@program(X, 4, argnums=(0,), peer=False)
def rows_of_pairs_edited(x, n):
    rows = [[(x[i], x[0] * x[i])] for i in range(n)]
    for i in range(n):
        rows[i].append((x[3], x[i]))
        rows[i].insert(0, (x[1], 1.0 * i))
    a, b = rows[1].pop()
    c, d = rows[2].pop(0)
    rows[0][1] = (a, d)
    rows[3] += [(a, b), (c, c * d)]
    rows[2].extend(rows[3])
    rows[1].reverse()
    rows[0].sort()
    rows[3][1:3] = [(a * a, b)]
    copied = copy.deepcopy(rows)
    copied[1].append((b, x[2]))
    row = rows[1]
    row.append((x[0], c))
    total = sum(p * q * (k + 1) for k, r in enumerate(copied) for p, q in r)
    for r in rows:
        total += max(r, key=lambda pair: pair[1])[0] * len(r)
        for p, q in sorted(r, key=lambda pair: pair[0] * pair[1])[:2]:
            total += p * q
    return total


@program(X, 4, argnums=(0,), peer=False)
def tree_of_nodes_with_children(x, n):
    nodes = []
    for i in range(n):
        nodes.append((x[i], []))
    for i in range(1, n):
        nodes[(i - 1) // 2][1].append({"child": i, "weight": x[i] * x[0]})
    total = 0.0
    for value, children in nodes:
        for each in children:
            total += value * each["weight"] * nodes[each["child"]][0]
    return total


@program(X, 0.7, 3, peer=False)
def elimination_with_pivots(x, c, n):
    a = []
    for i in range(n):
        a.append([np.sin(x[i] * (j + 1) + i) for j in range(n)])
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(a[i][k]) > abs(a[p][k]):
                p = i
        a[k], a[p] = a[p], a[k]
        a[k][0] *= c
        for i in range(k + 1, n):
            f = a[i][k] / a[k][k]
            for j in range(k, n):
                a[i][j] -= f * a[k][j]
    return sum((k + 1) * (j + 1.5) * e**2 for k, row in enumerate(a) for j, e in enumerate(row))
