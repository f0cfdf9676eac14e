"""Sequences taken apart: ``a, *b, c = items``, and tuples that are indices."""

from __future__ import annotations

from typing import Any

import gast

from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.equivalents import iterator_equivalents
from adjoint.stage.flow.branches import new_list
from adjoint.stage.iteration.iterables import Iterable, itself
from adjoint.stage.iteration.sequences import items_if_known, spread
from adjoint.stage.values import RunTimeList, Static, Steps, TupleValue, Value

__all__ = ["index_of", "unpacked"]


def unpacked(stage: Stage, frame: Frame, node: gast.AST, targets: list[Any], value: Value) -> Steps:
    """What each target is given."""
    stars = [i for i, target in enumerate(targets) if isinstance(target, gast.Starred)]
    items = yield items_if_known(stage, frame, node, value)
    before = stars[0] if stars else len(targets)
    after = len(targets) - before - 1 if stars else 0
    if not isinstance(items, list):
        return (yield _at_run_time(stage, frame, node, items, bool(stars), before, after))
    if not stars:
        _check(stage, frame, node, len(items), before)
        return items
    if len(items) < before + after:
        error = ValueError(f"not enough values to unpack (expected at least {before + after})")
        raise PrimalRaises(error, stage.place(frame, node))
    end = len(items) - after
    rest = new_list(stage, frame, targets[before], tuple(items[before:end]))
    return [*items[:before], rest, *items[end:]]


def _check(stage: Stage, frame: Frame, node: gast.AST, found: int, wanted: int) -> None:
    if found == wanted:
        return
    few = f"not enough values to unpack (expected {wanted}, got {found})"
    many = f"too many values to unpack (expected {wanted})"
    error = ValueError(few if found < wanted else many)
    raise PrimalRaises(error, stage.place(frame, node))


def _at_run_time(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    items: Value,
    starred: bool,
    before: int,
    after: int,
) -> Steps:
    """The same of a sequence whose length is known at run time only."""
    parts = yield stage.call(
        frame, node,
        Static(iterator_equivalents.parts_of if starred else iterator_equivalents.all_of),
        [items, Static(before), Static(after)] if starred else [items, Static(before)],
        {},
    )  # fmt: skip
    assert isinstance(parts, TupleValue), "the parts are counted now"
    return list(parts.items)


def index_of(stage: Stage, frame: Frame, node: gast.Subscript) -> Steps:
    """What stands in the brackets. The parts of a tuple must be known, a list is one part."""
    index = yield stage.evaluate(frame, node.slice)
    if isinstance(index, RunTimeList) and index.is_tuple:
        index = TupleValue(tuple((yield spread(stage, frame, node.slice, index))))
    match index:
        case TupleValue(items) if index.cls is tuple:
            return TupleValue(tuple(map(_range_as_numbers, items)))
        case Static(tuple() as parts) if any(isinstance(part, range) for part in parts):
            return TupleValue(tuple(_range_as_numbers(Static(part)) for part in parts))
        case _:
            return _range_as_numbers(index)


def _range_as_numbers(part: Value) -> Value:
    """A range that is known now, as one that is not: an array takes it for its numbers."""
    if not isinstance(part, Static) or not isinstance(part.value, range):
        return part
    bounds = part.value
    return Iterable(Static(bounds.start), Static(bounds.stop), Static(bounds.step), itself)
