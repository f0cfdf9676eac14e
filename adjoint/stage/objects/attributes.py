"""Writing and deleting attributes, by Python's protocol."""

from __future__ import annotations

import dataclasses
import types
from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.stage.arrays.array_attributes import set_array_attribute
from adjoint.stage.context import Frame, PrimalRaises, Stage, describe
from adjoint.stage.flow.told_apart import for_each
from adjoint.stage.inputs.classes import expect_attribute
from adjoint.stage.lists.changed_items import write_part
from adjoint.stage.lists.list_methods import note_change
from adjoint.stage.objects.class_attributes import (
    bind_class_attribute,
    class_attribute,
    is_default,
)
from adjoint.stage.objects.computed import note_attribute, note_computed
from adjoint.stage.objects.descriptors import accessor
from adjoint.stage.objects.protocols import is_generated, special
from adjoint.stage.trail import ABSENT
from adjoint.stage.values import (
    Buffer,
    Closure,
    ObjectValue,
    StagedValue,
    Static,
    Steps,
    Value,
    View,
)

__all__ = ["delete_attribute", "drop_attribute", "set_attribute", "store_attribute"]


@for_each(0)
def set_attribute(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, name: str, value: Value
) -> Steps:
    """``owner.name = value``; the object that came in is not changed."""
    if isinstance(owner, ObjectValue):
        own = special(stage, owner, "__setattr__")
        if own is not None and is_generated(own.value):
            raise _frozen(stage, frame, node, "assign to", name)
        if own is not None and isinstance(own.value, types.FunctionType | StagedValue):
            yield stage.call(frame, node, own, [owner, Static(name), value], {})
            return
    yield store_attribute(stage, frame, node, owner, name, value)


def store_attribute(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, name: str, value: Value
) -> Steps:
    """``object.__setattr__(owner, name, value)``: a setter is called, otherwise it is stored."""
    if isinstance(owner, Var | Buffer | View):
        set_array_attribute(stage, frame, node, owner, name, value)
        return
    cell = _owner(stage, frame, node, owner)
    found = _on_class(stage, cell, name)
    if isinstance(found, property):
        if found.fset is None:
            raise _no_accessor(stage, frame, node, name, "setter")
        yield stage.call(frame, node, Static(found.fset), [owner, value], {})
        return
    setter = _accessor(stage, cell, name, "__set__")
    if setter is not None:
        yield stage.call(frame, node, setter[1], [setter[0], owner, value], {})
        return
    if isinstance(cell, ObjectValue):
        _note_default(stage, cell, name)
    note_change(stage, frame, node, cell, whole=name not in cell.slots)
    if isinstance(cell, ObjectValue) and cell.place is not None:
        write_part(stage, frame, node, cell.place, name, value)
        return
    if isinstance(value, Var) and not frame.is_own:
        value.name = value.name or name
    note_computed(stage, cell, name, True)
    note_attribute(stage, cell, name, True)
    stage.trail.set(cell, name, value)


def _note_default(stage: Stage, owner: ObjectValue, name: str) -> None:
    """Let an object have what its class has, where only some of the paths give it its own."""
    on_some = bool(stage.opened) and owner.birth < stage.opened[-1].mark.birth
    is_made = owner.real is None and owner.source is None and owner.place is None
    if not on_some or not is_made or name in owner.slots:
        return
    found = class_attribute(owner.cls, name)
    if is_default(found) and not isinstance(found, types.MemberDescriptorType):
        # A look, as at what came in: it is never taken back.
        owner.slots[name] = bind_class_attribute(stage, owner, found, name)


def delete_attribute(stage: Stage, frame: Frame, node: gast.AST, owner: Value, name: str) -> Steps:
    """``del owner.name``, by a method of the user's where there is one."""
    own = special(stage, owner, "__delattr__")
    if own is not None and is_generated(own.value):
        raise _frozen(stage, frame, node, "delete", name)
    if own is not None and isinstance(own.value, types.FunctionType | StagedValue):
        yield stage.call(frame, node, own, [owner, Static(name)], {})
        return
    yield drop_attribute(stage, frame, node, owner, name)


def drop_attribute(stage: Stage, frame: Frame, node: gast.AST, owner: Value, name: str) -> Steps:
    """``object.__delattr__(owner, name)`` of an attribute that was written inside the function."""
    cell = _owner(stage, frame, node, owner)
    found = _on_class(stage, cell, name)
    deleter = _accessor(stage, cell, name, "__delete__")
    if deleter is not None:
        yield stage.call(frame, node, deleter[1], [deleter[0], owner], {})
        return
    if isinstance(found, property):
        if found.fdel is None:
            raise _no_accessor(stage, frame, node, name, "deleter")
        yield stage.call(frame, node, Static(found.fdel), [owner], {})
        return
    note_change(stage, frame, node, cell)
    if isinstance(cell, ObjectValue) and cell.real is not None:
        stage.refuse(
            frame, node, "an attribute of an object that came in is deleted",
            "leave it, or build a new object without it",
        )  # fmt: skip
    if name not in cell.slots:
        raise PrimalRaises(AttributeError(name), stage.place(frame, node))
    note_computed(stage, cell, name, False)
    note_attribute(stage, cell, name, False)
    stage.trail.set(cell, name, ABSENT)


def _owner(stage: Stage, frame: Frame, node: gast.AST, owner: Value) -> Any:
    """The cell that holds the attributes of a value."""
    if isinstance(owner, Closure):
        return owner.attributes
    if isinstance(owner, ObjectValue):
        return owner
    if isinstance(owner, Static) and owner.value is None:
        error = AttributeError("'NoneType' object has no such attribute")
        raise PrimalRaises(error, stage.place(frame, node))
    stage.refuse(
        frame, node, f"an attribute of {describe(owner)} is written",
        "write attributes of objects made or passed to the function only",
    )  # fmt: skip


def _on_class(stage: Stage, cell: Any, name: str) -> Any:
    if not isinstance(cell, ObjectValue):
        return None
    expect_attribute(stage.inputs, cell.cls, name)
    return class_attribute(cell.cls, name)


def _accessor(stage: Stage, cell: Any, name: str, method: str) -> Any:
    """How the class of an object says that it is written, where a descriptor of the user's does."""
    return accessor(stage, cell, name, method) if isinstance(cell, ObjectValue) else None


def _frozen(stage: Stage, frame: Frame, node: gast.AST, what: str, name: str) -> PrimalRaises:
    error = dataclasses.FrozenInstanceError(f"cannot {what} field {name!r}")
    return PrimalRaises(error, stage.place(frame, node))


def _no_accessor(stage: Stage, frame: Frame, node: gast.AST, name: str, what: str) -> PrimalRaises:
    return PrimalRaises(
        AttributeError(f"property {name!r} has no {what}"), stage.place(frame, node)
    )
