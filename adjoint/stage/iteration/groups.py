"""`itertools.groupby`."""

from __future__ import annotations

import functools
import itertools
import types
from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.stage.calls.native_iterables import Native
from adjoint.stage.context import Frame, Stage
from adjoint.stage.equivalents import group_equivalents
from adjoint.stage.inputs.outside import is_standard
from adjoint.stage.iteration.counted import static_range
from adjoint.stage.iteration.sequences import UNROLL_LIMIT
from adjoint.stage.iteration.streams import is_indexed
from adjoint.stage.values import NONE, Closure, Iterable, Static, Steps, Stream, Value

__all__ = ["GROUPS"]


def _groupby(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    """Groups of items known now, one by one as they are asked for; or parts of an array."""
    source = args[0] if args else kwargs["iterable"]
    if not is_indexed(source) or _is_short(source):
        called = Static(group_equivalents.groupby)
        return (yield stage.call(frame, node, called, args, kwargs))
    key = args[1] if len(args) > 1 else kwargs.get("key", NONE)
    if not isinstance(source, Var) or not (yield _is_of_its_own(stage, key)):
        stage.refuse(
            frame, node, "groupby() of a list of run-time length, of an array that is written here,"
            " or by a key that reads more than what it is given",
            "loop over the indices, and begin a new group where the key changes",
        )  # fmt: skip
    return (yield stage.call(frame, node, Static(group_equivalents.runs), [source, key], {}))


def _is_short(source: Value) -> bool:
    known = static_range(source) if isinstance(source, Iterable) else None
    return known is not None and len(known) <= UNROLL_LIMIT


def _is_of_its_own(stage: Stage, key: Value) -> Steps:
    """Whether a key reads only what it is given: it is asked for twice, and before its turn."""
    if not isinstance(key, Closure):
        return _is_of_library(key)
    if not isinstance(key.node, gast.Lambda) or key.defaults or key.kw_defaults:
        return False
    names = {n.id: n for n in gast.walk(key.node.body) if isinstance(n, gast.Name)}
    own = {a.id for a in key.node.args.args}
    for name in sorted(names.keys() - own):
        scope: Frame | None = key.frame
        while scope is not None and name not in scope.names.slots:
            scope = scope.parent
        if scope is not None:
            return False
        if not _is_of_library((yield stage.evaluate(key.frame, names[name]))):
            return False
    return True


def _is_of_library(value: Value) -> bool:
    """Whether a value is known now, and no function of the user's, which may do anything."""
    if not isinstance(value, Static) or value.value is print:
        return False
    own = isinstance(value.value, types.FunctionType | types.MethodType | functools.partial)
    return not own or is_standard(value.value)


def _used_up(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    if isinstance(args[0], Stream):
        stage.trail.set(args[0], "state", Static("spent"))
    return NONE
    yield


GROUPS: dict[Any, Native] = {
    itertools.groupby: _groupby,
    group_equivalents.used_up: _used_up,
}
