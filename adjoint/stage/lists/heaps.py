"""Lists that are given to functions of `heapq`: see `heap_equivalents`.

A list is one from where it is made, once staging has come to such a function and has started again.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

import gast

from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.ops import GETITEM, Form, Op
from adjoint.ir.values import INT, OPAQUE, Scalar
from adjoint.stage.arrays.sites import ITEMS_WRITTEN, displays_of
from adjoint.stage.arrays.subscripts import is_empty, item_there
from adjoint.stage.context import Frame, PrimalRaises, Restart, Stage
from adjoint.stage.equivalents import heap_equivalents
from adjoint.stage.equivalents.heap_equivalents import (
    HeapList,
    heap_item,
    heap_put,
    heap_size,
    heap_taken,
)
from adjoint.stage.lists.new_heaps import HEAP, pair_of
from adjoint.stage.values import (
    NONE,
    ListValue,
    ObjectValue,
    Records,
    RunTimeList,
    Static,
    Steps,
    Value,
)

__all__ = ["HEAPS"]

Native = Callable[..., Steps]


def _on_heap(name: str) -> Native:
    """A function of `heapq` that changes a list."""
    stands_for = getattr(heap_equivalents, name)

    def native(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
    ) -> Steps:
        if not (isinstance(args[0], ObjectValue) and args[0].cls is HeapList):
            _make_a_heap(stage, frame, node, args[0], name)
        return (yield stage.call(frame, node, Static(stands_for), args, kwargs))

    return native


def _make_a_heap(stage: Stage, frame: Frame, node: gast.AST, owner: Value, name: str) -> None:
    """Start again with a list that is a heap where it is made."""
    keys: list[Any] = []
    if isinstance(owner, ListValue) and owner.key is not None:
        keys = [owner.key]
    elif isinstance(owner, RunTimeList | Records):
        first = owner.lists[0] if isinstance(owner, Records) else owner
        found = displays_of(stage, first.slots["held"]) if isinstance(first, RunTimeList) else ()
        keys = [key for key in found if key[0] == ITEMS_WRITTEN]
    fresh = [key for key in ((HEAP, *key[1:]) for key in keys) if key not in stage.decisions]
    if fresh:
        raise Restart(*fresh)
    stage.refuse(
        frame, node, f"heapq.{name} of a list that is not made by a display or a comprehension",
        "make one of the items: heap = [item for item in items]",
    )  # fmt: skip


def _put(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    name, heap, *pair = args
    assert isinstance(name, Static), "the name of a function"
    _called(stage, frame, node, name.value, heap, pair)
    return NONE
    yield


def _taken(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    name, heap, held, *pair = args
    assert isinstance(name, Static), "the name of a function"
    if is_empty(stage, held):
        raise PrimalRaises(IndexError("index out of range"), stage.place(frame, node))
    found = _called(stage, frame, node, name.value, heap, pair)
    return (yield item_there(stage, frame, node, held, _place(stage, frame, node, found)))


def _item(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    heap, held, position = args
    if is_empty(stage, held):
        raise PrimalRaises(IndexError("list index out of range"), stage.place(frame, node))
    operands = (stage.operand(heap, frame, node), stage.operand(position, frame, node))
    found = _written(stage, frame, node, GETITEM, operands, OPAQUE)
    return (yield item_there(stage, frame, node, held, _place(stage, frame, node, found)))


def _size(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    return _written(stage, frame, node, Op(len), (stage.operand(args[0], frame, node),), INT)
    yield


def _called(
    stage: Stage, frame: Frame, node: gast.AST, name: str, heap: Value, pair: list[Value]
) -> Var:
    """What a function of `heapq`, or `append`, does with a heap and a pair."""
    op = Op(_append, Form.METHOD, name) if name == "append" else Op(getattr(heapq, name))
    more = (pair_of(stage, frame, node, *pair),) if pair else ()
    return _written(stage, frame, node, op, (stage.operand(heap, frame, node), *more), OPAQUE)


def _append(heap: list[Any], pair: Any) -> None:
    """What a heap does; it is no list of which versions are told apart."""
    heap.append(pair)


def _place(stage: Stage, frame: Frame, node: gast.AST, pair: Var) -> Var:
    """Where the item of a pair stands."""
    counted = Scalar("int", stage.builder.facts.any_length())
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(GETITEM, (pair, Const(-1)), name="place", type_=counted)


def _written(
    stage: Stage, frame: Frame, node: gast.AST, op: Op, operands: tuple[Operand, ...], type_: Any
) -> Var:
    """An operation on a heap, which stays in its place among the others."""
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(
            Op(op.function, op.form, op.name, effect=True), operands, type_=type_
        )


_NAMES = ("heappush", "heappop", "heapify", "heappushpop", "heapreplace")


def _instead(function: Any) -> Native:
    def native(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
    ) -> Steps:
        return (yield stage.call(frame, node, Static(function), args, kwargs))

    return native


HEAPS: dict[Any, Native] = {
    **{getattr(heapq, name): _on_heap(name) for name in _NAMES},
    heapq.nsmallest: _instead(heap_equivalents.nsmallest),
    heapq.nlargest: _instead(heap_equivalents.nlargest),
    heap_put: _put,
    heap_taken: _taken,
    heap_item: _item,
    heap_size: _size,
}
