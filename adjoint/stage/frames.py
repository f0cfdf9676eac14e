"""The calls that are being interpreted, each with its names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adjoint.errors import Place
from adjoint.source.bindings import Bindings
from adjoint.source.read import FunctionSource
from adjoint.stage.trail import Cell
from adjoint.stage.values import NONE, Steps, Value

__all__ = ["Frame", "Key"]

Key = tuple[Any, ...]

#: The module whose local names are shown in the generated code.
_JACOBIANS = "adjoint.stage.equivalents.derivative_equivalents"


@dataclass(eq=False, slots=True)
class Frame:
    """One call of one function while it is interpreted."""

    name: str
    source: FunctionSource
    bindings: Bindings
    names: Cell
    local_names: frozenset[str]
    callers: tuple[Place, ...] = ()
    path: Key = ()
    parent: Frame | None = None
    arguments: tuple[str, ...] = ()
    #: Of a generator while it runs: what is done with an item, and whether that may leave it.
    consumer: Callable[..., Steps] | None = None
    leaves: bool = False
    #: Whether the consumer runs the rest of the generator itself (see `generators`).
    resumes: bool = False
    #: What is returned where the end of the body is reached.
    ending: Value = NONE
    #: What was caught, in a handler.
    handling: Value | None = None
    #: Which function it is a call of: where that is written.
    identity: Key = ()

    @property
    def is_own(self) -> bool:
        """Whether it is a function of this library, that stands for another."""
        return self._module.startswith(("adjoint.stage.", "adjoint.rules."))

    @property
    def names_values(self) -> bool:
        """Whether its names are good ones for the variables in the generated code."""
        return not self.is_own or self._module == _JACOBIANS

    @property
    def _module(self) -> str:
        found: str = self.bindings.globals.get("__name__", "")
        return found
