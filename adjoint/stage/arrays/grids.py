"""``np.r_``, ``np.c_``, ``np.mgrid`` and ``np.ogrid``: functions that are called with brackets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from adjoint.stage.context import Frame, Stage
from adjoint.stage.equivalents import numpy_equivalents
from adjoint.stage.values import SliceValue, Static, Steps, TupleValue, Value

__all__ = ["GRIDS", "call_grid", "is_grid"]

#: What each does with the parts of its index, where a slice is start, stop and step.
GRIDS: tuple[tuple[Any, Callable[..., Any]], ...] = (
    (np.r_, numpy_equivalents.row),
    (np.c_, numpy_equivalents.columns),
    (np.mgrid, numpy_equivalents.full_grid),
    (np.ogrid, numpy_equivalents.open_grid),
)


def is_grid(held: object) -> bool:
    """Whether an object is one of these."""
    return any(held is grid for grid, _ in GRIDS)


def call_grid(stage: Stage, frame: Frame, node: gast.AST, held: Any, index: Value) -> Steps:
    """``np.r_[a, 1:n]`` and its like."""
    items = index.items if isinstance(index, TupleValue) else (index,)
    if isinstance(index, Static) and isinstance(index.value, tuple):
        items = tuple(map(Static, index.value))
    if any(isinstance(item, Static) and isinstance(item.value, str) for item in items):
        stage.refuse(
            frame, node, "directions in the brackets of np.r_ or np.c_ are not followed",
            "write np.concatenate or np.stack",
        )  # fmt: skip
    parts = [_part(item) for item in items]
    function = next(function for grid, function in GRIDS if grid is held)
    return (yield stage.call(frame, node, Static(function), parts, {}))


def _part(item: Value) -> Value:
    if isinstance(item, Static) and isinstance(item.value, slice):
        bounds = (item.value.start, item.value.stop, item.value.step)
        item = SliceValue(*map(Static, bounds))
    if isinstance(item, SliceValue):
        mark = Static(numpy_equivalents.POINTS)
        return TupleValue((mark, item.start, item.stop, item.step))
    return item
