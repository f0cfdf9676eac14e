"""Functions with a rule of their own: what users write; at run time they are the function."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable
from typing import Any

__all__ = ["CustomRule", "checkpoint", "custom_jvp", "custom_vjp"]

Function = Callable[..., Any]


def _check(name: str, fun: object) -> None:
    if not callable(fun):
        raise TypeError(f"{name} is given {fun!r}, which is no function")


class CustomRule:
    """A function, and what says its derivative.

    Called, it runs the function with nothing in between: ``__call__`` is a slot of the object, in
    which the function itself is held.

    Attributes
    ----------
    fun
        The function.
    nondiff_argnums
        The positions of arguments that have no derivative.
    like
        What makes the like of its result, where it is called and not read; or None.
    """

    __slots__ = ("__call__", "__dict__", "__weakref__")
    __call__: Function
    __name__: str
    __qualname__: str

    #: The attributes that hold the rule, as far as it was given.
    parts: tuple[str, ...] = ()

    def __init__(
        self,
        fun: Function,
        nondiff_argnums: tuple[int, ...] = (),
        like: Function | None = None,
    ) -> None:
        _check(type(self).__name__, fun)
        functools.update_wrapper(self, fun, updated=())
        self.__name__ = getattr(fun, "__name__", type(fun).__name__)
        self.__call__ = self.fun = fun
        self.nondiff_argnums = tuple(nondiff_argnums)
        self.like = like

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self) -> str | tuple[Any, ...]:
        name: str = getattr(self, "__qualname__", "")  # an object that is called has none
        found: Any = sys.modules.get(self.__module__)
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is self:
            return name
        rule = {name: vars(self)[name] for name in self.parts if name in vars(self)}
        return type(self), (self.fun, self.nondiff_argnums, self.like), rule


class custom_vjp(CustomRule):  # noqa: N801  (a decorator, named as users know it)
    """A function whose gradient is given by hand, for reverse mode.

    Parameters
    ----------
    fun
        The function. Called outside of derivatives, this is what runs.
    nondiff_argnums
        The positions of arguments that are not differentiated, such as functions and options.
        `bwd` is given them first.
    like
        For a function that is to be called by its name and not read, such as one of compiled code:
        what takes the same arguments and returns something of the shape and dtype of the result. It
        is run on arrays that are made up.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import custom_vjp, grad
    >>> @custom_vjp
    ... def log1pexp(x):
    ...     return np.log1p(np.exp(x))
    >>> def forward(x):
    ...     return log1pexp(x), x
    >>> def backward(x, g):
    ...     return (g / (1 + np.exp(-x)),)
    >>> log1pexp.defvjp(forward, backward)
    >>> print(grad(lambda x: log1pexp(x) ** 2)(0.0))
    0.6931471805599453
    """

    __slots__ = ()

    parts = ("fwd", "bwd")

    def defvjp(self, fwd: Function, bwd: Function) -> None:
        """Give the rule.

        Parameters
        ----------
        fwd
            Takes the arguments of the function, and returns what it returns and the residuals: what
            `bwd` needs, in any structure.
        bwd
            Takes the residuals and the cotangent of what was returned, in its structure. It returns
            a tuple with the gradient for each argument, or None for one that has no derivative.
        """
        _check("defvjp", fwd)
        _check("defvjp", bwd)
        self.fwd = fwd
        self.bwd = bwd


class custom_jvp(CustomRule):  # noqa: N801  (a decorator, named as users know it)
    """A function whose derivative along a direction is given by hand.

    Reverse mode follows from it, since a tangent is linear in those of the arguments.

    Parameters
    ----------
    fun
        The function. Called outside of derivatives, this is what runs.
    nondiff_argnums
        The positions of arguments that are not differentiated. The rule is given them first.
    like
        As for `custom_vjp`.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import custom_jvp, grad
    >>> @custom_jvp
    ... def log1pexp(x):
    ...     return np.log1p(np.exp(x))
    >>> def derivative(primals, tangents):
    ...     (x,), (x_dot,) = primals, tangents
    ...     return log1pexp(x), x_dot / (1 + np.exp(-x))
    >>> _ = log1pexp.defjvp(derivative)
    >>> print(grad(lambda x: log1pexp(x) ** 2)(0.0))
    0.6931471805599453
    """

    __slots__ = ()

    parts = ("jvp",)

    def defjvp(self, jvp: Function) -> Function:
        """Give the rule.

        Parameters
        ----------
        jvp
            Takes a tuple of the arguments and a tuple of their tangents, and returns the pair of
            what the function returns and its tangent, which is linear in those of the arguments.

        Returns
        -------
        Callable
            `jvp`, so that this may be used as a decorator.
        """
        _check("defjvp", jvp)
        self.jvp = jvp
        return jvp


class checkpoint(CustomRule):  # noqa: N801  (a decorator, named as users know it)
    """A function of which only the arguments are kept for the backward sweep.

    There it is run once more, so that a loop of such steps keeps what each step is given, and
    nothing of what is computed in it. It saves memory, and costs one more run of the function.

    Parameters
    ----------
    fun
        The function. It depends on what is differentiated by its arguments alone, does not write
        into them, and draws no random numbers. What it prints is printed once.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint import checkpoint, grad
    >>> @checkpoint
    ... def step(x):
    ...     return np.sin(np.exp(np.cos(x)))
    >>> print(f"{grad(lambda x: step(step(x)))(1.0):.6f}")
    0.048680
    """

    __slots__ = ()
