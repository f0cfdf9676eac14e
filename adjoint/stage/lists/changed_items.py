"""Changes of dicts and objects that are in lists: each is written into the list of that part."""

from __future__ import annotations

from typing import Any

import gast

from adjoint.ir.nodes import Const, Var
from adjoint.stage.arrays.buffers import refuse_moved, spare
from adjoint.stage.context import Frame, Stage
from adjoint.stage.lists.holders import take_from_copies
from adjoint.stage.lists.item_layouts import columns
from adjoint.stage.lists.list_methods import store
from adjoint.stage.lists.placed import read_part
from adjoint.stage.lists.records import fixed_by, refine_part
from adjoint.stage.objects.sameness import same_value
from adjoint.stage.objects.several import refuse_fixed
from adjoint.stage.values import DictValue, ObjectValue, Placed, Records, Static, Value, View

__all__ = ["write_part"]


def write_part(
    stage: Stage, frame: Frame, node: gast.AST, place: Placed, name: Any, value: Value
) -> None:
    """Give a part of the dict or object at a place another value."""
    owner = place.owner
    if name not in owner.layout.names:
        refuse_fixed(
            stage, frame, node, fixed_by(stage, owner), "gets a new part",
            "give it all parts before it is put there",
        )  # fmt: skip
    refuse_moved(stage, place.view, frame, node)
    spare(stage, place.view)
    is_structure = isinstance(value, View | Records | DictValue | ObjectValue)
    if is_structure and same_value(value, read_part(stage, frame, node, place, name)):
        return  # it was changed in place
    if place.level == 0:
        refine_part(stage, owner, name, value)
    column = columns(owner)[owner.layout.names.index(name)]
    at = Static(place.index.value) if isinstance(place.index, Const) else place.index
    assert isinstance(at, Static | Var), "a position is a number"
    store(stage, frame, node, column, at, value, place.level + 1)
    first = column.lists[0] if isinstance(column, Records) else column
    take_from_copies(stage, first.base if isinstance(first, View) else first)
