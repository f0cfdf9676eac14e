"""The rules of `adjoint.rules.scipy.signal`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import signal, special

from adjoint import check_grads, vjp
from adjoint.rules import lookup
from tests.rules.harness import check

lookup(special.gamma)
RNG = np.random.default_rng(59)
PAIRS = [((6,), (3,)), ((6,), (4,)), ((3,), (5,)), ((4, 5), (2, 3)), ((3, 3), (3, 2))]


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_convolutions(shapes: Any, mode: str) -> None:
    if mode == "valid" and shapes[0] == (3,):
        pytest.skip("the longer one second is refused")
    first, second = (RNG.normal(size=shape) for shape in shapes)
    for function in (signal.convolve, signal.fftconvolve, signal.correlate):
        check(function, first, second, mode=mode)
    for function in (signal.convolve, signal.fftconvolve):
        check(function, first + 1j * first, second - 2j, mode=mode)


@pytest.mark.parametrize("padtype", ["odd", "even", "constant", None])
def test_filters_both_ways(padtype: str | None) -> None:
    b, a = signal.butter(2, 0.3)
    check(signal.filtfilt, b, a, RNG.normal(size=7), argnums=[2], padtype=padtype, padlen=4)
    x = RNG.normal(size=(12, 2))
    check(signal.filtfilt, b, a, x, argnums=[2], axis=0, padtype=padtype)


@pytest.mark.parametrize("options", [{}, {"deriv": 1, "delta": 0.3}, {"mode": "nearest"}], ids=str)
def test_polynomials_in_windows(options: Any) -> None:
    check(signal.savgol_filter, RNG.normal(size=8), 5, 2, argnums=[0], **options)
    check(signal.savgol_filter, RNG.normal(size=(6, 2)), 3, 1, axis=0, argnums=[0], **options)


def test_filters_with_a_state() -> None:
    b, a = signal.butter(2, 0.3)
    sos = signal.butter(2, 0.3, output="sos")

    def in_parts(x: Any, state: Any) -> Any:
        y, state = signal.lfilter(b, 1.3 * a, x[:3], axis=0, zi=state)
        z, _ = signal.lfilter(b, 1.3 * a, x[3:], axis=0, zi=state)
        return np.concatenate([y, z])

    x, state = RNG.normal(size=(5, 2)), RNG.normal(size=(2, 2))
    whole = signal.lfilter(b, 1.3 * a, x, axis=0, zi=state)[0]
    np.testing.assert_allclose(vjp(in_parts, x, state)[0], whole, rtol=1e-10)
    check_grads(in_parts, (x, state))
    check_grads(lambda x, zi: signal.sosfilt(sos, x, zi=zi), (x[:, 0], state[:1]))


def test_filters() -> None:
    b, a = np.array([0.7, -0.4]), np.array([1.3, 0.4, -0.2])
    check(signal.lfilter, b, a, RNG.normal(size=7))
    check(signal.lfilter, RNG.normal(size=4), a, RNG.normal(size=3))
    check(signal.lfilter, b, a, RNG.normal(size=(3, 7)), argnums=[2])
    check(signal.lfilter, b, a, RNG.normal(size=(4, 3)), axis=0, argnums=[2])
