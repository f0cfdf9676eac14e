"""Rules for functions that are not read: those of other libraries, and compiled code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from adjoint.api.compiler import rules
from adjoint.errors import BadArgument

__all__ = ["rule"]

Pullback = TypeVar("Pullback", bound=Callable[..., Any])


def rule(
    function: Callable[..., Any], *, like: Callable[..., Any] | None = None
) -> Callable[[Pullback], Pullback]:
    """A decorator that gives the derivative of a function which is called, and not read.

    It is meant for functions without Python source, and for those of other libraries. They must
    have no effects, and give the same for the same arguments: what is not needed is not called.

    Parameters
    ----------
    function
        The function.
    like
        A function of the same arguments, in NumPy, whose result has the shape and dtype of that of
        `function`: ``np.add``, or ``float`` for one number. It is run on arrays that are made up,
        while the gradient is derived. Without it, shapes are looked at when the gradient runs.

    Returns
    -------
    Callable
        The decorator. What it is given takes the cotangent of the result, the result, and then the
        arguments of `function`; it returns the gradient of each argument in a tuple, with None for
        one that has none or was left out. Of a function of one argument it may return the gradient
        itself.

    Raises
    ------
    BadArgument
        If the function has a rule of the library, or is none.

    Examples
    --------
    >>> import ctypes, ctypes.util
    >>> from adjoint import grad, rule
    >>> lib = ctypes.CDLL(ctypes.util.find_library("m"))
    >>> cbrt = lib.cbrt
    >>> cbrt.argtypes, cbrt.restype = [ctypes.c_double], ctypes.c_double
    >>> @rule(cbrt, like=float)
    ... def cbrt_gradient(g, out, x):
    ...     return g / (3 * out * out)
    >>> grad(lambda x: cbrt(x) ** 2)(8.0)
    0.3333333333333333
    """
    name = getattr(function, "__name__", repr(function))
    for given in (function, *([] if like is None else [like])):
        if not callable(given):
            raise BadArgument(f"rule is given {given!r}", None, "give it a function")
    known = rules.lookup(function)
    if known is not None and known.given is None:
        raise BadArgument(
            f"{name} has a rule in this library",
            None,
            "for another derivative, wrap it in a custom_vjp and call that",
        )

    def give(pullback: Pullback) -> Pullback:
        rules.give(function, pullback, like)
        return pullback

    return give
