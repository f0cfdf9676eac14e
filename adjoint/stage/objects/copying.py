"""`copy.copy` and `copy.deepcopy`, and the dicts and tuples that `dataclasses` makes of objects."""

from __future__ import annotations

import copy
import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import gast
import numpy as np

from adjoint.ir.memory import is_immutable
from adjoint.ir.values import Array, ListOf, Unknown
from adjoint.stage.arrays.buffers import noted_array, plain
from adjoint.stage.calls.opaque_calls import call_opaque
from adjoint.stage.context import Frame, Stage
from adjoint.stage.equivalents.container_equivalents import each_copied
from adjoint.stage.flow.branches import new_list
from adjoint.stage.lists.holders import change_through_list
from adjoint.stage.lists.list_methods import is_listed
from adjoint.stage.objects.attribute_reads import get_attribute
from adjoint.stage.objects.protocols import special
from adjoint.stage.values import (
    DictValue,
    ListValue,
    NativeMethod,
    ObjectValue,
    Records,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
    View,
)

__all__ = ["COPYING"]


@dataclasses.dataclass(eq=False)
class _Copies:
    """What was copied, by what it is a copy of; `numbers` tell the copies made in one place."""

    numbers: Iterator[int] = dataclasses.field(default_factory=itertools.count)
    made: dict[Any, Value] = dataclasses.field(default_factory=dict)


