"""Calls of what we cannot see into: it runs once, in its place, and nothing passes through it."""

from __future__ import annotations

import sys
from typing import Any

import gast
import numpy as np

from adjoint.ir.infer import infer
from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.ops import APPLY, Form, Op, call
from adjoint.ir.values import OPAQUE, TEXT, UNKNOWN, Array, ListOf, Type
from adjoint.rules import lookup
from adjoint.stage.context import Frame, Stage
from adjoint.stage.values import Iterable, Static, Value

__all__ = ["call_of_text", "call_opaque"]

#: Methods of text that give text.
_GIVE_TEXT = frozenset(
    {
        "capitalize", "center", "format", "format_map", "join", "ljust", "lower", "lstrip",
        "removeprefix", "removesuffix", "replace", "rjust", "rstrip", "strip", "title", "translate",
        "upper", "zfill",
    }
)  # fmt: skip


def call_of_text(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    method: Any,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    """A method of a text that is known now: ``"{:.2f}".format(x)``."""
    name = method.__name__
    operands, pairs = stage.operands(args, kwargs, frame, node)
    op = Op(getattr(str, name), Form.METHOD, name)
    type_ = TEXT if name in _GIVE_TEXT else UNKNOWN
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(op, [Const(method.__self__), *operands], pairs, type_=type_)


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
        type_ = TEXT if _gives_text(stage, held) else UNKNOWN
        return stage.builder.let(APPLY, [held, *operands], pairs, type_=type_)


def _gives_text(stage: Stage, held: Operand) -> bool:
    """Whether what is called is a method as text has them, which gives text again."""
    made = stage.builder.definitions.get(held) if isinstance(held, Var) else None
    return made is not None and made.op.form is Form.ATTRIBUTE and made.op.name in _GIVE_TEXT


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
    if held is not None and held is function and module != "__main__":
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
    """The function that a method of a generator, a logger or a file is: the key to its rule."""
    owner = method.__self__
    function = getattr(type(owner), method.__name__, None)
    is_generator = isinstance(owner, np.random.Generator | np.random.RandomState)
    return function if is_generator or lookup(function) is not None else getattr


def _call_global_generator(
    stage: Stage, function: Static, operands: list[Operand], pairs: list[Any]
) -> Value:
    """``np.random.normal(…)``."""
    module = stage.builder.let(Op(getattr, Form.ATTRIBUTE, "random"), (Const(np),), type_=OPAQUE)
    type_ = _drawn(stage, function.value, operands, pairs)
    op = Op(_drawing(function.value), Form.METHOD, function.value.__name__, effect=True)
    return stage.builder.let(op, [module, *operands], pairs, type_=type_)


def _drawn(stage: Stage, function: Any, operands: list[Operand], pairs: list[Any]) -> Type:
    """The type of a random draw, found by drawing from a generator of our own.

    Specimens need not be probabilities: whether a draw raises is seen where it runs.
    """
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.random.Generator):
        fresh: Any = np.random.default_rng(0)
    elif isinstance(owner, np.random.RandomState):
        fresh = np.random.RandomState(0)
    else:
        return UNKNOWN
    draw = getattr(fresh, function.__name__)
    sized = [p.items if isinstance(p, Pack) else (p,) for _, p in pairs if _ == "size"]
    likely = [pair for pair in pairs if pair[0] != "p"]
    facts = stage.builder.facts
    before = facts.failure
    drawn = infer(lambda *a, **k: draw(*a, **k), operands, likely, facts)
    facts.failure = before
    if isinstance(drawn, Array) and sized and len(sized[0]) == len(drawn.shape or ()):
        return drawn
    return drawn if not isinstance(drawn, ListOf) else UNKNOWN
