"""The rules of `adjoint.rules.scipy.signal`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import signal, special

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
