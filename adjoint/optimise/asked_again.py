"""Reads that only ask if an item of a list is there, where a write right after them asks again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Function, Let, Operand, Statement, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form
from adjoint.ir.updates import is_exchange, path_of, path_of_edit, way_of_edit
from adjoint.ir.values import ListOf
from adjoint.ir.walk import all_blocks, all_statements, count_uses, reads
from adjoint.optimise.edit import replace_lets
from adjoint.optimise.places import likeness_of, way_from

__all__ = ["ask_once"]


def ask_once(function: Function, facts: Facts) -> Function:
    """Return `function` with reads that nothing needs marked, where a write raises if they would.

    They go where `dead` takes out what nothing needs. ::

        rows[i]
        rows[i] *= 2        ->      rows[i] *= 2
    """
    lets = [s for s in all_statements(function.body) if isinstance(s, Let)]
    if not any(map(_writes_list, lets)):
        return function
    made = {let.target: let for let in lets if let.target is not None}
    uses = Counter(count_uses(function))
    changes: dict[Let, tuple[Let, ...]] = {}
    for block in all_blocks(function.body):
        for position, statement in enumerate(block.statements):
            if isinstance(statement, Let) and _writes_list(statement):
                before = block.statements[:position]
                for let in _needless(statement, before, made, uses):
                    changes[let] = (replace(let, op=replace(let.op, proven=True)),)
    return replace_lets(function, changes) if changes else function


def _writes_list(let: Let) -> bool:
    is_place = let.op.form in (Form.UPDATE_INDEX, Form.UPDATE_METHOD)
    return is_place and isinstance(type_of(let.args[0]), ListOf)


def _places(let: Let) -> list[tuple[Operand, ...]]:
    """The ways to what a write looks up, or else raises."""
    if let.op.form is Form.UPDATE_INDEX:
        whole = [tuple(path_of(let))]
    elif is_exchange(let):
        whole = [(*way_of_edit(let), position) for position in path_of_edit(let)]
    else:
        whole = [way_of_edit(let)]
    return [way[:end] for way in whole for end in range(1, len(way) + 1)]


def _needless(
    write: Let, before: Sequence[Statement], made: Mapping[Var, Let], uses: Counter[Var]
) -> list[Let]:
    """The reads of the same places right before a write that nothing else needs."""
    owner = write.args[0]
    asked = {likeness_of(way, made) for way in _places(write)}
    found = []
    for statement in reversed(before):
        if not isinstance(statement, Let) or statement.op.effect or statement.op.updates:
            break  # it is seen even if the next one raises
        target = statement.target
        if target is None or uses[target] or statement.op.proven:
            continue
        way = way_from(owner, target, made)
        if way is not None and likeness_of(way, made) in asked:
            found.append(statement)
            uses.subtract(reads(statement))
    return found
