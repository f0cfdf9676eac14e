"""``try`` around what may raise at run time: the emitted code tries it, and keeps the way taken.

Before::                                After::

    try:                                    branch (try, ZeroDivisionError)
        y = a + 1 / x                           t = 1 / x
    except ZeroDivisionError:                   else: y = a + t
        y = 0.0                             caught: y = 0.0

A handler finds everything as it was where the body failed. From the first statement that may fail
to the last, a name may have changed: in the handlers it is then nothing in particular, and if one
of them (or what follows) reads it, each statement that may fail is tried on its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import gast

from adjoint.errors import Place
from adjoint.ir.nodes import Let, Operand, Pack, Statement, Var
from adjoint.ir.ops import Form, Op, call
from adjoint.ir.values import BOOL, OPAQUE
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.flow.attempt_exits import go_on, leaving, left_by
from adjoint.stage.flow.branches import Arm, arm, or_raise, taken_back
from adjoint.stage.flow.dispatch import (
    dispatch,
    has_exit,
    is_split,
    joined,
    takes_rest,
    to_the_end,
)
from adjoint.stage.flow.handlers import Scope, handle, looks_at_it, outside
from adjoint.stage.flow.raises import Classes, may_lead_to, writes_numbers
from adjoint.stage.flow.step_by_step import has_steps, steps_key
from adjoint.stage.trail import Cell, Location, Mark
from adjoint.stage.values import NONE, Poison, Static, Steps, Value

__all__ = ["attempted", "may_be_attempted"]

ELSE = Op(lambda *args: None, Form.ELSE, effect=True)
CAUGHT = Op(BaseException, Form.CAUGHT, effect=True)
_OPENING, _CLOSING = (Form.ENTER, Form.TRY), (Form.LEAVE,)


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Where the body may fail: from a statement to a statement, both included.

    `mark` is the state before the first of them, `changed` what may be different where it fails.
    """

    first: Statement
    last: Statement
    mark: Mark
    changed: frozenset[Location] = frozenset()


@dataclass(eq=False)
class Attempt:
    """The body of a ``try`` while it is staged: `block` is what is written of it so far.

    A statement of an inner block may fail between two statements of this one: `open` is then the
    number of those before, and the state behind them; `so_far` is what had changed by then.
    """

    stage: Stage
    scope: Scope
    begin: Mark
    block: list[Statement]
    points: list[Point] = field(default_factory=list)
    before: tuple[int, Mark] | None = None
    steady: tuple[int, Mark] = field(init=False)
    failures: int = 0
    open: tuple[int, Mark] | None = None
    so_far: frozenset[Location] | None = frozenset()

    def __post_init__(self) -> None:
        self.steady = (0, self.begin)

    def watch(self, statement: Statement, new: bool) -> Statement:
        """Note a statement that may fail; it is neither dropped nor moved then."""
        here = new and self.stage.builder.statements is self.block
        if here:
            self.close()
        possible = may_lead_to(self.stage, statement, self.scope.wanted)
        if writes_numbers(self.stage, statement, self.scope.wanted):
            raise self.stage.unsupported(
                "an array is written in a try that waits for what NumPy raises of numbers",
                statement.place,
                "compute the value in the try, and write it behind it",
            )
        if possible and isinstance(statement, Let):
            self.failures += 1
            statement = _tried(statement)
            if not here:
                self._note_inner()
        if self.scope.outer is not None and not self._catches(possible):
            statement = self.scope.outer(statement, new)
        if here:
            self.before = (len(self.block), self.stage.trail.mark())
            self._note_steady(self.before)
        if here and possible:
            number, mark = self.steady
            first = self.block[number] if number < len(self.block) else statement
            self.points.append(Point(first, statement, mark))
            self.steady = (len(self.block) + 1, self.before[1])  # type: ignore[index]
        return statement

    def _note_steady(self, now: tuple[int, Mark]) -> None:
        """Note how far back nothing has changed: what is computed there may be tried as well."""
        if self.stage.trail.changed(self.steady[1], now[1]) or now[0] < self.steady[0]:
            self.steady = now

    def _note_inner(self) -> None:
        """Note that a statement of an inner block may fail."""
        blocks = [each.around for each in self.stage.opened]
        at = next((k for k, block in enumerate(blocks) if block is self.block), len(blocks))
        inside = self.stage.opened[at:]
        if self.open is None and inside:
            self.open = (len(self.block), inside[0].mark)
        elif self.open is None:
            self.open = self.before or (0, self.begin)
        if not inside or any(each.is_trip for each in inside):
            self.so_far = None  # known once all of it is written
        elif self.so_far is not None:
            self.so_far |= self.changes(self.open[1])

    def _catches(self, possible: Classes) -> bool:
        wanted = self.scope.wanted
        return bool(possible) and all(any(issubclass(p, c) for c in wanted) for p in possible)

    def close(self) -> None:
        """The statement of this block in which another may fail is written."""
        if self.open is None:
            return
        (number, mark), changed = self.open, self.so_far
        self.open, self.so_far = None, frozenset()
        self.steady = (len(self.block), self.stage.trail.mark())
        if number == len(self.block):
            return  # what was staged was not written
        first = self.block[number]
        if self.points and self.points[-1].last is first:
            before = self.points.pop()
            first, mark, changed = before.first, before.mark, None
        changed = self.changes(mark) if changed is None else changed
        self.points.append(Point(first, self.block[-1], mark, changed))

    def changes(self, mark: Mark) -> frozenset[Location]:
        """What has changed since a mark, of what was there when the body began."""
        found = self.stage.trail.changes(mark)
        return frozenset((cell, key) for cell, key in found if cell.birth < self.begin.birth)


