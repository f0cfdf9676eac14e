"""Choices inside a choice by the same condition, and conditions that are joined."""

from __future__ import annotations

import operator as o
from typing import Any

import numpy as np
import pytest

from adjoint import grad
from adjoint.ir.values import BOOL, FLOAT, Array
from tests.optimise.test_masked_sums import CONDITION, MASK, X, Y, folded, writer
from tests.optimise.writer import VECTOR, Writer, evaluate, names_of

OTHER = np.array([True, True, False])


@pytest.mark.parametrize("is_taken", [True, False])
def test_a_mask_inside_of_the_same_mask(is_taken):
    def masked(w: Writer, c: Any, value: Any) -> Any:
        return w(np.where, c, *((value, 0) if is_taken else (0, value)))

    w, (c, d, x) = writer(MASK, VECTOR, VECTOR)
    made = folded(w, masked(w, c, w(o.mul, w(o.mul, 3.0, masked(w, c, d)), x)))
    assert names_of(made) == ["*", "*", "where"]
    expected = np.where(CONDITION == is_taken, 3 * X * Y, 0)
    np.testing.assert_array_equal(evaluate(made, CONDITION, X, Y), expected)


def test_a_mask_on_the_side_where_it_is_zero():
    w, (c, d, x) = writer(MASK, VECTOR, VECTOR)
    made = folded(w, w(np.where, c, x, w(o.add, w(np.where, c, d, 0), x)))
    np.testing.assert_array_equal(evaluate(made, CONDITION, Y, X), X)


def test_a_safe_point_stays():
    w, (c, d, x) = writer(MASK, VECTOR, VECTOR)
    made = folded(w, w(np.where, c, w(o.truediv, d, w(np.where, c, x, 1.0)), 0))
    assert names_of(made) == ["where", "/", "where"]
    with np.errstate(all="raise"):
        found = evaluate(made, CONDITION, Y, np.array([2.0, 0.0, 4.0]))
    np.testing.assert_array_equal(found, [5.0, 0.0, 7.5])


def test_a_value_of_the_program_that_is_not_finite_stays_masked():
    def f(x, w):
        y = np.where(x > 0, np.log(x), 0.0)
        return np.sum(np.where(x > 0, w * y**2, 0.0))

    by_x = grad(f)
    with np.errstate(invalid="raise", divide="ignore"):
        found = by_x(np.array([2.0, 0.0]), np.array([3.0, 0.0]))
    np.testing.assert_allclose(found, [3 * np.log(2.0), 0.0])


def test_both_sides_are_masked():
    w, (c, k, d, x) = writer(MASK, MASK, VECTOR, VECTOR)
    first, second = w(np.where, k, d, 0), w(np.where, k, x, 0)
    made = folded(w, w(np.where, c, first, second))
    assert names_of(made) == ["where", "where"]
    expected = np.where(OTHER, np.where(CONDITION, X, Y), 0)
    np.testing.assert_array_equal(evaluate(made, CONDITION, OTHER, X, Y), expected)


def test_conditions_are_joined():
    w, (c, k, x) = writer(MASK, MASK, VECTOR)
    made = folded(w, w(np.where, c, w(np.where, k, x, 0), 0))
    assert names_of(made) == ["&", "where"]
    np.testing.assert_array_equal(evaluate(made, CONDITION, OTHER, X), [1.0, 0.0, 0.0])


@pytest.mark.parametrize("first", [BOOL, FLOAT, Array(np.dtype(int), VECTOR.shape)])
def test_what_is_no_array_of_truth_values_is_not_joined(first):
    w, (c, k, x) = writer(first, MASK, VECTOR)
    made = folded(w, w(np.where, c, w(np.where, k, x, 0), 0))
    assert names_of(made) == ["where", "where"]
