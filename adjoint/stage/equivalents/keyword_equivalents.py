"""Functions of NumPy with a keyword that makes them others, in plain NumPy, read in their place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adjoint.rules import lookup
from adjoint.stage.equivalents.pad_equivalents import COMPUTED, MIRRORED, pad
from adjoint.stage.equivalents.ufunc_equivalents import ufunc_with_keyword
from adjoint.stage.values import NONE, Static, Value, is_none

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
    places = np.asarray(xp, dtype=np.float64) % period
    order = np.argsort(places)
    places, values = places[order], np.asarray(fp)[order]
    places = np.concatenate([places[-1:] - period, places, places[:1] + period])
    values = np.concatenate([values[-1:], values, values[:1]])
    return np.interp(np.asarray(x, dtype=np.float64) % period, places, values)


def histogram_density(
    a: Any,
    bins: Any = 10,
    range: Any = None,
    density: Any = True,
    weights: Any = None,
) -> Any:
    """As ``np.histogram(a, bins, range, density=True)``."""
    counts, edges = np.histogram(a, bins, range, weights=weights)
    return counts / np.asarray(np.diff(edges), dtype=float) / np.sum(counts), edges


def _given(place: int, name: str) -> Callable[..., bool]:
    """Whether a keyword, which has a place among the arguments too, is not as it usually is."""

    def test(args: Sequence[Value], kwargs: Mapping[str, Value]) -> bool:
        given = args[place] if place < len(args) else kwargs.get(name, NONE)
        return not (isinstance(given, Static) and (given.value is None or given.value is False))

    return test


def _is_computed(args: Sequence[Value], kwargs: Mapping[str, Value]) -> bool:
    """Whether the margins of ``np.pad`` are computed from the array."""
    given = args[2] if len(args) > 2 else kwargs.get("mode", NONE)
    mode = given.value if isinstance(given, Static) else None
    if not isinstance(mode, str):
        return False
    turned = kwargs.get("reflect_type", NONE)
    is_odd = isinstance(turned, Static) and turned.value == "odd"
    return mode in COMPUTED or (is_odd and mode in MIRRORED)


#: By function: what tells whether it is another, and what is read in its place.
_WITH_KEYWORD: dict[Any, tuple[Callable[..., bool], Callable[..., Any]]] = {
    np.linspace: (_given(4, "retstep"), linspace_and_step),
    np.average: (_given(3, "returned"), average_and_weight),
    np.interp: (_given(5, "period"), interp_of_period),
    np.pad: (_is_computed, pad),
    np.histogram: (_given(3, "density"), histogram_density),
}


def with_keyword(
    function: Any, args: Sequence[Value], kwargs: Mapping[str, Value]
) -> Callable[..., Any] | None:
    """What is called in the place of a function, if a keyword is given that makes it another."""
    if isinstance(function, np.ufunc):
        return ufunc_with_keyword(function, kwargs)
    if function not in _WITH_KEYWORD:
        return _variant(function, args, kwargs)
    is_another, equivalent = _WITH_KEYWORD[function]
    return equivalent if is_another(args, kwargs) else None


def _variant(
    function: Any, args: Sequence[Value], kwargs: Mapping[str, Value]
) -> Callable[..., Any] | None:
    rule = lookup(function)
    for name, equivalent in {} if rule is None else rule.variants.items():
        place = [*inspect.signature(function).parameters].index(name)
        if not is_none(args[place] if place < len(args) else kwargs.get(name, NONE)):
            return equivalent
    return None
