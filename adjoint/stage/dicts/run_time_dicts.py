"""Dicts by keys known at run time only.

Where one is made is told in `new_dicts`. As a list of run-time length it is a value of the emitted
code (see `lists`): a write gives the new dict, which all its names share. It holds numbers and
arrays, and no array in it is written in place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from adjoint.ir.dicts import KEYS
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, Form, Op, call
from adjoint.ir.updates import DISCARD, SET_DEFAULT, update_place
from adjoint.ir.values import (
    INT,
    UNKNOWN,
    DictOf,
    ListOf,
    Type,
    Unknown,
)
from adjoint.markers import stop_gradient
from adjoint.stage.arrays.buffers import READ_AGAIN
from adjoint.stage.context import Frame, Stage
from adjoint.stage.dicts.new_dicts import (
    WRITTEN,
    as_it_is,
    give_up,
    held_operand,
    key_type,
    note_first_item,
    with_item,
)
from adjoint.stage.flow.aliases import one_of, replace_version
from adjoint.stage.lists.holders import note_holder
from adjoint.stage.lists.list_methods import note_change, refuse_gone_over
from adjoint.stage.operators import binary
from adjoint.stage.values import (
    DictValue,
    RunTimeDict,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
)

__all__ = [
    "count_of",
    "discard",
    "item_type",
    "key_at",
    "keys_of",
    "read_item",
    "selected",
    "set_default",
    "store_item",
    "update_item",
]


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
    known: Type | None = None,
) -> Var:
    """``owner[key]``, which may be `proven` to be there, or `known` to be of a type.

    `empty` is the type that is taken for it where nothing was put into the dict yet.
    """
    held, type_ = _version(stage, frame, node, owner)
    at = stage.operand(key, frame, node)
    with stage.builder.at(stage.place(frame, node)):
        op = READ_AGAIN if proven or _is_handed(stage, owner, at) else GETITEM
        return stage.builder.let(op, (held, at), type_=known or item_type(owner, type_, empty))


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
    found = read_item(stage, frame, node, as_it_is(stage, frame, node, owner), key)
    return one_of(found, [*owner.slots["items"].values()], ())


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
    operand = held_operand(stage, frame, node, owner.site, value)
    held, type_ = _version(stage, frame, node, owner)
    if type_.item is None or isinstance(type_.item, Unknown):
        note_first_item(stage, owner, type_of(operand))
    type_ = with_item(stage, type_, key_type(stage, key), type_of(operand))
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
    operand = held_operand(stage, frame, node, owner.site, default)
    held, type_ = _version(stage, frame, node, owner)
    type_ = with_item(stage, type_, key_type(stage, key), type_of(operand))
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
        give_up(
            stage, frame, node, owner.site, WRITTEN,
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
