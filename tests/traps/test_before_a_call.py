"""Ways in which text made before any call goes silently wrong: what is a number, what an array?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import grad
from adjoint.emit.load import load
from adjoint.errors import Unsupported
from tests.oracle import assert_gradient

V = np.array([0.4, -0.8, 1.5])
M = np.array([[0.5, 1.5], [2.0, -1.0], [0.7, 0.2]])


def assert_text(function: Any, text: str) -> None:
    """The gradient that a text computes is that of the function."""
    name = f"{function.__name__}_grad"
    made = load(text, name, {})[name]
    np.testing.assert_allclose(made(M.copy()), grad(function)(M), rtol=1e-12)


def through_a_second_name(a: Any) -> Any:
    b = a * 1.0
    w = b
    w *= 2.0
    return np.sum(b**2)


def through_a_row(b: Any) -> Any:
    row = b[0]
    row += b[1]
    return np.sum(b**3)


def through_rows_in_a_loop(b: Any) -> Any:
    for row in b:
        row *= 2.0
    return np.sum(b**3)


def through_an_unpacked_row(b: Any) -> Any:
    p, q, _ = b
    p += q
    return np.sum(b**3)


def through_a_helper(b: Any) -> Any:
    def add(r: Any) -> None:
        r += 1.0

    add(b[1])
    return np.sum(b**3)


def through_a_view(b: Any) -> Any:
    flat = b.reshape(-1)
    flat *= 2.0
    return np.sum(b**3)


def through_a_list(b: Any) -> Any:
    rows = [*b]
    rows[0] += 1.0
    return np.sum(b**3)


def through_what_a_branch_chose(b: Any) -> Any:
    r = b[0] if b[0, 0] > 0 else b[1]
    r *= 2.0
    return np.sum(b**3)


def read_in_the_next_trip(b: Any) -> Any:
    total = b[0]
    for i in range(1, 3):
        total += b[i]
    return np.sum(total**2) + np.sum(b[0])


def read_after_a_failure(b: Any) -> Any:
    try:
        r = b[0]
        r += 1.0
        raise ValueError
    except ValueError:
        return np.sum(b**2)


def inside_a_derivative(b: Any) -> Any:
    def loss(r: Any) -> Any:
        row = r[0]
        row *= 2.0
        return np.sum(r**2)

    return np.sum(grad(loss)(b))


def in_a_recursion(b: Any) -> Any:
    def double(r: Any, k: int) -> None:
        if k > 0:
            r *= 2.0
            double(r, k - 1)

    double(b[0], 3)
    return np.sum(b**2)


CHANGED_BEFORE_A_CALL = [
    through_a_second_name, through_a_row, through_rows_in_a_loop, through_an_unpacked_row,
    through_a_helper, through_a_view, through_a_list, through_what_a_branch_chose,
    read_in_the_next_trip, read_after_a_failure, inside_a_derivative, in_a_recursion,
]  # fmt: skip
"""What changes under a name what may be a number, and reads the array that it may be a part of."""


@pytest.mark.parametrize("function", CHANGED_BEFORE_A_CALL, ids=lambda f: f.__name__)
def test_what_may_be_a_part_of_an_array_is_not_changed_before_a_call(function: Any) -> None:
    gradient = grad(function)
    with pytest.raises(Unsupported, match="is known from a call on"):
        _ = gradient.source
    assert_gradient(function, M)
    gradient(M)
    assert_text(function, gradient.source)


def swapped(b: Any) -> Any:
    t = b[0]
    b[0] = b[1]
    b[1] = t
    return np.sum(t * b[0]) + np.sum(b[1] ** 2)


def swapped_at_once(b: Any) -> Any:
    b[0], b[1] = b[1], b[0]
    return np.sum(b[0] ** 3)


def kept_in_a_list(b: Any) -> Any:
    kept = [b[0]]
    b[0] *= 3.0
    return np.sum(kept[0] ** 2)


@pytest.mark.parametrize("function", [swapped, swapped_at_once, kept_in_a_list])
@pytest.mark.parametrize("x", [V, M], ids=["numbers", "rows"])
def test_what_may_be_a_number_is_not_read_after_a_write_before_a_call(
    function: Any, x: Any
) -> None:
    gradient = grad(function)
    with pytest.raises(Unsupported, match="is known from a call on"):
        _ = gradient.source
    assert_gradient(function, x)


def rows_by_items(b: Any) -> Any:
    for row in b:
        row[1] += row[0] * 2.0
    return np.sum(b**3)


def items_unpacked(b: Any) -> Any:
    p, q, r = b
    p *= q
    p -= r
    return np.sum(p**2)


def added_up(x: Any) -> Any:
    total = 0.0
    for v in x:
        total += v**2
    return np.sum(total)


def momentum(b: Any) -> Any:
    x = b - 1.0
    v = x * 0.0
    for _ in range(3):
        v *= 0.9
        v -= 0.1 * x
        x += v
    return np.sum(x**2)


def summed_inside(b: Any) -> Any:
    return np.sum(grad(added_up)(b) ** 2)


@pytest.mark.parametrize(
    "function", [rows_by_items, items_unpacked, added_up, momentum, summed_inside]
)
def test_what_comes_to_the_same_for_numbers_and_arrays_is_taken_before_a_call(
    function: Any,
) -> None:
    assert_gradient(function, M)
    assert_text(function, grad(function).source)
