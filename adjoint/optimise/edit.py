"""Replaces single statements of a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adjoint.ir.nodes import Block, Branch, Function, Let, Loop, Statement, While
from adjoint.ir.trampoline import Step, run

__all__ = ["replace_lets"]


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
    split = function.split + grown
    return replace(function, body=run(_block(function.body, changes)), split=split)


def _block(block: Block, changes: Mapping[Let, Sequence[Let]]) -> Step[Block]:
    made: list[Statement] = []
    for statement in block.statements:
        match statement:
            case Let():
                made.extend(changes.get(statement, (statement,)))
            case Branch():
                then = yield _block(statement.then, changes)
                other = yield _block(statement.other, changes)
                made.append(replace(statement, then=then, other=other))
            case Loop(head):
                if isinstance(head, While):
                    head = While((yield _block(head.test, changes)))
                body = yield _block(statement.body, changes)
                made.append(replace(statement, head=head, body=body))
    return Block(tuple(made), block.leaf)
