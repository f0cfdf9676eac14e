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
from scipy.integrate import quad, quad_vec, solve_ivp

__all__ = [
    "dense_states",
    "event_time",
    "ode_adjoint",
    "ode_pullback",
    "ode_slopes",
    "ode_states",
    "ode_tangent",
    "quad_adjoint",
    "quad_pullback",
    "quad_tangent",
    "quad_value",
    "root_adjoint",
    "root_tangent",
    "size_of",
    "solve_with_events",
]


def dense_solution(fun: Any, start: Any, end: Any, y0: Any, args: Any = (), **options: Any) -> Any:
    """The solution as a function of the time."""
    if start == end:
        return lambda t: y0 if np.ndim(t) == 0 else np.repeat(y0[:, None], len(t), axis=1)
    found = solve_ivp(fun, (start, end), y0, args=args, dense_output=True, **options)
    if not found.success:
        raise RuntimeError(f"the solution is needed for a derivative: {found.message}")
    return found.sol


def farthest(start: Any, t: Any) -> Any:
    """The time that is farthest from the start."""
    times = np.append(t, start)
    return times[np.argmax(np.abs(times - start))]


def parts_of(found: Any) -> Any:
    """What a pullback returns, as a tuple: of one argument alone it returns the cotangent."""
    return found if isinstance(found, tuple) else (found,)


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
    between: Any = None,
    rtol: Any = 1e-3,
    atol: Any = 1e-6,
    **options: Any,
) -> Any:
    """The cotangents of `y0` and of `args`, for those of the states (columns) at the times `t`."""
    if between and np.any(d_y[:, 1:-1]):
        raise ValueError("a derivative at steps that the solver chose: give it t_eval")
    t, d_y = np.atleast_1d(t), np.reshape(d_y, (len(y0), -1))
    start = t[0] if start is None else start
    asked = np.flatnonzero(np.any(d_y != 0, axis=0))
    asked = asked[np.argsort(np.abs(t[asked] - start), kind="stable")]
    now = t[asked[-1]] if len(asked) else start
    states = dense_solution(fun, start, now, y0, args, rtol=rtol, atol=atol, **options)
    n, tolerance = len(y0), min(rtol, np.min(atol))

    def pulled(s: Any, a: Any) -> Any:
        return parts_of(fun_vjp(s, states(s), *args)[1](a.copy()))

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


def ode_pullback(
    fun: Any,
    fun_pullback: Any,
    t: Any,
    y0: Any,
    d_y: Any,
    args: Any = (),
    by: Any = (),
    **options: Any,
) -> Any:
    """As `ode_adjoint`; `fun_pullback` takes a cotangent of the slope behind the state.

    It gives the cotangents of the state, and of the arguments at the places `by`.
    """

    def fun_vjp(s: Any, y: Any, *args: Any) -> Any:
        return None, lambda d: fun_pullback(s, y, d, *args)

    return ode_adjoint(fun, fun_vjp, t, y0, d_y, args, **options)


def ode_states(
    fun: Any,
    t: Any,
    y0: Any,
    args: Any = (),
    start: Any = None,
    between: Any = None,
    **options: Any,
) -> Any:
    """The states (columns) at the times `t`; nan at steps that the solver chose in between."""
    start = t[0] if start is None else start
    states = dense_solution(fun, start, farthest(start, t), y0, args, **options)(t)
    if between:
        states[:, 1:-1] = np.nan
    return states


def dense_states(fun: Any, t: Any, y0: Any, sol: Any, args: Any = (), **options: Any) -> Any:
    """The states at the times `t`, of the dense solution."""
    return sol(t)


def solve_with_events(
    fun: Any,
    t_span: Any,
    y0: Any,
    terminal: Any,
    direction: Any,
    args: Any = (),
    **options: Any,
) -> Any:
    """The solution with events: the functions ``event_0``, ``event_1`` and so on."""
    events = [options.pop(f"event_{k}") for k in range(len(terminal))]
    made: Any = [lambda t, y, *args, event=event: event(t, y, *args) for event in events]
    for event, ends, sign in zip(made, terminal, direction, strict=True):
        event.terminal, event.direction = ends, sign
    return solve_ivp(fun, t_span, y0, events=made, args=args, dense_output=True, **options)


def event_time(fun: Any, t: Any, args: Any = ()) -> Any:
    """The time of an event, at which ``fun(t, *args)`` is zero."""
    return t


def size_of(*values: Any) -> Any:
    """The size of the largest number in these; 1 where they are zeros."""
    return max([np.max(np.abs(v), initial=0.0) for v in values]) or 1.0


