"""Statements that stand for one of the user's, and the names that they bind."""

from __future__ import annotations

import itertools
from typing import Any

import gast

from adjoint.stage.context import Frame, Stage

__all__ = ["own_name", "written_as"]


def written_as(text: str, at: Any) -> Any:
    """The one statement of a text, as if it stood at the place of a node."""
    (made,) = gast.parse(text).body
    for part in gast.walk(made):
        gast.copy_location(part, at)
    return made


def own_name(stage: Stage, frame: Frame, node: Any, wish: str) -> str:
    """A name of the frame that the function does not use, the same for a node each time."""
    key = stage.key(frame, node, wish)
    if key not in stage.own_names:
        taken = set(stage.own_names.values())
        numbered = (f"{wish}_{number}" for number in itertools.count(1))
        names = itertools.chain((wish,), numbered)
        free = (name for name in names if name not in taken and name not in frame.source.text)
        stage.own_names[key] = next(free)
    name = stage.own_names[key]
    frame.local_names |= {name, f"{name}_"}
    return name
