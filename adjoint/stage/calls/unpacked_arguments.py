"""Arguments of which it is known at run time only how many there are: ``f(*xs)``.

A parameter takes its item by its position, and ``*args`` a tuple of the others. Functions without
source take all of them in a list, where they are the same of a list: ``max(*xs)``.
"""

from __future__ import annotations

import functools
import itertools
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from adjoint.rules import lookup
from adjoint.source.bindings import bindings_of
from adjoint.source.parameters import Kind, Parameter
from adjoint.stage.calls.inline import signature_of
from adjoint.stage.calls.native_iterables import transposed
from adjoint.stage.context import Frame, Stage
from adjoint.stage.equivalents import iterator_equivalents
from adjoint.stage.inputs.outside import is_hashable, is_standard
from adjoint.stage.iteration.displays import UNCOUNTED, extended
from adjoint.stage.objects.protocols import special
from adjoint.stage.values import (
    BoundMethod,
    Closure,
    ObjectValue,
    PartialValue,
    Records,
    RunTimeList,
    StagedValue,
    Static,
    Steps,
    TupleValue,
    Unpacked,
    Value,
)

__all__ = ["call_unpacked", "takes_list"]

#: What does the same with the items of a list, by the number of arguments that come before them.
_OF_LIST: dict[Any, tuple[int, Callable[..., Any]]] = {
    max: (0, iterator_equivalents.largest_argument),
    min: (0, iterator_equivalents.smallest_argument),
    zip: (0, iterator_equivalents.zipped_arguments),
    map: (1, iterator_equivalents.mapped_arguments),
    itertools.chain: (0, iterator_equivalents.chain_from_iterable),
}


@dataclass(frozen=True, slots=True)
class _Takes:
    """The parameters of a function that take arguments by position, without those bound before.

    `optional` are the names of those that need not be given, and `rest` is whether ``*args`` takes
    what is left.
    """

    names: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    rest: bool = False


def call_unpacked(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Value,
    args: list[Value],
    rest: RunTimeList | Records,
    kwargs: dict[str, Value],
) -> Steps:
    """Call a function with some arguments, and then the items of a list of run-time length."""
    if isinstance(function, Static) and takes_list(function):
        return (yield _call_with_list(stage, frame, node, function, args, rest, kwargs))
    if isinstance(function, PartialValue):
        args, kwargs = [*function.args, *args], {**function.kwargs, **kwargs}
        inner = function.function
        return (yield call_unpacked(stage, frame, node, inner, args, rest, kwargs))
    takes = _takes(stage, function)
    wanted = takes.names[len(args) :] if takes is not None else ()
    if takes is None or any(name in takes.optional or name in kwargs for name in wanted):
        stage.refuse(frame, node, *UNCOUNTED)
    name = Static(_name(function))
    if not takes.rest:
        fill = Static(iterator_equivalents.arguments_of)
        parts = yield stage.call(frame, node, fill, [name, rest, Static(len(wanted))], {})
        return (yield stage.call(frame, node, function, [*args, *parts.items], kwargs))
    first, surplus = args[: len(takes.names)], args[len(takes.names) :]
    if wanted:
        fill = Static(iterator_equivalents.arguments_and_rest)
        parts = yield stage.call(frame, node, fill, [name, rest, Static(len(wanted))], {})
        first, rest = [*first, *parts.items[:-1]], parts.items[-1]
    items = yield _with_first(stage, frame, node, surplus, rest)
    held = yield stage.call(frame, node, Static(tuple), [items], {})
    return (yield stage.call(frame, node, function, [*first, Unpacked(held)], kwargs))


def takes_list(function: Value) -> bool:
    """Whether there is a function that does the same with the items of a list."""
    return (
        isinstance(function, Static) and is_hashable(function.value) and function.value in _OF_LIST
    )


def _call_with_list(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    rest: RunTimeList | Records,
    kwargs: dict[str, Value],
) -> Steps:
    """``max(*xs)``. What is gone over later is what was there by now."""
    if function.value is zip and isinstance(rest, Records) and not args:
        return (yield transposed(stage, frame, node, rest))
    count, instead = _OF_LIST[function.value]
    if len(args) < count:
        stage.refuse(frame, node, *UNCOUNTED)
    first = args[count:]
    is_eager = function.value in (max, min) and not first
    items = rest if is_eager else (yield extended(stage, frame, node, first, rest))
    given = [*args[:count], items]
    return (yield stage.call(frame, node, Static(instead), given, kwargs))


def _with_first(
    stage: Stage, frame: Frame, node: gast.AST, first: list[Value], rest: RunTimeList | Records
) -> Steps:
    """A list of some values, and of the items of a list."""
    return (yield extended(stage, frame, node, first, rest)) if first else rest


def _name(function: Value) -> str:
    match function:
        case Closure():
            return function.name
        case BoundMethod(inner):
            return _name(inner)
        case ObjectValue() | TupleValue():
            return function.cls.__name__
        case Static(StagedValue(inner)):
            return _name(inner)
        case Static(held):
            return getattr(held, "__name__", type(held).__name__)
        case _:
            return "function"


def _takes(stage: Stage, function: Value) -> _Takes | None:
    """What a function takes by position, if that is known now."""
    match function:
        case Closure():
            return _of_signature(*signature_of(function))
        case Static(StagedValue(inner)):
            return _takes(stage, inner)
        case BoundMethod(inner):
            return _after(_takes(stage, inner), 1)
        case ObjectValue() | TupleValue() if (
            own := special(stage, function, "__call__")
        ) is not None:
            return _after(_takes(stage, own), 1)
        case Static(held):
            return _of_known(stage, held)
        case _:
            return None


def _of_known(stage: Stage, held: Any) -> _Takes | None:
    if isinstance(held, np.ufunc):
        return _Takes(tuple(f"x{k}" for k in range(held.nin)))
    if isinstance(held, functools.partial):
        return _after(_takes(stage, Static(held.func)), len(held.args), held.keywords)
    if isinstance(held, type):
        return _of_class(stage, held)
    if not is_hashable(held) or lookup(held) is not None or hasattr(held, "__adjoint_primal__"):
        return None
    if isinstance(held, types.MethodType):
        return _after(_takes(stage, Static(held.__func__)), 1)
    if not isinstance(held, types.FunctionType) or is_standard(held):
        return None
    bindings = bindings_of(held)
    return _of_signature(bindings.parameters, bindings.defaults)


def _of_class(stage: Stage, cls: type) -> _Takes | None:
    fields = getattr(cls, "_fields", None)
    if issubclass(cls, tuple) and fields is not None:
        return _Takes(fields, frozenset(getattr(cls, "_field_defaults", ())))
    own = vars(cls).get("__init__")
    if is_standard(cls) or own is None:
        return None
    if isinstance(own, StagedValue):
        return _after(_takes(stage, own.value), 1)
    return _after(_of_known(stage, own), 1)


def _of_signature(parameters: tuple[Parameter, ...], defaults: Mapping[str, object]) -> _Takes:
    by_position = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD)
    names = tuple(p.name for p in parameters if p.kind in by_position)
    rest = any(p.kind is Kind.VAR_POSITIONAL for p in parameters)
    return _Takes(names, frozenset(defaults), rest)


def _after(
    takes: _Takes | None, count: int, named: Mapping[str, object] = types.MappingProxyType({})
) -> _Takes | None:
    """What is left to be given, where some are given by position and some by name.

    None where ``*args`` has some of them already.
    """
    if takes is None or count > len(takes.names):
        return None
    return _Takes(takes.names[count:], takes.optional | set(named), takes.rest)
