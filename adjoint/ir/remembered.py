"""What was found of nodes, remembered while a function is compiled.

Nodes never change, so that what a function of one node returns may be kept, by the node itself.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar, cast

__all__ = ["forgetting", "remembered"]

Found = TypeVar("Found")
Node = TypeVar("Node")
Given = ParamSpec("Given")
_KEPT: list[Any] = []


def remembered(find: Callable[[Node], Found]) -> Callable[[Node], Found]:
    """Return a function of a node that computes once for each what `find` returns."""
    kept = lru_cache(maxsize=None)(find)
    _KEPT.append(kept)
    return cast("Callable[[Node], Found]", kept)


def forgetting(make: Callable[Given, Found]) -> Callable[Given, Found]:
    """Return `make` so that all that is remembered is let go of at its end.

    Until then the garbage collector does not look for cycles among what was made, time and again.
    """

    @wraps(make)
    def made(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        collects = gc.isenabled()
        gc.disable()
        try:
            return make(*args, **kwargs)
        finally:
            for kept in _KEPT:
                kept.cache_clear()
            if collects:
                gc.enable()

    return made
