"""Calls of what we cannot see into: it runs once, in its place, and nothing passes through it."""

from __future__ import annotations

import sys
from typing import Any

import gast
import numpy as np

from adjoint.ir.infer import infer
from adjoint.ir.nodes import Const, Operand, Pack
from adjoint.ir.ops import APPLY, Form, Op, call
from adjoint.ir.values import OPAQUE, UNKNOWN, Array, ListOf, Type
from adjoint.stage.context import Frame, Stage
from adjoint.stage.values import Iterable, Static, Value

__all__ = ["call_opaque"]


def call_opaque(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Value,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    """A function without source or rule: it runs once, in its place; nothing passes through it."""
    args = [_range(stage, frame, node, value) for value in args]
    operands, pairs = stage.operands(args, kwargs, frame, node)
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


def _range(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Value:
    """A range of which not all is known now, as it is; NumPy's functions have an array of it."""
    if not isinstance(value, Iterable) or not value.is_range:
        return value
    parts = [stage.operand(part, frame, node) for part in (value.start, value.stop, value.step)]
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(call(range), parts, type_=OPAQUE)


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
    op = Op(_drawing(function.value), Form.METHOD, name, effect=True)
    return stage.builder.let(op, [held, *operands], pairs, type_=type_)


def _drawing(method: Any) -> Any:
    """The function that a method of a generator of random numbers is: the key to its rule."""
    owner = method.__self__
    if isinstance(owner, np.random.Generator | np.random.RandomState):
        return getattr(type(owner), method.__name__)
    return getattr


def _call_global_generator(
    stage: Stage, function: Static, operands: list[Operand], pairs: list[Any]
) -> Value:
    """``np.random.normal(…)``."""
    module = stage.builder.let(Op(getattr, Form.ATTRIBUTE, "random"), (Const(np),), type_=OPAQUE)
    type_ = _drawn(stage, function.value, operands, pairs)
    op = Op(_drawing(function.value), Form.METHOD, function.value.__name__, effect=True)
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
