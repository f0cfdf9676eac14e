"""What the values are that meet: their kinds, and their parts."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from adjoint.ir.nodes import Var
from adjoint.ir.operands import strip
from adjoint.ir.values import Array, Scalar, Type, rank
from adjoint.stage.arrays.view_joins import is_unbound
from adjoint.stage.flow.alternatives import is_member, number_of
from adjoint.stage.trail import ABSENT
from adjoint.stage.values import (
    Buffer,
    DictValue,
    ObjectValue,
    Placed,
    RunTimeDict,
    RunTimeList,
    Static,
    TupleValue,
    View,
    is_none,
)

__all__ = [
    "are_memory",
    "as_numbers",
    "called",
    "changes_rank",
    "have_one_number",
    "in_their_lists",
    "is_number",
    "loses_axes",
    "name_among",
    "part_of",
    "place_in_list",
    "taken_apart",
]


def changes_rank(types: Sequence[Type]) -> bool:
    """Whether a number becomes an array, or an array one of another rank."""
    ranks = {rank(t) for t in map(strip, types) if isinstance(t, Array | Scalar)}
    return len(ranks - {None}) > 1


def loses_axes(types: Sequence[Type]) -> bool:
    """Whether an array becomes one of fewer axes, or a number: so it goes on from trip to trip."""
    first, *others = [rank(strip(t)) for t in types]
    return first is not None and any(each is not None and each < first for each in others)


def taken_apart(value: Any) -> Any:
    """A tuple that is known now, as one of parts."""
    if isinstance(value, Static) and type(value.value) is tuple:
        return TupleValue(tuple(map(Static, value.value)), key=value.key)
    return value


def called(key: Any) -> str:
    """The name of what a dict has at a key, if that is one."""
    is_name = isinstance(key, str) and key.isidentifier() and not keyword.iskeyword(key)
    return key if is_name else ""


def part_of(value: Any, index: int) -> Any:
    return ABSENT if is_unbound(value) else value.items[index]


def name_among(name: str, alternatives: Sequence[Any]) -> str:
    if name:
        return name
    names = [v.name for v in alternatives if isinstance(v, Var) and v.name]
    return names[0] if names else ""


def are_memory(first: Any, bound: Sequence[Any]) -> bool:
    """Whether these are all lists of run-time length, all such dicts, or may all be arrays."""
    if isinstance(first, RunTimeList | RunTimeDict):
        return all(isinstance(v, type(first)) for v in bound)
    if isinstance(first, View) and first.is_list:
        return all(isinstance(v, View) and v.is_list for v in bound)
    return all(map(_may_be_array, bound))


def _may_be_array(value: Any) -> bool:
    return isinstance(value, Buffer | View | Var) or is_none(value) or is_number(value)


def in_their_lists(bound: Iterable[Any]) -> tuple[Any, ...]:
    """The decisions by which copies of what is in lists would stand for their places there."""
    fixed = (v.fixed for v in bound if isinstance(v, DictValue | ObjectValue) and v.fixed)
    return tuple(dict.fromkeys(key for each in fixed for key in each.keys))


def place_in_list(value: Any) -> Placed | None:
    """Where a dict or object is, of which the list that it is in is changed."""
    return value.place if isinstance(value, DictValue | ObjectValue) else None


def have_one_number(columns: Iterable[Mapping[int, Any]]) -> bool:
    """Whether members of several enumerations have the same number."""
    classes: dict[int, type] = {}
    members = ((n, v.value) for column in columns for n, v in column.items() if is_member(v))
    return any(classes.setdefault(n, type(held)) is not type(held) for n, held in members)


def as_numbers(alternatives: Sequence[Any], always: bool) -> Sequence[Any]:
    """What meets; members of an enumeration that are numbers, as such beside others or always."""
    if not always and not any(isinstance(v, Var) or is_number(v) for v in alternatives):
        return alternatives
    return [number_of(value) for value in alternatives]


def is_number(value: Any) -> bool:
    if is_member(value):
        return False
    return isinstance(value, Static) and isinstance(
        value.value, bool | int | float | complex | np.generic
    )
