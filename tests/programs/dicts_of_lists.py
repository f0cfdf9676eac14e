"""Dicts by keys known at run time only that hold lists, tuples, and arrays written in place."""

from collections import defaultdict

import numpy as np

from tests.programs import program

X = np.array([1.3, -0.7, 2.9, 0.4, -1.1])
LABELS = np.array([1, 0, 1, 1, 0])


@program(X, LABELS, argnums=(0,), peer=False)
def grouped_by_label(x, labels):
    groups = {}
    for k, v in zip(labels, x):
        groups.setdefault(k, []).append(v * v)
    total = 0.0
    for k, xs in groups.items():
        total += (k + 1) * np.mean(xs) ** 2 + sum(xs) * xs[-1]
    return total * len(groups)


@program(X, LABELS, argnums=(0,), peer=False)
def grouped_by_default(x, labels):
    class Groups:
        def __init__(self):
            self.rows = defaultdict(list)

        def add(self, k, v):
            self.rows[k].append(v)

        def loss(self):
            return sum(np.var(np.array(v)) * (k + 1) for k, v in self.rows.items())

    groups = Groups()
    for k, v in zip(labels, x):
        groups.add(k, v * v)
    return groups.loss() + max(sum(v) for v in groups.rows.values())


@program(X, LABELS, argnums=(0,), peer=False)
def read_between_the_appends(x, labels):
    groups = defaultdict(list)
    total = 0.0
    for k, v in zip(labels, x):
        total += sum(groups[k]) * v**2
        groups[k].append(v * total)
        total += np.sum(np.array(groups[k]) ** 2)
    return total


@program(X, LABELS, argnums=(0,), peer=False)
def edited_in_many_ways(x, labels):
    groups = {}
    for k, v in zip(labels[::-1], x):
        groups.setdefault(k, []).insert(0, v)
        groups[k].append(v * v)
        groups[k] += [x[0]]
        if len(groups[k]) > 3:
            groups[k].pop(1)
    total = 0.0
    for i, (_, xs) in enumerate(groups.items()):
        for j, v in enumerate(xs):
            total += (i + 1) * (j + 1) * v**2
    return total


@program(X, LABELS, argnums=(0,), peer=False)
def drained_and_deleted(x, labels):
    groups = defaultdict(list)
    total = 0.0
    for k, v in zip(labels, x):
        groups[k].append(v)
        if len(groups[k]) > 1 and k == 0:
            total += np.prod(np.array(groups[k]))
            del groups[k]
            groups[k + 5].append(v * v)
    while groups:
        k = max(groups)
        total = total * 2 + sum(groups.pop(k)) ** 2
    return total


@program(X, LABELS, argnums=(0,), peer=False)
def lists_that_are_replaced_keep_their_names(x, labels):
    groups = {labels[1]: [x[3]]}
    for i in range(len(x)):
        a = groups.setdefault(labels[i], [])
        b = groups.setdefault(labels[i] + 1, [])
        a.append(x[i])
        b.append(x[i] ** 2)
        a.append(x[0])
    old = groups[0]
    others = dict(groups)
    groups[0] = [v * 2 for v in groups[1]]
    groups[0].append(x[1])
    old.append(x[2])
    others[1].append(x[0])
    return sum(old) * sum(groups[0]) + sum(groups[1]) ** 2 + sum(others[0]) * len(others[1])


@program(X, LABELS, argnums=(0,), peer=False)
def added_in_place(x, labels):
    acc = defaultdict(lambda: np.zeros(3))
    parts = {}
    for i in range(len(x)):
        k = labels[i]
        acc[k][i % 3] += x[i] ** 2
        if k not in parts:
            parts[k] = np.zeros(2)
        parts[k] += np.array([x[i], x[i] * acc[k][0]])
    total = np.sum(acc[0] * acc[1]) + np.sum(acc[0] ** 3)
    for k in sorted(parts):
        total = total * 1.5 + np.prod(parts[k])
    return total


