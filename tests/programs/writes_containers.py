"""Writes into lists, dicts and attributes: append, insert, pop, items set and deleted."""

import itertools
from collections import namedtuple
from dataclasses import dataclass

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(107)
W3, W5, W6 = (RNG.normal(size=n) for n in (3, 5, 6))
W34, W52 = RNG.normal(size=(3, 4)), RNG.normal(size=(5, 2))

State = namedtuple("State", "time place")

V3 = np.array([0.4, -0.9, 1.3])
V5 = np.array([0.3, -0.8, 1.4, 0.6, -1.1])


@program(V5, peer=False)
def list_by_items(x):
    table = [0.0] * 5
    for i in range(5):
        table[i] = x[i] ** 2
        table[i - 1] += x[i]
    return np.sum(W5 * np.array(table))


@program(0.7, 6, peer=False)
def list_of_zeros_as_a_table(x, n):
    f = [0.0 for _ in range(n)]
    f[0], f[1] = x, x * x
    for i in range(2, n):
        f[i] = f[i - 1] * x + 0.5 * f[i - 2]
    return sum(w * e for w, e in zip(W6, f))


@program([0.4, -0.9, 1.3], 0.7, peer=False)
def list_argument_by_items(values, s):
    values[0] = s * values[1] * values[0]
    values[-1] -= values[0] ** 2
    values[1] += values[2]
    return values[0] * 1.3 + values[1] ** 2 - values[2]


@program(V5, peer=False)
def list_inserted_and_popped(x):
    queue = [x[0], x[1]]
    for i in range(2, 5):
        queue.insert(0, x[i] * queue[-1])
        queue.append(queue.pop(1) ** 2)
    last = queue.pop()
    return last * queue[0] + 2 * queue[1]


@program(V5, peer=False)
def list_extended(x):
    out = [x[0]]
    out.extend([x[1] ** 2, x[2]])
    out += [x[3] * x[4]]
    out.extend(v * 0.5 for v in x[:1])
    return np.sum(W5 * np.array(out) ** 2)


@program(V5, peer=False)
def list_items_deleted(x):
    out = [v * v for v in x]
    del out[1]
    out[1:3] = [x[0], x[1] * x[2]]
    del out[-1]
    return np.sum(W3 * np.array(out))


@program(V5, peer=False)
def list_reversed_and_swapped(x):
    out = [v * w for v, w in zip(x, W5)]
    out.reverse()
    out[0], out[3] = out[3], out[0]
    return sum(v * v * (i + 1) for i, v in enumerate(out))


@program(V5, peer=False)
def stack_machine(x):
    stack = []
    for i in range(5):
        stack.append(np.sin(x[i]))
        if i % 2 == 0 and i > 0:
            b, a = stack.pop(), stack.pop()
            stack.append(a * b + x[0])
    return stack.pop() * 2 + len(stack)


@program(V3, 0.6, peer=False)
def list_of_arrays_stacked(x, s):
    rows = []
    for k in range(5):
        rows.append(x[:2] * s**k)
        rows[-1][0] += x[2]
    return np.sum(W52 * np.stack(rows) ** 2)


@program(V3, peer=False)
def list_of_lists(x):
    grid = [[0.0] * 4 for _ in range(3)]
    for i in range(3):
        grid[i][0] = x[i]
        for j in range(1, 4):
            grid[i][j] = grid[i][j - 1] * x[i] + grid[i - 1][j]
    return np.sum(W34 * np.array(grid))


@program(V3, peer=False)
def list_of_lists_appended(x):
    rows = []
    for i in range(3):
        rows.append([])
        for j in range(4):
            rows[i].append(x[i] * np.cos(j * x[2]))
        rows[i][1] *= x[0]
    return np.sum(W34 * np.array(rows) ** 2)


@program(V5, peer=False)
def list_of_tuples(x):
    pairs = []
    for i in range(4):
        pairs.append((x[i] * x[i + 1], x[i] ** 2))
    pairs[0] = (x[4], pairs[1][0])
    total = 0.0
    for k, (a, b) in enumerate(pairs):
        total += a * b * (k + 1)
    return total + np.sum(W52[:4] * np.array(pairs))


@program(V5, 5, peer=False)
def named_tuples_along_a_path(x, n):
    path = [State(x[0], x)]
    for k in range(n):
        last = path[-1]
        path.append(State(last.time + 0.1 * x[1], last.place + 0.1 * np.sin(last.place * k)))
    return sum(p.time * np.sum(p.place * W5) for p in path) + path[2].time * path[-1].place[3]


