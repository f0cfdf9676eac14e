"""Calls: of functions with a rule or with source, of classes, and of what we cannot see into."""

from __future__ import annotations

import functools
import math
import sys
import types
from functools import partial
from operator import getitem
from typing import Any

import gast
import numpy as np

from adjoint.ir.infer import infer
from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.ops import APPLY, Form, Op
from adjoint.ir.ops import call as call_op
from adjoint.ir.values import OPAQUE, UNKNOWN, Array, ListOf, Scalar, Type, Unknown
from adjoint.rules import Kind, lookup
from adjoint.stage.arrays import METHODS, WRITING, normalise
from adjoint.stage.construct import construct
from adjoint.stage.context import Frame, Stage, describe
from adjoint.stage.inline import inline, inline_closure
from adjoint.stage.lists import dict_method, list_method
from adjoint.stage.natives import NATIVES
from adjoint.stage.operators import note_integer, static_call, write
from adjoint.stage.sequences import spread
from adjoint.stage.values import (
    BoundMethod,
    Closure,
    DictValue,
    ListValue,
    NativeMethod,
    ObjectValue,
    PartialValue,
    Poison,
    RunTimeList,
    Static,
    Steps,
    SuperValue,
    TupleValue,
    Value,
)

__all__ = ["call", "call_node"]

IN_PLACE = "arrays are not written in place yet"
IN_PLACE_ADVICE = "make a new array: np.where, np.concatenate, np.stack, np.sort, or x = x + …"
RANDOM = (np.random.Generator, np.random.RandomState)
LIBRARIES = ("numpy", "scipy", "math")


def call_node(stage: Stage, frame: Frame, node: Any) -> Steps:
    """A call expression."""
    function = yield stage.evaluate(frame, node.func)
    if isinstance(function, Static) and function.value is super and not node.args:
        return _super(stage, frame, node)
    args: list[Value] = []
    for argument in node.args:
        if isinstance(argument, gast.Starred):
            held = yield stage.evaluate(frame, argument.value)
            args.extend((yield spread(stage, frame, argument, held)))
        else:
            args.append((yield stage.evaluate(frame, argument)))
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        value = yield stage.evaluate(frame, keyword.value)
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
    return (yield call(stage, frame, node, function, args, kwargs))


def _super(stage: Stage, frame: Frame, node: Any) -> Value:
    scope: Frame | None = frame
    while scope is not None and "__class__" not in scope.bindings.closure:
        scope = scope.parent
    owner = frame.names.slots.get(frame.arguments[0]) if frame.arguments else None
    if scope is None or not isinstance(owner, ObjectValue):
        stage.refuse(frame, node, "super() outside a method", "name the class")
    return SuperValue(scope.bindings.closure["__class__"].cell_contents, owner)


