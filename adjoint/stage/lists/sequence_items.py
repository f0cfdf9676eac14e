"""Items of tuples and lists whose parts are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gast

from adjoint.ir.nodes import UNDEF, Const, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM
from adjoint.ir.values import INT, ListOf, Opaque, Scalar, Type, join_types
from adjoint.stage.arrays.pools import are_pooled
from adjoint.stage.context import Frame, PrimalRaises, Restart, Stage, literal
from adjoint.stage.flow.aliases import one_of
from adjoint.stage.flow.alternatives import ITEM_CHOSEN, are_alternatives, chooses, telling
from adjoint.stage.flow.merge import Merge, Slot
from adjoint.stage.lists.item_layouts import layout_of
from adjoint.stage.lists.placed import joined
from adjoint.stage.lists.records import as_records, at_run_time, split
from adjoint.stage.values import (
    BoundMethod,
    Closure,
    ListValue,
    Lost,
    SliceValue,
    Static,
    Step,
    TupleValue,
    Value,
    View,
)

__all__ = ["as_runtime_list", "is_slice", "item_of_sequence"]

INDEXED = "a dict or object in a list that is indexed by a number known at run time only"


def item_of_sequence(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, items: Any, index: Value
) -> Value:
    """``owner[index]`` of a tuple or list of known `items`, also by a number of the run time."""
    index = _known_slice(_whole_number(stage, index))
    if isinstance(index, Static):
        return _known_item(stage, frame, node, owner, items, index.value)
    if isinstance(owner, ListValue) and any(isinstance(item, ListValue) for item in items):
        at_run_time(stage, owner)
    if isinstance(index, SliceValue):
        parts = (index.start, index.stop, index.step)
        keys = [k for p in parts if isinstance(p, Var) for k in stage.origins.get(p, ())]
        _restart_with(keys)
    operand = stage.operand(index, frame, node)
    if are_pooled(items) and isinstance(stage.type(index), Scalar):
        return _of_pool(stage, frame, node, items, operand)
    key = stage.key(frame, node, ITEM_CHOSEN)
    if chooses((key,), stage.decisions) and are_alternatives(items):
        return _chosen(stage, frame, node, items, operand, key)
    layout = layout_of(stage, items[0]) if items else None
    if layout is None or any(map(_is_function, items)):
        return _one_at(stage, frame, node, list(items), operand)
    kept = owner.key if isinstance(owner, ListValue) else None
    otherwise = () if kept is None else (kept,)
    fixed = Lost(tuple(telling((key,), stage.decisions)), INDEXED, otherwise=otherwise)
    rows = [split(stage, frame, node, layout, item, fixed) for item in items]
    columns = list(map(list, zip(*rows, strict=True)))
    found = [_one_at(stage, frame, node, c, operand) for c in columns]
    owner = as_records(stage, frame, node, layout, items, fixed)
    return joined(stage, frame, node, owner, found, fixed)


def _known_item(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, items: Any, index: Any
) -> Value:
    try:
        found = list(items)[index]
    except (IndexError, TypeError) as error:
        raise PrimalRaises(error, stage.place(frame, node)) from error
    if not isinstance(index, slice):
        return found  # type: ignore[no-any-return]
    if isinstance(owner, ListValue):
        return ListValue({"items": tuple(found)}, key=owner.key)
    return TupleValue(tuple(found))


def _known_slice(index: Value) -> Value:
    """A slice by numbers that are known now, though they have names."""
    if not isinstance(index, SliceValue):
        return index
    parts = [p.value for p in (index.start, index.stop, index.step) if isinstance(p, Static)]
    return Static(slice(*parts)) if len(parts) == 3 else index


def _whole_number(stage: Stage, index: Value) -> Value:
    return stage.need_static(index) if isinstance(index, Var) else index


def _restart_with(keys: list[Any]) -> None:
    if keys:
        raise Restart(*keys)


def _one_at(
    stage: Stage, frame: Frame, node: gast.AST, items: list[Value], index: Operand
) -> Value:
    """One of several values, by an index that is known at run time only."""
    key = stage.key(frame, node, ITEM_CHOSEN)
    if any(map(_is_function, items)) and are_alternatives(items):
        if chooses((key,), stage.decisions):
            return _chosen(stage, frame, node, items, index, key)
        stage.tell_apart((key,))  # nothing else holds functions
    made = as_runtime_list(stage, frame, node, items)
    with stage.builder.at(stage.place(frame, node)):
        type_ = made.type.item if isinstance(made.type, ListOf) else None
        found = stage.builder.let(GETITEM, (made, index), type_=type_)
    return one_of(found, items, (key,))


def _is_function(value: Value) -> bool:
    if isinstance(value, Static):
        return callable(value.value)
    return isinstance(value, Closure | BoundMethod)


def _chosen(
    stage: Stage, frame: Frame, node: gast.AST, items: Sequence[Value], operand: Operand, key: Any
) -> Value:
    """One of several arrays or objects, of which the numbers stand at a position."""

    def numbers_at(slot: Slot) -> Var:
        some = next(each for each in slot.operands if each is not UNDEF)
        numbers = tuple(some if each is UNDEF else each for each in slot.operands)
        held = stage.builder.let(literal("list"), (Pack("list", numbers),), type_=ListOf(slot.type))
        return stage.builder.let(GETITEM, (held, operand), type_=slot.type)

    merge = Merge(
        stage.builder.facts, numbers_at, stage.static_operand, (key,),
        alternatives=stage.alternatives, chooses=True, since=stage.trail.mark().birth,
        first=stage.builder.count,
    )  # fmt: skip
    with stage.builder.at(stage.place(frame, node)):
        chosen: Value = merge.values("", items)
    return chosen


def _of_pool(
    stage: Stage, frame: Frame, node: gast.AST, items: Sequence[View], operand: Operand
) -> View:
    """The array of a pool of which the number stands at a position known at run time only."""
    numbers = Pack("list", tuple(item.path[0].operands[0] for item in items))
    with stage.builder.at(stage.place(frame, node)):
        held = stage.builder.let(literal("list"), (numbers,), type_=ListOf(INT))
        index = stage.builder.let(GETITEM, (held, operand), type_=INT)
    type_ = items[0].type
    for item in items[1:]:
        type_ = join_types(type_, item.type, stage.builder.facts)
    return View(items[0].base, (Step((index,), type=type_),), type_)


def as_runtime_list(stage: Stage, frame: Frame, node: gast.AST, items: list[Value]) -> Var:
    """A list of run-time values of one kind, as one variable."""
    operands: list[Operand] = [stage.operand(item, frame, node) for item in items]
    types_ = [type_of(o) for o in operands]
    item: Type | None = types_[0] if types_ else None
    for other in types_[1:]:
        assert item is not None
        item = join_types(item, other, stage.builder.facts)
    if isinstance(item, Opaque) and not all(isinstance(o, Const) for o in operands):
        stage.refuse(
            frame, node,
            "a sequence of different things is indexed by a number known at run time only",
            "index it with a constant, or loop over it",
        )  # fmt: skip
    with stage.builder.at(stage.place(frame, node)):
        pack = Pack("list", tuple(operands))
        return stage.builder.let(literal("list"), (pack,), type_=ListOf(item))


def is_slice(index: Value) -> bool:
    """Whether an index is a slice, also one with ends known at run time only."""
    return isinstance(index, SliceValue) or (
        isinstance(index, Static) and isinstance(index.value, slice)
    )
