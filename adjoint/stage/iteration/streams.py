"""Iterators made of iterators: what is done with an item is handed on to the innermost one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.flow.branches import FALL, Outcome
from adjoint.stage.flow.dispatch import dispatch
from adjoint.stage.flow.generators import resumed
from adjoint.stage.flow.loop_statements import each
from adjoint.stage.iteration.sequences import called, pulled
from adjoint.stage.operators import binary, truth, unary
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    Buffer,
    Iterable,
    Leaves,
    Records,
    RunTimeList,
    Static,
    Steps,
    Stream,
    TupleValue,
    Value,
    View,
)

__all__ = [
    "applied",
    "decided",
    "is_driven",
    "is_indexed",
    "kept",
    "numbered",
    "side_by_side",
    "stream",
]

Trip = Callable[..., Steps]
Resume = Callable[[], Steps] | None


def is_driven(value: Value) -> bool:
    """Whether the items of an iterator come one after the other, and are not reached by an index.

    It runs code of its own, or is left and used again.
    """
    runs = isinstance(value, Stream) and value.drive is not None and not value.counted
    return runs or (isinstance(value, Stream) and value.place is not None)


def is_indexed(value: Value) -> bool:
    """Whether items of an array, range or list are reached by an index known at run time only."""
    return isinstance(value, Var | Buffer | View | RunTimeList | Records | Iterable)


def stream(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    source: Value,
    handle: Callable[[Value, Trip, Resume], Steps],
    begin: Callable[[], None] | None = None,
    *,
    drops: bool = False,
) -> Stream:
    """An iterator that does something with each item of another before it is handed on.

    Where it drops some of them, its items cannot be asked for one by one.
    """

    def drive(trip: Trip, leaves: Leaves) -> Steps:
        if begin is not None:
            begin()

        def on(item: Value, resume: Callable[[], Steps] | None = None) -> Steps:
            if resume is None:
                return (yield handle(item, trip, None))
            return (yield handle(item, lambda value: trip(value, resume), resume))

        return (yield each(stage, frame, node, source, on, leaves=leaves))

    def pull(position: int) -> Steps:
        assert isinstance(source, Stream), "what is no iterator is driven"
        if begin is not None and position == 0:
            begin()
        item = yield pulled(stage, frame, node, source)
        if item is None:
            return None
        handed_on: list[Value] = []

        def take(value: Value) -> Steps:
            handed_on.append(value)
            return FALL
            yield

        yield handle(item, take, None)
        return handed_on[0]

    one_by_one = isinstance(source, Stream) and not drops
    return Stream({"state": Static("new")}, drive=drive, pull=pull if one_by_one else None)


def numbered(stage: Stage, frame: Frame, node: gast.AST, source: Value, start: Value) -> Stream:
    """``enumerate`` of an iterator."""
    counter = Cell()

    def begin() -> None:
        stage.trail.set(counter, "number", start)

    def handle(item: Value, trip: Trip, resume: Resume) -> Steps:
        number = counter.slots["number"]
        following = yield binary(stage, frame, node, "+", number, Static(1))
        stage.trail.set(counter, "number", following)
        return (yield trip(TupleValue((number, item))))

    return stream(stage, frame, node, source, handle, begin)


def applied(stage: Stage, frame: Frame, node: gast.AST, function: Value, source: Value) -> Stream:
    """``map`` over an iterator."""

    def handle(item: Value, trip: Trip, resume: Resume) -> Steps:
        return (yield trip((yield called(stage, frame, node, function, [item]))))

    return stream(stage, frame, node, source, handle)


def kept(stage: Stage, frame: Frame, node: gast.AST, function: Value, source: Value) -> Stream:
    """``filter``."""

    def handle(item: Value, trip: Trip, resume: Resume) -> Steps:
        test = item
        if not (isinstance(function, Static) and function.value is None):
            test = yield stage.call(frame, node, function, [item], {})
        decided = yield truth(stage, frame, node, test)
        if isinstance(decided, Static):
            return (yield trip(item)) if decided.value else (yield going_on(stage, resume))
        steps = partial(trip, item)
        return (yield under(stage, frame, node, decided, steps, partial(going_on, stage, resume)))

    return stream(stage, frame, node, source, handle, drops=True)


def under(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    test: Value,
    then: Callable[[], Steps],
    other: Callable[[], Steps],
) -> Steps:
    """A trip under a condition that is known at run time only."""
    assert isinstance(test, Var), "what is known now needs no branch"
    return (yield dispatch(stage, frame, node, test, then, other))


def going_on(stage: Stage, resume: Resume) -> Steps:
    """What is done with an item that is not handed on."""
    return FALL if resume is None else (yield resumed(stage, resume))


def side_by_side(
    stage: Stage, frame: Frame, node: gast.AST, sources: list[Any], strict: Any
) -> Stream:
    """``zip`` of iterators: each is asked for its next item in turn."""

    def pull(position: int) -> Steps:
        row: list[Value] = []
        for index, source in enumerate(sources):
            item = yield pulled(stage, frame, node, source)
            if item is not None:
                row.append(item)
                continue
            if strict.value and (index or (yield _any_left(stage, frame, node, sources[1:]))):
                raise PrimalRaises(
                    ValueError("zip() arguments have different lengths"), stage.place(frame, node)
                )
            return None
        return TupleValue(tuple(row))

    return Stream({"state": Static("new")}, pull=pull)


def _any_left(stage: Stage, frame: Frame, node: gast.AST, sources: list[Any]) -> Steps:
    for source in sources:
        if (yield pulled(stage, frame, node, source)) is not None:
            return True
    return False


def decided(stage: Stage, frame: Frame, node: gast.AST, source: Value, by: bool) -> Steps:
    """``any`` (`by` is true) or ``all``; items after the one that decides are not reached."""
    found = Cell()
    stage.trail.set(found, "found", Static(False))

    def stop() -> Steps:
        stage.trail.set(found, "found", Static(True))
        return Outcome("break")
        yield

    def go_on() -> Steps:
        return FALL
        yield

    def trip(item: Value, resume: Resume = None) -> Steps:
        test = yield truth(stage, frame, node, item)
        if isinstance(test, Static):
            return (yield stop()) if bool(test.value) is by else (yield going_on(stage, resume))
        arms = (stop, go_on) if by else (go_on, stop)
        return (yield dispatch(stage, frame, node, test, *arms))

    yield each(stage, frame, node, source, trip, leaves=True)
    result = found.slots["found"]
    return result if by else (yield unary(stage, frame, node, "not", result))
