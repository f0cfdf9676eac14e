"""What a function is told to write into: ``out``, and arguments that it may overwrite."""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

import numpy as np

from adjoint.stage.values import NONE, Static, TupleValue, Value

__all__ = ["without_out", "without_overwriting"]

Arguments = tuple[list[Value], dict[str, Value]]

#: Where ``out`` stands among the arguments of functions in C, which have no signature in NumPy 2.0.
_IN_C = {np.dot: 2, np.concatenate: 2}
_IN_C_OF_UFUNCS = {"reduce": 3, "accumulate": 3, "reduceat": 4}
_NOWHERE = 1000


def without_out(
    held: Any, args: list[Value], kwargs: dict[str, Value]
) -> tuple[list[Value], dict[str, Value], Value]:
    """The arguments without what the result is written into, and that, or None.

    What stands behind it by position is then given by name.
    """
    kwargs = dict(kwargs)
    out = kwargs.pop("out", NONE)
    if isinstance(out, TupleValue) and len(out.items) == 1:
        out = out.items[0]
    if isinstance(held, np.ufunc):
        given = args[held.nin :]
        if given:
            out = given[0] if held.nout == 1 else TupleValue(tuple(given))
        return args[: held.nin], kwargs, out
    at, names = _place(held)
    if at < len(args):
        kwargs |= dict(zip(names, args[at + 1 :], strict=False))
        args, out = args[:at], args[at]
    return args, kwargs, out


def without_overwriting(held: Any, args: list[Value], kwargs: dict[str, Value]) -> Arguments:
    """The arguments without the permission to destroy others, which the sweeps read again.

    ``overwrite_a=True`` of SciPy and ``overwrite_input=True`` of NumPy say that a function may, and
    not what is then in the array.
    """
    kwargs = {k: v for k, v in kwargs.items() if not k.startswith("overwrite_")}
    places = _permissions(held) if args else frozenset()
    return [Static(False) if k in places else a for k, a in enumerate(args)], kwargs


@lru_cache(maxsize=1024)
def _permissions(function: Any) -> frozenset[int]:
    """Where the permissions to overwrite stand among the parameters of a function."""
    names = _parameters(function)
    return frozenset(k for k, name in enumerate(names) if name.startswith("overwrite_"))


@lru_cache(maxsize=1024)
def _parameters(function: Any) -> tuple[str, ...]:
    """The names of what a function takes by position, where that is known."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ()
    return tuple(p.name for p in parameters if p.kind <= p.POSITIONAL_OR_KEYWORD)


@lru_cache(maxsize=1024)
def _place(function: Any) -> tuple[int, tuple[str, ...]]:
    """Where ``out`` stands among the parameters of a function, and what those behind it are called.

    Far behind all where it has none, or takes it by name alone.
    """
    if isinstance(getattr(function, "__self__", None), np.ufunc):
        return _IN_C_OF_UFUNCS.get(function.__name__, _NOWHERE), ("keepdims", "initial", "where")
    if function in _IN_C:
        return _IN_C[function], ()
    names = _parameters(function)
    at = names.index("out") if "out" in names else _NOWHERE
    return at, names[at + 1 :]
