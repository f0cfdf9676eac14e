"""``scipy.integrate`` of samples: mostly in plain NumPy, read in the place of SciPy's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import integrate, special

from adjoint.rules.registry import instead, multilinear, refused, zero_derivative
from adjoint.rules.scipy.dispatch import dispatched

__all__: list[str] = []

romb = dispatched(integrate.romb)


# The trapezoidal rule ---------------------------------------------------------------------------


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


# Simpson's rule ---------------------------------------------------------------------------------
# Of an even number of samples, the last interval is integrated with the parabola through the last
# three: K. Cartwright, "Simpson's Rule Cumulative Integration with MS Excel and Irregularly-spaced
# Data", Journal of Mathematical Sciences and Mathematics Education 12 (2017), equations 8 and 10.


def simpson(y: Any, x: Any = None, *, dx: Any = 1.0, axis: int = -1) -> Any:
    """As ``scipy.integrate.simpson``."""
    samples = _last(y, axis)
    points = None if x is None else _points(x, axis)
    if samples.shape[-1] % 2 == 1:
        return _parabolas(samples, points, dx)
    step = dx if points is None else _step(points, -1)
    if samples.shape[-1] == 2:
        return 0.5 * step * (samples[..., -1] + samples[..., -2])
    if points is None:
        last = dx / 12 * (5 * samples[..., -1] + 8 * samples[..., -2] - samples[..., -3])
        return _parabolas(samples[..., :-1], None, dx) + last
    return _parabolas(samples[..., :-1], points[..., :-1], dx) + _last_interval(samples, points)


def _last(y: Any, axis: int) -> Any:
    """The samples along the last axis."""
    samples = np.asarray(y)
    return samples if axis == -1 or samples.ndim == 1 else np.moveaxis(samples, axis, -1)


def _points(x: Any, axis: int) -> Any:
    points = np.asarray(x)
    return points if points.ndim == 1 else _last(points, axis)


def _step(points: Any, place: int) -> Any:
    return points[..., place] - points[..., place - 1]


def _parabolas(samples: Any, points: Any, dx: Any) -> Any:
    """The integral of parabolas through three samples each; their number is odd."""
    first, middle, last = samples[..., :-2:2], samples[..., 1:-1:2], samples[..., 2::2]
    if points is None:
        return dx / 3 * np.sum(first + 4 * middle + last, axis=-1)
    steps = points[..., 1:] - points[..., :-1]
    before, behind = steps[..., :-1:2], steps[..., 1::2]
    both = before + behind
    weighted = (
        first * (2 - _ratio(behind, before))
        + middle * (both * _ratio(both, before * behind))
        + last * (2 - _ratio(before, behind))
    )
    return np.sum(both / 6 * weighted, axis=-1)


def _ratio(a: Any, b: Any) -> Any:
    """``a / b``, and 0 where two points coincide, as SciPy has it."""
    return np.where(b != 0, a / np.where(b != 0, b, 1.0), 0.0)


def _last_interval(samples: Any, points: Any) -> Any:
    """The integral over the last of the intervals, by the parabola through the last three."""
    before, step = _step(points, -2), _step(points, -1)
    last = _ratio(2 * step**2 + 3 * before * step, 6 * (before + step))
    middle = _ratio(step**2 + 3 * before * step, 6 * before)
    first = _ratio(step**3, 6 * before * (before + step))
    return last * samples[..., -1] + middle * samples[..., -2] - first * samples[..., -3]


def cumulative_simpson(
    y: Any, *, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: Any = None
) -> Any:
    """As ``scipy.integrate.cumulative_simpson``."""
    samples = _last(y, axis)
    if x is None:
        steps = dx if np.ndim(dx) == 0 else _last(dx, axis)
    else:
        points = _points(x, axis)
        steps = points[..., 1:] - points[..., :-1]
        if np.any(steps <= 0):
            raise ValueError("Input x must be strictly increasing.")
    if samples.shape[-1] < 3:
        sums = np.cumsum(steps * (samples[..., 1:] + samples[..., :-1]) / 2, axis=-1)
    else:
        sums = np.cumsum(_intervals(samples, steps, x is None), axis=-1)
    if initial is not None:
        start = initial if np.ndim(initial) == 0 else _last(initial, axis)
        start = start + np.zeros_like(sums[..., :1])
        sums = np.concatenate([start, sums + start], axis=-1)
    return sums if axis == -1 or samples.ndim == 1 else np.moveaxis(sums, -1, axis)


def _intervals(samples: Any, steps: Any, are_equal: bool) -> Any:
    """The integral over each interval, by a parabola through three samples."""
    first, middle, last = samples[..., :-2], samples[..., 1:-1], samples[..., 2:]
    if are_equal:
        left = steps / 3 * (1.25 * first + 2 * middle - 0.25 * last)
        right = steps / 3 * (1.25 * last + 2 * middle - 0.25 * first)
    else:
        left = _half(first, middle, last, steps[..., :-1], steps[..., 1:])
        right = _half(last, middle, first, steps[..., 1:], steps[..., :-1])
    areas = np.zeros_like(samples[..., 1:] * steps)
    areas[..., :-1:2] = left[..., ::2]
    areas[..., 1::2] = right[..., ::2]
    areas[..., -1] = right[..., -1]
    return areas


def _half(near: Any, middle: Any, far: Any, step: Any, other: Any) -> Any:
    """The integral from `near` to `middle`, by the parabola that goes on to `far`."""
    share = step / (step + other)
    bend = share * step / other
    return step / 6 * ((3 - share) * near + (3 + bend + share) * middle - bend * far)


instead(integrate.simpson, simpson)
instead(integrate.cumulative_simpson, cumulative_simpson)


# Romberg's rule, and Gauss's --------------------------------------------------------------------


def _romb_y(g: Any, ans: Any, y: Any, dx: Any = 1.0, axis: int = -1, show: Any = False) -> Any:
    """The weight of a sample is the integral of what is 1 there, and 0 at all others."""
    _refuse_table(show)
    axis = axis % np.ndim(y)
    weights = romb(np.eye(np.shape(y)[axis], like=y), dx)
    if np.ndim(y) == 1:
        return g * weights
    behind = tuple(range(1, np.ndim(y) - axis))
    return np.expand_dims(g, axis) * (np.expand_dims(weights, behind) if behind else weights)


def _romb_dx(g: Any, ans: Any, y: Any, dx: Any = 1.0, axis: int = -1, show: Any = False) -> Any:
    _refuse_table(show)
    return np.sum(g * romb(y, axis=axis))


def _refuse_table(show: Any) -> None:
    if show is not False:
        raise NotImplementedError("scipy.integrate.romb that prints its table")


multilinear(integrate.romb, y=_romb_y, dx=_romb_dx)


def fixed_quad(func: Any, a: Any, b: Any, args: Any = (), n: int = 5) -> Any:
    """As ``scipy.integrate.fixed_quad``."""
    nodes, weights = special.roots_legendre(n)
    if np.isinf(a) or np.isinf(b):
        raise ValueError("Gaussian quadrature is only available for finite limits.")
    values = func((b - a) * (nodes + 1) / 2 + a, *args)
    return (b - a) / 2 * np.sum(weights * values, axis=-1), None


instead(integrate.fixed_quad, fixed_quad)
zero_derivative(special.roots_legendre)


# Refused ----------------------------------------------------------------------------------------

_FIXED_NODES = (
    "the points are chosen by the values; write a rule with fixed nodes, such as "
    "scipy.integrate.fixed_quad or np.polynomial.legendre.leggauss(n)"
)
refused(
    _FIXED_NODES,
    integrate.quad_vec,
    integrate.dblquad,
    integrate.tplquad,
    integrate.nquad,
    integrate.cubature,
    integrate.tanhsinh,
)
refused(
    "the points are random; draw them with rng.uniform and write np.mean of the values",
    integrate.qmc_quad,
)
refused("the terms are chosen by the values; write np.sum of the terms", integrate.nsum)
refused(
    "the mesh is chosen by the values; write the equations of a fixed mesh, and solve them",
    integrate.solve_bvp,
)
refused(
    "its rule is for known degrees; call it outside, and hand points and weights to the function",
    integrate.newton_cotes,
    integrate.lebedev_rule,
)
