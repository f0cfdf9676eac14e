"""Which generators may run to their end before their first item is used.

A generator that `next` or a `zip` asks for one item at a time is run so where its items come at
places that are known at run time only::

    def positive(xs):               t = []
        for x in xs:                for x in xs:
            if x > 0:        ->         if x > 0:
                yield x                     t.append(x)
    first = next(positive(a))       first = t[0]

That is the same where it ends, does nothing but hand out items, and reads what cannot change
between two of them.
"""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Var
from adjoint.source.bindings import is_bound_once
from adjoint.source.parse import parse
from adjoint.stage.context import Frame, Stage
from adjoint.stage.flow.loops import NOT_UNROLLED
from adjoint.stage.frames import Key
from adjoint.stage.names import read_name
from adjoint.stage.values import Iterable, Static, TupleValue, Value

__all__ = ["run_ahead"]

#: What has effects, or is endless or may be.
_UNSAFE = (
    gast.AsyncFor, gast.Await, gast.FunctionDef, gast.Global, gast.Lambda, gast.Nonlocal,
    gast.Raise, gast.Try, gast.With,
)  # fmt: skip
#: What may be called in the head of a loop: it gives no more items than it is given.
_FINITE = frozenset({"enumerate", "len", "max", "min", "range", "reversed", "sorted", "zip"})
_FUNCTIONS = (BuiltinFunctionType, FunctionType, ModuleType, np.ufunc, type, type(np.sum))
_CONSTANTS = (bool, complex, float, int, np.generic, range, str, type(None), *_FUNCTIONS)
_WITH_EFFECTS = frozenset({"input", "next", "open", "print", "random", "setattr"})


def run_ahead(stage: Stage, inner: Frame, body: list[Any]) -> tuple[Key, ...] | None:
    """The decisions for a generator to run to its end first; None if that makes a difference.

    Loops that were unrolled so that its items could be asked for one by one are loops again.
    """
    parts = [part for statement in body for part in gast.walk(statement)]
    names = [part for part in parts if isinstance(part, gast.Name)]
    own = {part.id for part in names if isinstance(part.ctx, gast.Store)}
    given = {part.id: part for part in names if part.id not in own - set(inner.names.slots)}
    if not all(map(_is_safe, parts)) or not all(
        _is_constant(inner, name) and _is_settled(read_name(stage, inner, part, name))
        for name, part in given.items()
    ):
        return None
    loops = [part for part in parts if isinstance(part, gast.For)]
    return tuple(
        stage.key(inner, loop, NOT_UNROLLED)
        for loop in loops
        if stage.key(inner, loop, "unroll") in stage.decisions
    )


def _is_constant(inner: Frame, name: str) -> bool:
    """Whether a name is not bound again once the generator is there."""
    if name in inner.names.slots:
        return True
    return is_bound_once(parse(inner.source), name)


def _is_safe(part: Any) -> bool:
    match part:
        case gast.For():
            calls = (p for p in gast.walk(part.iter) if isinstance(p, gast.Call))
            return all(isinstance(c.func, gast.Name) and c.func.id in _FINITE for c in calls)
        case gast.While():
            return not isinstance(part.test, gast.Constant)
        case gast.YieldFrom():
            return isinstance(part.value, gast.Tuple | gast.List)
        case gast.Name():
            return part.id not in _WITH_EFFECTS
        case gast.Attribute():
            return part.attr not in _WITH_EFFECTS
    return not isinstance(part, _UNSAFE)


def _is_settled(value: Value) -> bool:
    """Whether a value is what it is, whatever runs meanwhile."""
    match value:
        case Var():
            return True
        case Iterable():
            return value.is_range
        case TupleValue(items):
            return all(map(_is_settled, items))
        case Static(held):
            return isinstance(held, _CONSTANTS) or (
                isinstance(held, tuple) and all(isinstance(h, _CONSTANTS) for h in held)
            )
    return False
