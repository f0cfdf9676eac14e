"""Replaces single statements of a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adjoint.ir.nodes import Function, Let, Operand, Var
from adjoint.ir.walk import expand_lets, map_block, operand_vars, substitute

__all__ = ["replace_lets", "replace_reads", "resolved"]


def resolved(operand: Operand, known: Mapping[Var, Operand]) -> Operand:
    """Return `operand` with what its variables stand for, to the end of each chain."""
    while any(variable in known for variable in operand_vars(operand)):
        operand = substitute(operand, known)
    return operand


def replace_reads(function: Function, known: Mapping[Var, Operand]) -> Function:
    """Return `function` with what variables stand for read in their place.

    ::

        {u: t}

        b[i] = t                  b[i] = t
        d_a += d_b / u    ->      d_a += d_b / t
    """
    if not known:
        return function
    return replace(function, body=map_block(function.body, lambda o: resolved(o, known)))


def replace_lets(function: Function, changes: Mapping[Let, Sequence[Let]]) -> Function:
    """Return `function` with each `Let` in `changes` replaced by the statements it maps to.

    ::

        {t = a * b: [], s = np.sum(t): [s = np.vdot(a, b)]}

        t = a * b
        s = np.sum(t)       ->      s = np.vdot(a, b)
    """
    if not changes:
        return function
    front = function.body.statements[: max(function.split, 0)]
    grown = sum(len(changes[s]) - 1 for s in front if isinstance(s, Let) and s in changes)
    body = expand_lets(function.body, lambda let: changes.get(let, (let,)))
    return replace(function, body=body, split=function.split + grown)
