"""What a loop carries, after it: the values of its last trip in the place of those of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adjoint.ir.nodes import Var
from adjoint.ir.walk import substitute
from adjoint.stage.dicts.some_keys import SomeKeys
from adjoint.stage.flow.aliases import after_loop
from adjoint.stage.lists.placed import placed_again
from adjoint.stage.lists.put_in import at_place
from adjoint.stage.lists.references import TARGET
from adjoint.stage.trail import BIRTHS, Cell
from adjoint.stage.values import (
    DictValue,
    ListValue,
    Memory,
    ObjectValue,
    OneOf,
    Order,
    Placed,
    Records,
    Target,
    TupleValue,
    View,
)

__all__ = ["Renewed"]


@dataclass(eq=False)
class Renewed:
    """Values with their variables replaced.

    `table` has the variables after the loop by those of a trip; `heads` are the arrays and lists
    that a trip begins with. Lists, dicts and objects older than `since` are the same after the loop
    as before it; `cells` has what became of the others, once for each.
    """

    table: Mapping[Var, Var]
    heads: Mapping[Memory, Var]
    since: int
    cells: dict[Cell, Any] = field(default_factory=dict)

    def value(self, value: Any) -> Any:
        """A value as it is after the loop."""
        value = at_place(value)
        match value:
            case Memory() if value in self.heads:
                if value not in self.cells:
                    made = self.cells[value] = after_loop(value, self.table[self.heads[value]])
                    if TARGET in value.slots:
                        made.slots[TARGET] = self.value(value.slots[TARGET])
                return self.cells[value]
            case Var():
                return self.table.get(value, value)
            case View(base, path, type_):
                steps = tuple(
                    replace(step, operands=tuple(substitute(o, self.table) for o in step.operands))
                    for step in path
                )
                return View(self.value(base), steps, type_)
            case OneOf(number, items):
                return OneOf(self.table.get(number, number), self.value(items))
            case TupleValue(items, cls):
                return TupleValue(self.value(items), cls)
            case Records(layout, lists):
                return Records(layout, self.value(lists))
            case DictValue(place=Placed() as place) | ObjectValue(place=Placed() as place):
                owner, view = self.value(place.owner), self.value(place.view)
                return placed_again(value, replace(place, owner=owner, view=view))
            case ListValue() | DictValue() | ObjectValue() if value.birth > self.since:
                return self._cell(value)
            case Target(item, view):
                return Target(self.value(item), self.value(view))
            case Order():
                return Order()  # of the last trip
            case tuple():
                return tuple(map(self.value, value))
            case SomeKeys():
                return value.mapped(self.value)
            case dict():
                return {key: self.value(item) for key, item in value.items()}
            case _:
                return value

    def _cell(self, cell: ListValue | DictValue | ObjectValue) -> Any:
        if cell not in self.cells:
            made = self.cells[cell] = replace(cell, slots={}, birth=next(BIRTHS))
            made.slots.update((name, self.value(part)) for name, part in cell.slots.items())
            if isinstance(made, ObjectValue):
                made.computed = Cell(self.value(made.computed.slots))
        return self.cells[cell]
