"""Functions, keywords and classes that are read as plain NumPy."""

from __future__ import annotations

import functools
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial

from adjoint import Unsupported, grad, hessian, value_and_grad
from tests.rules.whole import check_program

RNG = np.random.default_rng(3)
V, M, C = RNG.normal(size=5), RNG.normal(size=(3, 4)), RNG.normal(size=(2, 3, 4))
B, W = RNG.normal(size=(4, 2)), RNG.normal(size=5)
P, U, TALL = np.abs(V) + 0.3, np.abs(M) + 0.2, RNG.normal(size=(3, 5))
PAIR, MATRICES = RNG.normal(size=2), RNG.normal(size=(2, 3, 3))
Z = M + 1j * RNG.normal(size=M.shape)
NUMBERS, OTHERS = [1.0, 2.0, 3.5, 0.4], [1.0, 3.0, 1.0, 0.2]
OUTSIDE = np.poly1d([1.0, 2.0, 3.0])
ORDER = -np.inf
HOLES = np.where(np.arange(12).reshape(3, 4) == 5, np.nan, 0.0)


def single(x: Any) -> Any:
    return np.asarray(x, np.float32)


def logs(a: Any) -> Any:
    taken = a > 0
    return np.where(taken, np.log(a, where=taken), 0.0)


def ratios(a: Any, b: Any) -> Any:
    taken = b > 0
    return np.where(taken, np.divide(a, b, where=taken), 0.0)


def scores(xs: Any) -> Any:
    center, width = statistics.fmean(xs), statistics.stdev(xs)
    return sum(((x - center) / width) ** 3 for x in xs)


