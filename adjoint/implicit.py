"""Roots and fixed points: their derivative solves a linear system, whatever steps led to them.

Where ``f(x, *args) = 0`` defines x, the chain rule gives ``∂f/∂x · dx = -∂f/∂args · dargs`` (the
theorem of implicit functions; Blondel et al., Efficient and Modular Implicit Differentiation,
2022).
What is here is made of `custom_vjp` and `vjp` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.api.pullback import vjp
from adjoint.custom import custom_vjp

__all__ = ["custom_fixed_point", "custom_root"]

Function = Callable[..., Any]


def custom_root(
    f: Function,
    solve: Function | None = None,
    *,
    linear_solve: Function | None = None,
    opaque: bool = False,
) -> Any:
    """A solver whose gradient is that of the root, not of the steps that lead to it.

    Parameters
    ----------
    f
        Takes x and then the arguments, and returns what is zero at the root, of the shape of x.
    solve
        Takes a start and then the arguments, and returns the root: one number or array. It is not
        differentiated. May be left out, to use this as a decorator.
    linear_solve
        Takes a function ``apply`` and `b`, and returns the w with ``apply(w) = b``; `apply` is the
        transpose of the Jacobian of f in x. Without it the Jacobian is written out as a matrix.
    opaque
        Whether `solve` is called by its name in the generated code, and not read: it may then do
        anything but write into its arguments. The root has the shape and dtype of the start.

    Returns
    -------
    custom_vjp
        A function of the start and the arguments. The root does not depend on the start; what is to
        be differentiated is an argument.

    Examples
    --------
    >>> from adjoint import custom_root, grad
    >>> @custom_root(lambda x, a: x * x - a)
    ... def root(start, a):
    ...     x = start
    ...     for _ in range(30):
    ...         x = (x + a / x) / 2
    ...     return x
    >>> grad(lambda a: root(1.0, a))(4.0)
    0.25
    """
    if solve is None:
        return lambda solver: custom_root(f, solver, linear_solve=linear_solve, opaque=opaque)
    root = custom_vjp(solve, like=_start if opaque else None)

    def forward(start: Any, *args: Any) -> Any:
        x = root(start, *args)
        return x, (x, args)

    def backward(residuals: Any, g: Any) -> Any:
        x, args = residuals
        _, pull = vjp(f, x, *args)
        if linear_solve is not None:
            w = linear_solve(lambda v: pull(v)[0], g)
        elif np.ndim(x) == 0:
            w = g / pull(1.0)[0]
        else:
            jacobian = np.empty((x.size, x.size), x.dtype)
            for k in range(x.size):
                unit = np.zeros(x.size, x.dtype)
                unit[k] = 1
                jacobian[k] = np.ravel(pull(unit.reshape(x.shape))[0])
            w = np.linalg.solve(jacobian.T, np.ravel(g)).reshape(x.shape)
        _, *gradients = pull(-w)
        return None, *gradients

    root.defvjp(forward, backward)
    return root


def _start(start: Any, *args: Any) -> Any:
    return start


def custom_fixed_point(
    step: Function,
    solve: Function | None = None,
    *,
    linear_solve: Function | None = None,
    opaque: bool = False,
) -> Any:
    """A solver whose gradient is that of the fixed point, not of the steps that lead to it.

    Parameters
    ----------
    step
        Takes x and then the arguments, and returns the next x: the fixed point is what it leaves.
    solve, linear_solve, opaque
        As for `custom_root`, for ``step(x, *args) - x``.

    Returns
    -------
    custom_vjp
        A function of the start and the arguments.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import custom_fixed_point, grad
    >>> def step(x, a):
    ...     return np.cos(a * x)
    >>> @custom_fixed_point(step)
    ... def settled(start, a):
    ...     x = start
    ...     while abs(step(x, a) - x) > 1e-12:
    ...         x = step(x, a)
    ...     return x
    >>> round(grad(lambda a: settled(0.5, a))(1.0), 9)
    -0.297474342
    """

    def change(x: Any, *args: Any) -> Any:
        return step(x, *args) - x

    return custom_root(change, solve, linear_solve=linear_solve, opaque=opaque)
