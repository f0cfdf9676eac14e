"""The rules of `adjoint.rules.shaping`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint.rules import lookup
from adjoint.rules.shaping import inverse_permutation
from tests.rules.harness import check

RNG = np.random.default_rng(11)
SCALAR = 1.5
ZERO_D = RNG.normal(size=())
VECTOR = RNG.normal(size=6)
MATRIX = RNG.normal(size=(2, 3))
CUBE = RNG.normal(size=(2, 3, 4))
COLUMN = RNG.normal(size=(3, 1))
EMPTY = np.zeros((0, 3))


@pytest.mark.parametrize(
    ("fun", "args", "kwargs"),
    [
        (np.reshape, (VECTOR, (2, 3)), {}),
        (np.reshape, (MATRIX, -1), {}),
        (np.reshape, (MATRIX, (3, 2)), {"order": "F"}),
        (np.reshape, (CUBE, (4, -1)), {"order": "C"}),
        (np.reshape, (VECTOR, (6, 1)), {"order": "A"}),
        (np.reshape, (EMPTY, (3, 0)), {}),
        (np.reshape, (SCALAR, (1, 1)), {}),
        (np.ravel, (CUBE,), {}),
        (np.ravel, (MATRIX,), {"order": "F"}),
        (np.ravel, (VECTOR,), {"order": "K"}),
        (np.ravel, (ZERO_D,), {}),
        (np.ravel, (SCALAR,), {}),
        (np.ravel, (EMPTY,), {}),
        (np.squeeze, (COLUMN,), {}),
        (np.squeeze, (COLUMN,), {"axis": 1}),
        (np.squeeze, (COLUMN[None],), {"axis": (0, -1)}),
        (np.squeeze, (SCALAR,), {}),
        (np.squeeze, (np.ones((1, 1)),), {}),
        (np.expand_dims, (VECTOR, 0), {}),
        (np.expand_dims, (MATRIX, (0, -1)), {}),
        (np.expand_dims, (SCALAR, 0), {}),
        (np.expand_dims, (EMPTY, 1), {}),
        (np.broadcast_to, (VECTOR, (2, 6)), {}),
        (np.broadcast_to, (COLUMN, (2, 3, 4)), {}),
        (np.broadcast_to, (SCALAR, (2, 3)), {}),
        (np.broadcast_arrays, (COLUMN, RNG.normal(size=4), 2.0), {}),
        (np.atleast_1d, (SCALAR,), {}),
        (np.atleast_1d, (VECTOR,), {}),
        (np.atleast_1d, (SCALAR, VECTOR, MATRIX), {}),
        (np.atleast_2d, (ZERO_D,), {}),
        (np.atleast_2d, (VECTOR, CUBE), {}),
        (np.atleast_3d, (VECTOR,), {}),
        (np.atleast_3d, (MATRIX,), {}),
        (np.atleast_3d, (SCALAR, VECTOR, MATRIX, CUBE, EMPTY), {}),
    ],
)
def test_shape(fun: Any, args: Any, kwargs: Any) -> None:
    check(fun, *args, **kwargs)


@pytest.mark.parametrize(
    ("fun", "args", "kwargs"),
    [
        (np.transpose, (SCALAR,), {}),
        (np.transpose, (VECTOR,), {}),
        (np.transpose, (MATRIX,), {}),
        (np.transpose, (CUBE,), {}),
        (np.transpose, (EMPTY,), {}),
        (np.transpose, (CUBE, (2, 0, 1)), {}),
        (np.transpose, (CUBE,), {"axes": (-1, 0, 1)}),
        (np.transpose, (CUBE,), {"axes": [1, 2, 0]}),
        (np.swapaxes, (CUBE, 0, -1), {}),
        (np.swapaxes, (MATRIX, 0, 1), {}),
        (np.moveaxis, (CUBE, 0, -1), {}),
        (np.moveaxis, (CUBE, (0, 1), (2, 0)), {}),
        *((np.rollaxis, (CUBE, axis, start), {}) for axis in (-2, 0, 2) for start in (-1, 0, 2, 3)),
        (np.rollaxis, (CUBE, 2), {}),
        (np.matrix_transpose, (CUBE,), {}),
        (np.linalg.matrix_transpose, (MATRIX,), {}),
        (np.permute_dims, (CUBE, (1, 2, 0)), {}),
    ],
)
def test_order_of_axes(fun: Any, args: Any, kwargs: Any) -> None:
    check(fun, *args, **kwargs)


@pytest.mark.parametrize(
    ("fun", "args", "kwargs"),
    [
        (np.flip, (VECTOR,), {}),
        (np.flip, (CUBE,), {}),
        (np.flip, (CUBE, 1), {}),
        (np.flip, (CUBE,), {"axis": (0, -1)}),
        (np.flip, (EMPTY,), {}),
        (np.fliplr, (CUBE,), {}),
        (np.flipud, (VECTOR,), {}),
        (np.roll, (VECTOR, 2), {}),
        (np.roll, (CUBE, -5), {}),
        (np.roll, (CUBE, 1, 2), {}),
        (np.roll, (CUBE, (1, -2)), {"axis": (0, 2)}),
        (np.roll, (VECTOR, np.array(2)), {}),
        (np.roll, (EMPTY, 1), {}),
        *((np.rot90, (MATRIX, k), {}) for k in range(-2, 5)),
        (np.rot90, (MATRIX,), {}),
        (np.rot90, (CUBE, 3, (2, 0)), {}),
        (np.rot90, (CUBE,), {"axes": (1, 2)}),
    ],
)
def test_order_of_elements(fun: Any, args: Any, kwargs: Any) -> None:
    check(fun, *args, **kwargs)


@pytest.mark.parametrize("fun", [np.tril, np.triu])
@pytest.mark.parametrize("x", [VECTOR, MATRIX, CUBE, EMPTY], ids=np.shape)
@pytest.mark.parametrize("k", [{}, {"k": 1}, {"k": -1}, {"k": 9}], ids=str)
def test_triangles(fun: Any, x: Any, k: Any) -> None:
    check(fun, x, **k)


@pytest.mark.parametrize("order", ["A", "K"])
@pytest.mark.parametrize("fun", [np.ravel, np.ndarray.flatten])
def test_order_by_memory_is_refused(fun: Any, order: str) -> None:
    rule = lookup(fun)
    assert rule is not None
    with pytest.raises(NotImplementedError, match="how the array lies in memory"):
        rule.vjps["a"](VECTOR, None, MATRIX, order=order)


def test_inverse_permutation_undoes() -> None:
    axes = (3, 1, 0, 2)
    undo = inverse_permutation(axes)
    assert [axes[axis] for axis in undo] == [0, 1, 2, 3]
