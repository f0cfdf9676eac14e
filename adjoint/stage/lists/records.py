"""Lists of run-time length of tuples, dicts or objects of one kind: one list for each part of them.

What the items are made of is found where the first is put in; staging then starts again, and the
list is made as several. An item is put together of theirs, so that only numbers and arrays are in
lists. A dict or object is a copy then of what was put in: it may be read, and nothing may change it
any more. Where something does, staging starts again with the list kept out of the code that runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

import gast

from adjoint.errors import Unsupported
from adjoint.ir.nodes import Const, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import OPAQUE, UNKNOWN, ListOf, Opaque, Type, join_types
from adjoint.stage.arrays.buffers import list_made
from adjoint.stage.arrays.sites import ITEMS_WRITTEN, sites_of
from adjoint.stage.context import Frame, Restart, Stage, literal
from adjoint.stage.lists.handed_registers import NOT_REGISTERED, REGISTERED
from adjoint.stage.lists.holders import change_through_list, held_at, holds_written, note_holder
from adjoint.stage.lists.item_layouts import (
    NOT_REFERRED,
    RECORDS,
    Layout,
    beside_none,
    class_name,
    layout_of,
    parts_of_item,
    reference_layout,
    refined,
    way_to,
)
from adjoint.stage.lists.optional_items import item_beside_none, position_of
from adjoint.stage.lists.references import KEEP_APART, SEVERAL, note_targets, numbers_to
from adjoint.stage.objects.several import ITEM, note_item, refuse_fixed
from adjoint.stage.values import (
    DictValue,
    ListValue,
    Lost,
    ObjectValue,
    Records,
    RunTimeList,
    Value,
    View,
    is_none,
)

__all__ = [
    "COPY_IT",
    "ELSEWHERE",
    "HELD",
    "as_records",
    "at_run_time",
    "either_type",
    "empty_list",
    "fixed_by",
    "goes_by_numbers",
    "is_changed_in",
    "list_key",
    "list_of",
    "marked_as_tuple",
    "raise_apart",
    "records_of",
    "refine",
    "refine_part",
    "split",
    "split_for",
    "start_as_records",
]

#: So many objects of a class may be in one another, in a list.
DEEPEST = 3
AT_RUN_TIME, APART = "runtime list", "list while staging"
TUPLE_AT_RUN_TIME = "runtime tuple"
ELSEWHERE = "is put into another list, or twice into one"
COPY_IT = "put a copy there: copy.copy(item)"
HELD = "a list that grows at run time holds lists, dicts or tuples of different structure"


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
    if layout.is_reference:
        return _numbers(stage, frame, node, layout, value, fixed)
    cls, parts = parts_of_item(value)
    as_set = issubclass(layout.cls, tuple | dict)
    names = layout.names if set(parts) == set(layout.names) and not as_set else tuple(parts)
    own = stage.item_classes.setdefault(class_name(cls), cls)
    if own is not cls or class_name(cls) != layout.class_name or names != layout.names:
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


def _numbers(
    stage: Stage, frame: Frame, node: gast.AST, layout: Layout, value: Value, fixed: Lost
) -> list[Value]:
    """The numbers that lead to an item of another list, or to a part of an array."""
    if layout.is_optional and (is_none(value) or _is_registered(value, layout.register)):
        return [position_of(value)]
    way = way_to(value)
    if way is None or reference_layout(way) != layout:
        refuse_fixed(
            stage, frame, node, replace(fixed, text="a list that grows at run time"),
            "holds what is in another list or array, and what is not", KEEP_APART,
        )  # fmt: skip
    return numbers_to(stage, frame, node, way)


def _is_registered(value: Value, register: Any) -> bool:
    """Whether a value is an object of this register, or None."""
    item = item_beside_none(value)
    return item is not None and reference_layout(item.place.view).register == register


def _refuse_unlike(stage: Stage, frame: Frame, node: gast.AST, fixed: Lost) -> NoReturn:
    refuse_fixed(
        stage, frame, node, replace(fixed, text="a list that grows at run time"),
        "holds things of different structure",
        "keep a list for each kind, or put items of one class and the same parts into it",
    )  # fmt: skip


def refine(stage: Stage, owner: Records, found: Layout | None) -> None:
    """Start again where more is known now of what a list holds."""
    _start_with(stage, owner, refined(owner.layout, found))


def refine_part(stage: Stage, owner: Records, name: Any, value: Value) -> None:
    """Start again where more is known of a part of the items, which is given another value."""
    at = owner.layout.names.index(name)
    known = owner.layout.parts[at]
    part = beside_none(refined(known, layout_of(stage, value)), value)
    parts = (*owner.layout.parts[:at], part, *owner.layout.parts[at + 1 :])
    _start_with(stage, owner, owner.layout if part is known else replace(owner.layout, parts=parts))


def _start_with(stage: Stage, owner: Records, whole: Layout | None) -> None:
    """Start again with a list of other parts, if they are others."""
    _limit_depth(stage, whole)
    keys = [(RECORDS, whole, site) for site in sites_of_list(stage, owner.lists[0])]
    if whole is not owner.layout and any(key not in stage.decisions for key in keys):
        raise Restart(*keys)


def split_for(
    stage: Stage, frame: Frame, node: gast.AST, owner: Records, value: Value
) -> list[Value]:
    """The parts of an item that is put into a list, one for each of its lists."""
    way = way_to(value)
    if way is None or way.base is not owner.lists[0]:
        found = refined(owner.layout, layout_of(stage, value))
        _start_with(stage, owner, beside_none(found, value))
    fixed = fixed_by(stage, owner)
    parts = split(stage, frame, node, owner.layout, value, fixed, owner.written)
    _note_targets(stage, frame, node, owner, value, fixed)
    return parts


def _note_targets(
    stage: Stage, frame: Frame, node: gast.AST, owner: Records, value: Value, fixed: Lost
) -> None:
    """Note where the numbers lead that are put into a list; refuse that they lead to several."""
    if not note_targets(stage, owner.layout, owner.lists, value):
        refuse_fixed(
            stage, frame, node, replace(fixed, text=SEVERAL), "are put into a list", KEEP_APART
        )


def fixed_by(stage: Stage, owner: Records) -> Lost:
    """Why the items of a list are not changed, with what would keep the list while staging."""
    return _fixed_at(sites_of_list(stage, owner.lists[0]))


def _fixed_at(sites: Sequence[Any]) -> Lost:
    """What stays as it is in lists made there, unless it is changed in them, or they are known."""
    return Lost(tuple(sites), ITEM, otherwise=tuple(map(_apart, sites)))


def _apart(site: Any) -> Any:
    return (APART, *site[1:])


def is_changed_in(stage: Stage, frame: Frame, node: gast.AST, owner: Records) -> bool:
    """Whether dicts or objects are changed in a list, or in one that it may be."""
    if not owner.layout.has_objects:
        return False
    first = owner.lists[0]
    if not owner.written and isinstance(first, RunTimeList) and holds_written(first):
        change_through_list(stage, first)
        stage.refuse(
            frame, node, "dicts or objects are read from one of several lists that are changed",
            "give each list a name of its own",
        )  # fmt: skip
    return owner.written


def goes_by_numbers(stage: Stage, frame: Frame, node: gast.AST, owner: Records) -> bool:
    """Whether another list of what is in this one has its numbers."""
    return is_changed_in(stage, frame, node, owner) and NOT_REFERRED not in stage.decisions


def as_records(
    stage: Stage, frame: Frame, node: gast.AST, layout: Layout, items: Sequence[Value], fixed: Lost
) -> Records:
    """What says where the numbers in the items of a sequence lead, as a list of them would."""
    made = Records(layout, tuple(RunTimeList() for _ in range(layout.count)))
    for item in items:
        _note_targets(stage, frame, node, made, item, fixed)
    return made


def _limit_depth(stage: Stage, layout: Layout | None) -> None:
    """Start again with a register for objects that hold those of their class, ever deeper."""
    for name in [] if layout is None else layout.classes_in_themselves(DEEPEST):
        if NOT_REGISTERED not in stage.decisions and (REGISTERED, name) not in stage.decisions:
            raise Restart((REGISTERED, name))
        what = f"objects of {name[1]} that hold each other are put into a list"
        raise stage.unsupported(what, stage.builder.place, "keep positions in place of references")


def start_as_records(stage: Stage, owner: RunTimeList | View, layout: Layout) -> None:
    """Start again with a list made as one for each part, if it is known where it was made."""
    _limit_depth(stage, layout)
    sites = sites_of_list(stage, owner)
    if sites and not any(_decided(stage, site) for site in sites):
        raise Restart(*((RECORDS, layout, site) for site in sites))


def sites_of_list(stage: Stage, owner: RunTimeList | View) -> list[Any]:
    """Where a list was made, or those that one in a list may be; nothing if it is not known."""
    if isinstance(owner, RunTimeList) and owner.register is not None:
        return [stage.register_sites[owner.register]]
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


def tuple_key(stage: Stage, frame: Frame, node: gast.AST) -> Any:
    """The same of a tuple, which may begin where its first item does."""
    key = (*stage.key(frame, node, TUPLE_AT_RUN_TIME), getattr(node, "end_col_offset", 0))
    return None if _apart(key) in stage.decisions else key


def either_type(stage: Stage, first: Type, second: Type) -> Type:
    """The type of the items of a list that holds both; a number among other things has one."""
    joined = join_types(first, second, stage.builder.facts)
    are_opaque = isinstance(first, Opaque) and isinstance(second, Opaque)
    return UNKNOWN if joined == OPAQUE and not are_opaque else joined


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
    made = Records(layout, tuple(lists))
    for item in items:
        _note_targets(stage, frame, node, made, item, fixed)
    return made


def marked_as_tuple(made: RunTimeList | Records, *, is_tuple: bool = True) -> RunTimeList | Records:
    """A new list as a tuple, which nothing changes; or the new one of a tuple as a list."""
    for each in made.lists if isinstance(made, Records) else (made,):
        if isinstance(each, RunTimeList):
            each.is_tuple = is_tuple
    return made


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