def _tried(let: Let) -> Let:
    op = let.op
    return let if op.effect else replace(let, op=replace(op, effect=True, tried=True))


def may_be_attempted(stage: Stage, frame: Frame, node: Any, place: Place) -> None:
    """Refuse a ``try`` around a statement that may fail, where it cannot be followed."""
    yields = (part for each in node.body for part in gast.walk(each))
    if any(isinstance(part, gast.Yield | gast.YieldFrom) for part in yields):
        raise stage.unsupported(
            "a try with a yield in it waits for what this may raise", place,
            "yield behind the try",
        )  # fmt: skip


def attempted(
    stage: Stage,
    frame: Frame,
    node: Any,
    handlers: list[tuple[Classes, Any]],
    rest: list[Any],
) -> Steps:
    """Run a ``try`` whose body may fail; how it is left, and whether the rest was run with it."""
    parts = [*node.body, *node.orelse, *(each for h in node.handlers for each in h.body)]
    whole = any(map(has_exit, parts)) or is_split(stage, frame, node)
    scope = Scope(node, handlers, rest if whole else [], stage.builder.watch)
    stopped = stage.builder.stopped
    with stage.builder.block() as statements:
        attempt = Attempt(stage, scope, stage.trail.mark(), statements)
        steps = partial(_body, stage, frame, attempt)
        outcome = yield or_raise(stage, partial(to_the_end, stage, frame, steps, whole))
    stage.builder.stopped = stopped
    for point in reversed(_separate(stage, frame, node, attempt)):
        outcome = yield _folded(stage, frame, attempt, point, outcome, whole)
    stage.builder.statements.extend(statements)  # each was looked at when it was written
    return outcome, whole


def _body(stage: Stage, frame: Frame, attempt: Attempt) -> Steps:
    """The body, and what is run where it comes to its end."""
    scope = attempt.scope
    exits = takes_rest(stage, frame, *scope.node.body)
    body, ending = scope.node.body, frame.ending
    if exits:
        body = leaving(body, ending)
        frame.ending = left_by(0)
        stage.regions.append(None)
    stage.builder.watch = attempt.watch
    stage.attempts.append(attempt)
    try:
        outcome = yield or_raise(stage, lambda: stage.execute(frame, body))
    finally:
        stage.builder.watch = scope.outer
        stage.attempts.pop()
        if exits:
            stage.regions.pop()
            frame.ending = ending
    attempt.close()
    after = [*scope.node.orelse, *scope.after]
    if outcome.kind != "return":
        on = outcome.kind == "fall"
        return (yield outside(stage, scope, lambda: stage.execute(frame, after))) if on else outcome
    code, value = outcome.value.items
    return (yield outside(stage, scope, lambda: go_on(stage, frame, scope, code, value, after)))


# -- the points at which it may fail ---------------------------------------------------------------


def _separate(stage: Stage, frame: Frame, node: Any, attempt: Attempt) -> list[Point]:
    """The points that are tried one by one: all of them as one, where that is the same."""
    points = attempt.points
    if not points:
        return []
    apart = stage.key(frame, node, "apart")
    if apart not in stage.decisions or _is_cut(attempt.block, points):
        points = [_together(attempt, points)]
    if all(type(cell) is Cell for point in points for cell, _ in point.changed):
        return points
    if apart not in stage.decisions:
        raise Restart(apart)
    if has_steps(node):
        raise Restart(steps_key(stage, frame, node))
    raise stage.unsupported(
        "a list, dict, object or array is changed in this try before something in it may fail",
        stage.place(frame, node),
        "change it before the try or behind it, or try each step on its own",
    )


