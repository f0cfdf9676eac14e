"""``f(*xs)``, ``(*xs, x)`` and ``zip(*rows)`` of lists whose length is known at run time only."""

import functools
import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tests.programs import program

X = np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.7])
A = np.arange(12.0).reshape(4, 3) / 7 + 0.1


def above(x, bound):
    return [v * v for v in x if v > bound]


def weighted(*args):
    total = 0.0
    for k, a in enumerate(args):
        total = total + (k + 1) * a**2
    return total


def changing(xs, *args):
    xs[0] = xs[0] * 10
    xs.append(3.0)
    return sum(a * (k + 1) for k, a in enumerate(args)) + sum(xs) * len(args)


@program(X)
def all_by_one_parameter(x):
    xs = above(x, 0)
    return weighted(*xs) + weighted(x[0], *xs) * weighted(*xs, x[1], *xs)


@program(X)
def arguments_do_not_change_with_the_list(x):
    xs = above(x, 0)
    return changing(xs, *xs)


@program(X)
def unpacked_in_the_order_of_python(x):
    xs = above(x, 0)
    return weighted(*xs, xs.pop()) + weighted(xs.pop(), *xs) + sum(xs)


def named(*args, last):
    return sum(a * k for k, a in enumerate(args)) * last


@program(X)
def unpacked_before_names_or_after(x):
    xs, ys = above(x, 0), above(x, -1)
    return named(*xs, last=xs.pop()) * sum(xs) + named(x[0], *ys, last=ys.pop()) * sum(ys)


@program(X)
def some_by_name_and_the_rest(x):
    def f(a, b, *rest, scale=2.0):
        return a * b + scale * sum(rest)

    xs = above(x, 0)
    return f(*xs) + f(*xs, scale=x[0]) + f(x[0], *xs) + f(x[0], x[1], x[2], *xs)


@program(X)
def as_many_as_there_are_parameters(x):
    def f(a, b):
        return a * np.sin(b)

    try:
        failed = f(*above(x, 0))
    except TypeError:
        failed = x[0] ** 3
    return f(*above(x, 1)) * failed + np.hypot(*above(x, 1))


@program(X)
def none_at_all(x):
    xs = above(x, 100)
    return weighted(*xs) + x[0] ** 2 + weighted(x[1], *xs)


@program(X, peer=False)
def extremes_of_arguments(x):
    xs = above(x, 0)
    try:
        few = max(*above(x, 2))
    except TypeError:
        few = x[2] ** 3
    return max(*xs) + 2 * min(*xs) + max(0.1, *xs) * min(*xs, 7.0) * few + max(*xs, key=np.cos)


class Total:
    def __init__(self, *values):
        self.values = values

    def __call__(self, factor, *more):
        return factor * sum(self.values) + sum(more)

    def scaled(self, factor, *values):
        return factor * sum(values) * len(self.values)


class Pair(NamedTuple):
    a: float
    b: float


@dataclass
class Point:
    x: float
    y: float


@program(X, peer=False)
def objects_made_and_called(x):
    xs = above(x, 0)
    total, pair, point = Total(*xs), Pair(*above(x, 1)), Point(*above(x, 1))
    return total(*xs) + total.scaled(*xs) * pair.a * pair.b + point.x * point.y


def doubled(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return 2 * function(*args, **kwargs)

    return wrapper


@doubled
def product(*args):
    return np.prod(np.array(args))


@doubled
def quotient(a, b):
    return a / b


@program(X)
def through_decorators_and_partials(x):
    first = functools.partial(weighted, x[0])
    return product(*above(x, 0)) * quotient(*above(x, 1)) + first(*above(x, 0))


def chained(*args):
    if not args:
        return 1.0
    head, *rest = args
    return np.sin(head) * chained(*rest) + head


@program(X)
def by_recursion(x):
    return chained(*above(x, 0))


@program(X)
def columns_of_rows(x):
    rows = [[v, v * v, np.sin(v)] for v in x if v > 0]
    a, b, c = zip(*rows)
    columns = list(zip(*rows))
    total = sum(a) * sum(b) + np.dot(np.array(b), np.array(c))
    return total + sum(k * max(column) for k, column in enumerate(columns))


@program(X)
def columns_of_rows_that_change_later(x):
    rows = [[v, v * v] for v in x if v > 0]
    pairs = zip(*rows)
    rows.append([x[0], x[1]])
    total = 0.0
    for column in pairs:
        total += column[0] * column[-1]
    return total


@program(X)
def transposed_twice(x):
    n = int(np.sum(x > 0))
    m = [[x[i] * x[j] + i for j in range(n)] for i in range(n)]
    t = [list(column) for column in zip(*m)]
    u = list(map(list, zip(*t)))
    return sum(m[i][j] * t[j][i] * (i + 2 * j) for i in range(n) for j in range(n)) + u[0][-1]


@program(X)
def rows_mapped_and_chained(x):
    rows = [[v, 2 * v] for v in x if v > 0]
    mapped = sum(map(lambda *row: row[0] * row[-1], *rows))
    return mapped + sum(k * v for k, v in enumerate(itertools.chain(*rows)))


@program(A)
def columns_of_rows_of_an_array(a):
    rows = [row for row in a if row[0] > 0.2]
    return sum(max(*column) * k for k, column in enumerate(zip(*rows)))


@program(X)
def tuples_put_together(x):
    xs = above(x, 0)
    first = (*xs, x[0])
    second = (x[1], *first, *xs)
    third = second
    third += (x[2],)
    third = (x[3], *third) + first  # noqa: RUF005
    total = sum(a * k for k, a in enumerate(third)) * sum(second) * len(first)
    return total + np.vstack((*[np.array([v, v]) for v in xs], x[:2])).prod(axis=0).sum()


@program(X)
def tuples_do_not_change(x):
    t = tuple(above(x, 0))
    try:
        t[0] = 3.0
    except TypeError:
        return t[0] * 2 + t[1]
    return t[0]


@program(X)
def lists_joined(x):
    xs, ys = above(x, 0), [v for v in x if v < 0]
    zs = xs + ys
    ws = [x[0], *xs, x[1], *xs[1:]] + [2.0]  # noqa: RUF005
    xs.append(1.0)
    zs[0] *= 2
    return sum(a * a * k for k, a in enumerate(zs)) * sum(ws) + sum(xs) + sum((xs + xs)[2:])


@program(X)
def rotated_and_permuted(x):
    xs = above(x, 0)
    for _ in range(3):
        xs = xs[1:] + xs[:1]
        xs[0] *= 1.1
    total = 0.0
    for i in range(len(xs)):
        total += xs[i] * np.prod(np.array(xs[:i] + xs[i + 1 :])) * (i + 1)
    return total + sum(a * k for k, a in enumerate(xs))


def sorted_by_parts(xs):
    if len(xs) < 2:
        return xs
    first, *rest = xs
    low = sorted_by_parts([v for v in rest if v < first])
    return low + [first] + sorted_by_parts([v for v in rest if v >= first])  # noqa: RUF005


@program(X)
def quicksort(x):
    return sum(k * k * v for k, v in enumerate(sorted_by_parts(above(x, -2))))


@program(X)
def searched_by_value(x):
    xs, taken = above(x, 0), []
    total = xs.count(xs[0]) * xs[xs.index(max(xs))]
    while xs:
        k = xs.index(min(xs))
        taken.append(xs.pop(k) * (len(taken) + 1))
    return total * sum(taken)
