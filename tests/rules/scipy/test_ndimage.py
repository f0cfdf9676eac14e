"""The rules of `adjoint.rules.scipy.ndimage`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage, special

from adjoint import Unsupported, check_grads, grad
from adjoint.rules import lookup
from tests.rules.harness import check

pytestmark = pytest.mark.sampled(2)

lookup(special.gamma)
RNG = np.random.default_rng(67)
X, WIDE, ROW = RNG.normal(size=(4, 5)), RNG.normal(size=(2, 3)), RNG.normal(size=5)
MODES = ["reflect", "constant", "nearest", "mirror", "wrap", "grid-mirror", "grid-wrap",
         "grid-constant"]  # fmt: skip

each_mode = pytest.mark.parametrize("mode", MODES)


@each_mode
@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (5, 1), (6, 7)], ids=str)
def test_weights(mode: str, shape: tuple[int, int]) -> None:
    weights = RNG.normal(size=shape)
    for function in (ndimage.correlate, ndimage.convolve):
        check(function, X, weights, mode=mode, cval=0.7, argnums=[0, 1])
        check(function, WIDE, weights, mode=mode, argnums=[0, 1])


@each_mode
@pytest.mark.parametrize("origin", [-1, 1])
def test_origins(mode: str, origin: int) -> None:
    for size in (3, 4):
        weights = RNG.normal(size=(size, size))
        for function in (ndimage.correlate, ndimage.convolve):
            check(function, X, weights, mode=mode, origin=[origin, 0], argnums=[0, 1])
        for function in (ndimage.correlate1d, ndimage.convolve1d):
            check(function, ROW, weights[0], mode=mode, origin=origin, cval=0.3, argnums=[0, 1])
        check(ndimage.uniform_filter1d, ROW, size, mode=mode, origin=origin, argnums=[0])


@each_mode
@pytest.mark.parametrize("size", [1, 2, 3, 12])
def test_weights_along_an_axis(mode: str, size: int) -> None:
    weights = RNG.normal(size=size)
    for function in (ndimage.correlate1d, ndimage.convolve1d):
        check(function, ROW, weights, mode=mode, argnums=[0, 1])
        check(function, X, weights, axis=0, mode=mode, cval=0.7, argnums=[0, 1])
        check(function, X[:, :1], weights, -1, mode=mode, argnums=[0, 1])


@each_mode
def test_gaussians(mode: str) -> None:
    for order in (0, 1, 2, (1, 0), (2, 1)):
        check(ndimage.gaussian_filter, X, 0.8, order, mode=mode, argnums=[0])
    check(ndimage.gaussian_filter, X, (2.0, 0.5), mode=mode, cval=0.4, argnums=[0])
    check(ndimage.gaussian_filter, WIDE, 1.3, mode=mode, radius=2, argnums=[0])
    check(ndimage.gaussian_filter, X, 1.3, mode=mode, truncate=2.0, axes=(1,), argnums=[0])
    check(ndimage.gaussian_laplace, X, 0.9, mode=mode, argnums=[0])
    for order in (0, 1, 2):
        check(ndimage.gaussian_filter1d, ROW, 1.1, order=order, mode=mode, argnums=[0])
        check(ndimage.gaussian_filter1d, X, 3.0, 0, order, mode=mode, argnums=[0])


@each_mode
def test_means_and_slopes(mode: str) -> None:
    for size in (1, 2, 3, 5, (2, 3), [4, 1]):
        check(ndimage.uniform_filter, X, size, mode=mode, cval=0.2, argnums=[0])
        check(ndimage.uniform_filter, WIDE, size, mode=mode, argnums=[0])
    check(ndimage.uniform_filter, X, 3, mode=mode, origin=(0, 1), argnums=[0])
    check(ndimage.uniform_filter, X, 3, mode=mode, axes=(0,), argnums=[0])
    check(ndimage.uniform_filter1d, X, 4, axis=0, mode=mode, argnums=[0])
    for function in (ndimage.sobel, ndimage.prewitt):
        check(function, X, mode=mode, cval=1.5)
        check(function, X, 0, mode=mode)
        check(function, X[:1], 0, mode=mode)
    check(ndimage.laplace, X, mode=mode, cval=1.5)
    check(ndimage.laplace, X, mode=mode, axes=(1,))
    check(ndimage.laplace, ROW, mode=mode)


def test_a_mode_for_each_axis() -> None:
    for modes in (["nearest", "wrap"], ["constant", "reflect"], ("mirror", "constant")):
        check(ndimage.gaussian_filter, X, 0.8, mode=modes, cval=0.3, argnums=[0])
        check(ndimage.uniform_filter, X, 4, mode=modes, argnums=[0])
        check(ndimage.sobel, X, mode=modes)
        check(ndimage.laplace, X, mode=modes)


def test_three_axes() -> None:
    volume, weights = RNG.normal(size=(3, 2, 4)), RNG.normal(size=(2, 3, 3))
    check(ndimage.correlate, volume, weights, mode="mirror", argnums=[0, 1])
    check(ndimage.convolve, volume, weights[0], axes=(0, 2), argnums=[0, 1])
    check(ndimage.gaussian_filter, volume, 1.0, mode="nearest", argnums=[0])


@pytest.mark.parametrize("mode", ["nearest", "reflect", "wrap"])
def test_to_second_order(mode: str) -> None:
    def filtered(x: Any, w: Any) -> Any:
        return np.sum(np.sin(ndimage.correlate(x, w, mode=mode)) ** 2)

    def smoothed(x: Any, s: float) -> Any:
        y = ndimage.gaussian_filter(x * x, s, mode=mode)
        return np.sum(ndimage.sobel(y, mode=mode) ** 3)

    check_grads(filtered, (X, RNG.normal(size=(3, 2))), order=2, rtol=1e-4, atol=1e-6)
    check_grads(lambda x: smoothed(x, 0.8), (X,), order=2, rtol=1e-4, atol=1e-6)


def test_weights_that_are_a_list() -> None:
    def blurred(x: Any, a: Any) -> Any:
        return np.sum(ndimage.correlate1d(x, [a, 1 - 2 * a, a]) ** 2)

    check_grads(blurred, (ROW, 0.2), order=2)
    check_grads(lambda x: np.sum(ndimage.convolve(x, [[1, 2.0], [0, 1]]) ** 2), (X,), order=2)


def test_single_precision_and_dtypes() -> None:
    x = X.astype(np.float32)
    d_x = grad(lambda x: np.sum(ndimage.gaussian_filter(x, 1.0, mode="nearest") ** 2))(x)
    assert d_x.dtype == np.float32
    d_x = grad(lambda x: np.sum(ndimage.laplace(x, output=np.float64) ** 2))(x)
    assert d_x.dtype == np.float32


def test_an_array_that_takes_the_result() -> None:
    def written(x: Any) -> Any:
        y = x * 2.0
        ndimage.gaussian_filter(np.ones_like(x), 1.0, output=y)
        z = np.empty_like(x)
        ndimage.uniform_filter(x, 3, z)
        return np.sum(y * x) + np.sum(z**2)

    check_grads(written, (X,), order=2)


def test_what_is_refused() -> None:
    with pytest.raises(Unsupported, match="maximum_filter is not differentiated"):
        grad(lambda x: np.sum(ndimage.maximum_filter(x, 3)))(X)
    with pytest.raises(Unsupported, match="argument number 2"):
        grad(lambda s: np.sum(ndimage.gaussian_filter(X, s)))(1.0)
    with pytest.raises(Unsupported, match="argument cval"):
        grad(lambda c: np.sum(ndimage.laplace(X, mode="constant", cval=c)))(1.0)


def test_a_gradient_reads_as_by_hand() -> None:
    gradient = grad(lambda x: np.sum(ndimage.gaussian_filter(x, 2.0) ** 2))
    gradient(X)
    assert "return gaussian_filter(2 * gaussian_filter(x, 2.0), 2.0)" in gradient.source
