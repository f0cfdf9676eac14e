"""What generators and context managers do where they are not run to their end."""

from __future__ import annotations

import contextlib
import itertools

import numpy as np
import pytest

from adjoint import grad
from adjoint.errors import AdjointError

V = np.array([0.4, -0.8, 1.5])


class Looking:
    """A manager that looks at what its body raises."""

    def __init__(self, x):
        self.x = x

    def __enter__(self):
        return self

    def __exit__(self, cls, error, traceback):
        self.x = self.x * (3.0 if cls is None else 5.0)


@contextlib.contextmanager
def raised_to(values):
    values[0] = values[0] * 2
    yield
    values[0] = values[0] + 1.5


def handled_behind_a_class(v):
    looking = Looking(v[0])
    try:
        with looking:
            if v[1] < 0:
                raise KeyError
    except KeyError:
        return looking.x * v[2]
    return looking.x


def handled_behind_a_generator(v):
    values = [v[0]]
    try:
        with raised_to(values):
            raise KeyError
    except KeyError:
        return values[0] * v[2]


@pytest.mark.parametrize("function", [handled_behind_a_class, handled_behind_a_generator])
def test_manager_that_does_something_else_where_its_body_raises_is_refused(function):
    with pytest.raises(AdjointError, match="do something else where its body raises"):
        grad(function)(V)


def test_manager_that_looks_at_what_is_raised_is_followed_where_nobody_catches_it():
    def f(v):
        looking = Looking(v[0])
        with looking:
            if v[1] > 0:
                raise KeyError
        return looking.x * v[2]

    np.testing.assert_allclose(grad(f)(V), [3 * V[2], 0.0, 3 * V[0]])
    with pytest.raises(KeyError):
        grad(f)(-V)


def numbers(x, left):
    try:
        for k in range(5):
            yield x * k
    finally:
        left.append(x * 3)


def broken(x, left):
    total = 0.0
    for t in numbers(x, left):
        if t > 1.0:
            break
        total += t
    return total


LEAVING = [
    broken,
    lambda x, left: sum(t * k for t, k in zip(numbers(x, left), range(3), strict=False)),
    lambda x, left: x * any(t > 1.0 for t in numbers(x, left)),
    lambda x, left: next(numbers(x, left)),
    lambda x, left: sum(itertools.islice(numbers(x, left), 2)),
]


@pytest.mark.parametrize("leave", LEAVING)
def test_generator_that_cleans_up_and_is_left_is_refused(leave):
    def f(x):
        left = []
        total = leave(x, left)
        return total + sum(left)

    with pytest.raises(AdjointError, match="inside of a with or a try with a finally"):
        grad(f)(0.7)


def test_generator_that_cleans_up_and_runs_to_its_end():
    def f(x):
        left = []
        return sum(numbers(x, left)) * left[0]

    np.testing.assert_allclose(grad(f)(0.7), 2 * 10 * 3 * 0.7)
