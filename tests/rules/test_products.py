"""The rules of `adjoint.rules.products`."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from tests.rules.harness import check

RNG = np.random.default_rng(15)


def draw(*shape: int) -> Any:
    """A normal array of this shape; a Python number for none."""
    return RNG.normal(size=shape) if shape else float(RNG.normal())


MATMUL_SHAPES = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 2)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
    ((4, 1, 2, 3), (5, 3, 2)),
    ((4, 5, 2, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((0, 2), (2, 3)),
    ((1, 3), (3, 1)),
]


@pytest.mark.parametrize("fun", [np.matmul, operator.matmul, np.linalg.matmul])
@pytest.mark.parametrize(("a", "b"), MATMUL_SHAPES, ids=str)
def test_matmul(fun: Any, a: Any, b: Any) -> None:
    if fun is np.linalg.matmul and min(len(a), len(b)) < 2:
        pytest.skip("matrices only")
    check(fun, draw(*a), draw(*b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        *(pair for pair in MATMUL_SHAPES if max(map(len, pair)) < 3),
        ((), ()),
        ((), (3,)),
        ((2, 3), ()),
        ((5, 2, 3), (3,)),
        ((5, 2, 3), (3, 4)),
        ((3,), (5, 3, 2)),
        ((2, 3), (5, 3, 4)),
        ((2, 2, 3), (5, 4, 3, 2)),
    ],
    ids=str,
)
def test_dot(a: Any, b: Any) -> None:
    check(np.dot, draw(*a), draw(*b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((), ()),
        ((), (3,)),
        ((2, 3), ()),
        ((3,), (3,)),
        ((3,), (2, 3)),
        ((2, 3), (3,)),
        ((2, 3), (4, 3)),
        ((5, 2, 3), (3,)),
        ((3,), (5, 2, 3)),
        ((5, 2, 3), (4, 3)),
        ((4, 3), (5, 2, 3)),
        ((5, 2, 3), (2, 4, 3)),
        ((2, 0), (3, 0)),
    ],
    ids=str,
)
def test_inner(a: Any, b: Any) -> None:
    check(np.inner, draw(*a), draw(*b))


@pytest.mark.parametrize(
    ("a", "b"), [((3,), (4,)), ((2, 3), (4,)), ((), (3,)), ((2, 1), (3, 2)), ((0,), (3,))], ids=str
)
def test_outer(a: Any, b: Any) -> None:
    check(np.outer, draw(*a), draw(*b))


def test_outer_of_linalg() -> None:
    check(np.linalg.outer, draw(3), draw(4))


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (3,)), ((), ()), ((2, 3), (2, 3)), ((2, 3), (3, 2)), ((6,), (3, 2))],
    ids=str,
)
def test_vdot(a: Any, b: Any) -> None:
    check(np.vdot, draw(*a), draw(*b))
    check(np.vdot, draw(*a) + 1j * draw(*a), draw(*b) + 1j * draw(*b))


@pytest.mark.parametrize(
    ("a", "b", "axes"),
    [
        ((2, 3), (3, 4), 1),
        ((2, 3), (2, 3), 2),
        ((2, 3), (4,), 0),
        ((3,), (3,), 1),
        ((5, 2, 3), (2, 3, 4), 2),
        ((2, 3), (3, 2), ((0, 1), (1, 0))),
        ((2, 3), (2, 4), (0, 0)),
        ((2, 3), (4, 3), (1, -1)),
        ((3, 2), (4, 3), ([0], [1])),
        ((3, 2), (3, 4), ([0], [0])),
        ((3, 4, 5), (4, 3, 2), ([1, 0], [0, 1])),
        ((3, 4, 5), (2, 5, 4), ([-1, 1], [1, 2])),
        ((2, 3, 4, 5), (5, 2, 6), ([0, 3], [1, 0])),
        ((2, 3, 4), (4, 3, 2), ([2, 0, 1], [0, 2, 1])),
        ((2, 3), (3,), 1),
        ((3,), (3, 2), 1),
    ],
    ids=str,
)
@pytest.mark.parametrize("fun", [np.tensordot, np.linalg.tensordot])
def test_tensordot(fun: Any, a: Any, b: Any, axes: Any) -> None:
    check(fun, draw(*a), draw(*b), axes=axes)


def test_tensordot_default() -> None:
    check(np.tensordot, draw(4, 2, 3), draw(2, 3))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((2,), (3,)),
        ((), ()),
        ((), (3,)),
        ((2, 3), ()),
        ((2, 3), (4, 5)),
        ((2, 3), (2,)),
        ((2,), (2, 3)),
        ((2, 1, 3), (2, 3)),
    ],
    ids=str,
)
def test_kron(a: Any, b: Any) -> None:
    check(np.kron, draw(*a), draw(*b))


@pytest.mark.parametrize(
    ("a", "b", "axes"),
    [
        ((3,), (3,), {}),
        ((4, 3), (4, 3), {}),
        ((3,), (4, 3), {}),
        ((5, 4, 3), (4, 3), {}),
        ((5, 1, 3), (4, 3), {}),
        ((3, 4), (3, 4), {"axis": 0}),
        ((3, 4), (4, 3), {"axisa": 0}),
        ((4, 3), (3, 4), {"axisb": 0, "axisc": 0}),
        ((5, 4, 3), (3, 4), {"axisb": 0, "axisc": 1}),
        ((2, 3, 4), (3, 4), {"axisa": 1, "axisb": 0, "axisc": 0}),
    ],
    ids=str,
)
def test_cross(a: Any, b: Any, axes: Any) -> None:
    check(np.cross, draw(*a), draw(*b), **axes)


def test_cross_of_linalg() -> None:
    check(np.linalg.cross, draw(4, 3), draw(4, 3))
    check(np.linalg.cross, draw(3, 4), draw(3, 4), axis=0)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) >= "2.5.0", reason="NumPy has no such")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_cross_in_the_plane() -> None:
    check(np.cross, draw(2), draw(2))
    check(np.cross, draw(3, 2), draw(2))
    check(np.cross, draw(2, 3), draw(3, 2), axisa=0)
    check(np.cross, draw(3, 2, 4), draw(3, 4, 2), 1)
    check(np.cross, draw(0, 2), draw(0, 2))


@pytest.mark.parametrize("fun", [np.vecdot, np.linalg.vecdot])
@pytest.mark.parametrize(
    ("a", "b", "options"),
    [
        ((3,), (3,), {}),
        ((2, 3), (3,), {}),
        ((3, 2), (3, 2), {"axis": 0}),
        ((4, 3, 1), (3, 2), {"axis": -2}),
    ],
    ids=str,
)
def test_vecdot(fun: Any, a: Any, b: Any, options: Any) -> None:
    check(fun, draw(*a), draw(*b), **options)


def test_complex_factors() -> None:
    a, b = draw(2, 3) + 1j * draw(2, 3), draw(3, 4) + 1j * draw(3, 4)
    check(np.matmul, a, b)
    check(np.dot, a, b)
    check(np.inner, a, a)
    check(np.outer, a, b)
    check(np.tensordot, a, b, axes=1)
    check(np.vecdot, a, a)
