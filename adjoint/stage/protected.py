"""Code with a clean-up: the body of a ``with``, and of a ``try`` with a ``finally``.

The clean-up runs on each way out of the body. Where it does something that can be seen, the emitted
code has a ``try`` and a ``finally`` of its own, so that it also happens where the body raises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from adjoint.errors import Place
from adjoint.ir.nodes import Let
from adjoint.ir.ops import Form, Op
from adjoint.stage.bodies import replaced
from adjoint.stage.branches import FALL
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.values import Steps

__all__ = ["CleanUp", "Leaving", "clean_up", "leave_cleaning", "protected"]


def _marker(form: Form) -> Op:
    return Op(lambda *args: None, form, effect=True)


TRY, FINALLY, LEAVE = _marker(Form.TRY), _marker(Form.FINALLY), _marker(Form.LEAVE)


class CleanUp(gast.Pass):  # type: ignore[misc]
    """The clean-up at the end of a body."""

    steps: Callable[[], Steps]


class Leaving(gast.Return):  # type: ignore[misc]
    """A return, break or continue that cleans up first."""

    exit: Any
    steps: Callable[[], Steps]


def protected(
    stage: Stage,
    frame: Frame,
    node: Any,
    body: list[Any],
    steps: Callable[[], Steps],
    after: list[Any] | None = None,
) -> Steps:
    """Run a body, the clean-up on each way out, and what comes after.

    `after` is None where the body is not left by an exit.
    """
    if after is not None:
        ended = gast.copy_location(CleanUp(), node)
        ended.steps = steps
        return (yield stage.execute(frame, [*_leaving(body, steps), ended, *after]))
    here, start = stage.builder.statements, len(stage.builder.statements)
    try:
        outcome = yield stage.execute(frame, body)
    except PrimalRaises:
        yield steps()
        raise
    with stage.builder.block() as cleaning:
        yield steps()
    seen = any(isinstance(each, Let) and each.op.effect for each in cleaning)
    if stage.builder.statements is here and seen and not all(map(stage.is_harmless, here[start:])):
        place = stage.place(frame, node)
        here.insert(start, _mark(TRY, place))
        cleaning = [_mark(FINALLY, place), *cleaning, _mark(LEAVE, place)]
    for statement in cleaning:
        stage.builder.append(statement)
    return outcome


def _mark(op: Op, place: Place) -> Let:
    return Let(None, op, (), (), place)


def _leaving(body: list[Any], steps: Callable[[], Steps]) -> list[Any]:
    """Statements whose exits clean up first."""

    def exits(node: Any, inside: bool) -> Any:
        loop_exit = isinstance(node, gast.Break | gast.Continue) and not inside
        if not isinstance(node, gast.Return) and not loop_exit:
            return None
        leaving = Leaving(getattr(node, "value", None))
        leaving.exit, leaving.steps = node, steps
        return leaving

    return replaced(body, exits)


def clean_up(stage: Stage, frame: Frame, node: Any) -> Steps:
    """The end of a body that may be left by exits."""
    with stage.builder.block() as cleaning:
        yield node.steps()
    if any(isinstance(each, Let) and each.op.effect for each in cleaning):
        stage.refuse(
            frame, node, "a return, break or continue leaves what prints or writes at its end",
            "put the return behind it",
        )  # fmt: skip
    for statement in cleaning:
        stage.builder.append(statement)
    return FALL


def leave_cleaning(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``return``, ``break`` or ``continue`` out of a body with a clean-up."""
    outcome = yield stage.execute(frame, [node.exit])
    yield clean_up(stage, frame, node)
    return outcome
