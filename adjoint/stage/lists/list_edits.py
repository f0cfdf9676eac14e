"""Changes of lists that grow at run time, and lists made of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from adjoint.ir.lists import JOIN_LISTS
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, call
from adjoint.ir.updates import POP_ITEM, edit_of, update_place
from adjoint.ir.values import INT, OPAQUE, ListOf, rank
from adjoint.stage.arrays.buffers import READ_AGAIN, list_made, plain
from adjoint.stage.context import Frame, Stage
from adjoint.stage.lists.holders import item_taken, note_copied, take_from_copies, take_from_held
from adjoint.stage.lists.list_methods import (
    add,
    append,
    grown_type,
    note_change,
    place_of,
    refuse_gone_over,
    replace_list,
)
from adjoint.stage.lists.list_parts import (
    add_all,
    append_all,
    are_led,
    bound,
    called,
    is_known,
    length,
    moved,
    part_of,
    same,
    slice_parts,
)
from adjoint.stage.lists.placed import joined, lead_items
from adjoint.stage.lists.records import (
    HELD,
    at_run_time,
    either_type,
    empty_list,
    fixed_by,
    goes_by_numbers,
    list_of,
    marked_as_tuple,
    split_for,
)
from adjoint.stage.lists.references import KEEP_APART, SEVERAL, pass_target
from adjoint.stage.operators import binary
from adjoint.stage.values import (
    NONE,
    Iterable,
    ListValue,
    Records,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
    View,
)

__all__ = ["EDITS", "concatenated", "edit", "replace_all", "replace_part"]

ZERO, ONE = Static(0), Static(1)


def replace_part(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeList | Records | View,
    index: Value,
    items: Callable[[RunTimeList | Records], Steps] | None = None,
) -> Steps:
    """``owner[start:stop] = …``: `items` appends what comes in, or the part is deleted."""
    start, stop, step = slice_parts(index)
    if not (is_known(step, None) or is_known(step, 1)):
        stage.refuse(
            frame, node, "a part of a list that grows at run time is replaced with a step",
            "write or delete one item at a time, in a loop",
        )  # fmt: skip
    size = length(stage, frame, node, owner.lists[0] if isinstance(owner, Records) else owner)
    source = plain(stage, owner, frame, node)
    assert isinstance(source, RunTimeList | Records), "a list of run-time length"
    first = yield bound(stage, frame, node, start, size, ZERO)
    last = yield bound(stage, frame, node, stop, size, size)
    last = called(stage, frame, node, max, [first, last])
    made = yield moved(stage, frame, node, source, Iterable(ZERO, first, ONE, same))
    if items is not None:
        yield items(made)
    if not is_known(stop, None):
        yield append_all(stage, frame, node, made, source, Iterable(last, size, ONE, same))
    replace_all(stage, frame, node, owner, made)


def replace_all(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: ListValue | RunTimeList | Records | View,
    made: ListValue | RunTimeList | Records,
) -> Value:
    """Have a list hold what another holds that is made for this."""
    if isinstance(owner, ListValue):
        if not isinstance(made, ListValue):
            at_run_time(stage, owner)
        assert isinstance(made, ListValue), "a list is replaced by one of its kind"
        note_change(stage, frame, node, owner)
        refuse_gone_over(stage, frame, node, owner)
        stage.trail.set(owner, "items", made.slots["items"])
        return NONE
    pairs: list[Any] = [(owner, made)]
    if isinstance(owner, Records) and isinstance(made, Records):
        if owner.layout != made.layout:
            stage.refuse(frame, node, HELD, KEEP_APART)
        pairs = list(zip(owner.lists, made.lists, strict=True))
    for each, new in pairs:
        assert isinstance(each, RunTimeList | View), "a list is replaced by one of its kind"
        assert isinstance(new, RunTimeList), "a list is replaced by one of its kind"
        note_change(stage, frame, node, each)
        refuse_gone_over(stage, frame, node, each)
        _replace(stage, frame, node, each, new)
    return NONE


# -- methods ---------------------------------------------------------------------------------------

EDITS = ("pop", "insert", "reverse", "clear", "copy")


def edit(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeList | Records | View,
    name: str,
    args: list[Value],
) -> Steps:
    """A method that changes a list of run-time length."""
    if isinstance(owner, Records):
        return (yield _edit_parts(stage, frame, node, owner, name, args))
    if name != "copy":
        note_change(stage, frame, node, owner)
        refuse_gone_over(stage, frame, node, owner)
    alone: Any = plain(stage, owner, frame, node) if name in ("copy", "reverse") else None
    match name:
        case "copy":
            return (yield part_of(stage, frame, node, alone, Static(slice(None))))
        case "pop":
            at = yield _from_end_or_begin(stage, frame, node, owner, args)
            return _taken_out(stage, frame, node, owner, at)
        case "insert":
            at = yield _clamped(stage, frame, node, owner, args[0])
            add(stage, frame, node, owner, args[1], at)
        case "reverse":
            backwards = Static(slice(None, None, -1))
            made = yield part_of(stage, frame, node, alone, backwards)
            _replace(stage, frame, node, owner, made)
        case _:
            _replace(stage, frame, node, owner, list_of(stage, frame, node, ()))
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
        if owner.written:
            take_from_copies(stage, place_of(first)[0])
        fixed = None if owner.written else fixed_by(stage, owner)
        return joined(stage, frame, node, owner, taken, fixed)
    if name == "insert":
        at = yield _clamped(stage, frame, node, first, args[0])
        parts = split_for(stage, frame, node, owner, args[1])
        for each, part in zip(owner.lists, parts, strict=True):
            add(stage, frame, node, each, part, at)
        lead_items(stage, frame, node, owner, stage.operand(at, frame, node), args[1])
        return NONE
    if name == "copy" and goes_by_numbers(stage, frame, node, owner):
        return (yield part_of(stage, frame, node, owner, Static(slice(None))))
    found = []
    for each in owner.lists:
        found.append((yield edit(stage, frame, node, each, name, args)))
    return Records(owner.layout, tuple(found)) if name == "copy" else NONE


def _replace(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | View, made: RunTimeList
) -> None:
    if not pass_target(stage, made, owner):
        stage.refuse(frame, node, f"{SEVERAL} are put into a list", KEEP_APART)
    if isinstance(owner, View):
        base, way = place_of(owner)
        held = stage.operand(base, frame, node)
        assert isinstance(held, Var), "a list has a variable"
        with stage.builder.at(stage.place(frame, node)):
            args = (held, *way, made.slots["held"])
            type_ = grown_type(stage, held.type, args[-1].type, len(way) - 1)
            new = stage.builder.let(update_place(), args, name=held.name, type_=type_)
        replace_list(stage, owner, new)
        return
    held, old = made.slots["held"], owner.slots["held"]
    held.name = held.name or old.name
    for value, holder in stage.holders[:]:
        if holder is made and not (isinstance(value, View) and value.base is owner):
            stage.holders.append((value, owner))
    replace_list(stage, owner, held)


def _from_end_or_begin(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | View, args: list[Value]
) -> Steps:
    """The position from which `pop` takes an item: -1, or counted from the begin."""
    position = args[0] if args else Static(-1)
    if rank(stage.type(position)) != 0:
        stage.refuse(
            frame, node, "a part of a list that grows at run time is taken out at once",
            "take out one item at a time, in a loop",
        )  # fmt: skip
    if is_known(position, -1):
        return position
    return (yield _from_begin(stage, frame, node, owner, position))


def _taken_out(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeList | View,
    position: Value,
    *,
    proven: bool = False,
) -> Value:
    """An item, which is read, and then taken out; it may be `proven` that it is there."""
    base, way = place_of(owner)
    inner, held = stage.operand(owner, frame, node), stage.operand(base, frame, node)
    at = stage.operand(position, frame, node)
    assert isinstance(held, Var), "a list has a variable"
    with stage.builder.at(stage.place(frame, node)):
        item = stage.builder.let(READ_AGAIN if proven else GETITEM, (inner, at))
        args = edit_of(held, way, *(() if is_known(position, -1) else (at,)))
        made = stage.builder.let(POP_ITEM, args, name=held.name, type_=held.type)
    replace_list(stage, owner, made)
    if not base.written:
        return item_taken(stage, base, item)
    if not isinstance(item.type, ListOf):
        return item
    take_from_held(stage, base)  # it goes by this name from now on
    return list_made(stage, frame, node, item)


def _from_begin(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | View, position: Value
) -> Steps:
    """A position of a list, counted from its begin: so it is there again when one goes back."""
    if isinstance(position, Static) and position.value >= 0:
        return position
    size = length(stage, frame, node, owner)
    if isinstance(position, Static):
        return (yield binary(stage, frame, node, "-", size, Static(-position.value)))
    with stage.builder.at(stage.place(frame, node)):
        every = stage.builder.let(call(range), (stage.operand(size, frame, node),), type_=OPAQUE)
        at = stage.operand(position, frame, node)
        return stage.builder.let(GETITEM, (every, at), type_=INT)


def _clamped(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | View, position: Value
) -> Steps:
    """Where an item is inserted: `list.insert` takes any number, and the nearest position."""
    if is_known(position, 0):
        return position
    size = length(stage, frame, node, owner)
    return (yield bound(stage, frame, node, position, size, size))


def concatenated(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    left: ListValue | TupleValue | RunTimeList | Records,
    right: Value,
) -> Steps:
    """``left + right``, a new list or tuple."""
    made = yield _joined(stage, frame, node, left, right)
    is_tuple = all(
        isinstance(each, TupleValue) or (isinstance(each, RunTimeList | Records) and each.is_tuple)
        for each in (left, right)
    )
    return marked_as_tuple(made) if is_tuple else made


def _joined(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    left: ListValue | TupleValue | RunTimeList | Records,
    right: Value,
) -> Steps:
    parts = [_display(stage, frame, node, each) for each in (left, right)]
    if all(isinstance(each, RunTimeList) for each in parts):
        first, second = parts
        assert isinstance(first, RunTimeList)
        assert isinstance(second, RunTimeList)
        if not any(are_led(stage, frame, node, each) for each in (first, second)):
            return _of_both(stage, frame, node, first, second)
    made = empty_list(stage, frame, node)
    for part in (left, right):
        if isinstance(part, RunTimeList | Records):
            yield add_all(stage, frame, node, made, part)
            continue
        assert isinstance(part, ListValue | TupleValue), "lists are added to lists"
        for item in part.items if isinstance(part, TupleValue) else part.slots["items"]:
            append(stage, frame, node, made, item)
    return made


def _display(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Value:
    """A list that was written down, of numbers, as one of run-time length."""
    if not isinstance(value, ListValue | TupleValue):
        return value
    items = value.items if isinstance(value, TupleValue) else value.slots["items"]
    is_flat = all(isinstance(each, Var | Static) for each in items)
    if not items or not is_flat or not all(is_immutable(stage.type(each)) for each in items):
        return value
    return list_of(stage, frame, node, tuple(items))


def _of_both(
    stage: Stage, frame: Frame, node: gast.AST, left: RunTimeList, right: RunTimeList
) -> RunTimeList:
    operands = [stage.operand(each, frame, node) for each in (left, right)]
    types = [type_of(each) for each in operands]
    known = [each.item for each in types if isinstance(each, ListOf) and each.item is not None]
    item = None if not known else known[0] if len(known) < 2 else either_type(stage, *known)
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(JOIN_LISTS, operands, type_=ListOf(item))
    joined = list_made(stage, frame, node, made)
    for each in (left, right):
        note_copied(stage, each, joined)
    return joined
