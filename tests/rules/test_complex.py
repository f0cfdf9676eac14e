"""Rules of functions that are something else for complex numbers, or nothing at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, grad, jvp
from tests.rules.harness import check

Z, X = np.array([0.3 - 0.7j, 1.2 + 0.4j, -0.5 + 0.1j]), np.array([0.3, 0.7, 0.9])


def test_frequencies_of_a_complex_spacing() -> None:
    check(np.fft.fftfreq, 5, 0.3 + 0.2j)
    check(np.fft.rfftfreq, 6, 0.3 - 0.2j)


def test_areas_over_complex_points() -> None:
    check(np.trapezoid, X, Z)
    check(np.trapezoid, Z, X)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_parts_of_complex_numbers_are_filled_one_by_one() -> None:
    z = np.array([complex(np.nan, 2.0), complex(1.0, np.inf), complex(-np.inf, np.nan), 1 + 1j])
    g, numbers = np.array([1 + 2j, 3 - 1j, 0.5 + 1j, 2 - 2j]), (0.3, 0.7, -0.2)

    def fun(z: Any, nan: float, posinf: float, neginf: float) -> Any:
        return np.sum(np.real(g * np.nan_to_num(z, nan=nan, posinf=posinf, neginf=neginf)))

    d_z, *d_numbers = grad(fun, (0, 1, 2, 3))(z, *numbers)
    np.testing.assert_allclose(d_z, [2j, 3.0, 0.0, 2 - 2j])
    # Of Re(g (a + b i)): the real part of g where a is put in, minus the imaginary one where b is.
    np.testing.assert_allclose(d_numbers, [1.0 - 1.0, 1.0, 0.5])
    along = (np.array([1j, 1j, 1j, 1j]), 1.0, 2.0, 3.0)
    expected = np.sum(np.real(d_z * along[0])) + np.dot(d_numbers, along[1:])
    np.testing.assert_allclose(jvp(fun, (z, *numbers), along)[1], expected)


#: Computed with the real parts, of which NumPy warns.
DROPPED: list[Callable[..., Any]] = [
    lambda z: np.prod(z, dtype=float),
    lambda z: np.cumprod(z, dtype=float)[2],
    lambda z: np.var(z, dtype=float),
    lambda z: np.nanvar(X, mean=z[:1]),
    lambda z: np.cov(z, X, dtype=float)[0, 1],
    lambda z: math.dist(z, X),
]


@pytest.mark.filterwarnings("ignore:Casting complex values")
@pytest.mark.parametrize("fun", DROPPED)
def test_products_without_imaginary_parts_are_refused(fun: Callable[..., Any]) -> None:
    for derivative in (lambda: grad(fun)(Z), lambda: jvp(fun, (Z,), (Z,))):
        with pytest.raises(Unsupported, match="leaves imaginary parts out"):
            derivative()


@pytest.mark.filterwarnings("ignore:Casting complex values")
def test_sums_without_imaginary_parts_are_right() -> None:
    def fun(z: Any) -> Any:
        return np.sum(z * z, dtype=float)

    np.testing.assert_allclose(grad(fun)(Z), 2 * Z)
    np.testing.assert_allclose(jvp(fun, (Z,), (1j * Z,))[1], np.sum(np.real(2j * Z * Z)))


def test_bounds_that_have_no_order_are_refused() -> None:
    with pytest.raises(Unsupported, match="clip is differentiated for real numbers only"):
        grad(lambda z: np.sum(np.real(np.clip(z, 0.1j, 1))))(Z)


def test_complex_powers_of_negative_numbers() -> None:
    check(np.power, -X, Z)
    check(np.power, -1.5, Z)


def test_an_argument_in_two_places_is_refused_where_one_has_no_derivative() -> None:
    with pytest.raises(Unsupported, match="norm is not differentiated by its argument ord"):
        grad(lambda x: np.linalg.norm(X * x, ord=x))(1.5)
    with pytest.raises(Unsupported, match="norm is not differentiated by its argument ord"):
        jvp(lambda x: np.linalg.norm(x, ord=x[0]), (X,), (X,))
