"""Generators whose items come on conditions known at run time only, asked for one by one."""

import functools
import itertools

import numpy as np

from tests.programs import program

V = np.array([0.5, -0.3, 0.8, -0.7, 0.2])
W = np.array([0.9, 1.2, -0.4, 0.6, -1.1])


def positive(v):
    for t in v:
        if t > 0:
            yield t**2


def once_or_twice(v):
    for i in range(len(v)):
        if v[i] > 0:
            yield v[i] ** 2
        else:
            yield from (v[i], v[i] * 2.5)


@program(V, W, peer=False)
def side_by_side(v, w):
    total = 0.0
    for a, b in zip(positive(v), once_or_twice(w)):
        total += a * b
    return total


@program(V, peer=False)
def first_two_and_the_rest(v):
    numbers = once_or_twice(v)
    a = next(numbers)
    b = next(numbers)
    return a * b + sum(t**2 for t in numbers)


@program(V, W, peer=False)
def reduced(v, w):
    product = functools.reduce(lambda p, q: p * q + 0.3, (a for a in v if a > 0))
    return product * functools.reduce(lambda p, q: p + q**2, positive(w), 0.7)


@program(V, peer=False)
def two_filters_in_step(v):
    above, below = (a for a in v if a > 0), (a for a in v if a < 0)
    return sum(a * b**2 for a, b in zip(above, below))


@program(V, W, peer=False)
def the_first_that_fits(v, w):
    found = next(a * 2 for a in v if a > 0.6)
    other = next((b for b in w if b > 5.0), w[1] ** 2)
    return found * other


@program(V, peer=False)
def the_largest_by_a_key(v):
    return max(once_or_twice(v), key=abs) ** 2 * min((a * 3 for a in v if a < 0), key=lambda t: -t)


@program(V, 4, peer=False)
def numbers_and_filters(v, n):
    total = 0.0
    for k, a in zip(itertools.count(1), positive(v)):
        total += k * a
    for i, b in enumerate(positive(v[1:n])):
        total += (i + 0.5) * b
    return total
