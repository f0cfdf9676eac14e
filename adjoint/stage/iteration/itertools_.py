"""`itertools`, `functools.reduce`, and the functions that `operator` makes."""

from __future__ import annotations

import functools
import itertools
import operator
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.ir.values import rank
from adjoint.stage.arrays.subscripts import get_item
from adjoint.stage.calls.native_iterables import Native, all_static, gathered, iterator
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.equivalents import iterator_equivalents
from adjoint.stage.iteration.counted import STEP, ZERO, count_of, nth
from adjoint.stage.iteration.groups import GROUPS
from adjoint.stage.iteration.sequences import advanced, rest_of
from adjoint.stage.iteration.streams import is_driven, is_indexed
from adjoint.stage.objects.attribute_reads import get_attribute
from adjoint.stage.operations import static_call
from adjoint.stage.operators import binary
from adjoint.stage.values import (
    Buffer,
    Iterable,
    ListValue,
    RunTimeList,
    Static,
    Steps,
    Stream,
    TupleValue,
    Value,
    View,
)

__all__ = ["ITERTOOLS", "call_getter", "is_getter"]

#: More trips than any loop makes.
ENDLESS = Static(sys.maxsize)


def _equivalent(function: Callable[..., Any]) -> Native:
    """What is read in the place of a function written in C."""

    def native(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
    ) -> Steps:
        return (yield stage.call(frame, node, Static(function), args, kwargs))

    return native


