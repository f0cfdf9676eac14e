"""Takes carried variables that never change out of their loops, and like values out of branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import (
    UNDEF,
    Block,
    Branch,
    Const,
    Exit,
    Function,
    Let,
    Loop,
    Next,
    Operand,
    Statement,
    Var,
    While,
    Yield,
)
from adjoint.ir.rebuild import map_blocks, with_body, with_statements
from adjoint.ir.trampoline import Step, run
from adjoint.ir.walk import (
    all_statements,
    loop_leaves,
    map_block,
    map_leaf,
    map_operands,
    reads,
    substitute,
)

__all__ = ["remove_invariants"]

T = TypeVar("T")


def remove_invariants(function: Function, facts: Facts) -> Function:
    """Return `function` without the carried variables that are the same in every trip.

    ::

        for i in range(n) carrying c = a, s = 0.0       for i in range(n) carrying s = 0.0
            t = s + c                               ->      t = s + a
            next c, t                                       next t
        return c * s                                    return a * s

    A join that is the same in both arms is that value.
    """
    lets = (s for s in all_statements(function.body) if isinstance(s, Let) and s.op.updates)
    body = run(_Remover(frozenset(let.args[0] for let in lets)).block(function.body))
    return with_body(function, body)


class _Remover:
    """`known` is what the outs of loops stand for; `updated` is what an update takes over."""

    def __init__(self, updated: frozenset[Operand]) -> None:
        self.updated = updated
        self.known: dict[Var, Operand] = {}

    def resolve(self, operand: Operand) -> Operand:
        return substitute(operand, self.known)

    def block(self, block: Block) -> Step[Block]:
        made: list[Statement] = []
        for statement in block.statements:
            if not self.known.keys().isdisjoint(reads(statement)):
                statement = map_operands(statement, self.resolve)
            if isinstance(statement, Branch):
                statement = self.branch((yield map_blocks(statement, self.block)))
            elif isinstance(statement, Loop):
                statement = self.loop((yield map_blocks(statement, self.block)))
            made.append(statement)
        return with_statements(block, made, map_leaf(block.leaf, self.resolve))

    def branch(self, branch: Branch) -> Branch:
        """The branch without the joins that are the same whichever arm is taken."""
        first, second = branch.then.leaf, branch.other.leaf
        if not isinstance(first, Yield) or not isinstance(second, Yield):
            return branch
        pairs = list(zip(first.values, second.values, strict=True))
        kept = [not self.is_same(*pair) for pair in pairs]
        for at, join in enumerate(branch.joins):
            kept[at] = kept[at] or join in self.updated or pairs[at][0] in self.updated
            if not kept[at]:
                self.known[join] = pairs[at][0]
        if all(kept):
            return branch
        then = replace(branch.then, leaf=Yield(_only(first.values, kept)))
        other = replace(branch.other, leaf=Yield(_only(second.values, kept)))
        return replace(branch, then=then, other=other, joins=_only(branch.joins, kept))

    def is_same(self, first: Operand, second: Operand) -> bool:
        """Whether two operands are one variable or one number."""
        if isinstance(first, Const) and isinstance(second, Const):
            is_number = type(first.value) in (bool, int, float)
            return is_number and repr(first.value) == repr(second.value)
        return isinstance(first, Var) and first is second

    def loop(self, loop: Loop) -> Loop:
        """The loop without its constant carried variables; its inner loops are done."""
        steady = [self.is_steady(loop, at) for at in range(len(loop.params))]
        if not any(steady):
            return loop
        gone: dict[Var, Operand] = {}
        for at, (param, out) in enumerate(zip(loop.params, loop.outs, strict=True)):
            if steady[at]:
                gone[param] = self.known[out] = loop.inits[at]
        return _without(loop, [not is_steady for is_steady in steady], gone)

    def is_steady(self, loop: Loop, at: int) -> bool:
        """Whether every trip, and every way out, has the value of the first trip."""
        param, init, out = loop.params[at], loop.inits[at], loop.outs[at]
        if init is UNDEF or not self.updated.isdisjoint((param, init, out)):
            return False
        return all(leaf.values[at] in (param, init) for leaf in loop_leaves(loop.body))


def _without(loop: Loop, kept: Sequence[bool], gone: Mapping[Var, Operand]) -> Loop:
    def change(operand: Operand) -> Operand:
        return substitute(operand, gone)

    body = map_block(run(_prune(loop.body, kept)), change)
    head = While(map_block(loop.head.test, change)) if isinstance(loop.head, While) else loop.head
    return replace(
        loop,
        head=head,
        params=_only(loop.params, kept),
        inits=_only(loop.inits, kept),
        body=body,
        outs=_only(loop.outs, kept),
    )


def _prune(block: Block, kept: Sequence[bool]) -> Step[Block]:
    """Leave values out of the ends of the trips, but not of those of inner loops."""
    made: list[Statement] = []
    for statement in block.statements:
        if isinstance(statement, Branch):
            statement = yield map_blocks(statement, lambda arm: _prune(arm, kept))
        made.append(statement)
    leaf = block.leaf
    if isinstance(leaf, Next | Exit):
        leaf = replace(leaf, values=_only(leaf.values, kept))
    return Block(tuple(made), leaf)


def _only(values: tuple[T, ...], kept: Sequence[bool]) -> tuple[T, ...]:
    return tuple(value for value, is_kept in zip(values, kept, strict=True) if is_kept)
