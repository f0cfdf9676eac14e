"""Draws the factor of a mean, ``2 / n``, out of sums, so that it scales one array and not several.

A scale is a constant number divided by a length, ``c / n`` with `c` finite and not 0. As it is
finite and not 0 itself, the rewrites here give inf and nan where the original does; they may round
differently. A sum of numbers that are within a factor of `n` of the largest float may overflow
where their mean does not, as it does in the mean of the program itself. If `n` is 0, both raise.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import PRODUCTS, QUOTIENTS
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import Scalar
from adjoint.optimise.rewriting import Result, Rule, Surroundings, same_type
from adjoint.optimise.signs import is_float, number

__all__ = ["FACTORS"]

#: Longer products are not searched for a scale.
_LONGEST = 8


def _common(let: Let, near: Surroundings) -> Result:
    """``s * x + s / y * z -> s * (x + 1 / y * z)`` for a scale `s`, and so for differences."""
    if let.kwargs or let.target is None or not is_float(let.target):
        return None
    first, second = (_scaled(arg, near) for arg in let.args)
    if not first or not second or _scale(first[-1], near) is not _scale(second[-1], near):
        return None
    left, one = _without_scale(let, first, near)
    right, other = _without_scale(let, second, near)
    if one is None or other is None:
        return None
    total = near.temporary(let)
    scale = _scale(first[-1], near)
    assert scale is not None
    return (
        *left,
        *right,
        near.change(let, let.op, (one, other), total),
        near.write(let, operator.mul, (scale, total)),
    )


def _sum(let: Let, near: Surroundings) -> Result:
    """``np.sum(s * x) -> s * np.sum(x)`` for a scale `s`."""
    if let.target is None or not is_float(let.target) or not is_float(let.args[0]):
        return None
    if len(let.args) != 1 or any(name not in ("axis", "keepdims") for name, _ in let.kwargs):
        return None
    chain = _scaled(let.args[0], near)
    scale = _scale(chain[-1], near) if chain else None
    if scale is None:
        return None
    made, rest = _without_scale(let, chain, near)
    if rest is None:
        return None
    total = near.temporary(let)
    return (
        *made,
        near.change(let, let.op, (rest,), total),
        near.write(let, operator.mul, (scale, total)),
    )


def _inverse(let: Let, near: Surroundings) -> Result:
    """``1 / y * x -> x / y``, which rounds once, and is finite where ``1 / y`` alone is not."""
    first, second = let.args
    inner = near.only_for(first)
    if inner is None or inner.op.function not in QUOTIENTS or inner.kwargs or let.kwargs:
        return None
    one, divisor = inner.args
    if number(one) != 1 or not is_float(second) or not is_float(divisor):
        return None
    return (near.apply(let, inner.op, (second, divisor)),)


# -- products with a scale -------------------------------------------------------------------------


def _scaled(operand: Operand, near: Surroundings) -> list[Let]:
    """The products, each the first factor of the one before, of which the last has a scale."""
    chain: list[Let] = []
    while len(chain) < _LONGEST:
        let = near.only_for(operand)
        if let is None or let.kwargs or let.op.function not in PRODUCTS | QUOTIENTS:
            return []
        chain.append(let)
        if _scale(let, near) is not None:
            return chain
        operand = let.args[0]
    return []


def _scale(let: Let, near: Surroundings) -> Var | None:
    """The first operand of a product, if it is a scale."""
    first = let.args[0]
    if not isinstance(first, Var) or type_of(first) != Scalar("float"):
        return None
    made = near.definition(first)
    if made is None or made.op.function is not operator.truediv:
        return None
    value, count = number(made.args[0]), type_of(made.args[1])
    is_length = isinstance(count, Scalar) and count.kind == "int"
    return first if is_length and value and math.isfinite(value) else None


def _without_scale(
    let: Let, chain: list[Let], near: Surroundings
) -> tuple[list[Let], Operand | None]:
    """What computes the products of a chain again without the scale, and the result."""
    made: list[Let] = []
    last = chain[-1]
    assert last.target is not None
    rest: Operand = last.args[1]
    if not is_float(rest) or not same_type(rest, last.target, near.facts):
        return [], None
    if last.op.function in QUOTIENTS:
        made.append(replace(last, target=near.temporary(last), args=(Const(1), rest)))
    for product in reversed(chain[:-1]):
        args = (made[-1].target or rest) if made else rest
        made.append(
            replace(product, target=near.temporary(product), args=(args, *product.args[1:]))
        )
    found = made[-1].target if made else rest
    return [replace(each, place=let.place) for each in made], found


FACTORS: dict[Callable[..., Any], Rule] = {
    **dict.fromkeys((operator.add, np.add, operator.sub, np.subtract), _common),
    **dict.fromkeys(PRODUCTS, _inverse),
    np.sum: _sum,
}
