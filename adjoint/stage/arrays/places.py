"""The way to a place in an array, without the detour through a view of another shape.

::

    a.T[i] = e                          a[:, i] = e
    a.reshape(-1)[k] = e          ->    a[k // m, k % m] = e
    a[k:][1:] = e                       a[k + 1:] = e
    a[:6].reshape(2, 3)[...] = e        a[:6] = e.reshape(-1)
    np.einsum("ii->i", a)[k] = e        a[k, k] = e

What is read or written there is then a part of the array itself, whose other parts stay.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from adjoint.ir.builder import Builder
from adjoint.ir.indices import index_items
from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, attribute, call, method
from adjoint.ir.values import Array, Scalar, rank, same_shape
from adjoint.stage.arrays.layouts import permutation_of
from adjoint.stage.arrays.slices import slice_of_slice, stays_inside
from adjoint.stage.context import Stage
from adjoint.stage.values import Step

__all__ = ["sizes_of_row", "turned_back", "value_at_place", "without_detours"]

Back = Callable[[Stage, Var], Callable[[Var], Var]]
Follow = Callable[[Sequence[Step]], Var]
_WHOLE = SliceOf(Const(None), Const(None), Const(None))


def without_detours(stage: Stage, path: Sequence[Step]) -> tuple[Step, ...]:
    """A path in which indices come before what turns an array or lays it out in one row."""
    steps: list[Step] = []
    waiting = [*reversed(path)]
    while waiting:
        step = waiting.pop()
        instead = _exchanged(stage, steps[-1], step) if steps and step.op is None else None
        if instead is None:
            steps.append(step)
        else:
            del steps[-1]
            waiting.extend(reversed(instead))
    return tuple(steps)


def _exchanged(stage: Stage, last: Step, index: Step) -> list[Step] | None:
    """A step and an index after it, as an index and what is then left of the step."""
    axes = permutation_of(last)
    if axes is not None:
        return _turned(axes, last, index)
    item = index.operands[0]
    if _is_diagonal(last):
        return _on_diagonal(last, index)
    if last.op is None:
        outer = last.operands[0]
        place = _behind(outer, item)
        place = place or slice_of_slice(stage.builder, outer, item, is_inside=last.inside)
        if place is None:
            return None
        inside = last.inside and stays_inside(outer, item)
        return [replace(index, operands=(place,), order=last.order, inside=inside)]
    if not (last.sizes and _is_shaped(last) and _is_number(item)):
        return None
    place = _counted_off(stage.builder, last.sizes, item)
    return [replace(index, operands=(place,), order=last.order)]


def _is_diagonal(step: Step) -> bool:
    """Whether a step shows the diagonal of a square, to be written."""
    is_one = step.op is not None and step.op.function is np.diagonal and not step.operands
    return is_one and step.back is not None


def _on_diagonal(last: Step, index: Step) -> list[Step] | None:
    item = index.operands[0]
    if _is_number(item):
        return [replace(index, operands=(Pack("tuple", (item, item)),), order=last.order)]
    is_whole = isinstance(item, Const) and item.value is Ellipsis
    return [last] if is_whole else None


def _behind(part: Operand, position: Operand) -> Operand | None:
    """Where something at a position is that is counted from the begin of a part to the end."""
    match part, position:
        case SliceOf(Const(start), Const(None), Const(step)), Const(number):
            counted = type(start) is int and type(number) is int and start >= 0 and number >= 0
            return Const(start + number) if counted and step in (None, 1) else None
        case _:
            return None


def sizes_of_row(builder: Builder, owner: Var, made: Var) -> tuple[Operand, ...]:
    """The lengths of the axes behind the first of an array, if that is laid out in one row."""
    width = rank(owner.type) or 0
    if rank(made.type) != 1 or width < 2:
        return ()
    return tuple(builder.length(owner, axis) for axis in range(1, width))


def _is_shaped(step: Step) -> bool:
    """Whether a step gives an array another shape, in C order, in its own memory."""
    function, given = step.op and step.op.function, len(step.operands)
    plain = (function is np.reshape and given == 1) or (function is np.ravel and not given)
    return plain and not step.keywords and step.back is not None


def _counted_off(builder: Builder, sizes: Sequence[Operand], position: Operand) -> Operand:
    """The index of what is at a position in C order, also of one counted from the end."""
    found: list[Operand] = []
    for size in reversed(sizes):
        found.append(_computed(builder, operator.mod, position, size))
        position = _computed(builder, operator.floordiv, position, size)
    return Pack("tuple", (position, *reversed(found)))


def _computed(
    builder: Builder, function: Callable[[int, int], int], left: Operand, right: Operand
) -> Operand:
    if isinstance(left, Const) and isinstance(right, Const) and right.value:
        return Const(function(left.value, right.value))
    return builder.binary(function, left, right)


# -- transposed ------------------------------------------------------------------------------------


def _turned(axes: Sequence[int], last: Step, index: Step) -> list[Step] | None:
    items = _one_for_each_axis(index.operands[0], len(axes))
    if items is None:
        return None
    placed = [items[axes.index(axis)] for axis in range(len(axes))]
    kept = [axis for axis, item in zip(axes, items, strict=True) if not _is_number(item)]
    while placed and placed[-1] is _WHOLE:
        placed.pop()
    where = placed[0] if len(placed) == 1 else Pack("tuple", tuple(placed))
    first = replace(index, operands=(where if placed else Const(Ellipsis),), order=last.order)
    if kept == sorted(kept):
        return [first]
    return [first, _turn(tuple(sorted(kept).index(axis) for axis in kept))]


def _one_for_each_axis(index: Operand, width: int) -> list[Operand] | None:
    """Numbers, slices, or slices and one vector; None for other indices."""
    items = [*index_items(index)]
    dots = [k for k, i in enumerate(items) if isinstance(i, Const) and i.value is Ellipsis]
    at = dots[0] if dots else len(items)
    items[at : at + 1] = [_WHOLE] * (width - len(items) + len(dots))
    vectors = [i for i in items if not _is_number(i) and not isinstance(i, SliceOf)]
    if len(items) != width or len(dots) > 1 or len(vectors) > 1:
        return None
    if vectors and (not _is_vector(vectors[0]) or any(map(_is_number, items))):
        return None
    return items


def _is_number(item: Operand) -> bool:
    if isinstance(item, Const):
        return type(item.value) is int
    return isinstance(item, Var) and isinstance(item.type, Scalar) and item.type.kind == "int"


def _is_vector(item: Operand) -> bool:
    return isinstance(item, Var) and isinstance(item.type, Array) and rank(item.type) == 1


def _turn(order: tuple[int, ...]) -> Step:
    """The step that gives axes another order."""
    return Step((Const(order),), method(np.transpose, "transpose"), turned_back(order))


def turned_back(order: Sequence[int]) -> Back:
    """The way back from axes in another order."""
    return lambda stage, old: lambda new: _reordered(stage.builder, new, order)


def _reordered(builder: Builder, turned: Var, order: Sequence[int]) -> Var:
    if tuple(order) == (1, 0):
        return builder.let(attribute(np.transpose, "T"), (turned,))
    inverse = Const(tuple(int(axis) for axis in np.argsort(order)))
    return builder.let(method(np.transpose, "transpose"), (turned, inverse))


# -- what is written -------------------------------------------------------------------------------


def value_at_place(
    stage: Stage, path: Sequence[Step], value: Operand, follow: Follow
) -> tuple[Sequence[Step], Operand]:
    """The path and value of a write, where the last steps are taken by what is written.

    `follow` reads what a path leads to.
    """
    while path and path[-1].op is not None:
        if _is_diagonal(path[-1]):
            numbers = stage.builder.let(
                call(np.arange), (stage.builder.length(follow(path[:-1]), 0),)
            )
            place = Pack("tuple", (numbers, numbers))
            return (*path[:-1], Step((place,), order=path[-1].order)), value
        placed = _placed(stage, path[:-1], path[-1], value, follow)
        if placed is None:
            break
        path, value = path[:-1], placed
    return path, value


def _placed(
    stage: Stage, before: Sequence[Step], last: Step, value: Operand, follow: Follow
) -> Operand | None:
    """What is written before a step, if `value` is written after it; None for another way."""
    if isinstance(value, Pack) or last.back is None:
        return None
    type_ = type_of(value)
    axes = permutation_of(last)
    if axes is None and not _is_shaped(last):
        return None
    if not isinstance(value, Var) or rank(type_) == 0:
        return value if rank(type_) == 0 else None
    if axes is not None:
        return _turned_value(stage.builder, value, axes)
    if last.type is None or not same_shape(type_, last.type, stage.builder.facts):
        return None
    owner = follow(before)
    shape = Const(-1) if rank(owner.type) == 1 else stage.builder.shape(owner)
    return stage.builder.let(method(np.reshape, "reshape"), (value, shape))


def _turned_value(builder: Builder, value: Var, axes: Sequence[int]) -> Operand | None:
    width = rank(value.type)
    if width == len(axes):
        return _reordered(builder, value, axes)
    behind = len(axes) - 1 - axes[-1]
    if width != 1:
        return None
    index = Pack("tuple", (_WHOLE, *[Const(None)] * behind))
    return builder.let(GETITEM, (value, index)) if behind else value
