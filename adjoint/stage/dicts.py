"""Dicts by keys known at run time only.

A dict is known while staging as long as its keys are. Where one is written by a key that is not,
staging starts again, and the dict is one of the emitted code from where it is made. As a list of
run-time length it is a value there (see `lists`): a write gives the new dict, which all its names
share. It holds numbers and arrays, and no array in it is written in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NoReturn

import gast
import numpy as np

from adjoint.errors import Unsupported
from adjoint.ir.dicts import KEYS, NEW_DICT
from adjoint.ir.infer import type_of
from adjoint.ir.lengths import Length
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.ops import GETITEM, Form, Op, call
from adjoint.ir.updates import DISCARD, SET_DEFAULT, update_place
from adjoint.ir.values import (
    INT,
    UNKNOWN,
    Array,
    DictOf,
    Growing,
    ListOf,
    Scalar,
    TupleOf,
    Type,
    join_types,
    rank,
)
from adjoint.markers import stop_gradient
from adjoint.stage.aliases import note_holder, replace_version
from adjoint.stage.buffers import READ_AGAIN
from adjoint.stage.context import Frame, Restart, Stage, as_key
from adjoint.stage.lists import note_change, refuse_gone_over
from adjoint.stage.operators import binary
from adjoint.stage.values import (
    Buffer,
    DictValue,
    RunTimeDict,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
    View,
)

__all__ = [
    "KNOWN_KEYS",
    "UNKNOWN_KEY",
    "count_of",
    "dict_at_run_time",
    "discard",
    "item_type",
    "key_at",
    "keys_of",
    "made_dict",
    "new_dict",
    "read_item",
    "selected",
    "set_default",
    "store_item",
    "update_item",
    "written_key",
]

_ITEMS = "items of a dict"
KNOWN_KEYS = "known keys"
UNKNOWN_KEY = "the key of a dict is known at run time only"
_WRITTEN = "an array in a dict by keys known at run time only is written in place"
_HELD = "a dict by keys known at run time only holds lists, dicts, objects or tuples"


def new_dict(
    stage: Stage, frame: Frame, node: gast.AST, entries: Mapping[Any, Value]
) -> DictValue | RunTimeDict:
    """A dict that is made here: one of the emitted code if that was decided."""
    key = stage.key(frame, node, "runtime dict")
    if key not in stage.decisions or _known(key) in stage.decisions:
        return DictValue({"items": dict(entries)}, key=key)
    made = made_dict(stage, frame, node, entries, _known(key))
    stage.sites.setdefault(made.slots["held"], made.site)
    return made


def _known(key: Any) -> Any:
    """The decision that the keys of a dict are to be known, since nothing else can hold it."""
    return (KNOWN_KEYS, *key[1:])


def _first_item(stage: Stage, site: Any) -> Type | None:
    """The type of what is put first into a dict that is made empty, if it was noted."""
    noted = (key[1] for key in stage.decisions if key[0] == _ITEMS and key[2] == site)
    dtype, axes = next(noted, (None, ()))
    if not isinstance(dtype, np.dtype):
        return dtype
    unknown = stage.builder.facts.any_length
    return Array(dtype, tuple(unknown() if size is None else Length(size) for size in axes))


def _note_first_item(stage: Stage, owner: RunTimeDict, item: Type) -> None:
    """Start again with a dict of items of this type, if it was read when it was empty."""
    noted: Any = None
    if rank(item) == 0:
        noted = (replace(item, length=None) if isinstance(item, Scalar) else item, ())
    elif isinstance(item, Array) and item.shape is not None:
        noted = (item.dtype, tuple(axis.const if axis.known else None for axis in item.shape))
    known = owner.read and owner.site is not None and noted is not None
    if known and _first_item(stage, owner.site) is None:
        raise Restart((_ITEMS, noted, owner.site))


def made_dict(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    entries: Mapping[Any, Value],
    site: Any = None,
) -> RunTimeDict:
    """A dict of the emitted code that holds these; `site` says where it is made, if it lasts."""
    items = tuple(_held(stage, frame, node, site, value) for value in entries.values())
    type_ = DictOf(None, None if entries or site is None else _first_item(stage, site))
    for key, operand in zip(entries, items, strict=True):
        type_ = _with(stage, type_, _key_type(stage, Static(key)), type_of(operand))
    with stage.builder.at(stage.place(frame, node)):
        pack = Pack("dict", items, tuple(map(Const, entries)))
        made = stage.builder.let(NEW_DICT, (pack,), type_=type_)
    owner = RunTimeDict({"held": made}, site=site)
    for value in entries.values():
        note_holder(stage, frame, node, value, owner)
    return owner


def dict_at_run_time(stage: Stage, frame: Frame, node: gast.AST, owner: DictValue) -> None:
    """Start again with a dict made one of the emitted code, if it was made inside."""
    if owner.key is not None and owner.key not in stage.decisions:
        raise Restart(owner.key)
    if owner.key is None or _known(owner.key) not in stage.decisions:
        return
    reason = stage.decisions[_known(owner.key)]
    if isinstance(reason, Unsupported):
        raise reason
    stage.refuse(frame, node, _WRITTEN, "put copies into it, and make new arrays of them")


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


def _give_up(
    stage: Stage, frame: Frame, node: gast.AST, site: Any, message: str, advice: str
) -> NoReturn:
    """Start again with the keys of a dict known, if that can be; or refuse what it cannot hold."""
    reason = stage.unsupported(message, stage.place(frame, node), advice)
    if site is None or site in stage.decisions:
        raise reason
    raise Restart(site, reason=reason)


def _held(stage: Stage, frame: Frame, node: gast.AST, site: Any, value: Value) -> Operand:
    """The operand of what a dict holds from now on: a number, an array, text or None."""
    known = isinstance(value, Static) and (value.value is None or not callable(value.value))
    simple = isinstance(value, Var | Buffer | View) or known
    operand = stage.operand(value, frame, node) if simple else None
    if not isinstance(operand, Var | Const) or isinstance(type_of(operand), TupleOf | Growing):
        advice = "keep one dict for each part, of numbers or arrays"
        _give_up(stage, frame, node, site, _HELD, advice)
    return operand


def _key_type(stage: Stage, value: Value) -> Type:
    match value:
        case TupleValue(items):
            return TupleOf(tuple(_key_type(stage, item) for item in items))
        case Static(tuple() as held):
            return TupleOf(tuple(_key_type(stage, Static(item)) for item in held))
        case _:
            type_ = stage.type(value)
            return INT if isinstance(type_, Scalar) and type_.kind == "int" else type_


def _with(stage: Stage, old: DictOf, key: Type, item: Type) -> DictOf:
    """The type of a dict to which a key and an item are added; of a number, not how large it is."""
    item = Scalar(item.kind) if isinstance(item, Scalar) else item
    joined = join_types(old, DictOf(key, item), stage.builder.facts)
    assert isinstance(joined, DictOf), "dicts are joined to a dict"
    return joined


def _version(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeDict) -> tuple[Var, DictOf]:
    held = stage.operand(owner, frame, node)
    assert isinstance(held, Var) and isinstance(held.type, DictOf), "a dict has a variable"
    return held, held.type


def read_item(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeDict,
    key: Value,
    *,
    proven: bool = False,
    empty: Type | None = None,
) -> Var:
    """``owner[key]``, which may be `proven` to be there.

    `empty` is the type that is taken for it where nothing was put into the dict yet.
    """
    held, type_ = _version(stage, frame, node, owner)
    at = stage.operand(key, frame, node)
    with stage.builder.at(stage.place(frame, node)):
        op = READ_AGAIN if proven or _is_handed(stage, owner, at) else GETITEM
        return stage.builder.let(op, (held, at), type_=item_type(owner, type_, empty))


def item_type(owner: RunTimeDict, type_: DictOf, empty: Type | None = None) -> Type:
    """The type of what is read of a dict; `empty` where that is, as far as is known."""
    owner.read = owner.read or type_.item is None
    return type_.item or empty or UNKNOWN


def selected(stage: Stage, frame: Frame, node: gast.AST, owner: DictValue, key: Value) -> Value:
    """An item of a dict of known keys, by a key that is known at run time only.

    That the key is made known is noted as wanted, for the case that the dict stays as it is: it is
    made one of the emitted code if it is written by such a key later.
    """
    if owner.key is None or owner.key in stage.decisions:
        key = stage.known_key(key)
    stage.wanted.update(dict.fromkeys(_origins(stage, key)))
    entries = owner.slots["items"]
    return read_item(stage, frame, node, made_dict(stage, frame, node, entries), key)


def _origins(stage: Stage, key: Value) -> Iterator[Any]:
    """The decisions that would make a key known."""
    match key:
        case TupleValue(items):
            for item in items:
                yield from _origins(stage, item)
        case Var():
            yield from stage.origins.get(key, ())
        case _:
            pass


def store_item(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeDict,
    key: Value,
    value: Value,
    *,
    symbol: str = "",
    is_there: bool = False,
) -> None:
    """``owner[key] = value``; it may be known that the key is there."""
    note_change(stage, frame, node, owner)
    at = stage.operand(key, frame, node)
    if not is_there and not _is_handed(stage, owner, at):
        refuse_gone_over(stage, frame, node, owner)
    operand = _held(stage, frame, node, owner.site, value)
    held, type_ = _version(stage, frame, node, owner)
    if type_.item in (None, UNKNOWN):
        _note_first_item(stage, owner, type_of(operand))
    type_ = _with(stage, type_, _key_type(stage, key), type_of(operand))
    if stage.builder.stopped and isinstance(operand, Var):
        op = Op(stop_gradient, Form.ALIAS, stopped=True)
        operand = stage.builder.let(op, (operand,), type_=operand.type)
    _change(stage, frame, node, owner, update_place(symbol), (held, at, operand), type_)
    note_holder(stage, frame, node, value, owner)


def _change(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeDict,
    op: Op,
    args: tuple[Operand, ...],
    type_: DictOf,
) -> None:
    """Have a dict hold what an update makes of it; the rest of it is not constant."""
    assert isinstance(args[0], Var), "a dict has a variable"
    builder = stage.builder
    stopped, builder.stopped = builder.stopped, False
    with builder.at(stage.place(frame, node)):
        made = builder.let(op, args, name=args[0].name, type_=type_)
    builder.stopped = stopped
    replace_version(stage, owner, made)


def set_default(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeDict, key: Value, default: Static
) -> None:
    """``owner.setdefault(key, default)`` of a constant."""
    if _is_handed(stage, owner, stage.operand(key, frame, node)):
        return
    note_change(stage, frame, node, owner)
    refuse_gone_over(stage, frame, node, owner)
    operand = _held(stage, frame, node, owner.site, default)
    held, type_ = _version(stage, frame, node, owner)
    type_ = _with(stage, type_, _key_type(stage, key), type_of(operand))
    args = (held, stage.operand(key, frame, node), operand)
    _change(stage, frame, node, owner, SET_DEFAULT, args, type_)


def _is_handed(stage: Stage, owner: RunTimeDict, key: Operand) -> bool:
    """Whether a key is the one that a loop over the dict has reached.

    It is there, since no key may come or go meanwhile.
    """
    made = stage.builder.definitions.get(key) if isinstance(key, Var) else None
    return made is not None and made.op == READ_AGAIN and made.args[0] in owner.listed


def update_item(
    stage: Stage, frame: Frame, node: Any, owner: RunTimeDict, key: Value, symbol: str
) -> Steps:
    """``owner[key] op= value``."""
    before, type_ = _version(stage, frame, node, owner)
    with stage.builder.block() as statements:
        value = yield stage.evaluate(frame, node.value)
    item = item_type(owner, type_, stage.type(value))
    is_sum = symbol in ("+", "-") and is_immutable(item) and is_immutable(stage.type(value))
    if is_sum and owner.slots["held"] is before and not stage.builder.stopped:
        for statement in statements:
            stage.builder.append(statement)
        store_item(stage, frame, node, owner, key, value, symbol=symbol, is_there=True)
        return
    operands = (before, stage.operand(key, frame, node))
    with stage.builder.at(stage.place(frame, node)):
        old = stage.builder.let(GETITEM, operands, type_=type_.item or UNKNOWN)
    if not is_immutable(item) and type_.item is not None:
        _give_up(
            stage, frame, node, owner.site, _WRITTEN,
            f"make a new one: d[k] = d[k] {symbol} …",
        )  # fmt: skip
    for statement in statements:
        stage.builder.append(statement)
    made = yield binary(stage, frame, node, symbol, old, value)
    store_item(stage, frame, node, owner, key, made, is_there=True)


def discard(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: RunTimeDict,
    key: Value,
    *,
    proven: bool = False,
) -> Var:
    """``owner.pop(key)``: what was there."""
    note_change(stage, frame, node, owner)
    refuse_gone_over(stage, frame, node, owner)
    item = read_item(stage, frame, node, owner, key, proven=proven)
    held, type_ = _version(stage, frame, node, owner)
    args = (held, stage.operand(key, frame, node))
    _change(stage, frame, node, owner, DISCARD, args, type_)
    return item


def keys_of(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeDict) -> RunTimeList:
    """A list of the keys, in the order in which they came."""
    held, type_ = _version(stage, frame, node, owner)
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(KEYS, (held,), name="keys", type_=ListOf(type_.key))
    owner.listed.append(made)
    return RunTimeList({"held": made})


def key_at(stage: Stage, frame: Frame, node: gast.AST, keys: RunTimeList, index: Value) -> Var:
    """The key at a position of a list of keys, where there is one."""
    operands = (stage.operand(keys, frame, node), stage.operand(index, frame, node))
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(READ_AGAIN, operands)


def count_of(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeDict) -> Var:
    """``len(owner)``."""
    held, _ = _version(stage, frame, node, owner)
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(call(len), (held,), type_=INT)
