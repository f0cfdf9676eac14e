"""Assignment to names, tuples, attributes and items."""

from __future__ import annotations

from functools import partial
from typing import Any

import gast

from adjoint.ir.nodes import Operand, Var
from adjoint.ir.operands import strip
from adjoint.ir.values import Array, Unknown
from adjoint.stage.arrays.buffers import noted_new
from adjoint.stage.arrays.subscripts import get_item
from adjoint.stage.arrays.unbuffered import refuse_unbuffered
from adjoint.stage.arrays.writes import write
from adjoint.stage.context import Frame, PrimalRaises, Stage, describe
from adjoint.stage.dicts.keys_there import put_item
from adjoint.stage.dicts.new_dicts import written_key
from adjoint.stage.dicts.run_time_dicts import discard, store_item, update_item
from adjoint.stage.dicts.sets import changed_set
from adjoint.stage.dicts.some_keys import SomeKeys
from adjoint.stage.flow.told_apart import for_each, told_apart
from adjoint.stage.iteration.sequences import spread
from adjoint.stage.iteration.unpacking import index_of, unpacked
from adjoint.stage.lists.changed_items import write_part
from adjoint.stage.lists.exchanges import exchanged
from adjoint.stage.lists.list_edits import edit, replace_part
from adjoint.stage.lists.list_methods import is_listed, note_change, refuse_gone_over, store
from adjoint.stage.lists.put_in import at_place
from adjoint.stage.lists.records import at_run_time
from adjoint.stage.lists.sequence_items import is_slice
from adjoint.stage.names import bind, delete, read_name
from adjoint.stage.objects.attribute_reads import get_attribute
from adjoint.stage.objects.attributes import delete_attribute, set_attribute
from adjoint.stage.objects.protocols import SPECIAL, special
from adjoint.stage.operators import SYMBOLS, binary
from adjoint.stage.values import (
    Buffer,
    DictValue,
    ListValue,
    NativeMethod,
    ObjectValue,
    OneOf,
    Poison,
    Records,
    RunTimeDict,
    RunTimeList,
    Static,
    Steps,
    Value,
    View,
)

__all__ = ["assign", "augmented", "set_item", "unassign"]


def assign(stage: Stage, frame: Frame, target: Any, value: Value) -> Steps:
    """``target = value``."""
    match target:
        case gast.Name():
            bind(stage, frame, target, target.id, value)
        case gast.Tuple() | gast.List() if isinstance(value, OneOf):
            yield told_apart(stage, frame, target, value, partial(assign, stage, frame, target))
        case gast.Tuple() | gast.List():
            items = yield unpacked(stage, frame, target, target.elts, value)
            if (yield exchanged(stage, frame, target, target.elts, items)):
                return
            for part, item in zip(target.elts, items, strict=True):
                yield assign(stage, frame, part, item)
        case gast.Starred():
            yield assign(stage, frame, target.value, value)
        case gast.Attribute():
            owner = yield stage.evaluate(frame, target.value)
            yield set_attribute(stage, frame, target, owner, target.attr, value)
        case gast.Subscript():
            owner = yield stage.evaluate(frame, target.value)
            index = yield index_of(stage, frame, target)
            yield set_item(stage, frame, target, owner, index, value)
        case _:
            stage.refuse(
                frame, target, "this target of an assignment is not supported", "use a name"
            )


@for_each(0, 1)
def set_item(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, index: Value, value: Value
) -> Steps:
    """``owner[index] = value``."""
    if isinstance(owner, Poison):
        stage.decide(owner, frame, node)
    match owner:
        case DictValue():
            key = written_key(stage, frame, node, owner, index)
            if isinstance(owner.slots["items"], SomeKeys):
                put_item(stage, frame, node, owner, key, value)
                return
            known = list(owner.slots["items"])
            place = known.index(key.value) if key.value in known else None
            note_change(stage, frame, node, owner, whole=place is None)
            refuse_gone_over(stage, frame, node, owner, place)
            if owner.place is not None:
                write_part(stage, frame, node, owner.place, key.value, value)
                return
            stage.trail.set(owner, "items", {**owner.slots["items"], key.value: value})
        case RunTimeDict():
            store_item(stage, frame, node, owner, index, value)
        case ListValue():
            if is_slice(index):
                value = yield _items_of(stage, frame, node, owner, value)
            _set_list_item(stage, frame, node, owner, stage.need_static(index), value)
        case RunTimeList(is_tuple=True) | Records(is_tuple=True):
            error = TypeError("'tuple' object does not support item assignment")
            raise PrimalRaises(error, stage.place(frame, node))
        case RunTimeList() | Records() | View() if is_listed(owner) and is_slice(index):

            def put(made: Value) -> Steps:
                yield stage.call(frame, node, NativeMethod(made, "extend"), [value], {})

            yield replace_part(stage, frame, node, owner, index, put)
        case RunTimeList() | Records() | View() if is_listed(owner):
            note_change(stage, frame, node, owner)
            store(stage, frame, node, owner, index, value)
        case ObjectValue() if (own := special(stage, owner, "__setitem__")) is not None:
            yield stage.call(frame, node, own, [owner, index, value], {})
        case Buffer() | View() | Var() if isinstance(strip(stage.type(owner)), Array | Unknown):
            at = stage.operand(index, frame, node)
            refuse_unbuffered(stage, frame, node, owner, at, value)
            write(stage, frame, node, owner, at, stage.operand(value, frame, node))
        case _:
            error = TypeError(f"{describe(owner)} does not support item assignment")
            raise PrimalRaises(error, stage.place(frame, node))


