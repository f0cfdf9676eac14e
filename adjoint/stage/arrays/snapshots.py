"""Values as they are at some point: views read again, and variables in the place of arrays."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from adjoint.ir.nodes import Const, Var
from adjoint.ir.ops import GETITEM
from adjoint.ir.values import TupleOf, is_differentiable
from adjoint.stage.arrays.buffers import read
from adjoint.stage.context import Stage
from adjoint.stage.dicts.some_keys import SomeKeys
from adjoint.stage.flow.aliases import may_alias
from adjoint.stage.lists.positions import has_moved
from adjoint.stage.lists.put_in import at_place
from adjoint.stage.values import (
    Buffer,
    DictValue,
    DictView,
    ListValue,
    ObjectValue,
    OneOf,
    Records,
    RunTimeList,
    TupleValue,
    Value,
    View,
    shown_now,
)

__all__ = ["arrays_in", "photograph", "refreshed"]


def refreshed(stage: Stage, value: Any) -> Any:
    """`value` with its views read again, at the end of a path where they may meet others."""

    def again(part: Any) -> Any:
        return refreshed(stage, part)

    value = at_place(value)
    match value:
        case View() if value.base.slots.get("moved") is None and not has_moved(value):
            read(stage, value)
            return View(value.base, value.path, value.type, value.seen, value.leaf)
        case TupleValue(items, cls):
            return TupleValue(again(items), cls) if _holds_view(items) else value
        case ListValue() if _holds_view(value.slots["items"]):
            return ListValue({"items": again(value.slots["items"])}, key=value.key)
        case Records(layout, lists):
            return Records(layout, again(lists))
        case tuple():
            return tuple(map(again, value))
        case SomeKeys():
            return value.mapped(again)
        case dict():
            return {key: again(part) for key, part in value.items()}
        case _:
            return value


def _holds_view(items: Iterable[Value]) -> bool:
    return any(isinstance(at_place(each), View) for item in items for each in arrays_in(item))


def arrays_in(value: Value) -> Iterator[Buffer | View]:
    """The buffers and views in a value."""
    match value:
        case Buffer() | View():
            yield value
        case TupleValue(items):
            yield from itertools.chain.from_iterable(map(arrays_in, items))
        case OneOf(_, items):
            yield from itertools.chain.from_iterable(map(arrays_in, items.values()))
        case ListValue():
            yield from itertools.chain.from_iterable(map(arrays_in, value.slots["items"]))


def photograph(stage: Stage, value: Value) -> Value:
    """`value` as it is now: with variables in the place of buffers and views.

    A tuple or list that one operation gave is taken apart: derivatives belong to its items.
    """
    match value:
        case View() if value.is_list:
            return RunTimeList({"held": read(stage, value)})
        case Buffer() | View() | OneOf():
            return read(stage, value)
        case Var(type=TupleOf(types)) if any(map(is_differentiable, types)):
            return _taken_apart(stage, value)
        case DictView(DictValue()):
            return photograph(stage, shown_now(value))
        case TupleValue(items, cls):
            return TupleValue(tuple(photograph(stage, item) for item in items), cls)
        case Records(layout) if layout.holds_references:
            what = "a list of what is changed in another list is returned"
            advice = "return copies of the items, or the other list with the positions"
            raise stage.unsupported(what, stage.builder.place, advice)
        case RunTimeList() if _holds_tuples(stage, value):
            what = "a list of run-time length is returned that holds tuples of run-time length"
            advice = "put lists into it: rows.append(list(row))"
            raise stage.unsupported(what, stage.builder.place, advice)
        case Records(layout, lists):
            alone: Any = tuple(photograph(stage, each) for each in lists)
            return Records(layout, alone)
        case ListValue():
            items = tuple(photograph(stage, item) for item in value.slots["items"])
            return ListValue({"items": items}, key=value.key)
        case DictValue():
            entries = value.slots["items"]
            return DictValue({"items": {k: photograph(stage, v) for k, v in entries.items()}})
        case ObjectValue() if value.access is None:
            parts = {name: photograph(stage, part) for name, part in value.slots.items()}
            return value.like(parts)
        case _:
            return value


def _holds_tuples(stage: Stage, value: RunTimeList) -> bool:
    """Whether what was put into a list is a tuple, which is a list in the code that runs."""
    return any(
        isinstance(held, RunTimeList) and held.is_tuple and may_alias(holder, value)
        for held, holder in stage.holders
    )


def _taken_apart(stage: Stage, value: Var) -> Value:
    assert isinstance(value.type, TupleOf)
    parts = tuple(
        photograph(stage, stage.builder.let(GETITEM, (value, Const(k)), type_=type_))
        for k, type_ in enumerate(value.type.items)
    )
    is_list = issubclass(value.type.cls, list)
    return ListValue({"items": parts}) if is_list else TupleValue(parts, value.type.cls)
