"""Derivatives of many numbers by many: built of pullbacks and tangents, one row or column each."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from adjoint.api.arguments import Argnums
from adjoint.api.derivative import Derivative
from adjoint.api.functions import derives, grad
from adjoint.api.tangent import jvp
from adjoint.errors import BadArgument
from adjoint.transform.wanted import Wanted

__all__ = [
    "elementwise_grad",
    "hessian",
    "hvp",
    "jacobian",
    "jacrev",
    "like_function",
    "units",
    "with_unit",
]


class Sweep(Derivative):
    """What returns the value of a function and a pullback, by the arguments that are asked for."""

    __slots__ = ()


def like_function(fun: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what gives a function the name and documentation of `fun`."""
    return functools.wraps(fun, assigned=("__name__", "__qualname__", "__doc__"), updated=())


@derives("jacobian")
def jacobian(
    fun: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """The function that computes the Jacobian of `fun`, row by row in reverse mode.

    Parameters
    ----------
    fun, argnums, has_aux
        As for `grad`; `fun` may return numbers and arrays in any structure.
    holomorphic
        Whether `fun` maps complex numbers to complex numbers and has a complex derivative. Without
        it a complex result has a Jacobian by real arguments, and a real one by complex arguments,
        by the convention of `grad`.

    Returns
    -------
    Callable
        A function with the arguments of `fun`. The Jacobian has the structure of what `fun`
        returns, in each leaf that of the argument, and in each leaf of that an array: its shape is
        that of the result, followed by that of the argument.

    Examples
    --------
    >>> from adjoint import jacobian
    >>> print(jacobian(lambda x: np.cumsum(x**2))(np.array([1.0, 2.0])))
    [[2. 0.]
     [2. 4.]]
    """
    run = Sweep(fun, argnums, Wanted((), has_aux=has_aux, holomorphic=holomorphic, mode="vjp"))

    @like_function(fun)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        out, back, *aux = run(*args, **kwargs)
        single = isinstance(argnums, int | str)

        def rows(leaf: Any, cotangent: Callable[[Any], Any]) -> Any:
            found = []
            for unit in units(leaf):
                place = functools.partial(_turned, cotangent, unit)
                gradients = pulled(back, leaf, place, holomorphic)
                found.append(gradients[0] if single else gradients)
            return _stacked(found, np.shape(leaf))

        made = with_unit(out, rows)
        return (made, *aux) if has_aux else made

    return jacobian_of


jacrev = jacobian
"""The name that says how: row by row, in reverse mode."""


def pulled(
    back: Callable[[Any], Any], leaf: Any, cotangent: Callable[[Any], Any], holomorphic: bool
) -> Any:
    """The derivative of one number among the results: of a complex one, of both its parts.

    `cotangent` makes the cotangent of the whole that has a factor there. By real arguments, that of
    1 leads to the derivative of the real part, that of -i to the derivative of the imaginary part.
    """
    if np.iscomplexobj(leaf) and not holomorphic:
        return _joined(back(cotangent(1)), back(cotangent(-1j)))
    return back(cotangent(1))


def _turned(cotangent: Callable[[Any], Any], unit: Any, factor: Any) -> Any:
    return cotangent(factor * unit)


def _joined(real: Any, imaginary: Any) -> Any:
    """The derivative of a complex number, from those of its parts."""
    match real:
        case tuple() | list():
            parts = [_joined(*pair) for pair in zip(real, imaginary, strict=True)]
            return type(real)(*parts) if hasattr(real, "_fields") else type(real)(parts)
        case dict():
            return {key: _joined(part, imaginary[key]) for key, part in real.items()}
        case None:
            return None
        case _ if np.iscomplexobj(real):
            raise not_one_number()
        case _:
            return real + 1j * imaginary


def not_one_number() -> BadArgument:
    """What is said where a derivative of a complex number by a complex number is asked for."""
    return BadArgument(
        "the derivative of a complex result by a complex argument is asked for, which is no number",
        None,
        "pass holomorphic=True if the function has a complex derivative; or use jvp or vjp, which"
        " take each direction by itself",
    )


def units(leaf: Any) -> Iterator[Any]:
    """The unit vectors of the space that a number or an array is in."""
    if not isinstance(leaf, np.ndarray):
        yield type(leaf)(1)
        return
    for position in range(leaf.size):
        unit = np.zeros(leaf.size, leaf.dtype)
        unit[position] = 1
        yield unit.reshape(leaf.shape)


def _by_leaf(value: Any, rows: Callable[..., Any], put: Callable[[Any], Any]) -> Any:
    """`rows` of each leaf of a structure, with what makes a cotangent of the whole of one of it."""
    match value:
        case tuple() | list():
            parts = [
                _by_leaf(part, rows, functools.partial(_put, put, value, k))
                for k, part in enumerate(value)
            ]
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        case dict():
            return {
                k: _by_leaf(part, rows, functools.partial(_put, put, value, k))
                for k, part in value.items()
            }
        case _ if np.asarray(value).dtype.kind in "fc":
            return rows(value, put)
        case _:
            return None


def with_unit(value: Any, rows: Callable[..., Any]) -> Any:
    """`rows` of each leaf of a structure, with what puts a direction there and zeros elsewhere."""
    return _by_leaf(value, rows, lambda part: part)


def _put(put: Callable[[Any], Any], value: Any, key: Any, unit: Any) -> Any:
    """The cotangent of the whole that has `unit` at a key of this part, and zeros elsewhere."""
    return put(_with(value, key, unit))


def _with(value: Any, key: Any, unit: Any) -> Any:
    """Zeros in the structure of `value`, and `unit` in one of its parts."""
    if isinstance(value, dict):
        return {k: unit if k == key else _zeros(part) for k, part in value.items()}
    parts = [unit if k == key else _zeros(part) for k, part in enumerate(value)]
    return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)


