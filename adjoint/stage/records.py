"""Lists of run-time length of tuples, dicts or objects of one kind: one list for each part of them.

What the items are made of is found where the first is put in; staging then starts again, and the
list is made as several. An item is put together of theirs, so that only numbers and arrays are in
lists. A dict or object is a copy then of what was put in: it may be read, and nothing may change it
any more. Where something does, staging starts again with the list kept out of the code that runs.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import gast

from adjoint.errors import Unsupported
from adjoint.ir.infer import type_of
from adjoint.ir.nodes import Const, Pack, Var
from adjoint.ir.values import OPAQUE, UNKNOWN, ListOf, Type, join_types
from adjoint.rules.registry import is_matrix
from adjoint.stage.aliases import sites_of
from adjoint.stage.buffers import ITEMS_WRITTEN, list_made
from adjoint.stage.context import Frame, Restart, Stage, literal
from adjoint.stage.holders import held_at, note_holder
from adjoint.stage.several import ITEM, note_item, refuse_fixed
from adjoint.stage.values import (
    DictValue,
    ListValue,
    Lost,
    ObjectValue,
    Records,
    RunTimeList,
    Static,
    TupleValue,
    Value,
    View,
)

__all__ = [
    "COPY_IT",
    "ELSEWHERE",
    "HELD",
    "Layout",
    "at_run_time",
    "columns",
    "either_type",
    "empty_list",
    "fixed_by",
    "joined",
    "layout_of",
    "list_key",
    "list_of",
    "parts_by_name",
    "raise_apart",
    "records_of",
    "split",
    "split_for",
    "start_as_records",
]

RECORDS, AT_RUN_TIME, APART = "records", "runtime list", "list while staging"
ELSEWHERE = "is put into another list, or twice into one"
COPY_IT = "put a copy there: copy.copy(item)"
HELD = "a list that grows at run time holds lists, dicts or tuples of different structure"


@dataclass(frozen=True, slots=True)
class Layout:
    """What the items of a list are: tuples, dicts or objects of the class `cls`, or lists of such.

    A class made inside the function is made again with it, so that `class_name` tells classes
    apart. `names` are the positions, keys or attributes. A part is such a thing too, or None: what
    is there is in a list. Of lists of such things, that is the only part, and has no name.
    """

    cls: type = field(compare=False)
    class_name: tuple[str, str]
    names: tuple[Any, ...]
    parts: tuple[Layout | None, ...]

    @property
    def count(self) -> int:
        """The number of lists."""
        return sum(1 if part is None else part.count for part in self.parts)

    @property
    def is_tuple(self) -> bool:
        """Whether the items are tuples, which cannot be changed."""
        return issubclass(self.cls, tuple)

    @property
    def is_list(self) -> bool:
        """Whether the items are lists of tuples, dicts or objects."""
        return issubclass(self.cls, list)

    def list_names(self, name: str) -> Iterator[str]:
        """Names for the lists, from the name of the whole."""
        if self.is_list:
            (part,) = self.parts
            assert part is not None, "of lists of tuples, dicts or objects"
            yield from part.list_names(name)
            return
        fields = getattr(self.cls, "_fields", self.names) if self.is_tuple else self.names
        for label, part in zip(fields, self.parts, strict=True):
            own = re.sub(r"\W+", "_", f"{name}_{label}")
            yield from (own,) if part is None else part.list_names(own)

    def depths(self) -> Iterator[frozenset[int]]:
        """For each list, how deep in it parts of dicts and objects stand: 0 are its items."""
        own = frozenset() if self.is_tuple or self.is_list else frozenset({0})
        for part in self.parts:
            for found in [frozenset[int]()] if part is None else part.depths():
                yield own | (frozenset(d + 1 for d in found) if self.is_list else found)

    @property
    def has_objects(self) -> bool:
        """Whether there are dicts or objects in an item, apart from those in lists."""
        return any(0 in found for found in self.depths())


def layout_of(value: Value) -> Layout | None:
    """What a tuple, dict or object is made of, or a list of such; None for anything else."""
    if isinstance(value, Records):
        return Layout(list, _class_name(list), ("",), (value.layout,))
    cls, parts = _parts(value)
    if not parts:
        return None
    return Layout(cls, _class_name(cls), tuple(parts), tuple(map(layout_of, parts.values())))


def _class_name(cls: type) -> tuple[str, str]:
    return cls.__module__, cls.__qualname__


def _parts(value: Value) -> tuple[type, Mapping[Any, Value]]:
    """The class and the parts of what is taken apart; no parts of anything else."""
    match value:
        case TupleValue(items, cls):
            return cls, dict(enumerate(items))
        case Static(held, access=None) if type(held) is tuple:
            return tuple, dict(enumerate(map(Static, held)))
        case DictValue():
            return value.cls, value.slots["items"]
        case ObjectValue(real=None) if not is_matrix(value.cls):
            return value.cls, value.slots
        case _:
            return type(value), {}


def parts_by_name(value: Value) -> Mapping[Any, Value]:
    """The parts of a tuple, dict or object by position, key or attribute."""
    return _parts(value)[1]


def split(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    layout: Layout | None,
    value: Value,
    fixed: Lost,
    written: bool = False,
) -> list[Value]:
    """The parts of an item, one for each list; from now on nothing changes it by itself.

    `fixed` says why, and what keeps the list out of the code that runs; `written` is whether it is
    changed in the list.
    """
    if layout is None:
        return [value]
    if layout.is_list:
        return _split_list(stage, frame, node, layout, value, fixed)
    cls, parts = _parts(value)
    as_set = issubclass(layout.cls, tuple | dict)
    names = layout.names if set(parts) == set(layout.names) and not as_set else tuple(parts)
    own = stage.item_classes.setdefault(_class_name(cls), cls)
    if own is not cls or _class_name(cls) != layout.class_name or names != layout.names:
        _refuse_unlike(stage, frame, node, fixed)
    _refuse_in_two(stage, frame, node, value, written)
    if not written:
        note_item(stage, value, fixed)
    return [
        found
        for part, name in zip(layout.parts, names, strict=True)
        for found in split(stage, frame, node, part, parts[name], fixed, written)
    ]


def _refuse_in_two(stage: Stage, frame: Frame, node: gast.AST, value: Value, written: bool) -> None:
    """Refuse to put a dict or object of a list into another, if one of the lists is changed."""
    if not isinstance(value, DictValue | ObjectValue):
        return
    fixed = value.fixed if written else None
    if value.place is not None:
        fixed = fixed_by(stage, value.place.owner)
    if fixed is not None:
        refuse_fixed(stage, frame, node, fixed, ELSEWHERE, COPY_IT)


def _split_list(
    stage: Stage, frame: Frame, node: gast.AST, layout: Layout, value: Value, fixed: Lost
) -> list[Value]:
    """The lists of a list of tuples, dicts or objects."""
    (item,) = layout.parts
    if isinstance(value, ListValue):
        at_run_time(stage, value)
    if isinstance(value, RunTimeList) and item is not None:  # nothing was put into it yet
        start_as_records(stage, value, item)
    if not isinstance(value, Records) or value.layout != item:
        _refuse_unlike(stage, frame, node, fixed)
    return list(value.lists)


def _refuse_unlike(stage: Stage, frame: Frame, node: gast.AST, fixed: Lost) -> NoReturn:
    refuse_fixed(
        stage, frame, node, replace(fixed, text="a list that grows at run time"),
        "holds things of different structure",
        "keep a list for each kind, or put items of one class and the same parts into it",
    )  # fmt: skip


def split_for(
    stage: Stage, frame: Frame, node: gast.AST, owner: Records, value: Value
) -> list[Value]:
    """The parts of an item that is put into a list, one for each of its lists."""
    whole = _refined(owner.layout, layout_of(value))
    if whole is not owner.layout:
        raise Restart(*((RECORDS, whole, site) for site in sites_of_list(stage, owner.lists[0])))
    fixed = fixed_by(stage, owner)
    return split(stage, frame, node, owner.layout, value, fixed, owner.written)


def _refined(known: Layout | None, found: Layout | None) -> Layout | None:
    """A structure with lists in it that were empty, and of which more is known now."""
    if known is None:
        return found if found is not None and found.is_list else None
    if found is None or known.names != found.names:
        return known
    parts = tuple(map(_refined, known.parts, found.parts))
    same = all(a is b for a, b in zip(parts, known.parts, strict=True))
    return known if same else replace(known, parts=parts)


def joined(stage: Stage, layout: Layout, found: list[Any], fixed: Lost | None) -> Value:
    """An item of its parts, one from each list."""
    made: Value = _joined(stage, layout, iter(found), fixed)
    return made


def _joined(stage: Stage, layout: Layout | None, rest: Iterator[Any], fixed: Lost | None) -> Any:
    if layout is None:
        return next(rest)
    if layout.is_list:
        (part,) = layout.parts
        assert part is not None, "of lists of tuples, dicts or objects"
        return Records(part, tuple(itertools.islice(rest, part.count)))
    parts = {
        name: _joined(stage, part, rest, fixed)
        for name, part in zip(layout.names, layout.parts, strict=True)
    }
    cls = stage.item_classes.get(layout.class_name, layout.cls)
    if layout.is_tuple:
        return TupleValue(tuple(parts.values()), cls)
    if issubclass(cls, dict):
        return DictValue({"items": parts}, cls=cls, fixed=fixed)
    return ObjectValue(parts, cls=cls, fixed=fixed)


def columns(value: Records) -> tuple[RunTimeList | Records | View, ...]:
    """For each part of the tuples, the list of what stands there."""
    rest = iter(value.lists)
    return tuple(
        next(rest) if part is None else Records(part, tuple(itertools.islice(rest, part.count)))
        for part in value.layout.parts
    )


def fixed_by(stage: Stage, owner: Records) -> Lost:
    """Why the items of a list are not changed, with what would keep the list while staging."""
    return _fixed_at(sites_of_list(stage, owner.lists[0]))


def _fixed_at(sites: Sequence[Any]) -> Lost:
    """What stays as it is in lists made there, unless it is changed in them, or they are known."""
    return Lost(tuple(sites), ITEM, otherwise=tuple(map(_apart, sites)))


def _apart(site: Any) -> Any:
    return (APART, *site[1:])


def start_as_records(stage: Stage, owner: RunTimeList | View, layout: Layout) -> None:
    """Start again with a list made as one for each part, if it is known where it was made."""
    sites = sites_of_list(stage, owner)
    if sites and not any(_decided(stage, site) for site in sites):
        raise Restart(*((RECORDS, layout, site) for site in sites))


def sites_of_list(stage: Stage, owner: RunTimeList | View) -> list[Any]:
    """Where a list was made, or those that one in a list may be; nothing if it is not known."""
    lists = [owner] if isinstance(owner, RunTimeList) else held_at(stage, owner)
    found = [sites_of(stage, each.slots["held"]) for each in lists]
    return [] if None in found else list(dict.fromkeys(s for sites in found for s in sites or ()))


def _decided(stage: Stage, site: Any) -> Layout | None:
    """The structure of the items of lists that are made there, as far as it is said."""
    found = [key[1] for key in stage.decisions if key[0] == RECORDS and key[2] == site]
    return found[-1] if found else None


def at_run_time(stage: Stage, owner: ListValue) -> None:
    """Start again with a list kept as one of run-time length, if it was made inside."""
    if owner.key is not None and owner.key not in stage.decisions:
        raise Restart(owner.key)


def raise_apart(stage: Stage) -> None:
    """Raise why a list is known while staging, where that is what does not work."""
    for key, reason in stage.decisions.items():
        if key[0] == APART and isinstance(reason, Unsupported):
            raise reason


def list_key(stage: Stage, frame: Frame, node: gast.AST) -> Any:
    """The decision that has a list made here be one of run-time length; None if it cannot be."""
    key = stage.key(frame, node, AT_RUN_TIME)
    return None if _apart(key) in stage.decisions else key


def either_type(stage: Stage, first: Type, second: Type) -> Type:
    """The type of the items of a list that holds both; a number among other things has one."""
    joined = join_types(first, second, stage.builder.facts)
    return UNKNOWN if joined == OPAQUE and (first, second) != (OPAQUE, OPAQUE) else joined


def empty_list(stage: Stage, frame: Frame, node: gast.AST) -> RunTimeList | Records:
    """A list of run-time length with nothing in it."""
    layout = _decided(stage, stage.key(frame, node, ITEMS_WRITTEN))
    if layout is None:
        return list_of(stage, frame, node, ())
    return records_of(stage, frame, node, layout, [])


def records_of(
    stage: Stage, frame: Frame, node: gast.AST, layout: Layout, items: Sequence[Value]
) -> Records:
    """A list of run-time length that holds these tuples, dicts or objects."""
    site = stage.key(frame, node, ITEMS_WRITTEN)
    fixed, written = _fixed_at([site]), site in stage.decisions
    rows = [split(stage, frame, node, layout, item, fixed, written) for item in items]
    lists = []
    for position, depths in enumerate(layout.depths()):
        each = list_of(stage, frame, node, tuple(row[position] for row in rows))
        each.of_objects = depths
        lists.append(each)
    return Records(layout, tuple(lists))


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
