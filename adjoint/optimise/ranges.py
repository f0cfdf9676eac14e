"""Whether an index is surely in range.

The bounds of a loop's counter, and of sums of it and a number, are found once for a function.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence

import numpy as np

from adjoint.ir.broadcasting import as_length
from adjoint.ir.indices import index_items
from adjoint.ir.lengths import ONE, Facts, Length, length
from adjoint.ir.lists import is_slice_of_list
from adjoint.ir.nodes import Block, Const, For, Let, Loop, Operand, SliceOf, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import Array, Scalar, TupleOf, shape_of
from adjoint.ir.walk import all_statements

__all__ = ["Bounds", "bounds_of_counters", "is_safe_index"]

Shape = tuple[Length, ...]
#: The least value of an integer, and the least that is above all its values.
Bounds = Mapping[Operand, tuple[Length, Length]]

_SHIFTS = {operator.add: 1, operator.sub: -1}
#: What draws some of so many whole numbers.
_DRAWS = frozenset(
    getattr(kind, name)
    for kind in (np.random.Generator, np.random.RandomState)
    for name in ("choice", "permutation")
)


def bounds_of_counters(body: Block) -> Bounds:
    """Return the bounds of the counters of loops over a range that goes up, and of ``i + 1``.

    So those of what ``rng.choice(n, …)`` draws.
    """
    found: dict[Operand, tuple[Length, Length]] = {}
    for statement in all_statements(body):
        match statement:
            case Loop(For(index, start, stop, Const(step))) if step > 0:
                first = found[start][0] if start in found else as_length(start)
                # What is below a number that is itself below n is below n - 1.
                last = found[stop][1] - 1 if stop in found else as_length(stop)
                if first is not None and last is not None:
                    found[index] = (first, last)
            case Let(Var() as target, op, (Var() as of, Const(by))) if op.function in _SHIFTS:
                low, high = found.get(of, _only(as_length(of)))
                if low is not None and high is not None and type(by) is int:
                    by *= _SHIFTS[op.function]
                    found[target] = (low + by, high + by)
            case Let(Var() as target, op, (_, count, *_)) if op.function in _DRAWS:
                size = as_length(count)
                if size is not None:
                    found[target] = (Length(0), size)
    return found


def _only(value: Length | None) -> tuple[Length | None, Length | None]:
    """The bounds of what has one value."""
    return value, None if value is None else value + 1


def is_safe_index(let: Let, facts: Facts, bounds: Bounds) -> bool:
    """Return whether ``a[index]`` has its item whatever the values are."""
    of, index = type_of(let.args[0]), let.args[1]
    items = index_items(index)
    if isinstance(of, TupleOf):
        size = Length(len(of.items))
        return len(items) == 1 and _is_in_range(items[0], size, facts, bounds)
    if is_slice_of_list(let):
        return _is_in_range(index, ONE, facts, bounds)  # whatever the length is
    shape = of.shape if isinstance(of, Array) else None
    return shape is not None and _is_safe_basic(shape, items, facts, bounds)


def _is_safe_basic(shape: Shape, items: Sequence[Operand], facts: Facts, bounds: Bounds) -> bool:
    if sum(isinstance(i, Var) and shape_of(i.type) != () for i in items) > 1:
        return False  # whether arrays of places fit each other is not asked here
    dots = [i for i, item in enumerate(items) if isinstance(item, Const) and item.value is ...]
    if len(dots) > 1:
        return False
    at = dots[0] if dots else len(items)
    front, back = _takers(items[:at]), _takers(items[at + 1 :])
    if len(front) + len(back) > len(shape):
        return False
    pairs = [*zip(front, shape, strict=False)]
    pairs += zip(back, shape[len(shape) - len(back) :], strict=True)
    return all(_is_in_range(item, axis, facts, bounds) for item, axis in pairs)


def _takers(items: Sequence[Operand]) -> list[Operand]:
    """The items that stand for an axis of the array."""
    return [item for item in items if not (isinstance(item, Const) and item.value is None)]


def _is_in_range(item: Operand, axis: Length, facts: Facts, bounds: Bounds) -> bool:
    match item:
        case SliceOf(start, stop, step):
            static = isinstance(step, Const) and step.value != 0
            return static and all(map(_is_bound, (start, stop)))
        case Const(value) if type(value) is int:
            return facts.at_least(axis, value + 1 if value >= 0 else -value) is True
        case Var() if item in bounds:
            low, high = bounds[item]
            return _is_at_least(low, 0, facts) and _is_at_least(axis - high, 0, facts)
        case _:
            return False


def _is_at_least(value: Length, bound: int, facts: Facts) -> bool:
    """Whether that is so, without resting on a fact that is of no use."""
    value = facts.canonical(value)
    if any(facts.may_vary(length(symbol)) for symbol, _ in value.terms):
        return False
    holds = not value.known and value.has_example and value.evaluate() >= bound
    return value.const >= bound if value.known else holds and facts.at_least(value, bound) is True


def _is_bound(operand: Operand) -> bool:
    match operand:
        case Const(value):
            return value is None or isinstance(value, int)
        case Var():
            return isinstance(operand.type, Scalar) and operand.type.kind == "int"
        case _:
            return False
