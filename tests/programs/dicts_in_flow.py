"""Dicts by keys known at run time only, in branches, loops, calls and `try`."""

from collections import defaultdict

import numpy as np

from tests.programs import program

X = np.array([1.3, -0.7, 2.9, 0.4])
LABELS = np.array([0, 1, 0, 1])


@program(X, LABELS, argnums=(0,), peer=False)
def read_where_another_way_writes(x, labels):
    d = {0: x[0], 1: x[1]}
    t = 0.0
    for i in range(len(x)):
        k = labels[i]
        if x[i] > 1:
            d[k] = x[i] ** 2
        else:
            t += d[k] * x[i] ** 2
    for i in range(len(x)):
        d[labels[i]] = d[labels[i]] * x[i]
    return t + d[0] * d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def drained(x, labels):
    d = {}
    for i in range(len(x)):
        d[labels[i]] = x[i]
    t = 0.0
    while d:
        k = max(d)
        t = t * 2 + d.pop(k) * x[k]
    return t + (1.0 if not d else 0.0)


@program(X, LABELS, argnums=(0,), peer=False)
def missing_key_is_caught(x, labels):
    d = {}
    t = 0.0
    for i in range(len(x)):
        try:
            v = d[labels[i]]
        except KeyError:
            v = x[i]
        d[labels[i]] = v * x[i]
        t += v * v
    return t


@program(X, LABELS, argnums=(0,), peer=False)
def added_or_put(x, labels):
    d = {}
    for i in range(len(x)):
        try:
            d[labels[i]] += x[i] * x[i]
        except KeyError:
            d[labels[i]] = x[i]
    return d[0] * d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def selected_of_known_keys(x, labels):
    w = {0: x[0], 1: x[1] ** 2}
    t = 0.0
    for i in range(len(x)):
        t += w[labels[i]] * x[i] + w.get(labels[i] + 1, 0.5) * x[i]
    return t


@program(X, LABELS, argnums=(0,), peer=False)
def unpacked_and_changed(x, labels):
    w = {0: x[0], 1: x[1] ** 2}
    v = {**w}
    for i in range(len(x)):
        v[labels[i]] *= x[i]
    return v[0] + w[1] * v[1]


@program(X, LABELS, argnums=(0,), peer=False)
def united(x, labels):
    w = {0: x[0], 1: x[1] ** 2}
    for i in range(len(x)):
        w[labels[i]] *= x[i]
    v = w | {2: x[0]}
    return v[0] + w[1] * v[2]


@program(X, LABELS, argnums=(0,), peer=False)
def values_as_array(x, labels):
    d = {}
    for k, v in zip(labels, x):
        d[k] = v
    for k in d:
        d[k] = d[k] ** 2
    vals = list(d.values())
    a = np.array(list(d.values()))
    return np.sum(a * a) + vals[0] + len(d.keys()) + sum(k * v for k, v in d.items())


@program(X, LABELS, argnums=(0,), peer=False)
def enumerated_with_others(x, labels):
    d = {}
    for k, v in zip(labels, x):
        d[k] = d.get(k, 0) + v
    t = 0.0
    for i, (k, v) in enumerate(d.items()):
        t += (i + 1) * v**2
    for k, w in zip(d, x):
        t += d[k] * w
    m = max(d.items(), key=lambda kv: kv[1])
    return t + m[1] ** 2 + min(d, key=lambda k: d[k])


@program(X, LABELS, argnums=(0,), peer=False)
def dicts_of_each_trip(x, labels):
    outer = {}
    for i in range(len(x)):
        inner = {}
        for j in range(len(x)):
            inner[labels[j]] = inner.get(labels[j], 0.0) + x[i] * x[j]
        outer[labels[i]] = outer.get(labels[i], 0.0) + inner[0] ** 2 * inner[labels[i]]
    return sum(outer.values())


@program(X, LABELS, argnums=(0,), peer=False)
def either_there_or_first(x, labels):
    d = {}
    t = 0.0
    for i in range(len(x)):
        prev = d[labels[i]] if labels[i] in d else x[0]
        d[labels[i]] = prev * x[i]
        t += prev
    return t


@program(X, LABELS, argnums=(0,), peer=False)
def whole_numbers_at_first(x, labels):
    d = {0: 0, 1: 0}
    for k, v in zip(labels, x):
        d[k] += v
    return d[0] * d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def changed_by_closures(x, labels):
    d = {}

    def put(k, v):
        d[k] = d.get(k, 1.0) * v

    def get(k):
        return d[k]

    for k, v in zip(labels, x):
        put(k, v)
    return get(0) - get(1)


