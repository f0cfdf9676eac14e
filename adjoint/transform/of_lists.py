"""Functions of lists whose length is known at run time only."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from adjoint import runtime
from adjoint.analyses.activity import Activity
from adjoint.errors import Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.handles import handle, operand
from adjoint.ir.lists import AS_LIST, TO_LIST
from adjoint.ir.nodes import Const, Let, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form, Op, attribute, call
from adjoint.ir.values import Array, ListOf, Unknown, adjoint_type, rank
from adjoint.rules import lookup
from adjoint.transform.accumulate import Adjoints, complete

__all__ = ["pull_back_joined", "refuse_list"]

_LISTED = (np.array, np.asarray, np.asanyarray, np.stack)
#: What a function that joins arrays is for such of a rank: a simpler one, along an axis.
_STACKS: dict[tuple[Callable[..., Any], int | None], tuple[Callable[..., Any], int]] = {
    (np.vstack, 1): (np.stack, 0),
    (np.vstack, 2): (np.concatenate, 0),
    (np.hstack, 0): (np.stack, 0),
    (np.hstack, 1): (np.concatenate, 0),
    (np.hstack, 2): (np.concatenate, 1),
    (np.column_stack, 1): (np.stack, 1),
    (np.column_stack, 2): (np.concatenate, 1),
    (np.dstack, 2): (np.stack, 2),
}


def pull_back_joined(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """A function of a list whose length is known at run time only."""
    owner = let.args[0]
    assert isinstance(owner, Var)
    assert let.target is not None
    axis = dict(let.kwargs).get("axis", let.args[1] if len(let.args) > 1 else None)
    function, axis = _joining(let.op.function, axis, owner)
    if _holds_lists_of_arrays(owner):
        _refuse_lists_of_arrays(let)
    if function is np.stack and isinstance(axis, Const):
        rows = _rows(builder, g, let.target, owner, axis.value)
    elif function in (sum, math.fsum):
        rows = _repeated(builder, g, owner)
    elif function in (max, min):
        rows = _extreme(builder, let, g, owner)
    elif function is np.concatenate and isinstance(axis, Const):
        args = (complete(builder, g, let.target), owner, axis)
        adjoints.add(
            owner, builder.let(call(runtime.split_like), args, type_=adjoint_type(owner.type))
        )
        return
    else:
        refuse_list(let)
    adjoints.add(owner, rows if _is_list(rows) else _as_list(builder, rows, owner))


def _joining(function: Callable[..., Any], axis: Operand | None, owner: Var) -> tuple[Any, Any]:
    """A function that joins arrays, as ``np.stack`` or ``np.concatenate`` along an axis."""
    count = rank(owner.type.item) if isinstance(owner.type, ListOf) and owner.type.item else None
    if function in _LISTED or function is np.concatenate:
        return np.concatenate if function is np.concatenate else np.stack, axis or Const(0)
    found = _STACKS.get((function, count)) if axis is None else None
    return (found[0], Const(found[1])) if found else (function, axis)


def _rows(builder: Builder, g: Operand, target: Var, owner: Var, axis: int) -> Operand:
    """The cotangents of the items of a list that was made an array, in which `axis` counts them."""
    assert isinstance(owner.type, ListOf)
    if rank(type_of(g)) == 0 and owner.type.item is not None and rank(owner.type.item) == 0:
        return _repeated(builder, g, owner)
    whole = complete(builder, g, target)
    if axis == 0:
        return whole
    if rank(target.type) == 2:
        return builder.let(attribute(np.transpose, "T"), (whole,))
    return builder.let(call(np.moveaxis), (whole, Const(axis), Const(0)))


def _holds_lists_of_arrays(owner: Var) -> bool:
    """Whether a list holds lists of arrays: ``tolist`` would make lists of numbers of these."""
    item = owner.type.item if isinstance(owner.type, ListOf) else None
    if not isinstance(item, ListOf):
        return False
    while isinstance(item, ListOf):
        item = item.item
    return item is not None and rank(item) not in (None, 0)


def _refuse_lists_of_arrays(let: Let) -> NoReturn:
    what = "a list of run-time length that holds lists of arrays is made an array"
    raise Unsupported(what, let.place, "put arrays into it: rows.append(np.array([a, b]))")


def _is_list(value: Operand) -> bool:
    return isinstance(type_of(value), ListOf)


def _as_list(builder: Builder, rows: Operand, owner: Var) -> Operand:
    if isinstance(owner.type, ListOf) and isinstance(owner.type.item, ListOf):
        return builder.let(TO_LIST, (rows,), name=owner.name, type_=owner.type)
    return builder.let(AS_LIST, (rows,), name=owner.name, type_=owner.type)


def _repeated(builder: Builder, g: Operand, owner: Var) -> Operand:
    one = Pack("list", (g,))
    count = builder.let(call(len), (owner,))
    return builder.let(
        Op(operator.mul, Form.OPERATOR, "*"), (one, count), name=owner.name, type_=owner.type
    )


def _extreme(builder: Builder, let: Let, g: Operand, owner: Var) -> Operand:
    is_mixed = isinstance(owner.type, ListOf) and isinstance(owner.type.item, Unknown)
    type_ = Array(np.dtype(float), (builder.facts.fresh(),)) if is_mixed else None
    array = builder.let(call(np.array), (owner,), type_=type_)
    rule = lookup(np.max if let.op.function is max else np.min)
    assert rule is not None
    assert let.target is not None
    made = rule.vjps["a"](handle(builder, g), handle(builder, let.target), handle(builder, array))
    return operand(made)


def refuse_list(let: Let) -> NoReturn:
    """Refuse a function of a list whose length is known at run time only."""
    name = getattr(let.op.function, "__name__", let.op.name)
    raise Unsupported(
        f"{name} of a list that grows at run time is not differentiated",
        let.place,
        "make an array of the list with np.array or np.stack first",
    )
