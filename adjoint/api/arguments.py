"""Which arguments a derivative is asked for, by number or name."""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adjoint.errors import BadArgument, suggest
from adjoint.source.parameters import UNSET, Kind, Parameter, defaults_of, parameters_of

__all__ = [
    "Argnums",
    "argument_name",
    "bound_arguments",
    "check_differentiable",
    "check_parameters",
    "plain_numbers",
    "vars_of",
    "with_defaults",
]

Argnums = int | str | Sequence[int] | Sequence[str]


def argument_name(
    function: str, names: Sequence[str], stars: Mapping[Kind, str], asked: Any
) -> str:
    """The name of the argument that is asked for by number or name.

    One of ``*args`` is called ``args[1]``, and one of ``**kwargs`` ``kwargs['w']``: `stars` are
    the names of these two.

    Raises
    ------
    BadArgument
        If there is none.
    """
    rest, named = stars.get(Kind.VAR_POSITIONAL), stars.get(Kind.VAR_KEYWORD)
    if isinstance(asked, str):
        if asked not in names and named is not None:
            return f"{named}[{asked!r}]"
        if asked not in names:
            raise BadArgument(
                f"{function} has no argument {asked!r}",
                None,
                suggest(asked, names) or f"its arguments are {', '.join(names)}",
            )
        return asked
    if isinstance(asked, bool) or not isinstance(asked, int | np.integer):
        raise BadArgument(
            f"argnums is {asked!r}",
            None,
            "give the number or name of an argument, or a tuple of them",
        )
    if rest and asked < 0:
        raise BadArgument(
            f"argnums is {asked}, and {function} takes *{rest}",
            None,
            "give the number of one argument, counted from the first",
        )
    if rest and asked >= names.index(rest):
        return f"{rest}[{asked - names.index(rest)}]"
    if not -len(names) <= asked < len(names):
        raise BadArgument(
            f"argnums asks for argument {asked} of {function}, which has {len(names)}",
            None,
            f"its arguments are {', '.join(f'{i}: {n}' for i, n in enumerate(names))}",
        )
    return names[int(asked)]


def plain_numbers(argnums: Any) -> Any:
    """What is asked for, with Python's own numbers in the place of NumPy's; several in a tuple."""
    if isinstance(argnums, Sequence) and not isinstance(argnums, str):
        return tuple(plain_numbers(each) for each in argnums)
    return int(argnums) if isinstance(argnums, np.integer) else argnums


def check_differentiable(name: str, value: Any) -> None:
    """Refuse an argument for which no gradient can be asked."""
    kind = value.dtype.kind if isinstance(value, np.ndarray | np.generic) else ""
    if (
        isinstance(value, bool | str | bytes)
        or value is None
        or (callable(value) and not vars_of(value))
    ):
        what = "None" if value is None else f"a {type(value).__name__}"
    elif kind and kind not in "iufc":
        what = f"an array of {value.dtype}"
    else:
        return
    raise BadArgument(
        f"the gradient with respect to {name} is asked for, and {name} is {what}",
        None,
        "name arguments that hold numbers in argnums",
    )


def vars_of(value: Any) -> bool:
    """Whether an object has attributes that may hold numbers."""
    return hasattr(value, "__dict__") and not isinstance(value, types.FunctionType | type)


# -- the arguments of a call -----------------------------------------------------------------------


def bound_arguments(
    function: types.FunctionType, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[Any, ...]:
    """All arguments of a call in the order of the parameters, with defaults as they are now."""
    bound = inspect.signature(function, follow_wrapped=False).bind(*args, **kwargs)
    given = {**bound.arguments}
    bound.apply_defaults()
    values = {**bound.arguments, **defaults_of(function), **given}
    return tuple(values[p.name] for p in parameters_of(function))


def with_defaults(function: types.FunctionType, values: Sequence[Any]) -> tuple[Any, ...]:
    """The arguments, with the defaults that could not be read where the call was taken.

    Raises
    ------
    TypeError
        If an argument was left out, and has no default any more.
    """
    if all(value is not UNSET for value in values):
        return tuple(values)
    defaults, names = defaults_of(function), [p.name for p in parameters_of(function)]
    for name, value in zip(names, values, strict=True):
        if value is UNSET and name not in defaults:
            raise TypeError(f"{function.__name__}() missing a required argument: {name!r}")
    pairs = zip(names, values, strict=True)
    return tuple(defaults[name] if value is UNSET else value for name, value in pairs)


def check_parameters(function: types.FunctionType, known: Sequence[Parameter]) -> None:
    """Refuse a function that was given other parameters, as loading it again may do."""
    if parameters_of(function) != tuple(known):
        raise BadArgument(
            f"{function.__name__} has other parameters than when its derivative was made",
            None,
            f"make the derivative again: grad({function.__name__})",
        )
