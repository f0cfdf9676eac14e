"""Calls: of functions with a rule or with source, of classes, and of what we cannot see into."""

from __future__ import annotations

import contextlib
import functools
import types
from functools import partial
from operator import getitem
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Var
from adjoint.ir.ops import Form, Op
from adjoint.ir.ops import call as call_op
from adjoint.ir.values import OPAQUE, Array, Scalar, Unknown
from adjoint.rules import lookup
from adjoint.stage.arrays import METHODS, WRITING, normalise
from adjoint.stage.branches import FALL
from adjoint.stage.buffers import plain
from adjoint.stage.construct import construct
from adjoint.stage.context import Frame, Stage, describe
from adjoint.stage.inline import inline, inline_closure
from adjoint.stage.inputs import is_standard
from adjoint.stage.itertools_ import call_getter, is_getter
from adjoint.stage.list_edits import EDITS, concatenated, edit
from adjoint.stage.lists import append, dict_method, list_method
from adjoint.stage.loop_statements import each
from adjoint.stage.native_functions import property_method
from adjoint.stage.natives import NATIVES
from adjoint.stage.opaque_calls import call_opaque
from adjoint.stage.operations import note_integer, static_call
from adjoint.stage.rule_calls import AXIS_SECOND, call_rule, is_none, without_out
from adjoint.stage.sequences import iterator_method, spread
from adjoint.stage.values import (
    NONE,
    BoundMethod,
    Buffer,
    Closure,
    DictValue,
    ListValue,
    NativeMethod,
    ObjectValue,
    PartialValue,
    Poison,
    RunTimeList,
    StagedValue,
    Static,
    Steps,
    Stream,
    SuperValue,
    TupleValue,
    Value,
    View,
)
from adjoint.stage.views import VIEWS, view_by
from adjoint.stage.writers import WRITERS, WRITING_METHODS, write_at, write_out

__all__ = ["call", "call_node"]

IN_PLACE = "an array is written in a way that is not followed"
IN_PLACE_ADVICE = "write it with x[i] = …, x += … or out=, or make a new array"
RANDOM = (np.random.Generator, np.random.RandomState)
#: Of what ``@contextmanager`` makes of a generator function.
MANAGER_CODE = contextlib.contextmanager(lambda: iter(())).__code__
LIBRARIES = ("numpy", "scipy", "math")

#: Builtins that hand on what they are given, and do not compute with it.
KEEPS_ARRAYS: frozenset[Any] = frozenset(
    {
        list, tuple, dict, zip, enumerate, map, reversed, filter, getattr, hasattr, setattr,
        functools.partial, functools.reduce, getitem,
    }
)  # fmt: skip


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
    while scope is not None and "__class__" not in scope.names.slots:
        scope = scope.parent
    owner = frame.names.slots.get(frame.arguments[0]) if frame.arguments else None
    cell = frame.bindings.closure.get("__class__")
    held = Static(cell.cell_contents) if cell else None
    cls = held if scope is None else scope.names.slots["__class__"]
    if cls is None or not isinstance(owner, ObjectValue):
        stage.refuse(frame, node, "super() outside a method", "name the class")
    return SuperValue(cls.value, owner)


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
        case Static(StagedValue(inner)):
            return (yield call(stage, frame, node, inner, args, kwargs))
        case Static():
            return (yield _call_static(stage, frame, node, function, args, kwargs))
        case Closure():
            return (yield inline_closure(stage, frame, node, function, args, kwargs))
        case BoundMethod(inner, owner):
            return (yield call(stage, frame, node, inner, [owner, *args], kwargs))
        case NativeMethod(owner, name):
            return (yield _call_method(stage, frame, node, owner, name, args, kwargs))
        case ObjectValue() if hasattr(function.cls, "__call__"):  # noqa: B004  (looked up on the class)
            special = Static(function.cls.__call__)
            return (yield call(stage, frame, node, special, [function, *args], kwargs))
        case Poison():
            stage.decide(function, frame, node)
        case PartialValue(inner, first, named):
            return (yield call(stage, frame, node, inner, [*first, *args], {**named, **kwargs}))
        case Var():
            return call_opaque(stage, frame, node, function, args, kwargs)
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
            stage.decide(value, frame, node)
    held = function.value
    native = NATIVES.get(held) if _hashable(held) else None
    if native is not None and held not in KEEPS_ARRAYS:
        args = [plain(stage, a, frame, node) for a in args]
    if native is not None:
        found = yield native(stage, frame, node, args, kwargs)
        if found is not NotImplemented:
            return found
    if isinstance(held, functools.partial):
        inner = [*map(Static, held.args), *args]
        named = {**{k: Static(v) for k, v in held.keywords.items()}, **kwargs}
        lifted = yield _lift_partial(stage, function, inner, named, len(held.args), held.keywords)
        return (yield call(stage, frame, node, Static(held.func), *lifted))
    if _hashable(held) and held in WRITERS:
        return WRITERS[held](stage, frame, node, args, kwargs)
    owner = getattr(held, "__self__", None)
    if isinstance(owner, np.ufunc) and held.__name__ == "at":
        return (yield write_at(stage, frame, node, owner, args))
    if _writes(held):
        stage.refuse(frame, node, IN_PLACE, IN_PLACE_ADVICE)
    if (getattr(held, "__module__", None) or "").startswith("adjoint.api"):
        stage.refuse(
            frame, node, f"{held.__name__} is used inside a differentiated function",
            "derivatives of derivatives are not there yet",
        )  # fmt: skip
    if is_getter(held) and len(args) == 1:
        return (yield call_getter(stage, frame, node, held, args[0]))
    if isinstance(getattr(held, "__self__", None), property):
        return property_method(held, args)
    if isinstance(getattr(held, "__self__", None), RANDOM):
        return call_opaque(stage, frame, node, function, args, kwargs)
    if isinstance(held, types.MethodType):
        owner = _owner(stage, function)
        return (yield call(stage, frame, node, Static(held.__func__), [owner, *args], kwargs))
    if _hashable(held) and held in VIEWS and args and isinstance(args[0], Buffer | View):
        found = _view(stage, frame, node, call_op(held), args[0], args[1:], kwargs)
        if found is not None:
            return found
    if lookup(held) is not None or isinstance(held, np.ufunc) or _is_library(held):
        return (yield call_rule(stage, frame, node, held, args, kwargs))
    wrapped = getattr(held, "__adjoint_primal__", None)
    if wrapped is not None:
        stage.refuse(
            frame, node,
            f"the gradient of {wrapped.__name__} is used inside a differentiated function",
            "derivatives of derivatives are not there yet",
        )  # fmt: skip
    if getattr(held, "__code__", None) is MANAGER_CODE:
        return (yield call(stage, frame, node, Static(held.__wrapped__), args, kwargs))
    if isinstance(held, types.FunctionType) and is_standard(held):
        return call_opaque(stage, frame, node, function, args, kwargs)
    if isinstance(held, types.FunctionType):
        return (yield inline(stage, frame, node, held, args, kwargs))
    if isinstance(held, type):
        return (yield construct(stage, frame, node, held, args, kwargs))
    if _computes_now(held, args, kwargs):
        return static_call(stage, frame, node, held, args, kwargs)
    return call_opaque(stage, frame, node, function, args, kwargs)


