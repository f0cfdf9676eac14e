"""Rules of functions of samples: differences, areas, interpolation, convolution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.rules.nested import as_array, is_nested
from adjoint.rules.products import conjugate
from adjoint.rules.registry import linear, multilinear, vjp
from adjoint.rules.scatter import scatter, select_axis

__all__ = ["differences", "differences_adjoint"]


# --- differences ------------------------------------------------------------------------------


def differences_adjoint(g: Any, length: Any, n: int, axis: int) -> Any:
    """The cotangent of `a` in ``np.diff(a, n, axis)``: each difference has two ends.

    `length` is that of the axis. If it is less than `n` there are no differences.
    """
    ndim = np.ndim(g)
    if n == 0:
        return g
    ends = _at_most(n, length), n
    width: Any = tuple(ends if k == axis else (0, 0) for k in range(ndim))
    if ndim == 1:
        width = n if isinstance(ends[0], int) and ends[0] == n else ends
    padded = np.pad(g, width)
    return -differences(padded, axis, n) if n % 2 else differences(padded, axis, n)


def _at_most(n: int, length: Any) -> Any:
    """`n`, or `length` if that is less: where it is known which that is, no question is printed."""
    return min(n, length) if isinstance(length, int) else np.minimum(n, length)


def differences(x: Any, axis: int, n: int) -> Any:
    if axis == np.ndim(x) - 1:
        return np.diff(x) if n == 1 else np.diff(x, n)
    return np.diff(x, axis=axis) if n == 1 else np.diff(x, n, axis=axis)


def _part(x: Any, axis: int, start: Any, stop: Any) -> Any:
    part = slice(start, stop)
    return x[(*[slice(None)] * axis, part)] if axis else x[part]


def _width(x: Any, a: Any, axis: int) -> Any:
    """How long `x` is along the axis of `a` to which it is joined; None where it is left out."""
    if x is None:
        return 0
    return np.shape(x)[axis] if np.ndim(x) == np.ndim(a) else 1


def _diff_parts(g: Any, a: Any, n: int, axis: int, prepend: Any, append: Any) -> list[Any]:
    """The cotangents of what is put in front, of `a`, and of what is put behind."""
    axis = axis % np.ndim(a)
    if prepend is None and append is None:
        return [None, differences_adjoint(g, np.shape(a)[axis], n, axis), None]
    before, after = _width(prepend, a, axis), _width(append, a, axis)
    end = before + np.shape(a)[axis]
    whole = differences_adjoint(g, end + after, n, axis)
    parts = [
        None if prepend is None else _part(whole, axis, None, before),
        _part(whole, axis, None if prepend is None else before, None if append is None else end),
        None if append is None else _part(whole, axis, end, None),
    ]
    ends = (prepend, a, append)
    return [
        np.sum(part, axis=axis) if part is not None and np.ndim(x) == 0 and np.ndim(a) else part
        for part, x in zip(parts, ends, strict=True)
    ]


linear(
    np.diff,
    a=lambda g, ans, a, n=1, axis=-1, prepend=None, append=None: _diff_parts(
        g, a, n, axis, prepend, append
    )[1],
    prepend=lambda g, ans, a, n=1, axis=-1, prepend=None, append=None: _diff_parts(
        g, a, n, axis, prepend, append
    )[0],
    append=lambda g, ans, a, n=1, axis=-1, prepend=None, append=None: _diff_parts(
        g, a, n, axis, prepend, append
    )[2],
)


def _ediff1d(g: Any, ans: Any, ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    before = 0 if to_begin is None else np.size(to_begin)
    if to_end is not None:
        g = g[: np.size(g) - np.size(to_end)]
    inner = g if to_begin is None else g[before:]
    ends = 1 if np.ndim(ary) == 1 else (_at_most(1, np.size(ary)), 1)
    differences = -np.diff(np.pad(inner, ends))
    return differences if np.ndim(ary) == 1 else np.reshape(differences, np.shape(ary))


def _shaped(part: Any, x: Any) -> Any:
    return part if np.ndim(x) == 1 else np.reshape(part, np.shape(x))


linear(
    np.ediff1d,
    ary=_ediff1d,
    to_end=lambda g, ans, ary, to_end=None, to_begin=None: _shaped(
        g[np.size(g) - np.size(to_end) :], to_end
    ),
    to_begin=lambda g, ans, ary, to_end=None, to_begin=None: _shaped(
        g[: np.size(to_begin)], to_begin
    ),
)


# --- areas ------------------------------------------------------------------------------------


def _along(g: Any, y: Any, axis: int) -> Any:
    return g if np.ndim(y) == 1 else np.expand_dims(g, axis)


def _steps(x: Any, dx: Any, y: Any, axis: int) -> Any:
    """The distances of the samples, ready to multiply what has the axes of `y`."""
    if x is None:
        return dx
    if np.ndim(x) != 1:
        return np.diff(x, axis=axis)
    behind = np.ndim(y) - 1 - axis
    steps = np.diff(x)
    return np.expand_dims(steps, tuple(range(1, behind + 1))) if behind else steps


def _trapezoid_y(g: Any, ans: Any, y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    axis = axis % np.ndim(y)
    half = 0.5 * _along(g, y, axis) * _steps(x, dx, y, axis)
    d_y = scatter(half, select_axis(axis, slice(1, None)), y)
    return scatter(half, select_axis(axis, slice(None, -1)), y, d_y)


def _trapezoid_x(g: Any, ans: Any, y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    axis = axis % np.ndim(y)
    upper, lower = y[select_axis(axis, slice(1, None))], y[select_axis(axis, slice(None, -1))]
    area = 0.5 * _along(g, y, axis) * (upper + lower)
    if np.ndim(x) == 1 and np.ndim(y) > 1:
        others = tuple(k for k in range(np.ndim(y)) if k != axis)
        area, axis = np.sum(area, axis=others), 0
    return differences_adjoint(area, np.shape(x)[axis], 1, axis)


vjp(
    np.trapezoid,
    y=_trapezoid_y,
    x=_trapezoid_x,
    dx=lambda g, ans, y, x=None, dx=1.0, axis=-1: (
        np.sum(g * np.trapezoid(y, axis=axis)) if x is None else 0.0
    ),
)


# --- interpolation ----------------------------------------------------------------------------


def _arrays(x: Any, xp: Any, fp: Any) -> tuple[Any, Any, Any]:
    """All as arrays: points that are written as lists too."""
    given = [v for v in (x, xp, fp) if not is_nested(v) and not isinstance(v, (int, float))]
    x, xp, fp = (as_array(v, given[0]) for v in (x, xp, fp))
    return x, xp, fp


def _interval(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any]:
    """The number of the interval in which each `x` lies, and the width of that interval."""
    if period is not None:
        raise NotImplementedError("np.interp with a period: write np.interp(x % period, xp, fp)")
    i = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, np.shape(xp)[0] - 2)
    return i, xp[i + 1] - xp[i]


def _inside(x: Any, xp: Any) -> Any:
    return (x >= xp[0]) & (x <= xp[-1])


def _interp_x(
    g: Any,
    ans: Any,
    x: Any,
    xp: Any,
    fp: Any,
    left: Any = None,
    right: Any = None,
    period: Any = None,
) -> Any:
    x, xp, fp = _arrays(x, xp, fp)
    i, width = _interval(x, xp, fp, period)
    return g * ((fp[i + 1] - fp[i]) / width * _inside(x, xp))


def _interp_xp(
    g: Any,
    ans: Any,
    x: Any,
    xp: Any,
    fp: Any,
    left: Any = None,
    right: Any = None,
    period: Any = None,
) -> Any:
    x, xp, fp = _arrays(x, xp, fp)
    i, width = _interval(x, xp, fp, period)
    d_x = -g * ((fp[i + 1] - fp[i]) / width * _inside(x, xp))
    share = (x - xp[i]) / width
    return scatter(d_x * share, i + 1, xp, scatter(d_x * (1 - share), i, xp))


def _interp_fp(
    g: Any,
    ans: Any,
    x: Any,
    xp: Any,
    fp: Any,
    left: Any = None,
    right: Any = None,
    period: Any = None,
) -> Any:
    x, xp, fp = _arrays(x, xp, fp)
    i, width = _interval(x, xp, fp, period)
    share = np.clip((x - xp[i]) / width, 0, 1)
    if left is not None:
        g = g * (x >= xp[0])
    if right is not None:
        g = g * (x <= xp[-1])
    return scatter(g * share, i + 1, fp, scatter(g * (1 - share), i, fp))


vjp(
    np.interp,
    x=_interp_x,
    xp=_interp_xp,
    fp=_interp_fp,
    left=lambda g, ans, x, xp, fp, left=None, right=None, period=None: np.sum(
        g * np.less(x, xp[0])
    ),
    right=lambda g, ans, x, xp, fp, left=None, right=None, period=None: np.sum(
        g * np.greater(x, xp[-1])
    ),
)


# --- convolution ------------------------------------------------------------------------------


def _lengths(a: Any, v: Any) -> tuple[Any, Any]:
    return (np.shape(a)[0] if np.ndim(a) else 1), (np.shape(v)[0] if np.ndim(v) else 1)


def _shorter(n: Any, m: Any) -> Any:
    return min(n, m) if isinstance(n, int) and isinstance(m, int) else np.minimum(n, m)


def _in_full(g: Any, a: Any, v: Any, mode: Any, start: Callable[[Any, Any], Any]) -> Any:
    """`g` with zeros for the part of the full convolution that its mode leaves out.

    `start` is how much of that comes first, by the lengths of both, if the mode is "same".
    """
    if mode not in ("full", "same", "valid"):
        raise NotImplementedError("the mode of a convolution must be 'full', 'same' or 'valid'")
    n, m = _lengths(a, v)
    match mode:
        case "full":
            return g
        case "valid":
            return np.pad(g, _shorter(n, m) - 1)
        case _:
            before = start(n, m)
            return np.pad(g, (before, _shorter(n, m) - 1 - before))


def _convolved(g: Any, a: Any, v: Any, mode: Any) -> Any:
    """The cotangent of the full convolution where `g` is that of ``np.convolve(a, v, mode)``."""
    return _in_full(g, a, v, mode, lambda n, m: (_shorter(n, m) - 1) // 2)


def _correlated(g: Any, a: Any, v: Any, mode: Any) -> Any:
    """The same for ``np.correlate(a, v, mode)``, which reverses the result if `v` is longer."""
    return _in_full(g, a, v, mode, lambda n, m: _shorter((m - 1) // 2, n // 2))


def _scalar(d_x: Any, x: Any) -> Any:
    return d_x if np.ndim(x) else d_x[0]


def _factor(x: Any) -> Any:
    """What a cotangent is combined with: a row, also of one number."""
    return conjugate(x if np.ndim(x) else np.reshape(x, 1))


multilinear(
    np.convolve,
    a=lambda g, ans, a, v, mode="full": _scalar(
        np.correlate(_convolved(g, a, v, mode), _factor(v), "valid"), a
    ),
    v=lambda g, ans, a, v, mode="full": _scalar(
        np.correlate(_convolved(g, a, v, mode), _factor(a), "valid"), v
    ),
)
multilinear(
    np.correlate,
    a=lambda g, ans, a, v, mode="valid": _scalar(
        np.convolve(_correlated(g, a, v, mode), conjugate(v), "valid"), a
    ),
    v=lambda g, ans, a, v, mode="valid": _scalar(
        np.correlate(conjugate(_correlated(g, a, v, mode)), a, "valid")[::-1], v
    ),
)
