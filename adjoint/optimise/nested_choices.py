"""Takes out of a choice what its condition decides already.

A cotangent that was masked is masked again where it is multiplied by what may not be finite::

    d_t = np.where(c, d, 0)
    d_x = np.where(c, 2 * d_t * x, 0)      ->      d_x = np.where(c, 2 * d * x, 0)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import DIFFERENCES, NEGATIVES, PRODUCTS, QUOTIENTS, SUMS
from adjoint.ir.infer import infer
from adjoint.ir.nodes import Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import Array
from adjoint.optimise.rewriting import Result, Rule, Surroundings, same_type
from adjoint.optimise.signs import number

__all__ = ["JOINED_CONDITIONS", "NESTED_CHOICES", "is_choice"]

#: Deeper expressions are not searched for the same condition.
_DEEPEST = 8
_ARITHMETIC = PRODUCTS | QUOTIENTS | SUMS | DIFFERENCES | NEGATIVES

#: Which conditions hold where a value is taken, and which do not.
_Known = Mapping[Operand, bool]


def _where(let: Let, near: Surroundings) -> Result:
    if not is_choice(let) or let.target is None:
        return None
    return _decided(let, near) or _both_masked(let, near)


def _decided(let: Let, near: Surroundings) -> Result:
    """``np.where(c, 2 * np.where(c, d, 0) * x, 0) -> np.where(c, 2 * d * x, 0)``."""
    simpler = _Simpler(near, [])
    args = simpler.arms(let, {}, 0)
    if args is None:
        return None
    assert let.target is not None
    found = Var(-1, "", infer(np.where, args, (), near.facts))
    if not same_type(found, let.target, near.facts):
        return None
    return (*simpler.made, replace(let, args=args))


@dataclass(frozen=True, slots=True)
class _Simpler:
    """Writes expressions anew, with what known conditions decide."""

    near: Surroundings
    made: list[Let]

    def arms(self, choice: Let, known: _Known, depth: int) -> tuple[Operand, ...] | None:
        """The operands of a choice, if one of its arms gets simpler."""
        condition, taken, left = choice.args
        if not isinstance(condition, Var):
            return None
        new = (
            condition,
            self.of(taken, {**known, condition: True}, depth),
            self.of(left, {**known, condition: False}, depth),
        )
        return None if new[1] is taken and new[2] is left else new

    def of(self, value: Operand, known: _Known, depth: int) -> Operand:
        """`value`, or what it is where the conditions are as is known."""
        arm = self._taken(value, known)
        if arm is not None:
            return self.of(arm, known, depth)
        let = self.near.only_for(value)
        if let is None or let.kwargs or depth == _DEEPEST or let.target is None:
            return value
        args: tuple[Operand, ...] | None = None
        if is_choice(let):
            args = self.arms(let, known, depth + 1)
        elif let.op.function in _ARITHMETIC:
            args = tuple(self.of(arg, known, depth + 1) for arg in let.args)
        if args is None or all(new is old for new, old in zip(args, let.args, strict=True)):
            return value
        type_ = infer(let.op.function, args, (), self.near.facts)
        target = self.near.temporary(let, type_)
        self.made.append(replace(let, target=target, args=args))
        return target

    def _taken(self, value: Operand, known: _Known) -> Operand | None:
        """The arm of a masked value that is taken.

        A safe point, in the place of what is not finite, stays where it is.
        """
        let = self.near.definition(value)
        if let is None or not is_choice(let):
            return None
        condition, taken, left = let.args
        if not isinstance(condition, Var) or condition not in known:
            return None
        other = left if known[condition] else taken
        is_mask = number(other) == 0 and self._is_finite(let)
        return (taken if known[condition] else left) if is_mask else None

    def _is_finite(self, choice: Let) -> bool:
        """Whether what is masked is finite elsewhere: a cotangent, or what the condition compares.

        Another value that the program masks may be infinite there.
        """
        if choice.op.derived or (choice.target is not None and choice.target.role.derived):
            return True
        test = self.near.definition(choice.args[0])
        return test is not None and any(arg in choice.args[1:] for arg in test.args)


def _both_masked(let: Let, near: Surroundings) -> Result:
    """Draw out the condition by which both arms are masked.

    ``np.where(c, np.where(k, x, 0), np.where(k, y, 0)) -> np.where(k, np.where(c, x, y), 0)``.
    """
    first, second = (_mask(arm, near) for arm in let.args[1:])
    if first is None or second is None or first.args[0] is not second.args[0]:
        return None
    at = next(k for k in (1, 2) if number(first.args[k]) != 0)
    if number(second.args[3 - at]) != 0:
        return None
    args = (let.args[0], first.args[at], second.args[at])
    chosen = near.temporary(let, infer(np.where, args, (), near.facts))
    outer = tuple(chosen if k == at else arg for k, arg in enumerate(first.args))
    return _if_same(let, near, (replace(let, target=chosen, args=args),), outer)


def _joined(let: Let, near: Surroundings) -> Result:
    """``np.where(c, np.where(k, x, 0), 0) -> np.where(c & k, x, 0)``."""
    if not is_choice(let) or number(let.args[2]) != 0:
        return None
    inner = _mask(let.args[1], near)
    if inner is None or number(inner.args[2]) != 0:
        return None
    args = (let.args[0], inner.args[0])
    if not all(map(_is_array_of_truth, args)):
        return None
    both = near.temporary(let, infer(operator.and_, args, (), near.facts))
    joined = near.write(let, operator.and_, args, both)
    return _if_same(let, near, (joined,), (both, *inner.args[1:]))


def _if_same(
    let: Let, near: Surroundings, made: tuple[Let, ...], args: tuple[Operand, ...]
) -> Result:
    assert let.target is not None
    found = Var(-1, "", infer(np.where, args, (), near.facts))
    return (*made, replace(let, args=args)) if same_type(found, let.target, near.facts) else None


def _mask(operand: Operand, near: Surroundings) -> Let | None:
    """The choice that an operand is, if one side of it is zero."""
    let = near.only_for(operand)
    if let is None or not is_choice(let):
        return None
    return let if [number(arg) == 0 for arg in let.args[1:]].count(True) == 1 else None


def is_choice(let: Let) -> bool:
    """Return whether a statement chooses between two values: ``np.where`` of three operands."""
    return let.op.function is np.where and len(let.args) == 3 and not let.kwargs


def _is_array_of_truth(operand: Operand) -> bool:
    found = type_of(operand)
    return isinstance(found, Array) and found.dtype.kind == "b" and not found.scalar


NESTED_CHOICES: dict[Callable[..., Any], Rule] = {np.where: _where}
#: When nothing is added up any more.
JOINED_CONDITIONS: dict[Callable[..., Any], Rule] = {np.where: _joined}
