"""Rules for the norms of ``numpy.linalg``. The derivative of a norm at 0 is 0."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from adjoint.rules.products import conjugate
from adjoint.rules.registry import vjp

__all__: list[str] = []

Axes = tuple[int, ...]
Spread = Callable[[Any], Any]


def _unless_zero(ans: Any) -> Any:
    """A divisor: `ans`, or 1 where it is 0."""
    return np.where(ans == 0, 1, ans)


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
    direction = conjugate(np.sign(x))
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
        raise NotImplementedError(f"the matrix norm of order {ord!r} has no derivative here")
    rows, columns = axes
    summed, compared = (rows, columns) if ord in (1, -1) else (columns, rows)
    extreme = np.sum(np.abs(x), axis=summed, keepdims=True) == spread(ans)
    ties = _total(extreme, (compared,), False)
    return spread(g) * conjugate(np.sign(x)) * extreme / ties


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
