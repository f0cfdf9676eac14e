"""Growing lists, and the other methods of lists and dicts."""

from __future__ import annotations

from typing import Any, TypeGuard

import gast

from adjoint.ir.lengths import Length
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import call, method
from adjoint.ir.updates import APPEND, INSERT, edit_of, update_place
from adjoint.ir.values import INT, NOTHING, Array, ListOf, Maybe, Scalar, Type, rank
from adjoint.stage.arrays.buffers import place_in, refuse_moved, spare
from adjoint.stage.context import Frame, PrimalRaises, Stage, describe
from adjoint.stage.flow.aliases import INNER, replace_version
from adjoint.stage.lists.holders import change_through_list, note_holder, take_from_held
from adjoint.stage.lists.item_layouts import layout_of
from adjoint.stage.lists.placed import lead_items
from adjoint.stage.lists.positions import note_order, note_replaced
from adjoint.stage.lists.put_in import is_led, lead
from adjoint.stage.lists.records import (
    HELD,
    at_run_time,
    either_type,
    fixed_by,
    split_for,
    start_as_records,
)
from adjoint.stage.objects.several import note_write, refuse_fixed
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    NONE,
    Buffer,
    DictValue,
    ListValue,
    ObjectValue,
    OneOf,
    Records,
    RunTimeDict,
    RunTimeList,
    Static,
    TupleValue,
    Value,
    View,
)

__all__ = [
    "CHANGING",
    "add",
    "append",
    "grown_type",
    "is_listed",
    "list_method",
    "note_change",
    "place_of",
    "refuse_gone_over",
    "replace_list",
    "store",
]

#: Methods that look for a number in a list of numbers.
_SEARCHES = {"index": method(list.index, "index"), "count": method(list.count, "count")}

CHANGING = frozenset(
    {
        "append",
        "extend",
        "insert",
        "pop",
        "remove",
        "reverse",
        "clear",
        "sort",
        "update",
        "setdefault",
    }
)


def note_change(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, whole: bool = True
) -> None:
    """Note a change of a container or object; refuse that of one of the module or outer function.

    `whole` is whether more changes than one of the items or attributes that it has.
    """
    stage.inputs.identities.note_change(owner)
    if isinstance(owner, DictValue | ObjectValue) and owner.fixed is not None:
        refuse_fixed(
            stage, frame, node, owner.fixed, "is changed",
            "change it before it is put there, or put a new one in its place",
        )  # fmt: skip
    if isinstance(owner, DictValue | ObjectValue) and owner.place is not None and whole:
        refuse_fixed(
            stage, frame, node, fixed_by(stage, owner.place.owner), "gets or loses a part",
            "give it all parts before it is put there",
        )  # fmt: skip
    undecided = note_write(stage, owner, whole)
    if undecided is not None:
        stage.decide(undecided, frame, node)
    if isinstance(owner, RunTimeList) and owner.shared == INNER:
        change_through_list(stage, owner)
        stage.refuse(
            frame, node, f"{INNER} is changed", "build each list before it is put into the other"
        )
    if isinstance(owner, Cell) and owner.shared:
        stage.refuse(
            frame, node, f"{owner.shared}, which is no argument and not made inside, is changed",
            "pass it as an argument, or return what is to be kept",
        )  # fmt: skip


def refuse_gone_over(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, at: int | None = None
) -> None:
    """Refuse to change what a loop or an iterator goes over, but at positions it has left behind.

    `at` is the position of an item that is written; None where the length changes, or more.
    """
    for cell, handed in stage.gone_over:
        if _may_be(cell, owner) and (at is None or at >= handed):
            stage.refuse(
                frame, node, "a container is changed while a loop or an iterator goes over it",
                "go over a copy: for item in list(items)",
            )  # fmt: skip


def _may_be(gone_over: Value, changed: Value) -> bool:
    """Whether what is gone over may be what is changed: of lists in one list, any may be any."""
    if isinstance(gone_over, View) and isinstance(changed, View) and changed.is_list:
        at = [view.path[0].operands[0] for view in (gone_over, changed)]
        known = [index.value for index in at if isinstance(index, Const)]
        apart = len(known) == 2 and known[0] != known[1] and (known[0] < 0) == (known[1] < 0)
        return gone_over.is_list and gone_over.base is changed.base and not apart
    return gone_over is changed


def append(stage: Stage, frame: Frame, node: gast.AST, owner: Value, value: Value) -> None:
    """``owner.append(value)``."""
    if isinstance(owner, Records):
        parts = split_for(stage, frame, node, owner, value)
        at = _end_of_items(stage, frame, node, owner)
        for each, part in zip(owner.lists, parts, strict=True):
            append(stage, frame, node, each, part)
        if at is not None:
            lead_items(stage, frame, node, owner, at, value)
        return
    note_change(stage, frame, node, owner)
    refuse_gone_over(stage, frame, node, owner)
    if isinstance(owner, ListValue):
        stage.trail.set(owner, "items", (*owner.slots["items"], value))
        return
    assert isinstance(owner, RunTimeList | View)
    add(stage, frame, node, owner, value)


