"""Code with a clean-up: the body of a ``with``, and of a ``try`` with a ``finally``.

The clean-up runs on each way out of the body. Where it does something that can be seen, the emitted
code has a ``try`` and a ``finally`` of its own, so that it also happens where the body raises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gast

from adjoint.errors import Place
from adjoint.ir.nodes import Let
from adjoint.ir.ops import Form, Op
from adjoint.stage.context import Frame, PrimalRaises, Restart, Stage
from adjoint.stage.flow.bodies import replaced
from adjoint.stage.flow.branches import FALL
from adjoint.stage.flow.handlers import RaiseToHandler, looks_at_it
from adjoint.stage.own_statements import own_name, written_as
from adjoint.stage.values import Steps, Stream

__all__ = [
    "CleanUp",
    "Cleaning",
    "Leaving",
    "clean_up",
    "cleaning",
    "leave_cleaning",
    "protected",
]


def _marker(form: Form) -> Op:
    return Op(lambda *args: None, form, effect=True)


TRY, FINALLY, LEAVE = _marker(Form.TRY), _marker(Form.FINALLY), _marker(Form.LEAVE)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How a body is cleaned up.

    `failures` are the bodies of `try` around it, and how often each had failed when it began;
    `cleaned` how often where it was cleaned up last. By the decision `key` it is tried: a handler
    around then finds what the clean-up makes of it.
    """

    steps: Callable[[], Steps]
    key: Any
    failures: list[tuple[Any, int]]
    tried: bool
    cleaned: dict[Any, int] = field(default_factory=dict)


class CleanUp(gast.Pass):  # type: ignore[misc]
    """The clean-up at the end of a body that may be left by exits."""

    plan: Plan


class Cleaning(gast.Pass):  # type: ignore[misc]
    """The clean-up of a body that is tried."""

    plan: Plan


class Leaving(gast.Return):  # type: ignore[misc]
    """A return, break or continue that cleans up first."""

    exit: Any
    plan: Plan


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
    key = stage.key(frame, node, "cleaned")
    failures = [(each, each.failures) for each in stage.attempts]
    plan = Plan(steps, key, failures, key in stage.decisions)
    if plan.tried:
        inside = body if after is None else _leaving(body, plan)
        return (
            yield stage.execute(frame, [*_tried(stage, frame, node, inside, plan), *(after or ())])
        )
    if after is not None:
        ended = gast.copy_location(CleanUp(), node)
        ended.plan = plan
        outcome = yield stage.execute(frame, [*_leaving(body, plan), ended, *after])
        _check_cleaned(plan)
        return outcome
    here, start = stage.builder.statements, len(stage.builder.statements)
    try:
        outcome = yield stage.execute(frame, body)
    except PrimalRaises:
        yield steps()
        raise
    with stage.builder.block() as cleaning:
        yield _cleaned(stage, plan)
    seen = any(isinstance(each, Let) and each.op.effect for each in cleaning)
    if stage.builder.statements is here and seen and not all(map(stage.is_harmless, here[start:])):
        place = stage.place(frame, node)
        here.insert(start, _mark(TRY, place))
        cleaning = [_mark(FINALLY, place), *cleaning, _mark(LEAVE, place)]
    for statement in cleaning:
        stage.builder.append(statement)
    return outcome


def _check_cleaned(plan: Plan) -> None:
    """Have the body tried if it, or what comes after, may fail on a way without the clean-up."""
    if any(each.failures > plan.cleaned.get(each, count) for each, count in plan.failures):
        raise Restart(plan.key)


def _tried(stage: Stage, frame: Frame, node: Any, body: list[Any], plan: Plan) -> list[Any]:
    """What is the same as a body and its clean-up, where a handler waits for what the body raises.

    ::

        raised = None
        try:
            body
        except BaseException as error:
            raised = error
        clean up
        if raised is not None:
            raise raised
    """
    at = node.finalbody[0] if isinstance(node, gast.Try) else node  # no try of the user's is there
    name = own_name(stage, frame, at, "raised")
    made = written_as(f"try: pass\nexcept BaseException as {name}_: {name} = {name}_", at)
    made.body = body
    ended = gast.copy_location(Cleaning(), at)
    ended.plan = plan
    raising = written_as(f"if {name} is not None: raise {name}", at)
    return [written_as(f"{name} = None", at), made, ended, raising]