@program(V5, 1.7, peer=False)
def adaptive_quadrature_with_a_stack(x, end):
    def integrand(t):
        return np.exp(-x[0] * t) * np.cos(x[1] * t)

    stack, total = [(x[2], end, 0)], 0.0
    while stack:
        low, high, level = stack.pop()
        middle = 0.5 * (low + high)
        coarse = (high - low) * (integrand(low) + integrand(high)) / 2
        fine = coarse / 2 + (high - low) * integrand(middle) / 2
        if abs(fine - coarse) < 1e-4 or level > 8:
            total += fine + (fine - coarse) / 3
        else:
            stack.append((middle, high, level + 1))
            stack.append((low, middle, level + 1))
    return total


@program(V5, peer=False)
def tuples_transposed_by_zip(x):
    points = [(v, k, (v * v, 2.0)) for k, v in enumerate(x)]
    first, numbers, squares = zip(*points)
    return np.sum(W5 * np.array(first)) * squares[1][0] + sum(numbers) * first[-1] * squares[2][1]


@program(V5, 4, peer=False)
def tuples_edited_in_the_middle(x, n):
    rows = [(x[k] * x[k + 1], np.cos(x * k)) for k in range(n)]
    rows.insert(1, (x[0] ** 2, x * 2.0))
    rows[-1] = (rows[0][0] * x[4], rows[1][1])
    del rows[2]
    rows.reverse()
    best = rows[0]
    last = [(x[3], x)]
    for a, b in rows[1:] + last:
        if a > best[0]:
            best = (a * best[0], b)
    return best[0] * np.sum(best[1] * W5) + sum(a * b[1] for a, b in rows)


@program(V5, 4, peer=False)
def tuples_that_loops_rotate(x, n):
    rows = [(v, v * 2) for v in x]
    for _ in range(n):
        moved = [(rows[0][0] * x[2], np.tanh(rows[1][1]))]
        rows = rows[1:] + moved
    return sum(p * q * (k + 1) for k, (p, q) in enumerate(rows))


@program(V5, 3, peer=False)
def tuples_gathered_by_a_callee(x, n):
    def gather(rows, k):
        if k % 2:
            rows.append((x[k], "odd"))
        else:
            rows.extend([(x[k] ** 2, "even"), (np.sin(x[k + 1]), "odd")])
        return rows

    rows = []
    for k in range(n):
        rows = gather(rows, k)
    return sum(v * (2.0 if kind == "odd" else v) * w for (v, kind), w in zip(rows, W5))


@program(V5, 3, peer=False)
def slices_of_a_growing_list(x, n):
    values = [v * v for v in x]
    for k in range(n):
        values.append(values[-1] * x[k])
    parts = values[::2] + values[n:1:-2] + values[1:n] + values[-n:] + values[n : n - 1]
    return sum(v * np.cos(k) for k, v in enumerate(parts))


@program(V5, 3, peer=False)
def slices_written_and_deleted(x, n):
    values = [v * v for v in x]
    same = values
    for k in range(n):
        values[k : k + 2] = [values[k] * x[0], x[1], values[-1]]
        if x[k] > 0:
            del values[-1:]
    values[1:1] = values
    values[4:2] = [x[3] ** 2]
    del same[: n - 2]
    return sum(v * np.cos(k) for k, v in enumerate(values)) * len(same)


@program(V5, 4, peer=False)
def sorted_by_keys(x, n):
    pairs = []
    for k in range(n):
        pairs.append((x[k], k, x[k] ** 2))
    pairs.sort(key=lambda p: p[0], reverse=True)
    plain = sorted(pairs)
    parity = sorted(((k % 2, v) for v, k, _ in pairs), key=lambda p: (p[0], -p[1]))
    most, least = max(pairs, key=lambda p: p[2]), min(pairs)
    total = sum(a * b * (k + 1) * w for (a, k, b), w in zip(pairs, W5))
    return total + plain[0][2] * plain[1][0] + parity[0][1] * parity[2][1] + most[0] * least[2]


@program(np.array([0.5, 1.2, 0.7, 2.0, 0.4]), 5, peer=False)
def shortest_paths_on_a_ring(lengths, n):
    frontier, distances = [(0.0, 0)], [1e9] * n
    distances[0] = 0.0
    while frontier:
        frontier.sort()
        distance, here = frontier.pop(0)
        for step in (1, n - 1):
            there = (here + step) % n
            found = distance + lengths[here] * lengths[there]
            if found < distances[there]:
                distances[there] = found
                frontier.append((found, there))
    return sum(d * w for d, w in zip(distances, W5))


