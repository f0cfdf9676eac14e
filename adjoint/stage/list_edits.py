"""Parts of lists that grow at run time, and lists made of several: the items are appended anew."""

from __future__ import annotations

from typing import Any

import gast

from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Const, Operand, SliceOf, Var
from adjoint.ir.ops import GETITEM, call
from adjoint.ir.updates import POP_ITEM
from adjoint.ir.values import INT, OPAQUE, ListOf, rank
from adjoint.stage.aliases import replace_version
from adjoint.stage.branches import FALL
from adjoint.stage.buffers import READ_AGAIN, view_of
from adjoint.stage.context import Frame, Stage
from adjoint.stage.lists import add, append, note_change, refuse_gone_over
from adjoint.stage.loops import counted_loop
from adjoint.stage.operators import binary
from adjoint.stage.records import (
    HELD,
    empty_list,
    joined,
    list_of,
    split,
    start_as_records,
)
from adjoint.stage.values import (
    NONE,
    Iterable,
    ListValue,
    Records,
    RunTimeList,
    SliceValue,
    Static,
    Step,
    Steps,
    Value,
)

__all__ = ["EDITS", "concatenated", "edit", "part_of"]

ZERO, ONE = Static(0), Static(1)


def part_of(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList, index: Value) -> Steps:
    """``owner[start:stop:step]``, a new list."""
    match index:
        case SliceValue(start, stop, step):
            pass
        case Static(held):
            start, stop, step = Static(held.start), Static(held.stop), Static(held.step)
        case _:
            raise AssertionError("an index of a part is a slice")
    size = _length(stage, frame, node, owner)
    if _is(step, -1) and _is(start, None) and _is(stop, None):
        last = yield binary(stage, frame, node, "-", size, ONE)
        over = Iterable(last, Static(-1), Static(-1), _same)
    elif _is(step, None) or _is(step, 1):
        first = yield _bound(stage, frame, node, start, size, ZERO)
        over = Iterable(first, (yield _bound(stage, frame, node, stop, size, size)), ONE, _same)
    else:
        stage.refuse(
            frame, node, "this part of a list that grows at run time",
            "take every item in its order, or make an array of it first",
        )  # fmt: skip
    made = list_of(stage, frame, node, ())
    yield _append_each(stage, frame, node, made, owner, over)
    return made


def _is(value: Value, known: Any) -> bool:
    return (isinstance(value, Static) and value.value is known) or _equals(value, known)


def _equals(value: Value, known: Any) -> bool:
    return isinstance(value, Static) and type(value.value) is int and value.value == known


def _same(index: Value) -> Steps:
    return index
    yield


def _bound(
    stage: Stage, frame: Frame, node: gast.AST, value: Value, size: Value, default: Value
) -> Steps:
    """An end of a slice, counted from the beginning and within the list."""
    if _is(value, None):
        return default
    if not isinstance(value, Static):
        stage.refuse(
            frame, node, "an end of this slice is known at run time only",
            "loop over the items, or make an array of the list first",
        )  # fmt: skip
    if value.value < 0:
        counted = yield binary(stage, frame, node, "-", size, Static(-value.value))
        return _called(stage, frame, node, max, [counted, ZERO])
    return _called(stage, frame, node, min, [value, size])


def _called(stage: Stage, frame: Frame, node: gast.AST, function: Any, args: list[Value]) -> Value:
    operands = [stage.operand(a, frame, node) for a in args]
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(call(function), operands, type_=INT)


def _length(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList) -> Value:
    with stage.builder.at(stage.place(frame, node)):
        held: Operand = stage.operand(owner, frame, node)
        return stage.builder.let(call(len), (held,), type_=INT)


def add_all(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    made: RunTimeList | Records,
    more: RunTimeList | Records,
) -> Steps:
    """Append the items of another list."""
    if isinstance(more, Records):
        if isinstance(made, RunTimeList):
            start_as_records(stage, made, more.layout)
        if not isinstance(made, Records) or made.layout != more.layout:
            stage.refuse(frame, node, HELD, "keep one list for each part")
        for each, part in zip(made.lists, more.lists, strict=True):
            yield add_all(stage, frame, node, each, part)
        return
    if isinstance(made, Records):
        stage.refuse(frame, node, HELD, "keep one list for each part")
    over = Iterable(ZERO, _length(stage, frame, node, more), ONE, _same)
    yield _append_each(stage, frame, node, made, more, over)


def _append_each(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    made: RunTimeList,
    owner: RunTimeList,
    over: Iterable,
) -> Steps:
    held = stage.operand(owner, frame, node)  # as it is now, also if it grows meanwhile
    assert isinstance(held, Var), "a list of run-time length is a variable"
    item = held.type.item if isinstance(held.type, ListOf) else None

    def trip(index: Value) -> Steps:
        with stage.builder.at(stage.place(frame, node)):
            operands = (held, stage.operand(index, frame, node))
            value = stage.builder.let(GETITEM, operands, type_=item)
        append(stage, frame, node, made, value)
        if owner.written and not is_immutable(value.type):  # each is taken once
            view = view_of(stage, owner, Step(operands[1:]), value)
            stage.holders.append((view, made))
        return FALL
        yield

    yield counted_loop(stage, frame, node, over, trip)


