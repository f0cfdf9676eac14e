"""Special methods: what operators and builtins ask the class of an object, or of a named tuple."""

from __future__ import annotations

import dataclasses
import operator
import types
from typing import Any

import gast

from adjoint.stage.context import Frame, Stage
from adjoint.stage.inputs.classes import expect_attribute
from adjoint.stage.values import ObjectValue, Static, Steps, TupleValue, Value

__all__ = ["SPECIAL", "is_generated", "operated", "special", "text_method", "truth_method"]

SPECIAL = {
    "+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow",
    "@": "matmul", "<<": "lshift", ">>": "rshift", "&": "and", "|": "or", "^": "xor",
    "<": "lt", "<=": "le", "==": "eq", "!=": "ne", ">": "gt", ">=": "ge", "in": "contains",
}  # fmt: skip
REFLECTED = {"<": "gt", "<=": "ge", ">": "lt", ">=": "le", "==": "eq", "!=": "ne"}


def special(stage: Stage, value: Value, name: str) -> Static | None:
    """The method of that name, if the class of a value has one of its own."""
    match value:
        case ObjectValue():
            cls, base = value.cls, object
        case TupleValue(_, cls) if cls is not tuple:
            base = tuple
        case _:
            return None
    expect_attribute(stage.inputs, cls, name)
    found = getattr(cls, name, None)
    return None if found is None or found is getattr(base, name, None) else Static(found)


def truth_method(stage: Stage, value: Value) -> Static | None:
    """The method that says whether a value is true, if its class has one of its own."""
    return special(stage, value, "__bool__") or special(stage, value, "__len__")


def text_method(stage: Stage, value: Value, conversion: int = -1) -> Static | None:
    """The method that gives the text of a value in ``f"{value}"``, or with ``!r`` or ``!s``."""
    names = ("__format__", "__str__", "__repr__")
    first = {ord("s"): 1, ord("r"): 2, ord("a"): 2}.get(conversion, 0)
    return next((own for name in names[first:] if (own := special(stage, value, name))), None)


def is_generated(function: Any) -> bool:
    """Whether a method was written by `dataclasses`, and has no source."""
    code = getattr(function, "__code__", None)
    return isinstance(code, types.CodeType) and code.co_filename.startswith("<string")


def _compared_by_fields(
    stage: Stage, frame: Frame, node: gast.AST, method: str, owner: ObjectValue, other: Value
) -> Steps:
    """What a comparison says that `dataclasses` wrote: that of the tuples of the fields."""
    if not isinstance(other, ObjectValue) or other.cls is not owner.cls:
        return Static(NotImplemented)
    compare = getattr(operator, method)
    sides: list[list[Value]] = [[], []]
    for field in dataclasses.fields(owner.cls):
        if field.compare:
            for side, each in zip(sides, (owner, other), strict=True):
                name = Static(field.name)
                side.append((yield stage.call(frame, node, Static(getattr), [each, name], {})))
    parts: list[Value] = [TupleValue(tuple(side)) for side in sides]
    return (yield stage.call(frame, node, Static(compare), parts, {}))


def operated(
    stage: Stage, frame: Frame, node: gast.AST, symbol: str, left: Value, right: Value
) -> Steps:
    """``left op right`` by their special methods; None where no class has an answer."""
    if not isinstance(left, ObjectValue | TupleValue) and not isinstance(
        right, ObjectValue | TupleValue
    ):
        return None
    name = SPECIAL[symbol]
    ways = [(left, right, f"__{name}__"), (right, left, f"__{REFLECTED.get(symbol, 'r' + name)}__")]
    if _is_more_special(right, left):
        ways.reverse()
    for owner, other, method in ways:
        own = special(stage, owner, method)
        inverted = own is None and symbol == "!=" and isinstance(owner, ObjectValue)
        if inverted:  # what `object` has for it is the opposite of ``==``
            own = special(stage, owner, "__eq__")
        if own is None:
            continue
        if is_generated(own.value) and isinstance(owner, ObjectValue):
            method = "__eq__" if inverted else method
            found = yield _compared_by_fields(stage, frame, node, method, owner, other)
        else:
            found = yield stage.call(frame, node, own, [owner, other], {})
        if isinstance(found, Static) and found.value is NotImplemented:
            continue
        if inverted:
            found = yield stage.call(frame, node, Static(operator.not_), [found], {})
        return found
    return None


def _is_more_special(right: Value, left: Value) -> bool:
    """Whether the class of the right operand, derived from that of the left, is asked first."""
    if not isinstance(left, ObjectValue | TupleValue):
        return False
    if not isinstance(right, ObjectValue | TupleValue):
        return False
    return right.cls is not left.cls and issubclass(right.cls, left.cls)
