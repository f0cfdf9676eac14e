"""Rules for the norms of ``numpy.linalg``. The derivative of a norm at 0 is 0."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from adjoint.rules.elementwise import direction, is_complex
from adjoint.rules.products import conjugate, matrix_transposed
from adjoint.rules.registry import vjp

__all__: list[str] = []

Axes = tuple[int, ...]
Spread = Callable[[Any], Any]


def _unless_zero(ans: Any) -> Any:
    """A divisor: `ans`, or 1 where it is 0."""
    return np.where(ans == 0, 1, ans)


def _direction(x: Any) -> Any:
    """The derivative of the size of each element."""
    return np.conj(direction(x)) if is_complex(x) else np.sign(x)


def _total(x: Any, axes: Axes, whole: bool) -> Any:
    """The sum over `axes`, in a shape that broadcasts against `x`; `whole` if these are all."""
    return (
        np.sum(x) if whole else np.sum(x, axis=axes[0] if len(axes) == 1 else axes, keepdims=True)
    )


def _euclidean(g: Any, ans: Any, x: Any, spread: Spread) -> Any:
    return spread(g / _unless_zero(ans)) * conjugate(x)


def _vector_norm(g: Any, ans: Any, x: Any, ord: Any, axes: Axes, spread: Spread) -> Any:
    if ord is None or ord == 2:
        return _euclidean(g, ans, x, spread)
    if ord == 0:
        return np.zeros_like(x)
    direction = _direction(x)
    if ord == 1:
        return spread(g) * direction
    if ord in (np.inf, -np.inf):
        extreme = np.abs(x) == spread(ans)
        return spread(g) * direction * extreme / _total(extreme, axes, len(axes) == np.ndim(x))
    # A power below 0 of an element that is 0 would be inf, and inf * sign(0) is nan.
    size = np.abs(x) if ord > 1 else np.where(x == 0, 1, np.abs(x))
    return spread(g) * direction * (size / spread(_unless_zero(ans))) ** (ord - 1)


def _matrix_norm(g: Any, ans: Any, x: Any, ord: Any, axes: Axes, spread: Spread) -> Any:
    if ord in (None, "fro", "f"):
        return _euclidean(g, ans, x, spread)
    if ord in ("nuc", 2, -2):
        return _singular_norm(g, x, ord, axes, spread)
    rows, columns = axes
    summed, compared = (rows, columns) if ord in (1, -1) else (columns, rows)
    extreme = np.sum(np.abs(x), axis=summed, keepdims=True) == spread(ans)
    ties = _total(extreme, (compared,), False)
    return spread(g) * _direction(x) * extreme / ties


def _singular_norm(g: Any, x: Any, ord: Any, axes: Axes, spread: Spread) -> Any:
    """The largest, the smallest or the sum of the singular values; those that tie share evenly."""
    last = axes == (np.ndim(x) - 2, np.ndim(x) - 1)
    u, s, vh = np.linalg.svd(x if last else np.moveaxis(x, axes, (-2, -1)), full_matrices=False)
    if ord == "nuc":
        taken = np.sign(s)
    else:
        if ord == 2:
            norm = np.max(s, axis=-1, keepdims=True, initial=0)  # also of no elements
        else:
            norm = np.min(s, axis=-1, keepdims=True)
        taken = s == norm
        taken = taken / np.sum(taken, axis=-1, keepdims=True)
    direction = conjugate((u * (taken if np.ndim(x) == 2 else np.expand_dims(taken, -2))) @ vh)
    return spread(g) * (direction if last else np.moveaxis(direction, (-2, -1), axes))


def _norm(
    g: Any, ans: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False
) -> Any:
    _require_known(ord)
    axes = _axes(axis, np.ndim(x))
    spread = _spread(axes, np.ndim(x), keepdims)
    if axis is None and ord is None:
        return _euclidean(g, ans, x, spread)
    return (_matrix_norm if len(axes) == 2 else _vector_norm)(g, ans, x, ord, axes, spread)


def _norm_of_vectors(
    g: Any, ans: Any, x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2
) -> Any:
    _require_known(ord)
    axes = _axes(axis, np.ndim(x))
    return _vector_norm(g, ans, x, ord, axes, _spread(axes, np.ndim(x), keepdims))


def _norm_of_matrices(g: Any, ans: Any, x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    _require_known(ord)
    axes = _axes((-2, -1), np.ndim(x))
    return _matrix_norm(g, ans, x, ord, axes, _spread(axes, np.ndim(x), keepdims))


def _require_known(ord: Any) -> None:
    if not (ord is None or isinstance(ord, (str, Real))):
        raise NotImplementedError("the order of a norm must be known when the code is made")


def _axes(axis: Any, ndim: int) -> Axes:
    if axis is None:
        return tuple(range(ndim))
    return tuple(k % ndim for k in (axis if isinstance(axis, (tuple, list)) else (axis,)))


def _spread(axes: Axes, ndim: int, keepdims: bool) -> Spread:
    """Return what gives a reduced array back the axes that the norm took, if it needs them."""
    if keepdims or len(axes) == ndim:
        return lambda reduced: reduced
    return lambda reduced: np.expand_dims(reduced, axes[0] if len(axes) == 1 else axes)


vjp(np.linalg.norm, x=_norm)
vjp(np.linalg.vector_norm, x=_norm_of_vectors)
vjp(np.linalg.matrix_norm, x=_norm_of_matrices)


# The condition number --------------------------------------------------------------------------


def _cond(g: Any, ans: Any, x: Any, p: Any = None) -> Any:
    """The product of the norms of `x` and of its inverse."""
    if p in (None, 2, -2):
        return _ratio_of_singular_values(g, ans, x, p)
    inverse = np.linalg.inv(x)
    axes, keywords = (-2, -1), {"ord": p, "axis": (-2, -1)}
    of_x, of_inverse = np.linalg.norm(x, **keywords), np.linalg.norm(inverse, **keywords)
    d_x = _norm(g * of_inverse, of_x, x, p, axes)
    d_inverse = _norm(g * of_x, of_inverse, inverse, p, axes)
    transposed = matrix_transposed(inverse)
    return d_x - transposed @ d_inverse @ transposed


def _ratio_of_singular_values(g: Any, ans: Any, x: Any, p: Any) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    largest, smallest = np.max(s, axis=-1, keepdims=True), np.min(s, axis=-1, keepdims=True)
    sign = -1 if p == -2 else 1
    change = (s == largest) / largest - (s == smallest) / smallest
    each = (sign * g * ans if np.ndim(x) == 2 else np.expand_dims(sign * g * ans, -1)) * change
    return conjugate((u * (each if np.ndim(x) == 2 else np.expand_dims(each, -2))) @ vh)


vjp(np.linalg.cond, x=_cond)
