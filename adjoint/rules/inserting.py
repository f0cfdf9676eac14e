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
    return scatter_flat(flat, np.arange(np.size(g), like=a) % np.size(a), a)


def _trim_zeros(g: Any, ans: Any, filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    if np.ndim(filt) != 1:
        raise NotImplementedError("np.trim_zeros of several axes: write the slices")
    start = np.argmax(filt != 0) if "f" in trim.lower() else 0
    return scatter(g, start + np.arange(np.shape(g)[0], like=g), filt)


linear(np.resize, a=_resize)
vjp(np.trim_zeros, filt=_trim_zeros)
