"""Writes sums of what is chosen by one condition as one choice.

Of ``np.where(c, f(x), g(x))`` one part of the cotangent goes to `f` and the other to `g`; where
both lead back to `x` they are added up, and one of two summands is zero everywhere. What is not
taken need not be multiplied by zero, so that the result is finite where the original is nan
because of ``0 * inf``; elsewhere the two are the same but for the rounding of products.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import DIFFERENCES, PRODUCTS, QUOTIENTS, SUMS
from adjoint.ir.infer import infer
from adjoint.ir.nodes import Const, Let, Operand
from adjoint.optimise.nested_choices import is_choice
from adjoint.optimise.rewriting import Result, Rule, Surroundings, same_type
from adjoint.optimise.signs import is_float, number

__all__ = ["MASKED_SUMS"]

#: Deeper products are not searched for a condition.
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A choice, or a product with one as a factor that is zero on one side.

    Attributes
    ----------
    choice
        The ``np.where``.
    path
        The products, each with the place of the operand that leads to the choice; innermost first.
    """

    choice: Let
    path: tuple[tuple[Let, int], ...] = ()

    @property
    def condition(self) -> Operand:
        return self.choice.args[0]

    def arm(self, at: int) -> Operand:
        """The value where the condition holds (0), and where it does not (1)."""
        return self.choice.args[1 + at]

    def is_zero(self, at: int) -> bool:
        return number(self.arm(at)) == 0


@dataclass(frozen=True, slots=True)
class _Writer:
    """What is written in place of a sum, or of a difference."""

    let: Let
    near: Surroundings
    made: list[Let]

    def value(self, of: _Chosen, at: int, value: Operand | None = None) -> Operand:
        """What a product is on one side, with `value` for the factor that is chosen there."""
        value = of.arm(at) if value is None else value
        if of.is_zero(at):
            return of.arm(at)
        for product, place in of.path:
            args = (*product.args[:place], value, *product.args[place + 1 :])
            target = self.near.temporary(
                product, infer(product.op.function, args, (), self.near.facts)
            )
            self.made.append(replace(product, target=target, args=args))
            value = target
        return value

    def total(self, first: Operand, second: Operand) -> Operand:
        """The sum, or difference, of the values on one side."""
        is_sum = self.let.op.function in SUMS
        if number(second) == 0:
            return first
        if number(first) == 0:
            return second if is_sum else self.negative(second)
        return self._write(operator.add if is_sum else operator.sub, (first, second))

    def choice(self, of: _Chosen, taken: Operand, left: Operand) -> Operand:
        args = (of.condition, taken, left)
        target = self.near.temporary(self.let, infer(np.where, args, (), self.near.facts))
        self.made.append(replace(of.choice, target=target, args=args, place=self.let.place))
        return target

    def scaled(self, factor: Operand, value: Operand) -> None:
        self._write(operator.mul, (factor, value))

    def turned(self, of: _Chosen, other: _Chosen) -> _Chosen:
        """``np.where(c, np.where(k, x, 0), 0)`` as a choice by `k`, where that is the other's."""
        at = 0 if of.is_zero(1) else 1
        inner = self.near.only_for(of.arm(at))
        if of.path or not of.is_zero(1 - at) or inner is None or not is_choice(inner):
            return of
        mask = _Chosen(inner)
        if mask.condition is not other.condition or mask.is_zero(0) is mask.is_zero(1):
            return of
        place = 0 if mask.is_zero(1) else 1
        arms = (mask.arm(place), of.arm(1 - at))
        chosen = self.choice(of, *(arms if at == 0 else arms[::-1]))
        args = [*inner.args]
        args[1 + place] = chosen
        return _Chosen(replace(inner, args=tuple(args)))

    def negative(self, value: Operand) -> Operand:
        """The opposite of a value; of one that is masked, what is not zero is turned."""
        plain = number(value)
        if plain is not None:
            return Const(-plain) if plain else value
        let = self.near.only_for(value) if is_float(value) else None
        inner = _Chosen(let) if let is not None and is_choice(let) else None
        if inner is None or not (inner.is_zero(0) or inner.is_zero(1)):
            return self._write(operator.neg, (value,))
        return self.choice(inner, *(self.negative(inner.arm(at)) for at in (0, 1)))

    def _write(self, function: Callable[..., Any], args: tuple[Operand, ...]) -> Operand:
        target = self.near.temporary(self.let, infer(function, args, (), self.near.facts))
        self.made.append(self.near.write(self.let, function, args, target))
        return target

    def result(self) -> Result:
        """The statements, of which the last defines the target; None if its type were another."""
        *before, last = self.made
        assert last.target is not None
        assert self.let.target is not None
        if not same_type(last.target, self.let.target, self.near.facts):
            return None
        return (*before, replace(last, target=self.let.target))


