"""Operators, comparisons and truth."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import TypeGuard

import gast
import numpy as np

from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.operands import strip
from adjoint.ir.ops import BINARY, COMPARE, UNARY, Form, call, operation
from adjoint.ir.values import BOOL, INT, NOTHING, OPAQUE, Array, ListOf, Opaque, Scalar, Unknown
from adjoint.stage.arrays.buffers import list_made, plain, read
from adjoint.stage.context import Frame, PrimalRaises, Restart, Stage, as_key
from adjoint.stage.dicts.keys_there import has_key
from adjoint.stage.equivalents.iterator_equivalents import is_among
from adjoint.stage.flow.told_apart import for_each
from adjoint.stage.objects.protocols import operated, special, truth_method
from adjoint.stage.objects.same_objects import are_one_object, is_one
from adjoint.stage.operations import (
    apply,
    check_shapes,
    computes,
    length_of,
    note_integer,
    static_call,
    write,
)
from adjoint.stage.values import (
    BoundMethod,
    Closure,
    DictValue,
    DictView,
    ListValue,
    NativeMethod,
    ObjectValue,
    PartialValue,
    Poison,
    Records,
    RunTimeDict,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
    View,
    is_none,
)

__all__ = ["binary", "compare", "is_full", "truth", "unary"]

SYMBOLS = {
    gast.Add: "+", gast.Sub: "-", gast.Mult: "*", gast.Div: "/", gast.FloorDiv: "//", gast.Mod: "%",
    gast.Pow: "**", gast.MatMult: "@", gast.LShift: "<<", gast.RShift: ">>", gast.BitAnd: "&",
    gast.BitOr: "|", gast.BitXor: "^", gast.USub: "-", gast.UAdd: "+", gast.Invert: "~",
    gast.Not: "not", gast.Lt: "<", gast.LtE: "<=", gast.Eq: "==", gast.NotEq: "!=", gast.Gt: ">",
    gast.GtE: ">=", gast.Is: "is", gast.IsNot: "is not", gast.In: "in", gast.NotIn: "not in",
}  # fmt: skip
_IN = operation(COMPARE["in"])


@for_each(1, 2, whole=True)
def binary(
    stage: Stage, frame: Frame, node: gast.AST, symbol: str, left: Value, right: Value
) -> Steps:
    """``left op right``, by Python's protocol for objects."""
    for value in (left, right):
        if isinstance(value, Poison):
            stage.decide(value, frame, node)
    left, right = (plain(stage, _as_set(value), frame, node) for value in (left, right))
    found = yield operated(stage, frame, node, symbol, left, right)
    if found is not None:
        return found
    if isinstance(left, ObjectValue) or isinstance(right, ObjectValue):
        raise _unsupported(stage, frame, node, symbol)
    if symbol != "@" and any(map(is_none, (left, right))) and any(map(_has_numbers, (left, right))):
        raise _unsupported(stage, frame, node, symbol)
    sequences = _sequences(symbol, left, right)
    if sequences is not None:
        return sequences
    if symbol == "+" and _are_lists(left, right):
        return (yield stage.call(frame, node, NativeMethod(left, "__add__"), [right], {}))
    if symbol == "|" and isinstance(left, RunTimeDict | DictValue):
        made = yield stage.call(frame, node, NativeMethod(left, "copy"), [], {})
        yield stage.call(frame, node, NativeMethod(made, "update"), [right], {})
        return made
    is_known = isinstance(right, Static) and type(right.value) is int
    if (
        symbol == "*"
        and isinstance(left, RunTimeList)
        and _display(stage, left) is not None
        and (is_known or _is_count(right))
    ):
        return _repeated(stage, frame, node, left, right)
    if symbol == "*" and isinstance(left, ListValue) and _is_count(right):
        return _repeated(stage, frame, node, left, _count_now(stage, left, right))
    if symbol == "*" and _is_count(left) and isinstance(right, ListValue):
        return _repeated(stage, frame, node, right, _count_now(stage, right, left))
    if (
        isinstance(left, Static)
        and isinstance(right, Static)
        and computes(left)
        and computes(right)
    ):
        return _static_binary(stage, frame, node, symbol, left, right)
    if any(
        isinstance(v, Var) and isinstance(strip(v.type), Array | Unknown) for v in (left, right)
    ):
        left, right = (_list_as_array(stage, frame, node, v) for v in (left, right))
    operands = [stage.operand(a, frame, node) for a in (left, right)]
    function = BINARY[symbol]
    with stage.builder.at(stage.place(frame, node)):
        opaque = [o for o in operands if isinstance(o, Var) and isinstance(o.type, Opaque)]
        type_ = OPAQUE if any(o.type != NOTHING for o in opaque) else None
        made = stage.builder.let(operation(function), operands, type_=type_)
    check_shapes(stage, frame, node)
    note_integer(stage, function, [left, right], operands, made)
    return made


