"""Takes ones and zeros out of arithmetic, and gathers constant factors."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from adjoint.ir import arithmetic
from adjoint.ir.infer import infer
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form, call
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
        or _spread(let, near, first, second)
        or _spread(let, near, second, first)
        or _number_first(let, near)
        or _to_float(let)
        or _from_integer(let, near)
        or _as_integers(let, near)
    )


def _divide(let: Let, near: Surroundings) -> Result:
    first, second = let.args
    return (
        _constant(let, operator.truediv)
        or _without(let, near, second, 1, first)
        or _cancel(let, near)
        or _from_integer(let, near)
        or _as_integers(let, near)
    )


def _add(let: Let, near: Surroundings) -> Result:
    # Only a zero that is written, of a sum that was not yet begun: -0.0 + 0.0 is 0.0.
    first, second = let.args
    return (
        _constant(let, operator.add)
        or _without(let, near, first, 0, second)
        or _without(let, near, second, 0, first)
        or _twice(let, near)
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
    if number(part) != neutral or let.target is None:
        return None
    if not is_float(rest) and not (_is_integer(rest) and isinstance(number(part), int)):
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


def _cancel(let: Let, near: Surroundings) -> Result:
    """``2 * x / (2 * y) -> x / y``; it may round differently, and does not overflow."""
    above, below = map(near.only_for, let.args)
    if below is not None and number(let.args[0]):
        return _cancel_number(let, below, near)
    if above is None or below is None or above.kwargs or below.kwargs:
        return None
    if above.op.function is not operator.mul or below.op.function is not operator.mul:
        return None
    (factor, first), (divisor, second) = above.args, below.args
    value = number(factor)
    if not value or value != number(divisor) or not (is_float(first) and is_float(second)):
        return None
    return (near.change(let, let.op, (first, second)),)


def _cancel_number(let: Let, below: Let, near: Surroundings) -> Result:
    """``6 / (2 * x) -> 3 / x``, where that is a whole number."""
    above, divisor = number(let.args[0]), number(below.args[0])
    if below.op.function is not operator.mul or below.kwargs or not above or not divisor:
        return None
    if not (_is_finite(above) and _is_finite(divisor)) or above % divisor:
        return None
    made = _exact(operator.truediv, above, divisor)
    if made is None or not is_float(below.args[1]):
        return None
    return (near.change(let, let.op, (_as_integer(made), below.args[1])),)


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
    if inner.op.function is float and _is_integer(inner.args[0]):
        return (near.write(let, operator.mul, (Const(float(value)), inner.args[0])),)
    if inner.op.function in arithmetic.PRODUCTS:
        left, right = inner.args
        return _scaled(let, near, value, left, right) or _scaled(let, near, value, right, left)
    if inner.op.function in arithmetic.QUOTIENTS:
        made = _factor(value, inner.args[0])
        return None if made is None else (near.apply(let, inner.op, (made, inner.args[1])),)
    return None


def _spread(let: Let, near: Surroundings, factor: Operand, rest: Operand) -> Result:
    """``2 * (x * y) -> 2 * x * y``, and the same for quotients; it may round differently."""
    inner = near.only_for(rest)
    if number(factor) is None or inner is None or inner.kwargs:
        return None
    if inner.op.function not in (operator.mul, operator.truediv) or not is_float(inner.args[0]):
        return None
    first, second = inner.args
    if not isinstance(first, Var) or number(second) is not None:
        return None
    scaled = near.temporary(let, first.type)
    return (
        near.write(let, operator.mul, (factor, first), scaled),
        near.write(let, inner.op.function, (scaled, second)),
    )


def _number_first(let: Let, near: Surroundings) -> Result:
    """``x * 0.5 -> 0.5 * x``, as one writes it."""
    first, second = let.args
    if number(second) is None or number(first) is not None or let.kwargs or not is_float(first):
        return None
    return (near.change(let, let.op, (second, first)),)


def _is_integer(operand: Operand) -> bool:
    """Whether an operand is a Python int."""
    found = type_of(operand)
    return isinstance(found, Scalar) and found.kind == "int"


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


def _to_float(let: Let) -> Result:
    """``1.0 * n -> float(n)`` for a Python int."""
    for part, rest in (let.args, let.args[::-1]):
        if (
            isinstance(rest, Var)
            and _is_integer(rest)
            and isinstance(number(part), float)
            and number(part) == 1
        ):
            return (Let(let.target, call(float), (rest,), (), let.place),)
    return None


def _from_integer(let: Let, near: Surroundings) -> Result:
    """``float(n) * x -> n * x`` where `x` makes a float of `n` itself."""
    for at, (part, other) in enumerate((let.args, let.args[::-1])):
        inner = near.only_for(part)
        if inner is None or inner.op.function is not float or not isinstance(other, Var):
            continue
        if _is_integer(inner.args[0]) and is_float(other):
            args = (*let.args[:at], inner.args[0], *let.args[at + 1 :])
            return (near.change(let, let.op, args),)
    return None


def _twice(let: Let, near: Surroundings) -> Result:
    """``x + x -> 2 * x`` and ``s + x + x -> s + 2 * x``.

    A factor of two is exact, but the other order of summing may round differently, and may
    overflow where two numbers of opposite signs that are both near the largest did not.
    """
    first, second = let.args
    if let.target is None or let.kwargs or not is_float(first) or not is_float(second):
        return None
    if _are_alike(first, second, near) and same_type(first, let.target, near.facts):
        return _doubled(let, near, first, let.target)
    inner = near.only_for(first)
    if inner is None or inner.op.function not in (operator.add, np.add) or inner.kwargs:
        return None
    if not isinstance(second, Var) or not _are_alike(inner.args[1], second, near):
        return None
    double = near.temporary(let, second.type)
    total = near.write(let, operator.add, (inner.args[0], double))
    return (*_doubled(let, near, second, double), total)


def _doubled(let: Let, near: Surroundings, of: Operand, target: Var) -> tuple[Let, ...]:
    return (near.write(let, operator.mul, (Const(2), of), target),)


def _are_alike(first: Operand, second: Operand, near: Surroundings) -> bool:
    """Whether two operands are one variable, or are computed alike from the same."""
    if first is second:
        return isinstance(first, Var) and first not in near.unstable
    made, again = near.only_for(first), near.only_for(second)
    if made is None or again is None or made.op.function is not again.op.function:
        return False
    if made.op.form not in (Form.OPERATOR, Form.CALL) or made.kwargs or again.kwargs:
        return False
    return len(made.args) == len(again.args) and all(map(_is_same, made.args, again.args))


def _is_same(first: Operand, second: Operand) -> bool:
    if isinstance(first, Const) and isinstance(second, Const):
        return number(first) is not None and repr(first.value) == repr(second.value)
    return first is second


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
    **dict.fromkeys(arithmetic.PRODUCTS, _multiply),
    **dict.fromkeys(arithmetic.QUOTIENTS, _divide),
    **dict.fromkeys(arithmetic.SUMS, _add),
    **dict.fromkeys(arithmetic.DIFFERENCES, _subtract),
    **dict.fromkeys((operator.pow, np.power), _power),
    float: _float,
}
