"""Rules for ``scipy.ndimage`` at points between the elements, where it interpolates linearly.

With ``order=1`` a point is a mean of the corners of the cell it is in. On a line between two cells
the slope is that of the cell behind. Splines of a higher order are refused.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage

from adjoint.rules.registry import instead, jvp, vjp
from adjoint.rules.scatter import scatter
from adjoint.rules.scipy.dispatch import dispatched

__all__: list[str] = []

map_coordinates = dispatched(ndimage.map_coordinates)

# Cells ----------------------------------------------------------------------------------------


def _mirrored(place: Any, length: Any) -> Any:
    turn = np.maximum(2 * length - 2, 1)
    place = place % turn
    return np.minimum(place, turn - place) if length > 1 else 0 * place


def _reflected(place: Any, length: Any) -> Any:
    place = place % (2 * length)
    return np.minimum(place, 2 * length - 1 - place)


#: By mode: which element stands at a place, which may be outside.
_PLACES: dict[str, Callable[[Any, Any], Any]] = {
    "constant": lambda place, length: np.clip(place, 0, length - 1),
    "grid-constant": lambda place, length: np.clip(place, 0, length - 1),
    "nearest": lambda place, length: np.clip(place, 0, length - 1),
    "mirror": _mirrored,
    "reflect": _reflected,
    "grid-mirror": _reflected,
    "grid-wrap": lambda place, length: place % length,
}


class _Cells:
    """The cells that points are in: the corners, and how near the points are to these."""

    def __init__(self, array: Any, points: Any, order: Any, mode: Any) -> None:
        if order != 1 or isinstance(order, bool):
            raise NotImplementedError(f"scipy.ndimage with order={order!r}: pass order=1")
        if mode not in _PLACES:
            raise NotImplementedError(
                f"scipy.ndimage between elements with mode={mode!r}; the modes that have a"
                f" derivative are {', '.join(map(repr, _PLACES))}"
            )
        if np.ndim(array) == 0 or getattr(array, "dtype", np.dtype(float)).kind == "c":
            raise NotImplementedError("scipy.ndimage between elements of a real array alone")
        self.array, self.mode = array, mode
        self.points = [_vector(points[axis]) for axis in range(np.ndim(array))]
        self.low = [np.floor(point).astype(int) for point in self.points]
        self.part = [p - low for p, low in zip(self.points, self.low, strict=True)]
        self.lengths = [np.shape(array)[axis] for axis in range(np.ndim(array))]

    def corners(self) -> Any:
        """For each corner: which end it is along each axis, and its index."""
        for ends in itertools.product((0, 1), repeat=len(self.points)):
            places = [low + end if end else low for low, end in zip(self.low, ends, strict=True)]
            found = [_PLACES[self.mode](p, n) for p, n in zip(places, self.lengths, strict=True)]
            yield ends, places, tuple(found) if len(found) > 1 else found[0]

    def weight(self, ends: Any, places: Any, without: int = -1) -> Any:
        """How much a corner counts, but for what it counts along one axis."""
        factors = [
            part if end else 1 - part
            for axis, (part, end) in enumerate(zip(self.part, ends, strict=True))
            if axis != without
        ]
        return math.prod(factors[1:], start=factors[0]) if factors else 1.0

    def slopes(self, cval: Any) -> list[Any]:
        """The slope of what is read at each point, along each axis."""
        found: list[Any] = [0.0] * len(self.points)
        for ends, places, index in self.corners():
            value, inside = self.array[index], self.inside(places)
            if self.mode == "grid-constant":
                value = np.where(inside, value, cval)
            elif inside is not None:
                value = np.where(inside, value, 0)
            for axis, end in enumerate(ends):
                slope = self.weight(ends, places, without=axis) * value
                found[axis] = found[axis] + slope if end else found[axis] - slope
        return found

    def inside(self, places: Any) -> Any:
        """Which places are elements of the array, in the modes in which it ends somewhere."""
        if self.mode == "grid-constant":
            tests = [(p >= 0) & (p < n) for p, n in zip(places, self.lengths, strict=True)]
        elif self.mode == "constant":
            ends = zip(self.points, self.lengths, strict=True)
            tests = [(p >= 0) & (p <= n - 1) for p, n in ends]
        else:
            return None
        inside = tests[0]
        for test in tests[1:]:
            inside = inside & test
        return inside


def _vector(points: Any) -> Any:
    if isinstance(points, (tuple, list)):
        if not all(isinstance(point, (int, float)) for point in points):
            raise NotImplementedError("the coordinates of scipy.ndimage: np.array(…) of the list")
        return np.array(points)
    return points


# Rules ----------------------------------------------------------------------------------------


def _by_input(
    g: Any, ans: Any, input: Any, coordinates: Any, output: Any = None, order: Any = 3,
    mode: Any = "constant", cval: Any = 0.0, prefilter: Any = True,
) -> Any:  # fmt: skip
    cells = _Cells(input, coordinates, order, mode)
    d_input: Any = None
    for ends, places, index in cells.corners():
        inside = cells.inside(places)
        taken = g if inside is None else np.where(inside, g, 0)
        d_input = scatter(taken * cells.weight(ends, places), index, input, d_input)
    return d_input


def _by_coordinates(
    g: Any, ans: Any, input: Any, coordinates: Any, output: Any = None, order: Any = 3,
    mode: Any = "constant", cval: Any = 0.0, prefilter: Any = True,
) -> Any:  # fmt: skip
    cells = _Cells(input, coordinates, order, mode)
    parts = [g * slope for slope in cells.slopes(cval)]
    return parts if isinstance(coordinates, (tuple, list)) else np.stack(parts)


def _forward_in_input(
    t: Any, ans: Any, input: Any, coordinates: Any, output: Any = None, order: Any = 3,
    mode: Any = "constant", cval: Any = 0.0, prefilter: Any = True,
) -> Any:  # fmt: skip
    _Cells(input, coordinates, order, mode)  # refuses what has no derivative
    return map_coordinates(t, coordinates, order=order, mode=mode)


def _forward_in_coordinates(
    t: Any, ans: Any, input: Any, coordinates: Any, output: Any = None, order: Any = 3,
    mode: Any = "constant", cval: Any = 0.0, prefilter: Any = True,
) -> Any:  # fmt: skip
    slopes = _Cells(input, coordinates, order, mode).slopes(cval)
    parts = [slope * t[axis] for axis, slope in enumerate(slopes)]
    return sum(parts[1:], start=parts[0])


vjp(ndimage.map_coordinates, input=_by_input, coordinates=_by_coordinates)
jvp(ndimage.map_coordinates, input=_forward_in_input, coordinates=_forward_in_coordinates)

# Arrays that are moved ------------------------------------------------------------------------


def shift(
    input: Any, shift: Any, output: Any = None, order: Any = 3, mode: Any = "constant",
    cval: Any = 0.0, prefilter: Any = True,
) -> Any:  # fmt: skip
    """As ``scipy.ndimage.shift``."""
    places = np.moveaxis(np.indices(np.shape(input)), 0, -1)
    points = np.moveaxis(places - np.asarray(shift), -1, 0)
    return ndimage.map_coordinates(input, points, output, order, mode, cval, prefilter)


def affine_transform(
    input: Any, matrix: Any, offset: Any = 0.0, output_shape: Any = None,
    output: Any = None, order: Any = 3, mode: Any = "constant", cval: Any = 0.0,
    prefilter: Any = True,
) -> Any:  # fmt: skip
    """As ``scipy.ndimage.affine_transform``."""
    shape = np.shape(input) if output_shape is None else output_shape
    places = np.moveaxis(np.indices(shape), 0, -1)
    matrix = np.asarray(matrix)
    offset = np.asarray(offset)
    if matrix.ndim == 1:
        points = places * matrix + offset
    elif matrix.shape[1] == np.ndim(input) + 1:  # with the offset in its last column
        points = places @ matrix[: np.ndim(input), :-1].T + matrix[: np.ndim(input), -1]
    else:
        points = places @ matrix.T + offset
    return ndimage.map_coordinates(
        input, np.moveaxis(points, -1, 0), output, order, mode, cval, prefilter
    )


instead(ndimage.shift, shift)
instead(ndimage.affine_transform, affine_transform)
