"""Dicts by keys known at run time only: read, written, deleted, gone over."""

from collections import Counter, OrderedDict, defaultdict

import numpy as np

from tests.programs import program

X = np.array([1.3, -0.7, 2.9, 0.4])
LABELS = np.array([0, 1, 0, 1])


@program(X, LABELS, argnums=(0,), peer=False)
def added_to_what_is_there(x, labels):
    acc = {0: 1.0, 1: x[0]}
    for i in range(len(x)):
        acc[labels[i]] += x[i] * x[i]
    return sum(acc.values()) * acc[labels[0]]


@program(X, LABELS, argnums=(0,), peer=False)
def overwritten_by_label(x, labels):
    d = {}
    for i in range(len(x)):
        d[labels[i]] = x[i] ** 2
    return d[0] * d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def set_default_and_scaled(x, labels):
    d = {}
    for i in range(len(x)):
        d.setdefault(labels[i], x[i] * 3)
        d[labels[i]] *= x[i]
    return d[0] + 2 * d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def paired_up(x, labels):
    d = {}
    t = 0.0
    for i in range(len(x)):
        k = labels[i]
        if k in d:
            t += d.pop(k) * x[i]
        else:
            d[k] = x[i] ** 2
    return t + len(d)


@program(X, LABELS, argnums=(0,), peer=False)
def popped_with_default(x, labels):
    d = {5: x[0]}
    t = 0.0
    for i in range(len(x)):
        t += d.pop(labels[i], x[i] * x[i]) * x[i]
        d[labels[i]] = x[i] * t
    return t + sum(d.values())


@program(X, LABELS, argnums=(0,), peer=False)
def default_that_is_computed(x, labels):
    d = {}
    for i in range(len(x)):
        d[labels[i]] = d.get(labels[i], x[0]) * x[i]
    return d[0] - d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def products_by_label(x, labels):
    d = {}
    for k, v in zip(labels, x):
        d[k] = d.get(k, 1.0) * v
    t = 0.0
    for k, v in d.items():
        t = t * 1.5 + (k + 1) * v**2
    return t


@program(X, LABELS, argnums=(0,), peer=False)
def grid_of_paths(x, labels):
    n = len(labels)
    m = {}
    m[(0, 0)] = x[0]
    for i in range(n):
        for j in range(n):
            if i == 0 and j == 0:
                continue
            best = 0.0
            if (i - 1, j) in m:
                best = best + m[(i - 1, j)] * x[i]
            if (i, j - 1) in m:
                best = best + m[i, j - 1] * x[j] ** 2
            m[i, j] = best
    return m[n - 1, n - 1]


@program(X, LABELS, argnums=(0,), peer=False)
def heaviest_label(x, labels):
    d = {}
    for k, v in zip(labels, x):
        d[k] = d.get(k, 0.0) + v**2
    k = max(d, key=d.get)
    return d[k] * 3 + min(d.values())


@program(X, LABELS, argnums=(0,), peer=False)
def deleted_and_put_again(x, labels):
    d = {0: x[1], 1: x[2]}
    t = 0.0
    for i in range(len(x)):
        t += d[labels[i]] * x[i]
        del d[labels[i]]
        d[labels[i]] = x[i] * t
    return t


@program(X, LABELS, argnums=(0,), peer=False)
def default_dict_of_floats(x, labels):
    d = defaultdict(float)
    for k, v in zip(labels, x):
        d[k] += v**2
    return sum(v**2 for v in d.values())


@program(X, LABELS, argnums=(0,), peer=False)
def means_by_counts(x, labels):
    c = {}
    for k in labels:
        c[k] = c.get(k, 0) + 1
    t = 0.0
    for i in range(len(x)):
        t += x[i] ** 2 / c[labels[i]]
    return t


@program(X, LABELS, argnums=(0,), peer=False)
def no_trips(x, labels):
    d = {}
    for i in range(len(x) - len(x)):
        d[labels[i]] = x[i]
    return sum(d.values()) + x[0]


@program(X, LABELS, argnums=(0,), peer=False)
def float_keys(x, labels):
    d = {}
    for k, v in zip(labels * 1.0, x):
        d[k] = d.get(k, 0.0) + v**2
    return d[1] * d[0]


