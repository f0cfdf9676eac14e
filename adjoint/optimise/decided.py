"""Takes the arm of a branch where its test was asked before, or would have raised before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from adjoint.ir.infer import type_of
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import (
    UNDEF,
    Block,
    Branch,
    Const,
    Function,
    Let,
    Operand,
    Statement,
    Var,
    Yield,
)
from adjoint.ir.ops import UNARY, operation
from adjoint.ir.rebuild import map_blocks, with_blocks, with_statements
from adjoint.ir.trampoline import Step, run
from adjoint.ir.values import BOOL
from adjoint.ir.walk import all_statements, leaf_operands, map_leaf, map_operands, reads, substitute

__all__ = ["take_decided"]

#: What tests are known to be.
_Known = Mapping[Operand, bool]


def take_decided(function: Function, facts: Facts) -> Function:
    """Return `function` without the branches on tests of which the outcome is known.

    ::

        if best == 0:                       if best == 0:
            raise TypeError(…)                  raise TypeError(…)
        a = …                       ->      a = …
        if best == 0:                       b = …
            raise TypeError(…)
        b = …

    What is True in one arm and False in the other is the test itself.
    """
    decider = _Decider(function)
    before, after = _parts(function)
    front = run(decider.block(before, {}))
    back = run(decider.block(after, decider.end))
    if front is before and back is after:
        return function
    body = Block((*front.statements, *back.statements), back.leaf)
    split = len(front.statements) if function.split >= 0 else function.split
    return replace(function, body=body, split=split)


def _parts(function: Function) -> tuple[Block, Block]:
    """The two sweeps."""
    statements, at = function.body.statements, max(function.split, 0)
    return Block(statements[:at]), Block(statements[at:], function.body.leaf)


class _Decider:
    """`same` is what joins stand for; `updated` is what an update takes over.

    `tests` are those that are another, or the contrary of it, and
    `ways` are tests that are made of others, with what these are if they are True, and if False;
    `end` is what is known at the end of the block that was done last.
    """

    def __init__(self, function: Function) -> None:
        lets = (s for s in all_statements(function.body) if isinstance(s, Let) and s.op.updates)
        self.updated = frozenset(let.args[0] for let in lets)
        self.same: dict[Var, Operand] = {}
        self.tests: dict[Operand, tuple[Operand, bool]] = {}
        self.ways: dict[tuple[Operand, bool], tuple[tuple[Operand, bool], ...]] = {}
        self.end: _Known = {}

    def resolve(self, operand: Operand) -> Operand:
        return substitute(operand, self.same)

    def block(self, block: Block, known: _Known) -> Step[Block]:
        known, made = dict(known), list[Statement]()
        for statement in block.statements:
            if not self.same.keys().isdisjoint(reads(statement)):
                statement = map_operands(statement, self.resolve)
            match statement:
                case Branch():
                    made.extend((yield self.branch(statement, known)))
                case Let():
                    made.append(statement)
                case _:
                    made.append((yield map_blocks(statement, lambda b: self.block(b, known))))
        self.end = known
        return with_statements(block, made, map_leaf(block.leaf, self.resolve))

    def branch(self, branch: Branch, known: dict[Operand, bool]) -> Step[list[Statement]]:
        """What is left of a branch; what is known after it is added."""
        while branch.test in self.tests:
            test, truth = self.tests[branch.test]
            branch = replace(branch, test=test) if truth else _turned(branch, test)
        holds = known.get(branch.test)
        taken = branch.then if holds else branch.other
        if holds is not None and isinstance(taken.leaf, Yield) and self.can_go(branch):
            arm = yield self.block(taken, known)
            self.same.update(zip(branch.joins, arm.leaf.values, strict=True))
            known.update(self.end)
            return [*arm.statements]
        arms: list[Block] = []
        for block, truth in ((branch.then, True), (branch.other, False)):
            arms.append((yield self.block(block, {**known, **dict(self.told(branch.test, truth))})))
        branch = with_blocks(branch, arms)
        for arm, truth in zip(arms, (False, True), strict=True):
            if not isinstance(arm.leaf, Yield):  # it is not left by its end
                known.update(self.told(branch.test, truth))
        return self.without_test(branch)

    def can_go(self, branch: Branch) -> bool:
        """Whether the joins of a branch can go by what they are in an arm."""
        leaves = [arm.leaf for arm in (branch.then, branch.other)]
        values = [value for leaf in leaves for value in leaf_operands(leaf)]
        return UNDEF not in values and self.updated.isdisjoint((*branch.joins, *values))

    def without_test(self, branch: Branch) -> list[Statement]:
        """A branch of which the joins are tests: one that is the test of the branch is that."""
        first, second = branch.then.leaf, branch.other.leaf
        if not isinstance(first, Yield) or not isinstance(second, Yield):
            return [branch]
        pairs = list(zip(first.values, second.values, strict=True))
        for join, (then, other) in zip(branch.joins, pairs, strict=True):
            self.note_ways(branch.test, join, then, other)
        if len(pairs) != 1 or branch.then.statements or branch.other.statements:
            return [branch]
        (join,), (pair,) = branch.joins, pairs
        if _are_truths(pair, (True, False)) and type_of(branch.test) == BOOL:
            self.same[join] = branch.test
            return []
        if _are_truths(pair, (False, True)):
            return [Let(join, operation(UNARY["not"]), (branch.test,), (), branch.place)]
        return [branch]

    def note_ways(self, test: Operand, join: Var, then: Operand, other: Operand) -> None:
        """Note what a join tells of the test of its branch, as far as it is a test itself."""
        if _are_truths((then,), (True,)):
            self.ways[join, False] = ((test, False), (other, False))
        if _are_truths((other,), (False,)):
            self.ways[join, True] = ((test, True), (then, True))
        for truth in (True, False):
            if _are_truths((then, other), (truth, not truth)):
                if is_immutable(type_of(test)):  # what is written is read as it was, or not at all
                    self.tests[join] = (test, truth)
                self.ways[join, True] = ((test, truth),)
                self.ways[join, False] = ((test, not truth),)

    def told(self, test: Operand, truth: bool) -> Iterator[tuple[Operand, bool]]:
        """What tests are, given what one of them is."""
        waiting = [(test, truth)]
        while waiting:
            each = waiting.pop()
            yield each
            waiting.extend(self.ways.get(each, ()))


def _turned(branch: Branch, test: Operand) -> Branch:
    """A branch on the contrary of its test."""
    return replace(branch, test=test, then=branch.other, other=branch.then)


def _are_truths(values: Sequence[Operand], wanted: Sequence[bool]) -> bool:
    return all(
        isinstance(value, Const) and value.value is truth
        for value, truth in zip(values, wanted, strict=True)
    )
