"""Heaps: what is refused, and what raises as the function does."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, grad, vjp

X = np.array([1.3, -0.7, 2.9, 0.4])


def test_list_that_is_not_made_in_the_function_is_refused() -> None:
    def f(x: Any, heap: Any) -> Any:
        heapq.heappush(heap, x[0])
        return heap[0]

    with pytest.raises(Unsupported, match=r"heap = \[item for item in items\]"):
        grad(f)(X, [3.0])


def test_method_of_lists_that_a_heap_has_not_is_refused() -> None:
    def f(x: Any) -> Any:
        heap: list[Any] = []
        heapq.heappush(heap, x[0])
        heap.reverse()
        return heap[0]

    with pytest.raises(Unsupported, match=r"\.reverse"):
        grad(f)(X)


def test_empty_heap_raises_as_in_the_function() -> None:
    def f(x: Any) -> Any:
        heap: list[Any] = []
        for v in x:
            heapq.heappush(heap, v)
        total = 0.0
        for _ in range(len(x) + 1):
            total = total + heapq.heappop(heap)
        return total

    for function in (f, grad(f)):
        with pytest.raises(IndexError):
            function(X)


def test_order_of_the_rest_is_that_of_heapq() -> None:
    x = np.array([0.9, 0.1, 0.7, 0.3, 0.5, 0.2, 0.8])

    def f(x: Any) -> Any:
        heap: list[Any] = []
        for v in x:
            heapq.heappush(heap, v)
        heapq.heappop(heap)
        heapq.heapreplace(heap, x[0] * 0.6)
        return np.array([v * (i + 1) for i, v in enumerate(heap)])

    out, pullback = vjp(f, x)
    np.testing.assert_array_equal(out, f(x))
    np.testing.assert_allclose(pullback(np.ones(6))[0], pullback(np.ones(6))[0])
