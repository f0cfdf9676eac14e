"""A list that is a heap, and the functions of `heapq`, in Python: the interpreter reads these.

The items stand in a list, in the order in which they were put in. The heap itself is one of the
emitted code, of pairs of an item, without its derivative, and where it stands. So it has the order
that `heapq` gives it, and what is taken out of it is an item of a list that only grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

__all__ = [
    "HeapList",
    "enter_all",
    "heap_item",
    "heap_put",
    "heap_size",
    "heap_taken",
    "heapify",
    "heappop",
    "heappush",
    "heappushpop",
    "heapreplace",
    "nlargest",
    "nsmallest",
]


def heap_put(name: str, heap: Any, *pair: Any) -> None:
    """Call a function of `heapq`, or `append`, with an item and where it stands.

    What a heap is asked is answered by `heaps`.
    """
    raise NotImplementedError


def heap_taken(name: str, heap: Any, held: list[Any], *pair: Any) -> Any:
    """The item of the pair that such a function takes out."""
    raise NotImplementedError


def heap_item(heap: Any, held: list[Any], position: int) -> Any:
    """The item at a position of a heap."""
    raise NotImplementedError


def heap_size(heap: Any) -> int:
    """How many are in it."""
    raise NotImplementedError


class HeapList:
    """A list that is given to functions of `heapq`: `held` has the items, `heap` their order."""

    heap: Any
    held: list[Any]

    def append(self, item: Any) -> None:
        heap_put("append", self.heap, item, len(self.held))
        self.held.append(item)

    def extend(self, items: Iterable[Any]) -> None:
        for item in items:
            self.append(item)

    def __len__(self) -> int:
        return heap_size(self.heap)

    def __getitem__(self, position: int) -> Any:
        return heap_item(self.heap, self.held, position)

    def __iter__(self) -> Any:
        return map(self.__getitem__, range(len(self)))


def enter_all(heap: Any) -> None:
    """Make a heap of what stands in its list."""
    for place, item in enumerate(heap.held):
        heap_put("append", heap.heap, item, place)


def heappush(heap: Any, item: Any) -> None:
    heap_put("heappush", heap.heap, item, len(heap.held))
    heap.held.append(item)


def heappop(heap: Any) -> Any:
    return heap_taken("heappop", heap.heap, heap.held)


def heapify(heap: Any) -> None:
    heap_put("heapify", heap.heap)


def heappushpop(heap: Any, item: Any) -> Any:
    place = len(heap.held)
    heap.held.append(item)
    return heap_taken("heappushpop", heap.heap, heap.held, item, place)


def heapreplace(heap: Any, item: Any) -> Any:
    place = len(heap.held)
    heap.held.append(item)
    return heap_taken("heapreplace", heap.heap, heap.held, item, place)


def nsmallest(n: int, iterable: Iterable[Any], key: Callable[[Any], Any] | None = None) -> Any:
    return sorted(iterable, key=key)[:n]


def nlargest(n: int, iterable: Iterable[Any], key: Callable[[Any], Any] | None = None) -> Any:
    return sorted(iterable, key=key, reverse=True)[:n]
