"""Compositions with closed forms: one operation for the derivative, the text as it was written."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad, jvp
from adjoint.testing import check_grads

FAR = np.array([-800.0, -1.5, 0.0, 2.0, 800.0])


def plain(x):
    return 1 / (1 + np.exp(-x))


def falling(x):
    return 1.0 / (np.exp(2 * x) + 1.0)


def first(x):
    return 1 / (np.exp(-x) + 1)


def by_name(x):
    z = -x
    e = np.exp(z)
    below = 1 + e
    return np.divide(1, below)


@pytest.mark.parametrize("fun", [plain, falling, first, by_name])
@pytest.mark.filterwarnings("ignore:overflow")
def test_derivatives_are_finite_where_the_exponential_is_not(fun):
    w = np.array([1.0, -2.0, 0.5, 3.0, 1.5])

    def total(x):
        return np.sum(w * fun(x))

    scale, sign = (2, -1) if fun is falling else (1, 1)
    y = plain(scale * sign * FAR)
    slope = scale * sign * w * y * (1 - y)
    np.testing.assert_allclose(grad(total)(FAR), slope, rtol=1e-15)
    assert jvp(total)((FAR,), (w,))[1] == pytest.approx(slope @ w, rel=1e-14)
    curvature = scale**2 * w * y * (1 - y) * (1 - 2 * y)
    np.testing.assert_allclose(jvp(grad(total))((FAR,), (w,))[1], curvature * w, atol=1e-14)
    assert fun(FAR).tobytes() == jvp(fun)((FAR,), (w,))[0].tobytes()


def swish(x):
    return x / (1 + np.exp(-x))


def occupied(x):
    return (x + 2.0) / (np.exp(2 * x) + 1.0)


def soliton(x):
    return x / np.cosh(x) ** 2 + 3 / np.cosh(x)


@pytest.mark.parametrize("fun", [swish, occupied, soliton])
@pytest.mark.filterwarnings("ignore:overflow")
def test_quotients_by_what_overflows(fun):
    w = np.array([1.0, -2.0, 0.5, 3.0, 1.5])

    def total(x):
        return np.sum(w * fun(x))

    check_grads(lambda x: np.sum(w[:3] * fun(x)), (FAR[1:4],))
    slope, curvature = grad(total)(FAR), jvp(grad(total))((FAR,), (w,))[1]
    twice = grad(lambda x: np.sum(w * grad(total)(x)))(FAR)
    for found in (slope, curvature, twice):
        assert np.all(np.isfinite(found))
    np.testing.assert_allclose(twice, curvature, atol=1e-14)
    np.testing.assert_allclose(jvp(total)((FAR,), (w,))[1], slope @ w, rtol=1e-14)
    assert fun(FAR).tobytes() == jvp(fun)((FAR,), (w,))[0].tobytes()


def test_what_is_kept_is_the_result():
    def steps(x, n):
        for _ in range(n):
            x = 2 / (1 + x) + 1 / (1 + np.exp(-x))
        return np.sum(x)

    check_grads(lambda x: steps(x, 3), (FAR[1:4],))
    g = grad(steps)
    g(FAR[1:4], 3)
    assert "d_x * t * (1 - t)" in g.source


def test_an_exponential_that_is_read_otherwise_or_written_stays():
    def shared(x):
        e = np.exp(-x)
        return np.sum(1 / (1 + e) + e**2)

    def written(x):
        e = np.exp(-x)
        x[0] = 3.0
        y = 1 / (1 + e)
        return np.sum(y * x)

    def updated(x):
        e = np.exp(-x)
        e[1] = 2.0
        return np.sum(1 / (1 + e) * x)

    for fun in (shared, written, updated):
        check_grads(fun, (np.array([0.5, -1.0, 2.0]),))


def test_single_precision_and_scalars_stay():
    def total(x):
        return np.sum(1 / (1 + np.exp(-x)))

    assert grad(total)(np.float32([1.0, 2.0])).dtype == np.float32
    assert isinstance(grad(total)(0.5), float)
    assert grad(total)(np.float64(0.5)) == pytest.approx(0.2350037122)


def code(gradient):
    """The text without its comments, which quote the function."""
    return "\n".join(line.partition("#")[0] for line in str(gradient.source).splitlines())


def log_det(a):
    return np.log(np.linalg.det(a @ a.T + np.eye(len(a))))


def log_numpy_abs_det(a):
    size = np.abs(np.linalg.det(a))
    return np.log(size)


def log_abs_det_of_a_batch(a):
    return np.array([0.5, -2.0]) @ np.log(abs(np.linalg.det(a)))


MATRIX = np.array([[0.3, -1.2, 2.0], [0.0, 0.5, 0.1], [1.0, 0.2, -0.7]])


@pytest.mark.parametrize(
    ("fun", "a"),
    [
        (log_det, MATRIX[:2]),
        (log_numpy_abs_det, MATRIX),
        (log_abs_det_of_a_batch, np.array([MATRIX, MATRIX.T @ MATRIX + 1])),
    ],
)
def test_logarithm_of_a_determinant(fun, a):
    check_grads(fun, (a,), order=2, modes=("fwd", "rev"))
    gradient = grad(fun)
    gradient(a)
    assert "det(" not in code(gradient)
    assert "inv(" in code(gradient)


def test_logarithm_of_a_determinant_that_underflows():
    small = 1e-4 * np.eye(100)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(grad(lambda a: np.log(np.linalg.det(a)))(small), 1e8 * small)


def test_a_determinant_that_is_needed_itself_is_computed_once():
    def both(a):
        d = np.linalg.det(a)
        return np.log(d) + d

    a = MATRIX.T @ MATRIX
    check_grads(both, (a,))
    gradient = grad(both)
    gradient(a)
    assert code(gradient).count("det(a)") == 1


def test_a_matrix_that_is_not_square_is_refused_as_by_numpy():
    gradient = grad(lambda a, b: np.log(np.linalg.det(b)) + np.sum(a), (0,))
    gradient(MATRIX, MATRIX)
    with pytest.raises(np.linalg.LinAlgError):
        gradient(MATRIX, MATRIX[:2])
