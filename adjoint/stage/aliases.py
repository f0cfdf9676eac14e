"""Which arrays may be one: names that had different arrays on paths that met."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import gast

from adjoint.ir.custom import is_renewed
from adjoint.ir.infer import strip
from adjoint.ir.memory import shared_operands, shares_memory
from adjoint.ir.nodes import Let, Operand, Var
from adjoint.ir.values import Array, ListOf, TupleOf, Unknown
from adjoint.stage.context import Frame, Stage
from adjoint.stage.numpy_equivalents import SPLITS
from adjoint.stage.values import (
    Buffer,
    Meeting,
    Memory,
    RunTimeList,
    Value,
    View,
)

__all__ = [
    "after_loop",
    "may_alias",
    "meet",
    "note_holder",
    "one_of",
    "replace_version",
    "sites_of",
    "take_from_held",
]


def one_of(found: Var, items: Sequence[Value]) -> Value:
    """What was taken from a sequence at run time: any one of its arrays."""
    if not any(isinstance(item, Buffer | View) for item in items):
        return found
    return meet(found, tuple(items), Meeting())


def meet(found: Var, parts: tuple[Any, ...], meeting: Meeting) -> Buffer | RunTimeList:
    """The memory, held by `found`, that is another of `parts` on each of the paths that meet."""
    kind = RunTimeList if any(isinstance(part, RunTimeList) for part in parts) else Buffer
    made = kind({"held": found}, parts=parts, meeting=meeting)
    for part in parts:
        near = part.base if isinstance(part, View) else part
        if isinstance(near, Memory):
            near.met.append(made)
    return made


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
    for held, owner in stage.holders:
        if may_alias(held, memory) and owner.slots.get("moved") is None:
            name = _name(memory)
            text = f"a list holds {name}, which was written after it was put there"
            stage.trail.set(owner, "moved", ((), text))


def _reason(memory: Memory, other: Memory) -> tuple[tuple[Any, ...], str]:
    newest = max((memory, other), key=lambda each: each.birth)
    keys = newest.meeting.keys if newest.meeting is not None else ()
    names = f"{_name(memory)} and {_name(other)}"
    if isinstance(memory, RunTimeList):
        return keys, f"{names} may be one list here, and one of them was changed"
    return keys, f"{names} may be one array here, and one of them was written"


def _name(memory: Memory) -> str:
    held = memory.slots.get("held")
    what = "a list" if isinstance(memory, RunTimeList) else "an array"
    return (held.name if isinstance(held, Var) else "") or what


def note_holder(
    stage: Stage, frame: Frame, node: gast.AST, value: Value, owner: RunTimeList
) -> None:
    """Remember that a list holds an array itself, not a copy of it."""
    if not isinstance(value, Buffer | View):
        return
    if owner.written and _is_held(stage, value, owner):
        stage.refuse(
            frame, node, "a list of which items are written may hold one array twice",
            "append a copy: xs.append(x.copy())",
        )  # fmt: skip
    stage.holders.append((value, owner))


def _is_held(stage: Stage, value: Buffer | View, owner: RunTimeList) -> bool:
    """Whether a list may hold an array already."""
    held = (array for array, holder in stage.holders if holder is owner)
    return may_alias(value, owner) or any(may_alias(value, array) for array in held)


def take_from_held(stage: Stage, owner: RunTimeList) -> None:
    """Note that the arrays in a list of which an item was written have lost what they were."""
    for held, holder in stage.holders:
        base = held.base if isinstance(held, View) else held
        if base is owner or not may_alias(holder, owner):
            continue
        for each in (base, *_relatives(base)):
            if each is not owner and each.slots.get("moved") is None and may_alias(each, base):
                text = f"{_name(each)} is in a list, and an item of it was written"
                stage.trail.set(each, "moved", ((), text))


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
        if not isinstance(strip(each.type), Array | Unknown | ListOf):
            return None
        if each in stage.meetings:
            waiting.extend(stage.meetings[each])
            continue
        lent = list(_lenders(stage, let))
        waiting.extend(lent)
        is_own = not lent or isinstance(each.type, ListOf)
        if is_own and each in stage.sites:
            found[stage.sites[each]] = None
        elif not lent:
            return None
    return list(found) or None
