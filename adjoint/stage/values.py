"""What the interpreter computes with.

A value is a `Static` (a Python object known now), an IR variable (known when the code runs), or a
structure of values. Structures that can be written are cells of the trail.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import gast

from adjoint.errors import Unsupported
from adjoint.ir.nodes import Operand, Var
from adjoint.ir.ops import Op
from adjoint.ir.values import ListOf, Type
from adjoint.markers import Derives
from adjoint.stage.trail import BIRTHS, Cell

if TYPE_CHECKING:
    from adjoint.stage.context import Frame, Stage
    from adjoint.stage.item_layouts import Layout

__all__ = [
    "NONE",
    "UNBOUND",
    "BoundMethod",
    "Buffer",
    "Closure",
    "DerivativeValue",
    "DictValue",
    "DictView",
    "Given",
    "Iterable",
    "Later",
    "Leaves",
    "ListValue",
    "Lost",
    "Meeting",
    "Memory",
    "NativeMethod",
    "ObjectValue",
    "OneOf",
    "Order",
    "PartialValue",
    "Placed",
    "Poison",
    "PullbackValue",
    "Records",
    "RunTimeDict",
    "RunTimeList",
    "SliceValue",
    "Source",
    "StagedValue",
    "Static",
    "Step",
    "Steps",
    "Stream",
    "SuperValue",
    "Target",
    "TupleValue",
    "Unbound",
    "Value",
    "View",
]

#: A step of the interpreter: it yields the steps it needs, and returns a value.
Steps = Generator[Any, Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Static:
    """A Python object known now.

    Attributes
    ----------
    value
        The object.
    spelling
        How it is written in the emitted text, where not by its repr: ``np.pi``.
    variable
        The variable that holds it at run time: of a named number, or of an opaque object.
    access
        Where it was found, of an object whose parts may be read (see `inputs`).
    """

    value: Any
    spelling: str = ""
    variable: Var | None = None
    access: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Unbound:
    """The value of a local name before it is bound."""


@dataclass(frozen=True, slots=True, eq=False)
class Poison:
    """Two things that cannot be one at run time; whoever needs it makes the stage start again.

    `keys` are the decisions that keep them apart, `what` says what they are, and `advice` what to
    do where those do not help; `arrays` are those that could be kept in one list (see `pools`), and
    `tells` is whether a number could tell which it is (see `alternatives`). `reason` is why the
    paths are kept apart, where that is said if it cannot be done.
    """

    keys: tuple[Any, ...]
    what: str
    advice: str = "give each a name of its own, or use the same structure on all paths"
    arrays: tuple[Any, ...] = ()
    tells: bool = False
    reason: Unsupported | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OneOf:
    """One of several arrays, views or objects, by their numbers; `number` tells which it is."""

    number: Var
    items: Mapping[int, Value]


@dataclass(frozen=True, slots=True)
class Given:
    """In what a function returns: what it was handed at a position."""

    position: int


@dataclass(frozen=True, slots=True, eq=False)
class TupleValue:
    """A tuple; of a namedtuple, `cls` is its class."""

    items: tuple[Value, ...]
    cls: type = tuple


@dataclass(eq=False, slots=True)
class ListValue(Cell):
    """A list of known length: ``slots["items"]`` is a tuple. `key` decides how it is kept."""

    key: Any = None


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
    """

    written: bool = False
    of_objects: frozenset[int] = frozenset()

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

    owner: RunTimeDict
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
    `sizes` are the lengths of the axes behind the first.
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
    order: tuple[tuple[Any, Any], ...] = ()


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


@dataclass(eq=False, slots=True)
class DictValue(Cell):
    """A dict of known keys: ``slots["items"]`` is a dict that is never changed.

    `fixed` is why it may not be changed, if it is an item of a list of run-time length, and `place`
    where it is, if that can be changed; what was put there has that in ``led.slots``. `key` decides
    how it is kept, of one that was made here.
    """

    cls: type = dict
    fixed: Lost | None = None
    key: Any = None
    place: Placed | None = None
    led: Cell | None = None