@program(X, LABELS, argnums=(0,), peer=False)
def built_in_a_function(x, labels):
    def build(z):
        d = {}
        for k, v in zip(labels, z):
            d[k] = v
        return d

    a, b = build(x), build(x * x)
    return a[0] * b[1]


@program(X, LABELS, argnums=(0,), peer=False)
def returned_at_a_repeat(x, labels):
    d = {}
    for i in range(len(x)):
        if labels[i] in d:
            return d[labels[i]] * x[i]
        d[labels[i]] = x[i] ** 2
    return 0.0


@program(X, LABELS, argnums=(0,), peer=False)
def keys_of_a_list(x, labels):
    d = {}
    for i, k in enumerate(labels.tolist()):
        d[k] = x[i]
    return d[0] * d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def unique_labels(x, labels):
    d = {}
    ks, cs = np.unique(labels, return_counts=True)
    for k, c in zip(ks, cs):
        d[k] = np.sum(x[labels == k]) / c
    return sum(d[k] ** 2 for k in labels)


@program(X, LABELS, argnums=(0,), peer=False)
def matrices_by_label(x, labels):
    d = {}
    for i in range(len(x)):
        d[labels[i]] = np.outer(x, x) * x[i]
    t = 0.0
    for k, m in d.items():
        t += np.trace(m @ m) * (k + 1)
    return t


@program(X, 5, argnums=(0,), peer=False)
def memo_of_a_recursion(x, n):
    m = {}

    def go(i, j):
        if (i, j) in m:
            return m[i, j]
        if i == 0 or j == 0:
            r = x[0]
        else:
            r = go(i - 1, j) * 0.5 + go(i, j - 1) * x[1]
        m[i, j] = r
        return r

    return go(n, n)


@program(X, 5, argnums=(0,), peer=False)
def coins_in_a_while(x, n):
    best = {0: 0.0}
    a = 1
    while a <= n:
        c = best[a - 1] + x[0]
        if a >= 3:
            c = min(c, best[a - 3] + x[1])
        best[a] = c
        a += 1
    return best[n]


@program(X, LABELS, argnums=(0,), peer=False)
def buffers_of_known_keys(x, labels):
    bufs = {}
    for i in range(3):
        bufs[i] = np.zeros(2)
        bufs[i][0] += x[i] ** 2
    return np.sum(bufs[0] * bufs[1]) + bufs[2][0]


@program(X, LABELS, argnums=(0,), peer=False)
def pairs_of_known_keys(x, labels):
    ops = {}
    for i in range(3):
        ops[i] = (x[i], x[i] ** 2)
    return ops[0][1] * ops[2][0]


@program(X, LABELS, argnums=(0,), peer=False)
def functions_of_known_keys(x, labels):
    f = {}
    for i, g in enumerate((np.sin, np.cos)):
        f[i] = g
    return f[0](x[0]) + f[1](x[1])


@program(X, LABELS, argnums=(0,), peer=False)
def changed_on_one_path(x, labels):
    d = {}
    for k, v in zip(labels, x):
        d[k] = v
    e = d
    if x[0] > 0:
        d[0] = x[1] ** 2
    return e[0] * d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def one_of_two_is_changed(x, labels):
    a = {labels[0]: x[0]}
    b = {labels[0]: x[1]}
    c = a if x[0] > 0 else b
    c[labels[0]] = x[2] ** 2
    return a[labels[0]] * b[labels[0]]


@program(X, LABELS, argnums=(0,), peer=False)
def dicts_in_a_dict(x, labels):
    rows = {}
    for i in range(2):
        rows[i] = {}
        for j in range(2):
            rows[i][j] = x[i] * x[j]
    return rows[0][1] * rows[1][1]


@program(X, LABELS, argnums=(0,), peer=False)
def keys_are_shown_as_they_are(x, labels):
    d = {k: 0.5 * k for k in range(3)}
    for k, v in zip(labels, x):
        d[k] += v
    ks = d.keys()
    d[9] = x[0]
    t = 0.0
    for k in ks:
        t += (k + 1) * d[k] ** 2
    return t


@program(X, LABELS, argnums=(0,), peer=False)
def iterator_over_items(x, labels):
    d = {}
    for k, v in zip(labels, x):
        d[k] = v
    it = iter(d.items())
    t = 0.0
    for k, v in it:
        t += v * (k + 2)
    return t


@program(X, LABELS, argnums=(0,), peer=False)
def memo_in_a_closure(x, labels):
    seen = {}

    def visit(i):
        if i in seen:
            return seen[i]
        if i == 0:
            r = x[0]
        else:
            r = visit(i - 1) * x[1] + 1.0
        seen[i] = r
        return r

    return visit(len(labels)) + visit(2)


