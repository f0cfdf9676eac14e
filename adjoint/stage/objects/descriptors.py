"""Descriptors of the user's: what a class has under a name may say how that is read and written."""

from __future__ import annotations

import types
from typing import Any

from adjoint.stage.context import Stage
from adjoint.stage.inputs.access import Reading
from adjoint.stage.inputs.outside import is_standard
from adjoint.stage.objects.class_attributes import class_attribute
from adjoint.stage.objects.protocols import special
from adjoint.stage.values import ObjectValue, StagedValue, Static, Value

__all__ = ["accessor"]

_LIBRARIES = ("adjoint", "numpy", "scipy")


def accessor(
    stage: Stage, owner: ObjectValue, name: str, method: str
) -> tuple[Value, Static] | None:
    """What the class of an object has under a name, and its `method` (``__get__``, ``__set__``).

    None where it has none that is written in Python by the user.
    """
    found = class_attribute(owner.cls, name)
    if isinstance(found, StagedValue):
        held = found.value
    elif _is_users(type(found), method):
        base = next(base for base in owner.cls.__mro__ if name in base.__dict__)
        key = ("class", id(base), name)
        held = stage.inputs.external(key, name, Reading.item(vars(base), name))
    else:
        return None
    own = special(stage, held, method)
    return None if own is None else (held, own)


def _is_users(cls: Any, method: str) -> bool:
    is_function = isinstance(getattr(cls, method, None), types.FunctionType)
    is_library = cls.__module__.partition(".")[0] in _LIBRARIES
    return is_function and not is_library and not is_standard(cls)
