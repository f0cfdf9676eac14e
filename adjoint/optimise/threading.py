"""Lets a trip that leaves its loop leave where that is decided.

The reverse sweep wants loops that are left only at the end of a trip, so a flag carries the
decision there. Once that sweep is made the flag is not needed any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import (
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
    Stop,
    Var,
    Yield,
)
from adjoint.ir.ops import COMPARE
from adjoint.ir.rebuild import map_blocks, with_blocks, with_body, with_statements
from adjoint.ir.trampoline import Step, run
from adjoint.ir.walk import blocks, count_uses, map_leaf, substitute

__all__ = ["thread_exits"]


def thread_exits(function: Function, facts: Facts) -> Function:
    """Return `function` with the ends of trips in the arms that decide on them.

    ::

        if x > 50:                          if x > 50:
            done, y = 1, x                      exit 1 (x)
        else:                               else:
            done, y = 0, x + b      ->          next (x + b)
        if done == 1: exit 1 (y)
        else: next (y)
    """
    return with_body(function, run(_block(function.body, count_uses(function))))


def _block(block: Block, uses: Mapping[Var, int]) -> Step[Block]:
    made: list[Statement] = []
    for statement in block.statements:
        if not isinstance(statement, Let):
            statement = yield map_blocks(statement, lambda inner: _block(inner, uses))
        if isinstance(statement, Loop):
            *test, body = blocks(statement)
            statement = with_blocks(statement, [*test, (yield _threaded(body, uses))])
        made.append(statement)
    return with_statements(block, made)


@dataclass(frozen=True, slots=True)
class _Tail:
    """The end of a trip, as a choice by the value of a flag.

    `at` is the position of the flag among the joins before it; `exits` are the leaves for its
    values, `rest` is the one for all others; `length` is the number of statements.
    """

    at: int
    exits: Mapping[object, Leaf]
    rest: Leaf
    length: int

    def given(self, values: Mapping[Var, Operand], at: int) -> _Tail:
        """The same choice where the flag and the values come from an inner branch."""
        exits = {code: _substituted(leaf, values) for code, leaf in self.exits.items()}
        return replace(self, at=at, exits=exits, rest=_substituted(self.rest, values))


def _substituted(leaf: Leaf, values: Mapping[Var, Operand]) -> Leaf:
    return map_leaf(leaf, lambda operand: substitute(operand, values))


def _threaded(body: Block, uses: Mapping[Var, int]) -> Step[Block]:
    """A loop's body without the flag at its end, if the flag is for nothing else."""
    tail = _tail(body, uses)
    if tail is None:
        return body
    before = body.statements[: -tail.length]
    branch = before[-1]
    assert isinstance(branch, Branch), "a flag comes from a branch"
    if not _is_decided(branch, tail.at):
        return body
    threaded = yield _with_ends(branch, tail)
    return Block((*before[:-1], threaded), Stop())


def _tail(body: Block, uses: Mapping[Var, int]) -> _Tail | None:
    """The choice at the end of a trip, if there is one that is made by the flag alone."""
    exits: dict[object, Leaf] = {}
    flags: list[Var] = []
    block, at = body, max(0, len(body.statements) - 2)
    while isinstance(block.leaf, Stop) and len(block.statements) - at == 2:
        test, last = block.statements[at:]
        flag = _tested(test, last, uses)
        if flag is None or not isinstance(last, Branch) or last.joins or last.then.statements:
            return None
        assert isinstance(test, Let) and isinstance(test.args[1], Const)
        flags.append(flag)
        exits.setdefault(test.args[1].value, last.then.leaf)
        block, at = last.other, 0
    is_end = isinstance(block.leaf, Next | Exit) and not block.statements
    before = body.statements[:-2]
    if not flags or not is_end or not before or not isinstance(before[-1], Branch):
        return None
    joins = before[-1].joins
    if any(f is not flags[0] for f in flags) or flags[0] not in joins:
        return None
    if uses[flags[0]] != len(flags):
        return None
    return _Tail(joins.index(flags[0]), exits, block.leaf, 2)


def _tested(test: Statement, last: Statement, uses: Mapping[Var, int]) -> Var | None:
    """The variable that `test` compares with a constant for `last` alone."""
    if not isinstance(test, Let) or test.op.function is not COMPARE["=="]:
        return None
    flag, value = test.args
    is_sole = test.target is not None and uses.get(test.target) == 1
    if not is_sole or not isinstance(last, Branch) or last.test is not test.target:
        return None
    return flag if isinstance(flag, Var) and isinstance(value, Const) else None


def _is_decided(branch: Branch, at: int) -> bool:
    """Whether every arm says by a constant how the trip ends."""
    waiting = [(branch, at)]
    while waiting:
        branch, at = waiting.pop()
        for arm in (branch.then, branch.other):
            if not isinstance(arm.leaf, Yield):
                return False
            value = arm.leaf.values[at]
            inner = _origin(arm, value)
            if inner is not None and isinstance(value, Var):
                waiting.append((inner, inner.joins.index(value)))
            elif not isinstance(value, Const):
                return False
    return True


def _origin(arm: Block, flag: Operand) -> Branch | None:
    """The branch at the end of an arm that the flag comes from."""
    last = arm.statements[-1] if arm.statements else None
    return last if isinstance(last, Branch) and flag in last.joins else None


def _with_ends(branch: Branch, tail: _Tail) -> Step[Branch]:
    arms: list[Block] = []
    for arm in (branch.then, branch.other):
        assert isinstance(arm.leaf, Yield), "an arm that hands on a flag yields"
        values = dict(zip(branch.joins, arm.leaf.values, strict=True))
        flag = arm.leaf.values[tail.at]
        inner = _origin(arm, flag)
        if inner is None or not isinstance(flag, Var):
            assert isinstance(flag, Const), "what is threaded is decided"
            leaf = _substituted(tail.exits.get(flag.value, tail.rest), values)
            arms.append(Block(arm.statements, leaf))
        else:
            threaded = yield _with_ends(inner, tail.given(values, inner.joins.index(flag)))
            arms.append(Block((*arm.statements[:-1], threaded), Stop()))
    return replace(branch, then=arms[0], other=arms[1], joins=())
