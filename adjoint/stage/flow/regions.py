"""Loop bodies while they are staged: what is carried from trip to trip, and when it has settled."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from adjoint.errors import Place
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import UNDEF, Block, Exit, Leaf, Next, Operand, Stop, Var
from adjoint.ir.values import Scalar, Type, with_lengths
from adjoint.stage.arrays.buffers import read
from adjoint.stage.arrays.snapshots import refreshed
from adjoint.stage.context import AlwaysRaises, Opened, PrimalRaises, Restart, Stage
from adjoint.stage.dicts.some_keys import SomeKeys, different_flags, items_there
from adjoint.stage.flow.aliases import may_alias
from adjoint.stage.flow.alternatives import chooses
from adjoint.stage.flow.branches import Outcome, merge_location, raising
from adjoint.stage.flow.merge import Merge, Slot, as_seen
from adjoint.stage.flow.unpaired import replaced
from adjoint.stage.lists.positions import has_moved
from adjoint.stage.objects.sameness import same_type
from adjoint.stage.objects.several import note_several
from adjoint.stage.trail import ABSENT, Cell, Mark
from adjoint.stage.values import Meeting, Memory, OneOf, Records, Steps, TupleValue, View

__all__ = [
    "RETURNED",
    "Attempt",
    "Location",
    "Older",
    "Region",
    "initial_values",
    "stage_trip",
    "widen",
]

RETURNED = ("the value returned",)
Location = tuple[Cell, Any]


@dataclass(frozen=True, slots=True)
class Older:
    """How many variables and lengths are older than a loop: those of its trips come after."""

    variables: int
    lengths: int


@dataclass(eq=False)
class Region:
    """A loop body while it is staged.

    `carried` maps each location that changes from trip to trip to its value at the start of a trip,
    and `params` are the variables in these values, in order; `heads` are the buffers among them.
    `peel` is the decision that takes the first trip out of the loop, where that can be taken.
    `numbers` are those of the variables that are taken for no length, and `kept` those that an end
    of a trip leaves as they are.
    """

    stage: Stage
    mark: Mark
    keys: tuple[Any, ...]
    returned: Cell
    older: Older
    peel: Any = None
    carried: dict[Location, Any] = field(default_factory=dict)
    heads: dict[Memory, Var] = field(default_factory=dict)
    params: list[Var] = field(default_factory=list)
    numbers: set[Var] = field(default_factory=set)
    ends: list[tuple[str, dict[Location, Any]]] = field(default_factory=list)
    exits: list[str] = field(default_factory=list)
    leaves: list[tuple[Operand, ...]] = field(default_factory=list)
    kept: list[set[Var]] = field(default_factory=list)

    def leaf(self, outcome: Outcome, changes: dict[Location, Any]) -> Leaf:
        """The leaf for a path that ends with `outcome`, having changed these locations."""
        kind = "next" if outcome.kind in ("fall", "next") else outcome.kind
        end = {**self.stage.trail.changes(self.mark), **changes}
        if kind == "return":
            end[self.returned, RETURNED] = outcome.value
        self.ends.append((kind, end))
        values = self._operands(end)
        self.leaves.append(values)
        if kind == "next":
            return Next(values)
        self.exits.append(kind)
        return Exit(len(self.exits), kind, values)

    def _operands(self, end: dict[Location, Any]) -> tuple[Operand, ...]:
        merge = self.pairing(end, self.stage.trail.before(self.mark))
        for (cell, key), start in self.carried.items():
            now = end.get((cell, key), cell.slots.get(key, ABSENT))
            pair_up(merge, cell, key, start, now)
        by_param = {slot.operands[0]: slot.operands[1] for slot in merge.slots}
        self.kept.append({param for param in self.params if param not in by_param})
        return tuple(by_param.get(param, param) for param in self.params)

    def pairing(self, end: Mapping[Location, Any], before: Mapping[Location, Any]) -> Merge:
        """What pairs the carried variables with what they are at an end of a trip.

        `before` is what the trip began with, as far as it is not there any more.
        """
        builder = self.stage.builder
        return Merge(
            builder.facts, lambda slot: slot.operands[0], self.stage.static_operand, self.keys,
            view=self._view,
            at_end=lambda path, make: make(builder) if path else _counted(builder.facts),
            paths=(before, end), heads=self.heads, alternatives=self.stage.alternatives,
            since=self.returned.birth, first=self.older.variables,
        )  # fmt: skip

    def _view(self, path: int, view: View, base: Var) -> Var:
        """What a view is where a path ends, which is here; it may stand in an object."""
        is_there = view.base.slots.get("moved") is None and not has_moved(view)
        return read(self.stage, view) if path and is_there else as_seen(view)

    def carried_type(self, type_: Type) -> Type:
        """The type of a variable that each trip gives a value: no length is of one trip alone."""
        facts = self.stage.builder.facts
        return with_lengths(type_, lambda size: facts.from_one_trip(size, self.older.lengths))


def _counted(facts: Facts) -> Var:
    """What stands for a number that counts from the begin, where it is not computed."""
    size = facts.fresh()
    facts.note_start(size)
    return Var(-1, "", Scalar("int", size))


def pair_up(merge: Merge, cell: Cell, key: Any, start: Any, now: Any) -> None:
    """Collect the variable of each part of `start` with the operand of the same part of `now`."""
    with contextlib.suppress(Restart):  # if the shapes differ, this attempt is not kept
        merge_location(merge, cell, key, [start, now])


@dataclass(eq=False)
class Attempt:
    """What one staging of the body came to."""

    region: Region
    block: Block


def stage_trip(
    stage: Stage,
    keys: tuple[Any, ...],
    returned: Cell,
    carried: dict[Location, list[Any]],
    trip: Callable[[], Steps],
    peel: Any,
    place: Place,
    older: Older,
) -> Steps:
    """Stage one trip, from a guess of what is carried, and take it back: an `Attempt`."""
    mark = stage.trail.mark()
    stage.opened.append(Opened(stage.builder.statements, mark, is_trip=True))
    region = Region(stage, mark, keys, returned, older, peel)
    merge = Merge(
        stage.builder.facts, lambda slot: _param(stage, region, slot), stage.static_operand, keys,
        peel=peel, at_end=lambda path, make: _counted(stage.builder.facts),
        alternatives=stage.alternatives, since=returned.birth, first=older.variables,
        chooses=chooses(keys, stage.decisions),
        meeting=Meeting(keys, aligned=1), place=place, of_trips=True, in_loop=True,
        decisions=stage.decisions,
    )  # fmt: skip
    for (cell, key), alternatives in carried.items():
        value = merge_location(merge, cell, key, alternatives)
        region.carried[cell, key] = value
        stage.trail.set(cell, key, value)
    region.heads.update((buffer, buffer.slots["held"]) for buffer in merge.met)
    note_several(stage, merge.several, keys, returned.birth)
    region.mark = stage.trail.mark()
    stage.regions.append(region)
    stopped = stage.builder.stopped
    try:
        with stage.builder.block() as statements:
            try:
                outcome = yield trip()
            except PrimalRaises as error:
                raising(stage, error.error, error.place)
                outcome = Outcome("raise")
            except AlwaysRaises:
                outcome = Outcome("raise")
            leaf = _end(region, outcome)
            block = Block(tuple(statements), leaf)
    finally:
        stage.builder.stopped = stopped
        stage.regions.pop()
        stage.opened.pop()
        stage.trail.roll_back(region.mark)  # what it begins with is as it was, to be compared
        stage.trail.roll_back(mark)
    return Attempt(region, block)


def _end(region: Region, outcome: Outcome) -> Leaf:
    if outcome.kind in ("left", "raise"):
        return Stop()
    stage = region.stage
    ends = {at: refreshed(stage, v) for at, v in stage.trail.changes(region.mark).items()}
    return region.leaf(replace(outcome, value=refreshed(stage, outcome.value)), ends)


def _param(stage: Stage, region: Region, slot: Slot) -> Var:
    type_ = region.carried_type(slot.type)
    is_bound = all(operand is not UNDEF for operand in slot.operands)
    if isinstance(type_, Scalar) and not is_bound:  # the trips may put any number there
        type_ = Scalar(type_.kind)
    made = stage.builder.var(type_, slot.name)
    region.params.append(made)
    if isinstance(type_, Scalar) and type_.length is None:
        region.numbers.add(made)
    stage.meetings[made] = slot.operands
    return made


def widen(stage: Stage, attempt: Attempt, carried: dict[Location, list[Any]]) -> bool:
    """Note what the trip changed; whether nothing new was found."""
    region = attempt.region
    settled = True
    for _, end in region.ends:
        for (cell, key), value in end.items():
            if cell.birth > region.returned.birth:
                continue  # made in this trip: the next makes its own
            if cell is stage.read and key.number >= region.older.variables:
                continue  # so is what was seen to be bound
            if (cell, key) not in carried:
                before = refreshed(stage, cell.slots.get(key, ABSENT))
                carried[cell, key] = [before, value]
                settled = False
            elif (cell, key) not in region.carried:
                carried[cell, key] = [*carried[cell, key], value]
            elif not _fits(stage, region, cell, key, value, end):
                carried[cell, key] = [*carried[cell, key], value]
                settled = False
        settled = _note_aliases(region, end, carried) and settled
        settled = _note_flags(region, end, carried) and settled
    return settled and all(map(partial(_goes_on, region), region.ends, region.kept))


def _goes_on(region: Region, end: tuple[str, Mapping[Location, Any]], kept: set[Var]) -> bool:
    """Whether all that a trip has changed is handed on to the next one."""
    return not any(
        variable in kept
        for location, start in region.carried.items()
        for variable in replaced(start, end[1].get(location, start), region.heads)
    )


def _note_flags(
    region: Region, end: Mapping[Location, Any], carried: dict[Location, list[Any]]
) -> bool:
    """Note keys that are there on other paths than was assumed; whether there are none."""
    begun = [(at, start) for at, start in region.carried.items() if isinstance(start, SomeKeys)]
    apart = [*different_flags([(start, end.get(at, start)) for at, start in begun])]
    for at, start in (begun[position] for position in apart):
        carried[at] = [*carried[at], end.get(at, start)]
    return not apart


def _note_aliases(
    region: Region, end: Mapping[Location, Any], carried: dict[Location, list[Any]]
) -> bool:
    """Note arrays that are one at the end of a trip; whether the trip was staged with that."""
    known = True
    held = [
        (at, *pair)
        for at, value in region.carried.items()
        for pair in _buffers_beside(value, end.get(at, value), region.heads, set())
    ]
    for (first, a, x), (second, b, y) in itertools.combinations(held, 2):
        if a is not b and may_alias(x, y) and not may_alias(a, b):
            carried[first] = [*carried[first], end.get(first, region.carried[first])]
            carried[second] = [*carried[second], end.get(second, region.carried[second])]
            known = False
    return known


def _buffers_beside(
    start: Any, now: Any, heads: Mapping[Memory, Var], seen: set[tuple[Cell, Cell]]
) -> Iterator[tuple[Memory, Any]]:
    """Each buffer at the start of a trip, with what stands at its place at the end."""
    match start, now:
        case Memory(), _ if start in heads:
            yield start, now
        case OneOf(), _:
            found = now.items if isinstance(now, OneOf) else dict.fromkeys(start.items, now)
            yield from _buffers_beside(start.items, found, heads, seen)
        case TupleValue(), TupleValue():
            yield from _buffers_beside(start.items, now.items, heads, seen)
        case Records(), Records():
            yield from _buffers_beside(start.lists, now.lists, heads, seen)
        case Cell(), Cell() if (start, now) not in seen:  # objects may refer to each other
            seen.add((start, now))
            yield from _buffers_beside(start.slots, now.slots, heads, seen)
        case tuple(), tuple():
            for a, b in zip(start, now, strict=False):
                yield from _buffers_beside(a, b, heads, seen)
        case dict(), dict():
            for key in start:
                if key in now:
                    yield from _buffers_beside(start[key], now[key], heads, seen)
        case SomeKeys(), _:
            held = {**start.items_there}
            yield from _buffers_beside(held, {**items_there(now)}, heads, seen)


def _fits(
    stage: Stage, region: Region, cell: Cell, key: Any, value: Any, end: Mapping[Location, Any]
) -> bool:
    """Whether a value at the end of a trip is of the kind assumed at its start."""
    start = region.carried[cell, key]
    merge = Merge(
        stage.builder.facts, lambda slot: Var(-1, "", slot.type), stage.static_operand,
        region.keys, at_end=lambda path, make: _counted(stage.builder.facts),
        paths=({}, {**region.carried, **end}), heads=region.heads, alternatives=stage.alternatives,
        since=region.returned.birth, first=region.older.variables,
    )  # fmt: skip
    merge_location(merge, cell, key, [start, value])
    if merge.poisons or merge.widened:
        return False
    own = set(region.params)
    for slot in merge.slots:
        first = slot.operands[0]
        if not isinstance(first, Var) or first not in own:
            return False
        if not same_type(stage.builder.facts, slot.type, first.type):
            return False
        if first not in region.numbers and not _is_length(stage.builder.facts, slot.type, first):
            return False
    return True


def _is_length(facts: Facts, found: Type, assumed: Var) -> bool:
    """Whether a whole number is the length that it was taken for, if it was taken for one."""
    if not isinstance(found, Scalar) or not isinstance(assumed.type, Scalar):
        return True
    one, other = found.length, assumed.type.length
    if other is None or one == other:
        return True
    return one is not None and facts.equal(one, other) is True


def initial_values(stage: Stage, region: Region) -> tuple[Operand, ...]:
    """What the carried variables are before the first trip."""
    merge = region.pairing({}, {})
    for (cell, key), start in region.carried.items():
        pair_up(merge, cell, key, start, refreshed(stage, cell.slots.get(key, ABSENT)))
    by_param = {slot.operands[0]: slot.operands[1] for slot in merge.slots}
    return tuple(by_param.get(param, UNDEF) for param in region.params)
