"""Gives every variable a name: versions that can share one do, and the user's names win.

Variables that should end in one name meet if their ranges do not overlap: first what an update
changes and its result, then the carried variables of loops, then the joins of branches, then mere
aliases. A meeting that fails becomes a copy.
"""

from __future__ import annotations

import keyword
from bisect import insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from adjoint.emit.intervals import Ranges
from adjoint.emit.nesting import Nesting
from adjoint.emit.operands import statements, user_names
from adjoint.emit.uses import Uses
from adjoint.emit.widths import base_name
from adjoint.ir.nodes import (
    Block,
    Branch,
    Exit,
    Function,
    Let,
    Loop,
    Next,
    Operand,
    Role,
    Statement,
    Var,
    Yield,
)
from adjoint.ir.ops import Form

__all__ = ["Meetings", "flag_name", "meet", "name_classes"]


@dataclass(slots=True)
class _Class:
    """Variables that have one name."""

    ranges: Ranges
    role: Role
    name: str
    first: Var
    fixed: bool = False
    alone: bool = False


class Meetings:
    """Which variables have one name."""

    def __init__(
        self, ranges: Mapping[Var, Ranges], fixed: Iterable[Var], alone: Iterable[Var]
    ) -> None:
        self._parent: dict[Var, Var] = {}
        self._classes: dict[Var, _Class] = {}
        for var, needed in ranges.items():
            own = Ranges(list(needed.starts), list(needed.ends))
            self._classes[var] = _Class(own, var.role, var.name, var)
        for var in fixed:
            self._classes[var].fixed = True
        for var in alone:
            self._classes[var].alone = True

    def root(self, var: Var) -> Var:
        """The variable that stands for the class of `var`."""
        root = var
        while root in self._parent:
            root = self._parent[root]
        while var is not root:
            self._parent[var], var = root, self._parent[var]
        return root

    def classes(self) -> Iterator[tuple[Var, _Class]]:
        """All classes, with the variable that stands for each."""
        yield from self._classes.items()

    def meet(self, target: Var, source: Operand, *, renaming: bool = False) -> bool:
        """Give two variables one name if they can have one; whether they have.

        The user's name of `source` is given up only if `renaming`.
        """
        if not isinstance(source, Var):
            return False
        into, other = self.root(target), self.root(source)
        if into is other:
            return True
        if into not in self._classes or other not in self._classes:
            return False
        a, b = self._classes[into], self._classes[other]
        named_apart = b.name not in ("", a.name)
        if (
            a.alone
            or b.alone
            or a.role is not b.role
            or (named_apart and not renaming)
            or (a.fixed and b.fixed)
        ):
            return False
        if a.ranges.overlaps(b.ranges):
            return False
        self._unite(into, other, name=b.name or a.name)
        return True

    def name(self, var: Var, name: str) -> None:
        """Give a name to a variable that has none."""
        made = self._classes[self.root(var)]
        made.name = made.name or name

    def unite(self, a: Var, b: Var) -> None:
        """Give two variables one name that must have one."""
        first, second = self.root(a), self.root(b)
        if first is not second and first in self._classes and second in self._classes:
            self._unite(first, second, self._classes[first].name or self._classes[second].name)

    def _unite(self, into: Var, other: Var, name: str) -> None:
        a, b = self._classes[into], self._classes[other]
        if len(a.ranges.starts) < len(b.ranges.starts):
            into, other, a, b = other, into, b, a
        a.ranges.update(b.ranges)
        fixed = next((c for c in (a, b) if c.fixed), None)
        a.name, a.fixed = (fixed.name, True) if fixed is not None else (name, False)
        a.first = min(a.first, b.first, key=lambda var: var.number)
        self._parent[other] = into
        del self._classes[other]


def meet(
    function: Function, nesting: Nesting, ranges: Mapping[Var, Ranges]
) -> tuple[Meetings, list[Let]]:
    """Which variables have one name, and the updates whose result cannot have its argument's."""
    everything = [s for s in statements(function.body) if nesting.prints(s)]
    meetings = Meetings(ranges, (*function.params, *function.keywords), _caught(everything))
    for statement in everything:
        if isinstance(statement, Loop):
            # What must be one name comes before what should be.
            for param, out in zip(statement.params, statement.outs, strict=True):
                meetings.unite(param, out)
    failed = [s for s in everything if isinstance(s, Let) and not _meet_update(s, meetings)]
    for statement in everything:
        if isinstance(statement, Loop):
            _meet_loop(statement, meetings)
    for statement in everything:
        if isinstance(statement, Branch):
            for arm in (statement.then, statement.other):
                if isinstance(arm.leaf, Yield):
                    _meet_all(statement.joins, arm.leaf.values, meetings)
    for statement in everything:
        if isinstance(statement, Let) and statement.op.form is Form.ALIAS and statement.target:
            meetings.meet(statement.target, statement.args[0])
        elif isinstance(statement, Let):
            _name_number(statement, meetings)
    return meetings, failed


def _caught(everything: Iterable[Statement]) -> Iterator[Var]:
    """What handlers give a name to: it is gone at their end, and no other variable may be."""
    for statement in everything:
        if isinstance(statement, Let) and statement.op.form is Form.CAUGHT and statement.target:
            yield statement.target


