"""What a write into an array contributes: to the array as it was, and to what is written.

The new version of the array is a value of its own; the adjoint of the old one is that of the new
one, without what was overwritten.
"""

from __future__ import annotations

import operator
from dataclasses import replace

import numpy as np

from adjoint import runtime
from adjoint.analyses.activity import Activity
from adjoint.errors import Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.dicts import is_dict
from adjoint.ir.indices import index_items
from adjoint.ir.nodes import Const, Let, Operand, Pack, SliceOf, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import BINARY, GETITEM, Form, call, method, operation
from adjoint.ir.updates import is_stored, path_of, update_place, written_value
from adjoint.ir.values import Array, ListOf, Maybe, Scalar, rank
from adjoint.ir.walk import operand_vars
from adjoint.rules import lookup
from adjoint.transform.accumulate import Adjoints, adjoint_type, fit, writable
from adjoint.transform.by_rule import by_rule
from adjoint.transform.list_edits import zero_item
from adjoint.transform.masks import Mask, is_left_out, left, outside, still
from adjoint.transform.read_parts import meets_singular

__all__ = ["is_single", "pull_back_write"]

_SUMS = {"+": None, "-": operator.neg}


def pull_back_write(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """Add what an update of an array contributes.

    Raises
    ------
    Unsupported
        If the operator has no derivative.
    """
    assert let.target is not None
    if let.op.form is Form.UPDATE:
        _whole(builder, adjoints, active, let, g)
        return
    g = writable(builder, g, let.target)
    if let.op.name in _SUMS:
        _added(builder, adjoints, active, let, g)
    elif let.op.name == "":
        _assigned(builder, adjoints, active, let, g)
    elif let.op.form is Form.UPDATE_INDEX:
        _scaled(builder, adjoints, active, let, g)
    else:
        raise Unsupported(
            "what np.multiply.at and np.divide.at write is not differentiated",
            let.place,
            "write a loop over the index",
        )


def _whole(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    """``a op= e``: as ``a = a op e``, in the shape and dtype of `a`."""
    function = BINARY[let.op.name]
    rule = lookup(function)
    assert rule is not None, f"{let.op.name} is active and has no rule"
    by_rule(builder, adjoints, active, replace(let, op=operation(function)), rule, g)


def _added(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    """``a[i] += e``: the adjoint of `a` stays, and `e` gets that of the place."""
    _to_old(adjoints, active, let, g)
    value = written_value(let)
    if any(v in active for v in operand_vars(value)):
        taken = _taken(builder, adjoints, let, g)
        negate = _SUMS[let.op.name]
        if negate is not None:
            taken = builder.let(operation(negate), (taken,))
        _give(builder, adjoints, active, value, taken)


def _assigned(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    """``a[i] = e``: `e` gets the adjoint of the place, which is then zero."""
    value = written_value(let)
    wanted = any(v in active for v in operand_vars(value)) and not _is_zero(
        builder, adjoints, let, g
    )
    taken = _taken(builder, adjoints, let, g) if wanted else None
    _to_old(adjoints, active, let, _killed(builder, adjoints, active, let, g))
    if taken is not None:
        _give(builder, adjoints, active, value, taken)


def _is_zero(builder: Builder, adjoints: Adjoints, let: Let, g: Operand) -> bool:
    """Whether no element of a cotangent is other than zero at the place that is written."""
    path, mask = path_of(let), adjoints.masks.get(g, ())
    return len(path) == 1 and is_left_out(builder, mask, let.args[0], path[0], adjoints.written)


def _give(
    builder: Builder, adjoints: Adjoints, active: Activity, value: Operand, taken: Operand
) -> None:
    """Give what is written the adjoint of the place; of a display, each item its part."""
    match value:
        case Var() if value in active:
            adjoints.add(value, fit(builder, taken, value, None))
        case Pack(_, items):
            depth = _depth(value)
            for position, item in enumerate(items):
                if any(v in active for v in operand_vars(item)):
                    rest = (Const(slice(None)),) * (depth - 1)
                    index = Pack("tuple", (Const(Ellipsis), Const(position), *rest))
                    simple = rank(type_of(taken)) == depth
                    part = builder.let(GETITEM, (taken, Const(position) if simple else index))
                    _give(builder, adjoints, active, item, part)
        case _:
            pass


def _depth(value: Operand) -> int:
    """The number of axes of the array that NumPy makes of a display."""
    if isinstance(value, Pack) and value.items:
        return 1 + _depth(value.items[0])
    return rank(type_of(value)) or 0


def _killed(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> Operand:
    """The adjoint of the array before a place was overwritten."""
    old = let.args[0]
    if old not in active:
        return g
    assert isinstance(old, Var)
    path = tuple(path_of(let))
    zero = zero_item(builder, old, path) if is_stored(let) else Const(0)
    args = (g, *path, zero)
    killed = builder.let(update_place(), args, type_=adjoint_type(old.type))
    if len(path) == 1:
        mask = left(builder, old, path[0]) or _beside(builder, old, path[0])
        adjoints.masks[killed] = still(builder, mask, killed, adjoints.written)
    return killed


def _beside(builder: Builder, old: Var, index: Operand) -> Mask:
    """Which elements are left beside those at an index, where that may matter."""
    made = builder.definitions.get(old)
    while made is not None and made.op.updates:
        held = made.args[0]
        made = builder.definitions.get(held) if isinstance(held, Var) else None
    return outside(builder, old, index) if meets_singular(builder, made) else ()


def _scaled(builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    """``a[i] *= e`` and its like, as ``a[i] = a[i] * e``."""
    assert let.target is not None
    old, value = let.args[0], written_value(let)
    before, after = _place(builder, old, let), _place(builder, let.target, let)
    once, whole = _taken(builder, adjoints, let, g), _taken(builder, adjoints, let, g, last=False)
    operator_ = Let(after, operation(BINARY[let.op.name]), (before, value), (), let.place)
    rule = lookup(operator_.op.function)
    assert rule is not None, f"{let.op.name} is active and has no rule"
    if any(v in active for v in operand_vars(value)):
        without = replace(active, varied=active.varied - {before})
        by_rule(builder, adjoints, without, operator_, rule, once, has_ans=True)
    if old in active:
        inner = adjoints.inside()
        by_rule(builder, inner, active.only(before), operator_, rule, whole)
        through = inner.pop(before) or Const(0)
        _to_old(adjoints, active, let, _scaled_place(builder, let, g, whole, through))


def _scaled_place(builder: Builder, let: Let, g: Operand, whole: Var, through: Operand) -> Operand:
    """The adjoint of the array with `through` at the place: as a product in place, if it is one."""
    last = builder.statements[-1] if builder.statements else None
    path, type_ = path_of(let), type_of(let.args[0])
    if isinstance(last, Let) and last.target is through and last.args[0] is whole:
        symbol = {operator.mul: "*", operator.truediv: "/"}.get(last.op.function)
        if symbol is not None and through.type == whole.type:
            del builder.statements[-1]
            return builder.let(update_place(symbol), (g, *path, last.args[1]), type_=type_)
    return builder.let(update_place(), (g, *path, through), type_=type_)


def _to_old(adjoints: Adjoints, active: Activity, let: Let, g: Operand) -> None:
    old = let.args[0]
    if isinstance(old, Var) and old in active:
        adjoints.add(old, g)


def _place(builder: Builder, of: Operand, let: Let) -> Var:
    """The place that an update writes, in `of`."""
    held, path = of, path_of(let)
    for index in path[:-1]:
        held = builder.let(GETITEM, (held, index))
    # Of what may be None, the cotangent is a number where it is None.
    is_optional = is_stored(let) and isinstance(type_of(written_value(let)), Maybe)
    owner = type_of(held)
    item = owner.item if is_optional and isinstance(owner, ListOf) else None
    type_ = None if item is None or isinstance(item, Maybe) else Maybe(item)
    return builder.let(GETITEM, (held, path[-1]), type_=type_)


def _taken(builder: Builder, adjoints: Adjoints, let: Let, g: Operand, *, last: bool = True) -> Var:
    """The adjoint of the place; of an element that is written twice, the last write counts."""
    taken = _place(builder, g, let)
    index = path_of(let)[-1]
    if is_dict(type_of(let.args[0])):
        return _whole_item(builder, taken, written_value(let))
    if last and let.op.form is Form.UPDATE_INDEX and not is_single(adjoints, index):
        owner = _owner(builder, let)
        counts = builder.let(call(runtime.last_writes), (index, builder.shape(owner)))
        taken = builder.binary(operator.mul, counts, taken)
    return taken


def _whole_item(builder: Builder, taken: Var, value: Operand) -> Var:
    """What a dict of adjoints holds for an array, in its shape: 0 where nothing was added."""
    type_ = type_of(value)
    if not isinstance(value, Var) or not isinstance(type_, Array) or not type_.shape:
        return taken
    known = all(axis.known for axis in type_.shape)
    shape = Const(tuple(axis.const for axis in type_.shape)) if known else builder.shape(value)
    whole = builder.let(call(np.broadcast_to), (taken, shape), type_=type_)
    if type_.dtype == np.float64:
        return whole
    cast = (whole, Const(type_.dtype))
    return builder.let(method(np.ndarray.astype, "astype"), cast, type_=type_)


def _owner(builder: Builder, let: Let) -> Operand:
    """What the last index of an update selects from."""
    held = let.args[0]
    for index in path_of(let)[:-1]:
        held = builder.let(GETITEM, (held, index))
    return held


def is_single(adjoints: Adjoints, index: Operand) -> bool:
    """Whether an index surely selects no element twice."""
    items = index_items(index)
    vectors = [i for i in items if isinstance(i, Var) and isinstance(i.type, Array)]
    short = all(rank(v.type) in (0, 1) for v in vectors)
    if short and any(v in adjoints.distinct for v in vectors):
        return True
    return any(map(_is_list_without_repeats, items)) or all(map(_is_single, items))


def _is_list_without_repeats(item: Operand) -> bool:
    """Whether an index is written out as a list of different whole numbers, all from one end."""
    values = [i.value for i in item.items if isinstance(i, Const)] if isinstance(item, Pack) else []
    if not isinstance(item, Pack) or item.kind != "list" or len(values) < len(item.items):
        return False
    plain = all(type(v) is int for v in values) and len({v < 0 for v in values}) == 1
    return plain and len(set(values)) == len(values)


def _is_single(item: Operand) -> bool:
    match item:
        case SliceOf() | Var(type=Scalar()):
            return True
        case Const(value):
            parts = value if isinstance(value, tuple) else (value,)
            return all(p is None or p is Ellipsis or isinstance(p, int | slice) for p in parts)
        case Var(type=Array(dtype, shape)):
            return dtype.kind == "b" or shape == ()
        case _:
            return False
