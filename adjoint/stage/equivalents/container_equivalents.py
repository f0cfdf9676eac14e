"""Classes of `collections` in Python, and copies: the interpreter reads these in their place.

They hold a list or dict of Python's, so that whether their length is known, what they hold and who
shares them is what it is for that.
"""

from __future__ import annotations

import collections
import copy
from collections.abc import Callable, Iterable
from typing import Any

from adjoint.stage.equivalents.dict_equivalents import DictOfPlaces, popitem
from adjoint.stage.equivalents.heap_equivalents import HeapList
from adjoint.stage.objects.attribute_dicts import AttributeDict

__all__ = [
    "HOLDING",
    "STANDS_FOR",
    "ChangingSet",
    "Counter",
    "DefaultDict",
    "Deque",
    "OrderedDict",
    "each_copied",
    "of_items",
]


def each_copied(items: list[Any]) -> list[Any]:
    """As ``copy.deepcopy`` of a list, nothing of which is in it twice."""
    return [copy.deepcopy(item) for item in items]


def of_items(cls: Callable[..., Any], items: Iterable[Any]) -> Any:
    """``cls._make(items)`` of a named tuple."""
    return cls(*items)


class Deque:
    """``collections.deque``."""

    def __init__(self, iterable: Iterable[Any] = (), maxlen: int | None = None) -> None:
        self.maxlen = maxlen
        self.items: list[Any] = []
        if maxlen is None:
            self.items = list(iterable)
        else:
            self.extend(iterable)

    def append(self, item: Any) -> None:
        self.items.append(item)
        if self.maxlen is not None and len(self.items) > self.maxlen:
            del self.items[0]

    def appendleft(self, item: Any) -> None:
        self.items.insert(0, item)
        if self.maxlen is not None and len(self.items) > self.maxlen:
            del self.items[-1]

    def extend(self, iterable: Iterable[Any]) -> None:
        for item in iterable:
            self.append(item)

    def extendleft(self, iterable: Iterable[Any]) -> None:
        for item in iterable:
            self.appendleft(item)

    def pop(self) -> Any:
        if len(self.items) == 0:
            raise IndexError("pop from an empty deque")
        return self.items.pop()

    def popleft(self) -> Any:
        if len(self.items) == 0:
            raise IndexError("pop from an empty deque")
        return self.items.pop(0)

    def rotate(self, n: int = 1) -> None:
        if len(self.items) > 0:
            k = n % len(self.items)
            self.items = self.items[len(self.items) - k :] + self.items[: len(self.items) - k]

    def clear(self) -> None:
        self.items = []

    def copy(self) -> Deque:
        return Deque(self.items, self.maxlen)

    def reverse(self) -> None:
        self.items.reverse()

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Any:
        return iter(self.items)

    def __reversed__(self) -> Any:
        return reversed(self.items)

    def __getitem__(self, position: int) -> Any:
        return self.items[position]

    def __setitem__(self, position: int, item: Any) -> None:
        self.items[position] = item


