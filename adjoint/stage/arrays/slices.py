"""A slice of a slice, as one slice of the array.

::

    a[k:][1:]           ->    a[k + 1:]
    a[i:, i:][1:, 2:]   ->    a[i + 1:, i + 2:]
    a[k:][:-1]          ->    a[k:-1]
    a[:k][:-1]          ->    a[:max(k - 1, 0)]     if k is at most len(a)
    a[::2][1:]          ->    a[2::2]
    a[k:][0]            ->    a[k]

That is so where a bound counts from the begin, and is not negative: Python counts others from the
end. What a name shows in each trip of a loop, as of ``w = w[1:-1]``, is so one slice, whose bounds
are carried.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from dataclasses import replace

from adjoint.ir.broadcasting import as_length
from adjoint.ir.builder import Builder
from adjoint.ir.counts import is_counted
from adjoint.ir.indices import index_items
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Var
from adjoint.ir.ops import GETITEM, call, operation
from adjoint.ir.values import Scalar, shape_of
from adjoint.stage.objects.sameness import is_whole_number

__all__ = [
    "End",
    "alike",
    "counted_end",
    "has_end",
    "slice_of_slice",
    "stays_inside",
    "surely_taken",
]

End = Callable[[int, Operand], Operand]
"""Where a slice along an axis ends, counted from the begin, given where it was said to end."""

_ABSENT = Const(None)
_WHOLE = SliceOf(_ABSENT, _ABSENT, _ABSENT)


def slice_of_slice(
    builder: Builder, outer: Operand, inner: Operand, *, is_inside: bool
) -> Operand | None:
    """What ``a[outer][inner]`` is one index of `a` by; None if it is not known to be one.

    `is_inside` is whether `outer` surely ends where the array does, or before.
    """
    pairs = _pairs(outer, inner)
    is_part = any(isinstance(first, SliceOf) for first in index_items(outer))  # and of an array
    is_one = functools.partial(_is_one, builder.facts, is_inside)
    if not (is_part and all(is_one(first, second) for first, second in pairs)):
        return None
    composer = _Composer(builder)
    made = tuple(composer.behind(first, second) for first, second in pairs)
    return made[0] if len(made) == 1 else Pack("tuple", made)


def _pairs(outer: Operand, inner: Operand) -> list[tuple[Operand, Operand | None]]:
    """What is taken of each axis, and of that; nothing is taken of a part without the axis."""
    items = list(index_items(inner))
    pairs: list[tuple[Operand, Operand | None]] = []
    for first in index_items(outer):
        second = items.pop(0) if items and isinstance(first, SliceOf) else _WHOLE
        pairs.append((first, second if isinstance(first, SliceOf) else None))
    return [*pairs, *((_WHOLE, item) for item in items)]


def stays_inside(outer: Operand, inner: Operand) -> bool:
    """Whether ``a[outer][inner]`` ends in the array, as one index, where ``a[outer]`` does."""
    return all(
        has_end(first) or second is None or not has_end(second)
        for first, second in _pairs(outer, inner)
    )


def _is_one(facts: Facts, is_inside: bool, outer: Operand, inner: Operand | None) -> bool:
    """Whether what is taken of what was taken along an axis is one index."""
    if inner is None or not isinstance(outer, SliceOf):
        return inner is None and is_whole_number(outer)
    if isinstance(inner, SliceOf):
        is_all = _takes_all(outer) or _takes_all(inner)
        return is_all or _is_one_slice(facts, is_inside, outer, inner)
    begins = _is_start(facts, outer.start) and is_counted(facts, inner)
    return is_whole_number(inner) and (_takes_all(outer) or (_is_to_the_end(outer) and begins))


def _is_one_slice(facts: Facts, is_inside: bool, outer: SliceOf, inner: SliceOf) -> bool:
    if not all(_is_start(facts, part.start) and _is_up(facts, part) for part in (outer, inner)):
        return False
    is_known = is_counted(facts, outer.stop)
    if _is_from_end(inner.stop):
        by_both = _is_step_one(outer) and _may_end_before(outer.stop)
        return by_both or (is_known and is_inside)
    known = _is_absent(outer.stop) or is_known
    return _is_absent(inner.stop) or (known and is_counted(facts, inner.stop))


class _Composer:
    """Writes the bounds of slices of slices; those that are the same sum are one operand."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._made: dict[tuple[object, ...], Operand] = {}

    def behind(self, outer: Operand, inner: Operand | None) -> Operand:
        """The one index for what is taken of what was taken along an axis."""
        if inner is None or not isinstance(outer, SliceOf):
            return outer
        if _takes_all(outer):
            return inner
        if not isinstance(inner, SliceOf):
            return self._sum(outer.start, inner)
        if _takes_all(inner):
            return outer
        start = self._sum(outer.start, self._product(outer.step, inner.start))
        step = outer.step if _is_absent(inner.step) else self._product(outer.step, inner.step)
        return SliceOf(start, self._stop(outer, inner), step)

    def _stop(self, outer: SliceOf, inner: SliceOf) -> Operand:
        if _is_absent(inner.stop):
            return outer.stop
        if isinstance(inner.stop, Const) and _is_from_end(inner.stop):
            if _may_end_before(outer.stop):
                return self._sum(outer.stop, inner.stop)
            left_out = self._product(outer.step, Const(-inner.stop.value))
            return self._computed(_shortened, outer.stop, left_out)
        stop = self._sum(outer.start, self._product(outer.step, inner.stop))
        return stop if _is_absent(outer.stop) else self._computed(_least, outer.stop, stop)

    def _sum(self, first: Operand, second: Operand) -> Operand:
        return self._computed(_added, first, second)

    def _product(self, step: Operand, number: Operand) -> Operand:
        return self._computed(_times, step, number)

    def _computed(
        self, make: Callable[[Builder, Operand, Operand], Operand], first: Operand, second: Operand
    ) -> Operand:
        key = (make, _likeness(first), _likeness(second))
        if key not in self._made:
            self._made[key] = make(self._builder, first, second)
        return self._made[key]


