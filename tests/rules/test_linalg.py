"""The rules of `adjoint.rules.linalg`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp
from adjoint.rules import lookup
from tests.rules.harness import check

RNG = np.random.default_rng(18)


def draw(*shape: int) -> Any:
    return RNG.normal(size=shape)


def regular(*shape: int) -> Any:
    """Matrices near 2, which are well conditioned."""
    return 2 * np.eye(shape[-1]) + 0.3 * draw(*shape)


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 3, 3)], ids=str)
def test_of_one_matrix(shape: Any) -> None:
    check(np.linalg.inv, regular(*shape))
    check(np.linalg.det, regular(*shape))
    check(np.linalg.slogdet, regular(*shape))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((3, 3), (3,)),
        ((3, 3), (3, 2)),
        ((2, 3, 3), (3,)),
        ((2, 3, 3), (2, 3, 4)),
        ((2, 3, 3), (3, 4)),
        ((3, 3), (2, 3, 4)),
        ((3, 3, 3), (3,)),
    ],
    ids=str,
)
def test_solve(a: Any, b: Any) -> None:
    check(np.linalg.solve, regular(*a), draw(*b))


def test_negative_determinant() -> None:
    a = regular(3, 3)[::-1]
    assert np.linalg.det(a) < 0
    check(np.linalg.det, a)
    check(np.linalg.slogdet, a)


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3)], ids=str)
def test_cholesky_along_symmetric_directions(shape: Any, upper: bool) -> None:
    half = draw(*shape)
    a = half @ np.swapaxes(half, -1, -2) + np.eye(3)
    direction = draw(*shape)
    direction = direction + np.swapaxes(direction, -1, -2)

    def cholesky(x: Any) -> Any:
        lower = np.linalg.cholesky(x)  # upper= is new in NumPy 2.0
        return np.swapaxes(lower, -1, -2) if upper else lower

    step = 1e-6
    change = (cholesky(a + step * direction) - cholesky(a - step * direction)) / (2 * step)
    g = draw(*shape)
    rule = lookup(np.linalg.cholesky)
    assert rule is not None
    d_a = rule.vjps["a"](g, cholesky(a), a, upper=upper)
    np.testing.assert_allclose(d_a, np.swapaxes(d_a, -1, -2), rtol=1e-12)
    np.testing.assert_allclose(np.sum(d_a * direction), np.sum(g * change), rtol=1e-7)


@pytest.mark.parametrize(
    "shapes",
    [
        [(2, 3), (3, 4)],
        [(2, 3), (3, 4), (4, 2)],
        [(3,), (3, 4), (4, 2)],
        [(2, 3), (3, 4), (4,)],
        [(3,), (3, 4), (4, 5), (5,)],
        [(3,), (3,)],
        [(3,), (3, 2)],
        [(2, 3), (3,)],
    ],
    ids=str,
)
def test_multi_dot(shapes: Any) -> None:
    check(np.linalg.multi_dot, [draw(*shape) for shape in shapes])


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7, -1, -2, -3])
@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3)], ids=str)
def test_matrix_power(n: int, shape: Any) -> None:
    check(np.linalg.matrix_power, regular(*shape) / 2, n)


def test_complex_matrices() -> None:
    a, b = regular(3, 3) + 0.2j * draw(3, 3), draw(3) + 1j * draw(3)
    check(np.linalg.inv, a)
    check(np.linalg.solve, a, b)
    check(np.linalg.det, a)
    check(np.linalg.slogdet, a)
    check(np.linalg.slogdet, np.stack([a, -1j * a]))


@pytest.mark.parametrize(
    "a",
    [
        np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.5, 1.0, 3.0]]),
        np.outer([1.0, 2.0, 3.0], [1.0, 0.5, -1.0]),
        np.zeros((3, 3)),
        np.arange(1.0, 10).reshape(3, 3),  # up to rounding
    ],
)
def test_determinant_of_a_singular_matrix(a: Any) -> None:
    """Against that of a polynomial: the sum over the permutations."""

    def expanded(a: Any) -> Any:
        return (
            a[0, 0] * (a[1, 1] * a[2, 2] - a[1, 2] * a[2, 1])
            - a[0, 1] * (a[1, 0] * a[2, 2] - a[1, 2] * a[2, 0])
            + a[0, 2] * (a[1, 0] * a[2, 1] - a[1, 1] * a[2, 0])
        )

    t = np.cos(np.arange(9.0)).reshape(3, 3)
    expected, bend = grad(expanded)(a), jvp(grad(expanded), (a,), (t,))[1]
    slope = grad(np.linalg.det)
    np.testing.assert_allclose(slope(a), expected, atol=1e-13)
    np.testing.assert_allclose(jvp(np.linalg.det, (a,), (t,))[1], np.sum(expected * t), atol=1e-13)
    np.testing.assert_allclose(jvp(slope, (a,), (t,))[1], bend, atol=1e-13)
    twice = grad(lambda a: np.sum(t * grad(np.linalg.det)(a)))
    np.testing.assert_allclose(twice(a), bend, atol=1e-13)
    both = np.stack([a, t + np.eye(3)])
    slopes = grad(lambda both: np.sum(np.linalg.det(both) * [2.0, 1.0]))(both)
    np.testing.assert_allclose(slopes[0], 2 * expected, atol=1e-13)
    turned = grad(lambda a: np.linalg.det(a * (1 + 1j)).real)(a)
    np.testing.assert_allclose(turned, -2 * expected, atol=1e-13)


def test_the_sign_of_a_complex_determinant() -> None:
    a = regular(3, 3) + 0.2j * draw(3, 3)

    def angle(a: Any) -> Any:
        return np.angle(np.linalg.slogdet(a)[0])

    step = 1e-6 * (draw(3, 3) + 1j * draw(3, 3))
    expected = (angle(a + step) - angle(a - step)) / 2
    np.testing.assert_allclose(np.sum(grad(angle)(a) * step).real, expected, rtol=1e-7)
    np.testing.assert_allclose(jvp(angle, (a,), (step,))[1], expected, rtol=1e-7)


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3)], ids=str)
def test_cholesky_of_hermitian_matrices(shape: Any, upper: bool) -> None:
    half, along = (draw(*shape) + 1j * draw(*shape) for _ in range(2))
    a = half @ np.conj(np.swapaxes(half, -1, -2)) + np.eye(3)
    along = along + np.conj(np.swapaxes(along, -1, -2))
    weights = draw(*shape) + 1j * draw(*shape)

    def loss(a: Any) -> Any:
        return np.sum(np.real(weights * np.linalg.cholesky(a, upper=upper) ** 2))

    ends = [loss(a + s * 1e-6 * along) for s in (1, -1)]
    expected = (ends[0] - ends[1]) / 2e-6
    d_a = grad(loss)(a)
    assert not np.any(np.tril(d_a, -1) if upper else np.triu(d_a, 1))  # it is not read
    np.testing.assert_allclose(np.sum(d_a * along).real, expected, rtol=1e-6)
    np.testing.assert_allclose(jvp(loss, (a,), (along,))[1], expected, rtol=1e-6)
    bent = [grad(loss)(a + s * 1e-6 * along) for s in (1, -1)]
    found = jvp(grad(loss), (a,), (along,))[1]
    np.testing.assert_allclose(found, (bent[0] - bent[1]) / 2e-6, rtol=1e-5, atol=1e-6)


def test_an_exponent_that_is_not_known_is_refused() -> None:
    rule = lookup(np.linalg.matrix_power)
    assert rule is not None
    with pytest.raises(NotImplementedError, match="must be known when the code is made"):
        rule.vjps["a"](draw(2, 2), None, draw(2, 2), np.array(2))


@pytest.mark.parametrize("complex_", [False, True])
def test_tensors_as_matrices(complex_: bool) -> None:
    rng = np.random.default_rng(18)  # of other draws some matrices are nearly singular

    def drawn(*shape: int) -> Any:
        return rng.normal(size=shape) + (1j * rng.normal(size=shape) if complex_ else 0)

    check(np.linalg.tensorinv, drawn(4, 6, 8, 3))
    check(np.linalg.tensorinv, drawn(6, 2, 3), ind=1)
    check(np.linalg.tensorinv, drawn(2, 3, 6), ind=2)
    check(np.linalg.tensorsolve, drawn(2, 3, 6), drawn(2, 3))
    check(np.linalg.tensorsolve, drawn(2, 6, 3), drawn(2, 3), axes=(1,))
