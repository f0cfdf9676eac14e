"""Values of the series of ``numpy.polynomial``, read as the recurrences that NumPy runs.

The coefficient of the lowest power comes first. C. W. Clenshaw, "A note on the summation of
Chebyshev series" (1955).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial

from adjoint.rules.directives import same_length
from adjoint.rules.registry import instead

__all__ = ["polyval"]


def _ready(x: Any, c: Any, tensor: Any) -> tuple[Any, Any]:
    """The places and the coefficients, each with an axis for those of the places behind it."""
    x, c = (np.asarray(x) if isinstance(x, list | tuple) else x), np.asarray(c)
    if np.ndim(c) == 0:
        c = np.reshape(c, (1,))
    if tensor and np.ndim(c) > 1 and np.ndim(x) > 0:
        c = np.expand_dims(c, tuple(range(-np.ndim(x), 0)))
    return x, c


def _zeros(x: Any) -> Any:
    """Zeros in the shape of the places; a number of Python's does not widen what it meets."""
    return 0.0 if isinstance(x, int | float) else np.zeros_like(x)


def _summed(x: Any, c: Any, below: Any, above: Any, first: Any, tensor: Any) -> Any:
    """The sum of the series whose terms follow ``p[n] = above(n) * p[n-1] - below(n, p[n-2])``."""
    x, c = _ready(x, c, tensor)
    if same_length(len(c), 1):
        return c[0] + _zeros(x)
    zeros = _zeros(x)  # all that is summed has its shape
    low, high = c[-2] + zeros, c[-1] + zeros
    for n in range(len(c) - 1, 1, -1):
        low, high = c[n - 2] - below(n, high), low + high * above(n, x)
    return low + high * first(x)


def polyval(x: Any, c: Any, tensor: Any = True) -> Any:
    """As ``np.polynomial.polynomial.polyval``."""
    x, c = _ready(x, c, tensor)
    if np.ndim(c) == 1 and (c.dtype == np.float64 or not isinstance(x, int | float)):
        return np.polyval(c[::-1], x)
    value = c[-1] + _zeros(x)
    for k in range(len(c) - 2, -1, -1):
        value = c[k] + value * x
    return value


def chebval(x: Any, c: Any, tensor: Any = True) -> Any:
    """As ``np.polynomial.chebyshev.chebval``."""
    return _summed(x, c, lambda n, p: p, lambda n, x: 2 * x, lambda x: x, tensor)


def legval(x: Any, c: Any, tensor: Any = True) -> Any:
    """As ``np.polynomial.legendre.legval``."""
    return _summed(
        x,
        c,
        lambda n, p: p * ((n - 1) / n),
        lambda n, x: x * ((2 * n - 1) / n),
        lambda x: x,
        tensor,
    )


def hermval(x: Any, c: Any, tensor: Any = True) -> Any:
    """As ``np.polynomial.hermite.hermval``."""
    return _summed(
        x, c, lambda n, p: p * (2 * (n - 1)), lambda n, x: 2 * x, lambda x: 2 * x, tensor
    )


def hermeval(x: Any, c: Any, tensor: Any = True) -> Any:
    """As ``np.polynomial.hermite_e.hermeval``."""
    return _summed(x, c, lambda n, p: p * (n - 1), lambda n, x: x, lambda x: x, tensor)


def lagval(x: Any, c: Any, tensor: Any = True) -> Any:
    """As ``np.polynomial.laguerre.lagval``."""
    return _summed(
        x,
        c,
        lambda n, p: p * ((n - 1) / n),
        lambda n, x: (2 * n - 1 - x) / n,
        lambda x: 1 - x,
        tensor,
    )


_READ: dict[Any, Callable[..., Any]] = {
    polynomial.polyval: polyval,
    chebyshev.chebval: chebval,
    legendre.legval: legval,
    hermite.hermval: hermval,
    hermite_e.hermeval: hermeval,
    laguerre.lagval: lagval,
}

for _function, _equivalent in _READ.items():
    instead(_function, _equivalent)


def polyvander(x: Any, deg: Any) -> Any:
    """As ``np.polynomial.polynomial.polyvander``."""
    x = np.asarray(x)
    table = np.vander(np.reshape(x, -1), deg + 1, increasing=True)
    if table.dtype != x.dtype and x.dtype.kind == "f":  # which NumPy's own table of powers is not
        table = table.astype(x.dtype)
    return table if np.ndim(x) < 2 else np.reshape(table, (*np.shape(x), deg + 1))


instead(polynomial.polyvander, polyvander)