def _likeness(bound: Operand) -> object:
    return bound.value if isinstance(bound, Const) else bound


def _added(builder: Builder, first: Operand, second: Operand) -> Operand:
    """The sum of two numbers, of which an absent one is 0."""
    for one, other in ((first, second), (second, first)):
        if isinstance(one, Const) and one.value in (None, 0):
            return other
    return _written(builder, operator.add, first, second)


def _times(builder: Builder, step: Operand, number: Operand) -> Operand:
    """So many steps; an absent number, which is where a slice begins or ends, stays so."""
    if _is_absent(number) or _is_one_step(step):
        return number
    return step if _is_one_step(number) else _written(builder, operator.mul, step, number)


def _least(builder: Builder, first: Operand, second: Operand) -> Operand:
    return _written(builder, min, first, second)


def _shortened(builder: Builder, stop: Operand, count: Operand) -> Operand:
    """Where a slice ends that ended at `stop`, and has so many less.

    Where there are not so many it has none; a negative bound would be counted from the end.
    """
    less = _written(builder, operator.sub, stop, count)
    size, taken = as_length(stop), as_length(count)
    if size is None or taken is None or builder.facts.at_least(size - taken, 0) is not True:
        return _written(builder, max, less, Const(0))
    builder.facts.note_start(size - taken)
    return less


def _written(
    builder: Builder, function: Callable[..., int], first: Operand, second: Operand
) -> Operand:
    if isinstance(first, Const) and isinstance(second, Const):
        return Const(function(first.value, second.value))
    op = call(function) if function in (min, max) else operation(function)
    return builder.let(op, (first, second))


def _takes_all(part: SliceOf) -> bool:
    return _is_absent(part.start) and _is_absent(part.stop) and _is_step_one(part)


def _is_absent(bound: Operand) -> bool:
    return isinstance(bound, Const) and bound.value is None


def _is_step_one(part: SliceOf) -> bool:
    return _is_one_step(part.step)


def _is_one_step(step: Operand) -> bool:
    return isinstance(step, Const) and step.value in (None, 1)


def _is_up(facts: Facts, part: SliceOf) -> bool:
    """Whether a slice goes up; a step of 0 raises."""
    return _is_absent(part.step) or is_counted(facts, part.step)


def _is_start(facts: Facts, bound: Operand) -> bool:
    return _is_absent(bound) or is_counted(facts, bound)


