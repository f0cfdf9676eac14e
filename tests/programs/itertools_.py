"""Itertools, functools and operator, and keys of sorted, max and min."""

import itertools
import operator
from functools import reduce
from itertools import accumulate, chain, combinations, islice, product
from operator import attrgetter, itemgetter, methodcaller, mul

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5])
A = np.array([[0.9, -0.3, 1.2], [0.4, 1.8, -0.7]])


class P:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def at(self, t):
        return self.w * t + self.b


@program(1.3)
def i_accumulate(x):
    return sum(w * t for w, t in zip((0.3, 1.7, -0.4), accumulate([x, 2.0, x * x])))


@program(1.3)
def i_accumulate_mul(x):
    *_, last = accumulate([x, 2.0, x + 1], operator.mul, initial=x)
    return last


@program(V)
def i_accumulate_array(v):
    s = 0.0
    for i, t in enumerate(accumulate(v, lambda a, b: a * 0.5 + b)):
        s = s + t * t * (i + 0.3)
    return s


@program(1.3)
def i_product(x):
    return sum(
        a * b * w
        for (a, b), w in zip(itertools.product([x, 2.0], (1.0, x * x)), (0.1, 0.7, 1.3, 2.1))
    )


@program(1.3)
def i_product_repeat(x):
    s = 0.0
    for i, j in product(range(2), repeat=2):
        s = s * 0.9 + x ** (i + j + 1)
    return s


@program(V, A)
def i_chain(v, a):
    s = 0.0
    for t in chain(v, a[0], [2.0]):
        s = s * 0.7 + t * t
    return s


@program(A)
def i_chain_from(a):
    s = 0.0
    for t in chain.from_iterable(a):
        s = s * 0.7 + t * t
    return s


@program(V)
def i_pairwise(v):
    return sum((b - a) ** 3 for a, b in itertools.pairwise(v))


@program(1.3)
def i_pairwise_list(x):
    return sum(a * b for a, b in itertools.pairwise([x, 2.0, x * x, 1.0]))


@program(1.3)
def i_zip_longest(x):
    return sum(a * b for a, b in itertools.zip_longest([x, x * x, 2.0], [3.0, x], fillvalue=0.5))


@program(V)
def i_count_zip(v):
    return sum(k * t for k, t in zip(itertools.count(1), v))


@program(1.3)
def i_count_break(x):
    s = 0.0
    for k in itertools.count():
        s = s + x * k
        if s > 20:
            break
    return s * x


@program(V)
def i_islice(v):
    return sum(t * t for t in islice(v, 1, None)) + sum(islice((t * 3 for t in v), 2))


@program(1.3)
def i_islice_gen(x):
    def g():
        y = x
        while True:
            yield y
            y = y * 1.1 + x

    return sum(w * t for w, t in zip((0.3, 1.7, -0.4), islice(g(), 3)))


@program(1.3)
def i_combinations(x):
    xs = [x, 2.0, x * x, 0.5]
    return sum(a * b for a, b in combinations(xs, 2)) + sum(
        p * q for p, q in itertools.permutations(xs[:3], 2)
    )


@program(1.3)
def i_repeat(x):
    return sum(a * b for a, b in zip(itertools.repeat(x), [1.0, x])) + sum(
        itertools.repeat(x * x, 3)
    )


@program(1.3)
def i_starmap(x):
    return sum(itertools.starmap(lambda a, b: a * b + x, [(x, 2.0), (3.0, x * x)]))


@program(1.3)
def i_takewhile(x):
    return sum(itertools.takewhile(lambda t: t < 3, [x, x * x, 7.0, x])) + sum(
        itertools.dropwhile(lambda t: t < 1.5, [x, x * x, 7.0, x])
    )


@program(1.3)
def i_cycle(x):
    return sum(a * b for a, b in zip(itertools.cycle([x, 2.0]), [1.0, x, 3.0]))


@program(1.3)
def i_compress(x):
    return sum(itertools.compress([x, 2 * x, x * x], [1, 0, 1]))


@program(1.3)
def f_reduce(x):
    return reduce(mul, [x, 2.0, x + 1]) + reduce(lambda a, b: a * x + b, [1.0, 2.0, 3.0], 0.0)


