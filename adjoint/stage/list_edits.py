"""Changes of lists that grow at run time, and lists made of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.ir.ops import GETITEM, call
from adjoint.ir.updates import POP_ITEM
from adjoint.ir.values import INT, OPAQUE, ListOf, rank
from adjoint.stage.aliases import replace_version
from adjoint.stage.buffers import READ_AGAIN
from adjoint.stage.context import Frame, Stage
from adjoint.stage.list_parts import (
    add_all,
    append_all,
    bound,
    called,
    is_known,
    length,
    part_of,
    same,
    slice_parts,
    taken,
)
from adjoint.stage.lists import add, append, note_change, refuse_gone_over
from adjoint.stage.operators import binary
from adjoint.stage.records import (
    at_run_time,
    empty_list,
    joined,
    list_of,
    split,
)
from adjoint.stage.values import (
    NONE,
    Iterable,
    ListValue,
    Records,
    RunTimeList,
    Static,
    Steps,
    Value,
    View,
)

__all__ = ["EDITS", "concatenated", "edit", "replace_all", "replace_part"]

ZERO, ONE = Static(0), Static(1)


def replace_part(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeList | Records,
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
    first = yield bound(stage, frame, node, start, size, ZERO)
    last = yield bound(stage, frame, node, stop, size, size)
    last = called(stage, frame, node, max, [first, last])
    made = yield taken(stage, frame, node, owner, Iterable(ZERO, first, ONE, same))
    if items is not None:
        yield items(made)
    if not is_known(stop, None):
        yield append_all(stage, frame, node, made, owner, Iterable(last, size, ONE, same))
    replace_all(stage, frame, node, owner, made)


def replace_all(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: ListValue | RunTimeList | Records,
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
        pairs = list(zip(owner.lists, made.lists, strict=True))
    for each, new in pairs:
        assert isinstance(each, RunTimeList), "a list is replaced by one of its kind"
        assert isinstance(new, RunTimeList), "a list is replaced by one of its kind"
        note_change(stage, frame, node, each)
        refuse_gone_over(stage, frame, node, each)
        _replace(stage, each, new)
    return NONE


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
    for value, holder in stage.holders[:]:
        if holder is made and not (isinstance(value, View) and value.base is owner):
            stage.holders.append((value, owner))
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
    if is_known(position, -1):
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
        args = (held,) if is_known(position, -1) else (held, at)
        made = stage.builder.let(POP_ITEM, args, name=held.name, type_=held.type)
    replace_version(stage, owner, made)
    return item


def _from_begin(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList, position: Value
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
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList, position: Value
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
