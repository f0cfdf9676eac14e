"""Finds items of a list that change places, which is an edit that is its own inverse."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from adjoint.ir.alike import likeness_computed
from adjoint.ir.infer import type_of
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Function, Let, Operand, Statement, Var
from adjoint.ir.ops import Form
from adjoint.ir.updates import (
    EXCHANGE,
    edit_of,
    is_exchange,
    path_of,
    path_of_edit,
    update_place,
    way_of_edit,
    written_value,
)
from adjoint.ir.values import ListOf, rank
from adjoint.ir.walk import all_blocks, all_statements, count_uses
from adjoint.optimise.edit import replace_lets

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
    if not any(_is_of_list(let) for let in lets):
        return function
    finder = _Finder({let.target: let for let in lets if let.target}, count_uses(function))
    changes: dict[Let, tuple[Let, ...]] = {}
    for block in all_blocks(function.body):
        for statement in block.statements:
            if isinstance(statement, Let) and _is_of_list(statement):
                changes.update(finder.changes(statement, block.statements))
    return replace_lets(function, changes) if changes else function


def _is_of_list(let: Let) -> bool:
    """Whether an item of a list is written, or two are exchanged."""
    return (let.op == _PUT or is_exchange(let)) and isinstance(type_of(let.args[0]), ListOf)


@dataclass(frozen=True, slots=True)
class _Finder:
    made: Mapping[Var, Let]
    uses: Mapping[Var, int]

    def changes(self, last: Let, block: Sequence[Statement]) -> dict[Let, tuple[Let, ...]]:
        """What is written instead of an exchange that ends here; nothing if there is none."""
        between = last.args[0]
        first = self.made.get(between) if isinstance(between, Var) else None
        if is_exchange(last):
            return self._needless(last, last, block)
        if first is None or first.op != _PUT or first not in block:
            return {}
        place, other = path_of(first), path_of(last)
        if not self._is_exchange(first, last) or len(place) != len(other):
            return {}
        args = edit_of(first.args[0], tuple(place[:-1]), place[-1], other[-1])
        made = replace(last, op=EXCHANGE, args=args)
        return {first: (), last: (made,), **self._needless(last, made, block)}

    def _is_exchange(self, first: Let, last: Let) -> bool:
        """Whether each of two writes puts what was in the place of the other, in the same list."""
        owner, between = first.args[0], last.args[0]
        places = [path_of(first), path_of(last)]
        if not isinstance(between, Var) or self.uses[between] != 1:
            return False
        if any(rank(type_of(place[-1])) != 0 for place in places):
            return False
        taken = [self._way(written_value(each), owner) for each in (last, first)]
        inner = {self._like(place[:-1]) for place in places}
        return len(inner) == 1 and list(map(self._like, taken)) == list(map(self._like, places))

    def _like(self, way: Sequence[Operand] | None) -> Hashable:
        """What ways share that lead to one place."""
        return None if way is None else tuple(likeness_computed(each, self.made) for each in way)

    def _way(self, item: Operand, owner: Operand) -> list[Operand] | None:
        """The indices by which an item was read from a list; None if it was not."""
        way: list[Operand] = []
        while item is not owner:
            let = self.made.get(item) if isinstance(item, Var) else None
            if let is None or let.op.form is not Form.INDEX:
                return None
            item, way = let.args[0], [let.args[1], *way]
        return way

    def _needless(
        self, at: Let, exchange: Let, block: Sequence[Statement]
    ) -> dict[Let, tuple[Let, ...]]:
        """The reads of both items: the exchange raises where they would."""
        found: dict[Let, tuple[Let, ...]] = {}
        owner, inner = exchange.args[0], way_of_edit(exchange)
        likes = {self._like((*inner, position)) for position in path_of_edit(exchange)}
        for statement in reversed(block[: block.index(at)]):
            if not isinstance(statement, Let) or statement.op.effect or statement.target is None:
                break  # it is seen even if the next one raises
            if self._like(self._way(statement.target, owner)) in likes:
                found[statement] = (replace(statement, op=replace(statement.op, proven=True)),)
        return {let: new for let, new in found.items() if not let.op.proven}
