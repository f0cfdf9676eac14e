"""Exits of a body that is tried: they say how it is left, and are taken where it is not tried."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gast

from adjoint.stage.context import Frame, Stage
from adjoint.stage.flow.bodies import replaced
from adjoint.stage.flow.branches import Outcome
from adjoint.stage.flow.dispatch import dispatch
from adjoint.stage.flow.handlers import Scope
from adjoint.stage.operators import compare
from adjoint.stage.values import NONE, UNBOUND, Static, Steps, TupleValue, Value

__all__ = ["LeaveTry", "go_on", "leave_try", "leaving", "left_by"]


class LeaveTry(gast.Return):  # type: ignore[misc]
    """A return, break or continue in a body that is tried; what follows is not."""

    exit: Any
    ending: Value


def left_by(code: int, value: Value = UNBOUND) -> TupleValue:
    """What a body hands back that was left by an exit; 0 is its end."""
    return TupleValue((Static(code), value))


#: How a body that is tried was left; 0 is at its end.
_EXITS = {gast.Break: 1, gast.Continue: 2, gast.Return: 3}


def leaving(body: list[Any], ending: Value) -> list[Any]:
    """Statements whose exits only say how the body is left."""

    def exits(node: Any, inside: bool) -> Any:
        loop_exit = isinstance(node, gast.Break | gast.Continue) and not inside
        if not isinstance(node, gast.Return) and not loop_exit:
            return None
        made = LeaveTry(getattr(node, "value", None))
        made.exit, made.ending = node, ending
        return made

    return replaced(body, exits)


def leave_try(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``return``, ``break`` or ``continue`` out of a body that is tried."""
    code = _EXITS.get(type(node.exit), 3)
    if code != 3:
        return Outcome("return", left_by(code))
    here, frame.ending = frame.ending, node.ending
    try:
        outcome = yield stage.execute(frame, [node.exit])
    finally:
        frame.ending = here
    if outcome.kind != "return":
        return outcome
    return Outcome("return", left_by(code, NONE if outcome.value is None else outcome.value))


def go_on(
    stage: Stage, frame: Frame, scope: Scope, code: Value, value: Value, after: list[Any]
) -> Steps:
    """What follows a body that was left in one of several ways."""
    ways: list[Callable[[], Steps]] = [
        lambda: stage.execute(frame, after),
        lambda: _outcome(Outcome("break")),
        lambda: _outcome(Outcome("next")),
        lambda: _outcome(Outcome("return", value)),
    ]
    if isinstance(code, Static):
        return (yield ways[code.value]())
    used = {0} | {_EXITS.get(type(part), 0) for s in scope.node.body for part in gast.walk(s)}
    return (yield _one_of(stage, frame, scope.node, code, [(k, ways[k]) for k in sorted(used)]))


def _outcome(outcome: Outcome) -> Steps:
    return outcome
    yield


def _one_of(
    stage: Stage, frame: Frame, node: Any, code: Value, ways: list[tuple[int, Callable[[], Steps]]]
) -> Steps:
    (number, first), *others = ways
    if not others:
        return (yield first())
    test = yield compare(stage, frame, node, "==", code, Static(number))
    rest = partial(_one_of, stage, frame, node, code, others)
    return (yield dispatch(stage, frame, node, test, first, rest))
