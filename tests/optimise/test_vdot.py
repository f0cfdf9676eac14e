"""Sums of products."""

from __future__ import annotations

import operator as o
from typing import Any

import numpy as np
import pytest

from adjoint.ir.check import verify
from adjoint.ir.nodes import Function
from adjoint.ir.values import FLOAT, Array
from adjoint.optimise.vdot import use_vdot
from tests.optimise.writer import FLOAT32, MATRIX, VECTOR, N, Writer, evaluate, names_of


def dotted(w: Writer, result: Any) -> Function:
    function = w.function(result)
    made = use_vdot(function, w.facts)
    verify(made)
    return made


def writer(a: Any = VECTOR, b: Any = VECTOR) -> Writer:
    w = Writer(("x", a), ("y", b))
    w.backward()
    return w


def test_a_sum_of_a_product():
    w = writer()
    made = dotted(w, w(np.sum, w(o.mul, *w.params)))
    assert names_of(made) == ["vdot"]
    assert evaluate(made, np.arange(5.0), np.ones(5)) == 10.0


def test_a_sum_of_a_square_and_of_a_matrix():
    w = writer(MATRIX, MATRIX)
    made = dotted(w, w.method(np.sum, "sum", w(o.mul, w.params[0], w.params[0]), axis=None))
    assert names_of(made) == ["vdot"]
    assert evaluate(made, np.ones((5, 3)), None) == 15.0


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (VECTOR, FLOAT),
        (VECTOR, Array(np.dtype(float), (N, N))),
        (VECTOR, FLOAT32),
        *((Array(np.dtype(d), (N,)),) * 2 for d in ("c16", "f2", "i8")),
    ],
)
def test_other_operands_stay(a, b):
    w = writer(a, b)
    assert names_of(dotted(w, w(np.sum, w(o.mul, *w.params)))) == ["*", "sum"]


def test_a_product_that_is_needed_stays():
    w = writer()
    t = w(o.mul, *w.params)
    assert names_of(dotted(w, w(o.mul, w(np.sum, t), t))) == ["*", "sum", "*"]


def test_a_sum_along_an_axis_stays():
    w = writer(MATRIX, MATRIX)
    assert names_of(dotted(w, w(np.sum, w(o.mul, *w.params), axis=0))) == ["*", "sum"]


def test_an_operand_that_is_written_in_between():
    w = writer()
    a = w(np.sin, w.params[0])
    t = w(o.mul, a, w.params[1])
    b = w.update("+", a, 1.0)
    assert names_of(dotted(w, (w(np.sum, t), b)))[-1] == "sum"


def test_memory_that_is_written_before_or_after():
    w = writer()
    a = w.update("+", w(np.sin, w.params[0]), w.params[1])
    d = w(np.sum, w(o.mul, a, w.params[1]))
    b = w.update("+", a, 1.0)
    assert names_of(dotted(w, (d, b))) == ["sin", "+", "vdot", "+"]


def test_the_forward_sweep_stays():
    w = Writer(("x", VECTOR), ("y", VECTOR))
    t = w(np.sum, w(o.mul, *w.params))
    w.backward()
    assert names_of(dotted(w, t)) == ["*", "sum"]