def _writes(held: Any) -> bool:
    """Whether a function changes an array that it is given, in a way that is not followed."""
    owner = getattr(held, "__self__", None)
    return isinstance(owner, RANDOM) and held.__name__ == "shuffle"


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


# -- methods of arrays, lists, dicts and strings ---------------------------------------------------


def _call_method(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Value,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    if isinstance(owner, Stream):
        return (yield iterator_method(stage, frame, node, owner, name))
    if isinstance(owner, TupleValue | ListValue | RunTimeList):
        if name in ("extend", "__iadd__") and not isinstance(owner, TupleValue):
            done = yield _extend(stage, frame, node, owner, args[0])
            return owner if name == "__iadd__" else done
        if name == "__add__" and not isinstance(owner, TupleValue):
            return (yield concatenated(stage, frame, node, owner, args[0]))
        if isinstance(owner, RunTimeList) and name in EDITS:
            return (yield edit(stage, frame, node, owner, name, args))
        return list_method(stage, frame, node, owner, name, args, kwargs)
    if isinstance(owner, DictValue):
        if name == "update" and kwargs:
            args = [*args, DictValue({"items": dict(kwargs)})]
        return dict_method(stage, frame, node, owner, name, args)
    type_ = stage.type(owner)
    if isinstance(type_, Array | Unknown) and name in WRITING_METHODS:
        WRITING_METHODS[name](stage, frame, node, owner, args, **kwargs)
        return NONE
    if isinstance(type_, Array | Unknown) and name in WRITING:
        stage.refuse(frame, node, IN_PLACE, IN_PLACE_ADVICE)
    if isinstance(owner, Buffer | View) and METHODS.get(name) in VIEWS:
        found = _view(stage, frame, node, Op(METHODS[name], Form.METHOD, name), owner, args, kwargs)
        if found is not None:
            return found
    if isinstance(type_, Array | Unknown) and name in METHODS:
        return _array_method(stage, frame, node, owner, name, args, kwargs)
    if isinstance(type_, Scalar) and name in ("item", "conjugate"):
        return owner
    return _opaque_method(stage, frame, node, owner, name, args, kwargs)


def _view(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    op: Op,
    owner: Buffer | View,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value | None:
    """The view that a function returns, or None where what it returns is not followed."""
    given = (
        [*args, *kwargs.values()] if set(kwargs) <= {"axis", "axes", "newshape", "shape"} else None
    )
    if given is None:
        if "order" in kwargs or "copy" in kwargs:
            return None
        stage.refuse(
            frame, node, f"{op.name or op.function.__name__} with these arguments of an array that"
            " is written", "use .copy(), or pass the arguments by position",
        )  # fmt: skip
    operands = [stage.operand(stage.need_static(a), frame, node) for a in given]
    if op.form is Form.METHOD:
        operands = normalise(op.name, operands)
    return view_by(stage, frame, node, op, owner, operands)


def _extend(stage: Stage, frame: Frame, node: gast.AST, owner: Value, more: Value) -> Steps:
    """``owner.extend(more)``: each item is appended when it is reached."""

    def trip(item: Value) -> Steps:
        append(stage, frame, node, owner, item)
        return FALL
        yield

    if isinstance(more, ListValue):
        more = TupleValue(more.slots["items"])  # what it is now, also if it is `owner`
    yield each(stage, frame, node, more, trip)
    return NONE


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
    (_, *args), out = without_out(function, [owner, *args], kwargs.pop("out", NONE))
    args = [
        stage.need_static(a) if function in AXIS_SECOND or name == "astype" else a for a in args
    ]
    kwargs = {k: stage.need_static(v) for k, v in kwargs.items()}
    operands = [stage.operand(a, frame, node) for a in args]
    arguments = [stage.operand(owner, frame, node), *normalise(name, operands)]
    pairs = [(k, stage.operand(v, frame, node)) for k, v in kwargs.items()]
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(Op(function, Form.METHOD, name), arguments, pairs)
    note_integer(stage, function, [owner, *args], arguments, made)
    return made if is_none(out) else write_out(stage, frame, node, out, made)


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
