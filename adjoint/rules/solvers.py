"""Solvers that call a function of the program: how the code that is read in their place calls one.

A solver (``scipy.integrate.solve_ivp``) is read as a function in Python that brings its arguments
into one form, and ends in a call of `solved`. There the interpreter makes the function that is
handed over a function of the emitted module, whose parameters after those that the solver gives it
are what it reads from outside. The rule of the solver then has the pullback of that function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from adjoint.rules.registry import jvp, vjp, written

__all__ = ["refuse_root_again", "solved", "stepped"]


def solved(
    solver: Callable[..., Any],
    function: Callable[..., Any],
    given: tuple[Any, ...],
    like: Any,
    args: tuple[Any, ...],
    options: Mapping[str, Any],
    called: Any = None,
    stationary: Callable[..., Any] | None = None,
) -> Any:
    """What ``solver(function, *args, **options)`` returns: of several parts, a tuple.

    Parameters
    ----------
    given
        For each argument that the solver hands to the function, a value of its type.
    like
        What is returned, in type: a number; a list of what is as long as each of the axes of an
        array, with None for what is not known, or a number for each of several such lengths; or a
        tuple of these for the parts.
    options
        The keywords. What is a function is called as `function` is.
    called
        What the function is named after.
    stationary
        A function whose gradient is zero at what is returned, or at its first part: the derivative
        of that follows, and the solver has none of its own.
    """
    return solver(function, *args, **options)


def refuse_root_again(of: Any) -> None:
    """Refuse one that was not read as a step of Newton's method, where that is needed."""
    if of.again:
        raise NotImplementedError("a root that is found in a function whose derivative is taken")


def stepped(x: Any, change: Any, factor: Any) -> Any:
    """Return `x`, where a step of Newton's method is of length zero.

    The step is ``-np.linalg.solve(factor, change)``, of which only the derivative is of account. So
    nothing of it is computed where none passes.

    Parameters
    ----------
    x
        A root.
    change
        How the function changes there: 0.
    factor
        The Jacobian of the function, or its slope, held fixed.
    """
    return x


def _change(g: Any, ans: Any, x: Any, change: Any, factor: Any) -> Any:
    return -np.linalg.solve(np.transpose(factor), g) if np.ndim(x) else -g / factor


def _along_change(t: Any, ans: Any, x: Any, change: Any, factor: Any) -> Any:
    return -np.linalg.solve(factor, t) if np.ndim(x) else -t / factor


vjp(stepped, x=lambda g, ans, x, change, factor: g, change=_change)
jvp(stepped, x=lambda t, ans, x, change, factor: t, change=_along_change)
written(stepped, "x")
