"""Lists, dicts and objects that stand for several: a name had another on each path that meets here.

What such a one holds is joined where the paths meet, so it can be read. Once it is changed, nobody
can tell which of the others has changed with it; so these are read no more, nor is it once one of
the others is changed. Whoever reads them makes staging start again, with the paths kept apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adjoint.errors import Unsupported
from adjoint.stage.context import Restart, Stage
from adjoint.stage.trail import Cell
from adjoint.stage.values import DictValue, ListValue, Poison

__all__ = ["Several", "Unread", "note_renewed", "note_several", "note_write"]

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
    """One that stands for several `others`; `keys` are the decisions that keep these apart."""

    one: Cell
    others: tuple[Cell, ...]
    keys: tuple[Any, ...]


def note_several(
    stage: Stage, made: Mapping[Cell, tuple[Cell, ...]], keys: tuple[Any, ...], since: int
) -> None:
    """Note what was made where paths met, of which others may still be reached.

    What was made on one of the paths, after `since`, is reached through it alone, unless there are
    two of these for it.
    """
    counts: dict[Cell, int] = {}
    for others in made.values():
        for other in dict.fromkeys(others):
            counts[other] = counts.get(other, 0) + 1
    for one, others in made.items():
        held = tuple(o for o in dict.fromkeys(others) if o.birth < since or counts[o] > 1)
        if held:
            stage.several.append(Several(one, held, keys))


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
        poison = Poison(each.keys, _WHAT, "write into each under a name of its own")
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
    elif isinstance(cell, DictValue) and isinstance(held, dict):
        stage.trail.set(cell, "items", dict.fromkeys(held, poison))
    else:
        for name in [*cell.slots]:
            stage.trail.set(cell, name, poison)
