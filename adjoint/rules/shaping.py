"""Rules for functions that give the same elements another shape or order, or mask some of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint.rules.registry import jvp, linear, rearrangement

__all__ = ["inverse_permutation", "reshaped", "reshaped_like", "undo_reshape", "unless_zero"]


def reshaped_like(g: Any, a: Any) -> Any:
    """Return `g` in the shape of `a`, as it stands where the ranks agree.

    For functions that can only have added or removed axes of length 1.

    Examples
    --------
    >>> reshaped_like(np.ones((1, 3)), np.ones(3))
    array([1., 1., 1.])
    """
    return g if np.ndim(g) == np.ndim(a) else np.reshape(g, np.shape(a))


def inverse_permutation(axes: Sequence[int]) -> tuple[int, ...]:
    """Return the permutation that undoes `axes`.

    Examples
    --------
    >>> inverse_permutation((2, 0, 1))
    (1, 2, 0)
    >>> inverse_permutation((-1, 0, 1))
    (1, 2, 0)
    """
    forward = [axis % len(axes) for axis in axes]
    return tuple(forward.index(axis) for axis in range(len(axes)))


def unless_zero(k: Any) -> tuple[Any, ...]:
    """Return `k` as the arguments to append for it: none where it is known to be the default, 0."""
    return () if isinstance(k, int) and k == 0 else (k,)


# Shape ---------------------------------------------------------------------------------------


def require_order(a: Any, order: str) -> None:
    """Refuse an order that depends on how the array lies in memory."""
    if order not in ("C", "F") and np.ndim(a) > 1:
        raise NotImplementedError(
            f"order={order!r} depends on how the array lies in memory: use order='C' or 'F'"
        )


def reshaped(t: Any, shape: Any, order: Any) -> Any:
    """Return `t` in another shape, in an order that does not depend on how it lies in memory."""
    require_order(t, order)
    return np.reshape(t, shape, order="F") if order == "F" else np.reshape(t, shape)


def undo_reshape(g: Any, a: Any, order: str) -> Any:
    """Return `g` in the shape of `a`, from which it was reshaped in that order."""
    require_order(a, order)
    if order == "F":
        return np.reshape(g, np.shape(a), order="F")
    return np.reshape(g, np.shape(a))


rearrangement(
    np.reshape, a=lambda g, ans, a, shape, order="C", *, copy=None: undo_reshape(g, a, order)
)
rearrangement(np.ravel, a=lambda g, ans, a, order="C": undo_reshape(g, a, order))
jvp(
    np.reshape,
    a=lambda t, ans, a, shape, order="C", *, copy=None: reshaped(t, shape, order),
)
jvp(np.ravel, a=lambda t, ans, a, order="C": reshaped(t, -1, order))
rearrangement(np.squeeze, a=lambda g, ans, a, axis=None: np.reshape(g, np.shape(a)))
rearrangement(np.expand_dims, a=lambda g, ans, a, axis: np.squeeze(g, axis))


def _each_reshaped(g: Any, ans: Any, *arys: Any) -> list[Any]:
    parts = [g] if len(arys) == 1 else g  # several arrays come back as a tuple, one alone as it is
    return [reshaped_like(part, a) for part, a in zip(parts, arys, strict=True)]


linear(np.atleast_1d, arys=_each_reshaped)
linear(np.atleast_2d, arys=_each_reshaped)
linear(np.atleast_3d, arys=_each_reshaped)

# Summing over the axes that were added or stretched is the engine's part.
linear(np.broadcast_to, array=lambda g, ans, array, shape, subok=False: g)
linear(np.broadcast_arrays, args=lambda g, ans, *args, subok=False: list(g))


# Order of the axes ---------------------------------------------------------------------------


def _transpose(g: Any, ans: Any, a: Any, axes: Sequence[int] | None = None) -> Any:
    return np.transpose(g) if axes is None else np.transpose(g, inverse_permutation(axes))


def _rollaxis(g: Any, ans: Any, a: Any, axis: int, start: int = 0) -> Any:
    axis, start = axis % np.ndim(a), start + np.ndim(a) if start < 0 else start
    return np.moveaxis(g, start - 1 if start > axis else start, axis)


rearrangement(np.transpose, a=_transpose)
rearrangement(np.swapaxes, a=lambda g, ans, a, axis1, axis2: np.swapaxes(g, axis1, axis2))
rearrangement(
    np.moveaxis, a=lambda g, ans, a, source, destination: np.moveaxis(g, destination, source)
)
rearrangement(np.rollaxis, a=_rollaxis)
rearrangement(np.matrix_transpose, x=lambda g, ans, x: np.matrix_transpose(g))
rearrangement(np.linalg.matrix_transpose, x=lambda g, ans, x: np.matrix_transpose(g))


# Order of the elements -----------------------------------------------------------------------


def _roll(g: Any, ans: Any, a: Any, shift: Any, axis: Any = None) -> Any:
    back = tuple(-s for s in shift) if isinstance(shift, (tuple, list)) else -shift
    return np.roll(g, back) if axis is None else np.roll(g, back, axis)


rearrangement(
    np.flip, m=lambda g, ans, m, axis=None: np.flip(g) if axis is None else np.flip(g, axis)
)
rearrangement(np.fliplr, m=lambda g, ans, m: np.fliplr(g))
rearrangement(np.flipud, m=lambda g, ans, m: np.flipud(g))
rearrangement(np.roll, a=_roll)
rearrangement(
    np.rot90,
    m=lambda g, ans, m, k=1, axes=(0, 1): (
        np.rot90(g, -k) if axes == (0, 1) else np.rot90(g, -k, axes)
    ),
)


# Triangles -----------------------------------------------------------------------------------

# Of a vector, both make a matrix with the vector in each row: a leading axis, summed by the engine.
linear(np.tril, m=lambda g, ans, m, k=0: np.tril(g, *unless_zero(k)))
linear(np.triu, m=lambda g, ans, m, k=0: np.triu(g, *unless_zero(k)))
