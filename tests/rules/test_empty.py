"""Rules where there are no elements, wherever NumPy takes such arrays: both modes, twice."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp, vjp

SHAPES = [(0,), (0, 3), (3, 0), (2, 0, 3)]

#: Of an array without elements, and a number.
EMPTY: list[Callable[[Any, Any], Any]] = [
    lambda x, c: np.sort(x),
    lambda x, c: np.diff(x),
    lambda x, c: np.diff(x, n=2),
    lambda x, c: np.diff(x, n=5, axis=0),
    lambda x, c: np.diff(x, prepend=c, append=c),
    lambda x, c: np.diff(x, n=3, axis=0, append=c),
    lambda x, c: np.ediff1d(x, c),
    lambda x, c: np.trapezoid(x, x),
    lambda x, c: np.trapezoid(c * x, x, axis=0),
    lambda x, c: np.unique(x),
    lambda x, c: np.insert(x, 0, c, axis=-1),
    lambda x, c: np.add.reduce(x),
    lambda x, c: np.multiply.outer(x, x),
    lambda x, c: np.maximum.accumulate(x),
    lambda x, c: np.max(x, initial=c),
    lambda x, c: np.exp(np.logaddexp.reduce(x, axis=-1)),
    lambda x, c: np.cumprod(x),
    lambda x, c: np.block([x, x]),
    lambda x, c: np.resize(x, (2, 3)),
    lambda x, c: np.tile(x, 2),
    lambda x, c: np.pad(x, 1, constant_values=c),
    lambda x, c: np.trim_zeros(x.ravel()),
    lambda x, c: np.trim_zeros(x.ravel(), "f"),
    lambda x, c: np.median(x, axis=0),
    lambda x, c: np.median(x),
    lambda x, c: np.nanmedian(x, axis=-1),
    lambda x, c: np.nanquantile(x, c, axis=-1),
    lambda x, c: np.nanpercentile(x, 30.0),
    lambda x, c: np.linalg.norm(x),
    lambda x, c: np.linalg.norm(x, 2),
    lambda x, c: np.linalg.norm(x, 3, axis=0),
    lambda x, c: np.linalg.det(x.T @ x),
    lambda x, c: np.linalg.svd(x, full_matrices=False)[1],
    lambda x, c: np.vander(x),
    lambda x, c: np.polyval([c, c], x),
    lambda x, c: np.convolve(x, [c]),
    lambda x, c: np.interp(x, [0.0, 1.0], [c, 2.0]),
    lambda x, c: x @ x.T,
    lambda x, c: np.kron(x, [c, c]),
    lambda x, c: np.einsum("...i,...i->...", x, x),
    lambda x, c: np.fft.rfft(x, n=4).real,
    lambda x, c: np.linspace(x, c, 3),
    lambda x, c: np.stack([x, c * x]),
    lambda x, c: np.array_split(x, 3)[1],
]


def taken() -> Iterator[Any]:
    """What NumPy takes of these."""
    for number, fun in enumerate(EMPTY):
        for shape in SHAPES:
            with warnings.catch_warnings(action="ignore"):
                try:
                    fun(np.zeros(shape), 0.7)
                except (ValueError, IndexError, np.linalg.LinAlgError):
                    continue
            yield pytest.param(fun, shape, id=f"{number}-{shape}")


@pytest.mark.filterwarnings("ignore:.*[Mm]ean of empty slice|All-NaN|invalid value:RuntimeWarning")
@pytest.mark.sampled(8)
@pytest.mark.parametrize(("fun", "shape"), list(taken()))
def test_of_no_elements(fun: Callable[[Any, Any], Any], shape: tuple[int, ...]) -> None:
    def scaled(x: Any, c: Any) -> Any:
        return c * fun(x, c)

    def total(x: Any, c: Any) -> Any:
        return np.sum(scaled(x, c))

    x, c = np.zeros(shape), 0.7
    out = scaled(x, c)
    slope = (total(x, c + 1e-6) - total(x, c - 1e-6)) / 2e-6  # nan, where the value is
    _, pullback = vjp(scaled, x, c)
    d_x, d_c = pullback(np.ones_like(out)[()])
    assert d_x.shape == shape and d_x.dtype == np.float64
    np.testing.assert_allclose(d_c, slope, atol=1e-8)
    _, tangent = jvp(scaled, (x, c), (x, 1.0))
    assert np.shape(tangent) == np.shape(out)
    np.testing.assert_allclose(np.sum(tangent), slope, atol=1e-8)
    gradient = grad(total, (0, 1))
    assert jvp(gradient, (x, c), (x, 1.0))[1][0].shape == shape
    assert vjp(gradient, x, c)[1]((x, 1.0))[0].shape == shape


def test_fewer_elements_than_differences() -> None:
    x = np.array([1.0, 2.0])
    assert np.array_equal(grad(lambda x: np.sum(np.diff(x, 4)))(x), [0.0, 0.0])
    d_x = grad(lambda x: np.sum(np.diff(x, 4, prepend=x[:1]) * x[0]))(np.ones(3))
    assert np.array_equal(d_x, [0.0, 0.0, 0.0])


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.2.0", reason="NumPy 2.2")
def test_zeros_are_trimmed_along_axes() -> None:
    x = np.array([[0.0, 0.0, 0.0], [0.0, 2.0, 3.0], [0.0, 5.0, 0.0], [0.0, 0.0, 0.0]])
    expected = np.array([[0.0, 0.0, 0.0], [0.0, 4.0, 6.0], [0.0, 10.0, 0.0], [0.0, 0.0, 0.0]])
    assert np.array_equal(grad(lambda x: np.sum(np.trim_zeros(x) ** 2))(x), expected)
    behind = grad(lambda x: np.sum(np.trim_zeros(x, "b", 0)))(x)
    assert np.array_equal(behind, [*np.ones((3, 3)), np.zeros(3)])
