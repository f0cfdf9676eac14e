"""Rules of functions that reduce or accumulate along axes.

The derivative of a sum is a broadcast, which the engine keeps lazy. Ties in ``max`` and ``min``
share evenly; ``std`` has derivative 0 where all elements are equal.
"""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np

from adjoint.rules.elementwise import is_complex
from adjoint.rules.registry import linear, same, vjp
from adjoint.rules.rule import Vjp

__all__ = ["Axis", "axes_of", "but_nan", "restored", "spread"]

Axis = int | tuple[int, ...] | None


# --- axes -------------------------------------------------------------------------------------


def axes_of(a: Any, axis: Axis) -> tuple[int, ...]:
    """The axes of `a` that `axis` means, in rising order and counted from the front.

    >>> axes_of(np.ones((2, 3, 4)), (-1, 0)), axes_of(np.ones((2, 3)), None)
    ((0, 2), (0, 1))
    """
    rank = np.ndim(a)
    if axis is None:
        return tuple(range(rank))
    given = axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(k % rank for k in given)) if rank else ()


def restored(reduced: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
    """`reduced`, a reduction of `a`, with as many axes as broadcasting against `a` needs.

    Leading axes that went are not put back: broadcasting does that.

    >>> a = np.ones((2, 3))
    >>> np.shape(restored(np.ones(2), a, 1, False)), np.shape(restored(np.ones(3), a, 0, False))
    ((2, 1), (3,))
    """
    if axis is None:
        return reduced
    axes = axes_of(a, axis)
    if keepdims or axes == tuple(range(len(axes))):
        return reduced
    return np.expand_dims(reduced, axes if len(axes) > 1 else axes[0])


def broadcasting(a: Any, axis: Axis) -> dict[str, Any]:
    """The options of a reduction of `a` whose result broadcasts against it.

    >>> a = np.ones((2, 3))
    >>> broadcasting(a, None), broadcasting(a, 0), broadcasting(a, 1)
    ({}, {'axis': 0}, {'axis': 1, 'keepdims': True})
    """
    if axis is None:
        return {}
    axes = axes_of(a, axis)
    return {"axis": axis} if axes == tuple(range(len(axes))) else {"axis": axis, "keepdims": True}


def spread(g: Any, a: Any) -> Any:
    """`g` broadcast to the shape of `a`.

    >>> spread(np.array(2.0), np.ones(3))
    array([2., 2., 2.])
    """
    return np.broadcast_to(g, np.shape(a))


# --- sums and means ---------------------------------------------------------------------------


def _sum(
    g: Any,
    ans: Any,
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = 0,
    where: Any = True,
) -> Any:
    g = restored(g, a, axis, keepdims)
    return spread(g if where is True else np.where(where, g, 0), a)


def _count(a: Any, axis: Axis, where: Any) -> Any:
    """How many elements of `a` went into each of the result, ready to broadcast against `a`."""
    if where is not True:
        return np.sum(np.ones_like(a), axis=axis, keepdims=True, where=where)
    if axis is None:
        return np.size(a)
    lengths = [np.shape(a)[k] for k in axes_of(a, axis)]
    return functools.reduce(operator.mul, lengths) if lengths else 1


def _mean(
    g: Any,
    ans: Any,
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    where: Any = True,
) -> Any:
    if np.ndim(a) == 0:
        return g
    g = restored(g, a, axis, keepdims) / _count(a, axis, where)
    return spread(g if where is True else np.where(where, g, 0), a)


def _sum_initial(
    g: Any,
    ans: Any,
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = 0,
    where: Any = True,
) -> Any:
    return g


linear(np.sum, a=_sum, initial=_sum_initial)
linear(np.mean, a=_mean)


def _aligned(weights: Any, a: Any, axis: Axis) -> Any:
    """`weights` with as many axes as `a`, lying along `axis` if they have fewer."""
    if np.ndim(weights) == np.ndim(a):
        return weights
    along = axes_of(a, axis)
    rest = tuple(k for k in range(np.ndim(a)) if k not in along)
    if isinstance(axis, tuple):
        order = sorted(range(len(axis)), key=lambda k: axis[k] % np.ndim(a))
        weights = np.transpose(weights, order)
    return np.expand_dims(weights, rest)


def _average_a(
    g: Any, ans: Any, a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *,
    keepdims: bool = False,
) -> Any:  # fmt: skip
    if weights is None:
        return _mean(g, ans, a, axis, keepdims=keepdims)
    w = _aligned(weights, a, axis)
    return restored(g, a, axis, keepdims) * (w / np.sum(w, **broadcasting(w, axis)))


def _average_weights(
    g: Any, ans: Any, a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *,
    keepdims: bool = False,
) -> Any:  # fmt: skip
    w = _aligned(weights, a, axis)
    scaled = restored(g, a, axis, keepdims) / np.sum(w, **broadcasting(w, axis))
    each = scaled * (a - restored(ans, a, axis, keepdims))
    if np.ndim(weights) == np.ndim(a):
        return each
    along = axes_of(a, axis)
    each = np.sum(each, axis=tuple(k for k in range(np.ndim(a)) if k not in along))
    if isinstance(axis, tuple):
        rank = np.ndim(a)
        each = np.transpose(each, [along.index(k % rank) for k in axis])
    return each


vjp(np.average, a=_average_a, weights=_average_weights)


# --- variance and standard deviation ----------------------------------------------------------


def _deviation(a: Any, axis: Axis, where: Any, mean: Any) -> Any:
    if mean is None:
        options = broadcasting(a, axis)
        mean = np.mean(a, **options) if where is True else np.mean(a, **options, where=where)
    away = a - mean
    return np.conj(away) if is_complex(a) else away


def _var(
    g: Any,
    ans: Any,
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    freedom = _count(a, axis, where) - (ddof if correction is None else correction)
    scale = 2 * restored(g, a, axis, keepdims) / freedom
    away = _deviation(a, axis, where, mean)
    # What is left out may not be finite: neither it nor its tangent is multiplied by 0.
    return scale * away if where is True else np.where(where, scale * np.where(where, away, 0), 0)


def _std(
    g: Any,
    ans: Any,
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    freedom = _count(a, axis, where) - (ddof if correction is None else correction)
    std = restored(ans, a, axis, keepdims)
    scale = restored(g, a, axis, keepdims) / (freedom * (std + (std == 0)))
    away = _deviation(a, axis, where, mean)
    # What is left out may not be finite: neither it nor its tangent is multiplied by 0.
    return scale * away if where is True else np.where(where, scale * np.where(where, away, 0), 0)


def _negated(rule: Vjp) -> Vjp:
    @functools.wraps(rule)
    def negated(*args: Any, **keywords: Any) -> Any:
        return -rule(*args, **keywords)

    return negated


vjp(np.var, a=_var, mean=_negated(_var))
vjp(np.std, a=_std, mean=_negated(_std))


# --- largest and smallest ---------------------------------------------------------------------


def _number(mask: Any, a: Any, axis: Axis) -> Any:
    """How many of `mask` are true along `axis`, in the precision of `a`."""
    dtype = getattr(a, "dtype", np.float64)
    whole = axis is None or np.ndim(a) == 0
    options: dict[str, Any] = {} if whole else {"axis": axis, "keepdims": True}
    if dtype == np.float64:
        return np.count_nonzero(mask, **options)
    return np.sum(mask, **options, dtype=dtype)


def _extremum(
    g: Any,
    ans: Any,
    a: Any,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    if np.ndim(a) == 0 and initial is None:
        return g
    best = restored(ans, a, axis, keepdims)
    reached = a == best
    if where is not True:
        reached = reached & where
    number = _number(reached, a, axis)
    if initial is not None:
        number = number + (initial == best)
    return np.where(reached, restored(g, a, axis, keepdims) / number, 0)


def _extremum_initial(
    g: Any,
    ans: Any,
    a: Any,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    best = restored(ans, a, axis, keepdims)
    reached = a == best
    if where is not True:
        reached = reached & where
    number = _number(reached, a, axis)
    held = initial == best
    return restored(g, a, axis, keepdims) * held / (number + held)


vjp(np.max, a=_extremum, initial=_extremum_initial)
for _function in (np.min, np.amax, np.amin):
    same(_function, np.max)


def _ptp(g: Any, ans: Any, a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    high = a == np.max(a, **broadcasting(a, axis))
    low = a == np.min(a, **broadcasting(a, axis))
    share = high / _number(high, a, axis) - low / _number(low, a, axis)
    return restored(g, a, axis, keepdims) * share


vjp(np.ptp, a=_ptp)


# --- without nan ------------------------------------------------------------------------------


def but_nan(rule: Vjp) -> Vjp:
    """`rule` with the nan of `a` left out, by way of its argument `where`."""

    @functools.wraps(rule)
    def but_nan_rule(
        g: Any, ans: Any, a: Any, *args: Any, where: Any = True, **keywords: Any
    ) -> Any:
        there = ~np.isnan(a)
        there = there if where is True else there & where
        return rule(g, ans, a, *args, where=there, **keywords)

    return but_nan_rule


# Not linear: what is left out follows from the array, not from its tangent.
vjp(np.nansum, a=but_nan(_sum), initial=_sum_initial)
vjp(np.nanmean, a=but_nan(_mean))
vjp(np.nanvar, a=but_nan(_var), mean=_negated(but_nan(_var)))
vjp(np.nanstd, a=but_nan(_std), mean=_negated(but_nan(_std)))
same(np.nanmax, np.max)  # nan equals nothing
same(np.nanmin, np.max)
