"""Calls that the rules of several arguments make alike."""

from __future__ import annotations

import operator as o
from typing import Any

import numpy as np

from adjoint.ir.check import verify
from adjoint.ir.nodes import Function, Pack
from adjoint.ir.ops import call
from adjoint.optimise.shared import share_calls
from tests.optimise.writer import MATRIX, VECTOR, Writer, evaluate, names_of


def shared(w: Writer, *results: Any) -> Function:
    made = share_calls(w.function(Pack("tuple", results)), w.facts)
    verify(made)
    return made


def test_a_call_with_the_same_is_made_once_and_has_the_name_that_one_gave_it():
    w = Writer(("x", VECTOR), ("y", VECTOR))
    w.backward()
    x, y = w.params
    first = w(np.negative, w(np.exp, w(o.add, x, y)))
    again = w.let(call(np.exp), w(o.add, x, y), name="y")
    made = shared(w, first, again)
    assert names_of(made) == ["+", "exp", "negative"]
    assert made.body.leaf.values[0].items[1].name == "y"
    values = evaluate(made, np.arange(5.0), np.ones(5))
    np.testing.assert_allclose(values[0], -values[1])


def test_what_is_written_in_between_is_not_the_same():
    w = Writer(("a", MATRIX))
    w.backward()
    first = w(np.exp, *w.params)
    new = w.place("+", w.params[0], 0, 1.0)
    assert names_of(shared(w, first, w(np.exp, new))).count("exp") == 2


def test_what_is_written_afterwards_is_not_shared():
    w = Writer(("x", VECTOR))
    w.backward()
    first, again = w(np.exp, *w.params), w(np.exp, *w.params)
    new = w.place("+", again, 0, 1.0)
    assert names_of(shared(w, first, new)).count("exp") == 2


def test_other_operands_and_the_program_itself_stay():
    w = Writer(("x", VECTOR))
    (x,) = w.params
    before = w(np.exp, x), w(np.exp, x)
    w.backward()
    after = w(np.sum, x, axis=0), w(np.sum, x), w(np.roll, x, 1), w(np.roll, x, True)
    assert len(names_of(shared(w, *before, *after))) == 6


def test_cheap_values_and_new_arrays_stay():
    w = Writer(("x", VECTOR))
    w.backward()
    (x,) = w.params
    twice = [w(*each) for each in ((o.mul, x, x), (np.zeros_like, x)) for _ in range(2)]
    assert len(names_of(shared(w, *twice))) == 4


def test_what_the_program_has_called_is_not_called_again_in_whatever_spelling():
    w = Writer(("x", MATRIX))
    (x,) = w.params
    mean = w.method(np.mean, "mean", x, 1, keepdims=True)
    t = w(o.sub, x, mean)
    w.backward()
    again = w(o.sub, x, w(np.mean, x, axis=1, keepdims=True))
    made = shared(w, w(o.mul, t, 2.0), w(np.exp, again))
    assert names_of(made) == ["mean", "-", "*", "exp"]
    values = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_array_equal(
        evaluate(made, values)[1], np.exp(values - values.mean(1, keepdims=True))
    )


def test_a_copy_stays_one():
    w = Writer(("x", VECTOR))
    first = w(np.copy, *w.params)
    w.backward()
    assert names_of(shared(w, first, w(np.copy, *w.params))) == ["copy", "copy"]


def test_a_product_of_matrices_is_made_once():
    w = Writer(("a", MATRIX), ("v", VECTOR))
    a, v = w.params
    w.backward()
    first, again = (w(o.matmul, w(np.transpose, a), v) for _ in range(2))
    made = shared(w, w(np.negative, first), w(np.exp, again))
    assert names_of(made).count("@") == 1
