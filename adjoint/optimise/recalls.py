"""Decides which values of the forward sweep are computed again, and writes down how."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace

from adjoint.ir.nodes import Block, Function, Let, Operand, Var
from adjoint.ir.ops import Form
from adjoint.ir.recalls import Recipe, is_recall
from adjoint.ir.walk import (
    all_blocks,
    all_statements,
    next_number,
    operand_vars,
    reads,
    substitute,
)
from adjoint.optimise.edit import replace_lets, replace_reads

__all__ = ["settle_recalls"]


def settle_recalls(function: Function, kept: Container[Var]) -> Function:
    """Return `function` with each value as it was kept, or computed again.

    `kept` are the values that cannot be computed again. Those that are popped anyway need not be.

    ::

        t = t_stack.pop()                       t = t_stack.pop()
        t_1 = recall(t, u)              ->      t_1 = 4 + u ** 2
        d_u = d_t * t_1                         d_u = d_t * t_1
    """
    recalls = [
        (block, statement)
        for block in all_blocks(function.body)
        for statement in block.statements
        if isinstance(statement, Let) and is_recall(statement)
    ]
    if not recalls:
        return function
    popped = _read_otherwise(function)
    needed = {_of(let) for _, let in recalls if let.args[0] in popped or _of(let) in kept}
    numbers = itertools.count(next_number(function))
    views = _views(function)
    changes: dict[Let, list[Let]] = {}
    known: dict[Var, Operand] = {}
    made: dict[object, Var] = {}
    for block, let in recalls:
        assert let.target is not None
        if _of(let) in needed:
            changes[let], known[let.target] = [], let.args[0]
        else:
            changes[let], known[let.target] = _computed(let, block, numbers, made, views)
    # A loop recalls what the trip around it has recalled.
    return replace_reads(replace_lets(function, changes), known)


def _of(recall: Let) -> Var:
    assert isinstance(recall.op.function, Recipe)
    return recall.op.function.of


def _read_otherwise(function: Function) -> set[Operand]:
    """What is read other than as a value that may be computed again."""
    found: set[Operand] = set()
    for block in all_blocks(function.body):
        for statement in block.statements:
            if not isinstance(statement, Let) or not is_recall(statement):
                found.update(reads(statement))
            else:
                found.update(statement.args[1:])
    return found


def _views(function: Function) -> dict[Operand, object]:
    """What the parts of arrays are: two that are the same index of one variable are the same."""
    return {
        statement.target: (statement.args[0], statement.args[1])
        for statement in all_statements(function.body)
        if isinstance(statement, Let) and statement.op.form is Form.INDEX and statement.target
    }


def _computed(
    recall: Let,
    block: Block,
    numbers: Iterator[int],
    made: dict[object, Var],
    views: Mapping[Operand, object],
) -> tuple[list[Let], Var]:
    """The statements that compute a value again, and its variable.

    What was computed from the same for an earlier one of the block is not computed twice.
    """
    recipe = recall.op.function
    assert isinstance(recipe, Recipe)
    table: dict[Var, Operand] = dict(zip(recipe.sources, recall.args[1:], strict=True))
    written: list[Let] = []
    for let in recipe.statements:
        assert let.target is not None
        args = tuple(substitute(argument, table) for argument in let.args)
        read = tuple(views.get(v, v) for argument in args for v in operand_vars(argument))
        key = (block, let, read)
        if key not in made:
            made[key] = _like(let.target, next(numbers))
            op = replace(let.op, proven=True)
            written.append(Let(made[key], op, args, (), recall.place))
        table[let.target] = made[key]
    result = table[recipe.of]
    assert isinstance(result, Var)
    return written, result


def _like(variable: Var, number: int) -> Var:
    """A variable like another."""
    return Var(number, variable.name, variable.type, variable.role)
