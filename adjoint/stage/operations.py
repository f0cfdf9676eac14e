"""Operations on values: written into the IR, or computed now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from adjoint.ir.lengths import Length
from adjoint.ir.memory import shares_memory
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, Op
from adjoint.ir.values import Scalar, TupleOf
from adjoint.rules import Kind, lookup
from adjoint.stage.arrays.buffers import noted_array
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.lists.records import list_key
from adjoint.stage.values import ListValue, Static, TupleValue, Value

__all__ = [
    "apply",
    "check_shapes",
    "computes",
    "length_of",
    "note_integer",
    "static_call",
    "write",
]


#: What makes one number of an array raises a TypeError where there are several elements.
_NUMBERS = frozenset({float, int, complex})


def apply(
    stage: Stage, frame: Frame, node: gast.AST, op: Op, args: list[Value], **kwargs: Value
) -> Value:
    """Write an operation on values, or compute it now if all are static."""
    if all(isinstance(a, Static) and computes(a) for a in (*args, *kwargs.values())):
        return static_call(stage, frame, node, op.function, args, kwargs)
    return write(stage, frame, node, op, args, kwargs)


def write(
    stage: Stage, frame: Frame, node: gast.AST, op: Op, args: list[Value], kwargs: dict[str, Value]
) -> Value:
    """Write an operation on values."""
    operands, pairs = stage.operands(args, kwargs, frame, node)
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(op, operands, pairs)
    check_shapes(stage, frame, node, op.function)
    note_integer(stage, op.function, args, operands, made)
    return _apart(stage, frame, node, op, made)


def _apart(stage: Stage, frame: Frame, node: gast.AST, op: Op, made: Var) -> Value:
    """A tuple or list of several results as its parts, where these may be differentiated."""
    if not isinstance(made.type, TupleOf) or not _is_of_interest(made.type, op):
        return made
    with stage.builder.at(stage.place(frame, node)):
        parts: tuple[Value, ...] = tuple(
            stage.builder.let(GETITEM, (made, Const(position)), type_=type_)
            for position, type_ in enumerate(made.type.items)
        )
    if not shares_memory(stage.builder.definitions[made]):
        parts = tuple(
            noted_array(stage, stage.key(frame, node, f"buffer {position}"), part)
            for position, part in enumerate(parts)
        )
    if made.type.cls is list:
        return ListValue({"items": parts}, key=list_key(stage, frame, node))
    return TupleValue(parts, made.type.cls)


def _is_of_interest(made: TupleOf, op: Op) -> bool:
    rule = lookup(op.function)
    return hasattr(made.cls, "_fields") or (rule is not None and rule.kind is not Kind.ZERO)


def check_shapes(
    stage: Stage, frame: Frame, node: gast.AST, function: Callable[..., Any] | None = None
) -> None:
    """Stop where the call just written raises because of the shapes of its arguments."""
    failure, stage.builder.facts.failure = stage.builder.facts.failure, None
    # Not the subclasses, such as LinAlgError: these depend on values.
    of_shapes = {
        ValueError,
        np.exceptions.AxisError,
        *([TypeError] if function in _NUMBERS else []),
    }
    if failure is not None and type(failure) in of_shapes:
        raise PrimalRaises(failure, stage.place(frame, node))


def computes(value: Static) -> bool:
    """Whether Python may compute with it now: it is not a named number, read at each call."""
    return not (value.access is not None and value.variable is not None)


def static_call(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Callable[..., Any],
    args: list[Any],
    kwargs: dict[str, Any],
) -> Static:
    """Compute on Python objects now; what Python raises, the primal raises."""
    try:
        found = function(*(a.value for a in args), **{k: v.value for k, v in kwargs.items()})
    except Exception as error:
        raise PrimalRaises(error, stage.place(frame, node)) from error
    return Static(found)


def note_integer(
    stage: Stage,
    function: Callable[..., Any],
    args: list[Value],
    operands: list[Operand],
    made: Var,
) -> None:
    """Remember of an integer computed from integers what would make it known now."""
    if not isinstance(made.type, Scalar) or made.type.kind not in ("int", "bool"):
        return
    keys = [key for a in args if isinstance(a, Var) for key in stage.origins.get(a, ())]
    known = all(isinstance(a, Static) or (isinstance(a, Var) and a in stage.origins) for a in args)
    if keys and known:
        stage.origins[made] = tuple(dict.fromkeys(keys))


def length_of(operand: Operand) -> Length | None:
    """The length that an integer is, if it is one."""
    found = type_of(operand)
    return found.length if isinstance(found, Scalar) and found.kind == "int" else None
