"""What the interpreter can call beside the functions of Python that it knows now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gast

from adjoint.markers import Derives
from adjoint.stage.trail import BIRTHS, Cell

if TYPE_CHECKING:
    from adjoint.stage.context import Frame
    from adjoint.stage.values import ObjectValue, Value

__all__ = [
    "BoundMethod",
    "Closure",
    "DerivativeValue",
    "NativeMethod",
    "PartialValue",
    "PullbackValue",
    "StagedValue",
    "SuperValue",
    "Unpacked",
]


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function or lambda defined in staged code."""

    node: gast.FunctionDef | gast.Lambda
    frame: Frame
    defaults: tuple[Value, ...]
    kw_defaults: tuple[Value | None, ...]
    name: str
    attributes: Cell = field(default_factory=Cell)
    birth: int = field(default_factory=lambda: next(BIRTHS))


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
class SuperValue:
    """``super()``."""

    cls: type
    owner: ObjectValue


@dataclass(frozen=True, slots=True, eq=False)
class Unpacked:
    """The last of the arguments of a call: all that ``*args`` takes, in a tuple."""

    items: Value
