"""Quotients of polynomials, and polynomials by their roots: read as the loops that they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial import polynomial

from adjoint.rules.directives import refuse
from adjoint.rules.registry import instead
from adjoint.rules.series_products import ready, trimmed

__all__: list[str] = []


def _wide(dividend: Any, divisor: Any) -> Any:
    """A copy of the dividend in the precision of both."""
    return dividend.copy() if dividend.dtype == divisor.dtype else dividend + 0 * divisor[0]


def polydiv(u: Any, v: Any) -> Any:
    """As ``np.polydiv``: quotient and remainder, without what is 0 at its front."""
    u, v = np.atleast_1d(u) + 0.0, np.atleast_1d(v) + 0.0
    rest = _wide(u, v)
    count = len(u) - len(v) + 1
    quotient = np.zeros(max(count, 1), rest.dtype)
    for k in range(count):
        term = rest[k] / v[0]
        quotient[k] = term
        rest[k : k + len(v)] -= term * v
    while np.allclose(rest[0], 0, rtol=1e-14) and len(rest) > 1:
        rest = rest[1:]
    return quotient, rest


def series_quotient(c1: Any, c2: Any) -> Any:
    """As ``np.polynomial.polynomial.polydiv``, of the lowest power first."""
    c1, c2 = trimmed(ready(c1)), trimmed(ready(c2))
    if c2[-1] == 0:
        raise ZeroDivisionError
    rest = _wide(c1, c2)
    degree = len(c2) - 1
    count = len(c1) - degree
    quotient = np.zeros(max(count, 1), rest.dtype)
    for k in range(count - 1, -1, -1):
        term = rest[k + degree] / c2[-1]
        quotient[k] = term
        rest[k : k + degree] -= term * c2[:-1]
    return quotient, trimmed(rest[: max(degree, 1)] * (degree > 0))


def poly(seq_of_zeros: Any) -> Any:
    """As ``np.poly`` of real roots."""
    zeros = np.atleast_1d(np.asarray(seq_of_zeros))
    if np.ndim(zeros) != 1:
        refuse("np.poly of a matrix", "hand it the eigenvalues")
    if zeros.dtype.kind == "c":
        refuse("np.poly of complex roots, which is real or not by their values", "use np.polymul")
    zeros = zeros if zeros.dtype.kind == "f" else zeros + 0.0
    coefficients = np.zeros(len(zeros) + 1, zeros.dtype)
    coefficients[0] = 1.0
    for k in range(len(zeros)):
        coefficients[1:] -= zeros[k] * coefficients[:-1]
    return coefficients


def polyfromroots(roots: Any) -> Any:
    """As ``np.polynomial.polynomial.polyfromroots``."""
    return np.poly(roots)[::-1]


instead(np.polydiv, polydiv)
instead(np.poly, poly)
instead(polynomial.polydiv, series_quotient)
instead(polynomial.polyfromroots, polyfromroots)
