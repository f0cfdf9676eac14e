"""Generators: run inside out, so that what consumes an item stands where it is handed out.

``for x in numbers(): body`` becomes the body of `numbers` with ``body`` in the place of each
``yield``: loops and branches of either keep their form. A `break` or `return` of the consumer then
leaves the generator, as a `return` would; a triple says how it was left. `next` cannot work so: for
it, the steps of the interpreter stop at a ``yield`` and go on when the next item is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import gast

from adjoint.ir.trampoline import resume
from adjoint.stage.context import AlwaysRaises, Frame, Restart, Stage
from adjoint.stage.flow.bodies import replaced
from adjoint.stage.flow.branches import FALL, Outcome, new_list
from adjoint.stage.flow.dispatch import dispatch
from adjoint.stage.flow.left_early import refuse_clean_up
from adjoint.stage.flow.regions import Region
from adjoint.stage.flow.run_ahead import run_ahead
from adjoint.stage.frames import Key
from adjoint.stage.lists.list_methods import append
from adjoint.stage.operators import compare
from adjoint.stage.values import (
    NONE,
    UNBOUND,
    Leaves,
    Static,
    Steps,
    Stream,
    TupleValue,
    Value,
)

__all__ = [
    "generator_of",
    "handed_out",
    "in_generator",
    "is_generator",
    "leave",
    "leave_generator",
    "left_or_on",
    "resume_generator",
    "resumed",
    "yield_expression",
]

#: How the body of a generator ends: 0, or 1 and 2 where its consumer left by break or return; what
#: the consumer returns; what the generator returns.
ENDING = TupleValue((Static(0), UNBOUND, UNBOUND))


#: What else is decided where a generator runs to its end first; None if it may not.
Ahead = Callable[[], tuple[Key, ...] | None]


@dataclass(frozen=True, slots=True)
class Handed:
    """An item that is handed out to `next`: the steps stop here."""

    item: Value


def is_generator(tree: Any) -> bool:
    """Whether a function has a yield of its own."""
    todo = list(tree.body)
    while todo:
        each = todo.pop()
        if isinstance(each, gast.Yield | gast.YieldFrom):
            return True
        if not isinstance(
            each, gast.FunctionDef | gast.Lambda | gast.ClassDef | gast.AsyncFunctionDef
        ):
            todo.extend(gast.iter_child_nodes(each))
    return False


def generator_of(
    stage: Stage, frame: Frame, node: gast.AST, inner: Frame, body: list[Any]
) -> Stream:
    """What a call of a generator function returns: nothing has run yet."""
    stream = Stream({"state": Static("new")}, body=body)
    inner.ending = ENDING

    def drive(trip: Callable[..., Steps], leaves: Leaves) -> Steps:
        if leaves:
            refuse_clean_up(stage, frame, node, body)
        inner.consumer, inner.leaves = trip, bool(leaves)
        inner.resumes = leaves is True
        ended = yield _run(stage, inner, body)
        code, left, returned = ended.items
        stage.trail.set(stream, "result", returned)
        return _outcome(code, left)

    key = stage.key(frame, node, "gathered")
    ahead = partial(run_ahead, stage, inner, body)
    if key in stage.decisions:
        stream.items, stream.gathered = partial(_gathered, stage, frame, node, drive, ahead), True
    else:
        stream.drive = drive
        stream.pull = _Pulled(stage, frame, node, drive, key, ahead).pull
    return stream


def _gathered(
    stage: Stage, frame: Frame, node: gast.AST, drive: Callable[..., Steps], ahead: Ahead
) -> Steps:
    """All items of a generator, before the first of them is used.

    That they may be is asked again: what it reads may be known by now to be written.
    """
    if ahead() is None:
        _refuse_conditions(stage, frame, node)
    held = new_list(stage, frame, node, ())

    def trip(item: Value) -> Steps:
        append(stage, frame, node, held, item)
        return FALL
        yield

    yield drive(trip, False)
    return held


def _run(stage: Stage, inner: Frame, body: list[Any]) -> Steps:
    stage.active.append(inner.identity)
    stage.regions.append(None)
    place = stage.builder.place
    try:
        outcome = yield stage.execute(inner, body)
    finally:
        stage.builder.place = place
        stage.regions.pop()
        stage.active.pop()
    if outcome.kind == "raise":
        raise AlwaysRaises
    return outcome.value if outcome.kind == "return" else ENDING


def _outcome(code: Value, left: Value) -> Outcome:
    """How the loop over a generator was left."""
    value = None if left is UNBOUND else left
    if not isinstance(code, Static):
        return Outcome("mixed", value, code)
    return (FALL, Outcome("break"), Outcome("return", value))[code.value]


def leave(frame: Frame, value: Value) -> Value:
    """What a return in a function hands back: of a generator, that it was not left."""
    return value if frame.ending is NONE else TupleValue((Static(0), UNBOUND, value))


# -- yield -----------------------------------------------------------------------------------------


def yield_expression(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``yield value`` inside an expression; its value is None, since nothing is sent."""
    outcome = yield handed_out(stage, frame, node)
    if outcome.kind not in ("fall", "next"):
        stage.refuse(
            frame, node, "a loop over this generator may be left at a yield inside an expression",
            "write the yield as a statement of its own",
        )  # fmt: skip
    return NONE


def handed_out(
    stage: Stage, frame: Frame, node: Any, resume: Callable[[], Steps] | None = None
) -> Steps:
    """Hand an item to the consumer; how that was left.

    A consumer that is given `resume`, the rest of the generator, runs it where it does not leave.
    """
    value = NONE if node.value is None else (yield stage.evaluate(frame, node.value))
    assert frame.consumer is not None, "a generator runs for a consumer"
    if resume is None:
        return (yield frame.consumer(value))
    return (yield frame.consumer(value, resume))


