"""Sparse matrices: the rules of `adjoint.rules.scipy.sparse` and its kin."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from scipy import sparse, special
from scipy.sparse.linalg import factorized, lsqr, splu, spsolve

from adjoint import Unsupported, check_grads, grad, hessian, jvp
from adjoint.rules import lookup

pytestmark = pytest.mark.sampled(2)

lookup(special.gamma)
RNG = np.random.default_rng(73)
DENSE = RNG.normal(size=(4, 5)) * (RNG.uniform(size=(4, 5)) < 0.5)
X, Y, TALL = RNG.normal(size=5), RNG.normal(size=4), RNG.normal(size=(5, 2))
FORMATS = ["csr", "csc", "coo", "dia", "bsr", "lil", "dok"]
KINDS = ["array", "matrix"]
#: Places, of which one stands twice.
ROWS, COLUMNS = np.array([0, 1, 2, 2, 3, 1]), np.array([1, 3, 0, 4, 0, 3])
DATA = RNG.normal(size=6)

VECTOR = sparse.coo_array(np.array([1.0, 0.0, 2.0, 0.0]))

each_kind = pytest.mark.parametrize("kind", KINDS)


def of(name: str, kind: str) -> Any:
    return getattr(sparse, f"{name}_{kind}")


@each_kind
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.sampled(4)
def test_constant_times_array(name: str, kind: str) -> None:
    A = of(name, kind)(DENSE)

    def products(x: Any, y: Any, m: Any) -> Any:
        left = np.sum((A @ x) ** 2) + np.sum((y @ A) ** 3) + np.sum(A.dot(m) ** 2)
        return left + np.sum(A.T @ y * x) + np.sum((m.T @ A.transpose()) ** 2)

    check_grads(products, (X, Y, TALL), order=2 if name == "csr" else 1)
    assert float(products(X, Y, TALL)) == pytest.approx(
        np.sum((DENSE @ X) ** 2)
        + np.sum((Y @ DENSE) ** 3)
        + np.sum((DENSE @ TALL) ** 2)
        + np.sum(DENSE.T @ Y * X)
        + np.sum((TALL.T @ DENSE.T) ** 2)
    )


def test_a_star_is_a_product_of_matrices_alone() -> None:
    matrix, array = sparse.csr_matrix(DENSE), sparse.csr_array(DENSE)
    check_grads(lambda x: np.sum((matrix * x) ** 2), (X,), order=2)
    check_grads(lambda y: np.sum((y * matrix) ** 2), (Y,), order=2)
    check_grads(lambda s, x: np.sum((s * matrix * x) ** 2), (0.7, X), order=2)
    check_grads(lambda x: np.sum((array * x).toarray() ** 2), (X,), order=2)
    check_grads(lambda m: np.sum(matrix.multiply(m).toarray() ** 3), (DENSE + 1,), order=2)
    assert grad(lambda x: np.sum((array * x).toarray()))(X) == pytest.approx(DENSE.sum(axis=0))


@each_kind
@pytest.mark.parametrize("name", ["csr", "csc", "coo"])
@pytest.mark.sampled(4)
def test_values_at_places(name: str, kind: str) -> None:
    cls = of(name, kind)

    def products(data: Any, x: Any, m: Any, y: Any) -> Any:
        A = cls((data, (ROWS, COLUMNS)), shape=(4, 5))
        once = np.sum((A @ x) ** 2) + np.sum((A @ m) ** 2) + np.sum((y @ A) ** 3)
        return once + np.sum((A.T @ y) ** 2) + np.sum(A.toarray() ** 3) + A.sum() ** 2

    check_grads(products, (DATA, X, TALL, Y), order=2 if name == "coo" else 1)


@each_kind
def test_compressed(kind: str) -> None:
    indices, pointers = np.array([1, 3, 0, 4, 0, 2]), np.array([0, 1, 3, 3, 6])

    def by_rows(data: Any, x: Any) -> Any:
        A = of("csr", kind)((data, indices, pointers), shape=(4, 5))
        return np.sum((A @ x) ** 2) + np.sum(A.diagonal() ** 3) + np.sum(A.diagonal(1) ** 2)

    def by_columns(data: Any, x: Any) -> Any:
        A = of("csc", kind)((data, indices, pointers), shape=(5, 4))
        return np.sum((A.T @ x) ** 2) + np.sum(A.diagonal(-2) ** 3) + A.tocsr().sum() ** 2

    check_grads(by_rows, (DATA, X), order=2)
    check_grads(by_columns, (DATA, X), order=2)


@each_kind
@pytest.mark.sampled(2)
def test_diagonals(kind: str) -> None:
    diags = sparse.diags_array if kind == "array" else sparse.diags

    def tridiagonal(d: Any, e: Any, x: Any) -> Any:
        A = diags([e, d, 2 * e], offsets=[-1, 0, 1], format="csr")
        return np.sum((A @ x) ** 3)

    def wide(d: Any, s: Any, x: Any) -> Any:
        A = diags([d, s], offsets=[1, -2], shape=(4, 5))
        return np.sum((A @ x) ** 2)

    def one(d: Any, x: Any) -> Any:
        return np.sum((diags(d) @ x) ** 2) + np.sum(
            diags(d, offsets=2) @ np.concatenate((x, [1, 2]))
        )

    check_grads(tridiagonal, (X, Y, TALL[:, 0]))
    check_grads(wide, (Y, 0.7, X))
    check_grads(one, (X, TALL[:, 0]))


@each_kind
@pytest.mark.sampled(2)
def test_sums_and_multiples(kind: str) -> None:
    A = of("csr", kind)(DENSE)
    eye = sparse.eye_array if kind == "array" else sparse.eye

    def combined(data: Any, s: Any, x: Any) -> Any:
        B = of("csr", kind)((data, (ROWS, COLUMNS)), shape=(4, 5))
        C = s * A + B / s - 2.0 * (-B) + sum([A, B])
        D = C - A * s + eye(4, 5) * s + eye(4, 5, k=1)
        return np.sum((C @ x) ** 2) + np.sum(D.toarray() ** 3)

    check_grads(combined, (DATA, 0.8, X))


def test_sums_along_axes() -> None:
    def sums(data: Any) -> Any:
        A = sparse.csr_array((data, (ROWS, COLUMNS)), shape=(4, 5))
        rows, columns = A.sum(axis=1), A.sum(axis=0)
        return np.sum(rows**2) + np.sum(columns**3) + np.sum(A.mean(axis=0) ** 2) + A.mean() ** 2

    check_grads(sums, (DATA,), order=2)


def test_products_of_kronecker() -> None:
    def laplacian(d: Any, x: Any) -> Any:
        B = sparse.diags([d, -1.0, -1.0], [0, 1, -1])
        eye = sparse.identity(3)
        K = sparse.kron(eye, B) + sparse.kron(B, eye)
        return np.sum((K @ x) ** 2)

    check_grads(laplacian, (np.array([2.0, 2.5, 3.0]), RNG.normal(size=9)), order=2)


def test_of_an_array() -> None:
    def of_dense(m: Any, x: Any) -> Any:
        A = sparse.csr_array(m)
        return np.sum((A @ x) ** 2) + np.sum((sparse.csc_array(A).T @ (A @ x)) ** 2)

    check_grads(of_dense, (DENSE, X), order=2)


# Systems --------------------------------------------------------------------------------------

SYSTEM = np.diag(RNG.uniform(3, 4, size=4)) + 0.3 * RNG.normal(size=(4, 4))
PLACES = np.nonzero(SYSTEM)


@each_kind
@pytest.mark.parametrize("name", ["csr", "csc"])
@pytest.mark.sampled(4)
def test_systems(name: str, kind: str) -> None:
    constant = of(name, kind)(SYSTEM)

    def solutions(data: Any, b: Any, m: Any) -> Any:
        A = of(name, kind)((data, PLACES), shape=(4, 4))
        return np.sum(spsolve(A, b) ** 3) + np.sum(spsolve(A.T, m) ** 2)

    def with_constant(b: Any) -> Any:
        return np.sum(spsolve(constant, b * b) ** 2)

    values = SYSTEM[PLACES]
    check_grads(
        solutions,
        (values, Y, RNG.normal(size=(4, 2))),
        order=2 if kind == "array" else 1,
        rtol=1e-4,
    )
    check_grads(with_constant, (Y,), rtol=1e-4)
    a = grad(lambda data: solutions(data, Y, np.eye(4)[:, :2]))(values)

    def dense(data: Any) -> Any:
        whole, sides = data.reshape(4, 4), np.eye(4)[:, :2]
        return np.sum(np.linalg.solve(whole, Y) ** 3) + np.sum(np.linalg.solve(whole.T, sides) ** 2)

    np.testing.assert_allclose(a, grad(dense)(values), rtol=1e-8)


def test_factors() -> None:
    constant = sparse.csc_array(SYSTEM)

    def steps(data: Any, b: Any) -> Any:
        lu = splu(sparse.csc_array((data, PLACES), shape=(4, 4)))
        x = b
        for _ in range(3):
            x = lu.solve(x + b) - lu.solve(x, "T")
        return np.sum(x**2)

    def with_constant(b: Any) -> Any:
        solve, lu = factorized(constant), splu(constant)
        return np.sum(solve(b) ** 2) + np.sum(lu.solve(solve(b), trans="T") ** 3)

    check_grads(steps, (SYSTEM[PLACES], Y), order=2, rtol=1e-4)
    check_grads(with_constant, (Y,), order=2, rtol=1e-4)


# In programs ----------------------------------------------------------------------------------


class Model:
    """A sparse matrix beside weights."""

    def __init__(self) -> None:
        self.graph = sparse.csr_array(SYSTEM)
        self.weights = Y.copy()


def test_structures() -> None:
    def loss(model: Any, x: Any) -> Any:
        h = x
        for _ in range(2):
            h = np.tanh(model.graph @ (model.weights * h))
        return np.sum(h**2)

    model = Model()
    gradient = grad(loss)(model, Y)
    assert gradient.graph is None
    step = 1e-6 * np.array([1.0, -2.0, 0.5, 1.0])
    up, down = Model(), Model()
    up.weights += step
    down.weights -= step
    assert gradient.weights @ step == pytest.approx((loss(up, Y) - loss(down, Y)) / 2, rel=1e-6)


def test_products_of_two_sparse_matrices() -> None:
    """Of matrices that depend on something and that do not, with several values at one place."""
    other = sparse.random_array((5, 3), density=0.6, rng=1, format="csc")
    weights = RNG.normal(size=(5, 5))

    def arrays(data: Any, more: Any) -> Any:
        A = sparse.csr_array((data, (ROWS, COLUMNS)), shape=(4, 5))
        B = sparse.coo_array((more, (COLUMNS, ROWS)), shape=(5, 4))
        C = sparse.csc_array((data * more, (COLUMNS, COLUMNS[::-1])), shape=(5, 5))
        left = np.sum(weights * (B @ A @ C).toarray() ** 2) + (A @ other).sum()
        return left + np.sum(weights * (C * (B @ A)).toarray()) + (C.multiply(weights) @ C).sum()

    def matrices(data: Any, x: Any) -> Any:
        A = sparse.csr_matrix((data, (ROWS, COLUMNS)), shape=(4, 5))
        D = sparse.diags([x, x[1:]], [0, -1])
        normal = (A.T * A + D * D.T).tocsc()
        return np.sum(spsolve(normal, X) ** 2) + (D @ D).diagonal() @ x

    check_grads(arrays, (DATA, RNG.normal(size=6)), order=2)
    check_grads(matrices, (DATA, X + 3), order=2)


def test_chosen_and_carried() -> None:
    def chosen(data: Any, x: Any) -> Any:
        A = sparse.csr_array((data, (ROWS, COLUMNS)), shape=(4, 5))
        total = 0.0
        for k in range(3):
            total = total + np.sum((A @ x) ** 2) * k
        if total > 0:
            total = total + np.sum((A.T @ (A @ x)) ** 2)
        return total

    check_grads(chosen, (DATA, X), order=2)


def test_other_sizes_and_classes() -> None:
    gradient = grad(lambda A, x: np.sum((A @ x) ** 2), argnums=1)
    for shape in ((4, 5), (3, 5), (6, 2)):
        dense = RNG.normal(size=shape)
        x = RNG.normal(size=shape[1])
        for A in (sparse.csr_array(dense), sparse.coo_matrix(dense), dense):
            np.testing.assert_allclose(gradient(A, x), 2 * dense.T @ (dense @ x), rtol=1e-12)


def test_complete_derivatives() -> None:
    A = sparse.csr_array(DENSE)
    np.testing.assert_allclose(
        hessian(lambda x: np.sum((A @ x) ** 2))(X), 2 * DENSE.T @ DENSE, rtol=1e-12
    )
    _, y_dot = jvp(lambda x: A @ x, (X,), (TALL[:, 0],))
    np.testing.assert_allclose(y_dot, DENSE @ TALL[:, 0])


def test_single_precision() -> None:
    A = sparse.csr_array(DENSE.astype(np.float32))
    d_x = grad(lambda x: np.sum((A @ x) ** 2))(X.astype(np.float32))
    assert d_x.dtype == np.float32


def test_what_is_refused() -> None:
    A = sparse.csr_array(SYSTEM)
    made = lambda d: sparse.csr_array((d, PLACES), shape=(4, 4))  # noqa: E731
    values = SYSTEM[PLACES]
    refusals: list[Any] = [
        ("is a sparse matrix", lambda A, y: np.sum(A @ y), (A, Y)),
        ("handed to multiply", lambda y: np.sum(np.multiply(A, y)), (Y,)),
        ("solve the normal equations", lambda y: np.sum(lsqr(A, y)[0]), (Y,)),
        ("of different shapes", lambda d: made(d).multiply(made(d)[:1]).sum(), (values,)),
        ("handed to code", lambda d: np.sum(made(d).power(2) @ Y), (values,)),
        ("np.matrix", lambda d: np.sum(sparse.csr_matrix(made(d)).sum(axis=0)), (values,)),
        ("whose shape follows", lambda d: sparse.csr_array((d, PLACES)).sum(), (values,)),
        ("divided by what is no number", lambda d: (made(d) / Y).sum(), (values,)),
        ("of one axis", lambda y: (VECTOR @ y) ** 2, (Y,)),
    ]
    for message, function, args in refusals:
        with pytest.raises(Unsupported, match=message):
            grad(function)(*args)


def test_values_that_are_written_later() -> None:
    def shared(d: Any) -> Any:
        data = d * 2.0
        A = sparse.csr_array((data, PLACES), shape=(4, 4))
        data[0] = 7.0
        return np.sum(A @ Y)

    def copied(d: Any) -> Any:
        data = d * 2.0
        A = sparse.csr_array((data.copy(), PLACES), shape=(4, 4))
        data[0] = 7.0
        return np.sum((A @ Y) ** 2) + np.sum(data)

    with pytest.raises(Unsupported, match=r"written in place[\s\S]*data\.copy\(\)"):
        grad(shared)(SYSTEM[PLACES])
    check_grads(copied, (SYSTEM[PLACES],), order=2)


def test_writes_into_a_matrix_that_came_in() -> None:
    A = sparse.csr_array(SYSTEM)

    def written(x: Any) -> Any:
        A.data[0] = 2.0
        return np.sum(A @ x)

    with pytest.raises(Unsupported, match="the array 'data' of a sparse matrix is written"):
        grad(written)(Y)


def test_gradients_read_as_by_hand() -> None:
    A = sparse.csr_array(DENSE)
    gradient = grad(lambda x: np.sum((A @ x) ** 2))
    gradient(X)
    assert "return A.T @ (2 * (A @ x))" in gradient.source

    def loss(data: Any, x: Any) -> Any:
        B = sparse.csr_array((data, (ROWS, COLUMNS)), shape=(4, 5))
        return np.sum((B @ x) ** 2)

    gradient = grad(loss, argnums=(0, 1))
    gradient(DATA, X)
    assert "B = csr_array((data, (ROWS, COLUMNS)), shape=(4, 5))" in gradient.source
    assert "d_x = B.T @ d_t" in gradient.source
    assert "return d_t[ROWS] * x[COLUMNS], d_x" in gradient.source
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gradient(DATA, X)
