"""Rules for ``scipy.signal``: convolutions and filters."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import signal

from adjoint.rules.products import conjugate
from adjoint.rules.registry import multilinear, vjp
from adjoint.rules.scipy.dispatch import dispatched

__all__: list[str] = []

correlate = dispatched(signal.correlate)
lfilter = dispatched(signal.lfilter)


# Convolution ----------------------------------------------------------------------------------
# The cotangent of one factor is that of the whole ("full") result, correlated with the other one.


def _whole(g: Any, in1: Any, in2: Any, mode: str) -> Any:
    """The cotangent of the result with mode="full", of which `g` is that of a part."""
    if mode == "full":
        return g
    margins = []
    for axis in range(np.ndim(g)):
        n, m = np.shape(in1)[axis], np.shape(in2)[axis]
        if mode == "same":
            before = (m - 1) // 2
        else:
            if not n >= m:
                raise NotImplementedError("mode='valid' with the longer array second")
            before = m - 1
        margins.append((before, n + m - 1 - before - np.shape(g)[axis]))
    return np.pad(g, tuple(margins))


def _convolve_1(g: Any, ans: Any, in1: Any, in2: Any, mode: str = "full", *_: Any) -> Any:
    return correlate(_whole(g, in1, in2, mode), conjugate(in2), mode="valid")


def _convolve_2(g: Any, ans: Any, in1: Any, in2: Any, mode: str = "full", *_: Any) -> Any:
    return correlate(_whole(g, in1, in2, mode), conjugate(in1), mode="valid")


def _correlate_1(g: Any, ans: Any, in1: Any, in2: Any, mode: str = "full", *_: Any) -> Any:
    """A correlation is the convolution with the other one reversed and conjugated."""
    return _convolve_1(g, ans, in1, conjugate(np.flip(in2)), mode)


def _correlate_2(g: Any, ans: Any, in1: Any, in2: Any, mode: str = "full", *_: Any) -> Any:
    return conjugate(np.flip(_convolve_2(g, ans, in1, in2, mode)))


def _convolved(rule: Any) -> Any:
    def with_method(
        g: Any, ans: Any, in1: Any, in2: Any, mode: str = "full", method: str = "auto"
    ) -> Any:
        return rule(g, ans, in1, in2, mode)

    return with_method


def _by_transform(rule: Any) -> Any:
    def with_axes(
        g: Any, ans: Any, in1: Any, in2: Any, mode: str = "full", axes: Any = None
    ) -> Any:
        if axes is not None and np.ndim(in1) != 1:
            raise NotImplementedError("scipy.signal.fftconvolve along some axes")
        return rule(g, ans, in1, in2, mode)

    return with_axes


multilinear(signal.convolve, in1=_convolved(_convolve_1), in2=_convolved(_convolve_2))
multilinear(signal.fftconvolve, in1=_by_transform(_convolve_1), in2=_by_transform(_convolve_2))
multilinear(signal.correlate, in1=_convolved(_correlate_1), in2=_convolved(_correlate_2))


# Filters --------------------------------------------------------------------------------------


def _lfilter_x(g: Any, ans: Any, b: Any, a: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    along = {} if axis == -1 else {"axis": axis}
    return np.flip(lfilter(b, a, np.flip(g, axis), **along), axis)


def _coefficients(g: Any, delayed: Any, like: Any) -> Any:
    """The sums of ``g[n] * delayed[n - k]``, one for each coefficient of `like`."""
    if np.ndim(g) != 1:
        raise NotImplementedError(
            "the coefficients of scipy.signal.lfilter of more than one signal"
        )
    n, m = np.shape(g)[0], np.shape(like)[0]
    sums = np.correlate(g, conjugate(delayed), "full")[n - 1 : n - 1 + m]
    return sums if n >= m else np.pad(sums, (0, m - n))


def _lfilter_b(g: Any, ans: Any, b: Any, a: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    return _coefficients(g, lfilter([1.0], a, x), b)


def _lfilter_a(g: Any, ans: Any, b: Any, a: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    """From ``a[0] y[n] + a[1] y[n - 1] + ... = b[0] x[n] + ...``, differentiated by `a`."""
    return -_coefficients(g, lfilter([1.0], a, ans), a)


vjp(signal.lfilter, b=_lfilter_b, a=_lfilter_a, x=_lfilter_x)
