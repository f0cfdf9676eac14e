"""What adding an item to a list contributes, and taking one out.

An edit of a list goes back by its inverse on the adjoint of the list: what was added is taken out,
and has its cotangent there; what was taken out is put back, with a cotangent of zero.
"""

from __future__ import annotations

import numpy as np

from adjoint import runtime
from adjoint.analyses.activity import Activity
from adjoint.ir.builder import Builder
from adjoint.ir.dicts import is_dict
from adjoint.ir.nodes import Const, Let, Operand, Pack, SliceOf, Var
from adjoint.ir.operands import strip, type_of
from adjoint.ir.ops import GETITEM, call
from adjoint.ir.updates import (
    APPEND,
    DISCARD,
    EXCHANGE,
    INSERT,
    SET_DEFAULT,
    edit_of,
    is_exchange,
    path_of_edit,
    update_place,
    way_of_edit,
)
from adjoint.ir.values import OPAQUE, ListOf, Maybe, Unknown, rank
from adjoint.transform.accumulate import Adjoints, fit, zeros_in
from adjoint.transform.keep import POP

__all__ = ["pull_back_edit", "pull_back_repetition", "zero_item"]


def pull_back_edit(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """Add what ``xs.append(e)``, ``xs.insert(i, e)`` or ``xs.pop(i)`` contributes."""
    if let.op == SET_DEFAULT:  # a constant, where there was nothing that could take a cotangent
        if isinstance(let.args[0], Var) and let.args[0] in active:
            adjoints.values[let.args[0]] = g
        return
    if is_exchange(let):
        _exchanged(builder, adjoints, active, let, g)
        return
    if let.op == DISCARD:
        _discarded(builder, adjoints, active, let, g)
        return
    if let.op.function is list.pop:
        _taken_out(builder, adjoints, active, let, g)
        return
    owner, value = let.args[0], let.args[-1]
    edited = g
    for index in way_of_edit(let):
        edited = builder.let(GETITEM, (edited, index))
    type_, held = type_of(value), type_of(edited)
    item_type = held.item if isinstance(held, ListOf) else None
    is_open = type_ == ListOf(None)  # it was put there empty, and may hold something by now
    if item_type is not None and (is_open or isinstance(item_type, Unknown)):
        type_ = item_type
    item = builder.let(POP, (edited, *path_of_edit(let)), type_=type_)
    if isinstance(value, Var) and value in active:
        adjoints.add(value, fit(builder, item, value, None))
    if isinstance(owner, Var):
        adjoints.values[owner] = g


def _exchanged(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """``xs[i], xs[j] = xs[j], xs[i]``: so do their cotangents."""
    owner = let.args[0]
    if isinstance(owner, Var) and owner in active:
        args = (g, *let.args[1:])
        made = builder.let(EXCHANGE, args, name=adjoints.name(owner), type_=type_of(g))
        adjoints.values[owner] = made


def _discarded(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """``d.pop(k)``: what was read of that key since is of another value."""
    owner, key = let.args
    if isinstance(owner, Var) and owner in active:
        args = (g, key, zero_item(builder, owner, (key,)))
        made = builder.let(update_place(), args, name=adjoints.name(owner), type_=type_of(g))
        adjoints.values[owner] = made


def _taken_out(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    owner, way, path = let.args[0], way_of_edit(let), path_of_edit(let)
    if not isinstance(owner, Var) or owner not in active:
        return
    zero = zero_item(builder, owner, (*way, *(path or (Const(-1),))))
    args = edit_of(g, way, *path, zero)
    made = builder.let(
        INSERT if path else APPEND, args, name=adjoints.name(owner), type_=type_of(g)
    )
    adjoints.values[owner] = made


def pull_back_repetition(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """``[x, y] * n``: each item has the sum of the cotangents of all its copies."""
    items, _ = let.args
    assert isinstance(items, Pack), "a list of known items is repeated"
    for position, item in enumerate(items.items):
        if isinstance(item, Var) and item in active:
            every = SliceOf(Const(position), Const(None), Const(len(items.items)))
            copies = builder.let(GETITEM, (g, every)) if len(items.items) > 1 else g
            total = builder.let(call(sum), (copies,), type_=item.type)
            adjoints.add(item, fit(builder, total, item, None))


def zero_item(builder: Builder, owner: Var, path: tuple[Operand, ...]) -> Operand:
    """A cotangent of zero for an item of a list or dict."""
    if is_dict(owner.type):
        return Const(0.0)
    item: Operand = owner
    for index in path:
        item = builder.let(GETITEM, (item, index))
    type_ = strip(type_of(item))
    if rank(type_) == 0:
        return Const(0.0)
    if isinstance(type_of(item), Maybe):
        return builder.let(call(runtime.zeros_in_lists), (item,), type_=Maybe(type_))
    if isinstance(type_, Unknown):  # it may be a whole number
        shape = builder.let(call(np.shape), (item,), type_=OPAQUE)
        return builder.let(call(np.zeros), (shape,), type_=type_)
    if isinstance(type_, ListOf):
        return zeros_in(builder, item, type_)
    return builder.let(call(np.zeros_like), (item,), type_=type_)
