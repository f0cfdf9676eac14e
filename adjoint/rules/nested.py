"""Arrays written as nested lists: ``np.array([[a, b], [c, d]])`` and what may stand in for one.

NumPy takes such a list for an array almost everywhere. Its nesting is known when a rule runs, its
leaves are the arrays and numbers of the program, and its cotangent has the same nesting.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["as_array", "is_nested", "length", "rank", "unpack"]


def is_nested(x: Any) -> bool:
    """Tell whether `x` is a list or tuple, not an array or a number."""
    return isinstance(x, (list, tuple))


def as_array(x: Any, like: Any) -> Any:
    """Return `x` as an array, of the kind that `like` is, if it is a list or tuple."""
    return np.array(x, like=like) if is_nested(x) else x


def rank(x: Any) -> int:
    """Return the number of axes that NumPy gives to `x`.

    Examples
    --------
    >>> rank([[1.0, 2.0]]), rank([np.ones((2, 3))]), rank(1.0)
    (2, 3, 0)
    """
    depth = 0
    while is_nested(x):
        depth += 1
        if not x:
            return depth
        x = x[0]
    return depth + np.ndim(x)


def length(x: Any, axis: int) -> Any:
    """Return the length of `x` along `axis`.

    Examples
    --------
    >>> length([[1.0, 2.0]], 1), length([np.ones((2, 3))], -1)
    (2, 3)
    """
    axis %= rank(x)
    while is_nested(x):
        if axis == 0:
            return len(x)
        x, axis = x[0], axis - 1
    return np.shape(x)[axis]


def unpack(g: Any, x: Any, index: tuple[int, ...] = ()) -> Any:
    """Return the parts of `g` that belong to the leaves of `x`, in the nesting of `x`.

    Parameters
    ----------
    g
        Cotangent of `x` taken as an array.
    x
        Nested lists, or a leaf.
    index
        Where in `g` the cotangent of `x` begins.

    Examples
    --------
    >>> g = np.array([[1, 2], [3, 4]])
    >>> [[int(leaf) for leaf in row] for row in unpack(g, [[0.0, 0.0], [0.0, 0.0]])]
    [[1, 2], [3, 4]]
    """
    if is_nested(x):
        return [unpack(g, entry, (*index, k)) for k, entry in enumerate(x)]
    if not index:
        return g
    return g[index] if len(index) > 1 else g[index[0]]
