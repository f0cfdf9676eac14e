"""Sets: one that is never changed is known while staging, one that is changed is made at run time.

What is in a set is inactive: numbers that count or name something, strings, tuples of these. A set
is taken for one that stays as it is made; where it is changed after all, staging starts again, and
makes it a set of the emitted code, which is read and changed there in the order of the program.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gast

from adjoint.ir.nodes import Operand, Pack
from adjoint.ir.ops import COMPARE, Form, Op, operation
from adjoint.ir.ops import call as call_op
from adjoint.ir.values import (
    BOOL,
    INT,
    OPAQUE,
    UNKNOWN,
    Array,
    ListOf,
    Opaque,
    Scalar,
    Type,
    Unknown,
)
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.equivalents.container_equivalents import (
    ChangingSet,
    in_set,
    items_of,
    new_set,
    set_method,
    size_of,
)
from adjoint.stage.operations import computes
from adjoint.stage.values import NONE, ListValue, RunTimeList, Static, Steps, TupleValue, Value

__all__ = ["CHANGING", "SETS", "changed_set", "make_set", "set_of"]


def make_set(stage: Stage, frame: Frame, node: gast.AST, values: list[Value]) -> Steps:
    """A set that is made of `values` here."""
    key = stage.key(frame, node, "changed set")
    known = [v.value for v in values if isinstance(v, Static) and computes(v)]
    if len(known) == len(values) and key not in stage.decisions:
        made = frozenset(known)
        stage.made_sets.append((made, key))
        return Static(made)
    return (yield stage.call(frame, node, Static(ChangingSet), [TupleValue(tuple(values))], {}))


def set_of(stage: Stage, frame: Frame, node: gast.AST, items: Value) -> Steps:
    """The set of the items of a list."""
    if isinstance(items, ListValue):
        return (yield make_set(stage, frame, node, list(items.slots["items"])))
    made = yield stage.call(frame, node, Static(ChangingSet), [Static(())], {})
    yield stage.call(frame, node, Static(ChangingSet.update), [made, items], {})
    return made


def changed_set(stage: Stage, frame: Frame, node: gast.AST, held: Any) -> None:
    """Start again with a set that is changed here made at run time."""
    keys = [key for made, key in stage.made_sets if made is held]
    fresh = [key for key in keys if key not in stage.decisions]
    if fresh:
        raise Restart(*fresh)
    stage.refuse(
        frame, node, "a set is changed that was not made in the function",
        "change a copy of it: set(names)",
    )  # fmt: skip


#: The methods that change a set in place.
CHANGING = frozenset(dir(set)) - frozenset(dir(frozenset))

# -- what the class that stands for it is made of --------------------------------------------------


def _new(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    assert isinstance(args[0], TupleValue | Static), "the items of a display"
    items = args[0].items if isinstance(args[0], TupleValue) else map(Static, args[0].value)
    pack = Pack("set", tuple(_put(stage, frame, node, item) for item in items))
    return _written(stage, frame, node, Op(set, Form.LITERAL, "set"), [pack], OPAQUE)
    yield


def _method(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    name, held, *items = args
    assert isinstance(name, Static)
    place = _put if name.value == "add" else _item
    given = [place(stage, frame, node, item) for item in items]
    op = Op(getattr(set, name.value), Form.METHOD, name.value)
    type_ = _items_type(stage) if name.value == "pop" else None
    made = _written(stage, frame, node, op, [stage.operand(held, frame, node), *given], type_)
    return NONE if type_ is None else made
    yield


def _in_set(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    operands = [_item(stage, frame, node, args[0]), stage.operand(args[1], frame, node)]
    return _written(stage, frame, node, operation(COMPARE["in"]), operands, BOOL)
    yield


def _items(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    held = [stage.operand(args[0], frame, node)]
    made = _written(stage, frame, node, call_op(list), held, ListOf(_items_type(stage)))
    return RunTimeList({"held": made})
    yield


def _size(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    held = [stage.operand(args[0], frame, node)]
    return _written(stage, frame, node, call_op(len), held, INT)
    yield


#: The decision that sets hold other things than whole numbers.
_OTHERS = ("sets of others",)


def _items_type(stage: Stage) -> Type:
    return UNKNOWN if _OTHERS in stage.decisions else INT


def _put(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Operand:
    """What is put into a set: a whole number, unless it was decided otherwise."""
    type_ = stage.type(value)
    is_int = isinstance(type_, Scalar) and type_.kind == "int"
    if not is_int and _OTHERS not in stage.decisions:
        raise Restart(_OTHERS)
    return _item(stage, frame, node, value)


def _written(
    stage: Stage, frame: Frame, node: gast.AST, op: Op, operands: list[Operand], type_: Type | None
) -> Any:
    """An operation on a set, which stays in its place among the others."""
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(replace(op, effect=True), operands, type_=type_)


def _item(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Operand:
    """What is looked for in a set, or put into it."""
    if isinstance(value, TupleValue):
        return Pack("tuple", tuple(_item(stage, frame, node, item) for item in value.items))
    type_ = stage.type(value)
    counts = isinstance(type_, Scalar) and type_.kind in ("int", "bool")
    counts = counts or (isinstance(type_, Array) and type_.scalar and type_.dtype.kind in "biu")
    # What is not known is refused where it turns out to be differentiated.
    if isinstance(value, Static) or counts or isinstance(type_, Opaque | Unknown):
        return stage.operand(value, frame, node)
    stage.refuse(
        frame, node, "a set holds numbers that may depend on what is differentiated",
        "use a list, or put whole numbers into it: int(x)",
    )  # fmt: skip


SETS = {new_set: _new, set_method: _method, in_set: _in_set, items_of: _items, size_of: _size}
