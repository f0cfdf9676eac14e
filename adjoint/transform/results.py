"""What a gradient function hands back: gradients in the structure of the arguments."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint import runtime
from adjoint.ir.builder import Builder
from adjoint.ir.infer import type_of
from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.ops import MAKE, Form, Op, call
from adjoint.ir.values import OPAQUE, Array, ListOf, Opaque, Scalar, is_complex, is_differentiable
from adjoint.rules.registry import is_matrix
from adjoint.stage.inputs.outside import is_namespace
from adjoint.stage.run import Staged
from adjoint.stage.values import (
    Buffer,
    DictValue,
    ListValue,
    ObjectValue,
    RunTimeList,
    TupleValue,
    Value,
    View,
)
from adjoint.transform.accumulate import Adjoints, complete, writable, zero

__all__ = ["OWN", "Results", "handed_over", "inputs_in"]

OWN = Op(np.copy, Form.METHOD, "copy")


def inputs_in(value: Value) -> Sequence[Var]:
    """The variables in the value of an argument."""
    match value:
        case Var():
            return [value]
        case RunTimeList():
            return [value.slots["held"]]
        case Buffer(leaf=Var() as leaf) | View(leaf=Var() as leaf):
            return [leaf]
        case TupleValue(items):
            return [v for item in items for v in inputs_in(item)]
        case ListValue():
            return [v for item in value.slots["items"] for v in inputs_in(item)]
        case DictValue():
            return [v for item in value.slots["items"].values() for v in inputs_in(item)]
        case ObjectValue() if not is_matrix(value.cls):
            return [v for item in value.slots.values() for v in inputs_in(item)]
        case _:
            return []


@dataclass(frozen=True, slots=True)
class Results:
    """Makes gradients from the adjoints at the end of the backward sweep.

    `plain` are the variables that surely hold Python numbers.
    """

    staged: Staged
    adjoints: Adjoints
    plain: frozenset[Var]

    def structure(self, value: Value) -> Operand:
        """The gradient with respect to an argument, in the argument's structure."""
        match value:
            case Var():
                return self._leaf(value)
            case Buffer(leaf=Var() as leaf) | View(leaf=Var() as leaf):
                return self._leaf(leaf)
            case RunTimeList():
                return self._list(value.slots["held"])
            case TupleValue(items, cls):
                parts = tuple(self.structure(item) for item in items)
                return Pack("tuple", parts) if cls is tuple else self._named(cls, parts)
            case ListValue():
                return Pack("list", tuple(self.structure(item) for item in value.slots["items"]))
            case DictValue():
                entries = value.slots["items"]
                parts = tuple(self.structure(item) for item in entries.values())
                return Pack("dict", parts, tuple(Const(key) for key in entries))
            case ObjectValue() if not is_matrix(value.cls):
                return self._object(value)
            case _:
                return Const(None)

    def _named(self, cls: Any, parts: Sequence[Operand]) -> Operand:
        pairs = tuple(zip(cls._fields, parts, strict=True))
        owner = self.staged.inputs.constant(cls)
        return self.staged.builder.let(MAKE, (owner,), pairs, type_=OPAQUE)

    def _object(self, value: ObjectValue) -> Operand:
        """An object like the argument: the attributes that were read, and zeros for the others."""
        if is_namespace(value.cls):
            return self._namespace(value)
        names = [n for n in value.slots if n in value.seen and _matters(value.slots[n])]
        pairs = [(name, self.structure(value.slots[name])) for name in names]
        owner = value.access.variable() if pairs else value.access.read_again()
        held = getattr(value.real, "__dict__", None)
        if held is not None and set(held) == set(names):
            inputs = self.staged.inputs
            inputs.conditions.setdefault(f"list(vars({value.access.text})) == {list(held)!r}")
            return self.staged.builder.let(call(runtime.like), (owner,), pairs, type_=OPAQUE)
        op = call(runtime.gradient_like)
        return self.staged.builder.let(op, (owner,), pairs, type_=OPAQUE)

    def _namespace(self, value: ObjectValue) -> Operand:
        """A namespace is made of the gradients by all its attributes."""
        builder, held = self.staged.builder, list(vars(value.real))
        self.staged.inputs.conditions.setdefault(f"list(vars({value.access.text})) == {held!r}")
        pairs = [(name, self._attribute(value, name)) for name in held]
        return builder.let(Op(value.cls), (), pairs, type_=OPAQUE)

    def _attribute(self, value: ObjectValue, name: str) -> Operand:
        if name in value.seen:
            return self.structure(value.slots[name])
        like, unread = call(runtime.gradient_like), value.access.attr(name).read_again()
        return self.staged.builder.let(like, (unread,), type_=OPAQUE)

    def _list(self, held: Var) -> Operand:
        found = self.adjoints.values.get(held)
        return zero(self.staged.builder, held) if found is None else found

    def _leaf(self, leaf: Var) -> Operand:
        builder = self.staged.builder
        if not is_differentiable(leaf.type) or isinstance(leaf.type, Opaque):
            return Const(None)
        value = self.adjoints.values.get(leaf)
        if value is None:
            value = zero(builder, leaf)
        return handed_over(builder, value, leaf, self.plain, self.adjoints.name(leaf))


