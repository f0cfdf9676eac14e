"""The guard: generated code that tells whether compiled code applies to the arguments of a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

__all__ = ["guard_source", "make_guard"]


def guard_source(parameters: Sequence[str], conditions: Iterable[str]) -> str:
    """The text of the guard.

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
    return f"def guard({', '.join(parameters)}):\n    return (\n        {body}\n    )"


def make_guard(
    parameters: Sequence[str], conditions: Iterable[str], constants: Mapping[str, Any]
) -> Callable[..., bool]:
    """The guard as a function; what cannot be looked at (a missing attribute) does not fit."""
    namespace = dict(constants)
    exec(compile(guard_source(parameters, conditions), "<adjoint guard>", "exec"), namespace)
    test = namespace["guard"]

    def guard(*args: Any) -> bool:
        try:
            return bool(test(*args))
        except (AttributeError, KeyError, IndexError, TypeError, ValueError):
            return False

    return guard
