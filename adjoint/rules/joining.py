"""Rules for functions that join arrays into one, and for those that split one into several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.rules.nested import is_nested, length, rank, unpack
from adjoint.rules.registry import instead, linear
from adjoint.rules.scatter import shaped_like
from adjoint.rules.shaping import reshaped_like

__all__: list[str] = []

#: Where an entry lies in the joined array: the part of the index before the axis along which the
#: entries follow each other, whether the entry has this axis itself, and the part after it.
Place = tuple[tuple[Any, ...], bool, tuple[Any, ...]]

_WHOLE = slice(None)


def _read_back(g: Any, arrays: Any, place: Callable[[int], Place]) -> list[Any]:
    """Return the part of `g` that each of `arrays` went to, given the place of an entry by rank."""
    parts = []
    start: Any = 0
    for k, entry in enumerate(arrays):
        before, has_axis, after = place(rank(entry))
        stop = _after(start, length(entry, _axis(before)) if has_axis else 1)
        at: Any = start
        if has_axis:
            at = slice(start if k else None, stop if k < len(arrays) - 1 else None)
        index = (*before, at, *after)
        parts.append(unpack(g[index] if len(index) > 1 else g[at], entry))
        start = stop
    return parts


def _after(start: Any, count: Any) -> Any:
    return count if isinstance(start, int) and start == 0 else start + count


def _axis(before: tuple[Any, ...]) -> int:
    return -1 if before == (...,) else len(before)


# Joining -------------------------------------------------------------------------------------


def _concatenate(
    g: Any, ans: Any, arrays: Any, axis: int | None = 0, *, dtype: Any = None, casting: Any = None
) -> Any:
    if not is_nested(arrays):
        return _concatenate_one(g, arrays, axis)
    if axis is None:
        return _concatenate_flat(g, arrays)
    before = (...,) if axis == -1 else (_WHOLE,) * (axis % np.ndim(g))
    return _read_back(g, arrays, lambda ndim: (before, True, ()))


def _concatenate_flat(g: Any, arrays: Any) -> list[Any]:
    parts = []
    start: Any = 0
    for k, entry in enumerate(arrays):
        if is_nested(entry) and rank(entry) > 1:
            raise NotImplementedError("a nested list is flattened here: write np.array(...) first")
        stop = _after(start, len(entry) if is_nested(entry) else np.size(entry))
        part = g[slice(start if k else None, stop if k < len(arrays) - 1 else None)]
        parts.append(unpack(part if rank(entry) == 1 else np.reshape(part, np.shape(entry)), entry))
        start = stop
    return parts


def _concatenate_one(g: Any, arrays: Any, axis: int | None) -> Any:
    """One array whose first axis counts the entries."""
    if axis is None or axis % np.ndim(g) == 0:
        return np.reshape(g, np.shape(arrays))
    axis %= np.ndim(g)
    return np.moveaxis(np.reshape(g, np.shape(np.moveaxis(arrays, 0, axis))), axis, 0)


def _stack(
    g: Any, ans: Any, arrays: Any, axis: int = 0, *, dtype: Any = None, casting: Any = None
) -> Any:
    if not is_nested(arrays):
        return np.moveaxis(g, axis, 0) if axis else g
    before = (...,) if axis == -1 else (_WHOLE,) * (axis % np.ndim(g))
    return _read_back(g, arrays, lambda ndim: (before, False, ()))


def _vertical_place(ndim: int) -> Place:
    return (), ndim > 1, (0,) if ndim == 0 else ()


def _horizontal_place(ndim: int) -> Place:
    return (_WHOLE,) if ndim > 1 else (), ndim > 0, ()


def _column_place(ndim: int) -> Place:
    return (_WHOLE,) if ndim else (0,), ndim > 1, ()


def _depth_place(ndim: int) -> Place:
    return {0: (0, 0), 1: (0, _WHOLE)}.get(ndim, (_WHOLE, _WHOLE)), ndim > 2, ()


def _joined(place: Callable[[int], Place]) -> Callable[..., Any]:
    """The vjp of hstack and its kind, which first give to what they join the axes it lacks."""

    def cotangent(g: Any, ans: Any, tup: Any, *, dtype: Any = None, casting: Any = None) -> Any:
        if is_nested(tup):
            return _read_back(g, tup, place)
        before, has_axis, _ = place(np.ndim(tup) - 1)
        axis = len(before)
        if has_axis:
            return _concatenate_one(g, tup, axis)
        return reshaped_like(np.moveaxis(g, axis, 0) if axis else g, tup)

    return cotangent


linear(np.concatenate, arrays=_concatenate)
linear(np.stack, arrays=_stack)
linear(np.vstack, tup=_joined(_vertical_place))
linear(np.hstack, tup=_joined(_horizontal_place))
linear(np.column_stack, tup=_joined(_column_place))
linear(np.dstack, tup=_joined(_depth_place))
linear(
    np.append,
    arr=lambda g, ans, arr, values, axis=None: _append(g, arr, values, axis)[0],
    values=lambda g, ans, arr, values, axis=None: _append(g, arr, values, axis)[1],
)


def _append(g: Any, arr: Any, values: Any, axis: int | None) -> Any:
    return _concatenate(g, None, [arr, values], axis)


# Blocks --------------------------------------------------------------------------------------


def _depth(arrays: Any) -> int:
    return 1 + _depth(arrays[0]) if is_nested(arrays) else 0


def _first_leaf(arrays: Any) -> Any:
    return _first_leaf(arrays[0]) if is_nested(arrays) else arrays


def _block(g: Any, ans: Any, arrays: Any) -> Any:
    """The innermost lists are joined along the last axis, those around along the one before."""
    depth = _depth(arrays)
    if not is_nested(arrays):
        return g

    def take(part: Any, entry: Any, level: int) -> Any:
        if not is_nested(entry):
            return reshaped_like(part, entry)
        axis = np.ndim(g) - level
        start: Any = 0
        taken = []
        for k, each in enumerate(entry):
            leaf = _first_leaf(each)
            stop = _after(start, np.shape(leaf)[-level] if np.ndim(leaf) >= level else 1)
            at = slice(start if k else None, stop if k < len(entry) - 1 else None)
            index = (*(_WHOLE,) * axis, at)
            alone = len(entry) == 1
            taken.append(take(part if alone else part[index if axis else at], each, level - 1))
            start = stop
        return taken

    return take(g, arrays, depth)


linear(np.block, arrays=_block)


def _row_stack(tup: Any, **how: Any) -> Any:
    """As ``np.row_stack``, which is the old name."""
    return np.vstack(tup, **how)


if hasattr(np, "row_stack"):
    instead(np.row_stack, _row_stack)


# Splitting: the result and its cotangent are lists -------------------------------------------


def _in_line(g: Any, ary: Any, indices_or_sections: Any, axis: Any) -> Any:
    """The pieces one behind the other, which are all of the array if they are in order.

    Others overlap; their joint length is then not that of the array, and the sum over all paths
    fails loudly when it runs.
    """
    whole, ends = np.concatenate(g, axis=axis), indices_or_sections
    if isinstance(ends, list | tuple) and all(isinstance(end, int) for end in ends):
        return shaped_like(whole, ary) if [0, *ends] == sorted([0, *ends]) else whole
    return shaped_like(whole, ary) if isinstance(ends, int) else whole


for _split in (np.split, np.array_split):
    linear(
        _split,
        ary=lambda g, ans, ary, indices_or_sections, axis=0: _in_line(
            g, ary, indices_or_sections, axis
        ),
    )
linear(
    np.vsplit, ary=lambda g, ans, ary, indices_or_sections: _in_line(g, ary, indices_or_sections, 0)
)
linear(
    np.hsplit,
    ary=lambda g, ans, ary, indices_or_sections: _in_line(
        g, ary, indices_or_sections, min(np.ndim(ary) - 1, 1)
    ),
)
linear(
    np.dsplit, ary=lambda g, ans, ary, indices_or_sections: _in_line(g, ary, indices_or_sections, 2)
)


def _unstack(x: Any, /, *, axis: int = 0) -> Any:
    """As ``np.unstack``."""
    rows = x if axis == 0 else np.moveaxis(x, axis, 0)
    return (*rows,)


if hasattr(np, "unstack"):  # NumPy 2.1
    instead(np.unstack, _unstack)
