"""The filters and solvers of SciPy whose result has the shape of an argument.

SciPy is not imported here. On specimens a filter of three axes would take seconds: an array of
every length, times weights of every length. Those of a solver would have to be solvable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["filtered_place"]

_FILTERS = frozenset(
    {
        "correlate", "convolve", "correlate1d", "convolve1d", "gaussian_filter",
        "gaussian_filter1d", "gaussian_laplace", "laplace", "sobel", "prewitt", "uniform_filter",
        "uniform_filter1d",
    }
)  # fmt: skip


#: Of ``scipy.signal``: where the array stands.
_OF_SIGNALS = {"filtfilt": 2, "savgol_filter": 0}

#: Of ``scipy.linalg``: where the right side stands.
_OF_SYSTEMS = {"lu_solve": 1, "solveh_banded": 1}


def filtered_place(function: Callable[..., Any]) -> int | None:
    """Where the argument stands that has the shape of what a filter or solver returns.

    >>> import numpy, scipy.ndimage
    >>> filtered_place(scipy.ndimage.correlate), filtered_place(numpy.correlate)
    (0, None)
    """
    module = getattr(function, "__module__", None) or ""
    if module.startswith("scipy.ndimage"):
        return 0 if function.__name__ in _FILTERS else None
    if module.startswith("scipy.linalg"):
        return _OF_SYSTEMS.get(function.__name__)
    return _OF_SIGNALS.get(function.__name__) if module.startswith("scipy.signal") else None
