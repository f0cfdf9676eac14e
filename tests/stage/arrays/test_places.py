"""Places that are reached by a view of another shape are written in the array itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import grad

X = np.arange(12.0).reshape(3, 4) / 7


def test_a_row_of_a_transposed_is_a_column() -> None:
    def f(x: Any) -> Any:
        x.T[1] = x[:, 0] ** 2
        return np.sum(x**3)

    derivative = grad(f)
    derivative(X)
    lines = [line.partition("#")[0] for line in derivative.source.splitlines()]
    assert any("x[:, 1] = x[:, 0] ** 2" in line for line in lines)
    assert not any("x.T" in line for line in lines)


def test_an_element_of_all_in_a_row_is_an_element() -> None:
    def f(x: Any) -> Any:
        flat = x.reshape(-1)
        for k in range(1, 12):
            flat[k] *= flat[k - 1]
        return np.sum(x)

    derivative = grad(f)
    derivative(X)
    assert "reshape" not in derivative.source.partition("# backward")[0]
    longer = np.arange(1.0, 25.0).reshape(3, 8) / 20
    np.testing.assert_allclose(derivative(longer), _by_hand(longer), rtol=1e-12)


def _by_hand(x: Any) -> Any:
    """Of the sum of x[0], …, and the products of the first 2, 3, … 12 items; of the others one."""
    first, gradient = x.ravel()[:12], np.ones(x.size)
    products = np.cumprod(first)
    gradient[:12] = np.cumsum(products[::-1])[::-1] / first
    return gradient.reshape(x.shape)


@pytest.mark.parametrize("position", [12, -13, 40])
def test_a_position_behind_the_end_raises(position: int) -> None:
    def f(x: Any, k: int) -> Any:
        x.reshape(-1)[k] = 2.0
        return np.sum(x**2)

    with pytest.raises(IndexError):
        f(X.copy(), position)
    with pytest.raises(IndexError):
        grad(f)(X, position)
