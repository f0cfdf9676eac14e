"""A dict in Python of what is changed in place: the interpreter reads it in the place of `dict`.

What it holds stands in a list, and a dict by the same keys tells where. So a list, an array or a
tuple in a dict by keys known at run time only is what it is in a list of run-time length: changed
and written in place, and taken back. No item ever moves, since what is put in is always put at
the end: what was read under a name is what it was when the dict has another at its key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["DictOfPlaces", "Items", "Values", "fromkeys", "item_at", "popitem"]


def item_at(places: dict[Any, int], held: list[Any], key: Any) -> Any:
    """``held[places[key]]``, where the key alone may be missing; `dict_methods` answers this."""
    raise NotImplementedError


def fromkeys(keys: Any, value: Any = None) -> Any:
    """``dict.fromkeys``."""
    made = {}
    for key in keys:
        made[key] = value
    return made


def popitem(held: Any, last: bool = True) -> Any:
    """``d.popitem()``, and that of an `OrderedDict`."""
    if len(held) == 0:
        raise KeyError("popitem(): dictionary is empty")
    key = list(held)[-1 if last else 0]
    return key, held.pop(key)


class DictOfPlaces:
    """A dict of which `held` has the items, and `places` tells where."""

    def __init__(self) -> None:
        self.places: dict[Any, int] = {}
        self.held: list[Any] = []

    def __getitem__(self, key: Any) -> Any:
        return item_at(self.places, self.held, key)

    def __setitem__(self, key: Any, item: Any) -> None:
        self.places[key] = len(self.held)
        self.held.append(item)

    def __delitem__(self, key: Any) -> None:
        del self.places[key]

    def __contains__(self, key: Any) -> Any:
        return key in self.places

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Any:
        return iter(self.places)

    def keys(self) -> Any:
        return self.places.keys()

    def values(self) -> Any:
        return Values(self)

    def items(self) -> Any:
        return Items(self)

    def get(self, key: Any, default: Any = None) -> Any:
        return self[key] if key in self.places else default

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self.places:
            self[key] = default
        return self[key]

    def pop(self, key: Any, *default: Any) -> Any:
        if len(default) > 0 and key not in self.places:
            return default[0]
        item = self[key]
        del self.places[key]
        return item

    def update(self, other: Any = (), **kwargs: Any) -> None:
        pairs = other.items() if hasattr(other, "keys") else other
        for key, item in pairs:
            self[key] = item
        for key, item in kwargs.items():
            self[key] = item

    def clear(self) -> None:
        self.places = {}

    def copy(self) -> Any:
        made = DictOfPlaces()
        made.places, made.held = self.places.copy(), self.held
        return made

    def popitem(self) -> Any:
        return popitem(self)

    def __or__(self, other: Any) -> Any:
        made = self.copy()
        made.update(other)
        return made

    def __ior__(self, other: Any) -> Any:
        self.update(other)
        return self


class Values:
    """What ``d.values()`` gives: it shows the items of the dict as they are."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner

    def __len__(self) -> int:
        return len(self.owner)

    def __iter__(self) -> Iterator[Any]:
        return map(self.owner.__getitem__, self.owner.places)


class Items(Values):
    """What ``d.items()`` gives."""

    def __iter__(self) -> Iterator[Any]:
        return map(self.pair, self.owner.places)

    def pair(self, key: Any) -> tuple[Any, Any]:
        return key, self.owner[key]
