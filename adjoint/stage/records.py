"""Lists of run-time length of tuples of one kind: one list for each part of the tuples.

What the tuples are made of is found where the first is put in; staging then starts again, and the
list is made as several. An item is put together of theirs, so that only numbers and arrays are in
lists.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gast

from adjoint.ir.infer import type_of
from adjoint.ir.nodes import Const, Pack, Var
from adjoint.ir.values import OPAQUE, UNKNOWN, ListOf, Type, join_types
from adjoint.stage.aliases import note_holder, sites_of
from adjoint.stage.buffers import ITEMS_WRITTEN, list_made
from adjoint.stage.context import Frame, Restart, Stage, literal
from adjoint.stage.values import ListValue, Records, RunTimeList, Static, TupleValue, Value

__all__ = [
    "HELD",
    "Layout",
    "at_run_time",
    "columns",
    "either_type",
    "empty_list",
    "joined",
    "layout_of",
    "list_of",
    "made_list",
    "split",
    "start_as_records",
]

RECORDS = "records"
HELD = "a list that grows at run time holds lists, dicts or tuples of different structure"


@dataclass(frozen=True, slots=True)
class Layout:
    """What the items of a list are: tuples of the class `cls`.

    A part is a tuple too, or None: what is there is in a list.
    """

    cls: type
    parts: tuple[Layout | None, ...]

    @property
    def count(self) -> int:
        """The number of lists."""
        return sum(1 if part is None else part.count for part in self.parts)

    def names(self, name: str) -> Iterator[str]:
        """Names for the lists, from the name of the whole."""
        fields = getattr(self.cls, "_fields", range(len(self.parts)))
        for field, part in zip(fields, self.parts, strict=True):
            own = f"{name}_{field}"
            yield from (own,) if part is None else part.names(own)


def layout_of(value: Value) -> Layout | None:
    """What a tuple is made of; None for what is no tuple."""
    items = _items(value)
    if not items:
        return None
    cls = value.cls if isinstance(value, TupleValue) else tuple
    return Layout(cls, tuple(map(layout_of, items)))


def _items(value: Value) -> tuple[Value, ...] | None:
    match value:
        case TupleValue(items):
            return items
        case Static(held, access=None) if type(held) is tuple:
            return tuple(map(Static, held))
        case _:
            return None


def split(
    stage: Stage, frame: Frame, node: gast.AST, layout: Layout | None, value: Value
) -> list[Value]:
    """The parts of a tuple, one for each list."""
    if layout is None:
        return [value]
    items = _items(value)
    cls = value.cls if isinstance(value, TupleValue) else tuple
    if items is None or cls is not layout.cls or len(items) != len(layout.parts):
        stage.refuse(
            frame, node, "a list that grows at run time holds things of different structure",
            "keep a list for each kind, or put the same tuple of numbers and arrays into it",
        )  # fmt: skip
    return [
        found
        for part, item in zip(layout.parts, items, strict=True)
        for found in split(stage, frame, node, part, item)
    ]


def joined(layout: Layout, found: list[Any]) -> TupleValue:
    """A tuple of its parts, one from each list."""
    made: TupleValue = _joined(layout, iter(found))
    return made


def _joined(layout: Layout | None, rest: Iterator[Any]) -> Any:
    if layout is None:
        return next(rest)
    return TupleValue(tuple(_joined(part, rest) for part in layout.parts), layout.cls)


def columns(value: Records) -> tuple[RunTimeList | Records, ...]:
    """For each part of the tuples, the list of what stands there."""
    rest = iter(value.lists)
    return tuple(
        next(rest) if part is None else Records(part, tuple(itertools.islice(rest, part.count)))
        for part in value.layout.parts
    )


def start_as_records(stage: Stage, owner: RunTimeList, layout: Layout) -> None:
    """Start again with a list made as one for each part, if it is known where it was made."""
    sites = sites_of(stage, owner.slots["held"])
    fresh = [(RECORDS, layout, site) for site in sites or ()]
    if fresh and _is_undecided(stage, sites or []):
        raise Restart(*fresh)


def _is_undecided(stage: Stage, sites: list[Any]) -> bool:
    """Whether nothing is said yet of the structure of items of lists that are made there."""
    return not any(_decided(stage, site) for site in sites)


def _decided(stage: Stage, site: Any) -> Layout | None:
    found = (key[1] for key in stage.decisions if key[0] == RECORDS and key[2] == site)
    return next(found, None)


def at_run_time(stage: Stage, owner: ListValue) -> None:
    """Start again with a list kept as one of run-time length, if it was made inside."""
    if owner.key is not None and owner.key not in stage.decisions:
        raise Restart(owner.key)


def either_type(stage: Stage, first: Type, second: Type) -> Type:
    """The type of the items of a list that holds both; a number among other things has one."""
    joined = join_types(first, second, stage.builder.facts)
    return UNKNOWN if joined == OPAQUE and (first, second) != (OPAQUE, OPAQUE) else joined


def empty_list(stage: Stage, frame: Frame, node: gast.AST) -> RunTimeList | Records:
    """A list of run-time length with nothing in it."""
    return made_list(stage, frame, node, ())


def made_list(
    stage: Stage, frame: Frame, node: gast.AST, items: tuple[Value, ...]
) -> RunTimeList | Records:
    """A list of run-time length that holds these items."""
    site = stage.key(frame, node, ITEMS_WRITTEN)
    layout = layout_of(items[0]) if items else _decided(stage, site)
    if layout is None:
        return list_of(stage, frame, node, items)
    rows = [split(stage, frame, node, layout, item) for item in items]
    columns = [tuple(row[k] for row in rows) for k in range(layout.count)]
    return Records(layout, tuple(list_of(stage, frame, node, column) for column in columns))


def list_of(stage: Stage, frame: Frame, node: gast.AST, items: tuple[Value, ...]) -> RunTimeList:
    """A list of run-time length that holds these numbers and arrays."""
    for each in items:
        if isinstance(each, ListValue):
            at_run_time(stage, each)
    operands = tuple(stage.operand(item, frame, node) for item in items)
    if not all(isinstance(operand, Var | Const) for operand in operands):
        stage.refuse(frame, node, HELD, "keep one list for each part")
    item: Type | None = None
    for operand in operands:
        found = type_of(operand)
        item = found if item is None else either_type(stage, item, found)
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(literal("list"), (Pack("list", operands),), type_=ListOf(item))
    owner = list_made(stage, frame, node, made)
    for value in items:
        note_holder(stage, frame, node, value, owner)
    return owner
