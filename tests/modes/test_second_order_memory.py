"""Derivatives of derivatives where one cotangent stands for several arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp

X = np.array([1.1, -0.7, 1.3])
W, V = np.array([0.3, 0.7, -0.5]), np.array([0.4, 0.9, -1.2])


def one_of_three_copies(a: Any) -> Any:
    first, second, third = a.copy(), a.copy(), a.copy()
    chosen = first
    chosen = second if a[1] > 0 else chosen
    chosen[0] = chosen[0] * a[1]
    chosen = third if a[2] > 0 else chosen
    chosen[0] = chosen[0] * a[1]
    return np.sum(first + second * third)


def one_of_a_list_of_copies(a: Any) -> Any:
    rows, k = [a.copy() for _ in range(3)], 0
    for i in range(3):
        k = i if a[i] > 0 else k
        rows[k][0] = rows[k][0] * a[1]
    return np.sum(rows[0] + rows[1] * rows[2])


@pytest.mark.parametrize("f", [one_of_three_copies, one_of_a_list_of_copies])
@pytest.mark.parametrize("x", [X, -X])
def test_copies_of_one_array_in_a_list(f: Any, x: Any) -> None:
    def weighted(x: Any) -> Any:
        return np.sum(grad(f)(x) * W)

    h = 1e-5
    expected = (weighted(x + h * V) - weighted(x - h * V)) / (2 * h)
    assert np.sum(grad(weighted)(x) * V) == pytest.approx(expected, rel=1e-6)
    assert jvp(weighted, (x,), (V,))[1] == pytest.approx(expected, rel=1e-6)
