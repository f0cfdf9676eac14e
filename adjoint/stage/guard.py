"""The guard: generated code that tells whether compiled code applies to the arguments of a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

__all__ = ["guard_source", "make_guard"]


def guard_source(
    parameters: Sequence[str], conditions: Iterable[str], outside: Iterable[str] = ()
) -> str:
    """The text of the guard. `outside` are names that are read by ``_read_name()``.

    Examples
    --------
    >>> print(guard_source(["x"], ["type(x) is ndarray", "x.ndim == 2", "x.shape[1] == 1"]))
    def guard(x):
        return (
            type(x) is ndarray
            and x.ndim == 2
            and x.shape[1] == 1
        )
    """
    tests = list(dict.fromkeys(conditions)) or ["True"]
    body = "\n        and ".join(tests)
    reads = "".join(f"    {name} = _read_{name}()\n" for name in outside)
    return f"def guard({', '.join(parameters)}):\n{reads}    return (\n        {body}\n    )"


def make_guard(
    parameters: Sequence[str],
    conditions: Iterable[str],
    constants: Mapping[str, Any],
    externals: Mapping[str, Callable[[], Any]],
) -> Callable[..., bool]:
    """The guard as a function; what cannot be looked at (a missing attribute) does not fit."""
    namespace = {**constants, **{f"_read_{name}": read for name, read in externals.items()}}
    text = guard_source(parameters, conditions, externals)
    exec(compile(text, "<adjoint guard>", "exec"), namespace)
    test = namespace["guard"]

    def guard(*args: Any) -> bool:
        try:
            return bool(test(*args))
        except (AttributeError, KeyError, IndexError, TypeError, ValueError):
            return False

    return guard
