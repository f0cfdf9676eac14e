"""What a derivative inside a function is asked for: which arguments, and where they were given."""

from __future__ import annotations

import inspect
import types
from collections.abc import Sequence
from typing import Any

import gast
import numpy as np

from adjoint.source.bindings import bindings_of
from adjoint.stage.context import Frame, Stage
from adjoint.stage.values import (
    BoundMethod,
    Closure,
    DerivativeValue,
    ListValue,
    ObjectValue,
    Static,
    TupleValue,
    Value,
)

__all__ = ["asked_of", "known_option", "parameter_names"]


def known_option(stage: Stage, frame: Frame, node: gast.AST, name: str, value: Value) -> Any:
    """What an option of a derivative is, such as argnums; a list of them is a tuple."""
    known = stage.need_static(value)
    if isinstance(known, Static):
        return tuple(known.value) if isinstance(known.value, list) else known.value
    if isinstance(known, TupleValue | ListValue):
        items = known.items if isinstance(known, TupleValue) else known.slots["items"]
        return tuple(known_option(stage, frame, node, name, item) for item in items)
    advice = "write the numbers down" if name == "argnums" else "write True or False"
    stage.refuse(frame, node, f"{name} is known at run time only", advice)


def asked_of(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: Sequence[Value],
    kwargs: dict[str, Value],
) -> list[int | str]:
    """Where each argument that is asked for was given: a position, or a keyword."""
    found = []
    for asked in [derivative.argnums] if derivative.single else derivative.argnums:
        each = int(asked) if isinstance(asked, np.integer) else asked
        found.append(_asked(stage, frame, node, derivative.function, each, args, kwargs))
    return found


def _asked(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Value,
    asked: Any,
    args: Sequence[Value],
    kwargs: dict[str, Value],
) -> int | str:
    """Where the argument that is asked for was given: a position, or a keyword."""
    if isinstance(asked, int) and 0 <= asked < len(args):
        return asked
    names = parameter_names(function)
    if isinstance(asked, int) and names and -len(names) <= asked < len(names):
        asked = names[asked]
    if asked in kwargs:
        return str(asked)
    if asked in names and names.index(asked) < len(args):
        return names.index(asked)
    stage.refuse(
        frame, node, f"the gradient with respect to {asked} is asked for, which is not given here",
        "pass the argument",
    )  # fmt: skip


def parameter_names(function: Value) -> list[str]:
    """The names of the parameters that a function may be given by position."""
    match function:
        case Static(types.MethodType() as held):
            return parameter_names(Static(held.__func__))[1:]
        case Static(types.FunctionType() as held):
            return [p.name for p in bindings_of(held).parameters]
        case Static(held) if hasattr(held, "__adjoint_primal__"):
            return parameter_names(Static(held.__adjoint_primal__))
        case Static(held):
            return list(inspect.signature(held).parameters)
        case Closure():
            args = function.node.args
            return [a.id for a in (*args.posonlyargs, *args.args)]
        case DerivativeValue(inner):
            return parameter_names(inner)
        case BoundMethod(inner):
            return parameter_names(inner)[1:]
        case ObjectValue():
            return parameter_names(Static(vars(function.cls)["__call__"]))[1:]
        case _:
            return []
