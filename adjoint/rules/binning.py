"""Rules of functions that count into bins: linear in the weights, constant in what is counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.nested import unpack
from adjoint.rules.registry import linear, vjp

__all__: list[str] = []

linear(
    np.bincount,
    weights=lambda g, ans, x, weights=None, minlength=0: unpack(g[x], weights),
)


def _histogram_weights(
    g: Any,
    ans: Any,
    a: Any,
    bins: Any = 10,
    range: Any = None,
    density: Any = None,
    weights: Any = None,
) -> Any:
    """The cotangent of the bin that each element fell into, or 0."""
    if g[0] is None:
        return 0.0
    edges, d_bins = ans[1], g[0]
    place = np.searchsorted(edges, a, side="right") - 1
    last = np.shape(d_bins)[0] - 1
    inside = (a >= edges[0]) & (a <= edges[-1])
    return d_bins[np.clip(place, 0, last)] * inside


def _histogram_a(
    g: Any,
    ans: Any,
    a: Any,
    bins: Any = 10,
    range: Any = None,
    density: Any = None,
    weights: Any = None,
) -> Any:
    """The counts are constant; edges that NumPy chooses lie between the extremes of `a`."""
    if not isinstance(bins, int):
        if isinstance(bins, str):
            raise NotImplementedError("np.histogram with a rule for its bins: pass their edges")
        return np.zeros_like(a)
    if range is not None or g[1] is None:
        return np.zeros_like(a)
    shares = np.arange(bins + 1, like=a) / bins
    return _share(g[1] @ (1 - shares), a, np.min(a)) + _share(g[1] @ shares, a, np.max(a))


def _share(g: Any, a: Any, extreme: Any) -> Any:
    reached = a == extreme
    return g / np.count_nonzero(reached) * reached


def _histogram_bins(
    g: Any,
    ans: Any,
    a: Any,
    bins: Any = 10,
    range: Any = None,
    density: Any = None,
    weights: Any = None,
) -> Any:
    return 0.0 if g[1] is None else g[1]


vjp(np.histogram, a=_histogram_a, bins=_histogram_bins, weights=_histogram_weights)
