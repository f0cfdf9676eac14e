"""What the items of a list of run-time length are made of: the list is one list for each part."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adjoint.rules.registry import is_matrix
from adjoint.stage.context import Stage
from adjoint.stage.lists.optional_items import is_optional, item_beside_none
from adjoint.stage.lists.put_in import at_place
from adjoint.stage.objects.sameness import is_numbered, numbers_of
from adjoint.stage.values import (
    DictValue,
    ObjectValue,
    Records,
    RunTimeList,
    Static,
    TupleValue,
    Value,
    View,
    is_none,
)

__all__ = [
    "NOT_REFERRED",
    "RECORDS",
    "Layout",
    "OptionalReference",
    "Reference",
    "beside_none",
    "class_name",
    "columns",
    "is_of_references",
    "layout_of",
    "parts_by_name",
    "parts_of_item",
    "reference_layout",
    "refined",
    "way_to",
    "with_none",
]


#: The decision that a list made at some place is one list for each part of what is in it.
RECORDS = "records"
#: The decision that no list has numbers: something could not be done with one.
NOT_REFERRED = ("not referred",)


class Reference:
    """The class of items that are in another place, of which a list has the numbers."""


class OptionalReference(Reference):
    """The class of such items that may be None: the number is -1 then."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the items of a list are: tuples, dicts or objects of the class `cls`, or lists of such.

    A class made inside the function is made again with it, so that `class_name` tells classes
    apart. `names` are the positions, keys or attributes. A part is such a thing too, or None: what
    is there is in a list. Of lists of such things, that is the only part, and has no name. Of what
    is in another place, the parts are the numbers that lead there; in a `register`, it is known
    in which.
    """

    cls: type = field(compare=False)
    class_name: tuple[str, str]
    names: tuple[Any, ...]
    parts: tuple[Layout | None, ...]
    register: Any = None

    @property
    def count(self) -> int:
        """The number of lists."""
        return sum(1 if part is None else part.count for part in self.parts)

    @property
    def is_tuple(self) -> bool:
        """Whether the items are tuples, which cannot be changed."""
        return issubclass(self.cls, tuple)

    @property
    def is_list(self) -> bool:
        """Whether the items are lists of tuples, dicts or objects."""
        return issubclass(self.cls, list)

    @property
    def is_reference(self) -> bool:
        """Whether the items are in another place (see `references`)."""
        return issubclass(self.cls, Reference)

    @property
    def is_optional(self) -> bool:
        """Whether the items are in another place, or None."""
        return issubclass(self.cls, OptionalReference)

    @property
    def holds_references(self) -> bool:
        """Whether an item, or a part of one, is in another place."""
        parts = (part for part in self.parts if part is not None)
        return self.is_reference or any(part.holds_references for part in parts)

    def classes_in_themselves(
        self, most: int, around: tuple[tuple[str, str], ...] = ()
    ) -> Iterator[tuple[str, str]]:
        """The classes of which more than so many objects are in one another."""
        if not issubclass(self.cls, tuple | dict | list | Reference):
            around = (*around, self.class_name)
            if around.count(self.class_name) > most:
                yield self.class_name
        for part in self.parts:
            if part is not None:
                yield from part.classes_in_themselves(most, around)

    def list_names(self, name: str) -> Iterator[str]:
        """Names for the lists, from the name of the whole."""
        if self.is_list:
            (part,) = self.parts
            assert part is not None, "of lists of tuples, dicts or objects"
            yield from part.list_names(name)
            return
        if self.is_reference and self.count == 1:
            yield name
            return
        fields = getattr(self.cls, "_fields", self.names) if self.is_tuple else self.names
        for label, part in zip(fields, self.parts, strict=True):
            own = re.sub(r"\W+", "_", f"{name}_{label}")
            yield from (own,) if part is None else part.list_names(own)

    def depths(self) -> Iterator[frozenset[int]]:
        """For each list, how deep in it parts of dicts and objects stand: 0 are its items."""
        holds_none = self.is_tuple or self.is_list or self.is_reference
        own = frozenset() if holds_none else frozenset({0})
        for part in self.parts:
            for found in [frozenset[int]()] if part is None else part.depths():
                yield own | (frozenset(d + 1 for d in found) if self.is_list else found)

    @property
    def has_objects(self) -> bool:
        """Whether there are dicts or objects in an item, apart from those in lists."""
        return any(0 in found for found in self.depths())


def layout_of(stage: Stage, value: Value) -> Layout | None:
    """What a tuple, dict or object is made of, or a list of such; None for anything else."""
    value = item_beside_none(value) or at_place(value)
    place = value.place if isinstance(value, DictValue | ObjectValue) else None
    by_number = place is not None and is_numbered(place.view)
    if place is not None and by_number and NOT_REFERRED not in stage.decisions:
        return reference_layout(place.view)
    if isinstance(value, Records):
        return Layout(list, class_name(list), ("",), (value.layout,))
    cls, parts = parts_of_item(value)
    if not parts:
        return None
    layouts = tuple(layout_of(stage, part) for part in parts.values())
    return Layout(cls, class_name(cls), tuple(parts), layouts)


def way_to(value: Any) -> View | None:
    """The way to what is in another place; None if numbers do not lead to it."""
    value = item_beside_none(value) or at_place(value)
    if isinstance(value, DictValue | ObjectValue) and value.place is not None:
        value = value.place.view
    return value if isinstance(value, View) and is_numbered(value) else None


def reference_layout(view: View) -> Layout:
    """What a list holds in the place of an item of a list, or of a part of an array."""
    count = len(numbers_of(view.path))
    register = view.base.register if isinstance(view.base, RunTimeList) else None
    names = tuple(range(count))
    return Layout(Reference, class_name(Reference), names, (None,) * count, register)


def is_of_references(decision: Any) -> bool:
    """Whether a decision is that a list has numbers that lead to what is in it."""
    return bool(decision[0] == RECORDS and decision[1].holds_references)


def class_name(cls: type) -> tuple[str, str]:
    return cls.__module__, cls.__qualname__


def parts_of_item(value: Value) -> tuple[type, Mapping[Any, Value]]:
    """The class and the parts of what is taken apart; no parts of anything else."""
    match value:
        case TupleValue(items, cls):
            return cls, dict(enumerate(items))
        case Static(held, access=None) if type(held) is tuple:
            return tuple, dict(enumerate(map(Static, held)))
        case DictValue():
            return value.cls, value.slots["items"]
        case ObjectValue(real=None) if not is_matrix(value.cls):
            return value.cls, value.slots
        case _:
            return type(value), {}


def parts_by_name(value: Value) -> Mapping[Any, Value]:
    """The parts of a tuple, dict or object by position, key or attribute."""
    return parts_of_item(value)[1]


def refined(known: Layout | None, found: Layout | None) -> Layout | None:
    """A structure of which more is known now: of lists in it that were empty, or of references."""
    if known is None:
        return found if found is not None and (found.is_list or found.is_reference) else None
    is_open = not known.is_reference or (known.is_optional and known.register is None)
    is_open |= found is not None and found.is_reference and found.count > known.count
    if found is not None and found.is_reference and is_open:
        return found
    if found is not None and known.is_optional and not found.is_reference:
        return refined(None, found)
    if found is None or known.names != found.names:
        return known
    parts = tuple(map(refined, known.parts, found.parts))
    same = all(a is b for a, b in zip(parts, known.parts, strict=True))
    return known if same else replace(known, parts=parts)


#: What a list holds in the place of items of another list, or None.
_OPTIONAL = Layout(OptionalReference, class_name(OptionalReference), (0,), (None,))


def with_none(layout: Layout, value: Value) -> Layout:
    """A structure in which each part that is None is an item of another list, or None."""
    own = parts_by_name(value)
    pairs = zip(layout.names, layout.parts, strict=True)
    parts = (_OPTIONAL if part is None and is_none(own[n]) else part for n, part in pairs)
    return replace(layout, parts=tuple(parts))


def beside_none(layout: Layout | None, value: Value) -> Layout | None:
    """A structure in which what is None in a value, and in another place else, may be None.

    What has been None or in another place is none of these any more, if the value is not.
    """
    if layout is None or layout.is_list:
        return layout
    if layout.is_optional:
        return layout if is_none(value) or item_beside_none(value) is not None else None
    if layout.is_reference:
        may_be_none = is_none(value) or is_optional(value)
        is_one = may_be_none and layout.count == 1
        return replace(_OPTIONAL, register=layout.register) if is_one else layout
    own = parts_by_name(at_place(value))
    if {*own} != {*layout.names}:
        return layout
    pairs = zip(layout.parts, layout.names, strict=True)
    parts = tuple(beside_none(part, own[name]) for part, name in pairs)
    same = all(a is b for a, b in zip(parts, layout.parts, strict=True))
    return layout if same else replace(layout, parts=parts)


def columns(value: Records) -> tuple[RunTimeList | Records | View, ...]:
    """For each part of the tuples, the list of what stands there."""
    rest = iter(value.lists)
    return tuple(
        next(rest) if part is None else Records(part, tuple(itertools.islice(rest, part.count)))
        for part in value.layout.parts
    )
