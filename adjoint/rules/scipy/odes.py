"""Solvers of ordinary differential equations of ``scipy.integrate``, by the adjoint method."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import integrate

from adjoint.rules.registry import Solver, solver
from adjoint.rules.scatter import scatter
from adjoint.rules.scipy.adjoints import ode_slopes
from adjoint.rules.scipy.sensitivities import adjoint_of_states, tangent_of_states
from adjoint.rules.solvers import solved

__all__: list[str] = []


# What is read in the place of the solvers -------------------------------------------------------


def odeint(func: Any, y0: Any, t: Any, args: Any = (), tfirst: bool = False, **options: Any) -> Any:
    """As ``scipy.integrate.odeint``, with the time first."""
    start, times = _state(y0), t if isinstance(t, np.ndarray) else np.asarray(t)
    arg = args if isinstance(args, tuple) else (args,)

    def slope(t: Any, y: Any) -> Any:
        return _vector(func(t, y, *arg) if tfirst else func(y, t, *arg))

    if options.get("Dfun") is not None:
        jacobian = options["Dfun"]

        def slopes(t: Any, y: Any) -> Any:
            return np.array(jacobian(t, y, *arg) if tfirst else jacobian(y, t, *arg))

        options = {**options, "Dfun": slopes}
    options = {**options, "tfirst": True}
    return solved(
        integrate.odeint, slope, (0.0, start), [times, start], (start, times), options, func
    )


class OdeResult:
    """What ``scipy.integrate.solve_ivp`` returns, without events."""

    def __init__(
        self,
        t: Any,
        y: Any,
        success: Any,
        status: Any,
        message: Any,
        nfev: Any,
        njev: Any,
        nlu: Any,
    ) -> None:
        self.t, self.y, self.success, self.status, self.message = t, y, success, status, message
        self.nfev, self.njev, self.nlu = nfev, njev, nlu
        self.sol = self.t_events = self.y_events = None

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


def solve_ivp(
    fun: Any,
    t_span: Any,
    y0: Any,
    method: Any = "RK45",
    t_eval: Any = None,
    args: Any = None,
    **options: Any,
) -> Any:
    """As ``scipy.integrate.solve_ivp``."""
    start, (begin, end) = _state(y0), t_span
    arg = () if args is None else args

    def slope(t: Any, y: Any) -> Any:
        return _vector(fun(t, y, *arg))

    if callable(options.get("jac")):
        jacobian = options["jac"]

        def jac(t: Any, y: Any) -> Any:
            return np.array(jacobian(t, y, *arg))

        options = {**options, "jac": jac}
    if t_eval is None:
        times = None
    else:
        times = t_eval if isinstance(t_eval, np.ndarray) else np.asarray(t_eval)
        options = {"t_eval": times, **options}
    if method != "RK45":
        options = {"method": method, **options}
    like = ([times], [start, times], True, 0, "", 0, 0, 0)
    span = (begin, end)
    found = solved(integrate.solve_ivp, slope, (0.0, start), like, (span, start), options, fun)
    return OdeResult(*found)


def _state(y0: Any) -> Any:
    """The initial state as a vector."""
    state = y0 if isinstance(y0, np.ndarray) else np.array(y0)
    if state.dtype.kind in "iub" or state.dtype == np.float32:
        state = state.astype(float)
    return np.reshape(state, (1,)) if state.ndim == 0 else state


def _vector(found: Any) -> Any:
    """What the right side of an equation returns, as a vector."""
    slope = found if isinstance(found, np.ndarray) else np.array(found)
    return np.reshape(slope, (1,)) if slope.ndim == 0 else slope


# odeint -----------------------------------------------------------------------------------------


def _odeint_options(y0: Any, rtol: Any = None, atol: Any = None, **others: Any) -> dict[str, Any]:
    """How the equations of the derivatives are solved: as that was."""
    _refuse_complex(y0)
    usual = 1.49012e-8  # of odeint
    return {
        "method": "LSODA",
        "rtol": usual if rtol is None else rtol,
        "atol": usual if atol is None else atol,
    }


def _refuse_complex(y0: Any) -> None:
    if y0.dtype.kind == "c":
        raise NotImplementedError(
            "an equation of complex states: write it for their real and imaginary parts"
        )


def _refuse_times_again(of: Any, *times: Any) -> None:
    if of.again and any(of.asks(t) for t in times):
        raise NotImplementedError(
            "the solution of an equation, by its times, in a function whose derivative is taken"
            " inside: measure the time in another unit, which the right side reads"
        )


def _odeint_vjp(
    g: Any, ans: Any, of: Any, func: Any, y0: Any, t: Any, args: Any = (), **options: Any
) -> dict[str, Any]:
    _refuse_times_again(of, t)
    how = _odeint_options(y0, **options)
    d_y0, *d_args = adjoint_of_states(of, func, t, y0, g.T, args, how)
    made = {"y0": d_y0, "args": d_args}
    if of.asks(t):
        slopes = of.write(ode_slopes, ans.T, func, t, ans.T, args)
        d_t = np.sum(g.T * slopes, axis=0)
        made["t"] = scatter(-np.sum(d_y0 * slopes[:, 0]), 0, t, d_t)
    return made


def _odeint_jvp(
    dot: Any, ans: Any, of: Any, func: Any, y0: Any, t: Any, args: Any = (), **options: Any
) -> Any:
    _refuse_times_again(of, t)
    how = _odeint_options(y0, **options)
    y0_dot = dot(y0)
    if not of.asks(t):
        return tangent_of_states(of, ans.T, func, t, y0, y0_dot, args, how).T
    slopes, t_dot = of.write(ode_slopes, ans.T, func, t, ans.T, args), dot(t)
    y0_dot = y0_dot - slopes[:, 0] * t_dot[0]
    return (tangent_of_states(of, ans.T, func, t, y0, y0_dot, args, how) + slopes * t_dot).T


_OUTSIDE = "leave it away; for what it gives, call the solver outside of what is differentiated"
solver(
    integrate.odeint,
    odeint,
    ("y0", "t", "args"),
    Solver(
        _odeint_vjp,
        _odeint_jvp,
        state=1,
        refused={"full_output": _OUTSIDE, "printmessg": _OUTSIDE, "ixpr": _OUTSIDE},
    ),
)


# solve_ivp --------------------------------------------------------------------------------------


def _ivp_options(
    t_span: Any,
    y0: Any,
    method: Any,
    t_eval: Any,
    rtol: Any = None,
    atol: Any = None,
    max_step: Any = None,
    min_step: Any = None,
    **others: Any,
) -> dict[str, Any]:
    """How the equations of the derivatives are solved: as that was."""
    _refuse_complex(y0)
    how = {"between": t_span} if t_eval is None else {"start": t_span[0]}
    how |= {} if isinstance(method, str) and method == "RK45" else {"method": method}
    limits = {"rtol": rtol, "atol": atol, "max_step": max_step, "min_step": min_step}
    return how | {name: value for name, value in limits.items() if value is not None}


def _ivp_vjp(
    g: Any,
    ans: Any,
    of: Any,
    fun: Any,
    t_span: Any,
    y0: Any,
    method: Any = "RK45",
    t_eval: Any = None,
    args: Any = (),
    **options: Any,
) -> dict[str, Any]:
    _refuse_times_again(of, *t_span, t_eval)
    how = _ivp_options(t_span, y0, method, t_eval, **options)
    d_times, d_states = g[0], g[1]
    if d_times is not None and t_eval is None:
        raise NotImplementedError("the times that the solver chose: give it t_eval")
    if d_states is None:
        return {"t_eval": d_times}
    start, end = t_span
    times = _steps(of, ans) if t_eval is None else t_eval
    d_y0, *d_args = adjoint_of_states(of, fun, times, y0, d_states, args, how)
    made = {"y0": d_y0, "args": d_args}
    if of.asks(t_eval):
        slopes = of.write(ode_slopes, ans[1], fun, t_eval, ans[1], args)
        along = np.sum(d_states * slopes, axis=0)
        made["t_eval"] = along if d_times is None else along + d_times
    if of.asks(start) or of.asks(end):
        made["t_span"] = _ends(of, t_span, y0, ans, d_y0, d_states, t_eval)
    return made


def _steps(of: Any, ans: Any) -> Any:
    """The times that the solver chose: of these only the ends depend on anything.

    That is not followed twice, see `_refuse_times_again`, nor by an adjoint that is told them.
    """
    return of.fixed(ans[0]) if of.again else ans[0]


def _ends(
    of: Any, t_span: Any, y0: Any, ans: Any, d_y0: Any, d_states: Any, t_eval: Any
) -> list[Any]:
    """The cotangents of the span: later beginnings are as earlier states, against the slope."""
    start, end = t_span
    d_start = d_end = None
    if of.asks(start):
        d_first = d_y0 if t_eval is not None else d_y0 - d_states[:, 0]
        d_start = -np.sum(d_first * of.call(start, y0))
    if of.asks(end) and t_eval is None:
        d_end = np.sum(d_states[:, -1] * of.call(end, ans[1][:, -1]))
    return [d_start, d_end]


def _ivp_jvp(
    dot: Any,
    ans: Any,
    of: Any,
    fun: Any,
    t_span: Any,
    y0: Any,
    method: Any = "RK45",
    t_eval: Any = None,
    args: Any = (),
    **options: Any,
) -> list[Any]:
    _refuse_times_again(of, *t_span, t_eval)
    how = _ivp_options(t_span, y0, method, t_eval, **options)
    (start, end), y0_dot, states = t_span, dot(y0), ans[1]
    times = _steps(of, ans) if t_eval is None else t_eval
    first = of.call(start, y0) * dot(start) if of.asks(start) else None
    begin = y0_dot if first is None else y0_dot - first
    made = tangent_of_states(of, states, fun, times, y0, begin, args, how)
    if of.asks(t_eval):
        slopes = of.write(ode_slopes, states, fun, t_eval, states, args)
        made = made + slopes * dot(t_eval)
    if t_eval is None:
        if first is not None:
            made = made + (times == start) * first[:, None]
        if of.asks(end):
            last = of.call(end, states[:, -1]) * dot(end)
            made = made + (times == end) * last[:, None]
    unknown = np.full_like(times, np.nan) if t_eval is None else None
    t_dot = dot(t_eval) if of.asks(t_eval) else unknown
    return [t_dot, made, None, None, None, None, None, None]


solver(
    integrate.solve_ivp,
    solve_ivp,
    ("t_span", "y0", "t_eval", "args"),
    Solver(
        _ivp_vjp,
        _ivp_jvp,
        state=1,
        parts=("t", "y", "success", "status", "message", "nfev", "njev", "nlu"),
        refused={
            "dense_output": "give it t_eval",
            "events": "solve up to a time that an event outside of what is differentiated gives",
            "vectorized": "leave it away: it makes no difference to the solution",
        },
    ),
)
