"""Classes of `collections`: deques, dicts with defaults, counters; sets that are changed."""

from collections import Counter, OrderedDict, defaultdict, deque

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5, 0.9])
M = np.array([[0.3, -1.2, 0.7], [1.1, 0.4, -0.6], [-0.2, 0.9, 1.4]])


@program(V, peer=False)
def sums_of_a_sliding_window(x):
    window = deque([0.0] * 3, maxlen=3)
    total = 0.0
    for value in x:
        window.append(value)
        total += sum(window) * window[0]
    return total


@program(V, peer=False)
def window_that_fills(x):
    window = deque(maxlen=3)
    total = 0.0
    for value in x:
        window.append(value * value)
        if len(window) == 3:
            total += window[0] * window[-1] + max(window)
    return total


@program(V, peer=False)
def queue_that_is_refilled(x):
    queue = deque()
    for value in x:
        queue.append(value)
    total = 0.0
    while queue:
        first = queue.popleft()
        if abs(first) > 0.5 and len(queue) < 10:
            queue.append(first * 0.4)
        total += first * first * (len(queue) + 1)
    return total


@program(V, peer=False)
def rotated_and_reversed(x):
    ring = deque([x[0], x[1] * x[2], x[3]])
    ring.rotate(1)
    ring.appendleft(x[1])
    ring.reverse()
    last = ring.pop()
    return sum((k + 1) * item * item for k, item in enumerate(ring)) * last


@program(V, peer=False)
def lists_by_default(x):
    groups = defaultdict(list)
    for k, value in enumerate([x[0], x[1], x[2] * x[3], 1.5]):
        groups[k % 2].append(value * value)
    return sum(np.prod(values) for values in groups.values()) + len(groups)


@program(V, peer=False)
def arrays_by_default(x):
    held = defaultdict(lambda: np.ones(2))
    for k in range(4):
        held["ab"[k % 2]] *= x[k]
    return held["a"][0] * 2 + held["b"][1] + held.get("c", 0.5)


@program(V, peer=False)
def letters_counted(x):
    weights = dict(zip("abcdr", [*x, x[0]], strict=True))
    more = Counter(a=2)
    more["b"] += 3
    more.update({"a": x[2]})
    counted = Counter("abracadabra")
    return sum(n * weights[k] ** 2 for k, n in counted.items()) + more.total() * x[1] + more["z"]


@program(V, peer=False)
def layers_by_name_in_order(x):
    layers = OrderedDict([("first", np.tanh), ("second", np.sin)])
    layers["third"] = lambda value: value * x
    value = x
    for name, layer in layers.items():
        value = layer(value) * len(name)
    return np.sum(value * np.array([1.0, -0.7, 0.3, 2.0]))


class MovingAverage:
    def __init__(self, size):
        self.rows = deque([np.zeros(2)] * size, maxlen=size)

    def push(self, row):
        self.rows.appendleft(row)
        return np.mean(np.array(self.rows), axis=0)


@program(M, peer=False)
def moving_average_of_rows(m):
    average = MovingAverage(2)
    total = 0
    for row in m:
        total = total + average.push(row[:2]) ** 2
    return total @ np.array([1.0, 2.0])


@program(V, peer=False)
def places_visited_once(x):
    graph = {0: [1, 2], 1: [3], 2: [3], 3: []}
    seen = set()

    def visit(place):
        if place in seen:
            return 0.0
        seen.add(place)
        return x[place] ** 2 * len(seen) + sum(visit(other) for other in graph[place])

    return visit(0)


@program(V, peer=False)
def spanning_tree_by_prim(x):
    inside, total = {0}, 0.0
    while len(inside) < 4:
        nearest, place = np.inf, -1
        for i in inside:
            for j in range(4):
                if j not in inside:
                    distance = (x[i] - x[j]) ** 2
                    if distance < nearest:
                        nearest, place = distance, j
        inside.add(place)
        total += nearest * (place + 1)
    return total


@program(V, peer=False)
def names_of_one_set(x):
    a = set(range(3))
    b = a
    b -= {1}
    c = a | {3}
    a.discard(0)
    total = 0.0
    for k in c - a:
        total += x[k] * 2
    for k in a & c:
        total += x[k] ** 2
    if b:
        total *= len(c)
    return total + (5 if a == b else 7) * x[0] + (a <= c) * x[1]


@program(V, peer=False)
def pairs_used_once(x):
    used = set()
    total = 0.0
    for i in range(len(x)):
        for j in range(len(x)):
            if (j, i) not in used and i != j:
                used.add((i, j))
                total += x[i] * x[j] ** 2
    return total


@program(V, peer=False)
def words_counted_once(x):
    seen = set()
    total = 0.0
    for word, value in zip("abca", [x[0], x[1], x[2], x[3]], strict=True):
        if word not in seen:
            seen.add(word)
            total += value * value
        else:
            total -= value
    return total


@program(V, peer=False)
def signs_that_occur(x):
    signs = {int(np.sign(value)) for value in x}
    skipped = {1, 3}
    return len(signs) * x[0] + sum(value**2 for i, value in enumerate(x) if i not in skipped)


SKIPPED = {0, 2}


@program(V, peer=False)
def skipped_by_the_module(x):
    return sum(value**2 for i, value in enumerate(x) if i not in SKIPPED) + x[0] * len(SKIPPED)


@program(np.array([1.3, -0.7, 2.9, 0.4]), np.array([1, 0, 1, 3]), argnums=(0,), peer=False)
def ends_and_ranks_of_dicts(x, labels):
    counts, recent = Counter(labels.tolist()), OrderedDict()
    total = 0.0
    for rank, (k, n) in enumerate(counts.most_common()):
        total += x[k] * n * (rank + 1)
    for k, v in zip(labels, x):
        recent[k] = recent.get(k, 0.0) + v * v
        recent.move_to_end(k)
    k, v = recent.popitem(last=False)
    return total + v * (k + 2) + sum(recent.values()) ** 2 + isinstance(recent, dict)
