"""The distances of `adjoint.rules.scipy.distance`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import spatial
from scipy.spatial import distance

from adjoint import Unsupported, grad
from tests.rules.whole import check_program

RNG = np.random.default_rng(19)
A, B = np.abs(RNG.normal(size=(4, 3))) + 0.1, np.abs(RNG.normal(size=(5, 3))) + 0.2
U, V, W = A[0], B[0], B[1]
NAMES = [
    "euclidean", "sqeuclidean", "cityblock", "chebyshev", "minkowski", "cosine", "correlation",
    "braycurtis", "canberra", "jensenshannon",
]  # fmt: skip
OTHERS: list[Any] = [
    (lambda a, b: distance.cdist(a, b, "minkowski", p=3), A, B),
    (lambda a, b, v: distance.cdist(a, b, "seuclidean", V=v), A, B, W),
    (lambda u, v, m: distance.mahalanobis(u, v, m), U, V, np.eye(3) + 0.1),
    (lambda u, v, w: distance.euclidean(u, v, w), U, V, W),
    (lambda u, v, w: distance.cosine(u, v, w), U, V, W),
    (lambda u, v, w: distance.canberra(u, v, w), U, V, W),
    (lambda a: distance.squareform(distance.pdist(a)), A),
    (lambda a: distance.squareform(distance.squareform(distance.pdist(a))), A),
    (lambda a: distance.cdist(a, a, "sqeuclidean"), A),
    (lambda a, b: distance.cdist(a, b), np.asarray(A, np.float32), np.asarray(B, np.float32)),
    (lambda a, b: distance.cdist(a, b), A[:0], B),
    (lambda a, b: spatial.distance_matrix(a, b), A, B),
    (lambda a, b: spatial.minkowski_distance(a, b, 3), A, B[:4]),
    (lambda a, b: spatial.minkowski_distance_p(a, b, 3), A, B[:4]),
]


@pytest.mark.parametrize("name", NAMES)
def test_each(name: str) -> None:
    measure = getattr(distance, name)
    check_program(lambda u, v: measure(u, v), U, V)
    check_program(lambda a, b: distance.cdist(a, b, name), A, B, second_order=False)
    check_program(lambda a: distance.pdist(a, name), A, second_order=False)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of functions of scipy.spatial
@pytest.mark.parametrize("case", OTHERS, ids=range(len(OTHERS)))
def test_others(case: Any) -> None:
    fun, *args = case
    check_program(fun, *args)


def test_at_equal_rows_the_derivative_is_zero() -> None:
    found = grad(lambda a, b: distance.cdist(a, b)[0, 0])(A, A)
    np.testing.assert_array_equal(found, np.zeros_like(A))


def test_parameters_that_are_taken_from_the_rows_are_refused() -> None:
    with pytest.raises(Unsupported, match="VI"):
        grad(lambda a: np.sum(distance.pdist(a, "mahalanobis")))(A)
