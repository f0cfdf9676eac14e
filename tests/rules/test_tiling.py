"""The rules of `adjoint.rules.tiling`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint.rules import lookup
from tests.rules.harness import check

RNG = np.random.default_rng(13)
VECTOR = RNG.normal(size=4)
MATRIX = RNG.normal(size=(2, 3))
CUBE = RNG.normal(size=(2, 3, 2))
EMPTY = np.zeros((0, 3))


@pytest.mark.parametrize("x", [1.5, np.array(1.5), VECTOR, MATRIX, CUBE, EMPTY], ids=np.shape)
@pytest.mark.parametrize(
    "reps", [0, 1, 3, (2,), (2, 1), (1, 2), [2, 3], (2, 1, 2), (1, 1, 1, 2)], ids=str
)
def test_tile(x: Any, reps: Any) -> None:
    check(np.tile, x, reps)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((1.5, 3), {}),
        ((VECTOR, 3), {}),
        ((VECTOR, [2]), {}),
        ((VECTOR, 0), {}),
        ((VECTOR, [1, 0, 2, 3]), {}),
        ((VECTOR, np.array([1, 0, 2, 3])), {}),
        ((VECTOR, np.array([2])), {}),
        ((VECTOR, np.array(2)), {}),
        ((MATRIX, 2), {}),
        ((MATRIX, np.arange(6)), {}),
        ((MATRIX, 2), {"axis": 0}),
        ((MATRIX, [2, 1]), {"axis": 0}),
        ((CUBE, 2, 1), {}),
        ((CUBE, [1, 2, 0]), {"axis": 1}),
        ((CUBE, np.array([1, 2])), {"axis": -1}),
        ((EMPTY, 2), {"axis": 0}),
    ],
)
def test_repeat(args: Any, kwargs: Any) -> None:
    check(np.repeat, *args, **kwargs)


@pytest.mark.parametrize(
    ("x", "width"),
    [
        (VECTOR, 2),
        (VECTOR, (1, 3)),
        (VECTOR, ((0, 2),)),
        (VECTOR, 0),
        (MATRIX, 1),
        (MATRIX, (1,)),
        (MATRIX, (1, 0)),
        (MATRIX, ((0, 1), (2, 0))),
        (MATRIX, [(1, 1), (0, 0)]),
        (MATRIX, ((1,), (2,))),
        (MATRIX, ((1, 0),)),
        (CUBE, ((0, 0), (2, 1), (0, 0))),
        (CUBE, 1),
    ],
    ids=repr,
)
@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric", "wrap"])
def test_pad(x: Any, width: Any, mode: str) -> None:
    check(np.pad, x, width, mode)


@pytest.mark.parametrize("mode", ["edge", "reflect", "symmetric", "wrap"])
def test_pad_by_more_than_the_array(mode: str) -> None:
    check(np.pad, VECTOR, (9, 7), mode=mode)


def test_pad_keywords() -> None:
    check(np.pad, MATRIX, 1, constant_values=3.0)
    check(np.pad, MATRIX, 2, "symmetric", reflect_type="even")
    check(np.pad, EMPTY, 2)
    check(np.pad, 1.5, 0)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.3.0", reason="NumPy 2.3")
def test_pad_by_axis() -> None:
    check(np.pad, MATRIX, {-1: (1, 2)}, "edge")
    check(np.pad, MATRIX, {0: 1})


@pytest.mark.parametrize("options", [{"mode": "mean"}, {"mode": "reflect", "reflect_type": "odd"}])
def test_pad_with_other_margins_is_refused(options: Any) -> None:
    rule = lookup(np.pad)
    assert rule is not None
    with pytest.raises(NotImplementedError, match="the modes that have one are 'constant', "):
        rule.vjps["array"](np.pad(VECTOR, 1), None, VECTOR, 1, **options)


def test_pad_with_a_width_of_unknown_length_is_refused() -> None:
    rule = lookup(np.pad)
    assert rule is not None
    with pytest.raises(NotImplementedError, match="as numbers or tuples"):
        rule.vjps["array"](np.pad(VECTOR, 1), None, VECTOR, np.array([1, 1]))
