"""Cached properties: each is computed where it is first read, and an attribute from then on.

Whether it was is known while staging as long as all ways to a place agree. Where it is first read
in a loop or on one of several paths, the emitted code has a flag that tells.
"""

from __future__ import annotations

import gast

from adjoint.stage.context import Frame, Stage
from adjoint.stage.flow.branches import FALL
from adjoint.stage.flow.conditions import choose
from adjoint.stage.inputs.classes import expect_attribute
from adjoint.stage.objects.attributes import store_attribute
from adjoint.stage.objects.class_attributes import class_attribute
from adjoint.stage.objects.computed import flag_of, note_computed
from adjoint.stage.values import ObjectValue, Static, Steps, Unbound, Value

__all__ = ["has_own", "read_cached"]


def has_own(owner: ObjectValue, name: str) -> bool:
    """Whether an object has an attribute itself, apart from its class."""
    if name in owner.slots or name in getattr(owner.real, "__dict__", {}):
        return True
    if owner.source is not None:
        return has_own(owner.source.of, name)
    slotted = type(class_attribute(owner.cls, name)).__name__ == "member_descriptor"
    return slotted and owner.real is not None and hasattr(owner.real, name)


def read_cached(stage: Stage, frame: Frame, node: gast.AST, owner: ObjectValue, name: str) -> Steps:
    """``owner.name`` of a cached property."""
    if flag_of(name) not in owner.computed.slots:
        found = owner.slots.get(name)
        if found is not None:
            return _of_a_join(stage, frame, node, found, name)
        _refuse_earlier(stage, frame, node, owner, name)
        note_computed(stage, owner, name, None)
    expect_attribute(stage.inputs, owner.cls, name)
    flag = owner.computed.slots[flag_of(name)]

    def there() -> Steps:
        return FALL
        yield

    def missing() -> Steps:
        getter = Static(class_attribute(owner.cls, name).func)
        value = yield stage.call(frame, node, getter, [owner], {})
        yield store_attribute(stage, frame, node, owner, name, value)
        return FALL

    yield choose(stage, frame, node, flag, there, missing, "if")
    return owner.slots[name]


def _of_a_join(stage: Stage, frame: Frame, node: gast.AST, found: Value, name: str) -> Value:
    """What an object has that is one of several; one of them may not have computed it yet."""
    if isinstance(found, Unbound) or found in stage.maybe_unbound:
        stage.refuse(
            frame, node, f"the cached property {name!r} is computed on some of the ways to here",
            "read it once before the branch or loop, or make it a property",
        )  # fmt: skip
    return found


def _refuse_earlier(
    stage: Stage, frame: Frame, node: gast.AST, owner: ObjectValue, name: str
) -> None:
    """Refuse what was computed of numbers that are differentiated before this began."""
    if owner.source is not None and has_own(owner.source.of, name):
        stage.refuse(
            frame, node,
            f"the cached property {name!r} was computed before the derivative was taken, so that it"
            " does not pass to what it was computed from",
            "make it a property, or take the derivative of a new object",
        )  # fmt: skip
    if owner.real is None:
        return
    text = owner.access.text
    if name in owner.real.__dict__:
        stage.refuse(
            frame, node,
            f"the cached property {name!r} of {text} was computed before this call, so that no "
            "derivative passes to what it was computed from",
            f"forget it before the call: del {text}.{name}",
        )  # fmt: skip
    stage.inputs.expect(f"{name!r} not in {text}.__dict__")
