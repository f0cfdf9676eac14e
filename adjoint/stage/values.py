"""What the interpreter computes with.

A value is a `Static` (a Python object known now), an IR variable (known when the code runs), or a
structure of values. Structures that can be written are cells of the trail. What is changed in place
when the code runs, what is called and what is looped over are in `memory`, `callables` and
`iterables`; all are imported from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adjoint.errors import Unsupported
from adjoint.ir.nodes import Var
from adjoint.stage.arrays.memory import (
    Buffer,
    DictView,
    Lost,
    Meeting,
    Memory,
    Order,
    Placed,
    Records,
    RunTimeDict,
    RunTimeList,
    Step,
    Target,
    View,
)
from adjoint.stage.calls.callables import (
    BoundMethod,
    Closure,
    DerivativeValue,
    NativeMethod,
    PartialValue,
    PullbackValue,
    StagedValue,
    SuperValue,
    Unpacked,
)
from adjoint.stage.iteration.iterables import Iterable, Later, Leaves, Steps, Stream
from adjoint.stage.trail import BIRTHS, Cell

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
    "Unpacked",
    "Value",
    "View",
    "is_none",
    "shown_now",
]


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
    key
        The decision how it is kept, of a tuple that was written there.
    """

    value: Any
    spelling: str = ""
    variable: Var | None = None
    access: Any = None
    key: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Unbound:
    """The value of a local name before it is bound."""


@dataclass(frozen=True, slots=True, eq=False)
class Poison:
    """Two things that cannot be one at run time; whoever needs it makes the stage start again.

    `keys` are the decisions that keep them apart, where they are taken those of `otherwise`; `what`
    says what they are, and `advice` what to do where those do not help. `arrays` are those that
    could be kept in one list (see `pools`), and `tells` is whether a number could tell which it is
    (see `alternatives`). `reason` is why the paths are kept apart, where that is said if it cannot
    be done.
    """

    keys: tuple[Any, ...]
    what: str
    advice: str = "give each a name of its own, or use the same structure on all paths"
    arrays: tuple[Any, ...] = ()
    tells: bool = False
    reason: Unsupported | None = None
    otherwise: tuple[Any, ...] = ()


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
    """A tuple; of a namedtuple, `cls` is its class. `key` decides how it is kept."""

    items: tuple[Value, ...]
    cls: type = tuple
    key: Any = None


@dataclass(eq=False, slots=True)
class ListValue(Cell):
    """A list of known length: ``slots["items"]`` is a tuple. `key` decides how it is kept."""

    key: Any = None


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
class SliceValue:
    """A slice with parts that are known at run time only."""

    start: Value
    stop: Value
    step: Value


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
    | Unpacked
)

NONE = Static(None)
UNBOUND = Unbound()


def shown_now(view: DictView) -> TupleValue:
    """What a view of a dict of known keys shows where it is looked at."""
    entries: Mapping[Any, Value] = view.owner.slots["items"]
    match view.shows:
        case "keys":
            return TupleValue(tuple(map(Static, entries)))
        case "values":
            return TupleValue(tuple(entries.values()))
        case "items":
            return TupleValue(tuple(TupleValue((Static(k), v)) for k, v in entries.items()))


def is_none(value: object) -> bool:
    """Whether a value is None, known now."""
    return isinstance(value, Static) and value.value is None
