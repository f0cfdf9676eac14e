"""What the interpreter knows of memory that is changed in place, and of the ways into it.

An array that is written, a list or dict of run-time length, and the views of them. All that are
changed are cells of the trail, with the variable that holds what they are now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import gast

from adjoint.ir.nodes import Operand, Var
from adjoint.ir.ops import Op
from adjoint.ir.values import ListOf, Type
from adjoint.stage.trail import Cell

if TYPE_CHECKING:
    from adjoint.stage.context import Frame, Stage
    from adjoint.stage.lists.item_layouts import Layout
    from adjoint.stage.values import DictValue, Value

__all__ = [
    "SHAPE",
    "Buffer",
    "DictView",
    "Lost",
    "Meeting",
    "Memory",
    "Order",
    "Placed",
    "Records",
    "RunTimeDict",
    "RunTimeList",
    "Step",
    "Target",
    "View",
]

SHAPE = "shape"
"""The slot of an array that tells whether it was given another shape."""


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """Where paths meet on which one name had different arrays.

    `keys` are the decisions that keep the paths apart. On a path, two buffers of this meeting are
    what stands at the same position of their parts; that is said of the first `aligned` positions,
    and any of the others may go with any. `pools` tells whether one list that holds them all can
    say which is which; `of_list` is what was read from a list, and may be any of its items.
    """

    keys: tuple[Any, ...] = ()
    aligned: int = 0
    pools: bool = True
    of_list: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Lost:
    """Why an array or list can be read no more under a name.

    `keys` are the decisions that keep the names apart, or where they are taken those of
    `otherwise`; `text` is what the user is told, and `arrays` are those that may be one.
    """

    keys: tuple[Any, ...]
    text: str
    arrays: tuple[Any, ...] = ()
    otherwise: tuple[Any, ...] = ()


@dataclass(eq=False, slots=True)
class Memory(Cell):
    """What is changed in place: ``slots["held"]`` is the variable that holds it now.

    Attributes
    ----------
    parts, meeting
        Where paths met that had different things here: what it may be on each, and which meeting it
        was.
    met
        What was made by later meetings and may be this one.
    origin
        What it held first, of an array that came in or was made here.
    sites
        Where it was made, of an array, or the arrays of a pool; nothing where that is not known.
    """

    parts: tuple[Any, ...] = ()
    meeting: Meeting | None = None
    met: list[Memory] = field(default_factory=list)
    origin: Var | None = None
    sites: tuple[Any, ...] = ()


@dataclass(eq=False, slots=True)
class RunTimeList(Memory):
    """A list of unknown length; whether arrays in it are `written` through it.

    Then each of its items is an array of its own, and what is read is a view of the list. So it is
    with dicts and objects: `of_objects` tells how deep in it parts of such stand; 0 are its items.
    A tuple of unknown length is such a list too: `is_tuple` tells one as an index from the other.
    Of a `register`, that is the decision that there is one (see `registers`).
    """

    written: bool = False
    is_tuple: bool = False
    of_objects: frozenset[int] = frozenset()
    register: Any = None

    @property
    def is_pool(self) -> bool:
        """Whether it holds the arrays that names may be (see `pools`)."""
        return bool(self.sites)


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """A list of run-time length of tuples: one list for each of their parts (see `records`).

    Of one that is in a list, these are in lists too.
    """

    layout: Layout
    lists: tuple[RunTimeList | View, ...]

    @property
    def written(self) -> bool:
        """Whether items of it are changed: each is there once, and stands for its place."""
        first = self.lists[0]
        base = first.base if isinstance(first, View) else first
        return isinstance(base, RunTimeList) and base.written

    @property
    def is_tuple(self) -> bool:
        """Whether it is a tuple of unknown length."""
        first = self.lists[0]
        return isinstance(first, RunTimeList) and first.is_tuple


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Where a dict or object is that is in a list (see `placed`).

    Attributes
    ----------
    owner
        The list of such things; that is a part of the list where it is a part of the item.
    view
        The item of the first of its lists: it tells the position, and whether that has moved.
    frame, node
        Where it was read.
    level
        In how many others it is a part, which may be replaced by others.
    """

    owner: Records
    view: View
    frame: Frame
    node: gast.AST
    level: int = 0

    @property
    def index(self) -> Operand:
        """The position in the list."""
        return self.view.path[-1].operands[0]


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """What the numbers in a list lead to (see `references`).

    `item` is one of these things, and `view` the way to it, with zeros for the numbers.
    """

    item: Value
    view: View


@dataclass(eq=False, slots=True)
class RunTimeDict(Memory):
    """A dict by keys that are known at run time only (see `dicts`).

    Attributes
    ----------
    site
        The decision that makes it one, where it was made.
    written
        Never: what it holds is not written in place.
    listed
        The lists that were made of its keys.
    read
        Whether it was read before anything was put into it.
    """

    site: Any = None
    written: bool = False
    listed: list[Var] = field(default_factory=list)
    read: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class DictView:
    """What ``d.keys()``, ``d.values()`` or ``d.items()`` gives: it shows the dict as it is."""

    owner: RunTimeDict | DictValue
    shows: Literal["keys", "values", "items"]


@dataclass(eq=False, slots=True)
class Buffer(Memory):
    """An array that is written in place.

    Attributes
    ----------
    leaf
        Of an array that came in: the variable of the caller's own array, which is never written.
    shape
        What ``.shape`` was when it was read, with the type it is of and the block that reads it.
    """

    leaf: Var | None = None
    shape: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step from an array to a view of it.

    An index has no `op`; any other step is `op` of the array, `operands` and `keywords`. `back` of
    the array then gives what makes the array again from another version of the view. What it leads
    to is `sure` to be a view, or may be a copy; its `type` is there if it says more than the
    owner's, and always of a step that is no index. Of a step that lays out an array in one row,
    `sizes` are the lengths of the axes behind the first. Of an index, its slices that end at a
    number end `inside`: that is at most the length of the array.
    Of an item of a list, `order` names slots of the list and what was in them: the item has moved,
    or is another, where there is something else in one.
    """

    operands: tuple[Operand, ...]
    op: Op | None = None
    back: Callable[[Stage, Var], Callable[[Var], Var]] | None = None
    sure: bool = True
    type: Type | None = None
    keywords: tuple[tuple[str, Operand], ...] = ()
    sizes: tuple[Operand, ...] = ()
    inside: bool = False
    order: tuple[tuple[Any, Any], ...] = ()
    proof: Cell | None = None


class Order:
    """The order of the items of a list at some time: each change of it has one of its own."""


@dataclass(eq=False, slots=True)
class View:
    """A view of an array, or an item of a list: the steps that lead to it.

    `seen` is the variable that was last read, with the version of the buffer it was read from and
    the block that the reading stands in; `leaf` is as of a `Buffer`.
    """

    base: Buffer | RunTimeList
    path: tuple[Step, ...]
    type: Type
    seen: Any = None
    leaf: Var | None = None

    @property
    def is_pooled(self) -> bool:
        """Whether the first step is the number of an array in a pool."""
        return isinstance(self.base, RunTimeList) and self.base.is_pool

    @property
    def is_list(self) -> bool:
        """Whether it is a list that is an item of a list."""
        return isinstance(self.type, ListOf)
