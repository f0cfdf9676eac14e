"""Lists and tuples of run-time length that are returned, of numbers, tuples, dicts and objects."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, jvp, value_and_grad, vjp

X = np.array([0.4, -1.1, 0.7, 1.9, -0.3, 0.8])
D = np.array([1.3, 0.6, -0.9, 1.4, 0.5, -1.2])

Pair = namedtuple("Pair", "a b")


class Point:
    def __init__(self, a: Any, b: Any) -> None:
        self.a, self.b = a, b


def of_tuples(x):
    return [(v, k, v**2) for k, v in enumerate(x) if v > 0]


def of_named(x):
    return [Pair(v, v**2) for v in x if v > 0]


def of_dicts(x):
    return {"all": [{"a": v, "b": (v**2, "name")} for v in x if v > 0]}


def of_points(x):
    return [Point(v, v**2) for v in x if v > 0], x[0]


def tuple_of_numbers(x):
    return tuple(v**2 for v in x if v > 0)


def tuple_of_tuples(x):
    found = tuple((v, v**2) for v in x if v > 0)
    assert isinstance(found, tuple)
    return found


def flat(value: Any) -> list[Any]:
    """The floats of a structure."""
    if isinstance(value, Point):
        value = [value.a, value.b]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [each for part in value for each in flat(part)]
    return [value] if isinstance(value, float | np.floating) else []


def shape(value: Any) -> Any:
    """The classes in a structure."""
    if isinstance(value, Point):
        return Point, shape(value.a)
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    parts = list(map(shape, value)) if isinstance(value, list | tuple) else []
    return type(value), parts


def weights(value: Any, rest: list[float]) -> Any:
    """A structure like `value`, with these numbers for floats."""
    match value:
        case Point():
            return Point(weights(value.a, rest), weights(value.b, rest))
        case dict():
            return {key: weights(part, rest) for key, part in value.items()}
        case Pair():
            return Pair(*[weights(part, rest) for part in value])
        case list() | tuple():
            return type(value)(weights(part, rest) for part in value)
        case float():
            return rest.pop(0)
        case _:
            return None


FUNCTIONS = (of_tuples, of_named, of_dicts, of_points, tuple_of_numbers, tuple_of_tuples)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_it_is_what_the_function_returns(function: Callable[[Any], Any]) -> None:
    expected = function(X)
    count = len(flat(expected))
    given = list(np.random.default_rng(3).normal(size=count))
    out, pullback = vjp(function, X)
    assert shape(out) == shape(expected) and flat(out) == flat(expected)
    (d_x,) = pullback(weights(expected, list(given)))
    again, dot = jvp(function, (X,), (D,))
    assert shape(again) == shape(expected)
    slopes = (np.array(flat(function(X + 1e-6 * D))) - flat(function(X - 1e-6 * D))) / 2e-6
    np.testing.assert_allclose(flat(dot), slopes, rtol=1e-7)
    np.testing.assert_allclose(d_x @ D, slopes @ given, rtol=1e-7)


def test_beside_the_value() -> None:
    (_, aux), _ = value_and_grad(lambda x: (np.sum(x), of_tuples(x)), has_aux=True)(X)
    assert aux == of_tuples(X)


def test_lists_of_lists_of_tuples_are_refused() -> None:
    def function(x):
        return [[(v, w * v) for w in x if w > 0] for v in x if v > 0]

    with pytest.raises(Unsupported, match="a list of run-time length is returned that holds lists"):
        vjp(function, X)
