"""Methods of arrays that no function of NumPy stands for."""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.indexing import scatter_flat
from adjoint.rules.registry import jvp, linear, rearrangement
from adjoint.rules.scatter import scatter
from adjoint.rules.shaping import reshaped, undo_reshape

__all__: list[str] = []


def _astype(
    g: Any,
    ans: Any,
    a: Any,
    dtype: Any,
    order: str = "K",
    casting: str = "unsafe",
    subok: bool = True,
    copy: bool = True,
) -> Any:
    return g


def _item(g: Any, ans: Any, a: Any, *index: Any) -> Any:
    """``a.item(5)`` counts along the array laid flat, ``a.item(1, 2)`` and a tuple by axes."""
    if not index:
        return np.reshape(g, np.shape(a))
    if len(index) > 1:
        return scatter(g, index, a)
    return scatter_flat(g, index[0], a) if np.ndim(index[0]) == 0 else scatter(g, index[0], a)


rearrangement(np.ndarray.flatten, a=lambda g, ans, a, order="C": undo_reshape(g, a, order))
jvp(np.ndarray.flatten, a=lambda t, ans, a, order="C": reshaped(t, -1, order))
rearrangement(np.ndarray.item, a=_item)
linear(np.ndarray.astype, a=_astype)
