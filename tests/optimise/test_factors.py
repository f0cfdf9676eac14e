"""The factor of a mean, drawn out of sums and differences."""

from __future__ import annotations

import itertools
import operator as o
from typing import Any

import numpy as np
import pytest

from adjoint.ir.check import verify
from adjoint.ir.nodes import Function, Var
from adjoint.ir.values import BOOL, FLOAT, INT, Array
from adjoint.optimise.fold import fold
from tests.optimise.writer import FLOAT32, MATRIX, VECTOR, N, Writer, evaluate, names_of

SPECIAL = [0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan]
BOOLS = Array(np.dtype(bool), (N,))


def folded(w: Writer, result: Any) -> Function:
    function = w.function(result)
    verify(function)
    made = fold(function, w.facts)
    verify(made)
    return made


def writer(*types: Any) -> tuple[Writer, Var, list[Var]]:
    """A writer of the backward sweep; the scale ``1 / n``, and parameters of these types."""
    w = Writer(("n", INT), *((f"x{k}", type_) for k, type_ in enumerate(types)))
    w.backward()
    return w, w(o.truediv, 1, w.params[0]), list(w.params[1:])


def test_a_difference_of_products():
    w, s, (x, y) = writer(VECTOR, VECTOR)
    made = folded(w, w(o.sub, w(o.mul, s, x), w(o.mul, s, y)))
    assert names_of(made) == ["/", "-", "*"]
    assert evaluate(made, 2, np.array([3.0]), np.array([1.0])) == [1.0]


def test_a_scale_inside_of_quotients_and_products():
    w, s, (x, y, z) = writer(VECTOR, VECTOR, VECTOR)
    t = w(o.mul, w(o.mul, w(o.truediv, s, x), y), z)
    made = folded(w, w(o.add, t, w(o.mul, s, y)))
    assert names_of(made) == ["/", "/", "*", "+", "*"]
    assert evaluate(made, 2, np.array([4.0]), np.array([2.0]), np.array([3.0])) == [1.75]


def test_a_sum_along_an_axis():
    w, s, (x,) = writer(MATRIX)
    made = folded(w, w(np.sum, w(o.mul, s, x), axis=0))
    assert names_of(made) == ["/", "sum", "*"]
    np.testing.assert_array_equal(evaluate(made, 2, np.ones((4, 3))), [2.0, 2.0, 2.0])


@pytest.mark.parametrize("x", [VECTOR, FLOAT32])
def test_types_stay(x):
    w, s, (a, b) = writer(x, x)
    total = w(o.add, w(o.mul, s, a), w(o.mul, s, b))
    made = folded(w, total)
    assert made.body.statements[-1].target.type == total.type


def test_a_product_that_others_need_stays():
    w, s, (x, y) = writer(VECTOR, VECTOR)
    t = w(o.mul, s, x)
    made = folded(w, (w(o.sub, t, w(o.mul, s, y)), w(np.sin, t)))
    assert names_of(made) == ["/", "*", "*", "-", "sin"]


def test_masks_are_not_added():
    # True + True is True, and there is no True - True.
    w, s, (x, y) = writer(BOOLS, BOOLS)
    made = folded(w, w(o.sub, w(o.mul, s, x), w(o.mul, s, y)))
    assert names_of(made) == ["/", "*", "*", "-"]


@pytest.mark.parametrize("kind", [FLOAT, BOOL])
def test_a_factor_that_may_be_zero_or_infinite_stays(kind):
    # 0 * (a - b) is nan where a - b overflows, inf * (a - b) where a is b.
    w, _, (s, x, y) = writer(kind, VECTOR, VECTOR)
    made = folded(w, w(o.sub, w(o.mul, s, x), w(o.mul, s, y)))
    assert names_of(made)[1:] == ["*", "*", "-"]


def test_two_scales_stay():
    w, s, (x, y) = writer(VECTOR, VECTOR)
    other = w(o.truediv, 2, w.params[0])
    made = folded(w, w(o.sub, w(o.mul, s, x), w(o.mul, other, y)))
    assert names_of(made) == ["/", "/", "*", "*", "-"]


def test_special_values_come_through():
    a, b = map(np.array, zip(*itertools.product(SPECIAL, SPECIAL), strict=True))
    with np.errstate(all="ignore"):
        for s in (0.5, -0.5):
            np.testing.assert_array_equal(s * a - s * b, s * (a - b))
            np.testing.assert_array_equal(s / a * b + s * b, s * (b / a + b))
            for pair in zip(a, b, strict=True):
                values = np.array(pair)
                np.testing.assert_array_equal(np.sum(s * values), s * np.sum(values))


def test_an_inverse_is_a_quotient():
    w, _, (x, y) = writer(VECTOR, VECTOR)
    made = folded(w, w(o.mul, w(o.truediv, 1, x), y))
    assert names_of(made)[1:] == ["/"]


def test_an_inverse_is_a_quotient_at_special_values():
    a, b = map(np.array, zip(*itertools.product(SPECIAL, SPECIAL), strict=True))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(1 / a * b, b / a, rtol=1e-15)
    with np.errstate(over="ignore", invalid="ignore"):
        tiny = 1e-310
        assert np.isnan(1 / np.float64(tiny) * 0.0)  # where the quotient is the better one
    assert 0.0 / np.float64(tiny) == 0.0
