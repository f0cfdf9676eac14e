"""The rules of `adjoint.rules.scipy.iterative`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import bicgstab, cg, expm_multiply, gmres, minres, tfqmr

from adjoint import Unsupported, grad
from tests.rules.whole import check_program

RNG = np.random.default_rng(91)
BANDS = np.diag(np.linspace(2, 3, 5)) + np.diag(np.full(4, 0.3), 1) + np.diag(np.full(4, 0.3), -1)
SKEWED = BANDS + 0.2 * np.triu(RNG.normal(size=(5, 5)))
A, N = sparse.csr_array(BANDS), sparse.csr_array(SKEWED)
B, W, TALL = RNG.normal(size=5), RNG.uniform(0.5, 1, 5), RNG.normal(size=(5, 2))
CLOSE = 1e-13

CASES: list[Any] = [
    (lambda b: cg(A, b, rtol=CLOSE)[0], B),
    (lambda w, b: cg(sparse.diags_array(w) + A, b, rtol=CLOSE)[0], W, B),
    (lambda m, b: cg(m + m.T, b, x0=0.1 * b, rtol=CLOSE)[0], SKEWED, B),
    (lambda b: minres(A, b, rtol=CLOSE)[0], B),
    (lambda m, b: gmres(m, b, rtol=CLOSE)[0], SKEWED, B),
    (lambda w, b: bicgstab(sparse.diags_array(w) + N, b, rtol=CLOSE, maxiter=99)[0], W, B),
    (lambda b: tfqmr(N, b, rtol=CLOSE)[0], B),
    (lambda b: expm_multiply(0.3 * N, b), B),
    (lambda w, b: expm_multiply(sparse.diags_array(w) + 0.3 * N, b), W, B),
    (lambda w, b: expm_multiply(sparse.diags_array(w) + 0.3 * N, b), W, TALL),
    (lambda m, b: expm_multiply(0.2 * m, b), SKEWED, B),
]


@pytest.mark.parametrize(("fun", "args"), [(fun, args) for fun, *args in CASES])
@pytest.mark.sampled(3)
def test_programs(fun: Any, args: Any) -> None:
    check_program(fun, *args)


def test_a_search_that_may_fail() -> None:
    def solved(w: Any) -> Any:
        x, info = cg(sparse.diags_array(w) + A, B, rtol=CLOSE)
        if info > 0:
            raise ValueError("no solution")
        return np.sum(x**2)

    gradient = grad(solved)
    check_program(solved, W)
    assert "2 * x, rtol=CLOSE)" in str(gradient.specialize(W).source)


def test_options_are_refused() -> None:
    with pytest.raises(Unsupported, match="preconditioner"):
        grad(lambda b: np.sum(cg(A, b, M=A)[0]))(B)
    with pytest.raises(Unsupported, match="several times"):
        grad(lambda b: np.sum(expm_multiply(A, b, 0.0, 1.0, 3)))(B)
