"""What the interpreter computes with.

A value is a `Static` (a Python object known now), an IR variable (known when the code runs), or a
structure of values. Structures that can be written are cells of the trail.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gast

from adjoint.ir.nodes import Var
from adjoint.stage.trail import Cell

if TYPE_CHECKING:
    from adjoint.stage.context import Frame

__all__ = [
    "NONE",
    "UNBOUND",
    "BoundMethod",
    "Closure",
    "DictValue",
    "Iterable",
    "ListValue",
    "NativeMethod",
    "ObjectValue",
    "PartialValue",
    "Poison",
    "RunTimeList",
    "SliceValue",
    "Static",
    "Steps",
    "SuperValue",
    "TupleValue",
    "Unbound",
    "Value",
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

    `keys` are the decisions that keep them apart, `what` says what they are.
    """

    keys: tuple[Any, ...]
    what: str


@dataclass(frozen=True, slots=True, eq=False)
class TupleValue:
    """A tuple; of a namedtuple, `cls` is its class."""

    items: tuple[Value, ...]
    cls: type = tuple


@dataclass(eq=False, slots=True)
class ListValue(Cell):
    """A list of known length: ``slots["items"]`` is a tuple. `key` decides how it is kept."""

    key: Any = None


@dataclass(eq=False, slots=True)
class RunTimeList(Cell):
    """A list of unknown length: ``slots["list"]`` is the variable that holds it now."""


@dataclass(eq=False, slots=True)
class DictValue(Cell):
    """A dict of known keys: ``slots["items"]`` is a dict that is never changed."""

    cls: type = dict


@dataclass(eq=False, slots=True)
class ObjectValue(Cell):
    """An object with attributes.

    `real` is the object that came in, if it came in; `slots` are the attributes that were written,
    or read and therefore `seen`.
    """

    cls: type[Any] = object
    real: Any = None
    access: Any = None
    seen: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function or lambda defined in staged code."""

    node: gast.FunctionDef | gast.Lambda
    frame: Frame
    defaults: tuple[Value, ...]
    kw_defaults: tuple[Value | None, ...]
    name: str


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


Value = (
    Static
    | Var
    | Unbound
    | Poison
    | TupleValue
    | ListValue
    | RunTimeList
    | DictValue
    | ObjectValue
    | Closure
    | BoundMethod
    | NativeMethod
    | PartialValue
    | SliceValue
    | SuperValue
    | Iterable
)

NONE = Static(None)
UNBOUND = Unbound()
