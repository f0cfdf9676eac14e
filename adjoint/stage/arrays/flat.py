"""``x.flat``: all items of an array one after the other, whatever its layout.

It is written like a view, and what is read through it is a copy.
"""

from __future__ import annotations

import gast
import numpy as np

from adjoint.ir.nodes import Operand
from adjoint.ir.ops import method
from adjoint.stage.arrays.buffers import item_of, read
from adjoint.stage.context import Frame, Stage
from adjoint.stage.values import Value, View

__all__ = ["FLAT", "is_flat", "item_of_flat"]

FLAT = method(np.reshape, "reshape")
"""What leads to all items of an array: another operation than any other ``x.reshape(-1)``."""


def is_flat(value: Value) -> bool:
    """Whether a value is the ``.flat`` of an array."""
    return isinstance(value, View) and value.path[-1].op is FLAT


def item_of_flat(stage: Stage, frame: Frame, node: gast.AST, owner: View, index: Operand) -> Value:
    """``x.flat[index]``, which is a copy also where the index is a slice."""
    item = item_of(stage, frame, node, owner, index)
    if not isinstance(item, View):
        return item
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(method(np.copy, "copy"), (read(stage, item),))