def _items_of(stage: Stage, frame: Frame, node: gast.AST, owner: ListValue, value: Value) -> Steps:
    """What is put in the place of a slice; if it has run-time length, the list has so too."""
    if isinstance(value, RunTimeList | Records):
        at_run_time(stage, owner)
    return (yield spread(stage, frame, node, value))


def _set_list_item(
    stage: Stage, frame: Frame, node: gast.AST, owner: ListValue, index: Value, value: Value
) -> None:
    if not isinstance(index, Static):
        at_run_time(stage, owner)
        stage.refuse(
            frame, node, "an item of a list is written at a position known at run time only",
            "use a constant position, or an array",
        )  # fmt: skip
    items = list(owner.slots["items"])
    try:
        items[index.value] = value
    except IndexError as error:
        raise PrimalRaises(error, stage.place(frame, node)) from error
    whole = isinstance(index.value, slice)
    position = None if whole else range(len(items))[index.value]
    note_change(stage, frame, node, owner, whole)
    refuse_gone_over(stage, frame, node, owner, position)
    stage.trail.set(owner, "items", tuple(items))


def augmented(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``target op= value``: a rebinding of numbers, and a write into an array."""
    target, symbol = node.target, SYMBOLS[type(node.op)]
    match target:
        case gast.Name():
            old = read_name(stage, frame, target, target.id)
            new = yield _combined(stage, frame, node, symbol, old)
            bind(stage, frame, target, target.id, new)
        case gast.Attribute():
            owner = yield stage.evaluate(frame, target.value)
            old = yield get_attribute(stage, frame, target, owner, target.attr)
            new = yield _combined(stage, frame, node, symbol, old)
            if new is not old or not isinstance(old, OneOf):
                yield set_attribute(stage, frame, target, owner, target.attr, new)
        case _:
            owner = yield stage.evaluate(frame, target.value)
            index = yield index_of(stage, frame, target)
            if _is_array(stage, owner):
                yield _place_updated(stage, frame, node, symbol, owner, index)
                return
            if isinstance(owner, RunTimeDict):
                yield update_item(stage, frame, node, owner, index, symbol)
                return
            old = yield get_item(stage, frame, target, owner, index)
            new = yield _combined(stage, frame, node, symbol, old)
            if isinstance(owner, Var | Buffer | View) and isinstance(new, Var):
                stage.builder.changes.pop(new, None)  # it is written into the array
            if new is not old or not isinstance(old, Buffer | View | Records):
                yield set_item(stage, frame, target, owner, index, new)


def _place_updated(
    stage: Stage, frame: Frame, node: Any, symbol: str, owner: Value, index: Value
) -> Steps:
    """``owner[index] op= value`` of an array, or of one of several."""
    arrays = [*owner.items.values()] if isinstance(owner, OneOf) else [owner]
    before = [_version(stage, frame, node.target, array) for array in arrays]
    value = yield stage.evaluate(frame, node.value)
    if any(
        _version(stage, frame, node.target, array) is not old
        for array, old in zip(arrays, before, strict=True)
    ):
        stage.refuse(
            frame, node, "the right side writes into the array on the left",
            "compute the right side first, and give it a name",
        )  # fmt: skip
    at, operand = (stage.operand(part, frame, node) for part in (index, value))

    def update(array: Value) -> Steps:
        write(stage, frame, node, array, at, operand, symbol)
        return array
        yield

    if isinstance(owner, OneOf):
        yield told_apart(stage, frame, node, owner, update)
    else:
        yield update(owner)


def _version(stage: Stage, frame: Frame, node: gast.AST, array: Value) -> Operand:
    """What holds an array now, or the array that it is a part of: another if it is written."""
    return stage.operand(array.base if isinstance(array, View) else array, frame, node)


def _combined(stage: Stage, frame: Frame, node: Any, symbol: str, old: Value) -> Steps:
    value, old = (yield stage.evaluate(frame, node.value)), at_place(old)
    if not isinstance(old, OneOf):
        return (yield _updated(stage, frame, node, symbol, old, value))

    def of_each(each: Value) -> Steps:
        return (yield _updated(stage, frame, node, symbol, each, value))

    return (yield told_apart(stage, frame, node, old, of_each))


def _updated(stage: Stage, frame: Frame, node: Any, symbol: str, old: Value, value: Value) -> Steps:
    """What ``old op= value`` binds the target to."""
    if symbol == "+" and (isinstance(old, ListValue) or is_listed(old)):
        return (yield stage.call(frame, node, NativeMethod(old, "__iadd__"), [value], {}))
    if symbol == "*" and _is_list(old):
        repeated = yield binary(stage, frame, node, symbol, old, value)
        yield set_item(stage, frame, node, old, Static(slice(None)), repeated)
        return old
    if isinstance(old, DictValue | RunTimeDict) and symbol == "|":
        yield stage.call(frame, node, NativeMethod(old, "update"), [value], {})
        return old
    own = special(stage, old, _in_place_name(symbol))
    if own is not None:
        return (yield stage.call(frame, node, own, [old, value], {}))
    if isinstance(old, Static) and isinstance(old.value, set | frozenset):
        changed_set(stage, frame, node, old.value)
    if _is_array(stage, old):
        write(stage, frame, node, old, None, stage.operand(value, frame, node), symbol)
        return old
    count = stage.builder.count
    made = yield binary(stage, frame, node, symbol, old, value)
    _note_change(stage, frame, node, old, made)
    return noted_new(stage, stage.key(frame, node, "buffer"), made, count)


def _is_list(value: Value) -> bool:
    """Whether a value is a list that is seen under all its names: of any length, and no tuple."""
    if isinstance(value, RunTimeList | Records):
        return not value.is_tuple
    return isinstance(value, ListValue) or is_listed(value)


def _note_change(stage: Stage, frame: Frame, node: Any, old: Value, made: Value) -> None:
    """Note where what may be an array is given a new value: see `analyses.shared_changes`."""
    if not isinstance(old, Var | Buffer | View) or not isinstance(strip(stage.type(old)), Unknown):
        return
    held = stage.operand(old, frame, node)
    if isinstance(held, Var) and isinstance(made, Var):
        known = "at run time only"
        advice = "write x = x + e for a number, x[...] += e for an array"
        if stage.inputs.unknown:
            known = "from a call on"
            advice = "call the gradient first, or give examples: .specialize(...)"
        what = f"whether this is a part of an array, which is read again, is known {known}"
        refusal = stage.unsupported(what, stage.place(frame, node), advice)
        stage.builder.changes[made] = (held, refusal)


def _is_array(stage: Stage, value: Value) -> bool:
    """Whether a value is surely an array, so that an operator writes into it."""
    type_ = strip(stage.type(value))
    is_array = isinstance(type_, Array) and not type_.scalar
    if isinstance(value, OneOf):
        return all(_is_array(stage, item) for item in value.items.values())
    return is_array and isinstance(value, Var | Buffer | View)


def _in_place_name(symbol: str) -> str:
    return f"__i{SPECIAL[symbol]}__"


def unassign(stage: Stage, frame: Frame, target: Any) -> Steps:
    """``del target``."""
    match target:
        case gast.Name():
            delete(stage, frame, target, target.id)
        case gast.Tuple() | gast.List():
            for part in target.elts:
                yield unassign(stage, frame, part)
        case gast.Attribute():
            owner = yield stage.evaluate(frame, target.value)
            yield delete_attribute(stage, frame, target, owner, target.attr)
        case _:
            owner = yield stage.evaluate(frame, target.value)
            index = yield index_of(stage, frame, target)
            if isinstance(owner, RunTimeDict):
                discard(stage, frame, target, owner, index)
                return
            if not isinstance(owner, DictValue):
                index = stage.need_static(index)
            yield _delete_item(stage, frame, target, owner, index)


def _delete_item(stage: Stage, frame: Frame, node: gast.AST, owner: Value, index: Value) -> Steps:
    note_change(stage, frame, node, owner)
    refuse_gone_over(stage, frame, node, owner)
    own = special(stage, owner, "__delitem__")
    if own is not None:
        yield stage.call(frame, node, own, [owner, index], {})
        return
    if is_listed(owner) and is_slice(index):
        yield replace_part(stage, frame, node, owner, index)
        return
    if is_listed(owner):
        yield edit(stage, frame, node, owner, "pop", [index])
        return
    if isinstance(owner, ListValue) and isinstance(index, Var):
        at_run_time(stage, owner)
    if isinstance(owner, DictValue):
        index = written_key(stage, frame, node, owner, index)
    if not isinstance(owner, ListValue | DictValue) or not isinstance(index, Static):
        stage.refuse(
            frame, node, "del of an item that is known at run time only",
            "build a new container instead",
        )  # fmt: skip
    held = owner.slots["items"]
    items: Any = dict(held) if isinstance(owner, DictValue) else list(held)
    try:
        del items[index.value]
    except (IndexError, KeyError) as error:
        raise PrimalRaises(error, stage.place(frame, node)) from error
    stage.trail.set(owner, "items", items if isinstance(items, dict) else tuple(items))
