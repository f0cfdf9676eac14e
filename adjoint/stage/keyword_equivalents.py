"""Functions of NumPy with a keyword that makes them others, in plain NumPy, read in their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adjoint.stage.values import NONE, Static, Value

__all__ = ["with_keyword"]


def linspace_and_step(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: Any = True,
    retstep: Any = True,
    dtype: Any = None,
    axis: Any = 0,
) -> Any:
    """As ``np.linspace(start, stop, num, retstep=True)``."""
    values = np.linspace(start, stop, num, endpoint, dtype=dtype, axis=axis)
    steps = num - 1 if endpoint else num
    width = np.subtract(stop, start)
    return values, width / steps if steps > 0 else width * np.nan


def average_and_weight(
    a: Any, axis: Any = None, weights: Any = None, returned: Any = True, *, keepdims: Any = False
) -> Any:
    """As ``np.average(a, axis, weights, returned=True)``."""
    mean = np.average(a, axis, weights, keepdims=keepdims)
    if weights is None:
        return mean, np.size(a) / np.size(mean) * np.ones_like(mean)
    if np.shape(weights) == np.shape(a):
        return mean, np.sum(weights, axis=axis, keepdims=keepdims) * np.ones_like(mean)
    return mean, np.sum(weights) * np.ones_like(mean)


def interp_of_period(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """As ``np.interp(x, xp, fp, period=period)``, which reads neither `left` nor `right`."""
    period = abs(period)
    places = np.asarray(xp) % period
    order = np.argsort(places)
    places, values = places[order], np.asarray(fp)[order]
    places = np.concatenate([places[-1:] - period, places, places[:1] + period])
    return np.interp(
        np.asarray(x) % period, places, np.concatenate([values[-1:], values, values[:1]])
    )


#: By function: the keyword, where it stands among the arguments, and what is read in its place.
_WITH_KEYWORD: dict[Any, tuple[str, int, Callable[..., Any]]] = {
    np.linspace: ("retstep", 4, linspace_and_step),
    np.average: ("returned", 3, average_and_weight),
    np.interp: ("period", 5, interp_of_period),
}


def with_keyword(
    function: Any, args: Sequence[Value], kwargs: Mapping[str, Value]
) -> Callable[..., Any] | None:
    """What is called in the place of a function, if a keyword is given that makes it another."""
    if function not in _WITH_KEYWORD:
        return None
    name, place, equivalent = _WITH_KEYWORD[function]
    given = args[place] if place < len(args) else kwargs.get(name, NONE)
    usual = isinstance(given, Static) and (given.value is None or given.value is False)
    return None if usual else equivalent
