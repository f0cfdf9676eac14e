"""What is put into a list and changed there goes by its place in the list, under all its names.

Arrays and lists that are changed are in a list once, and are read through it (see `buffers`). What
had a name before it was put there has that name afterwards too: wherever it is met, the place is
what is meant.
"""

from __future__ import annotations

from typing import Any, TypeGuard

from adjoint.stage.context import Stage
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    Buffer,
    DictValue,
    Lost,
    Memory,
    ObjectValue,
    Poison,
    Records,
    RunTimeList,
    Value,
    View,
)

__all__ = ["LED", "PUT_IN_ON_A_PATH", "at_place", "is_led", "lead"]

#: The slot of an array or list that has the place to which it was put.
LED = "led"
PUT_IN_ON_A_PATH = "a list, array or object that was put into a list on one of several paths"


def is_led(value: Value, owner: RunTimeList | View) -> TypeGuard[RunTimeList | Buffer]:
    """Whether what is put into a list is changed there, and has names that can be led there."""
    base = owner.base if isinstance(owner, View) else owner
    assert isinstance(base, RunTimeList), "a list is in a list"
    if not base.written or base.is_pool:
        return False
    return isinstance(value, RunTimeList) or (isinstance(value, Buffer) and value.leaf is None)


def lead(stage: Stage, value: Memory, place: View) -> None:
    """Have all names of an array or list stand for the place in a list to which it was put."""
    held = value.slots["held"].name or "an array or list"
    text = f"{held} is in a list of which items are changed, under another name or twice"
    stage.trail.set(value, "moved", Lost((), text))
    stage.trail.set(value, LED, place)


def at_place(value: Any) -> Any:
    """`value`, or the place in a list to which it was put."""
    match value:
        case Memory():
            return value.slots.get(LED, value)
        case Records(layout, lists):
            places = tuple(map(at_place, lists))
            lost = next((place for place in places if isinstance(place, Poison)), None)
            same = all(place is each for place, each in zip(places, lists, strict=True))
            return lost or (value if same else Records(layout, places))
        case DictValue(led=Cell() as led) | ObjectValue(led=Cell() as led):
            return led.slots.get(LED, value)
        case _:
            return value
