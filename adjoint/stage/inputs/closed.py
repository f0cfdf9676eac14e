"""Containers and arrays that came in, of classes that are not taken apart.

A ``defaultdict``, a ``deque``, a subclass of ``list`` or of an array is read as it is at each call.
A derivative by what it holds would be lost: where it is asked for, that is refused.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from adjoint.rules.registry import is_matrix
from adjoint.stage.objects.structures import parts_of
from adjoint.stage.values import ObjectValue, Static, Value

__all__ = ["closed_in", "closed_text"]

ADVICE = "make it a plain dict, list, tuple or array before the call, or do not differentiate by it"
"""What can be done."""


def closed_in(value: Value) -> Iterator[Value]:
    """The parts of an argument that hold floats, and are not taken apart."""
    return _closed_in(value, set())


def _closed_in(value: Value, seen: set[int]) -> Iterator[Value]:
    if _is_closed(value):
        yield value
    elif isinstance(value, ObjectValue):
        parts = () if id(value) in seen else value.slots.values()  # what was read of it
        seen.add(id(value))  # objects may hold each other
        for part in parts:
            yield from _closed_in(part, seen)
    else:
        for _, part in parts_of(value) or ():
            yield from _closed_in(part, seen)


def closed_text(value: Value) -> str:
    """What is said of one."""
    assert isinstance(value, Static | ObjectValue)
    assert value.access is not None
    held = value.value if isinstance(value, Static) else value.real
    return (
        f"a derivative by {value.access.text} is asked for, which is of class"
        f" {type(held).__name__}, and no plain dict, list, tuple or array"
    )


def _is_closed(value: Value) -> bool:
    match value:
        case Static(held):
            return value.access is not None and _holds_floats(held)
        case ObjectValue() if value.real is not None and value.access is not None:
            kinds = (dict, list, tuple, np.ndarray)
            is_container = issubclass(value.cls, kinds) and not is_matrix(value.cls)
            return is_container and _holds_floats(value.real)
    return False


def _holds_floats(held: Any) -> bool:
    match held:
        case np.ndarray() | np.generic():
            return held.dtype.kind in "fc"
        case float() | complex():
            return True
        case Mapping():
            return any(map(_holds_floats, held.values()))
        case list() | tuple() | deque():
            return any(map(_holds_floats, held))
    return False
