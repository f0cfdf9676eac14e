"""Checking derivatives against differences."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint.api import grad, jvp
from adjoint.api.callables import plain_function
from adjoint.api.compiler import nearest
from adjoint.api.rows import units

__all__ = ["check_grads"]

Function = Callable[..., Any]


def check_grads(
    fun: Function,
    args: Sequence[Any],
    *,
    order: int = 1,
    modes: Sequence[str] = ("fwd", "rev"),
    rtol: float = 1e-5,
    atol: float = 1e-7,
    seed: int = 0,
) -> None:
    """Check derivatives of `fun` at `args` against central differences in random directions.

    Parameters
    ----------
    fun
        A function that returns one number. Of a complex number, a random combination of its parts
        is checked.
    args
        Its arguments: real and complex numbers and arrays. Others are handed on and not
        differentiated.
    order
        1, or 2: then the gradient is differentiated too, and compared with its own differences.
    modes
        ``"fwd"`` for `jvp`, ``"rev"`` for `grad`, or both; of second order, of the gradient.
    rtol, atol
        The difference between the two that is accepted. With a step h of about the cube root of
        the precision, central differences are wrong by about h**2.
    seed
        Of the random directions.

    Raises
    ------
    AssertionError
        If a derivative and the differences do not agree; it names the argument and its worst entry,
        and the statement whose own derivative does not agree with its own differences.
    ValueError
        If `order` or `modes` is none of these.

    Examples
    --------
    >>> check_grads(lambda x: np.sum(np.sin(x)), (np.array([0.1, 0.2]),), order=2)
    """
    if order not in (1, 2) or not modes or not set(modes) <= {"fwd", "rev"}:
        raise ValueError('order is 1 or 2, and modes are "fwd", "rev" or both')
    rng = np.random.default_rng(seed)
    active = tuple(i for i, a in enumerate(args) if np.asarray(a).dtype.kind in "fc")
    if np.iscomplexobj(fun(*copy.deepcopy(list(args)))):
        fun = _real_part(fun, complex(*rng.standard_normal(2)))
    _check(fun, args, active, modes, "derivative", rng, rtol, atol)
    if order == 2:
        weights = [_direction(rng, args[i]) for i in active]
        slope = _weighted_gradient(fun, active, weights)
        _check(slope, args, active, modes, "second derivative", rng, rtol, atol)


def _weighted_gradient(fun: Function, active: tuple[int, ...], weights: list[Any]) -> Function:
    """A number made of all gradients of `fun`, whose derivative is one of second order."""
    gradient = grad(fun, argnums=active)

    def slope(*args: Any) -> Any:
        total = 0.0
        for d, weight in zip(gradient(*args), weights, strict=True):
            total = total + np.real(np.sum(d * weight))
        return total

    return slope


def _real_part(fun: Function, weight: complex) -> Function:
    """The real part of a complex function, turned so that both its parts count."""

    def combined(*args: Any) -> Any:
        return np.real(weight * fun(*args))

    return combined


def _direction(rng: np.random.Generator, x: Any) -> Any:
    drawn = rng.standard_normal(np.shape(x))
    if np.iscomplexobj(x):
        drawn = drawn + 1j * rng.standard_normal(np.shape(x))
    return drawn.astype(x.dtype) if isinstance(x, np.ndarray) else type(x)(drawn)


def _check(
    fun: Function,
    args: Sequence[Any],
    active: tuple[int, ...],
    modes: Sequence[str],
    what: str,
    rng: np.random.Generator,
    rtol: float,
    atol: float,
) -> None:
    """Compare the derivative by each argument, in each mode, along one random direction."""
    for position in active:
        scale = 1e3 if np.asarray(args[position]).dtype.char in "fF" else 1.0
        direction = _direction(rng, args[position])
        expected = _difference(fun, args, position, direction)
        for mode in modes:
            found = _slope(fun, args, position, direction, mode)
            if not np.isclose(found, expected, rtol=rtol * scale, atol=atol * scale):
                raise AssertionError(
                    f"the {what} by argument {position} is wrong in mode {mode!r}: along a random"
                    f" direction it is {found}, and central differences give {expected};"
                    f" {_worst(fun, args, position, mode)}\n{_nearest(fun, args, mode)}".rstrip()
                )


def _nearest(fun: Function, args: Sequence[Any], mode: str) -> str:
    """The statement that a wrong derivative comes from."""
    function, first = plain_function(fun)
    bound = inspect.signature(function).bind(*first, *copy.deepcopy(list(args)))
    bound.apply_defaults()
    return nearest.nearest_statement(function, bound.arguments, "fwd" if mode == "fwd" else "rev")


def _slope(fun: Function, args: Sequence[Any], position: int, direction: Any, mode: str) -> float:
    given = copy.deepcopy(list(args))  # `fun` may write into its arguments
    if mode == "rev":
        return float(np.real(np.sum(grad(fun, argnums=position)(*given) * direction)))
    tangents = tuple(direction if i == position else None for i, _ in enumerate(given))
    return float(jvp(fun, tuple(given), tangents)[1])


def _difference(fun: Function, args: Sequence[Any], position: int, direction: Any) -> float:
    x = args[position]
    dtype = np.asarray(x).dtype
    step = float(np.cbrt(np.finfo(dtype).eps)) * max(1.0, float(np.max(np.abs(x), initial=0.0)))

    def at(t: float) -> float:
        moved = x + dtype.type(t) * direction
        shifted = np.asarray(moved, dtype) if isinstance(x, np.ndarray) else type(x)(moved)
        given = copy.deepcopy(list(args))
        return float(fun(*given[:position], shifted, *given[position + 1 :]))

    return (at(step) - at(-step)) / (2 * step)


def _worst(fun: Function, args: Sequence[Any], position: int, mode: str) -> str:
    """The entry of an argument whose derivative is off the most."""
    x = args[position]
    turns = (1, 1j) if np.iscomplexobj(x) else (1,)
    places = zip(np.ndindex(np.shape(x)), units(x), strict=True)
    entries = [(index, turn, turn * unit) for index, unit in places for turn in turns]
    found = [
        (_slope(fun, args, position, way, mode), _difference(fun, args, position, way), index, turn)
        for index, turn, way in entries
    ]
    slope, expected, index, turn = max(found, key=lambda entry: abs(entry[0] - entry[1]))
    where = f"at {index} " if index else ""
    along = "along i " if turn == 1j else ""
    return f"the worst entry {where}{along}is {slope}, and central differences give {expected}"