@program(X, LABELS, argnums=(0,), peer=False)
def arrays_under_two_names(x, labels):
    rows = {0: np.ones(2), 1: np.ones(2)}
    for i in range(len(x)):
        k = labels[i]
        old = rows[k]
        rows[k] = rows[k] * x[i]
        rows[k][0] += x[i]
        old[1] += x[i] ** 2
        rows[1 - k][1] *= old[1]
    return np.prod(rows[0]) * np.prod(rows[1])


@program(X, LABELS, argnums=(0,), peer=False)
def sums_and_counts(x, labels):
    stats = {}
    best = {}
    for i in range(len(x)):
        k = labels[i]
        s, n = stats.get(k, (0.0, 0))
        stats[k] = (s + x[i] ** 2, n + 1)
        if k not in best or best[k][0] < x[i]:
            best[k] = (x[i], x[i] * x[0])
    means = sum((k + 1) * s**2 / n for k, (s, n) in stats.items())
    return means + best[0][0] * best[1][1]


@program(X, LABELS, argnums=(0,), peer=False)
def put_there_where_it_is_missing(x, labels):
    rows = {}
    for k, v in zip(labels, x):
        try:
            rows[k].append(v)
        except KeyError:
            rows[k] = [v * v]
    pieces = {k: x[labels == k] for k in np.unique(labels)}
    total = sum(np.var(piece) * (k + 1) for k, piece in pieces.items())
    return total + sum(rows[0]) * sum(rows[1])


@program(X, LABELS, argnums=(0,), peer=False)
def made_in_each_trip(x, labels):
    total = 0.0
    for i in range(len(x)):
        groups = {}
        for j in range(i):
            groups.setdefault(labels[j], []).append(x[i] * x[j] ** 2)
        for k in list(groups):
            if k == labels[i]:
                del groups[k]
        total += sum(sum(v) ** 2 for v in groups.values())
    return total


@program(X, np.array([[0, 1], [1, 2], [2, 0], [0, 2]]), argnums=(0,), peer=False)
def weights_between_neighbours(x, edges):
    neighbours = {}
    for (a, b), w in zip(edges, x):
        neighbours.setdefault(a, []).append((b, w))
        if b in neighbours:
            row = neighbours[b]
        else:
            row = []
            neighbours[b] = row
        row.append((a, w * w))
    total = 0.0
    for node in neighbours:
        for other, w in neighbours[node]:
            total += w**2 * (node + 1) * (other + 2)
    return total


@program(X, LABELS, argnums=(0,), peer=False)
def sums_beside_counts(x, labels):
    cells = defaultdict(lambda: [0.0, 0])
    for k, v in zip(labels, x):
        cells[k][0] += v**2
        cells[k][1] += 1
    means = {k: s / n for k, (s, n) in cells.items()}
    states = {0: x[0], "of two": x[1]}
    for _ in range(3):
        states = {k: np.tanh(v + means[1]) for k, v in states.items()}
    return sum(m * (k + 1) for k, m in means.items()) * states[0] + states["of two"]


@program(X, LABELS, argnums=(0,), peer=False)
def vectors_in_lists_as_a_whole(x, labels):
    groups = defaultdict(list)
    for i in range(len(x)):
        groups[labels[i]].append(np.array([x[i], x[i] ** 2]))
    total = np.sum(np.stack(groups[0]) @ np.array(groups[1]).T)
    for k, vectors in groups.items():
        total += np.sum(np.mean(vectors, axis=0) ** 2) * (k + 1)
    groups[1][0][1] *= 3.0
    total += np.sum(sum(groups[0]) * sum(groups[1])) * len(groups[0])
    while groups[0] and total < 1e9:
        total += np.prod(groups[0].pop())
        groups[1][-1] += total
    return total + np.sum(np.concatenate(groups[1]))
