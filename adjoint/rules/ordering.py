"""Rules of functions that put elements in order: sort, partition, unique.

Among equal elements each place has the one that ``np.argsort`` puts there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.indexing import scatter_flat
from adjoint.rules.registry import vjp
from adjoint.rules.scatter import scatter

__all__: list[str] = []


# --- sort and partition -----------------------------------------------------------------------


def _order(a: Any, axis: int) -> Any:
    return np.argsort(a) if axis % np.ndim(a) == np.ndim(a) - 1 else np.argsort(a, axis=axis)


def _to_places(g: Any, order: Any, a: Any, axis: int) -> Any:
    """The cotangent of `a` where `g` is that of the elements of `a` in `order` along `axis`."""
    if np.ndim(a) == 1:
        return scatter(g, order, a, distinct=True)
    ndim = np.ndim(a)
    index: list[Any] = []
    for k in range(ndim):
        others = tuple(other for other in range(ndim) if other != k)
        index.append(np.expand_dims(np.arange(np.shape(a)[k], like=a), others))
    index[axis] = order
    return scatter(g, tuple(index), a, distinct=True)


def _sort(
    g: Any,
    ans: Any,
    a: Any,
    axis: int | None = -1,
    kind: Any = None,
    order: Any = None,
    *,
    stable: Any = None,
) -> Any:
    if np.ndim(a) == 0:
        return g
    if axis is None:
        return scatter_flat(g, np.argsort(a, axis=None), a)
    return _to_places(g, _order(a, axis), a, axis % np.ndim(a))


def _partition(
    g: Any,
    ans: Any,
    a: Any,
    kth: Any,
    axis: int | None = -1,
    kind: Any = "introselect",
    order: Any = None,
) -> Any:
    # Where a partition puts the rest is its own affair; in order, both are the same.
    if axis is None:
        sorted_g = g[np.argsort(ans)]
        return scatter_flat(sorted_g, np.argsort(a, axis=None), a)
    axis = axis % np.ndim(a)
    order = _order(ans, axis)
    sorted_g = g[order] if np.ndim(a) == 1 else np.take_along_axis(g, order, axis)
    return _to_places(sorted_g, _order(a, axis), a, axis)


vjp(np.sort, a=_sort)
vjp(np.partition, a=_partition)


# --- unique -----------------------------------------------------------------------------------


def _unique(
    g: Any,
    ans: Any,
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Any = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """Equal elements share evenly."""
    if axis is not None:
        raise NotImplementedError("np.unique along an axis has no derivative here")
    of_values = g[0] if return_index or return_inverse or return_counts else g
    if of_values is None:
        return 0.0
    _, inverse, counts = np.unique(ar, return_inverse=True, return_counts=True)
    return np.reshape((of_values / counts)[inverse], np.shape(ar))


vjp(np.unique, ar=_unique)