def _as_set(value: Value) -> Value:
    """The keys of a dict as the set that they are in what is computed of them."""
    if isinstance(value, DictView) and value.shows == "keys" and isinstance(value.owner, DictValue):
        return Static(frozenset(value.owner.slots["items"]))
    return value


def _list_as_array(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Value:
    """A list, as the array that NumPy makes of it in arithmetic."""
    held = isinstance(value, RunTimeList | ListValue | TupleValue)
    return write(stage, frame, node, call(np.array), [value], {}) if held else value


def _static_binary(
    stage: Stage, frame: Frame, node: gast.AST, symbol: str, left: Static, right: Static
) -> Value:
    if (left.spelling or right.spelling or left.variable or right.variable) and not isinstance(
        left.value, str | tuple | list
    ):
        value = static_call(stage, frame, node, BINARY[symbol], [left, right], {})
        if isinstance(value.value, float):
            operands = [stage.operand(a, frame, node) for a in (left, right)]
            with stage.builder.at(stage.place(frame, node)):
                held = stage.builder.binary(BINARY[symbol], *operands)
            return Static(value.value, "", held)
        return value
    return static_call(stage, frame, node, BINARY[symbol], [left, right], {})


def _are_lists(left: Value, right: Value) -> bool:
    """Whether both are lists, or tuples, of which one has run-time length."""
    both = (left, right)
    at_run_time = [each for each in both if isinstance(each, RunTimeList | Records)]
    if not at_run_time:
        return False
    if at_run_time[0].is_tuple:
        return all(isinstance(each, TupleValue) or each in at_run_time for each in both)
    return all(isinstance(each, ListValue) or each in at_run_time for each in both)


def _sequences(symbol: str, left: Value, right: Value) -> Value | None:
    match symbol, left, right:
        case "+", TupleValue(a), TupleValue(b):
            return TupleValue((*a, *b), key=left.key)
        case "+", TupleValue(a), Static(b) if isinstance(b, tuple):
            return TupleValue((*a, *map(Static, b)), key=left.key)
        case "+", Static(a), TupleValue(b) if isinstance(a, tuple):
            return TupleValue((*map(Static, a), *b), key=left.key)
        case "+", ListValue(), ListValue():
            items = (*left.slots["items"], *right.slots["items"])
            return ListValue({"items": items}, key=left.key)
        case "|", DictValue(), DictValue():
            return DictValue({"items": {**left.slots["items"], **right.slots["items"]}})
        case "*", TupleValue(a), Static(n) if isinstance(n, int):
            return TupleValue(a * n, key=left.key)
        case "*", ListValue(), Static(n) if isinstance(n, int):
            return ListValue({"items": left.slots["items"] * n}, key=left.key)
        case "*", Static(n), ListValue() if isinstance(n, int):
            return ListValue({"items": right.slots["items"] * n}, key=right.key)
        case _:
            return None


def _is_count(value: Value) -> TypeGuard[Var]:
    """Whether a value is a whole number that is known at run time only: an array is none."""
    if not isinstance(value, Var):
        return False
    type_ = value.type
    if isinstance(type_, Scalar):
        return type_.kind in ("int", "bool")
    return isinstance(type_, Array) and type_.scalar and type_.dtype.kind in "iub"


def _display(stage: Stage, value: RunTimeList) -> Operand | None:
    """What is written between the brackets of a list, if nothing else was done with it."""
    let = stage.builder.definitions.get(value.slots["held"])
    return let.args[0] if let is not None and let.op.form is Form.LITERAL else None


def _count_now(stage: Stage, repeated: ListValue, count: Var) -> Value:
    """How often a list is repeated; of lists and arrays in it that is known now, if it can be."""
    items: tuple[Value, ...] = repeated.slots["items"]
    are_plain = all(isinstance(item, Static | Var) for item in items)
    return count if are_plain else stage.need_static(count)


def _repeated(
    stage: Stage, frame: Frame, node: gast.AST, left: ListValue | RunTimeList, right: Value
) -> Value:
    display = _display(stage, left) if isinstance(left, RunTimeList) else None
    operands = [display or stage.operand(left, frame, node), stage.operand(right, frame, node)]
    if isinstance(left, ListValue):
        item = stage.type(left.slots["items"][0])
    else:
        item = left.slots["held"].type.item
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(operation(operator.mul), operands, type_=ListOf(item))
    if item is not None and is_immutable(item):  # of anything else, each item is there many times
        return list_made(stage, frame, node, made)
    return RunTimeList({"held": made})


def _has_numbers(value: Value) -> bool:
    """Whether a value is surely a number or an array of them: with these None has no operator."""
    if not isinstance(value, Var) or not isinstance(value.type, Scalar | Array):
        return False
    return isinstance(value.type, Scalar) or value.type.dtype != np.dtype(object)


def _unsupported(stage: Stage, frame: Frame, node: gast.AST, symbol: str) -> PrimalRaises:
    return PrimalRaises(
        TypeError(f"unsupported operand type(s) for {symbol}"), stage.place(frame, node)
    )


@for_each(1, whole=True)
def unary(stage: Stage, frame: Frame, node: gast.AST, symbol: str, value: Value) -> Steps:
    """``op value``."""
    value = plain(stage, value, frame, node)
    if symbol == "not":
        found = yield truth(stage, frame, node, value)
        if isinstance(found, Static):
            return Static(not found.value)
        with stage.builder.at(stage.place(frame, node)):
            last = stage.builder.statements[-1] if stage.builder.statements else None
            if isinstance(last, Let) and last.target is found and last.op == _IN:
                stage.builder.statements[-1] = replace(last, op=replace(_IN, proven=True))
                return stage.builder.let(operation(COMPARE["not in"]), last.args, type_=BOOL)
            return stage.builder.let(operation(operator.not_), (found,), type_=BOOL)
    own = special(stage, value, {"-": "__neg__", "+": "__pos__", "~": "__invert__"}[symbol])
    if own is not None:
        return (yield stage.call(frame, node, own, [value], {}))
    if isinstance(value, ObjectValue):
        raise _unsupported(stage, frame, node, symbol)
    return apply(stage, frame, node, operation(UNARY[symbol]), [value])


@for_each(1, 2)
def compare(
    stage: Stage, frame: Frame, node: gast.AST, symbol: str, left: Value, right: Value
) -> Steps:
    """``left op right`` for one comparison."""
    for value in (left, right):
        if isinstance(value, Poison):
            stage.decide(value, frame, node)
    if symbol in ("is", "is not"):
        return is_one(stage, frame, node, symbol, left, right)
    left, right = (plain(stage, _as_set(value), frame, node) for value in (left, right))
    if symbol in ("in", "not in"):
        return (yield _contains(stage, frame, node, symbol, left, right))
    found = yield operated(stage, frame, node, symbol, left, right)
    if found is not None:
        return found
    if symbol in ("==", "!=") and _is_function_beside(left, right):
        return Static(symbol == "!=")
    if isinstance(left, ObjectValue) or isinstance(right, ObjectValue):
        if symbol not in ("==", "!="):
            raise _unsupported(stage, frame, node, symbol)
        return are_one_object(stage, frame, node, left, right, negate=symbol == "!=")
    if isinstance(left, TupleValue | ListValue) or isinstance(right, TupleValue | ListValue):
        return (yield _compare_sequences(stage, frame, node, symbol, left, right))
    if (
        isinstance(left, Static)
        and isinstance(right, Static)
        and computes(left)
        and computes(right)
    ):
        return static_call(stage, frame, node, COMPARE[symbol], [left, right], {})
    decided = _compare_lengths(stage, symbol, left, right)
    if decided is not None:
        return Static(decided)
    return apply(stage, frame, node, operation(COMPARE[symbol]), [left, right])


def _is_function_beside(left: Value, right: Value) -> bool:
    """Whether one of two values is a function, and the other something known now that is none."""
    made = Closure | BoundMethod | PartialValue
    return any(
        isinstance(one, made) and isinstance(other, Static) and not callable(other.value)
        for one, other in ((left, right), (right, left))
    )


def _compare_lengths(stage: Stage, symbol: str, left: Value, right: Value) -> bool | None:
    """What is known of two lengths without assuming anything new."""
    sizes = [length_of(stage.static_operand(v) if isinstance(v, Static) else v)
             for v in (left, right) if isinstance(v, Static | Var)]  # fmt: skip
    if len(sizes) < 2 or None in sizes:
        return None
    a, b = sizes
    assert a is not None
    assert b is not None
    difference = stage.builder.facts.canonical(a - b)
    return bool(COMPARE[symbol](difference.const, 0)) if difference.known else None


def _contains(
    stage: Stage, frame: Frame, node: gast.AST, symbol: str, item: Value, owner: Value
) -> Steps:
    negate = symbol == "not in"
    item = as_key(item) if isinstance(owner, DictValue) else item
    if isinstance(owner, DictValue) and isinstance(item, Static):
        found = has_key(stage, owner, item)
        return (yield unary(stage, frame, node, "not", found)) if negate else found
    own = special(stage, owner, "__contains__")
    if own is not None:
        found = yield truth(
            stage, frame, node, (yield stage.call(frame, node, own, [owner, item], {}))
        )
        return (yield unary(stage, frame, node, "not", found)) if negate else found
    if isinstance(owner, ObjectValue):  # its items are looked at one by one
        owner = yield stage.call(frame, node, Static(list), [owner], {})
    if isinstance(owner, TupleValue | ListValue):
        items = owner.items if isinstance(owner, TupleValue) else owner.slots["items"]
        if isinstance(item, Static) and all(isinstance(i, Static) for i in items):
            held = [i.value for i in items if isinstance(i, Static)]
            return Static((item.value in held) != negate)
        if any(isinstance(each, ObjectValue) for each in (item, *items)):
            found = yield stage.call(frame, node, Static(is_among), [item, owner], {})
            return (yield unary(stage, frame, node, "not", found)) if negate else found
    owner = owner.owner if isinstance(owner, DictView) and owner.shows == "keys" else owner
    if all(isinstance(v, Static) and computes(v) for v in (item, owner)):
        return apply(stage, frame, node, operation(COMPARE[symbol]), [item, owner])
    operands = [stage.operand(value, frame, node) for value in (item, owner)]
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(operation(COMPARE[symbol]), operands, type_=BOOL)


def _compare_sequences(
    stage: Stage, frame: Frame, node: gast.AST, symbol: str, left: Value, right: Value
) -> Steps:
    parts = [_items(v) for v in (left, right)]
    if None in parts or symbol not in ("==", "!="):
        operands = [stage.operand(v, frame, node) for v in (left, right)]
        with stage.builder.at(stage.place(frame, node)):
            return stage.builder.let(operation(COMPARE[symbol]), operands, type_=BOOL)
    first, second = parts
    assert first is not None
    assert second is not None
    if len(first) != len(second):
        return Static(symbol == "!=")
    tests = []
    for a, b in zip(first, second, strict=True):
        tests.append((yield compare(stage, frame, node, "==", a, b)))
    if all(isinstance(t, Static) for t in tests):
        return Static(all(t.value for t in tests) == (symbol == "=="))
    operands = [stage.operand(v, frame, node) for v in (left, right)]
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(operation(COMPARE[symbol]), operands, type_=BOOL)


def _items(value: Value) -> list[Value] | None:
    match value:
        case TupleValue(items):
            return list(items)
        case ListValue():
            return list(value.slots["items"])
        case Static(held) if isinstance(held, tuple | list):
            return [Static(item) for item in held]
        case _:
            return None


#: How deep a function calls itself before it stays a function: where it decides by lengths and
#: whole numbers, and where by anything else, which may lead to an end that is known.
RECURSION, DEEP = 4, 8


def _settle_recursion(stage: Stage, frame: Frame, test: Var) -> None:
    """Have a function that decides at run time whether to call itself stay a function.

    If it cannot, the lengths and whole numbers by which it decides are taken as known.
    """
    identity = frame.identity
    declined = ("inline", identity) in stage.decisions
    if not identity or (identity in stage.decisions and not declined):
        return
    tested = stage.tested.setdefault(identity, {})
    tested.update(dict.fromkeys(stage.origins.get(test, ())))
    depth = stage.active.count(identity)
    if depth >= (RECURSION if tested else DEEP) and not declined:
        raise Restart(identity)
    keys = [key for key in tested if key not in stage.decisions]
    if keys and declined and depth >= RECURSION:
        raise Restart(*keys)


def is_full(stage: Stage, frame: Frame, node: gast.AST, held: Var) -> Var:
    """Whether there is something in a list."""
    with stage.builder.at(stage.place(frame, node)):
        count = stage.builder.let(call(len), (held,), type_=INT)
        return stage.builder.let(operation(COMPARE[">"]), (count, Const(0)), type_=BOOL)


@for_each(0, whole=True)
def truth(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Steps:
    """Whether a value is true: a `Static`, or the variable that tells."""
    if isinstance(value, View) and value.is_list:
        return is_full(stage, frame, node, read(stage, value, frame, node))
    value = plain(stage, value, frame, node)
    match value:
        case Static():
            return Static(bool(value.value))
        case Var():
            _settle_recursion(stage, frame, value)
            return value
        case ObjectValue() | TupleValue() if (own := truth_method(stage, value)) is not None:
            found = yield stage.call(frame, node, own, [value], {})
            return (yield truth(stage, frame, node, found))
        case TupleValue(items):
            return Static(bool(items))
        case ListValue() | DictValue():
            return Static(bool(value.slots["items"]))
        case RunTimeList():
            return value.slots["held"]
        case RunTimeDict():
            held = stage.operand(value, frame, node)
            with stage.builder.at(stage.place(frame, node)):
                return stage.builder.let(call(bool), (held,), type_=BOOL)
        case Records(_, lists):
            return (yield truth(stage, frame, node, lists[0]))
        case Poison():
            return stage.decide(value, frame, node)
        case _:
            return Static(True)
