"""Reading subscripts."""

from __future__ import annotations

import operator
from functools import partial
from typing import Any

import gast

from adjoint.ir.nodes import Const, Var
from adjoint.ir.ops import GETITEM, Form
from adjoint.ir.values import TEXT, UNKNOWN, Growing, ListOf, Opaque, TupleOf, Type
from adjoint.stage.arrays.buffers import READ_AGAIN, item_of, plain
from adjoint.stage.arrays.flat import is_flat, item_of_flat
from adjoint.stage.arrays.grids import call_grid, is_grid
from adjoint.stage.context import Frame, PrimalRaises, Stage, as_key
from adjoint.stage.dicts.keys_there import item_or_raise
from adjoint.stage.dicts.run_time_dicts import read_item, selected
from adjoint.stage.flow.alternatives import number_of
from adjoint.stage.flow.told_apart import for_each
from adjoint.stage.iteration.range_items import item_of_range
from adjoint.stage.lists.holders import item_taken
from adjoint.stage.lists.list_parts import part_of
from adjoint.stage.lists.placed import joined, placed_at
from adjoint.stage.lists.records import fixed_by, goes_by_numbers, is_changed_in
from adjoint.stage.lists.sequence_items import is_slice, item_of_sequence
from adjoint.stage.objects.enumerations import member
from adjoint.stage.objects.protocols import special
from adjoint.stage.operations import apply, note_integer
from adjoint.stage.values import (
    Buffer,
    DictValue,
    Iterable,
    ListValue,
    ObjectValue,
    Poison,
    Records,
    RunTimeDict,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
    View,
)

__all__ = ["get_item", "is_empty", "is_of_nothing", "item_there"]


def get_item(stage: Stage, frame: Frame, node: gast.AST, owner: Value, index: Value) -> Steps:
    """``owner[index]``."""
    at = index if isinstance(owner, DictValue) else number_of(index)
    return _item(stage, frame, node, owner, at)


@for_each(0, 1)
def _item(stage: Stage, frame: Frame, node: gast.AST, owner: Value, index: Value) -> Steps:
    if isinstance(owner, Poison):
        stage.decide(owner, frame, node)
    own = special(stage, owner, "__getitem__")
    if own is not None:
        return (yield stage.call(frame, node, own, [owner, index], {}))
    number = special(stage, index, "__index__")
    if number is not None:
        index = yield stage.call(frame, node, number, [index], {})
    match owner:
        case TupleValue(items):
            return item_of_sequence(stage, frame, node, owner, items, index)
        case ListValue():
            return item_of_sequence(stage, frame, node, owner, owner.slots["items"], index)
        case Records():
            return (yield _of_records(stage, frame, node, owner, index))
        case RunTimeList() if is_slice(index):
            return (yield part_of(stage, frame, node, owner, index))
        case RunTimeList():
            return _of_list(stage, frame, node, owner, index)
        case DictValue():
            return (yield _of_dict(stage, frame, node, owner, index))
        case RunTimeDict():
            return read_item(stage, frame, node, owner, index)
        case ObjectValue():
            error = TypeError(f"'{owner.cls.__name__}' object is not subscriptable")
            raise PrimalRaises(error, stage.place(frame, node))
        case Static(type() as held) if hasattr(type(held), "__getitem__"):  # Color["RED"]
            return member(stage, frame, node, held, partial(operator.getitem, held), index)
        case Static(held) if isinstance(held, type) and not hasattr(held, "__class_getitem__"):
            raise PrimalRaises(TypeError("type is not subscriptable"), stage.place(frame, node))
        case Static(held) if is_grid(held):
            return (yield call_grid(stage, frame, node, held, index))
        case Iterable():
            return (yield item_of_range(stage, frame, node, owner, index))
        case View() if owner.is_list and is_slice(index):
            alone = plain(stage, owner, frame, node)
            return (yield get_item(stage, frame, node, alone, index))
        case View() if is_flat(owner):
            return item_of_flat(stage, frame, node, owner, stage.operand(index, frame, node))
        case Buffer() | View():
            return item_of(stage, frame, node, owner, stage.operand(index, frame, node))
        case Static() if owner.access is None:
            index = stage.need_static(index)
            if isinstance(index, Var) and isinstance(owner.value, tuple | list):
                return item_of_sequence(
                    stage, frame, node, owner, [Static(v) for v in owner.value], index
                )
            return apply(stage, frame, node, GETITEM, [owner, index])
        case Var(type=TupleOf(types, cls)) if is_slice(index):
            with stage.builder.at(stage.place(frame, node)):
                read = [
                    stage.builder.let(GETITEM, (owner, Const(k)), type_=type_)
                    for k, type_ in enumerate(types)
                ]
            items = tuple(read)
            parts = ListValue({"items": items}) if cls is list else TupleValue(items)
            return item_of_sequence(stage, frame, node, parts, items, index)
        case _:
            return _of_array(stage, frame, node, owner, index)


