"""Code that runs on a condition known at run time only: both arms are staged, then joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, TypeVar

import gast

from adjoint.errors import Place, Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.nodes import Block, Branch, Const, Leaf, Operand, Pack, Stop, Undef, Var, Yield
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import OPAQUE
from adjoint.stage.arrays.buffers import followed, is_sure, refuse_unsure
from adjoint.stage.arrays.snapshots import refreshed
from adjoint.stage.context import AlwaysRaises, Frame, Opened, PrimalRaises, Restart, Stage
from adjoint.stage.dicts.some_keys import SomeKeys, has_other_keys, merged_keys
from adjoint.stage.flow.alternatives import chooses, told_by
from adjoint.stage.flow.merge import Merge, Slot
from adjoint.stage.flow.what_meets import called
from adjoint.stage.lists.new_heaps import HEAP, new_heap
from adjoint.stage.lists.placed import made_list
from adjoint.stage.lists.put_in import LED, PUT_IN_ON_A_PATH, at_place
from adjoint.stage.lists.records import list_key
from adjoint.stage.lists.references import TARGET, merged_targets
from adjoint.stage.objects.sameness import holds_code, same_value
from adjoint.stage.objects.several import Unread, note_several
from adjoint.stage.trail import ABSENT, Cell, Mark
from adjoint.stage.values import (
    DictValue,
    ListValue,
    Meeting,
    Memory,
    Order,
    Poison,
    Static,
    Steps,
    Unbound,
    Value,
    View,
)

__all__ = [
    "FALL",
    "Arm",
    "Outcome",
    "arm",
    "as_list",
    "join_arms",
    "merge_locations",
    "new_list",
    "or_raise",
    "other_arm",
    "raising",
    "taken_back",
]

RAISE = Op(BaseException, Form.RAISE, effect=True)
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """How a list of statements is left.

    `kind` is "fall", "next", "break", "return", "raise", or "left" where every path already ends
    in a leaf of the loop around it, or "ended" where the test of a `while` that is in its body has
    failed. `value` is what is returned. "mixed" is a return or break on
    some paths only: `code` tells at run time (0: none, 1: break, 2: return).
    """

    kind: str
    value: Any = None
    code: Any = None


FALL = Outcome("fall")


@dataclass(slots=True)
class Arm:
    """One arm, staged and taken back: its statements, its end, and what it changed.

    `ends` is what the trip that it may end has changed, up to its end; `since` tells cells that it
    made from older ones, and `first` is the number of its first variable; `block` is what was
    written into, and `truths` are what its test says of variables.
    """

    statements: list[Any]
    outcome: Any
    changes: dict[Any, Any]
    ends: dict[Any, Any]
    since: int
    raises: bool = False
    block: Any = None
    first: int = 0
    truths: Mapping[Var, bool] = field(default_factory=dict)


def raising(stage: Stage, error: BaseException, place: Place) -> None:
    """Write a statement that raises as the user's code would here."""
    made = Pack("tuple", tuple(Const(a) for a in error.args if isinstance(a, str | int | float)))
    cls = type(error)
    with stage.builder.at(place):
        operand = stage.builder.let(Op(cls), made.items, type_=OPAQUE)
        stage.builder.effect(RAISE, (operand,))


def arm(stage: Stage, steps: Callable[[], Steps], test: Operand | None = None) -> Steps:
    """Stage one arm, and take back what it wrote; that of a `test` where it is true."""
    return (yield _arm(stage, steps, told_by(stage.builder, test, True)))


def other_arm(stage: Stage, steps: Callable[[], Steps], test: Operand) -> Steps:
    """Stage the arm where a test is false, and take back what it wrote."""
    return (yield _arm(stage, steps, told_by(stage.builder, test, False)))


def _arm(stage: Stage, steps: Callable[[], Steps], truths: Mapping[Var, bool]) -> Steps:
    mark, stopped, first = stage.trail.mark(), stage.builder.stopped, stage.builder.count
    stage.opened.append(Opened(stage.builder.statements, mark))
    before, stage.alternatives.truths = (
        stage.alternatives.truths,
        {**stage.alternatives.truths, **truths},
    )
    with stage.builder.block() as statements:
        outcome = yield or_raise(stage, steps)
        made = taken_back(stage, statements, mark, outcome)
        made.first, made.truths = first, truths
    stage.alternatives.truths = before
    stage.opened.pop()
    stage.builder.stopped = stopped  # an arm may leave the block of a no_grad
    return made


def or_raise(stage: Stage, steps: Callable[[], Steps]) -> Steps:
    """Run steps; that they raise whatever the values are is written down."""
    try:
        return (yield steps())
    except PrimalRaises as error:
        raising(stage, error.error, error.place)
    except AlwaysRaises:
        pass
    return Outcome("raise")


