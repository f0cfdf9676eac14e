"""Making dicts, and deciding which kind of dict one is.

A dict is known while staging as long as its keys are. Where one is written by a key that is not,
staging starts again, and the dict is one of the emitted code from where it is made (see `dicts`).
That holds numbers and arrays that are not written in place. Where something else is put into it, or
an array in it is written, staging starts again with the keys known, by unrolling loops. Where they
cannot be, what it holds stands in a list, and the dict tells where (see `dict_equivalents`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

import gast
import numpy as np

from adjoint.errors import Unsupported
from adjoint.ir.dicts import NEW_DICT
from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import (
    INT,
    Array,
    DictOf,
    Growing,
    Scalar,
    TupleOf,
    Type,
    join_types,
    rank,
)
from adjoint.stage.context import Frame, Restart, Stage, as_key
from adjoint.stage.equivalents.container_equivalents import HOLDING
from adjoint.stage.equivalents.dict_equivalents import DictOfPlaces
from adjoint.stage.lists.holders import note_holder
from adjoint.stage.values import (
    Buffer,
    DictValue,
    ObjectValue,
    RunTimeDict,
    Static,
    Steps,
    TupleValue,
    Value,
    View,
)

__all__ = [
    "KNOWN_KEYS",
    "PLACES",
    "UNKNOWN_KEY",
    "WRITTEN",
    "as_it_is",
    "can_hold",
    "dict_at_run_time",
    "dict_in",
    "dict_of_unknown_keys",
    "give_up",
    "held_operand",
    "is_dict_at_run_time",
    "key_type",
    "made_dict",
    "new_dict",
    "note_first_item",
    "refuse_to_hold",
    "with_item",
    "written_key",
]

_ITEMS = "items of a dict"
_AT_RUN_TIME = "runtime dict"
KNOWN_KEYS = "known keys"
PLACES = "items in a list"
UNKNOWN_KEY = "the key of a dict is known at run time only"
WRITTEN = "an array in a dict by keys known at run time only is written in place"
_HELD_ADVICE = (
    "give it all its keys where it is made, d = {'a': [], 'b': []}, or keep one dict for each part,"
    " of numbers or arrays"
)
_HELD = "a dict by keys known at run time only holds lists, dicts, objects or tuples"


def new_dict(stage: Stage, frame: Frame, node: gast.AST, entries: Mapping[Any, Value]) -> Steps:
    """A dict that is made here: one of the emitted code if that was decided."""
    key = stage.key(frame, node, _AT_RUN_TIME)
    if _placed(key) in stage.decisions:
        return (yield _dict_of_places(stage, frame, node, entries))
    if key not in stage.decisions or _known(key) in stage.decisions:
        return DictValue({"items": dict(entries)}, key=key)
    return made_dict(stage, frame, node, entries, _known(key))


def dict_of_unknown_keys(
    stage: Stage, frame: Frame, node: gast.AST, entries: Mapping[Any, Value]
) -> Steps:
    """A dict that is made here and gets a key that is not known."""
    site = _placed(stage.key(frame, node, _AT_RUN_TIME))
    if site in stage.decisions:
        return (yield _dict_of_places(stage, frame, node, entries))
    return made_dict(stage, frame, node, entries, site)


def _dict_of_places(
    stage: Stage, frame: Frame, node: gast.AST, entries: Mapping[Any, Value]
) -> Steps:
    """A dict of which the items stand in a list."""
    made = yield stage.call(frame, node, Static(DictOfPlaces), [], {})
    for key, value in entries.items():
        put = Static(DictOfPlaces.__setitem__)
        yield stage.call(frame, node, put, [made, Static(key), value], {})
    return made


def made_dict(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    entries: Mapping[Any, Value],
    site: Any = None,
) -> RunTimeDict:
    """A dict of the emitted code that holds these; `site` says where it is made, if it lasts."""
    items = tuple(held_operand(stage, frame, node, site, value) for value in entries.values())
    type_ = DictOf(None, None if entries or site is None else _first_item(stage, site))
    for key, operand in zip(entries, items, strict=True):
        type_ = with_item(stage, type_, key_type(stage, Static(key)), type_of(operand))
    with stage.builder.at(stage.place(frame, node)):
        pack = Pack("dict", items, tuple(map(Const, entries)))
        made = stage.builder.let(NEW_DICT, (pack,), type_=type_)
    owner = RunTimeDict({"held": made}, site=site)
    if site is not None:
        stage.sites.setdefault(made, site)
    for value in entries.values():
        note_holder(stage, frame, node, value, owner)
    return owner


def as_it_is(stage: Stage, frame: Frame, node: gast.AST, owner: DictValue) -> RunTimeDict:
    """A dict of the emitted code that holds what one of known keys holds now."""
    site = None if owner.key is None else _placed(owner.key)
    return made_dict(stage, frame, node, owner.slots["items"], site)


def dict_in(value: Value) -> Value:
    """The dict that a `defaultdict` or its kin holds; any other value as it is."""
    holds = isinstance(value, ObjectValue) and "entries" in HOLDING.get(value.cls, {})
    return value.slots["entries"] if holds else value  # type: ignore[union-attr]


def is_dict_at_run_time(value: Value) -> bool:
    """Whether a value is a dict by keys known at run time only."""
    is_placed = isinstance(value, ObjectValue) and value.cls is DictOfPlaces
    return is_placed or isinstance(value, RunTimeDict)


def _known(key: Any) -> Any:
    """The decision that the keys of a dict are to be known, since nothing else can hold it."""
    return (KNOWN_KEYS, *key[1:])


def _placed(key: Any) -> Any:
    """The decision that what a dict holds stands in a list, since it is changed in place."""
    return (PLACES, *key[1:])


def dict_at_run_time(stage: Stage, frame: Frame, node: gast.AST, owner: DictValue) -> None:
    """Start again with a dict made one of the emitted code, if it was made inside."""
    if owner.key is not None and owner.key not in stage.decisions:
        raise Restart(owner.key)
    if owner.key is None or _known(owner.key) not in stage.decisions:
        return
    if _placed(owner.key) not in stage.decisions:
        raise Restart(_placed(owner.key))
    reason = stage.decisions[_known(owner.key)]
    if isinstance(reason, Unsupported):
        raise reason
    stage.refuse(frame, node, WRITTEN, "put copies into it, and make new arrays of them")


def written_key(stage: Stage, frame: Frame, node: gast.AST, owner: DictValue, key: Value) -> Static:
    """A key by which a dict is written, which is known; else the dict is made at run time."""
    known = as_key(key)
    if not isinstance(known, Static):
        if owner.key is not None and owner.key not in stage.decisions:
            raise Restart(owner.key)
        known = stage.known_key(key)
    if not isinstance(known, Static):
        dict_at_run_time(stage, frame, node, owner)
        stage.refuse(frame, node, UNKNOWN_KEY, "write into a copy that is made inside: d = {**d}")
    return known


def give_up(
    stage: Stage, frame: Frame, node: gast.AST, site: Any, message: str, advice: str
) -> NoReturn:
    """Start again with the keys of a dict known, if that can be; or refuse what it cannot hold."""
    reason = stage.unsupported(message, stage.place(frame, node), advice)
    if site is None or site in stage.decisions:
        raise reason
    raise Restart(site, reason=reason)


def can_hold(value: Value) -> bool:
    """Whether a value may be in such a dict: a number, an array, text or None."""
    if isinstance(value, Static):
        return not isinstance(value.value, tuple | list | dict) and not callable(value.value)
    return isinstance(value, Var | Buffer | View)


def refuse_to_hold(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeDict) -> NoReturn:
    """Have a dict kept in another way, or refuse it, since something else is put into it."""
    give_up(stage, frame, node, owner.site, _HELD, _HELD_ADVICE)


def held_operand(stage: Stage, frame: Frame, node: gast.AST, site: Any, value: Value) -> Operand:
    """The operand of what a dict holds from now on."""
    operand = stage.operand(value, frame, node) if can_hold(value) else None
    if not isinstance(operand, Var | Const) or isinstance(type_of(operand), TupleOf | Growing):
        give_up(stage, frame, node, site, _HELD, _HELD_ADVICE)
    return operand


def key_type(stage: Stage, value: Value) -> Type:
    match value:
        case TupleValue(items):
            return TupleOf(tuple(key_type(stage, item) for item in items))
        case Static(tuple() as held):
            return TupleOf(tuple(key_type(stage, Static(item)) for item in held))
        case _:
            type_ = stage.type(value)
            return INT if isinstance(type_, Scalar) and type_.kind == "int" else type_


def with_item(stage: Stage, old: DictOf, key: Type, item: Type) -> DictOf:
    """The type of a dict to which a key and an item are added; of a number, not how large it is."""
    item = Scalar(item.kind) if isinstance(item, Scalar) else item
    joined = join_types(old, DictOf(key, item), stage.builder.facts)
    assert isinstance(joined, DictOf), "dicts are joined to a dict"
    return joined


def _first_item(stage: Stage, site: Any) -> Type | None:
    """The type of what is put first into a dict that is made empty, if it was noted."""
    noted = (key[1] for key in stage.decisions if key[0] == _ITEMS and key[2] == site)
    dtype, axes = next(noted, (None, ()))
    if not isinstance(dtype, np.dtype):
        return dtype
    unknown = stage.builder.facts.any_length
    return Array(dtype, tuple(unknown() if size is None else Length(size) for size in axes))


def note_first_item(stage: Stage, owner: RunTimeDict, item: Type) -> None:
    """Start again with a dict of items of this type, if it was read when it was empty."""
    noted: Any = None
    if rank(item) == 0:
        noted = (replace(item, length=None) if isinstance(item, Scalar) else item, ())
    elif isinstance(item, Array) and item.shape is not None:
        noted = (item.dtype, tuple(axis.const if axis.known else None for axis in item.shape))
    known = owner.read and owner.site is not None and noted is not None
    if known and _first_item(stage, owner.site) is None:
        raise Restart((_ITEMS, noted, owner.site))
