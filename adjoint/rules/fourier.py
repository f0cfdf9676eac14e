"""Rules for ``numpy.fft``.

The matrix of a transform is symmetric, so a transform gives its own cotangent: what is padded on
the way in is cropped on the way out. A transform to or from real signals leaves half of its terms
out; those that stand for two count twice. See A. V. Oppenheim and R. W. Schafer, "Discrete-Time
Signal Processing" (3rd edition), sections 8.1 and 8.2, for the sums and their symmetries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.rules.products import conjugate
from adjoint.rules.registry import linear, rearrangement, vjp

__all__ = ["fitted"]

Transform = Callable[..., Any]

#: The scaling of the transform the other way.
_SWAPPED = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def _norm(norm: str | None) -> dict[str, Any]:
    """The keyword `norm`, where it is not the default."""
    return {} if norm in (None, "backward") else {"norm": norm}


def _along(axis: int) -> dict[str, Any]:
    return {} if axis == -1 else {"axis": axis}


def fitted(d: Any, a: Any, axes: Any) -> Any:
    """The cotangent `d` of a signal as it was transformed, cropped and padded to that of `a`."""
    index: list[Any] = [slice(None)] * np.ndim(a)
    margins: list[Any] = [(0, 0)] * np.ndim(a)
    cropped = padded = False
    for axis in axes:
        have, want = np.shape(d)[axis], np.shape(a)[axis]
        if bool(have > want):
            index[axis], cropped = slice(None, want), True
        elif bool(want > have):
            margins[axis], padded = (0, want - have), True
    if cropped:
        d = d[tuple(index) if len(index) > 1 else index[0]]
    return np.pad(d, tuple(margins) if len(margins) > 1 else margins[0]) if padded else d


def _weights(d: Any, length: Any, axis: int) -> Any:
    """How many terms of the whole transform each of the half spectrum `d` stands for."""
    k = np.arange(np.shape(d)[axis], like=d)
    alone = (k == 0) | (k == length / 2)
    counts = np.where(alone, 1, 2)
    after = np.ndim(d) - 1 - axis % np.ndim(d)
    return counts if after == 0 else np.expand_dims(counts, tuple(range(1, 1 + after)))


# One axis --------------------------------------------------------------------------------------


def _one(transform: Transform) -> Transform:
    """The rule of fft and ifft."""

    def rule(
        g: Any, ans: Any, a: Any, n: Any = None, axis: int = -1, norm: str | None = None
    ) -> Any:
        d = transform(g, **_along(axis), **_norm(norm))
        return d if n is None else fitted(d, a, (axis,))

    return rule


def _rfft(g: Any, ans: Any, a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Any:
    length = np.shape(a)[axis] if n is None else n
    d = np.real(np.fft.fft(g, length, **_along(axis), **_norm(norm)))
    return d if n is None else fitted(d, a, (axis,))


def _irfft(g: Any, ans: Any, a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Any:
    d = np.conj(np.fft.rfft(g, **_along(axis), **_norm(_SWAPPED[norm])))
    d = d * _weights(d, np.shape(g)[axis], axis)
    return d if n is None else fitted(d, a, (axis,))


def _hfft(g: Any, ans: Any, a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Any:
    """``hfft(a)`` is the irfft of ``conj(a)``, scaled the other way."""
    return np.conj(_irfft(g, ans, a, n, axis, _SWAPPED[norm]))


def _ihfft(g: Any, ans: Any, a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Any:
    """``ihfft(a)`` is the conjugate of ``rfft(a)``, scaled the other way."""
    return _rfft(conjugate(g), ans, a, n, axis, _SWAPPED[norm])


linear(np.fft.fft, a=_one(np.fft.fft))
linear(np.fft.ifft, a=_one(np.fft.ifft))
linear(np.fft.rfft, a=_rfft)
linear(np.fft.irfft, a=_irfft)
linear(np.fft.hfft, a=_hfft)
linear(np.fft.ihfft, a=_ihfft)


# Several axes ----------------------------------------------------------------------------------


def _axes(a: Any, s: Any, axes: Any) -> tuple[int, ...]:
    if axes is None:
        count = np.ndim(a) if s is None else len(s)
        return tuple(range(-count, 0))
    return tuple(axes)


def _several(transform: Transform, default: Any) -> Transform:
    """The rule of fft2, ifft2, fftn and ifftn."""

    def rule(
        g: Any, ans: Any, a: Any, s: Any = None, axes: Any = default, norm: str | None = None
    ) -> Any:
        own = _axes(a, s, axes)
        places = {} if own == default else {"axes": own}
        d = transform(g, **places, **_norm(norm))
        return d if s is None else fitted(d, a, own)

    return rule


def _real(default: Any) -> Transform:
    """The rule of rfft2 and rfftn."""

    def rule(
        g: Any, ans: Any, a: Any, s: Any = None, axes: Any = default, norm: str | None = None
    ) -> Any:
        own = _axes(a, s, axes)
        lengths = tuple(np.shape(a)[axis] for axis in own) if s is None else tuple(s)
        d = np.real(np.fft.fftn(g, lengths, own, **_norm(norm)))
        return d if s is None else fitted(d, a, own)

    return rule


def _from_half(default: Any) -> Transform:
    """The rule of irfft2 and irfftn."""

    def rule(
        g: Any, ans: Any, a: Any, s: Any = None, axes: Any = default, norm: str | None = None
    ) -> Any:
        own = _axes(a, s, axes)
        d = np.conj(np.fft.rfftn(g, axes=own, **_norm(_SWAPPED[norm])))
        d = d * _weights(d, np.shape(g)[own[-1]], own[-1])
        return d if s is None else fitted(d, a, own)

    return rule


_LAST_TWO = (-2, -1)
linear(np.fft.fft2, a=_several(np.fft.fft2, _LAST_TWO))
linear(np.fft.ifft2, a=_several(np.fft.ifft2, _LAST_TWO))
linear(np.fft.fftn, a=_several(np.fft.fftn, None))
linear(np.fft.ifftn, a=_several(np.fft.ifftn, None))
linear(np.fft.rfft2, a=_real(_LAST_TWO))
linear(np.fft.rfftn, a=_real(None))
linear(np.fft.irfft2, a=_from_half(_LAST_TWO))
linear(np.fft.irfftn, a=_from_half(None))


# Orders and frequencies ------------------------------------------------------------------------


def _frequencies(g: Any, ans: Any, n: Any, d: Any = 1.0, device: Any = None) -> Any:
    return -(g @ ans) / d


def _shift(transform: Transform) -> Transform:
    def rule(g: Any, ans: Any, x: Any, axes: Any = None) -> Any:
        return transform(g) if axes is None else transform(g, axes)

    return rule


rearrangement(np.fft.fftshift, x=_shift(np.fft.ifftshift))
rearrangement(np.fft.ifftshift, x=_shift(np.fft.fftshift))
vjp(np.fft.fftfreq, d=_frequencies)
vjp(np.fft.rfftfreq, d=_frequencies)
