"""Python's builtins that make one value, or an order, of a sequence."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import gast

from adjoint.ir.nodes import Operand, Pack, Var
from adjoint.ir.ops import call as call_op
from adjoint.ir.values import BOOL, Array
from adjoint.stage.arrays.buffers import plain
from adjoint.stage.arrays.subscripts import get_item
from adjoint.stage.calls.native_iterables import Native, all_static, gathered
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.equivalents import iterator_equivalents
from adjoint.stage.flow.branches import new_list
from adjoint.stage.inputs.from_outside import LONG
from adjoint.stage.iteration.sequences import spread
from adjoint.stage.iteration.streams import (
    decided,
)
from adjoint.stage.lists.holders import note_holder
from adjoint.stage.lists.orders import extreme_item, order_of, sorted_list
from adjoint.stage.lists.sequence_items import as_runtime_list
from adjoint.stage.objects.protocols import special
from adjoint.stage.operations import apply, static_call
from adjoint.stage.operators import binary, truth
from adjoint.stage.values import (
    DictValue,
    DictView,
    Iterable,
    ListValue,
    ObjectValue,
    Records,
    RunTimeDict,
    RunTimeList,
    Static,
    Steps,
    Stream,
    TupleValue,
    Value,
)

__all__ = ["REDUCTIONS"]


def _is_gone_over(stage: Stage, value: Value) -> bool:
    """Whether a list is made of a value first."""
    if isinstance(value, ObjectValue):
        return special(stage, value, "__iter__") is not None
    return isinstance(value, Stream | RunTimeDict | DictView)


def _first_argument(node: gast.AST) -> gast.AST:
    """Where a list of the items is made: that of the keys is made at the call."""
    return node.args[0] if isinstance(node, gast.Call) and node.args else node


def _without_none(kwargs: dict[str, Value]) -> dict[str, Value]:
    """Keywords without a key that is None, as if it were not given."""
    key = kwargs.get("key")
    if isinstance(key, Static) and key.value is None:
        return {name: value for name, value in kwargs.items() if name != "key"}
    return kwargs


def _sum(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    start = kwargs.get("start", args[1] if len(args) > 1 else None)
    held = args[0]
    ranges = isinstance(held, Static) and isinstance(held.value, range)
    own = special(stage, held, "__iter__") is not None
    if isinstance(held, Iterable | ObjectValue) or ranges or own or _is_gone_over(stage, held):
        held = yield gathered(stage, frame, node, held, LONG)
    items = _parts(held)
    if items is not None and all(isinstance(i, Var | Static) for i in items):
        held = ListValue({"items": tuple(items)})
    elif items is not None:
        total = start or Static(0)
        for item in items:
            total = yield binary(stage, frame, node, "+", total, item)
        return total
    return apply(stage, frame, node, call_op(sum), [held, *([start] if start else [])])


def _parts(value: Value) -> list[Value] | None:
    match value:
        case TupleValue(items):
            return list(items)
        case ListValue():
            return list(value.slots["items"])
        case _:
            return None


#: The key of `max` and `min` where none is given.
SAME = {"key": Static(iterator_equivalents.itself)}


def _extreme(function: Callable[..., Any], by_key: Callable[..., Any]) -> Native:
    def extreme(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
    ) -> Steps:
        kwargs = _without_none(kwargs)
        if "key" in kwargs or "default" in kwargs:
            if all_static(args, kwargs):
                return static_call(stage, frame, node, function, args, kwargs)
            over = args[0] if len(args) == 1 else TupleValue(tuple(args))
            if _is_gone_over(stage, over):
                over = yield gathered(stage, frame, _first_argument(node), over)
            if isinstance(over, RunTimeList | Records) and "default" not in kwargs:
                way, key = function is max, kwargs["key"]
                return (yield extreme_item(stage, frame, node, over, key, largest=way))
            if isinstance(over, ListValue):
                over = TupleValue(over.slots["items"])  # it may change once this is done
            return (yield stage.call(frame, node, Static(by_key), [over], {**SAME, **kwargs}))
        args = [plain(stage, each, frame, node) for each in args]
        if len(args) == 1 and not isinstance(args[0], RunTimeList | Records | Var):
            held = yield gathered(stage, frame, node, args[0])
            items = _parts(held)
            if items and all(isinstance(i, Static) for i in items):
                return static_call(stage, frame, node, lambda *v: function(v), items, {})
            args = [held]
        over = args[0] if len(args) == 1 else TupleValue(tuple(args))
        if isinstance(over, Records) and over.layout.is_tuple:
            way = function is max
            return (yield extreme_item(stage, frame, node, over, None, largest=way))
        compared = ObjectValue | TupleValue
        if isinstance(over, Records) or any(isinstance(i, compared) for i in _parts(over) or ()):
            return (yield stage.call(frame, node, Static(by_key), [over], SAME))
        return apply(stage, frame, node, call_op(function), args)

    return extreme


def _quantifier(function: Callable[..., Any]) -> Native:
    def quantifier(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any
    ) -> Steps:
        if isinstance(args[0], RunTimeList | Var):
            return apply(stage, frame, node, call_op(function), args)
        mark = stage.trail.mark()
        try:
            with stage.builder.block() as statements:
                result = yield _all_tested(stage, frame, node, function, args[0])
        except PrimalRaises:
            statements = None
        if statements is not None and all(map(stage.is_harmless, statements)):
            for statement in statements:
                stage.builder.append(statement)
            return result
        stage.trail.roll_back(mark)
        return (yield decided(stage, frame, node, args[0], function is any))

    return quantifier


def _all_tested(
    stage: Stage, frame: Frame, node: gast.AST, function: Callable[..., Any], value: Value
) -> Steps:
    """``any`` or ``all`` of items that may as well all be looked at."""
    held = yield gathered(stage, frame, node, value)
    items = _parts(held)
    if items is None:
        return apply(stage, frame, node, call_op(function), [held])
    tests = []
    for item in items:
        tests.append((yield truth(stage, frame, node, item)))
    if all(isinstance(t, Static) for t in tests):
        return Static(function(t.value for t in tests))
    operands = tuple(stage.operand(t, frame, node) for t in tests)
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(call_op(function), (Pack("list", operands),), type_=BOOL)


def _sorted(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    held, kwargs = args[0], _without_none(kwargs)
    if "key" not in kwargs:  # of numbers
        held = plain(stage, held, frame, node)
    if _is_gone_over(stage, held):
        held = yield gathered(stage, frame, _first_argument(node), held)
    backwards = stage.need_static(kwargs.get("reverse", Static(False)))
    if not isinstance(backwards, Static):
        stage.refuse(
            frame, node, "whether sorted() goes backwards is known at run time only",
            "write reverse=True or reverse=False",
        )  # fmt: skip
    if isinstance(held, RunTimeList | Records):
        way = bool(backwards.value)
        key = kwargs.get("key")
        return (yield sorted_list(stage, frame, node, held, key, backwards=way))
    items = yield spread(stage, frame, node, held)
    keys = items
    if "key" in kwargs:
        keys = []
        for item in items:
            keys.append((yield stage.call(frame, node, kwargs["key"], [item], {})))
    known = _known(keys)
    if known is not None:
        order = sorted(range(len(keys)), key=known.__getitem__, reverse=backwards.value)
        return new_list(stage, frame, node, tuple(items[i] for i in order))
    order_var = _order_by(stage, frame, node, keys, backwards=bool(backwards.value))
    places = []
    for position in range(len(items)):
        places.append((yield get_item(stage, frame, node, order_var, Static(position))))
    result = yield _picked(stage, frame, node, items, places)
    return new_list(stage, frame, node, tuple(result))


def _order_by(
    stage: Stage, frame: Frame, node: gast.AST, keys: list[Value], *, backwards: bool
) -> Var:
    """The positions of items by their keys, which are numbers or tuples of numbers."""
    rows = [_leaves(key) for key in keys]
    alike = len(set(map(len, rows))) == 1
    if not alike or not all(_is_leaf(stage, leaf) for leaf in itertools.chain(*rows)):
        stage.refuse(
            frame, node, "tuples of other things than numbers are compared",
            "say by what: key=lambda item: item[0]",
        )  # fmt: skip
    kinds = [stage.type(leaf) for leaf in itertools.chain(*rows)]
    columns: list[Operand] = [
        Pack("list", tuple(stage.operand(leaf, frame, node) for leaf in column))
        for column in zip(*rows, strict=True)
    ]
    return order_of(stage, frame, node, columns, kinds, backwards=backwards)


def _leaves(key: Value) -> list[Value]:
    """The parts of a key, in the order in which they are compared."""
    if not isinstance(key, TupleValue):
        return [key]
    return [leaf for part in key.items for leaf in _leaves(part)]


def _is_leaf(stage: Stage, value: Value) -> bool:
    """Whether a part of a key may be a number or text."""
    if isinstance(value, Static):
        return isinstance(value.value, bool | int | float | str)
    if isinstance(value, ListValue | DictValue | ObjectValue | Records | RunTimeList):
        return False
    type_ = stage.type(value)
    return not (isinstance(type_, Array) and type_.shape)


def _known(keys: list[Value]) -> list[Any] | None:
    """What decides between keys, if that is known now: of tuples, perhaps the first parts alone."""
    if all(isinstance(k, Static) for k in keys):
        return [k.value for k in keys if isinstance(k, Static)]
    begins = []
    for key in keys:
        parts = key.items if isinstance(key, TupleValue) else ()
        first = itertools.takewhile(lambda part: isinstance(part, Static), parts)
        begins.append(tuple(part.value for part in first if isinstance(part, Static)))
    shortest = min(map(len, begins), default=0)
    cut = [begin[:shortest] for begin in begins]
    return cut if all(a != b for a, b in itertools.combinations(cut, 2)) else None


def _picked(
    stage: Stage, frame: Frame, node: gast.AST, items: list[Value], places: list[Value]
) -> Steps:
    """The items at places that are known at run time only; of tuples, part by part."""
    first = items[0]
    alike = [i for i in items if isinstance(i, TupleValue)]
    kinds = {(i.cls, len(i.items)) for i in alike}
    if isinstance(first, TupleValue) and len(alike) == len(items) and len(kinds) == 1:
        columns = []
        for column in zip(*(i.items for i in alike), strict=True):
            columns.append((yield _picked(stage, frame, node, list(column), places)))
        return [TupleValue(row, first.cls) for row in zip(*columns, strict=True)]
    if isinstance(first, ObjectValue | DictValue):
        among = ListValue({"items": tuple(items)})
        found = []
        for place in places:
            found.append((yield get_item(stage, frame, node, among, place)))
        return found
    held = RunTimeList({"held": as_runtime_list(stage, frame, node, items)})
    for item in items:
        note_holder(stage, frame, node, item, held)
    found = []
    for place in places:
        found.append((yield get_item(stage, frame, node, held, place)))
    return found


REDUCTIONS: dict[Any, Native] = {
    sum: _sum,
    max: _extreme(max, iterator_equivalents.largest),
    min: _extreme(min, iterator_equivalents.smallest),
    any: _quantifier(any),
    all: _quantifier(all),
    sorted: _sorted,
}
