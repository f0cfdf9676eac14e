"""Numbers in the place of arrays that hold one number everywhere."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import DIFFERENCES, PRODUCTS, QUOTIENTS, SUMS
from adjoint.ir.indices import is_basic_index
from adjoint.ir.infer import infer
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Let, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import rank
from adjoint.optimise.rewriting import Result, Rule, Surroundings, same_type

__all__ = ["EVERYWHERE"]

#: The same elements in another arrangement.
_REARRANGED = frozenset(
    {np.expand_dims, np.reshape, np.ravel, np.squeeze, np.transpose, np.swapaxes, np.moveaxis}
)


def _with_numbers(let: Let, near: Surroundings) -> Result:
    """``np.broadcast_to(d, x.shape)[:, None] / t -> d / t``, where the shape is that of `t`."""
    if let.kwargs or let.target is None or len(let.args) != 2:
        return None
    for at, arg in enumerate(let.args):
        number = _everywhere(arg, near)
        if number is None:
            continue
        args = (number, let.args[1]) if at == 0 else (let.args[0], number)
        type_ = infer(let.op.function, args, (), near.facts)
        if same_type(Var(-1, "", type_), let.target, near.facts):
            return (near.change(let, let.op, args),)
    return None


def _everywhere(operand: Operand, near: Surroundings) -> Operand | None:
    """The number that all elements of an array are."""
    let = near.definition(operand)
    while let is not None and _keeps_number(let):
        let = near.definition(let.args[0])
    if let is None or let.op.function is not np.broadcast_to or let.kwargs:
        return None
    number = let.args[0]
    is_number = rank(type_of(number)) == 0 and is_immutable(type_of(number))
    return number if is_number and not isinstance(number, Pack) else None


def _keeps_number(let: Let) -> bool:
    if let.op.function is operator.getitem:
        return is_basic_index(let.args[1])
    return let.op.function in _REARRANGED


EVERYWHERE: dict[Callable[..., Any], Rule] = dict.fromkeys(
    SUMS | DIFFERENCES | PRODUCTS | QUOTIENTS, _with_numbers
)
