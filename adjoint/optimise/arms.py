"""Adds in the arm of a branch what only that arm contributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adjoint.ir.lengths import Facts
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Function,
    Let,
    Operand,
    Role,
    Statement,
    Var,
    Yield,
)
from adjoint.ir.ops import BINARY, Form
from adjoint.ir.rebuild import map_blocks, with_body, with_statements
from adjoint.ir.trampoline import Step, run
from adjoint.ir.walk import count_uses, next_number, reads, writes
from adjoint.optimise.rewriting import same_type

__all__ = ["add_in_arms"]

_SIGNS = ("+", "-")


def add_in_arms(function: Function, facts: Facts) -> Function:
    """Return `function` with the sums of its backward sweep in the arms whose terms are not zero.

    ::

        if t:                               if t:
            d_e = d_s                           d_x[i] += d_s
        else:                       ->
            d_e = 0.0
        d_x[i] += d_e

    Adding a zero changes nothing but the sign of a zero.
    """
    if function.split < 0:
        return function
    mover = _Mover(count_uses(function), facts, next_number(function))
    statements = function.body.statements
    body = run(mover.block(Block(statements[function.split :], function.body.leaf)))
    whole = (*statements[: function.split], *body.statements)
    return with_body(function, with_statements(function.body, whole))


class _Mover:
    def __init__(self, uses: Mapping[Var, int], facts: Facts, number: int) -> None:
        self.uses, self.facts, self.number = uses, facts, number

    def block(self, block: Block) -> Step[Block]:
        made: list[Statement] = []
        for statement in block.statements:
            if not self._moved(statement, made):
                made.append(statement)
        for at, statement in enumerate(made):
            if not isinstance(statement, Let):
                made[at] = yield map_blocks(statement, self.block)
        return with_statements(block, made)

    def _moved(self, statement: Statement, made: list[Statement]) -> bool:
        """Whether a sum was moved into the branch before it."""
        branch = made[-1] if made else None
        if not isinstance(statement, Let) or not isinstance(branch, Branch):
            return False
        term = statement.args[-1] if statement.args else None
        if not self._is_sum(statement) or not isinstance(term, Var) or term not in branch.joins:
            return False
        others = [v for v in reads(statement) if v is not term]
        if self.uses.get(term) != 1 or any(v in branch.joins for v in others):
            return False
        at = branch.joins.index(term)
        leaves = [arm.leaf for arm in (branch.then, branch.other)]
        if not any(isinstance(e, Yield) and _is_zero(e.values[at]) for e in leaves):
            return False
        if not all(isinstance(leaf, Yield) for leaf in leaves):
            return False
        made[-1] = self._with_sum(branch, at, statement)
        return True

    def _is_sum(self, let: Let) -> bool:
        """Whether `let` adds a term to what is its first operand, of the same type."""
        old, target = let.args[0] if let.args else None, let.target
        if not isinstance(old, Var) or target is None or let.kwargs or let.op.stopped:
            return False
        if target.role is not Role.ADJOINT or (old.role, old.name) != (target.role, target.name):
            return False
        if let.op.form is Form.UPDATE_INDEX:
            return let.op.name in _SIGNS
        if let.op.function not in (BINARY["+"], BINARY["-"]):
            return False
        numbers = is_immutable(old.type) and is_immutable(target.type)
        return numbers or same_type(old, target, self.facts)

    def _with_sum(self, branch: Branch, at: int, let: Let) -> Branch:
        arms = [self._arm(arm, at, let) for arm in (branch.then, branch.other)]
        assert let.target is not None
        joins = (*branch.joins[:at], let.target, *branch.joins[at + 1 :])
        return replace(branch, then=arms[0], other=arms[1], joins=joins)

    def _arm(self, arm: Block, at: int, let: Let) -> Block:
        assert isinstance(arm.leaf, Yield) and let.target is not None
        values = arm.leaf.values
        result, statements = let.args[0], arm.statements
        if not _is_zero(values[at]):
            target = replace(let.target, number=self.number)
            self.number += 1
            made = [s for s in statements if any(v is values[at] for v in writes(s))]
            place = made[0].place if made else let.place
            sum_ = replace(let, target=target, args=(*let.args[:-1], values[at]), place=place)
            statements, result = (*statements, sum_), target
        return Block(statements, Yield((*values[:at], result, *values[at + 1 :])))


def _is_zero(operand: Operand) -> bool:
    return isinstance(operand, Const) and type(operand.value) in (int, float) and not operand.value
