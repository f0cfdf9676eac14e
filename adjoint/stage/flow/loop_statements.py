"""`for` and `while`: unrolled, or staged as loops; their `else`, and what comes after them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gast

from adjoint.ir.nodes import Const, Var
from adjoint.ir.ops import COMPARE, operation
from adjoint.ir.values import BOOL
from adjoint.stage.assign import assign
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.flow import loops
from adjoint.stage.flow.branches import FALL, Outcome
from adjoint.stage.flow.conditions import tested
from adjoint.stage.flow.dispatch import dispatch, has_exit, takes_rest
from adjoint.stage.flow.generators import handed_out, in_generator, left_or_on
from adjoint.stage.flow.step_by_step import GuardedFor, guarded
from adjoint.stage.iteration.counted import count_of, items_now, reached, static_range, too_long
from adjoint.stage.iteration.iterables import index_name
from adjoint.stage.iteration.positions import next_item, whole
from adjoint.stage.iteration.sequences import (
    UNROLL_LIMIT,
    begin,
    driven,
    end,
    gone_over,
    iterated,
    rest_of,
    sequence_of,
)
from adjoint.stage.lists.records import raise_apart
from adjoint.stage.operators import compare, truth
from adjoint.stage.values import (
    NONE,
    UNBOUND,
    Iterable,
    Leaves,
    Static,
    Steps,
    Stream,
    Value,
)

__all__ = [
    "each",
    "loop_statement",
    "unrolled_items",
    "watched",
    "yield_from",
    "yield_statement",
]


def loop_statement(stage: Stage, frame: Frame, node: Any, rest: list[Any]) -> Steps:
    """Run a loop, its else clause and, where it may be left by return, the rest of the block."""
    with guarded(stage, frame, node):
        outcome = yield _trips(stage, frame, node)
    return (yield _after(stage, frame, node, outcome, rest))


def _trips(stage: Stage, frame: Frame, node: Any) -> Steps:
    """Run the trips of a loop; how it is left."""
    if isinstance(node, gast.While):
        outcome = yield _while(stage, frame, node)
    else:
        looked = len(stage.looked_at)
        value = yield gone_over(stage, frame, node.iter)
        del stage.looked_at[looked:]  # what was made of a list or dict is it no longer

        def trip(item: Value, resume: Callable[[], Steps] | None = None) -> Steps:
            yield assign(stage, frame, node.target, item)
            body = node.body if resume is None else in_generator(node.body, resume)
            return (yield stage.execute(frame, body))

        leaves: Leaves = any(has_exit(part, frame.leaves) for part in node.body)
        if leaves and frame.leaves:  # an exit may be that of this generator's own consumer
            leaves = "afterwards"
        outcome = yield each(stage, frame, node, value, trip, leaves=leaves, target=node.target)
    return outcome


def each(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    value: Value,
    trip: Callable[..., Steps],
    *,
    leaves: Leaves = False,
    target: gast.AST | None = None,
) -> Steps:
    """Run `trip` for each item of a value; how that was left, as of a loop.

    `leaves` tells whether a trip may leave, and `target` takes the items.
    """
    where = getattr(node, "iter", node)
    value = yield iterated(stage, frame, where, value)
    if isinstance(value, Stream) and value.place is not None:
        return (yield _by_position(stage, frame, node, value, trip))
    if isinstance(value, Stream) and (value.drive is not None or value.items is None):
        before = begin(stage, frame, where, value, "left")
        if before == "spent":
            end(stage, value)
            return FALL

        def in_region(item: Value, resume: Callable[[], Steps] | None = None) -> Steps:
            if resume is not None:
                return (yield trip(item, resume))
            return (yield _trip(stage, trip(item)))

        outcome = yield driven(stage, frame, node, value, in_region, before, leaves)
        _leave(stage, value, outcome)
        return outcome
    before = len(stage.looked_at)
    found = value
    if isinstance(value, Stream):
        found = yield rest_of(stage, frame, where, value, "left")
    if not isinstance(found, list):
        found = yield sequence_of(stage, frame, where, found)
    trip = watched(stage, stage.looked_at[before:], trip)
    items = yield unrolled_items(stage, frame, node, found)
    if isinstance(items, list):
        outcome = yield _unrolled(stage, frame, node, items, 0, trip)
    else:
        outcome = yield _counted(stage, frame, node, items, trip, target)
    _leave(stage, value, outcome)
    return outcome


def _by_position(
    stage: Stage, frame: Frame, node: gast.AST, stream: Stream, trip: Callable[[Value], Steps]
) -> Steps:
    """The items that an iterator has left, which a trip may take too."""
    found = yield whole(stage, frame, node, stream)
    count = yield count_of(stage, frame, node, found)
    assert stream.place is not None, "it is gone over by positions"
    place = stream.place

    def is_left() -> Steps:
        return (yield compare(stage, frame, node, "<", place.slots["position"], count))

    def body() -> Steps:
        item = yield next_item(stage, frame, node, place, found)
        return (yield trip(item))

    return (yield loops.while_loop(stage, frame, node, is_left, body))


def _leave(stage: Stage, value: Value, outcome: Outcome) -> None:
    """What was gone over is at its end, or was left before."""
    if not isinstance(value, Stream):
        return
    if outcome.kind == "fall":
        end(stage, value)
    else:
        stage.trail.set(value, "state", Static("left"))


def watched(stage: Stage, cells: list[Value], trip: Callable[..., Steps]) -> Callable[..., Steps]:
    """`trip`, in which lists that are gone over may change only where it has been already."""
    if not cells:
        return trip
    handed = 0

    def guarded(*args: Any, **kwargs: Any) -> Steps:
        nonlocal handed
        handed += 1
        before = len(stage.gone_over)
        stage.gone_over += [(cell, handed) for cell in cells]
        try:
            return (yield trip(*args, **kwargs))
        finally:
            del stage.gone_over[before:]

    return guarded


def _is_unrolled(stage: Stage, frame: Frame, node: Any) -> bool:
    is_one = stage.key(frame, node, loops.NOT_UNROLLED) in stage.decisions
    return stage.key(frame, node, "unroll") in stage.decisions and not is_one


def unrolled_items(stage: Stage, frame: Frame, node: Any, found: Any) -> Steps:
    """What a loop goes over as a list, where its trips are to be known one by one."""
    if isinstance(found, list):
        shortened = too_long(stage, frame, node, found)
        if isinstance(shortened, list) and len(shortened) > UNROLL_LIMIT:
            stage.refuse(
                frame, node, f"a loop over {len(shortened)} different things would be unrolled",
                "loop over an array, or over a list of numbers or arrays of one kind",
            )  # fmt: skip
        return shortened
    if not _is_unrolled(stage, frame, node):
        return found
    parts = [stage.need_static(p) for p in (found.start, found.stop, found.step)]
    found = Iterable(parts[0], parts[1], parts[2], found.item)
    items = yield items_now(stage, frame, node, found, UNROLL_LIMIT)
    if items is None:
        known = static_range(found)
        reason = (
            "its number of trips is known at run time only"
            if known is None
            else f"{len(known)} trips"
        )
        raise_apart(stage)
        raise Restart(
            stage.key(frame, node, loops.NOT_UNROLLED),
            reason=stage.unsupported(
                "this loop must be unrolled, since its index selects among different things,"
                f" but {reason}",
                stage.place(frame, node),
                "loop over the things themselves, or keep them in one array",
            ),
        )
    return items


def _counted(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    over: Iterable,
    trip: Callable[[Value], Steps],
    target: gast.AST | None,
) -> Steps:
    def body(index: Value) -> Steps:
        item = yield over.item(index)
        return (yield trip(item))

    # Where a handler waits, what the loop itself reads is told by an index without a name.
    name = "" if isinstance(node, GuardedFor) and over.counts else index_name(over, target)
    return (yield loops.counted_loop(stage, frame, node, over, body, index_name=name))


def _while(stage: Stage, frame: Frame, node: Any) -> Steps:
    if _is_unrolled(stage, frame, node):
        return (yield _unrolled_while(stage, frame, node))
    return (
        yield loops.while_loop(
            stage, frame, node,
            lambda: tested(stage, frame, node.test), lambda: stage.execute(frame, node.body),
        )
    )  # fmt: skip


def _unrolled_while(stage: Stage, frame: Frame, node: Any) -> Steps:
    """The trips one after the other, where the test is known before each."""
    for _ in range(UNROLL_LIMIT):
        value = yield tested(stage, frame, node.test)
        decided = yield truth(stage, frame, node.test, value)
        if not isinstance(decided, Static):
            break
        if not decided.value:
            return FALL
        outcome = yield _trip(stage, stage.execute(frame, node.body))
        if outcome.kind in ("break", "return", "raise"):
            return outcome
        if outcome.kind == "mixed":
            break
    raise_apart(stage)
    raise Restart(
        stage.key(frame, node, loops.NOT_UNROLLED),
        reason=stage.unsupported(
            "this loop goes over or carries things of different kinds,"
            " and when it ends is known at run time only",
            stage.place(frame, node),
            "give its variables one kind before it; of a part that moves, keep the index, and take"
            " it from the array again: k += 1; tail = a[k:]",
        ),
    )


def _trip(stage: Stage, steps: Steps) -> Steps:
    """One trip of an unrolled loop; how it is left."""
    stage.regions.append("trip")
    stopped = stage.builder.stopped
    try:
        return (yield steps)
    finally:
        stage.builder.stopped = stopped
        stage.regions.pop()


def _unrolled(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    items: list[Any],
    position: int,
    trip: Callable[[Value], Steps],
) -> Steps:
    """The trips one after the other, each as a region of its own."""
    for index in range(position, len(items)):
        item = yield reached(items[index])
        outcome = yield _trip(stage, trip(item))
        if outcome.kind in ("break", "return", "raise"):
            return outcome
        if outcome.kind == "mixed":
            rest = partial(_unrolled, stage, frame, node, items, index + 1, trip)
            return (yield _rest_of_trips(stage, frame, node, rest, outcome))
    return FALL


def _rest_of_trips(
    stage: Stage, frame: Frame, node: gast.AST, rest: Callable[[], Steps], outcome: Outcome
) -> Steps:
    """After a trip that leaves on some paths only, the others go on where it did not."""
    going = yield compare(stage, frame, node, "==", outcome.code, Static(0))

    def off() -> Steps:
        return outcome
        yield

    return (yield dispatch(stage, frame, node, going, rest, off, whole=False))


def _after(stage: Stage, frame: Frame, node: Any, outcome: Outcome, rest: list[Any]) -> Steps:
    """The else clause, and what comes after a loop that may have been left by return."""
    orelse = node.orelse
    if outcome.kind == "break":
        return FALL
    whole = takes_rest(stage, frame, *orelse)
    if outcome.kind == "fall":
        outcome = yield stage.execute(frame, [*orelse, *rest] if whole else orelse)
        return (yield _finished(stage, frame, outcome)) if whole else outcome
    if outcome.kind != "mixed":
        return outcome
    broke, returned = _tests(stage, frame, node, outcome)

    def other() -> Steps:
        if whole:
            return (yield _else_then(stage, frame, node, broke, [*orelse, *rest], rest))
        if orelse:
            yield _else_then(stage, frame, node, broke, orelse, [], whole=False)
        return FALL

    if isinstance(returned, Static) and not returned.value:
        outcome = yield other()
        return (yield _finished(stage, frame, outcome)) if whole else outcome

    def go_on() -> Steps:
        outcome = yield other()
        return outcome if whole else (yield stage.execute(frame, rest))

    def leave() -> Steps:
        return Outcome("return", outcome.value)
        yield

    return (yield dispatch(stage, frame, node, returned, leave, go_on))


def _finished(stage: Stage, frame: Frame, outcome: Outcome) -> Steps:
    """The rest of the block was run with the loop: it ends here."""
    if outcome.kind != "fall":
        return outcome
    return Outcome("return", frame.ending) if stage.regions[-1] is None else Outcome("next")
    yield


def _else_then(
    stage: Stage,
    frame: Frame,
    node: Any,
    broke: Value,
    other: list[Any],
    then: list[Any],
    whole: bool = True,
) -> Steps:
    if isinstance(broke, Static):
        return (yield stage.execute(frame, then if broke.value else other))
    assert isinstance(broke, Var)
    return (
        yield dispatch(
            stage, frame, node, broke,
            lambda: stage.execute(frame, then), lambda: stage.execute(frame, other), whole=whole,
        )
    )  # fmt: skip


def _tests(stage: Stage, frame: Frame, node: Any, outcome: Outcome) -> tuple[Value, Any]:
    with stage.builder.at(stage.place(frame, node)):
        if isinstance(outcome.code, tuple):
            broke = loops.was(stage, outcome.code, "break") if node.orelse else Static(True)
            return broke, loops.was(stage, outcome.code, "return")
        if isinstance(outcome.code, Static):
            return Static(outcome.code.value == 1), Static(outcome.code.value == 2)
        equal = operation(COMPARE["=="])
        tests = [stage.builder.let(equal, (outcome.code, Const(k)), type_=BOOL) for k in (1, 2)]
        returns = outcome.value is not None
        return tests[0], tests[1] if returns else Static(False)


# -- generators ------------------------------------------------------------------------------------


def yield_statement(stage: Stage, frame: Frame, node: Any, rest: list[Any]) -> Steps:
    """``yield item`` and ``yield from items`` as statements, and the rest of the block."""
    if isinstance(node.value, gast.Yield):
        if frame.resumes:
            rest_of_it = partial(stage.execute, frame, rest)
            return (yield handed_out(stage, frame, node.value, rest_of_it))
        outcome = yield handed_out(stage, frame, node.value)
    else:
        value = yield stage.evaluate(frame, node.value.value)
        outcome = yield _each_handed_out(stage, frame, node, value)
    if outcome.kind in ("fall", "next"):
        return (yield stage.execute(frame, rest))
    return (yield left_or_on(stage, frame, node, outcome, rest))


def _each_handed_out(stage: Stage, frame: Frame, node: Any, value: Value) -> Steps:
    consumer = frame.consumer
    assert consumer is not None, "a generator runs for a consumer"
    return (
        yield each(
            stage,
            frame,
            node,
            value,
            consumer,
            leaves=frame.resumes or (frame.leaves and "afterwards"),
        )
    )


def yield_from(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``yield from items`` inside an expression: what a generator returned."""
    value = yield stage.evaluate(frame, node.value)
    outcome = yield _each_handed_out(stage, frame, node, value)
    if outcome.kind != "fall":
        stage.refuse(
            frame, node, "a loop over this generator may be left inside an expression",
            "write the yield from as a statement of its own",
        )  # fmt: skip
    result = value.slots.get("result", UNBOUND) if isinstance(value, Stream) else UNBOUND
    return NONE if result is UNBOUND else result
