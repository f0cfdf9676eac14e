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

from adjoint.rules.registry import Solver, solver, zero_derivative
from adjoint.rules.scipy.adjoints import (
    ode_adjoint,
    ode_pullback,
    ode_states,
    ode_tangent,
    size_of,
)

__all__ = ["adjoint_of_states", "tangent_of_states"]

How = dict[str, Any]


def adjoint_of_states(
    of: Any, fun: Any, t: Any, y0: Any, d_y: Any, args: Any, how: How
) -> list[Any]:
    """The cotangents of the initial state, and of the arguments that are differentiated."""
    if not of.depends:
        return [np.sum(d_y, axis=1)]
    if of.again:
        return _pulled(of, fun, of.positions, (y0, *of.active), t, y0, d_y, args, how)
    found: list[Any] = of.cotangents(ode_adjoint, (y0,), fun, of.pullback, t, y0, d_y, args, **how)
    return found


def tangent_of_states(
    of: Any, like: Any, fun: Any, t: Any, y0: Any, y0_dot: Any, args: Any, how: How
) -> Any:
    """The tangents of the states, a column each."""
    if not of.depends:
        return np.zeros_like(like) + y0_dot[:, None]
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
        states = self.of.write_states(
            ode_states, like, 2 * self.n, self.fun, t, self.start, args=self.args, **_doubled(how)
        )
        return self.size * states[self.n :]

    def cotangents(
        self,
        by: tuple[int, ...],
        like: tuple[Any, ...],
        t: Any,
        d_y: Any,
        d_dot: Any,
        how: How,
    ) -> list[Any]:
        """Those of the initial state, and of what is `like`, for those of states and tangents."""
        d_both = np.concatenate((d_y, d_dot))
        d_start, *found = _pulled(
            self.of, self.fun, by, (self.start, *like), t, self.start, d_both, self.args,
            _doubled(how),
        )  # fmt: skip
        return [self.size * d for d in (d_start[: self.n], *found)]


def _doubled(how: How) -> How:
    """The tolerances for twice as many states."""
    atol = how.get("atol", 0.0)
    return how | {"atol": np.concatenate((atol, atol))} if np.ndim(atol) else how


# The states -------------------------------------------------------------------------------------


def _states_vjp(
    g: Any, ans: Any, of: Any, fun: Any, t: Any, y0: Any, args: Any = (), **how: Any
) -> How:
    d_y0, *d_args = adjoint_of_states(of, fun, t, y0, g, args, how)
    return {"y0": d_y0, "args": d_args}


def _states_jvp(
    dot: Any, ans: Any, of: Any, fun: Any, t: Any, y0: Any, args: Any = (), **how: Any
) -> Any:
    return tangent_of_states(of, ans, fun, t, y0, dot(y0), args, how)


#: What is not differentiated by times, which it is given as `t`, `start` and `between`.
_NAME = "a derivative of the solution of an equation"
solver(
    ode_states,
    None,
    ("y0", "args"),
    Solver(_states_vjp, _states_jvp, state=1, described=_NAME),
)


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
    **how: Any,
) -> How:
    like = (y0, *(args[k] for k in by))
    u0, *u = [_zero(v) if d is None else d for v, d in zip(like, g, strict=True)]
    along, made = _Along(of, by, y0, u0, args, u), {}
    if of.asks(y0) or of.active:
        still = np.zeros_like(d_y)
        d_y0, *d_args = along.cotangents(of.positions, of.active, t, still, d_y, how)
        made = {"y0": d_y0, "args": d_args}
    return made | ({"d_y": along.states(d_y, t, how)} if of.asks(d_y) else {})


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
    **how: Any,
) -> list[Any]:
    like = tuple(args[k] for k in by)
    if not (of.asks(y0) or of.active):
        return _pulled(of, fun, by, (y0, *like), t, y0, dot(d_y), args, how)
    along = _Along(of, of.positions, y0, dot(y0), args, of.dots)
    return along.cotangents(by, like, t, dot(d_y) / along.size, d_y, how)


solver(
    ode_pullback,
    None,
    ("y0", "d_y", "args"),
    Solver(_adjoint_vjp, _adjoint_jvp, state=1, described=_NAME),
)
zero_derivative(size_of)
