"""What a `for` can run over: items known now, or an index and a way to compute the item from it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.ir.values import TupleOf
from adjoint.stage.arrays.buffers import noted_new
from adjoint.stage.arrays.subscripts import get_item, is_of_nothing, item_there
from adjoint.stage.context import Frame, PrimalRaises, Restart, Stage, describe
from adjoint.stage.dicts.run_time_dicts import key_at, keys_of, read_item
from adjoint.stage.equivalents.iterator_equivalents import handed_out, items_by_index
from adjoint.stage.flow.branches import FALL, new_list
from adjoint.stage.flow.conditions import choose
from adjoint.stage.flow.left_early import refuse_clean_up
from adjoint.stage.iteration.counted import (
    STEP,
    ZERO,
    count_of,
    counted,
    items_now,
    length_of,
    nth,
    rows,
)
from adjoint.stage.iteration.positions import next_by_position, rest_by_position
from adjoint.stage.lists.list_methods import append
from adjoint.stage.lists.list_parts import is_written_part, items_of_part
from adjoint.stage.objects.protocols import special
from adjoint.stage.operations import length_of as length_of_operand
from adjoint.stage.operators import binary, compare
from adjoint.stage.values import (
    NONE,
    Buffer,
    DictValue,
    DictView,
    Iterable,
    Leaves,
    ListValue,
    ObjectValue,
    OneOf,
    Poison,
    Records,
    RunTimeDict,
    RunTimeList,
    Static,
    Steps,
    Stream,
    TupleValue,
    Value,
    View,
    shown_now,
)

__all__ = [
    "UNROLL_LIMIT",
    "gone_over",
    "items_if_known",
    "iterated",
    "sequence_of",
    "spread",
]

UNROLL_LIMIT = 256
#: What is done where an iterator has no other item.
Otherwise = Callable[[], Steps] | None


def sequence_of(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Steps:
    """A list of values where the items are known now; otherwise an `Iterable`."""
    value = yield iterated(stage, frame, node, value)
    match value:
        case Iterable():
            stage.looked_at += [] if value.of is None else [value.of]
            return value
        case Stream():
            rest = yield rest_of(stage, frame, node, value)
            return (yield _gone_through(stage, frame, node, rest))
        case TupleValue(items):
            return list(items)
        case ListValue():
            stage.looked_at.append(value)
            return list(value.slots["items"])
        case DictValue():
            stage.looked_at.append(value)
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
        case RunTimeDict():
            return shown(stage, frame, node, value, "keys")
        case DictView(DictValue() as owner):
            stage.looked_at.append(owner)
            return list(shown_now(value).items)
        case DictView(RunTimeDict() as owner, shows):
            return shown(stage, frame, node, owner, shows)
        case Records():
            stage.looked_at.extend(value.lists)
            return rows(stage, frame, node, value)
        case RunTimeList() | Var() | Buffer() | View():
            stage.looked_at.append(value)
            return rows(stage, frame, node, value)
        case ObjectValue() if special(stage, value, "__getitem__") and (
            length := special(stage, value, "__len__")
        ):
            count = yield stage.call(frame, node, length, [value], {})
            return Iterable(ZERO, count, STEP, lambda i: get_item(stage, frame, node, value, i))
        case Poison():
            return stage.decide(value, frame, node)
        case OneOf():
            return rows(stage, frame, node, stage.array(value, frame, node))
        case _:
            error = TypeError(f"{describe(value)} is not iterable")
            raise PrimalRaises(error, stage.place(frame, node))


def iterated(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Steps:
    """What `iter` gives of an object that says what is gone over; anything else is as it is."""
    own = special(stage, value, "__iter__")
    if own is None and isinstance(value, ObjectValue):
        has_items = special(stage, value, "__getitem__") is not None
        if has_items and special(stage, value, "__len__") is None:
            return (yield stage.call(frame, node, Static(items_by_index), [value], {}))
    if own is None:
        return value
    found = yield stage.call(frame, node, own, [value], {})
    if isinstance(found, ObjectValue) and special(stage, found, "__next__") is not None:
        return (yield stage.call(frame, node, Static(handed_out), [found], {}))
    return (yield iterated(stage, frame, node, found))


def gone_over(stage: Stage, frame: Frame, node: Any) -> Steps:
    """The value of an expression that is gone over at once.

    A part of a list is not made anew where items of it are written: these are in the list itself.
    """
    if isinstance(node, gast.Call):
        stage.at_once.add(node)  # ``zip(…)``: so is what it is given
    if not isinstance(node, gast.Subscript) or not isinstance(node.slice, gast.Slice):
        return (yield stage.evaluate(frame, node))
    owner = yield stage.evaluate(frame, node.value)
    index = yield stage.evaluate(frame, node.slice)
    if not is_written_part(stage, frame, node, owner):
        return (yield get_item(stage, frame, node, owner, index))

    def item(position: Value) -> Steps:
        return (yield item_there(stage, frame, node, owner, position))

    return (yield items_of_part(stage, frame, node, owner, index, item))


def shown(stage: Stage, frame: Frame, node: gast.AST, owner: RunTimeDict, shows: str) -> Iterable:
    """The keys of a dict, what it holds, or both; no key may come or go meanwhile."""
    stage.looked_at.append(owner)
    keys = keys_of(stage, frame, node, owner)

    def item(index: Value) -> Steps:
        key = key_at(stage, frame, node, keys, index)
        if shows == "keys":
            return key
        found = read_item(stage, frame, node, owner, key, proven=True)
        return found if shows == "values" else TupleValue((key, found))
        yield

    return Iterable(ZERO, length_of(stage, frame, node, keys), STEP, item)


def rest_of(
    stage: Stage, frame: Frame, node: gast.AST, stream: Stream, state: str = "spent"
) -> Steps:
    """All items that an iterator has not handed out yet; it is left in that state."""
    if stream.place is not None and state == "spent":
        return (yield rest_by_position(stage, frame, node, stream))
    before = begin(stage, frame, node, stream, state)
    if before == "spent":
        return []
    if stream.items is not None and (before == "new" or stream.pull is None):
        found = yield _looked_up(stage, stream)
        if before != "new":
            found = yield _gone_through(stage, frame, node, found)
            found = yield _after(stage, frame, node, found, before)
        if state == "spent":
            end(stage, stream)
        return found
    held = new_list(stage, frame, node, ())

    def trip(item: Value) -> Steps:
        append(stage, frame, node, held, item)
        return FALL
        yield

    yield driven(stage, frame, node, stream, trip, before)
    return held


def advanced(state: Any, taken: Any) -> Any:
    """The state of an iterator after so many items more, or at its end."""
    if "spent" in (state, taken):
        return "spent"
    return ((0 if state == "new" else state[0]) + taken,)


def end(stage: Stage, stream: Stream) -> None:
    """An iterator has handed out its last item."""
    stage.trail.set(stream, "state", Static("spent"))
    if stream.finish is not None:
        stream.finish()


def begin(stage: Stage, frame: Frame, node: gast.AST, stream: Stream, state: str = "spent") -> Any:
    """The state of an iterator: "new", "spent", or how many items were taken; and its next one."""
    before = stage.need_static(stream.slots["state"])
    if not isinstance(before, Static) or before.value == "left" or stream.place is not None:
        if stream.key is not None and stream.key not in stage.decisions:
            raise Restart(stream.key)
        stage.refuse(
            frame, node, "an iterator is used that a loop goes over, or left before its end",
            "make a list of it first: list(…)",
        )  # fmt: skip
    stage.trail.set(stream, "state", Static(state))
    return before.value


def _after(stage: Stage, frame: Frame, node: gast.AST, found: Any, taken: Any) -> Steps:
    """What is left of a sequence after the first items."""
    count = taken[0]
    if isinstance(found, list):
        return found[count:]
    size = yield count_of(stage, frame, node, found)
    left = yield binary(stage, frame, node, "-", size, Static(count))

    def item(index: Value) -> Steps:
        position = yield binary(stage, frame, node, "+", index, Static(count))
        return (yield nth(stage, frame, node, found, position))

    return Iterable(ZERO, left, STEP, item)


def driven(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    stream: Stream,
    trip: Callable[[Value], Steps],
    before: Any = "new",
    leaves: Leaves = False,
) -> Steps:
    """Run an iterator to its end, or until a trip leaves; the outcome, as of a loop."""
    if before == "new" and stream.drive is not None:
        return (yield stream.drive(trip, leaves))
    stage.trail.set(stream, "state", Static(before))
    for _ in range(UNROLL_LIMIT):
        item = yield pulled(stage, frame, node, stream)
        if item is None:
            return FALL
        outcome = yield trip(item)
        if outcome.kind == "mixed":
            break
        if outcome.kind not in ("fall", "next"):
            return outcome
    stage.refuse(
        frame, node, "when this loop over iterators ends is known at run time only",
        "make lists of them first: list(…)",
    )  # fmt: skip


def pulled(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    stream: Stream,
    otherwise: Otherwise = None,
    *,
    to_its_end: bool = False,
) -> Steps:
    """The next item of an iterator, or None if there is no other.

    Where that is known at run time only, it is what `otherwise` gives. `to_its_end` is whether it
    is surely asked until there is none.
    """
    if stream.place is not None:
        return (yield next_by_position(stage, frame, node, stream, otherwise))
    if not to_its_end:
        refuse_clean_up(stage, frame, node, stream.body)
    before = begin(stage, frame, node, stream)
    if before == "spent":
        return None
    position = 0 if before == "new" else before[0]
    if stream.pull is not None and not stream.counted:
        item = yield stream.pull(position)
    else:
        item = yield _next_of(stage, frame, node, stream, position, otherwise)
    if item is not None:
        stage.trail.set(stream, "state", Static((position + 1,)))
    return item


def _looked_up(stage: Stage, stream: Stream) -> Steps:
    """What an iterator goes over, looked up when its first item is wanted."""
    if "found" not in stream.slots:
        assert stream.items is not None, "this iterator has items"
        stage.trail.set(stream, "found", Static((yield stream.items())))
    found = stream.slots["found"]
    if isinstance(found, Poison):  # it was asked first on each of several ways
        if stream.key is not None and stream.key not in stage.decisions:
            raise Restart(stream.key)
        stage.decide(found, None, None)
    return found.value


def _gone_through(stage: Stage, frame: Frame, node: gast.AST, found: Any) -> Steps:
    """What a list of the program, among what iterators go over, is gone through by."""
    held = isinstance(found, ListValue | RunTimeList | Records)
    return (yield sequence_of(stage, frame, node, found)) if held else found


def _next_of(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    stream: Stream,
    position: int,
    otherwise: Otherwise,
) -> Steps:
    before = len(stage.looked_at)
    if stream.items is None:
        stage.refuse(
            frame, node, "this iterator gives its items in a loop only",
            "make a list of it first: list(…)",
        )  # fmt: skip
    found = yield _gone_through(stage, frame, node, (yield _looked_up(stage, stream)))
    stage.gone_over += [(cell, position + 1) for cell in stage.looked_at[before:]]
    count = yield count_of(stage, frame, node, found)
    length = length_of_operand(stage.operand(count, frame, node))
    there = None if length is None else stage.builder.facts.at_least(length, position + 1)
    if there is not None:
        return (yield nth(stage, frame, node, found, Static(position))) if there else None
    size = stage.need_static(count)
    if not isinstance(size, Static) and otherwise is not None:
        test = yield compare(stage, frame, node, ">", count, Static(position))
        item = partial(nth, stage, frame, node, found, Static(position))
        return (yield choose(stage, frame, node, test, item, otherwise, "if"))
    if not isinstance(size, Static):
        stage.refuse(
            frame, node, "whether this iterator has another item is known at run time only",
            "loop over it with for, or index what it goes over",
        )  # fmt: skip
    if position >= size.value:
        return None
    return (yield nth(stage, frame, node, found, Static(position)))


def iterator_method(stage: Stage, frame: Frame, node: gast.AST, stream: Stream, name: str) -> Steps:
    """``stream.close()`` and what `iter` and `next` call."""
    if name == "__iter__":
        return stream
    if name == "__next__":
        item = yield pulled(stage, frame, node, stream)
        if item is None:
            raise PrimalRaises(StopIteration(), stage.place(frame, node))
        return item
    before = stage.need_static(stream.slots["state"])
    if not isinstance(before, Static) or before.value not in ("new", "spent"):
        stage.refuse(
            frame, node, "a generator is closed before its end",
            "let it run to its end, or leave the loop over it",
        )  # fmt: skip
    stage.trail.set(stream, "state", Static("spent"))
    return NONE


def called(stage: Stage, frame: Frame, node: gast.AST, function: Value, args: Any) -> Steps:
    """What a function makes of an item, which may be a new array that is written later."""
    count = stage.builder.count
    made = yield stage.call(frame, node, function, args, {})
    return noted_new(stage, stage.key(frame, node, "buffer of item"), made, count)


def spread(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Steps:
    """The items of a sequence that must be known now (``*args``)."""
    items = yield items_if_known(stage, frame, node, value)
    if not isinstance(items, list):
        stage.refuse(
            frame, node, "how many items are unpacked here is known at run time only",
            "index the items, or pass a sequence whose length is known",
        )  # fmt: skip
    return items


def items_if_known(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Steps:
    """The items of a sequence as a list where they are known now; otherwise what holds them."""
    if is_of_nothing(stage, value):
        raise PrimalRaises(LookupError("nothing was put in"), stage.place(frame, node))
    if isinstance(value, Stream):
        value = yield rest_of(stage, frame, node, value)
    found = value if isinstance(value, list) else (yield sequence_of(stage, frame, node, value))
    if isinstance(found, Iterable):
        found = Iterable(
            stage.need_static(found.start), stage.need_static(found.stop), found.step, found.item
        )
    items = yield items_now(stage, frame, node, found, UNROLL_LIMIT)
    if items is not None:
        return items
    if isinstance(value, RunTimeList | Records | Var | Buffer | View):
        return value
    return (yield stage.call(frame, node, Static(list), [found], {}))
