"""Registers: all objects of a class that the function makes, in one list.

Where objects come and go under names that may be None, hold each other, or are changed under
several names in a loop, it is not known while staging which of them is meant. Then each is put into
the register of its class as it is made, and its names are its number there::

    for v in x:                                  for v in x:
        head = Node(v, head)             ->          node_value.append(v)
                                                     node_next.append(head)
                                                     head = len(node_value) - 1

So all that is known of objects in lists holds of them: they are changed there (see `placed`), other
lists have their numbers (see `references`), and beside None a number stands for that (see
`optional_items`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import gast

from adjoint.stage.arrays.sites import ITEMS_WRITTEN
from adjoint.stage.context import Frame, Key, Restart, Stage
from adjoint.stage.lists.item_layouts import class_name, layout_of, with_none
from adjoint.stage.lists.list_methods import append
from adjoint.stage.lists.put_in import at_place
from adjoint.stage.lists.records import empty_list, start_as_records
from adjoint.stage.objects.sameness import holds_code
from adjoint.stage.values import ObjectValue, Records, RunTimeList, Value

__all__ = ["NOT_REGISTERED", "is_registration", "open_registers", "registered", "registrations"]

REGISTERED = "registered"
#: The decision that there are no registers: something could not be done with one.
NOT_REGISTERED = ("not registered",)


def is_registration(decision: Any) -> bool:
    """Whether a decision is that objects of a class are in a register."""
    return bool(decision[0] == REGISTERED)


def registrations(values: Iterable[Any]) -> tuple[Key, ...]:
    """The decisions that have all objects among these be in registers; none if one cannot be."""
    objects = [v for v in values if isinstance(v, ObjectValue)]
    if not objects or any(not _can_be_registered(each) for each in objects):
        return ()
    return tuple(dict.fromkeys((REGISTERED, class_name(each.cls)) for each in objects))


def _can_be_registered(value: ObjectValue) -> bool:
    """Whether an object was made here, of parts that lists can hold."""
    parts = [part for part in value.slots.values() if not isinstance(part, ObjectValue)]
    return value.real is None and value.place is None and not holds_code(parts)


def open_registers(stage: Stage, frame: Frame, node: gast.AST) -> None:
    """Make the registers of a function, as it begins."""
    for decision in [each for each in stage.decisions if is_registration(each)]:
        _, (module, name) = decision
        own = replace(frame, path=(*frame.path, decision))
        site = stage.key(own, node, ITEMS_WRITTEN)
        if site not in stage.decisions:
            raise Restart(site)
        stage.registers[module, name] = made = empty_list(stage, own, node)
        _name(made, re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.rpartition(".")[2]).lower())


def _name(made: Value, name: str) -> None:
    if isinstance(made, Records):
        for own, each in zip(made.layout.list_names(name), made.lists, strict=True):
            if isinstance(each, RunTimeList):
                each.slots["held"].name = own


def registered(stage: Stage, frame: Frame, node: gast.AST, made: ObjectValue) -> Value:
    """An object that was made here, or its place in the register of its class."""
    owner = stage.registers.get(class_name(made.cls))
    if owner is None or not made.slots:
        return made
    layout = layout_of(stage, made)
    if isinstance(owner, RunTimeList) and layout is not None:
        start_as_records(stage, owner, with_none(layout, made))
    append(stage, frame, node, owner, made)
    found: Value = at_place(made)
    return found
