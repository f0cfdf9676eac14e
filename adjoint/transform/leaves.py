"""A derivative by a number or an array, as it is handed to the caller."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np

from adjoint.ir.builder import Builder
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form, Op, call
from adjoint.ir.values import Array, ListOf, Scalar, is_complex
from adjoint.transform.accumulate import complete, writable

__all__ = ["OWN", "handed_over"]

OWN = Op(np.copy, Form.METHOD, "copy")


def handed_over(
    builder: Builder, value: Operand, like: Var, plain: Container[Var], name: str
) -> Operand:
    """A derivative as it is handed to the caller: of the shape and dtype of `like`.

    It is owned, writable and distinct from others. `plain` are the variables that surely hold
    Python numbers; `name` is what an array is called.
    """
    match like.type:
        case Scalar("float" | "complex" as kind):
            return _number(builder, value, {"float": float, "complex": complex}[kind], plain)
        case Array(dtype, (), True):
            return _numpy_scalar(builder, value, dtype)
        case Array(_, shape) if shape is not None:
            return _array(builder, value, like, name)
        case Scalar() | ListOf():
            return value
        case _:
            return complete(builder, value, like)


def _number(
    builder: Builder,
    value: Operand,
    cls: type[float] | type[complex],
    plain: Container[Var],
) -> Operand:
    """A Python number of a class."""
    type_ = Scalar(cls.__name__)
    if isinstance(value, Const):
        return Const(cls(value.value))
    if isinstance(value, Var) and value in plain and value.type == type_:
        return value
    return builder.let(call(cls), (value,), type_=type_)


def _numpy_scalar(builder: Builder, value: Operand, dtype: np.dtype[Any]) -> Operand:
    found = type_of(value)
    if isinstance(found, Array) and found.scalar and found.dtype == dtype:
        return value
    return builder.let(Op(dtype.type), (value,), type_=Array(dtype, (), True))


def _array(builder: Builder, value: Operand, like: Var, name: str) -> Operand:
    assert isinstance(like.type, Array)
    found = type_of(value)
    whole = isinstance(found, Array) and not found.scalar and found.shape is not None
    # The derivative of an array without axes may be a number where its type says that it is one.
    if not whole or _rank(like.type) == 0 or _rank(found) < _rank(like.type):
        return _full(builder, value, like, name)
    if is_complex(like.type) and not is_complex(found):
        return writable(builder, value, like)
    return builder.let(OWN, (complete(builder, value, like),), name=name)


def _full(builder: Builder, value: Operand, like: Var, name: str) -> Operand:
    """An array of one number, or of a smaller array spread out."""
    if isinstance(value, Const) and value.value == 1:
        return builder.let(call(np.ones_like), (like,), name=name)
    if isinstance(value, Const) and value.value == 0:
        return builder.let(call(np.zeros_like), (like,), name=name)
    return builder.let(call(np.full_like), (like, value), name=name)


def _rank(value: Any) -> int:
    return len(value.shape) if isinstance(value, Array) and value.shape is not None else 0
