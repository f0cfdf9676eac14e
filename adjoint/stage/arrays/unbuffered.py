"""Writes from an array into itself, of which NumPy may overwrite what it has not read yet.

::

    x[1:] = x[:-1]          right: NumPy begins at the end that is safe
    x[:n] = x[::2]          right: each item is written after it was read
    x[::2] = x[:n]          wrong from the third item on
    a[:, 2] = a[1]          wrong from a[2, 2] on
    x[mask] = x[:n]         in order, wherever the items lie
    x.flat[1:] = x[:-1]

Where what is written has one axis, NumPy makes no copy of what it reads, unless the two go in
opposite directions: it begins at the last item if that which is read comes first in memory, and
else at the first. With masks and ``.flat`` it always begins at the first. It is so in all versions
up to 2.4, and what they then compute is hardly what was meant: that is refused.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from adjoint.ir.alike import likeness_computed
from adjoint.ir.indices import index_items, is_basic_index
from adjoint.ir.lengths import ONE, Facts, Length
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import Array, rank, shape_of
from adjoint.stage.arrays.buffers import item_of
from adjoint.stage.arrays.flat import is_flat
from adjoint.stage.arrays.layouts import Product, layout_of
from adjoint.stage.arrays.overlap import Taken, are_apart, counted, taken
from adjoint.stage.context import Frame, Stage
from adjoint.stage.flow.aliases import may_alias
from adjoint.stage.values import Buffer, OneOf, Value, View

__all__ = ["refuse_in_turn", "refuse_on_diagonal", "refuse_unbuffered"]

_ALL = (None, None, None)
_DIAGONALS = (np.diag, np.diagonal, np.linalg.diagonal)


def refuse_unbuffered(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, index: Operand, value: Value
) -> None:
    """Refuse ``owner[index] = value`` where NumPy may overwrite what it has not read yet."""
    if isinstance(value, OneOf):
        for each in value.items.values():
            refuse_unbuffered(stage, frame, node, owner, index, each)
    if not may_alias(owner, value) or not isinstance(owner, Buffer | View):
        return
    if _is_mask(index, rank(stage.type(owner))) or is_flat(owner):
        refuse_in_turn(stage, frame, node, owner, value)
    elif is_basic_index(index):
        written = item_of(stage, frame, node, owner, index, proven=True)
        if isinstance(written, View) and not _is_safe(stage, written, value):
            _refuse(stage, frame, node)


def refuse_in_turn(stage: Stage, frame: Frame, node: gast.AST, owner: Value, value: Value) -> None:
    """Refuse to write items of an array one by one, which may be read of it after that."""
    is_read = may_alias(owner, value) and not are_apart(stage.builder.facts, owner, value)
    if is_read and not _is_of_one(stage, value):
        _refuse(stage, frame, node)


def refuse_on_diagonal(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, value: Value
) -> None:
    """Refuse to write the diagonal of an array where that is not known to be read in time.

    It crosses a row or column where that has the same item.
    """
    line = _line(stage, value, {}) if isinstance(value, Buffer | View) else None
    if line is None or (line.start, line.step) != (0, 1):
        refuse_in_turn(stage, frame, node, owner, value)


def _refuse(stage: Stage, frame: Frame, node: gast.AST) -> None:
    stage.refuse(
        frame, node, "an array is written with a part of itself, and NumPy may overwrite what it"
        " has not read yet", "make a copy of what is read: x[::2] = x[:n].copy()",
    )  # fmt: skip


def _is_mask(index: Operand, width: int | None) -> bool:
    """Whether an index is an array of bools that tells of each item if it is taken."""
    type_ = type_of(index)
    is_test = isinstance(type_, Array) and type_.dtype == bool
    return is_test and width is not None and rank(type_) == width


def _is_of_one(stage: Stage, value: Value) -> bool:
    """Whether the same item is read each time."""
    shape = shape_of(stage.type(value))
    return shape is not None and all(n == ONE for n in shape)


def _is_safe(stage: Stage, written: View, value: Value) -> bool:
    """Whether no item is overwritten that is still to be read."""
    assert isinstance(value, Buffer | View), "what may be part of an array is followed"
    if rank(written.type) not in (None, 1) or _is_of_one(stage, value):
        return True  # NumPy makes a copy, or reads one item each time
    facts = stage.builder.facts
    if are_apart(facts, written, value):
        return True
    known: dict[Hashable, Var] = {}
    target, source = (_line(stage, each, known) for each in (written, value))
    if target is not None and _is_diagonal(value, written.base):
        return (target.start, target.step) == (0, 1)  # they cross where both have the same item
    if target is None or source is None or not _is_one_frame(written, value):
        return rank(written.type) is None or _is_in_order(stage, written, value)
    if target.axis == source.axis:
        by = target.step * source.step if _are_known(target.step, source.step) else 0
        if target.step == source.step or by < 0:
            return True
    if target.others(source) != source.others(target) or not _go_up(stage, written, value):
        return False
    along = target.axis == source.axis
    count = (shape_of(written.type) or (facts.fresh(),))[0]
    return _keeps_ahead(facts, target, source, count) if along else _cross_in_time(target, source)


# -- where items lie -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """Items of an array along one axis, from a start on, at positions along the others."""

    axis: int
    start: Any
    step: Any
    items: tuple[Taken, ...]

    def others(self, other: _Line) -> list[Taken]:
        """What is taken of the axes along which neither of two lines goes."""
        return [item for axis, item in enumerate(self.items) if axis not in (self.axis, other.axis)]


def _line(stage: Stage, value: Buffer | View, known: dict[Hashable, Var]) -> _Line | None:
    """The line of items that an array of one axis shows of another; None where it is none.

    Numbers that are computed alike are one variable: the one that is `known`.
    """

    def one(number: Any) -> Any:
        if not isinstance(number, Var):
            return number
        return known.setdefault(likeness_computed(number, stage.builder.definitions), number)

    items: list[Any] = []
    for step in value.path if isinstance(value, View) else ():
        if step.op is not None or any(isinstance(item, tuple) for item in items):
            return None
        parts = index_items(step.operands[0])
        items += [... if _is(part, ...) else taken(part) for part in parts if not _is(part, None)]
    dots = items.index(...) if ... in items else len(items)
    is_whole = rank(stage.type(value)) == 1 and not any(isinstance(i, tuple) for i in items)
    items[dots : dots + 1] = [_ALL] if is_whole else []
    ranges = [axis for axis, item in enumerate(items) if isinstance(item, tuple)]
    if len(ranges) != 1 or None in items:
        return None
    start, _, step = map(one, items[ranges[0]])
    return _Line(ranges[0], start or 0, 1 if step is None else step, tuple(map(one, items)))


def _is_diagonal(value: Buffer | View, base: Any) -> bool:
    """Whether a value shows the diagonal of all of an array."""
    if not isinstance(value, View) or value.base is not base or len(value.path) != 1:
        return False
    step = value.path[0]
    is_main = not step.operands and not step.keywords
    return is_main and step.op is not None and step.op.function in _DIAGONALS


def _is(part: Operand, value: Any) -> bool:
    return isinstance(part, Const) and part.value is value


def _is_one_frame(a: Buffer | View, b: Buffer | View) -> bool:
    """Whether indices mean the same of the arrays that two views are of, if these are one."""
    bases = [each.base if isinstance(each, View) else each for each in (a, b)]
    return bases[0] is bases[1] or not any(map(_may_be_part, bases))


def _may_be_part(base: Any) -> bool:
    return isinstance(base, View) or any(map(_may_be_part, getattr(base, "parts", ())))


def _is_in_order(stage: Stage, written: View, value: Buffer | View) -> bool:
    """Whether items surely are at the same distances, or in opposite directions."""
    by, other = _steps(stage, written, value)
    return by is not None and other is not None and (by == other or by.count * other.count < 0)


def _go_up(stage: Stage, written: View, value: Buffer | View) -> bool:
    """Whether the items of arrays surely lie in memory as they are numbered."""
    return all(step is not None and step.count > 0 for step in _steps(stage, written, value))


def _steps(stage: Stage, *arrays: Buffer | View) -> list[Product | None]:
    """How far apart the items of arrays are along their last axis."""
    return [layout_of(stage, each)[-1].step for each in arrays]


# -- what is read in time --------------------------------------------------------------------------


def _keeps_ahead(facts: Facts, target: _Line, source: _Line, count: Length) -> bool:
    """Whether along one axis what is read is ahead of what is written, from either end.

    That is so of all items if it is so of the first and the last.
    """
    if not _are_known(target.step, source.step):
        return False
    gap, faster = _distance(facts, source.start, target.start), source.step - target.step
    if gap is None:
        return False
    last = gap + (count - 1) * faster
    if facts.at_least(gap, 0) is True:
        return faster >= 0 or facts.at_least(last, 0) is True
    from_last = facts.at_least(gap * -1, 1) is True
    return from_last and (faster <= 0 or facts.at_least(last * -1, 0) is True)


def _are_known(*numbers: Any) -> bool:
    return all(isinstance(number, int) for number in numbers)


def _distance(facts: Facts, position: Any, other: Any) -> Length | None:
    """How far one position is behind another, where that is known."""
    if position == other:
        return Length(0)
    mine, its = counted(facts, position), counted(facts, other)
    return None if mine is None or its is None else mine - its


def _cross_in_time(target: _Line, source: _Line) -> bool:
    """Whether the item where a row and a column cross is read before it is written.

    It is the first of one of them, or has the same number in both.
    """
    if target.step != 1 or source.step != 1:
        return False
    written = (source.items[target.axis], target.start)
    read = (target.items[source.axis], source.start)
    return written == read or written[0] == written[1] or read[0] == read[1]
