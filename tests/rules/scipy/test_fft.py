"""The rules of `adjoint.rules.scipy.fft`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import fft

from adjoint import Unsupported, grad
from tests.rules.whole import check_program

RNG = np.random.default_rng(17)
V, M, C = RNG.normal(size=6), RNG.normal(size=(3, 4)), RNG.normal(size=(2, 3, 4))
Z = M + 1j * RNG.normal(size=M.shape)

LIKE_NUMPY: list[Any] = [
    (lambda a: fft.fft(a), V),
    (lambda a: fft.fft(a), Z),
    (lambda a: fft.fft(a), np.asarray(V, np.float32)),
    (lambda a: fft.ifft(a, 4, axis=0, norm="ortho"), M),
    (lambda a: fft.rfft(a, workers=1), M),
    (lambda a: fft.irfft(a), Z),
    (lambda a: fft.hfft(a, 5), Z),
    (lambda a: fft.ihfft(a), V),
    (lambda a: fft.fft2(a), C),
    (lambda a: fft.irfft2(a), Z),
    (lambda a: fft.fftn(a), M),
    (lambda a: fft.fftn(a, s=(5, 3)), C),
    (lambda a: fft.rfftn(a, axes=(0, 1)), C),
    (lambda a: fft.hfftn(a, s=(2, 5)), Z),
    (lambda a: fft.hfft2(a, norm="ortho"), Z),
    (lambda a: fft.ihfftn(a, axes=(1, 0)), M),
    (lambda a: fft.ihfft2(a, (2, 5)), M),
    (lambda a: fft.fftshift(a), M),
]
SEVERAL: list[Any] = [
    (lambda a: fft.dctn(a, norm="ortho"), M),
    (lambda a: fft.idctn(a, axes=(0,)), M),
    (lambda a: fft.dstn(a, type=3), M),
    (lambda a: fft.idstn(a), np.asarray(M, np.float32)),
    (lambda a: fft.dctn(a, s=(5, 2)), C),
    (lambda a: fft.idstn(a, s=(5, 2), axes=(1, 0), norm="ortho"), M),
    (lambda a: fft.dct(a, n=8), V),
    (lambda a: fft.dst(a, 1, n=2, axis=0), M),
    (lambda a: fft.idct(a, n=5, norm="ortho", orthogonalize=True), M),
]


@pytest.mark.parametrize(("fun", "x"), [*LIKE_NUMPY, *SEVERAL])
def test_both_modes(fun: Any, x: Any) -> None:
    check_program(fun, x)


@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
@pytest.mark.parametrize("kind", [1, 2, 3, 4])
@pytest.mark.parametrize("name", ["dct", "dst", "idct", "idst"])
def test_sines_and_cosines(name: str, kind: int, norm: Any) -> None:
    transform = getattr(fft, name)
    check_program(lambda a: transform(a, kind, norm=norm), V, second_order=False)
    check_program(lambda a: transform(a, kind, axis=0, norm=norm), M, second_order=False)


@pytest.mark.parametrize("name", ["dct", "idct", "dctn", "idst"])
def test_other_weights_of_the_ends_are_refused(name: str) -> None:
    transform = getattr(fft, name)
    with pytest.raises(Unsupported, match="orthogonalize=False: leave orthogonalize away"):
        grad(lambda a: np.sum(transform(a, norm="ortho", orthogonalize=False)))(V)


def test_it_reads_as_by_hand() -> None:
    gradient = grad(lambda a: np.sum(fft.dct(a) ** 3))
    gradient(V)
    assert "dct(np.concatenate([2 * d_t[:1], d_t[1:]]), type=3)" in gradient.source
