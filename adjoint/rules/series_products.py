"""Products, powers and other bases of the series of ``numpy.polynomial``.

They are read as what NumPy does, but that the arrays have the length of the result from the begin
on. The coefficient of the lowest term comes first; a product loses the highest ones that are zero.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial

from adjoint.rules.directives import is_as_long, same_length
from adjoint.rules.registry import instead
from adjoint.rules.series_linear import FAMILIES

__all__ = ["PRODUCTS", "added", "raised", "ready", "subtracted", "trimmed"]


def added(c1: Any, c2: Any) -> Any:
    """As ``np.polynomial.polynomial.polyadd``, and that of the other series."""
    return trimmed(np.polyadd(np.atleast_1d(c1)[::-1], np.atleast_1d(c2)[::-1])[::-1])


def subtracted(c1: Any, c2: Any) -> Any:
    """As ``np.polynomial.polynomial.polysub``, and that of the other series."""
    return trimmed(np.polysub(np.atleast_1d(c1)[::-1], np.atleast_1d(c2)[::-1])[::-1])


def multiplied(c1: Any, c2: Any) -> Any:
    """As ``np.polynomial.polynomial.polymul``."""
    return trimmed(np.polymul(np.atleast_1d(c1)[::-1], np.atleast_1d(c2)[::-1])[::-1])


def trimmed(coefficients: Any) -> Any:
    """The coefficients without the highest ones that are zero, but for the last one."""
    return coefficients[: max(len(np.trim_zeros(coefficients, "b")), 1)]


def ready(c: Any) -> Any:
    """Coefficients as an array of floats."""
    c = np.atleast_1d(np.asarray(c))
    return c if c.dtype.kind in "fc" else c + 0.0


# Products with x ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recurrence:
    """The terms of a series: ``x * p[n] = up(n) p[n+1] + here(n) p[n] + down(n) p[n-1]``.

    Each is given the coefficients and the numbers of their terms. `step` is what NumPy's summation
    by C. W. Clenshaw makes of the last two sums and the product of the last one with x.
    """

    up: Callable[[Any, Any], Any]
    here: Callable[[Any, Any], Any] | None
    down: Callable[[Any, Any], Any]
    lower: Callable[[Any, Any], Any]
    upper: Callable[[Any, Any, Any], Any]
    first: Callable[[Any, Any], Any]


def _by_x(terms: Recurrence, c: Any) -> Any:
    """As ``legmulx(c)``."""
    c = ready(c)
    n = np.arange(len(c)).astype(c.dtype)
    product = np.pad(terms.up(c, n), (1, 0))
    if terms.here is not None:
        product = product + np.pad(terms.here(c, n), (0, 1))
    return product + np.pad(terms.down(c, n)[1:], (0, 2))


_LEGENDRE = Recurrence(
    up=lambda c, n: c * (n + 1) / (2 * n + 1),
    here=None,
    down=lambda c, n: c * n / (2 * n + 1),
    lower=lambda n, p: p * (n - 1) / n,
    upper=lambda n, p, px: px * (2 * n - 1) / n,
    first=lambda p, px: px,
)
_HERMITE = Recurrence(
    up=lambda c, n: c / 2,
    here=None,
    down=lambda c, n: c * n,
    lower=lambda n, p: p * (2 * (n - 1)),
    upper=lambda n, p, px: px * 2,
    first=lambda p, px: px * 2,
)
_HERMITE_E = Recurrence(
    up=lambda c, n: c,
    here=None,
    down=lambda c, n: c * n,
    lower=lambda n, p: p * (n - 1),
    upper=lambda n, p, px: px,
    first=lambda p, px: px,
)
_LAGUERRE = Recurrence(
    up=lambda c, n: -c * (n + 1),
    here=lambda c, n: c * (2 * n + 1),
    down=lambda c, n: -c * n,
    lower=lambda n, p: p * (n - 1) / n,
    upper=lambda n, p, px: ((2 * n - 1) * p - px) / n,
    first=lambda p, px: p - px,
)
_CHEBYSHEV = Recurrence(
    up=lambda c, n: np.where(n == 0, c, c / 2),
    here=None,
    down=lambda c, n: c / 2,
    lower=lambda n, p: p,
    upper=lambda n, p, px: px * 2,
    first=lambda p, px: px,
)


def _powers_by_x(c: Any) -> Any:
    """As ``polymulx(c)``."""
    return np.pad(ready(c), (1, 0))


def _multiplied_by_x(by_x: Callable[[Any], Any], c: Any) -> Any:
    return trimmed(by_x(c))


# Products of two ------------------------------------------------------------------------------


def _product(terms: Recurrence, c1: Any, c2: Any) -> Any:
    """As ``legmul(c1, c2)``: the shorter series is summed, with the longer one for its terms."""
    a, b = ready(c1), ready(c2)
    short, long = (a, b) if is_as_long(len(b), len(a)) else (b, a)
    if same_length(len(short), 1):
        return trimmed(short[0] * long)
    long = np.pad(long, (0, len(short) - 1))
    return trimmed(_summed(terms, short, long, functools.partial(_by_x, terms)))


def _summed(terms: Recurrence, c: Any, one: Any, by_x: Callable[[Any], Any]) -> Any:
    """The sum of two terms and more of a series, of which the first is `one`.

    `by_x` multiplies it with x. It is as long as the sum, so that nothing is lost at its end.
    """
    low, high = c[-2] * one, c[-1] * one
    for n in range(len(c) - 1, 1, -1):
        more = terms.upper(n, high, by_x(high[:-1]))
        low, high = c[n - 2] * one - terms.lower(n, high), low + more
    return low + terms.first(high, by_x(high[:-1]))


def _unfolded(c: Any) -> Any:
    """The coefficients of ``z**n``, n from below zero on, where ``x = (z + 1 / z) / 2``."""
    half = c / 2
    return np.concatenate([half[:0:-1], c[:1], half[1:]])


def _folded(z: Any) -> Any:
    middle = len(z) // 2
    return np.concatenate([z[middle : middle + 1], z[middle + 1 :] * 2])


def _chebyshev_product(c1: Any, c2: Any) -> Any:
    """As ``chebmul(c1, c2)``."""
    return trimmed(_folded(np.convolve(_unfolded(ready(c1)), _unfolded(ready(c2)))))


def raised(multiply: Callable[[Any, Any], Any], c: Any, pow: Any, maxpower: Any = None) -> Any:
    """As ``legpow(c, pow)``."""
    c = ready(c)
    if pow == 0:
        return np.ones(1, dtype=c.dtype)
    product = c
    for _ in range(pow - 1):
        product = multiply(product, c)
    return product


# Other bases ----------------------------------------------------------------------------------


def _first_of(c: Any) -> Any:
    return np.eye(1, len(c), dtype=c.dtype)[0]


def _to_powers(terms: Recurrence, c: Any) -> Any:
    """As ``leg2poly(c)``."""
    c = ready(c)
    if same_length(len(c), 1):
        return c
    return trimmed(_summed(terms, c, _first_of(c), _powers_by_x))


def _from_powers(by_x: Callable[[Any], Any], pol: Any) -> Any:
    """As ``poly2leg(pol)``."""
    c = ready(pol)
    one = _first_of(c)
    total = c[-1] * one
    for n in range(len(c) - 2, -1, -1):
        total = by_x(total[:-1]) + c[n] * one
    return trimmed(total)


# All of them ----------------------------------------------------------------------------------

#: The product of two series, by the module of their functions.
PRODUCTS: dict[Any, Callable[[Any, Any], Any]] = {
    polynomial: multiplied,
    chebyshev: _chebyshev_product,
}

for _module, _name, _terms in (
    (chebyshev, "cheb", _CHEBYSHEV),
    (legendre, "leg", _LEGENDRE),
    (hermite, "herm", _HERMITE),
    (hermite_e, "herme", _HERMITE_E),
    (laguerre, "lag", _LAGUERRE),
):
    _times_x = functools.partial(_by_x, _terms)
    PRODUCTS.setdefault(_module, functools.partial(_product, _terms))
    instead(getattr(_module, f"{_name}mulx"), functools.partial(_multiplied_by_x, _times_x))
    instead(getattr(_module, f"{_name}2poly"), functools.partial(_to_powers, _terms))
    instead(getattr(_module, f"poly2{_name}"), functools.partial(_from_powers, _times_x))
instead(polynomial.polymulx, functools.partial(_multiplied_by_x, _powers_by_x))
for _module, _name in FAMILIES.items():
    instead(getattr(_module, f"{_name}add"), added)
    instead(getattr(_module, f"{_name}sub"), subtracted)
    instead(getattr(_module, f"{_name}mul"), PRODUCTS[_module])
    instead(getattr(_module, f"{_name}pow"), functools.partial(raised, PRODUCTS[_module]))
