"""Puts what is added to a place that was just set to zero there at once."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from adjoint.analyses.regions import Numbers
from adjoint.ir.indices import takes_all
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Block, Function, Let, Operand, Statement, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import ALIAS, Form
from adjoint.ir.updates import update_place
from adjoint.ir.values import Array, ListOf, Scalar
from adjoint.ir.walk import (
    all_blocks,
    all_reads,
    all_statements,
    count_uses,
)
from adjoint.optimise.edit import replace_lets, replace_reads
from adjoint.optimise.places import are_places_apart, is_kill, is_same_place
from adjoint.optimise.rewriting import same_type

__all__ = ["refill"]

_UPDATES = frozenset({Form.UPDATE_INDEX, Form.UPDATE_AT})


def refill(function: Function, facts: Facts) -> Function:
    """Return `function` with the first sum into a place that was set to zero as an assignment.

    ::

        d_x[i] = 0
        d_x[i - 1] += d_t         ->      d_x[i - 1] += d_t
        d_x[i] += d_t * c                 d_x[i] = d_t * c
    """
    if function.split < 0:
        return function
    back = Block(function.body.statements[function.split :])
    if not any(isinstance(s, Let) and is_kill(s) for s in all_statements(back)):
        return function
    numbers, uses = Numbers.of(function.body), count_uses(function)
    known: dict[Var, Operand] = {}
    changes: dict[Let, Sequence[Let]] = {}
    for block in all_blocks(back):
        for kill, sum_ in _refilled(block, numbers, uses, facts):
            assert kill.target is not None
            changes[kill], known[kill.target] = [], kill.args[0]
            changes[sum_] = [_put(sum_, kill)]
    return replace_reads(replace_lets(function, changes), known)


def _refilled(
    block: Block, numbers: Numbers, uses: Mapping[Var, int], facts: Facts
) -> Iterator[tuple[Let, Let]]:
    """What sets a place of an array to zero, and the sum into it that no read comes before."""
    for at, kill in enumerate(block.statements):
        if not isinstance(kill, Let) or not is_kill(kill) or len(kill.args) != 3:
            continue  # what is set to zero is a part of a part
        sum_ = _sum_of_all(kill, block.statements[at + 1 :], uses, facts)
        if sum_ is not None:
            yield kill, sum_
            continue
        for let in _updates(kill, block.statements[at + 1 :], uses):
            if _is_sum(let, kill, numbers):
                yield kill, let
                break
            if not are_places_apart(kill, let, numbers, facts):
                break


def _sum_of_all(
    kill: Let, statements: Sequence[Statement], uses: Mapping[Var, int], facts: Facts
) -> Let | None:
    """The sum of an array that was set to zero, and nothing else reads, with one like it."""
    if kill.target is None or uses.get(kill.target) != 1 or not takes_all(kill.args[1]):
        return None
    reader = next((s for s in statements if kill.target in all_reads(s)), None)
    if not isinstance(reader, Let) or reader.op.function is not operator.add:
        return None
    other = [a for a in reader.args if a is not kill.target]
    is_alike = len(other) == 1 and reader.target is not None
    return reader if is_alike and same_type(other[0], kill.target, facts) else None


def _is_sum(let: Let, kill: Let, numbers: Numbers) -> bool:
    """Whether an update adds to the place that was set to zero."""
    is_sum = let.op.form is Form.UPDATE_INDEX and let.op.name == "+"
    return is_sum and is_same_place(kill, let, numbers)


def _put(sum_: Let, kill: Let) -> Let:
    """The sum as an assignment; a sum of all of an array is what is added."""
    if sum_.op.function is operator.add:
        added = next(a for a in sum_.args if a is not kill.target)
        return replace(sum_, op=ALIAS, args=(added,))
    op = replace(update_place(), stopped=sum_.op.stopped)
    return replace(sum_, op=op)


def _updates(kill: Let, statements: Sequence[Statement], uses: Mapping[Var, int]) -> Iterator[Let]:
    """The updates of an array after a kill, as long as nothing else reads it."""
    version = kill.target
    held = type_of(kill.args[0])
    if not isinstance(held.item if isinstance(held, ListOf) else held, Array | Scalar):
        return
    for statement in statements:
        if version is None or uses.get(version) != 1:
            return
        if version not in all_reads(statement):
            continue
        if not isinstance(statement, Let) or statement.op.form not in _UPDATES:
            return
        if statement.args[0] is not version or len(statement.args) > 3:
            return
        yield statement
        version = statement.target
