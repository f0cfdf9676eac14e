"""Rules of running sums and products, and of the product, which is made of running products.

The derivative of a product is the product of the other factors. It is not formed as ``ans / a``,
which is wrong where a factor is zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.reductions import Axis, axes_of, but_nan, restored
from adjoint.rules.registry import jvp, linear, vjp

__all__ = ["others_along"]


def _at(axis: int, start: int | None, stop: int | None, step: int | None = None) -> Any:
    """The index of a slice along `axis`: ``x[_at(1, None, None, -1)]`` is ``x[:, ::-1]``."""
    part = slice(start, stop, step)
    return (*[slice(None)] * axis, part) if axis else part


def _backward(x: Any, axis: int) -> Any:
    return x[_at(axis, None, None, -1)]


def _cumsum_from_end(x: Any, axis: int) -> Any:
    return _backward(np.cumsum(_backward(x, axis), axis=axis), axis)


def _flat(a: Any) -> Any:
    return a if np.ndim(a) == 1 else np.reshape(a, -1)


def _like(x: Any, a: Any) -> Any:
    """`x`, of one axis, in the shape of `a`."""
    return x if np.ndim(a) == 1 else np.reshape(x, np.shape(a))


# --- running sums -----------------------------------------------------------------------------


def _cumsum(g: Any, ans: Any, a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    if axis is None or np.ndim(a) == 0:
        return _like(_cumsum_from_end(g, 0), a)
    return _cumsum_from_end(g, axis % np.ndim(a))


def _nancumsum(g: Any, ans: Any, a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    return np.where(np.isnan(a), 0, _cumsum(g, ans, a, axis))


linear(np.cumsum, a=_cumsum)
vjp(np.nancumsum, a=_nancumsum)  # what is left out follows from the array
jvp(
    np.nancumsum,
    a=lambda t, ans, a, axis=None, dtype=None: np.cumsum(np.where(np.isnan(a), 0, t), axis=axis),
)


def _after_initial(x: Any, axis: int, include_initial: bool) -> Any:
    return x[_at(axis, 1, None)] if include_initial else x


def _cumulative_sum(
    g: Any,
    ans: Any,
    x: Any,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> Any:
    along = 0 if axis is None or np.ndim(x) == 0 else axis % np.ndim(x)
    d_x = _cumsum_from_end(_after_initial(g, along, include_initial), along)
    return d_x if np.ndim(x) else np.reshape(d_x, ())


if hasattr(np, "cumulative_sum"):  # NumPy 2.1
    linear(np.cumulative_sum, x=_cumulative_sum)


# --- running products -------------------------------------------------------------------------


def _zeros(a: Any, axis: int) -> tuple[Any, Any, Any]:
    """Where the factors are zero along `axis`, where for the first time, and for the second."""
    zero = a == 0
    count = np.cumsum(zero, axis=axis)
    return zero, zero & (count == 1), zero & (count == 2)


def _cumprod_along(g: Any, ans: Any, a: Any, axis: int) -> Any:
    # Up to the first zero every product holds a[j] once, so dividing by a[j] leaves the others; at
    # it they are the products with a one in its place. At the second one these are zero: they are
    # written down for the second derivative, for which nothing past it matters.
    zero, first, second = _zeros(a, axis)
    before = _cumsum_from_end(g * ans, axis) / np.where(zero, 1, a)
    for place in (second, first):
        others = np.cumprod(np.where(place, 1, a), axis=axis)
        before = np.where(place, _cumsum_from_end(g * others, axis), before)
    return before


def _cumprod(g: Any, ans: Any, a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    if axis is None or np.ndim(a) == 0:
        return _like(_cumprod_along(g, ans, _flat(a), 0), a)
    return _cumprod_along(g, ans, a, axis % np.ndim(a))


def _nancumprod(g: Any, ans: Any, a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    hole = np.isnan(a)
    return np.where(hole, 0, _cumprod(g, ans, np.where(hole, 1, a), axis))


def _cumulative_prod(
    g: Any,
    ans: Any,
    x: Any,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> Any:
    along = 0 if axis is None or np.ndim(x) == 0 else axis % np.ndim(x)
    g, ans = (_after_initial(each, along, include_initial) for each in (g, ans))
    if np.ndim(x) == 0:
        return np.reshape(_cumprod_along(g, ans, np.reshape(x, -1), 0), ())
    return _cumprod_along(g, ans, x, along)


def _cumprod_tangent(t: Any, ans: Any, a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    if axis is None or np.ndim(a) == 0:
        t, a, axis = np.reshape(t, -1), np.reshape(a, -1), 0
    zero, first, second = _zeros(a, axis)
    total = ans * np.cumsum(np.where(zero, 0, t) / np.where(zero, 1, a), axis=axis)
    for place in (first, second):
        others = np.cumprod(np.where(place, 1, a), axis=axis)
        total = total + others * np.cumsum(np.where(place, t, 0), axis=axis)
    return total


def _nancumprod_tangent(
    t: Any, ans: Any, a: Any, axis: int | None = None, dtype: Any = None
) -> Any:
    hole = np.isnan(a)
    return _cumprod_tangent(np.where(hole, 0, t), ans, np.where(hole, 1, a), axis)


vjp(np.cumprod, a=_cumprod)
jvp(np.cumprod, a=_cumprod_tangent)
vjp(np.nancumprod, a=_nancumprod)
jvp(np.nancumprod, a=_nancumprod_tangent)
if hasattr(np, "cumulative_prod"):  # NumPy 2.1
    vjp(np.cumulative_prod, x=_cumulative_prod)


# --- products ---------------------------------------------------------------------------------


def others_along(a: Any, axis: int) -> Any:
    """For each element, the product of the others along `axis`.

    >>> others_along(np.array([2.0, 0.0, 5.0]), 0)
    array([ 0., 10.,  0.])
    """
    one = np.ones_like(a[_at(axis, None, 1)])
    before = np.cumprod(np.concatenate([one, a[_at(axis, None, -1)]], axis=axis), axis=axis)
    after = np.cumprod(np.concatenate([one, a[_at(axis, None, 0, -1)]], axis=axis), axis=axis)
    return before * _backward(after, axis)


def _others(a: Any, axes: tuple[int, ...]) -> Any:
    if not axes:
        return np.ones_like(a)
    along = others_along(a, axes[0])
    if len(axes) == 1:
        return along
    return along * _others(np.prod(a, axis=axes[0], keepdims=True), axes[1:])


def _prod(
    g: Any,
    ans: Any,
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = 1,
    where: Any = True,
) -> Any:
    if np.ndim(a) == 0:
        d_a = g
    else:
        factors = a if where is True else np.where(where, a, 1)
        flat = axis is None and np.ndim(a) > 1
        others = (
            _like(others_along(_flat(factors), 0), a)
            if flat
            else _others(factors, axes_of(a, axis))
        )
        d_a = restored(g, a, axis, keepdims) * others
    if not (isinstance(initial, int) and initial == 1):
        d_a = d_a * initial
    return d_a if where is True else np.where(where, d_a, 0)


def _prod_initial(
    g: Any,
    ans: Any,
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = 1,
    where: Any = True,
) -> Any:
    return g * np.prod(a, axis=axis, keepdims=keepdims, where=where)


vjp(np.prod, a=_prod, initial=_prod_initial)
vjp(np.nanprod, a=but_nan(_prod), initial=but_nan(_prod_initial))
