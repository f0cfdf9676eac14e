"""What one statement of the primal contributes to the adjoints of its operands."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint import runtime
from adjoint.analyses.activity import Activity
from adjoint.ir.builder import Builder
from adjoint.ir.custom import Taken
from adjoint.ir.dicts import COPY_DICT, GET, is_dict
from adjoint.ir.handles import ADD_AT
from adjoint.ir.indices import index_items, is_basic_index, takes_all
from adjoint.ir.lists import (
    AS_LIST,
    COPY_ITEMS,
    COPY_LIST,
    DROP,
    JOIN_LISTS,
    PUSHED,
    TO_LIST,
    TOP,
    is_slice_of_list,
)
from adjoint.ir.nodes import Const, Let, Operand, Pack, Role, SliceOf, Var
from adjoint.ir.operands import strip, type_of
from adjoint.ir.ops import GETITEM, Form, call, method, operation
from adjoint.ir.updates import update_place
from adjoint.ir.values import Array, ListOf, TupleOf, Type, rank, same_shape
from adjoint.rules import lookup
from adjoint.transform.accumulate import Adjoints, adjoint_type, complete, fit, writable, zero
from adjoint.transform.by_rule import by_rule, pull_back_tuple
from adjoint.transform.custom import pull_back_rule, pull_back_taken
from adjoint.transform.dict_reads import pull_back_read
from adjoint.transform.keep import POP
from adjoint.transform.list_edits import pull_back_edit, pull_back_repetition
from adjoint.transform.masks import arranged, common, picked
from adjoint.transform.masks_pushed import as_pushed
from adjoint.transform.of_lists import pull_back_joined, refuse_list
from adjoint.transform.writes import is_single, pull_back_write

__all__ = ["pull_back"]


ADD_AT_INDEX = update_place("+")


def pull_back(builder: Builder, adjoints: Adjoints, active: Activity, let: Let) -> None:
    """Add what `let` contributes, and forget the adjoint of its target.

    Raises
    ------
    Unsupported
        If the function has no rule, or none for these arguments.
    """
    assert let.target is not None
    if let.op.form is Form.RULE:
        pull_back_rule(builder, adjoints, active, let)
        return
    if isinstance(let.target.type, TupleOf):
        pull_back_tuple(builder, adjoints, active, let)
        return
    g = adjoints.pop(let.target)
    if let.op == DROP:
        _dropped(builder, adjoints, let, g)
        return
    if g is None:
        return
    special = _construct(let)
    if special is not None:
        special(builder, adjoints, active, let, g)
        return
    rule = lookup(let.op.function)
    assert rule is not None, f"{let.op} is active and has no rule"
    by_rule(builder, adjoints, active, let, rule, g)


# -- constructs of the language --------------------------------------------------------------------


def _construct(let: Let) -> Callable[..., None] | None:
    if let.op.function in _HELPERS:
        return _HELPERS[let.op.function]
    if isinstance(let.op.function, Taken):
        return pull_back_taken
    listed = any(isinstance(type_of(a), ListOf) for a in let.args)
    match let.op.form:
        case Form.ALIAS:
            return _alias
        case Form.METHOD if let.op in (COPY_LIST, COPY_DICT):
            return _alias
        case Form.METHOD if let.op == GET:
            return pull_back_read
        case Form.INDEX if is_dict(type_of(let.args[0])):
            return pull_back_read
        case _ if let.op == COPY_ITEMS:
            return _alias
        case _ if let.op in (AS_LIST, TO_LIST):
            return _listed
        case Form.INDEX if let.op == TOP:
            return _popped_last
        case Form.INDEX:
            return _list_item if listed else _item
        case Form.UPDATE_METHOD:
            return pull_back_edit
        case Form.UPDATE_STACK:
            return _pushed
        case Form.UPDATE | Form.UPDATE_INDEX | Form.UPDATE_AT:
            return pull_back_write
        case Form.LITERAL:
            return _display
        case Form.CALL if listed:
            return pull_back_joined
        case Form.OPERATOR if let.op == JOIN_LISTS:
            return _joined
        case Form.OPERATOR if isinstance(let.target and let.target.type, ListOf) and not listed:
            return pull_back_repetition
        case Form.OPERATOR if listed:
            return lambda *_: refuse_list(let)
        case _:
            return None


def _alias(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    source = let.args[0]
    if isinstance(source, Var) and source in active:
        adjoints.add(source, g)


def _item(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    """``a[index]``: the cotangent is added to the adjoint of `a` at the index."""
    owner, index = let.args
    if not isinstance(owner, Var) or owner not in active:
        return
    if isinstance(owner.type, TupleOf):
        assert isinstance(index, Const)
        held, position = adjoints.parts.setdefault(owner, {}), index.value % len(owner.type.items)
        old = held.get(position)
        held[position] = g if old is None else builder.let(operation(operator.add), (old, g))
        return
    if rank(owner.type) == 0:  # of the only item, under axes of length 1
        adjoints.add(owner, g if rank(type_of(g)) == 0 else builder.let(call(np.sum), (g,)))
        return
    if _only_adds_axes(index) and isinstance(owner.type, Array) and let.target is not None:
        g = complete(builder, g, let.target)
        shape, mask = builder.shape(owner), adjoints.masks.get(g, ())
        made = builder.let(method(np.reshape, "reshape"), (g, shape))
        adjoints.masks[made] = arranged(
            builder, mask, g, functools.partial(_without_axes, builder, owner, shape)
        )
        adjoints.add(owner, made)
        return
    owner, path = _way_to(builder, adjoints, owner, index)
    old = adjoints.pop(owner)
    whole = zero(builder, owner) if old is None else writable(builder, old, owner)
    op = ADD_AT_INDEX if is_single(adjoints, index) else ADD_AT
    type_ = type_of(whole) if isinstance(owner.type, ListOf) else _type(owner)
    made = builder.let(op, (whole, *path, g), name=adjoints.name(owner), type_=type_)
    adjoints.values[owner] = made
    if len(path) == 1:
        if let.target is not None:
            adjoints.reads[made] = let.target
        read = picked(type_of(whole), path[0])
        masks = [read if old is None else adjoints.masks.get(old, ()), read]
        adjoints.masks[made] = common(builder, masks, adjoints.written)


def _way_to(
    builder: Builder, adjoints: Adjoints, owner: Var, index: Operand
) -> tuple[Var, tuple[Operand, ...]]:
    """The array that ``owner[index]`` is a part of, if that has an adjoint, and the indices."""
    base: Var = owner
    path: tuple[Operand, ...] = (index,)
    while base not in adjoints.values:
        made = builder.definitions.get(base)
        if made is None or made.op.form is not Form.INDEX or not is_basic_index(made.args[1]):
            return owner, (index,)
        if not isinstance(made.args[0], Var) or not isinstance(made.args[0].type, Array | ListOf):
            return owner, (index,)
        if is_slice_of_list(made):
            if not takes_all(made.args[1]):
                return owner, (index,)  # a part of a list is a list of its own
            base = made.args[0]
            continue
        if rank(made.args[0].type) == 0:  # its adjoint is a number, into which nothing is written
            return owner, (index,)
        base, path = made.args[0], (made.args[1], *path)
    return base, path


def _only_adds_axes(index: Operand) -> bool:
    """Whether an index takes every element: ``a[:, None]``."""
    items = index_items(index)
    return all(takes_all(i) or (isinstance(i, Const) and i.value is None) for i in items)


def _without_axes(builder: Builder, owner: Var, shape: Var, value: Operand) -> Operand:
    """A value in the shape of `owner`, to which it only adds axes."""
    made = builder.definitions.get(value) if isinstance(value, Var) else None
    before = made.args[0] if made and made.op == GETITEM and _only_adds_axes(made.args[1]) else None
    if before is not None and same_shape(type_of(before), owner.type, builder.facts):
        return before
    return builder.let(method(np.reshape, "reshape"), (value, shape))


def _type(owner: Var) -> Type:
    return strip(owner.type)


def _list_item(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    owner, index = let.args
    assert isinstance(owner, Var)
    if is_slice_of_list(let):
        _list_part(builder, adjoints, owner, index, g)
        return
    owner, path = _way_to(builder, adjoints, owner, index)
    held = adjoints.pop(owner)
    if held is None:
        held = zero(builder, owner)
    op, value = ADD_AT_INDEX, g
    if isinstance(type_of(g), ListOf):
        op, value = update_place(), _summed_lists(builder, held, path, g)
    args = (held, *path, value)
    made = builder.let(op, args, name=adjoints.name(owner), type_=type_of(held))
    adjoints.values[owner] = made


def _list_part(builder: Builder, adjoints: Adjoints, owner: Var, part: Operand, g: Operand) -> None:
    """``xs[a:b]``: the cotangents are added to those of the items that it takes."""
    if takes_all(part):
        adjoints.add(owner, g)
        return
    held = adjoints.pop(owner)
    if held is None:
        held = zero(builder, owner)
    name, type_ = adjoints.name(owner), type_of(held)
    made = builder.let(call(runtime.add_to_part), (held, part, g), name=name, type_=type_)
    adjoints.values[owner] = made


def _summed_lists(
    builder: Builder, held: Operand, path: tuple[Operand, ...], g: Operand
) -> Operand:
    """The adjoint of a list in a list, with the cotangents of its items added."""
    for index in path:
        held = builder.let(GETITEM, (held, index), type_=type_of(g))
    return builder.let(call(runtime.add_lists), (held, g), type_=type_of(g))


def _display(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    pack = let.args[0]
    assert isinstance(pack, Pack)
    keys = pack.keys or tuple(map(Const, range(len(pack.items))))
    for key, item in zip(keys, pack.items, strict=True):
        if isinstance(item, Var) and item in active:
            part = builder.let(GETITEM, (g, key), type_=None if pack.keys else item.type)
            adjoints.add(item, fit(builder, part, item, None))


def _joined(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    """``xs + ys`` of lists: each gets the cotangents of its items."""
    left, _ = let.args
    none, count = Const(None), builder.let(call(len), (left,))
    parts = (SliceOf(none, count, none), SliceOf(count, none, none))
    for each, part in zip(let.args, parts, strict=True):
        if isinstance(each, Var) and each in active:
            adjoints.add(each, builder.let(GETITEM, (g, part), type_=type_of(g)))


def _listed(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    """A list of the rows of an array: the cotangents are put together."""
    source = let.args[0]
    if not isinstance(source, Var) or source not in active:
        return
    d_source = builder.let(call(np.array), (g,), _narrow(source.type))
    if rank(source.type) != 1:  # of no rows at all, that has one axis
        d_source = builder.let(call(np.reshape), (d_source, builder.shape(source)))
    adjoints.add(source, d_source)


def _narrow(type_: Type) -> tuple[tuple[str, Operand], ...]:
    """Of an array of another dtype than numbers of Python have: that, as a keyword."""
    if not isinstance(type_, Array) or type_.dtype in (float, complex):
        return ()
    return (("dtype", Const(type_.dtype)),)


# -- what the sweeps of a derivative are made of, where that is differentiated -------------------


def _pushed(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    """What is pushed: the last item of the adjoint is its cotangent; the rest remains."""
    owner, value = let.args
    item = builder.let(POP, (g,), type_=type_of(value))
    if isinstance(value, Var) and value in active:
        given = fit(builder, item, value, None)
        adjoints.masks[given] = as_pushed(builder, adjoints, let)
        adjoints.add(value, given)
    if isinstance(owner, Var):
        adjoints.values[owner] = g


def _dropped(builder: Builder, adjoints: Adjoints, let: Let, g: Operand | None) -> None:
    """What was popped: its cotangent is pushed on the adjoint."""
    owner, last = let.args
    assert let.target is not None
    assert isinstance(owner, Var)
    d_last = adjoints.pop(last) if isinstance(last, Var) else None
    if isinstance(last, Var) and d_last is not None and last in adjoints.popped:
        adjoints.pushed[adjoints.popped[last].push] = adjoints.masks.get(d_last, ())
    if g is None and d_last is None:
        return
    rest = zero(builder, let.target) if g is None else g
    if isinstance(last, Var):
        item = zero(builder, last) if d_last is None else complete(builder, d_last, last)
    else:
        item = Const(0.0)
    name = adjoints.name(owner)
    made = builder.let(PUSHED, (rest, item), name=name, type_=adjoint_type(owner.type))
    adjoints.values[owner] = made


def _popped_last(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """What was popped: where no one reads the stack that was left, that was empty."""
    owner = let.args[0]
    assert isinstance(owner, Var)
    assert let.target is not None
    if owner in adjoints.values or owner.role is not Role.STACK:
        _list_item(builder, adjoints, active, let, g)
        return
    args = (zero(builder, owner), complete(builder, g, let.target))
    type_ = adjoint_type(owner.type)
    adjoints.values[owner] = builder.let(PUSHED, args, name=adjoints.name(owner), type_=type_)


# -- helpers of generated code ----------------------------


def _unbroadcast(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """``unbroadcast(d, x)`` sums `d`, or spreads it out: the cotangent is spread out, or summed."""
    source = let.args[0]
    if isinstance(source, Var) and source in active:
        if let.target is not None:
            g = complete(builder, g, let.target)
        made = builder.let(call(runtime.unbroadcast), (g, source), type_=adjoint_type(source.type))
        adjoints.add(source, made)


def _add_lists(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """The sum of two lists, item by item: both get the cotangent, each a list of its own."""
    copy = COPY_DICT if is_dict(type_of(g)) else COPY_LIST
    for source in let.args:
        if isinstance(source, Var) and source in active:
            adjoints.add(source, builder.let(copy, (g,), type_=type_of(g)))


def _add_to_part(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """A list with others added to a part of it: these get the cotangents of that part."""
    whole, part, added = let.args
    if isinstance(added, Var) and added in active:
        adjoints.add(added, builder.let(GETITEM, (g, part), type_=type_of(g)))
    if isinstance(whole, Var) and whole in active:
        adjoints.add(whole, g)


def _split_like(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """An array that was cut into a list of arrays: the cotangents are put together."""
    source, _, axis = let.args
    if isinstance(source, Var) and source in active:
        op = call(np.concatenate)
        adjoints.add(source, builder.let(op, (g,), (("axis", axis),), type_=strip(source.type)))


_HELPERS: dict[Callable[..., Any], Callable[..., None]] = {
    runtime.unbroadcast: _unbroadcast,
    runtime.add_lists: _add_lists,
    runtime.add_dicts: _add_lists,
    runtime.add_to_part: _add_to_part,
    runtime.split_like: _split_like,
}
