"""The rules of `adjoint.rules.scipy.interpolate`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import interpolate, special

from adjoint import Unsupported, check_grads, grad, value_and_grad
from adjoint.rules import lookup

pytestmark = pytest.mark.sampled(2)

lookup(special.gamma)
RNG = np.random.default_rng(79)
X, T = np.sort(RNG.uniform(0, 5, size=8)), RNG.uniform(-0.2, 5.3, size=6)
Y, TABLE = RNG.normal(size=8), RNG.normal(size=(8, 2))


@pytest.mark.parametrize("ends", ["not-a-knot", "natural", "clamped"])
def test_cubic_splines(ends: str) -> None:
    def read(y: Any, t: Any) -> Any:
        spline = interpolate.CubicSpline(X, y, bc_type=ends)
        return np.sum(np.sin(spline(t))) + np.sum(spline(t, 1) ** 2) + spline.derivative()(t[0])

    check_grads(read, (Y, T), order=2, rtol=1e-4)
    check_grads(lambda y, t: np.sum(interpolate.CubicSpline(X, y, 0, ends)(t) ** 2), (TABLE, T))
    check_grads(lambda y, t: np.sum(interpolate.CubicSpline(X, y, 0, ends)(t) ** 2), (TABLE, 1.3))


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_interpolating_splines(k: int) -> None:
    def read(y: Any, t: Any) -> Any:
        spline = interpolate.make_interp_spline(X, y, k=k)
        return np.sum(spline(t) ** 3) + np.sum(spline(t[1]) ** 2)

    check_grads(read, (Y, T), order=2 if k == 3 else 1, rtol=1e-4)
    check_grads(read, (TABLE, T), rtol=1e-4)


def test_splines_by_their_coefficients() -> None:
    knots = np.concatenate([[0, 0, 0], np.linspace(0, 5, 6), [5, 5, 5]])

    def read(c: Any, x: Any) -> Any:
        spline = interpolate.BSpline(knots, c, 3)
        return np.sum(spline(x) ** 2) + np.sum(spline.derivative()(x) ** 3)

    check_grads(read, (Y, T), order=2, rtol=1e-4)


CUBIC = interpolate.CubicSpline(X, Y)
SMOOTH = interpolate.make_interp_spline(X, TABLE, k=5)
PCHIP = interpolate.PchipInterpolator(X, Y)


def test_made_outside() -> None:
    check_grads(lambda t: np.sum(CUBIC(t) ** 2) + np.sum(CUBIC(t, 1)), (T,), order=2, rtol=1e-4)
    check_grads(lambda t: np.sum(SMOOTH(t) ** 2), (T,), order=2, rtol=1e-4)
    check_grads(lambda t: np.sum(PCHIP(t) ** 2), (T,))


def test_linear() -> None:
    def inside(y: Any, t: Any) -> Any:
        return np.sum(interpolate.interp1d(X, y)(t) ** 2)

    def outside(y: Any, t: Any) -> Any:
        return np.sum(interpolate.interp1d(X, y, fill_value="extrapolate")(t) ** 2)

    check_grads(inside, (Y, np.clip(T, X[0] + 0.1, X[-1] - 0.1)), order=2)
    check_grads(outside, (Y, T), order=2)
    with pytest.raises(ValueError, match="outside the interpolation range"):
        grad(inside)(Y, T + 10)


def agree(function: Any, *args: Any, order: int = 1) -> None:
    """The value is SciPy's, and the derivatives are those of differences."""
    assert value_and_grad(function)(*args)[0] == pytest.approx(function(*args), rel=1e-13)
    check_grads(function, args, order=order, rtol=1e-4)


LINES = (X, np.linspace(-1.0, 2.0, 4))
GRID_VALUES = RNG.normal(size=(8, 4))
PLACES = np.stack([RNG.uniform(X[0], X[-1], 5), RNG.uniform(-1, 2, 5)], axis=-1)
GRID = interpolate.RegularGridInterpolator(LINES, GRID_VALUES)
CUBIC_GRID = interpolate.RegularGridInterpolator(LINES, GRID_VALUES, method="cubic")
BACKWARDS = interpolate.RegularGridInterpolator((X[::-1], LINES[1]), GRID_VALUES)


def test_on_a_grid() -> None:
    def read(x: Any, y: Any, values: Any, places: Any) -> Any:
        grid = interpolate.RegularGridInterpolator((x, y), values)
        return np.sum(np.sin(grid(places)))

    agree(read, *LINES, GRID_VALUES, PLACES, order=2)
    agree(lambda p: np.sum(GRID(p) ** 2), PLACES)
    agree(lambda p: np.sum(BACKWARDS(p) ** 2), PLACES)
    agree(lambda z, p: np.sum(interpolate.interpn(LINES, z, p) ** 2), GRID_VALUES, PLACES)
    agree(lambda z, t: np.sum(interpolate.interpn((X,), z, t)), GRID_VALUES[:, 0], PLACES[:, 0])


