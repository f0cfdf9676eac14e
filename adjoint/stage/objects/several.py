"""Lists, dicts and objects that stand for several: a name had another on each path that meets here.

What such a one holds is joined where the paths meet, so it can be read. Once it is changed, nobody
can tell which of the others has changed with it; so these are read no more, nor is it once one of
the others is changed. Whoever reads them makes staging start again, with the paths kept apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import gast

from adjoint.errors import Unsupported
from adjoint.stage.context import Frame, Restart, Stage
from adjoint.stage.trail import Cell
from adjoint.stage.values import DictValue, ListValue, Lost, ObjectValue, Poison, TupleValue

__all__ = [
    "ITEM",
    "Several",
    "Unread",
    "note_item",
    "note_renewed",
    "note_several",
    "note_write",
    "refuse_fixed",
]

ITEM = "a dict or object that is in a list that grows at run time"

_WHAT = "one of several objects or containers, another of which may be the one that was changed"


class Unread:
    """What is in a list or dict that nobody may read: which items it has depends on the path.

    Whoever reads it makes staging start again with these decisions, or with those that are taken
    `otherwise`, where they are taken already; or ends it by the refusal.
    """

    def __init__(
        self,
        decisions: tuple[Any, ...],
        otherwise: tuple[Any, ...] = (),
        refusal: Unsupported | None = None,
    ) -> None:
        self.decisions, self.otherwise, self.refusal = decisions, otherwise, refusal

    def _read(self, *args: Any) -> Any:
        raise Restart(*self.decisions, otherwise=self.otherwise, refusal=self.refusal)

    __iter__ = __len__ = __contains__ = __getitem__ = get = items = values = keys = _read


@dataclass(frozen=True, slots=True, eq=False)
class Several:
    """One that stands for several `others`; `keys` are the decisions that keep these apart.

    One that is a copy of the other for the argument of a derivative has `before`: what is done
    before it is changed. Then it goes its own way, and the other is read no more.
    """

    one: Cell
    others: tuple[Cell, ...]
    keys: tuple[Any, ...]
    before: Callable[[], None] | None = None


def note_several(
    stage: Stage, made: Mapping[Cell, tuple[Cell, ...]], keys: tuple[Any, ...], since: int
) -> None:
    """Note what was made where paths met, of which others may still be reached.

    What was made on one of the paths, after `since`, is reached through it alone, unless there are
    two of these for it, or for what stands for it.
    """
    known: dict[Cell, list[Cell]] = {}
    for each in stage.several:
        known.setdefault(each.one, []).extend(each.others)
    meant = {one: _meant(others, known) for one, others in made.items()}
    counts = Counter(other for others in meant.values() for other in others)
    for one, others in made.items():
        for other in others:
            note_item(stage, one, _fixed(other))
        held = tuple(other for other in meant[one] if other.birth < since or counts[other] > 1)
        if held:
            stage.several.append(Several(one, held, keys))


def _meant(cells: Iterable[Cell], known: Mapping[Cell, Sequence[Cell]]) -> dict[Cell, None]:
    """These, and what they are `known` to stand for."""
    found: dict[Cell, None] = {}
    waiting = [*reversed([*cells])]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found[each] = None
            waiting.extend(known.get(each, ()))
    return found


def note_item(stage: Stage, value: Any, fixed: Lost | None) -> None:
    """Note that a list has a copy of what is in a value: its dicts and objects stay as they are."""
    waiting = [] if fixed is None else [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, TupleValue):
            waiting.extend(each.items)
        if not isinstance(each, DictValue | ObjectValue) or each.fixed is not None:
            continue
        each.fixed = fixed
        held = each.slots["items"] if isinstance(each, DictValue) else each.slots
        waiting.extend(held.values())
        for kin in stage.several:
            if each is kin.one or each in kin.others:
                waiting.extend((kin.one, *kin.others))


def _fixed(value: Any) -> Lost | None:
    return value.fixed if isinstance(value, DictValue | ObjectValue) else None


def refuse_fixed(
    stage: Stage, frame: Frame, node: gast.AST, fixed: Lost, what: str, advice: str
) -> NoReturn:
    """Start again with what allows to change what is in a list; else refuse what is done."""
    reason = stage.unsupported(f"{fixed.text} {what}", stage.place(frame, node), advice)
    if all(key in stage.decisions for key in (*fixed.keys, *fixed.otherwise)):
        raise reason
    raise Restart(*fixed.keys, otherwise=fixed.otherwise, reason=reason)


def note_renewed(stage: Stage, cells: Mapping[Cell, Cell]) -> None:
    """Note what stands for several after a loop, as it did in each trip."""
    for each in [*stage.several]:
        if each.one in cells:
            stage.several.append(Several(cells[each.one], (*each.others, each.one), each.keys))


def note_write(stage: Stage, owner: Any, whole: bool) -> Poison | None:
    """Have what may be one with `owner`, which is changed now, read no more.

    `whole` is whether it changes what there is in it, and not only one of its parts: of an object,
    what is returned has to be decided at once then.
    """
    stale: dict[Cell, Poison] = {}
    for each in stage.several:
        if owner is each.one and each.before is not None:
            each.before()
            whole = whole and isinstance(owner, ListValue | DictValue)
        poison = Poison(each.keys, _WHAT, "write into each under a name of its own", tells=True)
        if owner is each.one:
            stale |= dict.fromkeys(each.others, poison)
            for other in stage.several:
                if other is not each and set(other.others) & set(each.others):
                    stale[other.one] = poison
        elif owner in each.others:
            stale[each.one] = poison
    for cell, poison in stale.items():
        if whole and cell is not owner and not isinstance(cell, ListValue | DictValue):
            return poison
        _set_all(stage, cell, poison, whole)
    return None


def _set_all(stage: Stage, cell: Cell, poison: Poison, whole: bool) -> None:
    held = cell.slots.get("items")
    if isinstance(cell, ListValue | DictValue) and whole:
        stage.trail.set(cell, "items", Unread(poison.keys))
    elif isinstance(held, Unread):
        pass
    elif isinstance(cell, ListValue) and isinstance(held, tuple):
        stage.trail.set(cell, "items", (poison,) * len(held))
    elif isinstance(cell, DictValue):
        items = dict.fromkeys(held, poison) if isinstance(held, dict) else Unread(poison.keys)
        stage.trail.set(cell, "items", items)
    else:
        for name in [*cell.slots]:
            stage.trail.set(cell, name, poison)
