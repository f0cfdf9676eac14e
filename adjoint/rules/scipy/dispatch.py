"""Functions that do not take part in NumPy's protocols, made to."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["dispatched"]

Function = Callable[..., Any]
_PLAIN = (np.ndarray, np.generic, int, float, complex, str, tuple, list)


def dispatched(fun: Function) -> Function:
    """Return `fun` as it is called in rules, where arguments may stand for arrays.

    NumPy's own functions ask their arguments for ``__array_function__``; functions in Python that
    convert theirs do not.

    Examples
    --------
    >>> dispatched(np.polynomial.polynomial.polyval)(2.0, [1.0, 1.0])
    np.float64(3.0)
    """

    @functools.wraps(fun)
    def call(*args: Any, **kwargs: Any) -> Any:
        for value in (*args, *kwargs.values()):
            if not isinstance(value, _PLAIN) and hasattr(type(value), "__array_function__"):
                return value.__array_function__(fun, (type(value),), args, kwargs)
        return fun(*args, **kwargs)

    return call