def handed_over(
    builder: Builder, value: Operand, like: Var, plain: Container[Var], name: str
) -> Operand:
    """A derivative as it is handed to the caller: of the shape and dtype of `like`.

    It is owned, writable and distinct from others. `plain` are the variables that surely hold
    Python numbers; `name` is what an array is called.
    """
    match like.type:
        case Scalar("float" | "complex" as kind):
            return _number(builder, value, {"float": float, "complex": complex}[kind], plain)
        case Array(dtype, (), True):
            return _numpy_scalar(builder, value, dtype)
        case Array(_, shape) if shape is not None:
            return _array(builder, value, like, name)
        case Scalar() | ListOf():
            return value
        case _:
            return complete(builder, value, like)


def _number(
    builder: Builder,
    value: Operand,
    cls: type[float] | type[complex],
    plain: Container[Var],
) -> Operand:
    """A Python number of a class."""
    type_ = Scalar(cls.__name__)
    if isinstance(value, Const):
        return Const(cls(value.value))
    if isinstance(value, Var) and value in plain and value.type == type_:
        return value
    return builder.let(call(cls), (value,), type_=type_)


def _numpy_scalar(builder: Builder, value: Operand, dtype: np.dtype[Any]) -> Operand:
    found = type_of(value)
    if isinstance(found, Array) and found.scalar and found.dtype == dtype:
        return value
    return builder.let(Op(dtype.type), (value,), type_=Array(dtype, (), True))


def _array(builder: Builder, value: Operand, like: Var, name: str) -> Operand:
    assert isinstance(like.type, Array)
    found = type_of(value)
    whole = isinstance(found, Array) and not found.scalar and found.shape is not None
    # The derivative of an array without axes may be a number where its type says that it is one.
    if not whole or _rank(like.type) == 0 or _rank(found) < _rank(like.type):
        return _full(builder, value, like, name)
    if is_complex(like.type) and not is_complex(found):
        return writable(builder, value, like)
    return builder.let(OWN, (complete(builder, value, like),), name=name)


def _full(builder: Builder, value: Operand, like: Var, name: str) -> Operand:
    """An array of one number, or of a smaller array spread out."""
    if isinstance(value, Const) and value.value == 1:
        return builder.let(call(np.ones_like), (like,), name=name)
    if isinstance(value, Const) and value.value == 0:
        return builder.let(call(np.zeros_like), (like,), name=name)
    return builder.let(call(np.full_like), (like, value), name=name)


def _rank(value: Any) -> int:
    return len(value.shape) if isinstance(value, Array) and value.shape is not None else 0


def _matters(value: Value) -> bool:
    return any(is_differentiable(v.type) for v in inputs_in(value))
