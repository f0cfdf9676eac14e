"""What a derivative inside a function is asked for: which arguments, and where they were given."""

from __future__ import annotations

import inspect
import types
from collections.abc import Sequence
from typing import Any

import gast
import numpy as np

from adjoint.source.bindings import bindings_of
from adjoint.source.parameters import STARS, Kind, Parameter
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

POSITIONAL = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD)
"""The kinds of parameters that one argument is given to by position."""


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
    parameters = _parameters(function)
    rest = next((p.name for p in parameters if p.kind is Kind.VAR_POSITIONAL), None)
    names = [p.name for p in parameters if p.kind not in STARS]
    if rest is not None and (asked == rest or (isinstance(asked, int) and asked < 0)):
        stage.refuse(
            frame, node, f"argnums is {asked!r}, of a function that takes *{rest}",
            "give the number of one argument, counted from the first",
        )  # fmt: skip
    if isinstance(asked, int) and -len(names) <= asked < len(names):
        asked = names[asked]
    if asked in kwargs:
        return str(asked)
    by_position = [p.name for p in parameters if p.kind in POSITIONAL]
    if asked in by_position and by_position.index(asked) < len(args):
        return by_position.index(asked)
    stage.refuse(
        frame, node, f"the gradient with respect to {asked} is asked for, which is not given here",
        "pass the argument",
    )  # fmt: skip


def parameter_names(function: Value) -> list[str]:
    """The names of the parameters of a function."""
    return [parameter.name for parameter in _parameters(function)]


def _parameters(function: Value) -> Sequence[Parameter]:
    match function:
        case Static(types.MethodType() as held):
            return _parameters(Static(held.__func__))[1:]
        case Static(types.FunctionType() as held):
            return bindings_of(held).parameters
        case Static(held) if hasattr(held, "__adjoint_primal__"):
            return _parameters(Static(held.__adjoint_primal__))
        case Static(held):
            found = inspect.signature(held).parameters.values()
            return [Parameter(p.name, Kind[p.kind.name]) for p in found]
        case Closure():
            return _written(function.node.args)
        case DerivativeValue(inner):
            return _parameters(inner)
        case BoundMethod(inner):
            return _parameters(inner)[1:]
        case ObjectValue():
            return _parameters(Static(vars(function.cls)["__call__"]))[1:]
        case _:
            return []


def _written(args: gast.arguments) -> list[Parameter]:
    """The parameters of a function that is defined inside."""
    kinds = (
        (args.posonlyargs, Kind.POSITIONAL_ONLY),
        (args.args, Kind.POSITIONAL_OR_KEYWORD),
        ([args.vararg] if args.vararg else [], Kind.VAR_POSITIONAL),
        (args.kwonlyargs, Kind.KEYWORD_ONLY),
        ([args.kwarg] if args.kwarg else [], Kind.VAR_KEYWORD),
    )
    return [Parameter(each.id, kind) for several, kind in kinds for each in several]