@program(V5, 4, peer=False)
def starred_lists_in_a_display(x, n):
    values = [v * v for v in x]
    for k in range(n):
        values = [*values[1:], values[0] * x[k]]
    both = [x[0], *values, values.pop(), *values]
    return sum(v * np.cos(k) for k, v in enumerate(both)) * len(values)


@program(V5, 4, peer=False)
def list_made_anew_after_an_insert(x, n):
    values = [0.0] * n
    values[1] = x[0]
    for k in range(n - 1):
        values.insert(1, np.cos(x[k]))
        values = [v * x[4] for v in values]
        values.append(np.cos(values[2]))
    return sum(v * np.cos(k) for k, v in enumerate(values))


@program(V5, 4, peer=False)
def rows_of_different_lengths(x, n):
    rows = []
    for i in range(n):
        row = []
        for k in range(i + 1):
            row.append(x[k] * x[i] + k)
        rows.append(row)
    total = 0.0
    for i, row in enumerate(rows):
        for k, v in enumerate(row):
            total += v * v * np.cos(i + 2 * k)
    return total + rows[2][1] * rows[-1][0] + sum(rows[1]) * len(rows[3])


@program(V5, 4, peer=False)
def lists_in_a_comprehension(x, n):
    rows = [[x[k] * j for j in range(k + 1)] for k in range(n)]
    sums = [sum(row) for row in rows]
    flat = [v for row in rows for v in row]
    return sum(a * b for a, b in zip(sums, W5)) * flat[3] + max(flat)


@program(V5, 4, peer=False)
def arrays_in_lists_in_a_list(x, n):
    groups = []
    for i in range(n):
        group = []
        for k in range(i + 1):
            group.append(np.sin(x * k) + x[i])
        groups.append(group)
    means = [np.stack(group).mean(axis=0) for group in groups]
    return sum(np.sum(m * W5) * (i + 1) for i, m in enumerate(means)) + groups[2][1][3]


@program(V5, 4, peer=False)
def lists_in_tuples_in_a_list(x, n):
    pairs = []
    for i in range(n):
        squares = []
        for k in range(i + 1):
            squares.append(x[k] ** 2)
        pairs.append((x[i], squares))
    return sum(v * sum(s) * (1 + len(s)) for v, s in pairs) + pairs[2][1][1]


@program(V5, 3, peer=False)
def small_lists_in_a_list(x, n):
    rows = [[x[0]], [x[1], x[2]]]
    rows.append([])
    for i in range(n):
        rows.append([x[i], x[i] * x[i + 1]])
    rows[0] = [x[4], x[3]]
    total = 1.0
    for row in rows:
        for v in row:
            total += v * v
        if len(row) > 1:
            total *= row[0] * row[-1] + 1
    return total


@program(V5, peer=False)
def list_shared_by_two_names(x):
    a = [x[0], x[1]]
    b = a
    c = a[:]
    b.append(x[2] ** 2)
    c.append(x[3])
    a[0] = b[2] * c[2]
    return a[0] * b[1] + c[0] * c[2] + len(b)


@program(V5, peer=False)
def same_list_three_times(x):
    rows = [[0.0] * 2] * 3  # one list, three times
    rows[0][0] = x[0] ** 2
    rows[2][1] = x[1] * rows[1][0]
    return rows[1][0] * x[2] + rows[0][1]


def collect(out, value):
    out.append(value)
    out[0] += value


@program(V5, peer=False)
def callee_appends(x):
    out = [0.0]
    for v in x:
        collect(out, v * v)
    return np.sum(W6 * np.array(out))


@program(V5, peer=False)
def queue_of_a_breadth_first_walk(x):
    queue, total = [(0, x[0])], 0.0
    while queue:
        node, value = queue.pop(0)
        total += value**2 * (node + 0.5)
        for child in (2 * node + 1, 2 * node + 2):
            if child < 5:
                queue.append((child, value * x[child]))
    return total


# Dicts


@program(V5, peer=False)
def dict_items_set(x):
    d = {}
    d["a"] = x[0] ** 2
    d["b"] = d["a"] * x[1]
    d["a"] = d["b"] + x[2]
    d["a"] *= x[3]
    return d["a"] * d["b"]


