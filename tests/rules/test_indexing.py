"""The rules of `adjoint.rules.indexing`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint.rules import lookup
from adjoint.rules.scatter import scatter
from tests.rules.harness import check

RNG = np.random.default_rng(14)
VECTOR = RNG.normal(size=5)
MATRIX = RNG.normal(size=(3, 4))
TALL = RNG.normal(size=(4, 2))
CUBE = RNG.normal(size=(3, 4, 3))
EMPTY = np.zeros((0, 3))
FOURTH = RNG.normal(size=(2, 3, 2, 4))


def test_scatter_adds_what_was_read_twice() -> None:
    x = scatter(np.ones((2, 3)), (slice(None), np.array([0, 2, 0])), np.zeros((2, 4)))
    np.testing.assert_array_equal(x, [[2, 0, 1, 0], [2, 0, 1, 0]])


def test_scatter_keeps_the_type_of_the_cotangent() -> None:
    assert scatter(np.ones(1, np.float32), [0], np.zeros(2)).dtype == np.float32
    assert scatter(1j, 0, np.zeros(2)).dtype == np.complex128


def test_scatter_leaves_handles_to_the_engine() -> None:
    class Handle:
        def scatter(self, *parts: Any) -> Any:
            return ("scattered", *parts)

    assert scatter(1.0, 2, Handle()) == ("scattered", 1.0, 2, None, False)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((VECTOR, [0, 3, 3]), {}),
        ((VECTOR, np.array([[0, -1], [2, 2]])), {}),
        ((VECTOR, 2), {}),
        ((VECTOR, [1, 0, 1], 0), {}),
        ((MATRIX, [0, 11, 0]), {}),
        ((MATRIX, np.array([2, 2]), 0), {}),
        ((MATRIX, [3, 1, 3]), {"axis": 1}),
        ((MATRIX, -1), {"axis": -1}),
        ((CUBE, np.array([[0, 1], [1, 1]])), {"axis": 1}),
        ((VECTOR, [-7, 12, 3]), {"mode": "wrap"}),
        ((VECTOR, [-7, 12, 3]), {"mode": "clip"}),
        ((MATRIX, np.array([5, -3])), {"axis": 1, "mode": "wrap"}),
        ((MATRIX, np.array([5, -3])), {"axis": 0, "mode": "clip"}),
        ((MATRIX, [5, 30]), {"mode": "wrap"}),
        ((VECTOR, np.zeros(0, int)), {}),
        ((EMPTY, [0, 2]), {"axis": 1}),
    ],
)
def test_take(args: Any, kwargs: Any) -> None:
    check(np.take, *args, **kwargs)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((VECTOR, np.array([4, 0, 4])), {"axis": 0}),
        ((MATRIX, np.argsort(MATRIX, axis=1)), {"axis": 1}),
        ((MATRIX, np.argsort(MATRIX, axis=0)), {"axis": 0}),
        ((MATRIX, np.argmax(MATRIX, axis=-1)[:, None]), {"axis": -1}),
        ((MATRIX, np.array([[0, 0, -1]])), {"axis": 1}),
        ((MATRIX[:1], np.array([[0], [3], [3]])), {"axis": 1}),
        ((CUBE, np.argsort(CUBE, axis=1)[:, :2]), {"axis": 1}),
        ((MATRIX, np.array([0, 5, 5])), {"axis": None}),
    ],
)
def test_take_along_axis(args: Any, kwargs: Any) -> None:
    check(np.take_along_axis, *args, **kwargs)


OFFSETS = [{}, {"offset": 1}, {"offset": -1}, {"offset": 2}]
AXES = [{}, {"axis1": 1, "axis2": 0}, {"axis1": -1, "axis2": 0}, {"axis1": 1, "axis2": -1}]


@pytest.mark.parametrize("fun", [np.diagonal, np.trace])
@pytest.mark.parametrize("offset", OFFSETS, ids=str)
@pytest.mark.parametrize("axes", AXES, ids=str)
@pytest.mark.parametrize("x", [MATRIX, TALL, CUBE, FOURTH], ids=np.shape)
def test_diagonal_and_trace(fun: Any, x: Any, offset: Any, axes: Any) -> None:
    if (x.ndim, axes.get("axis1"), axes.get("axis2")) == (2, 1, -1):
        pytest.skip("one axis twice")
    check(fun, x, **offset, **axes)


@pytest.mark.parametrize("fun", [np.linalg.diagonal, np.linalg.trace])
@pytest.mark.parametrize("offset", OFFSETS, ids=str)
@pytest.mark.parametrize("x", [MATRIX, CUBE, FOURTH], ids=np.shape)
def test_diagonal_and_trace_of_matrices(fun: Any, x: Any, offset: Any) -> None:
    check(fun, x, **offset)


@pytest.mark.parametrize("k", [0, 1, -2])
@pytest.mark.parametrize("x", [VECTOR, MATRIX, TALL, np.zeros(0)], ids=np.shape)
def test_diag(x: Any, k: int) -> None:
    check(np.diag, x, k)


@pytest.mark.parametrize("k", [0, 1, -2])
@pytest.mark.parametrize("x", [2.0, VECTOR, TALL], ids=np.shape)
def test_diagflat(x: Any, k: int) -> None:
    check(np.diagflat, x, k=k)


def test_a_diagonal_of_unknown_offset_is_refused() -> None:
    rule = lookup(np.diagonal)
    assert rule is not None
    with pytest.raises(NotImplementedError, match="offset of a diagonal must be known"):
        rule.vjps["a"](VECTOR, None, MATRIX, np.array(1))


@pytest.mark.parametrize(
    ("fun", "args", "kwargs"),
    [
        (np.compress, ([True, False, True], MATRIX, 0), {}),
        (np.compress, (np.array([0, 1, 1]), MATRIX), {"axis": 1}),
        (np.compress, (np.array([False, True]), CUBE), {"axis": -1}),
        (np.compress, (np.array([True, False, True]), MATRIX), {}),
        (np.extract, (MATRIX > 0, MATRIX), {}),
        (np.extract, (np.array([True, False, True, True, False]), VECTOR), {}),
        (np.choose, (np.array([0, 1, 1]), [np.ones(3), np.zeros(3)]), {}),
        (np.choose, (np.array([[0], [1]]), [1.5, VECTOR]), {}),
        (np.choose, (np.array([3, -1]), [1.5, np.ones(2)]), {"mode": "wrap"}),
        (np.choose, (np.array([3, -1]), [1.5, np.ones(2)]), {"mode": "clip"}),
        (np.select, ([VECTOR > 0.5, VECTOR > 0], [VECTOR, 2 * VECTOR]), {}),
        (np.select, ([VECTOR > 0.5, VECTOR > 0], [VECTOR, 2.5], VECTOR), {}),
        (np.select, ([VECTOR > 0], [VECTOR]), {"default": 2.5}),
        (np.select, ([MATRIX > 0, MATRIX[:, :1] < 0, MATRIX < 1], [MATRIX, MATRIX[0], 1.5]), {}),
    ],
)
def test_choosing(fun: Any, args: Any, kwargs: Any) -> None:
    check(fun, *args, **kwargs)


def test_choices_in_one_array_are_refused() -> None:
    rule = lookup(np.choose)
    assert rule is not None
    with pytest.raises(NotImplementedError, match="must be a list of arrays"):
        rule.vjps["choices"](VECTOR, None, np.array([0, 1]), MATRIX)
