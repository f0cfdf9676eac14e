"""Calls of ufuncs with a keyword that no rule of theirs knows, in plain NumPy, read in their place.

The first argument of each is the ufunc.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from adjoint.rules.directives import same_length
from adjoint.stage.values import Static, Value

__all__ = ["ufunc_with_keyword", "unset"]


def in_order(ufunc: Any, *args: Any, order: Any, **keywords: Any) -> Any:
    """As ``ufunc(*args, order=order)``, which says how the result lies in memory."""
    return np.asarray(ufunc(*args, **keywords), order=order)


def along_axes(ufunc: Any, *args: Any, axes: Any, **keywords: Any) -> Any:
    """As ``ufunc(*args, axes=axes)``: each operand's own axes, which it else has at its end."""
    moved = []
    for operand, own in zip(args, axes, strict=False):
        moved.append(_moved(operand, _several(own), _at_end(_several(own))))
    made = ufunc(*moved, **keywords)
    if len(axes) == len(args):
        return made
    own = _several(axes[len(args)])
    return _moved(made, _at_end(own), own)


def _several(axes: Any) -> Any:
    return axes if isinstance(axes, tuple | list) else (axes,)


def _at_end(axes: Any) -> Any:
    return tuple(range(-len(axes), 0))


def _moved(array: Any, source: Any, target: Any) -> Any:
    rank = np.ndim(array)
    if [axis % rank for axis in source] == [axis % rank for axis in target]:
        return array
    if len(source) == 1:
        return np.moveaxis(array, source[0], target[0])
    return np.moveaxis(array, source, target)


def keeping_dims(ufunc: Any, *args: Any, keepdims: Any, axis: Any = -1, **keywords: Any) -> Any:
    """As ``ufunc(*args, keepdims=True, axis=axis)`` of one that sums over an axis of all."""
    return np.expand_dims(ufunc(*args, axis=axis, **keywords), axis)


def unset(dtype: Any, *operands: Any) -> Any:
    """An array as large as what a ufunc makes of operands, whose elements are not set."""
    widest = operands[0]
    for operand in operands:
        if np.ndim(operand) > np.ndim(widest):
            widest = operand
    if all(_fits(operand, widest) for operand in operands):
        return np.empty(np.shape(widest), dtype)
    shapes = [np.shape(operand) for operand in operands]
    return np.empty(np.broadcast_shapes(*shapes), dtype)


def _fits(operand: Any, widest: Any) -> bool:
    """Whether an operand is as long along each of its axes as the widest is there."""
    own, whole = np.shape(operand), np.shape(widest)
    return all(same_length(own[-k], whole[-k]) for k in range(1, np.ndim(operand) + 1))


def ufunc_with_keyword(ufunc: Any, kwargs: Mapping[str, Value]) -> Callable[..., Any] | None:
    """What is called in the place of a ufunc, if a keyword is given that its rule does not know."""
    known = {name: value.value for name, value in kwargs.items() if isinstance(value, Static)}
    if "axes" in kwargs:
        return functools.partial(along_axes, ufunc)
    if known.get("order", "K") != "K":
        return functools.partial(in_order, ufunc)
    if known.get("keepdims") is True:
        return functools.partial(keeping_dims, ufunc)
    return None
