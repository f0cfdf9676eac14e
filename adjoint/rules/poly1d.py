"""``np.poly1d``, read as a class that holds coefficients, that of the highest power first.

NumPy's own leaves leading zeros out where it makes one. Here they are left out where something
asks for the coefficients: a value has a derivative by a coefficient that is zero too.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from adjoint.rules.registry import instead

__all__ = ["Poly1d"]


class Poly1d:
    """What ``np.poly1d(c_or_r, r)`` makes."""

    def __init__(self, c_or_r: Any, r: Any = False, variable: Any = None) -> None:
        self.held = _from_roots(c_or_r) if r else _held(c_or_r)
        self.variable = "x" if variable is None else variable

    @property
    def coeffs(self) -> Any:
        """The coefficients, without leading zeros."""
        trimmed = np.trim_zeros(self.held, "f")
        return trimmed if len(trimmed) > 0 else self.held[-1:]

    @property
    def c(self) -> Any:
        """The same."""
        return self.coeffs

    @property
    def coef(self) -> Any:
        """The same."""
        return self.coeffs

    @property
    def coefficients(self) -> Any:
        """The same."""
        return self.coeffs

    @property
    def order(self) -> Any:
        """The highest power."""
        return len(self.coeffs) - 1

    @property
    def o(self) -> Any:
        """The same."""
        return self.order

    @property
    def roots(self) -> Any:
        """Where it is zero."""
        return np.roots(self.held)

    @property
    def r(self) -> Any:
        """The same."""
        return np.roots(self.held)

    def __array__(self) -> Any:
        return self.coeffs

    def __len__(self) -> Any:
        return self.order

    def __iter__(self) -> Any:
        return iter(self.coeffs)

    def __call__(self, val: Any) -> Any:
        """The value at `val`, or the polynomial of another one."""
        if isinstance(val, Poly1d):
            return _composed(self.held, val)
        return np.polyval(self.held, val)

    def __neg__(self) -> Any:
        return Poly1d(-self.held)

    def __pos__(self) -> Any:
        return self

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, Poly1d | np.poly1d) and np.ndim(other) == 0:
            return Poly1d(self.held * other)
        return Poly1d(np.polymul(self.held, _held(other)))

    def __rmul__(self, other: Any) -> Any:
        if not isinstance(other, Poly1d | np.poly1d) and np.ndim(other) == 0:
            return Poly1d(other * self.held)
        return Poly1d(np.polymul(_held(other), self.held))

    def __add__(self, other: Any) -> Any:
        return Poly1d(np.polyadd(self.held, _held(other)))

    def __radd__(self, other: Any) -> Any:
        return Poly1d(np.polyadd(_held(other), self.held))

    def __sub__(self, other: Any) -> Any:
        return Poly1d(np.polysub(self.held, _held(other)))

    def __rsub__(self, other: Any) -> Any:
        return Poly1d(np.polysub(_held(other), self.held))

    def __pow__(self, val: Any) -> Any:
        power = np.ones(1)
        for _ in range(val):
            power = np.polymul(power, self.held)
        return Poly1d(power)

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, Poly1d | np.poly1d) or np.ndim(other) > 0:
            quotient, rest = np.polydiv(self.held, _held(other))
            return Poly1d(quotient), Poly1d(rest)
        return Poly1d(self.held / other)

    def __getitem__(self, val: Any) -> Any:
        """The coefficient of a power."""
        if val < 0 or val >= len(self.held):
            return self.held[-1] * 0
        return self.held[len(self.held) - 1 - val]

    def deriv(self, m: Any = 1) -> Any:
        """The derivative of order `m`."""
        return Poly1d(np.polyder(self.held, m))

    def integ(self, m: Any = 1, k: Any = 0) -> Any:
        """The integral of order `m`, with these constants."""
        return Poly1d(np.polyint(self.held, m, k))


def _held(other: Any) -> Any:
    """The coefficients of a polynomial, a list or a number."""
    if isinstance(other, Poly1d):
        return other.held
    if isinstance(other, np.poly1d):
        return other.coeffs
    return np.atleast_1d(other)


def _from_roots(roots: Any) -> Any:
    product = np.ones(1)
    for root in np.atleast_1d(roots):
        product = np.convolve(product, np.stack([1.0, -root]))
    return product


def _composed(coefficients: Any, inner: Any) -> Any:
    value = Poly1d(coefficients[:1])
    for k in range(1, len(coefficients)):
        value = value * inner + coefficients[k]
    return value


def _of_given(name: str, polynomial: Any, *args: Any, **keywords: Any) -> Any:
    """A method of a polynomial that came in."""
    return getattr(Poly1d(polynomial.coeffs), name)(*args, **keywords)


instead(np.poly1d, Poly1d)
for _name in (
    "__call__", "__neg__", "__pos__", "__mul__", "__rmul__", "__add__", "__radd__", "__sub__",
    "__rsub__", "__pow__", "__truediv__", "__getitem__", "__len__", "__iter__", "deriv", "integ",
):  # fmt: skip
    instead(getattr(np.poly1d, _name), functools.partial(_of_given, _name))
