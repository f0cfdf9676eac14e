"""Every write of the interpreter goes through a trail, so that it can be taken back."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ABSENT", "Cell", "Location", "Trail"]


class _Absent:
    """There is no value."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()


_births = itertools.count()


@dataclass(eq=False, slots=True)
class Cell:
    """A place that can be written: the names of a frame, a list, a dict, an object.

    `birth` orders cells by when they were made: a loop carries only cells older than itself.
    """

    slots: dict[Any, Any] = field(default_factory=dict)
    birth: int = field(default_factory=lambda: next(_births), kw_only=True)


Location = tuple[Cell, Any]


class Trail:
    """The log of writes since the beginning."""

    def __init__(self) -> None:
        self._log: list[tuple[Cell, Any, Any]] = []

    def set(self, cell: Cell, key: Any, value: Any) -> None:
        """Write `value`, or remove the slot if it is ABSENT."""
        self._log.append((cell, key, cell.slots.get(key, ABSENT)))
        _put(cell, key, value)

    def mark(self) -> int:
        """The present state, to be handed to `changes` or `roll_back`."""
        return len(self._log)

    def changes(self, mark: int) -> dict[Location, Any]:
        """The present values of all locations written since `mark`, in the order of writing."""
        return {(cell, key): cell.slots.get(key, ABSENT) for cell, key, _ in self._log[mark:]}

    def roll_back(self, mark: int) -> dict[Location, Any]:
        """Take back all writes since `mark`; what they had made of their locations."""
        changed = self.changes(mark)
        for cell, key, old in reversed(self._log[mark:]):
            _put(cell, key, old)
        del self._log[mark:]
        return changed


def _put(cell: Cell, key: Any, value: Any) -> None:
    if value is ABSENT:
        cell.slots.pop(key, None)
    else:
        cell.slots[key] = value
