"""The methods of dicts, also of those by keys known at run time only."""

from __future__ import annotations

from typing import Any

import gast

from adjoint.ir.dicts import COPY_DICT, GET
from adjoint.ir.nodes import Const, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import COMPARE, operation
from adjoint.ir.values import BOOL, Array, DictOf, Maybe, Scalar, Type, join_types, rank
from adjoint.stage.arrays.subscripts import get_item, is_empty, item_there
from adjoint.stage.assign import set_item
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.dicts.keys_there import SOME_KEYS
from adjoint.stage.dicts.new_dicts import as_it_is, can_hold, made_dict, refuse_to_hold, written_key
from adjoint.stage.dicts.run_time_dicts import (
    discard,
    item_type,
    read_item,
    set_default,
    store_item,
)
from adjoint.stage.dicts.some_keys import SomeKeys
from adjoint.stage.equivalents.dict_equivalents import fromkeys, item_at, popitem
from adjoint.stage.flow.aliases import replace_version
from adjoint.stage.flow.branches import FALL
from adjoint.stage.flow.conditions import choose
from adjoint.stage.flow.loop_statements import each
from adjoint.stage.iteration.sequences import spread
from adjoint.stage.lists.list_methods import CHANGING, note_change, refuse_gone_over
from adjoint.stage.objects.protocols import special
from adjoint.stage.values import (
    NONE,
    DictValue,
    DictView,
    ObjectValue,
    RunTimeDict,
    Static,
    Steps,
    Value,
)

__all__ = ["DICTS", "call_dict_method"]


