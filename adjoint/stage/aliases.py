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
    RunTimeList,
    Value,
    View,
)

__all__ = ["after_loop", "may_alias", "meet", "note_holder", "one_of", "take_from_others"]


def one_of(found: Var, items: Sequence[Value]) -> Value:
    """What was taken from a sequence at run time: any one of its arrays."""
    if not any(isinstance(item, Buffer | View) for item in items):
        return found
    return meet(found, tuple(items), Meeting())


def meet(found: Var, parts: tuple[Any, ...], meeting: Meeting) -> Buffer:
    """The buffer, held by `found`, that is another of `parts` on each of the paths that meet."""
    made = Buffer({"array": found}, parts=parts, meeting=meeting)
    for part in parts:
        near = part.base if isinstance(part, View) else part
        if isinstance(near, Buffer):
            near.met.append(made)
    return made


def after_loop(buffer: Buffer, out: Var) -> Buffer:
    """What a buffer that a loop began with is when the loop has ended."""
    assert buffer.meeting is not None
    return meet(out, buffer.parts, buffer.meeting)


def may_alias(a: Any, b: Any) -> bool:
    """Whether two arrays may share memory."""
    a, b = (x.base if isinstance(x, View) else x for x in (a, b))
    if not isinstance(a, Buffer) or not isinstance(b, Buffer):
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


def _relatives(buffer: Buffer) -> Iterator[Buffer]:
    """The buffers that were made from the same ones."""
    seen = {buffer}
    waiting = [buffer]
    while waiting:
        each = waiting.pop()
        near = [p.base if isinstance(p, View) else p for p in each.parts]
        for other in (*near, *each.met):
            if isinstance(other, Buffer) and other not in seen:
                seen.add(other)
                waiting.append(other)
                yield other


def take_from_others(stage: Stage, buffer: Buffer) -> None:
    """Note that other names of this array have lost it, and lists that hold it."""
    for other in _relatives(buffer):
        if other.slots.get("moved") is None and may_alias(buffer, other):
            stage.trail.set(other, "moved", _reason(buffer, other))
    for held, owner in stage.holders:
        if may_alias(held, buffer) and owner.slots.get("moved") is None:
            name = _name(buffer)
            text = f"a list holds {name}, which was written after it was put there"
            stage.trail.set(owner, "moved", ((), text))


def _reason(buffer: Buffer, other: Buffer) -> tuple[tuple[Any, ...], str]:
    newest = max((buffer, other), key=lambda each: each.birth)
    keys = newest.meeting.keys if newest.meeting is not None else ()
    names = f"{_name(buffer)} and {_name(other)}"
    return keys, f"{names} may be one array here, and one of them was written"


def _name(buffer: Buffer) -> str:
    held = buffer.slots.get("array")
    return (held.name if isinstance(held, Var) else "") or "an array"


def note_holder(stage: Stage, value: Value, owner: RunTimeList) -> None:
    """Remember that a list holds an array itself, not a copy of it."""
    if isinstance(value, Buffer | View):
        stage.holders.append((value, owner))
