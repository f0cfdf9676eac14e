"""Old contents that are still in the argument, and those that are not."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad, vjp

A = np.array([[0.7, 1.1, 0.9], [1.3, 0.8, 0.6], [0.5, 1.2, 1.4]])


def each_once(a):
    for i in range(1, 3):
        for j in range(1, 3):
            a[i, j] = a[i, j] ** 2 + a[i - 1, j] * a[i, j - 1]
    return np.sum(a * a)


def backwards(a):
    for i in reversed(range(2)):
        a[i] = a[i] * a[i + 1]
    return np.sum(a * a)


def rows_then_columns(a):
    for i in range(1, 3):
        a[i] = a[i] * a[i - 1]
    for j in range(1, 3):
        a[:, j] = a[:, j] * a[:, j - 1]
    return np.sum(a * a)


def twice(a):
    for _ in range(2):
        for i in range(1, 3):
            a[i] = a[i] * a[i - 1]
    return np.sum(a * a)


def next_written_too(a):
    for i in range(2):
        a[i] = a[i] * a[i + 1]
        a[i + 1] = a[i + 1] * a[i]
    return np.sum(a * a)


def scaled_first(a):
    a *= 2.0
    for i in range(1, 3):
        a[i] = a[i] * a[i - 1]
    return np.sum(a * a)


def anywhere(a):
    for k in (2, 1, 2):
        a[k] = a[k] * a[0]
    for i in range(3):
        a[i - 2] = a[i - 2] * a[i]
    return np.sum(a * a)


def own_copy(a):
    b = a.copy()
    for i in range(1, 3):
        b[i] = b[i] * b[i - 1] * a[i]
    return np.sum(a * b)


def in_an_arm(a):
    for i in range(1, 3):
        if a[i, 0] > 1.0:
            a[i] = a[i] * a[i - 1]
        else:
            a[i, 1:] = a[i, 1:] ** 2
    return np.sum(a * a)


NOTHING_KEPT = [each_once, backwards, own_copy]
KEPT = [twice, next_written_too, rows_then_columns, anywhere]


@pytest.mark.parametrize("fun", [*NOTHING_KEPT, *KEPT, scaled_first, in_an_arm])
def test_gradients_are_right(fun):
    found = grad(fun)(A)
    for at in np.ndindex(A.shape):
        step = np.zeros_like(A)
        step[at] = 1e-6
        expected = (fun(A + step) - fun(A - step)) / 2e-6
        np.testing.assert_allclose(found[at], expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("fun", NOTHING_KEPT)
def test_nothing_is_kept_of_a_place_that_is_written_once(fun):
    gradient = grad(fun)
    gradient(A)
    assert "_stack" not in gradient.source
    assert "_old" not in gradient.source


@pytest.mark.parametrize("fun", KEPT)
def test_a_place_that_may_have_been_written_before_is_kept(fun):
    gradient = grad(fun)
    gradient(A)
    assert "_stack" in gradient.source or "_old" in gradient.source


def test_a_pullback_may_be_called_again():
    def each_row(a):
        for i in range(1, 3):
            a[i] = a[i] * a[i - 1]
        return a

    _, back = vjp(each_row, A)
    first, second = back(np.ones_like(A)), back(np.ones_like(A))
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_allclose(first[0][0, 0], 1 + A[1, 0] * (1 + A[2, 0]))
