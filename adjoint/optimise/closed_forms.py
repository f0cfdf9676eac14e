"""Finds compositions whose derivative has a closed form."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import NEGATIVES, POWERS, QUOTIENTS, SUMS
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import is_immutable, written
from adjoint.ir.nodes import Const, Function, Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import call
from adjoint.ir.values import Array
from adjoint.ir.walk import all_blocks, all_statements, count_uses, derived_lets
from adjoint.optimise.dead import remove_dead
from adjoint.optimise.edit import replace_lets
from adjoint.rules.closed_forms import LOG_DET, LOGISTIC, OVER_COSH, OVER_GROWTH

__all__ = ["use_closed_forms"]

#: What is called where there is any such composition.
_INNERMOST = frozenset({np.exp, np.cosh, np.linalg.det})


def use_closed_forms(function: Function, facts: Facts) -> Function:
    """Return `function` with each logistic function, and ``log(det(a))``, as one operation.

    It is printed and computed as before, but on one line, and has a derivative of its own. ::

        t = np.exp(-x)
        u = 1 + t            ->      y = 1 / (1 + np.exp(-x))
        y = 1 / u
    """
    called = {s.op.function for s in all_statements(function.body) if isinstance(s, Let)}
    if called.isdisjoint(_INNERMOST):
        return function
    uses, changing = count_uses(function), written(function)
    derived = frozenset(derived_lets(function))
    changes: dict[Let, tuple[Let, ...]] = {}
    for block in all_blocks(function.body):
        lets = {s.target: s for s in block.statements if isinstance(s, Let) and s not in derived}
        parts = _Parts(lets, uses)
        for last in lets.values():
            found = _logistic(last, parts) or _log_det(last, parts) or _over(last, parts)
            if found is not None and all(_stays(each, changing) for each in found.args):
                changes[last] = (found,)
    # What is left of the statements before is in the new operation as well.
    return remove_dead(replace_lets(function, changes), facts) if changes else function


@dataclass(frozen=True, slots=True)
class _Parts:
    """The statements of a block whose results one other statement reads."""

    lets: Mapping[Var | None, Let]
    uses: Mapping[Var, int]

    def made_by(self, operand: Operand, *functions: Callable[..., Any]) -> Let | None:
        """The statement that makes an operand for one reader, if it calls one of `functions`."""
        alone = isinstance(operand, Var) and self.uses.get(operand) == 1
        return self.made(operand, *functions) if alone else None

    def made(self, operand: Operand, *functions: Callable[..., Any]) -> Let | None:
        """The statement that makes an operand, if it calls one of `functions`."""
        let = self.lets.get(operand) if isinstance(operand, Var) else None
        if let is None or let.op.function not in functions:
            return None
        return None if let.kwargs or let.op.effect or let.op.updates or let.op.stopped else let


def _logistic(division: Let, parts: _Parts) -> Let | None:
    """The logistic function that ends in this division."""
    type_ = division.target.type if division.target else None
    if not _is_inverse(division):
        return None
    if not isinstance(type_, Array) or type_.dtype.kind != "f" or division.kwargs:
        return None
    total = parts.made_by(division.args[1], *SUMS)
    if total is None or not any(map(_is_one, total.args)):
        return None
    exp_first = _is_one(total.args[1])
    more, grown = total.args[:: -1 if exp_first else 1]
    power = parts.made_by(grown, np.exp)
    if power is None or division.op.stopped:
        return None
    negated = parts.made_by(power.args[0], *NEGATIVES)
    x = negated.args[0] if negated else power.args[0]
    op = call(LOGISTIC[negated is not None, exp_first])
    return replace(division, op=op, args=(division.args[0], more, x))


def _over(division: Let, parts: _Parts) -> Let | None:
    """A quotient by a sum of 1 and an exponential, or by a power of a hyperbolic cosine."""
    type_ = division.target.type if division.target else None
    if division.op.function not in QUOTIENTS or division.op.stopped or division.kwargs:
        return None
    if not isinstance(type_, Array) or type_.dtype.kind != "f":
        return None
    share, growth = division.args
    total = parts.made(growth, *SUMS)
    power = parts.made(growth, *POWERS)
    cosh = parts.made(power.args[0] if power else growth, np.cosh)
    exponent: Operand = power.args[1] if power else Const(1)
    if cosh is not None and isinstance(exponent, Const) and exponent.value > 0:
        return replace(division, op=call(OVER_COSH), args=(share, growth, cosh.args[0], exponent))
    if total is None or not any(map(_is_one, total.args)):
        return None
    exponential = parts.made_by(total.args[0 if _is_one(total.args[1]) else 1], np.exp)
    if exponential is None:
        return None
    negated = parts.made(exponential.args[0], *NEGATIVES)
    x = negated.args[0] if negated else exponential.args[0]
    return replace(division, op=call(OVER_GROWTH[negated is not None]), args=(share, growth, x))


def _log_det(logarithm: Let, parts: _Parts) -> Let | None:
    """The logarithm of a determinant, or of its size."""
    if logarithm.op.function is not np.log or len(logarithm.args) != 1 or logarithm.kwargs:
        return None
    size = parts.made_by(logarithm.args[0], np.abs, abs)
    det = parts.made_by((size or logarithm).args[0], np.linalg.det)
    if det is None or logarithm.op.stopped:
        return None
    matrix = type_of(det.args[0])
    if not isinstance(matrix, Array) or matrix.dtype.kind != "f":
        return None
    return replace(logarithm, op=call(LOG_DET[size.op.function if size else None]), args=det.args)


def _is_inverse(let: Let) -> bool:
    return let.op.function in QUOTIENTS and _is_one(let.args[0])


def _is_one(operand: Operand) -> bool:
    return isinstance(operand, Const) and type(operand.value) in (int, float) and operand.value == 1


def _stays(operand: Operand, changing: Container[Var]) -> bool:
    """Whether an operand can as well be read later."""
    return not isinstance(operand, Var) or is_immutable(operand.type) or operand not in changing
