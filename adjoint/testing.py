"""Checking gradients against differences."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint.api import value_and_grad

__all__ = ["check_grads"]


def check_grads(
    fun: Callable[..., Any],
    args: Sequence[Any],
    *,
    order: int = 1,
    modes: Sequence[str] = ("rev",),
    rtol: float = 1e-5,
    atol: float = 1e-7,
    seed: int = 0,
) -> None:
    """Check the gradient of `fun` at `args` against central differences in random directions.

    Parameters
    ----------
    fun
        A function that returns one number.
    args
        Its arguments: floats and float arrays. Others are handed on and not differentiated.
    order
        1. Second derivatives are not there yet.
    modes
        ``("rev",)``. Forward mode is not there yet.
    rtol, atol
        The difference between the two that is accepted. With a step h of about the cube root of
        the precision, central differences are wrong by about h**2.
    seed
        Of the random directions.

    Raises
    ------
    AssertionError
        If the gradient and the differences do not agree; it names the argument.
    ValueError
        If `order` or `modes` asks for what is not there.

    Examples
    --------
    >>> check_grads(lambda x: np.sum(np.sin(x)), (np.array([0.1, 0.2]),))
    """
    if order != 1 or tuple(modes) != ("rev",):
        raise ValueError("order=1 and modes=('rev',) are supported; others are not there yet")
    active = [i for i, a in enumerate(args) if _is_float(a)]
    _, gradients = value_and_grad(fun, argnums=tuple(active))(*args)
    rng = np.random.default_rng(seed)
    for position, gradient in zip(active, gradients, strict=True):
        _check_one(fun, list(args), position, gradient, rng, rtol, atol)


def _is_float(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")


def _check_one(
    fun: Callable[..., Any],
    args: list[Any],
    position: int,
    gradient: Any,
    rng: np.random.Generator,
    rtol: float,
    atol: float,
) -> None:
    x = args[position]
    dtype = np.asarray(x).dtype
    step = float(np.cbrt(np.finfo(dtype).eps)) * max(1.0, float(np.max(np.abs(x), initial=0.0)))
    direction = rng.standard_normal(np.shape(x)).astype(dtype)

    def at(t: float) -> float:
        moved = x + dtype.type(t) * direction
        shifted = float(moved) if isinstance(x, float) else np.asarray(moved, dtype)
        given = copy.deepcopy(args)  # `fun` may write into its arguments
        return float(fun(*given[:position], shifted, *given[position + 1 :]))

    expected = (at(step) - at(-step)) / (2 * step)
    found = float(np.vdot(gradient, direction))
    scale = 1e3 if dtype == np.float32 else 1.0
    if not np.isclose(found, expected, rtol=rtol * scale, atol=atol * scale):
        raise AssertionError(
            f"the gradient of argument {position} is wrong: along a random direction it is {found},"
            f" and central differences give {expected}"
        )
