"""Shapes that are read from what is needed anyway."""

from __future__ import annotations

import operator as o
from typing import Any

import numpy as np

from adjoint import grad
from adjoint.ir.check import verify
from adjoint.ir.nodes import Function, Let
from adjoint.ir.values import Array
from adjoint.optimise.shape_reads import read_shapes_elsewhere
from tests.optimise.writer import FLOAT32, MATRIX, VECTOR, Writer


def read(w: Writer, result: Any) -> Function:
    function = w.function(result)
    made = read_shapes_elsewhere(function, w.facts)
    verify(made)
    return made


def args_of(function: Function, name: str) -> tuple[Any, ...]:
    lets = (s for s in function.body.statements if isinstance(s, Let))
    return next(s.args for s in lets if name in (s.op.name, s.op.function.__name__))


def test_the_nearest_that_is_needed():
    w = Writer(("x", VECTOR))
    near = w(np.exp, w(np.sin, w.params[0]))
    far = w(np.cos, near)
    w.backward()
    made = read(w, (w.attribute(np.size, "size", far), near))
    assert args_of(made, "size") == (near,)


def test_an_argument_if_nothing_else_is_needed():
    w = Writer(("x", VECTOR))
    t = w(np.exp, w(np.sin, w.params[0]))
    w.backward()
    made = read(w, w(np.zeros_like, t))
    assert args_of(made, "zeros_like") == w.params


def test_what_is_needed_is_read_itself():
    w = Writer(("x", VECTOR))
    t = w(np.exp, w.params[0])
    w.backward()
    made = read(w, (w.attribute(np.shape, "shape", t), w(o.mul, t, 2.0)))
    assert args_of(made, "shape") == (t,)


def test_another_dtype_has_the_same_size_but_other_zeros():
    w = Writer(("x", FLOAT32))
    assert isinstance(w.params[0].type, Array)
    t = w.method(np.ndarray.astype, "astype", w.params[0], float)
    w.backward()
    made = read(w, (w.attribute(np.size, "size", t), w(np.zeros_like, t)))
    assert args_of(made, "size") == w.params
    assert args_of(made, "zeros_like") == (t,)


def test_a_shape_that_the_program_reads_is_at_hand():
    w = Writer(("x", MATRIX))
    shape = w.attribute(np.shape, "shape", w.params[0])
    t = w.method(np.reshape, "reshape", w(np.ravel, w.params[0]), shape)
    w.backward()
    made = read(w, w(np.zeros, w.attribute(np.shape, "shape", t)))
    assert [s.args for s in made.body.statements[-2:-1]] == [(shape,)]


def test_a_shape_of_which_the_program_reads_a_part_is_not():
    w = Writer(("x", MATRIX))
    part = w(o.getitem, w.attribute(np.shape, "shape", w.params[0]), 0)
    t = w(np.sin, w.params[0])
    w.backward()
    made = read(w, (w(np.zeros, w.attribute(np.shape, "shape", t)), part))
    assert [s.args for s in made.body.statements[-2:-1]] == [w.params]


def rows_kept(x, keep):
    total = 0.0
    for k in keep:
        y = x[k < x]
        total += np.sum((2.0 * y).reshape(y.shape) ** 2)
    return total + x[0] * np.sum(np.ones(y.shape))


def test_a_shape_of_another_trip_is_not_at_hand():
    x, keep = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.5, 3.5, 2.5])
    expected = sum(8 * x * (x > k) for k in keep) + np.array([2, 0, 0, 0])
    np.testing.assert_array_equal(grad(rows_kept)(x, keep), expected)


def picked(x, rows, columns):
    return np.sum(np.log(x)[rows, columns])


def test_an_update_shows_that_an_index_is_in_range():
    x, rows, columns = np.ones((2, 3)), np.array([0, 1]), np.array([2, 2])
    gradient = grad(picked)
    np.testing.assert_array_equal(gradient(x, rows, columns), [[0, 0, 1], [0, 0, 1]])
    assert "= np.log" not in gradient.source
    for function in (picked, gradient):
        try:
            function(x, rows, columns + 1)
        except IndexError as error:
            assert "index 3 is out of bounds for axis 1 with size 3" in str(error)
        else:
            raise AssertionError("an index out of range was taken")


def unused(x, i):
    x[i]
    return np.sum(x)


def test_an_index_that_nothing_repeats_is_read():
    gradient = grad(unused)
    assert "x[i]" in gradient.specialize(np.ones(3), np.array([1])).source
