"""What is changed in place before it is known whether it is a number or an array.

``row += 1`` gives the name a new number, or writes into the array that `row` is a part of. The two
come to the same where nothing that may be in that memory is read afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from adjoint.errors import Unsupported
from adjoint.ir.memory import sharing
from adjoint.ir.nodes import (
    UNDEF,
    Block,
    Branch,
    Const,
    Function,
    Let,
    Loop,
    Operand,
    Statement,
    Var,
)
from adjoint.ir.ops import GETITEM
from adjoint.ir.trampoline import Step, run
from adjoint.ir.walk import (
    all_reads,
    all_statements,
    blocks,
    leaf_operands,
    operand_vars,
    targets,
    writes,
)

__all__ = ["refuse_changes_seen"]

#: For the variable that each change defines: what held what is changed, and how it is refused.
Changes = Mapping[Var, tuple[Var, Unsupported]]
#: The statements that a statement is in, itself the last, each with its block and its place there.
Path = tuple[tuple[Block, int], ...]


def refuse_changes_seen(function: Function, changes: Changes, *, is_called: bool = False) -> None:
    """Refuse changes after which something is read that may have been changed by them.

    Parameters
    ----------
    function
        The function as it was staged.
    changes
        What was changed, there or elsewhere.
    is_called
        Whether it is called from inside: then what it is handed may be read when it has returned.

    Raises
    ------
    Unsupported
        The refusal of the first such change.
    """
    for made, (old, refusal) in changes.items():
        path = run(_path_to(function.body, made))
        if path is None:
            continue
        shared = _in_one_memory(function, changes, old) - _beside(function, changes, old)
        handed = {*function.params, *function.keywords}
        before = handed.union(*(_there_at(block, at) for block, at in path))
        read = {v for v in _read_after(path) if v in before}
        if not shared.isdisjoint(read | handed if is_called else read):
            raise refusal


def _in_one_memory(function: Function, changes: Changes, of: Var) -> frozenset[Var]:
    """What may share memory with a variable, if each change is a write into what was there."""
    found: frozenset[Var] = frozenset()
    more = {of}
    while not more <= found:
        found |= more | sharing(function, more)
        changed = ((made, old) for made, (old, _) in changes.items() if {made, old} & found)
        more = set(chain.from_iterable(changed))
    return found


def _beside(function: Function, changes: Changes, of: Var) -> set[Var]:
    """The other items of what a variable was taken from by an integer: of ``p, q = a``."""
    while of in changes:
        of, _ = changes[of]
    items: dict[Var, tuple[Operand, int]] = {}
    for statement in all_statements(function.body):
        match statement:
            case Let(Var() as target, op, (owner, Const(int(at)))) if (
                op == GETITEM and type(at) is int and at >= 0
            ):
                items[target] = (owner, at)
    owner, at = items.get(of, (UNDEF, 0))
    return {v for v, (of_it, k) in items.items() if of_it is owner and k != at}


def _path_to(block: Block, made: Var) -> Step[Path | None]:
    """The way to the statement that defines a variable, if there is one."""
    for at, statement in enumerate(block.statements):
        if isinstance(statement, Let):
            if statement.target is made:
                return ((block, at),)
            continue
        for inner in blocks(statement):
            found = yield _path_to(inner, made)
            if found is not None:
                return ((block, at), *found)
    return None


def _there_at(block: Block, at: int) -> Iterator[Var]:
    """What a block has defined before the statement at a place, and what a loop there hands in."""
    for statement in block.statements[:at]:
        yield from targets(statement)
    statement = block.statements[at]
    if isinstance(statement, Loop):
        after = targets(statement)
        yield from (v for v in writes(statement) if v not in after)


def _read_after(path: Path) -> Iterator[Var]:
    """What is read once the last statement of a path has run."""
    for (block, at), inside in zip(path, (*(block for block, _ in path[1:]), None), strict=True):
        yield from _read_again(block.statements[at], inside)
        for statement in block.statements[at + 1 :]:
            yield from all_reads(statement)
        yield from chain.from_iterable(map(operand_vars, leaf_operands(block.leaf)))


def _read_again(statement: Statement, inside: Block | None) -> Iterator[Var]:
    """What a statement reads that comes after something in a block of it has run."""
    if isinstance(statement, Loop):  # in the next trip
        own = {v for block in blocks(statement) for s in all_statements(block) for v in writes(s)}
        own.update(writes(statement))
        yield from (v for v in _inner_reads(statement) if v not in own)
    if isinstance(statement, Branch) and statement.style == "try" and inside is statement.other:
        yield from _block_reads(statement.then)


def _inner_reads(statement: Statement) -> Iterator[Var]:
    return chain.from_iterable(map(_block_reads, blocks(statement)))


def _block_reads(block: Block) -> Iterator[Var]:
    yield from chain.from_iterable(map(all_reads, block.statements))
    yield from chain.from_iterable(map(operand_vars, leaf_operands(block.leaf)))
