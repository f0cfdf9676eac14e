"""Rules that take the parameters of a distribution, whatever these are called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["signed"]

Function = Callable[..., Any]


def signed(rule: Function, names: tuple[str, ...], counted: bool = False) -> Function:
    """Return `rule` with the parameters ``(g, ans, *names, loc=0, scale=1)``.

    Where counts are distributed there is no scale.

    Examples
    --------
    >>> rule = signed(lambda g, ans, *given: given, ("x", "a"))
    >>> rule(1.0, None, 2.0, a=3.0, scale=2)
    (2.0, 3.0, 0, 2)
    """
    plain = inspect.Parameter.POSITIONAL_OR_KEYWORD
    required = [inspect.Parameter(name, plain) for name in ("g", "ans", *names)]
    given = {"loc": 0} if counted else {"loc": 0, "scale": 1}
    optional = [inspect.Parameter(name, plain, default=value) for name, value in given.items()]
    signature = inspect.Signature([*required, *optional])

    def bound(*args: Any, **kwargs: Any) -> Any:
        whole = signature.bind(*args, **kwargs)
        whole.apply_defaults()
        return rule(*whole.arguments.values())

    bound.__signature__ = signature  # type: ignore[attr-defined]
    return bound