def _zeros(value: Any) -> Any:
    match value:
        case tuple() | list():
            parts = map(_zeros, value)
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        case dict():
            return {key: _zeros(part) for key, part in value.items()}
        case np.ndarray():
            return np.zeros_like(value)
        case float() | complex() | np.generic():
            return type(value)(0)
        case _:
            return None


def _stacked(rows: list[Any], shape: tuple[int, ...]) -> Any:
    """The gradients of all elements of a result, put together in their structure."""
    first = rows[0] if rows else np.zeros(0)
    match first:
        case tuple() | list():
            columns = [_stacked(list(column), shape) for column in zip(*rows, strict=True)]
            return type(first)(*columns) if hasattr(first, "_fields") else type(first)(columns)
        case dict():
            return {key: _stacked([row[key] for row in rows], shape) for key in first}
        case float() | complex() | np.generic() if not shape:
            return first
        case float() | complex() | np.generic() | np.ndarray():
            return np.reshape(np.array(rows), (*shape, *np.shape(first)))
        case _:
            return None


@derives("hessian")
def hessian(
    fun: Callable[..., Any], argnums: Argnums = 0, *, holomorphic: bool = False
) -> Callable[..., Any]:
    """The function that computes the Hessian of `fun`: the Jacobian of its gradient.

    Parameters
    ----------
    fun, argnums, holomorphic
        As for `grad`. Of a real function of complex numbers the gradient has no Jacobian: `hvp`
        takes each direction by itself.

    Examples
    --------
    >>> from adjoint import hessian
    >>> print(hessian(lambda x: x[0] ** 2 * x[1])(np.array([2.0, 3.0])))
    [[6. 4.]
     [4. 0.]]
    """
    gradient = grad(fun, argnums, holomorphic=holomorphic)
    return jacobian(gradient, argnums, holomorphic=holomorphic)


@derives("hvp")
def hvp(fun: Callable[..., Any]) -> Callable[..., Any]:
    """The function of ``(x, v)`` that computes the product of the Hessian of `fun` at x with v.

    It is the derivative of the gradient along v, also where x and v are complex.

    Examples
    --------
    >>> from adjoint import hvp
    >>> print(hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([1.0, 10.0])))
    [  6. 120.]
    """
    run = jvp(grad(fun))

    @like_function(fun)
    def product(x: Any, v: Any) -> Any:
        return run((x,), (v,))[1]

    return product


@derives("elementwise")
def elementwise_grad(
    fun: Callable[..., Any], argnums: Argnums = 0, *, holomorphic: bool = False
) -> Callable[..., Any]:
    """The function that computes the sum of the rows of the Jacobian of `fun`.

    Of a function that works element by element it is the derivative of each element. Parameters
    are those of `jacobian`.

    Examples
    --------
    >>> from adjoint import elementwise_grad
    >>> print(elementwise_grad(np.square)(np.array([1.0, 2.0])))
    [2. 4.]
    """
    run = Sweep(fun, argnums, Wanted((), holomorphic=holomorphic, mode="vjp"))

    @like_function(fun)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        out, back = run(*args, **kwargs)
        if not isinstance(out, np.ndarray | np.generic | float | complex):
            raise BadArgument(
                f"{run.__name__} returns a {type(out).__name__}, and not an array",
                None,
                "return one array or number, or use jacobian",
            )
        one = np.ones_like(out) if isinstance(out, np.ndarray) else type(out)(1)
        gradients = pulled(back, out, lambda part: part * one, holomorphic)
        return gradients[0] if isinstance(argnums, int | str) else gradients

    return derivative
