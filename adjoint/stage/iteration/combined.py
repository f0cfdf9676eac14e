"""Sequences made of others: what `enumerate`, `zip`, `reversed` and `map` go over."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import gast

from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.ops import call
from adjoint.ir.values import INT, Array, Scalar, Unknown
from adjoint.stage.arrays.subscripts import get_item
from adjoint.stage.context import Frame, Stage
from adjoint.stage.iteration.counted import STEP, ZERO, count_of, nth, reached, rows
from adjoint.stage.iteration.sequences import called
from adjoint.stage.lists.sequence_items import as_runtime_list
from adjoint.stage.operators import binary
from adjoint.stage.values import Iterable, Later, RunTimeList, Static, Steps, TupleValue, Value

__all__ = ["backwards", "enumerated", "mapped", "zipped"]


def enumerated(stage: Stage, frame: Frame, node: gast.AST, found: Any, start: Value) -> Steps:
    """``enumerate``."""
    if isinstance(found, list):

        def pair(position: int) -> Steps:
            number = yield binary(stage, frame, node, "+", start, Static(position))
            return TupleValue((number, (yield reached(found[position]))))

        return [Later(partial(pair, i)) for i in range(len(found))]
    count = yield count_of(stage, frame, node, found)
    counts = isinstance(start, Static) and start.value == 0

    def item(index: Value) -> Steps:
        number = index if counts else (yield binary(stage, frame, node, "+", index, start))
        value = yield nth(stage, frame, node, found, index)
        return TupleValue((number, value))

    return Iterable(ZERO, count, STEP, item, counts=counts)


def zipped(stage: Stage, frame: Frame, node: gast.AST, found: list[Any]) -> Steps:
    """``zip``."""
    if not found:
        return []
    known = found
    if not all(isinstance(f, list) for f in found):
        known = yield _all_now(stage, frame, node, found)
    if known is not None:
        return [Later(partial(_row, row)) for row in zip(*known, strict=False)]
    parts = [_as_iterable(stage, frame, node, f) for f in found]
    counts = []
    for part in parts:
        counts.append((yield count_of(stage, frame, node, part)))
    shortest = _shortest(stage, frame, node, counts)

    def item(index: Value) -> Steps:
        values = []
        for part in parts:
            values.append((yield nth(stage, frame, node, part, index)))
        return TupleValue(tuple(values))

    return Iterable(ZERO, shortest, STEP, item)


def _row(parts: tuple[Any, ...]) -> Steps:
    items = []
    for part in parts:
        items.append((yield reached(part)))
    return TupleValue(tuple(items))


def _all_now(stage: Stage, frame: Frame, node: gast.AST, found: list[Any]) -> Steps:
    """All parts as lists, where one is a list of values that differ in kind.

    None where it is known at run time only which is the shortest.
    """
    lists = [f for f in found if isinstance(f, list)]
    if all(_are_numbers(stage, f) for f in lists):
        return None
    count = min(len(f) for f in lists)
    result = []
    for part in found:
        if isinstance(part, list):
            result.append(part)
            continue
        stop = stage.need_static((yield count_of(stage, frame, node, part)))
        size = _size(stage, stop)
        if size is None or not (size.known or stage.builder.facts.at_least(size, count)):
            return None
        items = []
        for index in range(min(count, size.const) if size.known else count):
            items.append((yield nth(stage, frame, node, part, Static(index))))
        result.append(items)
    return result


def _are_numbers(stage: Stage, items: list[Any]) -> bool:
    kinds = Scalar | Array | Unknown
    return all(isinstance(i, Static | Var) and isinstance(stage.type(i), kinds) for i in items)


def _as_iterable(stage: Stage, frame: Frame, node: gast.AST, found: Any) -> Iterable:
    if isinstance(found, Iterable):
        return found
    if not _are_numbers(stage, found) and not any(isinstance(i, Later) for i in found):
        one_of_them = partial(get_item, stage, frame, node, TupleValue(tuple(found)))
        return Iterable(ZERO, Static(len(found)), STEP, one_of_them)
    return rows(
        stage, frame, node, RunTimeList({"held": as_runtime_list(stage, frame, node, found)})
    )


def _shortest(stage: Stage, frame: Frame, node: gast.AST, counts: list[Value]) -> Value:
    ends = [c for c in counts if not (isinstance(c, Static) and c.value == sys.maxsize)]
    counts = ends or counts
    sizes = [_size(stage, c) for c in counts]
    first = sizes[0]
    facts = stage.builder.facts
    if first is not None and all(s is not None and facts.equal(first, s) for s in sizes[1:]):
        return counts[0]
    operands: list[Operand] = [stage.operand(c, frame, node) for c in counts]
    if all(isinstance(o, Const) for o in operands):
        return Static(min(o.value for o in operands if isinstance(o, Const)))
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(call(min), operands, type_=INT)


def _size(stage: Stage, value: Value) -> Length | None:
    if isinstance(value, Static):
        return Length(value.value)
    type_ = stage.type(value)
    return type_.length if isinstance(type_, Scalar) else None


def backwards(stage: Stage, frame: Frame, node: gast.AST, found: Any) -> Steps:
    """``reversed``."""
    if isinstance(found, list):
        return found[::-1]
    count = yield count_of(stage, frame, node, found)
    last = yield binary(stage, frame, node, "-", count, Static(1))

    def item(index: Value) -> Steps:
        return (yield nth(stage, frame, node, found, index))

    return Iterable(last, Static(-1), Static(-1), item)


def mapped(stage: Stage, frame: Frame, node: gast.AST, function: Value, found: list[Any]) -> Steps:
    """``map``."""
    together = yield zipped(stage, frame, node, found)

    def applied(row: Any) -> Steps:
        values = yield reached(row)
        return (yield called(stage, frame, node, function, list(values.items)))

    if isinstance(together, list):
        return [Later(partial(applied, row)) for row in together]

    def item(index: Value) -> Steps:
        return (yield applied((yield together.item(index))))

    return Iterable(together.start, together.stop, together.step, item)
