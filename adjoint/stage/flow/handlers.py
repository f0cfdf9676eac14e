"""The handlers of a ``try``, and what they run for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gast

from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.flow.raises import Classes
from adjoint.stage.names import bind
from adjoint.stage.values import Static, Steps, TupleValue, Value

__all__ = ["RaiseToHandler", "Scope", "handle", "handlers_of", "looks_at_it", "outside"]


class RaiseToHandler(gast.Return):  # type: ignore[misc]
    """A raise in the body of a ``try``."""

    scope: Scope
    raising: Any


@dataclass(eq=False)
class Scope:
    """A ``try`` while its body is staged.

    `after` is the rest of the block, where it is run with the body and the handlers; `outer` is
    what watches the statements around the ``try``; `escaped` is what came from none of its body.
    """

    node: Any
    handlers: list[tuple[Classes, Any]]
    after: list[Any]
    outer: Any = field(default=None)
    escaped: list[PrimalRaises] = field(default_factory=list)

    @property
    def wanted(self) -> Classes:
        """The classes that are waited for."""
        return tuple(dict.fromkeys(c for classes, _ in self.handlers for c in classes))


def handlers_of(stage: Stage, frame: Frame, node: Any) -> Steps:
    """Each handler of a ``try``, with the classes it waits for."""
    found = []
    for handler in node.handlers:
        found.append(((yield _classes(stage, frame, handler)), handler))
    return found


def _classes(stage: Stage, frame: Frame, handler: Any) -> Steps:
    if handler.type is None:
        return (BaseException,)
    value = stage.need_static((yield stage.evaluate(frame, handler.type)))
    parts = value.items if isinstance(value, TupleValue) else (value,)
    known: list[Any] = []
    for part in parts:
        if not isinstance(part, Static):
            stage.refuse(
                frame, handler, "what is caught here is known at run time only", "name the classes"
            )
        known += part.value if isinstance(part.value, tuple) else [part.value]
    return tuple(known)


def looks_at_it(handler: Any) -> bool:
    """Whether a handler does something with what it caught."""
    parts = [part for each in handler.body for part in gast.walk(each)]
    return handler.name is not None or any(isinstance(p, gast.Raise) and not p.exc for p in parts)


def handle(stage: Stage, frame: Frame, scope: Scope, handler: Any, value: Value) -> Steps:
    """Run a handler, and the rest of the block where that belongs to it."""
    body = [*handler.body]
    if handler.name is not None:
        bind(stage, frame, handler, handler.name.id, value)
        gone = gast.Delete([handler.name])
        body.append(gast.copy_location(gone, handler))
    outer, frame.handling = frame.handling, value
    try:
        return (yield outside(stage, scope, lambda: stage.execute(frame, [*body, *scope.after])))
    finally:
        frame.handling = outer


def outside(stage: Stage, scope: Scope, steps: Callable[[], Steps]) -> Steps:
    """Run what is not protected by a ``try``: what it raises is not caught there."""
    inside, stage.builder.watch = stage.builder.watch, scope.outer
    try:
        return (yield steps())
    except PrimalRaises as raised:
        scope.escaped.append(raised)
        raise
    finally:
        stage.builder.watch = inside
