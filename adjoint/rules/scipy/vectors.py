"""Rules for the distributions of vectors of ``scipy.stats``: normal and Dirichlet."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special, stats

from adjoint.rules.registry import instead, of_real, vjp

__all__: list[str] = []

Function = Callable[..., Any]


def _deviations(x: Any, mean: Any, cov: Any, allow_singular: Any) -> tuple[Any, Any]:
    """The deviations from the mean as rows, and what solves the covariance for them."""
    if np.ndim(x) not in (1, 2) or (np.ndim(cov) != 2 and np.ndim(mean) != 1):
        raise NotImplementedError(
            "multivariate_normal other than of vectors, or rows of a matrix, with a vector as mean"
            " or a matrix as cov"
        )
    rows = x if mean is None else x - mean
    if np.ndim(cov) < 2:
        return rows, rows / cov
    if allow_singular is not False:
        return rows, rows @ _inverse(cov, allow_singular)
    return rows, np.linalg.solve(cov, rows.T).T


def _inverse(cov: Any, allow_singular: Any) -> Any:
    """The inverse of a covariance, or what inverts it where it is not singular.

    What SciPy takes for zero among the eigenvalues of a singular one, it takes for zero. A change
    that does not keep its rank moves the density elsewhere, and has no derivative.
    """
    if allow_singular is False:
        return np.linalg.inv(cov)
    if not isinstance(allow_singular, bool):
        raise NotImplementedError("whether a covariance may be singular must be known now")
    factor = 1e3 if cov.dtype.char == "f" else 1e6
    return np.linalg.pinv(cov, factor * float(np.finfo(cov.dtype).eps))


def _normal_x(
    g: Any, ans: Any, x: Any, mean: Any = None, cov: Any = 1, allow_singular: Any = False
) -> Any:
    _, solved = _deviations(x, mean, cov, allow_singular)
    return -(g if np.ndim(x) == 1 else g[:, None]) * solved


def _normal_mean(
    g: Any, ans: Any, x: Any, mean: Any = None, cov: Any = 1, allow_singular: Any = False
) -> Any:
    d_x = _normal_x(g, ans, x, mean, cov, allow_singular)
    return -d_x if np.ndim(x) == 1 else -np.sum(d_x, axis=0)


def _normal_cov(
    g: Any, ans: Any, x: Any, mean: Any = None, cov: Any = 1, allow_singular: Any = False
) -> Any:
    """Symmetric, as the matrix is; of variances, or of one variance, the part on the diagonal."""
    _, solved = _deviations(x, mean, cov, allow_singular)
    if np.ndim(cov) < 2:
        d_rows = 0.5 * (g if np.ndim(x) == 1 else g[:, None]) * (solved * solved - 1 / cov)
        if np.ndim(cov) == 0:
            return np.sum(d_rows)
        return d_rows if np.ndim(x) == 1 else np.sum(d_rows, axis=0)
    if np.ndim(x) == 1:
        return 0.5 * g * (np.outer(solved, solved) - _inverse(cov, allow_singular))
    return 0.5 * ((solved.T * g) @ solved - np.sum(g) * _inverse(cov, allow_singular))


def dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    """As ``scipy.stats.dirichlet.logpdf``, of as many x as alpha."""
    x = np.asarray(x)
    alpha = np.asarray(alpha)
    if np.any(alpha <= 0):
        raise ValueError("All parameters must be greater than 0")
    if np.any(x < 0) or np.any(np.abs(np.sum(x, axis=0) - 1) > 1e-9):
        raise ValueError("The input vector 'x' must lie within the normal simplex.")
    constant = special.gammaln(np.sum(alpha)) - np.sum(special.gammaln(alpha))
    return constant + np.sum(special.xlogy(alpha - 1, np.transpose(x)), axis=-1)


def dirichlet_pdf(x: Any, alpha: Any) -> Any:
    """As ``scipy.stats.dirichlet.pdf``, of as many x as alpha."""
    return np.exp(dirichlet_logpdf(x, alpha))


instead(stats.dirichlet.logpdf, dirichlet_logpdf)
instead(stats.dirichlet.pdf, dirichlet_pdf)


def _density(rule: Function) -> Function:
    """The rule of a density, by that of its logarithm."""

    def of_density(g: Any, ans: Any, *args: Any, **kwargs: Any) -> Any:
        return rule(g * ans, ans, *args, **kwargs)

    of_density.__signature__ = inspect.signature(rule)  # type: ignore[attr-defined]
    return of_density


_NORMAL: Any = {"x": _normal_x, "mean": _normal_mean, "cov": _normal_cov}
vjp(stats.multivariate_normal.logpdf, **_NORMAL)
_NORMAL_PDF: Any = {name: _density(rule) for name, rule in _NORMAL.items()}
vjp(stats.multivariate_normal.pdf, **_NORMAL_PDF)
of_real(stats.multivariate_normal.logpdf, stats.multivariate_normal.pdf)
