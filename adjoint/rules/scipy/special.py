"""Rules for ``scipy.special``.

Numbers behind the formulas are those of the NIST Digital Library of Mathematical Functions,
https://dlmf.nist.gov; where nothing is said the derivative is the definition's integrand.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from adjoint.rules.directives import refuse
from adjoint.rules.registry import elementwise, instead, of_real, poles, same, vjp, zero_derivative
from adjoint.rules.scipy.dispatch import dispatched

__all__: list[str] = []

ROOT_PI, LOG_PI = math.sqrt(math.pi), math.log(math.pi)
polygamma, zeta = dispatched(special.polygamma), dispatched(special.zeta)


# --- gamma and beta: DLMF 5.2, 5.9, 5.12 -----------------------------------------------------

elementwise(special.gamma, x=lambda g, ans, x: g * ans * special.digamma(x), safe=0.5)
elementwise(special.gammaln, x=lambda g, ans, x: g * special.digamma(x), safe=0.5)
elementwise(special.loggamma, x=lambda g, ans, x: g * special.digamma(x), safe=0.5)
elementwise(special.rgamma, x=lambda g, ans, x: -g * ans * special.digamma(x), safe=0.5)
elementwise(special.digamma, x=lambda g, ans, x: g * polygamma(1, x), safe=0.5)
elementwise(special.polygamma, x=lambda g, ans, n, x: g * polygamma(n + 1, x), safe=0.5)
elementwise(
    special.beta,
    x=lambda g, ans, x, y: g * ans * (special.digamma(x) - special.digamma(x + y)),
    y=lambda g, ans, x, y: g * ans * (special.digamma(y) - special.digamma(x + y)),
    safe=0.5,
)
elementwise(
    special.betaln,
    x=lambda g, ans, x, y: g * (special.digamma(x) - special.digamma(x + y)),
    y=lambda g, ans, x, y: g * (special.digamma(y) - special.digamma(x + y)),
    safe=0.5,
)
elementwise(
    special.poch,
    x=lambda g, ans, x, m: g * ans * (special.digamma(x + m) - special.digamma(x)),
    m=lambda g, ans, x, m: g * ans * special.digamma(x + m),
    safe=0.5,
)


# --- gamma of several dimensions ---------------------------------------------------------------


def multigammaln(a: Any, d: Any) -> Any:
    """As ``scipy.special.multigammaln``."""
    if not isinstance(d, int):
        refuse("scipy.special.multigammaln of a dimension that varies", "write the sum of gammaln")
    a = np.asarray(a)
    if np.any(a <= 0.5 * (d - 1)):
        raise ValueError("multigammaln: a must be larger than 0.5 * (d - 1)")
    total = 0.25 * d * (d - 1) * LOG_PI + special.gammaln(a)
    for k in range(1, d):
        total = total + special.gammaln(a - 0.5 * k)
    return total


instead(special.multigammaln, multigammaln)

# --- the error function and its kin: DLMF 7.2, 7.17 -------------------------------------------

elementwise(special.erf, x=lambda g, ans, x: 2 / ROOT_PI * g * np.exp(-(x**2)))
elementwise(special.erfc, x=lambda g, ans, x: -2 / ROOT_PI * g * np.exp(-(x**2)))
elementwise(special.erfi, x=lambda g, ans, x: 2 / ROOT_PI * g * np.exp(x**2))
elementwise(special.erfcx, x=lambda g, ans, x: g * (2 * x * ans - 2 / ROOT_PI))
elementwise(special.dawsn, x=lambda g, ans, x: g * (1 - 2 * x * ans))
elementwise(special.erfinv, y=lambda g, ans, y: ROOT_PI / 2 * g * np.exp(ans**2), safe=0.5)
elementwise(special.erfcinv, y=lambda g, ans, y: -ROOT_PI / 2 * g * np.exp(ans**2), safe=0.5)


def _normal(x: Any) -> Any:
    """The density of the standard normal distribution."""
    return np.exp(-0.5 * x**2) / math.sqrt(2 * math.pi)


elementwise(special.ndtr, x=lambda g, ans, x: g * _normal(x))
elementwise(
    special.log_ndtr,
    x=lambda g, ans, x: g * np.exp(-0.5 * x**2 - ans) / math.sqrt(2 * math.pi),
)
elementwise(special.ndtri, y=lambda g, ans, y: g / _normal(ans), safe=0.5)

# --- Bessel functions: DLMF 10.6, 10.29. Of the order there is no derivative here -------------

elementwise(special.j0, x=lambda g, ans, x: -g * special.j1(x))
elementwise(special.j1, x=lambda g, ans, x: g * (special.j0(x) - special.jv(2, x)) / 2)
elementwise(special.y0, x=lambda g, ans, x: -g * special.y1(x), safe=0.5)
elementwise(special.y1, x=lambda g, ans, x: g * (special.y0(x) - special.yv(2, x)) / 2, safe=0.5)
elementwise(special.i0, x=lambda g, ans, x: g * special.i1(x))
elementwise(special.i1, x=lambda g, ans, x: g * (special.i0(x) + special.iv(2, x)) / 2)
elementwise(special.k0, x=lambda g, ans, x: -g * special.k1(x), safe=0.5)
elementwise(special.k1, x=lambda g, ans, x: -g * (special.k0(x) + special.kv(2, x)) / 2, safe=0.5)
elementwise(special.i0e, x=lambda g, ans, x: g * (special.i1e(x) - np.sign(x) * ans))
elementwise(
    special.i1e,
    x=lambda g, ans, x: g * ((special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * ans),
)
elementwise(special.k0e, x=lambda g, ans, x: g * (ans - special.k1e(x)), safe=0.5)
elementwise(
    special.k1e, x=lambda g, ans, x: g * (ans - (special.k0e(x) + special.kve(2, x)) / 2), safe=0.5
)
elementwise(
    special.jv, z=lambda g, ans, v, z: g * (special.jv(v - 1, z) - special.jv(v + 1, z)) / 2
)
elementwise(
    special.yv,
    z=lambda g, ans, v, z: g * (special.yv(v - 1, z) - special.yv(v + 1, z)) / 2,
    safe=0.5,
)
elementwise(
    special.yn,
    x=lambda g, ans, n, x: g * (special.yv(n - 1, x) - special.yv(n + 1, x)) / 2,
    safe=0.5,
)
elementwise(
    special.iv, z=lambda g, ans, v, z: g * (special.iv(v - 1, z) + special.iv(v + 1, z)) / 2
)
elementwise(
    special.kv,
    z=lambda g, ans, v, z: -g * (special.kv(v - 1, z) + special.kv(v + 1, z)) / 2,
    safe=0.5,
)
elementwise(
    special.kn,
    x=lambda g, ans, n, x: -g * (special.kv(n - 1, x) + special.kv(n + 1, x)) / 2,
    safe=0.5,
)
elementwise(
    special.ive,
    z=lambda g, ans, v, z: (
        g * ((special.ive(v - 1, z) + special.ive(v + 1, z)) / 2 - np.sign(z) * ans)
    ),
)
elementwise(
    special.kve,
    z=lambda g, ans, v, z: g * (ans - (special.kve(v - 1, z) + special.kve(v + 1, z)) / 2),
    safe=0.5,
)
of_real(special.digamma, special.ive)  # SciPy has no complex polygamma; ive looks at the real part

# --- logistic functions and entropies ---------------------------------------------------------

elementwise(special.expit, x=lambda g, ans, x: g * ans * (1 - ans))
elementwise(special.logit, x=lambda g, ans, x: g / (x * (1 - x)), safe=0.5)
elementwise(special.log_expit, x=lambda g, ans, x: g * special.expit(-x))
# Where x is 0 there is no logarithm to divide by the argument of.
elementwise(
    special.xlogy,
    x=lambda g, ans, x, y: g * np.log(y),
    y=lambda g, ans, x, y: g * x / np.where(x == 0, 1, y),
    safe=0.5,
)
elementwise(
    special.xlog1py,
    x=lambda g, ans, x, y: g * np.log1p(y),
    y=lambda g, ans, x, y: g * x / np.where(x == 0, 1, 1 + y),
    safe=0.5,
)
elementwise(special.entr, x=lambda g, ans, x: -g * (np.log(x) + 1), safe=0.5)


def _log_of_ratio(x: Any, y: Any) -> Any:
    """The logarithm of x / y, and -1 where both are 0: along x = y these do not change."""
    nothing = (x == 0) & (y == 0)
    return np.log((x + nothing) / (y + nothing)) - nothing


def _ratio(x: Any, y: Any) -> Any:
    return x / (y + ((x == 0) & (y == 0)))


elementwise(
    special.rel_entr,
    x=lambda g, ans, x, y: g * (_log_of_ratio(x, y) + 1),
    y=lambda g, ans, x, y: -g * _ratio(x, y),
    safe=0.5,
)
elementwise(
    special.kl_div,
    x=lambda g, ans, x, y: g * _log_of_ratio(x, y),
    y=lambda g, ans, x, y: g * (1 - _ratio(x, y)),
    safe=0.5,
)
elementwise(
    special.huber,
    delta=lambda g, ans, delta, r: g * np.maximum(np.abs(r) - delta, 0),
    r=lambda g, ans, delta, r: g * np.clip(r, -delta, delta),
)
elementwise(
    special.pseudo_huber,
    delta=lambda g, ans, delta, r: g * (2 * ans - r**2 / np.hypot(1, r / delta)) / delta,
    r=lambda g, ans, delta, r: g * r / np.hypot(1, r / delta),
)

# --- powers, logarithms and integrals ---------------------------------------------------------

same(special.cbrt, np.cbrt)
same(special.expm1, np.expm1)
same(special.log1p, np.log1p)
same(special.exp2, np.exp2)
elementwise(special.exp10, x=lambda g, ans, x: math.log(10) * g * ans, safe=0.0)
elementwise(special.cosm1, x=lambda g, ans, x: -g * np.sin(x))
elementwise(
    special.exprel,  # (exp(x) - 1) / x
    x=lambda g, ans, x: g * np.where(x == 0, 0.5, (np.exp(x) - ans) / (x + (x == 0))),
)
elementwise(special.expi, x=lambda g, ans, x: g * np.exp(x) / x, safe=0.5)
elementwise(special.exp1, z=lambda g, ans, z: -g * np.exp(-z) / z, safe=0.5)


def _expn(g: Any, ans: Any, n: Any, x: Any) -> Any:
    """SciPy has none of order -1: by DLMF 8.19.12, of order 0."""
    if isinstance(n, int) and n == 0:
        return -g * (np.exp(-x) + ans) / x
    return -g * special.expn(n - 1, x)


elementwise(special.expn, x=_expn, safe=0.5)
elementwise(
    special.spence, z=lambda g, ans, z: g * np.log(z) / (1 - z + (z == 1)) - g * (z == 1), safe=0.5
)
elementwise(special.zeta, q=lambda g, ans, x, q=None: -g * x * zeta(x + 1, q))
poles(special.zeta)

# --- along axes -------------------------------------------------------------------------------


def _spread(reduced: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """What was reduced over `axis`, so that it broadcasts against `x`."""
    if keepdims or np.ndim(reduced) == 0:
        return reduced
    return np.expand_dims(reduced, axis)


def _taken(ans: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """``exp(a - ans)``, and 0 where all terms were ``exp(-inf)``."""
    return np.exp(a - _spread(np.where(np.isfinite(ans), ans, 0), a, axis, keepdims))


def _logsumexp_a(
    g: Any,
    ans: Any,
    a: Any,
    axis: Any = None,
    b: Any = None,
    keepdims: bool = False,
    return_sign: bool = False,
) -> Any:
    if return_sign:
        raise NotImplementedError("logsumexp with return_sign=True has no derivative here")
    d_a = _spread(g, a, axis, keepdims) * _taken(ans, a, axis, keepdims)
    return d_a if b is None else d_a * b


def _logsumexp_b(
    g: Any,
    ans: Any,
    a: Any,
    axis: Any = None,
    b: Any = None,
    keepdims: bool = False,
    return_sign: bool = False,
) -> Any:
    if return_sign:
        raise NotImplementedError("logsumexp with return_sign=True has no derivative here")
    return _spread(g, a, axis, keepdims) * _taken(ans, a, axis, keepdims)


def _total(x: Any, axis: Any) -> Any:
    return np.sum(x) if axis is None else np.sum(x, axis=axis, keepdims=True)


def _softmax(g: Any, ans: Any, x: Any, axis: Any = None) -> Any:
    pulled = g * ans
    return pulled - ans * _total(pulled, axis)


def _log_softmax(g: Any, ans: Any, x: Any, axis: Any = None) -> Any:
    return g - np.exp(ans) * _total(g, axis)


vjp(special.logsumexp, a=_logsumexp_a, b=_logsumexp_b)
vjp(special.softmax, x=_softmax)
vjp(special.log_softmax, x=_log_softmax)

# --- no derivative ----------------------------------------------------------------------------

zero_derivative(special.round, special.gammasgn)