@program(X, LABELS, argnums=(0,), peer=False)
def changed_while_gone_over(x, labels):
    d = {}
    for k, v in zip(labels, x):
        d[k] = d.get(k, 0.0) + v
    for k in d:
        d[k] = d[k] ** 2
    for k in d:
        d[k] *= x[0]
    for k, v in d.items():
        d[k] = v * v
    return sum(d.values())


@program(X, LABELS, argnums=(0,), peer=False)
def updated_and_copied(x, labels):
    d = {}
    e = {7: x[0]}
    for k, v in zip(labels, x):
        d[k] = v
        e[k] = v * v
    d.update(e)
    e.update({0: x[2]})
    f = d.copy()
    f[0] = x[3] * f[1]
    return d[0] * f[0] + e[0] + d[7] + f[7]


@program(X, LABELS, argnums=(0,), peer=False)
def names_as_keys(x, labels):
    names = ["a", "b"]
    d = {}
    for i in range(len(x)):
        n = names[labels[i]]
        d[n] = d.get(n, 0.0) + x[i] ** 2
    return d["a"] * d["b"]


@program(X, LABELS, argnums=(0,), peer=False)
def two_names(x, labels):
    d = {}
    e = d
    for k, v in zip(labels, x):
        e[k] = v * v
    return d[0] + 3 * e[1]


@program(X, LABELS, argnums=(0,), peer=False)
def one_of_two_dicts(x, labels):
    a = {}
    b = {}
    for k, v in zip(labels, x):
        a[k] = v * v
        b[k] = v**3
    c = a if x[0] > 0 else b
    return c[0] * c[1] + a[0]


@program(X, LABELS, argnums=(0,), peer=False)
def cleared_halfway(x, labels):
    d = {}
    t = 0.0
    for i in range(len(x)):
        d[labels[i]] = x[i] * x[i]
        if i == 2:
            t = t + sum(d.values())
            d.clear()
    return t * d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def key_of_some_trips(x, labels):
    d = {}
    for i in range(len(x)):
        if x[i] > 2:
            d["a"] = x[i] ** 2
    return d["a"]


@program(X, LABELS, argnums=(0,), peer=False)
def left_at_a_repeat(x, labels):
    d = {}
    for i in range(len(x)):
        if labels[i] in d and x[i] > 2.5:
            break
        d[labels[i]] = x[i] ** 2
    return d[0] * d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def comprehension_and_zip(x, labels):
    d = {k: v**2 for k, v in zip(labels, x)}
    e = dict(zip(labels, x))
    return d[0] + d[1] * e[0]


@program(X, LABELS, argnums=(0,), peer=False)
def vectors_by_label(x, labels):
    d = {}
    for k, v in zip(labels, x):
        d[k] = d.get(k, np.zeros(2)) + v * np.array([1.0, v])
    return np.sum(d[0] * d[1])


@program(X, LABELS, argnums=(0,), peer=False)
def tails_by_label(x, labels):
    d = {}
    for i in range(len(labels)):
        d[labels[i]] = x[i:] * x[i]
    t = 0.0
    for k in d:
        t += np.sum(d[k] ** 2)
    return t


@program(X, LABELS, argnums=(0,), peer=False)
def until_both_are_there(x, labels):
    d = {}
    i = 0
    while i < len(x) and len(d) < 2:
        d[labels[i]] = d.get(labels[i], 1.0) * x[i]
        i += 1
    return d[0] + d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def none_where_missing(x, labels):
    d = {}
    for i in range(len(x)):
        v = d.get(labels[i])
        if v is None:
            d[labels[i]] = x[i] ** 2
        else:
            d[labels[i]] = v * x[i]
    return d[0] * d[1]


def helper(d, k, v):
    if k not in d:
        d[k] = 0.0
    d[k] += v


@program(X, LABELS, argnums=(0,), peer=False)
def counted_in_a_function(x, labels):
    d = {}
    for k, v in zip(labels, x):
        helper(d, k, v * v)
    return d[0] * d[1]


