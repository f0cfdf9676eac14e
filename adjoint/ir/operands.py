"""What an operand is: the abstract value of a variable or constant."""

from __future__ import annotations

from enum import Enum

import numpy as np

from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.values import OPAQUE, Array, Maybe, Opaque, Scalar, Type

__all__ = ["strip", "type_of", "type_of_constant"]


def type_of(operand: Operand) -> Type:
    """The abstract value of an operand; of a display or slice, `OPAQUE`."""
    match operand:
        case Var():
            return operand.type
        case Const(value):
            return type_of_constant(value)
        case _:
            return OPAQUE


def type_of_constant(value: object) -> Type:
    """The abstract value of a value that is known."""
    if isinstance(value, bool | int | float | complex) and not isinstance(value, np.generic):
        kind = next(t.__name__ for t in (bool, int, float, complex) if isinstance(value, t))
        return Scalar(kind, Length(value) if kind == "int" and isinstance(value, int) else None)
    if isinstance(value, np.generic | np.ndarray):
        return Array(value.dtype, tuple(map(Length, value.shape)), isinstance(value, np.generic))
    has_class = value is None or isinstance(value, str | bytes | Enum)
    return Opaque(type(value)) if has_class else OPAQUE


def strip(value: Type) -> Type:
    """`value` without the possibility of None: arithmetic on None raises."""
    return value.value if isinstance(value, Maybe) else value
