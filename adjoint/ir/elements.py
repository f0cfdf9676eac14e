"""The results of functions of single elements, whose dtype follows from those of the operands.

Of arrays the lengths make no difference to it, so that one call on arrays of one element tells it
for all programs.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from adjoint.ir.arithmetic import OPERATORS
from adjoint.ir.lengths import ONE, Length
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.specimens import number_of, specimen_of
from adjoint.ir.values import Array, Scalar, Type, rank

__all__ = ["FLOATS", "is_elementwise", "of_elementwise", "quiet"]

#: Functions that return a float of Python's, whatever they are given.
FLOATS = frozenset(
    getattr(math, name)
    for name in (
        "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "copysign", "cos", "cosh",
        "degrees", "erf", "erfc", "exp", "expm1", "fabs", "fmod", "fsum", "gamma", "hypot",
        "ldexp", "lgamma", "log", "log10", "log1p", "log2", "pow", "radians", "sin", "sinh",
        "sqrt", "tan", "tanh",
    )
) | {float}  # fmt: skip


def is_elementwise(function: Callable[..., Any]) -> bool:
    """Whether the result has the operands' shapes broadcast together."""
    return function in OPERATORS or (
        isinstance(function, np.ufunc) and function.signature is None and function.nout == 1
    )


def of_elementwise(
    function: Callable[..., Any], args: Sequence[Operand], shape: tuple[Length, ...]
) -> Type | None:
    """The result of a function of single elements; None where that takes more than a look."""
    alike = tuple(map(_alike, args))
    found = None if None in alike else _of_elements(function, *alike)
    if isinstance(found, Array) and not found.scalar:
        return Array(found.dtype, shape) if rank(found) == len(shape) else None
    return found


def _alike(operand: Operand) -> complex | _Elements | None:
    """What NumPy tells the dtype of a result by: a number, or what it looks at of an array."""
    match operand:
        case Const(value) if type(value) in (bool, int, float, complex):
            number: complex = value
            return number
        case Var(type=Array(dtype, axes, scalar)) if axes is not None:
            return _Elements(dtype, len(axes), scalar)
        case Var(type=Scalar() as number_type):
            return number_of(number_type)
        case _:
            return None


class _Elements(NamedTuple):
    """An array, or a scalar of NumPy."""

    dtype: np.dtype[Any]
    ndim: int
    scalar: bool


@lru_cache(maxsize=1024, typed=True)
def _of_elements(function: Callable[..., Any], *alike: complex | _Elements) -> Type | None:
    """The type of what `function` returns of arrays in which every axis has length 1."""
    args = [
        specimen_of(Array(a.dtype, (ONE,) * a.ndim, a.scalar)) if isinstance(a, _Elements) else a
        for a in alike
    ]
    try:
        with quiet():
            made = function(*args)
    except Exception:  # it may not be raised on real values
        return None
    if isinstance(made, np.ndarray | np.generic):
        return Array(made.dtype, (ONE,) * made.ndim, isinstance(made, np.generic))
    kind = type(made).__name__
    return Scalar(kind) if kind in ("bool", "int", "float", "complex") else None


@contextmanager
def quiet() -> Iterator[None]:
    """What specimens make NumPy warn of is not said."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
