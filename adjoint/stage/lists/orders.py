"""Orders that are known at run time only: of lists of run-time length, by their items or a key."""

from __future__ import annotations

import operator
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Var
from adjoint.ir.ops import GETITEM, call, operation
from adjoint.ir.values import BOOL, INT, Array, ListOf, Opaque, Type
from adjoint.stage.arrays.subscripts import get_item
from adjoint.stage.context import Frame, Stage
from adjoint.stage.flow.branches import FALL
from adjoint.stage.flow.loops import counted_loop
from adjoint.stage.iteration.counted import length_of
from adjoint.stage.lists.list_methods import append
from adjoint.stage.lists.list_parts import taken
from adjoint.stage.lists.records import empty_list
from adjoint.stage.values import Iterable, Records, RunTimeList, Static, Steps, Value

__all__ = ["extreme_item", "order_of", "sorted_list"]

ZERO, ONE = Static(0), Static(1)
Listed = RunTimeList | Records


def sorted_list(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    held: Listed,
    key: Value | None,
    *,
    backwards: bool,
) -> Steps:
    """``sorted(held, key=key)``; equal items stay in their order, also backwards."""
    keys = yield keys_of(stage, frame, node, held, key)
    order = _order(stage, frame, node, keys, backwards=backwards)

    def position(number: Value) -> Steps:
        return (yield get_item(stage, frame, node, order, number))

    over = Iterable(ZERO, length_of(stage, frame, node, held), ONE, position)
    return (yield taken(stage, frame, node, held, over))


def extreme_item(
    stage: Stage, frame: Frame, node: gast.AST, held: Listed, key: Value | None, *, largest: bool
) -> Steps:
    """The first item of the largest or smallest key."""
    keys = yield keys_of(stage, frame, node, held, key)
    if isinstance(keys, Records):
        place = yield get_item(
            stage, frame, node, _order(stage, frame, node, keys, backwards=largest), ZERO
        )
    else:
        operand = stage.operand(keys, frame, node)
        with stage.builder.at(stage.place(frame, node)):
            place = stage.builder.let(call(np.argmax if largest else np.argmin), (operand,))
    return (yield get_item(stage, frame, node, held, place))


def keys_of(stage: Stage, frame: Frame, node: gast.AST, held: Listed, key: Value | None) -> Steps:
    """The list of what the items are compared by."""
    if key is None or (isinstance(key, Static) and key.value is None):
        if isinstance(held, Records) and not held.layout.is_tuple:
            stage.refuse(
                frame, node, "dicts or objects in a list that grows at run time are compared",
                "say by what: key=lambda item: item.part",
            )  # fmt: skip
        return held
    made = empty_list(stage, frame, node)

    def trip(index: Value) -> Steps:
        item = yield get_item(stage, frame, node, held, index)
        append(stage, frame, node, made, (yield stage.call(frame, node, key, [item], {})))
        return FALL

    def itself(index: Value) -> Steps:
        return index
        yield

    over = Iterable(ZERO, length_of(stage, frame, node, held), ONE, itself)
    yield counted_loop(stage, frame, node, over, trip)
    return made


def _order(stage: Stage, frame: Frame, node: gast.AST, keys: Listed, *, backwards: bool) -> Var:
    """The positions of the items, in their order."""
    lists = keys.lists if isinstance(keys, Records) else (keys,)
    types = [stage.type(each) for each in lists]
    if any(isinstance(type_, ListOf) and isinstance(type_.item, ListOf) for type_ in types):
        stage.refuse(
            frame, node, "items of a list that grows at run time are compared by lists in them",
            "say by what: key=lambda item: item[0]",
        )  # fmt: skip
    columns = [stage.operand(each, frame, node) for each in lists]
    kinds = [(type_.item if isinstance(type_, ListOf) else None) or type_ for type_ in types]
    return order_of(stage, frame, node, columns, kinds, backwards=backwards)


def order_of(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    columns: list[Operand],
    kinds: list[Type],
    *,
    backwards: bool,
) -> Var:
    """The order of rows by their first part, among equals by the next; of parts of these kinds."""
    turns = backwards and not all(map(_has_opposite, kinds))
    with stage.builder.at(stage.place(frame, node)):
        if turns:
            columns = [_turned(stage, stage.builder.let(call(np.array), (c,))) for c in columns]
        elif backwards:
            columns = [_negated(stage, column) for column in columns]
        type_ = Array(np.dtype(np.int64), (stage.builder.facts.any_length(),))
        if len(columns) > 1:
            last_first = Pack("tuple", tuple(reversed(columns)))
            order = stage.builder.let(call(np.lexsort), (last_first,), type_=type_)
        else:
            stable: Any = (("kind", Const("stable")),)
            order = stage.builder.let(call(np.argsort), columns, stable, type_=type_)
        return _counted_from_the_end(stage, order) if turns else order


def _has_opposite(kind: Type) -> bool:
    """Whether ``-part`` is in the opposite order: not of text, conditions and unsigned numbers."""
    if isinstance(kind, Array):
        return kind.dtype is None or kind.dtype.kind not in "bu"
    return kind != BOOL and not isinstance(kind, Opaque)


def _turned(stage: Stage, array: Var) -> Var:
    return stage.builder.let(GETITEM, (array, SliceOf(Const(None), Const(None), Const(-1))))


def _counted_from_the_end(stage: Stage, order: Var) -> Var:
    """The positions of the items, where `order` has those of the list from the end, turned."""
    last = stage.builder.let(operation(operator.sub), (_size(stage, order), Const(1)), type_=INT)
    turned = _turned(stage, order)
    return stage.builder.let(operation(operator.sub), (last, turned), type_=order.type)


def _size(stage: Stage, order: Var) -> Var:
    return stage.builder.let(call(len), (order,), type_=INT)


def _negated(stage: Stage, column: Operand) -> Var:
    array = stage.builder.let(call(np.array), (column,))
    return stage.builder.let(operation(operator.neg), (array,))