@program(X, LABELS, argnums=(0,), peer=False)
def pairs_of_an_array(x, labels):
    d = {}
    for i in range(len(x)):
        t = (labels[i], i % 2)
        d[t] = d.get(t, 0.0) + x[i] ** 2
    return max(d.values()) * min(d.values()) + d[0, 0]


@program(X, LABELS, argnums=(0,), peer=False)
def another_dict_on_one_path(x, labels):
    d = {0: 1.0, 1: 2.0}
    if x[0] > 1:
        d = {labels[1]: x[0], 5: x[1]}
    for k in d:
        d[k] = d[k] * x[2]
    return d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def made_again_in_trips(x, labels):
    d = {}
    for i in range(len(x)):
        d[labels[i]] = d.get(labels[i], 0.0) + x[i]
        if len(d) > 1:
            d = {k: v * 0.5 for k, v in d.items() if k != 5}
    return d[0] ** 2 + d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def gone_over_by_default(x, labels):
    d = defaultdict(float)
    for k, v in zip(labels, x):
        d[k] += v * v
    total = 0.0
    for k in d:
        total += d[k] ** 2 * (k + 1)
    return total


@program(X, LABELS, argnums=(0,), peer=False)
def right_side_changes_the_dict(x, labels):
    d = {labels[0]: x[0], labels[1]: x[1]}

    def put(k, v):
        d[k] = v * v
        return v

    d[labels[0]] += put(labels[0], x[2])
    d[labels[1]] *= put(labels[1], x[3])
    return d[0] * d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def counts_that_begin_alike(x, labels):
    counts = {0: 1, 1: 1}
    for k in labels:
        counts[k] += 1
    ones = np.ones(counts[0])
    return np.sum(ones * x[0] ** 2) + x[1] * counts[1] / len(ones)


def squares_by_label(x, labels):
    sums = dict.fromkeys(labels[::-1], 0.0)
    for k, v in zip(labels, x):
        sums[k] += v * v
    return sums


@program(X, LABELS, argnums=(0,), peer=False)
def first_item_and_last(x, labels):
    d = squares_by_label(x, labels)
    total = d[next(iter(d))] ** 2 + next(iter(d.values())) * next(reversed(d))
    k, v = d.popitem()
    seen = {}
    for label, w in zip(labels, x):
        total += next(iter(seen.values()), 1.0) * w
        seen[label] = w * w
    known = {"a": x[0], "b": x[1]}
    return total + v * (k + 1) + sum(d.values()) * known.popitem()[1] + len(known)


@program(X, LABELS, argnums=(0,), peer=False)
def queue_and_stack_of_keys(x, labels):
    queue, stack = squares_by_label(x, labels), squares_by_label(x, labels)
    total = 0.0
    while queue and total < 1e9:
        k = next(iter(queue))
        total = total * 2 + queue.pop(k) * (k + 1)
        if k < 4:
            queue[k + 4] = total * x[k]
    while stack:
        k, v = stack.popitem()
        total = total * 0.1 + v**2 * (k + 1)
    return total


class Shown:
    """Keeps what shows its dict from the begin on."""

    def __init__(self):
        self.parts = {}
        self.values = self.parts.values()


@program(X, LABELS, argnums=(0,), peer=False)
def shown_as_they_are_when_looked_at(x, labels):
    d = {"a": x[0], "b": x[1]}
    names, values, pairs = d.keys(), d.values(), d.items()
    d["a"] = x[2] * x[0]
    d["c"] = x[3]
    shown = Shown()
    shown.parts["first"] = x[1] * x[1]
    t = len(names) * sum(values) + sum(v * v for _, v in pairs) * sum(shown.values)
    if names == {"c": 0, "b": 1, "a": 2}.keys() and "c" in names:
        t += sum(d[k] ** 3 for k in names & {"c": 0, "z": 1}.keys())
    for i in range(len(x)):
        d["b"] *= x[i]
        if labels[i]:
            t += max(values) * d["c"]
    return t * np.prod([*values])


@program(X, LABELS, argnums=(0,), peer=False)
def texts_backwards_and_keys_that_fail(x, labels):
    d, first = {}, {}
    for label, v in zip(labels, x):
        name = f"k{label}"
        d[name] = d.get(name, 0.0) + v * v
    t = 0.0
    for n, name in enumerate(sorted(d, reverse=True)):
        t += d[name] * (n + 1)
    for k in [0, 1, 0]:
        try:
            first[k] *= x[k]
        except KeyError:
            first[k] = x[3]
    return t * sum(first.values())