@program({"w": V3, "b": 0.4}, V3, 0.1, peer=False)
def dict_of_parameters_updated(parameters, x, rate):
    for _ in range(2):
        error = np.sum(parameters["w"] * x) + parameters["b"] - 0.3
        parameters["w"] = parameters["w"] - rate * error * x
        parameters["b"] -= rate * error
    return np.sum(W3 * parameters["w"] ** 2) + parameters["b"]


@program({"w": V3.copy(), "b": 0.4}, V3, 0.1, peer=False)
def dict_of_arrays_in_place(parameters, x, rate):
    gradients = {"w": x * 2, "b": np.sum(x)}
    for name in parameters:
        parameters[name] -= rate * gradients[name]
    parameters["w"][1] *= parameters["b"]
    return np.sum(W3 * parameters["w"] ** 2)


@program(V5, peer=False)
def dict_updated(x):
    d = {"a": x[0], "b": x[1]}
    d.update({"b": x[2] ** 2, "c": x[3]})
    d.update(a=d["a"] * d["c"])
    e = d | {"c": x[4]}
    return d["a"] * d["b"] + e["c"] * e["b"] * d["c"]


@program(V5, peer=False)
def dict_set_default(x):
    d = {"a": x[0]}
    d.setdefault("a", x[1])
    d.setdefault("b", x[2] ** 2)
    d.setdefault("all", []).append(x[3])
    d.setdefault("all", []).append(d["a"] * x[4])
    return d["a"] * d["b"] + d["all"][0] * d["all"][1] * x[1]


@program(V5, peer=False)
def dict_popped_and_deleted(x):
    d = {"a": x[0] ** 2, "b": x[1], "c": x[2]}
    a = d.pop("a")
    del d["b"]
    d["a"] = a * d["c"]
    return sum(d.values()) * x[3] + d.get("b", x[4]) * len(d)


@program(0.7, 7, peer=False)
def dict_as_a_memo(x, n):
    memo = {0: 1.0, 1: x}

    def legendre(k):
        if k not in memo:
            memo[k] = ((2 * k - 1) * x * legendre(k - 1) - (k - 1) * legendre(k - 2)) / k
        return memo[k]

    return legendre(6) + memo[3] ** 2


@program(V5, peer=False)
def dict_by_numbers(x):
    bins = {0: 0.0, 1: 0.0, 2: 0.0}
    for i in range(5):
        bins[i % 3] += x[i] ** 2
    return bins[0] * bins[1] + bins[2]


@program(V5, peer=False)
def dict_by_pairs(x):
    table = {}
    for i in range(3):
        for j in range(3):
            table[i, j] = x[i] * x[j + 1]
            if i and j:
                table[i, j] += table[i - 1, j - 1]
    return table[2, 2] * table[1, 0] + table[2, 1]


# Attributes


class Box:
    pass


@program(V5, 0.7, peer=False)
def attributes_set(x, s):
    box = Box()
    box.x = x
    box.s = s
    box.x[0] = box.s**2
    box.s *= box.x[1]
    box.x = box.x * box.s
    return np.sum(W5 * x**2) + np.sum(W5 * box.x)


class Model:
    def __init__(self, w, b):
        self.w = w
        self.b = b


@program(Model(V3.copy(), 0.4), V3, peer=False)
def attributes_of_the_argument(model, x):
    model.w[0] = model.b * x[1]
    model.b *= model.w[2] ** 2
    model.w *= x
    return np.sum(W3 * model.w) * model.b


@dataclass
class Filter:
    mean: float
    gain: float

    def update(self, z):
        self.gain = self.gain / (self.gain + 0.5)
        self.mean += self.gain * (z - self.mean)
        return self


@program(Filter(0.2, 0.9), V5, peer=False)
def numbers_in_a_dataclass(state, z):
    for e in z:
        state.update(e)
    return state.update(z[0]).mean * state.gain + state.mean**2


class Layer:
    def __init__(self, w):
        self.w = w
        self.cache = None

    def forward(self, x):
        self.cache = np.tanh(self.w * x)
        return self.cache

    def penalty(self):
        return np.sum(self.cache**2)


@program([V3, V3[::-1] * 0.8], V3 * 1.2, peer=False)
def attribute_used_as_a_cache(weights, x):
    layers = [Layer(w) for w in weights]
    for layer in layers:
        x = layer.forward(x)
    return np.sum(W3 * x) + sum(layer.penalty() for layer in layers)


@program(V5, 0.7, peer=False)
def set_attribute_by_name(x, s):
    box = Box()
    for k, name in enumerate(["a", "b", "c"]):
        setattr(box, name, x[k] * s)
    box.a += box.b
    return box.a * box.b * box.c + vars(box)["c"]


