"""Functions of `adjoint.rules.scipy.structured` and `adjoint.rules.scipy.filters`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import linalg, signal

from adjoint import Unsupported, grad
from tests.rules.whole import check_program

RNG = np.random.default_rng(31)
V, M, S = RNG.normal(size=5), RNG.normal(size=(3, 4)), RNG.normal(size=(3, 3))
Z, Q = S + 1j * RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3))
FIRST, LONG = V + 5 * np.eye(5)[0], RNG.normal(size=(12, 2))
SECTIONS = signal.butter(4, 0.3, output="sos")


def adj(a: Any) -> Any:
    return np.conj(a.T)


MATRICES: list[Any] = [
    (lambda a: linalg.circulant(a), V),
    (lambda a: linalg.circulant(a), np.asarray(V, np.float32)),
    (lambda a: linalg.hankel(a), V),
    (lambda a, b: linalg.hankel(a, b), V, 2 * V[:3]),
    (lambda a: linalg.companion(a), np.asarray(V, np.float32)),
    (lambda a: linalg.companion(a), V),
    (lambda a: linalg.convolution_matrix(a, 4), V),
    (lambda a, b: linalg.khatri_rao(a, b), M, 2 * M[:2]),
    (lambda a, q: linalg.solve_continuous_lyapunov(a, q), S, Q),
    (lambda a, q: linalg.solve_continuous_lyapunov(a, q), Z, Q + 0j),
    (lambda a, q: linalg.solve_discrete_lyapunov(a, q), 0.4 * S, Q),
    (lambda a, q: linalg.solve_discrete_lyapunov(a, q), 0.3 * Z, Q + 0j),
    (lambda a, b: linalg.solve_toeplitz(a, b), FIRST, V),
    (lambda a, r, b: linalg.solve_toeplitz((a, r), b), FIRST, 0.3 * V, V),
    (lambda a, b: linalg.solve_circulant(a, b), FIRST, V),
    (lambda a, b: linalg.lstsq(a, b)[0], RNG.normal(size=(5, 3)), V),
    (lambda a, b: linalg.lstsq(a, b)[1], RNG.normal(size=(5, 3)), V),
    (lambda a, b: linalg.lstsq(a, b)[0], RNG.normal(size=(5, 7)), V),
    (lambda a: np.abs(linalg.eigvals(a)), Z),
    (lambda a: np.abs(linalg.eig(a)[1]), Z),
    (lambda a: linalg.fractional_matrix_power(a, 0.4), 2 * np.eye(3) + 0.2 * Z),
    (lambda a, b: linalg.eigvalsh(a + a.T, b @ b.T + np.eye(3)), S, Q),
    (lambda a, b: np.abs(linalg.eigh(a + a.T, b @ b.T + np.eye(3))[1]), S, Q),
    (lambda a, b: linalg.eigh(a + adj(a), b @ adj(b) + np.eye(3), lower=False)[0], Z, Z @ Z),
    (lambda a, b: np.abs(linalg.eigh(a + adj(a), b @ adj(b) + np.eye(3))[1]), Z, Z @ Z),
    (lambda d, e: linalg.eigvalsh_tridiagonal(d, e), V, 2 + M[0]),
    (lambda d, e: np.abs(linalg.eigh_tridiagonal(d, e)[1]), V, 2 + M[0]),
]
FILTERS: list[Any] = [
    (lambda x: signal.hilbert(x), V),
    (lambda x: np.abs(signal.hilbert(x, axis=0)), LONG),
    (lambda x: signal.hilbert(x, 8), np.asarray(V, np.float32)),
    (lambda x: signal.detrend(x), V),
    (lambda x: signal.detrend(x, axis=0), LONG),
    (lambda x: signal.detrend(x, axis=0, type="constant"), M),
    (lambda x: signal.sosfilt(SECTIONS, x, axis=0), LONG),
    (lambda a, b: signal.oaconvolve(a, b, "same"), V, M[0]),
    (lambda a, b: signal.convolve2d(a, b, mode="valid"), M, S[:2, :2]),
    (lambda a, b: signal.correlate2d(a, b, "same"), M, S),
]


@pytest.mark.filterwarnings("ignore:logm result may be inaccurate")  # by 1e-11
@pytest.mark.parametrize("case", [*MATRICES, *FILTERS], ids=range(len(MATRICES) + len(FILTERS)))
@pytest.mark.sampled(2)
def test_both_modes(case: Any) -> None:
    fun, *args = case
    check_program(fun, *args)


@pytest.mark.parametrize(
    ("fun", "said"),
    [
        (lambda a: np.sum(linalg.fractional_matrix_power(a, 0.4)), r"a \+ 0j"),
        (lambda a: np.sum(np.abs(linalg.eig(a)[0])), r"a \+ 0j"),
        (lambda a: np.sum(signal.convolve2d(a, a, boundary="wrap")), "pad before it"),
        (lambda a: np.sum(signal.detrend(a, bp=[0, 2])), "the parts by themselves"),
    ],
)
def test_what_is_refused(fun: Any, said: str) -> None:
    with pytest.raises(Unsupported, match=said):
        grad(fun)(S)
