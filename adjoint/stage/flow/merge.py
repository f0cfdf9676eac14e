"""Joins of values: at the ends of branches, and from one trip of a loop to the next.

`merge` takes the values that one location has on each path, and says what it is afterwards: equal
statics stay static, structures of one shape are merged part by part, numbers become one variable of
the wider type. The variables are made by the caller, from the columns: the operand of each path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adjoint.errors import Place
from adjoint.ir.builder import Builder
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import UNDEF, Operand, Var
from adjoint.ir.operands import type_of_constant
from adjoint.ir.values import Maybe, Opaque, Type, join_types
from adjoint.stage.arrays.view_joins import is_unbound, join_items, join_optional, join_views
from adjoint.stage.context import Restart
from adjoint.stage.dicts.some_keys import SomeKeys
from adjoint.stage.flow.aliases import meet
from adjoint.stage.flow.alternatives import (
    MOST,
    NOT_CHOSEN,
    Alternatives,
    are_alternatives,
    is_new,
    kind_of,
)
from adjoint.stage.flow.merged_cells import merged_cell
from adjoint.stage.flow.what_meets import (
    are_memory,
    as_numbers,
    changes_rank,
    have_one_number,
    in_their_lists,
    is_number,
    loses_axes,
    name_among,
    part_of,
    place_in_list,
    taken_apart,
)
from adjoint.stage.lists.optional_items import is_optional
from adjoint.stage.lists.placed import placed_again
from adjoint.stage.lists.positions import has_moved
from adjoint.stage.lists.references import pass_targets
from adjoint.stage.lists.registers import NOT_REGISTERED, registrations
from adjoint.stage.objects.sameness import same_value
from adjoint.stage.trail import ABSENT, Cell
from adjoint.stage.values import (
    DictValue,
    ListValue,
    Meeting,
    Memory,
    ObjectValue,
    OneOf,
    Poison,
    Records,
    RunTimeDict,
    RunTimeList,
    Static,
    TupleValue,
    View,
    is_none,
)

__all__ = ["Merge", "Slot", "as_seen"]


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """A part that is computed differently on each path: a variable is needed for it."""

    name: str
    type: Type
    operands: tuple[Operand, ...]


@dataclass(eq=False)
class Merge:
    """Merges values, and collects the slots for which variables are needed.

    `paths` are the changes on each path, which say what its arrays and lists hold at its end;
    `heads` are those that a loop begins with, and what holds them then.
    `several` are the lists, dicts and objects that were made for several, with these.
    `make` gives the variable of a slot; `operand` the operand of a static; `keys` are the decisions
    that would keep apart what cannot be merged; `peel` is the decision that takes the first trip of
    a loop out of it. `view` gives what a view is at the end of a path, of the version of its array
    there, and `at_end` writes what is computed there; `place` is where they meet, and `of_trips`
    whether they are the trips of a loop.
    `truths` are what the tests before each path say of variables; `by_number` is whether the paths
    are those of a test on which of several things is meant.
    Where it `chooses`, a number tells which of the arrays and objects older than `since` is meant;
    `first` is the number of the first variable that some path may not have.
    """

    facts: Facts
    make: Callable[[Slot], Operand]
    operand: Callable[[Static], Operand]
    keys: tuple[Any, ...]
    slots: list[Slot] = field(default_factory=list)
    peel: Any = None
    view: Callable[[int, View, Any], Var] = lambda path, view, base: as_seen(view)
    at_end: Callable[[int, Callable[[Builder], Operand]], Operand] | None = None
    poisons: int = 0
    widened: bool = False
    paths: Sequence[Mapping[Any, Any]] = ()
    heads: Mapping[Any, Var] = field(default_factory=dict)
    several: dict[Cell, tuple[Cell, ...]] = field(default_factory=dict)
    _met: dict[tuple[int, ...], Memory] = field(default_factory=dict)
    made: dict[tuple[int, ...], Any] = field(default_factory=dict)
    _within: set[int] = field(default_factory=set)
    _flags: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    alternatives: Alternatives = field(default_factory=Alternatives)
    chooses: bool = False
    since: int = 0
    first: int = 0
    meeting: Meeting = field(default_factory=Meeting)
    place: Place | None = None
    of_trips: bool = False
    in_loop: bool = False
    decisions: Mapping[Any, Any] = field(default_factory=dict)
    truths: Sequence[Mapping[Var, bool]] = ()
    by_number: bool = False

    @property
    def met(self) -> Iterable[Memory]:
        """The arrays and lists that were made."""
        return self._met.values()

    def values(self, name: str, alternatives: Sequence[Any]) -> Any:
        """What a location is after paths on which it has these values."""
        alternatives = as_numbers(alternatives, NOT_CHOSEN in self.decisions)
        first = alternatives[0]
        bound = [v for v in alternatives if not is_unbound(v)]
        optional = join_optional(self, name, bound, alternatives)
        if optional is not None:
            return optional
        several = any(isinstance(v, OneOf) for v in bound)
        if several and not any(isinstance(v, Poison) for v in bound):
            return self._one_of(name, alternatives, bound)
        view = join_views(self, name, bound, alternatives)
        if view is not None:
            return view
        if first in self.heads and are_memory(first, bound):
            return self._memory(name, alternatives)
        same = all(same_value(first, other) for other in alternatives[1:])
        if same and not (self.heads and self._is_renewed(first, set())):
            return first
        if not bound:
            return first
        if any(isinstance(v, Poison) for v in bound):
            self.poisons += not isinstance(first, Poison)
            return next(v for v in bound if isinstance(v, Poison))
        placed = self._placed(bound, alternatives)
        if placed is not None:
            return placed
        if self.chooses and are_alternatives(bound, self.since) and not self._are_alike(bound):
            return self._one_of(name, alternatives, bound)
        if any(place_in_list(v) is not None for v in bound):
            what = "a dict or object in a list, and another that is not in this list"
            return replace(self.poison(what), tells=are_alternatives(bound, self.since))
        meets = next((v for v in bound if isinstance(v, Memory | View)), None)
        if meets is not None and are_memory(meets, bound):
            return self._memory(name, alternatives)
        if all(isinstance(v, Var) or is_number(v) or is_none(v) for v in bound):
            return self._slot(name, alternatives)
        return self._structure(name, alternatives, bound)

    def _is_renewed(self, value: Any, seen: set[Cell]) -> bool:
        """Whether what a loop began with stands in a value: it may hold another version now."""
        match value:
            case Memory():
                return value in self.heads
            case TupleValue(items):
                return any(self._is_renewed(item, seen) for item in items)
            case ListValue() | DictValue() | ObjectValue() if value not in seen:
                seen.add(value)
                return self._is_renewed(value.slots, seen)
            case tuple():
                return any(self._is_renewed(item, seen) for item in value)
            case dict():
                return any(self._is_renewed(item, seen) for item in value.values())
            case SomeKeys():
                return self._is_renewed({**value.items_there}, seen)
            case _:
                return False

    def poison(self, what: str, keys: tuple[Any, ...] | None = None) -> Poison:
        """What cannot be read, of paths that these decisions keep apart."""
        self.poisons += 1
        return Poison(self.keys if keys is None else keys, what)

    def _slot(self, name: str, alternatives: Sequence[Any]) -> Any:
        types = [self._type(v) for v in alternatives if not is_unbound(v) and not is_none(v)]
        if not types:
            return self.poison("None")
        joined = types[0]
        if self.of_trips and loses_axes(types) and any(k not in self.decisions for k in self.keys):
            raise Restart(*self.keys)
        is_begin = self.of_trips or any(isinstance(v, Static) for v in alternatives)
        if self.peel is not None and is_begin and changes_rank(types):
            raise Restart(self.peel)
        for other in types[1:]:
            joined = join_types(joined, other, self.facts)
        if any(is_none(v) for v in alternatives) and not isinstance(joined, Maybe):
            joined = Maybe(joined)
        if isinstance(joined, Opaque) and not all(isinstance(t, Opaque) for t in types):
            return self.poison("values of different kinds")
        slot = Slot(name_among(name, alternatives), joined, tuple(map(self._operand, alternatives)))
        self.slots.append(slot)
        return self.make(slot)

    def flag(self, name: str, column: Sequence[Static | Var]) -> Any:
        """What tells if a key is there; one for all that are there on the same paths."""
        known = [self._flag_after(path, flag) for path, flag in enumerate(column)]
        for same in (column, known):
            if all(same_value(same[0], other) for other in same[1:]):
                return same[0]
        key = tuple(v.value if isinstance(v, Static) else v for v in known)
        if key not in self._flags:
            self._flags[key] = self._slot(f"has_{name}" if name else "", known)
        return self._flags[key]

    def _flag_after(self, path: int, flag: Static | Var) -> Static | Var:
        truths = self.truths[path] if path < len(self.truths) else {}
        known = truths.get(flag) if isinstance(flag, Var) else None
        return flag if known is None else Static(known)

    def _are_alike(self, bound: Sequence[Any]) -> bool:
        """Whether these were made on the paths, and are merged part by part."""
        new = all(is_new(value, self.since) for value in bound)
        return new and len(set(map(kind_of, bound))) == 1

    def _one_of(self, name: str, alternatives: Sequence[Any], bound: Sequence[Any]) -> Any:
        """One of several arrays or objects, told apart by a number."""
        if all(same_value(bound[0], other) for other in alternatives):
            return bound[0]
        if any(map(is_optional, bound)):
            return self.poison("items of a list, or None, and other things")
        if not are_alternatives(bound, self.since):
            found = self.poison("things of different kinds")
            return replace(found, arrays=tuple(bound), tells=True)
        columns = [
            {} if is_unbound(v) else self.alternatives.by_number(v, self.since)
            for v in alternatives
        ]
        if have_one_number(columns):
            return self.poison("members of several enumerations")
        numbers = dict.fromkeys(number for column in columns for number in column)
        if len(numbers) > MOST:
            return self.poison("one of ever more arrays, parts of arrays or objects")
        if not self._within.isdisjoint(numbers):
            return self.poison("one of several things that hold such as they are themselves")
        items = {n: self._joined(n, [column.get(n, ABSENT) for column in columns]) for n in numbers}
        first = alternatives[0]
        self.widened |= isinstance(first, OneOf) and len(items) > len(first.items)
        found = self.values(name, list(map(self._number, alternatives)))
        return items[found.value] if isinstance(found, Static) else OneOf(found, items)

    def _joined(self, number: int, column: Sequence[Any]) -> Any:
        """What is meant by a number, of which no part may be told apart by this number again."""
        self._within.add(number)
        found = join_items(self, column)
        self._within.discard(number)
        return found

    def _number(self, value: Any) -> Any:
        """What tells which of several a value is."""
        if isinstance(value, OneOf):
            return value.number
        return value if is_unbound(value) else Static(self.alternatives.number(value, self.since))

    def _memory(self, name: str, alternatives: Sequence[Any]) -> Any:
        """A name that is another array or list on each path; two that are the same stay so."""
        key = tuple(map(id, alternatives))
        if any(self._is_moved(k, value) for k, value in enumerate(alternatives)):
            kinds = {RunTimeList: "lists", RunTimeDict: "dicts"}
            kind = kinds.get(type(alternatives[0]), "arrays")
            what = f"{kind} of which one was written under another name"
            return replace(self.poison(what), arrays=tuple(alternatives), tells=True)
        if key not in self._met:
            column = [self.version(k, value) for k, value in enumerate(alternatives)]
            found = self._slot(name, column)
            if not isinstance(found, Var):
                return found
            self._met[key] = made = meet(found, tuple(alternatives), self.meeting)
            if isinstance(made, RunTimeList):
                pass_targets(made, alternatives, self.since, self.keys)
        return self._met[key]

    def _placed(self, bound: Sequence[Any], alternatives: Sequence[Any]) -> Any:
        """Dicts or objects of one list as the one at a position that is merged; or None."""
        first = bound[0]
        places = [place for place in map(place_in_list, bound) if place is not None]
        lists = [place.owner.lists for place in places]
        if len(places) < len(bound) or not all(map(same_value, lists[1:], lists)):
            return None
        views = [place.view for place in places]
        column = [ABSENT if is_unbound(v) else v.place.view for v in alternatives]
        view = join_views(self, "", views, column)
        if view is None:
            return first if all(same_value(each, views[0]) for each in views) else None
        return placed_again(first, replace(first.place, view=view))

    def _is_moved(self, path: int, value: Any) -> bool:
        base = value.base if isinstance(value, View) else value
        if not isinstance(base, Memory) or (path == 0 and base in self.heads):
            return False
        changed = self.paths[path] if path < len(self.paths) else {}
        if isinstance(value, View) and has_moved(value, changed):
            return True
        return changed.get((base, "moved"), base.slots.get("moved", ABSENT)) is not ABSENT

    def version(self, path: int, value: Any) -> Any:
        """The variable that holds a buffer or view at the end of a path."""
        if isinstance(value, View):
            return self.view(path, value, self.version(path, value.base))
        if not isinstance(value, Memory):
            return value
        if path == 0 and value in self.heads:
            return self.heads[value]
        changed = self.paths[path] if path < len(self.paths) else {}
        return changed.get((value, "held"), value.slots["held"])

    def _structure(self, name: str, alternatives: Sequence[Any], bound: Sequence[Any]) -> Any:
        if any(isinstance(v, TupleValue) for v in bound):
            alternatives = [taken_apart(v) for v in alternatives]
            bound = [v for v in alternatives if not is_unbound(v)]
        first = bound[0]
        unbound = len(bound) < len(alternatives)
        if len({type(v) for v in bound}) > 1:
            tells = are_alternatives(bound, self.since)
            found = replace(self.poison("things of different kinds"), tells=tells)
            keys = in_their_lists(bound) if any(map(is_none, bound)) else ()
            return self._instead(found, keys) if keys else self._in_registers(found, bound)
        # What is told apart by a number is read on paths only that have made it; what it holds is
        # not there on the others.
        is_there = not (self._within and is_new(first, self.since))
        if unbound and is_there and all(same_value(first, other) for other in bound):
            return first
        match first:
            case TupleValue(items, cls) if all(
                len(v.items) == len(items) and v.cls is cls for v in bound
            ):
                columns = [[part_of(v, i) for v in alternatives] for i in range(len(items))]
                items = tuple(self.values("", column) for column in columns)
                return TupleValue(items, cls, first.key)
            case TupleValue() if all(v.cls is tuple for v in bound):
                keys = tuple(dict.fromkeys(each.key for each in bound if each.key))
                found = self.poison("tuples of different lengths")
                return replace(found, otherwise=keys, tells=are_alternatives(bound, self.since))
            case Records(layout, lists) if all(v.layout == layout for v in bound):
                columns = [
                    [ABSENT if is_unbound(v) else v.lists[k] for v in alternatives]
                    for k in range(len(lists))
                ]
                return Records(layout, tuple(self.values(name, column) for column in columns))
            case ListValue() | DictValue() | ObjectValue():
                return merged_cell(self, alternatives, first)
            case _:
                tells = are_alternatives(bound, self.since)
                return replace(self.poison("things of different kinds"), tells=tells)

    def _in_registers(self, found: Poison, bound: Sequence[Any]) -> Poison:
        """What may be had from registers, in loops before the paths are kept apart."""
        keys = registrations(bound) if any(map(is_none, bound)) else ()
        if not keys or NOT_REGISTERED in self.decisions:
            return found
        return self._instead(found, keys) if self.in_loop else replace(found, otherwise=keys)

    def _instead(self, found: Poison, keys: tuple[Any, ...]) -> Poison:
        """What is read where these decisions are taken, before those that keep paths apart."""
        return replace(found, keys=keys, otherwise=found.keys)

    def _type(self, value: Any) -> Type:
        return value.type if isinstance(value, Var) else type_of_constant(value.value)

    def _operand(self, value: Any) -> Operand:
        if is_unbound(value):
            return UNDEF
        return value if isinstance(value, Var) else self.operand(value)


def as_seen(view: View) -> Var:
    """What a view was when it was read at the end of its path; of its type, where no one asks."""
    return Var(-1, "", view.type) if view.seen is None else view.seen[1]
