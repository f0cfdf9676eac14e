"""Takes ones and zeros out of arithmetic, and gathers constant factors."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from adjoint.ir.infer import infer
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.values import Array, Scalar
from adjoint.optimise.rewriting import Result, Rule, Surroundings, same_type
from adjoint.optimise.signs import is_float, number

__all__ = ["PRODUCTS"]

#: Every float dtype holds the integers up to here, so that they may stand for floats.
_SMALL = 2**11


def _multiply(let: Let, near: Surroundings) -> Result:
    first, second = let.args
    return (
        _constant(let, operator.mul)
        or _without(let, near, first, 1, second)
        or _without(let, near, second, 1, first)
        or _gather(let, near, first, second)
        or _gather(let, near, second, first)
        or _as_integers(let, near)
    )


def _divide(let: Let, near: Surroundings) -> Result:
    first, second = let.args
    return (
        _constant(let, operator.truediv)
        or _without(let, near, second, 1, first)
        or _as_integers(let, near)
    )


def _add(let: Let, near: Surroundings) -> Result:
    # Only a zero that is written, of a sum that was not yet begun: -0.0 + 0.0 is 0.0.
    first, second = let.args
    return (
        _constant(let, operator.add)
        or _without(let, near, first, 0, second)
        or _without(let, near, second, 0, first)
        or _as_integers(let, near)
    )


def _subtract(let: Let, near: Surroundings) -> Result:
    first, second = let.args
    if _without(let, near, first, 0, second) is not None:
        return (near.write(let, operator.neg, (second,)),)
    return (
        _constant(let, operator.sub)
        or _without(let, near, second, 0, first)
        or _as_integers(let, near)
    )


def _power(let: Let, near: Surroundings) -> Result:
    first, second = let.args
    return _without(let, near, second, 1, first) or _as_integers(let, near)


def _float(let: Let, near: Surroundings) -> Result:
    """``float(x) -> x`` where `x` is a Python float; one of NumPy is not."""
    of = let.args[0]
    is_float = isinstance(of, Var) and of.type == Scalar("float")
    return of if is_float and of in near.python_numbers else None


def _without(let: Let, near: Surroundings, part: Operand, neutral: int, rest: Operand) -> Result:
    """``1 * x -> x`` and the like, exact for inf and nan too; the type must stay.

    ``1.0 * n`` makes a float of an int, ``1.0 * x`` a NumPy scalar of an array of rank 0.
    """
    if number(part) != neutral or let.target is None or not is_float(rest):
        return None
    return rest if same_type(rest, let.target, near.facts) else None


def _constant(let: Let, function: Callable[..., Any]) -> Result:
    """Arithmetic on plain numbers, done now where the result is exact."""
    first, second = map(number, let.args)
    if first is None or second is None or not (_is_finite(first) and _is_finite(second)):
        return None
    if function is operator.truediv and not second:
        return None
    return _exact(function, first, second)


def _is_finite(value: int | float) -> bool:
    return isinstance(value, int) or math.isfinite(value)


def _exact(function: Callable[..., Any], first: int | float, second: int | float) -> Const | None:
    try:
        made = function(first, second)
    except OverflowError:
        return None
    if not _is_finite(made) or Fraction(made) != function(Fraction(first), Fraction(second)):
        return None
    return Const(made)


def _gather(let: Let, near: Surroundings, factor: Operand, rest: Operand) -> Result:
    """``2 * (3 * x) -> 6 * x`` and ``2 * (1.0 / n) -> 2.0 / n``.

    The product of the constants must be exact, finite and not 0: 0.1 * 3 would print as
    0.30000000000000004, and 0 * (1 / n) is nan at n = 0.
    """
    value, inner = number(factor), near.only_for(rest)
    if value is None or inner is None or inner.kwargs or not is_float(rest):
        return None
    if inner.op.function in (operator.mul, np.multiply):
        left, right = inner.args
        return _scaled(let, near, value, left, right) or _scaled(let, near, value, right, left)
    if inner.op.function in (operator.truediv, np.divide):
        made = _factor(value, inner.args[0])
        return None if made is None else (near.write(let, operator.truediv, (made, inner.args[1])),)
    return None


def _scaled(
    let: Let, near: Surroundings, value: int | float, factor: Operand, rest: Operand
) -> Result:
    made = _factor(value, factor)
    return None if made is None else (near.write(let, operator.mul, (made, rest)),)


def _factor(value: int | float, factor: Operand) -> Const | None:
    other = number(factor)
    if other is None or not (_is_finite(value) and _is_finite(other)):
        return None
    made = _exact(operator.mul, value, other)
    return made if made is not None and made.value else None


def _as_integers(let: Let, near: Surroundings) -> Result:
    """``2.0 * x -> 2 * x`` where the result has the same type, and so the same value."""
    target = let.target
    if target is None or let.kwargs or not isinstance(target.type, Scalar | Array):
        return None
    args = tuple(map(_as_integer, let.args))
    if all(new is old for new, old in zip(args, let.args, strict=True)):
        return None
    made = infer(let.op.function, args, (), near.facts)
    before = infer(let.op.function, let.args, (), near.facts)
    is_known = isinstance(made, Scalar | Array)
    return (near.change(let, let.op, args),) if is_known and made == before else None


def _as_integer(operand: Operand) -> Operand:
    value = number(operand)
    if not isinstance(value, float) or not value.is_integer() or abs(value) > _SMALL:
        return operand
    is_negative_zero = value == 0 and math.copysign(1.0, value) < 0
    return operand if is_negative_zero else Const(int(value))


PRODUCTS: dict[Callable[..., Any], Rule] = {
    **dict.fromkeys((operator.mul, np.multiply), _multiply),
    **dict.fromkeys((operator.truediv, np.divide), _divide),
    **dict.fromkeys((operator.add, np.add), _add),
    **dict.fromkeys((operator.sub, np.subtract), _subtract),
    **dict.fromkeys((operator.pow, np.power), _power),
    float: _float,
}
