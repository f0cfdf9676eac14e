"""Functions of ``scipy.signal`` that are read as transforms, convolutions and filters."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import signal

from adjoint.rules.directives import refuse
from adjoint.rules.registry import instead, zero_derivative

__all__: list[str] = []


def hilbert(x: Any, N: Any = None, axis: Any = -1) -> Any:  # noqa: N803 (SciPy's own name)
    """As ``scipy.signal.hilbert``: the analytic signal."""
    x = np.asarray(x)
    count = np.shape(x)[axis] if N is None else N
    k = np.arange(count)
    # Zero and the highest frequency count once, those below twice, those above not at all.
    weights = np.where((k == 0) | (2 * k == count), 1, np.where(2 * k < count, 2, 0))
    behind = np.ndim(x) - 1 - axis % np.ndim(x)
    weights = np.expand_dims(weights, tuple(range(1, behind + 1))) if behind > 0 else weights
    return np.fft.ifft(np.fft.fft(x, count, axis=axis) * weights, axis=axis)


def detrend(
    data: Any, axis: Any = -1, type: Any = "linear", bp: Any = 0,
    overwrite_data: Any = False,
) -> Any:  # fmt: skip
    """As ``scipy.signal.detrend`` without break points."""
    if not isinstance(bp, int) or bp != 0:
        refuse("scipy.signal.detrend with break points", "detrend the parts by themselves")
    data = np.asarray(data)
    apart = data - np.mean(data, axis=axis, keepdims=True)
    if type in ("constant", "c"):
        return apart
    count = np.shape(data)[axis]
    times = np.arange(count) - (count - 1) / 2
    behind = np.ndim(data) - 1 - axis % np.ndim(data)
    times = np.expand_dims(times, tuple(range(1, behind + 1))) if behind > 0 else times
    slope = np.sum(apart * times, axis=axis, keepdims=True) * 12 / (count * (count**2 - 1))
    return apart - slope * times


def oaconvolve(in1: Any, in2: Any, mode: Any = "full", axes: Any = None) -> Any:
    """As ``scipy.signal.oaconvolve``, which adds up in another order."""
    return signal.fftconvolve(in1, in2, mode=mode, axes=axes)


def convolve2d(
    in1: Any, in2: Any, mode: Any = "full", boundary: Any = "fill", fillvalue: Any = 0
) -> Any:
    """As ``scipy.signal.convolve2d`` with zeros around."""
    _require_zeros(boundary, fillvalue)
    return signal.convolve(in1, in2, mode=mode, method="direct")


def correlate2d(
    in1: Any, in2: Any, mode: Any = "full", boundary: Any = "fill", fillvalue: Any = 0
) -> Any:
    """As ``scipy.signal.correlate2d`` with zeros around."""
    _require_zeros(boundary, fillvalue)
    return signal.correlate(in1, in2, mode=mode, method="direct")


def _require_zeros(boundary: Any, fillvalue: Any) -> None:
    if boundary not in ("fill", "pad") or not isinstance(fillvalue, int | float) or fillvalue != 0:
        refuse("a convolution with other than zeros around", "pad before it, and use mode='valid'")


for _equivalent in (hilbert, detrend, oaconvolve, convolve2d, correlate2d):
    instead(getattr(signal, _equivalent.__name__), _equivalent)
zero_derivative(signal.find_peaks, signal.argrelmax, signal.argrelmin, signal.argrelextrema)
