"""Of what kind a value is: `isinstance`, `type` and `callable`."""

from __future__ import annotations

import itertools
import numbers
import types
from collections.abc import Iterator
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.ops import call as call_op
from adjoint.ir.values import BOOL, OPAQUE, Array, Maybe, Opaque, Scalar, Type, Unknown
from adjoint.stage.calls.native_iterables import Native
from adjoint.stage.context import Frame, Stage, describe
from adjoint.stage.inputs.classes import expect_kinship
from adjoint.stage.objects.known_classes import class_of
from adjoint.stage.objects.protocols import special
from adjoint.stage.objects.same_objects import refuse_number
from adjoint.stage.values import (
    BoundMethod,
    Closure,
    Iterable,
    NativeMethod,
    ObjectValue,
    PartialValue,
    Static,
    Steps,
    Stream,
    TupleValue,
    Value,
)

__all__ = ["KINDS", "asked"]


def asked(
    stage: Stage, frame: Frame, node: gast.AST, question: Any, args: list[Value], type_: Type = BOOL
) -> Value:
    """The answer to a question about a value that is known at run time only."""
    operands = [stage.operand(value, frame, node) for value in args]
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(call_op(question), operands, type_=type_)


#: What NumPy calls a scalar.
_SCALARS = (np.generic, int, float, complex, str, bytes, memoryview, numbers.Number)
#: What an iterator may be.
_ITERATORS: tuple[type, ...] = (
    types.GeneratorType, map, zip, filter, enumerate, reversed, itertools.chain, itertools.cycle,
    type(iter(())), type(iter([])), type(iter({})), type(iter(range(0))), type(iter("")),
)  # fmt: skip


def _single_classes(wanted: Any) -> Iterator[type]:
    """The classes in what ``isinstance`` is given: in nested tuples, and in unions."""
    if isinstance(wanted, tuple | types.UnionType):
        parts = wanted if isinstance(wanted, tuple) else wanted.__args__
        for part in parts:
            yield from _single_classes(part)
    else:
        yield wanted


def _isinstance(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any
) -> Steps:
    value, wanted = args[0], _classes(args[1])
    if isinstance(value, Static):
        return Static(isinstance(value.value, wanted))
    if isinstance(value, ObjectValue):
        expect_kinship(stage.inputs, value.cls, wanted)
    refuse_number(stage, frame, node, value, *_single_classes(wanted))
    cls = class_of(value)
    answers = {issubclass(each, wanted) for each in _met_classes(stage, value)}
    if cls is not None and len(answers) < 2:
        return Static(issubclass(cls, wanted))
    if isinstance(value, Var):
        return asked(stage, frame, node, isinstance, args)
    if isinstance(value, Stream | Iterable):
        answers = {issubclass(each, wanted) for each in _ITERATORS}
        if len(answers) == 1:
            return Static(answers.pop())
    stage.refuse(
        frame, node, f"of which class {describe(value)} is, cannot be told here",
        "ask for what it can do, or pass what it is as an argument",
    )  # fmt: skip
    yield


def _is_scalar(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    """``np.isscalar(x)``, which looks at the class alone."""
    cls = class_of(args[0]) if len(args) == 1 else None
    if cls is None:
        return asked(stage, frame, node, np.isscalar, args)
    return Static(issubclass(cls, _SCALARS))
    yield


def _met_classes(stage: Stage, value: Value) -> Iterator[type]:
    """The classes of the numbers that a number is, each on some of the ways to here."""
    waiting: list[Value | Operand] = [value]
    seen: set[Var] = set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, Const):
            yield type(each.value)
        elif isinstance(each, Var) and each not in seen:
            seen.add(each)
            met = stage.meetings.get(each, ())
            waiting.extend(met)
            if not met and isinstance(each.type, Array | Scalar):
                yield class_of(each)


def _classes(value: Value) -> Any:
    if isinstance(value, TupleValue):
        return tuple(v.value for v in value.items if isinstance(v, Static))
    assert isinstance(value, Static)
    return value.value


def _type(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    cls = class_of(args[0]) if len(args) == 1 else None
    if cls is not None and len({*_met_classes(stage, args[0])}) > 1:
        return asked(stage, frame, node, type, args, OPAQUE)
    return NotImplemented if cls is None else Static(cls)
    yield


def _callable(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    match args[0]:
        case Static(held):
            return Static(callable(held))
        case ObjectValue():
            return Static(special(stage, args[0], "__call__") is not None)
        case Var(type=Maybe() | Unknown() | Opaque()):
            return asked(stage, frame, node, callable, args)
        case _:
            functions = Closure | BoundMethod | NativeMethod | PartialValue
            return Static(isinstance(args[0], functions))
    yield


#: What each asks.
KINDS: dict[Any, Native] = {
    isinstance: _isinstance,
    type: _type,
    callable: _callable,
    np.isscalar: _is_scalar,
}
