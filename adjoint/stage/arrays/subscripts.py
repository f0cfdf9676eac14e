"""Reading subscripts."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import gast

from adjoint.ir.nodes import UNDEF, Const, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, Form, call
from adjoint.ir.values import (
    INT,
    OPAQUE,
    TEXT,
    UNKNOWN,
    Growing,
    ListOf,
    Opaque,
    Scalar,
    TupleOf,
    Type,
    join_types,
)
from adjoint.stage.arrays.buffers import READ_AGAIN, item_of, plain
from adjoint.stage.arrays.grids import call_grid, is_grid
from adjoint.stage.arrays.pools import are_pooled
from adjoint.stage.context import Frame, PrimalRaises, Restart, Stage, as_key, literal
from adjoint.stage.dicts.run_time_dicts import read_item, selected
from adjoint.stage.flow.aliases import one_of
from adjoint.stage.flow.alternatives import (
    ITEM_CHOSEN,
    are_alternatives,
    chooses,
    number_of,
    telling,
)
from adjoint.stage.flow.merge import Merge, Slot
from adjoint.stage.flow.told_apart import for_each
from adjoint.stage.lists.holders import item_taken
from adjoint.stage.lists.item_layouts import layout_of
from adjoint.stage.lists.list_parts import part_of
from adjoint.stage.lists.placed import joined, placed_at
from adjoint.stage.lists.records import (
    as_records,
    at_run_time,
    fixed_by,
    goes_by_numbers,
    is_changed_in,
    split,
)
from adjoint.stage.objects.enumerations import member
from adjoint.stage.objects.protocols import special
from adjoint.stage.operations import apply, note_integer
from adjoint.stage.operators import binary
from adjoint.stage.values import (
    BoundMethod,
    Buffer,
    Closure,
    DictValue,
    Iterable,
    ListValue,
    Lost,
    ObjectValue,
    Poison,
    Records,
    RunTimeDict,
    RunTimeList,
    SliceValue,
    Static,
    Step,
    Steps,
    TupleValue,
    Value,
    View,
)

__all__ = ["as_runtime_list", "get_item", "is_empty", "is_of_nothing", "is_slice", "item_there"]

INDEXED = "a dict or object in a list that is indexed by a number known at run time only"


# -- subscripts ------------------------------------------------------------------------------------


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
            return _of_sequence(stage, frame, node, owner, items, index)
        case ListValue():
            return _of_sequence(stage, frame, node, owner, owner.slots["items"], index)
        case Records():
            return (yield _of_records(stage, frame, node, owner, index))
        case RunTimeList() if is_slice(index):
            return (yield part_of(stage, frame, node, owner, index))
        case RunTimeList():
            return _of_list(stage, frame, node, owner, index)
        case DictValue():
            return _of_dict(stage, frame, node, owner, index)
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
            return (yield _of_range(stage, frame, node, owner, index))
        case View() if owner.is_list and is_slice(index):
            alone = plain(stage, owner, frame, node)
            return (yield get_item(stage, frame, node, alone, index))
        case Buffer() | View():
            return item_of(stage, frame, node, owner, stage.operand(index, frame, node))
        case Static() if owner.access is None:
            index = stage.need_static(index)
            if isinstance(index, Var) and isinstance(owner.value, tuple | list):
                return _of_sequence(
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
            return _of_sequence(stage, frame, node, parts, items, index)
        case _:
            return _of_array(stage, frame, node, owner, index)


def _of_range(stage: Stage, frame: Frame, node: gast.AST, owner: Iterable, index: Value) -> Steps:
    """An item or a part of a range of which not all is known now."""
    if owner.is_range and is_slice(index):
        return (yield _part_of_range(stage, frame, node, owner, index))
    if frame.is_own:  # there the index is in range
        scaled = index
        if not (isinstance(owner.step, Static) and owner.step.value == 1):
            scaled = yield binary(stage, frame, node, "*", index, owner.step)
        if not (isinstance(owner.start, Static) and owner.start.value == 0):
            scaled = yield binary(stage, frame, node, "+", owner.start, scaled)
        return (yield owner.item(scaled))
    parts = [stage.operand(p, frame, node) for p in (owner.start, owner.stop, owner.step)]
    operand = stage.operand(index, frame, node)
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(call(range), parts, type_=OPAQUE)
        return stage.builder.let(GETITEM, (made, operand), type_=INT)


def _part_of_range(
    stage: Stage, frame: Frame, node: gast.AST, owner: Iterable, index: Value
) -> Steps:
    """A part of a range that is a range by arithmetic of its ends alone: ``range(n)[1:]``."""
    part = index.value if isinstance(index, Static) else None
    steps_by_one = isinstance(owner.step, Static) and owner.step.value == 1
    if steps_by_one and part == slice(None, None, -1):
        start = yield binary(stage, frame, node, "-", owner.stop, Static(1))
        stop = yield binary(stage, frame, node, "-", owner.start, Static(1))
        return replace(owner, start=start, stop=stop, step=Static(-1))
    if not steps_by_one or not _only_leaves_out(part):
        stage.refuse(
            frame, node, "a part of a range whose ends are known at run time only",
            "write its ends out: range(start, stop, step)",
        )  # fmt: skip
    assert part is not None, "it leaves some out"
    start, stop = owner.start, owner.stop
    if part.start:
        start = yield binary(stage, frame, node, "+", start, Static(part.start))
    if part.stop:
        stop = yield binary(stage, frame, node, "-", stop, Static(-part.stop))
    return replace(owner, start=start, stop=stop)


def _only_leaves_out(part: slice | None) -> bool:
    """Whether a slice leaves out some at the begin and some at the end, and no more."""
    if part is None or part.step not in (None, 1):
        return False
    begins = part.start is None or (type(part.start) is int and part.start >= 0)
    return begins and (part.stop is None or (type(part.stop) is int and part.stop < 0))


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


def _known_slice(index: Value) -> Value:
    """A slice by numbers that are known now, though they have names."""
    if not isinstance(index, SliceValue):
        return index
    parts = [p.value for p in (index.start, index.stop, index.step) if isinstance(p, Static)]
    return Static(slice(*parts)) if len(parts) == 3 else index


def _of_sequence(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, items: Any, index: Value
) -> Value:
    index = _known_slice(_whole_number(stage, index))
    if isinstance(index, Static):
        try:
            found = list(items)[index.value]
        except (IndexError, TypeError) as error:
            raise PrimalRaises(error, stage.place(frame, node)) from error
        if not isinstance(index.value, slice):
            return found  # type: ignore[no-any-return]
        if isinstance(owner, ListValue):
            return ListValue({"items": tuple(found)}, key=owner.key)
        return TupleValue(tuple(found))
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
    if any(isinstance(item, Closure | BoundMethod) for item in items) and are_alternatives(items):
        stage.tell_apart((key,))  # nothing else holds functions
    layout = layout_of(stage, items[0]) if items else None
    if layout is None:
        return _one_at(stage, frame, node, list(items), operand)
    kept = owner.key if isinstance(owner, ListValue) else None
    otherwise = () if kept is None else (kept,)
    fixed = Lost(tuple(telling((key,), stage.decisions)), INDEXED, otherwise=otherwise)
    rows = [split(stage, frame, node, layout, item, fixed) for item in items]
    columns = list(map(list, zip(*rows, strict=True)))
    found = [_one_at(stage, frame, node, c, operand) for c in columns]
    owner = as_records(stage, frame, node, layout, items, fixed)
    return joined(stage, frame, node, owner, found, fixed)


def _one_at(
    stage: Stage, frame: Frame, node: gast.AST, items: list[Value], index: Operand
) -> Value:
    """One of several values, by an index that is known at run time only."""
    made = as_runtime_list(stage, frame, node, items)
    with stage.builder.at(stage.place(frame, node)):
        type_ = made.type.item if isinstance(made.type, ListOf) else None
        found = stage.builder.let(GETITEM, (made, index), type_=type_)
    return one_of(found, items, (stage.key(frame, node, ITEM_CHOSEN),))


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


def _restart_with(keys: list[Any]) -> None:
    if keys:
        raise Restart(*keys)


def _whole_number(stage: Stage, index: Value) -> Value:
    return stage.need_static(index) if isinstance(index, Var) else index


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
    assert isinstance(held, Var) and isinstance(held.type, ListOf), "a list has a variable"
    operand = stage.operand(index, frame, node)
    if owner.written:
        return item_of(stage, frame, node, owner, operand, proven=proven)
    with stage.builder.at(stage.place(frame, node)):
        op = READ_AGAIN if proven else GETITEM
        made = stage.builder.let(op, (held, operand), type_=held.type.item or UNKNOWN)
    return item_taken(stage, owner, made)


def _of_dict(stage: Stage, frame: Frame, node: gast.AST, owner: DictValue, index: Value) -> Value:
    entries = owner.slots["items"]
    index = as_key(index)
    if not isinstance(index, Static):
        return selected(stage, frame, node, owner, index)
    if index.value not in entries:
        raise PrimalRaises(KeyError(index.value), stage.place(frame, node))
    return entries[index.value]  # type: ignore[no-any-return]


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