def _copy(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    value = args[0]
    match value:
        case ObjectValue() if (own := special(stage, value, "__copy__")) is not None:
            return (yield stage.call(frame, node, own, [value], {}))
        case ObjectValue():
            return value.like({**value.slots})
        case ListValue():
            return new_list(stage, frame, node, value.slots["items"])
        case DictValue():
            return DictValue({"items": {**value.slots["items"]}}, cls=value.cls)
        case RunTimeList() | Records() | View() if is_listed(value):
            alone = plain(stage, value, frame, node)
            return (yield stage.call(frame, node, NativeMethod(alone, "copy"), [], {}))
        case _:
            return (yield _leaf(stage, frame, node, value, 0))


def _deepcopy(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    return (yield _deep(stage, frame, node, args[0], _Copies()))


def _deep(stage: Stage, frame: Frame, node: gast.AST, value: Value, known: _Copies) -> Steps:
    """A copy of a value and of all that is in it; what is in it twice is copied once."""
    if value in known.made:
        return known.made[value]
    match value:
        case ObjectValue() if (own := special(stage, value, "__deepcopy__")) is not None:
            arguments = [value, DictValue({"items": {}})]
            made = yield stage.call(frame, node, own, arguments, {})
        case ObjectValue():
            made = known.made[value] = ObjectValue(cls=value.cls)
            for name in _names(stage, frame, node, value):
                part = yield get_attribute(stage, frame, node, value, name)
                stage.trail.set(made, name, (yield _deep(stage, frame, node, part, known)))
        case ListValue():
            items = yield _all(stage, frame, node, value.slots["items"], known)
            made = new_list(stage, frame, node, items)
        case TupleValue(parts, cls):
            return TupleValue((yield _all(stage, frame, node, parts, known)), cls)
        case DictValue():
            entries = value.slots["items"]
            parts = yield _all(stage, frame, node, tuple(entries.values()), known)
            made = DictValue({"items": dict(zip(entries, parts, strict=True))}, cls=value.cls)
        case Records(layout) if layout.holds_references:
            stage.refuse(
                frame, node, "a list of what is changed in another list is copied with its items",
                "copy each item: [copy.deepcopy(item) for item in items]",
            )  # fmt: skip
        case Records(layout, lists):
            before = len(stage.copies)
            copied = yield _all(stage, frame, node, lists, known)
            del stage.copies[before:]  # what is in it is copied too
            return Records(layout, copied)
        case RunTimeList() | View(base=RunTimeList()) if is_listed(value):
            made = yield _deep_list(stage, frame, node, value)
        case _:
            made = yield _leaf(stage, frame, node, value, next(known.numbers))
    known.made[value] = made
    return made


def _deep_list(
    stage: Stage, frame: Frame, node: gast.AST, value: RunTimeList | Records | View
) -> Steps:
    """A copy of a list of run-time length, of which the items are copied one by one."""
    held = stage.type(value)
    if not isinstance(held, ListOf) or held.item is None or is_immutable(held.item):
        alone = plain(stage, value, frame, node)
        return (yield stage.call(frame, node, NativeMethod(alone, "copy"), [], {}))
    owner = value.base if isinstance(value, View) else value
    assert isinstance(owner, RunTimeList), "a list is in a list"
    if not owner.written:  # then it may hold one of them twice
        change_through_list(stage, owner)
        stage.refuse(
            frame, node, "a list of arrays or lists, of which one may be in it twice, is copied",
            "copy the items one by one: [item.copy() for item in items]",
        )  # fmt: skip
    return (yield stage.call(frame, node, Static(each_copied), [value], {}))


def _all(
    stage: Stage, frame: Frame, node: gast.AST, values: tuple[Value, ...], known: _Copies
) -> Steps:
    made = []
    for value in values:
        made.append((yield _deep(stage, frame, node, value, known)))
    return tuple(made)


def _names(stage: Stage, frame: Frame, node: gast.AST, value: ObjectValue) -> list[str]:
    """The attributes of an object, those it came in with before those that were written."""
    if value.source is not None:
        names = _names(stage, frame, node, value.source.of)
        return list(dict.fromkeys((*names, *value.slots)))
    if value.real is None:
        return list(value.slots)
    if not hasattr(value.real, "__dict__"):
        stage.refuse(
            frame, node, "an object with __slots__ is copied",
            "build a new object: type(x)(x.first, x.second)",
        )  # fmt: skip
    came = list(vars(value.real))
    stage.inputs.expect(f"list(vars({value.access.text})) == {came!r}")
    return list(dict.fromkeys((*came, *value.slots)))


def _leaf(stage: Stage, frame: Frame, node: gast.AST, value: Value, number: int) -> Steps:
    """A copy of what is no structure, the `number`-th that is made here."""
    if isinstance(value, Static) and value.variable is not None:
        return call_opaque(stage, frame, node, Static(copy.deepcopy), [value], {})
    type_ = stage.type(value)
    if isinstance(type_, Unknown) or (isinstance(type_, Array) and not type_.scalar):
        made = yield stage.call(frame, node, Static(np.copy), [value], {})
        return noted_array(stage, stage.key(frame, node, f"copy {number}"), made)
    return value


# -- dataclasses -----------------------------------------------------------------------------------


def _asdict(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    entries = yield _fields_of(stage, frame, node, args[0], _Copies())
    made = DictValue({"items": entries})
    factory = kwargs.get("dict_factory")
    return made if factory is None else (yield stage.call(frame, node, factory, [made], {}))


def _astuple(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    found = yield _fields_of(stage, frame, node, args[0], _Copies(), as_tuple=True)
    return TupleValue(tuple(found.values()))


def _fields_of(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    value: Value,
    known: _Copies,
    as_tuple: bool = False,
) -> Steps:
    """The fields of an object by their names; objects in it are dicts, or tuples."""
    assert isinstance(value, ObjectValue), "a dataclass instance"
    found = {}
    for field in dataclasses.fields(value.cls):
        part = yield get_attribute(stage, frame, node, value, field.name)
        found[field.name] = yield _within(stage, frame, node, part, known, as_tuple)
    return found


def _within(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    value: Value,
    known: _Copies,
    as_tuple: bool,
) -> Steps:
    match value:
        case ObjectValue() if dataclasses.is_dataclass(value.cls):
            found = yield _fields_of(stage, frame, node, value, known, as_tuple)
            return TupleValue(tuple(found.values())) if as_tuple else DictValue({"items": found})
        case ListValue() | TupleValue():
            items = value.items if isinstance(value, TupleValue) else value.slots["items"]
            made = []
            for item in items:
                made.append((yield _within(stage, frame, node, item, known, as_tuple)))
            if isinstance(value, TupleValue):
                return TupleValue(tuple(made), value.cls)
            return new_list(stage, frame, node, tuple(made))
        case DictValue():
            entries = {}
            for key, item in value.slots["items"].items():
                entries[key] = yield _within(stage, frame, node, item, known, as_tuple)
            return DictValue({"items": entries}, cls=value.cls)
        case _:
            copies = _Copies(known.numbers)  # each is copied by itself
            return (yield _deep(stage, frame, node, value, copies))


def _fields(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    value = args[0]
    held = value.cls if isinstance(value, ObjectValue) else getattr(value, "value", None)
    return Static(dataclasses.fields(held))  # type: ignore[arg-type]
    yield


COPYING = {
    copy.copy: _copy,
    copy.deepcopy: _deepcopy,
    dataclasses.asdict: _asdict,
    dataclasses.astuple: _astuple,
    dataclasses.fields: _fields,
}
