"""Matrices that are symmetric by how they are computed, seen in what their gradients print."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad

POINTS = np.random.default_rng(3).normal(size=(4, 3))
ROWS = np.random.default_rng(4).normal(size=(4, 4))


def is_known(matrix, x):
    """Whether nothing is done for the triangle that is not read."""
    gradient = grad(lambda x: np.sum(np.linalg.eigvalsh(matrix(x)) ** 3))
    gradient(x)
    return "np.tril" not in gradient.source


def distances(x):
    return np.sum((x[:, None, :] - x[None, :, :]) ** 2, axis=-1)


def distances_by_products(x):
    squares = np.sum(x**2, axis=1)
    return squares[:, None] + squares[None, :] - 2 * x @ x.T


@pytest.mark.parametrize(
    "matrix",
    [
        lambda x: x @ x.T + 0.1 * np.eye(4),
        lambda x: np.dot(x.T, x),
        lambda x: x @ np.diag(np.exp(x[0])) @ x.T,
        lambda x: np.outer(x[0], x[0]) + np.identity(3),
        lambda x: np.linalg.inv(x.T @ x) * 2.0,
        lambda x: np.cov(x.T),
        lambda x: np.exp(-0.5 * distances(x)),
        lambda x: np.exp(-distances(x / np.array([1.0, 2.0, 3.0]))),
        lambda x: np.sqrt(distances_by_products(x) + 20.0),
        lambda x: np.abs(x[:, 0][:, None] - x[:, 0]),
        lambda x: np.linalg.norm(x[:, None] - x, axis=2) ** 2 + np.eye(4),
    ],
)
def test_what_is_symmetric(matrix):
    assert is_known(matrix, POINTS)


@pytest.mark.parametrize(
    "matrix",
    [
        lambda a: a,
        lambda a: a @ a,
        lambda a: a + a.T * 1.1,
        lambda a: np.tril(a @ a.T),
        lambda a: a[:, 0][:, None] - a[:, 0],
        lambda a: a @ a.T + a[0],
        lambda a: np.outer(a[0], a[1]),
        lambda a: np.eye(4, k=1) + a @ a.T,
        lambda a: np.sum((a[:, None] - a[None]) ** 2 + np.eye(4), axis=2) + a,
    ],
)
def test_what_is_not(matrix):
    assert not is_known(matrix, ROWS)


def test_sums_in_another_order():
    assert is_known(lambda a: (a + 0.5 * np.eye(4) + a.T) / 2, ROWS)
    assert is_known(lambda a: (a.T + a) * a[0, 0], ROWS)