def _is_from_end(bound: Operand) -> bool:
    return isinstance(bound, Const) and type(bound.value) is int and bound.value < 0


def _may_end_before(bound: Operand) -> bool:
    """Whether a slice ends at the end of the array, or at a known distance before it."""
    return _is_absent(bound) or _is_from_end(bound)


def has_end(index: Operand) -> bool:
    """Whether a slice in an index ends at a number that is counted from the begin."""
    parts = (item for item in index_items(index) if isinstance(item, SliceOf))
    return not all(_may_end_before(part.stop) for part in parts)


def counted_end(builder: Builder, array: Var, axis: int, stop: Operand) -> Operand:
    """Where a slice of an array ends, counted from the begin, and inside of the array."""
    shape = shape_of(array.type)
    assert shape is not None, "an array of known rank"
    size: Operand = Const(shape[axis].const)
    if not shape[axis].known:  # of this array, since another would have to stay for it
        args = (builder.shape(array), Const(axis))
        size = builder.let(GETITEM, args, type_=Scalar("int", shape[axis]))
    if _is_absent(stop):
        return size
    if isinstance(stop, Const) and _is_from_end(stop):
        return _shortened(builder, size, Const(-stop.value))
    return _least(builder, size, stop)


def surely_taken(index: Operand, width: int | None) -> bool:
    """Whether an index takes slices of any array of so many axes, and raises of none."""
    items = index_items(index)
    parts = [item for item in items if isinstance(item, SliceOf) and isinstance(item.step, Const)]
    return width is not None and len(parts) == len(items) <= width


def alike(
    facts: Facts, indices: Sequence[Operand], ends: Sequence[End] | None = None
) -> tuple[list[Operand], set[int]]:
    """Indices of one array, with as many parts each, and bounds where others have such.

    ``1`` beside ``1, 2:`` becomes ``1, 0:``, and ``:-1`` beside ``:`` ends where the one of `ends`
    that is for it says. They stay what they are if there are other parts. With them goes for which
    axes `ends` were asked.
    """
    rows = [list(index_items(index)) for index in indices]
    if not all(isinstance(item, SliceOf) or is_whole_number(item) for row in rows for item in row):
        return list(indices), set()
    width = max(map(len, rows))
    columns, counted = [], set()
    for axis in range(width):
        column = [row[axis] if axis < len(row) else _WHOLE for row in rows]
        parts = [item for item in column if isinstance(item, SliceOf)]
        if all(_is_up(facts, part) for part in parts):
            column = _with_bounds(_with_bounds(column, "start", Const(0)), "step", Const(1))
            if ends is not None and len(parts) == len(column) and _need_ends(facts, parts):
                column = _with_ends(column, axis, ends)
                counted.add(axis)
        columns.append(column)
    made = [*zip(*columns, strict=True)]
    return [row[0] if width == 1 else Pack("tuple", row) for row in made], counted


def _with_bounds(column: Sequence[Operand], bound: str, default: Operand) -> list[Operand]:
    """Parts of indices for one axis, with a bound or step where others have one."""
    given = [getattr(item, bound) for item in column if isinstance(item, SliceOf)]
    if all(map(_is_absent, given)):
        return list(column)
    return [
        replace(item, **{bound: default})
        if isinstance(item, SliceOf) and _is_absent(getattr(item, bound))
        else item
        for item in column
    ]


def _need_ends(facts: Facts, parts: Sequence[SliceOf]) -> bool:
    """Whether slices are one only if all their ends are counted from the begin, and can be."""
    stops = [part.stop for part in parts]
    differ = len({_likeness(stop) for stop in stops}) > 1
    known = all(_may_end_before(stop) or is_counted(facts, stop) for stop in stops)
    return differ and known and any(map(_may_end_before, stops))


def _with_ends(column: Sequence[Operand], axis: int, ends: Sequence[End]) -> list[Operand]:
    return [
        replace(item, stop=end(axis, item.stop)) if isinstance(item, SliceOf) else item
        for item, end in zip(column, ends, strict=True)
    ]


def _is_to_the_end(part: SliceOf) -> bool:
    return _is_absent(part.stop) and _is_step_one(part)
