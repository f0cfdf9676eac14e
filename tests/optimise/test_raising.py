"""What is known not to raise."""

from __future__ import annotations

import math
import operator as o

import numpy as np
import pytest

from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Const, For, Let, Loop, Next, Yield
from adjoint.ir.values import BOOL, FLOAT, INT, OPAQUE, UNKNOWN, Array, ListOf, Maybe
from adjoint.ir.walk import all_statements
from adjoint.optimise.raising import Known, may_raise
from tests.optimise.writer import F8, MATRIX, VECTOR, Writer, ended

SCALAR = Array(F8, (), True)
OTHER, ROW = Array(F8, (Length(7),)), Array(F8, (Length(3),))
SQUARE = Array(F8, (Length(3), Length(3)))


def ask(write, **types):
    w = Writer(*types.items())
    write(w, *w.params)
    statement = w.builder._statements[-1]
    assert isinstance(statement, Let)
    return may_raise(statement, w.facts)


@pytest.mark.parametrize(
    ("write", "types"),
    [
        (lambda w, x, y: w(o.add, x, y), (FLOAT, INT)),
        (lambda w, x, y: w(o.truediv, x, 2.0), (FLOAT, INT)),
        (lambda w, x, y: w(o.pow, x, 2), (FLOAT, INT)),
        (lambda w, x, y: w(o.pow, x, y), (VECTOR, FLOAT)),
        (lambda w, x, y: w(o.truediv, x, y), (VECTOR, VECTOR)),
        (lambda w, x, y: w(o.truediv, x, y), (FLOAT, SCALAR)),
        (lambda w, x, y: w(np.maximum, x, y), (VECTOR, SCALAR)),
        (lambda w, x, y: w(np.sin, x), (FLOAT, INT)),
        (lambda w, x, y: w(np.where, w(o.gt, x, 0.0), x, y), (VECTOR, FLOAT)),
        (lambda w, x, y: w(np.select, (w(o.gt, x, 0.0),), (x,), y), (VECTOR, FLOAT)),
        (lambda w, x, y: w(np.sum, x, axis=0), (MATRIX, INT)),
        (lambda w, x, y: w(np.max, x), (MATRIX, INT)),
        (lambda w, x, y: w(o.matmul, y, x), (MATRIX, VECTOR)),
        (lambda w, x, y: w(o.getitem, x, 0), (VECTOR, INT)),
        (lambda w, x, y: w(o.getitem, x, (-1, slice(1, None), None)), (MATRIX, INT)),
        (lambda w, x, y: w(o.getitem, x, (Ellipsis, 2)), (MATRIX, INT)),
        (lambda w, x, y: w.attribute(np.shape, "shape", x), (MATRIX, INT)),
        (lambda w, x, y: w(o.getitem, w.attribute(np.shape, "shape", x), 1), (MATRIX, INT)),
        (lambda w, x, y: w(np.reshape, x, -1), (MATRIX, INT)),
        (lambda w, x, y: w(np.reshape, x, (-1, 1)), (MATRIX, INT)),
        (lambda w, x, y: w(np.reshape, x, (2, 4)), (Array(F8, (Length(8),)), INT)),
        (lambda w, x, y: w(np.concatenate, (x, y)), (VECTOR, OTHER)),
        (lambda w, x, y: w(np.stack, (x, x)), (VECTOR, OTHER)),
        (lambda w, x, y: w(np.zeros, (3, 4)), (VECTOR, OTHER)),
        (lambda w, x, y: w(np.full, (3, 4), y), (VECTOR, FLOAT)),
        (lambda w, x, y: w.alias(x), (UNKNOWN, FLOAT)),
        (lambda w, x, y: w(min, x, y), (FLOAT, INT)),
        (lambda w, x, y: w(len, x), (VECTOR, FLOAT)),
        (lambda w, x, y: w(len, x), (ListOf(UNKNOWN), FLOAT)),
        (lambda w, x, y: w(sum, x), (ListOf(FLOAT), FLOAT)),
        (lambda w, x, y: w(sum, x, y), (ListOf(SCALAR), FLOAT)),
        (lambda w, x, y: w(sum, (x, y)), (VECTOR, FLOAT)),
        (lambda w, x, y: w(np.array, x), (ListOf(INT), FLOAT)),
        (lambda w, x, y: w(np.array, ((x, y), (y, x))), (FLOAT, SCALAR)),
        (lambda w, x, y: w.method(np.copy, "astype", x, float, type_=VECTOR), (VECTOR, FLOAT)),
        (lambda w, x, y: w(np.vdot, x, y), (VECTOR, VECTOR)),
        (lambda w, x, y: w(np.inner, x, y), (MATRIX, ROW)),
        (lambda w, x, y: w(np.einsum, "ij,j->i", x, y), (MATRIX, ROW)),
        (lambda w, x, y: w(np.tensordot, x, y, 1), (MATRIX, ROW)),
        (lambda w, x, y: w(np.cross, x, y), (ROW, ROW)),
        (lambda w, x, y: w(np.linalg.norm, x), (MATRIX, INT)),
        (lambda w, x, y: w(np.linalg.norm, x, 1), (VECTOR, INT)),
        (lambda w, x, y: w(np.linalg.det, x), (SQUARE, INT)),
        (lambda w, x, y: w(np.linalg.matrix_power, x, 2), (SQUARE, INT)),
        (lambda w, x, y: w(np.interp, y, x, x), (VECTOR, FLOAT)),
        (lambda w, x, y: w(np.polyval, x, y), (VECTOR, FLOAT)),
        (lambda w, x, y: w(np.clip, x, 0.0, y), (VECTOR, SCALAR)),
        (lambda w, x, y: w(np.take, x, -1), (ROW, INT)),
        (lambda w, x, y: w(np.gradient, x), (ROW, INT)),
        (lambda w, x, y: w(max, x, y), (SCALAR, FLOAT)),
        (lambda w, x, y: w.update("+", x, y), (VECTOR, FLOAT)),
        (lambda w, x, y: w.update("*", x, y), (MATRIX, ROW)),
        (lambda w, x, y: w.place("", x, 0, y), (VECTOR, FLOAT)),
        (lambda w, x, y: w.place("-", x, (slice(None), 1), y), (MATRIX, SCALAR)),
        (lambda w, x, y: w.place("", x, 0, y), (MATRIX, ROW)),
    ],
)
def test_safe(write, types):
    assert not ask(write, x=types[0], y=types[1])


