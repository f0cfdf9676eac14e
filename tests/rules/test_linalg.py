"""The rules of `adjoint.rules.linalg`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

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


@pytest.mark.parametrize("fun", [np.linalg.slogdet, np.linalg.cholesky])
def test_complex_is_refused(fun: Any) -> None:
    rule = lookup(fun)
    assert rule is not None
    with pytest.raises(NotImplementedError, match="complex matrix"):
        rule.vjps["a"](draw(2, 2), draw(2, 2), np.eye(2) + 0j)


def test_an_exponent_that_is_not_known_is_refused() -> None:
    rule = lookup(np.linalg.matrix_power)
    assert rule is not None
    with pytest.raises(NotImplementedError, match="must be known when the code is made"):
        rule.vjps["a"](draw(2, 2), None, draw(2, 2), np.array(2))


@pytest.mark.parametrize("complex_", [False, True])
def test_tensors_as_matrices(complex_: bool) -> None:
    def drawn(*shape: int) -> Any:
        return draw(*shape) + (1j * draw(*shape) if complex_ else 0)

    check(np.linalg.tensorinv, drawn(4, 6, 8, 3))
    check(np.linalg.tensorinv, drawn(6, 2, 3), ind=1)
    check(np.linalg.tensorinv, drawn(2, 3, 6), ind=2)
    check(np.linalg.tensorsolve, drawn(2, 3, 6), drawn(2, 3))
    check(np.linalg.tensorsolve, drawn(2, 6, 3), drawn(2, 3), axes=(1,))
