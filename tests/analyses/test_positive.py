"""Values that are positive by how they are computed."""

from __future__ import annotations

import operator as o

import numpy as np
import pytest

from adjoint.analyses.positive import is_positive
from adjoint.ir.lengths import Length, Symbol
from adjoint.ir.values import FLOAT, Array, Scalar
from tests.optimise.writer import VECTOR, Writer

SIZE = Scalar("int", Length(0, ((Symbol("x.shape[0]", 4), 1),)))
FOUND = Scalar("int", Length(0, ((Symbol("?1"), 1),)))  # at run time, of a mask
COMPLEX = Array(np.dtype(complex), (Length(3),))


def ask(write, type_=VECTOR, *, lengths=True, data=True):
    w = Writer(("x", type_))
    made = write(w, w.params[0])
    return is_positive(made, w.builder.definitions, lengths=lengths, data=data)


def softened(w, x):
    return w(o.add, w(np.sum, w(o.pow, x, 2), axis=0), 1e-6)


@pytest.mark.parametrize(
    "write",
    [
        softened,
        lambda w, x: w(np.sqrt, softened(w, x)),
        lambda w, x: w(o.pow, softened(w, x), -1.5),
        lambda w, x: w(o.truediv, 2.0, softened(w, x)),
        lambda w, x: w(o.add, w(o.mul, x, x), 1),
        lambda w, x: w(np.maximum, x, 0.1),
        lambda w, x: w(o.add, 1.0, w(np.exp, x)),
        lambda w, x: w(o.add, w(np.std, x, axis=0), 1e-5),
    ],
)
def test_positive(write):
    assert ask(write)


def test_data_may_be_nan():
    assert not ask(softened, data=False)
    assert ask(lambda w, x: w(np.sqrt, w(o.add, 2.0, 1.0)), data=False)


@pytest.mark.parametrize(
    "write",
    [
        lambda w, x: x,
        lambda w, x: w(o.pow, x, 2),
        lambda w, x: w(np.exp, x),
        lambda w, x: w(o.sub, softened(w, x), 1.0),
        lambda w, x: w(o.add, w(o.pow, x, 3), 1.0),
        lambda w, x: w(o.add, w(o.pow, x, 2), -1.0),
        lambda w, x: w(np.sum, softened(w, x)),  # of nothing, perhaps
        lambda w, x: w(np.sum, w(o.pow, x, 2), initial=-1.0),
        lambda w, x: w(o.mul, x, softened(w, x)),
        lambda w, x: w(np.minimum, x, 1.0),
        lambda w, x: w(o.add, np.nan, 1.0),
    ],
)
def test_not_known_to_be_positive(write):
    assert not ask(write)


def test_squares_of_complex_numbers_may_be_negative():
    assert not ask(lambda w, x: w(o.add, w(o.pow, x, 2), 1.0), COMPLEX)
    assert not ask(lambda w, x: w(o.add, w(o.mul, x, x), 1.0), COMPLEX)


def test_lengths():
    def root(w, n):
        return w(np.sqrt, n)

    assert ask(root, SIZE)
    assert ask(root, SIZE, data=False)
    assert not ask(root, SIZE, lengths=False)
    assert ask(lambda w, n: w(o.add, n, 1), SIZE, lengths=False)
    assert not ask(lambda w, n: w(o.sub, n, 1), SIZE)
    assert not ask(root, FOUND)
    assert not ask(root, FLOAT)
