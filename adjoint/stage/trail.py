"""Every write of the interpreter goes through a trail, so that it can be taken back."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, NamedTuple

__all__ = ["ABSENT", "BIRTHS", "Cell", "Location", "Mark", "Trail"]


class _Absent:
    """There is no value."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()


BIRTHS = itertools.count()


@dataclass(eq=False, slots=True)
class Cell:
    """A place that can be written: the names of a frame, a list, a dict, an object.

    `shared` is the name under which it lives outside the function, if it does and is no argument;
    `birth` orders cells by when they were made: a loop carries only cells older than itself.
    """

    slots: dict[Any, Any] = field(default_factory=dict)
    shared: str = field(default="", kw_only=True)
    birth: int = field(default_factory=lambda: next(BIRTHS), kw_only=True)


Location = tuple[Cell, Any]


class Mark(NamedTuple):
    """A state of the trail: how long it was, and which cells there were."""

    position: int
    birth: int


class Trail:
    """The log of writes since the beginning."""

    def __init__(self) -> None:
        self._log: list[tuple[Cell, Any, Any]] = []

    def set(self, cell: Cell, key: Any, value: Any) -> None:
        """Write `value`, or remove the slot if it is ABSENT."""
        self._log.append((cell, key, cell.slots.get(key, ABSENT)))
        _put(cell, key, value)

    def wrote(self, cell: Cell) -> bool:
        """Whether a write of this cell is in the log."""
        return any(each is cell for each, _, _ in self._log)

    def mark(self) -> Mark:
        """The present state, to be handed to `changes` or `roll_back`."""
        return Mark(len(self._log), next(BIRTHS))

    def changes(self, mark: Mark) -> dict[Location, Any]:
        """The present values of all locations written since `mark`, in the order of writing."""
        return {
            (cell, key): cell.slots.get(key, ABSENT) for cell, key, _ in self._log[mark.position :]
        }

    def before(self, mark: Mark) -> dict[Location, Any]:
        """What the locations written since `mark` had then."""
        found: dict[Location, Any] = {}
        for cell, key, old in self._log[mark.position :]:
            found.setdefault((cell, key), old)
        return found

    def changed(self, mark: Mark, until: Mark) -> frozenset[Location]:
        """The locations written from one mark to another, as far as it is not taken back."""
        return frozenset((cell, key) for cell, key, _ in self._log[mark.position : until.position])

    def roll_back(self, mark: Mark) -> dict[Location, Any]:
        """Take back all writes since `mark`; what they had made of their locations.

        A cell that was made since then stays as it is at the end: what holds it now is in the
        values that are given back.
        """
        changed = self.changes(mark)
        for cell, key, old in reversed(self._log[mark.position :]):
            if cell.birth < mark.birth:
                _put(cell, key, old)
        del self._log[mark.position :]
        return changed


def _put(cell: Cell, key: Any, value: Any) -> None:
    if value is ABSENT:
        cell.slots.pop(key, None)
    else:
        cell.slots[key] = value
