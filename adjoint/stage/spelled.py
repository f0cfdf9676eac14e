"""What is known now, as keys and in text: in the generated code and in messages."""

from __future__ import annotations

import enum
import sys

import numpy as np

from adjoint.ir.nodes import Var
from adjoint.ir.values import ListOf
from adjoint.stage.values import (
    Buffer,
    Closure,
    DictValue,
    DictView,
    ListValue,
    ObjectValue,
    OneOf,
    Records,
    RunTimeDict,
    RunTimeList,
    Static,
    Stream,
    TupleValue,
    Value,
    View,
)

__all__ = ["as_key", "describe", "is_plain", "is_spelled"]


def as_key(value: Value) -> Value:
    """A tuple of things known now, as a key of a dict; anything else as it is."""
    if not isinstance(value, TupleValue):
        return value
    parts = [as_key(item) for item in value.items]
    if not all(isinstance(part, Static) for part in parts):
        return value
    held = [part.value for part in parts if isinstance(part, Static)]
    return Static(tuple(held) if value.cls is tuple else value.cls(*held))


def is_plain(value: object) -> bool:
    """Whether the repr of a value is the value."""
    if isinstance(value, tuple | frozenset):
        return all(map(is_plain, value))
    return value is None or value is Ellipsis or type(value) in _PLAIN


_PLAIN = (bool, int, float, complex, str, bytes)


def is_spelled(value: object) -> bool:
    """Whether the emitter can write a value by name: a dtype, a type, a function of a module, a
    member of an enumeration of a module.
    """
    if isinstance(value, np.dtype | np.generic):
        return True
    if isinstance(value, enum.Enum):
        cls = type(value)
        is_there = getattr(sys.modules.get(cls.__module__), cls.__name__, None) is cls
        return is_there and cls.__members__.get(value.name or "") is value
    name = getattr(value, "__qualname__", getattr(value, "__name__", ""))
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    if isinstance(value, np.ufunc):
        return getattr(np, name, None) is value
    if module is None or module.__name__ == "__main__":
        return False
    return callable(value) and getattr(module, name, None) is value


def describe(value: Value) -> str:
    """What a value is, for messages."""
    match value:
        case Static(held):
            return f"{held!r}" if is_plain(held) else f"a {type(held).__name__}"
        case Var(type=ListOf()) | RunTimeList() | Records() | ListValue():
            return "a list"
        case Var() | Buffer() | View():
            return "a value known at run time only"
        case TupleValue():
            return "a tuple"
        case DictValue() | RunTimeDict() | DictView():
            return "a dict"
        case OneOf():
            return "one of several things, which is known at run time only,"
        case ObjectValue():
            return f"a {value.cls.__name__} object"
        case Stream():
            return "an iterator"
        case Closure():
            return f"the function {value.name}"
        case _:
            return f"a {type(value).__name__.lower()}"
