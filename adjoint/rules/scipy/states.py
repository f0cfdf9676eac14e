"""Filters of ``scipy.signal`` that start from a state, go both ways, or fit polynomials.

A filter with a state is read as what it is made of: filters that start from zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage, signal

from adjoint.rules.nested import length
from adjoint.rules.registry import instead, jvp, lookup, variant, vjp, zero_derivative
from adjoint.rules.scatter import scatter, select_axis
from adjoint.rules.scipy.dispatch import dispatched

__all__: list[str] = []

filtered = dispatched(signal.lfilter)
filtfilt = dispatched(signal.filtfilt)
savgol_coeffs = dispatched(signal.savgol_coeffs)
savgol_filter = dispatched(signal.savgol_filter)


def convolved(g: Any, *args: Any, **keywords: Any) -> Any:
    """The cotangent of what ``scipy.ndimage.convolve1d`` is given."""
    rule = lookup(ndimage.convolve1d)
    assert rule is not None
    return rule.vjps["input"](g, *args, **keywords)


# Filters that start from a state --------------------------------------------------------------


def lfilter(b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
    """As ``scipy.signal.lfilter(b, a, x, axis, zi)``: the result, and the state at the end.

    The transposed direct form II keeps the state ``zi`` for which ``A y = B x + zi``, in
    polynomials of the delay. A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing"
    (3rd edition), section 6.3.
    """
    b, a = np.asarray(b), np.asarray(a)
    x, state = _last(np.asarray(x), axis), _last(np.asarray(zi), axis) * a[0]
    count, order = np.shape(x)[-1], np.shape(state)[-1]
    x, state = _padded(x, order), _padded(state, count)
    y = signal.lfilter(b, a, x[..., :count])
    y = y + signal.lfilter([1.0], a, state[..., :count])
    rest = signal.lfilter(b, [1.0], x) - signal.lfilter(a, [1.0], _padded(y, order)) + state
    end = rest[..., count:] / a[0]
    return (y, end) if np.ndim(y) == 1 else (np.moveaxis(y, -1, axis), np.moveaxis(end, -1, axis))


def _last(x: Any, axis: Any) -> Any:
    return x if np.ndim(x) == 1 else np.moveaxis(x, axis, -1)


def _padded(x: Any, count: Any) -> Any:
    return np.concatenate([x, np.zeros((*np.shape(x)[:-1], count), dtype=x.dtype)], axis=-1)


def sosfilt(sos: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
    """As ``scipy.signal.sosfilt``: one section after the other."""
    if zi is None:
        for section in range(np.shape(sos)[0]):
            x = signal.lfilter(sos[section][:3], sos[section][3:], x, axis=axis)
        return x
    ends = []
    for section in range(np.shape(sos)[0]):
        x, end = lfilter(sos[section][:3], sos[section][3:], x, axis, zi[section])
        ends.append(end)
    return x, np.stack(ends)


# Both ways ------------------------------------------------------------------------------------


def _filtfilt(
    g: Any, ans: Any, b: Any, a: Any, x: Any, axis: Any = -1, padtype: Any = "odd",
    padlen: Any = None, method: Any = "pad", irlen: Any = None,
) -> Any:  # fmt: skip
    """Each way starts from the state that answers the first element, going on for ever."""
    if method != "pad" or padtype not in ("odd", "even", "constant", None):
        raise NotImplementedError("scipy.signal.filtfilt with method='gust'")
    margin = 0 if padtype is None else padlen
    if margin is None:
        margin = 3 * np.maximum(length(a, 0), length(b, 0))
    axis = axis % np.ndim(x)

    row_of_d: list[Any] = [0] * np.ndim(x)
    row_of_d[axis] = slice(None)

    def one_way(d: Any) -> Any:
        row = d if np.ndim(d) == 1 else d[tuple(row_of_d)]
        begin = np.sum(b) / np.sum(a) - filtered(b, a, np.ones_like(row))
        first = d @ begin if np.ndim(d) == 1 else np.tensordot(d, begin, axes=((axis,), (0,)))
        turned = np.flip(filtered(b, a, np.flip(d, axis), axis=axis), axis)
        return scatter(first, select_axis(axis, 0), d, turned)

    whole = np.pad(g, [(margin, margin) if k == axis else (0, 0) for k in range(np.ndim(g))])
    whole = one_way(np.flip(one_way(np.flip(whole, axis)), axis))
    return (
        whole if padtype is None or padlen == 0 else _without_margins(whole, padtype, margin, axis)
    )


def _filtfilt_forward(t: Any, ans: Any, b: Any, a: Any, x: Any, *rest: Any, **options: Any) -> Any:
    return filtfilt(b, a, t, *rest, **options)


def _without_margins(d: Any, padtype: Any, margin: Any, axis: int) -> Any:
    """The cotangent of a signal from that of what it was continued to at both ends."""
    before, d_x, after = (
        d[select_axis(axis, part)]
        for part in (slice(None, margin), slice(margin, -margin), slice(-margin, None))
    )
    for margin_d, end, mirrored in (
        (before, 0, slice(1, margin + 1)),
        (after, -1, slice(-margin - 1, -1)),
    ):
        if padtype != "even":
            total = np.sum(margin_d, axis=axis)
            total = 2 * total if padtype == "odd" else total
            d_x = scatter(total, select_axis(axis, end), d_x, d_x)
        if padtype != "constant":
            turned = np.flip(margin_d, axis)
            turned = -turned if padtype == "odd" else turned
            d_x = scatter(turned, select_axis(axis, mirrored), d_x, d_x)
    return d_x


# Least squares in windows ---------------------------------------------------------------------


def _savgol(
    g: Any, ans: Any, x: Any, window_length: Any, polyorder: Any, deriv: Any = 0, delta: Any = 1.0,
    axis: Any = -1, mode: Any = "interp", cval: Any = 0.0,
) -> Any:  # fmt: skip
    """A convolution, but at the ends, where a polynomial is fitted to the last window.

    A. Savitzky, M. J. E. Golay, "Smoothing and differentiation of data by simplified least squares
    procedures" (1964).
    """
    weights = savgol_coeffs(window_length, polyorder, deriv=deriv, delta=delta)
    if mode != "interp":
        return convolved(g, None, x, weights, axis=axis, mode=mode, cval=cval)
    if not isinstance(window_length, int) or window_length % 2 == 0:
        raise NotImplementedError("scipy.signal.savgol_filter with a window of no known odd length")
    half, axis = window_length // 2, axis % np.ndim(x)
    if half == 0:
        return convolved(g, None, x, weights, axis=axis)
    ends = savgol_filter(np.eye(window_length), window_length, polyorder, deriv, delta, axis=0)
    first, last = (select_axis(axis, end) for end in (slice(None, half), slice(-half, None)))
    middle = scatter(g[_inner(axis, half)], _inner(axis, half), x)
    d_x = convolved(middle, None, x, weights, axis=axis, mode="constant")
    for part, fit, window in (
        (first, ends[:half], slice(None, window_length)),
        (last, ends[-half:], slice(-window_length, None)),
    ):
        d_window = np.tensordot(fit, g[part], axes=((0,), (axis,)))
        d_window = d_window if axis == 0 else np.moveaxis(d_window, 0, axis)
        d_x = scatter(d_window, select_axis(axis, window), x, d_x)
    return d_x


def _inner(axis: int, half: int) -> Any:
    return select_axis(axis, slice(half, -half))


def _savgol_forward(
    t: Any, ans: Any, x: Any, window_length: Any, polyorder: Any, deriv: Any = 0, delta: Any = 1.0,
    axis: Any = -1, mode: Any = "interp", cval: Any = 0.0,
) -> Any:  # fmt: skip
    return savgol_filter(t, window_length, polyorder, deriv, delta, axis, mode)


variant(signal.lfilter, "zi", lfilter)
instead(signal.sosfilt, sosfilt)
vjp(signal.filtfilt, x=_filtfilt)
jvp(
    signal.filtfilt, x=lambda t, ans, b, a, x, *rest, **options: filtfilt(b, a, t, *rest, **options)
)
zero_derivative(signal.savgol_coeffs)
vjp(signal.savgol_filter, x=_savgol)
jvp(signal.savgol_filter, x=_savgol_forward)
