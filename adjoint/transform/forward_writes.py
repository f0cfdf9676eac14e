"""The tangent of an array that is written: a shadow of it, written alike.

What is written into an array is written into its shadow at the same place, just before: the old
contents are then still there.
"""

from __future__ import annotations

import numpy as np

from adjoint.errors import Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import BINARY, GETITEM, Form, Op, call, operation
from adjoint.ir.updates import path_of, update_place, written_value
from adjoint.ir.values import Array, rank
from adjoint.rules import lookup
from adjoint.transform.accumulate import cast
from adjoint.transform.pushforwards import tangent_by_rule
from adjoint.transform.tangents import Tangents

__all__ = ["push_forward_write"]

_SUMS = ("+", "-")
_FACTORS = ("*", "/")


def push_forward_write(builder: Builder, tangents: Tangents, let: Let) -> None:
    """Write into the shadow what `let` writes into its array, and note the new shadow.

    Raises
    ------
    Unsupported
        If the operator has no derivative.
    """
    assert let.target is not None
    old, value = let.args[0], written_value(let)
    assert isinstance(old, Var)
    if old not in tangents and value not in tangents:
        return
    if let.op.form is Form.UPDATE:
        made = _whole(builder, tangents, let)
    elif let.op.name in _SUMS and value not in tangents:
        made = tangents.values[old]
    elif let.op.name in _SUMS or let.op.name == "":
        made = _alike(builder, tangents, let)
    elif let.op.form is Form.UPDATE_INDEX:
        made = _scaled(builder, tangents, let)
    else:
        raise Unsupported(
            "what np.multiply.at and np.divide.at write is not differentiated",
            let.place,
            "write a loop over the index",
        )
    tangents.define(let.target, made)


def _whole(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """``a op= e``: the tangent of ``a op e``, in the dtype of ``a``."""
    assert let.target is not None
    function = BINARY[let.op.name]
    rule = lookup(function)
    assert rule is not None, f"{let.op.name} is active and has no rule"
    ans = builder.let(operation(function), let.args)
    as_value = Let(ans, operation(function), let.args, (), let.place)
    made = tangent_by_rule(builder, tangents, as_value, rule, ans)
    return None if made is None else cast(builder, made, let.target.type)


def _alike(builder: Builder, tangents: Tangents, let: Let) -> Operand:
    """``a[i] = e``, ``a[i] += e``: the same of the tangents."""
    value = written_value(let)
    shadow = _shadow(builder, tangents, let)
    t = tangents.values[value] if isinstance(value, Var) and value in tangents else None
    if t is None:
        t = tangents.whole(value)
    return _update(builder, tangents, let, let.op, shadow, t)


def _scaled(builder: Builder, tangents: Tangents, let: Let) -> Operand:
    """``a[i] *= e`` and its like, as ``a[i] = a[i] * e``."""
    old, value = let.args[0], written_value(let)
    shadow = _shadow(builder, tangents, let)
    if let.op.name in _FACTORS and value not in tangents:
        return _update(builder, tangents, let, let.op, shadow, value)
    before = _place(builder, old, let)
    if old in tangents:
        tangents.define(before, _place(builder, shadow, let))
    function = operation(BINARY[let.op.name])
    rule = lookup(function.function)
    assert rule is not None, f"{let.op.name} is active and has no rule"
    after = builder.let(function, (before, value))
    as_value = Let(after, function, (before, value), (), let.place)
    t = tangent_by_rule(builder, tangents, as_value, rule, after) or Const(0)
    return _update(builder, tangents, let, update_place(), shadow, t)


def _shadow(builder: Builder, tangents: Tangents, let: Let) -> Operand:
    """The tangent of the array, as an array of its own also where that has no axes."""
    assert let.target is not None
    old = let.args[0]
    shadow = tangents.whole_and_writable(old)
    found = type_of(shadow)
    if isinstance(found, Array) and not found.scalar:
        return shadow
    if rank(type_of(old)) is None:
        return shadow
    return builder.let(call(np.full_like), (old, shadow), name=let.target.name)


def _update(
    builder: Builder, tangents: Tangents, let: Let, op: Op, shadow: Operand, value: Operand
) -> Var:
    assert let.target is not None
    args = (shadow, *path_of(let), value)
    return builder.let(op, args, name=let.target.name, type_=let.target.type)


def _place(builder: Builder, of: Operand, let: Let) -> Var:
    """The place that an update writes, in `of`."""
    held = of
    for index in path_of(let):
        held = builder.let(GETITEM, (held, index))
    assert isinstance(held, Var)
    return held
