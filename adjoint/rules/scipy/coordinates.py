"""Rules for ``scipy.ndimage`` at points between the elements, where it interpolates.

With ``order=1`` a point is a mean of the corners of the cell it is in. On a line between two cells
the slope is that of the cell behind. With ``order=3`` it is a mean of 4 coefficients along each
axis, which a filter makes of the elements: M. Unser, "Splines: a perfect fit for signal and image
processing" (1999). Splines of other orders are refused.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage, special

from adjoint.rules.directives import refuse
from adjoint.rules.registry import instead, jvp, linear, vjp
from adjoint.rules.scatter import scatter
from adjoint.rules.scipy.dispatch import dispatched

__all__: list[str] = []

map_coordinates = dispatched(ndimage.map_coordinates)
spline_filter = dispatched(ndimage.spline_filter)
spline_filter1d = dispatched(ndimage.spline_filter1d)

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

    reach: tuple[int, ...] = (0, 1)

    def __init__(self, array: Any, points: Any, mode: Any) -> None:
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
        for ends in itertools.product(self.reach, repeat=len(self.points)):
            places = [low + end if end else low for low, end in zip(self.low, ends, strict=True)]
            place = _PLACES[self.beyond()]
            found = [place(p, n) for p, n in zip(places, self.lengths, strict=True)]
            yield ends, places, tuple(found) if len(found) > 1 else found[0]

    def share(self, part: Any, end: int) -> Any:
        """How much an end counts along one axis, by how far the point is from the lower one."""
        return part if end else 1 - part

    def added(self, total: Any, slope: Any, part: Any, end: int) -> Any:
        """`total` and what a corner adds to the slope along one axis."""
        return total + slope if end else total - slope

    def beyond(self) -> str:
        """The mode that says which element a corner outside of the array is."""
        return str(self.mode)

    def weight(self, ends: Any, places: Any, without: int = -1) -> Any:
        """How much a corner counts, but for what it counts along one axis."""
        factors = [
            self.share(part, end)
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
                found[axis] = self.added(found[axis], slope, self.part[axis], end)
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


class _Cubic(_Cells):
    """The cells of a cubic spline: its coefficients at two places on each side."""

    reach = (-1, 0, 1, 2)

    def beyond(self) -> str:
        """Splines go on beyond the ends of the array, also where their points do not."""
        return _SPLINES[self.mode]

    def share(self, part: Any, end: int) -> Any:
        """The basis spline of degree 3."""
        if end == -1:
            return (1 - part) ** 3 / 6
        if end == 2:
            return part**3 / 6
        distance = part if end == 0 else 1 - part
        return 2 / 3 - distance**2 * (1 - distance / 2)

    def added(self, total: Any, slope: Any, part: Any, end: int) -> Any:
        """The slope of the basis spline."""
        if end == -1:
            return total - 0.5 * (1 - part) ** 2 * slope
        if end == 2:
            return total + 0.5 * part**2 * slope
        distance = part if end == 0 else 1 - part
        falling = distance * (2 - 1.5 * distance) * slope
        return total - falling if end == 0 else total + falling


#: By mode: how the coefficients of a spline go on beyond its ends.
_SPLINES = {
    "constant": "mirror", "mirror": "mirror", "reflect": "reflect", "grid-mirror": "reflect",
    "grid-wrap": "grid-wrap",
}  # fmt: skip


def _cells(array: Any, points: Any, order: Any, mode: Any, prefilter: Any) -> _Cells:
    if isinstance(order, bool) or order not in (1, 3):
        raise NotImplementedError(f"scipy.ndimage with order={order!r}: pass order=1 or order=3")
    if order == 1:
        return _Cells(array, points, mode)
    if mode not in _SPLINES:
        raise NotImplementedError(f"a spline of scipy.ndimage with mode={mode!r}: pass order=1")
    coefficients = _filtered(array, mode) if prefilter else array
    return _Cubic(coefficients, points, mode)


def _filtered(array: Any, mode: Any) -> Any:
    return spline_filter(array, mode=_SPLINES[mode])


def _ends(x: Any, weight: float, *axes: int) -> Any:
    """`x` with the elements at the ends of each axis, or of these, times `weight`."""
    for axis in axes or range(np.ndim(x)):
        k, count = np.arange(np.shape(x)[axis], like=x), np.shape(x)[axis]
        at_end = np.where((k == 0) | (k == count - 1), weight, 1.0)
        behind = np.ndim(x) - 1 - axis
        x = x * (np.expand_dims(at_end, tuple(range(1, behind + 1))) if behind else at_end)
    return x


def _spline_filter(
    g: Any, ans: Any, input: Any, order: Any = 3, output: Any = None, mode: Any = "mirror"
) -> Any:
    """The filter inverts a matrix that is symmetric but for the weight of its ends."""
    if order != 3 or output is not None or mode not in _FILTERED:
        raise NotImplementedError("scipy.ndimage.spline_filter with order, output or other modes")
    if mode == "mirror":
        return _ends(spline_filter(_ends(g, 2.0)), 0.5)
    if mode == "grid-wrap" or not any(_is_short(g, axis) for axis in range(np.ndim(g))):
        return spline_filter(g, mode=mode)
    for axis in range(np.ndim(g)):
        g = _filter_back(g, axis, mode)
    return g


def _spline_filter_1d(
    g: Any, ans: Any, input: Any, order: Any = 3, axis: int = -1, output: Any = np.float64,
    mode: Any = "mirror",
) -> Any:  # fmt: skip
    if order != 3 or output is not np.float64 or mode not in _FILTERED:
        raise NotImplementedError("scipy.ndimage.spline_filter1d with order, output or other modes")
    return _filter_back(g, axis % np.ndim(g), mode)


def _filter_back(g: Any, axis: int, mode: str) -> Any:
    """The transpose of the filter along one axis."""
    along = {} if axis == np.ndim(g) - 1 else {"axis": axis}
    if mode == "mirror":
        return _ends(spline_filter1d(_ends(g, 2.0, axis), **along), 0.5, axis)
    if mode == "grid-wrap" or not _is_short(g, axis):
        return spline_filter1d(g, mode=mode, **along)
    back = spline_filter1d(np.eye(np.shape(g)[axis], like=g), mode=mode).T
    return np.moveaxis(np.moveaxis(g, axis, -1) @ back, -1, axis) if along else g @ back


def _is_short(x: Any, axis: int) -> bool:
    """Whether SciPy's filter with ``mode="reflect"`` is not symmetric.

    It begins with a sum that is right up to ``0.27**(2 * n)`` for `n` elements.
    """
    return bool(np.shape(x)[axis] < 13)


_FILTERED = ("mirror", "reflect", "grid-wrap")
linear(ndimage.spline_filter, input=_spline_filter)
linear(ndimage.spline_filter1d, input=_spline_filter_1d)


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
    cells = _cells(input, coordinates, order, mode, False)
    d_input: Any = None
    for ends, places, index in cells.corners():
        inside = cells.inside(places)
        taken = g if inside is None else np.where(inside, g, 0)
        d_input = scatter(taken * cells.weight(ends, places), index, input, d_input)
    if order == 3 and prefilter:
        return _spline_filter(d_input, None, input, mode=_SPLINES[mode])
    return d_input


def _unfiltered(prefilter: Any) -> dict[str, Any]:
    return {} if prefilter else {"prefilter": False}


def _by_coordinates(
    g: Any, ans: Any, input: Any, coordinates: Any, output: Any = None, order: Any = 3,
    mode: Any = "constant", cval: Any = 0.0, prefilter: Any = True,
) -> Any:  # fmt: skip
    cells = _cells(input, coordinates, order, mode, prefilter)
    parts = [g * slope for slope in cells.slopes(cval)]
    return parts if isinstance(coordinates, (tuple, list)) else np.stack(parts)


def _forward_in_input(
    t: Any, ans: Any, input: Any, coordinates: Any, output: Any = None, order: Any = 3,
    mode: Any = "constant", cval: Any = 0.0, prefilter: Any = True,
) -> Any:  # fmt: skip
    _cells(input, coordinates, order, mode, False)  # refuses what has no derivative
    return map_coordinates(t, coordinates, order=order, mode=mode, **_unfiltered(prefilter))


def _forward_in_coordinates(
    t: Any, ans: Any, input: Any, coordinates: Any, output: Any = None, order: Any = 3,
    mode: Any = "constant", cval: Any = 0.0, prefilter: Any = True,
) -> Any:  # fmt: skip
    slopes = _cells(input, coordinates, order, mode, prefilter).slopes(cval)
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


def zoom(
    input: Any, zoom: Any, output: Any = None, order: Any = 3, mode: Any = "constant",
    cval: Any = 0.0, prefilter: Any = True, *, grid_mode: Any = False,
) -> Any:  # fmt: skip
    """As ``scipy.ndimage.zoom``: the size of the result is a whole number, without derivative."""
    if grid_mode:
        refuse("scipy.ndimage.zoom with grid_mode", "write map_coordinates at the points it reads")
    input = np.asarray(input)
    factors = zoom if isinstance(zoom, tuple | list) else (zoom,) * np.ndim(input)
    shape = [round(n * factor) for n, factor in zip(np.shape(input), factors, strict=True)]
    steps = [(n - 1) / max(count - 1, 1) for n, count in zip(np.shape(input), shape, strict=True)]
    lines = [np.arange(count) * step for count, step in zip(shape, steps, strict=True)]
    points = np.stack(np.meshgrid(*lines, indexing="ij"))
    return ndimage.map_coordinates(input, points, output, order, mode, cval, prefilter)


def rotate(
    input: Any, angle: Any, axes: Any = (1, 0), reshape: Any = True, output: Any = None,
    order: Any = 3, mode: Any = "constant", cval: Any = 0.0, prefilter: Any = True,
) -> Any:  # fmt: skip
    """As ``scipy.ndimage.rotate`` of one image."""
    input = np.asarray(input)
    if np.ndim(input) != 2:
        refuse("scipy.ndimage.rotate of several images", "rotate each by itself")
    c, s = special.cosdg(angle), special.sindg(angle)
    turn = np.array([[c, s], [-s, c]])
    rows, columns = np.shape(input)
    inner = np.array([rows, columns])
    outer = inner
    if reshape:
        bounds = turn @ np.array([[0, 0, rows, rows], [0, columns, 0, columns]])
        outer = (np.max(bounds, axis=1) - np.min(bounds, axis=1) + 0.5).astype(int)
    offset = (inner - 1) / 2 - turn @ ((outer - 1) / 2)
    shape = (int(outer[0]), int(outer[1]))
    return ndimage.affine_transform(
        input, turn, offset, shape, output, order, mode, cval, prefilter
    )


instead(ndimage.shift, shift)
instead(ndimage.affine_transform, affine_transform)
instead(ndimage.zoom, zoom)
instead(ndimage.rotate, rotate)
