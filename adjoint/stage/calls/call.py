"""Calls: the arguments of a call expression, and the kinds of what is called."""

from __future__ import annotations

import functools
import types
from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.rules import lookup
from adjoint.stage.calls.inline import inline_closure
from adjoint.stage.calls.known_functions import call_static
from adjoint.stage.calls.methods import call_method
from adjoint.stage.calls.natives import NATIVES
from adjoint.stage.calls.opaque_calls import call_opaque
from adjoint.stage.calls.unpacked_arguments import call_unpacked, takes_list
from adjoint.stage.context import Frame, Stage, describe
from adjoint.stage.derivatives.custom import call_custom, is_custom
from adjoint.stage.derivatives.inner import call_derivative, call_pullback
from adjoint.stage.flow.told_apart import for_each, told_apart_among
from adjoint.stage.inputs.outside import is_hashable, is_standard
from adjoint.stage.iteration.displays import elements
from adjoint.stage.objects.protocols import special
from adjoint.stage.values import (
    BoundMethod,
    Closure,
    DerivativeValue,
    DictValue,
    NativeMethod,
    ObjectValue,
    OneOf,
    PartialValue,
    Poison,
    PullbackValue,
    StagedValue,
    Static,
    Steps,
    SuperValue,
    TupleValue,
    Value,
)

__all__ = ["call", "call_node"]


def call_node(stage: Stage, frame: Frame, node: Any) -> Steps:
    """A call expression."""
    function = yield stage.evaluate(frame, node.func)
    if isinstance(function, Static) and function.value is super and not node.args:
        return _super(stage, frame, node)
    goes_over = any(getattr(function, "value", None) is each for each in (zip, enumerate, reversed))
    args, rest = yield elements(
        stage, frame, node, node.args, at_run_time=takes_list(function), named=bool(node.keywords),
        at_once=goes_over and node in stage.at_once,
    )  # fmt: skip
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        value = yield stage.evaluate(frame, keyword.value)
        if keyword.arg is None and isinstance(value, ObjectValue):  # **vars(x)
            value = yield call(stage, frame, node, Static(dict), [value], {})
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        elif isinstance(value, DictValue):
            kwargs.update(value.slots["items"])
        elif isinstance(value, Static) and isinstance(value.value, dict):
            kwargs.update({k: Static(v) for k, v in value.value.items()})
        else:
            stage.refuse(
                frame, node, "what ** unpacks here is not a dict known now", "name the arguments"
            )
    if rest is not None:
        return (yield call_unpacked(stage, frame, node, function, args, rest, kwargs))
    return (yield call(stage, frame, node, function, args, kwargs))


def _super(stage: Stage, frame: Frame, node: Any) -> Value:
    scope: Frame | None = frame
    while scope is not None and "__class__" not in scope.names.slots:
        scope = scope.parent
    owner = frame.names.slots.get(frame.arguments[0]) if frame.arguments else None
    cell = frame.bindings.closure.get("__class__")
    held = Static(cell.cell_contents) if cell else None
    cls = held if scope is None else scope.names.slots["__class__"]
    if cls is None or not isinstance(owner, ObjectValue):
        stage.refuse(frame, node, "super() outside a method", "name the class")
    return SuperValue(cls.value, owner)


@for_each(0)
def call(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Value,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """Call a value."""
    several = any(isinstance(value, OneOf) for value in (*args, *kwargs.values()))
    if several and not _hands_on(function):

        def with_each(values: list[Value]) -> Steps:
            named = dict(zip(kwargs, values[len(args) :], strict=True))
            return (yield call(stage, frame, node, function, values[: len(args)], named))

        values = [*args, *kwargs.values()]
        return (yield told_apart_among(stage, frame, node, values, with_each))
    match function:
        case Static(StagedValue(inner)):
            return (yield call(stage, frame, node, inner, args, kwargs))
        case Static():
            return (yield call_static(stage, frame, node, function, args, kwargs))
        case Closure():
            return (yield inline_closure(stage, frame, node, function, args, kwargs))
        case BoundMethod(inner, owner):
            return (yield call(stage, frame, node, inner, [owner, *args], kwargs))
        case NativeMethod(owner, name):
            return (yield call_method(stage, frame, node, owner, name, args, kwargs))
        case ObjectValue() if is_custom(function):
            return (yield call_custom(stage, frame, node, function, args, kwargs))
        case ObjectValue() | TupleValue() if (
            own := special(stage, function, "__call__")
        ) is not None:
            return (yield call(stage, frame, node, own, [function, *args], kwargs))
        case Poison():
            stage.decide(function, frame, node)
        case DerivativeValue():
            return (yield call_derivative(stage, frame, node, function, args, kwargs))
        case PullbackValue():
            return (yield call_pullback(stage, frame, node, function, args))
        case PartialValue(inner, first, named):
            return (yield call(stage, frame, node, inner, [*first, *args], {**named, **kwargs}))
        case Var():
            return call_opaque(stage, frame, node, function, args, kwargs)
    stage.refuse(frame, node, f"{describe(function)} is called", "call a function")


def _hands_on(function: Value) -> bool:
    """Whether a function is interpreted, with the values that it is given under other names."""
    if not isinstance(function, Static):
        inner = isinstance(function, Closure | BoundMethod | PartialValue | ObjectValue)
        return inner and not is_custom(function)
    held = function.value
    if isinstance(held, StagedValue):
        return True
    kinds = (types.FunctionType, types.MethodType, functools.partial, type)
    known = is_hashable(held) and (held in NATIVES or lookup(held) is not None)
    return isinstance(held, kinds) and not known and not is_standard(held)
