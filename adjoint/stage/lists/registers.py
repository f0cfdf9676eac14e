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

import operator
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeGuard

import gast

from adjoint.ir.nodes import Var
from adjoint.stage.arrays.sites import ITEMS_WRITTEN
from adjoint.stage.context import Frame, Key, Restart, Stage
from adjoint.stage.lists.handed_registers import HANDED, NOT_REGISTERED, REGISTERED, registers_here
from adjoint.stage.lists.item_layouts import (
    RECORDS,
    Layout,
    Reference,
    class_name,
    layout_of,
    with_none,
)
from adjoint.stage.lists.list_methods import append
from adjoint.stage.lists.optional_items import (
    NOWHERE,
    is_optional,
    item_beside_none,
    optional_item,
    position_of,
)
from adjoint.stage.lists.placed import placed_at
from adjoint.stage.lists.put_in import at_place
from adjoint.stage.lists.records import empty_list, start_as_records
from adjoint.stage.objects.sameness import holds_code
from adjoint.stage.values import (
    NONE,
    ObjectValue,
    Records,
    RunTimeList,
    Static,
    TupleValue,
    Value,
    is_none,
)

__all__ = [
    "NOT_REGISTERED",
    "ItemOf",
    "alike",
    "as_result",
    "is_registration",
    "of_result",
    "open_registers",
    "register_of",
    "registered",
    "registrations",
    "registrations_instead",
    "rests_on_registers",
]


def is_registration(decision: Any) -> bool:
    """Whether a decision is that objects of a class are in a register."""
    return bool(decision[0] == REGISTERED)


def rests_on_registers(decision: Any) -> bool:
    """Whether a decision is about registers, or about lists of what is in one."""
    if isinstance(decision, Layout):
        parts = (part for part in decision.parts if part is not None)
        return decision.register is not None or any(map(rests_on_registers, parts))
    is_own = isinstance(decision, tuple) and decision[:1] in ((REGISTERED,), (HANDED,))
    return is_own or (isinstance(decision, tuple) and any(map(rests_on_registers, decision)))


def registrations_instead(decisions: Iterable[Any]) -> tuple[Key, ...]:
    """The decisions that have objects in registers which lists of them are the place of."""
    layouts = [key[1] for key in decisions if key[0] == RECORDS]
    found = dict.fromkeys(each for layout in layouts for each in _classes_in(layout))
    return tuple((REGISTERED, each) for each in found)


def _classes_in(layout: Layout) -> Iterator[tuple[str, str]]:
    """The classes of the objects that are items of a list, or parts of such."""
    if not issubclass(layout.cls, tuple | dict | list | Reference):
        yield layout.class_name
    for part in layout.parts:
        if part is not None:
            yield from _classes_in(part)


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
        _, (_, name) = decision
        own = replace(frame, path=(*frame.path, decision))
        site = stage.key(own, node, ITEMS_WRITTEN)
        if site not in stage.decisions:
            raise Restart(site)
        stage.register_sites[decision] = site
        stage.registers[decision] = made = empty_list(stage, own, node)
        for each in made.lists if isinstance(made, Records) else (made,):
            assert isinstance(each, RunTimeList), "it is in no list"
            each.register = decision
        _name(made, name.rpartition(".")[2])


def _name(made: Value, name: str) -> None:
    """Name the lists of a register, by the name of the class."""
    if isinstance(made, Records):
        own = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        for called, each in zip(made.layout.list_names(own), made.lists, strict=True):
            if isinstance(each, RunTimeList):
                each.slots["held"].name = called


def registered(stage: Stage, frame: Frame, node: gast.AST, made: ObjectValue) -> Value:
    """An object that was made here, or its place in the register of its class."""
    decision = (REGISTERED, class_name(made.cls))
    is_placed = at_place(made) is not made  # its constructor has put it into a list
    if decision not in stage.decisions or not made.slots or is_placed:
        return made
    owner = registers_here(stage)[decision]
    layout = layout_of(stage, made)
    if isinstance(owner, RunTimeList) and layout is not None:
        start_as_records(stage, owner, with_none(layout, made))
    append(stage, frame, node, owner, made)
    found: Value = at_place(made)
    return found


# -- in functions that stay functions --------------------------------------------------------------


def register_of(value: Value) -> Any:
    """The register that an object is in, or may be beside None; None if there is none."""
    item = item_beside_none(value)
    return None if item is None else item.place.view.base.register


class ItemOf(tuple[Any, ...]):
    """The class of what stands for an object that a function returns: its register, and number."""


class OptionalItemOf(ItemOf):
    """The class of what stands for an object, or None."""


def as_result(value: Value) -> TupleValue | None:
    """What stands for an object of a register that a function returns."""
    register = register_of(value)
    if register is None:
        return None
    cls = OptionalItemOf if is_optional(value) else ItemOf
    return TupleValue((Static(register), position_of(value)), cls)


def of_result(stage: Stage, frame: Frame, node: gast.AST, result: TupleValue) -> Value:
    """The object that a function returned."""
    register, position = result.items
    assert isinstance(register, Static) and isinstance(position, Var | Static), "as it was made"
    if isinstance(position, Static) and position.value == NOWHERE:
        return NONE
    owner = registers_here(stage)[register.value]
    assert isinstance(owner, Records), "objects are in it"
    item = placed_at(stage, frame, node, owner, stage.operand(position, frame, node))
    if isinstance(position, Var) and issubclass(result.cls, OptionalItemOf):
        return optional_item(item, position)
    return item


def alike(first: TupleValue, second: TupleValue) -> tuple[TupleValue, TupleValue]:
    """Two tuples of results of a function, as `_alike` has each pair of them."""
    if len(first.items) != len(second.items):
        return first, second
    parts = [_alike(a, b) for a, b in zip(first.items, second.items, strict=True)]
    return _of_parts(first, [a for a, _ in parts]), _of_parts(second, [b for _, b in parts])


def _alike(first: Value, second: Value) -> tuple[Value, Value]:
    """Two results of a function, each of which may be None where one of them is or may be."""
    pair = (first, second)
    if any(_is_result(each) for each in pair) and all(_is_result(v) or is_none(v) for v in pair):
        same = all(_is_result(v) and v.cls is ItemOf for v in pair)
        return pair if same else (_beside_none(first, second), _beside_none(second, first))
    if isinstance(first, TupleValue) and isinstance(second, TupleValue):
        return alike(first, second)
    return pair


def _of_parts(whole: TupleValue, parts: Sequence[Value]) -> TupleValue:
    """A tuple of these parts: the same, if they are its own."""
    is_same = all(map(operator.is_, whole.items, parts))
    return whole if is_same else TupleValue(tuple(parts), whole.cls)


def _is_result(value: Value) -> TypeGuard[TupleValue]:
    return isinstance(value, TupleValue) and issubclass(value.cls, ItemOf)


def _beside_none(value: Value, other: Value) -> Value:
    """A result that may be None, or None as one like the other."""
    if _is_result(value):
        is_same = value.cls is OptionalItemOf
        return value if is_same else TupleValue(value.items, OptionalItemOf)
    assert isinstance(other, TupleValue)
    return TupleValue((other.items[0], Static(NOWHERE)), OptionalItemOf)
