"""Sequences whose items follow from their numbers: ranges, the rows of arrays, items in lists."""

from __future__ import annotations

from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.ir.operands import strip
from adjoint.ir.ops import call
from adjoint.ir.values import INT, Array, ListOf, Scalar, Unknown
from adjoint.stage.arrays.subscripts import item_there
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.inputs.from_outside import LONG
from adjoint.stage.iteration.iterables import itself
from adjoint.stage.lists.sequence_items import as_runtime_list
from adjoint.stage.operators import binary
from adjoint.stage.values import Iterable, Later, Records, RunTimeList, Static, Steps, Value

__all__ = [
    "STEP",
    "ZERO",
    "count_of",
    "counted",
    "items_now",
    "length_of",
    "nth",
    "reached",
    "rows",
    "static_range",
    "too_long",
]

ZERO, STEP = Static(0), Static(1)


def counted(start: Value, stop: Value, step: Value) -> Iterable:
    """A range: its item is the index itself."""
    return Iterable(start, stop, step, itself)


def rows(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Iterable:
    """The rows of an array, or the items of a list."""
    type_ = strip(stage.type(value))
    if (isinstance(type_, Array) and type_.shape == ()) or isinstance(type_, Scalar):
        raise PrimalRaises(TypeError("iteration over a 0-d array"), stage.place(frame, node))
    count = length_of(stage, frame, node, value)
    return Iterable(ZERO, count, STEP, lambda index: item_there(stage, frame, node, value, index))


def static_range(value: Iterable) -> range | None:
    """The range of the index, where it is known now."""
    parts = (value.start, value.stop, value.step)
    if all(isinstance(p, Static) for p in parts):
        return range(*(p.value for p in parts if isinstance(p, Static)))
    return None


def length_of(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Value:
    """``len(value)`` of an array or run-time list."""
    if isinstance(value, Records):
        value = value.lists[0]
    operand = stage.operand(value, frame, node)
    assert isinstance(operand, Var)
    type_ = strip(operand.type)
    with stage.builder.at(stage.place(frame, node)):
        if isinstance(type_, Array) and type_.shape:
            size = type_.shape[0]
            if size.known:
                return Static(size.const)
            made = stage.builder.let(call(len), (operand,), type_=Scalar("int", size))
            if size.has_example:
                stage.origins[made] = (("length", str(size)),)
                if ("length", str(size)) in stage.decisions:
                    stage.inputs.conditions.setdefault(f"{size} == {size.evaluate()}")
                    return Static(size.evaluate())
            return made
        made = stage.builder.let(call(len), (operand,), type_=INT)
        if isinstance(operand, Var) and operand in stage.origins:
            stage.origins[made] = stage.origins[operand]
        return made


def count_of(stage: Stage, frame: Frame, node: gast.AST, value: Any) -> Steps:
    """The number of items of what `sequence_of` gives."""
    if isinstance(value, list):
        return Static(len(value))
    if isinstance(value.start, Static) and value.start.value == 0 and _is_one(value.step):
        return value.stop
    known = static_range(value)
    if known is not None:
        return Static(len(known))
    if _is_one(value.step):
        return (yield binary(stage, frame, node, "-", value.stop, value.start))
    operands = [stage.operand(v, frame, node) for v in (value.start, value.stop, value.step)]
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(call(range), operands)
        return stage.builder.let(call(len), (made,), type_=INT)


def _is_one(value: Value) -> bool:
    return isinstance(value, Static) and value.value == 1


def nth(stage: Stage, frame: Frame, node: gast.AST, value: Any, index: Value) -> Steps:
    """Item number `index` of what `sequence_of` gives, counted from 0."""
    if isinstance(value, list):
        assert isinstance(index, Static), "the items of a list are taken one by one"
        return (yield reached(value[index.value]))
    if _is_one(value.step) and isinstance(value.start, Static) and value.start.value == 0:
        return (yield value.item(index))
    scaled = index
    if not _is_one(value.step):
        scaled = yield binary(stage, frame, node, "*", index, value.step)
    if not (isinstance(value.start, Static) and value.start.value == 0):
        scaled = yield binary(stage, frame, node, "+", value.start, scaled)
    return (yield value.item(scaled))


def items_now(stage: Stage, frame: Frame, node: gast.AST, found: Any, limit: int = LONG) -> Steps:
    """The items as a list where they are known now and few enough, or None."""
    if isinstance(found, list):
        items = []
        for item in found:
            items.append((yield reached(item)))
        return items
    known = static_range(found)
    if known is None or len(known) > limit:
        return None
    items = []
    for index in known:
        items.append((yield found.item(Static(index))))
    return items


def reached(item: Value | Later) -> Steps:
    """An item when its turn comes."""
    return (yield item.steps()) if isinstance(item, Later) else item


def too_long(stage: Stage, frame: Frame, node: gast.AST, items: list[Value]) -> Any:
    """A long list of numbers or arrays of one kind as an `Iterable`; otherwise the list itself."""
    if len(items) <= LONG or not all(isinstance(i, Var | Static) for i in items):
        return items
    types = {type(stage.type(i)) for i in items}
    if (
        len(types) > 1
        or not types <= {Scalar, Array, Unknown}
        or all(isinstance(i, Static) for i in items)
    ):
        return items
    held = as_runtime_list(stage, frame, node, items)
    assert isinstance(held.type, ListOf)
    return rows(stage, frame, node, RunTimeList({"held": held}))
