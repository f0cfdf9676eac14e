"""Methods of arrays that no function of NumPy stands for."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from adjoint.rules.registry import linear, rearrangement

__all__: list[str] = []


def _flatten(g: Any, ans: Any, a: Any, order: Literal["A", "C", "F"] = "C") -> Any:
    return np.reshape(g, np.shape(a), order=order) if order != "C" else np.reshape(g, np.shape(a))


def _astype(g: Any, ans: Any, a: Any, dtype: Any, *, copy: bool = True) -> Any:
    return g


def _item(g: Any, ans: Any, a: Any) -> Any:
    return np.reshape(g, np.shape(a))


rearrangement(np.ndarray.flatten, a=_flatten)
rearrangement(np.ndarray.item, a=_item)
linear(np.ndarray.astype, a=_astype)