def call(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Value,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """Call a value."""
    match function:
        case Static():
            return (yield _call_static(stage, frame, node, function, args, kwargs))
        case Closure():
            return (yield inline_closure(stage, frame, node, function, args, kwargs))
        case BoundMethod(inner, owner):
            return (yield call(stage, frame, node, inner, [owner, *args], kwargs))
        case NativeMethod(owner, name):
            return _call_method(stage, frame, node, owner, name, args, kwargs)
        case ObjectValue() if hasattr(function.cls, "__call__"):  # noqa: B004  (looked up on the class)
            special = Static(function.cls.__call__)
            return (yield call(stage, frame, node, special, [function, *args], kwargs))
        case Poison():
            stage.need_static(function)
        case PartialValue(inner, first, named):
            return (yield call(stage, frame, node, inner, [*first, *args], {**named, **kwargs}))
        case Var():
            return _call_opaque(stage, frame, node, function, args, kwargs)
    stage.refuse(frame, node, f"{describe(function)} is called", "call a function")


def _call_static(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    for value in (*args, *kwargs.values()):
        if isinstance(value, Poison):
            stage.need_static(value)
    held = function.value
    native = NATIVES.get(held) if _hashable(held) else None
    if native is not None:
        found = yield native(stage, frame, node, args, kwargs)
        if found is not NotImplemented:
            return found
    if isinstance(held, functools.partial):
        inner = [*map(Static, held.args), *args]
        named = {**{k: Static(v) for k, v in held.keywords.items()}, **kwargs}
        lifted = yield _lift_partial(stage, function, inner, named, len(held.args), held.keywords)
        return (yield call(stage, frame, node, Static(held.func), *lifted))
    if isinstance(getattr(held, "__self__", None), RANDOM):
        return _call_opaque(stage, frame, node, function, args, kwargs)
    if isinstance(held, types.MethodType):
        owner = _owner(stage, function)
        return (yield call(stage, frame, node, Static(held.__func__), [owner, *args], kwargs))
    if lookup(held) is not None or isinstance(held, np.ufunc) or _is_library(held):
        return (yield _call_rule(stage, frame, node, held, args, kwargs))
    wrapped = getattr(held, "__adjoint_primal__", None)
    if wrapped is not None:
        stage.refuse(
            frame, node,
            f"the gradient of {wrapped.__name__} is used inside a differentiated function",
            "derivatives of derivatives are not there yet",
        )  # fmt: skip
    if isinstance(held, types.FunctionType):
        return (yield inline(stage, frame, node, held, args, kwargs))
    if isinstance(held, type):
        return (yield construct(stage, frame, node, held, args, kwargs))
    if _computes_now(held, args, kwargs):
        return static_call(stage, frame, node, held, args, kwargs)
    return _call_opaque(stage, frame, node, function, args, kwargs)


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _is_library(held: Any) -> bool:
    module = (getattr(held, "__module__", None) or "").partition(".")[0]
    return module in LIBRARIES and not isinstance(held, type) and hasattr(held, "__name__")


def _owner(stage: Stage, function: Static) -> Value:
    held = function.value.__self__
    key = ("self", id(held))
    name = type(held).__name__.lower()
    if isinstance(held, type):
        return Static(held)
    return stage.inputs.external(key, name, lambda: held)


def _lift_partial(
    stage: Stage,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
    count: int,
    named: Any,
) -> Steps:
    held = function.value
    lifted = [
        stage.inputs.external(
            ("partial", id(held), i), f"argument_{i}", partial(getitem, held.args, i)
        )
        if i < count
        else value
        for i, value in enumerate(args)
    ]
    names = {
        k: stage.inputs.external(("partial", id(held), k), k, partial(getitem, held.keywords, k))
        if k in named and isinstance(v, Static) and v.value is named[k]
        else v
        for k, v in kwargs.items()
    }
    return lifted, names
    yield


def _computes_now(held: Any, args: list[Value], kwargs: dict[str, Value]) -> bool:
    """Whether Python can be asked now: a pure function of things known now."""
    values = [*args, *kwargs.values()]
    known = all(isinstance(v, Static) and v.access is None for v in values)
    owner = getattr(held, "__self__", None)
    return known and isinstance(
        owner, str | bytes | tuple | int | float | frozenset | np.dtype | range
    )


# -- functions with a rule -------------------------------------------------------------------------


def _call_rule(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    held: Any,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    if "out" in kwargs and not _is_none(kwargs["out"]):
        stage.refuse(frame, node, IN_PLACE, "leave out= away and use what is returned")
    if isinstance(held, np.ufunc) and len(args) > held.nin:
        stage.refuse(frame, node, IN_PLACE, "leave out= away and use what is returned")
    kwargs = {k: v for k, v in kwargs.items() if not (k == "out" and _is_none(v))}
    for position, value in enumerate(args):
        if isinstance(value, ObjectValue):
            found = yield _protocol(stage, frame, node, value)
            args = [*args[:position], found, *args[position + 1 :]]
    keys = ("axis", "keepdims", "ord", "ddof", "dtype", "order", "indices_or_sections")
    kwargs = {k: stage.need_static(v) if k in keys else v for k, v in kwargs.items()}
    args = _static_axes(stage, held, args)
    rule = lookup(held)
    if rule is None:
        return _call_opaque(stage, frame, node, Static(held), args, kwargs)
    if rule.kind is Kind.ZERO and held in PRINTING:
        return _effect(stage, frame, node, held, args, kwargs)
    arrays = [_as_array(stage, frame, node, held, value) for value in args]
    if held in WHOLE_NUMBERS and all(isinstance(v, Static) for v in (*arrays, *kwargs.values())):
        return static_call(stage, frame, node, held, arrays, kwargs)
    return write(stage, frame, node, call_op(held), arrays, kwargs)


#: Functions whose result is a size or a count more often than a value: known now where they can be.
WHOLE_NUMBERS = frozenset(
    getattr(math, name)
    for name in ("ceil", "floor", "comb", "factorial", "gcd", "isqrt", "lcm", "perm", "trunc")
)
PRINTING = frozenset({print})
_AXIS_SECOND = frozenset(
    getattr(np, name)
    for name in (
        "sum", "mean", "prod", "max", "min", "amax", "amin", "var", "std", "ptp", "cumsum",
        "cumprod", "argmax", "argmin", "any", "all", "expand_dims", "squeeze", "flip", "argsort",
    )
)  # fmt: skip


def _static_axes(stage: Stage, held: Any, args: list[Value]) -> list[Value]:
    """An axis that came in as a number is needed now."""
    if held in _AXIS_SECOND and len(args) > 1:
        return [args[0], stage.need_static(args[1]), *args[2:]]
    return args


def _is_none(value: Value) -> bool:
    return isinstance(value, Static) and value.value is None


def _protocol(stage: Stage, frame: Frame, node: gast.AST, value: ObjectValue) -> Steps:
    """An object handed to NumPy: what its ``__array__`` or ``__float__`` makes of it."""
    for special in ("__array__", "__float__"):
        if hasattr(value.cls, special):
            function = Static(getattr(value.cls, special))
            return (yield stage.call(frame, node, function, [value], {}))
    return value


_TAKES_LISTS = frozenset(
    getattr(np, name)
    for name in (
        "array", "asarray", "asanyarray", "concatenate", "stack", "hstack", "vstack",
        "column_stack", "dstack", "block", "broadcast_arrays", "einsum", "meshgrid", "ix_",
        "select", "choose",
    )
)  # fmt: skip


def _as_array(stage: Stage, frame: Frame, node: gast.AST, held: Any, value: Value) -> Value:
    """A list of run-time values where NumPy expects an array: ``np.mean([a, b])``."""
    if held in _TAKES_LISTS or not getattr(held, "__module__", "").startswith("numpy"):
        return value
    known = isinstance(value, ListValue) and isinstance(held, np.ufunc)
    if known or (isinstance(value, ListValue | RunTimeList) and _holds_numbers(stage, value)):
        return write(stage, frame, node, call_op(np.array), [value], {})
    return value


def _holds_numbers(stage: Stage, value: Value) -> bool:
    if isinstance(value, RunTimeList):
        return True
    items = value.slots["items"] if isinstance(value, ListValue) else ()
    return any(
        isinstance(i, Var) or (isinstance(i, ListValue) and _holds_numbers(stage, i)) for i in items
    )


def _effect(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    held: Any,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    operands = [_shown(stage, frame, node, a) for a in args]
    pairs = [(k, _shown(stage, frame, node, v)) for k, v in kwargs.items()]
    with stage.builder.at(stage.place(frame, node)):
        stage.builder.effect(Op(held, Form.CALL, effect=True), operands, pairs)
    return Static(None)


def _shown(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Operand:
    return stage.operand(value, frame, node)


# -- methods of arrays, lists, dicts and strings ---------------------------------------------------


def _call_method(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Value,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    if isinstance(owner, TupleValue | ListValue | RunTimeList):
        return list_method(stage, frame, node, owner, name, args, kwargs)
    if isinstance(owner, DictValue):
        if name == "update" and kwargs:
            args = [*args, DictValue({"items": dict(kwargs)})]
        return dict_method(stage, frame, node, owner, name, args)
    type_ = stage.type(owner)
    if isinstance(type_, Array | Unknown) and name in WRITING:
        stage.refuse(frame, node, IN_PLACE, IN_PLACE_ADVICE)
    if isinstance(type_, Array | Unknown) and name in METHODS:
        return _array_method(stage, frame, node, owner, name, args, kwargs)
    if isinstance(type_, Scalar) and name in ("item", "conjugate"):
        return owner
    return _opaque_method(stage, frame, node, owner, name, args, kwargs)


def _array_method(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Value,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    function = METHODS[name]
    if "out" in kwargs:
        stage.refuse(frame, node, IN_PLACE, "leave out= away and use what is returned")
    args = [
        stage.need_static(a) if function in _AXIS_SECOND or name == "astype" else a for a in args
    ]
    kwargs = {k: stage.need_static(v) for k, v in kwargs.items()}
    operands = [stage.operand(a, frame, node) for a in args]
    arguments = [stage.operand(owner, frame, node), *normalise(name, operands)]
    pairs = [(k, stage.operand(v, frame, node)) for k, v in kwargs.items()]
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(Op(function, Form.METHOD, name), arguments, pairs)
    note_integer(stage, function, [owner, *args], arguments, made)
    return made


def _opaque_method(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Value,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    held = stage.operand(owner, frame, node)
    operands = [held, *(stage.operand(a, frame, node) for a in args)]
    pairs = [(k, stage.operand(v, frame, node)) for k, v in kwargs.items()]
    op = Op(getattr, Form.METHOD, name, effect=True)
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(op, operands, pairs, type_=OPAQUE)


# -- functions that we cannot see into -------------------------------------------------------------


def _call_opaque(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Value,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    """A function without source or rule: it runs once, in its place; nothing passes through it."""
    operands = [stage.operand(a, frame, node) for a in args]
    pairs = [(k, stage.operand(v, frame, node)) for k, v in kwargs.items()]
    with stage.builder.at(stage.place(frame, node)):
        if isinstance(function, Static):
            owner = getattr(function.value, "__self__", None)
            if function.access is not None and owner is not None:
                return _call_bound(stage, function, operands, pairs)
            if owner is not None and isinstance(owner, np.random.RandomState):
                return _call_global_generator(stage, function, operands, pairs)
            op = _spelled(function.value)
            if op is not None:
                type_ = _drawn(stage, function.value, operands, pairs)
                return stage.builder.let(op, operands, pairs, type_=type_)
        held = stage.operand(function, frame, node)
        return stage.builder.let(APPLY, [held, *operands], pairs, type_=UNKNOWN)


def _spelled(function: Any) -> Op | None:
    module = getattr(function, "__module__", None)
    name = getattr(function, "__name__", "")
    held: Any = getattr(sys.modules.get(module or ""), name, None)
    if held is not None and held is function:
        return Op(function, Form.CALL, effect=True)
    return None


def _call_bound(stage: Stage, function: Static, operands: list[Operand], pairs: list[Any]) -> Value:
    """A method of an object that came in: a generator of random numbers, a logger, a file."""
    held = function.access.variable()
    name = function.value.__name__
    type_ = _drawn(stage, function.value, operands, pairs)
    op = Op(getattr, Form.METHOD, name, effect=True)
    return stage.builder.let(op, [held, *operands], pairs, type_=type_)


def _call_global_generator(
    stage: Stage, function: Static, operands: list[Operand], pairs: list[Any]
) -> Value:
    """``np.random.normal(…)``."""
    module = stage.builder.let(Op(getattr, Form.ATTRIBUTE, "random"), (Const(np),), type_=OPAQUE)
    type_ = _drawn(stage, function.value, operands, pairs)
    op = Op(getattr, Form.METHOD, function.value.__name__, effect=True)
    return stage.builder.let(op, [module, *operands], pairs, type_=type_)


def _drawn(stage: Stage, function: Any, operands: list[Operand], pairs: list[Any]) -> Type:
    """The type of a random draw, found by drawing from a generator of our own."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.random.Generator):
        fresh: Any = np.random.default_rng(0)
    elif isinstance(owner, np.random.RandomState):
        fresh = np.random.RandomState(0)
    else:
        return UNKNOWN
    draw = getattr(fresh, function.__name__)
    sized = [p.items if isinstance(p, Pack) else (p,) for _, p in pairs if _ == "size"]
    drawn = infer(lambda *a, **k: draw(*a, **k), operands, pairs, stage.builder.facts)
    if isinstance(drawn, Array) and sized and len(sized[0]) == len(drawn.shape or ()):
        return drawn
    return drawn if not isinstance(drawn, ListOf) else UNKNOWN
