"""Compositions whose derivative is simpler than the chain rule makes it.

No program calls them: `adjoint.optimise.closed_forms` finds them, and they are printed as they were
written. The derivative of the logistic function by its result, ``y * (1 - y)``, needs nothing but
that result, and is finite where the exponential is not: for x = -800, the chain rule multiplies the
derivative of ``1 / t`` at infinity, which is 0, by infinity. That of the logarithm of a determinant
does not divide by the determinant, which is too small for a number where the matrix is large.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.rules.linalg import inverse_transposed
from adjoint.rules.registry import elementwise, total, vjp, written
from adjoint.rules.scipy.dispatch import dispatched

__all__ = ["LOGISTIC", "LOG_DET", "OVER_COSH", "OVER_GROWTH"]


def _logistic(one: Any, more: Any, x: Any) -> Any:
    return one / (more + np.exp(-x))


def _logistic_exp_first(one: Any, more: Any, x: Any) -> Any:
    return one / (np.exp(-x) + more)


def _falling(one: Any, more: Any, x: Any) -> Any:
    return one / (more + np.exp(x))


def _falling_exp_first(one: Any, more: Any, x: Any) -> Any:
    return one / (np.exp(x) + more)


LOGISTIC: dict[tuple[bool, bool], Callable[..., Any]] = {
    (True, False): _logistic,
    (True, True): _logistic_exp_first,
    (False, False): _falling,
    (False, True): _falling_exp_first,
}
"""The logistic function of x or -x, by whether the exponent is negated, and comes first.

`one` and `more` are 1 and 1, as the user wrote them.
"""

for _function in (_logistic, _logistic_exp_first):
    elementwise(_function, x=lambda g, ans, one, more, x: g * ans * (1 - ans))
for _function in (_falling, _falling_exp_first):
    elementwise(_function, x=lambda g, ans, one, more, x: g * ans * (ans - 1))
written(_logistic, "one / (more + exp(-x))", exp=np.exp)
written(_logistic_exp_first, "one / (exp(-x) + more)", exp=np.exp)
written(_falling, "one / (more + exp(x))", exp=np.exp)
written(_falling_exp_first, "one / (exp(x) + more)", exp=np.exp)
total(*LOGISTIC.values())


# Quotients by what overflows: they are 0 there, and so is their derivative. That by the divisor is
# in that by x, of which the divisor is made.


def _over_falling(share: Any, growth: Any, x: Any) -> Any:
    """Return ``share / growth``, where that is ``1 + np.exp(-x)``."""
    return share / growth


def _over_rising(share: Any, growth: Any, x: Any) -> Any:
    """Return ``share / growth``, where that is ``1 + np.exp(x)``."""
    return share / growth


def _over_cosh(share: Any, growth: Any, x: Any, power: Any) -> Any:
    """Return ``share / growth``, where that is ``np.cosh(x) ** power``."""
    return share / growth


OVER_GROWTH: dict[bool, Callable[..., Any]] = {True: _over_falling, False: _over_rising}
"""A quotient by ``1 + np.exp(x)``, by whether the exponent is negated."""
OVER_COSH: Callable[..., Any] = _over_cosh

_by_falling, _by_rising = dispatched(_over_falling), dispatched(_over_rising)
_by_cosh = dispatched(_over_cosh)


elementwise(
    _over_falling,
    share=lambda g, ans, share, growth, x: _by_falling(g, growth, x),
    growth=lambda g, ans, share, growth, x: np.zeros_like(g),
    x=lambda g, ans, share, growth, x: g * ans * (1 - _by_falling(1, growth, x)),
)
elementwise(
    _over_rising,
    share=lambda g, ans, share, growth, x: _by_rising(g, growth, x),
    growth=lambda g, ans, share, growth, x: np.zeros_like(g),
    x=lambda g, ans, share, growth, x: g * ans * (_by_rising(1, growth, x) - 1),
)
elementwise(
    _over_cosh,
    share=lambda g, ans, share, growth, x, power: _by_cosh(g, growth, x, power),
    growth=lambda g, ans, share, growth, x, power: np.zeros_like(g),
    x=lambda g, ans, share, growth, x, power: -power * g * ans * np.tanh(x),
)
for _function in (*OVER_GROWTH.values(), OVER_COSH):
    written(_function, "share / growth")
    total(_function)


def _log_det(a: Any) -> Any:
    return np.log(np.linalg.det(a))


def _log_numpy_abs_det(a: Any) -> Any:
    return np.log(np.abs(np.linalg.det(a)))


def _log_abs_det(a: Any) -> Any:
    return np.log(abs(np.linalg.det(a)))


LOG_DET: dict[Callable[..., Any] | None, Callable[..., Any]] = {
    None: _log_det,
    np.abs: _log_numpy_abs_det,
    abs: _log_abs_det,
}
"""The logarithm of the determinant of a real matrix, by what takes its size."""

for _function in LOG_DET.values():
    vjp(_function, a=lambda g, ans, a: inverse_transposed(g, a))
written(_log_det, "log(det(a))", log=np.log, det=np.linalg.det)
written(_log_numpy_abs_det, "log(size(det(a)))", log=np.log, size=np.abs, det=np.linalg.det)
written(_log_abs_det, "log(size(det(a)))", log=np.log, size=abs, det=np.linalg.det)