def _meet_update(let: Let, meetings: Meetings) -> bool:
    if not let.op.updates or let.target is None:
        return True
    return meetings.meet(let.target, let.args[0], renaming=True)


def _name_number(let: Let, meetings: Meetings) -> None:
    """Name what makes a number of a gradient like that: ``d_b = float(np.sum(d_y))``."""
    of = let.args[0] if let.op.function in (float, complex) and let.args else None
    if let.target is None or not let.target.role.derived or not isinstance(of, Var):
        return
    if of.role is let.target.role:
        meetings.name(let.target, of.name)


def _meet_loop(loop: Loop, meetings: Meetings) -> None:
    for values in _handed_on(loop.body):
        _meet_all(loop.params, values, meetings)
    _meet_all(loop.params, loop.inits, meetings)


def _handed_on(block: Block) -> Iterator[tuple[Operand, ...]]:
    """The values that the ends of a loop's body hand on, those of its arms included."""
    if isinstance(block.leaf, Next | Exit):
        yield block.leaf.values
    for statement in block.statements:
        if isinstance(statement, Branch):
            yield from _handed_on(statement.then)
            yield from _handed_on(statement.other)


def _meet_all(targets: Iterable[Var], values: Iterable[Operand], meetings: Meetings) -> None:
    for target, value in zip(targets, values, strict=False):
        meetings.meet(target, value)


def flag_name(code: Var, uses: Uses) -> str:
    """The name of what says how a loop was left."""
    exits = uses.exits.get(code, [])
    if len(exits) > 1:
        return "exit_code"
    return "returned" if not exits or exits[0].kind == "return" else "broke"


def name_classes(
    function: Function, meetings: Meetings, uses: Uses, unusable: Iterable[str]
) -> dict[Var, str]:
    """The name of each class, by the variable that stands for it.

    Parameters
    ----------
    function
        Its arguments keep their names.
    meetings, uses
        The classes, and what their variables are used for.
    unusable
        Names that no variable may have.
    """
    naming = _Naming(function, unusable)
    found = sorted(meetings.classes(), key=lambda pair: _order(pair[1]))
    return {var: naming.name(made, _base(made, uses)) for var, made in found}


def _order(made: _Class) -> tuple[bool, int, int]:
    return (not made.fixed, made.ranges.starts[0], made.first.number)


def _base(made: _Class, uses: Uses) -> str:
    if made.role is Role.FLAG:
        return made.name or flag_name(made.first, uses)
    return base_name(Var(0, made.name, made.first.type, made.role))


class _Numbers:
    """The numbers of the names made from one base; those in use stand aside until they are free."""

    def __init__(self) -> None:
        self._busy: list[tuple[int, int]] = []  # a heap: until where, and the number
        self._free: list[int] = []
        self._next = 0

    def idle(self, position: int) -> Iterator[int]:
        """The numbers that do not stand aside at a position, in order; positions only grow."""
        while self._busy and self._busy[0][0] <= position:
            insort(self._free, heappop(self._busy)[1])
        yield from tuple(self._free)
        while True:
            self._free.append(self._next)
            self._next += 1
            yield self._free[-1]

    def set_aside(self, number: int, until: int) -> None:
        """Leave a number out of account up to a position."""
        self._free.remove(number)
        heappush(self._busy, (until, number))


class _Naming:
    def __init__(self, function: Function, unusable: Iterable[str]) -> None:
        self._users = user_names(function)
        self._shadows = {
            shadow: None for name in self._users for shadow in (f"d_{name}", f"{name}_dot")
        }
        self._unusable = dict.fromkeys(
            (*unusable, *keyword.kwlist, *keyword.softkwlist, function.name)
        )
        self._occupied: dict[str, Ranges] = {}
        self._numbers: dict[str, _Numbers] = {}
        self._gone: set[str] = set()

    def name(self, made: _Class, base: str) -> str:
        """The first of ``base``, ``base_1``, ... that `made` can have; by the order of starts."""
        candidate = base if made.fixed else self._first_that_fits(made, base)
        self._occupied.setdefault(candidate, Ranges()).update(made.ranges)
        if made.alone:
            self._gone.add(candidate)
        return candidate

    def _first_that_fits(self, made: _Class, base: str) -> str:
        start = made.ranges.starts[0]
        numbers = self._numbers.setdefault(base, _Numbers())
        for number in numbers.idle(start):
            candidate = f"{base}_{number}" if number else base
            if self._fits(candidate, made, number):
                return candidate
            if candidate in self._occupied:
                numbers.set_aside(number, self._occupied[candidate].end_at(start))
        raise AssertionError("numbers have no end")

    def _fits(self, candidate: str, made: _Class, number: int) -> bool:
        own = number == 0 and bool(made.name)
        users_own = own and made.role is Role.PRIMAL
        if candidate in self._users and not users_own:
            return False
        if candidate in self._shadows and not users_own and not (own and made.role.derived):
            return False
        if candidate in self._unusable and not users_own:
            return False
        occupied = self._occupied.get(candidate)
        if occupied is not None and made.alone is not (candidate in self._gone):
            return False  # what a handler names is unbound at its end
        return occupied is None or not occupied.overlaps(made.ranges)
