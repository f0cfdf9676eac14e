"""The rules of `adjoint.rules.decompositions`.

Where a result is fixed only up to signs or phases, or a rule expects symmetric matrices, a function
that does not depend on that is differentiated as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, grad, value_and_grad
from adjoint.testing import check_grads
from tests.rules.harness import check

RNG = np.random.default_rng(43)
SHAPES = [(3, 3), (4, 3), (3, 5), (2, 4, 3)]


def draw(*shape: int, complex_: bool = False) -> Any:
    real = RNG.normal(size=shape)
    return real + 1j * RNG.normal(size=shape) if complex_ else real


def differences(function: Callable[[Any], float], x: Any) -> Any:
    """The cotangent of `x`, of each of its elements by itself."""
    found = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        for unit in (1, 1j) if np.iscomplexobj(x) else (1,):
            step = np.zeros_like(x)
            step[index] = 1e-6 * unit
            slope = (function(x + step) - function(x - step)) / 2e-6
            found[index] += slope if unit == 1 else -1j * slope
    return found


def agrees(function: Callable[[Any], float], x: Any) -> None:
    expected = differences(function, x)
    np.testing.assert_allclose(grad(function)(x), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_of_general_matrices(shape: Any, complex_: bool) -> None:
    a = draw(*shape, complex_=complex_)
    check(np.linalg.svdvals, a)
    check(np.linalg.svd, a, compute_uv=False)
    check(np.linalg.pinv, a)
    check(np.linalg.qr, a)
    check(np.linalg.qr, a, mode="r")
    if not complex_:
        check(np.linalg.svd, a, full_matrices=False)


def test_complete_qr_of_wide_matrices() -> None:
    check(np.linalg.qr, draw(2, 4), mode="complete")


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3)], ids=str)
def test_eigenvalues_of_complex_matrices(shape: Any) -> None:
    a = draw(*shape, complex_=True)
    check(np.linalg.eig, a)
    check(np.linalg.eigvals, a)


def test_functions_of_a_real_matrix_made_complex() -> None:
    """A rotation: of each vector two elements are equally large, and either may be the real one."""
    weights = draw(2, 2)

    def exponential(a: Any) -> Any:
        w, v = np.linalg.eig(a + 0j)
        return np.sum(np.real((v * np.exp(w)) @ np.linalg.inv(v)) * weights)

    agrees(exponential, np.array([[0.3, -1.0], [1.0, 0.3]]))


@pytest.mark.parametrize("complex_", [False, True])
def test_functions_of_a_hermitian_matrix(complex_: bool) -> None:
    half, weights = draw(2, 3, 3, complex_=complex_), draw(2, 3, 3, complex_=complex_)
    a = half + np.conj(np.swapaxes(half, -1, -2))
    values_weights = draw(2, 3)

    def exponential(a: Any) -> Any:
        w, v = np.linalg.eigh(a)
        return np.sum(np.real((v * np.exp(w)[:, None]) @ np.conj(np.swapaxes(v, 1, 2)) * weights))

    def values(a: Any) -> Any:
        return np.sum(np.linalg.eigvalsh(a) * values_weights)

    def upper(a: Any) -> Any:
        return np.sum(np.linalg.eigvalsh(a, "U") * np.linalg.eigh(a, "U").eigenvalues)

    for function in (exponential, values, upper):
        agrees(function, a)


@pytest.mark.parametrize("shape", [(3, 3), (4, 3), (3, 5)], ids=str)
def test_complex_singular_vectors(shape: Any) -> None:
    weights = draw(*shape, complex_=True)

    def softened(a: Any) -> Any:
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return np.sum(np.real((u * np.tanh(s)) @ vh * weights))

    agrees(softened, draw(*shape, complex_=True))


def test_equal_eigenvalues_leave_functions_of_their_space_right() -> None:
    frame, _ = np.linalg.qr(draw(4, 4))
    a = (frame * np.array([1.0, 1.0, 1.0, 3.0])) @ frame.T
    weights = draw(4, 4)

    def projector(a: Any) -> Any:
        _, v = np.linalg.eigh(a)
        return np.sum(v[:, :3] @ v[:, :3].T * weights)

    agrees(projector, (a + a.T) / 2)


def test_singular_values_of_zero() -> None:
    a = np.outer(draw(3), draw(3))
    found = grad(lambda a: np.sum(np.linalg.svd(a)[1] ** 2))(a)
    np.testing.assert_allclose(found, 2 * a, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shape", [(5, 3), (3, 3), (2, 4)], ids=str)
def test_least_squares(shape: Any) -> None:
    b, many = draw(shape[0]), draw(shape[0], 2)

    def one(a: Any) -> Any:
        x, *_ = np.linalg.lstsq(a, b)
        return np.sum(x**3)

    def several(a: Any) -> Any:
        return np.sum(np.sin(np.linalg.lstsq(a, many, rcond=None)[0]))

    a = draw(*shape)
    agrees(one, a)
    agrees(several, a)
    agrees(lambda b: np.sum(np.linalg.lstsq(a, b)[0] ** 2), b)


@pytest.mark.parametrize("complex_", [False, True])
def test_what_least_squares_leave(complex_: bool) -> None:
    a, b = draw(5, 3, complex_=complex_), draw(5, 2, complex_=complex_)

    def left(a: Any) -> Any:
        return np.linalg.lstsq(a, b[:, 0])[1][0] ** 2

    def both(b: Any) -> Any:
        x, squares, *_ = np.linalg.lstsq(a, b)
        return np.sum(squares**2) + np.sum(np.abs(x) ** 2)

    agrees(left, a)
    agrees(both, b)
    agrees(lambda b: np.sum(np.linalg.lstsq(a.T, b[:3])[1]) + np.sum(np.abs(b)), b)


def test_singular_values_that_are_left_out_are_refused() -> None:
    a, b = draw(5, 3), draw(5)
    for function in (
        lambda a: np.linalg.pinv(a, rcond=0.5),
        lambda a: np.linalg.pinv(a, rtol=0.5),
        lambda a: np.linalg.lstsq(a, b, rcond=0.5)[0],
        lambda a: np.polyfit(b, a[:, 0], 2, rcond=0.5),
    ):
        with pytest.raises(Unsupported, match="leaves singular values out: write it with those"):
            grad(lambda a, function=function: np.sum(function(a) ** 3))(a)
    agrees(lambda a: np.sum(np.linalg.pinv(a, rcond=1e-12) ** 3), a)
    agrees(lambda a: np.sum(np.linalg.lstsq(a, b, rcond=-1)[0] ** 3), a)


def test_what_is_refused() -> None:
    a = draw(4, 3)
    with pytest.raises(Unsupported, match="real or complex by its values"):
        grad(lambda a: np.sum(np.real(np.linalg.eigvals(a))))(a[:3])
    with pytest.raises(Unsupported, match="full_matrices=False"):
        grad(lambda a: np.sum(np.linalg.svd(a).U ** 3))(a)
    with pytest.raises(Unsupported, match="in its singular values; write"):
        grad(lambda a: np.sum(np.linalg.lstsq(a, np.ones(4))[3]))(a)
    with pytest.raises(Unsupported, match="not determined"):
        grad(lambda a: np.sum(np.linalg.qr(a, mode="complete").Q ** 3))(a)


def test_a_part_that_only_the_backward_sweep_reads() -> None:
    weights = draw(3)

    def loss(a: Any) -> Any:
        w, _ = np.linalg.eigh(a)
        return np.sum(weights * w)

    half = draw(3, 3)
    value, d_a = value_and_grad(loss)(half + half.T)
    assert value == pytest.approx(loss(half + half.T))
    np.testing.assert_allclose(d_a, differences(loss, half + half.T), rtol=1e-6, atol=1e-8)


def test_a_part_of_a_result_in_a_loop_to_second_order() -> None:
    """What is kept of each trip are the parts, of which one is read by the derivative alone."""

    def power(a):
        total = 0.0
        for _ in range(3):
            w = np.linalg.eigh(a @ a.T)[0]
            a = a * np.sqrt(w[-1]) * 0.3
            total += np.sum(w**2)
        return total

    check_grads(power, (RNG.normal(size=(3, 3)),), order=2)


def test_the_parts_of_a_result_have_names() -> None:
    def loss(a: Any, b: Any) -> Any:
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return np.sum(vh.T @ ((u.T @ b) / s))

    gradient = grad(loss)
    gradient(draw(4, 3), draw(4))
    assert "u, s, vh = np.linalg.svd(a, full_matrices=False)" in gradient.source
    assert "unbroadcast" not in gradient.source
