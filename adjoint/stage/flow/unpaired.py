"""What a loop carries that nothing says how it goes on: a gap in how values are merged.

Such a variable would be taken for one that the trip leaves as it is, and give a wrong result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adjoint.ir.nodes import Var
from adjoint.ir.walk import operand_vars
from adjoint.stage.dicts.some_keys import SomeKeys
from adjoint.stage.trail import ABSENT, Cell
from adjoint.stage.values import Memory, OneOf, Poison, Records, Target, TupleValue, Unbound, View

__all__ = ["replaced"]


def replaced(start: Any, now: Any, heads: Mapping[Memory, Var]) -> Iterator[Var]:
    """The variables in a value for which something else stands at an end of the trip.

    Nobody can read what is not bound there, or is poisoned.

    Parameters
    ----------
    start, now
        The value at the start of the trip, and at its end.
    heads
        The variables of the arrays and lists that the trip begins with.
    """
    seen: set[tuple[Cell, Cell]] = set()  # objects may refer to each other
    waiting = [(start, now)]
    while waiting:
        start, now = waiting.pop()
        match start, now:
            case (_, Poison() | Unbound()) | (Poison() | Unbound(), _):
                continue
            case (Var(), _) | (Memory(), _) if now is not ABSENT and now is not start:
                yield from _variable(start, heads)
            case View(), View():
                yield from _operands(start, now)
            case OneOf(number, items), OneOf():
                yield from () if number is now.number else (number,)
                waiting.append((items, now.items))
            case OneOf(number, _), _ if now is not ABSENT:
                yield number
            case Cell(), Cell() if start is not now and (start, now) not in seen:
                seen.add((start, now))
                waiting.append((start.slots, now.slots))
            case _:
                waiting.extend(_parts(start, now))


def _variable(value: Var | Memory, heads: Mapping[Memory, Var]) -> Iterator[Var]:
    if isinstance(value, Var):
        yield value
    elif value in heads:
        yield heads[value]


def _operands(start: View, now: View) -> Iterator[Var]:
    """The variables in the way to a view that are others in the way to another."""
    for a, b in zip(start.path, now.path, strict=False):
        for x, y in zip(a.operands, b.operands, strict=False):
            pairs = zip(operand_vars(x), operand_vars(y), strict=False)
            yield from (v for v, w in pairs if v is not w)


def _parts(start: Any, now: Any) -> Iterator[tuple[Any, Any]]:
    """The parts of two structures that stand at the same place."""
    match start, now:
        case TupleValue(), TupleValue():
            yield start.items, now.items
        case Records(), Records():
            yield start.lists, now.lists
        case Target(), Target():
            yield from ((start.item, now.item), (start.view, now.view))
        case tuple(), tuple():
            yield from zip(start, now, strict=False)
        case dict(), dict():
            yield from ((start[key], now[key]) for key in start if key in now)
        case SomeKeys(), SomeKeys():
            yield from ((start.items_there, now.items_there), (start.there, now.there))
