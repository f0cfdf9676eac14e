"""The filters of ``scipy.ndimage``, whose result has the shape of the first argument.

SciPy is not imported here. On specimens a filter of three axes would take seconds: an array of
every length, times weights of every length.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["is_filter"]

_FILTERS = frozenset(
    {
        "correlate", "convolve", "correlate1d", "convolve1d", "gaussian_filter",
        "gaussian_filter1d", "gaussian_laplace", "laplace", "sobel", "prewitt", "uniform_filter",
        "uniform_filter1d",
    }
)  # fmt: skip


def is_filter(function: Callable[..., Any]) -> bool:
    """Whether a function returns an array of the shape of its first argument.

    >>> import numpy, scipy.ndimage
    >>> is_filter(scipy.ndimage.correlate), is_filter(numpy.correlate)
    (True, False)
    """
    module = getattr(function, "__module__", None) or ""
    return module.startswith("scipy.ndimage") and function.__name__ in _FILTERS
