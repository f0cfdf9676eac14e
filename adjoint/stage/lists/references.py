"""Lists of what is in another place: items of another list, or parts of an array.

What is changed is in one place, and goes by that under all its names. A list of such things holds
the numbers that lead there, and not the things::

    near = [p for p in particles if p.x < 1]      near = [i for i, x in enumerate(xs) if x < 1]
    near[0].x = 2                             ->  xs[near[0]] = 2

All that is in such a list is in one other list, or part of one array: the list has a `Target`,
which says what the numbers lead to.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import gast

from adjoint.ir.nodes import Const, Operand
from adjoint.ir.ops import GETITEM, call
from adjoint.ir.values import INT, OPAQUE, ListOf
from adjoint.stage.arrays.buffers import followed, read, refuse_moved
from adjoint.stage.context import Frame, Stage
from adjoint.stage.lists.item_layouts import Layout, columns, parts_by_name, way_to
from adjoint.stage.lists.optional_items import item_beside_none
from adjoint.stage.lists.positions import from_begin, is_from_begin
from adjoint.stage.lists.put_in import at_place
from adjoint.stage.objects.sameness import (
    at_zero,
    is_whole_number,
    numbers_of,
    same_value,
    with_numbers,
)
from adjoint.stage.trail import ABSENT
from adjoint.stage.values import (
    Poison,
    Records,
    RunTimeList,
    Static,
    Target,
    Value,
    View,
    is_none,
)

__all__ = [
    "KEEP_APART",
    "SEVERAL",
    "TARGET",
    "merged_targets",
    "note_targets",
    "numbers_to",
    "pass_target",
    "pass_targets",
    "target_of",
    "view_at",
]

SEVERAL = "items of several lists or arrays"
KEEP_APART = "keep a list for each, or put copies there"
#: The slot of a list that has its `Target`.
TARGET = "target"


def numbers_to(stage: Stage, frame: Frame, node: gast.AST, view: View) -> list[Value]:
    """The numbers that lead to an item or part, counted from the begin of each list."""
    refuse_moved(stage, view, frame, node)
    with stage.builder.at(stage.place(frame, node)):
        found = [n for depth in range(len(view.path)) for n in _counted(stage, view, depth)]
    return [Static(n.value) if isinstance(n, Const) else n for n in found]


def _counted(stage: Stage, view: View, depth: int) -> list[Any]:
    """The numbers of one step; a position that may be counted from the end is asked for."""
    step = view.path[depth]
    if is_from_begin(view.base, depth, step):
        return [_of_python(stage, number) for number in numbers_of((step,))]
    held = followed(stage, read(stage, view.base), view.path[:depth])
    size = stage.builder.let(call(len), (held,), type_=INT)
    every = stage.builder.let(call(range), (size,), type_=OPAQUE)
    return [stage.builder.let(GETITEM, (every, step.operands[0]), type_=INT)]


def _of_python(stage: Stage, number: Operand) -> Operand:
    """A whole number as one of Python's."""
    return number if is_whole_number(number) else stage.builder.let(call(int), (number,), type_=INT)


# -- what the numbers lead to ----------------------------------------------------------------------


def target_of(owner: RunTimeList | View) -> Target | Poison | None:
    """What the numbers in a list lead to; None if nothing was put in, as far as it is known."""
    base = owner.base if isinstance(owner, View) else owner
    own: Target | Poison | None = base.slots.get(TARGET)
    return own if own is not None or not base.parts else _of_all(base.parts, ())


def _of_all(lists: Sequence[Any], keys: tuple[Any, ...]) -> Target | Poison | None:
    """What the numbers lead to in each of these lists; `keys` keep apart the paths to them."""
    held = [each for each in lists if isinstance(each, RunTimeList | View) and _is_filled(each)]
    found = list(map(target_of, held))
    first = found[0] if found else None
    same = isinstance(first, Target) and all(map(partial(same_value, first), found))
    return first if same or not any(found) else Poison(keys, SEVERAL, KEEP_APART)


def merged_targets(targets: Sequence[Any], since: float, keys: tuple[Any, ...]) -> Target | Poison:
    """What the numbers in a list lead to where paths meet: to what is older than the paths."""
    found = [each for each in targets if each is not ABSENT]
    first = found[0]
    same = isinstance(first, Target) and all(map(partial(same_value, first), found))
    is_older = same and first.view.base.birth < since
    return first if is_older else Poison(keys, SEVERAL, KEEP_APART)


def pass_targets(
    made: RunTimeList, lists: Sequence[Any], since: float, keys: tuple[Any, ...]
) -> None:
    """Have a list lead where those do that it may be on the paths that meet."""
    target = _of_all(lists, keys)
    if target is not None:
        made.slots[TARGET] = merged_targets([target], since, keys)


def _is_filled(part: RunTimeList | View) -> bool:
    """Whether something was put into a list on some way to here."""
    base = part.base if isinstance(part, View) else part
    return bool(base.slots["held"].type != ListOf(None))


def note_targets(stage: Stage, layout: Layout, lists: Sequence[Any], value: Value) -> bool:
    """Note what the numbers lead to that were put into lists; whether they can lead there."""
    value = item_beside_none(value) or at_place(value)
    if layout.is_reference and (layout.register is not None or is_none(value)):
        return True  # it is known, or there is none
    if layout.is_reference:
        way = way_to(value)
        assert way is not None, "its numbers were put in"
        return _note(stage, lists[0], Target(value, _at_zero(way)))
    if layout.is_list:
        pairs = zip(value.lists, lists, strict=True) if isinstance(value, Records) else ()
        return all(pass_target(stage, inner, outer) for inner, outer in pairs)
    parts = parts_by_name(value)
    own = zip(layout.names, columns(Records(layout, tuple(lists))), strict=True)
    return all(
        note_targets(stage, column.layout, column.lists, parts[name])
        for name, column in own
        if isinstance(column, Records)
    )


def _at_zero(view: View) -> View:
    steps = [from_begin(view.base, depth, step) for depth, step in enumerate(view.path)]
    return View(view.base, at_zero(steps), view.type)


def pass_target(stage: Stage, owner: RunTimeList | View, made: RunTimeList | View) -> bool:
    """Have a list lead where another does whose items it gets; whether it can."""
    target = target_of(owner)
    return target is None or (isinstance(target, Target) and _note(stage, made, target))


def _note(stage: Stage, owner: RunTimeList | View, target: Target) -> bool:
    known = target_of(owner)
    if known is not None:
        return same_value(known, target)
    stage.trail.set(owner.base if isinstance(owner, View) else owner, TARGET, target)
    return True


def view_at(
    stage: Stage, frame: Frame, node: gast.AST, target: Target, numbers: Sequence[Operand]
) -> View:
    """What is meant by the numbers that were read from a list."""
    way = View(target.view.base, with_numbers(target.view.path, numbers), target.view.type)
    with stage.builder.at(stage.place(frame, node)):
        held = read(stage, way, frame, node)
    return View(way.base, way.path, held.type, way.seen)
