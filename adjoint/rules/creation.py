"""Rules for functions that make arrays: of constants, ranges, grids, copies and nested lists."""

from __future__ import annotations

import copy
from typing import Any, Literal

import numpy as np

from adjoint.rules.nested import is_nested, rank, unpack
from adjoint.rules.registry import jvp, linear, rearrangement, vjp, zero_derivative
from adjoint.rules.shaping import reshaped_like

__all__: list[str] = []

zero_derivative(
    np.zeros,
    np.ones,
    np.empty,
    np.zeros_like,
    np.ones_like,
    np.empty_like,
    np.eye,
    np.identity,
    np.tri,
    np.indices,
)


# Arrays from arrays, numbers and lists -------------------------------------------------------


def _array(g: Any, x: Any) -> Any:
    """The cotangent of `x`, an array, a number or nested lists of them, that became an array."""
    if not is_nested(x):
        return reshaped_like(g, x)
    added = np.ndim(g) - rank(x)
    return unpack(g, x, (0,) * added)


def _asarray(
    g: Any, ans: Any, a: Any, dtype: Any = None, order: Any = None, *, copy: Any = None
) -> Any:
    return _array(g, a)


rearrangement(
    np.copy, a=lambda g, ans, a, order="K", subok=False: _array(g, a) if is_nested(a) else g
)
rearrangement(copy.copy, x=lambda g, ans, x: g)  # of what may be a number, an array or None
rearrangement(
    np.array,
    object=lambda g, ans, object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0: _array(
        g, object
    ),
)
rearrangement(np.asarray, a=_asarray)
rearrangement(np.asanyarray, a=_asarray)
rearrangement(np.ascontiguousarray, a=lambda g, ans, a, dtype=None: _array(g, a))
rearrangement(np.asfortranarray, a=lambda g, ans, a, dtype=None: _array(g, a))
rearrangement(np.asarray_chkfinite, a=lambda g, ans, a, dtype=None, order=None: _array(g, a))
rearrangement(np.require, a=lambda g, ans, a, dtype=None, requirements=None: _array(g, a))
if hasattr(np, "astype"):  # NumPy 2.1
    rearrangement(np.astype, x=lambda g, ans, x, dtype, /, *, copy=True: g)

linear(
    np.full,
    fill_value=lambda g, ans, shape, fill_value, dtype=None, order="C": (
        np.sum(g) if rank(fill_value) == 0 else g
    ),
)


def _full_like_value(
    g: Any,
    ans: Any,
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
) -> Any:
    return np.sum(g) if rank(fill_value) == 0 else g


def _full_like_model(
    g: Any,
    ans: Any,
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
) -> Any:
    return np.zeros_like(a)  # only its shape is used


def _full_like_tangent(
    t: Any,
    ans: Any,
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: Literal["C", "F", "A", "K"] = "K",
    subok: bool = True,
    shape: Any = None,
) -> Any:
    return t if np.ndim(fill_value) == 0 else np.broadcast_to(t, np.shape(ans))


linear(np.full_like, a=_full_like_model, fill_value=_full_like_value)
jvp(np.full_like, a=lambda t, ans, *args, **options: 0.0, fill_value=_full_like_tangent)


# Ranges --------------------------------------------------------------------------------------


def _arange_start(
    g: Any, ans: Any, start: Any, stop: Any = None, step: Any = 1, dtype: Any = None
) -> Any:
    """The one argument of ``arange(n)`` is where it stops."""
    return 0.0 if stop is None else np.sum(g)


def _arange_step(
    g: Any, ans: Any, start: Any, stop: Any = None, step: Any = 1, dtype: Any = None
) -> Any:
    return g @ np.arange(np.size(g), like=g)


def _arange_stop(
    g: Any, ans: Any, start: Any, stop: Any = None, step: Any = 1, dtype: Any = None
) -> Any:
    return 0.0  # it decides how many there are, and that is constant where a derivative exists


vjp(np.arange, start=_arange_start, stop=_arange_stop, step=_arange_step)


def _weights(g: Any, num: Any, endpoint: bool) -> Any:
    """How much of `stop` is in each element of ``linspace(start, stop, num, endpoint)``."""
    steps = num - 1 if endpoint else num
    positions = np.arange(num, like=g)
    if isinstance(num, int):
        return positions / steps if steps > 1 else positions
    return positions / np.maximum(steps, 1)


def _weighted(g: Any, weights: Any, axis: int) -> Any:
    return g @ weights if np.ndim(g) == 1 else np.tensordot(g, weights, axes=((axis,), (0,)))


def _linspace_start(
    g: Any,
    ans: Any,
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    return _weighted(g, 1 - _weights(g, num, endpoint), axis)


def _linspace_stop(
    g: Any,
    ans: Any,
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    return _weighted(g, _weights(g, num, endpoint), axis)


linear(np.linspace, start=_linspace_start, stop=_linspace_stop)


def _logspace_start(
    g: Any,
    ans: Any,
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    exponent = g * ans * np.log(base)
    return _weighted(exponent, 1 - _weights(g, num, endpoint), axis)


def _logspace_stop(
    g: Any,
    ans: Any,
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    return _weighted(g * ans * np.log(base), _weights(g, num, endpoint), axis)


def _logspace_base(
    g: Any,
    ans: Any,
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    if rank(base) > 0:
        raise NotImplementedError("np.logspace by several bases: write base ** np.linspace(…)")
    is_usual = endpoint is True and axis == 0
    rest: dict[str, Any] = {} if is_usual else {"endpoint": endpoint, "axis": axis}
    return np.sum(g * ans * np.linspace(start, stop, num, **rest)) / base


def _geomspace_start(
    g: Any,
    ans: Any,
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    return _weighted(g * ans, 1 - _weights(g, num, endpoint), axis) / start


def _geomspace_stop(
    g: Any,
    ans: Any,
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    return _weighted(g * ans, _weights(g, num, endpoint), axis) / stop


vjp(np.logspace, start=_logspace_start, stop=_logspace_stop, base=_logspace_base)
vjp(np.geomspace, start=_geomspace_start, stop=_geomspace_stop)


# Grids: the result and its cotangent are tuples ----------------------------------------------


def _meshgrid(
    g: Any, ans: Any, *xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> list[Any]:
    cotangents = []
    for k in range(len(xi)):
        axis = 1 - k if indexing == "xy" and k < 2 <= len(xi) else k
        others = tuple(other for other in range(len(xi)) if other != axis)
        cotangents.append(_summed(g[k], others))
    return [reshaped_like(part, x) for part, x in zip(cotangents, xi, strict=True)]


def _summed(x: Any, axes: tuple[int, ...]) -> Any:
    return np.sum(x, axis=axes[0] if len(axes) == 1 else axes) if axes else x


linear(np.meshgrid, xi=_meshgrid)
linear(
    np.ix_,
    args=lambda g, ans, *args: [
        np.reshape(part, np.shape(x)) for part, x in zip(g, args, strict=True)
    ],
)
