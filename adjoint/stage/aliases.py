"""Which arrays may be one: names that had different arrays on paths that met."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from adjoint.ir.nodes import Var
from adjoint.stage.context import Stage
from adjoint.stage.values import (
    Buffer,
    Meeting,
    Memory,
    RunTimeList,
    Value,
    View,
)

__all__ = ["after_loop", "may_alias", "meet", "note_holder", "one_of", "replace_version"]


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


def note_holder(stage: Stage, value: Value, owner: RunTimeList) -> None:
    """Remember that a list holds an array itself, not a copy of it."""
    if isinstance(value, Buffer | View):
        stage.holders.append((value, owner))