@program(X, LABELS, argnums=(0,), peer=False)
def sorted_keys_and_items(x, labels):
    d = {}
    for k, v in zip(labels, x):
        d[k] = d.get(k, 0.0) + v * v
    t = 0.0
    for k in sorted(d):
        t = t * 2 + d[k]
    for k, v in sorted(d.items()):
        t = t * 2 + v
    return t


@program(X, LABELS, argnums=(0,), peer=False)
def softmax_by_label(x, labels):
    total = defaultdict(float)
    for k, v in zip(labels, x):
        total[k] += np.exp(v)
    loss = 0.0
    for k, v in zip(labels, x):
        loss -= np.log(np.exp(v) / total[k]) * (1 + k)
    return loss


@program(X, LABELS, argnums=(0,), peer=False)
def running_means(x, labels):
    sums, counts = {}, {}
    for label, value in zip(labels.tolist(), x):
        sums[label] = sums.get(label, 0.0) + value
        counts[label] = counts.get(label, 0) + 1
    means = {label: sums[label] / counts[label] for label in sums}
    return sum((value - means[label]) ** 2 * (label + 1) for label, value in zip(labels, x))


@program(X, np.array([[0, 1], [1, 2], [2, 0], [0, 2]]), argnums=(0,), peer=False)
def weights_of_edges(x, edges):
    weights = {}
    for (i, j), v in zip(edges, x):
        weights[i, j] = v**2
        weights[j, i] = v
    total = 0.0
    for (i, j), w in weights.items():
        total += w * (i + 2 * j) * weights[(j, i)]
    return total


@program(X, 9, argnums=(0,), peer=False)
def knapsack_by_weight(x, capacity):
    best = {0: 0.0}
    for k in range(len(x)):
        weight = 2 + k
        for w in list(best):
            if w + weight <= capacity:
                value = best[w] + x[k] ** 2
                if value > best.get(w + weight, -1.0):
                    best[w + weight] = value
    return max(best.values()) + 0.5 * best[2]


@program(X, LABELS, argnums=(0,), peer=False)
def last_seen(x, labels):
    seen = {}
    total = 0.0
    for i in range(len(x)):
        if labels[i] in seen:
            j = seen[labels[i]]
            total += (x[i] - x[j]) ** 2
        seen[labels[i]] = i
    return total + seen[0]


@program(X, LABELS, argnums=(0,), peer=False)
def in_an_object(x, labels):
    class Table:
        def __init__(self):
            self.entries = {}

        def add(self, key, value):
            self.entries[key] = self.entries.get(key, 0.0) + value

        def norm(self):
            return sum(v**2 for v in self.entries.values())

    table = Table()
    for k, v in zip(labels, x):
        table.add(k, v * (1 + v))
    return table.norm()


@program(X, LABELS, argnums=(0,), peer=False)
def counted_and_ordered(x, labels):
    weights = Counter()
    firsts = OrderedDict()
    for k, v in zip(labels, x):
        weights[k] += v * v
        if k not in firsts:
            firsts[k] = v
    return weights[0] * firsts[0] + 2 * weights[1] * firsts[1] + weights[7]


@program(X, np.array([3, 3, 5, 5]), argnums=(0,), peer=False)
def made_anew_in_each_trip(x, labels):
    total = 0.0
    for i in range(len(x)):
        near = {}
        for j in range(len(x)):
            near[labels[j]] = near.get(labels[j], 0.0) + x[i] * x[j] ** 2
        total += near[3] * near[5] ** 2
    return total


@program(X, LABELS, argnums=(0,), peer=False)
def rebound_in_each_trip(x, labels):
    old = {0: x[0], 1: x[1]}
    for i in range(len(x)):
        new = {}
        for k in old:
            new[k] = old[k] * x[i] + k
        new[labels[i]] = new[labels[i]] ** 2
        old = new
    return old[0] + old[1] * 1.5


@program(X, LABELS, argnums=(0,), peer=False)
def same_key_in_two_ways(x, labels):
    d = {}
    for i in range(len(x)):
        d[int(labels[i])] = x[i]
        d[float(labels[i])] = d[labels[i]] * x[i]
        d[bool(labels[i])] = d[labels[i]] + x[i]
    return d[0] * d[1] + len(d)
