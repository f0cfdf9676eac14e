"""The rules of `adjoint.rules.scipy.coordinates`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage, special

from adjoint import Unsupported, check_grads, grad
from adjoint.rules import lookup
from tests.rules.harness import check
from tests.rules.whole import check_program

pytestmark = pytest.mark.sampled(2)

lookup(special.gamma)
RNG = np.random.default_rng(71)
X, ROW, VOLUME = RNG.normal(size=(4, 5)), RNG.normal(size=6), RNG.normal(size=(2, 3, 3))
MODES = ["constant", "grid-constant", "nearest", "mirror", "reflect", "grid-mirror", "grid-wrap"]


@pytest.mark.parametrize("mode", MODES)
def test_points(mode: str) -> None:
    points = RNG.uniform(-7, 11, size=(2, 40))
    check(ndimage.map_coordinates, X, points, order=1, mode=mode, cval=0.6)
    check(ndimage.map_coordinates, X, points.reshape(2, 5, 8), order=1, mode=mode)
    check(ndimage.map_coordinates, ROW, points[:1], order=1, mode=mode)
    check(ndimage.map_coordinates, X[:1], points, order=1, mode=mode)
    check(ndimage.map_coordinates, VOLUME, RNG.uniform(-3, 5, (3, 20)), order=1, mode=mode)


def test_the_right_end() -> None:
    ends = np.array([[0.0, 3.0, 3.0], [0.0, 4.0, 2.0]])
    for mode in MODES:
        check(ndimage.map_coordinates, X, ends, order=1, mode=mode, argnums=[0])


def test_to_second_order() -> None:
    points = RNG.uniform(0.1, 2.9, size=(2, 6))

    def warped(x: Any, p: Any) -> Any:
        return np.sum(np.sin(ndimage.map_coordinates(x, p, order=1)) ** 2)

    def by_rows(x: Any, rows: Any, columns: Any) -> Any:
        return np.sum(ndimage.map_coordinates(x, [rows, columns], order=1, mode="nearest") ** 2)

    check_grads(warped, (X, points), order=2, rtol=1e-4, atol=1e-6)
    check_grads(by_rows, (X, *points), order=2, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("mode", ["constant", "mirror"])
def test_arrays_that_are_moved(mode: str) -> None:
    angle = np.array([[0.9, -0.3], [0.2, 1.1]])
    wide = np.concatenate([angle, [[0.31], [-0.42]]], axis=1)
    calls: list[Any] = [
        (lambda x, s: ndimage.shift(x, s, order=1, mode=mode, cval=0.3), np.array([0.3, -1.4])),
        (lambda x, s: ndimage.shift(x, s, order=1, mode=mode), 0.37),
        (lambda x, m: ndimage.affine_transform(x, m, 0.13, order=1, mode=mode), angle),
        (lambda x, m: ndimage.affine_transform(x, m, 0.23, (3, 6), order=1, mode=mode), angle),
        (lambda x, m: ndimage.affine_transform(x, m, [0.17, 0.26], order=1, mode=mode), angle[0]),
        (lambda x, m: ndimage.affine_transform(x, m, order=1, mode=mode), wide),
    ]
    for call, parameter in calls:
        weights = RNG.normal(size=np.shape(call(X, parameter)))

        def total(x: Any, p: Any, call: Any = call, weights: Any = weights) -> Any:
            return np.sum(weights * call(x, p))

        check_grads(total, (X, parameter))


def test_what_is_refused() -> None:
    points = np.ones((2, 3))
    with pytest.raises(Unsupported, match="order=2: pass order=1 or order=3"):
        grad(lambda x: np.sum(ndimage.map_coordinates(x, points, order=2)))(X)
    with pytest.raises(Unsupported, match="ndimage with mode='nearest'"):
        grad(lambda x: np.sum(ndimage.map_coordinates(x, points, mode="nearest")))(X)
    with pytest.raises(Unsupported, match="mode='wrap'"):
        grad(lambda x: np.sum(ndimage.map_coordinates(x, points, order=1, mode="wrap")))(X)
    with pytest.raises(Unsupported, match="with grid_mode"):
        grad(lambda x: np.sum(ndimage.zoom(x, 2, grid_mode=True, mode="reflect")))(X)


@pytest.mark.parametrize("mode", ["constant", "mirror", "reflect", "grid-wrap"])
def test_cubic_splines(mode: str) -> None:
    points = RNG.uniform(-4, 8, size=(2, 12))
    check(ndimage.map_coordinates, X, points, mode=mode, prefilter=False)
    check(ndimage.map_coordinates, X, points, mode=mode, cval=0.6)
    row = np.concatenate([ROW, 2 * ROW, ROW[::-1]])
    check(ndimage.map_coordinates, row, points[:1], mode=mode)


@pytest.mark.parametrize("mode", ["mirror", "reflect", "grid-wrap"])
@pytest.mark.parametrize("shape", [(2,), (18,), (4, 5), (14, 3)])
def test_the_filter_of_splines(shape: tuple[int, ...], mode: str) -> None:
    x = RNG.normal(size=shape)
    check(ndimage.spline_filter, x, mode=mode)
    check(ndimage.spline_filter1d, x, mode=mode)
    check(ndimage.spline_filter1d, x, axis=0, mode=mode)


MOVED: list[Any] = [
    (lambda x, s: ndimage.shift(x, s, mode="mirror"), np.array([0.3, -1.4])),
    (lambda x, s: s * ndimage.zoom(x, 1.5), 0.4),
    (lambda x, s: s * ndimage.zoom(x, (0.7, 2), order=1), 0.4),
    (lambda x, a: ndimage.rotate(x, a), 33.0),
    (lambda x, a: ndimage.rotate(x, a, reshape=False, order=1), -20.0),
    (lambda x, s: s * ndimage.rotate(x, 90.0, order=1), 0.4),
]


@pytest.mark.parametrize(("fun", "parameter"), MOVED)
def test_zoom_and_rotation(fun: Any, parameter: Any) -> None:
    check_program(fun, X, parameter)