@pytest.mark.parametrize(
    ("write", "types"),
    [
        (lambda w, x, y: w(o.truediv, x, y), (FLOAT, INT)),
        (lambda w, x, y: w(o.floordiv, x, y), (INT, INT)),
        (lambda w, x, y: w(o.truediv, x, 0), (FLOAT, INT)),
        (lambda w, x, y: w(o.pow, x, -1), (FLOAT, INT)),
        (lambda w, x, y: w(o.pow, x, y), (FLOAT, FLOAT)),
        (lambda w, x, y: w(math.log, x), (FLOAT, INT)),
        (lambda w, x, y: w(int, x), (FLOAT, INT)),
        (lambda w, x, y: w(max, x, y), (VECTOR, INT)),
        (lambda w, x, y: w(o.add, x, y), (UNKNOWN, INT)),
        (lambda w, x, y: w(o.add, x, y), (OPAQUE, INT)),
        (lambda w, x, y: w(o.add, x, y), (Maybe(FLOAT), INT)),
        (lambda w, x, y: w(o.add, x, y), (Array(F8, None), INT)),
        (lambda w, x, y: w(o.add, x, y), (VECTOR, OTHER)),
        (lambda w, x, y: w(o.matmul, x, y), (MATRIX, OTHER)),
        (lambda w, x, y: w(np.max, x), (Array(F8, (Length(0),)), INT)),
        (lambda w, x, y: w(o.getitem, x, 5), (VECTOR, INT)),
        (lambda w, x, y: w(o.getitem, x, y), (VECTOR, INT)),
        (lambda w, x, y: w(o.getitem, x, 0), (ListOf(FLOAT), INT)),
        (lambda w, x, y: w(o.getitem, x, slice(None, None, y)), (VECTOR, INT)),
        (lambda w, x, y: w(np.reshape, x, (3, 4)), (VECTOR, INT)),
        (lambda w, x, y: w(np.reshape, x, (-1, 2)), (VECTOR, INT)),
        (lambda w, x, y: w(np.broadcast_to, x, (3, 4)), (VECTOR, INT)),
        (lambda w, x, y: w(np.concatenate, (x, y)), (VECTOR, MATRIX)),
        (lambda w, x, y: w(o.add, x, y), (Array(np.dtype(np.uint8), (Length(3),)), INT)),
        (lambda w, x, y: w(np.linalg.inv, x), (MATRIX, INT)),
        (lambda w, x, y: w.effect(print, x), (VECTOR, INT)),
        (lambda w, x, y: w(np.vdot, x, y), (VECTOR, OTHER)),
        (lambda w, x, y: w(np.inner, x, y), (MATRIX, OTHER)),
        (lambda w, x, y: w(np.einsum, "ij,j->i", x, y), (MATRIX, OTHER)),
        (lambda w, x, y: w(np.tensordot, x, y, 1), (MATRIX, OTHER)),
        (lambda w, x, y: w(np.linalg.norm, x, 2), (MATRIX, INT)),
        (lambda w, x, y: w(np.linalg.norm, x, np.inf), (Array(F8, (Length(0),)), INT)),
        (lambda w, x, y: w(np.linalg.det, x), (Array(F8, (Length(3), Length(4))), INT)),
        (lambda w, x, y: w(np.linalg.matrix_power, x, -2), (SQUARE, INT)),
        (lambda w, x, y: w(np.interp, 0.5, x, y), (VECTOR, OTHER)),
        (lambda w, x, y: w(np.polyval, x, y), (MATRIX, FLOAT)),
        (lambda w, x, y: w(np.clip, x, y, None), (VECTOR, OTHER)),
        (lambda w, x, y: w(np.take, x, 5), (ROW, INT)),
        (lambda w, x, y: w(np.gradient, x), (Array(F8, (Length(1),)), INT)),
        (lambda w, x, y: w(max, x, y), (UNKNOWN, FLOAT)),
        (lambda w, x, y: w.update("+", x, y), (VECTOR, MATRIX)),
        (lambda w, x, y: w.update("+", x, y), (VECTOR, OTHER)),
        (lambda w, x, y: w.update("/", x, y), (Array(np.dtype(int), (Length(4),)), FLOAT)),
        (lambda w, x, y: w.update("*", x, y), (VECTOR, Array(np.dtype(complex), (Length(4),)))),
        (lambda w, x, y: w.place("", x, 9, y), (VECTOR, FLOAT)),
        (lambda w, x, y: w.place("", x, y, 1.0), (VECTOR, INT)),
        (lambda w, x, y: w.place("", x, 0, y), (MATRIX, OTHER)),
        (lambda w, x, y: w.place("", x, 0, y), (VECTOR, UNKNOWN)),
    ],
)
def test_unsafe(write, types):
    assert ask(write, x=types[0], y=types[1])


