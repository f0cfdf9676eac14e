"""Which arguments a derivative is asked for, by number or name."""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Any

import numpy as np

from adjoint.errors import BadArgument, suggest

__all__ = ["Argnums", "argument_name", "check_differentiable", "plain_numbers", "vars_of"]

Argnums = int | str | Sequence[int] | Sequence[str]


def argument_name(function: str, names: Sequence[str], rest: Sequence[str], asked: Any) -> str:
    """The name of the argument that is asked for by number or name; ``args[1]`` of ``*args``.

    Raises
    ------
    BadArgument
        If there is none.
    """
    if isinstance(asked, str):
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
            f"argnums is {asked}, and {function} takes *{rest[0]}",
            None,
            "give the number of one argument, counted from the first",
        )
    if rest and asked >= names.index(rest[0]):
        return f"{rest[0]}[{asked - names.index(rest[0])}]"
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
