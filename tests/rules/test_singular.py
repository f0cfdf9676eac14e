"""Functions of a matrix by its singular values, also where two of these are equal, or 0."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp

RNG = np.random.default_rng(8)
LEFT = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
RIGHT = np.linalg.qr(RNG.normal(size=(3, 3)))[0]
B = RNG.normal(size=4)

Map = Callable[[Any], Any]


def odd(a: Any) -> Any:
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    return (u * np.sin(s) / 2) @ vt + np.einsum("ij,j,jk->ki", u, np.tanh(s), vt).T


def inverse(a: Any) -> Any:
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    return vt.T @ np.diag(1 / s) @ u.T + (u / s @ vt).T


def polar(a: Any) -> Any:
    """Of which the values are read beside the vectors, in another product."""
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    return np.stack([u @ vt, u @ ((s**3)[:, None] * vt)])


def solution(a: Any) -> Any:
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    b = B[: len(u)]
    return vt.T @ ((u.T @ b) / s) + (b @ u / (s + 0.1)) @ vt


def ridge(a: Any) -> Any:
    r = np.linalg.svd(a, full_matrices=False)
    d = r.S / (r.S**2 + 0.3)
    return r.Vh.T @ (d[:, None] * (r.U.T @ (a[:, :2] * 2)))


def pseudoinverse(a: Any) -> Any:
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    kept = s > 1e-9
    return (vt.T * np.where(kept, 1 / np.where(kept, s, 1.0), 0.0)) @ u.T


def stacked(a: Any) -> Any:
    u, s, vt = np.linalg.svd(np.stack([a, 2 * a]), full_matrices=False)
    return (u * np.log(s)[..., None, :]) @ vt


REGULAR = [
    1.5 * LEFT[:, :3] @ RIGHT,
    LEFT[:, :3] * [2.0, 1.0, 1.0] @ RIGHT,
    LEFT[:3] * 2.0,
    RNG.normal(size=(4, 3)),
    2 * np.eye(3),
]


def check(fun: Map, a: Any, t: Any, moved: Callable[[float], Any]) -> None:
    """Compare both modes along `t` with differences along a path, of which the error is h**4."""
    h, weights = 1e-3, RNG.normal(size=fun(a).shape)
    wide, near = fun(moved(2 * h)) - fun(moved(-2 * h)), fun(moved(h)) - fun(moved(-h))
    expected = np.sum(weights * (8 * near - wide)) / (12 * h)
    found = np.sum(grad(lambda a: np.sum(weights * fun(a)))(a) * t)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-7)
    assert np.sum(weights * jvp(fun, (a,), (t,))[1]) == pytest.approx(expected, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("a", REGULAR, ids=["equal", "twice", "wide", "distinct", "square"])
@pytest.mark.parametrize("fun", [odd, inverse, polar, solution, ridge, pseudoinverse, stacked])
@pytest.mark.sampled(3)
def test_derivatives_are_right_where_values_are_equal(fun: Map, a: Any) -> None:
    t = RNG.normal(size=a.shape)
    check(fun, a, t, lambda h: a + h * t)


SINGULAR = LEFT[:, :3] * [2.0, 2.0, 0.0] @ RIGHT


def test_odd_functions_are_smooth_where_values_are_0() -> None:
    for a in (SINGULAR, np.zeros((4, 3))):
        t = RNG.normal(size=a.shape)
        check(odd, a, t, lambda h, a=a, t=t: a + h * t)  # type: ignore[misc]


def test_the_pseudoinverse_along_directions_that_keep_the_rank() -> None:
    first, second = RNG.normal(size=(4, 4)), RNG.normal(size=(3, 3))
    t = first @ SINGULAR + SINGULAR @ second
    check(
        pseudoinverse,
        SINGULAR,
        t,
        lambda h: (np.eye(4) + h * first) @ SINGULAR @ (np.eye(3) + h * second),
    )


@pytest.mark.parametrize("fun", [polar, inverse])
def test_what_is_not_smooth_where_values_are_0_is_nan(fun: Map) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the function itself: it divides by 0
        assert np.isnan(grad(lambda a: np.sum(fun(a)))(SINGULAR)).all()
        assert np.isnan(jvp(fun, (SINGULAR,), (SINGULAR,))[1]).any()


def reversed_values(a: Any) -> Any:
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    return (u * s[::-1]) @ vt


def of_one_side(a: Any) -> Any:
    u, s, _ = np.linalg.svd(a, full_matrices=False)
    return (u * s) @ u.T


def of_another_matrix(a: Any) -> Any:
    u, s, _ = np.linalg.svd(a, full_matrices=False)
    return (u * s) @ np.linalg.svd(2 * a + 1, full_matrices=False)[2]


@pytest.mark.parametrize("fun", [reversed_values, of_one_side, of_another_matrix])
def test_what_looks_like_a_function_of_singular_values(fun: Map) -> None:
    a, t = REGULAR[3], RNG.normal(size=(4, 3))
    check(fun, a, t, lambda h: a + h * t)
    assert np.isnan(grad(lambda a: np.sum(np.sin(fun(a))))(REGULAR[0])).any()


def test_second_derivatives_are_right_where_values_differ_and_else_nan() -> None:
    def gradient(a: Any) -> Any:
        return grad(lambda a: np.sum(np.sin(ridge(a))))(a)

    t = RNG.normal(size=(4, 3))
    check(gradient, REGULAR[3], t, lambda h: REGULAR[3] + h * t)
    assert np.isnan(jvp(gradient, (REGULAR[0],), (t,))[1]).any()


def test_it_is_printed_as_it_was_written() -> None:
    def value(a: Any) -> Any:
        u, s, vt = np.linalg.svd(a, full_matrices=False)
        return np.sum((u * s**3) @ vt)

    gradient = grad(value)
    gradient(REGULAR[0])
    assert "singular" not in gradient.source


# Even functions: of the products of the matrix and its transpose ---------------------------------


def of_rows(a: Any) -> Any:
    _, s, vh = np.linalg.svd(a, full_matrices=False)
    return (vh.T * np.exp(-(s**2))) @ vh


def of_columns(a: Any) -> Any:
    u, s, _ = np.linalg.svd(a.T, full_matrices=False)
    return (u / (1 + s)) @ u.T


def times_a_vector(a: Any) -> Any:
    _, s, vh = np.linalg.svd(a, full_matrices=False)
    return (vh.T / (1 + s**2)) @ (vh @ np.arange(3.0))


TALL = RNG.normal(size=(5, 3))
EVEN = [of_rows, of_columns, times_a_vector]


@pytest.mark.parametrize("function", EVEN)
@pytest.mark.parametrize("matrix", [TALL, 2 * np.linalg.qr(TALL)[0]])
def test_even_functions(function: Any, matrix: Any) -> None:
    weights = np.cos(np.arange(np.size(function(matrix)))).reshape(np.shape(function(matrix)))
    along, step = RNG.normal(size=matrix.shape), 1e-5

    def loss(a: Any) -> Any:
        return np.sum(function(a) * weights)

    expected = (loss(matrix + step * along) - loss(matrix - step * along)) / (2 * step)
    np.testing.assert_allclose(np.sum(grad(loss)(matrix) * along), expected, rtol=1e-6)
    np.testing.assert_allclose(jvp(loss, (matrix,), (along,))[1], expected, rtol=1e-6)


def test_an_even_function_of_fewer_vectors_than_there_are_is_not_found() -> None:
    def loss(a: Any) -> Any:
        u, s, _ = np.linalg.svd(a, full_matrices=False)
        return np.sum((u * s) @ u.T * np.arange(25.0).reshape(5, 5))

    assert np.all(np.isfinite(grad(loss)(TALL)))
    assert np.any(np.isnan(grad(loss)(2 * np.linalg.qr(TALL)[0])))