def _of_array(stage: Stage, frame: Frame, node: gast.AST, owner: Value, index: Value) -> Value:
    operands = [stage.operand(owner, frame, node), stage.operand(index, frame, node)]
    type_ = stage.type(owner)
    known: Type | None = None
    if isinstance(type_, TupleOf) and isinstance(index, Static):
        known = type_.items[index.value]
    elif isinstance(type_, Opaque):
        known = TEXT if type_ == TEXT else UNKNOWN
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(GETITEM, operands, type_=known)
    note_integer(stage, operator.getitem, [owner, index], operands, made)
    return made


def _of_records(stage: Stage, frame: Frame, node: gast.AST, owner: Records, index: Value) -> Steps:
    """An item, or a part, of each of the lists; all of them have one length."""
    if not is_slice(index):
        return _record(stage, frame, node, owner, index)
    if goes_by_numbers(stage, frame, node, owner):
        return (yield part_of(stage, frame, node, owner, index))
    found = []
    for each in owner.lists:
        found.append((yield get_item(stage, frame, node, each, index)))
    return Records(owner.layout, tuple(found))


def item_there(stage: Stage, frame: Frame, node: gast.AST, owner: Value, index: Value) -> Steps:
    """``owner[index]``, where a list that is gone over is known to have such an item."""
    match owner:
        case RunTimeList():
            return _of_list(stage, frame, node, owner, index, proven=True)
        case Records():
            return _record(stage, frame, node, owner, index, proven=True)
        case _:
            return (yield get_item(stage, frame, node, owner, index))


def _record(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Records,
    index: Value,
    *,
    proven: bool = False,
) -> Value:
    """An item, put together; that the first list has its part proves it for the others."""
    if is_changed_in(stage, frame, node, owner):
        seen = None if proven else _asked(stage, frame, node, owner.lists[0], index)
        at = stage.operand(index, frame, node)
        return placed_at(stage, frame, node, owner, at, seen=seen)
    items = [
        _of_any_list(stage, frame, node, each, index, proven=proven or each is not owner.lists[0])
        for each in owner.lists
    ]
    return joined(stage, frame, node, owner, items, fixed_by(stage, owner))


def _asked(
    stage: Stage, frame: Frame, node: gast.AST, first: RunTimeList | View, index: Value
) -> Any:
    """What is read to ask if an item is there, as of a `View`."""
    found = _of_any_list(stage, frame, node, first, index, proven=False)
    if isinstance(found, View):
        return found.seen
    return stage.operand(first, frame, node), found, stage.builder.statements


def _of_any_list(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeList | View,
    index: Value,
    *,
    proven: bool,
) -> Value:
    """An item of a list, or of one that is in a list."""
    if isinstance(owner, RunTimeList):
        return _of_list(stage, frame, node, owner, index, proven=proven)
    return item_of(stage, frame, node, owner, stage.operand(index, frame, node), proven=proven)


def _of_list(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeList,
    index: Value,
    *,
    proven: bool = False,
) -> Value:
    """An item of a list, which may be `proven` to be there."""
    held = stage.operand(owner, frame, node)
    assert isinstance(held, Var), "a list has a variable"
    if not isinstance(held.type, ListOf):
        stage.refuse(
            frame, node, "a list of lists that are another on each of several paths",
            "keep what is in it in lists of numbers or arrays: values.append(x)",
        )  # fmt: skip
    operand = stage.operand(index, frame, node)
    if owner.written:
        return item_of(stage, frame, node, owner, operand, proven=proven)
    with stage.builder.at(stage.place(frame, node)):
        op = READ_AGAIN if proven else GETITEM
        made = stage.builder.let(op, (held, operand), type_=held.type.item or UNKNOWN)
    return item_taken(stage, owner, made)


def _of_dict(stage: Stage, frame: Frame, node: gast.AST, owner: DictValue, index: Value) -> Steps:
    index = as_key(index)
    if not isinstance(index, Static):
        return selected(stage, frame, node, owner, index)
    return (yield item_or_raise(stage, frame, node, owner, index))


def is_of_nothing(stage: Stage, value: Value) -> bool:
    """Whether a value is an item of a list or dict into which nothing was put on any way to here.

    What such an item is made of is not known, and no code comes to it.
    """
    made = stage.builder.definitions.get(value) if isinstance(value, Var) else None
    owner = made.args[0] if made is not None and made.op.form is Form.INDEX else None
    return isinstance(owner, Var) and isinstance(owner.type, Growing) and owner.type.item is None


def is_empty(stage: Stage, held: Value) -> bool:
    """Whether nothing was put into a list on any way to here."""
    if isinstance(held, ListValue):
        return not held.slots["items"]
    first = held.lists[0] if isinstance(held, Records) else held
    return stage.type(first) == ListOf(None)
