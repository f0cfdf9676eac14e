"""Rules for functions that pick elements of an array. Reading ``a[index]`` is the engine's."""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.nested import is_nested
from adjoint.rules.registry import linear
from adjoint.rules.scatter import scatter, select_axis
from adjoint.rules.shaping import unless_zero

__all__ = ["on_diagonal", "scatter_flat", "trace_cotangent"]


def scatter_flat(g: Any, index: Any, a: Any, *, distinct: bool = False) -> Any:
    """Return the cotangent of `a` where `g` is that of ``a.ravel()[index]``.

    Examples
    --------
    >>> scatter_flat(5.0, 2, np.zeros((2, 2)))
    array([[0., 0.],
           [5., 0.]])
    """
    if np.ndim(a) == 1:
        return scatter(g, index, a, distinct=distinct)
    return np.reshape(scatter(g, index, np.ravel(a), distinct=distinct), np.shape(a))


# take ----------------------------------------------------------------------------------------


def _take(
    g: Any, ans: Any, a: Any, indices: Any, axis: int | None = None, *, mode: str = "raise"
) -> Any:
    length = np.size(a) if axis is None else np.shape(a)[axis]
    if mode == "wrap":
        indices = np.mod(indices, length)
    elif mode == "clip":
        indices = np.clip(indices, 0, length - 1)
    if axis is None:
        return scatter_flat(g, indices, a)
    return scatter(g, select_axis(axis % np.ndim(a), indices), a)


def _take_along_axis(g: Any, ans: Any, arr: Any, indices: Any, axis: int | None = -1) -> Any:
    if axis is None:
        return scatter_flat(g, indices, arr)
    ndim = np.ndim(arr)
    index = [_along(np.arange(np.shape(arr)[k], like=arr), k, ndim) for k in range(ndim)]
    index[axis] = indices
    return scatter(g, tuple(index), arr)


def _along(positions: Any, axis: int, ndim: int) -> Any:
    """`positions` as an array of `ndim` axes that varies along `axis`."""
    others = tuple(k for k in range(ndim) if k != axis)
    return np.expand_dims(positions, others) if others else positions


linear(np.take, a=_take)
linear(np.take_along_axis, arr=_take_along_axis)


# Diagonals -----------------------------------------------------------------------------------


def on_diagonal(g: Any, a: Any, offset: Any = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Return the cotangent of `a` where `g` is that of ``np.diagonal(a, offset, axis1, axis2)``.

    Examples
    --------
    >>> on_diagonal(np.array([1.0, 2.0]), np.zeros((2, 3)), 1)
    array([[0., 1., 0.],
           [0., 0., 2.]])
    """
    if not isinstance(offset, int):
        raise NotImplementedError("the offset of a diagonal must be known when the code is made")
    ndim = np.ndim(a)
    axis1, axis2 = axis1 % ndim, axis2 % ndim
    step = np.arange(np.shape(g)[-1], like=a)
    index: list[Any] = [slice(None)] * (max(axis1, axis2) + 1)
    index[axis1] = step - offset if offset < 0 else step
    index[axis2] = step + offset if offset > 0 else step
    # NumPy puts the axis of two index arrays where they stand side by side, else in front.
    here = min(axis1, axis2) if abs(axis1 - axis2) == 1 else 0
    g = g if here == np.ndim(g) - 1 else np.moveaxis(g, -1, here)
    return scatter(g, tuple(index), a, distinct=True)


def trace_cotangent(
    g: Any, ans: Any, a: Any, offset: Any = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None
) -> Any:
    """Return the cotangent of `a` for ``np.trace(a, offset, axis1, axis2)``.

    It is `g` on the diagonal.

    Examples
    --------
    >>> trace_cotangent(3.0, None, np.ones((2, 2)))
    array([[3., 0.],
           [0., 3.]])
    """
    rows, columns = np.shape(a)[axis1], np.shape(a)[axis2]
    ones = np.eye(rows, columns, *unless_zero(offset), like=a)
    if np.ndim(a) == 2:
        return g * (ones if axis1 % 2 == 0 else np.transpose(ones))
    return np.moveaxis(np.expand_dims(g, (-2, -1)) * ones, (-2, -1), (axis1, axis2))


def _diag(g: Any, ans: Any, v: Any, k: Any = 0) -> Any:
    return on_diagonal(g, v, k) if np.ndim(v) == 2 else np.diagonal(g, *unless_zero(k))


def _diagflat(g: Any, ans: Any, v: Any, k: Any = 0) -> Any:
    diagonal = np.diagonal(g, *unless_zero(k))
    return diagonal if np.ndim(v) == 1 else np.reshape(diagonal, np.shape(v))


linear(
    np.diagonal,
    a=lambda g, ans, a, offset=0, axis1=0, axis2=1: on_diagonal(g, a, offset, axis1, axis2),
)
linear(np.linalg.diagonal, x=lambda g, ans, x, *, offset=0: on_diagonal(g, x, offset, -2, -1))
linear(np.trace, a=trace_cotangent)
linear(
    np.linalg.trace,
    x=lambda g, ans, x, *, offset=0, dtype=None: trace_cotangent(g, ans, x, offset, -2, -1),
)
linear(np.diag, v=_diag)
linear(np.diagflat, v=_diagflat)


# Choosing ------------------------------------------------------------------------------------


def _compress(g: Any, ans: Any, condition: Any, a: Any, axis: int | None = None) -> Any:
    kept = np.flatnonzero(condition)
    if axis is None:
        return scatter_flat(g, kept, a, distinct=True)
    return scatter(g, select_axis(axis % np.ndim(a), kept), a, distinct=True)


def _choose(g: Any, ans: Any, a: Any, choices: Any, *, mode: str = "raise") -> list[Any]:
    if not is_nested(choices):
        raise NotImplementedError("the choices of np.choose must be a list of arrays")
    if mode == "wrap":
        a = np.mod(a, len(choices))
    elif mode == "clip":
        a = np.clip(a, 0, len(choices) - 1)
    return [np.where(np.equal(a, k), g, 0) for k in range(len(choices))]


def _select(g: Any, ans: Any, condlist: Any, choicelist: Any, default: Any = 0) -> list[Any]:
    """A choice counts where its condition is the first that holds."""
    firsts = [np.where(condlist[0], g, 0)]
    for k in range(1, len(condlist)):
        firsts.append(np.select(condlist[: k + 1], [0] * k + [g]))
    return firsts


linear(np.compress, a=_compress)
linear(
    np.ndarray.compress,
    a=lambda g, ans, a, condition, axis=None: _compress(g, ans, condition, a, axis),
)
linear(
    np.extract,
    arr=lambda g, ans, condition, arr: scatter_flat(
        g, np.flatnonzero(condition), arr, distinct=True
    ),
)
linear(np.choose, choices=_choose)
linear(
    np.select,
    choicelist=_select,
    default=lambda g, ans, condlist, choicelist, default=0: np.select(
        condlist, [0] * len(condlist), g
    ),
)
