"""Removes writes into parts of arrays that nothing reads again.

The backward sweep puts old contents back at every write of the forward sweep, and zero at every
place of an adjoint that was overwritten. Most of that is never looked at: by the time the next
value there is read, something else has been written, or nothing is read any more. Which part a
statement reads or writes is known as ranges of the counters of the loops around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adjoint.analyses.accesses import Access, Accesses, may_see
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Block, Function, Let, Var
from adjoint.ir.ops import Form
from adjoint.ir.walk import (
    all_statements,
    operand_vars,
)
from adjoint.optimise.edit import replace_lets, replace_reads
from adjoint.optimise.places import is_same_place
from adjoint.optimise.recalls import settle_recalls

__all__ = ["remove_dead_writes", "remove_unseen_writes"]


def remove_dead_writes(function: Function, facts: Facts) -> Function:
    """Return `function` without the assignments of its backward sweep that nothing reads.

    ::

        for i in reversed(range(n)):         for i in reversed(range(n)):
            d_x[i] += 2 * d_y[i]       ->        d_x[i] += 2 * d_y[i]
            d_y[i] = 0
    """
    if function.split < 0:
        return function
    lost: set[Var] = set()
    while True:
        dead, seen_by = _dead(function)
        lost |= seen_by
        if not dead:
            return settle_recalls(function, lost)
        known = {let.target: let.args[0] for let in dead if let.target is not None}
        function = replace_reads(replace_lets(function, dict.fromkeys(dead, ())), known)


def remove_unseen_writes(function: Function, facts: Facts) -> Function:
    """Return `function` without those that nothing reads, whatever is kept or computed again.

    Most zeros go so, and what they would have replaced need not be read before them.
    """
    if function.split < 0:
        return function
    dead = [let for let, values in _lost(function).items() if not values]
    known = {let.target: let.args[0] for let in dead if let.target is not None}
    return replace_reads(replace_lets(function, dict.fromkeys(dead, ())), known)


def _dead(function: Function) -> tuple[list[Let], set[Var]]:
    """The assignments of the backward sweep whose place nothing reads afterwards.

    And the values of the forward sweep that can then not be computed again from what is there.
    """
    lost = _lost(function)
    dead = [let for let in lost if not _saves(let, lost)]
    return dead, set().union(*(lost[let] for let in dead))


def _lost(function: Function) -> dict[Let, set[Var]]:
    """The assignments that nothing reads but what may be kept instead, with the values of that."""
    back = Block(function.body.statements[function.split :], function.body.leaf)
    if not any(isinstance(s, Let) and _assigns(s) for s in all_statements(back)):
        return {}
    found = Accesses.of(back, function.body)
    reads: dict[Var, list[Access]] = {}
    for variable, accesses in found.reads.items():
        reads.setdefault(found.root(variable), []).extend(accesses)
    shifted = {found.root(v) for v in found.shifted}
    candidates = [
        s for s in found.writes
        if _assigns(s)
        and not any(found.root(v) in shifted for v in operand_vars(s.args[0]))
    ]  # fmt: skip
    lost: dict[Let, set[Var]] = {}
    for let in candidates:
        array = let.args[0]
        assert isinstance(array, Var)
        readers = reads.get(found.root(array), [])
        end = _end(let, candidates, found)
        if not any(_sees(r, let, end, found) for r in readers if not r.values):
            seen = (r.values for r in readers if r.values and _sees(r, let, end, found))
            lost[let] = set().union(*seen)
    return lost


def _assigns(let: Let) -> bool:
    """Whether a place gets another value, and not a sum."""
    return let.op.form is Form.UPDATE_INDEX and not let.op.name


def _saves(let: Let, lost: Mapping[Let, set[Var]]) -> bool:
    """Whether to put back a place, and keep it for that, saves keeping more than one value."""
    others = set().union(*(values for other, values in lost.items() if other is not let))
    return len(lost[let] - others) > 1


def _sees(read: Access, let: Let, end: int | None, found: Accesses) -> bool:
    """Whether a read may see what a statement writes, which something else overwrites at `end`."""
    write = found.writes[let]
    if end is None:
        return may_see(write, read, found.numbers)
    # After that, and in later trips, the place holds something else.
    return write.position < read.position <= end and may_see(
        write, read, found.numbers, later=False
    )


def _end(let: Let, candidates: Iterable[Let], found: Accesses) -> int | None:
    """Where the same place is written again, whatever happens in between."""
    write = found.writes[let]
    for other in candidates:
        again = found.writes[other]
        is_later = again.position > write.position and again.block is write.block
        if is_later and _is_one_array(let, other, found) and _is_same(let, other, found):
            return again.position
    return None


def _is_one_array(let: Let, later: Let, found: Accesses) -> bool:
    """Whether a later write surely is into the array that `let` has written.

    Arrays that are swapped have one root, and so has one that is copied before it is written, since
    what it was is written, or read, under another name.
    """
    old, version = let.args[0], later.args[0]
    assert isinstance(old, Var)
    assert isinstance(version, Var)
    if found.root(old) is not found.root(version):
        return False
    while version not in (old, let.target) and version in found.updated:
        version = found.updated[version]
    if version is old:
        return False
    return version is let.target or found.root(old) not in found.swapped()


def _is_same(let: Let, other: Let, found: Accesses) -> bool:
    """Whether two statements write one place, no part of an item."""
    return len(let.args) == len(other.args) == 3 and is_same_place(let, other, found.numbers)
