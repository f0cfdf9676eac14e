"""Rules of medians, quantiles and percentiles.

The cotangent goes to the elements between which the quantile lies. Among equal ones it goes to that
which ``np.argsort`` puts there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint.rules.nested import as_array
from adjoint.rules.reductions import Axis, axes_of
from adjoint.rules.registry import vjp
from adjoint.rules.scatter import scatter

__all__: list[str] = []

#: The plotting positions of each method: R. J. Hyndman, Y. Fan, "Sample quantiles in statistical
#: packages" (1996), with a and b as NumPy has them. The last ones take one element, or the middle.
_POSITIONS: dict[str, tuple[float, float]] = {
    "linear": (1, 1),
    "hazen": (0.5, 0.5),
    "weibull": (0, 0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
    **dict.fromkeys(("interpolated_inverted_cdf", "inverted_cdf", "averaged_inverted_cdf"), (0, 1)),
    "closest_observation": (-0.5, 1.5),
    **dict.fromkeys(("lower", "higher", "nearest", "midpoint"), (1, 1)),
}

#: What is constant in q, between jumps.
_STEPS = frozenset(
    {"lower", "higher", "nearest", "midpoint", "inverted_cdf", "averaged_inverted_cdf"}
    | {"closest_observation"}
)
#: Of two elements that are as close, the one whose place, counted from 0, leaves this rest by 2. It
#: was another before NumPy 2.1.
_CLOSEST = int(np.quantile(np.arange(5.0), 0.5, method="closest_observation")) % 2


@dataclass(frozen=True, slots=True)
class _Between:
    """The elements between which a quantile lies: `share` of it is the upper one.

    `rows` has the axes that are reduced as its last one; `low` and `high` are indices of it. These,
    and `share`, have an axis for each of several quantiles, which is the last. Where nan is left
    out, each row has a count of its own, also 0, and `low` and `high` are masks of the rows.
    """

    rows: Any
    low: Any
    high: Any
    share: Any
    slope: Any


# --- axes -------------------------------------------------------------------------------------


def _rows(a: Any, axes: tuple[int, ...]) -> Any:
    """`a` with the axes that are reduced as one, the last."""
    ndim = np.ndim(a)
    if axes == (ndim - 1,):
        return a
    if len(axes) == ndim:
        return np.reshape(a, -1)
    last = _moved(a, axes, _last_axes(ndim, axes))
    if len(axes) == 1:
        return last
    return np.reshape(last, (*(np.shape(a)[k] for k in _others(ndim, axes)), -1))


def _of_rows(d_rows: Any, a: Any, axes: tuple[int, ...]) -> Any:
    """What undoes `_rows`."""
    ndim = np.ndim(a)
    if axes == (ndim - 1,):
        return d_rows
    if len(axes) == ndim:
        return np.reshape(d_rows, np.shape(a))
    if len(axes) != 1:
        shape = tuple(np.shape(a)[k] for k in (*_others(ndim, axes), *axes))
        d_rows = np.reshape(d_rows, shape)
    last = _last_axes(ndim, axes)
    return _moved(d_rows, last, axes)


def _moved(x: Any, source: tuple[int, ...], target: tuple[int, ...]) -> Any:
    if source == target:
        return x
    return (
        np.moveaxis(x, source, target) if len(source) > 1 else np.moveaxis(x, source[0], target[0])
    )


def _others(ndim: int, axes: tuple[int, ...]) -> list[int]:
    return [k for k in range(ndim) if k not in axes]


def _last_axes(ndim: int, axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(range(ndim - len(axes), ndim))


def _g_of_rows(g: Any, axes: tuple[int, ...], keepdims: bool, several: bool) -> Any:
    """`g` without the axes that were kept, and with that of several quantiles at the end."""
    if keepdims and axes:
        at = tuple(k + 1 for k in axes) if several else axes
        g = np.squeeze(g, at[0] if len(at) == 1 else at)
    return np.moveaxis(g, 0, -1) if several and np.ndim(g) > 1 else g


# --- the elements -----------------------------------------------------------------------------


def _between(rows: Any, q: Any, method: str, nan: bool, weights: Any = None) -> _Between:
    if method not in _POSITIONS:
        raise NotImplementedError(f"the quantile of method {method!r} has no derivative here")
    several = np.ndim(q) > 0
    order = np.argsort(rows, axis=-1) if np.ndim(rows) > 1 else np.argsort(rows)
    if weights is not None:
        reached = _reached(rows, q, order, weights, nan)
        place = _place(order, reached, several, np.ndim(rows) > 1)
        return _Between(rows, place, place, 0, 0)
    a, b = _POSITIONS[method]
    count = _count(rows, several) if nan else np.shape(rows)[-1]
    slope = count - 1 if (a, b) == (1, 1) else count + (1 - a - b)
    position = q * slope if a == 1 else q * slope + (a - 1)
    low, high, share = _ends(method, position, count, nan)
    if nan:
        rank = np.argsort(order, axis=-1)
        rank = np.expand_dims(rank, -2) if several else rank
        return _Between(rows, rank == _last(low), rank == _last(high), share, slope)
    low, high = (_place(order, k, several, False) for k in (low, high))
    return _Between(rows, low, high, share, slope)


def _ends(method: str, position: Any, count: Any, nan: bool) -> tuple[Any, Any, Any]:
    """The places of the elements between which a position lies, and the share of the upper one."""
    if method == "averaged_inverted_cdf":  # of two, where the position is one of them
        above = np.floor(position) + 1
        low, high = np.clip(np.ceil(position), 0, count - 1), np.clip(above, 0, count - 1)
        return low, high, 0.5 * (high - low)
    position = _STEP.get(method, lambda position: position)(position)
    if _POSITIONS[method][0] != 1:
        position = np.clip(position, 0, count - 1)
    elif nan:
        position = np.maximum(position, 0)
    low, high = np.floor(position), np.ceil(position)
    if method in _STEP or method == "lower":
        return low, high, 0
    if method == "higher":
        return low, high, 1
    return low, high, 0.5 * (high - low) if method == "midpoint" else position - low


def _closest(position: Any) -> Any:
    """The nearest place; of two that are as near the one that is odd, or even."""
    below = np.floor(position)
    return np.where((position == below) & (below % 2 == _CLOSEST), below, below + 1)


_STEP: dict[str, Callable[[Any], Any]] = {
    "nearest": np.rint,
    "inverted_cdf": np.ceil,
    "closest_observation": _closest,
}


def _count(rows: Any, several: bool) -> Any:
    count = np.sum(~np.isnan(rows), axis=-1)
    return np.expand_dims(count, -1) if several else count


def _reached(rows: Any, q: Any, order: Any, weights: Any, nan: bool) -> Any:
    """The first place of the order up to which there is a share `q` of the weight."""
    if nan:
        weights = np.where(np.isnan(rows), 0, weights)
    if np.ndim(rows) == 1:
        total = np.cumsum(weights[order], dtype=np.float64)
        total = total / total[-1]
    else:
        if np.ndim(weights) < np.ndim(rows):
            weights = np.broadcast_to(weights, np.shape(rows))
        total = np.cumsum(np.take_along_axis(weights, order, -1), axis=-1, dtype=np.float64)
        total = total / total[..., -1:]
    q_type = np.dtype(getattr(q, "dtype", rows.dtype))  # a number is taken for one of the array's
    if q_type != np.float64 and q_type.kind == "f":
        total = total.astype(q_type)
    if np.ndim(q) > 0:
        total, q = np.expand_dims(total, -2), np.expand_dims(q, -1)
    passed = np.sum((total < q) | (total == 0), axis=-1)
    return np.minimum(passed, np.shape(rows)[-1] - 1)


def _place(order: Any, position: Any, several: bool, nan: bool) -> Any:
    """The index of the elements at these positions of the order."""
    position = position.astype(int)
    ndim = np.ndim(order)
    if ndim == 1:
        return order[position]
    if nan:
        along = position if several else np.expand_dims(position, -1)
        last = np.take_along_axis(order, along, -1)
        last = last if several else last[..., 0]
    else:
        last = order[..., position]
    return (*(_numbers(order, k, ndim - 1 + several) for k in range(ndim - 1)), last)


def _numbers(order: Any, axis: int, ndim: int) -> Any:
    """The numbers along an axis, in the shape that broadcasts along the others."""
    others = tuple(k for k in range(ndim) if k != axis)
    numbers = np.arange(np.shape(order)[axis], like=order)
    return np.expand_dims(numbers, others) if others else numbers


# --- the rules --------------------------------------------------------------------------------


def _quantile_a(
    g: Any, a: Any, q: Any, axis: Axis, method: str, keepdims: bool, nan: bool, weights: Any
) -> Any:
    if np.ndim(a) == 0:
        return g
    axes = axes_of(a, axis)
    if weights is not None:
        weights = as_array(weights, a)
        weights = _rows(weights, axes) if np.ndim(weights) == np.ndim(a) else weights
    between = _between(_rows(a, axes), q, method, nan, weights)
    g = _g_of_rows(g, axes, keepdims, np.ndim(q) > 0)
    share, single = between.share, np.ndim(q) == 0
    if nan and weights is None:
        d_rows = _of_masks(g, between)
        return _of_rows(d_rows if single else np.sum(d_rows, axis=-2), a, axes)
    if isinstance(share, int):
        place = between.high if share else between.low
        return _of_rows(scatter(g, place, between.rows, distinct=single), a, axes)
    d_rows = scatter((1 - share) * g, between.low, between.rows, distinct=single)
    d_rows = scatter(share * g, between.high, between.rows, d_rows, distinct=single)
    return _of_rows(d_rows, a, axes)


def _of_masks(g: Any, between: _Between) -> Any:
    """The cotangent of the rows, for each quantile."""
    share = between.share
    if isinstance(share, int):
        return np.where(between.high if share else between.low, _last(g), 0)
    upper = np.where(between.high, _last(share * g), 0)
    return np.where(between.low, _last((1 - share) * g), upper)


def _elements(between: _Between, place: Any, nan: bool) -> Any:
    """The elements at some places, of each row: several quantiles are the last axis."""
    if not nan:
        return between.rows[place]
    several = np.ndim(place) > np.ndim(between.rows)
    rows = np.expand_dims(between.rows, -2) if several else between.rows
    return np.sum(np.where(place, rows, 0), axis=-1)


def _quantile_q(
    g: Any, a: Any, q: Any, axis: Axis, method: str, keepdims: bool, nan: bool, weights: Any
) -> Any:
    if method in _STEPS:
        return np.zeros_like(q)
    axes = axes_of(a, axis)
    between = _between(_rows(a, axes), q, method, nan)
    g = _g_of_rows(g, axes, keepdims, np.ndim(q) > 0)
    upper, lower = (_elements(between, place, nan) for place in (between.high, between.low))
    d_q = g * (upper - lower) * between.slope
    ahead = tuple(range(np.ndim(a) - len(axes)))
    return np.sum(d_q, axis=ahead[0] if len(ahead) == 1 else ahead) if ahead else d_q


def _refuse(overwrite_input: bool) -> None:
    if overwrite_input:
        raise NotImplementedError("overwrite_input=True leaves the array in no known order")


def _by(nan: bool, percent: bool, of_q: bool) -> Callable[..., Any]:
    def cotangent(
        g: Any,
        ans: Any,
        a: Any,
        q: Any,
        axis: Axis = None,
        out: None = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: bool = False,
        *,
        weights: Any = None,
    ) -> Any:
        _refuse(overwrite_input)
        table = q = as_array(q, a)
        if np.ndim(table) > 1:  # its axes are the first of the result
            g = np.reshape(g, (-1, *np.shape(g)[np.ndim(table) :]))
            q = np.reshape(table, -1)
        q = q / 100 if percent else q
        rule = _quantile_q if of_q else _quantile_a
        d = rule(g, a, q, axis, method, keepdims, nan, weights)
        d = d / 100 if percent and of_q else d
        return np.reshape(d, np.shape(table)) if of_q and np.ndim(table) > 1 else d

    return cotangent


def _quantile_weights(
    g: Any,
    ans: Any,
    a: Any,
    q: Any,
    axis: Axis = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: Any = None,
) -> Any:
    """Which element is taken jumps as the weights change."""
    return np.zeros_like(weights)


def _median(nan: bool) -> Callable[..., Any]:
    def cotangent(
        g: Any,
        ans: Any,
        a: Any,
        axis: Axis = None,
        out: None = None,
        overwrite_input: bool = False,
        keepdims: bool = False,
    ) -> Any:
        _refuse(overwrite_input)
        if np.ndim(a) == 0:
            return g
        axes = axes_of(a, axis)
        rows = _rows(a, axes)
        order = np.argsort(rows, axis=-1) if np.ndim(rows) > 1 else np.argsort(rows)
        g = _last(_g_of_rows(g, axes, keepdims, False))
        if nan:
            count = np.sum(~np.isnan(rows), axis=-1, keepdims=True)
            middle = np.abs(2 * np.argsort(order, axis=-1) + 1 - count) <= 1
            return _of_rows(np.where(middle, g / (2 - count % 2), 0), a, axes)
        count, ndim = np.shape(rows)[-1], np.ndim(rows)
        part = slice((count - 1) // 2, count // 2 + 1)  # one or two; of none none
        middle = order[part] if ndim == 1 else order[..., part]
        if ndim > 1:
            middle = (*(_numbers(order, k, ndim) for k in range(ndim - 1)), middle)
        return _of_rows(scatter(g / (2 - count % 2), middle, rows, distinct=True), a, axes)

    return cotangent


def _last(x: Any) -> Any:
    """`x` with a last axis of length 1, or the number that it is."""
    return np.expand_dims(x, -1) if np.ndim(x) > 0 else x


vjp(np.median, a=_median(False))
vjp(np.nanmedian, a=_median(True))
for _function, _nan, _percent in (
    (np.quantile, False, False),
    (np.percentile, False, True),
    (np.nanquantile, True, False),
    (np.nanpercentile, True, True),
):
    vjp(
        _function,
        a=_by(_nan, _percent, False),
        q=_by(_nan, _percent, True),
        weights=_quantile_weights,
    )
