"""The forward sweep, with what it keeps for the backward sweep: stacks, pushes, counts of trips."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adjoint.errors import Place
from adjoint.ir.custom import CustomCall, settled_let
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Exit,
    For,
    Let,
    Loop,
    Next,
    Pack,
    Role,
    Statement,
    Var,
)
from adjoint.ir.ops import Form, Op, operation
from adjoint.ir.values import INT
from adjoint.transform.attempts import begun, failure, kept_behind
from adjoint.transform.keep import Keeper
from adjoint.transform.memory import Saved

__all__ = ["ForwardSweep"]

NEW_STACK = Op(list, Form.LITERAL, "list")
PUSH = Op(list.append, Form.METHOD, "append", effect=True)


@dataclass(frozen=True, slots=True, eq=False)
class ForwardSweep:
    """Writes the forward sweep again, once a `Keeper` knows what the backward sweep needs.

    `settled` are the calls whose rule the backward sweep was written by: they are code by now.
    """

    keeper: Keeper
    settled: frozenset[CustomCall] = frozenset()

    def rewrite(self, block: Block) -> Block:
        """The forward sweep with its stacks, pushes and counters."""
        statements: list[Statement] = [
            Let(None, PUSH, (stack, variable), (), self.keeper.builder.place)
            for variable, stack in self.keeper.late.get(block, {}).items()
        ]
        for statement in block.statements:
            statements.extend(self._new_stacks(statement))
            if isinstance(statement, Let) and statement in self.keeper.saved:
                statements.extend(self._saving(self.keeper.saved[statement]))
            statements.extend(self._rewritten(statement))
            statements.extend(self._pushes(self._defined_by(statement), statement))
        return Block(tuple(statements), block.leaf)

    def _new_stacks(self, statement: Statement) -> Iterable[Let]:
        for stack in self.keeper.stacks.get(statement, ()):
            yield Let(stack, NEW_STACK, (Pack("list", ()),), (), statement.place)

    def _defined_by(self, statement: Statement) -> Sequence[Var]:
        """The variables that are pushed after a statement."""
        pushed_before: Var | None = None
        if isinstance(statement, Branch):
            pushed_before = failure(statement)
        elif isinstance(statement, Let) and statement in self.keeper.saved:
            pushed_before = self.keeper.saved[statement].variable
        return [v for v in self.keeper.targets(statement) if v is not pushed_before]

    def _saving(self, saved: Saved) -> Iterable[Statement]:
        """The statements that keep a place before it is written."""
        yield from saved.statements
        if saved.variable in self.keeper.pushes:
            yield self._push(saved.variable, saved.statements[-1])

    def _pushes(self, variables: Sequence[Var], near: Statement) -> list[Let]:
        return [self._push(v, near) for v in variables if v in self.keeper.pushes]

    def _push(self, variable: Var, near: Statement) -> Let:
        return Let(None, PUSH, (self.keeper.pushes[variable], variable), (), near.place)

    def _rewritten(self, statement: Statement) -> Sequence[Statement]:
        match statement:
            case Branch(test, then, other, joins, place, style):
                arms = [self.rewrite(then), self.rewrite(other)]
                if style == "try":
                    arms[1] = kept_behind(arms[1])
                    way = failure(statement)
                    if way in self.keeper.pushes:
                        arms = [
                            self._with_way_kept(arm, way, place, failed=arm is arms[0])
                            for arm in arms
                        ]
                return (Branch(test, arms[0], arms[1], joins, place, style),)
            case Loop():
                return (self._rewritten_loop(statement),)
            case Let():
                found = settled_let(statement, self.settled)
                return () if found is None else (found,)

    def _with_way_kept(self, arm: Block, way: Var, place: Place, *, failed: bool) -> Block:
        """An arm of what may fail that pushes itself which of the two it is."""
        push = Let(None, PUSH, (self.keeper.pushes[way], Const(failed)), (), place)
        before, rest = begun(arm)
        return Block((*before, push, *rest), arm.leaf)

    def _rewritten_loop(self, loop: Loop) -> Loop:
        first = [*loop.params, *([loop.head.index] if isinstance(loop.head, For) else [])]
        body = self.rewrite(loop.body)
        body = Block((*self._pushes(first, loop), *body.statements), body.leaf)
        params, inits, outs = loop.params, loop.inits, loop.outs
        if loop in self.keeper.counters:
            param, out = self.keeper.counters[loop]
            total = self.keeper.builder.var(INT, "trips", Role.PRIMAL)
            count = Let(total, operation(operator.add), (param, Const(1)), (), loop.place)
            body = _with_value(Block((count, *body.statements), body.leaf), total)
            params, inits, outs = (*params, param), (*inits, Const(0)), (*outs, out)
        return Loop(loop.head, params, inits, body, outs, loop.code, loop.place)


def _with_value(block: Block, value: Var) -> Block:
    """A body whose leaves hand on one more value."""
    match block.leaf:
        case Next(values):
            return Block(block.statements, Next((*values, value)))
        case Exit(code, kind, values):
            return Block(block.statements, Exit(code, kind, (*values, value)))
        case _ if block.statements and isinstance(block.statements[-1], Branch):
            tail = block.statements[-1]
            assert isinstance(tail, Branch)
            then, other = _with_value(tail.then, value), _with_value(tail.other, value)
            made = Branch(tail.test, then, other, tail.joins, tail.place, tail.style)
            return Block((*block.statements[:-1], made), block.leaf)
        case _:
            return block
