"""The rules of `adjoint.rules.scipy.linalg`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import linalg, special

from adjoint import Unsupported, check_grads, grad, jvp, vjp
from adjoint.rules import lookup
from tests.rules.harness import check

lookup(special.gamma)
RNG = np.random.default_rng(57)
A = RNG.normal(size=(4, 4)) + 2 * np.eye(4)
RIGHT = [RNG.normal(size=4), RNG.normal(size=(4, 2))]


@pytest.mark.parametrize("b", RIGHT, ids=["vector", "matrix"])
def test_systems(b: Any) -> None:
    check(linalg.solve, A, b)
    check(linalg.solve, A, b, transposed=True)
    bands = RNG.normal(size=(4, 6)) + np.array([0, 5, 0, 0])[:, None]
    check(linalg.solve_banded, (2, 1), bands, RNG.normal(size=(6, *b.shape[1:])))


BATCH = np.stack([A, A + 0.3 * A.T])


def test_batches_of_systems() -> None:
    check(linalg.solve, BATCH, RIGHT[0])
    check(linalg.solve, BATCH, RNG.normal(size=(2, 4, 1)), transposed=True)
    check(linalg.solve_triangular, BATCH, RIGHT[0], trans=1, lower=True)
    check(linalg.solve_triangular, BATCH, RIGHT[1], unit_diagonal=True)


@pytest.mark.parametrize("b", RIGHT, ids=["vector", "matrix"])
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("trans", [0, 1, "T"])
@pytest.mark.parametrize("unit", [False, True])
def test_triangular_systems(b: Any, lower: bool, trans: Any, unit: bool) -> None:
    check(linalg.solve_triangular, A, b, trans=trans, lower=lower, unit_diagonal=unit)


def test_factors_and_functions() -> None:
    check(linalg.inv, A)
    check(linalg.det, A)
    check(linalg.lu, A)
    check(linalg.qr, A)
    check(linalg.qr, RNG.normal(size=(5, 3)), mode="economic")
    check(linalg.expm, A * 0.3)
    check(linalg.expm_frechet, A * 0.3, A.T @ A, compute_expm=False)
    check(linalg.sqrtm, A + 0.2j * A.T)
    check(linalg.solve_sylvester, A, RNG.normal(size=(2, 2)) + 3 * np.eye(2), RIGHT[1])


def test_mixed_matrices_that_scipy_does_not_solve() -> None:
    b = RNG.normal(size=(2, 2)) + 3 * np.eye(2)
    check(linalg.solve_sylvester, A + 0j, b - 0.2j, RIGHT[1])
    for mixed in ((A, b - 0.2j, RIGHT[1]), (A, b, 1j * RIGHT[1])):
        with pytest.raises(Unsupported, match="real and complex matrices together"):
            grad(lambda *given: np.sum(np.abs(linalg.solve_sylvester(*given))))(*mixed)


def test_parts() -> None:
    check(linalg.toeplitz, RIGHT[0])
    check(linalg.toeplitz, RIGHT[0], RNG.normal(size=3))
    check(linalg.block_diag, A, RIGHT[1], RIGHT[0])


@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("b", RIGHT, ids=["vector", "matrix"])
def test_systems_by_a_factor(b: Any, lower: bool) -> None:
    def by_factor(a: Any, b: Any) -> Any:
        return np.sum(np.sin(linalg.cho_solve(linalg.cho_factor(a, lower=lower), b)))

    def by_cholesky(a: Any, b: Any) -> Any:
        return np.sum(np.sin(linalg.cho_solve((linalg.cholesky(a, lower), lower), b)))

    def plain(a: Any, b: Any) -> Any:
        return np.sum(np.sin(linalg.solve(a, b, lower=lower, assume_a="pos")))

    a = A @ A.T
    expected = grad(plain, argnums=(0, 1))(a, b)
    for function in (by_factor, by_cholesky):
        for d, e in zip(grad(function, argnums=(0, 1))(a, b), expected, strict=True):
            np.testing.assert_allclose(d, e, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["lower triangular", "upper triangular", "general"])
@pytest.mark.parametrize("b", RIGHT, ids=["vector", "matrix"])
def test_systems_of_which_a_part_is_read(b: Any, kind: str) -> None:
    check(linalg.solve, A, b, assume_a=kind)
    check(linalg.solve, A, b, assume_a=kind, transposed=True)
    check(linalg.solve_triangular, A, b, trans="C", lower=kind[0] == "l")


def test_kinds_of_systems_that_are_refused() -> None:
    with pytest.raises(Unsupported, match="with assume_a='diagonal'"):
        grad(lambda b: np.sum(linalg.solve(A, b, assume_a="diagonal")))(RIGHT[0])
    with pytest.raises(Unsupported, match="with assume_a='sym' of a complex matrix"):
        vjp(lambda a: linalg.solve(a, RIGHT[0], assume_a="sym"), A + A.T + 0j)


def test_what_numpy_has_as_well() -> None:
    symmetric = A + A.T

    def parts(a: Any) -> Any:
        u, s, vh = linalg.svd(a, full_matrices=False)
        w, v = linalg.eigh(a + a.T)
        whole = np.sum((u * s) @ vh * a) + np.sum((v * w**2) @ v.T) + linalg.norm(a, axis=0)[1]
        return whole + linalg.norm(a) + np.sum(linalg.pinv(a) ** 2) + np.sum(linalg.svdvals(a))

    def values(a: Any) -> Any:
        return np.sum(linalg.eigvalsh(a + a.T) ** 3) + linalg.eigh(a, eigvals_only=True)[0]

    check_grads(parts, (A,))
    check_grads(lambda a: values(a + a.T), (symmetric,))
    check_grads(lambda a: linalg.eigvalsh(a, A @ A.T), (symmetric,))
    with pytest.raises(Unsupported, match="of two matrices"):
        grad(lambda a: np.sum(linalg.eigvalsh(a, A @ A.T, type=2)))(symmetric)
    with pytest.raises(Unsupported, match="of some eigenvalues"):
        grad(lambda a: np.sum(linalg.eigvalsh(a, subset_by_index=[0, 1])))(symmetric)


def test_to_second_order() -> None:
    bands, b = RNG.normal(size=(3, 5)) + np.array([0, 5, 0])[:, None], RNG.normal(size=5)

    def by_factor(a: Any, b: Any) -> Any:
        factor = linalg.cho_factor(a @ a.T + np.eye(4), lower=True)
        return np.sum(linalg.cho_solve(factor, b) ** 2) + np.sum(np.log(np.diag(factor[0])))

    def systems(bands: Any, b: Any) -> Any:
        return np.sum(linalg.solve_banded((1, 1), bands, b) ** 2)

    def matrices(a: Any, c: Any) -> Any:
        p, low, up = linalg.lu(a)
        made = linalg.toeplitz(c) @ linalg.solve_sylvester(a, a.T, a)
        return np.sum(made) + np.sum(low**2) + np.sum(np.log(np.diag(up) ** 2)) + np.sum(p)

    check_grads(by_factor, (A, RIGHT[0]), order=2, rtol=1e-4)
    check_grads(systems, (bands, b), order=2, rtol=1e-4)
    check_grads(matrices, (A, RIGHT[0]), order=2, rtol=1e-3)


def test_what_may_be_overwritten_is_not() -> None:
    def kept(a: Any, b: Any) -> Any:
        x = linalg.solve(a, b, overwrite_a=True, overwrite_b=True)
        return np.sum(x * b) + np.sum(linalg.inv(a, True) @ b) + np.sum(np.median(a, 0, None, True))

    def plain(a: Any, b: Any) -> Any:
        x = linalg.solve(a, b)
        return np.sum(x * b) + np.sum(linalg.inv(a) @ b) + np.sum(np.median(a, 0))

    a, b = np.asfortranarray(A), RIGHT[0].copy()
    expected = grad(plain, argnums=(0, 1))(A, RIGHT[0])
    for found, exact in zip(grad(kept, argnums=(0, 1))(a, b), expected, strict=True):
        np.testing.assert_allclose(found, exact, rtol=1e-12)
    along = (np.ones_like(A), np.ones_like(b))
    tangent = jvp(kept, (a, b), along)[1]
    np.testing.assert_allclose(tangent, sum(map(np.sum, expected)), rtol=1e-10)
    np.testing.assert_array_equal(a, A)
    np.testing.assert_array_equal(b, RIGHT[0])


def test_what_is_refused() -> None:
    with pytest.raises(Unsupported, match=r"sqrtm\(a \+ 0j\)"):
        grad(lambda a: np.sum(linalg.sqrtm(a)))(A)
    with pytest.raises(Unsupported, match="logm"):
        grad(lambda a: np.sum(linalg.logm(a)))(A)


@pytest.mark.parametrize(
    "function",
    [
        lambda a, b: linalg.solve(a, b, lower=True, assume_a="pos"),
        lambda a, b: linalg.solve(a.T, b, assume_a="sym"),
        lambda a, b: linalg.inv(a, assume_a="pos", lower=True),
        lambda a, b: linalg.cholesky(a, lower=True),
        lambda a, b: linalg.cholesky(a.T),
        lambda a, b: linalg.eigvalsh(a),
        lambda a, b: linalg.eigh(a @ a.T, a, eigvals_only=True),
        lambda a, b: np.abs(linalg.eigh(a, np.diag(np.exp(b)) + a)[1]),
    ],
)
def test_of_which_one_triangle_is_read(function: Any) -> None:
    """What stands in the other one makes no difference, to the gradient neither."""
    lower = np.tril(A @ A.T + np.eye(len(A)))
    check_grads(function, (lower, RIGHT[0]), order=2)
