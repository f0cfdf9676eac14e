"""Copies before updates whose old value is still needed.

::

    d_y = d_x += e        d_y = d_x.copy()
    f(d_x)                d_y += e
                          f(d_x)
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np

from adjoint.emit.operands import statements, written
from adjoint.ir.nodes import (
    Block,
    Branch,
    Function,
    Let,
    Loop,
    Operand,
    Statement,
    Var,
    While,
)
from adjoint.ir.ops import Form, method
from adjoint.ir.updates import as_operator

__all__ = ["with_copies"]


def with_copies(function: Function, updates: Collection[Let]) -> Function:
    """The function with each of the given updates made on a copy.

    A number, or an array that is changed as a whole, gets a new value instead.
    """
    params = (*function.params, *function.keywords)
    made = (var for statement in statements(function.body) for var in written(statement))
    highest = max((var.number for var in itertools.chain(params, made)), default=0)
    rewrite = _Rewrite(updates, itertools.count(highest + 1))
    split = function.split
    if split >= 0:
        split = len(list(rewrite.all(function.body.statements[:split])))
    return replace(function, body=rewrite.block(function.body), split=split)


def _is_adjoint(variable: Var) -> bool:
    """Whether an update was made of a sum of adjoints, which has its type."""
    return variable.role.derived


class _Rewrite:
    def __init__(self, updates: Collection[Let], numbers: Iterator[int]) -> None:
        self._updates = dict.fromkeys(updates)
        self._numbers = numbers
        self._done: dict[Statement, tuple[Statement, ...]] = {}

    def block(self, block: Block) -> Block:
        return replace(block, statements=tuple(self.all(block.statements)))

    def all(self, given: tuple[Statement, ...]) -> Iterator[Statement]:
        for statement in given:
            if statement not in self._done:
                self._done[statement] = self._statement(statement)
            yield from self._done[statement]

    def _statement(self, statement: Statement) -> tuple[Statement, ...]:
        match statement:
            case Let():
                return self._let(statement) if statement in self._updates else (statement,)
            case Branch(_, then, other):
                return (replace(statement, then=self.block(then), other=self.block(other)),)
            case Loop(head=head):
                if isinstance(head, While):
                    head = replace(head, test=self.block(head.test))
                return (replace(statement, head=head, body=self.block(statement.body)),)

    def _let(self, let: Let) -> tuple[Statement, ...]:
        old: Operand = let.args[0]
        if let.op.form is Form.UPDATE:
            made = as_operator(let, known=let.target is not None and _is_adjoint(let.target))
            if made is not None:
                return (made,)
        assert let.target is not None, "an update has a result"
        fresh = Var(next(self._numbers), let.target.name, let.target.type, let.target.role)
        copy = Let(fresh, method(np.copy, "copy"), (old,), (), let.place)
        return (copy, replace(let, args=(fresh, *let.args[1:])))
