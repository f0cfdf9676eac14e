"""Interpolation on rectangular grids, and by cubics whose slopes are chosen by cases of the data.

Read in the place of ``scipy.interpolate``: what is computed is plain arithmetic of points, values
and places, and is differentiated by all of them. Values agree with SciPy's up to rounding.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate

from adjoint.rules.directives import refuse, same_length
from adjoint.rules.registry import instead
from adjoint.rules.scipy.interpolate import as_array, part

__all__: list[str] = []


# On a grid ------------------------------------------------------------------------------------


class Grid:
    """What ``RegularGridInterpolator(points, values)`` makes."""

    def __init__(
        self, points: Any, values: Any, method: Any = "linear", bounds_error: Any = True,
        fill_value: Any = np.nan, *, solver: Any = None, solver_args: Any = None,
    ) -> None:  # fmt: skip
        self.grid = tuple([as_array(p) for p in points])
        self.values = as_array(values)
        self.method = method
        self.bounds_error = bounds_error
        self.fill_value = fill_value
        for axis in self.grid:
            if same_length(np.shape(axis)[0], 1):
                refuse("a grid of one point along an axis", "leave the axis out")
            if np.any(np.diff(axis) <= 0):
                raise ValueError("the points of a grid must ascend here; flip points and values")

    def __call__(self, xi: Any, method: Any = None, *, nu: Any = None) -> Any:
        """The interpolant at the places `xi`."""
        if (self.method if method is None else method) != "linear" or nu is not None:
            refuse("interpolation on a grid other than linear", "leave method= and nu= away")
        return on_grid(self.grid, self.values, xi, self.bounds_error, self.fill_value)


def on_grid(grid: Any, values: Any, xi: Any, bounds_error: Any, fill_value: Any) -> Any:
    """The linear interpolant at the places `xi`."""
    places = _coordinates(xi, len(grid))
    is_inside = [_is_inside(grid[k], places[k]) for k in range(len(grid))]
    if bounds_error:
        for k in range(len(grid)):
            if not np.all(is_inside[k]):
                raise ValueError(f"One of the requested xi is out of bounds in dimension {k}")
    corners: Any = [((), None)]
    for k in range(len(grid)):
        axis = grid[k]
        low = np.searchsorted(axis, places[k], side="right") - 1
        low = np.clip(low, 0, np.shape(axis)[0] - 2)
        high = low + 1
        upper = (places[k] - axis[low]) / (axis[high] - axis[low])
        lower = 1 - upper
        corners = [
            ((*index, end), share if weight is None else weight * share)
            for index, weight in corners
            for end, share in ((low, lower), (high, upper))
        ]
    further = tuple([None for _ in range(np.ndim(values) - len(grid))])
    terms = [values[index] * _widened(weight, further) for index, weight in corners]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    if bounds_error or fill_value is None:
        return total
    inside = is_inside[0]
    for each in is_inside[1:]:
        inside = inside & each
    return np.where(_widened(inside, further), total, fill_value)


def _is_inside(axis: Any, place: Any) -> Any:
    return (place >= axis[0]) & (place <= axis[-1]) | np.isnan(place)


def _widened(x: Any, further: Any) -> Any:
    return x[(..., *further)] if further else x


def _of_grid(self: Any, xi: Any, method: Any = None, *, nu: Any = None) -> Any:
    """A ``RegularGridInterpolator`` that came in, at the places `xi`."""
    if (self.method if method is None else method) != "linear" or nu is not None:
        refuse("interpolation on a grid other than linear", "leave method= and nu= away")
    grid, values = part(self, "grid"), part(self, "values")
    return on_grid(grid, values, xi, self.bounds_error, self.fill_value)


def _coordinates(xi: Any, count: int) -> Any:
    """The coordinates of places, each an array."""
    if isinstance(xi, tuple):
        return [np.asarray(x) for x in xi]
    xi = np.asarray(xi)
    if np.ndim(xi) == 1:
        xi = np.reshape(xi, (-1, count))
    return [xi[..., k] for k in range(count)]


def interpn(
    points: Any, values: Any, xi: Any, method: Any = "linear", bounds_error: Any = True,
    fill_value: Any = np.nan,
) -> Any:  # fmt: skip
    """As ``scipy.interpolate.interpn``."""
    return Grid(points, values, method, bounds_error, fill_value)(xi)


instead(interpolate.RegularGridInterpolator, Grid)
instead(interpolate.RegularGridInterpolator.__call__, _of_grid)
instead(interpolate.interpn, interpn)
