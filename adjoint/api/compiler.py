"""The door to the compiler and the rules: each is loaded when it is first asked for something.

To import `adjoint` is to import what users hold, and that costs little beside NumPy. Whatever
reads source or writes it is reached from here alone, under the name it has in the package, so that
what is loaded, and when, is said in one place. Type checkers see the modules themselves.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adjoint import nearest, pipeline, rules
    from adjoint.source import read as reading

__all__ = ["has_rule", "nearest", "pipeline", "reading", "rules"]


class _Deferred:
    """A module that is imported when it is first asked for an attribute.

    A thread that asks while another one imports it waits for that: `sys.modules` has a module
    before all of it is there.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._module: types.ModuleType | None = None

    def __getattr__(self, name: str) -> Any:
        if self._module is None:
            self._module = importlib.import_module(self._name)
        return getattr(self._module, name)


if not TYPE_CHECKING:
    nearest = _Deferred("adjoint.nearest")
    pipeline = _Deferred("adjoint.pipeline")
    reading = _Deferred("adjoint.source.read")
    rules = _Deferred("adjoint.rules")

LIBRARIES = frozenset({"copy", "logging", "numpy", "scipy", "statistics"})
"""Where functions written in Python come from that have a rule as soon as the rules are loaded."""


def has_rule(fun: Any) -> bool:
    """Whether a function has a rule.

    To ask it of a function of the program does not load the rules: one that was given a rule was
    given it by them.
    """
    if "adjoint.rules" not in sys.modules and isinstance(fun, types.FunctionType):
        library = (fun.__module__ or "").partition(".")[0]
        if library not in LIBRARIES:
            return False
    return rules.lookup(fun) is not None
