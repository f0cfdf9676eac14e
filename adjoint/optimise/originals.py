"""Reads the old contents of a place where they still are: in what the array is a copy of.

An argument that is written is copied on entry, so what it held is there to the end. A place that
was not written before needs no record of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adjoint.analyses.accesses import Accesses, may_see
from adjoint.analyses.regions import Numbers
from adjoint.analyses.versions import handed_on
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import is_pop, is_push, written
from adjoint.ir.nodes import Block, Function, Let, Operand, Role, Var
from adjoint.ir.ops import GETITEM, Form, Op
from adjoint.ir.updates import written_value
from adjoint.ir.walk import (
    all_blocks,
    all_reads,
    all_statements,
    count_uses,
    next_number,
)
from adjoint.optimise.edit import replace_lets, replace_reads
from adjoint.optimise.places import is_same_place

__all__ = ["read_originals"]

_READ = Op(GETITEM.function, GETITEM.form, proven=True)


def read_originals(function: Function, facts: Facts) -> Function:
    """Return `function` with what is put back read from the argument, where that still has it.

    ::

        t_stack.append(a_1[i])
        a_1[i] = e                            a_1[i] = e
        ...                          ->       ...
        t = t_stack.pop()
        a_1[i] = t                            a_1[i] = a[i]
    """
    if function.split < 0:
        return function
    front = Block(function.body.statements[: function.split])
    if not any(map(is_push, all_statements(front))):
        return function
    puts = list(_put_back(function, Numbers.of(function.body)))
    if not puts:
        return function
    found = Accesses.of(front, function.body)
    origins = _origins(function, front, found)
    numbers = itertools.count(next_number(function))
    changes: dict[Let, Sequence[Let]] = {}
    known: dict[Var, Operand] = {}
    for put in puts:
        old = put.write.args[0]
        assert isinstance(old, Var)
        origin = origins.get(found.root(old))
        if origin is not None and not _is_written_before(put.write, found):
            value = Var(next(numbers), "", put.popped.type, Role.PRIMAL)
            index = put.undo.args[1]
            read = Let(value, _READ, (origin, index), (), put.undo.place)
            changes[put.undo] = (read, put.undo)
            known[put.popped] = value
    return replace_reads(replace_lets(function, changes), known)


@dataclass(frozen=True, slots=True, eq=False)
class _PutBack:
    """A write of the forward sweep, and the statement that undoes it with what was popped."""

    write: Let
    undo: Let
    popped: Var


def _put_back(function: Function, numbers: Numbers) -> Iterator[_PutBack]:
    """The writes of which what a place held is kept on a stack, and not read before it is back."""
    uses = count_uses(function)
    writes: dict[Operand, Let | None] = {}
    for block in all_blocks(Block(function.body.statements[: function.split])):
        for at, statement in enumerate(block.statements):
            if isinstance(statement, Let) and is_push(statement):
                write = _kept_for(statement, block, at, numbers)
                stack = statement.args[0]
                writes[stack] = None if stack in writes else write
    back = Block(function.body.statements[function.split :])
    lets = [s for s in all_statements(back) if isinstance(s, Let)]
    pops = {s.target: s.args[0] for s in lets if s.target and is_pop(s)}
    for block in all_blocks(back):
        for at, undo in enumerate(block.statements):
            if not isinstance(undo, Let) or undo.op.form is not Form.UPDATE_INDEX or undo.op.name:
                continue
            popped = written_value(undo)
            if not isinstance(popped, Var) or popped not in pops:
                continue
            later = [v for s in block.statements[at:] for v in all_reads(s)]
            write = writes.get(pops[popped])
            if write is not None and later.count(popped) == uses[popped]:
                yield _PutBack(write, undo, popped)


def _kept_for(push: Let, block: Block, at: int, numbers: Numbers) -> Let | None:
    """The write before which a place is pushed that it writes."""
    made: dict[Operand, Let] = {
        s.target: s for s in block.statements[:at] if isinstance(s, Let) and s.target
    }
    kept = made.get(push.args[1])
    if kept is not None and kept.op.form is Form.METHOD and kept.op.name == "copy":
        kept = made.get(kept.args[0])
    if kept is None or kept.op.form is not Form.INDEX:
        return None
    for statement in block.statements[at:]:
        is_write = isinstance(statement, Let) and statement.op.form is Form.UPDATE_INDEX
        if is_write and isinstance(statement, Let) and statement.args[0] is kept.args[0]:
            is_one_place = len(statement.args) == 3 and is_same_place(statement, kept, numbers)
            return statement if is_one_place else None
    return None


def _origins(function: Function, front: Block, found: Accesses) -> dict[Var, Var]:
    """Of each array that is written place by place, what it is a copy of to begin with."""
    made: set[Var] = set()
    members: dict[Var, set[Var]] = {}
    others: set[Var] = set()
    for statement in all_statements(front):
        for old, new in handed_on(statement):
            made.add(new)
            members.setdefault(found.root(new), set()).update((old, new))
        if not isinstance(statement, Let) or not statement.op.updates:
            continue
        if statement.op.form is not Form.UPDATE_INDEX:
            others.update(found.root(v) for v in statement.args[:1] if isinstance(v, Var))
    copied = _copied(function, front)
    begun = {root: versions - made for root, versions in members.items() if root not in others}
    origins = {root: copied.get(next(iter(v))) for root, v in begun.items() if len(v) == 1}
    return {root: origin for root, origin in origins.items() if origin is not None}


def _copied(function: Function, front: Block) -> dict[Var, Var]:
    """The copies that are made before all loops, of what is never written."""
    unstable = written(function)
    found: dict[Var, Var] = {}
    for statement in front.statements:
        if not isinstance(statement, Let) or statement.target is None:
            continue
        of = statement.args[0] if statement.args else None
        is_copy = statement.op.form is Form.METHOD and statement.op.name == "copy"
        if is_copy and isinstance(of, Var) and of not in unstable:
            found[statement.target] = of
    return found


def _is_written_before(write: Let, found: Accesses) -> bool:
    """Whether something may have been written into a place before a write."""
    place, of = found.writes[write], write.args[0]
    assert isinstance(of, Var)
    others = (
        access for other, access in found.writes.items()
        if isinstance(other.args[0], Var) and found.root(other.args[0]) is found.root(of)
    )  # fmt: skip
    return any(may_see(access, place, found.numbers) for access in others)
