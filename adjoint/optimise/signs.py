"""Moves signs outwards, until they meet a sum; and back to the front of a product if they do not.

IEEE arithmetic rounds to nearest, the same on both sides of zero, so that every rewrite here is
exact, for infinities and nan as well. Only the sign of a zero may change, in sums.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import DIFFERENCES, NEGATIVES, PRODUCTS, QUOTIENTS, SUMS
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form
from adjoint.ir.values import Array, Scalar
from adjoint.optimise.rewriting import Result, Rule, Surroundings

__all__ = ["HOIST", "SINK", "is_float", "number", "update"]

_PRODUCTS = (operator.mul, operator.truediv)
#: The same elements in another arrangement.
_REARRANGED: frozenset[Callable[..., Any]] = frozenset(
    {
        np.reshape, np.transpose, np.squeeze, np.expand_dims, np.swapaxes, np.moveaxis, np.ravel,
        np.broadcast_to,
    }
)  # fmt: skip
#: Linear in the first operand, whatever the others are.
_LINEAR: frozenset[Callable[..., Any]] = _REARRANGED | {np.sum, operator.getitem}
#: Linear in each of two operands.
_BILINEAR: frozenset[Callable[..., Any]] = frozenset(
    {operator.matmul, np.matmul, np.dot, np.vdot, np.inner, np.outer}
)


def is_float(operand: Operand) -> bool:
    """Whether an operand is a real floating-point number or array.

    Of integers the smallest has no negative, of bools none has, and a list is negated by no one.
    """
    match type_of(operand):
        case Scalar(kind):
            return kind == "float"
        case Array(dtype):
            return dtype.kind == "f"
        case _:
            return False


def number(operand: Operand) -> int | float | None:
    """The plain number that an operand is; of one that the user spelled as a name, None."""
    if not isinstance(operand, Const) or type(operand.value) not in (int, float):
        return None
    is_name = operand.spelling and not operand.spelling[0].isdigit() and operand.spelling[0] != "."
    value: int | float = operand.value
    return None if is_name else value


def _opposite(operand: Operand, near: Surroundings) -> Operand | None:
    """What `operand` is the negative of, if it is that only for the one who asks."""
    value = number(operand)
    if value is not None:
        return Const(-value) if value < 0 else None
    let = near.only_for(operand)
    if let is None or let.op.function not in NEGATIVES or let.kwargs:
        return None
    return let.args[0] if is_float(let.args[0]) else None


def _hoisted(let: Let, near: Surroundings, at: int, positive: Operand) -> Result:
    """`let` of a positive operand, and the negative of that."""
    inner = near.temporary(let)
    args = (*let.args[:at], positive, *let.args[at + 1 :])
    return (
        near.change(let, let.op, args, inner),
        near.write(let, operator.neg, (inner,)),
    )


def _product(let: Let, near: Surroundings) -> Result:
    """``(-x) * y -> -(x * y)``, and so on for the second operand and for quotients."""
    if let.target is None or not is_float(let.target) or let.kwargs:
        return None
    for at, arg in enumerate(let.args):
        positive = _opposite(arg, near)
        if positive is not None:
            return _hoisted(let, near, at, positive)
    return None


def _linear(let: Let, near: Surroundings) -> Result:
    """``f(-x) -> -f(x)``; `let` must return the same dtype as `x` has, and no more than f says."""
    if let.target is None or not is_float(let.target) or not is_float(let.args[0]):
        return None
    if any(name not in ("axis", "keepdims", "axes") for name, _ in let.kwargs):
        return None
    positive = None if isinstance(let.args[0], Const) else _opposite(let.args[0], near)
    return None if positive is None else _hoisted(let, near, 0, positive)


def _sum(let: Let, near: Surroundings) -> Result:
    """``a + (-b) -> a - b`` and ``(-a) + b -> b - a``."""
    if let.target is None or not is_float(let.target) or let.kwargs:
        return None
    a, b = let.args
    positive = _opposite(b, near)
    if positive is not None:
        return (near.write(let, operator.sub, (a, positive)),)
    positive = _opposite(a, near)
    return None if positive is None else (near.write(let, operator.sub, (b, positive)),)


def _difference(let: Let, near: Surroundings) -> Result:
    """``a - (-b) -> a + b`` and ``(-a) - b -> -(a + b)``."""
    if let.target is None or not is_float(let.target) or let.kwargs:
        return None
    a, b = let.args
    positive = _opposite(b, near)
    if positive is not None:
        return (near.write(let, operator.add, (a, positive)),)
    positive = _opposite(a, near)
    if positive is None:
        return None
    inner = near.temporary(let)
    total = near.write(let, operator.add, (positive, b), inner)
    return (total, near.write(let, operator.neg, (inner,)))


def _negative(let: Let, near: Surroundings) -> Result:
    """``-(-x) -> x``, by whomever else ``-x`` is read."""
    value = number(let.args[0])
    if value is not None:
        return Const(-value) if value else None
    inner = near.definition(let.args[0])
    if inner is None or inner.op.function not in NEGATIVES or inner.kwargs or let.kwargs:
        return None
    return inner.args[0] if is_float(inner.args[0]) else None


_TURNED = {"+": "-", "-": "+"}
_TURNED_FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.add: operator.sub,
    operator.sub: operator.add,
    operator.iadd: operator.isub,
    operator.isub: operator.iadd,
}


def subtract_at_index(old: Any, index: Any, g: Any) -> Any:
    """``old[index] -= g`` as a function of the old array to the new one."""
    new = old.copy()
    new[index] -= g
    return new


def update(let: Let, near: Surroundings) -> Result:
    """``d += -e -> d -= e`` and the reverse, for places ``d[i]`` as well."""
    op = let.op
    if op.form not in (Form.UPDATE, Form.UPDATE_INDEX) or op.name not in _TURNED:
        return None
    positive, function = _opposite(let.args[-1], near), _TURNED_FUNCTIONS.get(op.function)
    if function is None and op.form is Form.UPDATE_INDEX and op.name == "+":
        function = subtract_at_index
    if positive is None or function is None:
        return None
    turned = replace(op, function=function, name=_TURNED[op.name])
    return (near.change(let, turned, (*let.args[:-1], positive)),)


def _sink(let: Let, near: Surroundings) -> Result:
    """``-(x * y) -> -x * y``, which costs no more and reads better, if nothing took up the sign.

    And ``-(2 * x).reshape(s) -> (-2 * x).reshape(s)``, where a number takes it up for nothing.
    """
    inner = near.only_for(let.args[0])
    if inner is None or not is_float(let.args[0]):
        return None
    if inner.op.function in _REARRANGED and _has_number(inner.args[0], near):
        assert let.target is not None
        opposite = near.temporary(let, type_of(inner.args[0]))
        turned = near.write(let, operator.neg, (inner.args[0],), opposite)
        return (turned, replace(inner, target=let.target, args=(opposite, *inner.args[1:])))
    if inner.op.function not in _PRODUCTS:
        return None
    first, second = inner.args
    for at, value in enumerate(map(number, inner.args)):
        if value is not None:  # a number takes up the sign for nothing
            args = (Const(-value), second) if at == 0 else (first, Const(-value))
            return (near.write(let, inner.op.function, args),)
    if not is_float(first) or not isinstance(first, Var):
        return None
    opposite = near.temporary(let, first.type)
    return (
        near.write(let, operator.neg, (first,), opposite),
        near.write(let, inner.op.function, (opposite, second)),
    )


def _has_number(operand: Operand, near: Surroundings) -> bool:
    """Whether `operand` is a product with a number, which is that only for the one who asks."""
    let = near.only_for(operand)
    while let is not None and is_float(let.target or operand):
        if let.op.function in _PRODUCTS and any(number(arg) is not None for arg in let.args):
            return True
        if let.op.function not in (*_PRODUCTS, *_REARRANGED):
            return False
        let = near.only_for(let.args[0])
    return False


HOIST: dict[Callable[..., Any], Rule] = {
    **dict.fromkeys(PRODUCTS | QUOTIENTS, _product),
    **dict.fromkeys(_BILINEAR, _product),
    **dict.fromkeys(_LINEAR, _linear),
    **dict.fromkeys(SUMS, _sum),
    **dict.fromkeys(DIFFERENCES, _difference),
    **dict.fromkeys(NEGATIVES, _negative),
}
SINK: dict[Callable[..., Any], Rule] = {operator.neg: _sink}
