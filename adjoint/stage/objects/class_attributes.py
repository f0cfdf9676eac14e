"""Attributes that an object has of its class."""

from __future__ import annotations

import types
from typing import Any

import gast

from adjoint.custom import CustomRule
from adjoint.rules import lookup
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.inputs.access import Reading
from adjoint.stage.inputs.classes import expect_attribute, expect_unhidden
from adjoint.stage.inputs.outside import is_static
from adjoint.stage.values import (
    BoundMethod,
    Closure,
    ObjectValue,
    StagedValue,
    Static,
    TupleValue,
    Value,
)

__all__ = ["MISSING", "bind_class_attribute", "class_attribute", "is_default", "of_super"]

#: What a class has under a name under which it has nothing: None is something.
MISSING = object()


def is_default(found: Any) -> bool:
    """Whether what a class has under a name is a value, and nothing that is bound to an object."""
    kinds = (staticmethod, classmethod, types.FunctionType, CustomRule, StagedValue)
    return found is not MISSING and not isinstance(found, kinds) and not _is_derivative(found)


def _is_derivative(found: Any) -> bool:
    """Whether a method was decorated with `grad` or one of its kin."""
    return hasattr(type(found), "__adjoint_derives__") and hasattr(type(found), "__get__")


def class_attribute(cls: type, name: str) -> Any:
    """What a class has under a name, not bound to anything; `MISSING` if it has nothing."""
    for base in cls.__mro__:
        if name in base.__dict__:
            return base.__dict__[name]
    return MISSING


def bind_class_attribute(
    stage: Stage, owner: ObjectValue | TupleValue, found: Any, name: str
) -> Value:
    """What a class has under a name, as an attribute of an object or named tuple of it."""
    expect_attribute(stage.inputs, owner.cls, name)
    if isinstance(owner, ObjectValue) and owner.real is not None and not is_default(found):
        expect_unhidden(stage.inputs, owner.real, owner.access.text, name)
    if isinstance(found, staticmethod):
        return Static(found.__func__)
    if isinstance(found, classmethod):
        return BoundMethod(Static(found.__func__), Static(owner.cls))
    if isinstance(found, types.FunctionType):
        return _method(stage, owner, found, name)
    if _is_derivative(found):
        stage.inputs.expect_same(f"{stage.inputs.name_of(owner.cls)}.{name}", found)
        return BoundMethod(Static(found), owner)
    if isinstance(found, CustomRule):
        key = ("class", id(owner.cls), name)
        rule = stage.inputs.external(key, name, Reading.attribute(owner.cls, name))
        return BoundMethod(rule, owner)
    if isinstance(found, StagedValue):
        function = isinstance(found.value, Closure)
        return BoundMethod(found.value, owner) if function else found.value
    if isinstance(owner, ObjectValue) and owner.real is not None:  # it may have its own later
        held = found if is_static(found) else getattr(owner.real, name)
        return stage.inputs.lift(held, owner.access.attr(name))
    if is_static(found):
        return Static(found)
    key = ("class", id(owner.cls), name)
    return stage.inputs.external(key, name, Reading.attribute(owner.cls, name))


def _method(stage: Stage, owner: ObjectValue | TupleValue, found: Any, name: str) -> Value:
    """A method of an object; or the rule that this very object has for it."""
    if isinstance(owner, ObjectValue) and owner.real is not None:
        bound = getattr(owner.real, name)
        if lookup(bound) is not None:
            stage.inputs.expect_same(owner.access.text, owner.real)
            return Static(bound)
    return BoundMethod(Static(found), owner)


def of_super(
    stage: Stage, frame: Frame, node: gast.AST, cls: type, owner: ObjectValue, name: str
) -> Value:
    """``super().name``."""
    order = owner.cls.__mro__
    for base in order[order.index(cls) + 1 :]:
        expect_attribute(stage.inputs, base, name)
        if name in base.__dict__:
            found = base.__dict__[name]
            if base is object and name == "__init__":
                return Static(_nothing)
            if base is object:
                return BoundMethod(Static(found), owner)
            return bind_class_attribute(stage, owner, found, name)
    error = AttributeError(f"'super' object has no attribute '{name}'")
    raise PrimalRaises(error, stage.place(frame, node))


def _nothing(*args: Any, **kwargs: Any) -> None:
    """What ``object.__init__`` does."""
