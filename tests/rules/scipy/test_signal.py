"""The rules of `adjoint.rules.scipy.signal` and `integrate`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, signal, special

from adjoint import Unsupported, grad
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


def test_filters() -> None:
    b, a = np.array([0.7, -0.4]), np.array([1.3, 0.4, -0.2])
    check(signal.lfilter, b, a, RNG.normal(size=7))
    check(signal.lfilter, RNG.normal(size=4), a, RNG.normal(size=3))
    check(signal.lfilter, b, a, RNG.normal(size=(3, 7)), argnums=[2])
    check(signal.lfilter, b, a, RNG.normal(size=(4, 3)), axis=0, argnums=[2])


def test_integrals_of_samples() -> None:
    y, weights, points = RNG.normal(size=(2, 6)), RNG.normal(size=(2, 6)), np.arange(6.0) ** 2

    def cumulated(y: Any) -> Any:
        return np.sum(weights * integrate.cumulative_trapezoid(y, points, initial=0))

    def whole(y: Any) -> Any:
        return np.sum(weights[:, 0] * integrate.trapezoid(y, dx=0.5))

    for function in (cumulated, whole):
        d_y = grad(function)(y)
        for index in np.ndindex(y.shape):
            unit = np.zeros_like(y)
            unit[index] = 1.0
            assert d_y[index] == pytest.approx(function(unit), abs=1e-12)  # they are linear


def test_solvers_are_refused() -> None:
    with pytest.raises(Unsupported, match="handed to code"):
        grad(lambda x: np.sum(integrate.odeint(lambda y, t: -y, x, np.arange(3.0))))(np.ones(2))
