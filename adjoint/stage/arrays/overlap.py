"""What two views of one array take of it: whether they have an element in common."""

from __future__ import annotations

from typing import Any

from adjoint.ir.broadcasting import as_length
from adjoint.ir.counts import is_counted
from adjoint.ir.indices import index_items
from adjoint.ir.lengths import Facts, Length
from adjoint.ir.nodes import Const, Operand, SliceOf, Var
from adjoint.ir.values import Scalar
from adjoint.stage.values import Value, View

__all__ = ["Taken", "are_apart", "counted", "taken"]

#: A position along an axis, or the start, stop and step of a range; None is anything else.
Taken = int | Var | tuple[Any, Any, Any] | None


def are_apart(facts: Facts, a: Value, b: Value) -> bool:
    """Whether two views of one array surely have no element in common."""
    if not isinstance(a, View) or not isinstance(b, View) or a.base is not b.base:
        return False
    for mine, other in zip(a.path, b.path, strict=False):
        if mine.op is not None or other.op is not None:
            return False
        first, second = ([taken(i) for i in index_items(s.operands[0])] for s in (mine, other))
        if None in first or None in second:
            return False
        if any(_items_apart(facts, x, y) for x, y in zip(first, second, strict=False)):
            return True
        if first != second:
            return False
    return False


def taken(item: Operand) -> Taken:
    """What a part of an index takes of its axis."""
    match item:
        case Var(type=Scalar("int")):
            return item
        case Const(int() as value) if type(value) is int:
            return value
        case Const(slice() as value):
            return (value.start, value.stop, value.step)
        case SliceOf(start, stop, step):
            return (_bound(start), _bound(stop), _bound(step))
        case _:
            return None


def _bound(item: Operand) -> Any:
    return item.value if isinstance(item, Const) else item


def counted(facts: Facts, position: Any) -> Length | None:
    """A position that is counted from the begin, for which None stands where a range has none."""
    if position is None:
        return Length(0)
    operand = position if isinstance(position, Var) else Const(position)
    return as_length(operand) if is_counted(facts, operand) else None


def _items_apart(facts: Facts, a: Taken, b: Taken) -> bool:
    """Whether positions or ranges along one axis have nothing in common."""
    match a, b:
        case int(), int():
            return a != b and (a < 0) == (b < 0)
        case tuple(), tuple():
            return _ranges_apart(a, b)
        case (tuple() as part, position) | (position, tuple() as part):
            return _is_outside(facts, position, part)
        case _:
            first, second = counted(facts, a), counted(facts, b)
            if first is None or second is None:
                return False
            between = facts.canonical(first - second)
            return between.known and between.const != 0


def _is_outside(facts: Facts, position: Any, part: tuple[Any, Any, Any]) -> bool:
    """Whether a position is before a range that goes up, or behind it."""
    start, stop, step = part
    at = counted(facts, position)
    if at is None or not (step is None or (isinstance(step, int) and step > 0)):
        return False
    first, end = counted(facts, start), None if stop is None else counted(facts, stop)
    if first is not None and facts.at_least(first - at, 1) is True:
        return True
    return end is not None and facts.at_least(at - end, 0) is True


def _ranges_apart(a: tuple[Any, Any, Any], b: tuple[Any, Any, Any]) -> bool:
    (start, stop, step), (other_start, other_stop, other_step) = a, b
    steps = [1 if each is None else each for each in (step, other_step)]
    if not all(isinstance(each, int) and each > 0 for each in steps):
        return False
    if stop is not None and stop == other_start:  # up to a point, and from there
        return True
    if other_stop is not None and other_stop == start:
        return True
    starts = [0 if each is None else each for each in (start, other_start)]
    if steps[0] != steps[1] or not all(isinstance(each, int) and each >= 0 for each in starts):
        return False
    return bool((starts[0] - starts[1]) % steps[0])
