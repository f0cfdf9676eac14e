"""What gradients of solvers call at run time; each is printed into the module that needs it.

``fun(t, y, *args)`` is the right side of an equation ``y' = f(t, y)``; ``fun_vjp`` returns that
and its pullback, which takes the cotangent of that to those of `y` and of some of `args`;
``fun_jvp`` takes tangents of these behind `args`, and returns the value and its tangent.

The adjoint equation: J. Cao, S. Li, L. Petzold, R. Serban, "Adjoint Sensitivity Analysis for
Differential-Algebraic Equations", SIAM Journal on Scientific Computing 24 (2003), section 2. See
decision 019 for what is done about stiff equations and about tolerances.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

__all__ = ["dense_solution", "ode_adjoint", "ode_slopes", "ode_tangent", "shaped_like"]


def dense_solution(fun: Any, start: Any, end: Any, y0: Any, args: Any = (), **options: Any) -> Any:
    """The solution as a function of the time."""
    if start == end:
        return lambda t: y0 if np.ndim(t) == 0 else np.repeat(y0[:, None], len(t), axis=1)
    found = solve_ivp(fun, (start, end), y0, args=args, dense_output=True, **options)
    if not found.success:
        raise RuntimeError(f"the solution is needed for a derivative: {found.message}")
    return found.sol


def shaped_like(value: Any, d: Any) -> Any:
    """The numbers `d`, one after the other, in the form of `value`."""
    if isinstance(value, np.ndarray):
        return np.reshape(d, np.shape(value)).astype(value.dtype)
    return type(value)(d[0])


def ode_adjoint(
    fun: Any,
    fun_vjp: Any,
    t: Any,
    y0: Any,
    d_y: Any,
    args: Any = (),
    start: Any = None,
    steps: bool = False,
    rtol: Any = 1e-3,
    atol: Any = 1e-6,
    **options: Any,
) -> Any:
    """The cotangents of `y0` and of `args`, for those of the states (columns) at the times `t`."""
    if steps and np.any(d_y[:, 1:-1]):
        raise ValueError("a derivative at steps that the solver chose: give it t_eval")
    start = t[0] if start is None else start
    asked = np.flatnonzero(np.any(d_y != 0, axis=0))
    now = t[asked[-1]] if len(asked) else start
    states = dense_solution(fun, start, now, y0, args, rtol=rtol, atol=atol, **options)
    n, tolerance = len(y0), min(rtol, np.min(atol))

    def pulled(s: Any, a: Any) -> Any:
        found = fun_vjp(s, states(s), *args)[1](a.copy())
        return found if isinstance(found, tuple) else (found,)

    def backwards(s: Any, z: Any) -> Any:
        return -np.concatenate([np.ravel(d) for d in pulled(s, z[:n])])

    like = pulled(start, np.zeros(n))
    z = np.zeros(sum(np.size(d) for d in like))
    for k in [*asked[::-1], None]:
        before = start if k is None else t[k]
        scale = np.max(np.abs(z[:n]), initial=0.0)
        if now != before and scale > 0:  # the equation is linear: it is solved for size one
            begin = np.concatenate([z[:n] / scale, np.zeros(len(z) - n)])
            ends = dense_solution(
                backwards, now, before, begin, rtol=rtol, atol=tolerance, **options
            )(before)
            z = scale * ends + np.concatenate([np.zeros(n), z[n:]])
        if k is not None:
            z[:n] += d_y[:, k]
        now = before
    parts = np.split(z, np.cumsum([np.size(d) for d in like])[:-1])
    return [shaped_like(y0 if k == 0 else like[k], part) for k, part in enumerate(parts)]


def ode_tangent(
    fun: Any,
    fun_jvp: Any,
    t: Any,
    y0: Any,
    y0_dot: Any,
    args: Any = (),
    args_dot: Any = (),
    start: Any = None,
    steps: bool = False,
    rtol: Any = 1e-3,
    atol: Any = 1e-6,
    **options: Any,
) -> Any:
    """The tangents of the states (columns) at the times `t`, for those of `y0` and of `args`."""
    start = t[0] if start is None else start
    end = t[-1] if len(t) else start
    states = dense_solution(fun, start, end, y0, args, rtol=rtol, atol=atol, **options)
    tolerance = min(rtol, np.min(atol))
    scale = max([np.max(np.abs(v), initial=0.0) for v in (y0_dot, *args_dot)])
    y_dot = np.zeros((len(y0), len(t)))
    while scale > 0:  # the equation is linear: it is solved for size one

        def forwards(s: Any, z: Any, *dots: Any) -> Any:
            return fun_jvp(s, states(s), *args, z, *dots)[1]

        dots = tuple(v / scale for v in args_dot)
        found = dense_solution(
            forwards, start, end, y0_dot / scale, dots, rtol=rtol, atol=tolerance, **options
        )(t)
        y_dot, size = scale * found, np.max(np.abs(found), initial=0.0)
        scale = scale * size if 0 < size < 0.1 else 0.0
    if steps:
        y_dot[:, 1:-1] = np.nan  # at steps that the solver chose there is no derivative
    return y_dot


def ode_slopes(fun: Any, t: Any, y: Any, args: Any = ()) -> Any:
    """The slope of each state, at its time."""
    return np.stack([fun(s, state, *args) for s, state in zip(t, y.T, strict=True)], axis=1)