# -- methods ---------------------------------------------------------------------------------------

EDITS = ("pop", "insert", "reverse", "clear", "copy")


def edit(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeList | Records,
    name: str,
    args: list[Value],
) -> Steps:
    """A method that changes a list of run-time length."""
    if isinstance(owner, Records):
        return (yield _edit_parts(stage, frame, node, owner, name, args))
    note_change(stage, frame, node, owner)
    if name != "copy":
        refuse_gone_over(stage, frame, node, owner)
    match name:
        case "copy":
            return (yield part_of(stage, frame, node, owner, Static(slice(None))))
        case "pop":
            at = yield _from_end_or_begin(stage, frame, node, owner, args)
            return _taken_out(stage, frame, node, owner, at)
        case "insert":
            at = yield _clamped(stage, frame, node, owner, args[0])
            add(stage, frame, node, owner, args[1], at)
        case "reverse":
            backwards = Static(slice(None, None, -1))
            _replace(stage, owner, (yield part_of(stage, frame, node, owner, backwards)))
        case _:
            _replace(stage, owner, list_of(stage, frame, node, ()))
    return NONE


def _edit_parts(
    stage: Stage, frame: Frame, node: gast.AST, owner: Records, name: str, args: list[Value]
) -> Steps:
    """The same edit of the list of each part; all of them have one length."""
    first, *_ = owner.lists
    if name == "pop":
        at = yield _from_end_or_begin(stage, frame, node, first, args)
        taken = [
            _taken_out(stage, frame, node, each, at, proven=each is not first)
            for each in owner.lists
        ]
        return joined(owner.layout, taken)
    if name == "insert":
        at = yield _clamped(stage, frame, node, first, args[0])
        parts = split(stage, frame, node, owner.layout, args[1])
        for each, part in zip(owner.lists, parts, strict=True):
            add(stage, frame, node, each, part, at)
        return NONE
    found = []
    for each in owner.lists:
        found.append((yield edit(stage, frame, node, each, name, args)))
    return Records(owner.layout, tuple(found)) if name == "copy" else NONE


def _replace(stage: Stage, owner: RunTimeList, made: RunTimeList) -> None:
    held, old = made.slots["held"], owner.slots["held"]
    held.name = held.name or old.name
    replace_version(stage, owner, held)


def _from_end_or_begin(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList, args: list[Value]
) -> Steps:
    """The position from which `pop` takes an item: -1, or counted from the begin."""
    position = args[0] if args else Static(-1)
    if rank(stage.type(position)) != 0:
        stage.refuse(
            frame, node, "a part of a list that grows at run time is taken out at once",
            "take out one item at a time, in a loop",
        )  # fmt: skip
    if _is(position, -1):
        return position
    return (yield _from_begin(stage, frame, node, owner, position))


def _taken_out(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeList,
    position: Value,
    *,
    proven: bool = False,
) -> Var:
    """An item, which is read, and then taken out; it may be `proven` that it is there."""
    held = stage.operand(owner, frame, node)
    at = stage.operand(position, frame, node)
    assert isinstance(held, Var) and isinstance(held.type, ListOf), "a list has a variable"
    with stage.builder.at(stage.place(frame, node)):
        item = stage.builder.let(READ_AGAIN if proven else GETITEM, (held, at))
        args = (held,) if _is(position, -1) else (held, at)
        made = stage.builder.let(POP_ITEM, args, name=held.name, type_=held.type)
    replace_version(stage, owner, made)
    return item


def _from_begin(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList, position: Value
) -> Steps:
    """A position of a list, counted from its begin: so it is there again when one goes back."""
    if isinstance(position, Static) and position.value >= 0:
        return position
    size = _length(stage, frame, node, owner)
    if isinstance(position, Static):
        return (yield binary(stage, frame, node, "-", size, Static(-position.value)))
    with stage.builder.at(stage.place(frame, node)):
        every = stage.builder.let(call(range), (stage.operand(size, frame, node),), type_=OPAQUE)
        at = stage.operand(position, frame, node)
        return stage.builder.let(GETITEM, (every, at), type_=INT)


def _clamped(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList, position: Value
) -> Steps:
    """Where an item is inserted: `list.insert` takes any number, and the nearest position."""
    if _is(position, 0):
        return position
    if isinstance(position, Static):
        size = _length(stage, frame, node, owner)
        return (yield _bound(stage, frame, node, position, size, size))
    before = SliceOf(Const(None), stage.operand(position, frame, node), Const(None))
    with stage.builder.at(stage.place(frame, node)):
        front = stage.builder.let(GETITEM, (stage.operand(owner, frame, node), before))
        return stage.builder.let(call(len), (front,), type_=INT)


def concatenated(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    left: ListValue | RunTimeList | Records,
    right: Value,
) -> Steps:
    """``left + right``, a new list."""
    made = empty_list(stage, frame, node)
    for part in (left, right):
        if isinstance(part, RunTimeList | Records):
            yield add_all(stage, frame, node, made, part)
        else:
            assert isinstance(part, ListValue), "lists are added to lists"
            for item in part.slots["items"]:
                append(stage, frame, node, made, item)
    return made
