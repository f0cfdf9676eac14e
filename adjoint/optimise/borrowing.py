"""Whose memory it is that an update writes.

Whether memory is ours is a matter of the whole program: it must be made here, no other name for it
may be read later, and in a loop that must hold for every trip.
"""

from __future__ import annotations

from collections import deque

from adjoint.ir.memory import is_immutable, is_view, makes_memory
from adjoint.ir.nodes import Let, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form
from adjoint.ir.updates import is_stored
from adjoint.ir.values import Growing
from adjoint.optimise.lifetimes import Lifetimes, Point

__all__ = ["borrowed"]


def borrowed(
    variable: Var, point: Point, lifetimes: Lifetimes, *, views: bool = True, items: bool = True
) -> list[tuple[Var, Point]]:
    """Return where memory that is not ours, or is still needed, gets into what `point` takes over.

    What a carried variable holds depends on what it held before. All is assumed to be ours until
    something is found that is not, which is then found at its source. A source is a variable, and
    the point that hands it on: to an update, into a loop, or by a leaf. Without `views` the memory
    must be all of an array. An item of a list is copied itself where it is not ours, not the list.
    Without `items` it is the list alone that is taken over, and not what it holds.
    """
    wrong: list[tuple[Var, Point]] = []
    seen: set[tuple[Var, Point, Point]] = set()
    waiting: deque[tuple[Operand, Point, Point]] = deque([(variable, point, point)])
    while waiting:
        operand, at, until = waiting.popleft()
        if not isinstance(operand, Var) or is_immutable(operand.type):
            continue
        if (operand, at, until) in seen:
            continue
        seen.add((operand, at, until))
        before = _before(operand, lifetimes, views, items)
        if before is None or not lifetimes.ends_at(operand, at, with_memory=True, until=until):
            wrong.append((operand, at))
        else:
            waiting.extend((held, by, _until(by, until, lifetimes)) for held, by in before)
    return wrong


def _until(by: Point, until: Point, lifetimes: Lifetimes) -> Point:
    """Up to where what `by` hands on may be read by others: a view writes nothing by itself."""
    is_shown = isinstance(by, Let) and not by.op.updates
    return until if is_shown and lifetimes.loop_around[by] is lifetimes.loop_around[until] else by


def _before(
    variable: Var, lifetimes: Lifetimes, views: bool, items: bool
) -> list[tuple[Operand, Point]] | None:
    """What `variable` has its memory from: nothing if it is new, None if that is not known."""
    if variable in lifetimes.owned:
        return []
    definition = lifetimes.definition.get(variable)
    if not isinstance(definition, Let):
        return lifetimes.sources(variable)
    of_list = isinstance(type_of(definition.args[0]), Growing) if definition.args else False
    if definition.op.updates or (views and is_view(definition) and not of_list):
        stored = [definition.args[-1]] if items and is_stored(definition) else []
        return [(held, definition) for held in (definition.args[0], *stored)]
    if not items and _makes_list(definition):
        return []
    display = definition.args[0] if definition.op.form is Form.LITERAL and definition.args else None
    if isinstance(display, Pack) and not any(isinstance(item, Pack) for item in display.items):
        return [(item, definition) for item in display.items]
    if definition.op.form is Form.ALIAS:
        return [(definition.args[0], definition)]
    return [] if makes_memory(definition) else None


def _makes_list(let: Let) -> bool:
    """Whether the list or dict that `let` defines is new, whatever it holds."""
    if let.target is None or not isinstance(let.target.type, Growing):
        return False
    copied = let.op.form is Form.METHOD and let.op.name == "copy"
    return let.op.form in (Form.LITERAL, Form.OPERATOR, Form.CALL) or copied
