"""Ways in which what was chosen among views goes silently wrong once the array is written."""

from __future__ import annotations

import heapq
import itertools
from typing import Any

import numpy as np
import pytest

from adjoint import grad
from adjoint.errors import Unsupported
from tests.oracle import assert_gradient

M = np.array([[0.5, 1.5, 0.3], [2.0, -1.0, 0.8], [0.7, 0.2, 1.1]])


def largest_of_rows(b: Any) -> Any:
    row = max(b[0], b[1], key=np.sum)
    b += 1.0
    return np.sum(row**3) + np.sum(b)


def smallest_row(b: Any) -> Any:
    row = min(b, key=lambda r: r[0])
    b *= 2.0
    return np.sum(row**3)


def largest_row_with_default(b: Any) -> Any:
    row = max(b, key=lambda r: r[0], default=None)
    b += 1.0
    return np.sum(row**2)


def repeated_row(b: Any) -> Any:
    rows = list(itertools.repeat(b[0], 2))
    b *= 2.0
    return np.sum(rows[1] ** 3)


def repeated_row_written(b: Any) -> Any:
    for row in itertools.repeat(b[0], 2):
        row *= 2.0
    return np.sum(b**2)


def numbers_are_as_they_were(b: Any) -> Any:
    least, most = sorted(b[0])[0], max(b[1])
    b *= 2.0
    return least**2 * most + np.sum(b)


@pytest.mark.parametrize(
    "function",
    [
        largest_of_rows, smallest_row, largest_row_with_default, repeated_row,
        repeated_row_written, numbers_are_as_they_were,
    ],
)  # fmt: skip
def test_what_was_chosen_is_the_array_as_it_is_now(function: Any) -> None:
    assert_gradient(function, M)


def first_in_order(b: Any) -> Any:
    row = sorted(b, key=lambda r: r[0])[0]
    b *= 2.0
    return np.sum(row**3)


def largest_by_heap(b: Any) -> Any:
    row = heapq.nlargest(1, b, key=lambda r: r[0])[0]
    b *= 2.0
    return np.sum(row**3)


def by_a_key_at_run_time(b: Any) -> Any:
    row = {0: b[0], 1: b[1]}[int(b[0, 0] > 0)]
    b *= 2.0
    return np.sum(row**3)


@pytest.mark.parametrize("function", [first_in_order, largest_by_heap, by_a_key_at_run_time])
def test_what_may_be_any_view_is_not_read_after_a_write(function: Any) -> None:
    with pytest.raises(Unsupported, match="may be one array here"):
        grad(function)(M)