def is_listed(value: Value) -> TypeGuard[RunTimeList | Records | View]:
    """Whether a value is a list of run-time length, or one that is in such a list."""
    in_list = isinstance(value, View) and value.is_list
    return in_list or isinstance(value, RunTimeList | Records)


def place_of(owner: RunTimeList | View) -> tuple[RunTimeList, tuple[Operand, ...]]:
    """The list that holds all, and the indices that lead to the one that is meant."""
    if isinstance(owner, RunTimeList):
        return owner, ()
    assert isinstance(owner.base, RunTimeList), "a list is in a list"
    return owner.base, tuple(step.operands[0] for step in owner.path)


def _begin_change(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | View) -> None:
    """Before a list in a list is changed: that it is there is asked again by the change itself."""
    if not isinstance(owner, View):
        return
    refuse_moved(stage, owner, frame, node)
    spare(stage, owner)


def replace_list(
    stage: Stage, owner: RunTimeList | View, made: Var, *, longer: bool = False
) -> None:
    """Have a list, or the one that holds it, hold another version; its items may have moved."""
    base, way = place_of(owner)
    replace_version(stage, base, made)
    note_order(stage, base, longer=longer, depth=len(way))
    if way:
        take_from_held(stage, base, len(way))


def add(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeList | View,
    value: Value,
    at: Value | None = None,
) -> None:
    """Add an item to a list of run-time length, at its end or at a position in it."""
    base, way = place_of(owner)
    _begin_change(stage, frame, node, owner)
    held = stage.operand(base, frame, node)
    assert isinstance(held, Var), "a list of run-time length is a variable"
    operand = _held_operand(stage, frame, node, owner, value)
    type_ = grown_type(stage, held.type, type_of(operand), len(way))
    with stage.builder.at(stage.place(frame, node)):
        op, path = (APPEND, ()) if at is None else (INSERT, (stage.operand(at, frame, node),))
        position = path[0] if path else _end_of(stage, frame, node, owner, value)
        args = edit_of(held, way, *path, operand)
        made = stage.builder.let(op, args, name=held.name, type_=type_)
    replace_list(stage, owner, made, longer=at is None)
    _lead_there(stage, owner, position, value)


def _lead_there(
    stage: Stage, owner: RunTimeList | View, position: Operand | None, value: Value
) -> None:
    """Have the names of what was put into a list stand for the place in it."""
    if position is not None and is_led(value, owner):
        lead(stage, value, place_in(stage, owner, position))


def _end_of(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | View, value: Value
) -> Var | None:
    """The position at which an item is appended, if its names are led there."""
    return _count(stage, frame, node, owner) if is_led(value, owner) else None


def _end_of_items(stage: Stage, frame: Frame, node: gast.AST, owner: Records) -> Var | None:
    """The position at which a dict or object is appended, if it is changed there."""
    if not owner.written or not owner.layout.has_objects:
        return None
    with stage.builder.at(stage.place(frame, node)):
        return _count(stage, frame, node, owner.lists[0])


def _count(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | View) -> Var:
    """The number of items of a list."""
    held = stage.operand(owner, frame, node)
    size = stage.builder.facts.any_length()
    stage.builder.facts.limit(size.terms[0][0], Length(0), None)
    return stage.builder.let(call(len), (held,), type_=Scalar("int", size))


def store(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeList | Records | View,
    index: Value,
    value: Value,
    level: int = 0,
) -> None:
    """``owner[index] = value``, at a position that may be known at run time only.

    `level` is as of `Placed`, where a part of a dict or object is replaced.
    """
    if isinstance(owner, Records):
        parts = split_for(stage, frame, node, owner, value)
        for each, part in zip(owner.lists, parts, strict=True):
            store(stage, frame, node, each, index, part)
            note_replaced(stage, each, level)
        lead_items(stage, frame, node, owner, stage.operand(index, frame, node), value, level)
        return
    base, way = place_of(owner)
    _begin_change(stage, frame, node, owner)
    held = stage.operand(base, frame, node)
    at = stage.operand(index, frame, node)
    if rank(type_of(at)) != 0:
        stage.refuse(
            frame, node, "a part of a list that grows at run time is written at once",
            "write one item at a time, in a loop",
        )  # fmt: skip
    operand = _held_operand(stage, frame, node, owner, value)
    assert isinstance(held, Var), "a list of run-time length is a variable"
    type_ = grown_type(stage, held.type, type_of(operand), len(way))
    with stage.builder.at(stage.place(frame, node)):
        args = (held, *way, at, operand)
        made = stage.builder.let(update_place(), args, name=held.name, type_=type_)
    replace_version(stage, base, made)
    note_replaced(stage, owner)
    if way:
        take_from_held(stage, base, len(way))
    _lead_there(stage, owner, at, value)


