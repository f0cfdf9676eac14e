"""``scipy.integrate`` of samples, in plain NumPy: read in the place of SciPy's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import integrate

from adjoint.rules.registry import instead, refused

__all__: list[str] = []


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """As ``scipy.integrate.trapezoid``, which is that of NumPy."""
    return np.trapezoid(y, x, dx=dx, axis=axis)


def cumulative_trapezoid(
    y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: Any = None
) -> Any:
    """As ``scipy.integrate.cumulative_trapezoid``."""
    samples = np.moveaxis(np.asarray(y), axis, -1)
    if x is None:
        steps = dx
    else:
        points = x if np.ndim(x) == 1 else np.moveaxis(np.asarray(x), axis, -1)
        steps = points[..., 1:] - points[..., :-1]
    sums = np.cumsum(steps * (samples[..., 1:] + samples[..., :-1]) / 2, axis=-1)
    if initial is not None:
        sums = np.concatenate([np.zeros_like(sums[..., :1]), sums], axis=-1)
    return np.moveaxis(sums, -1, axis)


instead(integrate.trapezoid, trapezoid)
instead(integrate.cumulative_trapezoid, cumulative_trapezoid)
refused("write np.sum(weights * y) with Simpson's weights", integrate.simpson)
refused(
    "the solver steps as the values ask; write a method with fixed steps as a loop",
    integrate.odeint,
    integrate.solve_ivp,
)
refused(
    "the points are chosen by the values; write a rule with fixed nodes, such as "
    "np.polynomial.legendre.leggauss(n)",
    integrate.quad,
)
