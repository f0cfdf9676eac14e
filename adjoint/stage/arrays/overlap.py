"""Whether two views of one array have an element in common."""

from __future__ import annotations

from typing import Any

from adjoint.ir.indices import index_items
from adjoint.ir.nodes import Const, Operand, SliceOf, Var
from adjoint.ir.values import Scalar
from adjoint.stage.values import Value, View

__all__ = ["are_apart"]

#: A position along an axis, or the start, stop and step of a range; None is anything else.
Taken = int | Var | tuple[Any, Any, Any] | None


def are_apart(a: Value, b: Value) -> bool:
    """Whether two views of one array surely have no element in common."""
    if not isinstance(a, View) or not isinstance(b, View) or a.base is not b.base:
        return False
    for mine, other in zip(a.path, b.path, strict=False):
        if mine.op is not None or other.op is not None:
            return False
        first, second = ([_taken(i) for i in index_items(s.operands[0])] for s in (mine, other))
        if None in first or None in second:
            return False
        if any(map(_items_apart, first, second)):
            return True
        if first != second:
            return False
    return False


def _taken(item: Operand) -> Taken:
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


def _items_apart(a: Taken, b: Taken) -> bool:
    """Whether two positions or ranges along one axis have nothing in common."""
    if isinstance(a, int) and isinstance(b, int):
        return a != b and (a < 0) == (b < 0)
    if not isinstance(a, tuple) or not isinstance(b, tuple):
        return False
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
