"""Derivatives of solutions, and of those in turn: each is a solution of another equation.

Two things are solved for: states y of ``y' = f(t, y, args)``, and the adjoint of these, which takes
their cotangents d_y to those of y0 and of the arguments. With F, the equation of y together with
its tangent along (u0, u),

- the tangent of the states is the second half of the states of F from (y0, u0);
- the adjoint of the adjoint along (u0, u) gives to d_y that tangent; and to y0 and the arguments
  the first half of the adjoint of F for the cotangents (0, d_y), for it is the derivative of the
  sum of d_y times the tangent of y;
- so is the tangent of the adjoint along (u0, u) and d_y_dot, for the cotangents (d_y_dot, d_y).

So a derivative of any order is found by the same two, for a larger equation. All of them are linear
in (u0, u), which is divided by its size, so that tolerances mean the same for each.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.registry import solver, written, zero_derivative
from adjoint.rules.rule import Solver
from adjoint.rules.scipy.adjoints import (
    dense_states,
    ode_adjoint,
    ode_pullback,
    ode_slopes,
    ode_states,
    ode_tangent,
    size_of,
)

__all__ = ["adjoint_of_states", "refuse_times_again", "tangent_of_states"]

How = dict[str, Any]


def adjoint_of_states(
    of: Any, fun: Any, t: Any, y0: Any, d_y: Any, args: Any, how: How
) -> list[Any]:
    """The cotangents of the initial state, and of the arguments that are differentiated."""
    if not of.depends:
        return [d_y if np.ndim(t) == 0 else np.sum(d_y, axis=1)]
    if of.again:
        return _pulled(of, fun, of.positions, (y0, *of.active), t, y0, d_y, args, how)
    found: list[Any] = of.cotangents(ode_adjoint, (y0,), fun, of.pullback, t, y0, d_y, args, **how)
    return found


def tangent_of_states(
    of: Any, like: Any, fun: Any, t: Any, y0: Any, y0_dot: Any, args: Any, how: How
) -> Any:
    """The tangents of the states, a column each."""
    if not of.depends:
        return y0_dot if np.ndim(t) == 0 else np.zeros_like(like) + y0_dot[:, None]
    if of.again:
        along = _Along(of, of.positions, y0, y0_dot, args, of.dots)
        return along.states(like, t, how)
    return of.write(ode_tangent, like, fun, of.tangent, t, y0, y0_dot, args, of.dots, **how)


def _pulled(
    of: Any,
    fun: Any,
    by: tuple[int, ...],
    like: tuple[Any, ...],
    t: Any,
    y0: Any,
    d_y: Any,
    args: Any,
    how: How,
) -> list[Any]:
    """The adjoint as a solution that has derivatives in turn, by the arguments at places `by`."""
    pull = of.pulled_back(fun, by)
    found: list[Any] = of.several(
        ode_pullback, like, fun, pull, t, y0, d_y, args=args, by=by, **how
    )
    return found


class _Along:
    """The equation of the states with their tangent along a direction."""

    def __init__(
        self, of: Any, by: tuple[int, ...], y0: Any, y0_dot: Any, args: Any, dots: Any
    ) -> None:
        self.of, self.n = of, of.states
        self.size = of.write_number(size_of, y0_dot, *dots)
        self.fun = of.with_tangent(by)
        self.start = np.concatenate((y0, y0_dot / self.size))
        self.args = (*args, *(dot / self.size for dot in dots))

    def states(self, like: Any, t: Any, how: How) -> Any:
        """The tangents of the states, which are `like`."""
        return self.size * self._both(like, t, how)[self.n :]

    def _both(self, like: Any, t: Any, how: How) -> Any:
        return self.of.write_states(
            ode_states, like, 2 * self.n, self.fun, t, self.start, args=self.args, **_doubled(how)
        )

    def slopes(self, like: Any, t: Any, how: How) -> Any:
        """The slope of the tangent of the state, at one time."""
        _refuse_several(t)
        state = self._both(like, t, how)
        return self.size * self.of.invoke(self.fun, t, state, *self.args)[0][self.n :]

    def cotangents(
        self,
        by: tuple[int, ...],
        like: tuple[Any, ...],
        t: Any,
        d_y: Any,
        d_dot: Any,
        how: How,
    ) -> list[Any]:
        """Those of the state and its tangent at the start, and of what is `like`.

        They are for the divided direction; `d_y` and `d_dot` are of states and of tangents.
        """
        d_both = np.concatenate((d_y, d_dot))
        d_start, *found = _pulled(
            self.of, self.fun, by, (self.start, *like), t, self.start, d_both, self.args,
            _doubled(how),
        )  # fmt: skip
        return [d_start, *found]


def _refuse_several(t: Any) -> None:
    if np.ndim(t):
        raise NotImplementedError(
            "the second derivative of the solution of an equation by several times: ask for the"
            " state at one time after the other"
        )


def _doubled(how: How) -> How:
    """The tolerances for twice as many states."""
    atol = how.get("atol", 0.0)
    return how | {"atol": np.concatenate((atol, atol))} if np.ndim(atol) else how


def _from(start: Any, how: dict[str, Any]) -> dict[str, Any]:
    """The options of a solution that begins at `start`, if that is given."""
    return how if start is None else {**how, "start": start}


# The states -------------------------------------------------------------------------------------


def _states_vjp(
    g: Any,
    ans: Any,
    of: Any,
    fun: Any,
    t: Any,
    y0: Any,
    args: Any = (),
    start: Any = None,
    **how: Any,
) -> How:
    how = _from(start, how)
    d_y0, *d_args = adjoint_of_states(of, fun, t, y0, g, args, how)
    made = {"y0": d_y0, "args": d_args}
    if of.asks(t):
        made["t"] = np.sum(g * _slopes(of, fun, t, ans, args), axis=0)
    if of.asks(start):
        made["start"] = -np.sum(d_y0 * of.call(start, y0))
    return made


def _states_jvp(
    dot: Any,
    ans: Any,
    of: Any,
    fun: Any,
    t: Any,
    y0: Any,
    args: Any = (),
    start: Any = None,
    **how: Any,
) -> Any:
    how = _from(start, how)
    y0_dot = dot(y0)
    if of.asks(start):
        y0_dot = y0_dot - of.call(start, y0) * dot(start)
    made = tangent_of_states(of, ans, fun, t, y0, y0_dot, args, how)
    return made + _slopes(of, fun, t, ans, args) * dot(t) if of.asks(t) else made


def _slopes(of: Any, fun: Any, t: Any, y: Any, args: Any) -> Any:
    """The slope of each state, at its time."""
    if np.ndim(t) == 0:
        return of.call(t, y)
    refuse_times_again(of, t)
    return of.write(ode_slopes, y, fun, t, y, args)


def refuse_times_again(of: Any, *times: Any) -> None:
    """Refuse derivatives of second order by several times."""
    if of.again and any(of.asks(t) for t in times):
        raise NotImplementedError(
            "the solution of an equation, by its times, in a function whose derivative is taken"
            " inside: measure the time in another unit, which the right side reads"
        )


#: What is not differentiated by some times: those that are given as `between`.
_NAME = "a derivative of the solution of an equation"
BY_TIME = ("t", "y0", "args", "start")
solver(ode_states, None, BY_TIME, Solver(_states_vjp, _states_jvp, state=1, described=_NAME))


def _dense_vjp(
    g: Any,
    ans: Any,
    of: Any,
    fun: Any,
    t: Any,
    y0: Any,
    sol: Any,
    args: Any = (),
    start: Any = None,
    **how: Any,
) -> How:
    return _states_vjp(g, ans, of, fun, t, y0, args, start, **how)


def _dense_jvp(
    dot: Any,
    ans: Any,
    of: Any,
    fun: Any,
    t: Any,
    y0: Any,
    sol: Any,
    args: Any = (),
    start: Any = None,
    **how: Any,
) -> Any:
    return _states_jvp(dot, ans, of, fun, t, y0, args, start, **how)


solver(dense_states, None, BY_TIME, Solver(_dense_vjp, _dense_jvp, state=1, described=_NAME))
written(dense_states, "sol(t)")


# Their adjoint ----------------------------------------------------------------------------------


def _adjoint_vjp(
    g: Any,
    ans: Any,
    of: Any,
    fun: Any,
    pull: Any,
    t: Any,
    y0: Any,
    d_y: Any,
    args: Any = (),
    by: tuple[int, ...] = (),
    start: Any = None,
    **how: Any,
) -> How:
    how = _from(start, how)
    like = (y0, *(args[k] for k in by))
    u0, *u = [_zero(v) if d is None else d for v, d in zip(like, g, strict=True)]
    along, made = _Along(of, by, y0, u0, args, u), {}
    if of.asks(y0) or of.active or of.asks(start):
        still = np.zeros_like(d_y)
        d_z, *d_args = along.cotangents(of.positions, of.active, t, still, d_y, how)
        made = {"y0": along.size * d_z[: along.n], "args": [along.size * d for d in d_args]}
        if of.asks(start):
            slope = of.invoke(along.fun, start, along.start, *along.args)[0]
            made["start"] = -along.size * np.sum(d_z * slope)
    if of.asks(d_y):
        made["d_y"] = along.states(d_y, t, how)
    if of.asks(t):
        made["t"] = np.sum(d_y * along.slopes(d_y, t, how))
    return made


def _zero(value: Any) -> Any:
    return np.zeros_like(value) if np.ndim(value) else 0.0


def _adjoint_jvp(
    dot: Any,
    ans: Any,
    of: Any,
    fun: Any,
    pull: Any,
    t: Any,
    y0: Any,
    d_y: Any,
    args: Any = (),
    by: tuple[int, ...] = (),
    start: Any = None,
    **how: Any,
) -> list[Any]:
    how = _from(start, how)
    like = tuple(args[k] for k in by)
    terms: list[list[Any]] = []
    y0_dot = dot(y0)
    if of.asks(start):
        y0_dot = y0_dot - of.call(start, y0) * dot(start)
        terms.append([-d * dot(start) for d in of.invoke(pull, start, y0, ans[0], *args)])
    if of.asks(y0) or of.active or of.asks(start):
        along = _Along(of, of.positions, y0, y0_dot, args, of.dots)
        d_z, *found = along.cotangents(by, like, t, dot(d_y) / along.size, d_y, how)
        terms.append([along.size * d for d in (d_z[: along.n], *found)])
    elif of.asks(d_y):
        terms.append(_pulled(of, fun, by, (y0, *like), t, y0, dot(d_y), args, how))
    if of.asks(t):
        _refuse_several(t)
        y = of.write(ode_states, y0, fun, t, y0, args=args, **how)
        d_state, *d_args = of.invoke(pull, t, y, d_y, *args)
        sooner = _pulled(of, fun, by, (y0, *like), t, y0, d_state, args, how)
        later = (0.0, *d_args)
        terms.append([(a + b) * dot(t) for a, b in zip(sooner, later, strict=True)])
    if not terms:  # what has a tangent has no influence
        return [None for _ in (y0, *like)]
    return [sum(parts[1:], parts[0]) for parts in zip(*terms, strict=True)]


solver(
    ode_pullback,
    None,
    ("t", "y0", "d_y", "args", "start"),
    Solver(_adjoint_vjp, _adjoint_jvp, state=1, described=_NAME),
)
zero_derivative(size_of)
