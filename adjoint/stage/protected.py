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
from adjoint.stage.values import Steps, Stream

#: The bodies of `try` around one that is cleaned up, and how often each had failed.
Failures = list[tuple[Any, int]]

__all__ = ["CleanUp", "Leaving", "clean_up", "leave_cleaning", "protected"]


def _marker(form: Form) -> Op:
    return Op(lambda *args: None, form, effect=True)


TRY, FINALLY, LEAVE = _marker(Form.TRY), _marker(Form.FINALLY), _marker(Form.LEAVE)


class CleanUp(gast.Pass):  # type: ignore[misc]
    """The clean-up at the end of a body, and how often what is around had failed when it began."""

    steps: Callable[[], Steps]
    failures: Failures


class Leaving(gast.Return):  # type: ignore[misc]
    """A return, break or continue that cleans up first."""

    exit: Any
    steps: Callable[[], Steps]
    failures: Failures


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
    failures = [(each, each.failures) for each in stage.attempts]
    if after is not None:
        ended = gast.copy_location(CleanUp(), node)
        ended.steps, ended.failures = steps, failures
        return (yield stage.execute(frame, [*_leaving(body, steps, failures), ended, *after]))
    here, start = stage.builder.statements, len(stage.builder.statements)
    try:
        outcome = yield stage.execute(frame, body)
    except PrimalRaises:
        yield steps()
        raise
    with stage.builder.block() as cleaning:
        yield _cleaned(stage, frame, node, steps, failures)
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


def _cleaned(
    stage: Stage, frame: Frame, node: Any, steps: Callable[[], Steps], failures: Failures
) -> Steps:
    """Run the clean-up of a body; `failures` are those of the bodies around it when it began.

    Where the body fails, a handler finds what it was then: not what the clean-up makes of it.
    """
    mark = stage.trail.mark()
    yield steps()
    changed = [cell for cell, _ in stage.trail.changes(mark) if cell.birth < mark.birth]
    failed = any(each.failures > count for each, count in failures)
    if failed and not all(isinstance(cell, Stream) for cell in changed):
        stage.refuse(
            frame, node,
            "what is cleaned up here changes something, and a handler waits for what fails before",
            "change it in the handler and behind the try",
        )  # fmt: skip


def _leaving(body: list[Any], steps: Callable[[], Steps], failures: Failures) -> list[Any]:
    """Statements whose exits clean up first."""

    def exits(node: Any, inside: bool) -> Any:
        loop_exit = isinstance(node, gast.Break | gast.Continue) and not inside
        if not isinstance(node, gast.Return) and not loop_exit:
            return None
        leaving = Leaving(getattr(node, "value", None))
        leaving.exit, leaving.steps, leaving.failures = node, steps, failures
        return leaving

    return replaced(body, exits)


def clean_up(stage: Stage, frame: Frame, node: Any) -> Steps:
    """The end of a body that may be left by exits."""
    with stage.builder.block() as cleaning:
        yield _cleaned(stage, frame, node, node.steps, node.failures)
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
