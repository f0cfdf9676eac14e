"""The rules of `adjoint.rules.scipy.interpolate`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import interpolate, special

from adjoint import Unsupported, check_grads, grad
from adjoint.rules import lookup

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


def test_what_is_refused() -> None:
    refusals: list[Any] = [
        ("by its argument", lambda x: interpolate.CubicSpline(x, Y)(1.0), X),
        ("bc_type", lambda y: interpolate.CubicSpline(X, y, bc_type="periodic")(1.0), Y),
        ("cases of the data", lambda y: interpolate.PchipInterpolator(X, y)(1.0), Y),
        ("knots follow", lambda y: interpolate.splev(1.0, interpolate.splrep(X, y)), Y),
        ("interp1d other", lambda y: interpolate.interp1d(X, y, kind="cubic")(1.0), Y),
    ]
    for message, function, argument in refusals:
        with pytest.raises(Unsupported, match=message):
            grad(function)(argument)


def test_a_gradient_reads_as_by_hand() -> None:
    gradient = grad(lambda y: np.sum(interpolate.CubicSpline(X, y)(T) ** 2))
    gradient(Y)
    assert "d_t = 2 * CubicSpline(X, y)(T)" in gradient.source
    assert "(T).T\n" in gradient.source
