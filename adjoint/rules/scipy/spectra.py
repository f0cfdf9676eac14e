"""Functions of ``scipy.signal`` that are read as transforms of pieces: spectra, and resampling.

A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing" (3rd edition), chapters 4 and
10, and P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra" (1967).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import signal

from adjoint.rules.directives import is_as_long, refuse, same_length
from adjoint.rules.registry import instead, vjp, zero_derivative

__all__: list[str] = []


def _window_by_its_shape(g: Any, ans: Any, window: Any, *_: Any, **__: Any) -> Any:
    refuse("get_window by the shape of the window", "write the window as a formula")


vjp(signal.get_window, window=_window_by_its_shape)
zero_derivative(
    *(
        getattr(signal.windows, name)
        for name in (
            "hann", "hamming", "blackman", "bartlett", "boxcar", "flattop", "nuttall",
            "blackmanharris", "cosine", "triang", "parzen", "bohman", "barthann", "lanczos",
        )
    )
)  # fmt: skip


def _brought_last(x: Any, axis: Any) -> Any:
    x = np.asarray(x)
    return x if axis == -1 or np.ndim(x) == 1 else np.moveaxis(x, axis, -1)


def _brought_back(x: Any, axis: Any) -> Any:
    return x if axis == -1 or np.ndim(x) == 1 else np.moveaxis(x, -1, axis)


# Resampling -----------------------------------------------------------------------------------


def resample(
    x: Any, num: Any, t: Any = None, axis: Any = 0, window: Any = None, domain: Any = "time"
) -> Any:
    """As ``scipy.signal.resample`` of samples in time."""
    if t is not None or window is not None or domain != "time":
        refuse("scipy.signal.resample with t, window or domain", "leave these away")
    x = _brought_last(x, axis)
    count = np.shape(x)[-1]
    if same_length(num, count):
        return _brought_back(x, axis)
    if x.dtype.kind == "c":
        refuse("scipy.signal.resample of complex samples", "resample both parts")
    # Where their number is even, the highest frequency stands for two, or is one of two.
    terms, fewer, at_end = np.fft.rfft(x), count, 0.5
    if not is_as_long(num, count):
        terms, fewer, at_end = terms[..., : num // 2 + 1], num, 2.0
    weights = np.where(2 * np.arange(np.shape(terms)[-1]) == fewer, at_end, 1.0) * (num / count)
    return _brought_back(np.fft.irfft(terms * weights, num), axis)


# Spectra of pieces ----------------------------------------------------------------------------


def _window(window: Any, nperseg: Any, count: Any) -> Any:
    """The weights in a piece, and how long it is."""
    if not isinstance(window, str | tuple):
        window = np.asarray(window)
        return window, len(window)
    nperseg = 256 if nperseg is None else nperseg
    nperseg = nperseg if is_as_long(count, nperseg) else count
    return signal.get_window(window, nperseg), nperseg


def _pieces(x: Any, window: Any, nperseg: Any, noverlap: Any, nfft: Any, detrend: Any) -> Any:
    """The transforms of pieces that overlap: frequencies are the last axis."""
    step = nperseg - noverlap
    pieces = np.lib.stride_tricks.sliding_window_view(x, nperseg, axis=-1)[..., ::step, :]
    if callable(detrend):
        refuse("a spectrum with a function for detrend", "pass 'constant', 'linear' or False")
    if detrend in ("constant", "c"):
        pieces = pieces - np.mean(pieces, axis=-1, keepdims=True)
    elif detrend:
        pieces = signal.detrend(pieces, type="linear")
    return np.fft.rfft(pieces * window, nfft)


def _known(x: Any, scaling: Any, return_onesided: Any) -> None:
    if x.dtype.kind == "c" or not return_onesided:
        refuse("a spectrum of complex samples, or with both sides", "write it with np.fft.fft")
    if scaling not in ("density", "spectrum"):
        refuse("a spectrum with another scaling", "pass 'density' or 'spectrum'")


def _scale(window: Any, fs: Any, scaling: Any) -> Any:
    if scaling == "density":
        return 1.0 / (fs * np.sum(window * window))
    return 1.0 / np.sum(window) ** 2


def _doubled(power: Any, nfft: Any) -> Any:
    """Each frequency, but zero and the highest of an even number, stands for two."""
    k = np.arange(nfft // 2 + 1)
    return power * np.where((k == 0) | (2 * k == nfft), 1, 2)


def csd(
    x: Any, y: Any, fs: Any = 1.0, window: Any = "hann", nperseg: Any = None,
    noverlap: Any = None, nfft: Any = None, detrend: Any = "constant",
    return_onesided: Any = True, scaling: Any = "density", axis: Any = -1,
    average: Any = "mean",
) -> Any:  # fmt: skip
    """As ``scipy.signal.csd`` of real samples."""
    x, y = _brought_last(x, axis), _brought_last(y, axis)
    _known(x, scaling, return_onesided)
    _known(y, scaling, return_onesided)
    if average != "mean":
        refuse("a spectrum that is the median of its pieces", "pass average='mean'")
    if not same_length(np.shape(x)[-1], np.shape(y)[-1]):
        refuse("a spectrum of more samples of one than of the other", "pad the fewer with zeros")
    weights, nperseg = _window(window, nperseg, np.shape(x)[-1])
    noverlap = nperseg // 2 if noverlap is None else noverlap
    nfft = nperseg if nfft is None else nfft
    given = (weights, nperseg, noverlap, nfft, detrend)
    products = np.conj(_pieces(x, *given)) * _pieces(y, *given)
    power = _doubled(np.mean(products, axis=-2), nfft) * _scale(weights, fs, scaling)
    return np.fft.rfftfreq(nfft, 1 / fs), _brought_back(power, axis)


def welch(
    x: Any, fs: Any = 1.0, window: Any = "hann", nperseg: Any = None, noverlap: Any = None,
    nfft: Any = None, detrend: Any = "constant", return_onesided: Any = True,
    scaling: Any = "density", axis: Any = -1, average: Any = "mean",
) -> Any:  # fmt: skip
    """As ``scipy.signal.welch`` of real samples."""
    frequencies, _, power = _power(
        x, fs, window, nperseg, noverlap, nfft, detrend, return_onesided, scaling, axis, 2
    )
    if average != "mean":
        refuse("a spectrum that is the median of its pieces", "pass average='mean'")
    return frequencies, _brought_back(np.mean(power, axis=-2), axis)


def _power(
    x: Any, fs: Any, window: Any, nperseg: Any, noverlap: Any, nfft: Any, detrend: Any,
    return_onesided: Any, scaling: Any, axis: Any, share: Any,
) -> Any:  # fmt: skip
    """The frequencies, the times and the power in each piece; `share` says how much overlaps."""
    x = _brought_last(x, axis)
    _known(x, scaling, return_onesided)
    count = np.shape(x)[-1]
    weights, nperseg = _window(window, nperseg, count)
    noverlap = nperseg // share if noverlap is None else noverlap
    nfft = nperseg if nfft is None else nfft
    terms = _pieces(x, weights, nperseg, noverlap, nfft, detrend)
    power = _doubled(np.abs(terms) ** 2, nfft) * _scale(weights, fs, scaling)
    times = np.arange(nperseg / 2, count - nperseg / 2 + 1, nperseg - noverlap) / fs
    return np.fft.rfftfreq(nfft, 1 / fs), times, power


def periodogram(
    x: Any, fs: Any = 1.0, window: Any = "boxcar", nfft: Any = None, detrend: Any = "constant",
    return_onesided: Any = True, scaling: Any = "density", axis: Any = -1,
) -> Any:  # fmt: skip
    """As ``scipy.signal.periodogram`` of real samples."""
    count = np.shape(x)[axis]
    if nfft is not None and not is_as_long(nfft, count):
        refuse("a periodogram of fewer frequencies than samples", "take the samples before it")
    window = "boxcar" if window is None else window
    return welch(x, fs, window, count, 0, nfft, detrend, return_onesided, scaling, axis)


def coherence(
    x: Any, y: Any, fs: Any = 1.0, window: Any = "hann", nperseg: Any = None,
    noverlap: Any = None, nfft: Any = None, detrend: Any = "constant", axis: Any = -1,
) -> Any:  # fmt: skip
    """As ``scipy.signal.coherence`` of real samples."""
    given = {
        "fs": fs, "window": window, "nperseg": nperseg, "noverlap": noverlap, "nfft": nfft,
        "detrend": detrend, "axis": axis,
    }  # fmt: skip
    frequencies, of_x = welch(x, **given)
    _, of_y = welch(y, **given)
    _, of_both = csd(x, y, **given)
    return frequencies, np.abs(of_both) ** 2 / of_x / of_y


def spectrogram(
    x: Any, fs: Any = 1.0, window: Any = ("tukey", 0.25), nperseg: Any = None,
    noverlap: Any = None, nfft: Any = None, detrend: Any = "constant",
    return_onesided: Any = True, scaling: Any = "density", axis: Any = -1, mode: Any = "psd",
) -> Any:  # fmt: skip
    """As ``scipy.signal.spectrogram`` of real samples, with their power."""
    if mode != "psd":
        refuse("scipy.signal.spectrogram with another mode", "write scipy.signal.stft")
    frequencies, times, power = _power(
        x, fs, window, nperseg, noverlap, nfft, detrend, return_onesided, scaling, axis, 8
    )
    power = np.swapaxes(power, -1, -2)
    return frequencies, times, power if axis == -1 else np.moveaxis(power, -2, axis)


def stft(
    x: Any, fs: Any = 1.0, window: Any = "hann", nperseg: Any = 256, noverlap: Any = None,
    nfft: Any = None, detrend: Any = False, return_onesided: Any = True,
    boundary: Any = "zeros", padded: Any = True, axis: Any = -1, scaling: Any = "spectrum",
) -> Any:  # fmt: skip
    """As ``scipy.signal.stft`` of real samples."""
    if boundary not in ("zeros", None) or axis != -1:
        refuse("scipy.signal.stft with another boundary or axis", "pad, or move the axis before it")
    x = np.asarray(x)
    scaling = "density" if scaling == "psd" else scaling
    _known(x, scaling, return_onesided)
    weights, nperseg = _window(window, nperseg, np.shape(x)[-1])
    noverlap = nperseg // 2 if noverlap is None else noverlap
    nfft, step = nperseg if nfft is None else nfft, nperseg - noverlap
    edge = 0 if boundary is None else nperseg // 2
    length = np.shape(x)[-1] + 2 * edge
    behind = (-(length - nperseg) % step) % nperseg if padded else 0
    around = [np.zeros((*np.shape(x)[:-1], n), x.dtype) for n in (edge, edge + behind)]
    x = np.concatenate([around[0], x, around[1]], axis=-1)
    terms = _pieces(x, weights, nperseg, noverlap, nfft, detrend)
    terms = np.swapaxes(terms, -1, -2) * np.sqrt(_scale(weights, fs, scaling))
    times = np.arange(nperseg / 2, length + behind - nperseg / 2 + 1, step)
    times = times / fs if boundary is None else (times - nperseg / 2) / fs
    return np.fft.rfftfreq(nfft, 1 / fs), times, terms


for _equivalent in (
    resample, csd, welch, periodogram, coherence, spectrogram, stft,
):  # fmt: skip
    instead(getattr(signal, _equivalent.__name__), _equivalent)
