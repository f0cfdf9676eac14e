"""The backward sweep made a function of its own, that is defined inside and may be called again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from adjoint.ir.lengths import Facts
from adjoint.ir.lists import COPY_ITEMS, COPY_LIST
from adjoint.ir.memory import is_pop
from adjoint.ir.nodes import (
    Block,
    Branch,
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
from adjoint.ir.operands import type_of
from adjoint.ir.ops import RETURN, Form, Op
from adjoint.ir.updates import is_stored, path_of, way_of_edit
from adjoint.ir.values import OPAQUE, ListOf
from adjoint.ir.walk import (
    all_reads,
    all_statements,
    expand_lets,
    leaf_operands,
    map_block,
    next_number,
    operand_vars,
    substitute,
    targets,
    writes,
)

__all__ = ["define_pullback"]


def define_pullback(function: Function, facts: Facts) -> Function:
    """Return `function` with its backward sweep as a function that is returned beside the value.

    Until here the two sweeps are one program, in which each statement is run once. The pullback may
    be called again: it pops from copies of the stacks.

    ::

        y = np.sin(x)                     y = np.sin(x)
        d_x = d_y * np.cos(x)       ->    def back(d_y):
        return (y,), (), (d_x,)               return (d_y * np.cos(x),)
                                          return y, back
    """
    if not function.cotangents:
        return function
    leaf = function.body.leaf
    assert isinstance(leaf, Yield), "a pullback function returns"
    before, after, gradients = leaf.values
    assert isinstance(before, Pack) and isinstance(after, Pack), "what stands around the pullback"
    forward = function.body.statements[: function.split]
    outside, inside = _apart(function.body.statements[function.split :], (before, after))
    numbers = itertools.count(next_number(function))
    back = Var(next(numbers), "back", OPAQUE)
    returned = Let(None, RETURN, (gradients,), (), function.place)
    body = Block((*inside, returned), Next(()))
    if function.again:
        body = _with_stacks_of_its_own(body, function.cotangents, numbers)
    define = Loop(Define(function.cotangents), (), (), body, (), back, function.place)
    statements = (*forward, *outside, define)
    return replace(
        function,
        params=tuple(p for p in function.params if p not in function.cotangents),
        body=Block(statements, Yield((*before.items, back, *after.items))),
        cotangents=(),
    )


def _apart(
    statements: Sequence[Statement], parts: Sequence[Operand]
) -> tuple[list[Statement], list[Statement]]:
    """The statements that put the value together, and those of the backward sweep."""
    needed = {v for part in parts for v in operand_vars(part)}
    outside: list[Statement] = []
    inside: list[Statement] = []
    for statement in reversed(statements):
        if any(target in needed for target in targets(statement)):
            outside.insert(0, statement)
            needed.update(all_reads(statement))
        else:
            inside.insert(0, statement)
    return outside, inside


def _with_stacks_of_its_own(
    block: Block, cotangents: Sequence[Var], numbers: Iterator[int]
) -> Block:
    """A body that pops from copies of the stacks, so that it may run again."""
    own = {*cotangents, *(v for s in all_statements(block) for v in writes(s))}
    read = dict.fromkeys(v for s in block.statements for v in all_reads(s))
    lists = {v for v in read if isinstance(v.type, ListOf)} if _edits_lists(block) else set()
    stacks = [v for v in read if (v.role is Role.STACK or v in lists) and v not in own]
    copies = {v: Var(next(numbers), v.name, v.type, v.role) for v in stacks}
    inner = map_block(block, lambda operand: substitute(operand, copies))
    items = COPY_ITEMS if _writes_into_items(block) else COPY_LIST
    for stack, copied in copies.items():
        op = COPY_LIST if stack.role is Role.STACK else items
        inner = _copied_where_read(inner, stack, copied, op)
    return expand_lets(inner, lambda let: _copied_where_popped(let, numbers))


def _copied_where_popped(let: Let, numbers: Iterator[int]) -> tuple[Statement, ...]:
    """A stack that lay on another is popped from in its turn: it is copied as well."""
    stack = let.target
    if stack is None or stack.role is not Role.STACK or not is_pop(let):
        return (let,)
    kept = Var(next(numbers), stack.name, stack.type, stack.role)
    return (replace(let, target=kept), Let(stack, COPY_LIST, (kept,), (), let.place))


def _copied_where_read(block: Block, stack: Var, copied: Var, op: Op) -> Block:
    """A body that copies a stack before it is read, in the arm that alone reads it."""
    places = [k for k, s in enumerate(block.statements) if copied in all_reads(s)]
    first = block.statements[places[0]]
    if len(places) == 1 and isinstance(first, Branch):
        arms = [copied in _reads_of(arm) for arm in (first.then, first.other)]
        made = None  # an arm that hands the stack on, and does not read it, has no place for that
        if arms == [True, False] and _is_read(first.then, copied):
            made = replace(first, then=_copied_where_read(first.then, stack, copied, op))
        elif arms == [False, True] and _is_read(first.other, copied):
            made = replace(first, other=_copied_where_read(first.other, stack, copied, op))
        if made is not None:
            statements = (*block.statements[: places[0]], made, *block.statements[places[0] + 1 :])
            return replace(block, statements=statements)
    copy = Let(copied, op, (stack,), (), first.place)
    rest = block.statements[places[0] :]
    return replace(block, statements=(*block.statements[: places[0]], copy, *rest))


def _is_read(block: Block, variable: Var) -> bool:
    return any(variable in all_reads(statement) for statement in block.statements)


def _reads_of(block: Block) -> set[Var]:
    read = {v for s in block.statements for v in all_reads(s)}
    return read.union(v for operand in leaf_operands(block.leaf) for v in operand_vars(operand))


def _edits_lists(block: Block) -> bool:
    """Whether a list of the program is taken back to what it was; the next call needs it too."""
    return any(isinstance(type_of(let.args[0]), ListOf) for let in _updates(block))


def _writes_into_items(block: Block) -> bool:
    """Whether an array or a list in a list of the program is taken back to what it was."""
    return any(
        isinstance(owner := let.args[0], Var)
        and isinstance(owner.type, ListOf)
        and owner.role is Role.PRIMAL
        and _writes_inside(let)
        for let in _updates(block)
    )


def _writes_inside(let: Let) -> bool:
    """Whether an update of a list is of something that it holds."""
    if let.op.form is Form.UPDATE_METHOD:
        return bool(way_of_edit(let))
    return not is_stored(let) or len(tuple(path_of(let))) > 1


def _updates(block: Block) -> list[Let]:
    return [s for s in all_statements(block) if isinstance(s, Let) and s.op.updates]