@program(V5, peer=False)
def linked_cells(x):
    head = None
    for v in x:
        head = (v * v, head)
    total, weight = 0.0, 1.0
    while head is not None:
        value, head = head
        total += weight * value
        weight *= 0.7
    return total


@program(np.array([1.3, -0.7, 2.9, 0.4]), peer=False)
def array_written_while_an_iterator_goes_over_it(x):
    y = x * 2
    it = iter(y)
    first = next(it)
    y[1] = first * first
    y[0] = 100.0
    total = next(it) * first
    for v in it:
        y[3] = v * total
        total = total * 0.5 + v * first
    return total


@program(np.array([1.3, -0.7, 2.9, 0.4]), peer=False)
def array_written_while_iterators_of_itertools_go_over_it(x):
    total = 0.0
    y = x * 2
    for v in itertools.chain(y, x):
        y[2] = v * 3
        total = total * 0.4 + v
    for v in itertools.takewhile(lambda v: v < 100, y):
        y[2] = v * v
        total = total * 0.4 + v
    for v in itertools.accumulate(y):
        y[2] = v * v
        total = total * 0.4 + v
    for v in itertools.islice(y, 1, None):
        y[3] = v * total
        total = total * 0.4 + v
    return total


@program(np.array([[1.3, -0.7], [2.9, 0.4]]), peer=False)
def rows_written_while_they_are_multiplied(x):
    total, y = 0.0, x * 2
    for v in itertools.starmap(lambda p, q: p * q, y):
        y[1] = v * 3
        total = total * v + v
    return total


@program(np.array([1.3, -0.7, 2.9, 0.4]), peer=False)
def array_written_while_its_pairs_are_gone_over(x):
    total, y = 0.0, x * 2
    for a, b in itertools.pairwise(y):
        y[2] = a * 3
        total = total * 0.6 + a * b
    return total


@program(np.array([[1.3, -0.7], [2.9, 0.4]]), peer=False)
def array_written_while_its_items_are_numbered(x):
    total, y = 0.0, x * 2
    for (i, j), a in np.ndenumerate(y):
        y[1, 0] = a * 3
        total = total * 0.6 + a * (i + 2 * j + 1)
    return total


@program(np.array([1.3, -0.7, 0.9, 0.4]), peer=False)
def array_written_while_zipped_to_its_longest(x):
    total, y = 0.0, x * 2
    for i, (a, b) in enumerate(itertools.zip_longest(y, y[1:], fillvalue=1.5)):
        total += a * b * (i + 1)
        y[-1] = y[-1] * a
    return total


@program(np.array([1.3, -0.7, 0.9]), peer=False)
def list_written_while_zipped_to_its_longest(x):
    total, xs = 0.0, [x[0], x[1], x[2]]
    for a, b in itertools.zip_longest(xs, [2.0, 3.0], fillvalue=1.5):
        total += a * b
        xs[2] = xs[2] * a
    return total


@program(np.array([[1.3, -0.7], [0.9, 0.4], [0.2, 1.1]]), peer=False)
def rows_written_while_chosen(x):
    total, y = 0.0, x * 1.5
    for p, q in itertools.combinations(y, 2):
        total += np.sum(p * q**2)
        p[0] *= 1.2
        q += p
    for p, q in itertools.permutations(y, 2):
        total += np.sum(p * q)
        y[2, 1] *= 0.9
    for p, q in itertools.product(y, y):
        total += np.sum(p * q)
        p *= 0.8
    return total


@program(np.array([1.3, -0.7, 0.9]), peer=False)
def numbers_written_while_chosen(x):
    total, y = 0.0, x * 1.5
    for a, b in itertools.combinations(y, 2):
        total += a * b**2
        y[1] *= a
    return total + np.sum(y)


@program(np.array([[1.3, -0.7], [0.9, 0.4], [0.2, 1.1]]), peer=False)
def rows_written_between_two_iterators(x):
    total, y = 0.0, x * 1.5
    first, second = itertools.tee(y)
    for row in first:
        total += np.sum(row**2)
        y[-1] *= 1.1
    return total + sum(np.sum(row**3) for row in second)


@program(np.array([1.3, -0.7, 0.9, 0.4]), 4, peer=False)
def list_written_while_a_part_is_gone_over(x, n):
    xs = []
    for i in range(n):
        xs.append(x[i] * 2)
    total = 0.0
    for v in itertools.islice(xs, 1, None):
        total += v**2
        xs[-1] = xs[-1] * 1.3 * v
    return total
