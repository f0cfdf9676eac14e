"""Whether what was read of a list is where it was, or has moved, or is another by now.

A list of which items are changed has a slot for each of these questions; what is in it is another
`Order` after each change that tells. A name for an item remembers those that it was made with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.updates import list_depth
from adjoint.ir.values import Scalar
from adjoint.stage.context import Stage
from adjoint.stage.values import Buffer, Order, RunTimeList, Step, View

__all__ = ["COUNTED", "has_moved", "note_order", "note_replaced", "order_of"]

#: The slot of a list that is another when the positions of its items, counted from the begin, are.
COUNTED = "order"
NOTHING: Mapping[Any, Any] = {}


def order_of(
    stage: Stage, base: RunTimeList, depth: int, index: Operand, level: int | None = None
) -> tuple[tuple[Any, Any], ...]:
    """What tells whether an item of a list, or of a list in it, has moved or is another."""
    if depth >= list_depth(base.slots["held"].type):
        return ()
    replaced = [_replaced(depth, each) for each in ([None] if level is None else range(level + 1))]
    is_counted = base.register is not None or _is_counted(stage, index)
    slots = (_slots_of_order(depth)[is_counted], *replaced)
    return tuple((slot, base.slots.get(slot)) for slot in slots)


def _slots_of_order(depth: int) -> tuple[str, str]:
    """The slots that tell whether the length of a list has changed, and the order of its items."""
    return ("inner length", "inner order") if depth else ("length", COUNTED)


def _replaced(depth: int, level: int | None = None) -> tuple[str, bool, int | None]:
    """The slot that tells whether items of a list were replaced, or what they are parts of."""
    return ("replaced", depth > 0, level)


def _is_counted(stage: Stage, index: Operand) -> bool:
    """Whether a position is surely counted from the begin of a list."""
    if isinstance(index, Const):
        return type(index.value) is int and index.value >= 0
    size = index.type.length if isinstance(index, Var) and isinstance(index.type, Scalar) else None
    if size is None or size.has_example:
        return False
    return stage.builder.facts.at_least(size, 0) is True


def note_order(stage: Stage, owner: RunTimeList, *, longer: bool = False, depth: int = 0) -> None:
    """Note that the items of a list have moved, or that it is `longer` alone.

    With a `depth`, of a list that is in it.
    """
    if owner.written and not owner.is_pool:
        for slot in _slots_of_order(depth)[: 1 if longer else 2]:
            stage.trail.set(owner, slot, Order())


def note_replaced(stage: Stage, owner: RunTimeList | View, level: int | None = None) -> None:
    """Note that an item of a list, or of one in a list, is another.

    With a `level`, that of which it is a part is another, which is in so many others.
    """
    base, depth = (owner.base, len(owner.path)) if isinstance(owner, View) else (owner, 0)
    if isinstance(base, RunTimeList) and base.written and not base.is_pool:
        stage.trail.set(base, _replaced(depth, level), Order())


def has_moved(view: View, changed: Mapping[Any, Any] = NOTHING) -> bool:
    """Whether an item of a list, or a part of an array, is not where it was.

    That is asked after what a path has `changed`.
    """
    return any(
        changed.get((view.base, slot), view.base.slots.get(slot)) is not order
        for step in view.path
        for slot, order in step.order
    )


def is_from_begin(base: Buffer | RunTimeList, depth: int, step: Step) -> bool:
    """Whether a step to an item of a list, or of one in it, has its position from the begin."""
    length, _ = _slots_of_order(depth)
    return isinstance(base, Buffer) or all(slot != length for slot, _ in step.order)


def from_begin(base: Buffer | RunTimeList, depth: int, step: Step) -> Step:
    """A step to the item of a list that is there, by its position from the begin."""
    if is_from_begin(base, depth, step):
        return step
    length, counted = _slots_of_order(depth)
    order = tuple(
        (counted, base.slots.get(counted)) if slot == length else (slot, was)
        for slot, was in step.order
    )
    return replace(step, order=order)
