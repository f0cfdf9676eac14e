"""Which cached properties of an object have a value."""

from __future__ import annotations

from adjoint.stage.context import Stage
from adjoint.stage.objects.class_attributes import class_attribute
from adjoint.stage.trail import Cell
from adjoint.stage.values import ObjectValue, Static

__all__ = ["flag_of", "is_cached", "note_computed"]


def is_cached(cls: type, name: str) -> bool:
    """Whether what a class has under a name is a cached property, of Python or of a library."""
    return type(class_attribute(cls, name)).__name__ == "cached_property"


def flag_of(name: str) -> str:
    """What tells whether a cached property of this name was computed."""
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
