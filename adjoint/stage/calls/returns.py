"""What functions return: their bodies run to the end, and the variables in a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import gast

from adjoint.ir.lengths import Length, Symbol, length
from adjoint.ir.nodes import Var
from adjoint.ir.values import Array, ListOf, Maybe, Scalar, TupleOf, Type, Unknown
from adjoint.stage.context import AlwaysRaises, Frame, Stage
from adjoint.stage.values import (
    NONE,
    DictValue,
    Given,
    ListValue,
    ObjectValue,
    Records,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
)

__all__ = ["Lengths", "is_plain_result", "leaves", "run_body", "with_leaves"]


def run_body(stage: Stage, inner: Frame, tree: Any) -> Steps:
    """The value that a function returns."""
    if isinstance(tree, gast.Lambda):
        return (yield stage.evaluate(inner, tree.body))
    outcome = yield stage.execute(inner, tree.body)
    if outcome.kind == "raise":
        raise AlwaysRaises
    if outcome.kind == "fall" or outcome.value is None:
        return NONE
    return outcome.value


def _parts(value: Any) -> tuple[Value, ...] | None:
    """The parts of a structure that can be returned, or None for anything else."""
    match value:
        case TupleValue(items) | Records(_, items):
            return items
        case ListValue():
            return tuple(value.slots["items"])
        case RunTimeList():
            return (value.slots["held"],)
        case DictValue():
            return tuple(value.slots["items"].values())
        case ObjectValue() if value.real is None and value.source is None:
            return tuple(value.slots.values())
        case _:
            return None


def is_plain_result(value: Value) -> bool:
    """Whether a value is made of numbers, arrays, things known now and containers of them."""
    parts = _parts(value)
    return (
        isinstance(value, Var | Static | Given)
        if parts is None
        else all(map(is_plain_result, parts))
    )


def leaves(value: Value) -> list[Var]:
    """The variables in a value, in order; one that is there twice comes once."""
    parts = _parts(value)
    if parts is None:
        return [value] if isinstance(value, Var) else []
    return list(dict.fromkeys(v for part in parts for v in leaves(part)))


def with_leaves(value: Any, table: Mapping[Var, Var]) -> Any:
    """A value with its variables replaced, and no names for its numbers."""
    again = partial(with_leaves, table=table)
    match value:
        case Var():
            return table[value]
        case Static(held, spelling, _, access):
            return value if access is not None else Static(held, spelling)
        case TupleValue(items, cls):
            return TupleValue(tuple(map(again, items)), cls)
        case Records(layout, lists):
            return Records(layout, tuple(map(again, lists)))
        case ListValue():
            return ListValue({"items": tuple(map(again, value.slots["items"]))}, key=value.key)
        case RunTimeList():
            return RunTimeList({"held": again(value.slots["held"])}, is_tuple=value.is_tuple)
        case DictValue():
            entries = value.slots["items"].items()
            return DictValue({"items": {k: again(v) for k, v in entries}}, cls=value.cls)
        case ObjectValue():
            slots = {name: again(part) for name, part in value.slots.items()}
            return ObjectValue(slots, cls=value.cls, seen=value.seen)
        case Given():
            return value
        case _:
            raise AssertionError("only plain values are returned")


@dataclass(frozen=True, slots=True)
class Lengths:
    """Types of what a function returns, with the lengths that they have for one call.

    `known` are the caller's lengths for those of the function's parameters.
    """

    stage: Stage
    known: Mapping[Length, Length]
    fresh: dict[Symbol, Length] = field(default_factory=dict)

    def type(self, type_: Type) -> Type:
        """The type, for this call."""
        match type_:
            case Scalar(kind):
                return Scalar(kind)
            case Array(dtype, shape, scalar):
                return Array(dtype, self._shape(shape), scalar)
            case Unknown(dtypes, shape):
                return Unknown(dtypes, self._shape(shape))
            case ListOf(item):
                return ListOf(None if item is None else self.type(item))
            case TupleOf(items):
                return TupleOf(tuple(map(self.type, items)))
            case Maybe(value):
                return Maybe(self.type(value))
            case _:
                return type_

    def _shape(self, shape: tuple[Length, ...] | None) -> tuple[Length, ...] | None:
        return None if shape is None else tuple(map(self.length, shape))

    def length(self, size: Length) -> Length:
        """The length, for this call."""
        size = self.stage.builder.facts.canonical(size)
        total = Length(size.const)
        for symbol, coefficient in size.terms:
            total = total + self._symbol(symbol) * coefficient
        return total

    def _symbol(self, symbol: Symbol) -> Length:
        own = length(symbol)
        if own in self.known:
            return self.known[own]
        if symbol.example >= 0:  # of an array that came in
            return own
        if symbol not in self.fresh:
            self.fresh[symbol] = self.stage.builder.facts.any_length()
        return self.fresh[symbol]
