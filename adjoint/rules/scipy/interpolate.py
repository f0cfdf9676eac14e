"""Rules for ``scipy.interpolate``: splines in their data, or coefficients, and where they are read.

An interpolant is linear in its data, so that what it makes of unit vectors is its matrix; where it
is read, its slope is its own derivative. The points of the data are held.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate

from adjoint.rules.directives import is_written, refuse, same_length
from adjoint.rules.registry import instead, refused, vjp, written
from adjoint.rules.scipy.dispatch import dispatched

__all__ = ["as_array", "own_array", "part"]


def _by_data(matrix: Any, g: Any, t: Any, data: Any) -> Any:
    """The cotangent of the data, of which `matrix` has what each point that is read is made of."""
    if np.ndim(t) > 1 or np.ndim(data) > 2:
        raise NotImplementedError("a spline of arrays, or read at an array of several axes")
    if np.ndim(t) == 1:
        return matrix.T @ g
    return g * matrix if np.ndim(data) == 1 else np.outer(matrix, g)


def _by_place(slope: Any, g: Any, data: Any) -> Any:
    product = g * slope
    return product if np.ndim(data) == 1 else np.sum(product, axis=-1)


def _read(t: Any, data: Any) -> Any:
    """What has the shape and dtype of what is read."""
    return np.zeros((*np.shape(t), *np.shape(data)[1:]), np.result_type(float, data))


# Splines by their data ------------------------------------------------------------------------


def cubic(x: Any, y: Any, t: Any, nu: Any = 0, bc_type: Any = "not-a-knot") -> Any:
    """``CubicSpline(x, y, bc_type=bc_type)(t, nu)``."""
    return _read(t, y)


def _cubic_y(
    g: Any, ans: Any, x: Any, y: Any, t: Any, nu: Any = 0, bc_type: Any = "not-a-knot",
) -> Any:  # fmt: skip
    unit = np.eye(np.shape(x)[0], like=x)
    return _by_data(cubic_(x, unit, t, nu, bc_type), g, t, y)


def _cubic_t(
    g: Any, ans: Any, x: Any, y: Any, t: Any, nu: Any = 0, bc_type: Any = "not-a-knot",
) -> Any:  # fmt: skip
    return _by_place(cubic_(x, y, t, nu + 1, bc_type), g, y)


def interpolating(x: Any, y: Any, t: Any, k: Any = 3, nu: Any = 0) -> Any:
    """``make_interp_spline(x, y, k)(t, nu)``."""
    return _read(t, y)


def _interpolating_y(g: Any, ans: Any, x: Any, y: Any, t: Any, k: Any = 3, nu: Any = 0) -> Any:
    unit = np.eye(np.shape(x)[0], like=x)
    return _by_data(interpolating_(x, unit, t, k, nu), g, t, y)


def _interpolating_t(g: Any, ans: Any, x: Any, y: Any, t: Any, k: Any = 3, nu: Any = 0) -> Any:
    return _by_place(interpolating_(x, y, t, k, nu + 1), g, y)


cubic_, interpolating_ = dispatched(cubic), dispatched(interpolating)
vjp(cubic, y=_cubic_y, t=_cubic_t)
vjp(interpolating, y=_interpolating_y, t=_interpolating_t)
written(cubic, "CubicSpline(x, y, bc_type=bc_type)(t, nu=nu)", CubicSpline=interpolate.CubicSpline)
written(
    interpolating, "make_interp_spline(x, y, k=k)(t, nu=nu)",
    make_interp_spline=interpolate.make_interp_spline,
)  # fmt: skip


class Cubic:
    """What ``CubicSpline(x, y)`` makes."""

    def __init__(
        self, x: Any, y: Any, axis: Any = 0, bc_type: Any = "not-a-knot", extrapolate: Any = None
    ) -> None:
        if axis != 0 or extrapolate is not None or bc_type not in _ENDS:
            refuse(
                "CubicSpline with this axis, bc_type or extrapolate",
                "leave axis= and extrapolate= away; bc_type='not-a-knot', 'natural' or 'clamped'",
            )
        self.x = own_array(x)
        self.y = own_array(y)
        self.bc_type = bc_type
        self.nu = 0

    def __call__(self, x: Any, nu: Any = 0, extrapolate: Any = None) -> Any:
        """The spline, or a derivative of it, at `x`."""
        if extrapolate is not None:
            refuse("a spline that is read with extrapolate=", "leave it away")
        return cubic(self.x, self.y, as_array(x), self.nu + nu, self.bc_type)

    def derivative(self, nu: Any = 1) -> Any:
        """The spline that is the derivative."""
        made = Cubic(self.x, self.y, 0, self.bc_type)
        made.nu = self.nu + nu
        return made


class Interpolating:
    """What ``make_interp_spline(x, y, k)`` makes."""

    def __init__(
        self, x: Any, y: Any, k: Any = 3, t: Any = None, bc_type: Any = None, axis: Any = 0,
        check_finite: Any = True,
    ) -> None:  # fmt: skip
        if t is not None or bc_type not in (None, "not-a-knot") or axis != 0:
            refuse(
                "make_interp_spline with t, bc_type or axis",
                "leave these away, or use CubicSpline(x, y, bc_type=…)",
            )
        self.x = own_array(x)
        self.y = own_array(y)
        self.order = k
        self.nu = 0

    def __call__(self, x: Any, nu: Any = 0, extrapolate: Any = None) -> Any:
        """The spline, or a derivative of it, at `x`."""
        if extrapolate is not None:
            refuse("a spline that is read with extrapolate=", "leave it away")
        return interpolating(self.x, self.y, as_array(x), self.order, self.nu + nu)

    def derivative(self, nu: Any = 1) -> Any:
        """The spline that is the derivative."""
        made = Interpolating(self.x, self.y, self.order)
        made.nu = self.nu + nu
        return made


_ENDS = ("not-a-knot", "natural", "clamped")


def own_array(value: Any) -> Any:
    """An array that does not change with `value`, which may be written later."""
    return np.array(value) if is_written(value) else as_array(value)


def as_array(value: Any) -> Any:
    """An array of a list."""
    return np.array(value) if isinstance(value, (tuple, list)) else value


instead(interpolate.CubicSpline, Cubic)
instead(interpolate.make_interp_spline, Interpolating)

# Splines by their coefficients ----------------------------------------------------------------


def spline(t: Any, c: Any, k: Any, x: Any, nu: Any = 0) -> Any:
    """``BSpline(t, c, k)(x, nu)``."""
    return _read(x, c)


def _spline_c(g: Any, ans: Any, t: Any, c: Any, k: Any, x: Any, nu: Any = 0) -> Any:
    unit = np.eye(np.shape(c)[0], like=t)
    return _by_data(spline_(t, unit, k, x, nu), g, x, c)


def _spline_x(g: Any, ans: Any, t: Any, c: Any, k: Any, x: Any, nu: Any = 0) -> Any:
    return _by_place(spline_(t, c, k, x, nu + 1), g, c)


spline_ = dispatched(spline)
vjp(spline, c=_spline_c, x=_spline_x)
written(spline, "BSpline(t, c, k)(x, nu=nu)", BSpline=interpolate.BSpline)


class Basis:
    """What ``BSpline(t, c, k)`` makes."""

    def __init__(self, t: Any, c: Any, k: Any, extrapolate: Any = True, axis: Any = 0) -> None:
        if extrapolate is not True or axis != 0:
            refuse("BSpline with extrapolate= or axis=", "leave these away")
        self.t = as_array(t)
        self.c = as_array(c)
        self.k = k
        self.nu = 0

    def __call__(self, x: Any, nu: Any = 0, extrapolate: Any = None) -> Any:
        """The spline, or a derivative of it, at `x`."""
        if extrapolate is not None:
            refuse("a spline that is read with extrapolate=", "leave it away")
        return spline(self.t, self.c, self.k, as_array(x), self.nu + nu)

    def derivative(self, nu: Any = 1) -> Any:
        """The spline that is the derivative."""
        made = Basis(self.t, self.c, self.k)
        made.nu = self.nu + nu
        return made


def _of_basis(self: Any, x: Any, nu: Any = 0, extrapolate: Any = None) -> Any:
    """A ``BSpline`` that came in, at `x`."""
    held = holder(self)
    if extrapolate is not None or held.extrapolate is not True or not same_length(held.axis, 0):
        refuse("a BSpline with extrapolate= or axis=", "leave these away")
    return spline(part(held, "t"), part(held, "c"), held.k, as_array(x), nu)


instead(interpolate.BSpline, Basis)
instead(interpolate.BSpline.__call__, _of_basis)

# Pieces that came in --------------------------------------------------------------------------


def pieces(c: Any, breaks: Any, x: Any, nu: Any = 0) -> Any:
    """``PPoly(c, breaks)(x, nu)``."""
    return np.zeros((*np.shape(x), *np.shape(c)[2:]), np.result_type(float, c))


def _pieces_x(g: Any, ans: Any, c: Any, breaks: Any, x: Any, nu: Any = 0) -> Any:
    product = g * pieces_(c, breaks, x, nu + 1)
    return product if np.ndim(c) == 2 else np.sum(product, axis=-1)


pieces_ = dispatched(pieces)
vjp(pieces, x=_pieces_x)
written(pieces, "PPoly(c, breaks)(x, nu=nu)", PPoly=interpolate.PPoly)


def _of_pieces(self: Any, x: Any, nu: Any = 0, extrapolate: Any = None) -> Any:
    """A ``PPoly``, or one of its kin, that came in, at `x`."""
    if isinstance(self, interpolate.BPoly):
        refuse("a BPoly is read", "make a PPoly of it: PPoly.from_bernstein_basis(p)")
    held = holder(self)
    if extrapolate is not None or held.extrapolate is not True or not same_length(held.axis, 0):
        refuse("a spline that does not extrapolate, or along another axis", "make it of the data")
    return pieces(part(held, "c"), part(held, "x"), as_array(x), nu)


def holder(spline: Any) -> Any:
    """What has the data of a spline: since SciPy 1.18 an object that it hands its calls to."""
    return spline._delegate_to if hasattr(spline, "_delegate_to") else spline


def part(spline: Any, name: str) -> Any:
    """An array of a spline, which newer versions of SciPy show by a property."""
    hidden = "_" + name
    return getattr(spline, hidden) if hasattr(spline, hidden) else getattr(spline, name)


instead(interpolate.PPoly.__call__, _of_pieces)

# Linear ---------------------------------------------------------------------------------------


class Linear:
    """What ``interp1d(x, y)`` makes."""

    def __init__(
        self, x: Any, y: Any, kind: Any = "linear", axis: Any = -1, copy: Any = True,
        bounds_error: Any = None, fill_value: Any = np.nan, assume_sorted: Any = False,
    ) -> None:  # fmt: skip
        if kind != "linear" or np.ndim(y) != 1:
            refuse("interp1d other than linear, of a vector", "use make_interp_spline(x, y, k)")
        if isinstance(fill_value, tuple) or (fill_value != "extrapolate" and bounds_error is False):
            refuse("interp1d with this fill_value", "use np.interp(t, x, y, left=…, right=…)")
        kept = as_array if assume_sorted and not copy else own_array  # to sort is to copy
        self.x = kept(x)
        self.y = kept(y)
        self.extends = fill_value == "extrapolate"

    def __call__(self, x: Any) -> Any:
        """The interpolant at `x`."""
        x = as_array(x)
        if not self.extends:
            if np.any(x < self.x[0]) or np.any(x > self.x[-1]):
                raise ValueError("A value in x_new is outside the interpolation range.")
            return np.interp(x, self.x, self.y)
        high = np.clip(np.searchsorted(self.x, x), 1, np.shape(self.x)[0] - 1)
        low = high - 1
        slope = (self.y[high] - self.y[low]) / (self.x[high] - self.x[low])
        return slope * (x - self.x[low]) + self.y[low]


instead(interpolate.interp1d, Linear)

refused(
    "its knots follow from the data; use make_interp_spline(x, y), and call what it returns",
    interpolate.splrep,
    interpolate.splprep,
    interpolate.UnivariateSpline,
    interpolate.InterpolatedUnivariateSpline,
    interpolate.LSQUnivariateSpline,
    interpolate.make_smoothing_spline,
    effect=True,
)
refused("write BSpline(t, c, k)(x)", interpolate.splev, interpolate.splder, interpolate.splint)
refused(
    "the triangles or centres it chooses are not followed; write the sum of kernels",
    interpolate.griddata,
    interpolate.LinearNDInterpolator,
    interpolate.CloughTocher2DInterpolator,
    interpolate.NearestNDInterpolator,
    effect=True,
)
