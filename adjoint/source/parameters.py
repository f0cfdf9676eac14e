"""The parameters of a function, as its code object tells them.

What a derivative must know of its function when it is made; no source is read for it.
"""

from __future__ import annotations

import ast
import enum
import inspect
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

__all__ = [
    "STARS",
    "UNSET",
    "Kind",
    "Parameter",
    "as_written",
    "default_owner",
    "default_places",
    "defaults_of",
    "give_defaults_of",
    "parameters_of",
    "part_of",
]


class Kind(enum.Enum):
    """How a parameter takes its argument, named as in `inspect.Parameter`."""

    POSITIONAL_ONLY = "positional-only"
    POSITIONAL_OR_KEYWORD = "positional or keyword"
    VAR_POSITIONAL = "*args"
    KEYWORD_ONLY = "keyword-only"
    VAR_KEYWORD = "**kwargs"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function."""

    name: str
    kind: Kind


def parameters_of(function: FunctionType) -> tuple[Parameter, ...]:
    """The parameters of a plain Python function, not of anything it wraps.

    Examples
    --------
    >>> [p.name for p in parameters_of(lambda x, *rest, axis=None: x)]
    ['x', 'rest', 'axis']
    """
    return tuple(_parameters(function))


STARS = {Kind.VAR_POSITIONAL: "*", Kind.VAR_KEYWORD: "**"}
"""What stands before the name of a parameter that takes several arguments."""


def as_written(
    parameters: Sequence[Parameter], optional: Collection[str] = (), default: str = ""
) -> Iterator[str]:
    """The parameters as they stand in a `def`, with ``/`` and ``*`` between their kinds.

    Those that are `optional` have a default.

    Examples
    --------
    >>> list(as_written(parameters_of(lambda x, /, y, *, axis, **rest: x), ["axis"], "None"))
    ['x', '/', 'y', '*', 'axis=None', '**rest']
    """
    kinds = [parameter.kind for parameter in parameters]
    for position, (parameter, kind) in enumerate(zip(parameters, kinds, strict=True)):
        is_first = kinds.index(kind) == position
        if kind is Kind.KEYWORD_ONLY and is_first and Kind.VAR_POSITIONAL not in kinds:
            yield "*"
        end = f"={default}" if parameter.name in optional else ""
        yield STARS.get(kind, "") + parameter.name + end
        if position + 1 == kinds.count(Kind.POSITIONAL_ONLY):
            yield "/"


def _parameters(function: FunctionType) -> Iterator[Parameter]:
    code = function.__code__
    positional = code.co_argcount
    last_keyword = positional + code.co_kwonlyargcount
    has_rest = bool(code.co_flags & inspect.CO_VARARGS)
    names = code.co_varnames
    for index, name in enumerate(names[:positional]):
        only = index < code.co_posonlyargcount
        yield Parameter(name, Kind.POSITIONAL_ONLY if only else Kind.POSITIONAL_OR_KEYWORD)
    # In co_varnames *args comes after the keyword-only parameters, in a def before them.
    if has_rest:
        yield Parameter(names[last_keyword], Kind.VAR_POSITIONAL)
    for name in names[positional:last_keyword]:
        yield Parameter(name, Kind.KEYWORD_ONLY)
    if code.co_flags & inspect.CO_VARKEYWORDS:
        yield Parameter(names[last_keyword + has_rest], Kind.VAR_KEYWORD)


def part_of(asked: str) -> tuple[str, Any]:
    """The parameter that an argument is given by, and where it is in that; None: it is all of it.

    Examples
    --------
    >>> part_of("x"), part_of("args[1]"), part_of("kwargs['w']")
    (('x', None), ('args', 1), ('kwargs', 'w'))
    """
    parameter, bracket, key = asked.partition("[")
    return parameter, ast.literal_eval(key[:-1]) if bracket else None


# -- defaults --------------------------------------------------------------------------------------


class _Unset(enum.Enum):
    UNSET = "the default"


UNSET = _Unset.UNSET
"""What stands for an argument that was not given, until its default is read."""

_FROM = "__adjoint_defaults__"


def give_defaults_of(function: FunctionType, owner: FunctionType) -> None:
    """Have a function take the defaults that `owner` has, whatever they are at a call."""
    function.__defaults__, function.__kwdefaults__ = owner.__defaults__, owner.__kwdefaults__
    setattr(function, _FROM, default_owner(owner))


def default_owner(function: FunctionType) -> FunctionType:
    """The function whose defaults a function has: itself, as a rule."""
    owner: FunctionType = getattr(function, _FROM, function)
    return owner


def defaults_of(function: FunctionType) -> dict[str, Any]:
    """The defaults of a plain Python function, as they are now; they may be replaced.

    Examples
    --------
    >>> defaults_of(lambda x, factor=2.0, *, axis=None: x)
    {'factor': 2.0, 'axis': None}
    """
    owner = default_owner(function)
    given = owner.__defaults__ or ()
    names = owner.__code__.co_varnames[: owner.__code__.co_argcount]
    by_position = zip(names[len(names) - len(given) :], given, strict=True)
    return {**dict(by_position), **(owner.__kwdefaults__ or {})}


def default_places(function: FunctionType) -> dict[str, tuple[str, int | str]]:
    """For each parameter with a default, the attribute that holds it, and where in that.

    Examples
    --------
    >>> default_places(lambda x, factor=2.0, *, axis=None: x)
    {'factor': ('__defaults__', -1), 'axis': ('__kwdefaults__', 'axis')}
    """
    owner = default_owner(function)
    by_keyword = owner.__kwdefaults__ or {}
    by_position = [name for name in defaults_of(owner) if name not in by_keyword]
    return {
        **{n: ("__defaults__", k - len(by_position)) for k, n in enumerate(by_position)},
        **{name: ("__kwdefaults__", name) for name in by_keyword},
    }
