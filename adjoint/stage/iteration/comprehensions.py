"""Comprehensions: unrolled where the items are known now, otherwise a loop that appends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from adjoint.stage.assign import assign, set_item
from adjoint.stage.context import Frame, Stage
from adjoint.stage.dicts.new_dicts import dict_at_run_time, new_dict
from adjoint.stage.dicts.sets import set_of
from adjoint.stage.flow import loops
from adjoint.stage.flow.branches import FALL
from adjoint.stage.flow.conditions import choose
from adjoint.stage.flow.generators import generator_of
from adjoint.stage.flow.loop_statements import each, unrolled_items, watched
from adjoint.stage.iteration.counted import items_now
from adjoint.stage.iteration.iterables import index_name
from adjoint.stage.iteration.sequences import UNROLL_LIMIT, gone_over, iterated, sequence_of
from adjoint.stage.lists.list_methods import append
from adjoint.stage.lists.new_heaps import heap_if_asked
from adjoint.stage.lists.records import empty_list, list_key, raise_apart
from adjoint.stage.operators import truth
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    DictValue,
    Iterable,
    ListValue,
    Static,
    Steps,
    Stream,
    Value,
)

__all__ = ["comprehension", "dict_comprehension", "generator_expression", "set_comprehension"]


def comprehension(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``[element for target in iterable if test]``."""
    first = yield gone_over(stage, frame, node.generators[0].iter)
    return (yield gather(stage, frame, node, first))


def gather(stage: Stage, frame: Frame, node: Any, first: Value) -> Steps:
    """The list that a comprehension makes, or all items of a generator expression."""
    inner = _scope(frame, node)
    key = list_key(stage, frame, node)
    before = len(stage.looked_at)
    over = yield _over(stage, frame, node, first, node.generators[0])
    cells = stage.looked_at[before:]
    if key is None and isinstance(over, Iterable):
        over = yield _counted(stage, frame, node, over)
    at_run_time = key in stage.decisions or isinstance(over, Iterable)
    held: Value = (
        empty_list(stage, frame, node) if at_run_time else ListValue({"items": ()}, key=key)
    )

    def element() -> Steps:
        value = yield stage.evaluate(inner, node.elt)
        append(stage, inner, node, held, value)
        return FALL

    yield _clause(stage, inner, node, node.generators, over, element, cells)
    return (yield heap_if_asked(stage, frame, node, held))


def _counted(stage: Stage, frame: Frame, node: Any, over: Iterable) -> Steps:
    """The items, as many as there are in the example, for a list that is known while staging."""
    ends = [stage.need_static(end) for end in (over.start, over.stop, over.step)]
    counted = Iterable(ends[0], ends[1], ends[2], over.item)
    items = yield items_now(stage, frame, node, counted, UNROLL_LIMIT)
    if items is None:
        raise_apart(stage)
    return over if items is None else items


def generator_expression(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``(element for …)``: an iterator; only what it goes over is looked at now."""
    first = yield gone_over(stage, frame, node.generators[0].iter)
    scope = _scope(frame, node)
    scope.names.slots[FIRST] = first
    scope.local_names |= {FIRST}
    stream = generator_of(stage, frame, node, scope, _as_statements(node))
    if stream.items is None:
        stream.items = lambda: gather(stage, frame, node, first)
    return stream


#: What the name is in a generator expression of what it goes over.
FIRST = ".0"


def _as_statements(node: Any) -> list[Any]:
    """A generator expression as the body of a generator function."""
    body: Any = gast.Expr(gast.Yield(node.elt))
    for clause in reversed(node.generators):
        over = clause.iter
        if clause is node.generators[0]:
            over = gast.copy_location(gast.Name(FIRST, gast.Load(), None, None), over)
        for test in reversed(clause.ifs):
            body = gast.copy_location(gast.If(test, [body], []), test)
        body = gast.For(clause.target, over, [body], [], None)
        gast.copy_location(body, clause.iter)
    return [gast.fix_missing_locations(body)]


def _scope(frame: Frame, node: Any) -> Frame:
    names = frozenset(
        part.id for clause in node.generators for part in gast.walk(clause.target)
        if isinstance(part, gast.Name)
    )  # fmt: skip
    return Frame(
        frame.name, frame.source, frame.bindings, Cell(), names, frame.callers, frame.path, frame
    )  # fmt: skip


def _over(stage: Stage, frame: Frame, node: Any, value: Value, clause: Any) -> Steps:
    """What a clause goes over: a list, an `Iterable`, or an iterator that is run."""
    value = yield iterated(stage, frame, node, value)
    if isinstance(value, Stream) and value.drive is not None:
        return value
    found = yield sequence_of(stage, frame, node, value)
    items = yield items_now(stage, frame, node, found)
    return (yield unrolled_items(stage, frame, clause.iter, found)) if items is None else items


def _clauses(
    stage: Stage, frame: Frame, node: Any, clauses: list[Any], element: Callable[[], Steps]
) -> Steps:
    if not clauses:
        return (yield element())
    value = yield gone_over(stage, frame, clauses[0].iter)
    before = len(stage.looked_at)
    over = yield _over(stage, frame, clauses[0].iter, value, clauses[0])
    cells = stage.looked_at[before:]
    return (yield _clause(stage, frame, node, clauses, over, element, cells))


def _clause(
    stage: Stage,
    frame: Frame,
    node: Any,
    clauses: list[Any],
    over: Any,
    element: Callable[[], Steps],
    cells: list[Value],
) -> Steps:
    """The trips of a clause; `cells` are the containers that it goes over."""
    clause = clauses[0]
    if clause.is_async:
        stage.refuse(frame, node, "an asynchronous comprehension", "use an ordinary one")

    def trip(item: Value) -> Steps:
        yield assign(stage, frame, clause.target, item)
        return (yield _tests(stage, frame, node, clauses, list(clause.ifs), element))

    trip = watched(stage, cells, trip)
    if isinstance(over, list):
        for item in over:
            yield trip(item)
        return FALL
    if isinstance(over, Stream):
        return (yield each(stage, frame, clause.iter, over, trip))

    def body(index: Value) -> Steps:
        item = yield over.item(index)
        return (yield trip(item))

    name = index_name(over, clause.target)
    yield loops.counted_loop(stage, frame, clause.iter, over, body, index_name=name)
    return FALL


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
    """``{key: value for …}``: a dict that is written, at run time where the items come then."""
    inner = _scope(frame, node)
    first = yield gone_over(stage, frame, node.generators[0].iter)
    before = len(stage.looked_at)
    over = yield _over(stage, frame, node, first, node.generators[0])
    cells = stage.looked_at[before:]
    held = yield new_dict(stage, frame, node, {})
    if isinstance(held, DictValue) and isinstance(over, Iterable):
        dict_at_run_time(stage, frame, node, held)

    def element() -> Steps:
        key = yield stage.evaluate(inner, node.key)
        value = yield stage.evaluate(inner, node.value)
        yield set_item(stage, inner, node, held, key, value)
        return FALL

    yield _clause(stage, inner, node, node.generators, over, element, cells)
    return held


def set_comprehension(stage: Stage, frame: Frame, node: Any) -> Steps:
    """``{element for …}``."""
    return (yield set_of(stage, frame, node, (yield comprehension(stage, frame, node))))
