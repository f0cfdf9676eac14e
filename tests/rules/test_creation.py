"""The rules of `adjoint.rules.creation`."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from adjoint.rules import Kind, lookup
from tests.rules.harness import check

RNG = np.random.default_rng(19)
VECTOR = RNG.normal(size=4)
MATRIX = RNG.normal(size=(2, 3))
EMPTY = np.zeros((0, 2))


@pytest.mark.parametrize(
    "fun",
    [
        np.zeros, np.ones, np.empty, np.zeros_like, np.ones_like, np.empty_like, np.eye,
        np.identity, np.tri, np.indices,
    ],
)  # fmt: skip
def test_constant_arrays_have_derivative_zero(fun: Any) -> None:
    rule = lookup(fun)
    assert rule is not None
    assert rule.kind is Kind.ZERO


@pytest.mark.parametrize(
    "fun",
    [copy.copy, np.copy, np.array, np.asarray, np.asanyarray, np.ascontiguousarray,
     np.asfortranarray, np.asarray_chkfinite, np.require],
)  # fmt: skip
@pytest.mark.parametrize("x", [1.5, np.array(1.5), VECTOR, MATRIX, EMPTY], ids=np.shape)
def test_copies(fun: Any, x: Any) -> None:
    check(fun, x)


@pytest.mark.parametrize(
    "nested",
    [
        [1.0, 2.0],
        (1.0, 2, 3.0),
        [[1.0, 2.0], [3.0, 4.0]],
        [VECTOR, VECTOR],
        [(VECTOR, VECTOR), [VECTOR, VECTOR]],
        [[[1.0], [2.0]]],
        [[np.array(1.0), 2.0]],
        [MATRIX, MATRIX],
    ],
    ids=lambda x: str(np.shape(x)),
)
def test_nested_lists(nested: Any) -> None:
    check(np.array, nested)
    check(np.asarray, nested)
    check(np.array, nested, ndmin=5)


def test_keywords_of_conversions() -> None:
    check(np.array, VECTOR, dtype=float, copy=True, ndmin=3)
    check(np.array, [1.0, 2.0], float)
    check(np.asarray, VECTOR, dtype=float, order="F")
    check(np.copy, MATRIX, order="F")
    check(np.require, MATRIX, float, "F")


@pytest.mark.skipif(not hasattr(np, "astype"), reason="NumPy 2.1")
def test_astype() -> None:
    check(np.astype, MATRIX, np.float64)
    check(np.astype, MATRIX, np.float64, copy=False)


@pytest.mark.parametrize(
    ("fun", "args", "kwargs"),
    [
        (np.full, ((2, 3), 1.5), {}),
        (np.full, (4, 1.5), {"dtype": float}),
        (np.full, ((2, 3), np.ones(3)), {}),
        (np.full, ((2, 3), np.ones((2, 1))), {}),
        (np.full, ((2, 3), np.array(2.0)), {}),
        (np.full, (0, 1.5), {}),
        (np.full_like, (MATRIX, 1.5), {}),
        (np.full_like, (MATRIX, np.ones(3)), {}),
        (np.full_like, (MATRIX, 1.5), {"shape": (4,)}),
    ],
)
def test_full(fun: Any, args: Any, kwargs: Any) -> None:
    check(fun, *args, **kwargs)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((0.5, 4.2), {}),
        ((0.5, 4.2, 0.7), {}),
        ((4.0, 0.3, -0.5), {}),
        ((3.5,), {}),
        ((0.5, 4.2), {"step": 0.3}),
        ((2.5, 1.2), {}),
    ],
)
def test_arange(args: Any, kwargs: Any) -> None:
    check(np.arange, *args, **kwargs)


ENDS = [
    (0.5, 2.0),
    (np.array([0.5, 1.0]), 2.0),
    (0.5, np.array([2.0, 3.0])),
    (np.array([[0.5], [1.0]]), np.array([2.0, 3.0, 4.0])),
]


@pytest.mark.parametrize("fun", [np.linspace, np.logspace, np.geomspace])
@pytest.mark.parametrize(("start", "stop"), ENDS, ids=str)
@pytest.mark.parametrize(
    "options",
    [{}, {"num": 5}, {"num": 1}, {"num": 0}, {"num": 4, "endpoint": False}, {"num": 2}],
    ids=str,
)
def test_spaces(fun: Any, start: Any, stop: Any, options: Any) -> None:
    check(fun, start, stop, **options)


@pytest.mark.parametrize("fun", [np.linspace, np.logspace, np.geomspace])
@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_spaces_along_an_axis(fun: Any, axis: int) -> None:
    check(fun, *ENDS[3], num=3, axis=axis)


def test_space_of_a_number_that_is_not_known() -> None:
    check(np.linspace, 0.5, 2.0, np.array(4))
    check(np.linspace, 0.5, 2.0, np.array(1))


def test_logspace_of_another_base() -> None:
    check(np.logspace, 0.5, 2.0, 4, base=2.0)


@pytest.mark.parametrize(
    "options", [{}, {"indexing": "ij"}, {"sparse": True}, {"copy": False}], ids=str
)
@pytest.mark.parametrize(
    "xi",
    [(VECTOR,), (VECTOR, MATRIX[0]), (VECTOR, MATRIX[0], MATRIX[:, 0]), (VECTOR, 2.0)],
    ids=len,
)
def test_meshgrid(xi: Any, options: Any) -> None:
    check(np.meshgrid, *xi, **options)


def test_ix() -> None:
    check(np.ix_, VECTOR, MATRIX[0])
