"""Memory that is handed over to functions that change it, and where it is copied instead."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp, vjp


def sort(a: Any, low: int, high: int) -> None:
    if high - low <= 1:
        return
    pivot, i = a[high - 1], low
    for j in range(low, high - 1):
        if a[j] < pivot:
            a[i], a[j] = a[j], a[i]
            i += 1
    a[i], a[high - 1] = a[high - 1], a[i]
    sort(a, low, i)
    sort(a, i + 1, high)


def sorted_in_place(x: Any) -> Any:
    a = x.copy()
    sort(a, 0, len(a))
    return np.sum(np.cos(np.arange(len(a))) * a)


def halves(v: Any) -> None:
    if len(v) < 2:
        return
    h = len(v) // 2
    v[:h] += 0.5 * v[h : 2 * h]
    halves(v[:h])
    halves(v[h:])
    v *= 1.01


def transformed(x: Any) -> Any:
    a = x.copy()
    halves(a)
    return np.sum(a**2)


def holds(v: Any) -> None:
    if len(v) < 2 or v[0] > 5.0:
        return
    v[1:] *= v[:-1]
    holds(v[1:])


def held(x: Any) -> Any:
    a = x.copy()
    holds(a)
    a *= a
    return np.sum(a)


def text_of(f: Any) -> str:
    gradient = grad(f)
    gradient(np.array([0.3, 1.2, 0.7, 0.9]))
    return gradient.source[gradient.source.index("_vjp(") :]


def test_a_recursion_in_place_stays_in_place() -> None:
    assert text_of(sorted_in_place).count(".copy()") == 1  # that of the user
    assert "a, sort_back_1 = sort_vjp(" in text_of(sorted_in_place)


def test_so_do_parts_that_are_put_back() -> None:
    text = text_of(transformed)
    assert "halves_vjp(v[:h])" in text
    assert "halves_back(d_v[:h])" in text
    assert text.count(".copy()") == 1


def test_what_a_pullback_reads_is_not_changed_in_place() -> None:
    assert "holds_vjp(v[1:].copy())" in text_of(held)


@pytest.mark.parametrize("f", [sorted_in_place, transformed, held])
def test_arguments_and_cotangents_are_left_as_they_are(f: Any) -> None:
    x, w = np.array([0.3, 1.2, 0.7, 0.9]), np.array([1.0, -2.0, 0.5, 0.25])
    before = x.copy()

    def whole(x: Any) -> Any:
        a = x.copy()
        if f is sorted_in_place:
            sort(a, 0, len(a))
        elif f is transformed:
            halves(a)
        else:
            holds(a)
        return a

    _, pull = vjp(whole, x)
    seed = w.copy()
    first, second = pull(seed)[0], pull(seed)[0]
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(seed, w)
    np.testing.assert_array_equal(x, before)
    d = np.array([0.7, 0.2, -0.4, 1.0])
    np.testing.assert_allclose(first @ d, jvp(whole, (x,), (d,))[1] @ w)


def chained(a: Any, k: int) -> None:
    if a[k] > 100.0 or k == 0:
        return
    a[k] = a[k - 1] * a[k]
    chained(a, k - 1)


def one_number_each(x: Any, n: int) -> Any:
    a = x.copy()
    chained(a, n)
    return np.sum(a)


def test_numbers_are_kept_and_not_the_array_that_they_were_read_of() -> None:
    gradient = grad(one_number_each)
    x = np.array([0.3, 1.2, 0.7, 0.9])
    expected = [
        (one_number_each(x + d, 3) - one_number_each(x - d, 3)) / 2e-6 for d in 1e-6 * np.eye(4)
    ]
    np.testing.assert_allclose(gradient(x, 3), expected, rtol=1e-6)
    assert gradient.source.count(".copy()") == 1  # that of the user