@program(V)
def f_reduce_array(v):
    return reduce(lambda a, b: a * 0.7 + b * b, v)


@program(V)
def f_reduce_gen(v):
    return reduce(operator.add, (t * t for t in v), 1.0)


@program(1.3)
def f_map2(x):
    return sum(map(lambda a, b: a * b, [x, 2.0], [3.0, x * x])) + sum(map(np.sin, [x, 2 * x]))


@program(1.3)
def o_itemgetter(x):
    d = {"a": x, "b": x * x}
    a, b = itemgetter("a", "b")(d)
    return a * b + itemgetter(1)([x, 2 * x]) + max([(1, x), (3, x * x)], key=itemgetter(0))[1]


@program(P(1.3, 0.4), peer=False)
def o_attrgetter(p):
    w, b = attrgetter("w", "b")(p)
    return w * b + attrgetter("w")(p) * methodcaller("at", 2.0)(p)


@program(1.3, 0.4)
def o_functions(x, y):
    return (
        operator.truediv(x, y)
        + operator.pow(x, 2)
        - operator.neg(y) * operator.sub(x, y)
        + operator.abs(y)
        + operator.matmul(np.array([x, y]), np.array([y, x]))
    )


@program(1.3, 0.4)
def o_sorted_key(x, y):
    a, b, c = sorted([x, y, 2.0 * y], key=lambda t: -t)
    return a * 1.3 + b * 0.7 - c * 2.1


@program(1.3, 0.4, peer=False)
def o_minmax_key(x, y):
    return max([x, y, -2.0], key=abs) * 1.7 + min((x, y, -2.0), key=lambda t: (t - 1) ** 2)


@program(1.3, 0.4, peer=False)
def o_max_tuples(x, y):
    best = max([("a", x), ("b", y)], key=lambda p: p[1])
    return best[1] * 1.7


@program(1.3)
def o_max_default(x):
    return max([], default=x) * 2 + max([x, 2.0 * x], default=0.0)


@program({"a": 1.3, "b": 0.4})
def o_dict_sorted(d):
    return sum(d[k] * w for k, w in zip(sorted(d, reverse=True), (0.3, 1.7))) + max(d.values())


@program(1.3, 5)
def i_accumulate_dyn(x, n):
    return sum(t * t for t in accumulate(x * k for k in range(n)))


@program(1.3)
def i_tee(x):
    a, b = itertools.tee([x, x * x])
    return sum(a) * sum(b)


@program(1.3)
def f_compose(x):
    def compose(*fs):
        return reduce(lambda f, g: lambda t: f(g(t)), fs)

    return compose(np.sin, lambda t: t * x, np.exp)(x)


@program(1.3)
def o_iop(x):
    s = x
    s = operator.iadd(s, 2.0)
    return s * operator.mul(x, s)


@program(1.3)
def i_enumerate_map_filter(x):
    return sum(i * t for i, t in enumerate(map(lambda t: t * x, filter(None, [0, 1.0, 2.0])), 1))


@program(A.T, 3)
def nbody(pos, n):
    e = 0.0
    for i, j in itertools.combinations(range(n), 2):
        d = pos[i] - pos[j]
        e = e + 1.0 / np.sqrt(np.sum(d * d))
    return e


@program(V)
def pairs_of_array(v):
    s = 0.0
    for a, b in itertools.combinations(v, 2):
        s = s + (a - b) ** 3 * a
    return s


@program(V)
def acc(v):
    s = 1.0
    for t in itertools.accumulate(v):
        s = s * np.cos(t)
    return s


@program(V)
def red(v):
    return reduce(lambda a, b: a * 0.7 + b * b, v)


@program(1.3, 6)
def grid(x, n):
    return sum(np.sin(x * i) * j for i, j in itertools.product(range(n), range(1, n)))


@program(1.3, 7)
def range_index(x, n):
    r = range(2, n, 2)
    return x * r[1] + x**2 * r[-1]


@program([1.3, 0.4, 2.0])
def best_of(xs):
    return max(xs, key=lambda t: t * (1 - t)) * 1.7


@program(V)
def best_of_array(v):
    return min(v, key=lambda t: (t - 1) ** 2) * 1.7


