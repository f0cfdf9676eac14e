"""Whether two names are one object: ``is``, and ``==`` where nothing else is said."""

from __future__ import annotations

import enum

import gast

from adjoint.ir.nodes import Const, Var
from adjoint.ir.operands import strip
from adjoint.ir.ops import COMPARE, operation
from adjoint.ir.values import BOOL, NOTHING, Maybe, Opaque, Scalar, Unknown
from adjoint.stage.arrays.buffers import plain
from adjoint.stage.context import Frame, Stage
from adjoint.stage.flow.aliases import are_one
from adjoint.stage.flow.alternatives import is_member
from adjoint.stage.objects.several import refuse_fixed
from adjoint.stage.operations import apply
from adjoint.stage.values import (
    Buffer,
    DictValue,
    ObjectValue,
    Placed,
    Records,
    RunTimeList,
    Static,
    Value,
    View,
)

__all__ = ["are_one_object", "is_one", "refuse_number"]


def is_one(
    stage: Stage, frame: Frame, node: gast.AST, symbol: str, left: Value, right: Value
) -> Value:
    """``left is right``, or ``left is not right``, as the symbol says."""
    negate = symbol == "is not"
    left, right = (v.lists[0] if isinstance(v, Records) else v for v in (left, right))
    if isinstance(left, Buffer | View) and isinstance(right, Buffer | View):
        return are_one(stage, frame, node, left, right, negate=negate)
    left, right = (plain(stage, value, frame, node) for value in (left, right))
    if isinstance(left, Static) and isinstance(right, Static):
        one = left.value is right.value
        if left.access is not None and right.access is not None:
            one = stage.inputs.identities.are_one(left, right)
        return Static(one != negate)
    for value, other in ((left, right), (right, left)):
        if isinstance(other, Static) and other.value is None and isinstance(value, Var):
            if value.type == NOTHING:  # an item of [None] * n
                return Static(not negate)
            if not isinstance(value.type, Maybe | Opaque):
                return Static(negate)
            operands = (value, Const(None))
            with stage.builder.at(stage.place(frame, node)):
                return stage.builder.let(operation(COMPARE[symbol]), operands, type_=BOOL)
    for value, other in ((left, right), (right, left)):
        truths = isinstance(other, Static) and isinstance(other.value, bool)
        if truths and isinstance(value, Var):  # a bool of Python's may be; one of NumPy's is not
            return apply(stage, frame, node, operation(COMPARE[symbol]), [left, right])
    for value, other in ((left, right), (right, left)):
        if is_member(other):
            refuse_number(stage, frame, node, value, type(other.value))
    if _are_compared(left, right) or _are_compared(right, left):
        both = [stage.operand(value, frame, node) for value in (left, right)]
        with stage.builder.at(stage.place(frame, node)):
            return stage.builder.let(operation(COMPARE[symbol]), both, type_=BOOL)
    return are_one_object(stage, frame, node, left, right, negate=negate)


def _are_compared(value: Value, other: Value) -> bool:
    """Whether the code is to say if these are one: a value may be any object, for what is known."""
    if not isinstance(value, Var) or isinstance(other, Var):
        return isinstance(value, Var)
    return isinstance(other, Static) and isinstance(value.type, Maybe | Opaque | Unknown)


def refuse_number(stage: Stage, frame: Frame, node: gast.AST, value: Value, *classes: type) -> None:
    """Refuse to ask of a number whether it is a member of enumerations: it may stand for one."""
    is_number = isinstance(value, Var) and isinstance(strip(value.type), Scalar)
    if is_number and any(issubclass(cls, int) and issubclass(cls, enum.Enum) for cls in classes):
        stage.refuse(
            frame, node, "whether a number is a member of an enumeration is not kept with it",
            "compare it with ==",
        )  # fmt: skip


def are_one_object(
    stage: Stage, frame: Frame, node: gast.AST, left: Value, right: Value, *, negate: bool
) -> Value:
    """Whether two values are one object; of what lists hold copies of, that is not known."""
    places = [v.place for v in (left, right) if isinstance(v, DictValue | ObjectValue) and v.place]
    if len(places) == 2 and left is not right:
        return _same_place(stage, frame, node, places[0], places[1], negate=negate)
    pair = (left, right)
    lists = [v for v in pair if isinstance(v, RunTimeList)]
    if left is not right and len(lists) == 2 and any(v.shared or v.parts for v in lists):
        stage.refuse(
            frame, node, "whether two lists are one is known at run time only",
            "keep a flag, or an index, that says which list it is",
        )  # fmt: skip
    if left is not right and all(isinstance(v, DictValue | ObjectValue) for v in pair):
        fixed = [v.fixed for v in pair if isinstance(v, DictValue | ObjectValue) and v.fixed]
        for each in fixed:
            refuse_fixed(
                stage, frame, node, each, "is compared by identity",
                "compare a part that tells them apart: a number, or a position",
            )  # fmt: skip
    return Static(stage.inputs.identities.are_one(left, right) != negate)


def _same_place(
    stage: Stage, frame: Frame, node: gast.AST, left: Placed, right: Placed, *, negate: bool
) -> Value:
    """Whether dicts or objects that are changed in lists are one: each is in one of these once."""
    if left.owner.layout != right.owner.layout:
        return Static(negate)
    if left.view.base is not right.view.base and stage.copies:
        stage.refuse(
            frame, node, "whether two dicts or objects are one is known at run time only",
            "compare a part that tells them apart: a number, or a position",
        )  # fmt: skip
    return are_one(stage, frame, node, left.view, right.view, negate=negate)
