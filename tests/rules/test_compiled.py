"""Rules through the compiler: value, gradient by every floating argument, against differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.polynomial import (
    Chebyshev,
    Laguerre,
    Legendre,
    Polynomial,
    chebyshev,
    hermite,
    hermite_e,
    laguerre,
    legendre,
)

from adjoint import Unsupported, jvp, value_and_grad

STEP = 1e-6
RNG = np.random.default_rng(1)
V, W, M, C = (RNG.normal(size=shape) for shape in (5, 7, (3, 4), (2, 3, 4)))
P, U = np.abs(V) + 0.5, np.sort(RNG.normal(size=6))
Y, TABLE, TALL = np.sin(3 * U), RNG.normal(size=(6, 2)), RNG.normal(size=(5, 3))
WIDE = RNG.normal(size=(2, 6))
PLACES = np.array([0, 2, 2, 1, 0])
COUNTS = np.array([2, 4, 3])
GIVEN = Polynomial([1.0, -2.0, 0.5, 3.0], domain=[0, 2])
HOLES = np.array([[0, np.nan, 0, 0], [0, 0, 0, 0], [0, 0, 0, np.nan]])
MIXED = np.array([1, np.nan, np.inf, -np.inf, 1])
METHODS = [
    "linear", "hazen", "weibull", "median_unbiased", "normal_unbiased",
    "interpolated_inverted_cdf", "inverted_cdf", "lower", "higher", "nearest", "midpoint",
]  # fmt: skip
FAMILIES = {
    chebyshev: "cheb",
    legendre: "leg",
    hermite: "herm",
    hermite_e: "herme",
    laguerre: "lag",
}
PRODUCTS = [getattr(module, f"{name}mul") for module, name in FAMILIES.items()]
POWERS = [getattr(module, f"{name}pow") for module, name in FAMILIES.items()]
CHANGES = [
    getattr(module, form.format(name))
    for module, name in FAMILIES.items()
    for form in ("{}mulx", "{}2poly", "poly2{}")
]


def joined(a: Any, b: Any) -> Any:
    """What is handed on whole, and of which items are read as well."""
    parts = np.broadcast_arrays(a, b)
    rows = np.split(a, 3)
    return np.stack(parts, axis=1) * parts[0][:, None] + np.concatenate(rows)[:, None] * rows[1]


def scaled_rows(a: Any, b: Any) -> Any:
    a = a.copy()
    a.sort(axis=1, kind="stable")
    np.multiply.at(a, [0, 2, 0], b)
    return a.compress([True, False, True], axis=0)


@np.vectorize(otypes=[float])
def by_element(x: Any) -> Any:
    return x**2 if x > 0 else x


# Each case: a function of one, two, ... arguments, and these.
SAMPLED: list[Any] = [
    (lambda a: np.diff(a), V),
    (lambda a: np.diff(a, n=2, axis=0), M),
    (lambda a, b, c: np.diff(a, prepend=b, append=c), V, W, 1.5),
    (lambda a, b: np.diff(a, axis=0, prepend=b), M, M[:1]),
    (lambda a, b, c: np.ediff1d(a, b, c), V, W, 1.5),
    (lambda a: np.ediff1d(a), M),
    (lambda a, b: np.ediff1d(a, to_begin=b), V, W),
    (lambda a: np.gradient(a), V),
    (lambda a, b: np.gradient(a, b), V, 0.3),
    (lambda a: np.gradient(a), M),
    (lambda a: np.gradient(a, axis=1, edge_order=2), M),
    (lambda a: np.gradient(a, U[:4], axis=1), M),
    (lambda a: np.gradient(a, U[:4], axis=1, edge_order=2), M),
    (lambda a, b, c: np.gradient(a, b, c), M, 0.5, 0.2),
    (lambda a, b: np.gradient(a, b, edge_order=2), V, 0.3),
    (lambda a: np.gradient(a, U[:3], 0.5), M),
    (lambda a, b: np.gradient(a, b), V, U[:5]),
    (lambda a, b: np.gradient(a, b, edge_order=2), V, U[:5]),
    (lambda a, b, c: np.gradient(a, b, c, edge_order=2), M, U[:3], 0.4),
    (lambda a, b, c: np.gradient(a, b, c)[1], M, U[:3], U[:4]),
    (lambda a, b: np.gradient(a, b, axis=1), C, U[:3]),
    (lambda a, b: np.gradient(a, [0.0, b, 1.0, 2 * b, 9.0]), V, 0.7),
    (lambda a, b: np.abs(np.gradient(a + 1j * b, b)), V, U[:5]),
    (lambda a: np.trapezoid(a), V),
    (lambda a, b: np.trapezoid(a, b), V, P),
    (lambda a, b: np.trapezoid(a, dx=b, axis=0), M, 0.3),
    (lambda a, b: np.trapezoid(a, b, axis=1), M, M + 1),
    (lambda a, b: np.trapezoid(a, b, axis=0), M, P[:3]),
    (lambda a, b, c: np.interp(a, b, c), V, U, U**2),
    (lambda a, b, c, d, e: np.interp(a, b, c, left=d, right=e), V, U, U**2, 0.5, 0.7),
    (lambda a, b, c: np.interp(a, b, c), 0.3, U, U**2),
    (lambda a, b, c: np.interp(a, b, c), M, U, U**2),
    (lambda a: np.interp(a, [-1.0, 0.0, 1.0], [1.0, 3.0, 2.0]), V),
    (lambda a, b: np.interp([0.3, -0.6], a, b), U, U**2),
    (lambda a, b, c, d: np.interp(a, b, c, period=d), 3 * V, U, Y, 2.3),
    (lambda a, b: np.linspace(a, b, 4, retstep=True), 0.3, 1.7),
    (lambda a, b: np.linspace(a, b, 4, endpoint=False, retstep=True), V, W[:5]),
    (lambda a: np.average(a, axis=0, returned=True), M),
    (lambda a, b: np.average(a, 1, b, returned=True), M, P[:4]),
    (lambda a, b: np.average(a, weights=b, returned=True, keepdims=True), M, np.abs(M) + 1),
    *(
        (lambda a, b, fun=fun, mode=mode: fun(a, b, mode), *args)
        for fun in (np.convolve, np.correlate)
        for mode in ("full", "same", "valid")
        for args in [(V, W), (W, V), (W, V[:4]), (V[:4], W)]
    ),
    (lambda a: np.convolve(a, [1.0, 2.0, 1.0], "same"), W),
]
POLYNOMIALS: list[Any] = [
    (lambda a, b: np.polyval(a, b), V, W),
    (lambda a, b: np.polyval(a, b), V, M),
    (lambda a, b: np.polyval(a, b), V, 1.5),
    (lambda a, b, c: np.polyval([b, a, 1.0], c), 1.0, 2.0, W),
    (lambda a: np.polyval([1, 2, 3], a), W),
    (lambda a: np.polyval(a, 2.0), V),
    (lambda a: np.polyval(a, [2.0, 0.5]), V),
    (lambda a: np.vander(a), V),
    (lambda a: np.vander(a, 3), V),
    (lambda a: np.vander(a, 0), V),
    (lambda a: np.vander(a, 4, increasing=True), V),
    (lambda a: np.polyder(a), V),
    (lambda a: np.polyder(a, 2), V),
    (lambda a: np.polyint(a), V),
    (lambda a, b, c: np.polyint(a, 2, k=[b, c]), V, 1.0, 2.0),
    (lambda a, b: np.polyint(a, 1, b), V, 1.0),
    (lambda a, b: np.polyadd(a, b), V, W),
    (lambda a, b: np.polyadd(a, b), V, 2.0),
    (lambda a, b: np.polysub(a, b), V, W),
    (lambda a, b: np.polymul(a, b), V, W),
    (lambda a, b, c: np.abs(np.polyfit(a + 1j * c, b + 1j * a, 2, w=c)), U, Y, Y + 2),
    (lambda a, b, c: np.polyfit(a, b, 2, w=c), U, Y, np.abs(U) + 0.2),
    (lambda a, b, c: np.polyfit(a, b, 1, w=c), U, TABLE, np.abs(U) + 0.2),
    (lambda a: np.polynomial.chebyshev.chebder(a, 2, scl=0.5), V),
    (lambda a: np.polynomial.hermite.hermder(a, axis=-1), M),
    (lambda a, b, c: np.polynomial.legendre.legint(a, 2, [b, c], lbnd=0.5), V, 1.0, 2.0),
    (lambda a, b: np.polynomial.polynomial.polyint(a, 1, b, axis=1), M, 1.0),
    (lambda a: np.polynomial.chebyshev.chebvander(a, 3), V),
    (lambda a, b: np.polynomial.laguerre.lagvander2d(a, b, [1, 2]), V, P),
    (lambda a, b, c: np.polynomial.chebyshev.chebval2d(a, b, c), V, P, M),
    (lambda a, b, c: np.polynomial.polynomial.polygrid2d(a, b, c), V, W, M),
    (lambda a, b: np.polynomial.hermite_e.hermeadd(a, b), V, W),
    (lambda a, b, c: np.polynomial.legendre.legfit(a, b, 2, w=c), U, Y, np.abs(U) + 0.2),
    (lambda a, b: Polynomial.fit(a, b, 2).deriv()(0.3), U, Y),
    (lambda a, b, c: (Polynomial(a) * Polynomial(b) - 2 * Polynomial(a) ** 2)(c), V, W, 0.4),
    (lambda a, b: Chebyshev(a, domain=[0, 2]).integ(1, b, lbnd=b)(b), V, 0.4),
    (lambda a: GIVEN(a) + GIVEN.deriv()(a), V),
    *(
        (lambda a, b, product=product: product(b, a), V, W[:n])
        for product in PRODUCTS
        for n in (1, 2, 7)
    ),
    *((lambda a, power=power: power(a, 3), V[:3]) for power in POWERS),
    *((lambda a, change=change: change(a), V) for change in CHANGES),
    (lambda a, b, c: (Legendre(a) * Legendre(b) - 2.0 * Legendre(a) ** 2 + 1)(c), V, W, 0.4),
    (lambda a, b: (a * Laguerre([1.0, b]) * Laguerre([b, a]) / 2.0)(b), 0.3, 0.4),
]
ORDERED: list[Any] = [
    (lambda a: np.sort(a), V),
    (lambda a: np.sort(a, axis=0), M),
    (lambda a: np.sort(a, axis=None), M),
    (lambda a: np.sort(a), C),
    (lambda a: np.partition(a, 2), V),
    (lambda a: np.partition(a, 1, axis=0), M),
    (lambda a: np.unique(a), V),
    (lambda a: np.unique(a, return_counts=True)[0], M),
    (lambda a: a.argpartition(2) * a, V),
    (lambda a: a[np.where(a > 0)], V),
    (lambda a: a[np.argsort(a)], V),
    (lambda a: np.extract(a > 0, a), V),
    (lambda a: np.median(a), V),
    (lambda a: np.median(a), M),
    (lambda a: np.median(a, axis=0), M),
    (lambda a: np.median(a, axis=(0, 2), keepdims=True), C),
    (lambda a: np.median(a, axis=1), C),
    (lambda a: np.median(a, axis=(0, 1)), C),
    (lambda a: np.median(a, axis=()), V),
    (lambda a: np.nanmedian(a, axis=()), V),
    (lambda a: np.quantile(a, [0.2, 0.6], axis=(), keepdims=True), M),
    (lambda a: np.nanmedian(a), M),
    (lambda a: np.nanmedian(np.where(np.isnan(HOLES), np.nan, a), axis=1), M),
    *(
        (lambda a, method=method, fun=fun: fun(a, 0.3, method=method), W)
        for method in METHODS
        for fun in (np.quantile, np.nanquantile)
    ),
    (lambda a, b: np.quantile(a, b), W, 0.42),
    (lambda a: np.quantile(a, [0.1, 0.33, 0.7]), W),
    (lambda a, b: np.quantile(a, b, axis=1), M, 0.42),
    (lambda a, b: np.quantile(a, b, axis=0), M, np.array([0.2, 0.6])),
    (lambda a, b: np.quantile(a, b, axis=(0, 2), keepdims=True), C, np.array([0.2, 0.61])),
    (lambda a: np.quantile(a, 0.3, axis=1, keepdims=True), C),
    (lambda a: np.nanquantile(a, [0.1, 0.33], axis=1), C),
    (lambda a, b: np.nanquantile(a, b, axis=0), M[:, :2], np.array([0.2, 0.6])),
    (lambda a, b: np.nanquantile(a, b, axis=(0, 2), keepdims=True), C, np.array([0.2, 0.6, 0.7])),
    (lambda a: np.percentile(a, 30), W),
    (lambda a, b: np.percentile(a, b), M, 33.0),
    (lambda a: np.nanpercentile(np.where(np.isnan(HOLES), np.nan, a), [20, 77.0], axis=1), M),
]
TABLES: list[Any] = [
    (lambda a: np.bincount(PLACES, weights=a), V),
    (lambda a: np.bincount(PLACES, a, minlength=5), V),
    (lambda a: np.histogram(V, bins=4, weights=a)[0], P),
    (lambda a: np.histogram(V, bins=[-1, 0, 0.5, 1.0], weights=a)[0], P),
    (lambda a: np.histogram(a, bins=4)[1], V),
    (lambda a: np.histogram(V, bins=3, range=(-0.5, 0.5), weights=a)[0], P),
    (lambda a: np.cov(a), V),
    (lambda a: np.cov(a), M),
    (lambda a: np.cov(a, rowvar=False, ddof=0), M),
    (lambda a, b: np.cov(a, b), V, P),
    (lambda a, b: np.cov(a, b), M, 2 * M[:1]),
    (lambda a: np.cov(a, fweights=[1, 2, 1, 3], aweights=np.array([0.1, 0.2, 0.3, 0.4])), M),
    (lambda a: np.cov(a, aweights=np.array([0.1, 0.2, 0.3, 0.4])), M),
    (lambda a, b: np.cov(a, b, rowvar=False), M, M * M),
    (lambda a: np.corrcoef(a), M),
    (lambda a, b: np.corrcoef(a, b), V, P),
    (lambda a: np.corrcoef(a, rowvar=False), TALL),
]
SHAPED: list[Any] = [
    (lambda a: np.delete(a, 1), V),
    (lambda a: np.delete(a, [0, 2], axis=1), M),
    (lambda a: np.delete(a, slice(1, 3)), M),
    (lambda a, b: np.insert(a, 2, b), V, 1.0),
    (lambda a, b: np.insert(a, -1, b), V, W),
    (lambda a, b: np.insert(a, [3, 0, 0], b), V, W[:3]),
    (lambda a, b: np.insert(a, 1, b, axis=1), M, W[:3]),
    (lambda a, b: np.insert(a, [1, 3], b, axis=1), M, M[:, :2]),
    (lambda a, b: np.insert(a, 2, b), M, 1.0),
    (lambda a, b: np.insert(a, 1, b, axis=0), M, W[:4]),
    (lambda a, b: np.insert(a, [1], b, axis=0), M, M),
    (lambda a: np.resize(a, (3, 4)), V),
    (lambda a: np.resize(a, 3), M),
    (lambda a, b: np.pad(a, 2, constant_values=b), V, 0.3),
    (lambda a, b: np.pad(a, 0, constant_values=b), 1.5, 0.3),
    (lambda a, b, c: np.pad(a, ((1, 2), (0, 1)), constant_values=((b, 2.0), (c, b))), M, 0.3, 0.7),
    (lambda a, b: np.pad(a, (1, 2), constant_values=((b, 1.0),)), M, 0.3),
    (lambda a, b: np.pad(a, (1, 2), "linear_ramp", end_values=(b, 2.0)), M, 0.4),
    (lambda a: np.pad(a, ((1, 2), (0, 1)), mode="maximum"), M),
    (lambda a: np.pad(a, {0: (1, 2)}, mode="minimum"), V),
    (lambda a: np.pad(a, (1, 2), mode="mean", stat_length=2), V),
    (lambda a: np.pad(a, 2, mode="median", stat_length=((2, 3), (1, 20))), M),
    (lambda a: np.trim_zeros(np.append(np.append(0.0, a), 0)), V),
    (lambda a, b, c: np.block([[a, b], [c, a]]), M, M * 2, M + 1),
    (lambda a, b: np.block([a, b]), V, W),
    (lambda a, b: np.block([[a], [b]]), V, P),
    (lambda a, b, c: np.block([[a, b], [c, a]]), 1.0, 2.0, 3.0),
    (lambda a, b, c: np.block([[a, b], [c]]), M[:2], M[:2, :2], WIDE),
    (lambda a, b: np.r_[a, b, 1.0], V, 2.0),
    (lambda a: np.r_[0:3, a], V),
    (lambda a, b: np.c_[a, b], V, P),
    (lambda a, b: np.c_[a, b], M, M),
    (lambda a: a * np.mgrid[0:3, 0:2], 2.0),
    (lambda a: a * np.mgrid[0:3], 2.0),
    (lambda a: a * np.ogrid[0:1:4j], 2.0),
    (lambda a: a * np.ogrid[0:3, 1:2:3j][1], 2.0),
    (lambda a, b: np.concat([a, b]), V, W),
    (lambda a: np.permute_dims(a, (1, 0)), M),
]
if hasattr(np, "cumulative_sum"):
    SHAPED += [
        (lambda a: np.cumulative_sum(a, include_initial=True), V),
        (lambda a: np.cumulative_sum(a, axis=1), M),
        (lambda a: np.cumulative_prod(a, axis=0, include_initial=True), M),
    ]
if hasattr(np, "matvec"):
    SHAPED += [
        (lambda a, b: np.matvec(a, b), M, V[:4]),
        (lambda a, b: np.matvec(a, b), C, V[:4]),
        (lambda a, b: np.matvec(a, b), M, C[0]),
        (lambda a, b: np.vecmat(a, b), V[:3], M),
        (lambda a, b: np.vecmat(a, b), V[:3], C),
    ]
ELEMENTWISE: list[Any] = [
    (lambda a, b: np.divmod(a, b), V * 3, P),
    (lambda a: np.modf(a)[0], V * 3),
    (lambda a, b: np.divmod(a, b)[0] * a + b, V * 3, P),
    (lambda a: np.modf(a)[1] * a, V * 3),
    (lambda a: np.gradient(a)[1], M),
    (lambda a, b: np.histogram(a, bins=4, weights=b)[0] * b[:4], V, P),
    (lambda a: np.frexp(a)[0], V * 3),
    (lambda a: np.i0(a), M),
    (lambda a: np.i0(a), 1.5),
    (lambda a: np.kaiser(6, a), 2.5),
    (lambda a: np.sinc(a), V),
    (lambda a: np.sinc(a), V * 0.02),
    (lambda a, b: np.unwrap(a, period=b), V * 4, 3.0),
    (lambda b, c, d: np.nan_to_num(MIXED, nan=b, posinf=c, neginf=d), 1.0, 2.0, 3.0),
    (lambda a: np.ldexp(a, 3), V),
    (lambda a, b: np.pow(a, b), P, V),
    (lambda a, b, t: a + (b - a) * t, V, P, 0.3),
]
UFUNC_METHODS: list[Any] = [
    (lambda a: np.add.reduce(a), M),
    (lambda a: np.add.reduce(a, axis=1, keepdims=True), M),
    (lambda a: np.multiply.reduce(a), M),
    (lambda a: np.maximum.reduce(a, axis=None), M),
    (lambda a: np.logaddexp.reduce(a, axis=1), M),
    (lambda a: np.logaddexp2.reduce(a), V),
    (lambda a: np.add.accumulate(a), M),
    (lambda a: np.multiply.accumulate(a, axis=1), M),
    (lambda a: np.maximum.accumulate(a), V),
    (lambda a: np.minimum.accumulate(a, axis=1), M),
    (lambda a: np.add.reduceat(a, [0, 2, 1, 3]), V),
    (lambda a: np.add.reduceat(a, [0, 2], axis=1), M),
    (lambda a, b: np.multiply.outer(a, b), V, W),
    (lambda a, b: np.multiply.outer(a, b), M, W),
    (lambda a, b: np.multiply.outer(a, b), V, M),
    (lambda a, b: np.multiply.outer(a, b), 1.5, M),
    (lambda a, b: np.subtract.outer(a, b), V, W),
    (lambda a, b: np.divide.outer(a, b), M, P),
    (lambda a, b: np.maximum.outer(a, b), V, W),
    (lambda a, b: np.hypot.outer(a, b), V, M),
]
#: What stands behind ``out`` by position counts too, and one argument in two places is in both.
BY_POSITION: list[Any] = [
    (lambda a: np.max(a, 1, None, True), M),
    (lambda a: a.sum(1, None, None, True), M),
    (lambda a: np.var(a, 1, None, None, 1), M),
    (lambda a: np.std(a, 1, None, np.zeros(3), 1), M),
    (lambda a: np.take(a, [0, 5], 1, None, "wrap"), M),
    (lambda a: a.compress([True, False, True], 0, np.zeros((2, 4))), M),
    (lambda a: np.median(a, 1, None, True), M),
    (lambda a: np.add.reduce(a, 1, None, None, True), M),
    (lambda a: np.concatenate([a, a], 1, np.zeros((3, 8))), M),
    (lambda a, b: np.logspace(a, b, 4, base=a), 1.3, 0.4),
    (lambda a, b: np.logspace(1.0, a, 3, False, b), V, 1.4),
]
KEYWORDS: list[Any] = [
    (lambda a, b: np.minimum.reduce(a, axis=(0, 1), initial=b), M, 0.7),
    (lambda a, b: np.multiply.reduce(a, axis=1, initial=b), M, 0.7),
    (lambda a, b: np.quantile(a, b, axis=0), M, np.array([[0.2, 0.61], [0.1, 0.35]])),
    (lambda a: np.nanquantile(a, np.diag(P[:2] / 3), axis=1), M),
    (lambda a, b: np.insert(a, slice(None, 4, 2), b), V, W[:2]),
    (lambda a, b: np.insert(a, np.array([True, False, True]), b, axis=0), M, W[:4]),
    (lambda a: a.astype(float, "F", "safe", copy=False).view(), M),
    (lambda a: np.abs(a.view(complex)) ** 2 * a[:, ::2], M),
    (lambda a: np.exp(1j * a).view(dtype=float)[:, ::3], M),
    (lambda a, b: np.convolve(a, b), V, 0.7),
    (lambda a, b: np.polymul(a, b), 0.7, V),
    (lambda a: np.piecewise(a, [a < 0, a > 0.5], [np.exp, np.sin, 2.0]), 0.7),
    (lambda a: np.histogram(V, [-3.0, 0.1, 3.0], density=True, weights=a)[0], P),
    (lambda a: np.histogram(a, 3, density=True)[0], V),
    (lambda a, b: np.polynomial.chebyshev.chebval(b, a), V, 0.3),
    (lambda a: np.polyfit(np.arange(5), a, 2), V),
    # As long as a number says that is read at run time.
    (lambda a: np.zeros(COUNTS[1]).shape[0] * a, V),
    (lambda a: np.kron(a, np.ones(COUNTS[0])), V),
    (lambda a: np.delete(a, COUNTS) * W[:2], V),
    (joined, M, V[:4]),
    (lambda a: np.concatenate(np.array_split(a, 2)[::-1]), V),
]
CALLERS: list[Any] = [
    (lambda a: np.apply_along_axis(lambda r: np.sum(r**2), 1, a), M),
    (lambda a: np.apply_along_axis(lambda r: r * r[0], 0, a), M),
    (lambda a: np.apply_along_axis(np.sum, 1, a), C),
    (lambda a: np.apply_along_axis(np.cumsum, 1, a), C),
    (lambda a: np.apply_over_axes(np.sum, a, [0, 2]), C),
    (lambda a: np.piecewise(a, [a < 0, a >= 0.3], [lambda z: z**2, np.sin]), V),
    (lambda a, b: np.piecewise(a, [a < 0], [lambda z: z**2, b]), V, 2.0),
    (lambda a, b: np.fromfunction(lambda i, j: a * i + j * b, (3, 2)), 1.0, 2.0),
    (lambda a, b: np.vectorize(lambda x, y: x * y if x > 0 else y)(a, b), V, 2.0),
    (lambda a: np.vectorize(lambda x: x**2)(a), M),
    (lambda a, b: np.vectorize(lambda x, y: x * y[0], excluded={1})(a, b), V, W),
    (lambda a, b: np.vectorize(lambda r, s: r @ s, signature="(n),(n)->()")(a, b), M, V[:4]),
    (
        lambda a, b: np.vectorize(lambda r, s: (r + s, r @ s), None, signature="(n),(n)->(n),()")(
            a, b
        ),
        C,
        M,
    ),
    (lambda a, b: np.vectorize(lambda x, k=2: (x, x * k), otypes="dd")(a, k=b), M, V[:4]),
    (lambda a: by_element(a), M),
    (lambda a: sliding_window_view(a, 3), V),
    (lambda a: sliding_window_view(a, (2, 3)), M),
    (lambda a: sliding_window_view(a, 2, axis=-2) ** 2, C),
    (scaled_rows, M, M**2),
    (scaled_rows, M, V[:4]),
]
TOPICS = {
    "sampled": SAMPLED,
    "polynomials": POLYNOMIALS,
    "ordered": ORDERED,
    "tables": TABLES,
    "shaped": SHAPED,
    "elementwise": ELEMENTWISE,
    "ufunc_methods": UFUNC_METHODS,
    "by_position": BY_POSITION,
    "keywords": KEYWORDS,
    "callers": CALLERS,
}


def cases() -> Iterator[Any]:
    for topic, listed in TOPICS.items():
        for number, (fun, *args) in enumerate(listed):
            yield pytest.param(fun, args, id=f"{topic}-{number}")


def weighted(fun: Callable[..., Any], result: Any) -> Callable[..., Any]:
    """The sum of what `fun` returns, each number with a weight of its own."""
    if isinstance(result, tuple):
        weights = [
            np.cos(np.arange(np.size(r)) + k).reshape(np.shape(r)) for k, r in enumerate(result)
        ]

        def of_several(*args: Any) -> Any:
            total = 0.0
            for w, r in zip(weights, fun(*args), strict=True):
                total = total + np.sum(w * r)
            return total

        return of_several
    weight = np.cos(np.arange(np.size(result)) + 1.0).reshape(np.shape(result))

    def of_one(*args: Any) -> Any:
        return np.sum(weight * fun(*args))

    return of_one


def moved(args: Any, place: int, index: Any, step: float) -> list[Any]:
    made = list(args)
    x = np.array(made[place], dtype=float)
    x[index] += step
    made[place] = x if isinstance(args[place], np.ndarray) else float(x)
    return made


def differences(fun: Callable[..., Any], args: Any, place: int) -> Any:
    found = np.zeros(np.shape(args[place]))
    for index in np.ndindex(found.shape):
        up, down = (fun(*moved(args, place, index, step)) for step in (STEP, -STEP))
        found[index] = (up - down) / (2 * STEP)
    return found


@pytest.mark.parametrize(("fun", "args"), [*cases()])
@pytest.mark.sampled(3)
def test_gradient_by_every_argument(fun: Callable[..., Any], args: list[Any]) -> None:
    total = weighted(fun, fun(*args))
    places = tuple(range(len(args)))
    value, gradients = value_and_grad(total, argnums=places)(*args)
    assert value == total(*args)
    for place, gradient in zip(places, gradients, strict=True):
        # Differences with a step of 1e-6 are off by about 1e-16 / 1e-6 and the step squared.
        expected = differences(total, args, place)
        np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=2e-7 * (1 + abs(value)))


@pytest.mark.parametrize(("fun", "args"), [*cases()])
@pytest.mark.sampled(4)
def test_forward_mode_agrees_with_reverse(fun: Callable[..., Any], args: list[Any]) -> None:
    total = weighted(fun, fun(*args))
    _, gradients = value_and_grad(total, argnums=tuple(range(len(args))))(*args)
    rng = np.random.default_rng(3)
    tangents = [rng.normal(size=np.shape(a)) if np.ndim(a) else float(rng.normal()) for a in args]
    _, tangent = jvp(total, tuple(args), tuple(tangents))
    expected = sum(np.vdot(g, t) for g, t in zip(gradients, tangents, strict=True))
    np.testing.assert_allclose(tangent, expected, rtol=1e-9, atol=1e-9)


NARROW: list[Any] = [
    lambda a: np.sort(a) * np.diff(a, prepend=a[:1]),
    lambda a: np.unique(a),
    lambda a: np.vander(a, 2),
    lambda a: np.c_[a, a],
    lambda a: np.r_[a, 1.0] ** 2,
    lambda a: np.polyfit(np.arange(3.0), a, 1),
    lambda a: np.quantile(a, 0.3),
    lambda a: a.clip(0.5),
    lambda a: np.convolve(a, [1.0, 2.0], "same"),
    lambda a: np.gradient(a),
    lambda a: np.interp(a, [0.0, 1.0], [1.0, 2.0]),
    lambda a: np.maximum.accumulate(a),
    lambda a: np.multiply.outer(a, a),
    lambda a: a.tolist()[1] * 1.5,
    lambda a: np.polynomial.polynomial.polyval(0.3, a),
    lambda a: np.polynomial.polynomial.polyvander(a, 2),
    lambda a: Polynomial(a).deriv().integ()(0.3),
]


@pytest.mark.parametrize("fun", NARROW)
def test_single_precision_is_kept(fun: Callable[..., Any]) -> None:
    x = np.array([0.3, 1.2, -0.4], dtype=np.float32)
    total = weighted(fun, fun(x))
    value, gradient = value_and_grad(total)(x)
    assert gradient.dtype == np.float32
    assert type(value) is type(total(x))
    _, double = value_and_grad(total)(x.astype(float))
    # A few operations in single precision, whose unit is 6e-8.
    np.testing.assert_allclose(gradient, double, rtol=1e-5, atol=1e-6)


def test_windows_that_are_written_are_refused() -> None:
    def fun(a: Any) -> Any:
        b = a.copy()
        windows = sliding_window_view(b, 2, writeable=True)
        windows[0] *= 2.0
        return np.sum(b**2)

    with pytest.raises(Unsupported, match="may be a view or a copy of an array, and is written"):
        value_and_grad(fun)(V)
    with pytest.raises(ValueError, match="larger than input array"):
        value_and_grad(lambda a: np.sum(sliding_window_view(a, 9)))(V)


def test_ufuncs_are_told_a_dtype() -> None:
    def told(a: Any, b: Any) -> Any:
        return np.exp(a, dtype=np.float32) * np.add(a, b, dtype=np.float32, order="K") @ a

    def cast(a: Any, b: Any) -> Any:
        a32 = a.astype(np.float32)
        return np.exp(a32) * (a32 + np.float32(b)) @ a

    assert told(V, 0.3) == cast(V, 0.3)
    for found, expected in zip(
        value_and_grad(told, (0, 1))(V, 0.3)[1], value_and_grad(cast, (0, 1))(V, 0.3)[1],
        strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    along = ((V, 0.3), (V[::-1].copy(), 0.5))
    np.testing.assert_allclose(jvp(told, *along)[1], jvp(cast, *along)[1], rtol=1e-6)
    with pytest.raises(Unsupported, match="absolute is not differentiated with these arguments"):
        value_and_grad(lambda a: np.sum(np.abs(1j * a, dtype=float)))(V)


@pytest.mark.parametrize(
    "fun",
    [
        lambda a: np.interp(a, [0.1, 1.3], [1.0, 2.0], period=0.7),
        lambda a: np.linspace(a[0], a, 3, retstep=True)[1],
        lambda a: np.average(a, weights=a * a, returned=True)[1],
        lambda a: np.pad(a, 2, "linear_ramp", end_values=0.3),
        lambda a: np.pad(a, (1, 3), "mean", stat_length=2),
        lambda a: np.vectorize(lambda x: 2 * x, otypes=[float])(a),
    ],
)
def test_values_are_those_of_numpy(fun: Callable[..., Any]) -> None:
    x = np.array([0.3, 1.2, -0.4], dtype=np.float32)
    value, gradient = value_and_grad(lambda a: np.sum(fun(a)))(x)
    assert value == np.sum(fun(x)) and type(value) is type(np.sum(fun(x)))
    assert gradient.dtype == np.float32
