"""Reads a number that was just put into a place, or read there, from its variable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from adjoint.analyses.regions import Numbers
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import is_immutable, is_pop, is_push, sharing
from adjoint.ir.nodes import Block, Function, Let, Operand, Statement, Var
from adjoint.ir.ops import Form
from adjoint.ir.updates import written_value
from adjoint.ir.walk import (
    all_blocks,
    all_statements,
    count_uses,
    operand_vars,
    reads,
)
from adjoint.optimise.edit import replace_reads
from adjoint.optimise.places import is_same_place

__all__ = ["read_stored"]


def read_stored(function: Function, facts: Facts) -> Function:
    """Return `function` with a number that is in a variable not read from its array again.

    ::

        b[i] = t                  b[i] = t
        u = b[i]          ->      d_a += d_b / t
        d_a += d_b / u

    That is done in the backward sweep, and for what the forward sweep keeps: what the user wrote
    stays. What is read must be the number that was put there, not what it became in an array of
    another dtype.
    """
    if function.split < 0:
        return function
    front = Block(function.body.statements[: function.split])
    back = Block(function.body.statements[function.split :])
    kept = _kept_alone(function, front)
    forward = (each for block in all_blocks(front) for each in _repeated(block))
    backward = (each for block in all_blocks(back) for each in _repeated(block))
    found = [*(each for each in forward if each.read.target in kept), *backward]
    if not found:
        return function
    numbers = Numbers.of(function.body)
    known: dict[Var, Operand] = {}
    for each in found:
        value = _value(function, each, numbers)
        if value is not None and each.read.target is not None:
            known[each.read.target] = value
    return replace_reads(function, known)


def _kept_alone(function: Function, front: Block) -> Set[Operand]:
    """What is read for nothing but to be kept."""
    uses = count_uses(function)
    pushes = (s for s in all_statements(front) if isinstance(s, Let) and is_push(s))
    values = (push.args[1] for push in pushes)
    return {v for v in values if isinstance(v, Var) and uses.get(v) == 1}


@dataclass(frozen=True, slots=True, eq=False)
class _Repeated:
    """A read of an array; `count` of the positions in `shown` are of what was before it.

    There that version of the array is read, or written.
    """

    read: Let
    block: Block
    at: int
    shown: Sequence[int]
    count: int


def _repeated(block: Block) -> Iterator[_Repeated]:
    shown: dict[Operand, list[int]] = {}
    for at, let in enumerate(block.statements):
        if not isinstance(let, Let) or let.target is None:
            continue
        if _reads_number(let):
            before = shown.setdefault(let.args[0], [])
            if before:
                yield _Repeated(let, block, at, before, len(before))
            before.append(at)
        elif _puts_number(let):
            shown.setdefault(let.target, []).append(at)


def _value(function: Function, repeated: _Repeated, numbers: Numbers) -> Operand | None:
    """The variable that has the number which is read, if there is one."""
    read, statements = repeated.read, repeated.block.statements
    for since in reversed(repeated.shown[: repeated.count]):
        let, array = statements[since], read.args[0]
        assert isinstance(let, Let)
        assert isinstance(array, Var)
        if _shows(let, read, numbers):
            between = statements[since + 1 : repeated.at]
            return None if _is_written(function, array, between) else _shown(let)
    return None


def _puts_number(let: Let) -> bool:
    is_write = let.op.form is Form.UPDATE_INDEX and not let.op.name and len(let.args) == 3
    return is_write and isinstance(let.args[2], Var) and is_immutable(let.args[2].type)


def _reads_number(let: Let) -> bool:
    is_read = let.op.form is Form.INDEX and isinstance(let.args[0], Var)
    return is_read and let.target is not None and is_immutable(let.target.type)


def _shown(let: Let) -> Operand:
    """The variable of what a statement has put into a place, or read there."""
    value = let.target if let.op.form is Form.INDEX else written_value(let)
    assert isinstance(value, Var)
    return value


def _shows(let: Let, read: Let, numbers: Numbers) -> bool:
    """Whether a statement has put in its place, or read there, what another one reads."""
    assert read.target is not None
    value = _shown(let)
    is_alike = isinstance(value, Var) and value.type == read.target.type
    return is_alike and is_same_place(let, read, numbers)


def _is_written(function: Function, array: Var, statements: Sequence[Statement]) -> bool:
    """Whether something is written into memory that may be that of an array."""
    if any(not isinstance(s, Let) for s in statements):
        return True
    writing = [s for s in statements if isinstance(s, Let) and _may_write(s)]
    if not writing:
        return False
    alike = sharing(function, [array])
    return any(v in alike for let in writing for v in _written_by(let))


def _may_write(let: Let) -> bool:
    is_kept = is_push(let) or is_pop(let)
    return not is_kept and (let.op.updates or let.op.effect or "out" in dict(let.kwargs))


def _written_by(let: Let) -> Iterable[Var]:
    return operand_vars(let.args[0]) if let.op.updates else reads(let)
