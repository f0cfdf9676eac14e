"""A slice of a slice as one slice, against what NumPy takes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from adjoint import grad
from adjoint.errors import Place
from adjoint.ir.builder import Builder
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Const, Operand, Pack, SliceOf
from adjoint.stage.arrays.slices import slice_of_slice

HERE = Place("f.py", 1, 0, 1, 5, "x", "f")
BOUNDS = (None, -3, -1, 0, 1, 4)
INDICES = [
    *(slice(a, b, c) for a, b, c in itertools.product(BOUNDS, BOUNDS, (None, 1, 2))),
    *(0, 2, -1),
]


def operand(index: Any) -> Operand:
    if isinstance(index, tuple):
        return Pack("tuple", tuple(map(operand, index)))
    if isinstance(index, slice):
        return SliceOf(Const(index.start), Const(index.stop), Const(index.step))
    return Const(index)


def one_index(outer: Any, inner: Any, *, is_inside: bool) -> Operand | None:
    builder = Builder(Facts(), HERE)
    return slice_of_slice(builder, operand(outer), operand(inner), is_inside=is_inside)


def index_of(made: Operand) -> Any:
    match made:
        case Pack(items=items):
            return tuple(map(index_of, items))
        case SliceOf(start, stop, step):
            return slice(*map(index_of, (start, stop, step)))
        case Const(value):
            return value
    raise AssertionError(made)


def taken(a: Any, *indices: Any) -> Any:
    for index in indices:
        try:
            a = a[index]
        except IndexError:
            return "raises"
    return np.asarray(a).tolist()


@pytest.mark.parametrize("size", range(7))
def test_one_slice_takes_what_the_two_take(size: int) -> None:
    a = np.arange(size)
    found = 0
    for outer, inner in itertools.product(INDICES, INDICES):
        inside = isinstance(outer, slice) and (outer.stop is None or outer.stop <= size)
        made = one_index(outer, inner, is_inside=inside)
        if made is not None:
            found += 1
            assert taken(a, index_of(made)) == taken(a, outer, inner), (outer, inner)
    assert found > 2000


SEVERAL = [
    (slice(1, None), slice(2, None)), (1, slice(1, None)), (slice(1, None), 2), slice(1, None),
    (slice(None), slice(1, -1)), (slice(1, None),), 2, (slice(0, None), slice(None, None, 2)),
]  # fmt: skip


def test_indices_of_several_axes_go_axis_by_axis() -> None:
    a = np.arange(60).reshape(5, 4, 3)
    found = 0
    for outer, inner in itertools.product(SEVERAL, SEVERAL):
        made = one_index(outer, inner, is_inside=False)
        if made is not None:
            found += 1
            assert taken(a, index_of(made)) == taken(a, outer, inner), (outer, inner)
    assert found > 25


def test_a_part_of_itself_is_a_part_of_the_array() -> None:
    def f(a: Any) -> Any:
        w = a
        while w.shape[0] > 1:
            w[1:, 0] /= w[0, 0]
            w[1:, 1:] -= np.outer(w[1:, 0], w[0, 1:])
            w = w[1:, 1:]
        return np.sum(a**2)

    gradient = grad(f)
    gradient(np.eye(3) + 0.1)
    forward = gradient.source.partition("# backward")[0]
    assert "A[" not in forward and "start = start + 1" in forward
    assert "a[t:, start] /= a[start, start]" in forward
    assert "start_1" not in gradient.source  # the two begins are one


def test_an_end_beyond_the_array_is_not_counted_back_from() -> None:
    beyond = slice(0, 9)
    assert one_index(beyond, slice(None, -1), is_inside=False) is None
    made = one_index(beyond, slice(None, -1), is_inside=True)
    assert index_of(made) == slice(None, 8)


def test_ends_and_steps_are_carried_as_numbers() -> None:
    def f(a: Any) -> Any:
        w = a
        while len(w) > 2:
            w[1:-1] += 0.5 * (w[:-2] - w[2:])
            w = w[1:-1:2]
        return np.sum(a**2)

    gradient = grad(f)
    gradient(np.linspace(0.5, 1.5, 9))
    forward = gradient.source.partition("# backward")[0]
    for line in ("stop = a.shape[0]", "start = start + step", "max(stop - step, 0)"):
        assert line in forward
    assert "a[start:stop:step]\n" not in forward.replace("t = a", "")  # nothing is read in vain