@program(1.3, 5)
def take(x, n):
    return sum(itertools.takewhile(lambda t: t < 9, (x * k * k for k in range(n)))) * x


def squares(x, n):
    for k in range(n):
        yield x * k * k


@program(V, 0.7, 5)
def zip_gen_array(v, x, n):
    return sum(a * b for a, b in zip(v, squares(x, n))) + sum(
        a * b * c for a, b, c in zip(v, squares(x, n), v)
    )


@program(V, 0.7, 2)
def zip_gen_array_shorter(v, x, n):
    s = 0.0
    for a, b in zip(squares(x, n), v):
        s = s * 0.7 + a * b
    return s


@program(np.array([0.4, -0.8, 1.5, 0.3, -1.1, 0.9]), peer=False)
def iterator_goes_on_after_islice(v):
    it = iter(v)
    first = list(itertools.islice(it, 2))
    s = first[0] * first[1] ** 2
    for t in itertools.islice(it, 1, 3):
        s = s * t
    for t in it:
        s = s * 0.7 + t * t
    return s


@program(np.array([0.4, -1.8, 1.5, 0.3, -1.1, 0.9]), peer=False)
def iterator_of_unknown_length_goes_on(v):
    kept = [t for t in v if t > -1.5]
    first = kept[0]
    positive = iter(kept)
    head = [t * first for t in itertools.islice(positive, 0, 3, 2)]
    tail = list(itertools.islice(positive, 9))
    numbers = itertools.count(1)
    weights = list(itertools.islice(numbers, 2))
    return sum(head) * sum(tail) * weights[1] + next(numbers) * first


@program(np.array([1.3, -0.7, 2.9, 0.4]), peer=False)
def choices_of_a_list_that_grew(x):
    xs = []
    for v in x:
        xs.append(v * v)
    total = 0.0
    for a, b in itertools.permutations(xs, 2):
        total += a * b**3
    for a, b, c in itertools.combinations(xs, 3):
        total += a * b**2 * c**3
    first = iter(xs)
    total = total * next(first) + next(first)
    return total + sum(v**2 for v in first)


@program(V, peer=False)
def groups_by_a_label(v):
    rows = [("a", v[0]), ("a", v[1]), ("b", v[2]), ("a", v[0] * v[2])]
    total = 0.0
    for label, group in itertools.groupby(rows, key=itemgetter(0)):
        inner = 0.0
        for _, value in group:
            inner = inner * 1.5 + value
        total = total * 0.7 + inner * inner * (2.0 if label == "a" else -1.0)
    return total


@program(np.array([1.3, -0.7, 2.9, 0.4]), peer=False)
def groups_of_indices(x):
    labels = [0, 0, 1, 1]
    total = 1.0
    for label, group in itertools.groupby(range(4), key=lambda i: labels[i]):
        total = total * np.sum(x[list(group)] ** 2) + label * x[0]
    return total


@program(np.array([1.3, -0.7, 2.9, 0.4]), peer=False)
def labels_that_change_while_groups_are_made(x):
    labels = [0, 0, 0, 0]
    total = 0.0
    for label, group in itertools.groupby(range(4), key=lambda i: labels[i]):
        for i in group:
            total = total * 2 + x[i] * (label + 1)
        if label == 0:
            labels[3] = 5
        labels = [0, 3, 3, 3]
    return total


@program(V, peer=False)
def groups_left_before_their_end(v):
    total = 0.0
    rows = ((0, v[0]), (0, v[1]), (1, v[2]), (1, v[0]), (2, v[1]))
    for label, group in itertools.groupby(rows, key=lambda row: row[0]):
        for _, value in group:
            total = total + value**2 * (label + 1)
            break
    return total


@program(V, peer=False)
def a_group_after_its_turn_is_empty(v):
    group, total = (), v[1] * v[0]
    for _, group in itertools.groupby((0, 0, 1)):
        total = total * v[2]
    for i in group:
        total = total * v[i] * 100
    return total


