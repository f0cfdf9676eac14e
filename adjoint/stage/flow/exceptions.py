"""``try`` statements: the way taken is known, or follows from a raise in the body, or is tried.

Where what raises is known, a handler is code that the raise leads to, as an exit of the body. Where
it is known at run time only, the emitted code has a ``try`` of its own: see `attempts`.
"""

from __future__ import annotations

from typing import Any

import gast

from adjoint.ir.nodes import Const, Let, Statement, Var
from adjoint.ir.ops import Op
from adjoint.ir.values import OPAQUE
from adjoint.stage.context import Frame, PrimalRaises, Restart, Stage
from adjoint.stage.flow.attempts import attempted, may_be_attempted
from adjoint.stage.flow.bodies import replaced
from adjoint.stage.flow.branches import Outcome
from adjoint.stage.flow.dispatch import has_exit, takes_rest
from adjoint.stage.flow.handlers import (
    RaiseToHandler,
    Scope,
    handle,
    handlers_of,
    looks_at_it,
    outside,
)
from adjoint.stage.flow.protected import protected
from adjoint.stage.flow.raises import may_lead_to
from adjoint.stage.flow.step_by_step import step_by_step, steps_key
from adjoint.stage.values import NONE, Static, Steps, Value

__all__ = ["EndOfTry", "end_of_try", "raise_to_handler", "try_statement"]


class EndOfTry(gast.Pass):  # type: ignore[misc]
    """The end of the body of a ``try``, and what comes after it."""

    scope: Scope
    after: list[Any]


def try_statement(stage: Stage, frame: Frame, node: Any, rest: list[Any]) -> Steps:
    """Run a ``try``; how it is left, and whether the rest of the block was run with it."""
    if node.finalbody:
        return (yield _with_finally(stage, frame, node, rest))
    handlers = yield handlers_of(stage, frame, node)
    if steps_key(stage, frame, node) in stage.decisions:
        wanted = Scope(node, handlers, []).wanted
        steps = step_by_step(stage, frame, node, wanted)
        return (yield stage.execute(frame, [*steps, *rest])), True
    key = stage.key(frame, node, "attempt")
    if key in stage.decisions:
        return (yield attempted(stage, frame, node, handlers, rest))
    whole = takes_rest(stage, frame, node)
    scope = Scope(node, handlers, rest if whole else [], stage.builder.watch)
    ended = gast.copy_location(EndOfTry(), node)
    ended.scope, ended.after = scope, [*node.orelse, *scope.after]

    def watch(statement: Statement, new: bool) -> Statement:
        if may_lead_to(stage, statement, scope.wanted):
            may_be_attempted(stage, frame, node, statement.place)
            raise Restart(key)
        return statement if scope.outer is None else scope.outer(statement, new)

    stage.builder.watch = watch
    try:
        outcome = yield stage.execute(frame, [*_to_handlers(node.body, scope), ended])
    except PrimalRaises as raised:
        if raised in scope.escaped:
            raise
        stage.builder.watch = scope.outer
        outcome = yield _handled(stage, frame, scope, raised)
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
    whole = takes_rest(stage, frame, node)
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


# -- the ways out of the body ----------------------------------------------------------------------


def end_of_try(stage: Stage, frame: Frame, node: Any) -> Steps:
    """The body came to its end: nothing that follows is caught."""
    return (yield outside(stage, node.scope, lambda: stage.execute(frame, node.after)))


def raise_to_handler(stage: Stage, frame: Frame, node: Any) -> Steps:
    """A raise in the body: to the first handler that fits, or out of the function."""
    raising, scope = node.raising, node.scope
    if raising.exc is None:
        return (yield stage.execute(frame, [raising]))
    with stage.builder.block() as making:
        value = yield stage.evaluate(frame, raising.exc)
        cls = _class_of(stage, frame, scope, raising, value)
        handler = next((h for classes, h in scope.handlers if issubclass(cls, classes)), None)
        if handler is not None and isinstance(value, Static):
            value = yield stage.call(frame, raising, value, [], {})
    if handler is not None and not looks_at_it(handler):
        making = [each for each in making if not (isinstance(each, Let) and each.target is value)]
    for statement in making:
        stage.builder.append(statement)
    if handler is None:
        return (yield outside(stage, scope, lambda: stage.execute(frame, [raising])))
    outcome = yield handle(stage, frame, scope, handler, value)
    if outcome.kind != "fall":
        return outcome
    # The rest of the block was run with the handler: what stands behind the raise is not.
    return Outcome("return", frame.ending) if stage.regions[-1] is None else Outcome("next")


def _class_of(
    stage: Stage, frame: Frame, scope: Scope, node: gast.AST, value: Value
) -> type[BaseException]:
    """The class of what is raised."""
    held = value.value if isinstance(value, Static) else None
    if isinstance(value, Var) and value in stage.builder.definitions:
        held = stage.builder.definitions[value].op.function
    if not isinstance(held, type) or not issubclass(held, BaseException):
        may_be_attempted(stage, frame, scope.node, stage.place(frame, node))
        raise Restart(stage.key(frame, scope.node, "attempt"))
    return held


def _handled(stage: Stage, frame: Frame, scope: Scope, raised: PrimalRaises) -> Steps:
    """What raises whenever it is reached leads to a handler known now."""
    for classes, handler in scope.handlers:
        if isinstance(raised.error, classes):
            if not looks_at_it(handler):
                return (yield handle(stage, frame, scope, handler, NONE))
            args = tuple(a for a in raised.error.args if isinstance(a, str | int | float))
            with stage.builder.at(raised.place):
                made = stage.builder.let(
                    Op(type(raised.error)), tuple(map(Const, args)), type_=OPAQUE
                )
            return (yield handle(stage, frame, scope, handler, made))
    raise raised
