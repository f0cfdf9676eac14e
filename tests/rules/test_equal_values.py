"""Decompositions where eigenvalues or singular values are equal: right, or nan, and never between.

A function that does not depend on the choice of vectors is smooth there, so that differences of it
say what its derivatives are: of one along a random direction, with a step h = 1e-4, of which the
error is about h**2 f''' / 6 and h**2 f'''' / 12, or 1e-8 for what bends as these do.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp

RNG = np.random.default_rng(31)
WEIGHTS = RNG.normal(size=(4, 4))
FRAME = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
STEP = 1e-4

EQUAL = np.eye(4)
REPEATED = np.diag([2.0, 1.0, 1.0, 3.0])
TURNED = FRAME @ REPEATED @ FRAME.T
SINGULAR = FRAME @ np.diag([2.0, 0.0, 0.0, 3.0]) @ FRAME.T

Loss = Callable[[Any], Any]


def exponential(a: Any) -> Any:
    w, v = np.linalg.eigh(a)
    return np.sum((v * np.exp(w)) @ v.T * WEIGHTS)


def logarithm(a: Any) -> Any:
    """At the identity all but the cotangents of the values are 0."""
    w, v = np.linalg.eigh(a)
    return np.sum((v * np.log(w)) @ v.T)


def quadratic(a: Any) -> Any:
    w, v = np.linalg.eigh(a)
    return np.sum((v.T @ WEIGHTS[0]) ** 2 / w) + np.sum(np.log(w))


def recomposed(a: Any) -> Any:
    u, s, vh = np.linalg.svd(a)
    return np.sum((u * s) @ vh * WEIGHTS)


def outer_products(a: Any) -> Any:
    u, s, _ = np.linalg.svd(a)
    return np.sum((u * s) @ u.T * WEIGHTS)


def recomposed_of_eig(a: Any) -> Any:
    w, v = np.linalg.eig(a + 0j)
    return np.sum(np.real((v * w) @ np.linalg.inv(v)) * WEIGHTS)


def projector(a: Any) -> Any:
    v = np.linalg.eigh(a).eigenvectors
    return np.sum(v[:, :2] @ v[:, :2].T * WEIGHTS)


def orthogonal(a: Any) -> Any:
    u, _, vh = np.linalg.svd(a)
    return np.sum(u @ vh * WEIGHTS)


def cubes(a: Any) -> Any:
    return np.sum(np.linalg.eigvalsh(a) ** 3)


def cubes_of_eigh(a: Any) -> Any:
    return np.sum(np.linalg.eigh(a)[0] ** 3)


def log_determinant(a: Any) -> Any:
    return np.sum(np.log(np.linalg.eigvalsh(a)))


def squares(a: Any) -> Any:
    return np.sum(np.linalg.svdvals(a) ** 2)


def nuclear(a: Any) -> Any:
    return np.linalg.norm(a, "nuc")


def largest(a: Any) -> Any:
    """Of a part that has no equal."""
    w, v = np.linalg.eigh(a)
    return np.sum(np.outer(v[:, -1], v[:, -1]) * w[-1] * WEIGHTS)


def whitened(a: Any) -> Any:
    """What is computed of the values that are not taken has no derivative by them."""
    w, v = np.linalg.eigh(a)
    taken = w > 1e-9
    scale = np.where(taken, 1 / np.sqrt(np.where(taken, w, 1.0)), 0.0)
    return np.sum((v * scale) @ v.T @ WEIGHTS)


RIGHT = [
    *((outer_products, a) for a in (EQUAL, REPEATED, TURNED)),
    (projector, np.diag([1.0, 1.0, 2.0, 2.0])),
    (projector, FRAME @ np.diag([1.0, 1.0, 2.0, 2.0]) @ FRAME.T),
    *((orthogonal, a) for a in (EQUAL, REPEATED, FRAME)),
    *((f, a) for f in (cubes, cubes_of_eigh, squares, nuclear) for a in (EQUAL, TURNED)),
    (log_determinant, EQUAL),
    (largest, REPEATED),
    (largest, SINGULAR),
    *((exponential, a) for a in (EQUAL, REPEATED, TURNED)),
    (logarithm, EQUAL),
    *((quadratic, a) for a in (EQUAL, REPEATED, TURNED)),
    *((recomposed, a) for a in (EQUAL, TURNED, SINGULAR)),
]
UNKNOWN = [
    (recomposed_of_eig, EQUAL),
]


def named(value: Any) -> str:
    return getattr(value, "__name__", "")


def symmetric() -> Any:
    half = RNG.normal(size=(4, 4))
    return half + half.T


def slopes(fun: Loss, a: Any, t: Any) -> list[Any]:
    return [np.sum(grad(fun)(a) * t), jvp(fun, (a,), (t,))[1]]


def curvatures(fun: Loss, a: Any, t: Any) -> list[Any]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of what is constant
        return [
            np.sum(grad(lambda a: np.sum(t * grad(fun)(a)))(a) * t),
            np.sum(jvp(grad(fun), (a,), (t,))[1] * t),
            np.sum(grad(lambda a: jvp(fun, (a,), (t,))[1])(a) * t),
        ]


@pytest.mark.parametrize(("fun", "a"), RIGHT, ids=named)
def test_what_is_known(fun: Loss, a: Any) -> None:
    t = symmetric()
    expected = (fun(a + STEP * t) - fun(a - STEP * t)) / (2 * STEP)
    for found in slopes(fun, a, t):
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(("fun", "a"), UNKNOWN, ids=named)
def test_what_is_not_known(fun: Loss, a: Any) -> None:
    assert all(map(np.isnan, slopes(fun, a, symmetric())))


@pytest.mark.parametrize(("fun", "a"), [*RIGHT, *UNKNOWN], ids=named)
@pytest.mark.sampled(4)
def test_second_derivatives_are_right_or_nan(fun: Loss, a: Any) -> None:
    t = symmetric()
    expected = (fun(a + STEP * t) - 2 * fun(a) + fun(a - STEP * t)) / STEP**2
    for found in curvatures(fun, a, t):
        assert np.isnan(found) or found == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("fun", [exponential, quadratic], ids=named)
def test_second_derivatives_of_what_varies_with_equal_values_are_nan(fun: Loss) -> None:
    assert all(map(np.isnan, curvatures(fun, EQUAL, symmetric())))


@pytest.mark.parametrize("fun", [cubes, log_determinant], ids=named)
def test_second_derivatives_of_values_by_their_gradient(fun: Loss) -> None:
    """The gradient is itself a function of the matrix by its eigenvalues."""
    t = symmetric()
    expected = (fun(EQUAL + STEP * t) - 2 * fun(EQUAL) + fun(EQUAL - STEP * t)) / STEP**2
    for found in curvatures(fun, EQUAL, t)[:2]:
        assert found == pytest.approx(expected, rel=1e-4)


def test_second_derivative_of_the_nuclear_norm() -> None:
    """It is linear in symmetric matrices near the identity, and bends where they turn."""
    half = RNG.normal(size=(4, 4))
    t = half - half.T
    for found in curvatures(nuclear, EQUAL, t):
        assert found == pytest.approx(np.sum(t**2), rel=1e-12)


def test_what_is_not_taken_of_a_singular_matrix() -> None:
    """Along directions that keep its rank."""
    half = RNG.normal(size=(4, 4))

    def moved(s: float) -> Any:
        return (np.eye(4) + s * half) @ SINGULAR @ (np.eye(4) + s * half).T

    expected = (whitened(moved(STEP)) - whitened(moved(-STEP))) / (2 * STEP)
    for found in slopes(whitened, SINGULAR, half @ SINGULAR + SINGULAR @ half.T):
        assert found == pytest.approx(expected, rel=1e-5)


def test_wide_and_tall_matrices() -> None:
    weights = RNG.normal(size=(4, 2))

    def thin(a: Any) -> Any:
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return np.sum((u * s[::-1]) @ vh * weights)

    assert np.all(np.isnan(grad(thin)(np.zeros((4, 2)))))
    assert np.all(np.isnan(grad(lambda a: thin(a.T))(np.eye(2, 4))))
    one = np.outer(np.arange(4.0), [1.0, 0.0])
    assert np.all(np.isnan(grad(thin)(one)))
    best = grad(lambda a: np.linalg.norm(a, "nuc"))
    np.testing.assert_allclose(best(np.eye(4, 2)), np.eye(4, 2), atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_other_numbers(dtype: Any) -> None:
    def recomposed(a: Any) -> Any:
        w, v = np.linalg.eigh(a)
        return np.sum(np.real((v * np.exp(w)) @ np.conj(v.T)))

    found = grad(recomposed)(np.eye(3, dtype=dtype))
    assert found.dtype == dtype
    np.testing.assert_allclose(found, np.e * np.tril(np.full((3, 3), 2.0) - np.eye(3)), rtol=1e-6)
    batch = np.stack([np.eye(3), np.diag([1.0, 2.0, 3.0])]).astype(dtype)

    def each(a: Any) -> Any:
        w, v = np.linalg.eigh(a)
        return np.sum(np.real((v * np.exp(w)[:, None]) @ np.conj(np.swapaxes(v, 1, 2))))

    found = grad(each)(batch)
    # the axes that the index leaves out are not counted
    assert np.all(np.isnan(found[0]) == np.tri(3, dtype=bool))
    assert np.all(np.isfinite(found[1]))


def hermitian(x: Any) -> Any:
    return x + np.conj(x.T)


def by_columns(a: Any) -> Any:
    w, v = np.linalg.eigh(a)
    return (v * np.exp(w)) @ v.conj().T


def by_rows(a: Any) -> Any:
    w, v = np.linalg.eigh(a)
    return v @ (np.tanh(w)[:, None] * np.conj(v).T) + v @ np.diag(w**2) @ np.conj(v.T)


def by_plain_transpose(a: Any) -> Any:
    """It depends on the phases of the vectors: no function of the matrix."""
    w, v = np.linalg.eigh(a)
    return np.abs((v * np.exp(w)) @ v.T)


def by_phases(a: Any) -> Any:
    w, v = np.linalg.eigh(a)
    return (v * np.exp(1j * w)) @ v.conj().T


HALF = RNG.normal(size=(3, 3)) + 1j * RNG.normal(size=(3, 3))
UNITARY = np.linalg.qr(HALF)[0]
TWICE = hermitian(UNITARY @ np.diag([1.0, 1.0, 2.0]) @ np.conj(UNITARY.T)) / 2


@pytest.mark.parametrize("function", [by_columns, by_rows])
def test_functions_of_hermitian_matrices(function: Loss) -> None:
    weights = RNG.normal(size=(3, 3)) + 1j * RNG.normal(size=(3, 3))

    def loss(a: Any) -> Any:
        return np.sum(np.real(weights * function(a)))

    t = hermitian(RNG.normal(size=(3, 3)) + 1j * RNG.normal(size=(3, 3)))
    for a in (hermitian(HALF), TWICE, 2 * np.eye(3) + 0j):
        expected = (loss(a + STEP * t) - loss(a - STEP * t)) / (2 * STEP)
        for found in (np.sum(np.real(grad(loss)(a) * t)), jvp(loss, (a,), (t,))[1]):
            assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_what_looks_like_a_function_of_a_hermitian_matrix() -> None:
    for function in (by_plain_transpose, by_phases):
        found = grad(lambda a, f=function: np.sum(np.real(WEIGHTS[:3, :3] * f(a))))(TWICE)
        assert np.isnan(found).any()


def test_nearly_equal_values_lose_digits() -> None:
    """By the distance d of two values, eps / d is lost of the first derivative."""
    gap = 1e-9
    a = np.diag([1.0, 1.0 + gap, 2.0, 3.0])
    t = symmetric()
    expected = (exponential(a + STEP * t) - exponential(a - STEP * t)) / (2 * STEP)
    for found in slopes(exponential, a, t):
        assert found == pytest.approx(expected, rel=1e-5)


# Batches -----------------------------------------------------------------------------------------


def exponentials(a: Any) -> Any:
    w, v = np.linalg.eigh(a)
    return (v * np.exp(w)[..., None, :]) @ np.swapaxes(v, -1, -2)


def roots(a: Any) -> Any:
    w, v = np.linalg.eigh(a)
    return v @ (np.sqrt(w)[..., None] * np.matrix_transpose(v))


def inverses(a: Any) -> Any:
    w, v = np.linalg.eigh(a)
    return (v / w[:, None, :]) @ v.transpose(0, 2, 1)


BATCH = np.stack([EQUAL, REPEATED, TURNED, TURNED + 0.1 * (WEIGHTS + WEIGHTS.T)])
BATCH_WEIGHTS = RNG.normal(size=BATCH.shape)


@pytest.mark.parametrize("function", [exponentials, roots, inverses])
def test_functions_of_the_matrices_of_a_batch(function: Loss) -> None:
    along = RNG.normal(size=BATCH.shape)
    along = along + np.swapaxes(along, -1, -2)

    def loss(a: Any) -> Any:
        return np.sum(function(a) * BATCH_WEIGHTS)

    expected = (loss(BATCH + STEP * along) - loss(BATCH - STEP * along)) / (2 * STEP)
    np.testing.assert_allclose(np.sum(grad(loss)(BATCH) * along), expected, rtol=1e-5)
    np.testing.assert_allclose(jvp(loss, (BATCH,), (along,))[1], expected, rtol=1e-5)


def scaled_by_rows(a: Any) -> Any:
    """The values scale the rows: no function of the matrix."""
    w, v = np.linalg.eigh(a)
    return (v * np.exp(w)[..., None]) @ np.swapaxes(v, -1, -2)


def scaled_by_others(a: Any) -> Any:
    """With as many matrices as these have rows, each is scaled by the values of all."""
    w, v = np.linalg.eigh(a)
    return (v * np.exp(w)) @ np.swapaxes(v, -1, -2)


@pytest.mark.parametrize("function", [scaled_by_rows, scaled_by_others])
def test_what_looks_like_a_function_of_the_matrices(function: Loss) -> None:
    apart = np.stack([TURNED + k * (WEIGHTS + WEIGHTS.T) for k in (0.1, 0.2, 0.3, 0.4)])
    along = np.stack([WEIGHTS + WEIGHTS.T] * 4)

    def loss(a: Any) -> Any:
        return np.sum(function(a) * BATCH_WEIGHTS)

    expected = (loss(apart + STEP * along) - loss(apart - STEP * along)) / (2 * STEP)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(np.sum(grad(loss)(apart) * along), expected, rtol=1e-4)
    assert np.all(np.isnan(grad(loss)(BATCH)[0]) == np.tri(len(TURNED), dtype=bool))
