"""Rules for the densities and distribution functions of ``scipy.stats``: the families used most.

See `adjoint.rules.scipy.densities` for what they are declared by; `families` and
`positive_families` have more of them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special, stats

from adjoint.rules.scipy.densities import family, hazard, log_above, positive, scaled
from adjoint.rules.scipy.special_incomplete import betainc_by_a, gammainc_by_a, stdtr_by_df

__all__: list[str] = []

digamma = special.digamma

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
    slopes={"df": lambda z, df: stdtr_by_df(df, z)},
    everywhere=True,
)
family(stats.uniform, lambda z: 0 * z)
family(stats.expon, lambda z: 0 * z - 1)
family(
    stats.gamma,
    lambda z, a: (a - 1) / z - 1,
    {"a": lambda z, a: np.log(z) - digamma(a)},
    slopes={"a": lambda z, a: gammainc_by_a(a, z)},
    pole=True,
)
family(
    stats.chi2,
    lambda z, df: (df / 2 - 1) / z - 0.5,
    {"df": lambda z, df: 0.5 * (np.log(z / 2) - digamma(df / 2))},
    slopes={"df": lambda z, df: 0.5 * gammainc_by_a(df / 2, z / 2)},
    pole=True,
)
family(
    stats.beta,
    lambda z, a, b: (a - 1) / z - (b - 1) / (1 - z),
    {
        "a": lambda z, a, b: np.log(z) - digamma(a) + digamma(a + b),
        "b": lambda z, a, b: np.log1p(-z) - digamma(b) + digamma(a + b),
    },
    slopes={
        "a": lambda z, a, b: betainc_by_a(a, b, z, 1 - z),
        "b": lambda z, a, b: -betainc_by_a(b, a, 1 - z, z),
    },
    pole=True,
)
family(
    stats.lognorm,
    lambda z, s: -(1 + np.log(z) / s**2) / z,
    {"s": lambda z, s: (np.log(z) ** 2 / s**2 - 1) / s},
    moves={"s": lambda z, s: z * log_above(z) / s},  # exp(s * u) with u from a standard normal
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
    moves={"c": scaled},
    pole=True,
)
family(
    stats.pareto,
    lambda z, b: -(b + 1) / z,
    {"b": lambda z, b: 1 / b - np.log(z)},
    moves={"b": scaled},
)
family(
    stats.powerlaw,
    lambda z, a: (a - 1) / z,
    {"a": lambda z, a: 1 / a + np.log(z)},
    moves={"a": scaled},
    pole=True,
)
family(
    stats.invgamma,
    lambda z, a: (1 / z - a - 1) / z,
    {"a": lambda z, a: -np.log(z) - digamma(a)},
    slopes={"a": lambda z, a: np.where(z > 0, -gammainc_by_a(a, 1 / positive(z)), 0)},
)
family(
    stats.chi,
    lambda z, df: (df - 1) / z - z,
    {"df": lambda z, df: np.log(z) - 0.5 * (math.log(2) + digamma(df / 2))},
    slopes={"df": lambda z, df: 0.5 * gammainc_by_a(df / 2, np.maximum(z, 0) ** 2 / 2)},
    pole=True,
)
family(
    stats.genpareto,
    lambda z, c: -(c + 1) / (1 + c * z),
    {"c": lambda z, c: np.log1p(c * z) / c**2 - (1 / c + 1) * z / (1 + c * z)},
    moves={"c": lambda z, c: (1 + c * z) * log_above(1 + c * z) / c**2 - z / c},
)


def _genextreme_c(z: Any, c: Any) -> Any:
    t = 1 - c * z
    both = np.log(t) / c**2 + z / (c * t)
    return t ** (1 / c) * both - both + z / t


family(
    stats.genextreme,
    lambda z, c: (c - 1) / (1 - c * z) + (1 - c * z) ** (1 / c - 1),
    {"c": _genextreme_c},
    moves={"c": lambda z, c: -(1 - c * z) * log_above(1 - c * z) / c**2 - z / c},
)


family(
    stats.skewnorm,
    lambda z, a: a * hazard(a * z) - z,
    {"a": lambda z, a: z * hazard(a * z)},
    slopes={"a": lambda z, a: -np.exp(-(z**2) * (1 + a**2) / 2) / (math.pi * (1 + a**2))},
    everywhere=True,
)
family(
    stats.vonmises,
    lambda z, kappa: -kappa * np.sin(z),
    {"kappa": lambda z, kappa: np.cos(z) - special.i1e(kappa) / special.i0e(kappa)},
    everywhere=True,
)
