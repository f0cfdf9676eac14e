"""What windows show of an array: numbers at places that overlap, which are read, never written."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Var
from adjoint.ir.ops import call
from adjoint.stage.arrays.views import Way, view_by
from adjoint.stage.context import Frame, Stage
from adjoint.stage.equivalents.numpy_equivalents import shown_at
from adjoint.stage.values import Buffer, Static, Steps, Value, View

__all__ = ["WINDOWS"]


def _shown_at(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    """``np.take(x, places, axis)`` as a view: it is read again where `x` was written since."""
    owner, places, axis = args
    if isinstance(owner, Buffer | View):
        operands = [stage.operand(places, frame, node)]
        along = (("axis", stage.operand(axis, frame, node)),)
        take = call(np.take)
        return view_by(stage, frame, node, take, owner, operands, along, back=Way.READ_ONLY)
    made = yield stage.call(frame, node, Static(np.take), [owner, places], {"axis": axis})
    if isinstance(made, Var):  # written, it would change the array that it shows
        stage.meetings[made] = (stage.operand(owner, frame, node),)
    return made


WINDOWS: dict[Any, Any] = {shown_at: _shown_at}