def test_a_length_that_is_only_a_name_proves_nothing():
    w = Writer(("x", Array(F8, (Length(0),))), ("y", VECTOR))
    x = w.var(Array(F8, (w.facts.fresh(),)))
    y = w.var(Array(F8, (w.facts.fresh(),)))
    w(o.add, x, y)
    assert may_raise(w.builder._statements[-1], w.facts)
    w(o.add, x, x)
    assert not may_raise(w.builder._statements[-1], w.facts)


# -- lists -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("write", "types"),
    [
        (lambda w, x, y: w(sum, x), (ListOf(VECTOR), FLOAT)),
        (lambda w, x, y: w(sum, x), (ListOf(UNKNOWN), FLOAT)),
        (lambda w, x, y: w(sum, (x, y)), (VECTOR, OTHER)),
        (lambda w, x, y: w(np.array, x), (ListOf(VECTOR), FLOAT)),
        (lambda w, x, y: w(np.array, (x, y)), (VECTOR, FLOAT)),
        (lambda w, x, y: w(np.array, ((x, y), (y,))), (FLOAT, FLOAT)),
        (lambda w, x, y: w(len, x), (FLOAT, FLOAT)),
        (lambda w, x, y: w(len, x), (UNKNOWN, FLOAT)),
    ],
)
def test_lists_that_may_not_fit(write, types):
    assert ask(write, x=types[0], y=types[1])


