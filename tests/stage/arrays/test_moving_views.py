"""Names that are another part of a written array in each trip of a loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp
from adjoint.errors import Unsupported
from tests.oracle import assert_gradient


def _all_but_the_last(a: Any) -> Any:
    b = a.copy()
    left = b
    while len(left) > 1:
        left[0] -= left[-1] * 0.3
        left = left[:-1]
    return np.sum(b**3) + np.sum(left)


def _whole_at_first(a: Any) -> Any:
    b = a.copy()
    half = b
    while len(half) > 1:
        half *= a[0]
        half = half[: len(half) // 2]
    return np.sum(b**2)


def _by_an_index(a: Any) -> Any:
    b = a.copy()
    k = 0
    tail = b[k:]
    while len(tail) > 1:
        tail[1:] -= tail[0] * 0.3
        k += 1
        tail = b[k:]
    return np.sum(b**3) + np.sum(tail)


def _turned_round(a: Any) -> Any:
    b = a.copy()
    left = b
    while len(left) > 1:
        left[0] -= left[-1] * 0.3
        left = left[:0:-1]
    return np.sum(b**3)


def test_a_part_of_itself_in_the_other_direction_is_refused_with_what_to_write() -> None:
    with pytest.raises(Unsupported, match=r"tail = a\[k:\]"):
        grad(_turned_round)(np.linspace(0.5, 1.5, 5))


@pytest.mark.parametrize("count", [0, 1, 2, 7])
@pytest.mark.parametrize("f", [_all_but_the_last, _whole_at_first])
def test_a_part_of_itself(f: Callable[..., Any], count: int) -> None:
    assert_gradient(f, np.linspace(0.5, 1.5, count))


def _walk(a: Any, ways: Any) -> Any:
    w = a
    for way in ways:
        match way:
            case 0:
                w = w[1:]
            case 1:
                w = w[:-1]
            case 2:
                w = w[::2]
            case 3:
                w = w[len(w) // 2 :]
            case 4:
                w = w[: len(w) // 2]
            case 5:
                w = w[2:-3]
            case 6:
                w = w[1::2]
            case 7:
                w = w[:4]
            case 8:
                w = w[1:5:3]
            case 9:
                w = w[:-2:2]
            case 10:
                w = w[len(w) + 1 :]
            case 11:
                w = a[1:-2]
            case 12:
                w = a
        w *= 1.0 + 0.1 * np.sin(a[2])
        if len(w) > 1:
            w[0] += 0.3 * w[-1]
            w[1:] *= w[0]
    return np.sum(np.cos(np.arange(len(a))) * a) + np.sum(w**2)


@pytest.mark.parametrize("size", [3, 4, 11])
def test_any_way_of_windows(size: int) -> None:
    """One function that is compiled once for all."""
    rng = np.random.default_rng(size)
    gradient = grad(_walk)
    for _ in range(40):
        a, d, ways = rng.normal(size=size), rng.normal(size=size), rng.integers(0, 13, size=4)
        expected = (_walk(a + 1e-6 * d, ways) - _walk(a - 1e-6 * d, ways)) / 2e-6
        got = [gradient(a, ways) @ d, jvp(_walk, (a, ways), (d, None))[1]]
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-7, err_msg=str(ways))


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_what_is_advised_works(count: int) -> None:
    assert_gradient(_by_an_index, np.linspace(0.5, 1.5, count))