KEYWORDS: list[Any] = [
    (lambda a: np.pad(a, 2, mode="reflect", reflect_type="odd"), V),
    (lambda a: np.pad(a, 2, mode="reflect", reflect_type="odd"), single(V)),
    (lambda a: np.pad(a, ((1, 2), (3, 0)), mode="symmetric", reflect_type="odd"), M),
    (lambda a: np.pad(a, ((1, 2), (0, 1)), mode="empty")[1:-2, :-1], M),
    (lambda a: np.add(a, a * a, order="F"), M),
    (lambda a: np.sin(a, order="C"), M),
    (lambda a, b: np.matmul(a, b, axes=[(1, 0), (0, 1), (0, 1)]), M, TALL),
    (lambda a, b: np.matmul(a, b, axes=[(1, 0), (0,), (0,)]), M, M[:, 0]),
    (lambda a, b: np.matmul(a, b, axes=[(0, 2), (1, 0), (1, 2)]), C, RNG.normal(size=(5, 4))),
    (lambda a, b: np.vecdot(a, b, axes=[0, 1]), M, M.T),
    (lambda a, b: np.vecdot(a, b, axes=[0, 1, ()]), Z, Z.T),
    (lambda a, b: np.vecdot(a, b, axis=0, keepdims=True), M, U),
    (logs, V),
    (logs, single(V)),
    (ratios, V, W),
    (ratios, M, M[0]),
    (lambda a: np.abs(a, where=U > 0.7)[U > 0.7], Z),
    (lambda a: np.add(a, 1.0, where=[True, False, True, True, True])[[0, 2, 3]], V),
    (lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [0, 2]), M, B),
    (lambda a, b: np.einsum(a, [30, 1], b, [1, 29]), M, B),
    (lambda a, b: np.einsum(a, [..., 1], b, [1, 2]), C, B),
    (lambda a, b: np.einsum(a, (0, 1), b, (1, 2), optimize=True), Z, B),
    (lambda a: np.einsum(a, [0, 0]), M[:, :3]),
]
UFUNC_METHODS: list[Any] = [
    (lambda a: np.divide.reduce(a), P),
    (lambda a: np.subtract.reduce(a, axis=-1, keepdims=True), M),
    (lambda a: np.subtract.reduce(a, axis=-1, initial=2.0), M),
    (lambda a: np.hypot.reduce(a, axis=(0, 2)), C),
    (lambda a: np.hypot.reduce(a, axis=None), M),
    (lambda a: np.hypot.reduce(a, axis=1), single(M)),
    (lambda a: np.subtract.accumulate(a, axis=1), M),
    (lambda a: np.logaddexp.accumulate(a), V),
    (lambda a: np.hypot.accumulate(a, axis=1), single(M)),
    (lambda a: np.hypot.accumulate(a, axis=1), np.zeros((3, 0))),
    (lambda a, b: np.polydiv(a, b), V, np.array([0.7, -1.2, 0.4])),
    (lambda a, b: np.polydiv(b, a), V, np.array([0.7, -1.2, 0.4])),
    (lambda a, b: (np.poly1d(a) / b)[1].coeffs, V, np.array([0.7, -1.2])),
    (lambda a: np.poly(a), V),
    (lambda a: np.poly(a), single(V)),
    (lambda a: polynomial.polyfromroots(a), V),
    (lambda a, b: polynomial.polydiv(a, b), V, np.array([0.7, -1.2, 0.4])),
    (lambda a, b: polynomial.polydiv(a, b), V, np.array([0.7])),
    (lambda a: np.hypot.reduce(a[:1] - 9), V),
    (lambda a: np.hypot.reduceat(a, [0, 1, 3]), V - 9),
    (lambda a: np.hypot.reduce(a[:0]) + a, V),
    (lambda a, b: np.logaddexp.reduce(a, axis=1, initial=b), M, 0.3),
    (lambda a: np.cumulative_prod(a, axis=0), np.array(0.6)),
    (lambda a: np.cumulative_sum(a, axis=-1), np.array(0.6)),
    (lambda a: np.multiply.reduceat(a, [0, 2, 3]), V),
    (lambda a: np.maximum.reduceat(a, [0, 2, 1], axis=1), M),
]
QUANTILES: list[Any] = [
    *(
        (lambda a, q=q, method=method: np.quantile(a, q, method=method), V)
        for method in ("averaged_inverted_cdf", "closest_observation")
        for q in (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.97, 1.0)
    ),
    (lambda a: np.quantile(a, [0.2, 0.5], axis=1, method="averaged_inverted_cdf"), M),
    (lambda a: np.nanquantile(a + HOLES, [0, 0.5, 1], axis=1, method="closest_observation"), M),
    *(
        (lambda a, w, q=q: np.quantile(a, q, weights=w, method="inverted_cdf"), V, P)
        for q in (0.0, 0.3, 0.99, 1.0)
    ),
    (lambda a, w: np.quantile(a, 0.4, axis=1, weights=w, method="inverted_cdf"), M, U),
    (lambda a, w: np.percentile(a, [1, 40.0], 1, weights=w, method="inverted_cdf"), M, U[0]),
    (lambda a, w: np.nanquantile(a + HOLES, 0.4, 1, weights=w, method="inverted_cdf"), M, U),
    (lambda a: np.quantile(a, 0.4, weights=[1, 2, 0, 0, 1], method="inverted_cdf"), V),
]
POLYNOMIALS: list[Any] = [
    (lambda a, x: np.poly1d(a)(x), V, W),
    (lambda a, b, x: np.poly1d([a, b, 1.0])(x), 2.0, 3.0, 1.3),
    (lambda a, x: (2 * np.poly1d(a) - np.poly1d([1.0, 2.0]) / 3 + [1.0, 2.0])(x), V, W),
    (lambda a, x: (np.poly1d(a) * np.poly1d([1.0, 2.0]) + 3)(x), V, W),
    (lambda a, x: (np.poly1d(a) ** 2).deriv()(x), V, 0.7),
    (lambda a, x: np.poly1d(a).integ(2, [1.0, 2.0])(x), V, W),
    (lambda a, x: np.poly1d(a)(np.poly1d([1.0, 2.0]))(x), V, 0.4),
    (lambda a, x: np.poly1d(a, True)(x), V, W),
    (lambda a: np.poly1d(a).c * np.poly1d(a)[2] * np.poly1d(a).order, V),
    (lambda x, y: np.poly1d(np.polyfit(x, y, 2))(x), np.arange(5.0), V),
    (lambda a, x: (np.poly1d(a) * OUTSIDE)(x) + OUTSIDE.deriv()(x), V, 0.4),
    *(
        (lambda x, c, value=value: value(x, c), *args)
        for value in (
            polynomial.polyval, chebyshev.chebval, legendre.legval, hermite.hermval,
            hermite_e.hermeval, laguerre.lagval,
        )
        for args in [(V, P), (1.2, P), (V, P[:1]), (V, P[:2]), (V, B), (single(V), single(P))]
    ),
    (lambda x: polynomial.polyvander(x, 3), M),
]  # fmt: skip
STATISTICS: list[Any] = [
    *(
        (lambda x, function=function: function(x), *args)
        for function in (
            statistics.mean, statistics.fmean, statistics.stdev, statistics.pstdev,
            statistics.variance, statistics.pvariance, statistics.median,
            statistics.geometric_mean, statistics.harmonic_mean,
        )
        for args in [(NUMBERS,), (P,)]
    ),
    (lambda a, b: statistics.stdev(x * b for x in [a, b, a * b]), 1.0, 2.0),
    (lambda x, w: statistics.fmean(x, weights=w), NUMBERS, OTHERS),
    (lambda x, y: statistics.covariance(x, y), NUMBERS, OTHERS),
    (lambda x, y: statistics.correlation(x, y), NUMBERS, OTHERS),
    (lambda x, y: statistics.linear_regression(x, y).slope, NUMBERS, OTHERS),
    (scores, NUMBERS),
]  # fmt: skip
MATRICES_OF: list[Any] = [
    (lambda a: scipy.linalg.expm(a), MATRICES),
    (lambda a: scipy.linalg.expm(a), single(MATRICES)),
    (lambda a: scipy.linalg.expm(a), MATRICES + 0.3j),
    (lambda a: scipy.linalg.logm(a), MATRICES[0] / 3 + np.eye(3) * (1 + 0.3j)),
    *(
        (lambda a, function=function: function(a), MATRICES[0] / 2)
        for function in (
            scipy.linalg.cosm, scipy.linalg.sinm, scipy.linalg.tanm,
            scipy.linalg.coshm, scipy.linalg.sinhm, scipy.linalg.tanhm,
        )
    ),
    (lambda a: scipy.linalg.cosm(a), MATRICES / 2),
    (lambda a: np.random.default_rng(0).permuted(a, axis=1), M),
    (lambda a: np.random.default_rng(0).permuted(a), C),
    (lambda a: np.linalg.cond(a, ORDER), MATRICES),
]  # fmt: skip
IN_THE_PLANE: list[Any] = [
    (lambda a, b: np.cross(a, b), PAIR, B[0]),
    (lambda a, b: np.cross(a, b), PAIR + 1j, B),
    (lambda a, b: np.cross(a, b, axisa=0), B.T, 2 * B),
    (lambda a, b: np.cross(a, b, axisa=1), C[:, :2], RNG.normal(size=(2, 4, 2))),
] if np.lib.NumpyVersion(np.__version__) < "2.5.0" else []  # fmt: skip
TOPICS = {
    "keywords": KEYWORDS,
    "ufunc_methods": UFUNC_METHODS,
    "quantiles": QUANTILES,
    "polynomials": POLYNOMIALS,
    "statistics": STATISTICS,
    "matrices": MATRICES_OF,
    "plane": IN_THE_PLANE,
}
CASES = [
    pytest.param(fun, args, id=f"{topic}-{number}")
    for topic, listed in TOPICS.items()
    for number, (fun, *args) in enumerate(listed)
]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of np.cross in the plane
@pytest.mark.filterwarnings("ignore:'where' used without 'out':UserWarning")
@pytest.mark.filterwarnings("ignore:logm result may be inaccurate")  # by 1e-11
@pytest.mark.parametrize(("fun", "args"), CASES)
@pytest.mark.sampled(3)
def test_both_modes_to_second_order(fun: Callable[..., Any], args: Any) -> None:
    check_program(fun, *args)


