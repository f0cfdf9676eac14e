"""The backward sweep made a function of its own, that is defined inside and may be called again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import (
    Block,
    Define,
    Function,
    Let,
    Loop,
    Next,
    Operand,
    Pack,
    Role,
    Statement,
    Var,
    Yield,
)
from adjoint.ir.ops import RETURN, method
from adjoint.ir.values import OPAQUE
from adjoint.ir.walk import (
    all_reads,
    all_statements,
    map_block,
    next_number,
    operand_vars,
    substitute,
    targets,
)

__all__ = ["define_pullback"]

COPY_LIST = method(list.copy, "copy")


def define_pullback(function: Function, facts: Facts) -> Function:
    """Return `function` with its backward sweep as a function that is returned beside the value.

    Until here the two sweeps are one program, in which each statement is run once. The pullback may
    be called again: it pops from copies of the stacks.

    ::

        y = np.sin(x)                     y = np.sin(x)
        d_x = d_y * np.cos(x)       ->    def back(d_y):
        return (y,), (d_x,)                   return (d_y * np.cos(x),)
                                          return y, back
    """
    if function.cotangent is None:
        return function
    leaf = function.body.leaf
    assert isinstance(leaf, Yield), "a pullback function returns"
    parts, gradients = leaf.values
    forward = function.body.statements[: function.split]
    outside, inside = _apart(function.body.statements[function.split :], parts)
    numbers = itertools.count(next_number(function))
    back = Var(next(numbers), "back", OPAQUE)
    returned = Let(None, RETURN, (gradients,), (), function.place)
    body = _with_stacks_of_its_own(Block((*inside, returned), Next(())), numbers)
    define = Loop(Define(function.cotangent), (), (), body, (), back, function.place)
    assert isinstance(parts, Pack), "the value, and what is handed on beside it"
    value, *aux = parts.items
    statements = (*forward, *outside, define)
    return replace(
        function,
        params=tuple(p for p in function.params if p is not function.cotangent),
        body=Block(statements, Yield((Pack("tuple", (value, back, *aux)),))),
        cotangent=None,
    )


def _apart(
    statements: Sequence[Statement], parts: Operand
) -> tuple[list[Statement], list[Statement]]:
    """The statements that put the value together, and those of the backward sweep."""
    needed = set(operand_vars(parts))
    outside: list[Statement] = []
    inside: list[Statement] = []
    for statement in reversed(statements):
        if any(target in needed for target in targets(statement)):
            outside.insert(0, statement)
            needed.update(all_reads(statement))
        else:
            inside.insert(0, statement)
    return outside, inside


def _with_stacks_of_its_own(block: Block, numbers: Iterator[int]) -> Block:
    """A body that pops from copies of the stacks, so that it may run again."""
    own = {s.target for s in all_statements(block) if isinstance(s, Let)}
    read = dict.fromkeys(v for s in block.statements for v in all_reads(s))
    stacks = [v for v in read if v.role is Role.STACK and v not in own]
    copies = {v: Var(next(numbers), v.name, v.type, v.role) for v in stacks}
    place = block.statements[0].place
    made = [Let(c, COPY_LIST, (v,), (), place) for v, c in copies.items()]
    inner = map_block(block, lambda operand: substitute(operand, copies))
    return Block((*made, *inner.statements), inner.leaf)