class OrderedDict:
    """``collections.OrderedDict``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.entries = dict(*args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self.entries[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self.entries[key] = value

    def __delitem__(self, key: Any) -> None:
        del self.entries[key]

    def __contains__(self, key: Any) -> bool:
        return key in self.entries

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Any:
        return iter(self.entries)

    def keys(self) -> Any:
        return self.entries.keys()

    def values(self) -> Any:
        return self.entries.values()

    def items(self) -> Any:
        return self.entries.items()

    def get(self, key: Any, default: Any = None) -> Any:
        return self.entries.get(key, default)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        return self.entries.setdefault(key, default)

    def pop(self, key: Any, *default: Any) -> Any:
        return self.entries.pop(key, *default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        self.entries.update(dict(*args, **kwargs))

    def popitem(self, last: bool = True) -> Any:
        return popitem(self.entries, last)

    def move_to_end(self, key: Any, last: bool = True) -> None:
        item = self.entries.pop(key)
        if last:
            self.entries[key] = item
        else:
            self.entries = {key: item, **self.entries}


class DefaultDict(OrderedDict):
    """``collections.defaultdict``."""

    def __init__(
        self, default_factory: Callable[[], Any] | None = None, *args: Any, **kwargs: Any
    ) -> None:
        self.default_factory = default_factory
        self.entries = dict(*args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        if self.default_factory is float or self.default_factory is int:
            return self.entries.setdefault(key, self.default_factory())
        if self.default_factory is not None and key not in self.entries:
            self.entries[key] = self.default_factory()
        return self.entries[key]


class Counter(OrderedDict):
    """``collections.Counter`` of a mapping or of keyword arguments, or of what is counted."""

    def __init__(self, iterable: Any = None, **kwargs: Any) -> None:
        self.entries = {}
        if iterable is not None:
            self.update(iterable)
        self.update(kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self.entries.get(key, 0)

    def update(self, iterable: Any, **kwargs: Any) -> None:
        counts = _counts(iterable)
        for key in counts:
            self.entries[key] = counts[key] + self.entries.get(key, 0)
        for key in kwargs:
            self.entries[key] = kwargs[key] + self.entries.get(key, 0)

    def total(self) -> Any:
        return sum(self.entries.values())

    def most_common(self, n: int | None = None) -> Any:
        found = sorted(self.entries.items(), key=lambda pair: pair[1], reverse=True)
        return found if n is None else found[:n]


def _counts(iterable: Any) -> dict[Any, Any]:
    if isinstance(iterable, dict):
        return iterable
    if isinstance(iterable, OrderedDict):
        return iterable.entries
    counts: dict[Any, Any] = {}
    for item in iterable:
        counts[item] = counts.get(item, 0) + 1
    return counts


def new_set(items: tuple[Any, ...]) -> Any:
    """A set of the emitted code; `sets` answers this, and the four below."""
    raise NotImplementedError


def set_method(name: str, held: Any, *items: Any) -> Any:
    """A method of such a set."""
    raise NotImplementedError


def in_set(item: Any, held: Any) -> Any:
    """Whether something is in it."""
    raise NotImplementedError


def items_of(held: Any) -> Any:
    """A list of what is in it."""
    raise NotImplementedError


def size_of(held: Any) -> Any:
    """How much is in it."""
    raise NotImplementedError


class ChangingSet(set):  # type: ignore[type-arg]
    """A set that is changed after it was made."""

    def __init__(self, items: tuple[Any, ...]) -> None:
        self.members = new_set(items)

    def add(self, item: Any) -> None:
        set_method("add", self.members, item)

    def discard(self, item: Any) -> None:
        set_method("discard", self.members, item)

    def remove(self, item: Any) -> None:
        set_method("remove", self.members, item)

    def clear(self) -> None:
        set_method("clear", self.members)

    def pop(self) -> Any:
        return set_method("pop", self.members)

    def update(self, *others: Any) -> None:
        for other in others:
            for item in other:
                self.add(item)

    def difference_update(self, *others: Any) -> None:
        for other in others:
            for item in other:
                self.discard(item)

    def copy(self) -> Any:
        made = ChangingSet(())
        made.update(self)
        return made

    def union(self, *others: Any) -> Any:
        made = self.copy()
        made.update(*others)
        return made

    def difference(self, *others: Any) -> Any:
        made = self.copy()
        made.difference_update(*others)
        return made

    def intersection(self, *others: Any) -> Any:
        made = ChangingSet(())
        for item in self:
            if all(item in other for other in others):
                made.add(item)
        return made

    def issubset(self, other: Any) -> Any:
        return all(item in other for item in self)

    def issuperset(self, other: Any) -> Any:
        return all(item in self for item in other)

    def isdisjoint(self, other: Any) -> Any:
        return not any(item in self for item in other)

    def __len__(self) -> Any:
        return size_of(self.members)

    def __contains__(self, item: Any) -> Any:
        return in_set(item, self.members)

    def __iter__(self) -> Any:
        return iter(items_of(self.members))

    def __eq__(self, other: Any) -> Any:
        return len(self) == len(other) and all(item in other for item in self)

    def __ne__(self, other: Any) -> Any:
        return not self == other

    def __or__(self, other: Any) -> Any:
        return self.union(other)

    def __ror__(self, other: Any) -> Any:
        return self.union(other)

    def __and__(self, other: Any) -> Any:
        return self.intersection(other)

    def __rand__(self, other: Any) -> Any:
        return self.intersection(other)

    def __sub__(self, other: Any) -> Any:
        return self.difference(other)

    def __rsub__(self, other: Any) -> Any:
        made = ChangingSet(())
        made.update(other)
        made.difference_update(self)
        return made

    def __le__(self, other: Any) -> Any:
        return self.issubset(other)

    def __ge__(self, other: Any) -> Any:
        return self.issuperset(other)

    def __ior__(self, other: Any) -> Any:
        self.update(other)
        return self

    def __isub__(self, other: Any) -> Any:
        self.difference_update(other)
        return self


#: What an object of such a class is held in, and what that is called where the object has a name.
HOLDING: dict[type, dict[str, str]] = {
    Deque: {"items": "{}"},
    ChangingSet: {"members": "{}"},
    HeapList: {"heap": "{}", "held": "{}_items"},
    DictOfPlaces: {"places": "{}_index", "held": "{}"},
    **{cls: {"entries": "{}"} for cls in (OrderedDict, DefaultDict, Counter)},
}

#: What an object of such a class is for the program.
STANDS_FOR: dict[type, type] = {
    Deque: collections.deque,
    ChangingSet: set,
    OrderedDict: collections.OrderedDict,
    DefaultDict: collections.defaultdict,
    Counter: collections.Counter,
    DictOfPlaces: dict,
    HeapList: list,
    AttributeDict: dict,
}
