"""Rules for functions that put elements in or leave some out: insert, delete, resize, trim."""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.indexing import scatter_flat
from adjoint.rules.nested import as_array, is_nested
from adjoint.rules.registry import linear, vjp
from adjoint.rules.scatter import scatter, select_axis

__all__: list[str] = []


def _length(a: Any, axis: int | None) -> Any:
    return np.size(a) if axis is None else np.shape(a)[axis]


# --- delete -----------------------------------------------------------------------------------


def _delete(g: Any, ans: Any, arr: Any, obj: Any, axis: int | None = None) -> Any:
    kept = np.delete(np.arange(_length(arr, axis), like=arr), obj)
    if axis is None:
        return scatter_flat(g, kept, arr, distinct=True)
    return scatter(g, select_axis(axis % np.ndim(arr), kept), arr, distinct=True)


linear(np.delete, arr=_delete)


# --- insert -----------------------------------------------------------------------------------


def _is_one(obj: Any) -> bool:
    return not is_nested(obj) and np.ndim(obj) == 0


def _inserted(g: Any, arr: Any, obj: Any, values: Any, axis: int) -> Any:
    """What reads the elements that were inserted, along `axis` of the result."""
    length = np.shape(arr)[axis]
    if isinstance(obj, slice):
        obj = np.arange(length, like=arr)[obj]
    if getattr(obj, "dtype", None) == np.bool_:
        obj = np.flatnonzero(obj)
    count = 1 if not is_nested(values) and np.ndim(values) == 0 else None
    if is_nested(obj) and len(obj) == 1:
        obj = obj[0]
    if _is_one(obj):
        start = obj + length if isinstance(obj, int) and obj < 0 else obj
        if count == 1:
            return start
        return slice(start, start + (np.shape(g)[axis] - length))
    places = as_array(obj, arr)
    places = np.where(places < 0, places + length, places)
    # Each moves on by those that are inserted before it.
    return places + np.argsort(np.argsort(places, kind="stable"))


def _insert_arr(g: Any, ans: Any, arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    flat = arr if axis is not None or np.ndim(arr) == 1 else np.reshape(arr, -1)
    along = 0 if axis is None else axis % np.ndim(arr)
    inserted = _inserted(g, flat, obj, values, along)
    rest = np.delete(g, inserted, along) if np.ndim(flat) > 1 else np.delete(g, inserted)
    return rest if np.ndim(flat) == np.ndim(arr) else np.reshape(rest, np.shape(arr))


def _insert_values(
    g: Any, ans: Any, arr: Any, obj: Any, values: Any, axis: int | None = None
) -> Any:
    flat = arr if axis is not None or np.ndim(arr) == 1 else np.reshape(arr, -1)
    along = 0 if axis is None else axis % np.ndim(arr)
    part = g[select_axis(along, _inserted(g, flat, obj, values, along))]
    moved = _is_one(obj) and along and np.ndim(part) == np.ndim(g)
    return np.moveaxis(part, along, 0) if moved else part


linear(np.insert, arr=_insert_arr, values=_insert_values)


# --- resize, trim -----------------------------------------------------------------------------


def _resize(g: Any, ans: Any, a: Any, new_shape: Any) -> Any:
    """The elements are taken in turn, again from the first when they are used up."""
    flat = g if np.ndim(g) == 1 else np.reshape(g, -1)
    some = np.minimum(1, np.size(a))  # of none it makes zeros
    if not isinstance(some, int):
        flat = flat[: some * np.size(g)]
    return scatter_flat(flat, np.arange(np.size(flat), like=a) % np.size(a), a)


def _trim_zeros(g: Any, ans: Any, filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    ndim = np.ndim(filt)
    axes = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    along = {k % ndim for k in axes}
    kept = tuple(_kept(g, filt, trim, k) if k in along else slice(None) for k in range(ndim))
    return scatter(g, kept if ndim > 1 else kept[0], filt)


def _kept(g: Any, filt: Any, trim: str, axis: int) -> slice:
    """The part of an axis that is left when the zeros in front and behind are taken away."""
    length = np.shape(g)[axis]
    if "f" not in trim.lower():
        return slice(None, length)
    others = tuple(k for k in range(np.ndim(filt)) if k != axis)
    line = np.any(filt, axis=others) if others else filt
    start = np.size(line) - np.size(np.trim_zeros(line, "f"))
    return slice(start, start + length)


linear(np.resize, a=_resize)
vjp(np.trim_zeros, filt=_trim_zeros)
