"""Comprehensions: unrolled where the items are known now, otherwise a loop that appends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from adjoint.ir.nodes import Pack
from adjoint.ir.values import ListOf
from adjoint.stage import loops
from adjoint.stage.assign import assign
from adjoint.stage.branches import FALL, choose
from adjoint.stage.context import Frame, Stage, literal
from adjoint.stage.lists import append
from adjoint.stage.operators import truth
from adjoint.stage.sequences import items_now, itself, sequence_of
from adjoint.stage.trail import Cell
from adjoint.stage.values import DictValue, Iterable, ListValue, RunTimeList, Static, Steps, Value

__all__ = ["comprehension", "dict_comprehension", "set_comprehension"]


def comprehension(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``[element for target in iterable if test]``; also a generator that is consumed at once."""
    inner = _scope(frame, node)
    key = stage.key(frame, node, "runtime list")
    at_run_time = key in stage.decisions or (yield _runs(stage, frame, node))
    held: Value = _empty(stage, frame, node) if at_run_time else ListValue({"items": ()}, key=key)

    def element() -> Steps:
        value = yield stage.evaluate(inner, node.elt)
        append(stage, inner, node, held, value)
        return FALL

    yield _clauses(stage, inner, node, node.generators, element)
    return held


def _scope(frame: Frame, node: Any) -> Frame:
    names = frozenset(
        part.id for clause in node.generators for part in gast.walk(clause.target)
        if isinstance(part, gast.Name)
    )  # fmt: skip
    return Frame(
        frame.name, frame.source, frame.bindings, Cell(), names, frame.callers, frame.path, frame
    )  # fmt: skip


def _empty(stage: Stage, frame: Frame, node: gast.AST) -> RunTimeList:
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(literal("list"), (Pack("list", ()),), type_=ListOf(None))
    return RunTimeList({"list": made})


def _runs(stage: Stage, frame: Frame, node: Any) -> Steps:
    """Whether the first clause runs over something whose length is known at run time only."""
    with stage.builder.block():
        value = yield stage.evaluate(frame, node.generators[0].iter)
        found = yield sequence_of(stage, frame, node, value)
        items = yield items_now(stage, frame, node, found)
    return items is None


def _clauses(
    stage: Stage, frame: Frame, node: Any, clauses: list[Any], element: Callable[[], Steps]
) -> Steps:
    if not clauses:
        return (yield element())
    clause = clauses[0]
    if clause.is_async:
        stage.refuse(frame, node, "an asynchronous comprehension", "use an ordinary one")
    scope = frame.parent if len(clauses) == len(node.generators) and frame.parent else frame
    value = yield stage.evaluate(scope, clause.iter)
    found = yield sequence_of(stage, frame, clause.iter, value)
    items = yield items_now(stage, frame, clause.iter, found)

    def trip(item: Value) -> Steps:
        yield assign(stage, frame, clause.target, item)
        return (yield _tests(stage, frame, node, clauses, list(clause.ifs), element))

    if items is not None:
        for item in items:
            yield trip(item)
        return FALL
    assert isinstance(found, Iterable)

    def body(index: Value) -> Steps:
        item = yield found.item(index)
        return (yield trip(item))

    name = _target_name(clause) if found.item is itself else ""
    yield loops.counted_loop(stage, frame, clause.iter, found, body, index_name=name)
    return FALL


def _target_name(clause: Any) -> str:
    return clause.target.id if isinstance(clause.target, gast.Name) else ""


def _tests(
    stage: Stage,
    frame: Frame,
    node: Any,
    clauses: list[Any],
    tests: list[Any],
    element: Callable[[], Steps],
) -> Steps:
    if not tests:
        return (yield _clauses(stage, frame, node, clauses[1:], element))
    test = yield stage.evaluate(frame, tests[0])
    decided = yield truth(stage, frame, tests[0], test)

    def rest() -> Steps:
        return (yield _tests(stage, frame, node, clauses, tests[1:], element))

    def nothing() -> Steps:
        return FALL
        yield

    if isinstance(decided, Static):
        return (yield rest()) if decided.value else FALL
    return (yield choose(stage, frame, tests[0], decided, rest, nothing, "if"))


def dict_comprehension(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``{key: value for …}`` over items known now."""
    inner = _scope(frame, node)
    entries: dict[Any, Value] = {}

    def element() -> Steps:
        key = stage.need_static((yield stage.evaluate(inner, node.key)))
        if not isinstance(key, Static):
            stage.refuse(frame, node, "the key of a dict is known at run time only", "use a list")
        entries[key.value] = yield stage.evaluate(inner, node.value)
        return FALL

    if (yield _runs(stage, frame, node)):
        stage.refuse(
            frame, node, "the length of this dict is known at run time only",
            "use a list, or loop over keys that are known",
        )  # fmt: skip
    yield _clauses(stage, inner, node, node.generators, element)
    return DictValue({"items": entries})


def set_comprehension(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``{element for …}`` of things known now."""
    held = yield comprehension(stage, frame, node)
    if isinstance(held, ListValue) and all(isinstance(i, Static) for i in held.slots["items"]):
        return Static(frozenset(i.value for i in held.slots["items"]))
    stage.refuse(frame, node, "a set of values known at run time only", "use a list or a tuple")
