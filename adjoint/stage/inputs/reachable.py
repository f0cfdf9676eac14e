"""What a function, a class or a value leads to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.rules.registry import is_matrix
from adjoint.source.bindings import local_names
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    Buffer,
    DictValue,
    ListValue,
    ObjectValue,
    Records,
    RunTimeList,
    StagedValue,
    TupleValue,
    Value,
    View,
)

__all__ = ["cells_in", "free_names", "inputs_in", "is_staged", "ways_in"]


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


def inputs_in(value: Value) -> list[Var]:
    """The variables in the value of an argument, each once."""
    return list(dict.fromkeys(found for each in ways_in(value) for found in _own_inputs(each)))


def _own_inputs(value: Value) -> list[Var]:
    match value:
        case Var():
            return [value]
        case RunTimeList():
            return [value.slots["held"]]
        case Buffer(leaf=Var() as leaf) | View(leaf=Var() as leaf):
            return [leaf]
        case _:
            return []


def ways_in(value: Value) -> Iterator[Value]:
    """All that the value of an argument is made of, in order; what is one, once for each way there.

    Of what is inside of that, there is one.
    """
    waiting, seen = [value], set[Cell]()
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, Cell):
            if each in seen:
                continue
            seen.add(each)
        match each:
            case TupleValue(items):
                waiting.extend(reversed(items))
            case ListValue():
                waiting.extend(reversed(each.slots["items"]))
            case DictValue():
                waiting.extend(reversed(each.slots["items"].values()))
            case ObjectValue() if not is_matrix(each.cls):
                waiting.extend(reversed(each.slots.values()))
            case _:
                pass