@program(np.array([1.3, 0.7, -2.9, -0.4, 0.8]), peer=False)
def groups_of_an_array_by_sign(x):
    total = 0.0
    for positive, group in itertools.groupby(x, key=lambda v: v > 0):
        inner = 1.0
        for value in group:
            inner = inner * value
        total = total * 0.3 + (inner**2 if positive else inner * 3)
    return total


@program(np.array([1.3, 0.7, -2.9, -0.4, 0.8]), peer=False)
def lengths_of_the_groups_of_an_array(x):
    total = 0.0
    for sign, group in itertools.groupby(x, np.sign):
        members = list(group)
        total = total * 0.5 + sign * len(members) * members[0] ** 2
    return total


@program(np.array([1.3, 0.7, -2.9]), np.array([2.0, 2.0, 0.5]), argnums=(0,), peer=False)
def groups_of_equal_numbers(x, y):
    total = 0.0
    for i, (value, group) in enumerate(itertools.groupby(y)):
        total = total + value * x[i] * sum(1 for _ in group)
    return total


@program(np.zeros(0), 1.3, peer=False)
def groups_of_nothing(x, y):
    for _, group in itertools.groupby(x, key=lambda v: v > 0):
        y = y * sum(group)
    return y * y


@program(V, 0.7, peer=False)
def iterators_that_are_left_and_used_again(v, x):
    values, numbers, pairs = iter(v), iter([x, x * x, v[0], 0.5]), enumerate(v)
    total = 0.0
    for item in values:
        if item > 1:
            break
        total += item * x
    total *= next(values, 2.0) + sum(item * item for item in values)
    for item in numbers:
        if item > 0.6:
            item = item + next(numbers)
        total += item**2
    for i, item in pairs:
        if item < 0:
            break
    first = list(zip(range(2), v))
    return total + sum(i * item for i, item in pairs) * i + first[1][1]


@program(V, 0.7, peer=False)
def tuples_that_grow_at_run_time(v, x):
    positive, ends, pairs = (), (x,), ()
    for i, item in enumerate(v):
        if item > 0:
            positive += (item * x,)
            pairs += ((i, item),)
    before = ends
    while sum(ends) < 2.5:
        ends += (ends[-1] * 0.9 + v[0] ** 2,)
    return sum(positive) * len(ends) * ends[-1] + sum(i * b * b for i, b in pairs) + before[0]


@program(np.array([0.4, -0.8, 1.5, 0.7, 0.9, -0.3]), 0.7, 2, argnums=(0, 1), peer=False)
def iterators_of_iterators_that_are_left(v, x, n):
    numbered, scaled, positive, turns = iter(v), iter(v), iter(v), iter(v)
    total = 0.0
    for i, item in enumerate(numbered):
        total += i * item
        if i == 1:
            break
    for item in map(lambda t: t * x, scaled):
        total -= item
        if item > 1:
            break
    for item in filter(lambda t: t > 0.5, positive):
        total *= item
        if item > 1:
            break
    for k in range(n):
        if v[k] > 0:
            total += next(turns) * k
        else:
            total *= next(turns, 1.0)
    rest = sum(numbered) * sum(t * t for t in scaled) * sum(positive)
    return total * rest + sum(i * t for i, t in enumerate(turns))


@program(np.array([0.4, 0.9, 0.7]), 2, peer=False)
def products_repeated_by_an_argument(x, n):
    return sum(np.prod(np.array(row)) for row in itertools.product(x, repeat=n))


@program(np.array([0.4, 0.9, 0.7]), np.arange(7.0) / 5, peer=False)
def cycles_of_arrays(w, x):
    total = sum(a * b for a, b in zip(x, itertools.cycle(w)))
    for i, v in enumerate(itertools.islice(itertools.cycle(w), 5)):
        total += v**2 * i
    return total


@program(V, 4, peer=False)
def cycle_that_is_left(x, n):
    total, a = 1.0, x * 1.0
    for k, v in enumerate(itertools.cycle(a)):
        total = total * 0.9 + v * k
        a[k % 2] += 0.5 * v
        if total > 9.0 or k > n:
            break
    for f in itertools.cycle((np.sin, np.cos)):
        total = f(total) + 0.4
        n -= 1
        if n < 0:
            break
    for v in itertools.cycle(x[x > 5]):
        total += v
    return total
