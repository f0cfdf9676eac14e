"""Rules for the densities and distribution functions of ``scipy.stats``.

A family is given by its *score*, the derivative of the logarithm of its density by
``z = (x - loc) / scale``, and by the derivative of that logarithm for each of its shapes. What pdf,
logpdf, cdf and logcdf contribute to each argument follows. Densities are those of N. L. Johnson,
S. Kotz and N. Balakrishnan, "Continuous Univariate Distributions" (2nd edition, 1994 and 1995).

Where the density is zero, outside its support, nothing is contributed. By a shape a distribution
function has the derivative in `SLOPES`, or that of its quantiles is known, in `MOVES`.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special, stats

from adjoint.rules.nested import as_array
from adjoint.rules.registry import elementwise, instead, of_real, total, vjp
from adjoint.rules.scipy.dispatch import dispatched
from adjoint.rules.scipy.signatures import signed
from adjoint.rules.scipy.special import betainc_by_a, gammainc_by_a, stdtr_by_df

__all__ = ["MOVES", "SLOPES", "family", "log_above"]

Function = Callable[..., Any]
digamma = special.digamma


def log_above(z: Any) -> Any:
    """The logarithm of what is above 0."""
    return np.log(np.where(z > 0, z, 1))


def _lognorm_move(z: Any, s: Any) -> Any:
    """The quantile is ``exp(s * u)`` with ``u`` from a standard normal."""
    return z * log_above(z) / s


#: By family and shape: how a quantile of the standardised family moves with that shape.
MOVES: dict[str, dict[str, Function]] = {
    "lognorm": {"s": _lognorm_move},
    "weibull_min": {"c": lambda z, c: -z * log_above(z) / c},
    "pareto": {"b": lambda z, b: -z * log_above(z) / b},
    "powerlaw": {"a": lambda z, a: -z * log_above(z) / a},
    "genpareto": {"c": lambda z, c: (1 + c * z) * log_above(1 + c * z) / c**2 - z / c},
    "genextreme": {"c": lambda z, c: -(1 - c * z) * log_above(1 - c * z) / c**2 - z / c},
}

#: By family and shape: the derivative of the distribution function of the standardised family.
SLOPES: dict[str, dict[str, Function]] = {
    "t": {"df": lambda z, df: stdtr_by_df(df, z)},
    "gamma": {"a": lambda z, a: gammainc_by_a(a, z)},
    "chi2": {"df": lambda z, df: 0.5 * gammainc_by_a(df / 2, z / 2)},
    "invgamma": {
        "a": lambda z, a: np.where(z > 0, -gammainc_by_a(a, 1 / np.where(z > 0, z, 1)), 0)
    },
    "chi": {"df": lambda z, df: 0.5 * gammainc_by_a(df / 2, np.maximum(z, 0) ** 2 / 2)},
    "skewnorm": {
        "a": lambda z, a: -np.exp(-(z**2) * (1 + a**2) / 2) / (math.pi * (1 + a**2)),
    },
    "beta": {
        "a": lambda z, a, b: betainc_by_a(a, b, z, 1 - z),
        "b": lambda z, a, b: -betainc_by_a(b, a, 1 - z, z),
    },
}


def family(
    distribution: Any, score: Function, shapes: dict[str, Function] | None = None, *,
    everywhere: bool = False, steep: bool = False,
) -> None:  # fmt: skip
    """Declare the rules of a continuous family.

    `everywhere`: its density is nowhere zero. `steep`: but where it is too small for a number, its
    score is too large for one.
    """
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

    def inside(ans: Any, held: Any, nothing: float, known: bool) -> Any:
        return held if known else np.where(ans == nothing, 0, held)

    def logpdf(name: str) -> Function:
        return lambda g, ans, x, *given: (
            g * inside(ans, slope(name, x, *given), -np.inf, everywhere)
        )

    def pdf(name: str) -> Function:
        return lambda g, ans, x, *given: (
            g * ans * inside(ans, slope(name, x, *given), 0.0, everywhere and not steep)
        )

    density, log_density = dispatched(distribution.pdf), dispatched(distribution.logpdf)

    moves, slopes = MOVES.get(distribution.name, {}), SLOPES.get(distribution.name, {})

    def by_place(name: str, at: Any, x: Any, *given: Any) -> Any:
        """The derivative of the distribution function, whose density is `at`."""
        if name in moves:
            return -at * given[-1] * moves[name](standardised(x, *given), *given[:-2])
        if name == "scale":
            return -at * standardised(x, *given)
        return at if name == "x" else -at

    def cumulated(name: str, sign: int) -> Function:
        def rule(g: Any, ans: Any, x: Any, *given: Any) -> Any:
            if name in slopes:
                return sign * g * slopes[name](standardised(x, *given), *given[:-2])
            return sign * g * by_place(name, density(x, *given), x, *given)

        return rule

    def log_cumulated(name: str, sign: int) -> Function:
        def rule(g: Any, ans: Any, x: Any, *given: Any) -> Any:
            if name in slopes:
                held = slopes[name](standardised(x, *given), *given[:-2]) / np.exp(ans)
            else:
                held = by_place(name, np.exp(log_density(x, *given) - ans), x, *given)
            return sign * g * inside(ans, held, -np.inf, everywhere)

        return rule

    every, placed = ("x", *shapes, "loc", "scale"), ("x", *moves, *slopes, "loc", "scale")
    rules: tuple[Any, ...] = (
        (distribution.logpdf, logpdf, every),
        (distribution.pdf, pdf, every),
        (distribution.cdf, lambda name: cumulated(name, 1), placed),
        (distribution.logcdf, lambda name: log_cumulated(name, 1), placed),
        (distribution.sf, lambda name: cumulated(name, -1), placed),
        (distribution.logsf, lambda name: log_cumulated(name, -1), placed),
    )
    for function, rule, names in rules:
        vjps: Any = {name: signed(rule(name), ("x", *shapes)) for name in names}
        elementwise(function, **vjps)
        total(function)
        of_real(function)


family(stats.norm, lambda z: -z, everywhere=True)
family(stats.logistic, lambda z: -np.tanh(z / 2), everywhere=True)
family(stats.laplace, lambda z: -np.sign(z), everywhere=True)
family(stats.cauchy, lambda z: -2 * z / (1 + z**2), everywhere=True)
family(
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
family(stats.uniform, lambda z: 0 * z)
family(stats.expon, lambda z: 0 * z - 1)
family(
    stats.gamma,
    lambda z, a: (a - 1) / z - 1,
    {"a": lambda z, a: np.log(z) - digamma(a)},
)
family(
    stats.chi2,
    lambda z, df: (df / 2 - 1) / z - 0.5,
    {"df": lambda z, df: 0.5 * (np.log(z / 2) - digamma(df / 2))},
)
family(
    stats.beta,
    lambda z, a, b: (a - 1) / z - (b - 1) / (1 - z),
    {
        "a": lambda z, a, b: np.log(z) - digamma(a) + digamma(a + b),
        "b": lambda z, a, b: np.log1p(-z) - digamma(b) + digamma(a + b),
    },
)
family(
    stats.lognorm,
    lambda z, s: -(1 + np.log(z) / s**2) / z,
    {"s": lambda z, s: (np.log(z) ** 2 / s**2 - 1) / s},
)

family(stats.gumbel_r, lambda z: np.exp(-z) - 1, everywhere=True, steep=True)
family(stats.gumbel_l, lambda z: 1 - np.exp(z), everywhere=True, steep=True)
family(stats.hypsecant, lambda z: -np.tanh(z), everywhere=True)
family(stats.halfnorm, lambda z: -z)
family(stats.halfcauchy, lambda z: -2 * z / (1 + z**2))
family(stats.halflogistic, lambda z: -np.tanh(z / 2))
family(stats.rayleigh, lambda z: 1 / z - z)
family(stats.maxwell, lambda z: 2 / z - z)
family(
    stats.weibull_min,
    lambda z, c: (c - 1) / z - c * z ** (c - 1),
    {"c": lambda z, c: 1 / c + np.log(z) * (1 - z**c)},
)
family(stats.pareto, lambda z, b: -(b + 1) / z, {"b": lambda z, b: 1 / b - np.log(z)})
family(stats.powerlaw, lambda z, a: (a - 1) / z, {"a": lambda z, a: 1 / a + np.log(z)})
family(
    stats.invgamma,
    lambda z, a: (1 / z - a - 1) / z,
    {"a": lambda z, a: -np.log(z) - digamma(a)},
)
family(
    stats.chi,
    lambda z, df: (df - 1) / z - z,
    {"df": lambda z, df: np.log(z) - 0.5 * (math.log(2) + digamma(df / 2))},
)
family(
    stats.genpareto,
    lambda z, c: -(c + 1) / (1 + c * z),
    {"c": lambda z, c: np.log1p(c * z) / c**2 - (1 / c + 1) * z / (1 + c * z)},
)


def _genextreme_c(z: Any, c: Any) -> Any:
    t = 1 - c * z
    both = np.log(t) / c**2 + z / (c * t)
    return t ** (1 / c) * both - both + z / t


family(
    stats.genextreme,
    lambda z, c: (c - 1) / (1 - c * z) + (1 - c * z) ** (1 / c - 1),
    {"c": _genextreme_c},
)


def _skewed(z: Any, a: Any) -> Any:
    """The density of a normal at ``a z``, divided by its distribution function."""
    return np.exp(-(a**2) * z**2 / 2 - special.log_ndtr(a * z)) / math.sqrt(2 * math.pi)


family(
    stats.skewnorm,
    lambda z, a: a * _skewed(z, a) - z,
    {"a": lambda z, a: z * _skewed(z, a)},
    everywhere=True,
)
family(
    stats.vonmises,
    lambda z, kappa: -kappa * np.sin(z),
    {"kappa": lambda z, kappa: np.cos(z) - special.i1e(kappa) / special.i0e(kappa)},
    everywhere=True,
)

# Counts, in their parameters ------------------------------------------------------------------


def _counts(distribution: Any, names: tuple[str, ...], density: Function, below: Function) -> None:
    """Declare the rules of a family of counts, by its last shape.

    `density` is the derivative of the logarithm of the density, `below` that of the distribution
    function divided by the density at the largest count that is below.
    """
    pmf, logpmf = dispatched(distribution.pmf), dispatched(distribution.logpmf)

    def lower(k: Any, loc: Any) -> Any:
        return np.floor(k - loc) + loc

    def cumulated(sign: int) -> Function:
        return lambda g, ans, k, *p: (
            sign * g * pmf(lower(k, p[-1]), *p) * below(lower(k, p[-1]), *p)
        )

    def log_cumulated(sign: int) -> Function:
        return lambda g, ans, k, *p: (
            sign * g * np.exp(logpmf(lower(k, p[-1]), *p) - ans) * below(lower(k, p[-1]), *p)
        )

    def of_arrays(rule: Function) -> Function:
        return lambda g, ans, k, *p: rule(g, ans, as_array(k, g), *p)

    rules: dict[Any, Function] = {
        distribution.logpmf: lambda g, ans, *p: g * density(*p),
        distribution.pmf: lambda g, ans, *p: g * ans * density(*p),
        distribution.cdf: cumulated(1),
        distribution.sf: cumulated(-1),
        distribution.logcdf: log_cumulated(1),
        distribution.logsf: log_cumulated(-1),
    }
    for function, rule in rules.items():
        vjps: Any = {names[-1]: signed(of_arrays(rule), ("k", *names), counted=True)}
        elementwise(function, **vjps)
        total(function)
        of_real(function)


_counts(
    stats.poisson,
    ("mu",),
    lambda k, mu, loc: (k - loc) / mu - 1,
    lambda k, mu, loc: -1,
)
_counts(
    stats.binom,
    ("n", "p"),
    lambda k, n, p, loc: (k - loc) / p - (n - k + loc) / (1 - p),
    lambda k, n, p, loc: -(n - k + loc) / (1 - p),
)

_counts(
    stats.nbinom,
    ("n", "p"),
    lambda k, n, p, loc: n / p - (k - loc) / (1 - p),
    lambda k, n, p, loc: (n + k - loc) / p,
)
_counts(
    stats.geom,
    ("p",),
    lambda k, p, loc: 1 / p - (k - loc - 1) / (1 - p),
    lambda k, p, loc: (k - loc) / p,
)
_counts(
    stats.bernoulli,
    ("p",),
    lambda k, p, loc: (k - loc) / p - (1 - k + loc) / (1 - p),
    lambda k, p, loc: -(1 - k + loc) / (1 - p),
)

# Vectors --------------------------------------------------------------------------------------


def _deviations(x: Any, mean: Any, cov: Any, allow_singular: Any) -> tuple[Any, Any]:
    """The deviations from the mean as rows, and what solves the covariance for them."""
    if allow_singular is not False:
        raise NotImplementedError("multivariate_normal with allow_singular=True")
    if np.ndim(x) not in (1, 2) or (np.ndim(cov) != 2 and np.ndim(mean) != 1):
        raise NotImplementedError(
            "multivariate_normal other than of vectors, or rows of a matrix, with a vector as mean"
            " or a matrix as cov"
        )
    rows = x if mean is None else x - mean
    return rows, np.linalg.solve(cov, rows.T).T if np.ndim(cov) == 2 else rows / cov


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
        return 0.5 * g * (np.outer(solved, solved) - np.linalg.inv(cov))
    return 0.5 * ((solved.T * g) @ solved - np.sum(g) * np.linalg.inv(cov))


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
