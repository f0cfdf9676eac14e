"""Functions of ``scipy.linalg`` read as others: matrices by their structure, and equations."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from adjoint.rules.directives import refuse
from adjoint.rules.registry import instead

__all__: list[str] = []

# Matrices from a few numbers ------------------------------------------------------------------


def circulant(c: Any) -> Any:
    """As ``scipy.linalg.circulant``."""
    c = np.asarray(c)
    places = np.arange(np.shape(c)[-1])
    return c[..., (places[:, None] - places) % np.shape(c)[-1]]


def hankel(c: Any, r: Any = None) -> Any:
    """As ``scipy.linalg.hankel``: the first element of `r` is not read."""
    c = np.asarray(c)
    rest = np.zeros_like(c) if r is None else np.asarray(r)
    whole = np.concatenate([c, rest[1:]])
    return whole[np.arange(len(c))[:, None] + np.arange(len(rest))]


def companion(a: Any) -> Any:
    """As ``scipy.linalg.companion``."""
    a = np.asarray(a)
    below = np.eye(len(a) - 2, len(a) - 1, dtype=a.dtype)
    return np.concatenate([(-a[1:] / a[0])[None], below])


def convolution_matrix(a: Any, n: Any, mode: Any = "full") -> Any:
    """As ``scipy.linalg.convolution_matrix`` of the full convolution."""
    if mode != "full":
        refuse("a convolution matrix of another mode", "take its rows from that with mode='full'")
    a = np.asarray(a)
    padded = np.pad(a, (0, n))
    places = np.arange(len(a) + n - 1)[:, None] - np.arange(n)
    return np.where(places >= 0, padded[np.clip(places, 0, len(a))], 0)


def khatri_rao(a: Any, b: Any) -> Any:
    """As ``scipy.linalg.khatri_rao``."""
    a, b = np.asarray(a), np.asarray(b)
    return (a[:, None] * b).reshape(-1, np.shape(a)[1])


# Equations ------------------------------------------------------------------------------------


def _adjoint(a: Any) -> Any:
    return np.conj(np.transpose(a))


def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    """As ``scipy.linalg.solve_continuous_lyapunov``."""
    return linalg.solve_sylvester(a, _adjoint(a), q)


def solve_discrete_lyapunov(a: Any, q: Any, method: Any = None) -> Any:
    """As ``scipy.linalg.solve_discrete_lyapunov``, by a bilinear transformation."""
    unit = np.eye(np.shape(a)[0])
    inverse = np.linalg.inv(_adjoint(a) + unit)
    turned = (_adjoint(a) - unit) @ inverse
    scaled = 2 * np.linalg.solve(a + unit, q) @ inverse
    return linalg.solve_sylvester(_adjoint(turned), turned, -scaled)


def solve_toeplitz(c_or_cr: Any, b: Any, check_finite: Any = True) -> Any:
    """As ``scipy.linalg.solve_toeplitz``."""
    if isinstance(c_or_cr, tuple):
        return np.linalg.solve(linalg.toeplitz(c_or_cr[0], c_or_cr[1]), b)
    return np.linalg.solve(linalg.toeplitz(c_or_cr), b)


def solve_circulant(c: Any, b: Any) -> Any:
    """As ``scipy.linalg.solve_circulant`` of vectors."""
    return np.linalg.solve(circulant(c), b)


def lstsq(
    a: Any, b: Any, cond: Any = None, overwrite_a: Any = False, overwrite_b: Any = False,
    check_finite: Any = True, lapack_driver: Any = None,
) -> Any:  # fmt: skip
    """As ``scipy.linalg.lstsq``: the sum of squares of one vector is a number."""
    x, squares, rank, s = np.linalg.lstsq(a, b, rcond=cond)
    return x, np.sum(squares) if np.ndim(b) == 1 else squares, rank, s


def eigvals(
    a: Any, b: Any = None, overwrite_a: Any = False, check_finite: Any = True,
    homogeneous_eigvals: Any = False,
) -> Any:  # fmt: skip
    """As ``scipy.linalg.eigvals`` of one matrix."""
    if b is not None or homogeneous_eigvals:
        refuse("eigenvalues of two matrices", "write eigvals(np.linalg.solve(b, a))")
    return np.linalg.eigvals(a)


def eig(
    a: Any, b: Any = None, left: Any = False, right: Any = True, overwrite_a: Any = False,
    overwrite_b: Any = False, check_finite: Any = True, homogeneous_eigvals: Any = False,
) -> Any:  # fmt: skip
    """As ``scipy.linalg.eig`` of one matrix, with the vectors on the right."""
    if b is not None or left or not right or homogeneous_eigvals:
        refuse("scipy.linalg.eig with other than the vectors on the right", "use np.linalg.eig")
    return np.linalg.eig(a)


def fractional_matrix_power(A: Any, t: Any) -> Any:  # noqa: N803 (SciPy's own name)
    """As ``scipy.linalg.fractional_matrix_power``, by the logarithm of a complex matrix."""
    if np.asarray(A).dtype.kind != "c":
        refuse(
            "a power of a real matrix, which is real or complex by its values",
            "write scipy.linalg.fractional_matrix_power(a + 0j, t)",
        )
    return linalg.expm(t * linalg.logm(A))


for _equivalent in (
    circulant, hankel, companion, convolution_matrix, khatri_rao, solve_continuous_lyapunov,
    solve_discrete_lyapunov, solve_toeplitz, solve_circulant, lstsq, eigvals, eig,
    fractional_matrix_power,
):  # fmt: skip
    instead(getattr(linalg, _equivalent.__name__), _equivalent)
