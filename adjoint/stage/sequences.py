"""What a `for` can run over: items known now, or an index and a way to compute the item from it."""

from __future__ import annotations

from typing import Any

import gast

from adjoint.ir.infer import strip
from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.ops import call
from adjoint.ir.values import INT, Array, ListOf, Scalar, TupleOf, Unknown
from adjoint.stage.context import Frame, PrimalRaises, Stage, describe
from adjoint.stage.inputs import LONG
from adjoint.stage.operators import binary
from adjoint.stage.subscripts import as_runtime_list, get_item
from adjoint.stage.values import (
    Buffer,
    DictValue,
    Iterable,
    ListValue,
    ObjectValue,
    Poison,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
    View,
)

__all__ = ["counted", "items_now", "length_of", "sequence_of", "spread", "static_range", "too_long"]

UNROLL_LIMIT = 256
ZERO, STEP = Static(0), Static(1)


def sequence_of(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Steps:
    """A list of values where the items are known now; otherwise an `Iterable`."""
    match value:
        case Iterable():
            return value
        case TupleValue(items):
            return list(items)
        case ListValue():
            return list(value.slots["items"])
        case DictValue():
            return [Static(key) for key in value.slots["items"]]
        case Static(held) if isinstance(held, range):
            return counted(Static(held.start), Static(held.stop), Static(held.step))
        case Static(held) if hasattr(held, "__iter__") and value.variable is None:
            return [Static(item) for item in held]
        case Var(type=TupleOf(types)):
            parts = []
            for position in range(len(types)):
                parts.append((yield get_item(stage, frame, node, value, Static(position))))
            return parts
        case RunTimeList() | Var() | Buffer() | View():
            return rows(stage, frame, node, value)
        case ObjectValue() if hasattr(value.cls, "__iter__"):
            found = yield stage.call(frame, node, Static(value.cls.__iter__), [value], {})
            return (yield sequence_of(stage, frame, node, found))
        case ObjectValue() if hasattr(value.cls, "__getitem__") and hasattr(value.cls, "__len__"):
            count = yield stage.call(frame, node, Static(value.cls.__len__), [value], {})
            return Iterable(ZERO, count, STEP, lambda i: get_item(stage, frame, node, value, i))
        case Poison():
            return stage.decide(value, frame, node)
        case _:
            error = TypeError(f"{describe(value)} is not iterable")
            raise PrimalRaises(error, stage.place(frame, node))


def counted(start: Value, stop: Value, step: Value) -> Iterable:
    """A range: its item is the index itself."""
    return Iterable(start, stop, step, itself)


def itself(index: Value) -> Steps:
    """The item of a range."""
    return index
    yield


def rows(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Iterable:
    """The rows of an array, or the items of a list."""
    type_ = strip(stage.type(value))
    if (isinstance(type_, Array) and type_.shape == ()) or isinstance(type_, Scalar):
        raise PrimalRaises(TypeError("iteration over a 0-d array"), stage.place(frame, node))
    count = length_of(stage, frame, node, value)
    return Iterable(ZERO, count, STEP, lambda index: get_item(stage, frame, node, value, index))


def length_of(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Value:
    """``len(value)`` of an array or run-time list."""
    operand = stage.operand(value, frame, node)
    assert isinstance(operand, Var)
    type_ = strip(operand.type)
    with stage.builder.at(stage.place(frame, node)):
        if isinstance(type_, Array) and type_.shape:
            size = type_.shape[0]
            if size.known:
                return Static(size.const)
            made = stage.builder.let(call(len), (operand,), type_=Scalar("int", size))
            if size.has_example:
                stage.origins[made] = (("length", str(size)),)
                if ("length", str(size)) in stage.decisions:
                    stage.inputs.conditions.setdefault(f"{size} == {size.evaluate()}")
                    return Static(size.evaluate())
            return made
        return stage.builder.let(call(len), (operand,), type_=INT)


def static_range(value: Iterable) -> range | None:
    """The range of the index, where it is known now."""
    parts = (value.start, value.stop, value.step)
    if all(isinstance(p, Static) for p in parts):
        return range(*(p.value for p in parts if isinstance(p, Static)))
    return None


def items_now(stage: Stage, frame: Frame, node: gast.AST, found: Any, limit: int = LONG) -> Steps:
    """The items as a list where they are known now and few enough, or None."""
    if isinstance(found, list):
        return found
    known = static_range(found)
    if known is None or len(known) > limit:
        return None
    items = []
    for index in known:
        items.append((yield found.item(Static(index))))
    return items


def spread(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Steps:
    """The items of a sequence that must be known now (``*args``, unpacking)."""
    found = yield sequence_of(stage, frame, node, value)
    if isinstance(found, Iterable):
        found = Iterable(
            stage.need_static(found.start), stage.need_static(found.stop), found.step, found.item
        )
    items = yield items_now(stage, frame, node, found, UNROLL_LIMIT)
    if items is None:
        stage.refuse(
            frame, node, "how many items are unpacked here is known at run time only",
            "index the items, or pass a sequence whose length is known",
        )  # fmt: skip
    return items


def too_long(stage: Stage, frame: Frame, node: gast.AST, items: list[Value]) -> Any:
    """A long list of numbers or arrays of one kind as an `Iterable`; otherwise the list itself."""
    if len(items) <= LONG or not all(isinstance(i, Var | Static) for i in items):
        return items
    types = {type(stage.type(i)) for i in items}
    if (
        len(types) > 1
        or not types <= {Scalar, Array, Unknown}
        or all(isinstance(i, Static) for i in items)
    ):
        return items
    held = as_runtime_list(stage, frame, node, items)
    assert isinstance(held.type, ListOf)
    return rows(stage, frame, node, RunTimeList({"list": held}))


def count_of(stage: Stage, frame: Frame, node: gast.AST, value: Iterable) -> Steps:
    """The number of items of an `Iterable`."""
    if isinstance(value.start, Static) and value.start.value == 0 and _is_one(value.step):
        return value.stop
    known = static_range(value)
    if known is not None:
        return Static(len(known))
    if _is_one(value.step):
        return (yield binary(stage, frame, node, "-", value.stop, value.start))
    operands = [stage.operand(v, frame, node) for v in (value.start, value.stop, value.step)]
    with stage.builder.at(stage.place(frame, node)):
        made = stage.builder.let(call(range), operands)
        return stage.builder.let(call(len), (made,), type_=INT)


def _is_one(value: Value) -> bool:
    return isinstance(value, Static) and value.value == 1


def nth(stage: Stage, frame: Frame, node: gast.AST, value: Iterable, index: Value) -> Steps:
    """Item number `index` of an `Iterable`, counted from 0."""
    if _is_one(value.step) and isinstance(value.start, Static) and value.start.value == 0:
        return (yield value.item(index))
    scaled = index
    if not _is_one(value.step):
        scaled = yield binary(stage, frame, node, "*", index, value.step)
    if not (isinstance(value.start, Static) and value.start.value == 0):
        scaled = yield binary(stage, frame, node, "+", value.start, scaled)
    return (yield value.item(scaled))


def enumerated(stage: Stage, frame: Frame, node: gast.AST, found: Any, start: Value) -> Steps:
    """``enumerate``."""
    if isinstance(found, list):
        pairs = []
        for i, value in enumerate(found):
            number = yield binary(stage, frame, node, "+", start, Static(i))
            pairs.append(TupleValue((number, value)))
        return TupleValue(tuple(pairs))
    count = yield count_of(stage, frame, node, found)

    def item(index: Value) -> Steps:
        number = index
        if not (isinstance(start, Static) and start.value == 0):
            number = yield binary(stage, frame, node, "+", index, start)
        value = yield nth(stage, frame, node, found, index)
        return TupleValue((number, value))

    return Iterable(ZERO, count, STEP, item)


def zipped(stage: Stage, frame: Frame, node: gast.AST, found: list[Any]) -> Steps:
    """``zip``."""
    if not found:
        return TupleValue(())
    if all(isinstance(f, list) for f in found):
        return TupleValue(tuple(TupleValue(tuple(row)) for row in zip(*found, strict=False)))
    known = yield _all_now(stage, frame, node, found)
    if known is not None:
        return TupleValue(tuple(TupleValue(tuple(row)) for row in zip(*known, strict=False)))
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


def _all_now(stage: Stage, frame: Frame, node: gast.AST, found: list[Any]) -> Steps:
    """All parts as lists, where the shortest of them is a list of values that differ in kind."""
    lists = [f for f in found if isinstance(f, list)]
    if not lists or all(
        isinstance(i, Static | Var) and _is_number(stage, i) for f in lists for i in f
    ):
        return None
    count = min(len(f) for f in lists)
    result = []
    for part in found:
        if isinstance(part, list):
            result.append(part)
            continue
        stop = stage.need_static((yield count_of(stage, frame, node, part)))
        size = stop.value if isinstance(stop, Static) else count
        items = []
        for index in range(min(count, size)):
            items.append((yield nth(stage, frame, node, part, Static(index))))
        result.append(items)
    return result


def _is_number(stage: Stage, value: Value) -> bool:
    return isinstance(stage.type(value), Scalar | Array | Unknown)


def _as_iterable(stage: Stage, frame: Frame, node: gast.AST, found: Any) -> Iterable:
    if isinstance(found, Iterable):
        return found
    return rows(
        stage, frame, node, RunTimeList({"list": as_runtime_list(stage, frame, node, found)})
    )


def _shortest(stage: Stage, frame: Frame, node: gast.AST, counts: list[Value]) -> Value:
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
        return TupleValue(tuple(reversed(found)))
    count = yield count_of(stage, frame, node, found)
    last = yield binary(stage, frame, node, "-", count, Static(1))

    def item(index: Value) -> Steps:
        return (yield nth(stage, frame, node, found, index))

    return Iterable(last, Static(-1), Static(-1), item)


def mapped(stage: Stage, frame: Frame, node: gast.AST, function: Value, found: list[Any]) -> Steps:
    """``map``."""
    together = yield zipped(stage, frame, node, found)
    if isinstance(together, TupleValue):
        results = []
        for row in together.items:
            assert isinstance(row, TupleValue), "what zipped makes are rows"
            results.append((yield stage.call(frame, node, function, list(row.items), {})))
        return TupleValue(tuple(results))

    def item(index: Value) -> Steps:
        row = yield together.item(index)
        return (yield stage.call(frame, node, function, list(row.items), {}))

    return Iterable(together.start, together.stop, together.step, item)