def taken_back(stage: Stage, statements: list[Any], mark: Mark, outcome: Any) -> Arm:
    """What was staged since a mark, into the block that is being written, as an arm."""
    raises = isinstance(outcome, Outcome) and outcome.kind == "raise"
    if isinstance(outcome, Outcome):
        outcome = replace(outcome, value=refreshed(stage, outcome.value))
    else:
        outcome = refreshed(stage, outcome)
    found = stage.trail.changes(_since(stage, mark))
    ends = {at: refreshed(stage, value) for at, value in found.items()}
    changes = {at: ends[at] for at in stage.trail.roll_back(mark)}
    return Arm(list(statements), outcome, changes, ends, mark.birth, raises, statements)


def _since(stage: Stage, mark: Mark) -> Mark:
    """The begin of the trip that an arm may end, or of the arm itself."""
    region = stage.regions[-1] if stage.regions else None
    begin: Mark | None = getattr(region, "mark", None)
    return begin or mark


def merger(
    stage: Stage, keys: tuple[Any, ...], joins: list[Var], place: Place | None = None
) -> Merge:
    """Merges values of the two arms of a branch; the variables it makes are added to `joins`."""

    def make(slot: Slot) -> Var:
        joins.append(stage.builder.var(slot.type, slot.name))
        stage.meetings[joins[-1]] = slot.operands
        return joins[-1]

    return Merge(
        stage.builder.facts,
        make,
        stage.static_operand,
        keys,
        peel=next((each.peel for each in reversed(stage.regions) if hasattr(each, "peel")), None),
        alternatives=stage.alternatives,
        chooses=chooses(keys, stage.decisions),
        meeting=Meeting(keys, aligned=2),
        place=place,
        in_loop=any(each.is_trip for each in stage.opened),
        decisions=stage.decisions,
    )


def join_arms(
    stage: Stage,
    test: Operand,
    arms: list[Arm],
    place: Place,
    keys: tuple[Any, ...],
    style: str = "if",
    *,
    tells: bool = False,
) -> Any:
    """Write the branch, and bring what the arms changed together; the value of the branch.

    `tells` is whether a number is to tell which of several things met here.
    """
    live = [a for a in arms if not a.raises]
    joins: list[Var] = []
    merge = merger(stage, keys, joins, place)
    merge.chooses |= tells
    merge.by_number = tells
    merge.since, merge.first = min(a.since for a in arms), min(a.first for a in arms)
    value: Any = None
    if not live:
        value = Outcome("raise")
    elif len(live) == 1:
        value = live[0].outcome
        for (cell, key), new in live[0].changes.items():
            stage.trail.set(cell, key, new)
    else:
        merge.paths, merge.truths = [a.changes for a in arms], [a.truths for a in arms]
        merge.view = lambda path, view, base: _view_in_arm(stage, arms[path], view, base, place)
        merge.at_end = lambda path, make: _made_in_arm(stage, arms[path], make, place)
        value = _merge_outcomes(merge, [a.outcome for a in arms])
        merge_locations(stage, merge, [a.changes for a in arms])
        note_several(stage, merge.several, keys, min(a.since for a in arms))
    blocks = []
    position = 0
    for each in arms:
        if each.raises:
            leaf: Leaf = Stop()
        else:
            leaf = Yield(tuple(slot.operands[position] for slot in merge.slots))
            position += len(live) == 2
        blocks.append(Block(tuple(each.statements), leaf))
    stage.builder.append(Branch(test, blocks[0], blocks[1], tuple(joins), place, style))
    for slot, join in zip(merge.slots, joins, strict=True):
        stage.alternatives.note_join(join, slot.operands, test, stage.builder.statements)
        if any(isinstance(o, Undef) or o in stage.maybe_unbound for o in slot.operands):
            stage.maybe_unbound.add(join)
    return value


def _view_in_arm(stage: Stage, each: Arm, view: View, base: Var, place: Place) -> Var:
    """What a view is at the end of an arm, read there if the arm has not read it since a write."""
    if view.seen is not None:
        version, seen, block = view.seen
        if version is base and (block is each.block or stage.builder.is_open(block)):
            return seen  # type: ignore[no-any-return]
        if version is not base and not is_sure(view):
            refuse_unsure(stage, view, None, None)
    return _made_in_arm(stage, each, lambda _: followed(stage, base, view.path), place)


def _made_in_arm(stage: Stage, each: Arm, make: Callable[[Builder], _Made], place: Place) -> _Made:
    """What is written at the end of an arm."""
    with stage.builder.at(place), stage.builder.block() as more:
        made = make(stage.builder)
    each.statements.extend(more)
    return made


