"""The rules of `adjoint.rules.fourier`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.rules.harness import check

RNG = np.random.default_rng(41)
COMPLEX = (np.fft.fft, np.fft.ifft, np.fft.irfft, np.fft.hfft)
REAL = (np.fft.rfft, np.fft.ihfft)


def draw(*shape: int, complex_: bool = False) -> Any:
    real = RNG.normal(size=shape)
    return real + 1j * RNG.normal(size=shape) if complex_ else real


@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
@pytest.mark.parametrize("n", [None, 3, 4, 7])
@pytest.mark.parametrize(("shape", "axis"), [((6,), -1), ((3, 5), 1), ((4, 2), 0)], ids=str)
@pytest.mark.sampled(2)
def test_one_axis(shape: Any, axis: int, n: Any, norm: Any) -> None:
    for transform in (*COMPLEX, *REAL):
        check(transform, draw(*shape), n=n, axis=axis, norm=norm)
    for transform in COMPLEX:
        check(transform, draw(*shape, complex_=True), n=n, axis=axis, norm=norm)


@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
@pytest.mark.parametrize(
    ("shape", "where"),
    [
        ((4, 5), {}),
        ((3, 4), {"s": (5, 3)}),
        ((2, 4, 4), {"axes": (0, 2)}),
        ((2, 4, 5), {"s": (4, 4), "axes": (2, 0)}),
    ],
    ids=str,
)
def test_several_axes(shape: Any, where: Any, norm: Any) -> None:
    two: Any = (np.fft.fft2, np.fft.ifft2, np.fft.irfft2)
    several: Any = (np.fft.fftn, np.fft.ifftn, np.fft.irfftn)
    if "s" in where and "axes" not in where:  # NumPy wants axes with s
        several = ()
    for transform in (*two, *several):
        check(transform, draw(*shape, complex_=True), norm=norm, **where)
    for transform in (np.fft.rfft2, *((np.fft.fftn, np.fft.rfftn) if several else ())):
        check(transform, draw(*shape), norm=norm, **where)


@pytest.mark.parametrize("axes", [None, 0, (0, 1)])
def test_shifts(axes: Any) -> None:
    check(np.fft.fftshift, draw(3, 4), axes=axes)
    check(np.fft.ifftshift, draw(3, 5), axes=axes)


def test_frequencies() -> None:
    check(np.fft.fftfreq, 5, 0.3)
    check(np.fft.rfftfreq, 6, 0.3)