def _sum(let: Let, near: Surroundings) -> Result:
    """``np.where(c, d, 0) * x + np.where(c, 0, d) * y -> d * np.where(c, x, y)``."""
    return _merged(let, near) or _merged_with_last(let, near)


def _merged(let: Let, near: Surroundings) -> Result:
    if let.target is None or not is_float(let.target) or let.kwargs:
        return None
    first, second = (_chosen(arg, near) for arg in let.args)
    if first is None or second is None:
        return None
    writer = _Writer(let, near, [])
    if first.condition is not second.condition:
        first, second = writer.turned(first, second), writer.turned(second, first)
    if first.condition is not second.condition:
        return None
    if not any(each.is_zero(at) for each in (first, second) for at in (0, 1)):
        return None
    factor = _common(first, second)
    one = None if factor is None else Const(1.0)
    sides = [
        writer.total(writer.value(first, at, one), writer.value(second, at, one)) for at in (0, 1)
    ]
    made = writer.choice(first, *sides)
    if factor is not None:
        writer.scaled(factor, made)
    return writer.result()


def _common(first: _Chosen, second: _Chosen) -> Operand | None:
    """What both products have as a factor, each on another side."""
    if not first.path or not second.path or first.is_zero(0) is second.is_zero(0):
        return None
    values = [each.arm(1 if each.is_zero(0) else 0) for each in (first, second)]
    return values[0] if values[0] is values[1] else None


def _merged_with_last(let: Let, near: Surroundings) -> Result:
    """The same for the last summand of another sum: ``s - x + y -> s + (y - x)``."""
    inner = near.only_for(let.args[0])
    if inner is None or inner.op.function not in SUMS | DIFFERENCES or inner.kwargs:
        return None
    if let.target is None or not is_float(let.target):
        return None
    (rest, last), new = inner.args, let.args[1]
    if _chosen(last, near) is None or _chosen(new, near) is None:
        return None
    adds, had_added = let.op.function in SUMS, inner.op.function in SUMS
    args = (last, new) if had_added or not adds else (new, last)
    function = operator.add if adds is had_added else operator.sub
    part = near.temporary(let, infer(function, args, (), near.facts))
    merged = _merged(near.write(let, function, args, part), near)
    if not isinstance(merged, tuple):
        return None
    return (
        *merged,
        near.write(let, operator.add if had_added or adds else operator.sub, (rest, part)),
    )


def _chosen(operand: Operand, near: Surroundings, depth: int = 0) -> _Chosen | None:
    """What an operand is, if it is chosen or a product with what is chosen to be zero somewhere."""
    let = near.only_for(operand)
    if let is None or let.kwargs or depth > _DEEPEST or not is_float(operand):
        return None
    if is_choice(let):
        found = _Chosen(let)
        return found if not depth or found.is_zero(0) is not found.is_zero(1) else None
    if let.op.function not in PRODUCTS | QUOTIENTS:
        return None
    for at in range(1 if let.op.function in QUOTIENTS else 2):
        inner = _chosen(let.args[at], near, depth + 1)
        if inner is not None:
            return replace(inner, path=(*inner.path, (let, at)))
    return None


MASKED_SUMS: dict[Callable[..., Any], Rule] = dict.fromkeys(SUMS | DIFFERENCES, _sum)
