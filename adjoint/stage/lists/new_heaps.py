"""Making a list that is a heap: see `heap_equivalents`."""

from __future__ import annotations

import gast

from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.ops import Form, Op, call
from adjoint.ir.values import OPAQUE, is_differentiable
from adjoint.markers import stop_gradient
from adjoint.stage.context import Frame, Stage
from adjoint.stage.equivalents.heap_equivalents import HeapList, enter_all
from adjoint.stage.values import DictValue, ObjectValue, Static, Steps, TupleValue, Value

__all__ = ["HEAP", "heap_if_asked", "new_heap", "pair_of"]

#: The decision that a list that is made somewhere is given to functions of `heapq`.
HEAP = "heap"
_STOPPED = Op(stop_gradient, Form.ALIAS, stopped=True)


def new_heap(
    stage: Stage, frame: Frame, node: gast.AST, items: tuple[Value, ...], held: Value
) -> ObjectValue:
    """A list with these items, which `held` has too."""
    pairs = [pair_of(stage, frame, node, item, Static(k)) for k, item in enumerate(items)]
    with stage.builder.at(stage.place(frame, node)):
        op = Op(list, Form.LITERAL, "list", effect=True)
        heap = stage.builder.let(op, (Pack("list", tuple(pairs)),), type_=OPAQUE)
    return ObjectValue({"heap": heap, "held": held}, cls=HeapList)


def heap_if_asked(stage: Stage, frame: Frame, node: gast.AST, held: Value) -> Steps:
    """A list that was just made, or the heap of its items if functions of `heapq` are given it."""
    if stage.key(frame, node, HEAP) not in stage.decisions:
        return held
    heap = new_heap(stage, frame, node, (), held)
    yield stage.call(frame, node, Static(enter_all), [heap], {})
    return heap


def pair_of(stage: Stage, frame: Frame, node: gast.AST, item: Value, place: Value) -> Pack:
    """What a heap has of an item: what it is compared by, and where it stands."""
    compared = _compared(stage, frame, node, item)
    return Pack("tuple", (compared, stage.operand(place, frame, node)))


def _compared(stage: Stage, frame: Frame, node: gast.AST, item: Value) -> Operand:
    if isinstance(item, TupleValue):
        parts = (_part_compared(stage, frame, node, part) for part in item.items)
        return Pack("tuple", tuple(parts))
    if isinstance(item, ObjectValue):
        stage.refuse(
            frame, node, "objects are put into a heap, and compared",
            "begin a tuple with what they are compared by: (item.cost, number, item)",
        )  # fmt: skip
    operand = stage.operand(item, frame, node)
    if isinstance(operand, Var) and is_differentiable(operand.type):
        with stage.builder.at(stage.place(frame, node)):
            return stage.builder.let(_STOPPED, (operand,), type_=operand.type)
    if not isinstance(operand, Var | Const):
        stage.refuse(
            frame, node, "lists, dicts or objects are put into a heap",
            "put a number there that tells which one it is",
        )  # fmt: skip
    return operand


def _part_compared(stage: Stage, frame: Frame, node: gast.AST, part: Value) -> Operand:
    """What a part of a tuple is compared by; an object or dict has one in its place.

    Where all before it is equal, that raises as the dict or object does.
    """
    if not isinstance(part, ObjectValue | DictValue):
        return _compared(stage, frame, node, part)
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(call(object), (), type_=OPAQUE)
