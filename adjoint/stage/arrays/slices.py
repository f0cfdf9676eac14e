"""A slice of a slice, as one slice of the array.

::

    a[k:][1:]           ->    a[k + 1:]
    a[i:, i:][1:, 2:]   ->    a[i + 1:, i + 2:]
    a[k:][:-1]          ->    a[k:-1]
    a[k:][0]            ->    a[k]

That is so where a bound counts from the begin, and is not negative: Python counts others from the
end. What a name shows in each trip of a loop, as of ``w = w[1:]``, is so one slice, whose bounds
are carried.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace

from adjoint.ir.builder import Builder
from adjoint.ir.indices import index_items
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Const, Operand, Pack, SliceOf
from adjoint.ir.operands import type_of
from adjoint.ir.values import Scalar
from adjoint.stage.objects.sameness import is_whole_number

__all__ = ["alike", "is_counted_from_begin", "slice_of_slice"]

_ABSENT = Const(None)
_WHOLE = SliceOf(_ABSENT, _ABSENT, _ABSENT)


def slice_of_slice(builder: Builder, outer: Operand, inner: Operand) -> Operand | None:
    """What ``a[outer][inner]`` is one index of `a` by; None if it is not known to be one."""
    items = list(index_items(inner))
    pairs: list[tuple[Operand, Operand | None]] = []
    for first in index_items(outer):
        second = items.pop(0) if items and isinstance(first, SliceOf) else _WHOLE
        pairs.append((first, second if isinstance(first, SliceOf) else None))
    pairs += ((_WHOLE, item) for item in items)
    is_part = any(isinstance(first, SliceOf) for first in index_items(outer))  # and of an array
    if not (is_part and all(_is_one(builder.facts, first, second) for first, second in pairs)):
        return None
    sums: dict[tuple[object, object], Operand] = {}
    made = tuple(_behind(builder, sums, first, second) for first, second in pairs)
    return made[0] if len(made) == 1 else Pack("tuple", made)


def _is_one(facts: Facts, outer: Operand, inner: Operand | None) -> bool:
    """Whether what is taken of what was taken along an axis is one index."""
    if inner is None or not isinstance(outer, SliceOf):
        return inner is None and is_whole_number(outer)
    if isinstance(inner, SliceOf):
        return _takes_all(outer) or _takes_all(inner) or _is_one_slice(facts, outer, inner)
    begins = _is_start(facts, outer.start) and is_counted_from_begin(facts, inner)
    return is_whole_number(inner) and (_takes_all(outer) or (_is_to_the_end(outer) and begins))


def _is_one_slice(facts: Facts, outer: SliceOf, inner: SliceOf) -> bool:
    in_turn = _is_step_one(outer) and _is_step_one(inner)
    starts = _is_start(facts, outer.start) and _is_start(facts, inner.start)
    stops = _is_absent(inner.stop) or (_is_from_end(inner.stop) and _may_end_before(outer.stop))
    return in_turn and starts and stops


def _behind(
    builder: Builder,
    sums: dict[tuple[object, object], Operand],
    outer: Operand,
    inner: Operand | None,
) -> Operand:
    """The one index; bounds that are the same sum are one operand."""
    if inner is None or not isinstance(outer, SliceOf):
        return outer
    if _takes_all(outer):
        return inner

    def added(first: Operand, second: Operand) -> Operand:
        key = (_likeness(first), _likeness(second))
        if key not in sums:
            sums[key] = _added(builder, first, second)
        return sums[key]

    if not isinstance(inner, SliceOf):
        return added(outer.start, inner)
    if _takes_all(inner):
        return outer
    return SliceOf(added(outer.start, inner.start), _stop(outer.stop, inner.stop), outer.step)


def _likeness(bound: Operand) -> object:
    return bound.value if isinstance(bound, Const) else bound


def _stop(outer: Operand, inner: Operand) -> Operand:
    """Where a slice of a slice ends: both may be at a known distance before the end."""
    if isinstance(outer, Const) and isinstance(inner, Const) and outer.value and inner.value:
        return Const(outer.value + inner.value)
    return outer if _is_absent(inner) else inner


def _added(builder: Builder, first: Operand, second: Operand) -> Operand:
    """The sum of two begins, of which an absent one is 0."""
    for one, other in ((first, second), (second, first)):
        if isinstance(one, Const) and one.value in (None, 0):
            return other
    if isinstance(first, Const) and isinstance(second, Const):
        return Const(first.value + second.value)
    return builder.binary(operator.add, first, second)


def _takes_all(part: SliceOf) -> bool:
    return _is_absent(part.start) and _is_absent(part.stop) and _is_step_one(part)


def _is_absent(bound: Operand) -> bool:
    return isinstance(bound, Const) and bound.value is None


def _is_step_one(part: SliceOf) -> bool:
    return isinstance(part.step, Const) and part.step.value in (None, 1)


def _is_start(facts: Facts, bound: Operand) -> bool:
    return _is_absent(bound) or is_counted_from_begin(facts, bound)


def _is_from_end(bound: Operand) -> bool:
    return isinstance(bound, Const) and type(bound.value) is int and bound.value < 0


def _may_end_before(bound: Operand) -> bool:
    """Whether a slice ends at the end of the array, or at a known distance before it."""
    return _is_absent(bound) or _is_from_end(bound)


def is_counted_from_begin(facts: Facts, bound: Operand) -> bool:
    """Whether a bound is a whole number that is surely not negative."""
    if isinstance(bound, Const):
        return type(bound.value) is int and bound.value >= 0
    type_ = type_of(bound)
    return isinstance(type_, Scalar) and type_.length is not None and facts.is_start(type_.length)


def alike(indices: Sequence[Operand]) -> list[Operand]:
    """Indices of one array, with as many parts each, and begins where others have such.

    ``1`` beside ``1, 2:`` becomes ``1, 0:``. They stay what they are if there are other parts.
    """
    rows = [list(index_items(index)) for index in indices]
    if not all(isinstance(item, SliceOf) or is_whole_number(item) for row in rows for item in row):
        return list(indices)
    width = max(map(len, rows))
    columns = [
        _with_begins([row[k] if k < len(row) else _WHOLE for row in rows]) for k in range(width)
    ]
    made = [*zip(*columns, strict=True)]
    return [row[0] if width == 1 else Pack("tuple", row) for row in made]


def _with_begins(column: Sequence[Operand]) -> list[Operand]:
    """Parts of indices for one axis: slices from the begin on as from 0, beside other slices."""
    parts = [item for item in column if isinstance(item, SliceOf)]
    if all(_is_absent(part.start) for part in parts) or not all(map(_is_step_one, parts)):
        return list(column)
    return [
        replace(item, start=Const(0))
        if isinstance(item, SliceOf) and _is_absent(item.start)
        else item
        for item in column
    ]


def _is_to_the_end(part: SliceOf) -> bool:
    return _is_absent(part.stop) and _is_step_one(part)
