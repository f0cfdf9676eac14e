"""``scipy.integrate.odeint``, by the adjoint method."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import integrate

from adjoint.rules.registry import solver
from adjoint.rules.rule import Solver
from adjoint.rules.scatter import scatter
from adjoint.rules.scipy.adjoints import ode_slopes
from adjoint.rules.scipy.sensitivities import (
    adjoint_of_states,
    refuse_times_again,
    tangent_of_states,
)
from adjoint.rules.solvers import solved

__all__ = ["as_state", "as_vector", "refuse_complex"]


# What is read in its place ----------------------------------------------------------------------


def odeint(func: Any, y0: Any, t: Any, args: Any = (), tfirst: bool = False, **options: Any) -> Any:
    """As ``scipy.integrate.odeint``, with the time first."""
    start, times = as_state(y0), t if isinstance(t, np.ndarray) else np.asarray(t)
    arg = args if isinstance(args, tuple) else (args,)

    def slope(t: Any, y: Any) -> Any:
        return as_vector(func(t, y, *arg) if tfirst else func(y, t, *arg))

    if options.get("Dfun") is not None:
        jacobian = options["Dfun"]

        def slopes(t: Any, y: Any) -> Any:
            return np.array(jacobian(t, y, *arg) if tfirst else jacobian(y, t, *arg))

        options = {**options, "Dfun": slopes}
    options = {**options, "tfirst": True}
    return solved(
        integrate.odeint, slope, (0.0, start), [times, start], (start, times), options, func
    )


def as_state(y0: Any) -> Any:
    """The initial state as a vector."""
    state = y0 if isinstance(y0, np.ndarray) else np.array(y0)
    if state.dtype.kind in "iub" or state.dtype == np.float32:
        state = state.astype(float)
    return np.reshape(state, (1,)) if state.ndim == 0 else state


def as_vector(found: Any) -> Any:
    """What the right side of an equation returns, as a vector."""
    slope = found if isinstance(found, np.ndarray) else np.array(found)
    return np.reshape(slope, (1,)) if slope.ndim == 0 else slope


# Its derivatives --------------------------------------------------------------------------------


def _odeint_options(y0: Any, rtol: Any = None, atol: Any = None, **others: Any) -> dict[str, Any]:
    """How the equations of the derivatives are solved: as that was."""
    refuse_complex(y0)
    usual = 1.49012e-8  # of odeint
    return {
        "method": "LSODA",
        "rtol": usual if rtol is None else rtol,
        "atol": usual if atol is None else atol,
    }


def refuse_complex(y0: Any) -> None:
    if y0.dtype.kind == "c":
        raise NotImplementedError(
            "an equation of complex states: write it for their real and imaginary parts"
        )


def _odeint_vjp(
    g: Any, ans: Any, of: Any, func: Any, y0: Any, t: Any, args: Any = (), **options: Any
) -> dict[str, Any]:
    refuse_times_again(of, t)
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
    refuse_times_again(of, t)
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
