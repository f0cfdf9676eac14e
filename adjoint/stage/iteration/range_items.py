"""Items and parts of ranges of which not all is known now."""

from __future__ import annotations

from dataclasses import replace

import gast

from adjoint.ir.ops import GETITEM, call
from adjoint.ir.values import INT, OPAQUE
from adjoint.stage.context import Frame, Stage
from adjoint.stage.lists.sequence_items import is_slice
from adjoint.stage.operators import binary
from adjoint.stage.values import Iterable, Static, Steps, Value

__all__ = ["item_of_range"]


def item_of_range(
    stage: Stage, frame: Frame, node: gast.AST, owner: Iterable, index: Value
) -> Steps:
    """An item or a part of a range of which not all is known now."""
    if owner.is_range and is_slice(index):
        return (yield _part_of_range(stage, frame, node, owner, index))
    if frame.is_own:  # there the index is in range
        scaled = index
        if not (isinstance(owner.step, Static) and owner.step.value == 1):
            scaled = yield binary(stage, frame, node, "*", index, owner.step)
        if not (isinstance(owner.start, Static) and owner.start.value == 0):
            scaled = yield binary(stage, frame, node, "+", owner.start, scaled)
        return (yield owner.item(scaled))
    parts = [stage.operand(p, frame, node) for p in (owner.start, owner.stop, owner.step)]
    operand = stage.operand(index, frame, node)
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(call(range), parts, type_=OPAQUE)
        return stage.builder.let(GETITEM, (made, operand), type_=INT)


def _part_of_range(
    stage: Stage, frame: Frame, node: gast.AST, owner: Iterable, index: Value
) -> Steps:
    """A part of a range that is a range by arithmetic of its ends alone: ``range(n)[1:]``."""
    part = index.value if isinstance(index, Static) else None
    steps_by_one = isinstance(owner.step, Static) and owner.step.value == 1
    if steps_by_one and part == slice(None, None, -1):
        start = yield binary(stage, frame, node, "-", owner.stop, Static(1))
        stop = yield binary(stage, frame, node, "-", owner.start, Static(1))
        return replace(owner, start=start, stop=stop, step=Static(-1))
    if not steps_by_one or not _only_leaves_out(part):
        stage.refuse(
            frame, node, "a part of a range whose ends are known at run time only",
            "write its ends out: range(start, stop, step)",
        )  # fmt: skip
    assert part is not None, "it leaves some out"
    start, stop = owner.start, owner.stop
    if part.start:
        start = yield binary(stage, frame, node, "+", start, Static(part.start))
    if part.stop:
        stop = yield binary(stage, frame, node, "-", stop, Static(-part.stop))
    return replace(owner, start=start, stop=stop)


def _only_leaves_out(part: slice | None) -> bool:
    """Whether a slice leaves out some at the begin and some at the end, and no more."""
    if part is None or part.step not in (None, 1):
        return False
    begins = part.start is None or (type(part.start) is int and part.start >= 0)
    return begins and (part.stop is None or (type(part.stop) is int and part.stop < 0))
