"""Which arrays may be one: names that had different arrays on paths that met."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import gast

from adjoint.ir.custom import is_renewed
from adjoint.ir.infer import strip
from adjoint.ir.memory import is_immutable, shared_operands, shares_memory
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.ops import COMPARE, operation
from adjoint.ir.values import BOOL, Array, Growing, ListOf, TupleOf, Unknown
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.numpy_equivalents import SPLITS
from adjoint.stage.pools import is_leaf
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
    "COUNTED",
    "INNER",
    "after_loop",
    "are_one",
    "held_at",
    "item_taken",
    "keep_together",
    "may_alias",
    "meet",
    "note_copied",
    "note_holder",
    "one_of",
    "replace_version",
    "sites_of",
    "take_from_held",
]


#: The slot of a list that is another when the positions of its items, counted from the begin, are.
COUNTED = "order"
#: What a list that is read from a list is called: it is not known under what other names it goes.
INNER = "a list that is an item of a list"


def one_of(found: Var, items: Sequence[Value], keys: tuple[Any, ...]) -> Value:
    """What was taken from a sequence at run time: any one of its arrays; `keys` tell which."""
    if not any(isinstance(item, Buffer | View) for item in items):
        return found
    return meet(found, tuple(items), Meeting(keys))


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
    """Note that a list holds the arrays or lists that another holds."""
    type_ = owner.slots["held"].type
    if isinstance(type_, ListOf) and type_.item is not None and not is_immutable(type_.item):
        held = [each for each, holder in stage.holders if may_alias(holder, owner)]
        stage.holders.extend((each, made) for each in dict.fromkeys(held))


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
    for each in memory:
        each.met.append(made)
    return made


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


def _relatives(memory: Memory) -> Iterator[Memory]:
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
    for other in _relatives(memory):
        if other.slots.get("moved") is None and may_alias(memory, other):
            stage.trail.set(other, "moved", _reason(memory, other))
    for held, owner in _holders_of(stage, memory):
        if owner.slots.get("moved") is None:
            text = f"{_kind(owner)} holds {_name(held)}, which was written after it was put there"
            stage.trail.set(owner, "moved", Lost(_written_through(stage, owner), text))


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


def _reason(memory: Memory, other: Memory) -> Lost:
    newest = max((memory, other), key=lambda each: each.birth)
    keys = newest.meeting.keys if newest.meeting is not None else ()
    names = f"{_name(memory)} and {_name(other)}"
    if isinstance(memory, RunTimeList | RunTimeDict):
        kind = "list" if isinstance(memory, RunTimeList) else "dict"
        return Lost(keys, f"{names} may be one {kind} here, and one of them was changed")
    text = f"{names} may be one array here, and one of them was written"
    pools = newest.meeting is None or newest.meeting.pools
    return Lost(keys, text, (memory, other) if pools else ())


def _name(memory: Memory | View) -> str:
    if isinstance(memory, View):
        return f"a part of {_name(memory.base)}" if memory.path else _name(memory.base)
    held = memory.slots.get("held")
    return (held.name if isinstance(held, Var) else "") or _kind(memory)


def _kind(memory: Memory) -> str:
    kinds = {RunTimeList: "a list", RunTimeDict: "a dict"}
    return kinds.get(type(memory), "an array")


def note_holder(
    stage: Stage, frame: Frame, node: gast.AST, value: Value, owner: RunTimeList | RunTimeDict
) -> None:
    """Remember that a list or dict holds an array or list itself, not a copy of it."""
    if isinstance(value, OneOf):
        stage.refuse(
            frame, node, "one of several arrays, known at run time only, is put into a list",
            "append a copy: xs.append(x.copy())",
        )  # fmt: skip
    if not isinstance(value, Memory | View):
        return
    if owner.written and _is_held(stage, value, owner):
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
        near = [each for each in (base, *_relatives(base)) if may_alias(each, base)]
        others = [each for array, each in stage.holders if may_alias(array, base)]
        for each in (*near, *others):
            if not may_alias(each, written) and each.slots.get("moved") is None:
                text = f"{_name(each)} is in a list, and an item of it was written"
                stage.trail.set(each, "moved", Lost((), text))


def _lenders(stage: Stage, let: Let | None) -> Iterator[Var]:
    """What shares memory with what a statement defines; what is renewed is copied if written."""
    if let is None or is_renewed(let):
        return
    for variable in shared_operands(let):
        made = stage.builder.definitions.get(variable)
        of_new = isinstance(variable.type, TupleOf) and made is not None and not shares_memory(made)
        if not of_new:
            yield variable


def sites_of(stage: Stage, written: Var) -> list[Any] | None:
    """Where the memory of an array comes from; None where that cannot be said.

    Of an item of a list these are the list, and all arrays that were put into it.
    """
    found: dict[Any, None] = {}
    seen: set[Operand] = set()
    waiting: list[Operand] = [written]
    while waiting:
        each = waiting.pop()
        if not isinstance(each, Var) or each in seen:
            continue
        seen.add(each)
        let = stage.builder.definitions.get(each)
        if let is not None and let.op.function in SPLITS:
            waiting.append(let.args[0])
            continue
        if not isinstance(strip(each.type), Array | Unknown | Growing):
            return None
        if each in stage.meetings:
            waiting.extend(stage.meetings[each])
            continue
        lent = list(_lenders(stage, let))
        waiting.extend(lent)
        is_own = not lent or isinstance(each.type, Growing)
        if is_own and each in stage.sites:
            found[stage.sites[each]] = None
        elif not lent:
            return None
    return list(found) or None


# -- arrays kept in one list ---------------------------------------------------------------------


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
    in_order = order is not None and order == (COUNTED, view.base.slots.get(COUNTED))
    return len(view.path) == 1 and (view.is_pooled or in_order)


def _is_part_of(view: Buffer | View, whole: Buffer | View) -> bool:
    """Whether one is a view of the other, and so another object."""
    return isinstance(view, View) and view.base is whole and bool(view.path)


def _refuse_identity(stage: Stage, frame: Frame, node: gast.AST) -> NoReturn:
    stage.refuse(
        frame, node, "whether two names are one array is known at run time only",
        "keep a flag, or an index, that says which array it is",
    )  # fmt: skip
