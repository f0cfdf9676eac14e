"""Objects that are like others: arguments of a derivative that is taken inside, and gradients.

A function that is differentiated inside another is given structures of its own, in which numbers
and arrays have variables of their own. The attributes of an object are looked up where they are
first read: no more of it is looked at than the function does. Three are made, one of the other:

- a snapshot of what the argument is at the call;
- what is differentiated by: for each number and array of the snapshot a variable;
- what the function is given: of arrays that it writes, copies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import gast

from adjoint.ir.nodes import Statement
from adjoint.ir.trampoline import run
from adjoint.ir.values import is_differentiable
from adjoint.rules.registry import is_matrix
from adjoint.stage.arrays.buffers import read
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.lists.put_in import LED
from adjoint.stage.objects.attribute_reads import get_attribute
from adjoint.stage.objects.identities import original
from adjoint.stage.objects.several import Several, Unread
from adjoint.stage.objects.structures import leaf_values, map_leaves, parts_of
from adjoint.stage.trail import Cell, Mark
from adjoint.stage.values import (
    NONE,
    Buffer,
    DictValue,
    ListValue,
    ObjectValue,
    Poison,
    Source,
    Steps,
    TupleValue,
    Value,
    View,
)

__all__ = ["Likenesses", "came_in", "complete", "like_given"]

READ = "attribute of an argument"

#: What stands for each object, list and dict: what is one is one there too.
Known = dict[Cell, Value]


@dataclass(eq=False)
class Likenesses:
    """The structures that one call of a derivative gives to its function.

    Attributes
    ----------
    around
        The block that the call stands in; what is differentiated by is written there.
    inside
        The block of the call, once it is written.
    given
        The objects and containers that the function is given, each with what it stands for.
    taken
        The containers and arrays that a snapshot was made of, with the snapshot.
    origins
        The containers that these and other structures of these stand for.
    keys
        For each object that is differentiated by, how decisions about its attributes begin.
    handed_on
        What the function is given, for each object, list and dict that is differentiated by.
    asked
        For each argument, what is differentiated by for each object, list and dict of a snapshot.
    """

    stage: Stage
    frame: Frame
    node: gast.AST
    around: list[Statement]
    stopped: bool
    inside: list[Statement] = field(default_factory=list)
    given: list[tuple[Cell, Any]] = field(default_factory=list)
    taken: dict[Cell, Value] = field(default_factory=dict)
    origins: dict[Cell, Cell] = field(default_factory=dict)
    keys: dict[Cell, Any] = field(default_factory=dict)
    handed_on: Known = field(default_factory=dict)
    asked: list[Known] = field(default_factory=list)
    is_done: bool = False

    # -- the snapshot ------------------------------------------------------------------------------

    def snapshot(self, value: Value) -> Value:
        """A value as it is now: with variables in the place of arrays that are written."""
        match value:
            case Cell() if value in self.taken:
                return self.taken[value]
            case Buffer():
                made = self.taken[value] = read(self.stage, value, self.frame, self.node)
                return made
            case View():
                return read(self.stage, value, self.frame, self.node)
            case TupleValue(items, cls):
                return TupleValue(tuple(map(self.snapshot, items)), cls)
            case ListValue():
                items = tuple(map(self.snapshot, value.slots["items"]))
                return self._took(value, ListValue({"items": items}, key=value.key))
            case DictValue():
                entries = value.slots["items"].items()
                parts = {key: self.snapshot(part) for key, part in entries}
                return self._took(value, DictValue({"items": parts}, cls=value.cls))
            case ObjectValue() if not is_matrix(value.cls):
                return self._object_now(value)
            case _:
                return value

    def _took(self, value: ListValue | DictValue, made: ListValue | DictValue) -> Value:
        self.taken[value], self.origins[made] = made, value
        return made

    def _object_now(self, value: ObjectValue) -> ObjectValue:
        source = Source(value, lambda name, part: part if self.is_done else self.snapshot(part))
        made = self.taken[value] = _like(value, source)  # objects may hold each other in a ring
        made.slots.update((name, self.snapshot(part)) for name, part in value.slots.items())
        return made

    # -- what is differentiated by, and what the function is given ---------------------------------

    def renewed(self, value: Value, text: str, change: Callable[[Value, str], Value]) -> Value:
        """What is differentiated by; `change` makes the variable of a leaf, which has a text."""
        known: Known = {}
        self.asked.append(known)
        return self._renewed(value, text, change, known)

    def _renewed(
        self, value: Value, text: str, change: Callable[[Value, str], Value], known: Known
    ) -> Value:
        numbers = iter(range(10**9))

        def each(leaf: Value) -> Value:
            place = f"{text} {next(numbers)}"
            if _is_object(leaf):
                return self._own_object(leaf, place, change, known)
            return leaf if isinstance(leaf, Poison) else change(leaf, place)

        made = _mapped(value, each, known)
        for container, own in _containers(value, made).items():
            self.origins[own] = self.origins[container]
        return made

    def _own_object(
        self,
        value: ObjectValue,
        text: str,
        change: Callable[[Value, str], Value],
        known: Known,
    ) -> ObjectValue:
        def derive(name: str, part: Value) -> Value:
            if self.is_done:
                return part
            with self._written(self.around, self.stopped):
                return self._renewed(part, f"{text}.{name}", change, known)

        made = _like(value, Source(value, derive))
        self.keys[made] = (READ, self.stage.key(self.frame, self.node, text))
        for key in [*self.stage.decisions]:
            if key[:2] == self.keys[made]:  # the derivative by it is read
                run(get_attribute(self.stage, self.frame, self.node, made, key[2]))
        return made

    def handed(self, value: Value, change: Callable[[Value], Value]) -> Value:
        """What the function is given; `change` makes of a leaf what may be written."""

        def each(leaf: Value) -> Value:
            return self._handed_object(leaf, change) if _is_object(leaf) else change(leaf)

        made = _mapped(value, each, self.handed_on)
        given = {own for own, _ in self.given}
        for container, own in _containers(value, made).items():
            if own not in given:
                self._hand(own, self.origins[container], lambda: None)
        return made

    def _hand(self, made: Cell, origin: Cell, before: Callable[[], None]) -> None:
        """Note what the function is given, and what it stands for."""
        self.given.append((made, origin))
        self.stage.several.append(Several(made, (origin,), (), before))

    def _handed_object(self, value: ObjectValue, change: Callable[[Value], Value]) -> ObjectValue:
        def derive(name: str, part: Value) -> Value:
            if self.is_done:
                return part
            with self._written(self.inside, stopped=False):
                return self.handed(part, change)

        made = _like(value, Source(value, derive))
        known, now = original(made), value.source.of if value.source is not None else value
        assert isinstance(known, ObjectValue), "an object is like an object"

        def keep_all() -> None:
            """Have all attributes in the snapshot, before the object itself cannot be read."""
            for name in getattr(known.real, "__dict__", ()):
                run(get_attribute(self.stage, self.frame, self.node, now, name))

        self._hand(made, known, keep_all)
        return made

    @contextmanager
    def _written(self, statements: list[Statement], stopped: bool) -> Iterator[None]:
        builder = self.stage.builder
        before, builder.stopped = builder.stopped, stopped
        try:
            with builder.within(statements), builder.at(self.stage.place(self.frame, self.node)):
                yield
        finally:
            builder.stopped = before

    def derivative(self, value: Value, change: Callable[[Value], Value]) -> Value:
        """A derivative by what is differentiated by; `change` gives that by a leaf.

        Of an object it has those attributes that the function read. Once another is read, staging
        starts again, and it is differentiated by that too.
        """
        return self._derivative(value, change, {})

    def _derivative(self, value: Value, change: Callable[[Value], Value], known: Known) -> Value:
        def each(leaf: Value) -> Value:
            if not _is_object(leaf):
                return change(leaf)
            parts = leaf.slots.items()
            slots = {name: self._derivative(part, change, known) for name, part in parts}

            def demand(name: str, part: Value) -> Value:
                raise Restart((*self.keys[leaf], name))

            return ObjectValue(slots, cls=leaf.cls, source=Source(leaf, demand, same=False))

        return _mapped(value, each, known)

    # -- after the call ----------------------------------------------------------------------------

    def finish(self, mark: Mark) -> None:
        """End the call: refuse what it changed of its arguments by other names."""
        self.is_done = True
        for known in self.asked:
            self.stage.inputs.identities.tell_apart(map(self._origin, known))
        given = {id(each) for each, _ in self.given}
        several = self.stage.several
        several[:] = [each for each in several if id(each.one) not in given]
        changed = {
            cell
            for (cell, key), value in self.stage.trail.changes(mark).items()
            if key not in ("moved", LED) and not _is_unread(value)
        }
        if any(cell in changed for cell in self.taken):
            self._refuse("what is differentiated changes its argument under another name")
        are_one = self.stage.inputs.identities.are_one
        for each, origin in self.given:
            if each in changed and sum(are_one(origin, other) for _, other in self.given) > 1:
                self._refuse("what is differentiated changes an object that it is given twice")

    def _origin(self, cell: Cell) -> Value:
        """What a part of a snapshot stands for."""
        return original(self.origins.get(cell, cell))  # type: ignore[arg-type]

    def _refuse(self, text: str) -> None:
        self.stage.refuse(
            self.frame, self.node, text, "change a copy of it, or what it was given alone"
        )


def like_given(stage: Stage, frame: Frame, node: gast.AST, value: Value, given: Value) -> Steps:
    """A tangent or cotangent, of objects with those attributes that `value` has and no others."""
    if isinstance(value, ObjectValue) and isinstance(given, ObjectValue):
        made = ObjectValue(cls=given.cls)
        for name, part in value.slots.items():
            if any(is_differentiable(stage.type(leaf)) for leaf in leaf_values(part)):
                found = yield get_attribute(stage, frame, node, given, name)
                made.slots[name] = yield like_given(stage, frame, node, part, found)
            else:
                made.slots[name] = part
        return made
    parts, held = parts_of(value), dict(parts_of(given) or ())
    if parts is None or list(held) != [key for key, _ in parts]:
        return given
    found = {}
    for key, part in parts:
        found[key] = yield like_given(stage, frame, node, part, held[key])
    whole = iter(found.values())
    return map_leaves(given, lambda part: next(whole), is_leaf=lambda part: part is not given)


def complete(stage: Stage, value: Value) -> None:
    """Have the derivatives that are handed out differentiated by all attributes of their objects.

    Raises
    ------
    Restart
        If there is one that is not.
    """
    if isinstance(value, ObjectValue):
        came = came_in(value)
        names = [] if came is None else list(getattr(came.real, "__dict__", ()))
        for name in names:
            if name not in value.slots and value.source is not None:
                value.source.derive(name, NONE)
        if came is not None:
            stage.inputs.expect(f"list(vars({came.access.text})) == {names!r}")
    for _, part in parts_of(value) or ():
        complete(stage, part)


def came_in(value: ObjectValue) -> ObjectValue | None:
    """The object with `__dict__` that came in, of which a derivative is like; None of others."""
    if value.source is None or value.source.same:
        return None
    found = original(value.source.of)
    if not isinstance(found, ObjectValue) or not hasattr(found.real, "__dict__"):
        return came_in(found) if isinstance(found, ObjectValue) else None
    return found


def _like(value: ObjectValue, source: Source) -> ObjectValue:
    """An object without attributes yet."""
    return ObjectValue(cls=value.cls, source=source)


def _is_object(value: Value) -> TypeGuard[ObjectValue]:
    """Whether this is an object that is looked into: a matrix of another library is held fixed."""
    return isinstance(value, ObjectValue) and not is_matrix(value.cls)


def _is_unread(value: Any) -> bool:
    """Whether this is what stands where nothing may be read."""
    if isinstance(value, dict | tuple):
        parts = value.values() if isinstance(value, dict) else value
        return bool(value) and all(isinstance(part, Poison) for part in parts)
    return isinstance(value, Poison | Unread)


def _containers(value: Value, made: Value) -> dict[Cell, Cell]:
    """The lists and dicts in a structure, apart from objects, with those of one that is like it."""
    found: dict[Cell, Cell] = {}
    waiting = [(value, made)]
    while waiting:
        part, own = waiting.pop()
        if isinstance(part, ListValue | DictValue):
            assert isinstance(own, ListValue | DictValue), "a structure like the other"
            found[part] = own
        if not isinstance(part, ObjectValue):
            pairs = zip(parts_of(part) or (), parts_of(own) or (), strict=True)
            waiting.extend((inside, theirs) for (_, inside), (_, theirs) in pairs)
    return found


def _mapped(value: Value, change: Callable[[Value], Value], known: Known) -> Value:
    """`value` with `change` applied to its leaves, and to the objects in it.

    What is one is one in it, as far as it is `known`.
    """
    if isinstance(value, ListValue | DictValue) or _is_object(value):
        if value not in known:
            is_object = isinstance(value, ObjectValue)
            known[value] = change(value) if is_object else _parts_mapped(value, change, known)
        return known[value]
    if isinstance(value, ObjectValue) or parts_of(value) is None:
        return change(value)
    return _parts_mapped(value, change, known)


def _parts_mapped(value: Value, change: Callable[[Value], Value], known: Known) -> Value:
    def mapped(part: Value) -> Value:
        return _mapped(part, change, known)

    return map_leaves(value, mapped, is_leaf=lambda part: part is not value)
