"""The parameters of a function, as its code object tells them.

What a derivative must know of its function when it is made; no source is read for it.
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import FunctionType

__all__ = ["STARS", "Kind", "Parameter", "as_written", "parameters_of"]


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


def as_written(parameters: Sequence[Parameter]) -> Iterator[str]:
    """The parameters as they stand in a `def`, with ``/`` and ``*`` between their kinds.

    Examples
    --------
    >>> list(as_written(parameters_of(lambda x, /, y, *, axis, **rest: x)))
    ['x', '/', 'y', '*', 'axis', '**rest']
    """
    kinds = [parameter.kind for parameter in parameters]
    for position, (parameter, kind) in enumerate(zip(parameters, kinds, strict=True)):
        is_first = kinds.index(kind) == position
        if kind is Kind.KEYWORD_ONLY and is_first and Kind.VAR_POSITIONAL not in kinds:
            yield "*"
        yield STARS.get(kind, "") + parameter.name
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
