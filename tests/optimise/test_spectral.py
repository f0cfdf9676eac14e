"""Functions of symmetric matrices by their eigenvalues, also where two of these are equal."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad, jvp

RNG = np.random.default_rng(3)
C = RNG.normal(size=(3, 3))
FULL = RNG.normal(size=(3, 3))
SQUARE = FULL @ FULL.T + np.eye(3)
TURN = np.linalg.qr(FULL)[0]
TWICE = TURN @ np.diag([2.0, 2.0, 3.0]) @ TURN.T
SAME = 2 * np.eye(3)
MATRICES = [SQUARE, (TWICE + TWICE.T) / 2, SAME]


def root(a):
    w, v = np.linalg.eigh(a)
    return np.sum(C * ((v * np.sqrt(w)) @ v.T))


def inverse(a):
    e = np.linalg.eigh(a)
    s = 1 / (e.eigenvalues + 0.5)
    return np.sum(C * (e.eigenvectors @ np.diag(s) @ e.eigenvectors.T))


def rows(a):
    w, v = np.linalg.eigh(a)
    return np.sum(C * (v @ (w[:, None] * v.T)))


def by_method(a):
    w, v = np.linalg.eigh(a)
    return np.sum(C * v.dot(np.diag(np.exp(w) - w)).dot(v.T.conj()))


def clipped_and_written(a):
    w, v = np.linalg.eigh(a + a.T)
    s = np.where(w > 0.2, np.log(w + 1) * w, 0.0) / w.sum()
    b = v @ (np.diag(s) @ v.T)
    b[0] *= 2
    return np.sum(C * b) + np.sum(w**3)


def values_of_another_call(a):
    _, v = np.linalg.eigh(a)
    return np.sum(C * np.matmul(np.linalg.eigvalsh(a) ** 2 * v, np.transpose(v)))


def solved(a):
    w, v = np.linalg.eigh(a)
    y = v @ ((v.T @ C[0]) / w)
    return np.sum(np.sin(y) * C[1]) + np.sum(np.log(w))


def solved_for_columns(a):
    w, v = np.linalg.eigh(a)
    t = np.sqrt(w)
    return np.sum(C[:, :2] * (v @ (t[:, None] * (v.T @ C[:, 1:]) * 3.0)))


def likelihood(a):
    w, v = np.linalg.eigh(a)
    y = v.T @ C[0]
    return -0.5 * np.sum(y**2 / (w + 0.1)) - 0.5 * np.sum(np.log(w + 0.1))


def between(a):
    w, v = np.linalg.eigh(a)
    y = C[0] @ v
    x = (y / w) @ v.T
    return y @ (np.exp(-w) * y) + (y * y) @ (w**2) + np.dot(np.square(y), w) + x @ C[1]


def whitened(a):
    w, v = np.linalg.eigh(a)
    z = (v / np.sqrt(w)).T @ C[0]
    return np.sum(z * z) + np.sum(C * ((v * w) @ (v / w**2).T))


def of_the_matrix(a):
    w, v = np.linalg.eigh(a)
    b = a[0] * 2
    return np.sum(np.cos(v @ (w**0.5 * (v.T @ b)))) + np.sum((v.T @ b) ** 2 * np.tanh(w))


def by_einsum(a):
    w, v = np.linalg.eigh(a)
    whole = np.einsum("ij,j,kj->ki", v, np.exp(w), v)
    implied = np.einsum("j, ij, kj, j", w, v, v, 1 / (w + 3))
    return np.sum(C * whole) + np.sum(C * np.sin(implied))


def by_einsum_of_scaled(a):
    w, v = np.linalg.eigh(a)
    half = v * np.sqrt(w)
    first = np.einsum("ij,kj->ik", half, half) + np.einsum("ij,jk->ik", v / w, v.T)
    return np.sum(C * first) + np.sum(C * np.einsum("ji,j,jk", v.T, w**2, v.T))


def by_einsum_with_vectors(a):
    w, v = np.linalg.eigh(a)
    first = np.einsum("ij,j,kj,k->i", v, np.exp(w), v, a[0], optimize=True)
    second = np.einsum("ij,j,kj,i->k", v, np.exp(w), v, C[0])
    columns = np.einsum("ij,j,kj,kl->il", v, 1 / w, v, C[:, :2])
    return np.sum(C[1] * first) + np.sum(C[2] * second) + np.sum(C[:, 1:] * columns)


def largest(a):
    w, v = np.linalg.eigh(a + np.diag([0.0, 0.0, -5.0]))
    k = 2
    return np.sum(C * ((v[:, -k:] * np.exp(w[-k:])) @ v[:, -k:].T)) + np.sum(w**2)


def above_a_bound(a):
    w, v = np.linalg.eigh(a)
    y = v[:, w > 0.1] @ (np.log(w[w > 0.1]) * (v[:, w > 0.1].T @ C[0]))
    z = v[:, w > 0.2].T @ C[1]
    return np.sum(np.sin(y) * C[1]) + np.sum(z**2 / w[w > 0.2])


def sorted_downwards(a):
    w, v = np.linalg.eigh(a + np.diag([0.0, 0.0, -5.0]))
    order = np.argsort(w)[::-1]
    w, v = w[order], v[:, order]
    return np.sum(C * (v[:, :2] @ np.diag(np.sqrt(w[:2])) @ v[:, :2].T))


def slope(fun, a, t, h=1e-3):
    wide, near = fun(a + 2 * h * t) - fun(a - 2 * h * t), fun(a + h * t) - fun(a - h * t)
    return (8 * near - wide) / (12 * h)


@pytest.mark.parametrize("a", MATRICES, ids=["distinct", "twice", "same"])
@pytest.mark.parametrize(
    "fun",
    [
        root,
        inverse,
        rows,
        by_method,
        clipped_and_written,
        values_of_another_call,
        solved,
        solved_for_columns,
        likelihood,
        between,
        whitened,
        of_the_matrix,
        by_einsum,
        by_einsum_of_scaled,
        by_einsum_with_vectors,
        largest,
        above_a_bound,
        sorted_downwards,
    ],
)
@pytest.mark.sampled(2)
def test_derivatives_are_right_where_values_are_equal(fun, a):
    t = RNG.normal(size=(3, 3))
    t += t.T
    expected = slope(fun, a, t)
    assert np.sum(grad(fun)(a) * t) == pytest.approx(expected, rel=1e-7)
    assert jvp(fun)((a,), (t,))[1] == pytest.approx(expected, rel=1e-7)


def of_low_rank(a):
    u, s, vh = np.linalg.svd(a)
    return np.sum(C[:, :2] * ((u[:, :2] * s[:2] ** 2) @ vh[:2])[:3, :2])


def inverted_above_a_bound(a):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    kept = s > 0.5
    b = np.cos(np.arange(len(a)))
    return np.sum(C[0] * (vh[kept, :].T @ ((u[:, kept].T @ b) / s[kept]))[:3])


def squared_of_low_rank(a):
    u, s, vh = np.linalg.svd(a[:3, :3])
    return np.sum(C * ((u[:, :2] * s[:2]) @ u[:, :2].T)) + np.sum(C * (u[:, :2] @ vh[:2]))


@pytest.mark.parametrize("shape", [(3, 3), (3, 4), (5, 3)])
@pytest.mark.parametrize("fun", [of_low_rank, inverted_above_a_bound, squared_of_low_rank])
def test_some_of_the_singular_vectors(fun, shape):
    left, right = (np.linalg.qr(RNG.normal(size=(n, n)))[0] for n in shape)
    a = (left[:, :3] * np.array([2.0, 2.0, 0.3])) @ right[:, :3].T
    if fun is squared_of_low_rank:
        a[:3, :3] = (TURN * np.array([2.0, 2.0, 0.3])) @ TURN[::-1]
    t = RNG.normal(size=shape)
    assert np.sum(grad(fun)(a) * t) == pytest.approx(slope(fun, a, t), rel=1e-7)
    assert jvp(fun)((a,), (t,))[1] == pytest.approx(slope(fun, a, t), rel=1e-7)


@pytest.mark.parametrize("fun", [root, clipped_and_written])
def test_second_derivatives_are_right_where_values_differ_and_else_nan(fun):
    t = RNG.normal(size=(3, 3))
    t += t.T
    found = jvp(grad(fun))((SQUARE,), (t,))[1]
    np.testing.assert_allclose(found, slope(grad(fun), SQUARE, t), rtol=1e-6, atol=1e-7)
    assert np.isnan(jvp(grad(fun))((SAME,), (t,))[1]).any()


def test_a_product_that_depends_on_the_choice_of_vectors_is_nan():
    def weighted(a):
        w, v = np.linalg.eigh(a)
        return np.sum(C * ((v * (w * np.array([1.0, 2.0, 3.0]))) @ v.T))

    def written(a):
        w, v = np.linalg.eigh(a)
        w[0] = 7.0
        return np.sum(C * ((v * w) @ v.T))

    def weighted_by_einsum(a):
        w, v = np.linalg.eigh(a)
        return np.sum(C * np.einsum("ij,j,kj,j->ik", v, w, v, np.array([1.0, 2.0, 3.0])))

    def turned_by_einsum(a):
        w, v = np.linalg.eigh(a)
        return np.sum(C * np.einsum("ij,j,jk->ik", v, w, v))

    def torn_apart(a):
        w, v = np.linalg.eigh(a)
        return np.sum(C * ((v[:, 1:] * w[1:]) @ v[:, 1:].T))

    def of_others(a):
        w, v = np.linalg.eigh(a)
        return np.sum(C * ((v[:, 1:] * w[:-1]) @ v[:, 1:].T))

    for fun in (weighted, written, weighted_by_einsum, turned_by_einsum, torn_apart, of_others):
        t = RNG.normal(size=(3, 3))
        t += t.T
        found = np.sum(grad(fun)(SQUARE) * t)
        assert found == pytest.approx(slope(fun, SQUARE, t, 1e-4), rel=1e-6)
        assert np.isnan(grad(fun)(SAME)).any()


def test_it_is_printed_as_it_was_written():
    def value(a):
        w, v = np.linalg.eigh(a)
        b = (v * np.sqrt(w)) @ v.T
        return np.sum(b**3)

    g = grad(value)
    g(SQUARE)
    assert "    b = v * np.sqrt(w) @ v.T\n" in g.source or "b = v * t @ v.T\n" in g.source
    assert "spectral" not in g.source
