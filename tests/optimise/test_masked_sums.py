"""Sums of what a condition takes and of what it leaves."""

from __future__ import annotations

import operator as o
from typing import Any

import numpy as np
import pytest

from adjoint import grad, jvp
from adjoint.ir.check import verify
from adjoint.ir.nodes import Function, Var
from adjoint.ir.values import BOOL, FLOAT, Array
from adjoint.optimise.fold import fold
from tests.optimise.writer import FLOAT32, VECTOR, N, Writer, evaluate, names_of

MASK = Array(np.dtype(bool), (N,))
CONDITION = np.array([True, False, True])
X, Y = np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0])


def folded(w: Writer, result: Any) -> Function:
    function = w.function(result)
    verify(function)
    made = fold(function, w.facts)
    verify(made)
    return made


def writer(*types: Any) -> tuple[Writer, list[Var]]:
    """A writer of the backward sweep, with parameters of these types."""
    w = Writer(*((f"x{k}", type_) for k, type_ in enumerate(types)))
    w.backward()
    return w, list(w.params)


def test_a_common_cotangent_is_drawn_out():
    w, (c, d, x, y) = writer(MASK, FLOAT, VECTOR, VECTOR)
    taken, left = w(np.where, c, d, 0), w(np.where, c, 0, d)
    made = folded(w, w(o.add, w(o.mul, taken, x), w(o.mul, left, y)))
    assert names_of(made) == ["where", "*"]
    np.testing.assert_array_equal(evaluate(made, CONDITION, 2.0, X, Y), [2.0, 40.0, 6.0])


def test_of_a_difference_the_second_part_is_negative():
    w, (c, d, x) = writer(MASK, VECTOR, VECTOR)
    taken, left = w(np.where, c, d, 0), w(np.where, c, 0, d)
    made = folded(w, w(o.sub, left, w(o.mul, w(o.mul, 3.0, taken), x)))
    assert names_of(made) == ["*", "*", "where"]
    np.testing.assert_array_equal(evaluate(made, CONDITION, Y, X), [-30.0, 20.0, -270.0])


@pytest.mark.parametrize("outer", [o.add, o.sub])
@pytest.mark.parametrize("inner", [o.add, o.sub])
def test_the_last_two_of_several(inner, outer):
    w, (c, d, x, y) = writer(MASK, VECTOR, VECTOR, VECTOR)
    taken, left = w(np.where, c, d, 0), w(np.where, c, 0, x)
    total = w(outer, w(inner, y, w(o.mul, taken, x)), w(o.mul, left, y))
    made = folded(w, total)
    assert names_of(made).count("where") == 1
    args = CONDITION, Y, X, np.array([0.5, -1.0, 4.0])
    np.testing.assert_array_equal(evaluate(made, *args), evaluate(w.function(total), *args))


def test_the_last_of_several_summands():
    w, (c, d, x, y) = writer(MASK, VECTOR, VECTOR, VECTOR)
    taken, left = w(np.where, c, d, 0), w(np.where, c, 0, d)
    total = w(o.add, w(o.add, x, w(o.truediv, taken, x)), w(o.mul, left, y))
    made = folded(w, total)
    assert names_of(made) == ["/", "where", "*", "+"]
    np.testing.assert_array_equal(evaluate(made, CONDITION, Y, X, X), [11.0, 42.0, 13.0])


def test_what_is_not_taken_is_not_multiplied_by_zero():
    w, (c, d, x) = writer(MASK, VECTOR, VECTOR)
    taken, left = w(np.where, c, d, 0), w(np.where, c, 0, d)
    made = folded(w, w(o.add, w(o.mul, taken, x), left))
    x = np.array([1.0, np.inf, 3.0])
    np.testing.assert_array_equal(evaluate(made, CONDITION, Y, x), [10.0, 20.0, 90.0])


def test_two_parts_of_what_is_taken():
    w, (c, d, x, y) = writer(MASK, VECTOR, VECTOR, VECTOR)
    first, second = w(np.where, c, d, 0), w(np.where, c, x, 0)
    made = folded(w, w(o.sub, w(o.mul, first, x), w(o.mul, second, y)))
    assert names_of(made) == ["*", "*", "-", "where"]
    np.testing.assert_array_equal(evaluate(made, CONDITION, Y, X, X), [9.0, 0.0, 81.0])


@pytest.mark.parametrize("both", ["are of other conditions", "are read elsewhere"])
def test_what_stays(both):
    w, (c, e, d, x, y) = writer(MASK, MASK, VECTOR, VECTOR, VECTOR)
    taken = w(np.where, c, d, 0)
    other = w(np.where, e if both == "are of other conditions" else c, 0, d)
    total = w(o.add, w(o.mul, taken, x), w(o.mul, other, y))
    if both == "are read elsewhere":
        total = w(o.mul, total, other)
    assert names_of(folded(w, total)).count("where") == 2


@pytest.mark.parametrize("condition", [MASK, BOOL])
@pytest.mark.parametrize("x", [VECTOR, FLOAT32])
def test_types_stay(x, condition):
    w, (c, d, x, y) = writer(condition, FLOAT, x, x)
    taken, left = w(np.where, c, d, 0), w(np.where, c, 0, d)
    total = w(o.add, w(o.mul, taken, x), w(o.mul, left, y))
    given = np.array([1.0, 2.0, 3.0], np.float32 if x.type is FLOAT32 else np.float64)
    mask = CONDITION if condition is MASK else True
    before = evaluate(w.function(total), mask, 2.0, given, given)
    after = evaluate(folded(w, total), mask, 2.0, given, given)
    np.testing.assert_array_equal(after, before)
    assert after.dtype == before.dtype


def test_a_huber_loss_reads_as_by_hand():
    def huber(r, delta):
        small = np.abs(r) <= delta
        return np.where(small, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta)).mean()

    by_r = grad(huber)
    r = np.array([0.5, -3.0, 2.0])
    np.testing.assert_allclose(by_r(r, 1.0), np.clip(r, -1, 1) / 3)
    assert "return 1 / small.size * np.where(small, r, delta * np.sign(r))  #" in by_r.source


def test_second_derivatives_of_a_choice():
    def f(r):
        return np.sum(np.where(r > 0, r**3, np.exp(r)))

    r, v = np.array([0.5, -3.0, 2.0]), np.array([1.0, -2.0, 0.5])
    expected = np.where(r > 0, 6 * r, np.exp(r)) * v
    np.testing.assert_allclose(jvp(grad(f), (r,), (v,))[1], expected)
    np.testing.assert_allclose(grad(lambda r: np.sum(grad(f)(r) * v))(r), expected)
