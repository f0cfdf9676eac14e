"""Objects made inside the function: dataclasses, namedtuples, and classes with an ``__init__``."""

from __future__ import annotations

import dataclasses
import enum
import types
from typing import Any

import gast
import numpy as np

from adjoint.ir.ops import Op
from adjoint.ir.values import OPAQUE
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.inputs.access import Reading
from adjoint.stage.inputs.classes import expect_attribute
from adjoint.stage.inputs.outside import is_namespace, is_python, is_standard
from adjoint.stage.lists.registers import registered
from adjoint.stage.objects.enumerations import member_by_value
from adjoint.stage.objects.made_exceptions import made_exception
from adjoint.stage.objects.protocols import special
from adjoint.stage.values import NONE, ObjectValue, StagedValue, Static, Steps, TupleValue, Value

__all__ = ["construct"]


def construct(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    cls: type,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """``cls(*args, **kwargs)``."""
    if issubclass(cls, BaseException):
        return made_exception(stage, frame, node, cls, args)
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return _namedtuple(stage, frame, node, cls, args, kwargs)
    if issubclass(cls, enum.Enum) and len(args) == 1 and not kwargs:
        return (yield member_by_value(stage, frame, node, cls, args[0]))
    if is_namespace(cls) and not args:
        return registered(stage, frame, node, ObjectValue(dict(kwargs), cls=cls))
    if cls is np.errstate:
        return _opaque(stage, frame, node, cls, args, kwargs, effect=False)
    if (
        not is_python(cls)
        or is_standard(cls)
        or issubclass(cls, int | float | str | list | dict | tuple)
    ):
        return _opaque(stage, frame, node, cls, args, kwargs)
    _refuse_own_making(stage, frame, node, cls)
    made = ObjectValue(cls=cls)
    expect_attribute(stage.inputs, cls, "__init__")
    if dataclasses.is_dataclass(cls) and _generated(cls.__init__):
        yield _dataclass(stage, frame, node, made, args, kwargs)
        return registered(stage, frame, node, made)
    init = getattr(cls, "__init__", None)
    if isinstance(init, types.FunctionType | StagedValue):
        yield stage.call(frame, node, Static(init), [made, *args], kwargs)
    elif args or kwargs:
        raise PrimalRaises(
            TypeError(f"{cls.__name__}() takes no arguments"), stage.place(frame, node)
        )
    return registered(stage, frame, node, made)


def _refuse_own_making(stage: Stage, frame: Frame, node: gast.AST, cls: type) -> None:
    """Refuse a class that says how its objects are made before they are set up."""
    is_called = "__call__" in vars(type(cls)) and type(cls) is not type
    maker: Any = cls.__new__
    is_new = maker is not object.__new__ and not cls.__module__.startswith("adjoint.")
    if is_called or is_new:
        by = "a __call__ of its metaclass" if is_called else "a __new__"
        stage.refuse(
            frame, node, f"objects of {cls.__name__} are made by {by}",
            "set their attributes in __init__, and make them in a function",
        )  # fmt: skip


def _generated(function: Any) -> bool:
    return isinstance(function, types.FunctionType) and function.__code__.co_filename.startswith(
        "<"
    )


def _opaque(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    cls: type,
    args: list[Value],
    kwargs: dict[str, Value],
    effect: bool = True,
) -> Value:
    operands, pairs = stage.operands(args, kwargs, frame, node)
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(Op(cls, effect=effect), operands, pairs, type_=OPAQUE)


def _namedtuple(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    cls: Any,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    defaults = {k: Static(v) for k, v in cls._field_defaults.items()}
    given = dict(zip(cls._fields, args, strict=False))
    values = {**defaults, **given, **kwargs}
    if len(args) > len(cls._fields) or set(values) != set(cls._fields):
        error = TypeError(f"{cls.__name__}.__new__() does not take these arguments")
        raise PrimalRaises(error, stage.place(frame, node))
    return TupleValue(tuple(values[name] for name in cls._fields), cls)


def _dataclass(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    made: ObjectValue,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    fields = [f for f in dataclasses.fields(made.cls) if f.init]
    rest, named = list(args), dict(kwargs)
    for field in fields:
        if rest and not field.kw_only:
            value = rest.pop(0)
        elif field.name in named:
            value = named.pop(field.name)
        else:
            value = yield _default(stage, frame, node, made, field)
        stage.trail.set(made, field.name, value)
    if rest or named:
        error = TypeError(f"{made.cls.__name__}.__init__() got unexpected arguments")
        raise PrimalRaises(error, stage.place(frame, node))
    for field in dataclasses.fields(made.cls):
        if not field.init and field.default_factory is not dataclasses.MISSING:
            value = yield stage.call(frame, node, Static(field.default_factory), [], {})
            stage.trail.set(made, field.name, value)
    after = special(stage, made, "__post_init__")
    if after is not None:
        yield stage.call(frame, node, after, [made], {})
    return NONE


def _default(stage: Stage, frame: Frame, node: gast.AST, made: ObjectValue, field: Any) -> Steps:
    if field.default_factory is not dataclasses.MISSING:
        return (yield stage.call(frame, node, Static(field.default_factory), [], {}))
    if field.default is dataclasses.MISSING:
        error = TypeError(
            f"{made.cls.__name__}.__init__() missing 1 required positional argument: '{field.name}'"
        )
        raise PrimalRaises(error, stage.place(frame, node))
    if isinstance(field.default, StagedValue):
        return field.default.value
    key = ("field", id(made.cls), field.name)
    return stage.inputs.external(key, field.name, Reading.attribute(field, "default"))
