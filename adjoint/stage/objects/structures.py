"""Structures of values, taken apart into leaves and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from adjoint.stage.values import DictValue, ListValue, ObjectValue, Records, TupleValue, Value

__all__ = ["leaf_values", "map_leaves", "parts_of"]


def parts_of(value: Value) -> list[tuple[Any, Value]] | None:
    """The parts of a structure, each with its key; None of what is a leaf.

    An object is one if it was made inside, or is like one that came in (see `likenesses`).
    """
    match value:
        case TupleValue(items):
            return list(enumerate(items))
        case Records(_, lists):
            return list(enumerate(lists))
        case ListValue():
            return list(enumerate(value.slots["items"]))
        case DictValue():
            return list(value.slots["items"].items())
        case ObjectValue() if value.access is None:
            return list(value.slots.items())
        case _:
            return None


def leaf_values(value: Value) -> Iterator[Value]:
    """The leaves of a structure, in order."""
    parts = parts_of(value)
    if parts is None:
        yield value
    for _, part in parts or ():
        yield from leaf_values(part)


def map_leaves(
    value: Value,
    change: Callable[[Value], Value],
    is_leaf: Callable[[Value], bool] = lambda value: False,
) -> Value:
    """A structure like `value`, with `change` applied to each leaf, in order.

    `is_leaf` is whether a structure is taken for a leaf.
    """
    parts = None if is_leaf(value) else parts_of(value)
    if parts is None:
        return change(value)
    made: dict[Any, Any] = {key: map_leaves(part, change, is_leaf) for key, part in parts}
    match value:
        case TupleValue(_, cls):
            return TupleValue(tuple(made.values()), cls)
        case Records(layout):
            return Records(layout, tuple(made.values()))
        case ListValue():
            return ListValue({"items": tuple(made.values())}, key=value.key)
        case ObjectValue():
            return value.like(made)
        case _:
            return DictValue({"items": made})