def _merge_outcomes(merge: Merge, outcomes: list[Any]) -> Any:
    first, second = outcomes
    if not isinstance(first, Outcome):
        return merge.values("", outcomes)
    if first.kind == second.kind and first.kind in ("fall", "next", "break"):
        return first
    values = [o.value if o.value is not None else ABSENT for o in outcomes]
    value = None if all(v is ABSENT for v in values) else merge.values("", values)
    if first.kind == second.kind == "return":
        return Outcome("return", value)
    return Outcome("mixed", value, merge.values("", [_code(o) for o in outcomes]))


def _code(outcome: Outcome) -> Any:
    if outcome.kind == "mixed":
        return outcome.code
    return Static({"fall": 0, "next": 0, "break": 1, "return": 2}[outcome.kind])


def _other_keys(place: Place | None) -> Unsupported | None:
    """The refusal of a dict that has other keys on each of the paths that meet at a place."""
    if place is None:
        return None
    return Unsupported(
        "a dict has other keys on each of the paths that meet here, and is read later",
        place,
        "give it all its keys before: d = {'a': 0.0, 'b': 0.0}",
    )


def _merged_items(merge: Merge, cell: ListValue | DictValue, alternatives: list[Any]) -> Any:
    """What is in a list or dict that changed on the paths that meet."""
    unread = [items for items in alternatives if isinstance(items, Unread)]
    if unread or (isinstance(cell, DictValue) and has_other_keys(alternatives)):
        apart = tuple(dict.fromkeys(chain(*(each.decisions for each in unread), merge.keys)))
        made = (cell.key,) if isinstance(cell, DictValue) and cell.key is not None else ()
        first, second = (made, apart) if merge.of_trips and made else (apart, made)
        found = Unread(first, second, _other_keys(merge.place))
        is_read = not unread and not merge.by_number
        merge.poisons += not isinstance(alternatives[0], SomeKeys if is_read else Unread)
        return merged_keys(merge, alternatives, found) if is_read else found
    if isinstance(cell, DictValue):
        columns = {key: [items[key] for items in alternatives] for key in alternatives[0]}
        return {key: merge.values(called(key), column) for key, column in columns.items()}
    if len({len(items) for items in alternatives}) > 1:
        known = any(map(holds_code, alternatives))
        raise Restart(cell.key if cell.key and not known else merge.keys[0])
    return tuple(merge.values("", list(column)) for column in zip(*alternatives, strict=True))


def merge_locations(stage: Stage, merge: Merge, changes: list[dict[Any, Any]]) -> None:
    """Give every location that a path changed its merged value."""
    locations = dict.fromkeys(key for changed in changes for key in changed)
    merged = {}
    for cell, key in locations:
        alternatives = [
            changed.get((cell, key), at_place(cell.slots.get(key, ABSENT))) for changed in changes
        ]
        merged[cell, key] = merge_location(merge, cell, key, alternatives)
    for (cell, key), value in merged.items():  # each was merged with the others as they were
        stage.trail.set(cell, key, value)


def merge_location(merge: Merge, cell: Cell, key: Any, alternatives: list[Any]) -> Any:
    """The merged value of one location."""
    if key == "moved":
        return next((v for v in alternatives if v is not ABSENT), ABSENT)
    if key == LED and not all(isinstance(place, View) for place in alternatives):
        return (
            ABSENT
            if merge.of_trips
            else Poison(merge.keys, PUT_IN_ON_A_PATH, "put it there on all paths, or on none")
        )
    if key == TARGET:
        return merged_targets(alternatives, merge.since, merge.keys)
    if any(isinstance(v, Order) for v in alternatives):
        return alternatives[0] if len(set(alternatives)) == 1 else Order()
    if isinstance(cell, ListValue | DictValue) and key == "items":
        return _merged_items(merge, cell, alternatives)
    name = key if isinstance(key, str) and not isinstance(cell, Memory) else ""
    bound = [v for v in alternatives if v is not ABSENT and not isinstance(v, Unbound)]
    if bound and all(same_value(v, bound[0]) for v in bound) and isinstance(bound[0], Static):
        return bound[0] if len(bound) == len(alternatives) else merge.values(name, alternatives)
    return merge.values(name, alternatives)


def as_list(stage: Stage, frame: Frame, node: gast.AST, found: Static) -> Value:
    """What Python has computed; a list of it may be changed, and is one that is made here."""
    if type(found.value) is not list:
        return found
    return new_list(stage, frame, node, tuple(map(Static, found.value)))


def new_list(stage: Stage, frame: Frame, node: gast.AST, items: tuple[Value, ...]) -> Value:
    """A list made by a display; one that grows at run time is a run-time list from the start."""
    key = list_key(stage, frame, node)
    made: Value = ListValue({"items": items}, key=key)
    if key in stage.decisions:
        made = made_list(stage, frame, node, items)
    if stage.key(frame, node, HEAP) in stage.decisions:
        return new_heap(stage, frame, node, items, made)
    return made
