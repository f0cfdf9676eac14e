"""Names that are another part of a written array in each trip of a loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import grad
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


@pytest.mark.parametrize("f", [_all_but_the_last, _whole_at_first])
def test_a_part_of_itself_is_refused_with_what_to_write(f: Callable[..., Any]) -> None:
    with pytest.raises(Unsupported, match=r"tail = a\[k:\]"):
        grad(f)(np.linspace(0.5, 1.5, 5))


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_what_is_advised_works(count: int) -> None:
    assert_gradient(_by_an_index, np.linspace(0.5, 1.5, count))
