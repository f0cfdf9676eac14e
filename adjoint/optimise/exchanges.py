"""Finds items of a list that change places, which is an edit that is its own inverse."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Function, Let, Operand, Statement, Var
from adjoint.ir.operands import type_of
from adjoint.ir.updates import EXCHANGE, edit_of, path_of, update_place, written_value
from adjoint.ir.values import ListOf, rank
from adjoint.ir.walk import all_blocks, all_statements, count_uses
from adjoint.optimise.edit import replace_lets
from adjoint.optimise.places import likeness_of, way_from

__all__ = ["use_exchanges"]

_PUT = update_place()


def use_exchanges(function: Function, facts: Facts) -> Function:
    """Return `function` with each exchange of two items of a list as one statement.

    Nothing is kept for it in a backward sweep. ::

        t = xs[i]
        xs[i] = xs[j]        ->      xs[i], xs[j] = xs[j], xs[i]
        xs[j] = t
    """
    lets = [s for s in all_statements(function.body) if isinstance(s, Let)]
    if not any(_is_put(let) for let in lets):
        return function
    finder = _Finder({let.target: let for let in lets if let.target}, count_uses(function))
    changes: dict[Let, tuple[Let, ...]] = {}
    for block in all_blocks(function.body):
        for statement in block.statements:
            if isinstance(statement, Let) and _is_put(statement):
                changes.update(finder.changes(statement, block.statements))
    return replace_lets(function, changes) if changes else function


def _is_put(let: Let) -> bool:
    """Whether an item of a list is replaced."""
    return let.op == _PUT and isinstance(type_of(let.args[0]), ListOf)


@dataclass(frozen=True, slots=True)
class _Finder:
    made: Mapping[Var, Let]
    uses: Mapping[Var, int]

    def changes(self, last: Let, block: Sequence[Statement]) -> dict[Let, tuple[Let, ...]]:
        """What is written instead of an exchange that ends here; nothing if there is none."""
        between = last.args[0]
        first = self.made.get(between) if isinstance(between, Var) else None
        if first is None or first.op != _PUT or first not in block:
            return {}
        if not self._is_exchange(first, last):
            return {}
        place, other = path_of(first), path_of(last)
        args = edit_of(first.args[0], tuple(place[:-1]), place[-1], other[-1])
        return {first: (), last: (replace(last, op=EXCHANGE, args=args),)}

    def _is_exchange(self, first: Let, last: Let) -> bool:
        """Whether each of two writes puts what was in the place of the other, in the same list."""
        owner, between = first.args[0], last.args[0]
        places = [path_of(first), path_of(last)]
        if not isinstance(between, Var) or self.uses[between] != 1:
            return False
        if any(not place or rank(type_of(place[-1])) != 0 for place in places):
            return False
        taken = [way_from(owner, written_value(each), self.made) for each in (last, first)]
        if any(way is None for way in taken):
            return False
        inner = {self._like(place[:-1]) for place in places}
        return len(inner) == 1 and list(map(self._like, taken)) == list(map(self._like, places))

    def _like(self, way: Sequence[Operand] | None) -> Hashable:
        return None if way is None else likeness_of(way, self.made)
