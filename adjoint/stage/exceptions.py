"""``try`` statements: which way is taken must be known, or follow from a raise in the body itself.

A handler is code that a raise leads to, as an exit of the body. What else in the body may raise
something that a handler waits for is refused at its place: it is never stepped over.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from adjoint.ir.infer import type_of
from adjoint.ir.nodes import Const, Let, Operand, Statement, Var
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import OPAQUE, rank
from adjoint.stage.bodies import replaced
from adjoint.stage.branches import Outcome
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.dispatch import has_exit, is_split
from adjoint.stage.names import bind
from adjoint.stage.protected import protected
from adjoint.stage.values import NONE, Static, Steps, TupleValue, Value

__all__ = ["EndOfTry", "RaiseToHandler", "end_of_try", "raise_to_handler", "try_statement"]

Classes = tuple[type[BaseException], ...]

_DIVISIONS = (operator.truediv, operator.floordiv, operator.mod)


@dataclass(eq=False)
class Scope:
    """A ``try`` while its body is staged."""

    node: Any
    handlers: list[tuple[Classes, Any]]
    after: list[Any]
    outer: Any = field(default=None)
    escaped: list[PrimalRaises] = field(default_factory=list)


class EndOfTry(gast.Pass):  # type: ignore[misc]
    """The end of the body of a ``try``, and what comes after it."""

    scope: Scope
    after: list[Any]


class RaiseToHandler(gast.Return):  # type: ignore[misc]
    """A raise in the body of a ``try``."""

    scope: Scope
    raising: Any


def try_statement(stage: Stage, frame: Frame, node: Any, rest: list[Any]) -> Steps:
    """Run a ``try``; how it is left, and whether the rest of the block was run with it."""
    if node.finalbody:
        return (yield _with_finally(stage, frame, node, rest))
    whole = has_exit(node, frame.leaves) or is_split(stage, frame, node)
    scope = Scope(node, [], rest if whole else [], stage.builder.watch)
    for handler in node.handlers:
        classes = yield _classes(stage, frame, handler)
        scope.handlers.append((classes, handler))
    ended = gast.copy_location(EndOfTry(), node)
    ended.scope, ended.after = scope, [*node.orelse, *scope.after]
    stage.builder.watch = lambda statement: _watch(stage, frame, scope, statement)
    try:
        outcome = yield stage.execute(frame, [*_to_handlers(node.body, scope), ended])
    except PrimalRaises as raised:
        if raised in scope.escaped:
            raise
        stage.builder.watch = scope.outer
        outcome = yield _handled(stage, frame, node, scope, raised)
    finally:
        stage.builder.watch = scope.outer
    return outcome, whole


def _with_finally(stage: Stage, frame: Frame, node: Any, rest: list[Any]) -> Steps:
    if any(map(has_exit, node.finalbody)):
        stage.refuse(
            frame, node.finalbody[0], "finally with a return, break or continue in it",
            "put it behind the try",
        )  # fmt: skip
    body = node.body
    if node.handlers:
        inner = gast.Try(node.body, node.handlers, node.orelse, [])
        body = [gast.copy_location(inner, node)]
    whole = has_exit(node, frame.leaves) or is_split(stage, frame, node)
    clean = lambda: stage.execute(frame, node.finalbody)  # noqa: E731
    return (yield protected(stage, frame, node, body, clean, rest if whole else None)), whole


def _to_handlers(body: list[Any], scope: Scope) -> list[Any]:
    """Statements in which a raise leads to the handlers."""

    def raises(node: Any, inside: bool) -> Any:
        if not isinstance(node, gast.Raise):
            return None
        raising = RaiseToHandler(None)
        raising.scope, raising.raising = scope, node
        return raising

    return replaced(body, raises, into=(gast.If, gast.With, gast.Match, gast.match_case))


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


# -- the ways out of the body ----------------------------------------------------------------------


def end_of_try(stage: Stage, frame: Frame, node: Any) -> Steps:
    """The body came to its end: nothing that follows is caught."""
    return (yield _outside(stage, node.scope, lambda: stage.execute(frame, node.after)))


def _outside(stage: Stage, scope: Scope, steps: Callable[[], Steps]) -> Steps:
    """Run what is not protected by a ``try``: what it raises is not caught there."""
    inside, stage.builder.watch = stage.builder.watch, scope.outer
    try:
        return (yield steps())
    except PrimalRaises as raised:
        scope.escaped.append(raised)
        raise
    finally:
        stage.builder.watch = inside


def raise_to_handler(stage: Stage, frame: Frame, node: Any) -> Steps:
    """A raise in the body: to the first handler that fits, or out of the function."""
    raising, scope = node.raising, node.scope
    if raising.exc is None:
        return (yield stage.execute(frame, [raising]))
    with stage.builder.block() as making:
        value = yield stage.evaluate(frame, raising.exc)
        cls = _class_of(stage, frame, raising, value)
        handler = next((h for classes, h in scope.handlers if issubclass(cls, classes)), None)
        if handler is not None and isinstance(value, Static):
            value = yield stage.call(frame, raising, value, [], {})
    if handler is not None and not _looks_at_it(handler):
        making = [each for each in making if not (isinstance(each, Let) and each.target is value)]
    for statement in making:
        stage.builder.append(statement)
    if handler is None:
        return (yield _outside(stage, scope, lambda: stage.execute(frame, [raising])))
    outcome = yield _handle(stage, frame, scope, handler, value)
    if outcome.kind != "fall":
        return outcome
    # The rest of the block was run with the handler: what stands behind the raise is not.
    return Outcome("return", frame.ending) if stage.regions[-1] is None else Outcome("next")


def _looks_at_it(handler: Any) -> bool:
    """Whether a handler does something with what it caught."""
    parts = [part for each in handler.body for part in gast.walk(each)]
    return handler.name is not None or any(isinstance(p, gast.Raise) and not p.exc for p in parts)


def _class_of(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> type[BaseException]:
    """The class of what is raised."""
    held = value.value if isinstance(value, Static) else None
    if isinstance(value, Var) and value in stage.builder.definitions:
        held = stage.builder.definitions[value].op.function
    if not isinstance(held, type) or not issubclass(held, BaseException):
        stage.refuse(
            frame, node, "the class of what is raised inside this try is known at run time only",
            "raise an exception by its class",
        )  # fmt: skip
    return held


def _handle(stage: Stage, frame: Frame, scope: Scope, handler: Any, value: Value) -> Steps:
    body = [*handler.body]
    if handler.name is not None:
        bind(stage, frame, handler, handler.name.id, value)
        gone = gast.Delete([handler.name])
        body.append(gast.copy_location(gone, handler))
    outer, frame.handling = frame.handling, value
    try:
        return (yield _outside(stage, scope, lambda: stage.execute(frame, [*body, *scope.after])))
    finally:
        frame.handling = outer


def _handled(stage: Stage, frame: Frame, node: Any, scope: Scope, raised: PrimalRaises) -> Steps:
    """What raises whenever it is reached leads to a handler known now."""
    for classes, handler in scope.handlers:
        if isinstance(raised.error, classes):
            if not _looks_at_it(handler):
                return (yield _handle(stage, frame, scope, handler, NONE))
            args = tuple(a for a in raised.error.args if isinstance(a, str | int | float))
            with stage.builder.at(raised.place):
                made = stage.builder.let(
                    Op(type(raised.error)), tuple(map(Const, args)), type_=OPAQUE
                )
            return (yield _handle(stage, frame, scope, handler, made))
    raise raised


# -- what may raise --------------------------------------------------------------------------------


def _watch(stage: Stage, frame: Frame, scope: Scope, statement: Statement) -> None:
    """Refuse a statement of the body that may raise what a handler waits for."""
    if not isinstance(statement, Let) or stage.is_harmless(statement):
        return
    possible = _possible(stage, statement)
    wanted = [c for classes, _ in scope.handlers for c in classes]
    if not any(issubclass(p, c) or issubclass(c, p) for p in possible for c in wanted):
        if scope.outer is not None:
            scope.outer(statement)
        return
    name = "an exception" if possible == (BaseException,) else possible[0].__name__
    raise stage.unsupported(
        f"whether this raises {name}, which the try around it catches, is known at run time only",
        statement.place,
        "test for it with if, and raise in the body of the try itself",
    )


def _possible(stage: Stage, let: Let) -> Classes:
    function, form = let.op.function, let.op.form
    if form is Form.RAISE:
        raised: Operand | None = let.args[0] if let.args else None
        held = stage.builder.definitions.get(raised) if isinstance(raised, Var) else None
        cls = held.op.function if held is not None else None
        known = isinstance(cls, type) and issubclass(cls, BaseException)
        return (cls,) if known else (BaseException,)  # type: ignore[return-value]
    if form is Form.ASSERT:
        return (AssertionError,)
    if function is print or form in (Form.FORMAT, Form.ENTER, Form.TRY, Form.FINALLY, Form.LEAVE):
        return ()
    if isinstance(function, type) and issubclass(function, BaseException):
        return ()
    if form in (Form.UPDATE, Form.UPDATE_INDEX) and rank(type_of(let.args[-1])) == 0:
        return (IndexError, TypeError)  # a number fits into any place
    if function in _DIVISIONS:
        return (ZeroDivisionError,)
    if function is operator.pow:
        return (ZeroDivisionError, OverflowError)
    if form is Form.INDEX:
        return (IndexError, KeyError, TypeError)
    module = getattr(function, "__module__", "") or ""
    if module == "math":
        return (ValueError, OverflowError)
    if module.startswith("numpy.linalg"):
        return (np.linalg.LinAlgError, ValueError)
    return (BaseException,)
