"""Parts of lists that grow at run time: the items are appended anew to another list."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import gast

from adjoint.ir.counts import is_counted
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Const, Operand, SliceOf, Var
from adjoint.ir.ops import GETITEM, call
from adjoint.ir.values import INT, OPAQUE, ListOf
from adjoint.stage.arrays.buffers import READ_AGAIN, list_made, plain, view_of
from adjoint.stage.arrays.sites import ITEMS_WRITTEN
from adjoint.stage.context import Frame, Stage
from adjoint.stage.flow.branches import FALL
from adjoint.stage.flow.loops import counted_loop
from adjoint.stage.lists.holders import note_copied
from adjoint.stage.lists.item_layouts import layout_of
from adjoint.stage.lists.list_methods import append
from adjoint.stage.lists.new_heaps import heap_if_asked
from adjoint.stage.lists.placed import placed_at
from adjoint.stage.lists.positions import order_of
from adjoint.stage.lists.records import (
    HELD,
    goes_by_numbers,
    list_of,
    records_of,
    refine,
    start_as_records,
)
from adjoint.stage.operators import binary
from adjoint.stage.values import (
    Iterable,
    Records,
    RunTimeList,
    SliceValue,
    Static,
    Step,
    Steps,
    Value,
    View,
)

__all__ = [
    "add_all",
    "append_all",
    "append_each",
    "are_led",
    "bound",
    "called",
    "in_order_of",
    "is_known",
    "is_written_part",
    "items_of_part",
    "length",
    "moved",
    "part_of",
    "same",
    "slice_parts",
    "taken",
]

ZERO, ONE = Static(0), Static(1)
_BEGIN = Const(0)
Item = Callable[[Value], Steps]


def part_of(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | Records, index: Value
) -> Steps:
    """``owner[start:stop:step]``, a new list."""
    if isinstance(owner, RunTimeList) and not are_led(stage, frame, node, owner):
        part = _sliced(stage, frame, node, owner, index)
        return (yield heap_if_asked(stage, frame, node, part))
    over = yield _positions(stage, frame, node, owner, index)
    return (yield taken(stage, frame, node, owner, over))


def is_written_part(stage: Stage, frame: Frame, node: gast.AST, owner: Value) -> bool:
    """Whether ``owner[start:stop:step]`` is of arrays that are written when it is gone over."""
    is_written = stage.key(frame, node, ITEMS_WRITTEN) in stage.decisions
    if not isinstance(owner, RunTimeList) or not owner.written or not is_written:
        return False
    held = owner.slots["held"].type
    item = held.item if isinstance(held, ListOf) else None
    return item is not None and not owner.of_objects and not is_immutable(item)


def items_of_part(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList, index: Value, item: Item
) -> Steps:
    """What goes over ``owner[start:stop:step]``: the items where they are in `owner`.

    That has those that were there before, so that none may be replaced meanwhile.
    """
    over = yield _positions(stage, frame, node, owner, index)
    orders = order_of(stage, owner, 0, _BEGIN)

    def at(number: Value) -> Steps:
        if any(owner.slots.get(slot) is not order for slot, order in orders):
            stage.refuse(
                frame, node, "items of a list are replaced while a loop goes over a part of it",
                "go over the positions: for i in range(start, stop)",
            )  # fmt: skip
        return (yield item((yield over.item(number))))

    return Iterable(over.start, over.stop, over.step, at, owner)


def _positions(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | Records, index: Value
) -> Steps:
    """The positions that a slice takes."""
    start, stop, step = slice_parts(index)
    size = length(stage, frame, node, owner.lists[0] if isinstance(owner, Records) else owner)
    if is_known(step, -1) and is_known(start, None) and is_known(stop, None):
        last = yield binary(stage, frame, node, "-", size, ONE)
        return Iterable(last, Static(-1), Static(-1), same)
    if is_known(step, None) or is_known(step, 1):
        first, operand = start, stage.operand(start, frame, node)
        if not is_counted(stage.builder.facts, operand):
            first = yield bound(stage, frame, node, start, size, ZERO)
        return Iterable(first, (yield bound(stage, frame, node, stop, size, size)), ONE, same)
    return _with_step(stage, frame, node, size, index)


def are_led(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList) -> bool:
    """Whether items may be changed in a list, or in a part of it: each is put there by itself."""
    held = owner.slots["held"].type
    item = held.item if isinstance(held, ListOf) else None
    is_flat = item is not None and is_immutable(item)
    is_written = owner.written or stage.key(frame, node, ITEMS_WRITTEN) in stage.decisions
    return bool(owner.of_objects) or (is_written and not is_flat)


def _sliced(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList, index: Value
) -> RunTimeList:
    held = stage.operand(owner, frame, node)
    assert isinstance(held, Var), "a list of run-time length is a variable"
    operands = (held, stage.operand(index, frame, node))
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(GETITEM, operands, type_=held.type)
    part = list_made(stage, frame, node, made)
    part.is_tuple = owner.is_tuple
    note_copied(stage, owner, part)
    return part


def taken(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | Records | View, over: Iterable
) -> Steps:
    """A new list of the items at the positions that are gone over."""
    if isinstance(owner, Records) and goes_by_numbers(stage, frame, node, owner):
        layout = layout_of(stage, placed_at(stage, frame, node, owner, Const(0)))
        assert layout is not None, "of dicts or objects, or tuples of such"
        numbers = records_of(stage, frame, node, layout, [])
        yield _append_references(stage, frame, node, numbers, owner, over)
        return numbers
    return (yield moved(stage, frame, node, owner, over))


def moved(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | Records | View, over: Iterable
) -> Steps:
    """What a list holds with the items at these positions, each at most once, and no others."""
    if isinstance(owner, Records):
        parts = []
        for each in owner.lists:
            parts.append((yield moved(stage, frame, node, each, over)))
        return Records(owner.layout, tuple(parts))
    made = list_of(stage, frame, node, ())
    yield append_each(stage, frame, node, made, owner, over)
    return made


def in_order_of(
    stage: Stage, frame: Frame, node: gast.AST, owner: Records, numbers: Records
) -> Steps:
    """What a list holds with its items in the order of their numbers."""

    def position(index: Value) -> Steps:
        return (yield stage.call(frame, node, Static(operator.getitem), [held, index], {}))

    held = numbers.lists[0]
    over = Iterable(ZERO, length(stage, frame, node, held), ONE, position)
    return (yield moved(stage, frame, node, owner, over))


def _append_references(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    made: RunTimeList | Records | View,
    owner: Records,
    over: Iterable,
) -> Steps:
    """Append dicts or objects that are changed in their list: the list has where they are."""

    def trip(index: Value) -> Steps:
        position = stage.operand((yield over.item(index)), frame, node)
        append(stage, frame, node, made, placed_at(stage, frame, node, owner, position))
        return FALL

    yield counted_loop(stage, frame, node, over, trip)


def slice_parts(index: Value) -> tuple[Value, Value, Value]:
    match index:
        case SliceValue(start, stop, step):
            return start, stop, step
        case Static(held):
            return Static(held.start), Static(held.stop), Static(held.step)
        case _:
            raise AssertionError("an index of a part is a slice")


def _with_step(stage: Stage, frame: Frame, node: gast.AST, size: Value, index: Value) -> Iterable:
    """The positions that a slice takes: Python knows them."""
    operands = [stage.operand(v, frame, node) for v in (size, index)]
    with stage.builder.at(stage.place(frame, node)):
        every = stage.builder.let(call(range), operands[:1], type_=OPAQUE)
        part = stage.builder.let(GETITEM, (every, operands[1]), type_=OPAQUE)
        count = stage.builder.let(call(len), (part,), type_=INT)

    def position(number: Value) -> Steps:
        at = stage.operand(number, frame, node)
        with stage.builder.at(stage.place(frame, node)):
            return stage.builder.let(READ_AGAIN, (part, at), type_=INT)
        yield

    return Iterable(ZERO, count, ONE, position)


def is_known(value: Value, known: Any) -> bool:
    return (isinstance(value, Static) and value.value is known) or _equals(value, known)


def _equals(value: Value, known: Any) -> bool:
    return isinstance(value, Static) and type(value.value) is int and value.value == known


def same(index: Value) -> Steps:
    return index
    yield


def bound(
    stage: Stage, frame: Frame, node: gast.AST, value: Value, size: Value, default: Value
) -> Steps:
    """An end of a slice, counted from the beginning and within the list."""
    if is_known(value, None):
        return default
    if not isinstance(value, Static):
        return _clipped(stage, frame, node, value, size)
    if value.value < 0:
        counted = yield binary(stage, frame, node, "-", size, Static(-value.value))
        return called(stage, frame, node, max, [counted, ZERO])
    return called(stage, frame, node, min, [value, size])


def _clipped(stage: Stage, frame: Frame, node: gast.AST, value: Value, size: Value) -> Value:
    """How many positions come before one that is known at run time only, as slices count."""
    operands = [stage.operand(v, frame, node) for v in (size, value)]
    before = SliceOf(Const(None), operands[1], Const(None))
    with stage.builder.at(stage.place(frame, node)):
        every = stage.builder.let(call(range), operands[:1], type_=OPAQUE)
        front = stage.builder.let(GETITEM, (every, before), type_=OPAQUE)
        return stage.builder.let(call(len), (front,), type_=INT)


def called(stage: Stage, frame: Frame, node: gast.AST, function: Any, args: list[Value]) -> Value:
    operands = [stage.operand(a, frame, node) for a in args]
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(call(function), operands, type_=INT)


def length(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | View) -> Value:
    with stage.builder.at(stage.place(frame, node)):
        held: Operand = stage.operand(owner, frame, node)
        return stage.builder.let(call(len), (held,), type_=INT)


def add_all(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    made: RunTimeList | Records | View,
    more: RunTimeList | Records | View,
) -> Steps:
    """Append the items of another list."""
    if isinstance(more, Records) and goes_by_numbers(stage, frame, node, more):
        over = Iterable(ZERO, length(stage, frame, node, more.lists[0]), ONE, same)
        yield _append_references(stage, frame, node, made, more, over)
        return
    if isinstance(more, Records):
        if not isinstance(made, Records):
            start_as_records(stage, made, more.layout)
        else:
            refine(stage, made, more.layout)
        if not isinstance(made, Records) or made.layout != more.layout:
            stage.refuse(frame, node, HELD, "keep one list for each part")
        for each, part in zip(made.lists, more.lists, strict=True):
            yield add_all(stage, frame, node, each, part)
        return
    if isinstance(made, Records):
        stage.refuse(frame, node, HELD, "keep one list for each part")
    over = Iterable(ZERO, length(stage, frame, node, more), ONE, same)
    yield append_each(stage, frame, node, made, more, over)


def append_all(
    stage: Stage, frame: Frame, node: gast.AST, made: Any, owner: Any, over: Iterable
) -> Steps:
    pairs = [(made, owner)]
    if isinstance(owner, Records):
        pairs = list(zip(made.lists, owner.lists, strict=True))
    for new, old in pairs:
        yield append_each(stage, frame, node, new, old, over)


def append_each(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    made: RunTimeList | View,
    owned: RunTimeList | View,
    over: Iterable,
) -> Steps:
    owner = plain(stage, owned, frame, node)
    assert isinstance(owner, RunTimeList), "a list by itself"
    held = stage.operand(owner, frame, node)  # as it is now, also if it grows meanwhile
    note_copied(stage, owner, made)
    assert isinstance(held, Var), "a list of run-time length is a variable"
    item = held.type.item if isinstance(held.type, ListOf) else None

    def trip(index: Value) -> Steps:
        with stage.builder.at(stage.place(frame, node)):
            operands = (held, stage.operand((yield over.item(index)), frame, node))
            value = stage.builder.let(READ_AGAIN, operands, type_=item)
        append(stage, frame, node, made, value)
        if owner.written and not is_immutable(value.type):  # each is taken once
            view = view_of(stage, owner, Step(operands[1:]), value)
            stage.holders.append((view, made))
        return FALL

    yield counted_loop(stage, frame, node, over, trip)