def call_dict_method(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: DictValue | RunTimeDict,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """``owner.name(*args, **kwargs)`` of a dict."""
    if name == "update" and kwargs:
        args = [*args, DictValue({"items": dict(kwargs)})]
    if name == "update":
        for other in args:
            yield _update(stage, frame, node, owner, other)
        return NONE
    if name == "popitem":
        return (yield stage.call(frame, node, Static(popitem), [owner], {}))
    if isinstance(owner, RunTimeDict):
        return (yield _method(stage, frame, node, owner, name, args))
    if name in ("setdefault", "pop") and args:
        args = [written_key(stage, frame, node, owner, args[0]), *args[1:]]
    if name == "get" and args and not isinstance(stage.known_key(args[0]), Static):
        shown = as_it_is(stage, frame, node, owner)
        return (yield _method(stage, frame, node, shown, name, args))
    if isinstance(owner.slots["items"], SomeKeys) and name in SOME_KEYS and args:
        key = stage.known_key(args[0])
        return (yield SOME_KEYS[name](stage, frame, node, owner, key, *args[1:]))
    return _of_known_keys(stage, frame, node, owner, name, args)


def _of_known_keys(
    stage: Stage, frame: Frame, node: gast.AST, owner: DictValue, name: str, args: list[Value]
) -> Value:
    """A method of a dict of which all keys are known."""
    if name in CHANGING:
        note_change(stage, frame, node, owner)
        refuse_gone_over(stage, frame, node, owner)
    if args and name in ("get", "setdefault", "pop"):
        args = [stage.known_key(args[0]), *args[1:]]
    entries = owner.slots["items"]
    match name, args:
        case (("keys" | "values" | "items"), []):
            return DictView(owner, name)
        case "copy", []:
            return DictValue({"items": entries})
        case "get", [Static(key), *default]:
            return entries.get(key, default[0] if default else NONE)  # type: ignore[no-any-return]
        case "setdefault", [Static(key), *default] if key not in entries:
            value = default[0] if default else NONE
            stage.trail.set(owner, "items", {**entries, key: value})
            return value
        case "setdefault", [Static(key), *_]:
            return entries[key]  # type: ignore[no-any-return]
        case "update", [DictValue() as other]:
            stage.trail.set(owner, "items", {**entries, **other.slots["items"]})
            return NONE
        case "pop", [Static(key), *default] if key in entries or default:
            rest = {k: v for k, v in entries.items() if k != key}
            stage.trail.set(owner, "items", rest)
            return entries[key] if key in entries else default[0]
        case "pop", [Static(key)]:
            raise PrimalRaises(KeyError(key), stage.place(frame, node))
        case _:
            stage.refuse(
                frame, node, f"the dict method .{name}() is not supported here",
                "use items known when the function is read",
            )  # fmt: skip


def _method(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeDict, name: str, args: list[Value]
) -> Steps:
    match name, args:
        case (("keys" | "values" | "items"), []):
            return DictView(owner, name)
        case "get", [key]:
            return (yield _get(stage, frame, node, owner, key, NONE))
        case (("get" | "pop" | "setdefault"), [_, default]) if not can_hold(default):
            refuse_to_hold(stage, frame, node, owner)
        case "get", [key, default]:
            return (yield _get(stage, frame, node, owner, key, default))
        case "setdefault", [key, default]:
            return (yield _set_default(stage, frame, node, owner, key, default))
        case "pop", [key]:
            return discard(stage, frame, node, owner, key)
        case "pop", [key, default]:
            return (yield _pop(stage, frame, node, owner, key, default))
        case "clear", []:
            note_change(stage, frame, node, owner)
            refuse_gone_over(stage, frame, node, owner)
            made = made_dict(stage, frame, node, {}).slots["held"]
            made.name = owner.slots["held"].name
            replace_version(stage, owner, made)
            return NONE
        case "copy", []:
            return _copy(stage, frame, node, owner)
        case _:
            stage.refuse(
                frame, node,
                f"the method .{name}() of a dict by keys known at run time only is not supported",
                "use get, setdefault, pop and update, or a loop over the dict",
            )  # fmt: skip


def _has(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeDict, key: Value) -> Var:
    operands = [stage.operand(value, frame, node) for value in (key, owner)]
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(operation(COMPARE["in"]), operands, type_=BOOL)


def _get(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeDict, key: Value, default: Value
) -> Steps:
    """``owner.get(key, default)``: a branch, where the default is computed."""
    held, at = (stage.operand(value, frame, node) for value in (owner, key))
    otherwise = stage.operand(default, frame, node) if isinstance(default, Static) else None
    if isinstance(otherwise, Const):
        with stage.builder.at(stage.place(frame, node)):
            type_ = _read_type(stage, owner, type_of(held), otherwise)
            args = (held, at) if otherwise.value is None else (held, at, otherwise)
            return stage.builder.let(GET, args, type_=type_)

    def there() -> Steps:
        otherwise = type_of(stage.operand(default, frame, node))
        return read_item(stage, frame, node, owner, key, proven=True, empty=otherwise)
        yield

    def missing() -> Steps:
        return default
        yield

    test = _has(stage, frame, node, owner, key)
    return (yield choose(stage, frame, node, test, there, missing, "ifexp"))


def _read_type(stage: Stage, owner: RunTimeDict, held: Type, default: Const) -> Type:
    """The type of what is read, or the default: a whole number among floats is as good as one."""
    assert isinstance(held, DictOf), "a dict has a variable"
    item, other = item_type(owner, held), type_of(default)
    if default.value is None:
        return item if isinstance(item, Maybe) else Maybe(item)
    if held.item is None:
        return other
    is_number = isinstance(item, Array) and rank(item) == 0 and item.dtype.kind == "f"
    if is_number and isinstance(other, Scalar) and other.kind in ("bool", "int"):
        return item
    return join_types(item, other, stage.builder.facts)


def _set_default(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeDict, key: Value, default: Value
) -> Steps:
    if isinstance(default, Static):
        set_default(stage, frame, node, owner, key, default)
        return read_item(stage, frame, node, owner, key, proven=True)

    def put() -> Steps:
        store_item(stage, frame, node, owner, key, default)
        return FALL
        yield

    yield choose(stage, frame, node, _has(stage, frame, node, owner, key), _nothing, put, "if")
    return read_item(stage, frame, node, owner, key, proven=True)


def _nothing() -> Steps:
    return FALL
    yield


def _pop(
    stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeDict, key: Value, default: Value
) -> Steps:
    def taken() -> Steps:
        return discard(stage, frame, node, owner, key, proven=True)
        yield

    def missing() -> Steps:
        return default
        yield

    test = _has(stage, frame, node, owner, key)
    return (yield choose(stage, frame, node, test, taken, missing, "if"))


def _update(
    stage: Stage, frame: Frame, node: gast.AST, owner: DictValue | RunTimeDict, other: Value
) -> Steps:
    """``owner.update(other)``: of a dict, or of pairs of keys and values."""
    if isinstance(other, DictValue):
        for key, value in other.slots["items"].items():
            yield set_item(stage, frame, node, owner, Static(key), value)
        return
    if isinstance(other, ObjectValue) and special(stage, other, "keys") is not None:
        other = yield stage.call(frame, node, Static(other.cls.items), [other], {})
    pairs = DictView(other, "items") if isinstance(other, RunTimeDict) else other

    def trip(pair: Value) -> Steps:
        key, value = yield spread(stage, frame, node, pair)
        yield set_item(stage, frame, node, owner, key, value)
        return FALL

    if other is not owner:
        yield each(stage, frame, node, pairs, trip)


def _copy(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeDict) -> RunTimeDict:
    held = stage.operand(owner, frame, node)
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(COPY_DICT, (held,), type_=type_of(held))
    copy = RunTimeDict({"held": made})
    stage.holders += [(value, copy) for value, holder in stage.holders if holder is owner]
    return copy


def _item_at(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    """What stands in the list of a dict for a key: there, and counted from the begin."""
    places, held, key = args
    if is_empty(stage, held):
        raise PrimalRaises(KeyError("a key of an empty dict"), stage.place(frame, node))
    if not isinstance(places, RunTimeDict):
        place = yield get_item(stage, frame, node, places, key)
        return (yield get_item(stage, frame, node, held, place))
    counted = Scalar("int", stage.builder.facts.any_length())
    place = read_item(stage, frame, node, places, key, known=counted)
    place.name = place.name or "place"
    return (yield item_there(stage, frame, node, held, place))


def _from_keys(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    return (yield stage.call(frame, node, Static(fromkeys), args, kwargs))


DICTS = {item_at: _item_at, dict.fromkeys: _from_keys}
