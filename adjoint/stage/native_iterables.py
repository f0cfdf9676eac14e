"""Python's builtins that make sequences, or go over them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Const, Pack, Var
from adjoint.ir.ops import call as call_op
from adjoint.ir.values import BOOL, ListOf, Scalar
from adjoint.stage import loops, sequences
from adjoint.stage.branches import FALL, new_list
from adjoint.stage.context import Frame, PrimalRaises, Stage, literal
from adjoint.stage.lists import append
from adjoint.stage.operations import apply, static_call
from adjoint.stage.operators import binary, truth, unary
from adjoint.stage.sequences import sequence_of, spread
from adjoint.stage.subscripts import as_runtime_list, get_item
from adjoint.stage.values import (
    DictValue,
    Iterable,
    ListValue,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
)

__all__ = ["ITERABLES", "Native", "all_static"]

Native = Callable[..., Steps]


def all_static(args: list[Value], kwargs: dict[str, Value]) -> bool:
    """Whether Python can be asked now."""
    values = [*args, *kwargs.values()]
    return all(isinstance(v, Static) and (v.access is None or v.variable is None) for v in values)


def _range(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if all_static(args, {}):
        return static_call(stage, frame, node, range, args, {})
    parts = [_integer(stage, frame, node, a) for a in args]
    if len(parts) == 1:
        return sequences.counted(Static(0), parts[0], Static(1))
    return sequences.counted(parts[0], parts[1], parts[2] if len(parts) > 2 else Static(1))
    yield


def _integer(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Value:
    type_ = stage.type(value)
    if isinstance(type_, Scalar) and type_.kind in ("float", "complex"):
        error = TypeError(f"'{type_.kind}' object cannot be interpreted as an integer")
        raise PrimalRaises(error, stage.place(frame, node))
    return value


def _enumerate(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    start = kwargs.get("start", args[1] if len(args) > 1 else Static(0))
    found = yield sequence_of(stage, frame, node, args[0])
    return (yield sequences.enumerated(stage, frame, node, found, start))


def _zip(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    found = []
    for value in args:
        found.append((yield sequence_of(stage, frame, node, value)))
    if "strict" in kwargs and len({len(f) for f in found if isinstance(f, list)}) > 1:
        raise PrimalRaises(
            ValueError("zip() arguments have different lengths"), stage.place(frame, node)
        )
    return (yield sequences.zipped(stage, frame, node, found))


def _map(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    found = []
    for value in args[1:]:
        found.append((yield sequence_of(stage, frame, node, value)))
    return (yield sequences.mapped(stage, frame, node, args[0], found))


def _reversed(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if isinstance(args[0], Static) and isinstance(args[0].value, range):
        return Static(args[0].value[::-1])
    found = yield sequence_of(stage, frame, node, args[0])
    return (yield sequences.backwards(stage, frame, node, found))


def _filter(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    kept = []
    for item in (yield spread(stage, frame, node, args[1])):
        test = item
        if not (isinstance(args[0], Static) and args[0].value is None):
            test = yield stage.call(frame, node, args[0], [item], {})
        decided = yield truth(stage, frame, node, test)
        if not isinstance(decided, Static):
            stage.refuse(
                frame, node, "what filter() keeps is known at run time only",
                "use a comprehension with if, or multiply by the condition",
            )  # fmt: skip
        if decided.value:
            kept.append(item)
    return TupleValue(tuple(kept))


def _list(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if not args:
        return new_list(stage, frame, node, ())
    if isinstance(args[0], RunTimeList):
        return (yield get_item(stage, frame, node, args[0], Static(slice(None))))
    found = yield sequence_of(stage, frame, node, args[0])
    items = yield sequences.items_now(stage, frame, node, found, sequences.UNROLL_LIMIT)
    if items is not None:
        return new_list(stage, frame, node, tuple(items))
    return (yield collect(stage, frame, node, found))


def collect(stage: Stage, frame: Frame, node: gast.AST, found: Iterable) -> Steps:
    """A list of the items of an `Iterable`."""
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(literal("list"), (Pack("list", ()),), type_=ListOf(None))
    held = RunTimeList({"list": made})

    def trip(index: Value) -> Steps:
        append(stage, frame, node, held, (yield found.item(index)))
        return FALL

    yield loops.counted_loop(stage, frame, node, found, trip)
    return held


def _tuple(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if not args:
        return Static(())
    if isinstance(args[0], RunTimeList):
        return args[0]
    found = yield sequence_of(stage, frame, node, args[0])
    items = yield sequences.items_now(stage, frame, node, found, sequences.UNROLL_LIMIT)
    return (
        TupleValue(tuple(items))
        if items is not None
        else (yield collect(stage, frame, node, found))
    )


def _dict(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    entries: dict[Any, Value] = {}
    if args and isinstance(args[0], DictValue):
        entries.update(args[0].slots["items"])
    elif args:
        for pair in (yield spread(stage, frame, node, args[0])):
            key, value = yield spread(stage, frame, node, pair)
            known = stage.need_static(key)
            if not isinstance(known, Static):
                stage.refuse(
                    frame, node, "the key of a dict is known at run time only",
                    "use a list or an array indexed by a number",
                )  # fmt: skip
            entries[known.value] = value
    return DictValue({"items": {**entries, **kwargs}})


def _sum(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    start = kwargs.get("start", args[1] if len(args) > 1 else None)
    held = args[0]
    if isinstance(held, Iterable) or (isinstance(held, Static) and isinstance(held.value, range)):
        found = yield sequence_of(stage, frame, node, held)
        items = yield sequences.items_now(stage, frame, node, found)
        held = (
            TupleValue(tuple(items))
            if items is not None
            else (yield collect(stage, frame, node, found))
        )
    items = _parts(held)
    if items is not None and all(isinstance(i, Var | Static) for i in items):
        held = ListValue({"items": tuple(items)})
    elif items is not None:
        total = start or Static(0)
        for item in items:
            total = yield binary(stage, frame, node, "+", total, item)
        return total
    return apply(stage, frame, node, call_op(sum), [held, *([start] if start else [])])


def _parts(value: Value) -> list[Value] | None:
    match value:
        case TupleValue(items):
            return list(items)
        case ListValue():
            return list(value.slots["items"])
        case _:
            return None


def _extreme(function: Callable[..., Any]) -> Native:
    def extreme(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
    ) -> Steps:
        if "key" in kwargs or "default" in kwargs:
            if all_static(args, kwargs):
                return static_call(stage, frame, node, function, args, kwargs)
            stage.refuse(
                frame, node,
                f"{function.__name__}() with key= or default= on values known at run time only",
                "write the comparison out with if",
            )  # fmt: skip
        if len(args) == 1 and not isinstance(args[0], RunTimeList | Var):
            found = yield sequence_of(stage, frame, node, args[0])
            items = yield sequences.items_now(stage, frame, node, found, sequences.UNROLL_LIMIT)
            if items is None:
                args = [(yield collect(stage, frame, node, found))]
            elif all(isinstance(i, Static) for i in items):
                return static_call(stage, frame, node, lambda *v: function(v), items, {})
            else:
                args = [ListValue({"items": tuple(items)})]
        return apply(stage, frame, node, call_op(function), args)

    return extreme


def _quantifier(function: Callable[..., Any]) -> Native:
    def quantifier(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any
    ) -> Steps:
        if isinstance(args[0], RunTimeList | Var):
            return apply(stage, frame, node, call_op(function), args)
        found = yield sequence_of(stage, frame, node, args[0])
        items = yield sequences.items_now(stage, frame, node, found, sequences.UNROLL_LIMIT)
        if items is None:
            held = yield collect(stage, frame, node, found)
            return apply(stage, frame, node, call_op(function), [held])
        tests = []
        for item in items:
            tests.append((yield truth(stage, frame, node, item)))
        if all(isinstance(t, Static) for t in tests):
            return Static(function(t.value for t in tests))
        operands = tuple(stage.operand(t, frame, node) for t in tests)
        with stage.builder.at(stage.place(frame, node)):
            return stage.builder.let(call_op(function), (Pack("list", operands),), type_=BOOL)

    return quantifier


def _sorted(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    items = yield spread(stage, frame, node, args[0])
    keys = items
    if "key" in kwargs:
        keys = []
        for item in items:
            keys.append((yield stage.call(frame, node, kwargs["key"], [item], {})))
    backwards = stage.need_static(kwargs.get("reverse", Static(False)))
    if not isinstance(backwards, Static):
        stage.refuse(
            frame, node, "whether sorted() goes backwards is known at run time only",
            "write reverse=True or reverse=False",
        )  # fmt: skip
    if all(isinstance(k, Static) for k in keys):
        order = sorted(range(len(keys)), key=lambda i: keys[i].value, reverse=backwards.value)
        return ListValue({"items": tuple(items[i] for i in order)})
    if backwards.value:
        negated = []
        for key in keys:
            negated.append((yield unary(stage, frame, node, "-", key)))
        keys = negated
    with stage.builder.at(stage.place(frame, node)):
        operands = tuple(stage.operand(k, frame, node) for k in keys)
        kind = (("kind", Const("stable")),)
        order_var = stage.builder.let(call_op(np.argsort), (Pack("list", operands),), kind)
    held = RunTimeList({"list": as_runtime_list(stage, frame, node, items)})
    result = []
    for position in range(len(items)):
        index = yield get_item(stage, frame, node, order_var, Static(position))
        result.append((yield get_item(stage, frame, node, held, index)))
    return ListValue({"items": tuple(result)}, key=stage.key(frame, node, "runtime list"))


def _reduce(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    items = yield spread(stage, frame, node, args[1])
    if len(args) > 2:
        items = [args[2], *items]
    if not items:
        raise PrimalRaises(
            TypeError("reduce() of empty iterable with no initial value"), stage.place(frame, node)
        )
    total = items[0]
    for item in items[1:]:
        total = yield stage.call(frame, node, args[0], [total, item], {})
    return total


ITERABLES: dict[Any, Native] = {
    range: _range,
    enumerate: _enumerate,
    zip: _zip,
    map: _map,
    reversed: _reversed,
    filter: _filter,
    list: _list,
    tuple: _tuple,
    dict: _dict,
    sum: _sum,
    max: _extreme(max),
    min: _extreme(min),
    any: _quantifier(any),
    all: _quantifier(all),
    sorted: _sorted,
    functools.reduce: _reduce,
}
