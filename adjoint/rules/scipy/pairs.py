"""What generated code calls for products of two sparse matrices; it is printed into the module."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["matched"]


def matched(keys: Any, others: Any) -> Any:
    """The places of all pairs of equal numbers, in the one and in the other.

    >>> matched(np.array([5, 3]), np.array([3, 5, 5]))
    (array([0, 0, 1]), array([1, 2, 0]))
    """
    order = np.argsort(others, kind="stable")
    begin = np.searchsorted(others[order], keys, "left")
    counts = np.searchsorted(others[order], keys, "right") - begin
    left = np.repeat(np.arange(len(keys)), counts)
    within = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
    return left, order[np.repeat(begin, counts) + within]


matched.__adjoint_selects__ = True  # type: ignore[attr-defined]  # the values tell how many