@dataclass(eq=False, slots=True)
class ObjectValue(Cell):
    """An object with attributes.

    `real` is the object that came in, if it came in; `slots` are the attributes that were written,
    or read and therefore `seen`. `fixed`, `place` and `led` are as of a `DictValue`. What it is
    like, it has from its `source`. Which cached properties were `computed` is in a cell of its own.
    """

    cls: type[Any] = object
    real: Any = None
    access: Any = None
    seen: set[str] = field(default_factory=set)
    fixed: Lost | None = None
    source: Source | None = None
    place: Placed | None = None
    led: Cell | None = None
    computed: Cell = field(default_factory=Cell)

    @property
    def may_have_computed(self) -> bool:
        """Whether it is known at run time only if a cached property was computed."""
        return any(isinstance(flag, Var) for flag in self.computed.slots.values())

    def like(self, slots: dict[str, Any]) -> ObjectValue:
        """A new object of its kind, with these attributes in the place of its own."""
        computed = Cell({**self.computed.slots})
        return replace(
            self, slots=slots, seen={*self.seen}, shared="", birth=next(BIRTHS), fixed=None,
            place=None, led=None, computed=computed,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What an object is like: attributes that it has not yet are made of those of another.

    Attributes
    ----------
    of
        The other object.
    derive
        Makes an attribute, given its name and what the other has there.
    same
        Whether it stands for the other: ``is`` says that they are one.
    """

    of: ObjectValue
    derive: Callable[[str, Value], Value]
    same: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function or lambda defined in staged code."""

    node: gast.FunctionDef | gast.Lambda
    frame: Frame
    defaults: tuple[Value, ...]
    kw_defaults: tuple[Value | None, ...]
    name: str
    attributes: Cell = field(default_factory=Cell)


@dataclass(frozen=True, slots=True, eq=False)
class StagedValue:
    """A value of the interpreter where Python needs an object: a method of a class made inside."""

    value: Value

    def __call__(self) -> None:
        """Nothing calls it; Python asks whether something could."""
        raise AssertionError("a staged function is interpreted, not called")


@dataclass(frozen=True, slots=True, eq=False)
class BoundMethod:
    """A function bound to its first argument."""

    function: Value
    owner: Value


@dataclass(frozen=True, slots=True, eq=False)
class NativeMethod:
    """A method of an array, list, dict or string, by name."""

    owner: Value
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class PartialValue:
    """A ``functools.partial`` made in staged code."""

    function: Value
    args: tuple[Value, ...]
    kwargs: dict[str, Value]


@dataclass(frozen=True, slots=True, eq=False)
class DerivativeValue:
    """A derivative of a function: what ``grad(f)`` is in staged code.

    `argnums` are numbers or names, one or several, as the user gave them.
    """

    function: Value
    derives: Derives
    argnums: Any = 0
    has_aux: bool = False
    holomorphic: bool = False

    @property
    def single(self) -> bool:
        """Whether one argument is asked for, whose derivative is handed back alone."""
        return not isinstance(self.argnums, tuple | list)


@dataclass(frozen=True, slots=True, eq=False)
class PullbackValue:
    """What is linear and may be called in staged code: the pullback that ``vjp`` gives.

    `pull` writes the sweep for the leaves of what it is given, and `out` is like that.
    """

    pull: Callable[[Sequence[Any]], Value]
    out: Value


@dataclass(frozen=True, slots=True, eq=False)
class SliceValue:
    """A slice with parts that are known at run time only."""

    start: Value
    stop: Value
    step: Value


@dataclass(frozen=True, slots=True, eq=False)
class SuperValue:
    """``super()``."""

    cls: type
    owner: ObjectValue


@dataclass(frozen=True, slots=True, eq=False)
class Iterable:
    """Something to loop over whose number of items is known at run time only.

    Attributes
    ----------
    start, stop, step
        The range of the index.
    item
        The steps that compute the item from the index.
    """

    start: Value
    stop: Value
    step: Value
    item: Callable[[Value], Steps] = field(repr=False)

    @property
    def is_range(self) -> bool:
        """Whether its items are the numbers of its range."""
        return self.item is itself


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
    finish
        What is left to do once all items were handed out: the iterator that it takes from goes on.
    """

    items: Callable[[], Steps] | None = None
    drive: Callable[[Callable[..., Steps], Leaves], Steps] | None = None
    pull: Callable[[int], Steps] | None = None
    counted: bool = False
    finish: Callable[[], None] | None = None


Value = (
    Static
    | Var
    | Unbound
    | Poison
    | OneOf
    | TupleValue
    | Given
    | ListValue
    | RunTimeList
    | RunTimeDict
    | DictView
    | Records
    | Buffer
    | View
    | DictValue
    | ObjectValue
    | Closure
    | BoundMethod
    | NativeMethod
    | PartialValue
    | DerivativeValue
    | PullbackValue
    | SliceValue
    | SuperValue
    | Iterable
    | Stream
)

NONE = Static(None)
UNBOUND = Unbound()
