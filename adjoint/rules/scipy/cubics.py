"""Piecewise cubics whose slopes at the points are chosen by cases of the data: Pchip and Akima.

They are read as the arithmetic that they are, with the cases as `np.where`, so that points, data
and places may all be differentiated by. Where a case ends the slope has a kink, or jumps: the
derivative is that of the case that was taken. The cases are those of SciPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate

from adjoint.rules.directives import refuse, same_length
from adjoint.rules.registry import instead
from adjoint.rules.scipy.interpolate import as_array, own_array

__all__: list[str] = []


class Cubics:
    """Cubics between points, by the values and the slopes there."""

    def __init__(self, x: Any, y: Any, slopes: Any, extrapolate: Any, order: Any = 0) -> None:
        self.x = x
        self.y = y
        self.slopes = slopes
        self.extrapolate = extrapolate
        self.order = order

    def __call__(self, x: Any, nu: Any = 0, extrapolate: Any = None) -> Any:
        """The curve, or a derivative of it, at `x`."""
        x = as_array(x)
        made = _read(self.x, self.y, self.slopes, x, self.order + nu)
        if self.extrapolate if extrapolate is None else extrapolate:
            return made
        return np.where((x >= self.x[0]) & (x <= self.x[-1]), made, np.nan)

    def derivative(self, nu: Any = 1) -> Any:
        """The curve that is the derivative."""
        return Cubics(self.x, self.y, self.slopes, self.extrapolate, self.order + nu)


def _read(x: Any, y: Any, slopes: Any, t: Any, nu: Any) -> Any:
    """The derivative of order `nu` at `t`."""
    low = np.clip(np.searchsorted(x, t, side="right") - 1, 0, np.shape(x)[0] - 2)
    high = low + 1
    width = x[high] - x[low]
    mean = (y[high] - y[low]) / width
    bend = (3 * mean - 2 * slopes[low] - slopes[high]) / width
    twist = (slopes[low] + slopes[high] - 2 * mean) / width**2
    s = t - x[low]
    if nu == 0:
        return y[low] + s * (slopes[low] + s * (bend + s * twist))
    if nu == 1:
        return slopes[low] + s * (2 * bend + s * 3 * twist)
    if nu == 2:
        return 2 * bend + 6 * s * twist
    refuse("the third derivative of a piecewise cubic", "differentiate the second")


def _points(x: Any, y: Any, axis: Any) -> tuple[Any, Any]:
    x, y = own_array(x), own_array(y)
    if axis != 0 or np.ndim(y) != 1:
        refuse("a piecewise cubic of other than a vector", "make one for each column")
    if same_length(np.shape(x)[0], 2):
        refuse("a piecewise cubic of two points", "write the line through them")
    if np.any(np.diff(x) <= 0):
        raise ValueError("`x` must be strictly increasing sequence.")
    return x, y


def pchip(x: Any, y: Any, axis: Any = 0, extrapolate: Any = None) -> Any:
    """As ``PchipInterpolator(x, y)``: the weighted harmonic mean of the slopes on both sides.

    F. N. Fritsch and J. Butland, "A method for constructing local monotone piecewise cubic
    interpolants" (1984).
    """
    x, y = _points(x, y, axis)
    width = np.diff(x)
    mean = np.diff(y) / width
    before, after = mean[:-1], mean[1:]
    turns = np.sign(before) * np.sign(after) <= 0
    w_before = 2 * width[1:] + width[:-1]
    w_after = width[1:] + 2 * width[:-1]
    total = w_before / np.where(turns, 1, before) + w_after / np.where(turns, 1, after)
    inner = np.where(turns, 0, (w_before + w_after) / np.where(turns, 1, total))
    first = _at_end(width[0], width[1], mean[0], mean[1])
    last = _at_end(width[-1], width[-2], mean[-1], mean[-2])
    slopes = np.concatenate([np.stack([first]), inner, np.stack([last])])
    return Cubics(x, y, slopes, extrapolate is None or extrapolate)


def _at_end(width: Any, next_width: Any, mean: Any, next_mean: Any) -> Any:
    slope = ((2 * width + next_width) * mean - width * next_mean) / (width + next_width)
    steep = (np.sign(mean) != np.sign(next_mean)) & (np.abs(slope) > 3 * np.abs(mean))
    return np.where(np.sign(slope) != np.sign(mean), 0.0, np.where(steep, 3 * mean, slope))


def pchip_interpolate(xi: Any, yi: Any, x: Any, der: Any = 0, axis: Any = 0) -> Any:
    """As ``scipy.interpolate.pchip_interpolate``."""
    return pchip(xi, yi, axis)(x, der)


def akima(x: Any, y: Any, axis: Any = 0, *, method: Any = "akima", extrapolate: Any = None) -> Any:
    """As ``Akima1DInterpolator(x, y)``.

    H. Akima, "A new method of interpolation and smooth curve fitting based on local procedures"
    (1970).
    """
    x, y = _points(x, y, axis)
    inner = np.diff(y) / np.diff(x)
    first = 2 * inner[0] - inner[1]
    last = 2 * inner[-1] - inner[-2]
    ends = [np.stack([2 * first - inner[0], first]), np.stack([last, 2 * last - inner[-1]])]
    mean = np.concatenate([ends[0], inner, ends[1]])
    change = np.abs(np.diff(mean))
    if method == "makima":
        change = change + 0.5 * np.abs(mean[1:] + mean[:-1])
    before, after = change[:-2], change[2:]
    both = before + after
    known = both > 1e-9 * np.max(both)
    share = before / np.where(known, both, 1)
    slopes = np.where(
        known, mean[1:-2] + share * (mean[2:-1] - mean[1:-2]), 0.5 * (mean[3:] + mean[:-3])
    )
    return Cubics(x, y, slopes, extrapolate is not None and extrapolate)


instead(interpolate.PchipInterpolator, pchip)
instead(interpolate.Akima1DInterpolator, akima)
instead(interpolate.pchip_interpolate, pchip_interpolate)