def left_or_on(stage: Stage, frame: Frame, node: Any, outcome: Outcome, rest: list[Any]) -> Steps:
    """After a yield: leave the generator if its consumer left; otherwise the rest of the block."""
    value = UNBOUND if outcome.value is None else outcome.value
    if outcome.kind in ("break", "return"):
        code = Static(1 if outcome.kind == "break" else 2)
        return Outcome("return", TupleValue((code, value, UNBOUND)))
    if outcome.kind != "mixed":
        return outcome
    going = yield compare(stage, frame, node, "==", outcome.code, Static(0))

    def on() -> Steps:
        return (yield stage.execute(frame, rest))

    def off() -> Steps:
        return Outcome("return", TupleValue((outcome.code, value, UNBOUND)))
        yield

    return (yield dispatch(stage, frame, node, going, on, off))


# -- the body of a loop in the place of a yield ----------------------------------------------------


class LeaveGenerator(gast.Return):  # type: ignore[misc]
    """A `break` or `return` of a loop over a generator, where its body stands in the generator."""

    exit: Any


class ResumeGenerator(gast.Return):  # type: ignore[misc]
    """The end of a trip of such a loop: the generator goes on."""

    steps: Callable[[], Steps]


def in_generator(body: list[Any], resume: Callable[[], Steps]) -> list[Any]:
    """The body of a loop, to be run in the place of a yield, and the rest of the generator."""

    def exits(node: Any, inside: bool) -> Any:
        if isinstance(node, gast.Continue) and not inside:
            return _resuming(resume)
        if isinstance(node, gast.Return) or (isinstance(node, gast.Break) and not inside):
            leaving = LeaveGenerator(getattr(node, "value", None))
            leaving.exit = node
            return leaving
        return None

    return [*replaced(body, exits), gast.copy_location(_resuming(resume), body[-1])]


def _resuming(steps: Callable[[], Steps]) -> ResumeGenerator:
    made = ResumeGenerator(None)
    made.steps = steps
    return made


def leave_generator(stage: Stage, frame: Frame, node: Any) -> Steps:
    """The consumer leaves."""
    if isinstance(node.exit, gast.Break):
        return Outcome("return", TupleValue((Static(1), UNBOUND, UNBOUND)))
    outcome = yield stage.execute(frame, [node.exit])
    return Outcome("return", TupleValue((Static(2), outcome.value, UNBOUND)))


def resume_generator(stage: Stage, frame: Frame, node: Any) -> Steps:
    """The consumer is done with an item."""
    return (yield resumed(stage, node.steps))


def resumed(stage: Stage, steps: Callable[[], Steps]) -> Steps:
    """Go on with a generator, to the end of its function or of a trip of its loop."""
    outcome = yield steps()
    if outcome.kind != "fall":
        return outcome
    return Outcome("return", ENDING) if stage.regions[-1] is None else Outcome("next")


# -- next ------------------------------------------------------------------------------------------


class _Pulled:
    """The steps of a generator that is asked for one item at a time.

    `gathers` is the decision that its items are gathered first, `ahead` tells what else is decided
    then, or that it would make a difference (see `run_ahead`).
    """

    def __init__(
        self,
        stage: Stage,
        frame: Frame,
        node: gast.AST,
        drive: Callable[..., Steps],
        gathers: Key,
        ahead: Ahead,
    ) -> None:
        self.stage, self.frame, self.node, self.drive = stage, frame, node, drive
        self.gathers, self.ahead = gathers, ahead
        self.decided: tuple[Key, ...] | None = None
        self.steps: list[Steps] = []
        self.count = 0
        self.regions: list[Any] = []
        self.active: list[Any] = []

    def pull(self, position: int) -> Steps:
        """Go on to item number `position`; None if there is no such item."""
        if position != self.count:
            message = "this generator is advanced on a condition known at run time only"
            _refuse(self.stage, self.frame, self.node, message)
        if position == 0:
            self.decided = self.ahead()
            self.steps = [self.drive(_hand, False)]
            self.stage.suspended.append(self.close)
        self.count += 1
        return self._go_on()
        yield

    def _go_on(self) -> Value | None:
        stage = self.stage
        block, depths = stage.builder.statements, (len(stage.regions), len(stage.active))
        stage.regions.extend(self.regions)
        stage.active.extend(self.active)
        place = stage.builder.place
        try:
            found = resume(self.steps, Handed)
        finally:
            stage.builder.place = place
            self.regions, stage.regions[depths[0] :] = stage.regions[depths[0] :], []
            self.active, stage.active[depths[1] :] = stage.active[depths[1] :], []
        if stage.builder.statements is not block:
            opened = [region for region in self.regions if isinstance(region, Region)]
            keys = [key for region in opened for key in region.keys]
            if keys and not any(key in stage.decisions for key in keys):
                raise Restart(*keys)
            if self.decided is not None:
                raise Restart(self.gathers, *self.decided)
            _refuse_conditions(stage, self.frame, self.node)
        return found.item if isinstance(found, Handed) else None

    def close(self) -> None:
        """Drop the steps of a generator that was not run to its end, once staging is over."""
        self.stage.regions[:], self.stage.active[:] = self.regions, self.active
        while self.steps:
            self.steps.pop().close()


def _refuse_conditions(stage: Stage, frame: Frame, node: gast.AST) -> None:
    _refuse(
        stage, frame, node, "a generator that is asked for its next item is inside a loop or branch"
    )


def _refuse(stage: Stage, frame: Frame, node: gast.AST, message: str) -> None:
    stage.refuse(frame, node, message, "loop over it with for, or make a list of it first")


def _hand(item: Value) -> Steps:
    yield Handed(item)
    return FALL
