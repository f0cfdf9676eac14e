"""The rules of `adjoint.rules.scipy.factored`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import linalg

from adjoint import Unsupported, grad
from tests.rules.whole import check_program

RNG = np.random.default_rng(71)
A, B, V = RNG.normal(size=(4, 4)), RNG.normal(size=(4, 2)), RNG.normal(size=4)
S, T, R = A @ A.T + np.eye(4), B.T @ B + np.eye(2), A + 1j * A[::-1] + 3 * np.eye(4)
UPPER = np.array([[0, 0, 0.3, 0.2], [0, 0.5, 0.4, -0.3], [3, 3.1, 2.7, 3.3]])
LOWER = np.array([[3, 3.1, 2.7, 3.3], [0.5, 0.4, -0.3, 0], [0.3, 0.2, 0, 0]])


def both_ways(a: Any, b: Any) -> Any:
    factors = linalg.lu_factor(a)
    return linalg.lu_solve(factors, linalg.lu_solve(factors, b), trans=1)


CASES: list[Any] = [
    (lambda a: linalg.lu_factor(a)[0], A),
    (lambda a, b: linalg.lu_solve(linalg.lu_factor(a), b), A, V),
    (lambda a, b: linalg.lu_solve(linalg.lu_factor(a), b), R, V + 0j),
    (both_ways, A, B),
    (both_ways, R, B + 0j),
    (lambda a, b: linalg.solveh_banded(a, b), UPPER, V),
    (lambda a, b: linalg.solveh_banded(a, b, lower=True), LOWER, V),
    (lambda a, b: linalg.solveh_banded(a, b), UPPER, B),
    (lambda a: linalg.polar(a), A),
    (lambda a: linalg.polar(a, side="left"), A[:3]),
    (lambda a: [np.abs(part) for part in linalg.polar(a)], R),
    (lambda a, b: linalg.orthogonal_procrustes(a, b), A, S),
    (lambda a, b, q, r: linalg.solve_continuous_are(a, b, q @ q.T, r @ r.T), A, B, S, T),
    (lambda a, b, q, r: linalg.solve_discrete_are(a, b, q @ q.T, r @ r.T), A, B, S, T),
]


@pytest.mark.parametrize(("fun", "args"), [(fun, args) for fun, *args in CASES])
@pytest.mark.sampled(2)
def test_programs(fun: Any, args: Any) -> None:
    check_program(fun, *args)


def test_the_polar_factor_of_the_identity() -> None:
    weights = np.arange(16.0).reshape(4, 4)
    d_a = grad(lambda a: np.sum(linalg.polar(a)[1] * weights))(np.eye(4))
    np.testing.assert_allclose(d_a, (weights + weights.T) / 2, atol=1e-12)


@pytest.mark.parametrize(
    ("fun", "reason"),
    [
        (lambda a: linalg.schur(a)[0], "jumps from one to another"),
        (lambda a: linalg.polar(np.stack([a] * 4))[1], "take each by itself"),
        (
            lambda a: linalg.orthogonal_procrustes(np.stack([a] * 4), np.stack([a] * 4))[0],
            "take each by itself",
        ),
        (lambda a: linalg.null_space(a[:2]), "write the projector"),
        (lambda a: linalg.lu_solve(linalg.lu_factor(a), V, trans=2), "trans=2"),
        (lambda a: linalg.solve_continuous_are(a, B, S, T, e=S), "with e, s"),
    ],
)
def test_refused(fun: Any, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        grad(lambda a: np.sum(fun(a)))(A)
