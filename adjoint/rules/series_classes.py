"""The classes of ``numpy.polynomial``, read as classes that hold coefficients."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial

from adjoint.rules.directives import refuse
from adjoint.rules.registry import instead
from adjoint.rules.series_products import PRODUCTS, added, raised, subtracted

__all__ = ["Power", "Series"]


# The classes ----------------------------------------------------------------------------------


class Series:
    """What ``np.polynomial.Polynomial(coef, domain, window)`` and its kin make."""

    kind: Any
    val: Any
    der: Any
    integrate: Any
    product: Any

    def __init__(
        self, coef: Any, domain: Any = None, window: Any = None, symbol: Any = "x"
    ) -> None:
        self.coef = np.atleast_1d(np.asarray(coef))
        self.is_mapped = domain is not None or window is not None
        self.domain = self.kind.domain if domain is None else np.asarray(domain)
        self.window = self.kind.window if window is None else np.asarray(window)
        self.symbol = symbol

    def mapparms(self) -> Any:
        """What a variable is shifted by, and scaled with."""
        width = self.domain[1] - self.domain[0]
        shift = (self.domain[1] * self.window[0] - self.domain[0] * self.window[1]) / width
        return shift, (self.window[1] - self.window[0]) / width

    def degree(self) -> Any:
        """The number of the last term."""
        return len(self.coef) - 1

    def __len__(self) -> Any:
        return len(self.coef)

    def __iter__(self) -> Any:
        return iter(self.coef)

    def __call__(self, arg: Any) -> Any:
        """The value at `arg`."""
        arg = np.asarray(arg) if isinstance(arg, list | tuple) else arg
        if self.is_mapped or _is_narrow(self.coef) or _is_narrow(arg):
            shift, scale = self.mapparms()  # which are of double precision
            arg = shift + scale * arg
        return self.val(arg, self.coef)

    def made(self, coef: Any) -> Any:
        """Another one on the same domain."""
        if self.is_mapped:
            return type(self)(coef, self.domain, self.window, self.symbol)
        return type(self)(coef, symbol=self.symbol)

    def deriv(self, m: Any = 1) -> Any:
        """The derivative of order `m`."""
        coefficients = self.der(self.coef, m)
        return self.made(coefficients * self.mapparms()[1] ** m if self.is_mapped else coefficients)

    def integ(self, m: Any = 1, k: Any = (), lbnd: Any = None) -> Any:
        """The integral of order `m`."""
        constants = [*k] if isinstance(k, list | tuple) else [k]
        if not self.is_mapped and lbnd is None:
            return self.made(self.integrate(self.coef, m, constants))
        shift, scale = self.mapparms()
        start = 0.0 if lbnd is None else shift + scale * lbnd
        coefficients = self.coef
        for order in range(m):
            coefficients = self.integrate(coefficients) / scale
            added = constants[order] if order < len(constants) else 0.0
            first = coefficients[:1] + (added - self.val(start, coefficients))
            coefficients = np.concatenate([first, coefficients[1:]])
        return self.made(coefficients)

    def __neg__(self) -> Any:
        return self.made(-self.coef)

    def __pos__(self) -> Any:
        return self

    def __add__(self, other: Any) -> Any:
        return self.made(added(self.coef, self._coefficients(other)))

    def __radd__(self, other: Any) -> Any:
        return self.made(added(self._coefficients(other), self.coef))

    def __sub__(self, other: Any) -> Any:
        return self.made(subtracted(self.coef, self._coefficients(other)))

    def __rsub__(self, other: Any) -> Any:
        return self.made(subtracted(self._coefficients(other), self.coef))

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, int | float):
            return self.made(self.coef * other)
        return self.made(self.product(self.coef, self._coefficients(other)))

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __pow__(self, power: Any) -> Any:
        return self.made(raised(self.product, self.coef, power))

    def __truediv__(self, other: Any) -> Any:
        if not isinstance(other, int | float) and (isinstance(other, Series) or np.ndim(other) > 0):
            refuse("the quotient of series of np.polynomial", "divide their values")
        return self.made(self.coef / other)

    def _coefficients(self, other: Any) -> Any:
        if not isinstance(other, Series):
            return np.atleast_1d(other)
        if self.is_mapped or other.is_mapped:
            refuse("the arithmetic of polynomials on domains of their own", "add their values")
        if other.kind is not self.kind:
            refuse("the arithmetic of series of different kinds", "convert one, as by leg2poly")
        return other.coef


def _is_narrow(x: Any) -> bool:
    return hasattr(x, "dtype") and x.dtype in (np.float16, np.float32, np.complex64)


class Power(Series):
    """What ``np.polynomial.Polynomial`` makes."""

    kind = polynomial.Polynomial
    val = staticmethod(polynomial.polyval)
    der = staticmethod(polynomial.polyder)
    integrate = staticmethod(polynomial.polyint)
    product = staticmethod(PRODUCTS[polynomial])


class Chebyshev(Series):
    """What ``np.polynomial.Chebyshev`` makes."""

    kind = chebyshev.Chebyshev
    val = staticmethod(chebyshev.chebval)
    der = staticmethod(chebyshev.chebder)
    integrate = staticmethod(chebyshev.chebint)
    product = staticmethod(PRODUCTS[chebyshev])


class Legendre(Series):
    """What ``np.polynomial.Legendre`` makes."""

    kind = legendre.Legendre
    val = staticmethod(legendre.legval)
    der = staticmethod(legendre.legder)
    integrate = staticmethod(legendre.legint)
    product = staticmethod(PRODUCTS[legendre])


class Hermite(Series):
    """What ``np.polynomial.Hermite`` makes."""

    kind = hermite.Hermite
    val = staticmethod(hermite.hermval)
    der = staticmethod(hermite.hermder)
    integrate = staticmethod(hermite.hermint)
    product = staticmethod(PRODUCTS[hermite])


class HermiteE(Series):
    """What ``np.polynomial.HermiteE`` makes."""

    kind = hermite_e.HermiteE
    val = staticmethod(hermite_e.hermeval)
    der = staticmethod(hermite_e.hermeder)
    integrate = staticmethod(hermite_e.hermeint)
    product = staticmethod(PRODUCTS[hermite_e])


class Laguerre(Series):
    """What ``np.polynomial.Laguerre`` makes."""

    kind = laguerre.Laguerre
    val = staticmethod(laguerre.lagval)
    der = staticmethod(laguerre.lagder)
    integrate = staticmethod(laguerre.lagint)
    product = staticmethod(PRODUCTS[laguerre])


def _fit(
    series: type[Series], fit: Any, x: Any, y: Any, deg: Any, domain: Any = None, rcond: Any = None,
    full: Any = False, w: Any = None, window: Any = None, symbol: Any = "x",
) -> Any:  # fmt: skip
    """As ``Polynomial.fit``: the domain reaches from the smallest place to the largest."""
    x = np.asarray(x)
    if x.dtype.kind == "c":
        refuse("a fit of a series at complex places", "pass a domain and real places")
    domain = np.stack([np.min(x), np.max(x)]) if domain is None else domain
    empty = series(np.zeros(1), domain, window, symbol)
    shift, scale = empty.mapparms()
    return empty.made(fit(shift + scale * x, y, deg, rcond, full, w))


_CLASSES: dict[Any, tuple[type[Series], Any]] = {
    polynomial.Polynomial: (Power, polynomial.polyfit),
    chebyshev.Chebyshev: (Chebyshev, chebyshev.chebfit),
    legendre.Legendre: (Legendre, legendre.legfit),
    hermite.Hermite: (Hermite, hermite.hermfit),
    hermite_e.HermiteE: (HermiteE, hermite_e.hermefit),
    laguerre.Laguerre: (Laguerre, laguerre.lagfit),
}


def _of_given(name: str, given: Any, *args: Any, **keywords: Any) -> Any:
    """A method of a series that came in."""
    series = _CLASSES[type(given)][0]
    return getattr(series(given.coef, given.domain, given.window), name)(*args, **keywords)


for _name in ("__call__", "deriv", "integ", "__neg__"):  # which all of them inherit
    instead(getattr(polynomial.Polynomial, _name), functools.partial(_of_given, _name))
for _cls, (_series, _fitting) in _CLASSES.items():
    instead(_cls, _series)
    instead(_cls.fit, functools.partial(_fit, _series, _fitting))
