"""Functions of `adjoint.rules.scipy.spectra`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import signal

from adjoint import Unsupported, grad
from tests.rules.whole import check_program

RNG = np.random.default_rng(83)
X, Y, ROWS = RNG.normal(size=20), RNG.normal(size=20), RNG.normal(size=(9, 2))
BELL = signal.get_window("hann", 8)

CASES: list[Any] = [
    (lambda x: signal.resample(x, 12), X),
    (lambda x: signal.resample(x, 13), X),
    (lambda x: signal.resample(x, 30), X),
    (lambda x: signal.resample(x, 20), X),
    (lambda x: signal.resample(x, 14, axis=0), ROWS),
    (lambda x: signal.resample(x, 6), ROWS[:, 0]),
    (lambda x: signal.welch(x, nperseg=8)[1], X),
    (lambda x: signal.welch(x, 2.0, BELL, noverlap=2, nfft=9, scaling="spectrum")[1], X),
    (lambda x: signal.welch(x, nperseg=5, detrend="linear", axis=0)[1], ROWS),
    (lambda x: signal.periodogram(x, 3.0)[1][1:], X),
    (lambda x: signal.periodogram(x, nfft=32, detrend=False)[1], X),
    (lambda x, y: np.abs(signal.csd(x, y, nperseg=8)[1]), X, Y),
    (lambda x, y: signal.coherence(x, y, nperseg=8)[1], X, Y),
    (lambda x: signal.spectrogram(x, 2.0, nperseg=8, noverlap=3)[2], X),
    (lambda x: np.abs(signal.stft(x, nperseg=8)[2]), X),
    (lambda x: np.abs(signal.stft(x, 2.0, nperseg=7, noverlap=2, boundary=None)[2]), X),
    (lambda x: np.abs(signal.stft(x, nperseg=8, padded=False, scaling="psd")[2]), ROWS.T),
]


@pytest.mark.parametrize(("fun", "args"), [(fun, args) for fun, *args in CASES])
@pytest.mark.sampled(3)
def test_programs(fun: Any, args: Any) -> None:
    check_program(fun, *args)


def test_frequencies_and_times() -> None:
    def of_all(x: Any) -> Any:
        frequencies, times, power = signal.spectrogram(x, 2.0, nperseg=8)
        return np.sum(frequencies[:, None] * times * power)

    check_program(of_all, X)


def test_what_is_refused() -> None:
    for message, fun in (
        ("of complex samples", lambda x: signal.welch(x + 1j, nperseg=8)[1].real),
        ("the median of its pieces", lambda x: signal.welch(x, nperseg=8, average="median")[1]),
        ("more samples of one", lambda x: signal.csd(x, x[:8], nperseg=8)[1].real),
        ("with t, window", lambda x: signal.resample(x, 9, window="hann")),
    ):
        with pytest.raises(Unsupported, match=message):
            grad(lambda x, f=fun: np.sum(f(x)))(X)
