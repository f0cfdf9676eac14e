"""``scipy.integrate.solve_ivp``, by the adjoint method.

The time of an event is where a function of the solution is zero, and is differentiated by the
implicit function theorem; the state there is that of the dense solution, at a time that depends on
what the event depends on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import integrate

from adjoint.rules.registry import solver, written
from adjoint.rules.rule import Solver
from adjoint.rules.scipy.adjoints import (
    dense_states,
    event_time,
    ode_slopes,
    ode_states,
    root_adjoint,
    root_tangent,
    solve_with_events,
)
from adjoint.rules.scipy.odes import as_state, as_vector, refuse_complex
from adjoint.rules.scipy.sensitivities import (
    adjoint_of_states,
    refuse_times_again,
    tangent_of_states,
)
from adjoint.rules.solvers import refuse_root_again, solved

__all__: list[str] = []


# What is read in its place ----------------------------------------------------------------------


class OdeResult:
    """What ``scipy.integrate.solve_ivp`` returns."""

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
        self.sol: Any = None
        self.t_events = self.y_events = None

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


class Trajectory:
    """The solution of one equation, at times that are asked for later."""

    def __init__(self, slope: Any, begin: Any, start: Any, how: Any, fun: Any) -> None:
        self.slope, self.start, self.fun = slope, start, fun
        self.how = {"start": begin, **how}

    def at(self, t: Any) -> Any:
        """The state at one time, found once more."""
        given = (t, self.start)
        return solved(
            ode_states, self.slope, (0.0, self.start), [self.start], given, self.how, self.fun
        )


class DenseOutput:
    """The interpolant of a solution."""

    def __init__(self, trajectory: Trajectory, sol: Any) -> None:
        self.of, self.sol = trajectory, sol

    def __call__(self, t: Any) -> Any:
        of = self.of
        times = np.asarray(t) if isinstance(t, (list, tuple)) else t
        like = [of.start] if np.ndim(times) == 0 else [of.start, times]
        given = (times, of.start, self.sol)
        return solved(dense_states, of.slope, (0.0, of.start), like, given, of.how, of.fun)


class ResultWithEvents:
    """What it returns with events; `zeros` are what is zero at them, by the time.

    Attributes
    ----------
    found
        The times of the events, as the solver has them.
    ending
        Which of them are terminal.
    last_is_step
        Whether the last of the states is that where the solver stopped.
    """

    def __init__(
        self, parts: Any, dense: Any, zeros: Any, ending: Any, is_dense: Any, last_is_step: Any
    ) -> None:
        self.t, self.states, self.success, self.status, self.message, *counts, _, found = parts
        self.nfev, self.njev, self.nlu = counts
        self.dense, self.zeros, self.ending, self.found = dense, zeros, ending, found
        self.last_is_step = last_is_step
        self.sol = dense if is_dense else None

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    @property
    def t_events(self) -> Any:
        """The times of each event."""
        return [self._times(k) for k in range(len(self.zeros))]

    @property
    def y_events(self) -> Any:
        """The states at them."""
        return [
            np.array([self.dense(self._time(k, t)) for t in self.found[k]])
            for k in range(len(self.zeros))
        ]

    @property
    def y(self) -> Any:
        """The states, the last of which may be at an event."""
        if not (self.last_is_step and any(self.ending)):
            return self.states
        return np.concatenate((self.states[:, :-1], self._last()[:, None]), axis=1)

    def _times(self, k: Any) -> Any:
        return np.array([self._time(k, t) for t in self.found[k]])

    def _time(self, k: Any, t: Any) -> Any:
        return solved(event_time, self.zeros[k], (0.0,), 0.0, (t,), {}, self.zeros[k])

    def _last(self) -> Any:
        last = self.states[:, -1]
        if self.status == 1:
            for k in range(len(self.zeros)):
                times = self.found[k]
                if self.ending[k] and len(times) > 0 and times[-1] == self.t[-1]:
                    last = self.dense(self._time(k, times[-1]))
        return last


def _value(event: Any, arg: Any) -> Any:
    def value(t: Any, y: Any) -> Any:
        return event(t, y, *arg)

    return value


def _zero(value: Any, trajectory: Trajectory) -> Any:
    """What is zero at the time of an event."""

    def zero(t: Any) -> Any:
        return value(t, trajectory.at(t))

    return zero


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
    start, (begin, end) = as_state(y0), t_span
    arg = () if args is None else args

    def slope(t: Any, y: Any) -> Any:
        return as_vector(fun(t, y, *arg))

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
    events, is_dense = options.get("events"), options.get("dense_output")
    others = {k: v for k, v in options.items() if k not in ("events", "dense_output")}
    like = ([times], [start, times], True, 0, "", 0, 0, 0)
    span, given = (begin, end), (0.0, start)
    limits = ("method", "rtol", "atol", "max_step", "min_step")
    how = {k: v for k, v in others.items() if k in limits}
    trajectory = Trajectory(slope, begin, start, how, fun)
    if events is not None:
        listed = events if isinstance(events, (list, tuple)) else [events]
        ending = tuple(getattr(event, "terminal", False) for event in listed)
        signs = tuple(getattr(event, "direction", 0.0) for event in listed)
        values, places = [_value(event, arg) for event in listed], range(len(listed))
        options = {f"event_{k}": value for k, value in enumerate(values)}
        found = solved(
            solve_with_events, slope, given,
            ([None], [start, None], True, 0, "", 0, 0, 0, "", tuple([k] for k in places)),
            (span, start), {**others, **options, "terminal": ending, "direction": signs}, fun,
        )  # fmt: skip
        zeros = [_zero(value, trajectory) for value in values]
        dense = DenseOutput(trajectory, found[-2])
        return ResultWithEvents(found, dense, zeros, ending, is_dense, t_eval is None)
    if is_dense:
        found = solved(
            integrate.solve_ivp, slope, given, (*like, ""), (span, start),
            {**others, "dense_output": True}, fun,
        )  # fmt: skip
        result = OdeResult(*found[:-1])
        result.sol = DenseOutput(trajectory, found[-1])
        return result
    return OdeResult(*solved(integrate.solve_ivp, slope, given, like, (span, start), others, fun))


# Its derivatives --------------------------------------------------------------------------------


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
    refuse_complex(y0)
    how = {"start": t_span[0]} if t_eval is not None else {"between": t_span}
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
    refuse_times_again(of, *t_span, t_eval)
    _refuse_times_with_events(of, t_eval, options)
    how = _ivp_options(t_span, y0, method, t_eval, **options)
    d_times, d_states = g[0], g[1]
    if d_times is not None and t_eval is None:
        raise NotImplementedError(
            "the times that the solver chose: give it t_eval, or read the time of an event in"
            " t_events"
        )
    if d_states is None:
        return {"t_eval": d_times}
    start, end = t_span
    times = _times(of, ans, t_eval, options)
    d_y0, *d_args = adjoint_of_states(of, fun, times, y0, d_states, args, how)
    made = {"y0": d_y0, "args": d_args}
    if of.asks(t_eval):
        slopes = of.write(ode_slopes, ans[1], fun, t_eval, ans[1], args)
        along = np.sum(d_states * slopes, axis=0)
        made["t_eval"] = along if d_times is None else along + d_times
    if of.asks(start) or of.asks(end):
        made["t_span"] = _ends(of, t_span, y0, ans, d_y0, d_states, t_eval)
    return made


def _refuse_times_with_events(of: Any, t_eval: Any, options: dict[str, Any]) -> None:
    if "terminal" in options and of.asks(t_eval):
        raise NotImplementedError(
            "the states at times that are differentiated, with events: ask for a dense_output, and"
            " call sol.sol(t)"
        )


def _times(of: Any, ans: Any, t_eval: Any, options: dict[str, Any]) -> Any:
    """The times of the states: those asked for, up to an event; or those that the solver chose.

    Of the latter only the ends depend on anything. That is not followed twice, see
    `refuse_times_again`, nor by an adjoint that is told them.
    """
    if t_eval is not None and "terminal" not in options:
        return t_eval
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
        d_last = d_states[:, -1] * (ans[0][-1] == end)  # an event may come before the end
        d_end = np.sum(d_last * of.call(end, ans[1][:, -1]))
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
    refuse_times_again(of, *t_span, t_eval)
    _refuse_times_with_events(of, t_eval, options)
    how = _ivp_options(t_span, y0, method, t_eval, **options)
    (start, end), y0_dot, states = t_span, dot(y0), ans[1]
    times = _times(of, ans, t_eval, options)
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
    return [t_dot, made, *[None] * (len(PARTS) - 2)]


PARTS = ("t", "y", "success", "status", "message", "nfev", "njev", "nlu", "sol", "t_events")
BY = ("t_span", "y0", "t_eval", "args")
_VECTORIZED = {"vectorized": "leave it away: it makes no difference to the solution"}
_HOW = Solver(_ivp_vjp, _ivp_jvp, state=1, parts=PARTS, refused=_VECTORIZED)
solver(integrate.solve_ivp, solve_ivp, BY, _HOW)
solver(solve_with_events, None, BY, _HOW)


# The times of events ----------------------------------------------------------------------------


def _event_vjp(g: Any, ans: Any, of: Any, fun: Any, t: Any, args: Any = ()) -> dict[str, Any]:
    refuse_root_again(of)
    return {"args": of.cotangents(root_adjoint, (), of.pullback, ans, g, args)}


def _event_jvp(dot: Any, ans: Any, of: Any, fun: Any, t: Any, args: Any = ()) -> Any:
    refuse_root_again(of)
    return of.write(root_tangent, ans, of.tangent, ans, args, of.dots)


solver(event_time, None, ("args",), Solver(_event_vjp, _event_jvp, state=0, root=True))
written(event_time, "t")
