"""Items of a list that change places: ``xs[i], xs[j] = xs[j], xs[i]``.

What is put at each place was at one of these places before, so that the list holds each of its
items once. One assignment after the other would say that it holds one twice.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import gast
import numpy as np

from adjoint.ir.alike import likeness_computed
from adjoint.ir.lists import COPY_ITEMS, COPY_LIST
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.ops import method
from adjoint.ir.updates import EXCHANGE, edit_of, update_place
from adjoint.ir.values import ListOf
from adjoint.stage.arrays.buffers import read
from adjoint.stage.context import Frame, Stage
from adjoint.stage.flow.aliases import replace_version
from adjoint.stage.iteration.unpacking import index_of
from adjoint.stage.lists.holders import take_from_held
from adjoint.stage.lists.list_methods import is_listed, note_change, place_of, refuse_gone_over
from adjoint.stage.lists.positions import note_order, note_replaced
from adjoint.stage.values import RunTimeList, Steps, Value, View

__all__ = ["exchanged"]

#: What is read in the same way again after items have changed places.
_FIXED = (
    *(gast.Name, gast.Constant, gast.Attribute, gast.BinOp, gast.UnaryOp),
    *(gast.operator, gast.unaryop, gast.expr_context),
)


def exchanged(
    stage: Stage, frame: Frame, node: gast.AST, targets: Sequence[Any], values: Sequence[Value]
) -> Steps:
    """Whether targets are the places of the values, and these were exchanged."""
    items = [each for each in values if isinstance(each, View) and _is_in_changed_list(each)]
    if len(items) < len(targets) or len(items) < 2 or not all(map(_is_place, targets)):
        return False
    owners, indices = [], []
    for target in targets:
        owner = yield stage.evaluate(frame, target.value)
        index = yield index_of(stage, frame, target)
        if not is_listed(owner) or not isinstance(owner, RunTimeList | View):
            return False
        owners.append(owner)
        indices.append(stage.operand(index, frame, node))
    base, _ = place_of(owners[0])
    ways = [(*place_of(owner)[1], at) for owner, at in zip(owners, indices, strict=True)]
    there = {_likeness(stage, way) for way in ways}
    found = {_likeness(stage, [step.operands[0] for step in item.path]) for item in items}
    apart = any(each.base is not base for each in items) or len(found) < len(items)
    if apart or there != found or any(place_of(owner)[0] is not base for owner in owners):
        return False
    for owner in owners:
        note_change(stage, frame, node, owner)
        refuse_gone_over(stage, frame, node, owner)
    _exchange(stage, frame, node, owners, ways, items)
    for owner, way in zip(owners, ways, strict=True):
        note_order(stage, base, depth=len(way) - 1)
        note_replaced(stage, owner)
        take_from_held(stage, base, len(way))

    return True


def _is_in_changed_list(item: View) -> bool:
    """Whether a view is an item of a list of which items are changed."""
    base = item.base
    return isinstance(base, RunTimeList) and base.written and not base.is_pool


def _is_place(target: Any) -> bool:
    """Whether a target is an item, and what leads to it does not change with the items."""
    if not isinstance(target, gast.Subscript):
        return False
    owner = target.value
    while isinstance(owner, gast.Subscript):
        if not _is_fixed(owner.slice):
            return False
        owner = owner.value
    return _is_fixed(owner) and _is_fixed(target.slice)


def _is_fixed(node: gast.AST) -> bool:
    return all(isinstance(each, _FIXED) for each in gast.walk(node))


def _likeness(stage: Stage, way: Sequence[Operand]) -> Hashable:
    """What two ways share that lead to one place."""
    return tuple(likeness_computed(each, stage.builder.definitions) for each in way)


def _exchange(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owners: Sequence[RunTimeList | View],
    ways: Sequence[Sequence[Operand]],
    items: Sequence[View],
) -> None:
    """Put the items, which are read before, into the places."""
    base, inner = place_of(owners[0])
    builder = stage.builder
    same = len({_likeness(stage, each[:-1]) for each in ways}) == 1
    with builder.at(stage.place(frame, node)):
        if same and len(ways) == 2:
            old = read(stage, base, frame, node)
            args = edit_of(old, tuple(inner), *(each[-1] for each in ways))
            made = builder.let(EXCHANGE, args, name=old.name, type_=old.type)
            replace_version(stage, base, made)
            return
        held = [_copied(stage, read(stage, item, frame, node)) for item in items]
        for way, item in zip(ways, held, strict=True):
            old = read(stage, base, frame, node)
            args = (old, *way, item)
            made = builder.let(update_place(), args, name=old.name, type_=old.type)
            replace_version(stage, base, made)


def _copied(stage: Stage, item: Var) -> Var:
    """An item in memory of its own: else all of the list that it is a part of would be copied."""
    if not isinstance(item.type, ListOf):
        return stage.builder.let(method(np.copy, "copy"), (item,), (("order", Const("K")),))
    is_flat = item.type.item is None or is_immutable(item.type.item)
    return stage.builder.let(COPY_LIST if is_flat else COPY_ITEMS, (item,), type_=item.type)
