"""What came in and no derivative can be taken by: containers of other classes, and rings.

A ``defaultdict``, a ``deque``, a subclass of ``list`` or of an array is read as it is at each call.
A derivative by what it holds would be lost: where it is asked for, that is refused. Objects that
lead back to themselves have no gradient that comes to an end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from adjoint.rules.registry import is_matrix
from adjoint.runtime import is_closed
from adjoint.stage.objects.structures import parts_of
from adjoint.stage.values import ObjectValue, Static, Value

__all__ = ["ADVICE", "RING_ADVICE", "closed_in", "closed_text", "ring_text"]

ADVICE = "make it a plain dict, list, tuple or array before the call, or do not differentiate by it"
"""What can be done about containers of other classes."""
RING_ADVICE = (
    "differentiate by the arrays in it, or by a list of the objects, with places for names"
)
"""What can be done about rings."""


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


def ring_text(value: Value) -> str | None:
    """What is said of an object that leads back to itself; None of any other."""
    if not isinstance(value, ObjectValue) or value.real is None or value.access is None:
        return None
    way = _way_back(value.real, value.access.text, {}, set())
    if way is None:
        return None
    whole, again = way
    return f"a derivative by {value.access.text} is asked for, in which {whole} is {again} again"


def _way_back(
    held: Any, text: str, above: dict[int, str], done: set[int]
) -> tuple[str, str] | None:
    """Two names of one object, of which the longer one leads through the shorter.

    From what is in `done` no way leads back.
    """
    if id(held) in above:
        return text, above[id(held)]
    if id(held) in done:
        return None
    match held:
        case dict():
            parts = [(f"{text}[{key!r}]", part) for key, part in held.items()]
        case list() | tuple():
            parts = [(f"{text}[{k}]", part) for k, part in enumerate(held)]
        case _ if not is_closed(held):
            parts = [(f"{text}.{name}", part) for name, part in vars(held).items()]
        case _:
            return None
    inside = {**above, id(held): text}
    for name, part in parts:
        if (way := _way_back(part, name, inside, done)) is not None:
            return way
    done.add(id(held))
    return None


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
