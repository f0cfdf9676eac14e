"""Margins of arrays that are filtered: how ``scipy.ndimage`` pads, and what that is backwards.

A filter pads its input as `mode` says, and sums neighbours of each element. Backwards, what each
neighbour gets is the same sum the other way round, on the padded array, and the margin is then
added to the elements that it was copied from. Where the margin is constant, or the array is
periodic, that is the filter the other way round with the same mode; where it is reflected, it is so
if the filter is symmetric.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.rules.registry import jvp, vjp
from adjoint.rules.scatter import scatter
from adjoint.rules.scipy.dispatch import dispatched

__all__ = [
    "changed",
    "declare_filter",
    "each",
    "pulled",
    "reach_of",
    "require_real",
    "the_axes",
    "windows",
]

Function = Callable[..., Any]

#: What NumPy calls the modes that copy elements into the margin.
_COPYING = {
    "reflect": "symmetric", "grid-mirror": "symmetric", "mirror": "reflect", "nearest": "edge",
    "wrap": "wrap", "grid-wrap": "wrap",
}  # fmt: skip
_CONSTANT = ("constant", "grid-constant")
_PERIODIC = ("wrap", "grid-wrap")
_REFLECTED = ("reflect", "grid-mirror")


def require_real(*arrays: Any) -> None:
    """Refuse complex arrays."""
    if any(getattr(a, "dtype", np.dtype(float)).kind == "c" for a in arrays):
        raise NotImplementedError("filters of scipy.ndimage on complex arrays")


def each(value: Any, count: int) -> list[Any]:
    """One for each axis of what is given once, or for each axis."""
    if not isinstance(value, str) and isinstance(value, (tuple, list)):
        return list(value)
    return [value] * count


def the_axes(axes: Any, array: Any) -> list[int]:
    """The axes along which a filter runs, counted from the front."""
    ndim = np.ndim(array)
    if axes is None:
        return list(range(ndim))
    return [axis % ndim for axis in ([axes] if isinstance(axes, int) else axes)]


def pulled(
    g: Any,
    array: Any,
    modes: dict[int, Any],
    reach: dict[int, tuple[Any, Any]],
    reverse: Function,
    *,
    symmetric: bool = False,
) -> Any:
    """The cotangent of `array`: `reverse` of `g` and a mode is the filter the other way round.

    `modes` and `reach`, how many elements before and behind are read, are those of each axis along
    which the filter runs.
    """
    require_real(array)
    kept = (*_CONSTANT, *_PERIODIC, *(_REFLECTED if symmetric else ()))
    found = list(modes.values())
    if all(mode in kept for mode in found):
        return reverse(g, found[0] if len(set(found)) == 1 else found)
    for mode in found:
        if mode not in _COPYING and mode not in _CONSTANT:
            raise NotImplementedError(f"scipy.ndimage with mode={mode!r}")
    copied = {axis: reach[axis] for axis, mode in modes.items() if mode in _COPYING}
    widths = [copied.get(axis, (0, 0)) for axis in range(np.ndim(array))]
    spread = reverse(np.pad(g, _of_axes(widths)), "constant")
    return _folded(spread, array, copied, modes)


def _of_axes(widths: list[tuple[Any, Any]]) -> Any:
    return widths[0] if len(widths) == 1 else tuple(widths)


def _folded(g: Any, array: Any, copied: dict[int, tuple[Any, Any]], modes: dict[int, Any]) -> Any:
    """Add the margins to the elements that they were copied from."""
    sources = [
        np.arange(n, like=array) for n in map(np.shape(array).__getitem__, range(array.ndim))
    ]
    for axis, width in copied.items():
        sources[axis] = np.pad(sources[axis], width, mode=_COPYING[modes[axis]])  # type: ignore[call-overload]
    if len(sources) == 1:
        return scatter(g, sources[0], array)
    return scatter(g, np.ix_(*sources), array)


def declare_filter(function: Function, vjps: Any) -> None:
    """Declare the rule of a filter; forward, it is the filter of the tangent, without `cval`."""
    vjp(function, **vjps)
    again, parameters = dispatched(function), inspect.signature(function)

    def forward(t: Any, ans: Any, input: Any, *args: Any, **kwargs: Any) -> Any:
        given = parameters.bind(t, *args, **kwargs)
        if "cval" in given.arguments:
            given.arguments["cval"] = 0.0
        return again(*given.args, **given.kwargs)

    jvp(function, input=forward)


def changed(**given: tuple[Any, Any]) -> dict[str, Any]:
    """The keywords whose values are not the usual ones."""
    return {
        name: value
        for name, (value, usual) in given.items()
        if not isinstance(value, type(usual)) or value != usual
    }


def reach_of(size: Any, origin: Any, backwards: bool) -> tuple[Any, Any]:
    """How many elements a filter reads before and behind its own."""
    before, after = size // 2, (size - 1) // 2
    if not (isinstance(origin, int) and origin == 0):
        before, after = before + origin, after - origin
    return (after, before) if backwards else (before, after)


def windows(array: Any, reach: dict[int, tuple[Any, Any]], mode: Any, cval: Any) -> Any:
    """The padded array, where the filter reads it."""
    widths = _of_axes([reach.get(axis, (0, 0)) for axis in range(np.ndim(array))])
    if mode in _CONSTANT:
        return np.pad(array, widths, **changed(constant_values=(cval, 0.0)))
    if mode not in _COPYING:
        raise NotImplementedError(f"scipy.ndimage with mode={mode!r}")
    return np.pad(array, widths, mode=_COPYING[mode])  # type: ignore[call-overload]
