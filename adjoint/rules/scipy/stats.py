"""Rules for the densities and distribution functions of ``scipy.stats``.

A family is given by its *score*, the derivative of the logarithm of its density by
``z = (x - loc) / scale``, and by the derivative of that logarithm for each of its shapes. What pdf,
logpdf, cdf and logcdf contribute to each argument follows. Densities are those of N. L. Johnson,
S. Kotz and N. Balakrishnan, "Continuous Univariate Distributions" (2nd edition, 1994 and 1995).

Where the density is zero, outside its support, nothing is contributed. The distribution functions
are differentiated in x, loc and scale; by a shape they have no closed form, and are refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special, stats

from adjoint.rules.registry import elementwise, instead, vjp
from adjoint.rules.scipy.dispatch import dispatched

__all__: list[str] = []

Function = Callable[..., Any]
digamma = special.digamma


def _family(
    distribution: Any, score: Function, shapes: dict[str, Function] | None = None, *,
    everywhere: bool = False,
) -> None:  # fmt: skip
    """Declare the rules of a continuous family; `everywhere`: its density is nowhere zero."""
    shapes = shapes or {}

    def standardised(x: Any, *given: Any) -> Any:
        *_, loc, scale = given
        return (x - loc) / scale

    def slope(name: str, x: Any, *given: Any) -> Any:
        """The derivative of the logarithm of the density by one argument."""
        own, (_, scale) = given[:-2], given[-2:]
        z = standardised(x, *given)
        if name in shapes:
            return shapes[name](z, *own)
        if name == "scale":
            return -(1 + z * score(z, *own)) / scale
        return score(z, *own) / scale if name == "x" else -score(z, *own) / scale

    def inside(ans: Any, held: Any, nothing: float) -> Any:
        return held if everywhere else np.where(ans == nothing, 0, held)

    def logpdf(name: str) -> Function:
        return lambda g, ans, x, *given: g * inside(ans, slope(name, x, *given), -np.inf)

    def pdf(name: str) -> Function:
        return lambda g, ans, x, *given: g * ans * inside(ans, slope(name, x, *given), 0.0)

    density, log_density = dispatched(distribution.pdf), dispatched(distribution.logpdf)

    def by_place(name: str, at: Any, x: Any, *given: Any) -> Any:
        """The derivative of the distribution function, whose density is `at`."""
        if name == "scale":
            return -at * standardised(x, *given)
        return at if name == "x" else -at

    def cdf(name: str) -> Function:
        return lambda g, ans, x, *given: g * by_place(name, density(x, *given), x, *given)

    def logcdf(name: str) -> Function:
        return lambda g, ans, x, *given: (
            g * by_place(name, np.exp(log_density(x, *given) - ans), x, *given)
        )

    every, placed = ("x", *shapes, "loc", "scale"), ("x", "loc", "scale")
    for function, rule, names in (
        (distribution.logpdf, logpdf, every),
        (distribution.pdf, pdf, every),
        (distribution.cdf, cdf, placed),
        (distribution.logcdf, logcdf, placed),
    ):
        vjps: Any = {name: _signed(rule(name), tuple(shapes)) for name in names}
        elementwise(function, **vjps)


def _signed(rule: Function, shapes: tuple[str, ...]) -> Function:
    """Return `rule` with the parameters of the distribution: ``(g, ans, x, a, loc=0, scale=1)``."""
    plain = inspect.Parameter.POSITIONAL_OR_KEYWORD
    required = [inspect.Parameter(name, plain) for name in ("g", "ans", "x", *shapes)]
    given = {"loc": 0, "scale": 1}
    optional = [inspect.Parameter(name, plain, default=value) for name, value in given.items()]
    signature = inspect.Signature([*required, *optional])

    def bound(*args: Any, **kwargs: Any) -> Any:
        whole = signature.bind(*args, **kwargs)
        whole.apply_defaults()
        return rule(*whole.arguments.values())

    bound.__signature__ = signature  # type: ignore[attr-defined]
    return bound


_family(stats.norm, lambda z: -z, everywhere=True)
_family(stats.logistic, lambda z: -np.tanh(z / 2), everywhere=True)
_family(stats.laplace, lambda z: -np.sign(z), everywhere=True)
_family(stats.cauchy, lambda z: -2 * z / (1 + z**2), everywhere=True)
_family(
    stats.t,
    lambda z, df: -(df + 1) * z / (df + z**2),
    {
        "df": lambda z, df: (
            0.5
            * (
                digamma((df + 1) / 2)
                - digamma(df / 2)
                - 1 / df
                - np.log1p(z**2 / df)
                + (df + 1) * z**2 / (df * (df + z**2))
            )
        )
    },
    everywhere=True,
)
_family(stats.uniform, lambda z: 0 * z)
_family(stats.expon, lambda z: 0 * z - 1)
_family(
    stats.gamma,
    lambda z, a: (a - 1) / z - 1,
    {"a": lambda z, a: np.log(z) - digamma(a)},
)
_family(
    stats.chi2,
    lambda z, df: (df / 2 - 1) / z - 0.5,
    {"df": lambda z, df: 0.5 * (np.log(z / 2) - digamma(df / 2))},
)
_family(
    stats.beta,
    lambda z, a, b: (a - 1) / z - (b - 1) / (1 - z),
    {
        "a": lambda z, a, b: np.log(z) - digamma(a) + digamma(a + b),
        "b": lambda z, a, b: np.log1p(-z) - digamma(b) + digamma(a + b),
    },
)
_family(
    stats.lognorm,
    lambda z, s: -(1 + np.log(z) / s**2) / z,
    {"s": lambda z, s: (np.log(z) ** 2 / s**2 - 1) / s},
)

# Counts, in their parameters ------------------------------------------------------------------

elementwise(stats.poisson.logpmf, mu=lambda g, ans, k, mu, loc=0: g * ((k - loc) / mu - 1))
elementwise(stats.poisson.pmf, mu=lambda g, ans, k, mu, loc=0: g * ans * ((k - loc) / mu - 1))


def _binom(k: Any, n: Any, p: Any, loc: Any) -> Any:
    return (k - loc) / p - (n - k + loc) / (1 - p)


elementwise(stats.binom.logpmf, p=lambda g, ans, k, n, p, loc=0: g * _binom(k, n, p, loc))
elementwise(stats.binom.pmf, p=lambda g, ans, k, n, p, loc=0: g * ans * _binom(k, n, p, loc))

# Vectors --------------------------------------------------------------------------------------


def _deviations(x: Any, mean: Any, cov: Any) -> tuple[Any, Any]:
    """The deviations from the mean as rows, and what solves the covariance for them."""
    if np.ndim(cov) != 2 or np.ndim(x) not in (1, 2):
        raise NotImplementedError(
            "multivariate_normal other than of vectors, or rows of a matrix, with a matrix as cov"
        )
    rows = x if mean is None else x - mean
    return rows, np.linalg.solve(cov, rows.T).T


def _normal_x(g: Any, ans: Any, x: Any, mean: Any = None, cov: Any = 1, **_: Any) -> Any:
    _, solved = _deviations(x, mean, cov)
    return -(g if np.ndim(x) == 1 else g[:, None]) * solved


def _normal_mean(g: Any, ans: Any, x: Any, mean: Any = None, cov: Any = 1, **_: Any) -> Any:
    d_x = _normal_x(g, ans, x, mean, cov)
    return -d_x if np.ndim(x) == 1 else -np.sum(d_x, axis=0)


def _normal_cov(g: Any, ans: Any, x: Any, mean: Any = None, cov: Any = 1, **_: Any) -> Any:
    """Symmetric, as the matrix is."""
    _, solved = _deviations(x, mean, cov)
    if np.ndim(x) == 1:
        return 0.5 * g * (np.outer(solved, solved) - np.linalg.inv(cov))
    return 0.5 * ((solved.T * g) @ solved - np.sum(g) * np.linalg.inv(cov))


def dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    """As ``scipy.stats.dirichlet.logpdf``, of as many x as alpha."""
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
