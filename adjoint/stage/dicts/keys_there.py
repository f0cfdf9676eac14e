"""Items of dicts that have a key on some paths only (see `some_keys`)."""

from __future__ import annotations

import operator
from collections.abc import Callable

import gast

from adjoint.ir.nodes import Var
from adjoint.ir.ops import operation
from adjoint.ir.values import BOOL
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.dicts.some_keys import Flag, SomeKeys, items_there
from adjoint.stage.flow.branches import FALL, arm, join_arms, other_arm
from adjoint.stage.lists.list_methods import note_change
from adjoint.stage.trail import ABSENT
from adjoint.stage.values import NONE, DictValue, Static, Steps, Value

__all__ = ["SOME_KEYS", "has_key", "item_or_raise", "put_item"]


_NOT = operation(operator.not_)


def has_key(stage: Stage, owner: DictValue, key: Static) -> Flag:
    """Whether a key is in a dict."""
    items = owner.slots["items"]
    if not isinstance(items, SomeKeys):
        return Static(key.value in items)
    flag = items.there.get(key.value, Static(False))
    known = stage.alternatives.truths.get(flag) if isinstance(flag, Var) else None
    if isinstance(flag, Var) and flag in stage.read.slots:
        known = True
    return flag if known is None else Static(known)


def item_or_raise(
    stage: Stage, frame: Frame, node: gast.AST, owner: DictValue, key: Static
) -> Steps:
    """``owner[key]``."""
    flag, place = has_key(stage, owner, key), stage.place(frame, node)
    if isinstance(flag, Static) and not flag.value:
        raise PrimalRaises(KeyError(key.value), place)
    if isinstance(flag, Var):

        def missing() -> Steps:
            raise PrimalRaises(KeyError(key.value), place)
            yield

        with stage.builder.at(place):
            test = stage.builder.let(_NOT, (flag,), type_=BOOL)
        arms = [(yield arm(stage, missing, test)), (yield other_arm(stage, _nothing, test))]
        join_arms(stage, test, arms, place, (stage.key(frame, node, "split"),))
        stage.trail.set(stage.read, flag, True)
    return items_there(owner.slots["items"])[key.value]


def _nothing() -> Steps:
    return FALL
    yield


def put_item(
    stage: Stage, frame: Frame, node: gast.AST, owner: DictValue, key: Static, item: Value
) -> None:
    """``owner[key] = item``."""
    flag = has_key(stage, owner, key)
    is_there = isinstance(flag, Static) and flag.value
    note_change(stage, frame, node, owner, whole=not is_there)
    stage.trail.set(owner, "items", owner.slots["items"].with_item(key.value, item))


def _get_or(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: DictValue,
    key: Static,
    default: Value = NONE,
) -> Steps:
    """``owner.get(key, default)``."""
    flag = has_key(stage, owner, key)
    item = owner.slots["items"].items_there.get(key.value, ABSENT)
    if isinstance(flag, Static):
        return item if flag.value else default

    def there() -> Steps:
        return item
        yield

    def missing() -> Steps:
        return default
        yield

    arms = [(yield arm(stage, there, flag)), (yield other_arm(stage, missing, flag))]
    keys = (stage.key(frame, node, "split"),)
    return join_arms(stage, flag, arms, stage.place(frame, node), keys, "ifexp")


def _set_default(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: DictValue,
    key: Static,
    default: Value = NONE,
) -> Steps:
    """``owner.setdefault(key, default)``."""

    def put() -> Steps:
        put_item(stage, frame, node, owner, key, default)
        return FALL
        yield

    flag = has_key(stage, owner, key)
    if isinstance(flag, Var):
        with stage.builder.at(stage.place(frame, node)):
            test = stage.builder.let(_NOT, (flag,), type_=BOOL)
        arms = [(yield arm(stage, put, test)), (yield other_arm(stage, _nothing, test))]
        keys = (stage.key(frame, node, "split"),)
        join_arms(stage, test, arms, stage.place(frame, node), keys)
    elif not flag.value:
        yield put()
    return owner.slots["items"].items_there[key.value]


#: The methods of dicts that ask for one key.
SOME_KEYS: dict[str, Callable[..., Steps]] = {"get": _get_or, "setdefault": _set_default}
