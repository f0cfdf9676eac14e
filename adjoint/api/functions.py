"""What users call: functions that return derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from adjoint.api.arguments import Argnums
from adjoint.api.gradient import Gradient
from adjoint.markers import Derives

__all__ = ["derives", "grad", "value_and_grad"]

Function = TypeVar("Function", bound=Callable[..., Any])


def _decorate(fun: Any, argnums: Argnums, has_aux: bool, value: bool, holomorphic: bool) -> Any:
    if fun is None:
        return lambda inner: Gradient(inner, argnums, has_aux, value, holomorphic)
    return Gradient(fun, argnums, has_aux, value, holomorphic)


def derives(mode: str, *, value: bool = False) -> Callable[[Function], Function]:
    """What staging knows a function by, where it is called in one that is differentiated."""

    def mark(function: Function) -> Function:
        function.__adjoint_derives__ = Derives(mode, value)  # type: ignore[attr-defined]
        return function

    return mark


@derives("grad")
def grad(
    fun: Callable[..., Any] | None = None,
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Any:
    """The function that computes the gradient of `fun`.

    Parameters
    ----------
    fun
        A Python function that computes one number with NumPy. May be left out, to use `grad` as a
        decorator with arguments.
    argnums
        The argument to differentiate, by number or name, or a tuple of several.
    has_aux
        Whether `fun` returns a pair, whose second part is handed on: the result is then
        ``(gradient, aux)``.
    holomorphic
        Whether `fun` maps complex numbers to one complex number and has a complex derivative, which
        is then the gradient. Of a complex argument and a real result z = x + iy the gradient is
        ∂f/∂x - i ∂f/∂y, without this.

    Returns
    -------
    Gradient
        A callable with the arguments of `fun`. A gradient has the shape, dtype and structure of
        its argument; it is a tuple of them where `argnums` is a tuple.

    Raises
    ------
    Unsupported
        At a call, where the function does something that cannot be differentiated, or is not
        holomorphic though that was promised.
    NotScalar
        At a call, if the result is not one number.
    BadArgument
        If `argnums` names an argument that does not exist or cannot be differentiated.

    Examples
    --------
    >>> from adjoint import grad
    >>> @grad
    ... def f(x, y):
    ...     return x**2 * y
    >>> f(3.0, 2.0)
    12.0
    >>> grad(lambda x, y: x**2 * y, argnums=("x", "y"))(3.0, 2.0)
    (12.0, 9.0)
    """
    return _decorate(fun, argnums, has_aux, False, holomorphic)


@derives("grad", value=True)
def value_and_grad(
    fun: Callable[..., Any] | None = None,
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Any:
    """The function that computes the value of `fun` together with its gradient.

    Parameters and errors are those of `grad`. `scipy.optimize.minimize` takes the result with
    ``jac=True``.

    Returns
    -------
    Gradient
        A callable that returns ``(value, gradient)``, or ``((value, aux), gradient)`` with
        `has_aux`.

    Examples
    --------
    >>> from adjoint import value_and_grad
    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    return _decorate(fun, argnums, has_aux, True, holomorphic)
