"""Functions that look at the names of the function that calls them.

In the generated code they would find other names, with other values.
"""

from __future__ import annotations

import ast
import inspect
import sys
from typing import Any

import gast

from adjoint.stage.calls.native_iterables import Native
from adjoint.stage.context import Frame, Stage
from adjoint.stage.values import Static, Steps, Value

__all__ = ["OWN_NAMES", "looking"]


def looking(name: str) -> Native:
    """What refuses a call of the function of this name."""

    def native(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
        stage.refuse(
            frame,
            node,
            f"{name}() looks at the names of the function that calls it",
            "write out what it does, and name what it reads",
        )
        yield

    return native


def _eval(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    """``eval(text)``: of a text that is known now, and a number, text or display without names."""
    text = args[0].value if len(args) == 1 and isinstance(args[0], Static) else None
    try:
        held = ast.literal_eval(text) if isinstance(text, str) else None
    except (ValueError, SyntaxError):
        held = None
    if isinstance(held, bool | int | float | complex | str):
        return Static(held)
    return (yield looking("eval")(stage, frame, node, args, kwargs))


OWN_NAMES: dict[Any, Native] = {
    **{function: looking(function.__name__) for function in (exec, locals, globals)},
    eval: _eval,
    sys._getframe: looking("sys._getframe"),
    inspect.currentframe: looking("inspect.currentframe"),
}
