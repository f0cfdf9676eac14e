"""Sums that move into the arm that contributes."""

from __future__ import annotations

import operator as o

import numpy as np
import pytest

from adjoint.ir.check import verify
from adjoint.ir.nodes import Branch, Const, Function, Yield
from adjoint.ir.values import BOOL, FLOAT
from adjoint.optimise.arms import add_in_arms
from tests.optimise.writer import VECTOR, Writer, ended, evaluate

X = np.array([1.0, 2.0, 3.0])


def moved(w: Writer, result: object) -> Function:
    function = w.function(result)
    verify(function)
    made = add_in_arms(function, w.facts)
    verify(made)
    return made


def branch(w: Writer, x, test, zero=0.0):
    """A join that is `zero`, or the sine of the first item."""
    with w.block() as then:
        first = ended(then, Yield((w(np.sin, w(o.getitem, x, 0)),)))
    join = w.var(FLOAT, "e")
    w.branch(test, ended([], Yield((Const(zero),))), first, join)
    return join


def counts(function: Function) -> list[int]:
    """How many statements each arm has."""
    branches = [s for s in function.body.statements if isinstance(s, Branch)]
    return [len(arm.statements) for b in branches for arm in (b.then, b.other)]


@pytest.mark.parametrize("test", [True, False])
def test_an_update_of_a_place_moves(test):
    w = Writer(("x", VECTOR), ("t", BOOL))
    x, t = w.params
    w.backward()
    d = w(np.zeros_like, x, name="x")
    made = moved(w, w.place("+", d, 1, branch(w, x, t)))
    assert counts(made) == [0, 3]
    assert len(made.body.statements) == 2
    expected = [0, 0 if test else np.sin(1.0), 0]
    np.testing.assert_array_equal(evaluate(made, X, test), expected)


@pytest.mark.parametrize("test", [True, False])
def test_a_sum_of_numbers_moves(test):
    w = Writer(("x", VECTOR), ("t", BOOL))
    x, t = w.params
    w.backward()
    d = w(o.mul, w(o.getitem, x, 1), 3.0, name="s")
    made = moved(w, w(o.sub, d, branch(w, x, t), name="s"))
    assert counts(made) == [0, 3]
    assert evaluate(made, X, test) == (6.0 if test else 6.0 - np.sin(1.0))


def test_what_must_stay():
    w = Writer(("x", VECTOR), ("t", BOOL))
    x, t = w.params
    w.backward()
    d = w(np.zeros_like, x, name="x")
    made = moved(w, w.place("+", d, 1, branch(w, x, t, 1.0)))  # not a zero
    assert counts(made) == [0, 2]
    w = Writer(("x", VECTOR), ("t", BOOL))
    x, t = w.params
    w.backward()
    d = w(np.zeros_like, x, name="x")
    join = branch(w, x, t)
    made = moved(w, (w.place("+", d, 1, join), join))  # read again
    assert counts(made) == [0, 2]
    w = Writer(("x", VECTOR), ("t", BOOL))
    x, t = w.params
    w.backward()
    d = w(o.mul, w(o.getitem, x, 1), 3.0, name="x")
    made = moved(w, w(o.add, x, branch(w, x, t), name="y"))  # another variable
    assert counts(made) == [0, 2]