def _count(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    start = kwargs.get("start", args[0] if args else ZERO)
    step = kwargs.get("step", args[1] if len(args) > 1 else STEP)
    made = yield stage.call(frame, node, Static(iterator_equivalents.count), [start, step], {})
    if all(isinstance(v, Static) and type(v.value) is int for v in (start, step)):

        def item(index: Value) -> Steps:
            scaled = yield binary(stage, frame, node, "*", index, step)
            return (yield binary(stage, frame, node, "+", scaled, start))

        _counted(made, Iterable(ZERO, ENDLESS, STEP, item))
    return made


def _counted(stream: Stream, over: Iterable) -> None:
    """The items of an iterator follow from their numbers."""

    def items() -> Steps:
        return over
        yield

    stream.items, stream.counted = items, True


def _repeat(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    times = kwargs.get("times", args[1] if len(args) > 1 else None)

    def item(index: Value) -> Steps:
        return args[0]
        yield

    if times is not None:
        made = iterator(stage, lambda: item(ZERO))
        _counted(made, Iterable(ZERO, times, STEP, item))
        return made
    made = yield stage.call(frame, node, Static(iterator_equivalents.repeat), args, {})
    _counted(made, Iterable(ZERO, ENDLESS, STEP, item))
    return made


def _product(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    named = {name: stage.need_static(value) for name, value in kwargs.items()}
    if not all(isinstance(value, Static) for value in named.values()):
        stage.refuse(
            frame, node, "how often product() repeats is known at run time only",
            "give it a number that is known, or write a function that calls itself for each",
        )  # fmt: skip
    called = Static(iterator_equivalents.product)
    return (yield stage.call(frame, node, called, args, named))


def _cycle(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    pool = yield _pool(stage, frame, node, args[0])
    size = yield stage.call(frame, node, Static(len), [pool], {})
    known, unknown = iterator_equivalents.cycle, iterator_equivalents.cycle_by_position
    way = Static(known if isinstance(size, Static) else unknown)
    made = yield stage.call(frame, node, way, [pool], {})
    if not isinstance(size, Static):

        def item(index: Value) -> Steps:
            position = yield binary(stage, frame, node, "%", index, size)
            return (yield get_item(stage, frame, node, pool, position))

        _counted(made, Iterable(ZERO, ENDLESS, STEP, item))
    return made


def _islice(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    known = [stage.need_static(a) for a in args[1:]]
    if not all(isinstance(part, Static) for part in known):
        stage.refuse(
            frame, node, "what islice() takes is known at run time only",
            "use a slice, or a loop that is left by break",
        )  # fmt: skip
    wanted = slice(*(part.value for part in known if isinstance(part, Static)))
    start, stop, step = wanted.start or 0, wanted.stop, wanted.step or 1
    if min(start, stop or 0, step - 1) < 0:
        error = ValueError("the arguments of islice() must be None or whole numbers from 0 on")
        raise PrimalRaises(error, stage.place(frame, node))
    if isinstance(args[0], Stream) and not is_driven(args[0]) and args[0].items is not None:
        return _of_stream(stage, frame, node, args[0], slice(start, stop, step))
    if not isinstance(args[0], Stream | Iterable | Buffer | View | RunTimeList):
        part = Static(slice(start, stop, step))
        return iterator(stage, lambda: _sliced(stage, frame, node, args[0], part))
    numbers = [Static(start), Static(stop), Static(step)]
    called = Static(iterator_equivalents.islice)
    return (yield stage.call(frame, node, called, [args[0], *numbers], {}))


def _of_stream(stage: Stage, frame: Frame, node: gast.AST, source: Stream, part: slice) -> Stream:
    """Some of the items that an iterator has left; it goes on after them."""

    def items() -> Steps:
        before = source.slots["state"]
        found = yield rest_of(stage, frame, node, source, "left")
        taken = "spent" if part.stop is None else max(part.start, part.stop)
        made.finish = partial(
            stage.trail.set, source, "state", Static(advanced(before.value, taken))
        )
        if isinstance(found, list):
            return found[part]
        count = yield count_of(stage, frame, node, found)
        stop = count
        if part.stop is not None:
            stop = yield stage.call(frame, node, Static(min), [Static(part.stop), count], {})
        item = partial(nth, stage, frame, node, found)
        return Iterable(Static(part.start), stop, Static(part.step), item)

    made = iterator(stage, items)
    return made


def _sliced(stage: Stage, frame: Frame, node: gast.AST, owner: Value, part: Value) -> Steps:
    if isinstance(owner, ListValue):
        stage.looked_at.append(owner)
    held = yield get_item(stage, frame, node, owner, part)
    return (yield gathered(stage, frame, node, held))


#: What chooses of a pool whose length is known at run time only.
_OF_ANY_LENGTH: dict[Any, Any] = {
    (itertools.combinations, 2): iterator_equivalents.pairs,
    (itertools.combinations, 3): iterator_equivalents.triples,
    (itertools.permutations, 2): iterator_equivalents.ordered_pairs,
}


def _chosen(choose: Callable[..., Any]) -> Native:
    """``combinations`` and its kin: positions are chosen now."""

    def native(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
    ) -> Steps:
        pool = yield _pool(stage, frame, node, args[0])
        size = yield stage.call(frame, node, Static(len), [pool], {})
        given = [*args[1:], *kwargs.values()]
        count = stage.need_static(given[0]) if given else Static(None)
        of = (choose, count.value) if isinstance(count, Static) else None
        if of in _OF_ANY_LENGTH and not isinstance(size, Static):
            return (yield stage.call(frame, node, Static(_OF_ANY_LENGTH[of]), [pool], {}))
        known = stage.need_static(size)
        if not isinstance(known, Static) or not isinstance(count, Static):
            stage.refuse(
                frame, node, f"{choose.__name__}() of how many is known at run time only",
                "write nested loops over the indices",
            )  # fmt: skip
        rows = tuple(choose(range(known.value), *([count.value] if given else [])))
        called = Static(iterator_equivalents.selected)
        return (yield stage.call(frame, node, called, [pool, Static(rows)], {}))

    return native


#: What may change while it is gone over, which is seen then.
_GONE_OVER = (Buffer, View, ListValue)


def _pool(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Steps:
    """What can be gone over several times, and does not change meanwhile."""
    if isinstance(value, Buffer | View) and rank(stage.type(value)) == 1:
        return stage.array(value, frame, node)  # the numbers as they are now
    if isinstance(value, Buffer | View | Var | TupleValue | Iterable):
        return value
    if isinstance(value, Static) and isinstance(value.value, tuple | range | str):
        return value
    held = yield gathered(stage, frame, node, value)
    if isinstance(held, ListValue):
        return TupleValue(held.slots["items"])
    return (yield get_item(stage, frame, node, held, Static(slice(None))))


def _reusable(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    return (yield _pool(stage, frame, node, args[0]))


def _indexed(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if isinstance(args[0], _GONE_OVER):
        return args[0]
    return (yield _pool(stage, frame, node, args[0]))


def _rest(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if not isinstance(args[0], Stream):
        return args[0]
    left = yield rest_of(stage, frame, node, args[0], "left")
    return (yield gathered(stage, frame, node, left))


def _keeps_length(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any
) -> Steps:
    of, before = args
    known = before.value if isinstance(before, Static) else None
    if isinstance(of, ListValue) and len(of.slots["items"]) != known:
        stage.refuse(
            frame, node, "zip_longest() of a list whose length changes meanwhile",
            "make a copy of the list first: list(xs)",
        )  # fmt: skip
    return Static(None)
    yield


def _is_indexed(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any
) -> Steps:
    return Static(is_indexed(args[0]) and not isinstance(args[0], Buffer | View))
    yield


def _tee(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    count = stage.need_static(args[1] if len(args) > 1 else Static(2))
    if not isinstance(count, Static) or (isinstance(args[0], Stream) and args[0].drive):
        stage.refuse(
            frame, node, "tee() of what computes its items one by one",
            "make a list of them: list(…)",
        )  # fmt: skip
    pool = args[0]
    is_array = isinstance(pool, Buffer | View) and rank(stage.type(pool)) == 1
    if is_array or isinstance(pool, RunTimeList):  # what one has reached, the other has so
        stage.refuse(
            frame, node, "tee() of an array of numbers that is written, or of a list that grows",
            "go over it twice, or over a copy of it",
        )  # fmt: skip
    if not isinstance(pool, _GONE_OVER):
        pool = yield _pool(stage, frame, node, pool)
    made = []
    for _ in range(count.value):
        made.append((yield stage.call(frame, node, Static(iter), [pool], {})))
    return TupleValue(tuple(made))


# -- what `operator` makes -------------------------------------------------------------------------

_GETTERS = (operator.itemgetter, operator.attrgetter, operator.methodcaller)


def is_getter(held: Any) -> bool:
    """Whether a function was made by `itemgetter`, `attrgetter` or `methodcaller`."""
    return isinstance(held, _GETTERS)


def _getter(make: Any) -> Native:
    def native(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
    ) -> Steps:
        known = [stage.need_static(a) for a in args]
        if not all_static(known, kwargs):
            stage.refuse(
                frame, node, f"what {make.__name__} looks up is known at run time only",
                "write a lambda instead",
            )  # fmt: skip
        return static_call(stage, frame, node, make, known, kwargs)
        yield

    return native


def call_getter(stage: Stage, frame: Frame, node: gast.AST, held: Any, owner: Value) -> Steps:
    """Call what `itemgetter`, `attrgetter` or `methodcaller` made."""
    made, args = held.__reduce__()
    if isinstance(held, operator.methodcaller):
        named = made.keywords if isinstance(made, functools.partial) else {}
        name, *rest = (*made.args, *args) if named else args
        method = yield get_attribute(stage, frame, node, owner, name)
        values = {k: Static(v) for k, v in named.items()}
        return (yield stage.call(frame, node, method, [Static(v) for v in rest], values))
    found = []
    for key in args:
        value = owner
        if isinstance(held, operator.itemgetter):
            value = yield get_item(stage, frame, node, owner, Static(key))
        else:
            for part in key.split("."):
                value = yield get_attribute(stage, frame, node, value, part)
        found.append(value)
    return found[0] if len(found) == 1 else TupleValue(tuple(found))


ITERTOOLS: dict[Any, Native] = {
    **{
        getattr(itertools, name): _equivalent(getattr(iterator_equivalents, name))
        for name in (
            "accumulate", "chain", "pairwise", "zip_longest", "starmap",
            "takewhile", "dropwhile", "filterfalse", "compress",
        )
    },
    itertools.chain.from_iterable: _equivalent(iterator_equivalents.chain_from_iterable),
    itertools.count: _count,
    itertools.cycle: _cycle,
    itertools.repeat: _repeat,
    itertools.islice: _islice,
    itertools.product: _product,
    itertools.tee: _tee,
    **GROUPS,
    itertools.combinations: _chosen(itertools.combinations),
    itertools.permutations: _chosen(itertools.permutations),
    itertools.combinations_with_replacement: _chosen(itertools.combinations_with_replacement),
    functools.reduce: _equivalent(iterator_equivalents.reduce),
    iterator_equivalents.reusable: _reusable,
    iterator_equivalents.indexed: _indexed,
    iterator_equivalents.rest: _rest,
    iterator_equivalents.keeps_length: _keeps_length,
    iterator_equivalents.is_indexed: _is_indexed,
    operator.itemgetter: _getter(operator.itemgetter),
    operator.attrgetter: _getter(operator.attrgetter),
    operator.methodcaller: _getter(operator.methodcaller),
}  # fmt: skip
