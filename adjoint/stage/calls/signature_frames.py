"""Closures as a function that calls itself is handed them, with the names that they read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adjoint.stage.context import Frame
from adjoint.stage.inputs.reachable import free_names
from adjoint.stage.trail import Cell
from adjoint.stage.values import Closure, Value

if TYPE_CHECKING:
    from adjoint.stage.calls.signatures import Signature

__all__ = ["fill_frame", "handed_closure", "handed_frame"]


def handed_closure(signature: Signature, name: str, value: Closure) -> Value:
    """A closure over what is handed over of the names that it reads."""
    if value.attributes.slots and not signature.is_of_solver:
        signature.refuse(f"{value.name}, which has attributes, is handed to {signature.name}")
    code = value.frame.bindings.function.__code__
    position = (getattr(value.node, "lineno", 0), getattr(value.node, "col_offset", 0))
    signature.hold(code)
    signature.key.append(("closure", id(code), *position))
    frame = handed_frame(signature, value.frame)
    assert frame is not None
    made = Closure(
        value.node, frame, signature.items(name, value.defaults),
        tuple(None if v is None else signature.value(name, v) for v in value.kw_defaults),
        value.name,
    )  # fmt: skip
    signature.note(value, made)
    signature.key.append(tuple(value.attributes.slots))
    for attribute, item in value.attributes.slots.items():
        made.attributes.slots[attribute] = signature.value(attribute, item)
    fill_frame(signature, free_names(value.node), value.frame, frame)
    return made


def handed_frame(signature: Signature, frame: Frame | None) -> Frame | None:
    """A frame around a closure; it gets the names that are read of it."""
    if frame is None:
        return None
    if not signature.knows(frame):
        parent = handed_frame(signature, frame.parent)
        if not signature.knows(frame.names):
            signature.changeable(Cell(), frame.names)
        names = signature.known(frame.names)
        signature.note(frame, replace(frame, names=names, parent=parent))
    made: Frame = signature.known(frame)
    return made


def fill_frame(signature: Signature, names: list[str], frame: Frame, made: Frame) -> None:
    """Hand over names of a frame, or of those around it, where they are not handed over yet."""
    for name in names:
        old: Frame | None = frame
        new: Frame | None = made
        while old is not None and name not in old.names.slots and name not in old.local_names:
            old, new = old.parent, new.parent if new is not None else None
        if old is None or new is None or name in new.names.slots:
            continue
        if name in old.names.slots:
            signature.key.append(name)
            new.names.slots[name] = signature.value(name, old.names.slots[name])