def test_on_a_grid_of_arrays_and_outside_of_it() -> None:
    tables, far = RNG.normal(size=(8, 4, 2)), PLACES * 1.4

    def several(z: Any, p: Any) -> Any:
        grid = interpolate.RegularGridInterpolator(LINES, z)
        read = grid((p[:, :1], p[:, 1])) * np.arange(2)
        return np.sum(read**2) + np.sum(grid([1.5, 0.5])) + np.sum(grid((p[0, 0], p[0, 1])))

    agree(several, tables, PLACES)
    for fill in (None, 0.5, np.nan):

        def outside(z: Any, p: Any, fill: Any = fill) -> Any:
            grid = interpolate.RegularGridInterpolator(LINES, z, "linear", False, fill)
            return np.nansum(grid(p) ** 2)

        agree(outside, tables, far)
    with pytest.raises(ValueError, match="out of bounds in dimension 0"):
        grad(lambda p: np.sum(GRID(p)))(PLACES + 10)
    with pytest.raises(ValueError, match="must ascend here"):
        grad(lambda z: np.sum(interpolate.interpn((X[::-1], LINES[1]), z, PLACES)))(GRID_VALUES)


def test_on_a_point_of_the_grid_the_slope_is_that_on_its_right() -> None:
    line = np.array([0.0, 1.0, 4.0])
    read = grad(lambda t: interpolate.interpn((line,), line**2, t)[0])
    assert [float(read(np.array([t]))[0]) for t in (0.0, 1.0, 4.0)] == [1.0, 5.0, 5.0]


@pytest.mark.parametrize("name", ["pchip", "akima", "makima"])
@pytest.mark.parametrize("data", [Y, np.sort(Y), np.abs(Y - Y[3])], ids=["any", "rising", "kink"])
@pytest.mark.sampled(3)
def test_cubics_with_slopes_by_cases(name: str, data: Any) -> None:
    def made(x: Any, y: Any) -> Any:
        if name == "pchip":
            return interpolate.PchipInterpolator(x, y)
        return interpolate.Akima1DInterpolator(x, y, method=name)

    def read(x: Any, y: Any, t: Any) -> Any:
        curve = made(x, y)
        inner = np.clip(t, x[0], x[-1])
        return np.sum(np.sin(curve(inner))) + np.sum(curve(inner, 1) ** 2) + curve(t[0], nu=2)

    t = np.clip(T, X[0] + 0.1, X[-1] - 0.1)
    agree(lambda x, y: read(x, y, t), X, data)
    agree(lambda t: read(X, data, t), t)


def test_cubics_out_of_their_range() -> None:
    agree(lambda y: np.sum(interpolate.PchipInterpolator(X, y)(T) ** 2), Y, order=2)
    agree(lambda y: np.nansum(interpolate.PchipInterpolator(X, y, extrapolate=False)(T)), Y)
    agree(lambda y: np.nansum(interpolate.Akima1DInterpolator(X, y)(T) ** 2), Y, order=2)
    agree(lambda y: np.sum(interpolate.pchip_interpolate(X, y, T, der=1) ** 2), Y)
    agree(lambda y: np.sum(interpolate.PchipInterpolator(X, y).derivative()(T)), np.zeros(8) + Y)


def test_data_that_is_written_once_the_interpolant_is_made() -> None:
    """Splines and cubics are made of what it was; grids and bases read what it is."""
    makers: list[Any] = [
        lambda y: interpolate.CubicSpline(X, y),
        lambda y: interpolate.make_interp_spline(X, y),
        lambda y: interpolate.PchipInterpolator(X, y),
        lambda y: interpolate.Akima1DInterpolator(X, y),
        lambda y: interpolate.interp1d(X, y),
        lambda y: interpolate.interp1d(X, y, copy=False),
        lambda y: interpolate.interp1d(X, y, copy=False, assume_sorted=True),
        lambda y: interpolate.RegularGridInterpolator((X,), y),
        lambda y: interpolate.BSpline(np.linspace(-2, 6, 12), y, 3),
    ]
    for make in makers:

        def read(y: Any, make: Any = make) -> Any:
            y = y.copy()
            curve = make(y)
            y[3] = 5.0 * y[0]
            return np.sum(curve(np.array([X[3] + 0.01, X[5]])) ** 2) + y[3]

        agree(read, Y)


def test_what_is_refused() -> None:
    refusals: list[Any] = [
        ("by its argument", lambda x: interpolate.CubicSpline(x, Y)(1.0), X),
        ("bc_type", lambda y: interpolate.CubicSpline(X, y, bc_type="periodic")(1.0), Y),
        ("two points", lambda y: interpolate.PchipInterpolator(X[:2], y)(1.0), Y[:2]),
        ("other than linear", lambda t: CUBIC_GRID(t)[0], PLACES),
        ("of one point", lambda z: interpolate.interpn((X[:1],), z, [X[0]])[0], Y[:1]),
        ("knots follow", lambda y: interpolate.splev(1.0, interpolate.splrep(X, y)), Y),
        ("integrate of this", lambda y: interpolate.CubicSpline(X, y).integrate(0.2, 0.4), Y),
        ("interp1d other", lambda y: interpolate.interp1d(X, y, kind="cubic")(1.0), Y),
    ]
    for message, function, argument in refusals:
        with pytest.raises(Unsupported, match=message):
            grad(function)(argument)


def test_a_gradient_reads_as_by_hand() -> None:
    gradient = grad(lambda y: np.sum(interpolate.CubicSpline(X, y)(T) ** 2))
    gradient(Y)
    by_hand = "return CubicSpline(X, np.eye(X.shape[0]))(T).T @ (2 * CubicSpline(X, y)(T))"
    assert by_hand in gradient.source