# -- None ------------------------------------------------------------------------------------------

MAYBE = Maybe(FLOAT)


def known_to_raise(w):
    """Whether each statement of the function may raise, by its operation."""
    function = w.function(w.params[0])
    known = Known(function.body)
    lets = [s for s in all_statements(function.body) if isinstance(s, Let)]
    return [may_raise(let, w.facts, known) for let in lets]


def test_what_was_compared_is_not_none():
    w = Writer(("x", MAYBE))
    (x,) = w.params
    w(o.gt, x, 0.0, type_=BOOL)
    w(np.sin, x, type_=SCALAR)
    assert known_to_raise(w) == [True, False]


def test_what_was_compared_with_an_array_may_be_none():
    w = Writer(("x", MAYBE), ("y", VECTOR))
    x, y = w.params
    w(o.gt, x, y, type_=VECTOR)  # of an empty array nothing is compared
    w(np.sin, x, type_=SCALAR)
    assert known_to_raise(w) == [True, True]


def test_a_test_for_none_holds_in_one_arm():
    for function, expected in ((o.is_, [True, False]), (o.is_not, [False, True])):
        w = Writer(("x", MAYBE))
        (x,) = w.params
        arms = []
        test = w(function, x, None, type_=BOOL)
        for _ in range(2):
            with w.block() as arm:
                w(o.mul, x, 2.0, type_=FLOAT)
                arms.append(ended(arm, Yield(())))
        w.branch(test, *arms)
        w(o.mul, x, 2.0, type_=FLOAT)
        assert known_to_raise(w) == [False, *expected, True]


# -- counters --------------------------------------------------------------------------------------


def counted(head, offset=0):
    """Whether ``x[i + offset]`` may raise in a loop."""
    w = Writer(("x", VECTOR))
    (x,) = w.params
    i = w.var(INT, "i")
    with w.block() as body:
        at = w(o.add, i, offset) if offset else i
        w(o.getitem, x, at)
        block = ended(body, Next(()))
    w.builder.append(Loop(head(i, w), (), (), block, (), None, w.builder.place))
    return known_to_raise(w)[-1]


def length_of(w):
    return w(len, w.params[0])


def test_a_counter_below_the_length_is_in_range():
    assert not counted(lambda i, w: For(i, Const(0), length_of(w), Const(1)))
    assert not counted(lambda i, w: For(i, Const(1), length_of(w), Const(1)), -1)
    assert not counted(lambda i, w: For(i, Const(0), w(o.sub, length_of(w), 1), Const(1)), 1)


def test_other_counters_may_be_out_of_range():
    assert counted(lambda i, w: For(i, Const(0), length_of(w), Const(1)), 1)
    assert counted(lambda i, w: For(i, Const(-9), length_of(w), Const(1)))
    assert counted(lambda i, w: For(i, Const(0), w.var(INT), Const(1)))
    assert counted(lambda i, w: For(i, length_of(w), Const(0), Const(-1)))
