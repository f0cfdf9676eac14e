"""The abstract values of results, against what NumPy returns."""

from __future__ import annotations

import operator as o
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from adjoint.ir.infer import infer
from adjoint.ir.lengths import ONE, Facts, Length, Symbol, length
from adjoint.ir.nodes import Const, Var
from adjoint.ir.operands import type_of
from adjoint.ir.show import show_type
from adjoint.ir.values import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    OPAQUE,
    UNKNOWN,
    Array,
    ListOf,
    Maybe,
    Opaque,
    Scalar,
    TupleOf,
    Type,
    Unknown,
)
from tests.optimise.writer import operand

N, M = (length(Symbol(name, size)) for name, size in (("n", 6), ("m", 4)))
F4, F8 = np.dtype(np.float32), np.dtype(float)
VECTOR, MATRIX = Array(F8, (N,)), Array(F8, (N, M))
THREE = Array(F8, (Length(3),))
SHAPE = TupleOf((Scalar("int", N), Scalar("int", M)), tuple)


def result(function: Any, *args: Any, facts: Facts | None = None, **kwargs: Any) -> str:
    made = [Var(i, "", a) if isinstance(a, Type) else operand(a) for i, a in enumerate(args)]
    pairs = [(name, operand(value)) for name, value in kwargs.items()]
    return show_type(infer(function, made, pairs, facts or Facts()))


SEVERAL = Unknown((F8, np.dtype(complex)), (N,))


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (o.mul, (SEVERAL, VECTOR), "f8[n] or c16[n]"),
        (o.mul, (SEVERAL, COMPLEX), "c16[n]"),
        (np.abs, (SEVERAL,), "f8[n]"),
        (np.stack, (ListOf(SEVERAL),), "f8[?1, n] or c16[?1, n]"),
        (o.mul, (SEVERAL, UNKNOWN), "?"),
    ],
)
def test_what_is_made_of_arrays_of_one_of_several_dtypes(
    function: Any, args: tuple[Any, ...], expected: str
) -> None:
    assert result(function, *args) == expected


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (o.add, (FLOAT, INT), "float"),
        (o.truediv, (INT, 2), "float"),
        (o.lt, (FLOAT, FLOAT), "bool"),
        (o.mul, (FLOAT, COMPLEX), "complex"),
        (o.add, (VECTOR, 1.0), "f8[n]"),
        (o.add, (Array(F4, (N,)), 1.0), "f4[n]"),
        (o.add, (Array(F4, (N,)), VECTOR), "f8[n]"),
        (o.gt, (VECTOR, 0), "b1[n]"),
        (o.add, (MATRIX, Array(F8, (M,))), "f8[n, m]"),
        (o.add, (Array(F8, (N, Length(1))), Array(F8, (M,))), "f8[n, m]"),
        (o.matmul, (Array(F8, (M, N)), MATRIX), "f8[m, m]"),
        (np.sin, (FLOAT,), "f8()"),
        (np.sum, (VECTOR,), "f8()"),
        (np.linalg.svd, (THREE,), "?"),
        (np.transpose, (MATRIX,), "f8[m, n]"),
        (np.reshape, (VECTOR, SHAPE), "f8[n, m]"),
        (np.zeros, (SHAPE,), "f8[n, m]"),
        (np.reshape, (MATRIX, (-1,)), None),
        (np.reshape, (MATRIX, (-1, 1)), None),
        (np.zeros, ((3, 4),), "f8[3, 4]"),
        (o.getitem, (VECTOR, slice(1, None)), "f8[n - 1]"),
        (o.getitem, (VECTOR, slice(1, -1)), "f8[n - 2]"),
        (o.getitem, (VECTOR, slice(None, -2)), "f8[n - 2]"),
        (o.getitem, (VECTOR, 0), "f8()"),
        (o.getitem, (MATRIX, INT), "f8[m]"),
        (o.getitem, (VECTOR, (slice(None), None)), "f8[n, 1]"),
        (o.getitem, (MATRIX, (Ellipsis, 0)), "f8[n]"),
        (o.getitem, (VECTOR, (Ellipsis, 0)), "f8[]"),
        (np.add, (UNKNOWN, FLOAT), "?"),
        (o.add, (OPAQUE, OPAQUE), "object"),
        (o.add, (Array(F8, None), 1.0), "?"),
        (o.add, (Maybe(FLOAT), 1.0), "float"),
        (o.matmul, (Maybe(MATRIX), Array(F8, (M,))), "f8[n]"),
        (np.linalg.norm, (Maybe(VECTOR),), "f8()"),
        (o.not_, (BOOL,), "bool"),
    ],
)
def test_results(function, args, expected):
    if expected is not None:
        assert result(function, *args) == expected
    else:
        assert result(function, *args).startswith("f8[")