def cleaning(stage: Stage, frame: Frame, node: Any) -> Steps:
    """Run the clean-up of a body that was tried."""
    yield node.plan.steps()
    return FALL


def _mark(op: Op, place: Place) -> Let:
    return Let(None, op, (), (), place)


def _cleaned(stage: Stage, plan: Plan) -> Steps:
    """Run the clean-up of a body.

    Where the body fails, a handler finds what it was then, and not what the clean-up makes of it:
    where that is something else, the body is tried.
    """
    mark = stage.trail.mark()
    yield plan.steps()
    plan.cleaned.update((each, each.failures) for each, _ in plan.failures)
    changed = [cell for cell, _ in stage.trail.changes(mark) if cell.birth < mark.birth]
    failed = any(each.failures > count for each, count in plan.failures)
    if failed and not plan.tried and not all(isinstance(cell, Stream) for cell in changed):
        raise Restart(plan.key)


def _leaving(body: list[Any], plan: Plan) -> list[Any]:
    """Statements whose exits clean up first."""

    def exits(node: Any, inside: bool) -> Any:
        loop_exit = isinstance(node, gast.Break | gast.Continue) and not inside
        if not isinstance(node, gast.Return) and not loop_exit:
            return None
        leaving = Leaving(getattr(node, "value", None))
        leaving.exit, leaving.plan = node, plan
        return leaving

    return replaced(body, exits)


def clean_up(stage: Stage, frame: Frame, node: Any) -> Steps:
    """The end of a body that may be left by exits."""
    with stage.builder.block() as cleaning:
        yield _cleaned(stage, node.plan)
    lets = [each for each in cleaning if isinstance(each, Let)]
    if any(let.op.effect and not let.op.tried for let in lets):
        stage.refuse(
            frame, node, "a return, break or continue leaves what prints or writes at its end",
            "put the return behind it",
        )  # fmt: skip
    if node.plan.tried and not all(map(stage.is_harmless, cleaning)):
        stage.refuse(
            frame, node,
            "a return, break or continue leaves what may raise at its end, and a handler waits for"
            " what raises before",
            "put the return behind it",
        )  # fmt: skip
    for statement in cleaning:
        stage.builder.append(statement)
    return FALL


def _is_same_later(raised: Any) -> bool:
    """Whether what is raised is the same after a clean-up: a class, or a call of it."""
    if isinstance(raised, gast.Call):
        parts = [*raised.args, *(keyword.value for keyword in raised.keywords)]
        return _is_same_later(raised.func) and all(isinstance(p, gast.Constant) for p in parts)
    return raised is None or isinstance(raised, gast.Name | gast.Attribute)


def leave_cleaning(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``return``, ``break`` or ``continue`` out of a body with a clean-up, or a raise to a handler.

    A value is computed before the clean-up, and the handler runs after it.
    """
    if isinstance(node.exit, RaiseToHandler):
        mark = stage.trail.mark()
        yield clean_up(stage, frame, node)
        is_asked = any(looks_at_it(handler) for _, handler in node.exit.scope.handlers)
        is_same = _is_same_later(node.exit.raising.exc) or not stage.trail.changes(mark)
        if is_asked and not is_same:
            stage.refuse(
                frame, node.exit.raising,
                "what is raised here is computed before a clean-up, and caught after it",
                "raise it behind the with or try, or without arguments",
            )  # fmt: skip
        return (yield stage.execute(frame, [node.exit]))
    outcome = yield stage.execute(frame, [node.exit])
    yield clean_up(stage, frame, node)
    return outcome