def _together(attempt: Attempt, points: list[Point]) -> Point:
    first, last = points[0], points[-1]
    made = Point(first.first, last.last, first.mark, _between(attempt, points, first.mark))
    if _is_cut(attempt.block, [made]):
        block, depths = attempt.block, _depths(attempt.block)
        closed = next(s for s in block[block.index(last.last) :] if depths[s][1] == 0)
        return Point(block[0], closed, attempt.begin, _between(attempt, points, attempt.begin))
    return made


def _between(attempt: Attempt, points: list[Point], mark: Mark) -> frozenset[Location]:
    """What was changed from a mark to the last point, and by then in that."""
    until = attempt.stage.trail.changed(mark, points[-1].mark)
    old = frozenset((cell, key) for cell, key in until if cell.birth < attempt.begin.birth)
    return old.union(*(point.changed for point in points))


def _is_cut(block: list[Statement], points: list[Point]) -> bool:
    """Whether a point is inside of a ``with`` or ``finally``, or has its begin or end in one."""
    depths = _depths(block)
    return any(depths[point.first][0] or depths[point.last][1] for point in points)


def _depths(block: list[Statement]) -> dict[Statement, tuple[int, int]]:
    """In how many of them a statement begins, and ends."""
    depth, found = 0, {}
    for statement in block:
        form = statement.op.form if isinstance(statement, Let) else None
        before = depth
        depth += (form in _OPENING) - (form in _CLOSING)
        found[statement] = (before, depth)
    return found


def _folded(
    stage: Stage, frame: Frame, attempt: Attempt, point: Point, outcome: Any, whole: bool
) -> Steps:
    """Put what begins at a point under the test that it does not fail; how that is left."""
    statements, scope = attempt.block, attempt.scope
    begin, last = statements.index(point.first), statements.index(point.last)
    place = stage.place(frame, scope.node)
    with stage.builder.block() as tail:
        tail.extend(statements[begin : last + 1])
        tail.append(Let(None, ELSE, (), (), place))
        tail.extend(statements[last + 1 :])
        body = taken_back(stage, tail, point.mark, outcome)
    del statements[begin:]
    steps = partial(_caught, stage, frame, scope, point, whole)
    with stage.builder.block() as written:
        handled: Arm = yield arm(stage, partial(to_the_end, stage, frame, steps, whole))
        classes = tuple(stage.operand(Static(c), frame, scope.node) for c in scope.wanted)
        test = Pack("tuple", classes)
        left = joined(
            stage, frame, scope.node, test, [handled, body], whole=whole, style="try"
        )  # fmt: skip
    statements.extend(written)
    return left


def _caught(stage: Stage, frame: Frame, scope: Scope, point: Point, whole: bool) -> Steps:
    """The handlers, where the body failed at a point."""
    keys = [stage.key(frame, scope.node, "apart")]
    if keys[0] in stage.decisions and has_steps(scope.node):
        keys = [steps_key(stage, frame, scope.node)]
    for cell, key in sorted(point.changed, key=lambda at: (at[0].birth, str(at[1]))):
        what = f"{key}, which may or may not have changed before the try around it failed"
        advice = "before the try, keep what the handler needs under another name"
        stage.trail.set(cell, key, Poison(tuple(keys), what, advice))
    error: Value = NONE
    if len(scope.handlers) > 1 or looks_at_it(scope.handlers[0][1]):
        with stage.builder.at(stage.place(frame, scope.node)):
            error = stage.builder.let(CAUGHT, (), type_=OPAQUE, name="error")
    return (yield _first_fitting(stage, frame, scope, scope.handlers, error, whole))


def _first_fitting(
    stage: Stage,
    frame: Frame,
    scope: Scope,
    handlers: list[tuple[Classes, Any]],
    error: Value,
    whole: bool,
) -> Steps:
    (classes, handler), *others = handlers
    first = partial(handle, stage, frame, scope, handler, error)
    if not others:
        return (yield first())
    assert isinstance(error, Var), "one of several handlers is chosen by what was caught"
    names: list[Operand] = [stage.operand(Static(c), frame, handler) for c in classes]
    wanted = names[0] if len(names) == 1 else Pack("tuple", tuple(names))
    with stage.builder.at(stage.place(frame, handler)):
        test = stage.builder.let(call(isinstance), (error, wanted), type_=BOOL)
    rest = partial(_first_fitting, stage, frame, scope, others, error, whole)
    return (yield dispatch(stage, frame, handler, test, first, rest, whole=whole))
