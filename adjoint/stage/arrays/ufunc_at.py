"""``np.add.at`` and its like: what an index selects is written one element after the other."""

from __future__ import annotations

import gast
import numpy as np

from adjoint.ir.builder import Builder
from adjoint.ir.indices import index_items
from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.ops import GETITEM, call, method
from adjoint.ir.updates import update_at
from adjoint.ir.values import Array, rank, same_shape
from adjoint.stage.arrays.writes import write
from adjoint.stage.context import Frame, Stage
from adjoint.stage.flow.branches import FALL
from adjoint.stage.flow.loops import counted_loop
from adjoint.stage.values import NONE, Iterable, Static, Steps, Value

__all__ = ["write_at"]

_SUMS: dict[np.ufunc, str] = {np.add: "+", np.subtract: "-"}


def write_at(
    stage: Stage, frame: Frame, node: gast.AST, ufunc: np.ufunc, args: list[Value]
) -> Steps:
    """``np.add.at(a, index, value)`` and its like."""
    if ufunc in _SUMS and len(args) == 3:
        target, index, value = args
        at, new = stage.operand(index, frame, node), stage.operand(value, frame, node)
        write(stage, frame, node, target, at, new, op=update_at(_SUMS[ufunc]))
        return NONE
    yield _one_by_one(stage, frame, node, ufunc, args)
    return NONE


def _one_by_one(
    stage: Stage, frame: Frame, node: gast.AST, ufunc: np.ufunc, args: list[Value]
) -> Steps:
    """The elements that an index selects, one after the other, in a loop."""
    target, index, *values = args
    builder = stage.builder
    at = stage.operand(index, frame, node)
    operands = [stage.operand(v, frame, node) for v in values]
    held = stage.operand(target, frame, node)
    width = rank(held.type) if isinstance(held, Var) else None
    if not isinstance(held, Var) or width is None:
        stage.refuse(
            frame, node, f"np.{ufunc.__name__}.at of an array whose rank is known at run time only",
            "write a loop over the index",
        )  # fmt: skip
    with builder.at(stage.place(frame, node)):
        places = _vectors(builder, at)
        if places:
            selected = builder.let(GETITEM, (held, at)) if width > len(places) else places[0]
            spread = [_along(builder, o, selected) for o in operands]
        else:
            selected, places = _places(builder, held, at, width)
            spread = [_flat(builder, _along(builder, o, selected)) for o in operands]
        count = builder.length(places[0], 0)

    def trip(k: Value) -> Steps:
        number = stage.operand(k, frame, node)
        with builder.at(stage.place(frame, node)):
            items = [builder.let(GETITEM, (each, number)) for each in places]
            place = items[0] if len(items) == 1 else Pack("tuple", tuple(items))
            old = builder.let(GETITEM, (stage.operand(target, frame, node), place))
            new = [builder.let(GETITEM, (s, number)) if _rank(s) else s for s in spread]
            made = builder.let(call(ufunc), (old, *new))
        write(stage, frame, node, target, place, made)
        return FALL
        yield

    stop = count if isinstance(count, Var) else Static(count.value)  # type: ignore[union-attr]
    over = Iterable(Static(0), stop, Static(1), trip)
    return (yield counted_loop(stage, frame, node, over, trip))


def _vectors(builder: Builder, index: Operand) -> list[Var]:
    """The vectors of whole numbers, all as long, that an index is made of; none if it is not."""
    found: list[Var] = []
    for item in index_items(index):
        listed = isinstance(item, Pack) and item.kind == "list"
        vector = builder.let(call(np.asarray), (item,)) if listed else item
        if not isinstance(vector, Var) or not _is_vector(vector):
            return []
        found.append(vector)
    facts = builder.facts
    return found if all(same_shape(found[0].type, each.type, facts) for each in found) else []


def _is_vector(index: Var) -> bool:
    type_ = index.type
    return isinstance(type_, Array) and rank(type_) == 1 and type_.dtype.kind in "iu"


def _places(builder: Builder, held: Var, index: Operand, width: int) -> tuple[Var, list[Var]]:
    """What an index selects of the numbers of all elements, and their places axis by axis."""
    shape = builder.shape(held)
    numbers = builder.let(call(np.arange), (builder.let(call(np.size), (held,)),))
    grid = builder.let(method(np.reshape, "reshape"), (numbers, shape))
    selected = builder.let(GETITEM, (grid, index))
    flat = builder.let(call(np.ravel), (selected,))
    if width == 1:
        return selected, [flat]
    parts = builder.let(call(np.unravel_index), (flat, shape))
    return selected, [builder.let(GETITEM, (parts, Const(k))) for k in range(width)]


def _flat(builder: Builder, value: Operand) -> Operand:
    """An array as a vector; a number as it is."""
    if _rank(value) in (0, 1):
        return value
    return builder.let(method(np.ravel, "ravel"), (value,))


def _along(builder: Builder, value: Operand, selected: Var) -> Operand:
    """`value` with an element, or a row, for each that is `selected`; a number as it is."""
    if isinstance(value, Pack):
        value = builder.let(call(np.array), (value,))
    if _rank(value) == 0:
        return value
    return builder.let(call(np.broadcast_to), (value, builder.shape(selected)))


def _rank(operand: Operand) -> int | None:
    return rank(operand.type) if isinstance(operand, Var) else 0
