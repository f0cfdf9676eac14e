"""Methods of arrays that no function of NumPy stands for."""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.elementwise import is_complex
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


def _as_complex(x: Any, like: Any) -> Any:
    pairs = np.reshape(x, (*np.shape(like), 2))
    return pairs[..., 0] + 1j * pairs[..., 1]


def _as_floats(z: Any, like: Any) -> Any:
    return np.reshape(np.stack([np.real(z), np.imag(z)], axis=-1), np.shape(like))


def _require_pair(a: Any, ans: Any) -> None:
    if np.finfo(a.dtype).dtype != np.finfo(ans.dtype).dtype:
        raise NotImplementedError(
            f"ndarray.view: it reads the bytes of {a.dtype} as {ans.dtype}; use astype"
        )


def _viewed(t: Any, ans: Any, a: Any, dtype: Any) -> Any:
    """What ``a.view(dtype)`` shows: a complex number as the two floats that it is made of."""
    if ans.dtype == a.dtype:
        return t
    _require_pair(a, ans)
    return _as_complex(t, ans) if is_complex(ans) else _as_floats(t, ans)


def _unviewed(g: Any, ans: Any, a: Any, dtype: Any) -> Any:
    """The cotangent of a real part is real, that of an imaginary part is -1j times it."""
    if ans.dtype == a.dtype:
        return g
    _require_pair(a, ans)
    return np.conj(_as_complex(g, a)) if is_complex(a) else _as_floats(np.conj(g), a)


linear(np.ndarray.view, a=_unviewed)
jvp(np.ndarray.view, a=_viewed)
rearrangement(np.ndarray.flatten, a=lambda g, ans, a, order="C": undo_reshape(g, a, order))
jvp(np.ndarray.flatten, a=lambda t, ans, a, order="C": reshaped(t, -1, order))
rearrangement(np.ndarray.item, a=_item)
linear(np.ndarray.astype, a=_astype)
