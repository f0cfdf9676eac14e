"""More rules for ``scipy.special``: orthogonal polynomials, Airy functions and others.

Numbers behind the formulas are those of the NIST Digital Library of Mathematical Functions,
https://dlmf.nist.gov.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from adjoint.rules.directives import refuse
from adjoint.rules.registry import elementwise, instead, of_real, poles, vjp, zero_derivative
from adjoint.rules.scipy.special_incomplete import (
    beta_density,
    betainc_by_a,
    gamma_density,
    gammainc_by_a,
)

__all__: list[str] = []

Function = Callable[..., Any]
ROOT_PI = math.sqrt(math.pi)

# --- elementary, under other names --------------------------------------------------------------

elementwise(special.softplus, x=lambda g, ans, x: g * special.expit(x))


def _by_exponent(log: Any, exponent: Any) -> Any:
    """The derivative of ``expm1(exponent * log) / exponent`` by the exponent, also at 0.

    Near 0 it is the sum of the first powers, since the formula loses digits there.
    """
    t = exponent * log
    is_small = np.abs(t) < 1e-3
    at, by = np.where(is_small, 1, t), np.where(is_small, 1, exponent)
    far = (np.maximum(at, -800) * np.exp(at) - np.expm1(at)) / by**2
    return np.where(is_small, log**2 * (0.5 + t * (1 / 3 + t * (1 / 8 + t / 30))), far)


elementwise(
    special.boxcox,
    x=lambda g, ans, x, lmbda: g * x ** (lmbda - 1),
    lmbda=lambda g, ans, x, lmbda: g * _by_exponent(np.log(x), lmbda),
    safe=0.5,
)
elementwise(
    special.boxcox1p,
    x=lambda g, ans, x, lmbda: g * (1 + x) ** (lmbda - 1),
    lmbda=lambda g, ans, x, lmbda: g * _by_exponent(np.log1p(x), lmbda),
    safe=0.5,
)
# The inverses: from ``boxcox(ans, lmbda) = y``.
elementwise(
    special.inv_boxcox,
    y=lambda g, ans, y, lmbda: g * ans ** (1 - lmbda),
    lmbda=lambda g, ans, y, lmbda: -g * _by_exponent(np.log(ans), lmbda) * ans ** (1 - lmbda),
    safe=0.5,
)
elementwise(
    special.inv_boxcox1p,
    y=lambda g, ans, y, lmbda: g * (1 + ans) ** (1 - lmbda),
    lmbda=lambda g, ans, y, lmbda: (
        -g * _by_exponent(np.log1p(ans), lmbda) * (1 + ans) ** (1 - lmbda)
    ),
    safe=0.5,
)
elementwise(
    special.powm1,
    x=lambda g, ans, x, y: g * y * x ** (y - 1),
    y=lambda g, ans, x, y: g * special.xlogy(ans + 1, x),
    safe=1.0,
)
for _degrees, _slope in (
    (special.sindg, lambda g, ans, x: g * math.pi / 180 * special.cosdg(x)),
    (special.cosdg, lambda g, ans, x: -g * math.pi / 180 * special.sindg(x)),
    (special.tandg, lambda g, ans, x: g * math.pi / 180 * (1 + ans**2)),
    (special.cotdg, lambda g, ans, x: -g * math.pi / 180 * (1 + ans**2)),
):
    elementwise(_degrees, x=_slope)

# --- integrals: DLMF 6, 7 ------------------------------------------------------------------------


def _pair_by(slopes: tuple[Function, ...]) -> Function:
    """The rule of a function of one number with several results, by the derivative of each."""

    def rule(g: Any, ans: Any, x: Any) -> Any:
        parts = [
            part * slope(x, ans) for part, slope in zip(g, slopes, strict=True) if part is not None
        ]
        return sum(parts[1:], parts[0]) if parts else 0.0

    return rule


vjp(special.sici, x=_pair_by((lambda x, ans: np.sin(x) / x, lambda x, ans: np.cos(x) / x)))
vjp(special.shichi, x=_pair_by((lambda x, ans: np.sinh(x) / x, lambda x, ans: np.cosh(x) / x)))
vjp(
    special.fresnel,
    z=lambda g, ans, z: _pair_by(
        (lambda z, ans: np.sin(math.pi / 2 * z**2), lambda z, ans: np.cos(math.pi / 2 * z**2))
    )(g, ans, z),
)
vjp(
    special.airy,
    z=lambda g, ans, z: _pair_by(
        (lambda z, a: a[1], lambda z, a: z * a[0], lambda z, a: a[3], lambda z, a: z * a[2])
    )(g, ans, z),
)

elementwise(special.wofz, z=lambda g, ans, z: g * (2j / ROOT_PI - 2 * z * ans))
elementwise(special.lambertw, z=lambda g, ans, z, k=0, tol=1e-8: g / (np.exp(ans) * (1 + ans)))
elementwise(special.wrightomega, z=lambda g, ans, z: g * ans / (1 + ans))
elementwise(
    special.owens_t,
    h=lambda g, ans, h, a: (
        -g * special.erf(a * h / math.sqrt(2)) * np.exp(-(h**2) / 2) / (2 * math.sqrt(2 * math.pi))
    ),
    a=lambda g, ans, h, a: g * np.exp(-(h**2) * (1 + a**2) / 2) / (2 * math.pi * (1 + a**2)),
)
elementwise(
    special.ndtri_exp,
    y=lambda g, ans, y: g * math.sqrt(2 * math.pi) * np.exp(y + ans**2 / 2),
    safe=-1.0,
)
elementwise(
    special.voigt_profile,
    x=lambda g, ans, x, sigma, gamma: g * _voigt_slope(x, sigma, gamma, 0),
    sigma=lambda g, ans, x, sigma, gamma: g * _voigt_slope(x, sigma, gamma, 1),
    gamma=lambda g, ans, x, sigma, gamma: g * _voigt_slope(x, sigma, gamma, 2),
    safe=1.0,
)


def _voigt_slope(x: Any, sigma: Any, gamma: Any, by: int) -> Any:
    """It is the real part of ``w(z) / (sigma sqrt(2 pi))`` with ``z = (x + i gamma) / (sigma
    sqrt(2))``, DLMF 7.19."""
    z = (x + 1j * gamma) / (sigma * math.sqrt(2))
    w = special.wofz(z)
    slope = 2j / ROOT_PI - 2 * z * w
    scale = sigma * math.sqrt(2 * math.pi)
    if by == 1:
        return -np.real(w + z * slope) / (scale * sigma)
    by_x = slope / (sigma * math.sqrt(2) * scale)
    return np.real(by_x) if by == 0 else -np.imag(by_x)


# --- binomials and distribution functions -------------------------------------------------------

elementwise(
    special.binom,
    n=lambda g, ans, n, k: g * ans * (special.digamma(n + 1) - special.digamma(n - k + 1)),
    k=lambda g, ans, n, k: g * ans * (special.digamma(n - k + 1) - special.digamma(k + 1)),
)
poles(special.binom)


def comb(N: Any, k: Any, *, exact: Any = False, repetition: Any = False) -> Any:  # noqa: N803
    """As ``scipy.special.comb``: 0 where there are not so many to choose from."""
    if exact or repetition:
        refuse("scipy.special.comb with exact= or repetition=", "leave it away; N + k - 1 repeats")
    return np.where((k <= N) & (N >= 0) & (k >= 0), special.binom(N, k), 0.0)


def perm(N: Any, k: Any, exact: Any = False) -> Any:  # noqa: N803
    """As ``scipy.special.perm``."""
    if exact:
        refuse("scipy.special.perm with exact=True", "leave it away")
    return np.where((k <= N) & (N >= 0) & (k >= 0), special.poch(N - k + 1, k), 0.0)


instead(special.comb, comb)
instead(special.perm, perm)
elementwise(special.pdtr, m=lambda g, ans, k, m: -g * _poisson(k, m))
elementwise(special.pdtrc, m=lambda g, ans, k, m: g * _poisson(k, m))
elementwise(
    special.gdtr,
    a=lambda g, ans, a, b, x: g * x * gamma_density(b, a * x),
    b=lambda g, ans, a, b, x: g * gammainc_by_a(b, a * x),
    x=lambda g, ans, a, b, x: g * a * gamma_density(b, a * x),
)
elementwise(
    special.gdtrc,
    a=lambda g, ans, a, b, x: -g * x * gamma_density(b, a * x),
    b=lambda g, ans, a, b, x: -g * gammainc_by_a(b, a * x),
    x=lambda g, ans, a, b, x: -g * a * gamma_density(b, a * x),
)


def _poisson(k: Any, m: Any) -> Any:
    k = np.floor(k)
    return np.exp(special.xlogy(k, m) - m - special.gammaln(k + 1))


def _fdtr(sign: int, by: str) -> Function:
    """F is a beta function of ``dfn x / (dfd + dfn x)``."""

    def rule(g: Any, ans: Any, dfn: Any, dfd: Any, x: Any) -> Any:
        total = dfd + dfn * x
        y, a, b = dfn * x / total, dfn / 2, dfd / 2
        density = beta_density(a, b, y)
        share = density * dfd / total**2
        if by == "x":
            return sign * g * share * dfn
        if by == "dfn":
            return sign * g * (share * x + 0.5 * betainc_by_a(a, b, y, 1 - y))
        return -sign * g * (density * dfn * x / total**2 + 0.5 * betainc_by_a(b, a, 1 - y, y))

    return rule


for _function, _sign in ((special.fdtr, 1), (special.fdtrc, -1)):
    elementwise(_function, dfn=_fdtr(_sign, "dfn"), dfd=_fdtr(_sign, "dfd"), x=_fdtr(_sign, "x"))
of_real(special.fdtr, special.fdtrc, special.gdtr, special.gdtrc, special.owens_t)

# --- hypergeometric functions, by the argument: DLMF 13.3, 15.5, 16.3 -----------------------------

elementwise(special.hyp0f1, z=lambda g, ans, v, z: g * special.hyp0f1(v + 1, z) / v)
elementwise(special.hyp1f1, x=lambda g, ans, a, b, x: g * a / b * special.hyp1f1(a + 1, b + 1, x))
elementwise(special.hyperu, x=lambda g, ans, a, b, x: -g * a * special.hyperu(a + 1, b + 1, x))
elementwise(
    special.hyp2f1,
    z=lambda g, ans, a, b, c, z: g * a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, z),
)

poles(special.hyp1f1, special.hyperu, special.hyp2f1, special.lambertw)

# --- orthogonal polynomials of whole degree, by the argument: DLMF 18.9 ---------------------------


def _before(n: Any) -> Any:
    """The degree below, or 0: what is of degree -1 is multiplied by 0, and is nan."""
    return max(n - 1, 0) if isinstance(n, int) else np.maximum(n - 1, 0)


elementwise(special.eval_chebyt, x=lambda g, ans, n, x: g * n * special.eval_chebyu(n - 1, x))
elementwise(
    special.eval_chebyu,
    x=lambda g, ans, n, x: 2 * g * special.eval_gegenbauer(n - 1, 2.0, x),
)
elementwise(
    special.eval_legendre,
    x=lambda g, ans, n, x: g * special.eval_gegenbauer(n - 1, 1.5, x),
)
elementwise(
    special.eval_gegenbauer,
    x=lambda g, ans, n, alpha, x: 2 * g * alpha * special.eval_gegenbauer(n - 1, alpha + 1, x),
)
elementwise(
    special.eval_jacobi,
    x=lambda g, ans, n, alpha, beta, x: (
        0.5 * g * (n + alpha + beta + 1)
        * special.eval_jacobi(n - 1, alpha + 1, beta + 1, x)
    ),
)  # fmt: skip
elementwise(
    special.eval_hermite, x=lambda g, ans, n, x: 2 * g * n * special.eval_hermite(_before(n), x)
)
elementwise(
    special.eval_hermitenorm, x=lambda g, ans, n, x: g * n * special.eval_hermitenorm(_before(n), x)
)
elementwise(
    special.eval_laguerre, x=lambda g, ans, n, x: -g * special.eval_genlaguerre(n - 1, 1.0, x)
)
elementwise(
    special.eval_genlaguerre,
    x=lambda g, ans, n, alpha, x: -g * special.eval_genlaguerre(n - 1, alpha + 1, x),
)

# --- Bessel functions of other kinds: DLMF 10.6, 10.51, 11.4 --------------------------------------

for _hankel in (special.hankel1, special.hankel2):
    elementwise(
        _hankel,
        z=lambda g, ans, v, z, same=_hankel: g * (same(v - 1, z) - same(v + 1, z)) / 2,
    )
elementwise(
    special.struve,
    x=lambda g, ans, v, x: g * (special.struve(v - 1, x) - v / x * ans),
    safe=0.5,
)
elementwise(
    special.modstruve,
    x=lambda g, ans, v, x: g * (special.modstruve(v - 1, x) - v / x * ans),
    safe=0.5,
)


def _spherical(kind: Function, above: int, sign: int) -> Function:
    """As a spherical Bessel function, with its derivative as an expression of two of them."""

    def read(n: Any, z: Any, derivative: Any = False) -> Any:
        order = n + 0.5
        value = np.sqrt(math.pi / 2 / z) * kind(order, z)
        if not derivative:
            return value
        return sign * above * np.sqrt(math.pi / 2 / z) * kind(order + 1, z) + n / z * value

    return read


instead(special.spherical_jn, _spherical(special.jv, 1, -1))
instead(special.spherical_yn, _spherical(special.yv, 1, -1))
instead(special.spherical_in, _spherical(special.iv, 1, 1))


instead(special.spherical_kn, _spherical(special.kv, 1, -1))


def _slopes(kind: Function, sign: int) -> Function:
    """As a derivative of order `n` of a Bessel function: DLMF 10.6.7 and 10.29.5."""

    def read(v: Any, z: Any, n: Any = 1) -> Any:
        if not isinstance(n, int):
            refuse("a derivative of a Bessel function of an order that varies", "write it by cases")
        total = kind(v - n, z)
        for k in range(1, n + 1):
            total = total + sign**k * math.comb(n, k) * kind(v - n + 2 * k, z)
        return total / 2**n

    return read


def kvp(v: Any, z: Any, n: Any = 1) -> Any:
    """As ``scipy.special.kvp``: the other functions with the sign of the order."""
    return (-1) ** n * _slopes_of_kv(v, z, n)


_slopes_of_kv = _slopes(special.kv, 1)
instead(special.kvp, kvp)
instead(special.jvp, _slopes(special.jv, -1))
instead(special.yvp, _slopes(special.yv, -1))
instead(special.ivp, _slopes(special.iv, 1))
instead(special.h1vp, _slopes(special.hankel1, -1))
instead(special.h2vp, _slopes(special.hankel2, -1))

zero_derivative(special.stirling2)
for _roots in (
    "roots_hermite", "roots_hermitenorm", "roots_laguerre", "roots_chebyt", "roots_chebyu",
    "bernoulli", "euler",
):  # fmt: skip
    zero_derivative(getattr(special, _roots))