def _held_operand(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeList | View, value: Value
) -> Operand:
    """The operand of what a list holds from now on."""
    layout = layout_of(stage, value)
    if _holds_none(stage, owner) and not isinstance(value, Static | Var | Buffer | View | OneOf):
        stage.refuse(
            frame, node, "a list that holds None is given a list, tuple, dict or object",
            "begin with an empty list, and append to it: xs = []; xs.append(…)",
        )  # fmt: skip
    is_empty = isinstance(value, DictValue) and not value.slots["items"]
    if is_empty or isinstance(value, RunTimeDict):
        stage.refuse(
            frame, node, "a dict without known keys is put into a list or dict",
            "keep one dict for all, by pairs: d[i, j] = x",
        )  # fmt: skip
    if isinstance(value, ObjectValue) and not value.slots:
        stage.refuse(
            frame, node, f"{describe(value)}, which has no attributes yet, is put into a list",
            "give it its attributes in __init__",
        )  # fmt: skip
    if layout is not None:
        start_as_records(stage, owner, layout)
    if isinstance(value, ListValue):
        at_run_time(stage, value)
    operand = stage.operand(value, frame, node)
    if not isinstance(operand, Var | Const) or layout is not None:
        stage.refuse(frame, node, HELD, "keep one list for each part")
    note_holder(stage, frame, node, value, place_of(owner)[0])
    return operand


def _holds_none(stage: Stage, owner: RunTimeList | View) -> bool:
    """Whether a list may hold None."""
    type_ = stage.type(owner)
    item = type_.item if isinstance(type_, ListOf) else None
    return item == NOTHING or isinstance(item, Maybe)


def grown_type(stage: Stage, held: Type, added: Type, depth: int) -> Type:
    """The type of a list to which an item is added, or to one that is so deep in it."""
    assert isinstance(held, ListOf)
    if depth:
        inner = held.item or ListOf(None)
        return ListOf(grown_type(stage, inner, added, depth - 1))
    return ListOf(added if held.item is None else either_type(stage, held.item, added))


def list_method(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Any,
    name: str,
    args: list[Value],
) -> Value:
    """A method of a list or tuple."""
    if name in CHANGING:
        note_change(stage, frame, node, owner)
        refuse_gone_over(stage, frame, node, owner)
    if name == "append" and not isinstance(owner, TupleValue):
        append(stage, frame, node, owner, args[0])
        return NONE
    if name == "copy" and isinstance(owner, ListValue):
        return ListValue({"items": owner.slots["items"]}, key=owner.key)
    if isinstance(owner, RunTimeList | Records | View):
        return _runtime_method(stage, frame, node, owner, name, args)
    if name in ("pop", "insert", "reverse", "clear", "remove") and isinstance(owner, ListValue):
        return _edit(stage, frame, node, owner, name, args)
    if name in ("index", "count"):
        items = owner.items if isinstance(owner, TupleValue) else owner.slots["items"]
        if all(isinstance(i, Static) for i in (*items, *args)):
            held = [i.value for i in items if isinstance(i, Static)]
            return Static(getattr(held, name)(*(a.value for a in args if isinstance(a, Static))))
        if all(_is_number(stage, i) for i in (*items, *args)):
            operands = [stage.operand(each, frame, node) for each in (owner, *args)]
            with stage.builder.at(stage.place(frame, node)):
                return stage.builder.let(_SEARCHES[name], operands, type_=INT)
    stage.refuse(
        frame, node, f"the list method .{name}() is not supported on differentiable values",
        "build a new list instead",
    )  # fmt: skip


def _runtime_method(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, name: str, args: list[Value]
) -> Value:
    if name in _SEARCHES and not isinstance(owner, Records):
        operands = [stage.operand(each, frame, node) for each in (owner, *args)]
        if _holds_numbers(operands[0]):
            with stage.builder.at(stage.place(frame, node)):
                return stage.builder.let(_SEARCHES[name], operands, type_=INT)
    stage.refuse(
        frame, node, f"the method .{name}() of a list that grows at run time is not supported yet",
        "use append, and index the list",
    )  # fmt: skip


def _is_number(stage: Stage, value: Value) -> bool:
    type_ = stage.type(value) if isinstance(value, Var | Static) else None
    return isinstance(type_, Scalar) or (isinstance(type_, Array) and type_.scalar)


def _holds_numbers(held: Operand) -> bool:
    type_ = type_of(held)
    return isinstance(type_, ListOf) and type_.item is not None and is_immutable(type_.item)


def _edit(
    stage: Stage, frame: Frame, node: gast.AST, owner: ListValue, name: str, args: list[Value]
) -> Value:
    items = list(owner.slots["items"])
    positions = [stage.need_static(a) for a in (args if name == "pop" else args[:1])]
    if name != "remove" and any(isinstance(p, Var) for p in positions):
        at_run_time(stage, owner)
    if name == "remove" or not all(isinstance(p, Static) for p in positions):
        stage.refuse(frame, node, f".{name}() needs a position known now", "index with a constant")
    numbers = [p.value for p in positions if isinstance(p, Static)]
    rest = args[1:] if name == "insert" else []
    try:
        result = getattr(items, name)(*numbers, *rest)
    except IndexError as error:
        raise PrimalRaises(error, stage.place(frame, node)) from error
    stage.trail.set(owner, "items", tuple(items))
    return NONE if result is None else result
