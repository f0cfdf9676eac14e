"""Classes defined in staged code: real classes, whose methods and values belong to the stage."""

from __future__ import annotations

import functools
import types
from typing import Any

import gast

from adjoint.source.bindings import local_names
from adjoint.stage.context import Frame, Stage, describe
from adjoint.stage.flow.branches import FALL
from adjoint.stage.names import bind
from adjoint.stage.objects.protocols import special
from adjoint.stage.trail import Cell
from adjoint.stage.values import NONE, Closure, StagedValue, Static, Steps, Value

__all__ = ["define_class", "in_class"]


def define_class(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``class Name(bases): …``, with its decorators."""
    decorators = []
    for each in node.decorator_list:
        decorators.append((yield stage.evaluate(frame, each)))
    bases = []
    for base in node.bases:
        bases.append(_known(stage, frame, base, (yield stage.evaluate(frame, base))))
    keywords = {}
    for keyword in node.keywords:
        held = yield stage.evaluate(frame, keyword.value)
        keywords[keyword.arg] = _known(stage, frame, keyword.value, held)
    # What __class__ and super() mean in the methods, which do not see the names of the body.
    around = _scope(frame, node.name, frozenset({"__class__"}), frame)
    namespace = yield _body(stage, frame, node, around)
    cls = types.new_class(node.name, tuple(bases), keywords, lambda held: held.update(namespace))
    made: Value = Static(cls)
    around.names.slots["__class__"] = made
    yield _name_descriptors(stage, frame, node, cls)
    for decorator in reversed(decorators):
        made = yield stage.call(frame, node, decorator, [made], {})
    bind(stage, frame, node, node.name, made)
    return FALL


def _name_descriptors(stage: Stage, frame: Frame, node: gast.AST, cls: type) -> Steps:
    """Tell what was made in the body of a class under which name it is there."""
    for name, held in cls.__dict__.copy().items():
        value = held.value if isinstance(held, StagedValue) else NONE
        own = special(stage, value, "__set_name__")
        if own is not None:
            yield stage.call(frame, node, own, [value, Static(cls), Static(name)], {})


def _scope(frame: Frame, name: str, names: frozenset[str], parent: Frame) -> Frame:
    return Frame(
        name, frame.source, frame.bindings, Cell(), names, frame.callers, frame.path, parent
    )


def _known(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Any:
    if not isinstance(value, Static):
        stage.refuse(
            frame, node, f"{describe(value)} decides what a class is",
            "define the class outside, with bases known when the function is read",
        )  # fmt: skip
    return value.value


def _body(stage: Stage, frame: Frame, node: Any, around: Frame) -> Steps:
    """What the body of a class binds."""
    as_function = gast.Module(body=node.body, type_ignores=[])
    as_function.args = gast.arguments([], [], None, [], [], None, [])
    inner = _scope(frame, node.name, local_names(as_function), around)
    yield stage.execute(inner, node.body)
    namespace: dict[str, Any] = {
        "__module__": frame.bindings.globals.get("__name__"),
        "__qualname__": node.name,
        "__annotations__": {
            each.target.id: gast.unparse(each.annotation).strip()
            for each in node.body
            if isinstance(each, gast.AnnAssign) and isinstance(each.target, gast.Name)
        },
    }
    for name, value in inner.names.slots.items():
        namespace[name] = in_class(value, inner, around)
    return namespace


def in_class(value: Value, inner: Frame | None = None, around: Frame | None = None) -> Any:
    """A value as an attribute of a real class."""
    if isinstance(value, Static) and value.access is None:
        return _moved(value.value, inner, around)
    if isinstance(value, Closure) and inner is not None and value.frame is inner:
        assert around is not None
        value = Closure(
            value.node, around, value.defaults, value.kw_defaults, value.name, value.attributes
        )
    return StagedValue(value)


def _moved(held: Any, inner: Frame | None, around: Frame | None) -> Any:
    """A property or the like, whose functions were made in the body of the class."""

    def part(function: Any) -> Any:
        staged = isinstance(function, StagedValue)
        return in_class(function.value, inner, around) if staged else function

    if isinstance(held, property):
        return property(part(held.fget), part(held.fset), part(held.fdel), held.__doc__)
    if isinstance(held, staticmethod | classmethod):
        return type(held)(part(held.__func__))
    if isinstance(held, functools.cached_property):
        return functools.cached_property(part(held.func))
    return held