def ode_tangent(
    fun: Any,
    fun_jvp: Any,
    t: Any,
    y0: Any,
    y0_dot: Any,
    args: Any = (),
    args_dot: Any = (),
    start: Any = None,
    between: Any = None,
    rtol: Any = 1e-3,
    atol: Any = 1e-6,
    **options: Any,
) -> Any:
    """The tangents of the states (columns) at the times `t`, for those of `y0` and of `args`."""
    start = t[0] if start is None else start
    end = farthest(start, t)
    states = dense_solution(fun, start, end, y0, args, rtol=rtol, atol=atol, **options)
    tolerance = min(rtol, np.min(atol))
    scale = max([np.max(np.abs(v), initial=0.0) for v in (y0_dot, *args_dot)])
    y_dot = np.zeros((len(y0), *np.shape(t)))
    while scale > 0:  # the equation is linear: it is solved for size one

        def forwards(s: Any, z: Any, *dots: Any) -> Any:
            return fun_jvp(s, states(s), *args, z, *dots)[1]

        dots = tuple(v / scale for v in args_dot)
        found = dense_solution(
            forwards, start, end, y0_dot / scale, dots, rtol=rtol, atol=tolerance, **options
        )(t)
        y_dot, size = scale * found, np.max(np.abs(found), initial=0.0)
        scale = scale * size if 0 < size < 0.1 else 0.0
    if between:
        y_dot[:, 1:-1] = np.nan  # at steps that the solver chose there is no derivative
    return y_dot


def ode_slopes(fun: Any, t: Any, y: Any, args: Any = ()) -> Any:
    """The slope of each state, at its time."""
    return np.stack([fun(s, state, *args) for s, state in zip(t, y.T, strict=True)], axis=1)


def quad_adjoint(fun_vjp: Any, a: Any, b: Any, d: Any, args: Any = (), **options: Any) -> Any:
    """The cotangents of `args`, for that of an integral: those of the integrand, integrated."""
    like: list[Any] = []

    def slopes(x: Any) -> Any:
        like[:] = parts_of(fun_vjp(x, *args)[1](1.0))
        return np.concatenate([np.ravel(v) for v in like])

    whole = d * quad_vec(slopes, a, b, **options)[0]
    parts = np.split(whole, np.cumsum([np.size(v) for v in like])[:-1])
    return [shaped_like(v, part) for v, part in zip(like, parts, strict=True)]


def quad_pullback(
    fun: Any,
    fun_pullback: Any,
    a: Any,
    b: Any,
    d: Any,
    args: Any = (),
    by: Any = (),
    **options: Any,
) -> Any:
    """As `quad_adjoint`; `fun_pullback` takes a cotangent of the integrand behind its argument.

    It gives the cotangents of the arguments at the places `by`.
    """

    def fun_vjp(x: Any, *args: Any) -> Any:
        return None, lambda d: fun_pullback(x, d, *args)

    return quad_adjoint(fun_vjp, a, b, d, args, **options)


def quad_value(fun: Any, a: Any, b: Any, args: Any = (), **options: Any) -> Any:
    """The integral alone."""
    return quad(fun, a, b, args=args, **options)[0]


def quad_tangent(
    fun_jvp: Any, a: Any, b: Any, args: Any = (), args_dot: Any = (), **options: Any
) -> Any:
    """The tangent of an integral, for those of `args`."""
    return quad(lambda x: fun_jvp(x, *args, *args_dot)[1], a, b, **options)[0]


def root_adjoint(fun_vjp: Any, x: Any, d_x: Any, args: Any = ()) -> Any:
    """The cotangents of `args`, for that of a root of ``fun(x, *args)``."""
    if np.ndim(x) == 0:
        slope, *found = parts_of(fun_vjp(x, *args)[1](1.0))
        return [-d_x / slope * d for d in found]
    rows = [parts_of(fun_vjp(x, *args)[1](row))[0] for row in np.eye(len(x))]
    weights = np.linalg.solve(np.stack(rows).T, d_x)
    return [-d for d in parts_of(fun_vjp(x, *args)[1](weights))[1:]]


def root_tangent(fun_jvp: Any, x: Any, args: Any = (), args_dot: Any = ()) -> Any:
    """The tangent of a root of ``fun(x, *args)``, for those of `args`."""
    still = [0 * dot for dot in args_dot]
    if np.ndim(x) == 0:
        return -fun_jvp(x, *args, 0.0, *args_dot)[1] / fun_jvp(x, *args, 1.0, *still)[1]
    columns = [fun_jvp(x, *args, column, *still)[1] for column in np.eye(len(x))]
    moved = fun_jvp(x, *args, np.zeros(len(x)), *args_dot)[1]
    return -np.linalg.solve(np.stack(columns, axis=1), moved)
