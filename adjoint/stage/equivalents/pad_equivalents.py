"""``np.pad`` in plain NumPy, for the modes that compute what they put into the margins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.rules.directives import same_length

__all__ = ["COMPUTED", "MIRRORED", "pad"]

STATISTICS: dict[str, Callable[..., Any]] = {
    "maximum": np.max,
    "minimum": np.min,
    "mean": np.mean,
    "median": np.median,
}
#: The modes that are read in other words.
COMPUTED = frozenset({*STATISTICS, "linear_ramp"})
#: Those that are if ``reflect_type="odd"``.
MIRRORED = frozenset({"reflect", "symmetric"})


def pad(
    array: Any,
    pad_width: Any,
    mode: Any,
    *,
    end_values: Any = 0,
    stat_length: Any = None,
    reflect_type: Any = "even",
) -> Any:
    """As ``np.pad``: the margins of an axis are those of the axes before it too."""
    array = np.asarray(array)
    rank = np.ndim(array)
    widths = _of_axes(pad_width, rank)
    ends = np.broadcast_to(np.asarray(end_values), (rank, 2))
    lengths = _of_axes(stat_length, rank)
    for axis in range(rank):
        if mode in MIRRORED:
            _check_reach(array, axis, widths[axis], mode)
        parts = [array]
        for side in range(2):
            width = widths[axis][side]
            if same_length(width, 0):
                continue
            if mode == "linear_ramp":
                margin = _ramp(array, axis, side, width, ends[axis, side])
            elif mode in MIRRORED:
                margin = _mirrored(array, axis, side, width, mode)
            else:
                margin = _statistic(array, axis, side, width, mode, lengths[axis][side])
            parts = [*parts, margin] if side else [margin, *parts]
        array = np.concatenate(parts, axis=axis) if len(parts) > 1 else array
    return array


def _of_axes(given: Any, rank: int) -> Any:
    """What is given once, as a pair, or as a pair for each axis: a pair for each axis."""
    if isinstance(given, dict):
        pairs = {axis % rank: _pair(each) for axis, each in given.items()}
        return [pairs.get(axis, (0, 0)) for axis in range(rank)]
    if not isinstance(given, tuple | list) and np.ndim(given) == 0:
        return [(given, given)] * rank
    if not isinstance(given[0], tuple | list) and np.ndim(given[0]) == 0:
        return [_pair(given)] * rank
    pairs_of_axes = [_pair(each) for each in given]
    return pairs_of_axes * rank if len(pairs_of_axes) == 1 else pairs_of_axes


def _pair(given: Any) -> Any:
    if not isinstance(given, tuple | list) and np.ndim(given) == 0:
        return (given, given)
    return (given[0], given[len(given) - 1])


def _part(array: Any, axis: int, part: slice) -> Any:
    return array[(*(slice(None),) * axis, part)] if axis > 0 else array[part]


def _ramp(array: Any, axis: int, side: int, width: Any, end: Any) -> Any:
    edge = np.take(array, -side, axis=axis)
    ramp = np.linspace(end, edge, width, endpoint=False, dtype=array.dtype, axis=axis)
    return np.flip(ramp, axis) if side else ramp


def _check_reach(array: Any, axis: int, widths: Any, mode: Any) -> None:
    reach = array.shape[axis] - 1 if mode == "reflect" else array.shape[axis]
    if max(widths[0], widths[1]) > reach:
        raise ValueError("np.pad with reflect_type='odd' by more than the array is long")


def _mirrored(array: Any, axis: int, side: int, width: Any, mode: Any) -> Any:
    """The array turned about the edge: as much above it as the array is below."""
    if mode == "reflect":
        near = slice(-1 - width, -1) if side else slice(1, 1 + width)
    else:
        near = slice(array.shape[axis] - width, None) if side else slice(None, width)
    edge = _part(array, axis, slice(-1, None) if side else slice(None, 1))
    return 2 * edge - np.flip(_part(array, axis, near), axis)


def _statistic(array: Any, axis: int, side: int, width: Any, mode: Any, length: Any) -> Any:
    if length is not None:
        array = _part(array, axis, slice(-length, None) if side else slice(None, length))
    return np.repeat(STATISTICS[mode](array, axis=axis, keepdims=True), width, axis=axis)
