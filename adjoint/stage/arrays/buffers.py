"""Arrays that are written in place, and their views.

A write makes a new version of the array, and the buffer that all its names share holds the newest.
A view is the way that leads to it, and is read again from the newest version: so what the IR sees
are values. Which buffers may be one array is known while staging; where paths meet on which a name
had different arrays, the arrays that it may be can be read no more once one of them is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gast

from adjoint.errors import Unsupported
from adjoint.ir.indices import are_integers, index_items, is_basic_index, is_fancy_index
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Block, Branch, Let, Operand, SliceOf, Var, Yield
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, Op
from adjoint.ir.values import UNKNOWN, Array, ListOf, join_types, rank
from adjoint.stage.arrays.memory import SHAPE
from adjoint.stage.arrays.places import without_detours
from adjoint.stage.arrays.sites import ITEMS_WRITTEN
from adjoint.stage.arrays.slices import surely_taken
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.flow.aliases import INNER, meet
from adjoint.stage.flow.alternatives import number_of
from adjoint.stage.lists.positions import has_moved, order_of
from adjoint.stage.lists.put_in import at_place
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    Buffer,
    DictValue,
    DictView,
    Meeting,
    Memory,
    OneOf,
    Records,
    RunTimeList,
    Static,
    Step,
    Value,
    View,
    shown_now,
)

__all__ = [
    "READ_AGAIN",
    "consumed",
    "followed",
    "indexed",
    "is_sure",
    "item_of",
    "list_made",
    "made_here",
    "noted_array",
    "noted_new",
    "place_in",
    "plain",
    "read",
    "refuse_moved",
    "refuse_unsure",
    "spare",
    "stepped",
    "tell_apart",
    "view_of",
]

PROVEN = "proven"
"""The slot of the proof that a step leads to a part of an array, and not to a number."""
READ_AGAIN = Op(GETITEM.function, GETITEM.form, proven=True)


def made_here(stage: Stage, variable: Var) -> Buffer | View:
    """The buffer of an array that was made inside, or the view of a pool that it is."""
    site = stage.sites[variable]
    pooled = stage.pools.made_here(site, variable, stage.trail)
    if pooled is not None:
        return pooled
    return Buffer({"held": variable}, origin=variable, sites=(site,))


def noted_array(stage: Stage, key: Any, value: Value) -> Value:
    """An array that may be made here: a buffer if it is known to be written later."""
    if not isinstance(value, Var) or not isinstance(value.type, Array) or value.type.scalar:
        return value
    if stage.sites.setdefault(value, key) == key and key in stage.decisions:
        return made_here(stage, value)
    return value


def noted_new(stage: Stage, key: Any, value: Value, count: int) -> Value:
    """An array that may be made here, where the first new variable has the number `count`."""
    if isinstance(value, Var) and value.number < count:
        return value  # it was made elsewhere: a buffer here would be another than what is read
    return noted_array(stage, key, value)


def list_made(stage: Stage, frame: Frame, node: gast.AST, made: Var) -> RunTimeList:
    """A list of run-time length that is made here."""
    key = stage.key(frame, node, ITEMS_WRITTEN)
    stage.sites.setdefault(made, key)
    return RunTimeList({"held": made}, written=key in stage.decisions)


# -- reading ---------------------------------------------------------------------------------------


def plain(stage: Stage, value: Value, frame: Frame | None = None, node: Any = None) -> Value:
    """`value`, or the variable that holds a buffer or view now.

    A list in a list is one of its own, which can be read until the list that it is in is changed.
    """
    if isinstance(value, Records) and _is_in_list(value):
        lists: Any = tuple(plain(stage, each, frame, node) for each in value.lists)
        return Records(value.layout, lists)
    if isinstance(value, OneOf):
        arrays = all(isinstance(item, Buffer | View) for item in value.items.values())
        return read(stage, value, frame, node) if arrays else number_of(value)
    if isinstance(value, DictView) and isinstance(value.owner, DictValue):
        return shown_now(value)
    if not isinstance(value, Buffer | View):
        return value
    if isinstance(value, View) and value.is_list:
        return _list_by_itself(stage, value, frame, node)
    return read(stage, value, frame, node)


def _is_in_list(value: Records) -> bool:
    """Whether a list of tuples is in a list; one of objects that are changed there stays there."""
    views = [each for each in value.lists if isinstance(each, View)]
    return bool(views) and not any(map(_has_objects, views))


def _has_objects(view: View) -> bool:
    """Whether a list that is an item of a list has parts of dicts or objects that are changed."""
    base = view.base
    return isinstance(base, RunTimeList) and base.written and len(view.path) in base.of_objects


def consumed(stage: Stage, value: Value, frame: Frame | None = None, node: Any = None) -> Value:
    """`value` for what makes new memory of it: also a list of arrays that is in a list."""
    if isinstance(value, View) and value.is_list and not _has_objects(value):
        return RunTimeList({"held": read(stage, value, frame, node)})
    return value


def _list_by_itself(stage: Stage, view: View, frame: Frame | None, node: Any) -> RunTimeList:
    held = read(stage, view, frame, node)
    item = held.type.item if isinstance(held.type, ListOf) else None
    if (item is not None and not is_immutable(item)) or _has_objects(view):
        error = (
            "a list of arrays or lists, in a list of which items are changed, is used as a whole",
            stage.builder.place if frame is None else stage.place(frame, node),
            "loop over it, or index it",
        )
        raise stage.unsupported(*error)
    made = meet(held, (view,), Meeting())
    assert isinstance(made, RunTimeList), "of a list"
    made.shared = INNER
    return made


def read(
    stage: Stage,
    value: Buffer | RunTimeList | View | OneOf,
    frame: Frame | None = None,
    node: Any = None,
) -> Var:
    """The variable that holds an array, list or view now."""
    if isinstance(value, OneOf):
        chosen = _read_chosen(stage, value, frame, node)
        assert isinstance(chosen, Var), "one of several is known at run time only"
        return chosen
    if not isinstance(value, View):
        _check_there(stage, value, frame, node)
        held: Var = value.slots["held"]
        return held
    base = read(stage, value.base, frame, node)
    refuse_moved(stage, value, frame, node)
    if value.seen is not None:
        version, seen, block = value.seen
        if version is base and stage.builder.is_open(block):
            return seen  # type: ignore[no-any-return]
        if version is not base and not is_sure(value):
            refuse_unsure(stage, value, frame, node)
    held = followed(stage, base, value.path)
    value.seen = (base, held, stage.builder.statements)
    return held


def _read_chosen(stage: Stage, value: OneOf, frame: Frame | None, node: Any) -> Operand:
    """The variable that holds one of several arrays, or things known now, as its number says."""
    builder = stage.builder
    place = builder.place if frame is None else stage.place(frame, node)
    number = number_of(value)
    if isinstance(number, Var):
        return number
    items = value.items.values()
    if not (all(isinstance(v, Buffer | View) for v in items) or all(map(_is_text, items))):
        what = "one of several objects, which is known at run time only, is used as a whole"
        raise stage.unsupported(what, place, "use a part of it, or write a branch for each")
    first, *others = value.items
    rest = OneOf(value.number, {number: value.items[number] for number in others})
    item: Any = at_place(value.items[first])
    if not others:
        return _as_operand(stage, item, frame, node)
    with builder.at(place):
        test = stage.alternatives.test(builder, value, first)
        with builder.block() as then:
            held = _as_operand(stage, item, frame, node)
        with builder.block() as other:
            instead = _read_chosen(stage, rest, frame, node)
        made = builder.var(join_types(type_of(held), type_of(instead), builder.facts))
        arms = (Block(tuple(then), Yield((held,))), Block(tuple(other), Yield((instead,))))
        builder.append(Branch(test, *arms, (made,), place, "ifexp"))
    stage.meetings[made] = (held, instead)
    return made


def _is_text(value: Value) -> bool:
    """Whether a value is a text, a member of an enumeration or None."""
    return isinstance(value, Static) and not callable(value.value)


def _as_operand(stage: Stage, value: Any, frame: Frame | None, node: Any) -> Operand:
    if isinstance(value, Static):
        return stage.static_operand(value)
    return read(stage, value, frame, node)


def refuse_moved(stage: Stage, view: View, frame: Frame | None, node: Any) -> None:
    """Refuse to use an item of a list, or a part of an array, that is not where it was."""
    if not has_moved(view):
        return
    what = "an item of a list is used under a name, and items of the list were moved or replaced"
    advice = "read it from the list again, or give the name a copy: row = rows[i].copy()"
    if isinstance(view.base, Buffer):
        what = "a view of an array is used under a name, and the array was given another shape"
        advice = "take the view again, or give a view the shape: b = a.reshape(shape)"
    if frame is None:
        raise Unsupported(what, stage.builder.place, advice)
    stage.refuse(frame, node, what, advice)


def refuse_unsure(stage: Stage, value: View, frame: Frame | None, node: Any) -> None:
    """Refuse to read what is the array as it is now, or a copy of what it was."""
    tell_apart(stage, value.base)
    if value.type == UNKNOWN and stage.inputs.unknown:
        raise stage.unsupported(
            "whether this is a number or a part of an array that was written since is known from"
            " a call on",
            stage.builder.place if frame is None else stage.place(frame, node),
            "call the gradient first, or give examples: .specialize(...)",
        )
    if frame is None:
        raise Unsupported(
            "what may be a view or a copy of an array is read after the array was written",
            stage.builder.place,
            "make the copy with .copy(), or read it before the write",
        )
    stage.refuse(
        frame, node, "this may be a view or a copy of an array that was written since",
        "make the copy with .copy(), or read it before the write",
    )  # fmt: skip


def tell_apart(stage: Stage, memory: Memory) -> None:
    """Start again with paths kept apart on which a name had arrays that may lie differently."""
    keys = memory.meeting.keys if memory.meeting is not None else ()
    fresh = tuple(key for key in keys if key not in stage.decisions)
    if fresh:
        raise Restart(*fresh)


def spare(stage: Stage, view: View) -> bool:
    """Whether it was asked just before if an item is there; what comes next asks that again."""
    read = view.seen[1] if view.seen is not None else None
    statements = stage.builder.statements
    for at, statement in reversed([*enumerate(statements)]):
        if not isinstance(statement, Let) or statement.op.effect:
            return False
        if isinstance(read, Var) and statement.target is read:
            statements[at] = spared = replace(statement, op=READ_AGAIN)
            stage.builder.definitions[read] = spared
            return not statement.op.proven
    return False


def stepped(stage: Stage, held: Var, step: Step, *, again: bool = False) -> Var:
    """The view that one step leads to."""
    if step.op is None:
        op = READ_AGAIN if again else GETITEM
        return stage.builder.let(op, (held, *step.operands), type_=step.type)
    return stage.builder.let(step.op, (held, *step.operands), step.keywords)


def _check_there(stage: Stage, buffer: Memory, frame: Frame | None, node: Any) -> None:
    """Start again, or refuse, where a buffer was written under a name that may be another."""
    lost = buffer.slots.get("moved")
    if lost is None:
        return
    stage.keep_together(lost.arrays)
    stage.tell_apart(lost.keys)
    fresh = tuple(key for key in lost.keys if key not in stage.decisions)
    if fresh:
        raise Restart(*fresh)
    place = stage.builder.place if frame is None else stage.place(frame, node)  # or at the return
    advice = "give each name an array of its own: use .copy() where the names meet"
    raise stage.unsupported(lost.text, place, advice)


def item_of(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Buffer | RunTimeList | View,
    operand: Operand,
    *,
    proven: bool = False,
) -> Value:
    """``owner[index]``: a view for what NumPy calls a basic index, else a copy."""
    if isinstance(owner, View):
        indexed(stage, owner)
    if isinstance(owner, View) and _may_be_direct(owner.path[-1]) and is_basic_index(operand):
        direct = _item_of_turned(stage, frame, node, owner, operand)
        if direct is not None:
            return direct
    with stage.builder.at(stage.place(frame, node)):
        held = read(stage, owner, frame, node)
        made = stage.builder.let(READ_AGAIN if proven else GETITEM, (held, operand))
    if is_fancy_index(operand) or is_immutable(made.type):
        return made
    if is_basic_index(operand):
        sure = made.type != UNKNOWN or _base_is_list(owner) or not are_integers(operand)
        step = Step((operand,), sure=sure, proof=None if sure else Cell())
        return view_of(stage, owner, step, made)
    return view_of(stage, owner, Step((operand,), GETITEM, sure=False), made)


def _base_is_list(owner: Buffer | RunTimeList | View) -> bool:
    return isinstance(owner.base if isinstance(owner, View) else owner, RunTimeList)


def indexed(stage: Stage, view: View) -> None:
    """Note that a part of a view is taken or written: what may be a number is none then."""
    for step in view.path:
        if step.proof is not None:
            stage.trail.set(step.proof, PROVEN, True)


def is_sure(view: View) -> bool:
    """Whether it is known by now that what looks like a view is one."""
    return all(
        step.sure or (step.proof is not None and PROVEN in step.proof.slots) for step in view.path
    )


def _may_be_direct(step: Step) -> bool:
    """Whether a part of what a step leads to may be a part of what it starts from."""
    return step.op is not None or any(
        isinstance(item, SliceOf) for item in index_items(step.operands[0])
    )


def _item_of_turned(
    stage: Stage, frame: Frame, node: gast.AST, owner: View, operand: Operand
) -> Value | None:
    """An item of a view that shows an array in another way, if it is an item of the array."""
    base = read(stage, owner.base, frame, node)
    read(stage, owner, frame, node)  # it may be refused
    with stage.builder.at(stage.place(frame, node)):
        path = without_detours(stage, (*owner.path, Step((operand,))))
        if path[:-1] == owner.path:
            return None
        made, again = base, surely_taken(operand, rank(owner.type))
        for step in path:
            made = stepped(stage, made, step, again=again)
    if is_immutable(made.type):
        return made
    last = replace(path[-1], type=made.type) if path[-1].op is not None else path[-1]
    seen = (base, made, stage.builder.statements)
    return View(owner.base, (*path[:-1], last), made.type, seen)


def followed(stage: Stage, held: Var, steps: Sequence[Step]) -> Var:
    """What steps lead to, that were taken before."""
    for step in steps:
        held = stepped(stage, held, step, again=True)
    return held


def view_of(stage: Stage, owner: Buffer | RunTimeList | View, step: Step, made: Var) -> View:
    """The view of `owner` that `step` leads to, and that was read as `made`."""
    base, path = (owner.base, owner.path) if isinstance(owner, View) else (owner, ())
    if isinstance(base, RunTimeList) and not base.is_pool and step.op is None:
        step = replace(step, order=order_of(stage, base, len(path), step.operands[0]))
    elif isinstance(base, Buffer) and not path:
        step = replace(step, order=((SHAPE, base.slots.get(SHAPE)),))
    seen = (base.slots["held"], made, stage.builder.statements)
    return View(base, (*path, step), made.type, seen)


def place_in(
    stage: Stage, owner: RunTimeList | View, index: Operand, level: int | None = None
) -> View:
    """The item of a list, or of one in a list, at a position, as it is there now.

    With a `level`, the item is a part of a dict or object that is in so many others.
    """
    base, path = (owner.base, owner.path) if isinstance(owner, View) else (owner, ())
    assert isinstance(base, RunTimeList), "a list is in a list"
    step = Step((index,), order=order_of(stage, base, len(path), index, level))
    type_ = base.slots["held"].type
    for _ in (*path, step):
        type_ = (type_.item if isinstance(type_, ListOf) else None) or UNKNOWN
    return View(base, (*path, step), type_)
