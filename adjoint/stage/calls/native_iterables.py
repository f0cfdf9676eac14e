"""Python's builtins that make sequences, or go over them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.ir.values import Scalar
from adjoint.stage.arrays.subscripts import get_item
from adjoint.stage.context import Frame, PrimalRaises, Stage, describe
from adjoint.stage.dicts.new_dicts import dict_in, is_dict_at_run_time, new_dict
from adjoint.stage.dicts.run_time_dicts import keys_of
from adjoint.stage.equivalents import iterator_equivalents
from adjoint.stage.flow import loops
from adjoint.stage.flow.branches import FALL, new_list
from adjoint.stage.flow.loop_statements import unrolled_items
from adjoint.stage.iteration import combined, counted, sequences
from adjoint.stage.iteration.sequences import sequence_of
from adjoint.stage.iteration.streams import (
    applied,
    is_driven,
    is_indexed,
    kept,
    numbered,
    side_by_side,
)
from adjoint.stage.lists.item_layouts import columns
from adjoint.stage.lists.list_methods import append
from adjoint.stage.lists.new_heaps import heap_if_asked
from adjoint.stage.lists.records import empty_list, list_key, marked_as_tuple
from adjoint.stage.objects.protocols import special
from adjoint.stage.operations import static_call
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    DictValue,
    DictView,
    Iterable,
    ListValue,
    NativeMethod,
    ObjectValue,
    Records,
    RunTimeDict,
    RunTimeList,
    SliceValue,
    Static,
    Steps,
    Stream,
    TupleValue,
    Value,
    shown_now,
)

__all__ = ["ITERABLES", "Native", "all_static", "gathered", "iterator", "transposed"]

Native = Callable[..., Steps]
#: The decision that the number of the next item of an iterator is counted when the code runs.
BY_POSITION = "iterator by position"


def all_static(args: list[Value], kwargs: dict[str, Value]) -> bool:
    """Whether Python can be asked now."""
    values = [*args, *kwargs.values()]
    return all(isinstance(v, Static) and (v.access is None or v.variable is None) for v in values)


def _range(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if all_static(args, {}):
        return static_call(stage, frame, node, range, args, {})
    parts = [_integer(stage, frame, node, a) for a in args]
    if len(parts) == 1:
        return counted.counted(Static(0), parts[0], Static(1))
    return counted.counted(parts[0], parts[1], parts[2] if len(parts) > 2 else Static(1))
    yield


def _slice(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if all_static(args, {}):
        return static_call(stage, frame, node, slice, args, {})
    none = Static(None)
    parts = [none, args[0], none] if len(args) == 1 else [*args, none][:3]
    return SliceValue(*parts)
    yield


def _integer(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Value:
    type_ = stage.type(value)
    if isinstance(type_, Scalar) and type_.kind in ("float", "complex"):
        error = TypeError(f"'{type_.kind}' object cannot be interpreted as an integer")
        raise PrimalRaises(error, stage.place(frame, node))
    return value


def iterator(stage: Stage, steps: Callable[[], Steps]) -> Stream:
    """An iterator over what these steps will give, once it is used."""
    return Stream({"state": Static("new")}, items=steps)


def _used_again(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], steps: Callable[[], Steps]
) -> Stream:
    """The same, which may be left and used again where it is not made of other iterators."""
    made = iterator(stage, steps)
    if not any(isinstance(value, Stream) for value in args):
        made.key = stage.key(frame, node, BY_POSITION)
        made.place = Cell({"position": Static(0)}) if made.key in stage.decisions else None
    return made


def _enumerate(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    start = kwargs.get("start", args[1] if len(args) > 1 else Static(0))
    if _is_used_again(args[0]):
        again = Static(iterator_equivalents.numbered)
        return (yield stage.call(frame, node, again, [args[0], start], {}))
    if is_driven(args[0]):
        return numbered(stage, frame, node, args[0], start)

    def items() -> Steps:
        found = yield _each_partly(stage, frame, node, args[:1])
        return (yield combined.enumerated(stage, frame, node, found[0], start))

    made = _used_again(stage, frame, node, args, items)
    if isinstance(args[0], Stream):
        made.finish = partial(sequences.end, stage, args[0])
    return made
    yield


def _is_used_again(value: Value) -> bool:
    """Whether a value is an iterator of which the next item is counted when the code runs."""
    return isinstance(value, Stream) and value.place is not None


def transposed(stage: Stage, frame: Frame, node: gast.AST, value: Records) -> Steps:
    """``zip(*pairs)``: a list of each part; that there is an item is asked, as by unpacking."""
    if not value.layout.is_tuple:
        stage.refuse(
            frame, node, "zip(*items) of dicts or objects", "make a list of each part, in a loop"
        )
    yield get_item(stage, frame, node, value, Static(0))
    copied = yield get_item(stage, frame, node, value, Static(slice(None)))
    return TupleValue(columns(copied))


def _zip(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    strict = kwargs.get("strict", Static(False))
    if any(map(is_driven, args)) or len({id(a) for a in args if isinstance(a, Stream)}) < sum(
        isinstance(a, Stream) for a in args
    ):
        others = [a for a in args if not isinstance(a, Stream) or a.gathered]
        if len(others) == len(args) - 1 and any(map(_is_looked_up, others)) and not strict.value:
            at = next(i for i, a in enumerate(args) if a not in others)
            parts = [TupleValue(tuple(args[:at])), args[at], TupleValue(tuple(args[at + 1 :]))]
            return (yield stage.call(frame, node, Static(iterator_equivalents.zip_with), parts, {}))
        sources = []
        for value in args:
            sources.append((yield _iter(stage, frame, node, [value], {})))
        return side_by_side(stage, frame, node, sources, strict)

    def items() -> Steps:
        found = yield _each_partly(stage, frame, node, args)
        if strict.value and len({len(f) for f in found if isinstance(f, list)}) > 1:
            raise PrimalRaises(
                ValueError("zip() arguments have different lengths"), stage.place(frame, node)
            )
        return (yield combined.zipped(stage, frame, node, found))

    return _used_again(stage, frame, node, args, items)


def _is_looked_up(value: Value) -> bool:
    """Whether items are reached by an index, as those of a generator that has run to its end."""
    return is_indexed(value) or (isinstance(value, Stream) and value.gathered)


def _each_partly(stage: Stage, frame: Frame, node: gast.AST, args: list[Value]) -> Steps:
    """The items of each argument; iterators among them may be left before their end."""
    found = []
    for value in args:
        if isinstance(value, Stream):
            value = yield sequences.rest_of(stage, frame, node, value, "left")
        known = isinstance(value, list)
        found.append(value if known else (yield sequence_of(stage, frame, node, value)))
    return found


def _map(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if len(args) == 2 and _is_used_again(args[1]):
        return (yield stage.call(frame, node, Static(iterator_equivalents.applied), args, {}))
    if len(args) == 2 and is_driven(args[1]):
        return applied(stage, frame, node, args[0], args[1])

    def items() -> Steps:
        found = yield _each_partly(stage, frame, node, args[1:])
        return (yield combined.mapped(stage, frame, node, args[0], found))

    return iterator(stage, items)
    yield


def _reversed(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if isinstance(args[0], Static) and isinstance(args[0].value, range):
        return Static(args[0].value[::-1])
    own = special(stage, args[0], "__reversed__")
    if own is not None:
        return (yield stage.call(frame, node, own, args, {}))
    if isinstance(args[0], Stream):
        error = TypeError("an iterator is not reversible")
        raise PrimalRaises(error, stage.place(frame, node))

    def items() -> Steps:
        found = yield sequence_of(stage, frame, node, args[0])
        return (yield combined.backwards(stage, frame, node, found))

    return _used_again(stage, frame, node, args, items)


def _iter(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if len(args) > 1:
        stage.refuse(
            frame, node, "iter() with a value at which it stops", "write a while loop instead"
        )
    if isinstance(args[0], Stream):
        return args[0]
    if special(stage, args[0], "__iter__") is not None:
        return (yield sequences.iterated(stage, frame, node, args[0]))
    steps = partial(sequence_of, stage, frame, node, args[0])
    return _used_again(stage, frame, node, args, steps)


def _next(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if isinstance(args[0], ObjectValue):
        own = special(stage, args[0], "__next__")
        if own is not None and len(args) == 1:
            return (yield stage.call(frame, node, own, args, {}))
        stage.refuse(
            frame, node, "next() of an object, with what it gives at the end",
            "write a generator function, or a loop over a list",
        )  # fmt: skip
    if not isinstance(args[0], Stream):
        error = TypeError(f"{describe(args[0])} is not an iterator")
        raise PrimalRaises(error, stage.place(frame, node))

    def otherwise() -> Steps:
        if len(args) > 1:
            return args[1]
        raise PrimalRaises(StopIteration(), stage.place(frame, node))
        yield

    before = len(stage.gone_over)
    item = yield _next_or(stage, frame, node, args[0], otherwise)
    if _is_made_for(node):
        del stage.gone_over[before:]
    return item


def _next_or(
    stage: Stage, frame: Frame, node: gast.AST, stream: Stream, otherwise: Callable[[], Steps]
) -> Steps:
    item = yield sequences.pulled(stage, frame, node, stream, otherwise)
    return (yield otherwise()) if item is None else item


def _first(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    stream, error, message = args
    assert isinstance(stream, Stream), "iter() made it"
    assert isinstance(error, Static) and isinstance(message, Static), "they are written there"

    def otherwise() -> Steps:
        raise PrimalRaises(error.value(message.value), stage.place(frame, node))
        yield

    return (yield _next_or(stage, frame, node, stream, otherwise))


def _is_made_for(node: gast.AST) -> bool:
    """Whether the iterator of a call of `next` is made there, and ends with it."""
    made = node.args[0] if isinstance(node, gast.Call) and node.args else None
    named = made.func.id if isinstance(made, gast.Call) and isinstance(made.func, gast.Name) else ""
    return named in ("iter", "reversed")


def _filter(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if _is_used_again(args[1]):
        return (yield stage.call(frame, node, Static(iterator_equivalents.kept), args, {}))
    return kept(stage, frame, node, args[0], args[1])


def gathered(
    stage: Stage, frame: Frame, node: gast.AST, value: Value, limit: int = sequences.UNROLL_LIMIT
) -> Steps:
    """A list of the program with all items of a value; its own list where it is one."""
    rest: Any = value
    if isinstance(value, Stream):
        rest = yield sequences.rest_of(stage, frame, node, value)
    if isinstance(rest, ListValue | RunTimeList | Records):
        return rest
    if isinstance(rest, RunTimeDict):
        return keys_of(stage, frame, node, rest)
    if isinstance(rest, DictView) and isinstance(rest.owner, DictValue):
        rest = list(shown_now(rest).items)
    if isinstance(rest, DictValue):  # what is done with the list is not done with the dict
        rest = list(map(Static, rest.slots["items"]))
    found: Any = rest
    if not isinstance(rest, list):
        found = yield sequence_of(stage, frame, node, rest)
    items = yield counted.items_now(stage, frame, node, found, limit)
    if items is None:
        items = yield unrolled_items(stage, frame, node, found)
    if not isinstance(items, list):
        return (yield collect(stage, frame, node, items))
    return ListValue({"items": tuple(items)}, key=list_key(stage, frame, node))


def _list(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if not args:
        return new_list(stage, frame, node, ())
    held = yield gathered(stage, frame, node, args[0])
    if isinstance(held, ListValue):
        return new_list(stage, frame, node, held.slots["items"])
    if held is args[0]:
        held = yield get_item(stage, frame, node, held, Static(slice(None)))
        held = marked_as_tuple(held, is_tuple=False)
    return (yield heap_if_asked(stage, frame, node, held))


def collect(stage: Stage, frame: Frame, node: gast.AST, found: Iterable) -> Steps:
    """A list of the items of an `Iterable`."""
    held = empty_list(stage, frame, node)

    def trip(index: Value) -> Steps:
        append(stage, frame, node, held, (yield found.item(index)))
        return FALL

    yield loops.counted_loop(stage, frame, node, found, trip)
    made = held.slots.get("held") if isinstance(held, RunTimeList) else None
    if isinstance(made, Var) and isinstance(found.stop, Var) and found.stop in stage.origins:
        # What makes the number of items known now makes that of the list known.
        stage.origins[made] = stage.origins[found.stop]
    return held


def _tuple(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if not args:
        return Static(())
    held = yield gathered(stage, frame, node, args[0])
    if isinstance(held, ListValue):
        return TupleValue(held.slots["items"])
    if held is args[0] and not (isinstance(held, RunTimeList | Records) and held.is_tuple):
        held = yield get_item(stage, frame, node, held, Static(slice(None)))
    return marked_as_tuple(held)


def _dict(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    first = dict_in(args[0]) if args else None
    if isinstance(first, DictValue):
        return (yield new_dict(stage, frame, node, {**first.slots["items"], **kwargs}))
    more: list[Value] = [DictValue({"items": kwargs})] if kwargs else []
    if first is not None and is_dict_at_run_time(first):
        made = yield stage.call(frame, node, NativeMethod(first, "copy"), [], {})
    else:
        made = yield new_dict(stage, frame, node, {})
        more = [*args, *more]
    for each in more:
        yield stage.call(frame, node, NativeMethod(made, "update"), [each], {})
    return made


ITERABLES: dict[Any, Native] = {
    range: _range,
    slice: _slice,
    enumerate: _enumerate,
    zip: _zip,
    map: _map,
    reversed: _reversed,
    filter: _filter,
    iter: _iter,
    next: _next,
    iterator_equivalents.first: _first,
    list: _list,
    tuple: _tuple,
    dict: _dict,
}