@pytest.mark.parametrize("function", [np.power, np.arctan2])
def test_reductions_are_functions_of_two_numbers_in_turn(function: np.ufunc) -> None:
    """Not against `reduce` of NumPy, which for these is wrong on processors with AVX-512."""

    def in_turn(a: Any) -> Any:
        return functools.reduce(function, a)

    def at_once(a: Any) -> Any:
        return function.reduce(a)

    check_program(in_turn, P)
    for mode in (value_and_grad, hessian):
        for found, expected in zip(mode(at_once)(P), mode(in_turn)(P), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_an_odd_margin_longer_than_the_array_is_an_error() -> None:
    with pytest.raises(ValueError, match="by more than the array is long"):
        grad(lambda a: np.sum(np.pad(a, 6, mode="reflect", reflect_type="odd")))(V)


def test_a_leading_coefficient_of_zero_has_a_derivative() -> None:
    found = grad(lambda a, x: np.poly1d(a)(x))(np.array([0.0, 1.0, 2.0]), 3.0)
    np.testing.assert_array_equal(found, [9.0, 3.0, 1.0])


def test_fits_of_powers_that_are_far_apart() -> None:
    """The cotangent of the values is that of the inverse of the scaled table."""
    x, weights = np.linspace(0, 100, 50), RNG.normal(size=8) / 100.0 ** np.arange(8)
    table = np.vander(x, 8) / 100.0 ** np.arange(7, -1, -1)
    expected = np.linalg.pinv(table).T @ weights[::-1]
    degree = 7

    def fitted(y: Any) -> Any:
        return np.sum(np.polyfit(x, y, degree) * 100.0 ** np.arange(7, -1, -1) * weights[::-1])

    np.testing.assert_allclose(grad(fitted)(np.sin(x / 20)), expected, rtol=1e-7, atol=1e-12)


def test_roots_that_may_be_complex_are_refused() -> None:
    with pytest.raises(Unsupported, match="which is real or not by their values"):
        grad(lambda a: np.sum(np.abs(np.poly(a + 0j))))(V)
