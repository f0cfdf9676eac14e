"""Where a function reads and writes parts of arrays, and whether a read may see a write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

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
from adjoint.ir.lengths import Length, Symbol, length
from adjoint.ir.nodes import Block, Branch, For, Let, Loop, Operand, Statement, Var
from adjoint.ir.ops import Form
from adjoint.ir.recalls import is_recall, weakly_read
from adjoint.ir.updates import path_of_edit, way_of_edit
from adjoint.ir.walk import all_statements, blocks, leaf_operands, operand_vars, operands

__all__ = ["Access", "Accesses", "may_see"]

#: What reads of an array only its shape and dtype. (A number is all that `np.full_like` is given.)
_SHAPE_ONLY = (
    *(np.zeros_like, np.ones_like, np.empty_like, np.full_like),
    *(np.shape, np.size, np.ndim, len),
)


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """A reading or writing of a part of an array: where, and in which loops and arms."""

    region: Region
    position: int
    block: Block
    loops: tuple[Loop, ...]
    arms: tuple[tuple[Branch, int], ...]
    values: frozenset[Var] = frozenset()  # for which alone it is read, if they are computed again


@dataclass(slots=True)
class Accesses:
    """All accesses to arrays, by the array's first version.

    `shifted` are the lists of which items get other positions.
    `updated` has the version that each update took over, `together` the variables that are carried
    by one loop, or joined by one branch.
    """

    numbers: Numbers
    roots: dict[Var, Var] = field(default_factory=dict)
    reads: dict[Var, list[Access]] = field(default_factory=dict)
    writes: dict[Let, Access] = field(default_factory=dict)
    shifted: list[Var] = field(default_factory=list)
    updated: dict[Var, Var] = field(default_factory=dict)
    together: list[tuple[Var, ...]] = field(default_factory=list)
    weak: Mapping[Let, frozenset[Var]] = field(default_factory=dict)
    position: int = 0
    here: Block = field(default_factory=lambda: Block(()))

    @classmethod
    def of(cls, part: Block, whole: Block) -> Accesses:
        """The accesses of a part of a body, in which what its leaf hands on is read."""
        found = cls(Numbers.of(whole), weak=weakly_read(part.statements))
        for statement in all_statements(part):
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
        found.block(part, (), ())
        found.position += 1
        for variable in _variables(leaf_operands(part.leaf)):
            found.read(variable, None, (), ())
        return found

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
                self.read(variable, None, loops, arms)

    def _let(self, let: Let, loops: tuple[Loop, ...], arms: tuple[tuple[Branch, int], ...]) -> None:
        if let.op.function in _SHAPE_ONLY:
            return
        updates = let.op.form in (Form.UPDATE_INDEX, Form.UPDATE_AT) and isinstance(
            let.args[0], Var
        )
        edits = let.op.form is Form.UPDATE_METHOD
        if edits and path_of_edit(let) and not way_of_edit(let):
            self.shifted += operand_vars(let.args[0])
        values = self.weak.get(let, frozenset())
        for k, argument in enumerate(operands(let)):
            for variable in operand_vars(argument):
                if (updates or edits) and k == 0:
                    continue
                whole = let.op.form is not Form.INDEX or k > 0
                region = None if whole else self.numbers.region(variable, let.args[1])
                is_kept = k == 0 and is_recall(let)
                self.read(variable, region, loops, arms, frozenset() if is_kept else values)
        if updates:
            old = let.args[0]
            assert isinstance(old, Var)
            region = self.numbers.region(old, let.args[1])
            self.writes[let] = Access(region, self.position, self.here, loops, arms)
            if let.op.name:
                self.read(old, region, loops, arms)

    def read(
        self,
        variable: Var,
        region: Region,
        loops: tuple[Loop, ...],
        arms: tuple[tuple[Branch, int], ...],
        values: frozenset[Var] = frozenset(),
    ) -> None:
        """Note that a part of an array is read."""
        access = Access(region, self.position, self.here, loops, arms, values)
        self.reads.setdefault(variable, []).append(access)


def _variables(values: Iterable[Operand]) -> Iterator[Var]:
    for value in values:
        yield from operand_vars(value)


def may_see(write: Access, read: Access, numbers: Numbers, *, later: bool = True) -> bool:
    """Whether a read may see what was written, in the same trips or, if `later`, in later ones."""
    common = [a for a, b in zip(write.loops, read.loops, strict=False) if a is b]
    cases = list(range(len(common))) if later else []
    if read.position > write.position and not _are_siblings(write, read):
        cases.append(len(common))  # in the same trips
    return any(not _are_apart(write, read, common, depth, numbers) for depth in cases)


def _are_siblings(a: Access, b: Access) -> bool:
    """Whether two statements stand in different arms of one branch."""
    arms = dict(a.arms)
    return any(branch in arms and arms[branch] != number for branch, number in b.arms)


def _are_apart(
    write: Access, read: Access, common: list[Loop], depth: int, numbers: Numbers
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


def _other_names(read: Access, fixed: set[Symbol], numbers: Numbers) -> dict[Symbol, Symbol]:
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
