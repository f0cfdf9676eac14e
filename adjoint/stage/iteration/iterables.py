"""What the interpreter loops over whose items are computed as they are reached."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import gast

from adjoint.stage.trail import Cell

if TYPE_CHECKING:
    from adjoint.stage.values import Value

__all__ = [
    "Iterable",
    "Later",
    "Leaves",
    "Steps",
    "Stream",
    "index_name",
    "itself",
]

#: A step of the interpreter: it yields the steps it needs, and returns a value.
Steps = Generator[Any, Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Iterable:
    """Something to loop over whose number of items is known at run time only.

    Attributes
    ----------
    start, stop, step
        The range of the index.
    item
        The steps that compute the item from the index.
    of
        The list of which these are items, where that is not to change meanwhile.
    counts
        Whether each item is a pair that begins with the index, as of ``enumerate``.
    """

    start: Value
    stop: Value
    step: Value
    item: Callable[[Value], Steps] = field(repr=False)
    of: Value | None = None
    counts: bool = False

    @property
    def is_range(self) -> bool:
        """Whether its items are the numbers of its range."""
        return self.item is itself


def index_name(over: Iterable, target: gast.AST | None) -> str:
    """What the user calls the index, where a `target` takes the items."""
    if over.counts and isinstance(target, gast.Tuple):
        target = target.elts[0]
    elif not over.is_range:
        return ""
    return target.id if isinstance(target, gast.Name) else ""


def itself(index: Value) -> Steps:
    """The item of a range."""
    return index
    yield


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """An item of a sequence that is computed when it is reached: what `map` makes."""

    steps: Callable[[], Steps]


#: Whether what is done with an item may leave the loop: no; yes, and it then runs the rest of the
#: generator itself; yes, and it says so afterwards.
Leaves = bool | Literal["afterwards"]


@dataclass(eq=False, slots=True)
class Stream(Cell):
    """An iterator: its items are handed out once.

    ``slots["state"]`` tells how far it is (see `streams`). Of the three ways to its items one is
    there, or more.

    Attributes
    ----------
    items
        The steps that give all items: a list, an `Iterable`, or a list of the program.
    drive
        The steps that run the whole iterator, given what is done with each item, and whether that
        may leave; the outcome of a loop.
    pull
        The steps that give the next item after so many, or None where there is no other.
    counted
        Whether an item follows from its number, so that nothing runs where it is reached.
    gathered
        Whether it is a generator that runs to its end before its first item is used.
    key
        The decision that the number of its next item is counted when the code runs.
    place
        Of such an iterator, what holds this number as ``slots["position"]``.
    body
        The statements of a generator.
    finish
        What is left to do once all items were handed out: the iterator that it takes from goes on.
    """

    items: Callable[[], Steps] | None = None
    drive: Callable[[Callable[..., Steps], Leaves], Steps] | None = None
    pull: Callable[[int], Steps] | None = None
    counted: bool = False
    gathered: bool = False
    finish: Callable[[], None] | None = None
    key: Any = None
    place: Cell | None = None
    body: Sequence[Any] = ()
