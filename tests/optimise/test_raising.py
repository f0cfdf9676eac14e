"""What is known not to raise."""

from __future__ import annotations

import math
import operator as o

import numpy as np
import pytest

from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Let
from adjoint.ir.values import FLOAT, INT, OPAQUE, UNKNOWN, Array, ListOf, Maybe
from adjoint.optimise.raising import may_raise
from tests.optimise.writer import F8, MATRIX, VECTOR, Writer

SCALAR = Array(F8, (), True)
OTHER = Array(F8, (Length(7),))


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
        (lambda w, x, y: w.method(np.copy, "astype", x, float, type_=VECTOR), (VECTOR, FLOAT)),
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
