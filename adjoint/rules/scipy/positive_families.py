"""Rules for more families of positive numbers of ``scipy.stats``: see `densities`.

Densities and distribution functions are those in the documentation of SciPy, after N. L. Johnson,
S. Kotz and N. Balakrishnan, "Continuous Univariate Distributions" (2nd edition, 1994 and 1995).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special, stats

from adjoint.rules.scipy.densities import family, hazard, log_above, normal, positive, scaled
from adjoint.rules.scipy.dispatch import dispatched
from adjoint.rules.scipy.special_incomplete import betainc_by_a, gammainc_by_a

__all__: list[str] = []

digamma, log_ndtr, ndtr = special.digamma, special.log_ndtr, special.ndtr


def _invgauss_mu(z: Any, mu: Any) -> Any:
    at = positive(z)
    held = np.exp(2 / mu + log_ndtr(-(at / mu + 1) / np.sqrt(at)))
    return np.where(z > 0, -2 * held / mu**2, 0)


family(
    stats.invgauss,
    lambda z, mu: -1.5 / z - (1 / mu**2 - 1 / z**2) / 2,
    {"mu": lambda z, mu: (z - mu) / mu**3},
    slopes={"mu": _invgauss_mu},
)
family(stats.wald, lambda z: -1.5 / z - (1 - 1 / z**2) / 2)
family(stats.levy, lambda z: (1 / z - 3) / (2 * z))


def _f_slope(z: Any, dfn: Any, dfd: Any, sign: int) -> Any:
    at = positive(z)
    share, rest = dfn * at / (dfn * at + dfd), dfd / (dfn * at + dfd)
    density = dispatched(stats.f.pdf)(at, dfn, dfd) * at
    if sign > 0:
        slope = 0.5 * betainc_by_a(dfn / 2, dfd / 2, share, rest) + density / dfn
    else:
        slope = -0.5 * betainc_by_a(dfd / 2, dfn / 2, rest, share) - density / dfd
    return np.where(z > 0, slope, 0)


family(
    stats.f,
    lambda z, dfn, dfd: (dfn / 2 - 1) / z - (dfn + dfd) / 2 * dfn / (dfd + dfn * z),
    {
        "dfn": lambda z, dfn, dfd: 0.5 * (
            np.log(dfn * z / (dfd + dfn * z)) + 1 - (dfn + dfd) * z / (dfd + dfn * z)
            - digamma(dfn / 2) + digamma((dfn + dfd) / 2)
        ),
        "dfd": lambda z, dfn, dfd: 0.5 * (
            np.log(dfd / (dfd + dfn * z)) + 1 - (dfn + dfd) / (dfd + dfn * z)
            - digamma(dfd / 2) + digamma((dfn + dfd) / 2)
        ),
    },
    slopes={
        "dfn": lambda z, dfn, dfd: _f_slope(z, dfn, dfd, 1),
        "dfd": lambda z, dfn, dfd: _f_slope(z, dfn, dfd, -1),
    },
    pole=True,
)  # fmt: skip
family(
    stats.gompertz,
    lambda z, c: 1 - c * np.exp(z),
    {"c": lambda z, c: 1 / c - np.expm1(z)},
    moves={"c": lambda z, c: np.expm1(-np.maximum(z, 0)) / c},
)
family(
    stats.fisk,
    lambda z, c: (c - 1 - 2 * c * z**c / (1 + z**c)) / z,
    {"c": lambda z, c: 1 / c + np.log(z) * (1 - z**c) / (1 + z**c)},
    moves={"c": scaled},
    pole=True,
)
family(
    stats.burr,
    lambda z, c, d: ((d + 1) * c / (z**c + 1) - c - 1) / z,
    {
        "c": lambda z, c, d: 1 / c - np.log(z) + (d + 1) * np.log(z) / (z**c + 1),
        "d": lambda z, c, d: 1 / d - np.log1p(z**-c),
    },
    moves={
        "c": lambda z, c, d: scaled(z, c),
        "d": lambda z, c, d: (positive(z) ** c + 1) * z * np.log1p(positive(z) ** -c) / (c * d),
    },
    pole=True,
)
family(
    stats.burr12,
    lambda z, c, d: (c - 1 - (d + 1) * c * z**c / (1 + z**c)) / z,
    {
        "c": lambda z, c, d: 1 / c + np.log(z) * (1 - (d + 1) * z**c / (1 + z**c)),
        "d": lambda z, c, d: 1 / d - np.log1p(z**c),
    },
    moves={
        "c": lambda z, c, d: scaled(z, c),
        "d": lambda z, c, d: -(1 + positive(z) ** -c) * z * np.log1p(positive(z) ** c) / (c * d),
    },
    pole=True,
)
family(
    stats.gengamma,
    lambda z, a, c: (c * a - 1 - c * z**c) / z,
    {
        "a": lambda z, a, c: c * np.log(z) - digamma(a),
        "c": lambda z, a, c: 1 / c + np.log(z) * (a - z**c),
    },
    moves={"c": lambda z, a, c: scaled(z, c)},
    slopes={
        "a": lambda z, a, c: np.where(z > 0, np.sign(c) * gammainc_by_a(a, positive(z) ** c), 0)
    },
    pole=True,
)
family(
    stats.nakagami,
    lambda z, nu: (2 * nu - 1) / z - 2 * nu * z,
    {"nu": lambda z, nu: np.log(nu) + 1 - digamma(nu) + 2 * np.log(z) - z**2},
    slopes={
        "nu": lambda z, nu: (
            gammainc_by_a(nu, nu * np.maximum(z, 0) ** 2)
            + dispatched(stats.nakagami.pdf)(z, nu) * z / (2 * nu)
        )
    },
    pole=True,
)


def _betaprime_slope(z: Any, a: Any, b: Any, sign: int) -> Any:
    at = positive(z)
    share, rest = at / (1 + at), 1 / (1 + at)
    slope = betainc_by_a(a, b, share, rest) if sign > 0 else -betainc_by_a(b, a, rest, share)
    return np.where(z > 0, slope, 0)


family(
    stats.betaprime,
    lambda z, a, b: (a - 1) / z - (a + b) / (1 + z),
    {
        "a": lambda z, a, b: np.log(z) - np.log1p(z) - digamma(a) + digamma(a + b),
        "b": lambda z, a, b: digamma(a + b) - np.log1p(z) - digamma(b),
    },
    slopes={
        "a": lambda z, a, b: _betaprime_slope(z, a, b, 1),
        "b": lambda z, a, b: _betaprime_slope(z, a, b, -1),
    },
    pole=True,
)
family(
    stats.lomax,
    lambda z, c: -(c + 1) / (1 + z),
    {"c": lambda z, c: 1 / c - np.log1p(z)},
    moves={"c": lambda z, c: -(1 + z) * log_above(1 + z) / c},
)
family(
    stats.foldnorm,
    lambda z, c: c * np.tanh(c * z) - z,
    {"c": lambda z, c: z * np.tanh(c * z) - c},
    slopes={"c": lambda z, c: np.where(z > 0, normal(z + c) - normal(z - c), 0)},
)
family(
    stats.rice,
    lambda z, b: 1 / z - z + b * special.i1e(z * b) / special.i0e(z * b),
    {"b": lambda z, b: z * special.i1e(z * b) / special.i0e(z * b) - b},
    slopes={
        "b": lambda z, b: np.where(z > 0, -z * special.i1e(z * b) * np.exp(-((z - b) ** 2) / 2), 0)
    },
)


def _log_below(z: Any) -> Any:
    """The logarithm of ``1 - exp(-z)``, also where that is nearly 1."""
    near = np.minimum(z, 1)
    return np.where(z < 1, np.log(-np.expm1(-near)), np.log1p(-np.exp(-z)))


family(
    stats.exponweib,
    lambda z, a, c: (c - 1 - c * z**c + (a - 1) * c * z**c / np.expm1(z**c)) / z,
    {
        "a": lambda z, a, c: 1 / a + _log_below(z**c),
        "c": lambda z, a, c: 1 / c + np.log(z) * ((a - 1) * z**c / np.expm1(z**c) - z**c + 1),
    },
    slopes={
        "a": lambda z, a, c: np.where(
            z > 0,
            _log_below(positive(z) ** c) * np.exp(a * _log_below(positive(z) ** c)),
            0,
        )
    },
    moves={"c": lambda z, a, c: scaled(z, c)},
    pole=True,
)


def _halfgennorm_slope(z: Any, beta: Any) -> Any:
    at = positive(z)
    by_order = -gammainc_by_a(1 / beta, at**beta) / beta**2
    by_place = dispatched(stats.halfgennorm.pdf)(at, beta) * at * np.log(at) / beta
    return np.where(z > 0, by_order + by_place, 0)


family(
    stats.halfgennorm,
    lambda z, beta: -beta * z ** (beta - 1),
    {"beta": lambda z, beta: 1 / beta + digamma(1 / beta) / beta**2 - z**beta * log_above(z)},
    slopes={"beta": _halfgennorm_slope},
)
family(
    stats.alpha,
    lambda z, a: -((a - 1 / z) / z + 2) / z,
    {"a": lambda z, a: 1 / z - a - hazard(a)},
    slopes={
        "a": lambda z, a: np.where(
            z > 0,
            normal(a - 1 / positive(z)) / ndtr(a) - ndtr(a - 1 / positive(z)) / ndtr(a) * hazard(a),
            0,
        )
    },
)
family(
    stats.loglaplace,
    lambda z, c: np.where(z < 1, c - 1, -c - 1) / z,
    {"c": lambda z, c: 1 / c - np.abs(np.log(z))},
    moves={"c": scaled},
    pole=True,
)
family(
    stats.exponpow,
    lambda z, b: (b - 1 - b * z**b * np.expm1(z**b)) / z,
    {"b": lambda z, b: 1 / b + np.log(z) * (1 - z**b * np.expm1(z**b))},
    moves={"b": scaled},
    pole=True,
)
family(
    stats.invweibull,
    lambda z, c: (c * z**-c - c - 1) / z,
    {"c": lambda z, c: 1 / c - np.log(z) * (1 - z**-c)},
    moves={"c": scaled},
)


def _fatigue(z: Any, c: Any) -> Any:
    at = positive(z)
    u = (at - 1) / (c * np.sqrt(at))
    return np.where(z > 0, -u * normal(u) / c, 0)


family(
    stats.fatiguelife,
    lambda z, c: 1 / (z + 1) - 1.5 / z - (1 - 1 / z**2) / (2 * c**2),
    {"c": lambda z, c: (z - 1) ** 2 / (z * c**3) - 1 / c},
    slopes={"c": _fatigue},
)


def _mielke_log(z: Any, s: Any) -> Any:
    """The logarithm of ``z / (1 + z**s) ** (1 / s)``."""
    return np.log(z) - np.log1p(z**s) / s


def _mielke_slope(z: Any, k: Any, s: Any, name: str) -> Any:
    at = positive(z)
    log = _mielke_log(at, s)
    by = log if name == "k" else k * (np.log1p(at**s) / s - at**s * np.log(at) / (1 + at**s)) / s
    return np.where(z > 0, np.exp(k * log) * by, 0)


family(
    stats.mielke,
    lambda z, k, s: (k - 1 - (s + k) * z**s / (1 + z**s)) / z,
    {
        "k": lambda z, k, s: 1 / k + _mielke_log(z, s),
        "s": lambda z, k, s: (
            k / s**2 * np.log1p(z**s) - (1 + k / s) * z**s * np.log(z) / (1 + z**s)
        ),
    },
    slopes={
        "k": lambda z, k, s: _mielke_slope(z, k, s, "k"),
        "s": lambda z, k, s: _mielke_slope(z, k, s, "s"),
    },
    pole=True,
)
