"""Exceptions that the function makes: a statement of the emitted code, with its arguments."""

from __future__ import annotations

import types

import gast

from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import OPAQUE
from adjoint.stage.context import Frame, Stage
from adjoint.stage.spelled import is_spelled
from adjoint.stage.values import Static, TupleValue, Value

__all__ = ["arguments_of", "made_exception"]


def made_exception(
    stage: Stage, frame: Frame, node: gast.AST, cls: type, args: list[Value]
) -> Value:
    """``cls(*args)``."""
    operands = [stage.operand(a, frame, node) for a in args]
    op = Op(cls)
    if not is_spelled(cls):  # a class of a function, or of a script
        op, operands = Op(cls, Form.APPLY), [stage.static_operand(Static(cls)), *operands]
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(op, operands, type_=OPAQUE)


def arguments_of(stage: Stage, value: Value) -> TupleValue | None:
    """``value.args`` of an exception that is known to be made here, or None.

    A class with an ``__init__`` of its own may set others, and those of the system drop some.
    """
    let = stage.builder.definitions.get(value) if isinstance(value, Var) else None
    cls = None if let is None else let.op.function
    if let is None or let.op.form is Form.CAUGHT or not isinstance(cls, type):
        return None
    if not issubclass(cls, BaseException) or issubclass(cls, OSError) or let.kwargs:
        return None
    if isinstance(cls.__init__, types.FunctionType):
        return None
    operands = let.args[1:] if let.op.form is Form.APPLY else let.args
    items = tuple(map(_as_value, operands))
    return None if None in items else TupleValue(tuple(each for each in items if each is not None))


def _as_value(operand: Operand) -> Value | None:
    match operand:
        case Var():
            return operand
        case Const(held, spelling):
            return Static(held, spelling)
        case _:
            return None
