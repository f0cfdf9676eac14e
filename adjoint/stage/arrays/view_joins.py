"""Views of one array where paths meet: one view, by the numbers that they differ in."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from adjoint.ir.counts import is_counted
from adjoint.ir.indices import index_items
from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Var
from adjoint.ir.values import Array, Scalar, Type, join_types
from adjoint.ir.walk import operand_vars
from adjoint.stage.arrays.layouts import permutation_of
from adjoint.stage.arrays.memory import SHAPE
from adjoint.stage.arrays.slices import End, alike, counted_end, has_end
from adjoint.stage.flow.alternatives import is_new
from adjoint.stage.lists.optional_items import (
    NOWHERE,
    is_optional,
    item_beside_none,
    optional_item,
    position_of,
)
from adjoint.stage.lists.placed import item_at, placed_again
from adjoint.stage.objects.sameness import (
    has_number,
    is_like,
    is_whole_number,
    same_type,
    same_value,
)
from adjoint.stage.trail import ABSENT
from adjoint.stage.values import (
    NONE,
    Buffer,
    DictValue,
    ListValue,
    ObjectValue,
    OneOf,
    Static,
    Step,
    TupleValue,
    Unbound,
    Value,
    View,
    is_none,
)

if TYPE_CHECKING:
    from adjoint.stage.flow.merge import Merge

__all__ = ["is_unbound", "join_items", "join_optional", "join_views"]

_ALL = Pack("tuple", ())


def join_items(merge: Merge, column: Sequence[Any]) -> Any:
    """One of several, on the paths where it may be meant."""
    bound = [v for v in column if v is not ABSENT]
    first = bound[0]
    if any(isinstance(v, OneOf) for v in bound):  # which of several it is may have changed too
        return merge.values("", column)
    if isinstance(first, TupleValue | ListValue | DictValue | ObjectValue):
        # All of one structure that were made on paths have one number.
        is_one = all(same_value(first, v) for v in bound)
        is_placed = isinstance(first, DictValue | ObjectValue) and first.place is not None
        if any(is_new(v, merge.since) for v in bound) or not (is_one or is_placed):
            return merge.values("", column)
    if isinstance(first, DictValue | ObjectValue) and first.place is not None:
        views = [v if v is ABSENT else v.place.view for v in column]
        view = join_items(merge, views)
        is_view = isinstance(view, View)
        return placed_again(first, replace(first.place, view=view)) if is_view else view
    if not isinstance(first, View) or (
        all(same_value(first, v) for v in bound) and _is_there(merge, first)
    ):
        return first
    other = replace(first, path=tuple(map(_at_zero, first.path)))  # any that is there
    column = [other if v is ABSENT else v for v in column]
    return join_views(merge, "", bound, column) or merge.poison("parts of an array that was moved")


def join_optional(
    merge: Merge, name: str, bound: Sequence[Any], alternatives: Sequence[Any]
) -> Value | None:
    """Items of one list, and None, as one by its position; None if they are not that."""
    items = [item_beside_none(v) for v in bound]
    there = [item for item in items if item is not None]
    are_optional = any(map(is_optional, bound)) or len(there) < len(items)
    if not there or not are_optional or not _are_of_one_list(there):
        return None
    if not all(item is not None or is_none(v) for item, v in zip(items, bound, strict=True)):
        return None
    column = [ABSENT if is_unbound(v) else position_of(v) for v in alternatives]
    found = merge.values(name, column)
    if isinstance(found, Static) and found.value == NOWHERE:
        return NONE
    type_ = _joined(merge, [item.place.view.type for item in there])
    assert type_ is not None, "a view has a type"
    if isinstance(found, Static):
        return item_at(there[0], Const(found.value), type_)
    return optional_item(item_at(there[0], found, type_), found)


def _are_of_one_list(items: Sequence[Any]) -> bool:
    """Whether items are of one list, and their positions can be compared."""
    first = items[0].place
    return all(
        same_value(item.place.owner, first.owner) and is_like(item.place.view.path, first.view.path)
        for item in items
    )


def _is_there(merge: Merge, view: View) -> bool:
    """Whether the way to a view can be read on all paths."""
    variables = (v for step in view.path for o in step.operands for v in operand_vars(o))
    return all(v.number < merge.first for v in variables)


def join_views(
    merge: Merge, name: str, bound: Sequence[Any], alternatives: Sequence[Any]
) -> View | None:
    """Views of one array or list that differ in whole numbers at most, as one view."""
    alternatives = _shown(merge, alternatives)
    bound = [v for v in alternatives if not is_unbound(v)]
    first = bound[0] if bound else None
    if not isinstance(first, View) or not all(
        isinstance(v, View) and v.base is first.base and is_like(v.path, first.path, steps=True)
        for v in bound
    ):
        return None
    if all(same_value(first, v) for v in bound):
        unbound = len(bound) < len(alternatives)
        if not unbound or not any(has_number(step) for step in first.path):
            return None
    path = []
    own = name if first.is_pooled else ""  # the index of an array is what its name holds
    for at, step in enumerate(first.path):
        column = [ABSENT if is_unbound(v) else v.path[at].operands for v in alternatives]
        operands = _indices(merge, "" if at else own, step.operands, column)
        type_ = _joined(merge, [v.path[at].type for v in bound])
        inside = [_ends_inside(v.path[at]) for v in bound]
        merge.widened |= inside[0] and not all(inside)
        path.append(replace(step, operands=operands, type=type_, inside=all(inside)))
    type_ = _joined(merge, [v.type for v in bound])
    assert type_ is not None, "a view has a type"
    return View(first.base, tuple(path), type_)


def _ends_inside(step: Step) -> bool:
    return step.inside or not any(map(has_end, step.operands))


def _shown(merge: Merge, column: Sequence[Any]) -> Sequence[Any]:
    """Views as by indices with bounds in the same places: ``a`` beside ``a[1:]`` as ``a[0:]``.

    So are those that are turned alike: ``a.T`` beside ``a[:, 1:].T`` is ``a[:, 0:].T``.
    """
    base = next((v.base for v in column if isinstance(v, View)), None)
    parts = [(k, v) for k, v in enumerate(column) if not is_unbound(v)]
    is_of_base = [v is base or (isinstance(v, View) and v.base is base) for _, v in parts]
    if base is None or not all(is_of_base):
        return column
    turned = [_turned(v) for _, v in parts]
    if any(not _turn_alike(turned[0][1], turns) for _, turns in turned):
        return column
    heads = [head for head, _ in turned]
    depth = max((len(v.path) for v in heads if isinstance(v, View)), default=0)
    views = [_of_depth(base, v, depth) for v in heads]
    if depth == 0 or any(view is None or view.path[-1].op is not None for view in views):
        return column
    found = [(k, view) for (k, _), view in zip(parts, views, strict=True) if view is not None]
    shown = list(column)
    by_index = _by_indices(merge, found, is_array=isinstance(base, Buffer) and depth == 1)
    for (path, part), view, (_, turns) in zip(parts, by_index, turned, strict=True):
        shown[path] = _turned_as(view, turned[0][1], turns, part) if turns else view
    return shown


def _turned_as(view: View, turns: Sequence[Step], own: Sequence[Step], part: View) -> View:
    """A view with steps after it that turn it like its `own`, which made `part`."""
    steps = (replace(step, type=each.type, order=()) for step, each in zip(turns, own, strict=True))
    return View(view.base, (*view.path, *steps), part.type, part.seen, part.leaf)


def _turned(part: Any) -> tuple[Any, tuple[Step, ...]]:
    """An array or a part of it, and the steps that then give its axes another order."""
    path = part.path if isinstance(part, View) else ()
    at = len(path)
    while at and permutation_of(path[at - 1]) is not None:
        at -= 1
    if at == len(path):
        return part, ()
    return (replace(part, path=path[:at]) if at else part.base), path[at:]


def _turn_alike(turns: Sequence[Step], others: Sequence[Step]) -> bool:
    """Whether steps give axes one order."""
    return [*map(permutation_of, turns)] == [*map(permutation_of, others)]


def _by_indices(merge: Merge, found: Sequence[tuple[int, View]], *, is_array: bool) -> list[View]:
    """Views by indices with bounds in the same places; with each goes the path that it is of."""
    ends = [_ends(merge, k, view) for k, view in found] if merge.at_end and is_array else None
    indices = [view.path[-1].operands[0] for _, view in found]
    indices, counted = alike(merge.facts, indices, ends)
    pairs = zip(found, indices, strict=True)
    return [_by_index(view, index, counted) for (_, view), index in pairs]


def _ends(merge: Merge, path: int, view: View) -> End:
    """Where slices of an array end on a path, counted from the begin and inside of the array."""

    def end(axis: int, stop: Operand) -> Operand:
        if view.path[-1].inside and has_end(SliceOf(stop, stop, stop)):
            return stop
        array = merge.version(path, view.base)
        assert merge.at_end is not None, "asked where it can be written"
        return merge.at_end(path, lambda builder: counted_end(builder, array, axis, stop))

    return end


def _of_depth(base: Any, part: Any, depth: int) -> View | None:
    """An array, or a part of it, as one by so many steps, the last of which may take all."""
    if not isinstance(part, View):
        whole = Step((_ALL,), order=((SHAPE, base.slots.get(SHAPE)),))
        is_array = isinstance(base, Buffer) and depth == 1
        return View(base, (whole,), base.slots["held"].type) if is_array else None
    if len(part.path) == depth:
        return part
    is_array = isinstance(part.type, Array) and not part.type.scalar
    is_next = is_array and len(part.path) == depth - 1
    return View(base, (*part.path, Step((_ALL,))), part.type) if is_next else None


def _by_index(view: View, index: Operand, counted: Container[int]) -> View:
    """A view by an index that says the same; for these axes slices end inside of the array."""
    last = view.path[-1]
    if last.operands[0] is index:
        return view
    items = enumerate(index_items(index))
    inside = last.inside or not any(has_end(item) for axis, item in items if axis not in counted)
    path = (*view.path[:-1], replace(last, operands=(index,), inside=inside))
    return View(view.base, path, view.type, view.seen, view.leaf)


def _joined(merge: Merge, types: Sequence[Type | None]) -> Type | None:
    """The type of what is of another type on each path."""
    first, *others = types
    joined = first
    for other in others:
        if joined is None or other is None:
            return None
        joined = join_types(joined, other, merge.facts)
    if first is not None and joined is not None:
        merge.widened |= not same_type(merge.facts, joined, first)
    return joined


def _indices(
    merge: Merge, name: str, first: Sequence[Operand], column: Sequence[Any]
) -> tuple[Operand, ...]:
    return tuple(
        _index(merge, name, operand, [ABSENT if c is ABSENT else c[at] for c in column])
        for at, operand in enumerate(first)
    )


def _index(merge: Merge, name: str, first: Operand, column: Sequence[Any]) -> Operand:
    """What an index is after paths on which it was another."""
    if isinstance(first, Pack):
        parts = [
            [ABSENT if c is ABSENT else c.items[k] for c in column] for k in range(len(first.items))
        ]
        return replace(first, items=_indices_at_once(merge, first.items, parts))
    if isinstance(first, SliceOf):
        columns = {
            bound: [ABSENT if c is ABSENT else getattr(c, bound) for c in column]
            for bound in ("start", "stop", "step")
        }
        return SliceOf(*(_bound(merge, bound, each) for bound, each in columns.items()))
    if not is_whole_number(first):
        return first
    found = merge.values(name, [Static(c.value) if isinstance(c, Const) else c for c in column])
    return merge.operand(found) if isinstance(found, Static) else found


def _indices_at_once(
    merge: Merge, items: Sequence[Operand], columns: Sequence[Sequence[Any]]
) -> tuple[Operand, ...]:
    """What the parts of an index are; two that are one on each path stay so."""
    made: list[Operand] = []
    for k, (item, column) in enumerate(zip(items, columns, strict=True)):
        alike = [j for j in range(k) if _is_same(item, items[j])]
        same = next((j for j in alike if all(map(_is_same, column, columns[j]))), None)
        merge.widened |= bool(alike) and same is None
        made.append(_index(merge, "", item, column) if same is None else made[same])
    return tuple(made)


def _is_same(a: Any, b: Any) -> bool:
    """Whether two parts of an index are the same variables, and constants."""
    if isinstance(a, SliceOf) and isinstance(b, SliceOf):
        return all(map(_is_same, (a.start, a.stop, a.step), (b.start, b.stop, b.step)))
    same = isinstance(a, Const) and isinstance(b, Const) and a.value == b.value
    return a is b or same


def _bound(merge: Merge, name: str, column: Sequence[Any]) -> Operand:
    """A bound of a slice, or its step, after paths on which it was another; a constant stays one.

    It counts from the begin where all do.
    """
    bounds = [c for c in column if c is not ABSENT]
    first, *others = bounds
    if isinstance(first, Const) and all(
        isinstance(c, Const) and c.value == first.value for c in others
    ):
        return first
    found = _index(merge, name, first, column)
    counted = [is_counted(merge.facts, bound) for bound in bounds]
    if not all(counted):
        merge.widened |= counted[0]
    elif isinstance(found, Var) and isinstance(found.type, Scalar) and found.type.length:
        merge.facts.note_start(found.type.length)
    return found


def _at_zero(step: Step) -> Step:
    return replace(step, operands=tuple(map(_zero, step.operands)))


def _zero(operand: Operand) -> Operand:
    """An index with zeros for the whole numbers in it."""
    match operand:
        case Pack(items=items):
            return replace(operand, items=tuple(map(_zero, items)))
        case SliceOf(start, stop, step):
            return SliceOf(_zero(start), _zero(stop), step)
        case _:
            return Const(0) if is_whole_number(operand) else operand


def is_unbound(value: Any) -> bool:
    """Whether a location has no value on a path."""
    return value is ABSENT or isinstance(value, Unbound)
