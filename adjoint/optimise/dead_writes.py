"""Removes writes into parts of arrays that nothing reads again.

The backward sweep puts old contents back at every write of the forward sweep, and zero at every
place of an adjoint that was overwritten. Most of that is never looked at: by the time the next
value there is read, something else has been written, or nothing is read any more. Which part a
statement reads or writes is known as ranges of the counters of the loops around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from adjoint.analyses.regions import (
    Numbers,
    Region,
    all_symbols,
    are_apart,
    renamed,
    with_symbols,
)
from adjoint.analyses.versions import handed_on
from adjoint.ir.infer import type_of
from adjoint.ir.lengths import Facts, Length, Symbol, length
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    For,
    Function,
    Let,
    Loop,
    Operand,
    SliceOf,
    Statement,
    Var,
)
from adjoint.ir.ops import Form
from adjoint.ir.recalls import is_recall, weakly_read
from adjoint.ir.shapes import index_items
from adjoint.ir.updates import path_of_edit
from adjoint.ir.values import ListOf
from adjoint.ir.walk import (
    all_statements,
    blocks,
    leaf_operands,
    map_block,
    operand_vars,
    operands,
    substitute,
)
from adjoint.optimise.edit import replace_lets
from adjoint.optimise.recalls import settle_recalls

__all__ = ["remove_dead_writes"]

#: What reads of an array only its shape and dtype. (A number is all that `np.full_like` is given.)
_SHAPE_ONLY = (
    *(np.zeros_like, np.ones_like, np.empty_like, np.full_like),
    *(np.shape, np.size, np.ndim, len),
)


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
        function = _without(replace_lets(function, dict.fromkeys(dead, ())), known)


def _without(function: Function, known: Mapping[Var, Operand]) -> Function:
    """`function` with the old version of an array read in the place of the new one."""

    def change(operand: Operand) -> Operand:
        while any(v in known for v in operand_vars(operand)):
            operand = substitute(operand, known)
        return operand

    split = function.split
    front = function.body.statements[:split]
    back = map_block(Block(function.body.statements[split:], function.body.leaf), change)
    return replace(function, body=replace(back, statements=(*front, *back.statements)))


@dataclass(frozen=True, slots=True, eq=False)
class _Access:
    """A reading or writing of a part of an array: where, and in which loops and arms."""

    region: Region
    position: int
    block: Block
    loops: tuple[Loop, ...]
    arms: tuple[tuple[Branch, int], ...]
    values: frozenset[Var] = frozenset()  # for which alone it is read, if they are computed again


@dataclass(slots=True)
class _Accesses:
    """All accesses to arrays, by the array's first version.

    `shifted` are the lists of which items get other positions.
    `updated` has the version that each update took over, `together` the variables that are carried
    by one loop, or joined by one branch.
    """

    numbers: Numbers
    roots: dict[Var, Var] = field(default_factory=dict)
    reads: dict[Var, list[_Access]] = field(default_factory=dict)
    writes: dict[Let, _Access] = field(default_factory=dict)
    shifted: list[Var] = field(default_factory=list)
    updated: dict[Var, Var] = field(default_factory=dict)
    together: list[tuple[Var, ...]] = field(default_factory=list)
    weak: Mapping[Let, frozenset[Var]] = field(default_factory=dict)
    position: int = 0
    here: Block = field(default_factory=lambda: Block(()))

    def swapped(self) -> set[Var]:
        """The roots that stand for several arrays, which a loop or branch may have exchanged."""
        found: set[Var] = set()
        for variables in self.together:
            roots = [self.root(v) for v in variables]
            found.update(root for root in roots if roots.count(root) > 1)
        return found

    def root(self, variable: Var) -> Var:
        """The variable that stands for all versions of an array."""
        while variable in self.roots:
            variable = self.roots[variable]
        return variable

    def join(self, a: Var, b: Var) -> None:
        """Note that two variables are versions of one array."""
        first, second = self.root(a), self.root(b)
        if first is not second:
            self.roots[first] = second

    def block(
        self, block: Block, loops: tuple[Loop, ...], arms: tuple[tuple[Branch, int], ...]
    ) -> None:
        """Note the accesses of a block; its leaf hands versions on, and reads none."""
        for statement in block.statements:
            self.position += 1
            self.here = block
            self._statement(statement, loops, arms)
            for number, inner in enumerate(blocks(statement)):
                deeper = (*loops, statement) if isinstance(statement, Loop) else loops
                own = (*arms, (statement, number)) if isinstance(statement, Branch) else arms
                self.block(inner, deeper, own)
        self.position += 1

    def _statement(
        self, statement: Statement, loops: tuple[Loop, ...], arms: tuple[tuple[Branch, int], ...]
    ) -> None:
        passed = {old for old, _ in handed_on(statement)}
        if isinstance(statement, Let):
            self._let(statement, loops, arms)
            return
        for variable in _variables(operands(statement)):
            if variable not in passed:
                self._read(variable, None, loops, arms)

    def _let(self, let: Let, loops: tuple[Loop, ...], arms: tuple[tuple[Branch, int], ...]) -> None:
        if let.op.function in _SHAPE_ONLY:
            return
        updates = let.op.form in (Form.UPDATE_INDEX, Form.UPDATE_AT) and isinstance(
            let.args[0], Var
        )
        edits = let.op.form is Form.UPDATE_METHOD
        if edits and path_of_edit(let):
            self.shifted += operand_vars(let.args[0])
        values = self.weak.get(let, frozenset())
        for k, argument in enumerate(operands(let)):
            for variable in operand_vars(argument):
                if (updates or edits) and k == 0:
                    continue
                whole = let.op.form is not Form.INDEX or k > 0
                region = None if whole else self.numbers.region(variable, let.args[1])
                is_kept = k == 0 and is_recall(let)
                self._read(variable, region, loops, arms, frozenset() if is_kept else values)
        if updates:
            old = let.args[0]
            assert isinstance(old, Var)
            region = self.numbers.region(old, let.args[1])
            self.writes[let] = _Access(region, self.position, self.here, loops, arms)
            if let.op.name:
                self._read(old, region, loops, arms)

    def _read(
        self,
        variable: Var,
        region: Region,
        loops: tuple[Loop, ...],
        arms: tuple[tuple[Branch, int], ...],
        values: frozenset[Var] = frozenset(),
    ) -> None:
        access = _Access(region, self.position, self.here, loops, arms, values)
        self.reads.setdefault(variable, []).append(access)


def _variables(values: Iterable[Operand]) -> Iterator[Var]:
    for value in values:
        yield from operand_vars(value)


def _dead(function: Function) -> tuple[list[Let], set[Var]]:
    """The assignments of the backward sweep whose place nothing reads afterwards.

    And the values of the forward sweep that can then not be computed again from what is there.
    """
    found = _accesses(function)
    reads: dict[Var, list[_Access]] = {}
    for variable, accesses in found.reads.items():
        reads.setdefault(found.root(variable), []).extend(accesses)
    shifted = {found.root(v) for v in found.shifted}
    candidates = [
        s for s in found.writes
        if s.op.form is Form.UPDATE_INDEX and not s.op.name
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
    dead = [let for let in lost if not _saves(let, lost)]
    return dead, set().union(*(lost[let] for let in dead))


def _saves(let: Let, lost: Mapping[Let, set[Var]]) -> bool:
    """Whether to put back a place, and keep it for that, saves keeping more than one value."""
    others = set().union(*(values for other, values in lost.items() if other is not let))
    return len(lost[let] - others) > 1


def _accesses(function: Function) -> _Accesses:
    """The accesses of the backward sweep."""
    back = Block(function.body.statements[function.split :], function.body.leaf)
    found = _Accesses(Numbers.of(function.body), weak=weakly_read(back.statements))
    for statement in all_statements(back):
        for old, new in handed_on(statement):
            found.join(old, new)
        match statement:
            case Let(Var() as target, op, (Var() as old, *_)) if op.updates:
                found.updated[target] = old
            case Loop(params=params):
                found.together.append(params)
            case Branch(joins=joins):
                found.together.append(joins)
            case _:
                pass
    found.block(back, (), ())
    found.position += 1
    for variable in _variables(leaf_operands(back.leaf)):
        found._read(variable, None, (), ())
    return found


def _sees(read: _Access, let: Let, end: int | None, found: _Accesses) -> bool:
    """Whether a read may see what a statement writes, which something else overwrites at `end`."""
    write = found.writes[let]
    if end is None:
        return _meets(write, read, found.numbers)
    # After that, and in later trips, the place holds something else.
    return write.position < read.position <= end and _meets(write, read, found.numbers, later=False)


def _end(let: Let, candidates: Iterable[Let], found: _Accesses) -> int | None:
    """Where the same place is written again, whatever happens in between."""
    write = found.writes[let]
    old = let.args[0]
    assert isinstance(old, Var)
    for other in candidates:
        again = found.writes[other]
        of = other.args[0]
        assert isinstance(of, Var)
        is_later = again.position > write.position and again.block is write.block
        if is_later and _is_one_array(old, of, found) and _same_place(let, other):
            return again.position
    return None


def _is_one_array(old: Var, other: Var, found: _Accesses) -> bool:
    """Whether two versions are surely of one array; arrays that are swapped have one root."""
    if found.root(old) is not found.root(other):
        return False
    if found.root(old) not in found.swapped():
        return True
    while other is not old and other in found.updated:
        other = found.updated[other]
    return other is old


def _same_place(a: Let, b: Let) -> bool:
    if len(a.args) != 3 or len(b.args) != 3:
        return False
    first, second = _plain(a.args[1]), _plain(b.args[1])
    if isinstance(type_of(a.args[0]), ListOf) and _is_from_end(a.args[1]):
        return False  # the list may have grown
    return len(first) == len(second) and all(map(_same, first, second))


def _is_from_end(index: Operand) -> bool:
    return isinstance(index, Const) and isinstance(index.value, int) and index.value < 0


def _plain(index: Operand) -> list[Operand]:
    """The items of an index, without dots at its end."""
    items = list(index_items(index))
    if len(items) > 1 and isinstance(items[-1], Const) and items[-1].value is Ellipsis:
        items.pop()
    return items


def _same(a: Operand, b: Operand) -> bool:
    match a, b:
        case Const(x), Const(y):
            return type(x) is type(y) and type(x) in (int, slice, type(None)) and bool(x == y)
        case SliceOf(), SliceOf():
            parts = ((a.start, b.start), (a.stop, b.stop), (a.step, b.step))
            return all(_same(x, y) for x, y in parts)
        case _:
            return a is b


def _meets(write: _Access, read: _Access, numbers: Numbers, *, later: bool = True) -> bool:
    """Whether a read may see what was written, in the same trips or, if `later`, in later ones."""
    common = [a for a, b in zip(write.loops, read.loops, strict=False) if a is b]
    cases = list(range(len(common))) if later else []
    if read.position > write.position and not _are_siblings(write, read):
        cases.append(len(common))  # in the same trips
    return any(not _are_apart(write, read, common, depth, numbers) for depth in cases)


def _are_siblings(a: _Access, b: _Access) -> bool:
    """Whether two statements stand in different arms of one branch."""
    arms = dict(a.arms)
    return any(branch in arms and arms[branch] != number for branch, number in b.arms)


def _are_apart(
    write: _Access, read: _Access, common: list[Loop], depth: int, numbers: Numbers
) -> bool:
    """Whether the two have nothing in common where the first `depth` loops are in the same trip.

    The loop at `depth`, if there is one, is in a later trip when the read runs.
    """
    if write.region is None or read.region is None:
        return False
    fixed = {numbers.counters[loop] for loop in common[:depth] if loop in numbers.counters}
    names = _other_names(read, fixed, numbers)
    bounds = dict(numbers.bounds)
    for symbol, other in names.items():
        lows, highs = numbers.bounds.get(symbol, ((), ()))
        bounds[other] = (_all_with(lows, names), _all_with(highs, names))
    if depth < len(common) and common[depth] in numbers.counters:
        symbol = numbers.counters[common[depth]]
        _order(common[depth], length(symbol), names[symbol], bounds)
    return are_apart(write.region, renamed(read.region, names), bounds)


def _all_with(values: tuple[Length, ...], names: Mapping[Symbol, Symbol]) -> tuple[Length, ...]:
    return tuple(with_symbols(value, names) for value in values)


def _other_names(read: _Access, fixed: set[Symbol], numbers: Numbers) -> dict[Symbol, Symbol]:
    """Names for the symbols that may be something else when the read runs."""
    inner = {numbers.counters[loop] for loop in read.loops if loop in numbers.counters}
    free = {s for s in all_symbols([read.region]) | inner if s.example < 0}
    return {s: Symbol(f"{s.name} later") for s in free - fixed}


def _order(
    loop: Loop,
    now: Length,
    later: Symbol,
    bounds: dict[Symbol, tuple[tuple[Length, ...], tuple[Length, ...]]],
) -> None:
    """Note that a counter is further on in a later trip."""
    assert isinstance(loop.head, For)
    step = getattr(loop.head.step, "value", 0)
    up = (step > 0) != loop.head.reverse
    lows, highs = bounds[later]
    if step == 0:
        return
    bounds[later] = ((*lows, now + 1), highs) if up else (lows, (*highs, now - 1))
