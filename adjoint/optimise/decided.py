"""Takes the arm of a branch where its test was asked before, or would have raised before."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adjoint.ir.lengths import Facts
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import (
    UNDEF,
    Block,
    Branch,
    Const,
    Exit,
    Function,
    Leaf,
    Let,
    Loop,
    Next,
    Operand,
    Statement,
    Var,
    Yield,
)
from adjoint.ir.operands import type_of
from adjoint.ir.ops import UNARY, operation
from adjoint.ir.rebuild import with_blocks, with_statements
from adjoint.ir.trampoline import Step, run
from adjoint.ir.values import BOOL
from adjoint.ir.walk import (
    all_statements,
    blocks,
    leaf_operands,
    map_leaf,
    map_operands,
    reads,
    substitute,
)
from adjoint.optimise.equalities import Equalities, turned

__all__ = ["take_decided"]

_NOT = operation(UNARY["not"])

#: What tests are known to be, and whether a number is known to be another, or not.
_Known = Mapping[Any, bool]


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
    `trips` are the ends of trips of a loop, with what is known there. `ended` are those of the loop
    that was done last, and `asked` is what is known when its test was; `end` is what is known at
    the end of the block that was done last.
    """

    def __init__(self, function: Function) -> None:
        lets = (s for s in all_statements(function.body) if isinstance(s, Let) and s.op.updates)
        self.updated = frozenset(let.args[0] for let in lets)
        self.same: dict[Var, Operand] = {}
        self.tests: dict[Operand, tuple[Operand, bool]] = {}
        self.ways: dict[tuple[Operand, bool], tuple[tuple[Operand, bool], ...]] = {}
        self.equalities = Equalities()
        self.trips: list[tuple[Next | Exit, _Known]] = []
        self.ended: list[tuple[Next | Exit, _Known]] = []
        self.asked: _Known = {}
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
                    self.note_let(statement)
                    made.append(statement)
                case Loop():
                    made.append((yield self.loop(statement, known)))
        if isinstance(block.leaf, Next | Exit):
            self.trips.append((block.leaf, known))
        self.end = known
        return with_statements(block, made, map_leaf(block.leaf, self.resolve))

    def loop(self, loop: Loop, known: dict[Any, bool]) -> Step[Loop]:
        """A loop with what is left of its blocks; what is known after it is added."""
        same = self.equalities.candidates(loop, known)
        while same:
            trial = self.copy()
            yield trial.loop_with(loop, {**known, **dict.fromkeys(same, False)})
            kept = [each for each in same if trial.never(loop, Next, *each)]
            if kept == same:
                break
            same = kept
        made: Loop = yield self.loop_with(loop, {**known, **dict.fromkeys(same, False)})
        outs = dict(zip(loop.params, loop.outs, strict=True))
        known.update(((outs[v], k), False) for v, k in same if self.never(loop, Exit, v, k))
        if not any(isinstance(leaf, Exit) for leaf, _ in self.ended):
            known.update(self.equalities.of_outs(outs, self.asked))
        return made

    def loop_with(self, loop: Loop, known: _Known) -> Step[Loop]:
        """A loop with what is left of its blocks; a test of its head holds in its body."""
        around, self.trips = self.trips, []
        asked: _Known = {}
        made: list[Block] = []
        for block in blocks(loop):
            made.append((yield self.block(block, known)))
            if block is not loop.body and isinstance(made[0].leaf, Yield):
                asked = self.end
                known = {**asked, **dict(self.told(made[0].leaf.values[0], True))}
        self.trips, self.ended, self.asked = around, self.trips, asked
        return with_blocks(loop, made)

    def never(self, loop: Loop, kind: type[Next | Exit], variable: Var, value: int | None) -> bool:
        """Whether no such end of a trip of the loop that was done last hands on this number."""
        at = loop.params.index(variable)
        return all(
            self.equalities.differs(leaf.values[at], value, known)
            for leaf, known in self.ended
            if isinstance(leaf, kind)
        )

    def copy(self) -> _Decider:
        """One that knows the same."""
        made = copy.copy(self)
        made.same, made.tests = {**self.same}, {**self.tests}
        made.ways, made.equalities = {**self.ways}, self.equalities.copy()
        return made

    def note_let(self, let: Let) -> None:
        """Note what a statement tells of a test, or asks of a number."""
        if let.op == _NOT and let.target is not None:
            for truth in (True, False):
                self.ways[let.target, truth] = ((let.args[0], not truth),)
        self.equalities.note(let)

    def holds(self, test: Operand, known: _Known) -> bool | None:
        """What a test is known to be."""
        found = known.get(test)
        return self.equalities.holds(test, known) if found is None else found

    def branch(self, branch: Branch, known: dict[Any, bool]) -> Step[list[Statement]]:
        """What is left of a branch; what is known after it is added."""
        while branch.test in self.tests:
            test, truth = self.tests[branch.test]
            branch = replace(branch, test=test) if truth else _turned(branch, test)
        holds = self.holds(branch.test, known)
        taken = branch.then if holds else branch.other
        if holds is not None and isinstance(taken.leaf, Yield) and self.can_go(branch):
            arm = yield self.block(taken, known)
            self.same.update(zip(branch.joins, arm.leaf.values, strict=True))
            known.update(self.end)
            return [*arm.statements]
        arms: list[Block] = []
        ends: list[tuple[Operand, ...]] = []
        at_end: list[_Known] = []
        for block, truth in ((branch.then, True), (branch.other, False)):
            inside = {**known, **dict(self.told(branch.test, truth))}
            arms.append((yield self.block(block, inside)))
            ends.append(self.with_known(arms[-1].leaf, inside))
            at_end.append(self.end)
        branch = with_blocks(branch, arms)
        for arm, truth in zip(arms, (False, True), strict=True):
            if not isinstance(arm.leaf, Yield):  # it is not left by its end
                known.update(self.told(branch.test, truth))
        if not all(isinstance(arm.leaf, Yield) for arm in arms):
            return [branch]
        pairs = list(zip(*ends, strict=True))
        known.update(self.equalities.of_joins(branch.joins, pairs, at_end))
        return self.without_test(branch, pairs)

    def with_known(self, leaf: Leaf, known: _Known) -> tuple[Operand, ...]:
        """What an arm ends with, with tests of which the outcome is known there."""
        return tuple(self.outcome(value, known) for value in leaf_operands(leaf))

    def outcome(self, value: Operand, known: _Known) -> Operand:
        holds = self.holds(value, known) if type_of(value) == BOOL else None
        return value if holds is None or isinstance(value, Const) else Const(holds)

    def can_go(self, branch: Branch) -> bool:
        """Whether the joins of a branch can go by what they are in an arm."""
        leaves = [arm.leaf for arm in (branch.then, branch.other)]
        values = [value for leaf in leaves for value in leaf_operands(leaf)]
        return UNDEF not in values and self.updated.isdisjoint((*branch.joins, *values))

    def without_test(self, branch: Branch, pairs: Sequence[tuple[Operand, ...]]) -> list[Statement]:
        """A branch of which the joins are tests: one that is the test of the branch is that.

        `pairs` are what the arms end with, as far as it is known there.
        """
        for join, (then, other) in zip(branch.joins, pairs, strict=True):
            self.note_ways(branch.test, join, then, other)
        if len(pairs) != 1 or branch.then.statements or branch.other.statements:
            return [branch]
        (join,), (pair,) = branch.joins, pairs
        if _are_truths(pair, (True, False)) and type_of(branch.test) == BOOL:
            self.same[join] = branch.test
            return []
        if _are_truths(pair, (False, True)):
            return [self.contrary(branch, join)]
        return [branch]

    def contrary(self, branch: Branch, join: Var) -> Let:
        """The contrary of the test of a branch."""
        test = branch.test
        asks = self.equalities.asks
        made = Let(join, _NOT, (test,), (), branch.place)
        made = turned(asks[test][2], join) if test in asks else made
        self.note_let(made)
        return made

    def note_ways(self, test: Operand, join: Var, then: Operand, other: Operand) -> None:
        """Note what a join tells of the test of its branch, as far as it is a test itself."""
        if _are_truths((then,), (True,)):
            self.ways[join, False] = ((test, False), (other, False))
        if _are_truths((other,), (False,)):
            self.ways[join, True] = ((test, True), (then, True))
        for truth in (True, False):
            if _are_truths((then, other), (truth, not truth)):
                is_own = not truth and test in self.equalities.asks  # the contrary can be asked
                if is_immutable(type_of(test)) and not is_own:
                    self.tests[join] = (test, truth)  # what is written is read as it was, if at all
                self.ways[join, True] = ((test, truth),)
                self.ways[join, False] = ((test, not truth),)

    def told(self, test: Operand, truth: bool) -> Iterator[tuple[Any, bool]]:
        """What tests are, given what one of them is."""
        waiting = [(test, truth)]
        while waiting:
            each = waiting.pop()
            yield each
            waiting.extend(self.ways.get(each, ()))
            if each[0] in self.equalities.asks:
                equality, says, _ = self.equalities.asks[each[0]]
                yield equality, each[1] == says


def _turned(branch: Branch, test: Operand) -> Branch:
    """A branch on the contrary of its test."""
    return replace(branch, test=test, then=branch.other, other=branch.then)


def _are_truths(values: Sequence[Operand], wanted: Sequence[bool]) -> bool:
    return all(
        isinstance(value, Const) and value.value is truth
        for value, truth in zip(values, wanted, strict=True)
    )
