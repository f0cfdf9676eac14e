"""Rules for means, variances and entropies of the distributions of ``scipy.stats``.

A mean is ``loc + scale * m(shapes)``, a variance ``scale**2 * v(shapes)``, an entropy
``log(scale) + h(shapes)``. A family is given by the derivatives of ``m``, ``v`` and ``h`` by each
of its shapes. The formulas are those of N. L. Johnson, S. Kotz and N. Balakrishnan, "Continuous
Univariate Distributions" (2nd edition, 1994 and 1995).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special, stats

from adjoint.rules.registry import elementwise, instead, of_real, total, vjp
from adjoint.rules.scipy.densities import PLACED
from adjoint.rules.scipy.dispatch import dispatched
from adjoint.rules.scipy.signatures import signed

__all__: list[str] = []

Function = Callable[..., Any]


def _beta(a: Any, b: Any) -> Any:
    return (a + b) ** 3 * (a + b + 1) ** 2


def trigamma(x: Any) -> Any:
    """The derivative of `scipy.special.digamma`."""
    return polygamma(1, x)


polygamma = dispatched(special.polygamma)


def _family(
    distribution: Any, shapes: tuple[str, ...] = (), *,
    mean: tuple[Function, ...] = (), var: tuple[Function, ...] = (),
    entropy: tuple[Function, ...] = (),
) -> None:  # fmt: skip
    """Declare the rules of a family, by what its shapes contribute."""

    def shaped(
        slopes: tuple[Function, ...], outer: Callable[[Any, Any, Any], Any]
    ) -> dict[str, Function]:
        def rule(slope: Function) -> Function:
            return lambda g, ans, *given: g * outer(slope(*given[:-2]), given[-1], ans)

        return {name: rule(slope) for name, slope in zip(shapes, slopes, strict=True)}

    of_mean = shaped(mean, lambda slope, scale, ans: scale * slope)
    of_var = shaped(var, lambda slope, scale, ans: scale**2 * slope)
    of_std = shaped(var, lambda slope, scale, ans: scale**2 * slope / (2 * ans))
    of_entropy = shaped(entropy, lambda slope, scale, ans: slope)
    for function, vjps in {
        distribution.mean: {**of_mean, **PLACED},
        distribution.var: {**of_var, **_UNMOVED, "scale": lambda g, ans, *p: 2 * g * ans / p[-1]},
        distribution.std: {**of_std, **_UNMOVED, "scale": lambda g, ans, *p: g * ans / p[-1]},
        distribution.entropy: {**of_entropy, **_UNMOVED, "scale": lambda g, ans, *p: g / p[-1]},
    }.items():
        elementwise(function, **_all_signed(vjps, shapes))
        total(function)
        of_real(function)


def _all_signed(rules: dict[str, Function], names: tuple[str, ...]) -> Any:
    return {name: signed(rule, names) for name, rule in rules.items()}


#: Of what does not depend on `loc`.
_UNMOVED: dict[str, Function] = {"loc": lambda g, ans, *given: 0.0}


_NO_SHAPES: tuple[Any, ...] = (
    stats.norm, stats.logistic, stats.laplace, stats.uniform, stats.expon, stats.gumbel_r,
    stats.gumbel_l, stats.hypsecant, stats.halfnorm, stats.halflogistic, stats.rayleigh,
    stats.maxwell,
)  # fmt: skip
for _plain in _NO_SHAPES:
    _family(_plain)
_family(
    stats.t,
    ("df",),
    mean=(lambda df: 0 * df,),
    var=(lambda df: -2 / (df - 2) ** 2,),
    entropy=(lambda df: (df + 1) / 4 * (trigamma((df + 1) / 2) - trigamma(df / 2)) + 0.5 / df,),
)
_family(
    stats.gamma,
    ("a",),
    mean=(lambda a: 1 + 0 * a,),
    var=(lambda a: 1 + 0 * a,),
    entropy=(lambda a: 1 + (1 - a) * trigamma(a),),
)
_family(
    stats.chi2,
    ("df",),
    mean=(lambda df: 1 + 0 * df,),
    var=(lambda df: 2 + 0 * df,),
    entropy=(lambda df: 0.5 + (0.5 - df / 4) * trigamma(df / 2),),
)
_family(
    stats.beta,
    ("a", "b"),
    mean=(lambda a, b: b / (a + b) ** 2, lambda a, b: -a / (a + b) ** 2),
    var=(
        lambda a, b: b * ((a + b) * (a + b + 1) - a * (3 * (a + b) + 2)) / _beta(a, b),
        lambda a, b: a * ((a + b) * (a + b + 1) - b * (3 * (a + b) + 2)) / _beta(a, b),
    ),
    entropy=(
        lambda a, b: (a + b - 2) * trigamma(a + b) - (a - 1) * trigamma(a),
        lambda a, b: (a + b - 2) * trigamma(a + b) - (b - 1) * trigamma(b),
    ),
)
_family(
    stats.lognorm,
    ("s",),
    mean=(lambda s: s * np.exp(s**2 / 2),),
    var=(lambda s: 2 * s * np.exp(s**2) * (2 * np.exp(s**2) - 1),),
    entropy=(lambda s: 1 / s,),
)

# Counts ---------------------------------------------------------------------------------------

_counted: tuple[Any, ...] = (
    (stats.poisson.mean, ("mu",), {"mu": lambda g, ans, mu, loc: g}),
    (stats.poisson.var, ("mu",), {"mu": lambda g, ans, mu, loc: g}),
    (stats.poisson.std, ("mu",), {"mu": lambda g, ans, mu, loc: g / (2 * ans)}),
    (stats.binom.mean, ("n", "p"), {"p": lambda g, ans, n, p, loc: g * n}),
    (stats.binom.var, ("n", "p"), {"p": lambda g, ans, n, p, loc: g * n * (1 - 2 * p)}),
    (stats.binom.std, ("n", "p"), {"p": lambda g, ans, n, p, loc: g * n * (0.5 - p) / ans}),
)
for _function, _names, _rules in _counted:
    _vjps: Any = {name: signed(rule, _names, counted=True) for name, rule in _rules.items()}
    elementwise(_function, **_vjps)
    total(_function)
    of_real(_function)

# Vectors --------------------------------------------------------------------------------------


def dirichlet_mean(alpha: Any) -> Any:
    """As ``scipy.stats.dirichlet.mean``."""
    return alpha / np.sum(alpha)


def dirichlet_var(alpha: Any) -> Any:
    """As ``scipy.stats.dirichlet.var``."""
    total = np.sum(alpha)
    return alpha * (total - alpha) / (total**2 * (total + 1))


def dirichlet_entropy(alpha: Any) -> Any:
    """As ``scipy.stats.dirichlet.entropy``."""
    total = np.sum(alpha)
    constant = np.sum(special.gammaln(alpha)) - special.gammaln(total)
    spread = (total - np.shape(alpha)[0]) * special.digamma(total)
    return constant + spread - np.sum((alpha - 1) * special.digamma(alpha))


instead(stats.dirichlet.mean, dirichlet_mean)
instead(stats.dirichlet.var, dirichlet_var)
instead(stats.dirichlet.entropy, dirichlet_entropy)


def _normal_entropy(g: Any, ans: Any, mean: Any = None, cov: Any = 1) -> Any:
    if np.ndim(cov) == 2:
        return 0.5 * g * np.linalg.inv(cov)
    if np.ndim(mean) != 1:
        raise NotImplementedError("multivariate_normal.entropy: pass a matrix as cov")
    return 0.5 * g / cov if np.ndim(cov) else 0.5 * g * np.shape(mean)[0] / cov


vjp(
    stats.multivariate_normal.entropy,
    mean=lambda g, ans, mean=None, cov=1: np.zeros_like(mean),
    cov=_normal_entropy,
)
of_real(stats.multivariate_normal.entropy)