def test_keywords():
    assert result(np.sum, MATRIX, axis=0) == "f8[m]"
    assert result(np.sum, MATRIX, axis=1, keepdims=True) == "f8[n, 1]"
    assert result(np.concatenate, (Var(0, "", VECTOR), Var(1, "", THREE))) == "f8[n + 3]"


ROW, COLUMN = (Var(8, "", Array(np.dtype(int), shape)) for shape in ((ONE, M), (N, ONE)))
NARROW = Array(F4, (N, M, N))


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (o.getitem, (NARROW, (COLUMN, ROW)), "f4[n, m, n]"),
        (o.getitem, (NARROW, (COLUMN, 1, ROW)), "f4[n, m]"),
        (o.getitem, (NARROW, (COLUMN, Var(9, "", INT))), "f4[n, 1, n]"),
        (np.tensordot, (NARROW, MATRIX, 1), "f8[n, m, m]"),
        (np.tensordot, (MATRIX, NARROW), "f8[n]"),
        (np.tensordot, (MATRIX, NARROW, 0), "f8[n, m, n, m, n]"),
        (ndimage.correlate, (NARROW, Array(F8, (M, M, M))), "f4[n, m, n]"),
        (ndimage.gaussian_filter, (MATRIX, 1.0, 0, F4), "f4[n, m]"),
        (ndimage.correlate1d, (VECTOR, Array(F8, (M,)), 0, None, "wrap", 0.0, 1), "f8[n]"),
    ],
)
def test_shapes_of_what_is_too_large_to_be_tried(
    function: Any, args: tuple[Any, ...], expected: str
) -> None:
    assert result(function, *args) == expected


def test_slices_of_one_length_are_equal():
    facts = Facts()
    parts = [slice(2, None), slice(1, -1), slice(None, -2)]
    assert {result(o.getitem, VECTOR, part, facts=facts) for part in parts} == {"f8[n - 2]"}
    assert all(" >= " in condition for condition in facts.conditions)


def test_broadcasting_rests_on_a_fact():
    facts = Facts()
    other = Array(F8, (length(Symbol("k", 6)),))
    assert result(o.add, VECTOR, other, facts=facts) == "f8[n]"
    assert list(facts.conditions) == ["n == k"]


def test_lengths_that_two_runs_do_not_tell():
    """What seems to be constant is tried once more; sums and differences of two are found."""

    def nearest(a, b):
        return np.zeros(abs(len(a) - len(b)) + 1)

    def whole(a, b):
        return np.zeros(len(a) + len(b) - 1)

    a, b = Array(F8, (N,)), Array(F8, (M,))
    assert result(nearest, a, b) == "f8[?1]"
    assert result(whole, a, b) == "f8[m + n - 1]"
    assert result(lambda a: np.zeros(3), a) == "f8[3]"
    assert result(np.linspace, 0.0, 1.0, Array(np.dtype(int), ())) == "f8[?1]"


def test_data_dependent_lengths_are_named():
    facts = Facts()
    mask = Array(np.dtype(bool), (N,))
    first = result(o.getitem, VECTOR, mask, facts=facts)
    assert first.startswith("f8[?")
    assert first == result(o.getitem, VECTOR, mask, facts=facts)


def test_length_of_a_number_without_a_counter():
    i = length(Symbol("i"))
    rows = Array(F8, (N, Length(2) - i))
    assert result(o.matmul, VECTOR, rows) == "f8[-i + 2]"
    # No counter leaves both of these at two.
    both = Array(F8, (Length(2) - i, i + 1))
    assert "?" in result(np.kron, both, both)


def test_constants():
    assert type_of(Const(3)) == Scalar("int", Length(3))
    assert type_of(Const(True)) == BOOL
    assert type_of(Const(np.float32(1))) == Array(F4, (), True)
    assert type_of(Const(None)) == Opaque(type(None))


def test_numbers_that_are_equal_are_told_apart():
    flags = Array(np.dtype(bool), (N,))
    for number, dtype in ((True, bool), (1, int), (1.0, float), (1 + 0j, complex)):
        found = infer(o.add, (Const(number), Var(0, "", flags)), (), Facts())
        assert found == Array(np.dtype(dtype), (N,))
