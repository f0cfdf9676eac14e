"""Which arrays may be one: names that had different arrays on paths that met."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import gast

from adjoint.ir.nodes import Const, Var
from adjoint.ir.ops import COMPARE, operation
from adjoint.ir.values import BOOL, Array
from adjoint.stage.arrays.pools import is_leaf
from adjoint.stage.arrays.sites import displays_of, sites_of
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.lists.item_layouts import NOT_REFERRED, RECORDS, reference_layout, way_to
from adjoint.stage.lists.positions import COUNTED
from adjoint.stage.values import (
    Buffer,
    Lost,
    Meeting,
    Memory,
    OneOf,
    RunTimeDict,
    RunTimeList,
    Static,
    Value,
    View,
)

__all__ = [
    "INNER",
    "after_loop",
    "are_one",
    "keep_together",
    "may_alias",
    "meet",
    "name_of",
    "numbers_instead",
    "one_of",
    "relatives",
    "replace_version",
]


#: What a list that is read from a list is called: it is not known under what other names it goes.
INNER = "a list that is an item of a list"


def one_of(found: Var, items: Sequence[Value], keys: tuple[Any, ...]) -> Value:
    """What was taken from a sequence at run time: any one of its arrays; `keys` tell which."""
    if not any(isinstance(item, Buffer | View) for item in items):
        return found
    return meet(found, tuple(items), Meeting(keys))


def meet(
    found: Var,
    parts: tuple[Any, ...],
    meeting: Meeting,
    kind: type[Buffer] | type[RunTimeList] | type[RunTimeDict] | None = None,
) -> Buffer | RunTimeList | RunTimeDict:
    """The memory, held by `found`, that is another of `parts` on each of the paths that meet."""
    if kind is None:
        kind = RunTimeList if any(map(_is_list, parts)) else Buffer
        kind = RunTimeDict if any(isinstance(part, RunTimeDict) for part in parts) else kind
    near = [part.base if isinstance(part, View) else part for part in parts]
    memory = [each for each in near if isinstance(each, Memory)]
    shared = next((each.shared for each in memory if each.shared), "")
    made = kind({"held": found}, parts=parts, meeting=meeting, shared=shared)
    if isinstance(made, RunTimeList):
        made.of_objects = _depths_of_objects(parts)
        made.written = all(isinstance(part, RunTimeList) and part.written for part in parts)
        made.is_tuple = bool(parts) and all(
            isinstance(part, RunTimeList) and part.is_tuple for part in parts
        )
    for each in memory:
        each.met.append(made)
    return made


def _depths_of_objects(parts: Sequence[Any]) -> frozenset[int]:
    """How deep in what paths brought together parts of dicts and objects stand."""
    found: set[int] = set()
    for part in parts:
        base, below = (part.base, len(part.path)) if isinstance(part, View) else (part, 0)
        if isinstance(base, RunTimeList):
            found.update(depth - below for depth in base.of_objects if depth >= below)
    return frozenset(found)


def _is_list(part: Any) -> bool:
    return isinstance(part, RunTimeList) or (isinstance(part, View) and part.is_list)


def after_loop(memory: Memory, out: Var) -> Memory:
    """What an array or list that a loop began with is when the loop has ended."""
    assert memory.meeting is not None
    return meet(out, memory.parts, memory.meeting)


def may_alias(a: Any, b: Any) -> bool:
    """Whether two arrays, or two lists, may share memory."""
    a, b = (x.base if isinstance(x, View) else x for x in (a, b))
    if not isinstance(a, Memory) or not isinstance(b, Memory):
        return False
    if a is b:
        return True
    if a.meeting is not None and a.meeting is b.meeting:
        at = a.meeting.aligned
        rest = itertools.product(a.parts[at:], b.parts[at:])
        return any(
            may_alias(x, y) for x, y in (*zip(a.parts[:at], b.parts[:at], strict=True), *rest)
        )
    older, newer = sorted((a, b), key=lambda each: each.birth)
    return any(may_alias(part, older) for part in newer.parts)


def relatives(memory: Memory) -> Iterator[Memory]:
    """What was made from the same arrays or lists."""
    seen = {memory}
    waiting = [memory]
    while waiting:
        each = waiting.pop()
        near = [p.base if isinstance(p, View) else p for p in each.parts]
        for other in (*near, *each.met):
            if isinstance(other, Memory) and other not in seen:
                seen.add(other)
                waiting.append(other)
                yield other


def replace_version(stage: Stage, memory: Memory, made: Var) -> None:
    """Have an array or list hold another version, and its other names lose it."""
    take_from_others(stage, memory)
    stage.trail.set(memory, "held", made)


def take_from_others(stage: Stage, memory: Memory) -> None:
    """Note that other names of this array or list have lost it, and lists that hold it."""
    for other in relatives(memory):
        if other.slots.get("moved") is None and may_alias(memory, other):
            stage.trail.set(other, "moved", _reason(memory, other))
    for held, owner in _holders_of(stage, memory):
        if owner.slots.get("moved") is None:
            text = f"{_kind(owner)} holds {name_of(held)}, which was written after it was put there"
            keys = _written_through(stage, owner)
            if all(key in stage.decisions for key in keys):
                keys = numbers_instead(stage, held, owner)
            stage.trail.set(owner, "moved", Lost(keys, text))


def _holders_of(stage: Stage, memory: Memory) -> Iterator[tuple[Memory | View, Memory]]:
    """What may hold an array or list, and what holds that, each with what it holds."""
    seen = {memory}
    waiting = [memory]
    while waiting:
        each = waiting.pop()
        for held, owner in stage.holders:
            if owner not in seen and may_alias(held, each):
                seen.add(owner)
                waiting.append(owner)
                yield held, owner


def _written_through(stage: Stage, owner: Memory) -> tuple[Any, ...]:
    """The decisions that have what a list or dict holds changed through it, or kept apart."""
    if isinstance(owner, RunTimeDict):
        return (owner.site,) if owner.site else ()
    return tuple(sites_of(stage, owner.slots["held"]) or ())


def numbers_instead(stage: Stage, held: Memory | View, owner: Memory) -> tuple[Any, ...]:
    """The decisions that have a list hold the numbers that lead to what is put into it, if any."""
    way = way_to(held)
    if way is None or way.base is owner or not isinstance(owner, RunTimeList):
        return ()
    sites = displays_of(stage, owner.slots["held"])
    is_made = any(key[0] == RECORDS and key[2] in sites for key in stage.decisions)
    if is_made or NOT_REFERRED in stage.decisions:
        return ()
    return tuple((RECORDS, reference_layout(way), site) for site in sites)


def _reason(memory: Memory, other: Memory) -> Lost:
    newest = max((memory, other), key=lambda each: each.birth)
    keys = newest.meeting.keys if newest.meeting is not None else ()
    names = f"{name_of(memory)} and {name_of(other)}"
    if isinstance(memory, RunTimeList | RunTimeDict):
        kind = _kind(memory).removeprefix("a ").removeprefix("an ")
        return Lost(keys, f"{names} may be one {kind} here, and one of them was changed")
    text = f"{names} may be one array here, and one of them was written"
    pools = newest.meeting is None or newest.meeting.pools
    return Lost(keys, text, (memory, other) if pools else ())


def name_of(memory: Memory | View) -> str:
    if isinstance(memory, View):
        return f"a part of {name_of(memory.base)}" if memory.path else name_of(memory.base)
    held = memory.slots.get("held")
    own = held.name if isinstance(held, Var) and not _is_pool(memory) else ""
    return own or _kind(memory)


def _is_pool(memory: Memory) -> bool:
    """Whether this is the arrays that a name may be, which the user has not put into a list."""
    return isinstance(memory, RunTimeList) and memory.is_pool


def _kind(memory: Memory) -> str:
    if _is_pool(memory):
        return "an array"
    kinds = {RunTimeList: "a list", RunTimeDict: "a dict"}
    return kinds.get(type(memory), "an array")


def keep_together(stage: Stage, arrays: Sequence[Any]) -> None:
    """Start again with arrays that may be one in a pool, where they can be and are not.

    Where they cannot, each of them is one that is written.
    """
    sites, are_all = _sites_of_all(stage, arrays)
    fit = are_all and _fit_together(stage, sites)
    decisions = stage.pools.decision(sites) if fit else sites
    fresh = [each for each in decisions if each not in stage.decisions]
    if fresh:
        raise Restart(*fresh)


def _sites_of_all(stage: Stage, arrays: Sequence[Any]) -> tuple[list[Any], bool]:
    """Where the arrays come from that these may be, and whether that can be said of all."""
    found: dict[Any, None] = {}
    are_all = True
    seen: set[int] = set()
    waiting = [*arrays]
    while waiting:
        each = waiting.pop(0)
        each = each.base if isinstance(each, View) else each
        if id(each) in seen:
            continue
        seen.add(id(each))
        match each:
            case Memory(parts=parts) if parts:
                waiting.extend(parts)
            case OneOf(_, items):
                waiting.extend(items.values())
            case Memory(sites=sites) if sites:
                found.update(dict.fromkeys(sites))
            case Var() if own := sites_of(stage, each):
                found.update(dict.fromkeys(own))
            case _:
                are_all = False
    return list(found), are_all


def _fit_together(stage: Stage, sites: Sequence[Any]) -> bool:
    """Whether arrays of these sites are made here, and have one dtype and rank."""
    types = {site: v.type for v, site in stage.sites.items() if site in sites}
    kinds = {
        (t.dtype, len(t.shape)) if isinstance(t, Array) and t.shape is not None else None
        for t in types.values()
    }
    if all(is_leaf(site) for site in sites) and len(sites) == 1:
        return False  # it is one array, and parts of it
    inside = any(isinstance(part, tuple) and part[:1] == ("function",) for s in sites for part in s)
    return len(types) == len(sites) and len(kinds) == 1 and None not in kinds and not inside


def are_one(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    left: Buffer | View,
    right: Buffer | View,
    *,
    negate: bool,
) -> Value:
    """Whether two names are one array: ``left is right``, or ``left is not right``."""
    if left is right:
        return Static(not negate)
    if not may_alias(left, right) or _is_part_of(left, right) or _is_part_of(right, left):
        return Static(negate)
    keep_together(stage, (left, right))
    for each in (left, right):
        meeting = each.base.meeting if isinstance(each, View) else each.meeting
        stage.tell_apart(meeting.keys if meeting is not None else ())
    if not isinstance(left, View) or not isinstance(right, View) or left.base is not right.base:
        _refuse_identity(stage, frame, node)
    indices = (left.path[0].operands[0], right.path[0].operands[0])
    if not (_is_numbered(left) and _is_numbered(right)):
        _refuse_identity(stage, frame, node)
    first, second = (i.value if isinstance(i, Const) else i for i in indices)
    if first is second or (isinstance(first, int) and isinstance(second, int)):
        return Static((first == second) != negate)
    with stage.builder.at(stage.place(frame, node)):
        op = operation(COMPARE["!=" if negate else "=="])
        return stage.builder.let(op, indices, type_=BOOL)


def _is_numbered(view: View) -> bool:
    """Whether the number of an item of a list tells which it is: one of a pool, or as it is now.

    Another position could be counted from the end, and what has moved is not asked for.
    """
    order = view.path[0].order
    is_there = all(view.base.slots.get(slot) is was for slot, was in order)
    is_counted = any(slot == COUNTED for slot, _ in order) and is_there
    return len(view.path) == 1 and (view.is_pooled or is_counted)


def _is_part_of(view: Buffer | View, whole: Buffer | View) -> bool:
    """Whether one is a view of the other, and so another object."""
    return isinstance(view, View) and view.base is whole and bool(view.path)


def _refuse_identity(stage: Stage, frame: Frame, node: gast.AST) -> NoReturn:
    stage.refuse(
        frame, node, "whether two names are one array is known at run time only",
        "keep a flag, or an index, that says which array it is",
    )  # fmt: skip
