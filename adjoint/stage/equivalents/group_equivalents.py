"""`itertools.groupby` in Python: the interpreter reads this in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["Groups", "groupby", "runs", "used_up"]

Function = Callable[..., Any]


def used_up(iterator: Any) -> None:
    """From here on an iterator has no other item; the interpreter does this itself."""
    raise NotImplementedError


class Groups:
    """The groups and their members take their items from one iterator, in turn."""

    def __init__(self, iterable: Any, key: Function | None) -> None:
        self.items = iter(iterable)
        self.key_of = key
        self.item: Any = ...
        self.key: Any = ...
        self.turn = 0

    def advance(self) -> None:
        """The next item and its key."""
        self.item = next(self.items, ...)
        if self.item is not ...:
            self.key = self.item if self.key_of is None else self.key_of(self.item)

    def groups(self) -> Iterator[Any]:
        """Each key with its group; what a group has left is skipped."""
        self.advance()
        while self.item is not ...:
            self.turn = self.turn + 1
            key = self.key
            yield key, self.members(self.turn, key)
            while self.item is not ... and self.key == key:
                self.advance()

    def members(self, turn: int, key: Any) -> Iterator[Any]:
        """A group: it has no other member once the turn of another has come."""
        while self.turn == turn and self.item is not ... and self.key == key:
            yield self.item
            self.advance()


def groupby(iterable: Any, key: Any = None) -> Iterator[Any]:
    """As in `itertools`."""
    return Groups(iterable, key).groups()


def runs(pool: Any, key: Any = None) -> Iterator[Any]:
    """As in `itertools`, of items that are indexed, by a key that nothing done meanwhile changes.

    A group is then a part of the pool, found before its members are handed out.
    """
    start = 0
    while start < len(pool):
        first = pool[start] if key is None else key(pool[start])
        stop = start + 1
        while stop < len(pool) and (pool[stop] if key is None else key(pool[stop])) == first:
            stop = stop + 1
        members = iter(pool[start:stop])
        yield first, members
        used_up(members)
        start = stop
