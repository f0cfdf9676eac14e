"""Iterators that are left and used again: which item is next is known at run time only.

The number of the next item is in a cell of the iterator, and a loop over it is a ``while``::

    for x in it:                        while position < len(xs):
        if x > c:                           x = xs[position]
            break               ->          position += 1
    rest = sum(it)                          if x > c: break
                                        rest = sum of xs[i] for i in range(position, len(xs))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.stage.context import Frame, Stage
from adjoint.stage.flow.conditions import choose
from adjoint.stage.iteration.counted import STEP, count_of, nth, reached, rows
from adjoint.stage.lists.sequence_items import as_runtime_list
from adjoint.stage.operators import binary, compare
from adjoint.stage.trail import Cell
from adjoint.stage.values import Iterable, RunTimeList, Static, Steps, Stream

__all__ = ["next_by_position", "next_item", "rest_by_position", "whole"]


def whole(stage: Stage, frame: Frame, node: gast.AST, stream: Stream) -> Steps:
    """All that an iterator goes over, by an index; from here on none of it is changed."""
    assert stream.items is not None, "it was made of what has an index"
    before = len(stage.looked_at)
    found = yield stream.items()
    stage.gone_over += [(cell, 0) for cell in stage.looked_at[before:]]
    if not isinstance(found, list):
        return found
    items = []
    for item in found:
        items.append((yield reached(item)))
    held = as_runtime_list(stage, frame, node, items)
    return rows(stage, frame, node, RunTimeList({"held": held}))


def next_item(stage: Stage, frame: Frame, node: gast.AST, place: Cell, found: Any) -> Steps:
    """The next item of an iterator that has one."""
    at = place.slots["position"]
    item = yield nth(stage, frame, node, found, at)
    following = yield binary(stage, frame, node, "+", at, Static(1))
    if isinstance(following, Var):
        following.name = following.name or "position"
    stage.trail.set(place, "position", following)
    return item


def rest_by_position(stage: Stage, frame: Frame, node: gast.AST, stream: Stream) -> Steps:
    """All items that an iterator has not handed out yet; it has handed them out then."""
    assert stream.place is not None, "it is gone over by positions"
    found = yield whole(stage, frame, node, stream)
    at, count = stream.place.slots["position"], (yield count_of(stage, frame, node, found))
    stage.trail.set(stream.place, "position", count)
    return Iterable(at, count, STEP, lambda index: nth(stage, frame, node, found, index))


def next_by_position(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    stream: Stream,
    otherwise: Callable[[], Steps] | None,
) -> Steps:
    """The next item of an iterator, or what is given otherwise; None where it is known to end."""
    place = stream.place
    assert place is not None, "it is gone over by positions"
    found = yield whole(stage, frame, node, stream)
    count = yield count_of(stage, frame, node, found)
    if otherwise is None and isinstance(place.slots["position"], Static):
        count = stage.need_static(count)
    is_left = yield compare(stage, frame, node, "<", place.slots["position"], count)
    if isinstance(is_left, Static):
        return (yield next_item(stage, frame, node, place, found)) if is_left.value else None
    if otherwise is None:
        stage.refuse(
            frame, node, "whether this iterator has another item is known at run time only",
            "loop over it with for, or index what it goes over",
        )  # fmt: skip

    def item() -> Steps:
        return (yield next_item(stage, frame, node, place, found))

    return (yield choose(stage, frame, node, is_left, item, otherwise, "if"))
