"""Dicts and objects that are in lists of which items are changed: each stands for its place there.

What is read of such a one is an item of the list of that part, as it is now; what is written is
written there. A name that it had before it was put in stands for its place from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import gast

from adjoint.errors import Place
from adjoint.ir.nodes import Const, Operand
from adjoint.ir.values import ListOf, Type
from adjoint.stage.arrays.buffers import item_of, place_in, refuse_moved, spare
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.lists.handed_registers import registers_here
from adjoint.stage.lists.item_layouts import Layout, columns, layout_of, parts_by_name
from adjoint.stage.lists.optional_items import optional_item
from adjoint.stage.lists.put_in import LED
from adjoint.stage.lists.records import (
    COPY_IT,
    ELSEWHERE,
    empty_list,
    fixed_by,
    list_of,
    records_of,
)
from adjoint.stage.lists.references import target_of, view_at
from adjoint.stage.objects.sameness import with_numbers
from adjoint.stage.objects.several import refuse_fixed
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    NONE,
    DictValue,
    Lost,
    ObjectValue,
    Placed,
    Poison,
    Records,
    RunTimeList,
    Target,
    TupleValue,
    Value,
    View,
)

__all__ = [
    "item_at",
    "joined",
    "lead_items",
    "made_list",
    "made_of",
    "placed_again",
    "placed_at",
    "read_part",
]


def placed_at(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Records,
    index: Operand,
    level: int = 0,
    seen: Any = None,
) -> Value:
    """The item of a list at a position: what is in it is read when it is wanted.

    It may be a part of another, which is in so many others as the `level` says; `seen` is as of a
    `View`, where something of the item was read to ask if it is there.
    """
    layout = owner.layout
    if layout.is_list:
        (part,) = layout.parts
        assert part is not None, "of lists of tuples, dicts or objects"
        return Records(part, tuple(place_in(stage, each, index) for each in owner.lists))
    if layout.is_reference:
        numbers = [item_of(stage, frame, node, each, index, proven=True) for each in owner.lists]
        return _referred(stage, frame, node, owner, numbers)
    if layout.is_tuple:
        cls = stage.item_classes.get(layout.class_name, layout.cls)
        parts = [
            placed_at(stage, frame, node, each, index, level, seen)
            if isinstance(each, Records)
            else item_of(stage, frame, node, each, index, proven=True)
            for each in columns(owner)
        ]
        return TupleValue(tuple(parts), cls)
    view = place_in(stage, owner.lists[0], index, level)
    view.seen = seen
    return _item(stage, Placed(owner, view, frame, node, level))


def _item(stage: Stage, place: Placed) -> DictValue | ObjectValue:
    """The dict or object that is at a place."""
    layout = place.owner.layout
    cls = stage.item_classes.get(layout.class_name, layout.cls)
    parts: Any = _Parts(stage, place)
    if issubclass(cls, dict):
        return DictValue({"items": parts}, cls=cls, place=place)
    return ObjectValue(parts, cls=cls, place=place)


@dataclass(frozen=True, eq=False)
class _Parts(Mapping[Any, Value]):
    """The parts of a dict or object at a place, each as it is when it is read."""

    stage: Stage
    place: Placed
    _names: tuple[Any, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", self.place.owner.layout.names)

    def __getitem__(self, name: Any) -> Value:
        if name not in self._names:
            raise KeyError(name)
        return read_part(self.stage, self.place.frame, self.place.node, self.place, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


def read_part(stage: Stage, frame: Frame, node: gast.AST, place: Placed, name: Any) -> Value:
    """A part of the dict or object at a place, as it is now."""
    refuse_moved(stage, place.view, frame, node)
    column = columns(place.owner)[place.owner.layout.names.index(name)]
    if isinstance(column, Records):
        level, seen = place.level + 1, place.view.seen
        return placed_at(stage, frame, node, column, place.index, level, seen)
    proven = not spare(stage, place.view)
    return item_of(stage, frame, node, column, place.index, proven=proven)


# -- what is put in --------------------------------------------------------------------------------


def made_list(
    stage: Stage, frame: Frame, node: gast.AST, items: tuple[Value, ...]
) -> RunTimeList | Records:
    """A list of run-time length that holds these items."""
    layout = layout_of(stage, items[0]) if items else None
    if layout is None:
        return list_of(stage, frame, node, items) if items else empty_list(stage, frame, node)
    made = records_of(stage, frame, node, layout, items)
    for position, item in enumerate(items):
        lead_items(stage, frame, node, made, Const(position), item)
    return made


def lead_items(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Records,
    at: Operand,
    value: Value,
    level: int = 0,
) -> None:
    """Have names of dicts or objects that were put into a list stand for their places in it."""
    if owner.written and owner.layout.has_objects:
        _lead_item(stage, frame, node, owner, at, value, level)


def _lead_item(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Records,
    index: Operand,
    value: Value,
    level: int,
) -> None:
    """Have the names of dicts and objects in what was put into a list stand for their places."""
    layout = owner.layout
    if layout.is_list or layout.is_reference:
        return  # its lists are led each by itself, and what is in another place stays there
    parts = parts_by_name(value)
    for name, column in zip(layout.names, columns(owner), strict=True):
        if isinstance(column, Records):
            _lead_item(stage, frame, node, column, index, parts[name], level + 1)
    if not isinstance(value, DictValue | ObjectValue):
        return
    fixed = fixed_by(stage, owner)
    if any(value is kin.one or value in kin.others for kin in stage.several):
        refuse_fixed(stage, frame, node, fixed, ELSEWHERE, COPY_IT)
    _lose(stage, value, [*parts], fixed, stage.place(frame, node))
    if value.led is None:
        value.led = Cell(birth=value.birth)
    stage.trail.set(value.led, LED, placed_at(stage, frame, node, owner, index, level))


def _lose(
    stage: Stage, value: DictValue | ObjectValue, names: list[Any], fixed: Lost, place: Place
) -> None:
    """Have nobody read the parts of a dict or object by themselves: it is in a list."""
    what = f"{fixed.text} {ELSEWHERE}"
    why = stage.unsupported(what, place, COPY_IT)
    lost: dict[Any, Any] = dict.fromkeys(names, Poison(fixed.otherwise, what, COPY_IT, reason=why))
    for name, part in ({"items": lost} if isinstance(value, DictValue) else lost).items():
        stage.trail.set(value, name, part)


def placed_again(value: DictValue | ObjectValue, place: Placed) -> DictValue | ObjectValue:
    """A dict or object of a list like `value`, at another place."""
    parts = value.slots["items"] if isinstance(value, DictValue) else value.slots
    assert isinstance(parts, _Parts), "it is in a list"
    return _item(parts.stage, place)


# -- what is read ----------------------------------------------------------------------------------


def joined(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Records,
    found: Sequence[Any],
    fixed: Lost | None,
) -> Value:
    """An item of its parts, one from each list."""
    layout = owner.layout
    if layout.is_reference:
        return _referred(stage, frame, node, owner, found)
    if layout.is_list:
        (part,) = layout.parts
        assert part is not None, "of lists of tuples, dicts or objects"
        return Records(part, tuple(found))
    rest = iter(found)
    parts: dict[Any, Value] = {}
    for name, column in zip(layout.names, columns(owner), strict=True):
        if isinstance(column, Records):
            own = [*islice(rest, column.layout.count)]
            parts[name] = joined(stage, frame, node, column, own, fixed)
        else:
            parts[name] = next(rest)
    return made_of(stage, layout, parts, fixed)


def made_of(stage: Stage, layout: Layout, parts: Mapping[Any, Value], fixed: Lost | None) -> Value:
    """A tuple, dict or object of its parts."""
    cls = stage.item_classes.get(layout.class_name, layout.cls)
    if layout.is_tuple:
        return TupleValue(tuple(parts.values()), cls)
    if issubclass(cls, dict):
        return DictValue({"items": parts}, cls=cls, fixed=fixed)
    return ObjectValue({**parts}, cls=cls, fixed=fixed)


def _referred(
    stage: Stage, frame: Frame, node: gast.AST, owner: Records, numbers: Sequence[Any]
) -> Value:
    """What is in another place, by the numbers that were read from a list."""
    held, layout = owner.lists[0], owner.layout
    target = target_of(held)
    if isinstance(target, Poison):
        stage.decide(target, frame, node)
    if target is None and _is_of_nothing(stage, held):
        raise PrimalRaises(LookupError("nothing was put in"), stage.place(frame, node))
    if layout.register is not None:
        there = item_of_register(stage, frame, node, layout.register, numbers[0])
        return optional_item(there, numbers[0]) if layout.is_optional else there
    if target is None and layout.is_optional and _is_in_register(held):
        return NONE  # nothing else was put in
    if target is None:
        stage.refuse(
            frame, node, "a list of what is changed in another list is handed to a function that"
            " stays one", "hand it the other list too, and the positions",
        )  # fmt: skip
    if layout.is_optional:
        return _beside_none(target, numbers[0])
    view = view_at(stage, frame, node, target, numbers)
    item = target.item
    if not isinstance(item, DictValue | ObjectValue):
        return view
    assert item.place is not None, "it is in a list"
    return placed_again(item, replace(item.place, view=view, frame=frame, node=node))


def _beside_none(target: Target, position: Any) -> Value:
    """An object of a list, or None, by the position that was read from another list."""
    item = target.item
    assert isinstance(item, DictValue | ObjectValue) and item.place is not None, "it is in a list"
    return optional_item(item_at(item, position, item.place.view.type), position)


def _is_in_register(held: RunTimeList | View) -> bool:
    base = held.base if isinstance(held, View) else held
    return isinstance(base, RunTimeList) and base.register is not None


def _is_of_nothing(stage: Stage, held: RunTimeList | View) -> bool:
    """Whether nothing was put into a list yet, if it is one of the code that runs."""
    is_there = isinstance(held, View) or "held" in held.slots
    return is_there and stage.type(held) == ListOf(None)


def item_of_register(
    stage: Stage, frame: Frame, node: gast.AST, register: Any, position: Operand
) -> Value:
    """The object that is at a position of a register."""
    owner = registers_here(stage)[register]
    assert isinstance(owner, Records), "objects are in it"
    return placed_at(stage, frame, node, owner, position)


def item_at(item: DictValue | ObjectValue, position: Operand, type_: Type) -> Value:
    """The item of the list of `item` that is at another position."""
    place = item.place
    assert place is not None, "it is in a list"
    way = with_numbers(place.view.path, [position])
    return placed_again(item, replace(place, view=View(place.view.base, way, type_)))
