"""Jacobians row by row, by calls of a pullback.

For functions whose derivative can be written, but not inside another function: one that calls
itself, or of complex numbers. The others are emitted as one function (`jacobians`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from adjoint.api.arguments import Argnums
from adjoint.api.derivative import Derivative
from adjoint.errors import BadArgument
from adjoint.transform.wanted import Wanted

__all__ = ["by_elements", "by_rows", "not_one_number", "sweep", "units", "with_unit"]


class Sweep(Derivative):
    """What returns the value of a function and a pullback, by the arguments that are asked for."""

    __slots__ = ()


def sweep(
    fun: Callable[..., Any], argnums: Argnums, has_aux: bool = False, holomorphic: bool = False
) -> Sweep:
    """What returns the value of a function and a pullback, by the arguments that are asked for."""
    return Sweep(fun, argnums, Wanted((), has_aux=has_aux, holomorphic=holomorphic, mode="vjp"))


def by_rows(
    fun: Callable[..., Any], argnums: Argnums, has_aux: bool, holomorphic: bool
) -> Callable[..., Any]:
    """The function that computes the Jacobian of `fun`, a call of its pullback for each row."""
    run = sweep(fun, argnums, has_aux, holomorphic)

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


def by_elements(
    fun: Callable[..., Any], argnums: Argnums, has_aux: bool, holomorphic: bool
) -> Callable[..., Any]:
    """The function that computes the sum of the rows of the Jacobian, by a call of its pullback."""
    run = sweep(fun, argnums, has_aux, holomorphic)

    def derivative(*args: Any, **kwargs: Any) -> Any:
        out, back, *aux = run(*args, **kwargs)
        if not isinstance(out, np.ndarray | np.generic | float | complex):
            raise BadArgument(
                f"{run.__name__} returns a {type(out).__name__}, and not an array",
                None,
                "return one array or number, or use jacobian",
            )
        one = np.ones_like(out) if isinstance(out, np.ndarray) else type(out)(1)
        gradients = pulled(back, out, lambda part: part * one, holomorphic)
        made = gradients[0] if isinstance(argnums, int | str) else gradients
        return (made, *aux) if has_aux else made

    return derivative


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
        case float() | np.generic() | np.ndarray():
            return real + 1j * imaginary
        case _:
            raise _by_object(real)


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
        case None:
            return None
        case _:
            raise _by_object(first)


def _by_object(gradient: Any) -> BadArgument:
    return BadArgument(
        f"the Jacobian with respect to a {type(gradient).__name__} is asked for",
        None,
        "hand its numbers and arrays as arguments, or use vjp",
    )
