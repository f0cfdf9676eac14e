"""Rules for more families of ``scipy.stats``, of all real numbers and of those between bounds.

See `adjoint.rules.scipy.densities`; `positive_families` has those of positive numbers.

Densities and distribution functions are those in the documentation of SciPy, after N. L. Johnson,
S. Kotz and N. Balakrishnan, "Continuous Univariate Distributions" (2nd edition, 1994 and 1995).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special, stats

from adjoint.rules.scipy.densities import family, hazard, log_above, positive
from adjoint.rules.scipy.dispatch import dispatched
from adjoint.rules.scipy.special_incomplete import gammainc_by_a

__all__: list[str] = []

digamma, log_ndtr = special.digamma, special.log_ndtr

# Of all real numbers --------------------------------------------------------------------------


family(
    stats.exponnorm,
    lambda z, K: hazard(z - 1 / K) - 1 / K,  # noqa: N803
    {"K": lambda z, K: (z + hazard(z - 1 / K) - 1 / K) / K**2 - 1 / K},  # noqa: N803
    slopes={
        "K": lambda z, K: (  # noqa: N803
            dispatched(stats.exponnorm.pdf)(z, K) * ((1 / K - z - hazard(z - 1 / K)) / K)
        )
    },
    everywhere=True,
)
family(
    stats.johnsonsu,
    lambda z, a, b: -(z / (z**2 + 1) + (a + b * np.arcsinh(z)) * b / np.sqrt(z**2 + 1)),
    {
        "a": lambda z, a, b: -(a + b * np.arcsinh(z)),
        "b": lambda z, a, b: 1 / b - (a + b * np.arcsinh(z)) * np.arcsinh(z),
    },
    moves={
        "a": lambda z, a, b: -np.sqrt(z**2 + 1) / b,
        "b": lambda z, a, b: -np.sqrt(z**2 + 1) * np.arcsinh(z) / b,
    },
    everywhere=True,
)
family(
    stats.dweibull,
    lambda z, c: np.sign(z) * ((c - 1) / np.abs(z) - c * np.abs(z) ** (c - 1)),
    {"c": lambda z, c: 1 / c + np.log(np.abs(z)) * (1 - np.abs(z) ** c)},
    moves={"c": lambda z, c: -z * log_above(np.abs(z)) / c},
    pole=True,
)
family(
    stats.dgamma,
    lambda z, a: np.sign(z) * ((a - 1) / np.abs(z) - 1),
    {"a": lambda z, a: np.log(np.abs(z)) - digamma(a)},
    slopes={"a": lambda z, a: 0.5 * np.sign(z) * gammainc_by_a(a, np.abs(z))},
    pole=True,
)


def _gennorm_slope(z: Any, beta: Any) -> Any:
    size = np.abs(z)
    by_order = -0.5 * gammainc_by_a(1 / beta, size**beta) / beta**2
    by_place = dispatched(stats.gennorm.pdf)(z, beta) * size * log_above(size) / beta
    return np.sign(z) * (by_order + by_place)


family(
    stats.gennorm,
    lambda z, beta: -beta * np.sign(z) * np.abs(z) ** (beta - 1),
    {
        "beta": lambda z, beta: (
            1 / beta + digamma(1 / beta) / beta**2 - np.abs(z) ** beta * log_above(np.abs(z))
        )
    },
    slopes={"beta": _gennorm_slope},
    everywhere=True,
)
family(
    stats.loggamma,
    lambda z, c: c - np.exp(z),
    {"c": lambda z, c: z - digamma(c)},
    slopes={"c": lambda z, c: gammainc_by_a(c, np.exp(z))},
    everywhere=True,
    steep=True,
)
family(stats.moyal, lambda z: (np.exp(-z) - 1) / 2, everywhere=True, steep=True)
family(
    stats.genlogistic,
    lambda z, c: (c + 1) * special.expit(-z) - 1,
    {"c": lambda z, c: 1 / c + special.log_expit(z)},
    slopes={"c": lambda z, c: special.log_expit(z) * np.exp(c * special.log_expit(z))},
    everywhere=True,
)


def _powernorm_move(z: Any, c: Any) -> Any:
    """The share above is that of a normal, to the power of `c`: far below, nearly 1."""
    near = np.maximum(z, -10)
    return np.where(z < -10, -1 / hazard(z), log_ndtr(-near) / hazard(-near)) / c


family(
    stats.powernorm,
    lambda z, c: -z - (c - 1) * hazard(-z),
    {"c": lambda z, c: 1 / c + log_ndtr(-z)},
    moves={"c": _powernorm_move},
    everywhere=True,
)


def _asymmetric_kappa(z: Any, kappa: Any) -> Any:
    return np.where(z < 0, -z / kappa**2, -z) - (1 - kappa**-2) / (kappa + 1 / kappa)


def _asymmetric_slope(z: Any, kappa: Any) -> Any:
    both = kappa + 1 / kappa
    half, common = np.minimum(z, 0), (1 - kappa**-2) / both
    below = np.exp(half / kappa) * kappa / both * (1 / kappa - common - half / kappa**2)
    half = np.maximum(z, 0)
    above = np.exp(-half * kappa) / (kappa * both) * (half + 1 / kappa + common)
    return np.where(z < 0, below, above)


family(
    stats.laplace_asymmetric,
    lambda z, kappa: np.where(z < 0, 1 / kappa, -kappa),
    {"kappa": _asymmetric_kappa},
    slopes={"kappa": _asymmetric_slope},
    everywhere=True,
)


def _skewcauchy_slope(z: Any, a: Any) -> Any:
    turned = z / (1 + a * np.sign(z))
    return np.sign(z) * (np.arctan(turned) - turned / (1 + turned**2)) / math.pi - 0.5


family(
    stats.skewcauchy,
    lambda z, a: -2 * z / ((1 + a * np.sign(z)) ** 2 + z**2),
    {
        "a": lambda z, a: (
            2 * z**2 * np.sign(z) / (1 + a * np.sign(z)) / ((1 + a * np.sign(z)) ** 2 + z**2)
        )
    },
    slopes={"a": _skewcauchy_slope},
    everywhere=True,
)


def _bessel_slope(y: Any) -> Any:
    """The derivative of the logarithm of the Bessel function K of order 1."""
    return -special.k0e(y) / special.k1e(y) - 1 / y


family(
    stats.norminvgauss,
    lambda z, a, b: (
        (a * _bessel_slope(a * np.sqrt(1 + z**2)) - 1 / np.sqrt(1 + z**2)) * z / np.sqrt(1 + z**2)
        + b
    ),
    {
        "a": lambda z, a, b: (
            1 / a
            + np.sqrt(1 + z**2) * _bessel_slope(a * np.sqrt(1 + z**2))
            + a / np.sqrt(a**2 - b**2)
        ),
        "b": lambda z, a, b: z - b / np.sqrt(a**2 - b**2),
    },
    everywhere=True,
)

# Between bounds -------------------------------------------------------------------------------


def _truncnorm_slope(z: Any, a: Any, b: Any, end: Any) -> Any:
    """What lies between the bounds has all of the mass: it grows as that at an end is cut off."""
    beyond = stats.truncnorm.sf if end is a else stats.truncnorm.cdf
    share = -dispatched(beyond)(z, a, b)
    return np.where((z >= a) & (z <= b), share * dispatched(stats.truncnorm.pdf)(end, a, b), 0)


family(
    stats.truncnorm,
    lambda z, a, b: -z,
    {
        "a": lambda z, a, b: dispatched(stats.truncnorm.pdf)(a, a, b) + 0 * z,
        "b": lambda z, a, b: -dispatched(stats.truncnorm.pdf)(b, a, b) + 0 * z,
    },
    slopes={
        "a": lambda z, a, b: _truncnorm_slope(z, a, b, a),
        "b": lambda z, a, b: _truncnorm_slope(z, a, b, b),
    },
)
family(
    stats.truncexpon,
    lambda z, b: 0 * z - 1,
    {"b": lambda z, b: 0 * z - 1 / np.expm1(b)},
    slopes={
        "b": lambda z, b: np.where(
            (z >= 0) & (z <= b), -np.expm1(-z) / np.expm1(-b) / np.expm1(b), 0
        )
    },
)


def _logit(z: Any) -> Any:
    inside = np.where((z > 0) & (z < 1), z, 0.5)
    return np.log(inside) - np.log1p(-inside)


family(
    stats.johnsonsb,
    lambda z, a, b: (2 * z - 1 - (a + b * _logit(z)) * b) / (z * (1 - z)),
    {
        "a": lambda z, a, b: -(a + b * _logit(z)),
        "b": lambda z, a, b: 1 / b - (a + b * _logit(z)) * _logit(z),
    },
    moves={
        "a": lambda z, a, b: -z * (1 - z) / b,
        "b": lambda z, a, b: -z * (1 - z) * _logit(z) / b,
    },
)
family(
    stats.weibull_max,
    lambda z, c: (c - 1) / z + c * (-z) ** (c - 1),
    {"c": lambda z, c: 1 / c + np.log(-z) * (1 - (-z) ** c)},
    moves={"c": lambda z, c: -z * log_above(np.abs(z)) / c},
    pole=True,
)
family(stats.levy_l, lambda z: (1 / z + 3) / (-2 * z))
family(stats.semicircular, lambda z: -z / (1 - z**2))
family(stats.cosine, lambda z: -np.tan(z / 2))
family(stats.arcsine, lambda z: (2 * z - 1) / (2 * z * (1 - z)), pole=True)
family(stats.anglit, lambda z: -2 * np.tan(2 * z))


def _bradford_slope(z: Any, c: Any) -> Any:
    at, whole = np.where((z > 0) & (z < 1), z, 0.5), np.log1p(c)
    slope = at / ((1 + c * at) * whole) - np.log1p(c * at) / whole / ((1 + c) * whole)
    return np.where((z > 0) & (z < 1), slope, 0)


family(
    stats.bradford,
    lambda z, c: -c / (1 + c * z),
    {"c": lambda z, c: 1 / c - 1 / ((1 + c) * np.log1p(c)) - z / (1 + c * z)},
    slopes={"c": _bradford_slope},
)
family(
    stats.triang,
    lambda z, c: np.where(z < c, 1 / positive(z), -1 / np.where(z < c, 1, 1 - z)),
    {"c": lambda z, c: np.where(z < c, -1 / c, 1 / (1 - c))},
    slopes={
        "c": lambda z, c: np.where(
            (z > 0) & (z < 1),
            -np.where(z < c, (z / c) ** 2, ((1 - z) / (1 - c)) ** 2),
            0,
        )
    },
)
