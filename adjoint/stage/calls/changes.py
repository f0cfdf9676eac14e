"""What a function that stays one changes of what it is given: further results of each call.

Inside the function, an array or list that it changes is a copy, which it returns; what it returns
takes the place of what the call handed over::

    def fill(out, i):                   out = out.copy()
        out[i] = i                      out[i] = i
        if i > 0:               ->      if i > 0:
            fill(out, i - 1)                out = fill(out, i - 1)
                                        return out

So does what a name of an enclosing function is bound to, and an attribute of an object that was
made inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import gast
import numpy as np

from adjoint.ir.lists import COPY_ITEMS, COPY_LIST
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Const, Var
from adjoint.ir.ops import method
from adjoint.ir.values import Array, ListOf, rank
from adjoint.stage.arrays.buffers import read
from adjoint.stage.arrays.layouts import permutation_of
from adjoint.stage.arrays.overlap import are_apart
from adjoint.stage.arrays.snapshots import arrays_in, photograph
from adjoint.stage.arrays.writes import overwrite
from adjoint.stage.calls.signature_parts import WHOLE
from adjoint.stage.calls.signatures import Signature, why_kept
from adjoint.stage.context import Frame, Key, Restart, Stage
from adjoint.stage.flow.aliases import may_alias, meet, replace_version
from adjoint.stage.lists.holders import change_through_list, take_from_held
from adjoint.stage.lists.list_methods import note_change, refuse_gone_over
from adjoint.stage.lists.records import at_run_time
from adjoint.stage.lists.registers import ItemOf, as_result, of_result
from adjoint.stage.trail import ABSENT, Cell, Mark
from adjoint.stage.values import (
    NONE,
    Buffer,
    DictValue,
    Given,
    ListValue,
    Meeting,
    Memory,
    ObjectValue,
    OneOf,
    Order,
    RunTimeList,
    Step,
    TupleValue,
    Value,
    View,
)

__all__ = [
    "Change",
    "changes_since",
    "check_call",
    "copied_in",
    "put_back",
    "returned",
    "value_of",
    "with_given",
]

#: The position of a cell among those that were handed over, and the slot of it that is changed.
Change = tuple[int, Any]

#: How many steps lead to a part of an array that is handed over with it, at most.
LONGEST = 4


# -- inside the function ---------------------------------------------------------------------------


def copied_in(stage: Stage, signature: Signature) -> dict[int, Var]:
    """Have the arrays and lists that are changed be copies; these, by their position."""
    made: dict[int, Var] = {}
    for position, handed in enumerate(signature.handed):
        own = handed.own
        if not isinstance(own, Memory) or handed.site not in stage.decisions:
            continue
        param = own.slots["held"]
        layouts = (rank(param.type) or 0) > 1
        order = (("order", Const("K")),) if layouts else ()
        op = method(np.copy, "copy")
        if isinstance(own, RunTimeList):
            op = COPY_ITEMS if own.written and not _holds_numbers(param) else COPY_LIST
        copy = stage.builder.let(op, (param,), order, name=param.name, type_=param.type)
        stage.trail.set(own, "held", copy)
        made[position] = copy
    return made


def _holds_numbers(held: Var) -> bool:
    """Whether a list holds what is never changed in place."""
    item = held.type.item if isinstance(held.type, ListOf) else None
    return item is None or is_immutable(item)


def changes_since(
    stage: Stage, frame: Frame, node: gast.AST, inner: Frame, signature: Signature, mark: Mark
) -> list[Change]:
    """What was changed of what is older than the body of a function."""
    positions = {handed.own: k for k, handed in enumerate(signature.handed)}
    found: dict[Change, None] = {}
    for (cell, slot), value in stage.trail.changes(mark).items():
        if cell.birth >= mark.birth or cell is stage.read:
            continue
        position = positions.get(cell)
        if position is None or signature.is_of_solver:
            _refuse_change(stage, frame, node, inner)
        handed = signature.handed[position]
        if isinstance(cell, RunTimeList) and handed.site not in stage.decisions:
            raise Restart(handed.site)
        if isinstance(cell, ListValue) and isinstance(handed.theirs, ListValue):
            at_run_time(stage, handed.theirs)
        if not isinstance(cell, Memory) and slot not in handed.theirs.slots:
            _refuse_change(stage, frame, node, inner)
        is_held = isinstance(cell, Memory) and not isinstance(value, Order)
        found[position, "held" if is_held else slot] = None
    return [*found]


def _refuse_change(stage: Stage, frame: Frame, node: gast.AST, inner: Frame) -> NoReturn:
    stage.refuse(
        frame, node, f"{inner.name}, which {why_kept(inner.identity)}, changes what it is given, or"
        " a name outside, that is no array or list", "return what is to be changed",
    )  # fmt: skip


def returned(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    inner: Frame,
    signature: Signature,
    value: Value,
    *,
    copied: Sequence[int],
) -> Value:
    """`value` as it is now, with `Given` in the place of what was handed over.

    `copied` are the positions of dicts and objects of which a copy is returned.
    """
    marks = {handed.own: Given(k) for k, handed in enumerate(signature.handed)}

    def marked(part: Value) -> Value:
        if isinstance(part, Cell) and part in marks and marks[part].position not in copied:
            return marks[part]
        result = as_result(part)
        if result is not None:
            return TupleValue(tuple(photograph(stage, each) for each in result.items), result.cls)
        match part:
            case Buffer() | View() | OneOf() if any(
                may_alias(array, own) for array in arrays_in(part) for own in marks
            ):
                stage.refuse(
                    frame, node, f"{inner.name}, which {why_kept(inner.identity)}, returns a part"
                    " of an array that it may write", "return a copy",
                )  # fmt: skip
            case TupleValue(items, cls):
                return TupleValue(tuple(map(marked, items)), cls)
            case ListValue():
                return ListValue({"items": tuple(map(marked, part.slots["items"]))}, key=part.key)
            case DictValue():
                entries = part.slots["items"].items()
                return DictValue({"items": {k: marked(v) for k, v in entries}}, cls=part.cls)
            case ObjectValue() if part.may_have_computed:
                stage.refuse(
                    frame, node, f"{inner.name}, which {why_kept(inner.identity)}, returns an"
                    " object that may have computed a cached property", "read it before the return",
                )  # fmt: skip
            case ObjectValue() if part.real is None and part.source is None:
                slots = {name: marked(each) for name, each in part.slots.items()}
                return ObjectValue(slots, cls=part.cls, seen=part.seen)
            case _:
                return photograph(stage, part)

    return marked(value)


def value_of(
    stage: Stage, frame: Frame, node: gast.AST, signature: Signature, change: Change
) -> Value:
    """What a changed place holds at the end of the function."""
    position, slot = change
    own = signature.handed[position].own
    if isinstance(own, RunTimeList) and slot != "held":
        return NONE  # that its items have moved is all there is to say
    if isinstance(own, Buffer | RunTimeList):
        return read(stage, own, frame, node)
    return own.slots.get(slot, ABSENT)  # type: ignore[no-any-return]


# -- at a call -------------------------------------------------------------------------------------


def with_given(value: Value, signature: Signature, shared: Sequence[Value] = ()) -> Value:
    """What a call returns, with what was handed over in the place of `Given`.

    `shared` are the arrays and lists that are changed somewhere, and may be returned.
    """

    def again(part: Value) -> Value:
        return with_given(part, signature, shared)

    match value:
        case Given(position):
            return signature.handed[position].theirs  # type: ignore[no-any-return]
        case RunTimeList() if shared:
            return meet(value.slots["held"], tuple(shared), Meeting(pools=False), RunTimeList)
        case Var(type=Array()) if shared:
            return meet(value, tuple(shared), Meeting(pools=False), Buffer)
        case TupleValue(cls=cls) if issubclass(cls, ItemOf):
            return of_result(signature.stage, signature.caller, signature.node, value)
        case TupleValue(items, cls):
            return TupleValue(tuple(map(again, items)), cls)
        case ListValue():
            return ListValue({"items": tuple(map(again, value.slots["items"]))}, key=value.key)
        case DictValue():
            entries = value.slots["items"].items()
            return DictValue({"items": {k: again(v) for k, v in entries}}, cls=value.cls)
        case ObjectValue() if value.real is None:
            slots = {name: again(each) for name, each in value.slots.items()}
            return ObjectValue(slots, cls=value.cls, seen=value.seen)
        case _:
            return value


def check_call(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    name: str,
    signature: Signature,
    changes: Sequence[Change],
) -> None:
    """Hold that what a call changes is nothing else that the function sees, or that raises."""
    if not changes:
        return
    if stage.builder.stopped or stage.builder.watch is not None:
        where = "under no_grad" if stage.builder.stopped else "in a try"
        stage.refuse(
            frame, node, f"{name}, which {why_kept(signature.identity)}, changes what it is given,"
            f" {where}", "return what is to be changed",
        )  # fmt: skip
    for position in dict.fromkeys(position for position, _ in changes):
        theirs = signature.handed[position].theirs
        for other in signature.arrays:
            if other.theirs is theirs:
                if other.site not in stage.decisions:
                    raise Restart(other.site)
            elif may_alias(theirs, other.theirs) and not are_apart(
                stage.builder.facts, theirs, other.theirs
            ):
                _hand_whole(
                    stage, [signature.handed[position].site, other.site], [theirs, other.theirs]
                )
                _refuse_overlap(stage, frame, node, name)
        for held, owner in stage.holders:
            handed = any(other.theirs is owner for other in signature.arrays)
            if handed and owner is not theirs and may_alias(held, theirs):
                _refuse_overlap(stage, frame, node, name)


def _hand_whole(stage: Stage, sites: Sequence[Key], parts: Sequence[Value]) -> None:
    """Start again with an array handed over as a whole of which several parts are handed over."""
    bases = {part.base if isinstance(part, View) else part for part in parts}
    for base in bases:
        if isinstance(base, Memory) and base.meeting is not None:
            stage.tell_apart(base.meeting.keys)  # it may be one of them
    if len(bases) > 1 or not all(isinstance(base, Buffer) for base in bases):
        return
    views = [
        (WHOLE, *site[1:])
        for site, part in zip(sites, parts, strict=True)
        if isinstance(part, View)
    ]
    ways = [part.path for part in parts if isinstance(part, View)]
    fresh = [key for key in views if key not in stage.decisions]
    if fresh and all(len(way) <= LONGEST and all(map(_is_plain, way)) for way in ways):
        raise Restart(*fresh)


def _is_plain(step: Step) -> bool:
    """Whether a step is an index, or turns an array."""
    return step.op is None or permutation_of(step) is not None


def _refuse_overlap(stage: Stage, frame: Frame, node: gast.AST, name: str) -> NoReturn:
    stage.refuse(
        frame, node, f"{name} writes into an array that it is given, and another argument may share"
        " memory with that", "hand it a copy, or the whole array with the positions",
    )  # fmt: skip


def _expect_written(
    stage: Stage, frame: Frame, node: gast.AST, own: Cell, theirs: RunTimeList
) -> None:
    """Hold that a list of which a function changes the items is one of which items are changed."""
    if isinstance(own, RunTimeList) and own.written and not theirs.written:
        change_through_list(stage, theirs)
        stage.refuse(
            frame, node, "items of a list are changed in a function that is given the list",
            "return a new list",
        )  # fmt: skip


def put_back(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    signature: Signature,
    values: Mapping[Change, Value],
) -> None:
    """Put what a call returns for what it changed into its place."""
    for (position, slot), value in values.items():
        theirs: Any = signature.handed[position].theirs
        if isinstance(theirs, Var | Buffer | View):
            assert isinstance(value, Var)
            overwrite(stage, frame, node, theirs, value)
            continue
        if type(theirs) is not Cell:
            note_change(stage, frame, node, theirs)
        if isinstance(theirs, RunTimeList) and slot != "held":
            stage.trail.set(theirs, slot, Order())
        elif isinstance(theirs, RunTimeList):
            refuse_gone_over(stage, frame, node, theirs)
            assert isinstance(value, Var)
            _expect_written(stage, frame, node, signature.handed[position].own, theirs)
            stage.meetings[value] = (theirs.slots["held"],)  # what is in it came from there
            replace_version(stage, theirs, value)
            take_from_held(stage, theirs)
        else:
            stage.trail.set(theirs, slot, value)
