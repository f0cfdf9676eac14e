"""The classes of values, as far as they are known now."""

from __future__ import annotations

import functools
import types
from typing import Any

import numpy as np

from adjoint.ir.nodes import Var
from adjoint.ir.specimens import specimen_of
from adjoint.ir.values import Array, Maybe, Opaque, Unknown
from adjoint.stage.equivalents.container_equivalents import STANDS_FOR
from adjoint.stage.values import (
    BoundMethod,
    Buffer,
    Closure,
    DictValue,
    Iterable,
    ListValue,
    ObjectValue,
    PartialValue,
    Records,
    RunTimeDict,
    RunTimeList,
    SliceValue,
    Static,
    TupleValue,
    Value,
    View,
)

__all__ = ["class_of", "has_attribute"]

#: The classes of what has no object of its own while staging.
_CLASSES: dict[type, type] = {
    Closure: types.FunctionType,
    BoundMethod: types.MethodType,
    PartialValue: functools.partial,
    SliceValue: slice,
    ListValue: list,
    RunTimeList: list,
    Records: list,
    DictValue: dict,
    RunTimeDict: dict,
}


def class_of(value: Value) -> Any:
    """The class of a value, or None where it is known at run time only."""
    match value:
        case ObjectValue():
            return STANDS_FOR.get(value.cls, value.cls)
        case TupleValue(_, cls):
            return cls
        case Static(held):
            return type(held)
        case RunTimeList(is_tuple=True) | Records(is_tuple=True):
            return tuple
        case Iterable() if value.is_range:
            return range
        case Var(type=Maybe() | Unknown() | Opaque()):
            return None
        case Var():
            return type(specimen_of(value.type))
        case View() if not value.is_list:
            return type(specimen_of(value.type)) if isinstance(value.type, Array) else None
        case Buffer():
            return np.ndarray
        case _:
            return _CLASSES.get(type(value))


def has_attribute(value: Value, name: str) -> bool | None:
    """Whether a number, an array or a container has an attribute; None where it is not known."""
    kinds = (Var, Buffer, View, TupleValue, ListValue, RunTimeList, Records, DictValue, RunTimeDict)
    cls = class_of(value) if isinstance(value, kinds) else None
    if cls is None:
        return None
    return any(name in vars(each) for each in cls.__mro__)  # `hasattr` sees those of `type` too
