"""What a function, a class or a value leads to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from adjoint.source.bindings import local_names
from adjoint.stage.trail import Cell
from adjoint.stage.values import Records, StagedValue, TupleValue

__all__ = ["cells_in", "free_names", "is_staged"]


def free_names(tree: gast.AST) -> list[str]:
    """The names that a function and the functions inside it read, without its own."""
    names = dict.fromkeys(n.id for n in gast.walk(tree) if isinstance(n, gast.Name))
    own = local_names(tree)
    return [name for name in names if name not in own]


def is_staged(cls: type) -> bool:
    """Whether a class was made by staged code."""
    return any(isinstance(v, StagedValue) for c in cls.__mro__ for v in vars(c).values())


def cells_in(value: Any) -> Iterator[Cell]:
    """The cells that can be reached from a value."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        match each:
            case Cell():
                yield each
                waiting.extend(each.slots.values())
            case TupleValue(items) | Records(_, items):
                waiting.extend(items)
            case tuple():
                waiting.extend(each)
            case dict():
                waiting.extend(each.values())
            case _:
                pass
