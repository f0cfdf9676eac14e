"""The adjoint of reading elements by index, which rules share with the engine's own reads."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["scatter", "select_axis", "shaped_like"]


def scatter(g: Any, index: Any, a: Any, onto: Any = None, *, distinct: bool = False) -> Any:
    """Return the cotangent of `a` where `g` is that of ``a[index]``.

    An element that was read twice gets both contributions.

    Parameters
    ----------
    g
        Cotangent of ``a[index]``, or anything that broadcasts to its shape.
    index
        What stands in the brackets: integers, slices, integer or mask arrays, or a tuple of them.
    a
        The array that was read. Only its shape matters.
    onto
        What an earlier call returned, and is used for nothing else: `g` is added to that.
    distinct
        Whether the index surely names no element twice: a permutation does not.

    Examples
    --------
    >>> scatter(np.array([1.0, 10.0, 100.0]), [0, 2, 2], np.zeros(4))
    array([  1.,   0., 110.,   0.])
    """
    if hasattr(a, "scatter"):  # a symbolic handle: the engine adds into the adjoint it has
        return a.scatter(g, index, onto, distinct)
    cotangent = np.zeros_like(a, dtype=np.result_type(g)) if onto is None else np.copy(onto)
    np.add.at(cotangent, index, g)
    return cotangent


def shaped_like(value: Any, like: Any) -> Any:
    """Return `value`, which has the shape of `like`: how it is made does not tell that.

    >>> shaped_like(np.array([1.0, 2.0]), np.zeros(2))
    array([1., 2.])
    """
    return value.shaped_like(like) if hasattr(value, "shaped_like") else value


def select_axis(axis: int, index: Any) -> Any:
    """Return what reads `index` along `axis`, which counts from the front, and all before it.

    Examples
    --------
    >>> select_axis(0, [3, 1]), select_axis(1, 4)
    ([3, 1], (slice(None, None, None), 4))
    """
    return (*(slice(None),) * axis, index) if axis else index
