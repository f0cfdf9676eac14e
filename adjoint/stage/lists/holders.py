"""What lists and dicts hold: arrays, lists and objects themselves, which have other names too."""

from __future__ import annotations

from collections.abc import Iterator

import gast

from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Var
from adjoint.ir.values import ListOf
from adjoint.stage.arrays.sites import displays_of, sites_of
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.flow.aliases import (
    INNER,
    may_alias,
    meet,
    name_of,
    numbers_instead,
    relatives,
)
from adjoint.stage.lists.references import KEEP_APART, SEVERAL, pass_target
from adjoint.stage.values import (
    Buffer,
    Lost,
    Meeting,
    Memory,
    OneOf,
    RunTimeDict,
    RunTimeList,
    Value,
    View,
)

__all__ = [
    "change_through_list",
    "held_at",
    "holds_written",
    "item_taken",
    "note_copied",
    "note_holder",
    "take_from_copies",
    "take_from_held",
]


def item_taken(stage: Stage, owner: RunTimeList, found: Var) -> Value:
    """What was read from a list: any of the arrays and lists that were put there, if those change.

    A list that is an item goes by other names, and is not changed under this one.
    """
    parts = dict.fromkeys(held for held, holder in stage.holders if may_alias(holder, owner))
    if isinstance(found.type, ListOf):
        made = meet(found, tuple(parts), Meeting(of_list=True), RunTimeList)
        made.shared = INNER
        return made
    if not parts or is_immutable(found.type):
        return found
    return meet(found, tuple(parts), Meeting(of_list=True))


def note_copied(stage: Stage, owner: RunTimeList, made: RunTimeList | View) -> None:
    """Note that a list holds the arrays, lists or objects that another holds."""
    if not pass_target(stage, owner, made):
        raise stage.unsupported(f"{SEVERAL} are put into a list", stage.builder.place, KEEP_APART)
    type_ = owner.slots["held"].type
    if isinstance(type_, ListOf) and type_.item is not None and not is_immutable(type_.item):
        held = [each for each, holder in stage.holders if may_alias(holder, owner)]
        stage.holders.extend((each, made) for each in dict.fromkeys(held))
    if owner.of_objects and isinstance(made, RunTimeList):
        made.of_objects = owner.of_objects
        _note_same_objects(stage, owner, made)


def _note_same_objects(stage: Stage, owner: RunTimeList, made: RunTimeList) -> None:
    """Note that objects are in two lists: if one of these is changed, the other is so too."""
    for changed, other in ((owner, made), (made, owner)):
        if changed.written and not other.written:
            fresh = [
                s for s in sites_of(stage, other.slots["held"]) or () if s not in stage.decisions
            ]
            if not fresh:
                raise stage.unsupported(
                    "dicts or objects that are changed in a list are put into another",
                    stage.builder.place,
                    "put copies there: [copy.copy(item) for item in items]",
                )
            raise Restart(*fresh)
    if owner.written:
        stage.copies.append((owner, made))


def change_through_list(stage: Stage, inner: Buffer | RunTimeList) -> None:
    """Start again with lists of which items are changed, where they were made here."""
    sites = sites_of(stage, inner.slots["held"]) or ()
    fresh = [key for key in sites if key not in stage.decisions]
    if fresh:
        raise Restart(*fresh)


def holds_written(memory: Memory) -> bool:
    """Whether something that a list may be is a list of which items are changed."""
    near = [part.base if isinstance(part, View) else part for part in memory.parts]
    return any(
        isinstance(each, RunTimeList) and (each.written or holds_written(each)) for each in near
    )


def take_from_copies(stage: Stage, owner: Memory) -> None:
    """Note that other lists of the objects of a list, one of which was changed, have lost them."""
    seen: list[Memory] = [owner]
    for each in seen:
        for pair in stage.copies:
            for one, other in (pair, pair[::-1]):
                if other not in seen and may_alias(one, each):
                    seen.append(other)
    for each in (found for other in seen[1:] for found in (other, *relatives(other))):
        if not may_alias(each, owner) and each.slots.get("moved") is None:
            text = f"{name_of(each)} has objects of another list, in which one was changed"
            stage.trail.set(each, "moved", Lost((), text))


def note_holder(
    stage: Stage, frame: Frame, node: gast.AST, value: Value, owner: RunTimeList | RunTimeDict
) -> None:
    """Remember that a list or dict holds an array or list itself, not a copy of it."""
    if isinstance(value, OneOf) and not is_immutable(stage.type(value)):
        stage.refuse(
            frame, node, "one of several arrays, known at run time only, is put into a list",
            "append a copy: xs.append(x.copy())",
        )  # fmt: skip
    if not isinstance(value, Memory | View):
        return
    if owner.written and _is_held(stage, value, owner):
        fresh = numbers_instead(stage, value, owner)
        if fresh:
            raise Restart(*fresh)
        stage.refuse(
            frame, node, "a list of which items are written may hold one array twice",
            "append a copy: xs.append(x.copy())",
        )  # fmt: skip
    stage.holders.append((value, owner))


def held_at(stage: Stage, view: View) -> list[Memory]:
    """What a list holds at the place of a view, under the names that it had when it was put in."""
    owners: list[Memory] = [view.base]
    for _ in view.path:
        bases = (
            held.base if isinstance(held, View) else held
            for held, owner in stage.holders
            if any(may_alias(owner, each) for each in owners)
        )
        owners = list(dict.fromkeys(bases))
    return owners


def _is_held(stage: Stage, value: Memory | View, owner: RunTimeList | RunTimeDict) -> bool:
    """Whether a list may hold an array or list already."""
    held = (array for array, holder in stage.holders if holder is owner)
    return may_alias(value, owner) or any(may_alias(value, array) for array in held)


def take_from_held(stage: Stage, owner: RunTimeList, depth: int | None = None) -> None:
    """Note that what is in a list, of which an item was written, has lost what it was.

    `depth` is how deep in the list that was written; without it, all that is in it is lost.
    """
    owners: list[Memory] = [owner]
    while owners and depth != 0:
        owners = [each for one in owners for each in _take_from_items(stage, one, owner)]
        depth = None if depth is None else depth - 1


def _take_from_items(stage: Stage, owner: Memory, written: RunTimeList) -> Iterator[Memory]:
    """Take what they were from the items of `owner`, which is `written` or in it."""
    for held, holder in stage.holders[:]:
        base = held.base if isinstance(held, View) else held
        if base is written or not may_alias(holder, owner):
            continue
        yield base
        near = [each for each in (base, *relatives(base)) if may_alias(each, base)]
        others = [each for array, each in stage.holders if may_alias(array, base)]
        for each in (*near, *others):
            if not may_alias(each, written) and each.slots.get("moved") is None:
                text = f"{name_of(each)} is in a list, and an item of it was written"
                is_list = isinstance(each, RunTimeList)
                keys = tuple(displays_of(stage, each.slots["held"])) if is_list else ()
                stage.trail.set(each, "moved", Lost(keys, text))
