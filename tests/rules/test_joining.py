"""The rules of `adjoint.rules.joining`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import grad, vjp
from adjoint.rules import lookup
from tests.rules.harness import check

RNG = np.random.default_rng(12)
VECTOR = RNG.normal(size=4)
MATRIX = RNG.normal(size=(3, 4))
CUBE = RNG.normal(size=(2, 3, 4))
EMPTY = np.zeros((0, 4))
FOURTH = RNG.normal(size=(2, 3, 4, 2))


@pytest.mark.parametrize(
    ("fun", "args", "kwargs"),
    [
        (np.concatenate, ([VECTOR, np.ones(2), VECTOR],), {}),
        (np.concatenate, ([VECTOR],), {}),
        (np.concatenate, ((MATRIX, EMPTY, MATRIX[:1]),), {}),
        (np.concatenate, ([MATRIX, MATRIX[:, :2]], 1), {}),
        (np.concatenate, ([CUBE, CUBE[:, :, :1], CUBE],), {"axis": -1}),
        (np.concatenate, ([CUBE, CUBE[:, :1]],), {"axis": -2}),
        (np.concatenate, ([MATRIX, CUBE, VECTOR, np.ones((1, 1))], None), {}),
        (np.concatenate, ([MATRIX, 2.0, [1.0, 3.0]],), {"axis": None}),
        (np.concatenate, ([[1.5, 2.0], VECTOR, [3.0]],), {}),
        (np.concatenate, ([[VECTOR, VECTOR], MATRIX],), {}),
        (np.concatenate, ([[[1.0], [2.0]], np.ones((2, 3))], 1), {}),
        (np.concatenate, ([VECTOR, VECTOR],), {"dtype": float}),
        (np.concatenate, ([VECTOR, np.arange(3)],), {}),
        *((np.concatenate, (CUBE, axis), {}) for axis in (0, 1, -1, -2, None)),
        *((np.concatenate, (FOURTH, axis), {}) for axis in (0, 1, 2)),
        (np.concatenate, (MATRIX,), {}),
        (np.stack, ([VECTOR, VECTOR],), {}),
        (np.stack, ([1.0, 2.0, 3.0],), {}),
        *((np.stack, ([MATRIX, MATRIX, MATRIX], axis), {}) for axis in (0, 1, 2, -1, -2, -3)),
        *((np.stack, (CUBE,), {"axis": axis}) for axis in (0, 1, 2, -1)),
        (np.append, (VECTOR, VECTOR), {}),
        (np.append, (VECTOR, 3.0), {}),
        (np.append, (VECTOR, [3.0, 4.0]), {}),
        (np.append, (MATRIX, CUBE), {}),
        (np.append, (MATRIX, MATRIX[:, :1]), {"axis": 1}),
        (np.append, (2.0, 3.0), {}),
    ],
)
def test_joining(fun: Any, args: Any, kwargs: Any) -> None:
    check(fun, *args, **kwargs)


@pytest.mark.parametrize("fun", [np.vstack, np.hstack, np.column_stack, np.dstack])
@pytest.mark.parametrize(
    "entries",
    [
        [1.0, 2.0, 3.0],
        [VECTOR, VECTOR],
        [VECTOR[None], VECTOR[None]],
        (MATRIX, MATRIX, MATRIX),
        [CUBE, CUBE],
        [[1.0, 2.0], [3.0, 4.0]],
        [EMPTY, EMPTY],
        VECTOR,
        MATRIX,
        CUBE,
        FOURTH,
    ],
    ids=lambda x: f"{type(x).__name__}{np.shape(x)}",
)
def test_stacking(fun: Any, entries: Any) -> None:
    check(fun, entries)


@pytest.mark.parametrize(
    ("fun", "entries"),
    [
        (np.vstack, [VECTOR, MATRIX, VECTOR]),
        (np.vstack, [1.0, np.ones(1), np.ones((2, 1))]),
        (np.hstack, [VECTOR, 1.0, np.ones(2)]),
        (np.hstack, [MATRIX, MATRIX[:, :1]]),
        (np.column_stack, [np.ones(3), MATRIX, np.ones((3, 1))]),
        (np.dstack, [MATRIX, MATRIX[:, :, None], RNG.normal(size=(3, 4, 2)), MATRIX]),
    ],
)
def test_stacking_of_different_ranks(fun: Any, entries: Any) -> None:
    check(fun, entries)


@pytest.mark.parametrize(
    ("fun", "args", "kwargs"),
    [
        (np.split, (VECTOR, 2), {}),
        (np.split, (VECTOR, [1, 3]), {}),
        (np.split, (VECTOR, [0, 2, 9]), {}),
        (np.split, (MATRIX, 2, 1), {}),
        (np.split, (CUBE, [1]), {"axis": -1}),
        (np.array_split, (MATRIX, 2), {}),
        (np.array_split, (MATRIX, 3), {"axis": 1}),
        (np.hsplit, (VECTOR, 2), {}),
        (np.hsplit, (CUBE, 3), {}),
        (np.vsplit, (MATRIX, [2]), {}),
        (np.dsplit, (CUBE, 2), {}),
    ],
)
def test_splitting(fun: Any, args: Any, kwargs: Any) -> None:
    check(fun, *args, **kwargs)


@pytest.mark.skipif(not hasattr(np, "unstack"), reason="NumPy 2.1")
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_unstack(axis: int) -> None:
    def program(x: Any) -> Any:
        return np.unstack(x, axis=axis)

    out, pullback = vjp(program, CUBE)
    np.testing.assert_array_equal(out, np.moveaxis(CUBE, axis, 0))
    (d_x,) = pullback(tuple(each * k for k, each in enumerate(out)))
    weights = np.arange(float(len(out)))[:, None, None]
    np.testing.assert_array_equal(np.moveaxis(d_x, axis, 0), weights * out)


def test_pieces_are_views() -> None:
    rule = lookup(np.concatenate)
    assert rule is not None
    g = np.arange(12.0)
    first, middle, last = rule.vjps["arrays"](g, g, [VECTOR, VECTOR, VECTOR])
    assert all(np.shares_memory(g, part) for part in (first, middle, last))


def test_lengths_of_unequal_parts() -> None:
    """Of specimens of lengths 10 and 12 the first of three parts has 4 elements both times."""
    x, weights = np.arange(12.0).reshape(3, 4), np.arange(6.0).reshape(3, 2)

    def first(x: Any) -> Any:
        return np.sum(np.array_split(x, 3, axis=1)[0] ** 2 * weights)

    expected = np.zeros((3, 4))
    expected[:, :2] = 2 * x[:, :2] * weights
    np.testing.assert_array_equal(grad(first)(x), expected)
