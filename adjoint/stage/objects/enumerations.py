"""Members of enumerations: ``Color["RED"]`` and ``Color(1)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.values import Static, Value

__all__ = ["member"]


def member(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    cls: type,
    find: Callable[[Any], Any],
    told: Value,
) -> Value:
    """What `find` finds in a class, by a name or value that must be known now."""
    known = stage.need_static(told)
    if not isinstance(known, Static):
        stage.refuse(
            frame, node, f"which {cls.__name__} this is, is known at run time only",
            "write a branch for each",
        )  # fmt: skip
    try:
        return Static(find(known.value))
    except (KeyError, ValueError) as error:
        raise PrimalRaises(error, stage.place(frame, node)) from error
