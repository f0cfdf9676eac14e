"""Which cached properties of an object have a value, and which attributes it has on some paths."""

from __future__ import annotations

import types
from typing import Any

from adjoint.ir.nodes import Var
from adjoint.stage.context import Stage
from adjoint.stage.objects.class_attributes import MISSING, class_attribute
from adjoint.stage.trail import Cell
from adjoint.stage.values import ObjectValue, Static

__all__ = ["flag_of", "is_cached", "is_there", "note_attribute", "note_computed"]


def is_cached(cls: type, name: str) -> bool:
    """Whether what a class has under a name is a cached property, of Python or of a library."""
    return type(class_attribute(cls, name)).__name__ == "cached_property"


def flag_of(name: str) -> str:
    """What tells whether there is an attribute of this name, or a cached property was computed."""
    return f"has_{name}"


def note_computed(stage: Stage, owner: Cell, name: str, has_value: bool | None) -> None:
    """Note that a cached property has a value from here on, or none; None if that did not change.

    Before it is noted first it has none on any way to here: that is no change.
    """
    if not isinstance(owner, ObjectValue) or not is_cached(owner.cls, name):
        return
    owner.computed.slots.setdefault(flag_of(name), Static(name in owner.slots))
    if has_value is not None:
        stage.trail.set(owner.computed, flag_of(name), Static(has_value))


def note_attribute(stage: Stage, owner: Cell, name: str, is_there: bool) -> None:
    """Note that an object has an attribute from here on, or has it no more.

    That is told by a flag if it changes on some paths only: what is made on the path that is staged
    has it on all that go on from here.
    """
    if isinstance(owner, ObjectValue) and not _is_its_own(owner.cls, name):
        return
    (cell, key), had = _place_of_flag(owner, name), name in owner.slots
    is_older = bool(stage.opened) and owner.birth < stage.opened[-1].mark.birth
    if key in cell.slots or (is_older and is_there != had):
        cell.slots.setdefault(key, Static(had))  # a look: it was so on all ways to here
        stage.trail.set(cell, key, Static(is_there))


def _is_its_own(cls: type, name: str) -> bool:
    """Whether an object has an attribute itself or not at all, since its class has none."""
    found = class_attribute(cls, name)
    return found is MISSING or isinstance(found, types.MemberDescriptorType)


def _place_of_flag(owner: Cell, name: str) -> tuple[Cell, Any]:
    """Where it stands whether an object, or a function, has an attribute."""
    if isinstance(owner, ObjectValue):
        return owner.computed, flag_of(name)
    return owner, ("there", name)


def is_there(stage: Stage, owner: Cell, name: str) -> Static | Var:
    """Whether an object or function has an attribute itself, as far as it was written here."""
    cell, key = _place_of_flag(owner, name)
    flag: Static | Var = cell.slots.get(key, Static(name in owner.slots))
    if isinstance(flag, Var) and flag in stage.alternatives.truths:
        return Static(stage.alternatives.truths[flag])
    return flag
