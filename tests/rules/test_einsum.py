"""The rule of `adjoint.rules.einsum`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint import grad
from adjoint.rules import lookup
from adjoint.rules.einsum import labels
from tests.rules.harness import check, unbroadcast

RNG = np.random.default_rng(16)


def draw(*shape: int) -> Any:
    return RNG.normal(size=shape) if shape else float(RNG.normal())


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (3, 4)]),
        ("ij,jk", [(2, 3), (3, 4)]),
        ("ij, jk -> ki", [(2, 3), (3, 4)]),
        ("ba", [(2, 3)]),
        ("ij->ji", [(2, 3)]),
        ("ij->ij", [(2, 3)]),
        ("i,i", [(3,), (3,)]),
        ("i,i->", [(3,), (3,)]),
        ("i,j->ij", [(3,), (2,)]),
        ("i,j->ji", [(3,), (2,)]),
        (",i->i", [(), (3,)]),
        (",", [(), ()]),
        ("->", [()]),
        ("i->", [(3,)]),
        ("ij->i", [(2, 3)]),
        ("ij->j", [(2, 3)]),
        ("ijk->j", [(2, 3, 4)]),
        ("ij,k->k", [(2, 3), (4,)]),
        ("ij,kl->", [(2, 3), (4, 2)]),
        ("ij,i->i", [(2, 3), (2,)]),
        ("ii", [(3, 3)]),
        ("ii->i", [(3, 3)]),
        ("iij->j", [(3, 3, 2)]),
        ("iji->ij", [(3, 2, 3)]),
        ("ijj,j->i", [(2, 3, 3), (3,)]),
        ("iijj->ij", [(2, 2, 3, 3)]),
        ("iii", [(2, 2, 2)]),
        ("iik->i", [(2, 2, 3)]),
        ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 2)]),
        ("bij,bjk->bik", [(5, 2, 3), (5, 3, 4)]),
        ("bhqd,bhkd->bhqk", [(2, 2, 3, 4), (2, 2, 5, 4)]),
        ("...ij,...jk->...ik", [(5, 2, 3), (5, 3, 4)]),
        ("...ij,jk->...ik", [(5, 2, 3), (3, 4)]),
        ("...ij,...jk", [(4, 1, 2, 3), (5, 3, 2)]),
        ("...,...", [(2, 3), (3,)]),
        ("...i->...", [(2, 4, 3)]),
        ("i...->...", [(3, 2, 4)]),
        ("...ii->...i", [(2, 3, 3)]),
        ("...,i->...i", [(), (3,)]),
        ("i,ij->j", [(0,), (0, 3)]),
        ("iB,Bi->i", [(2, 3), (3, 2)]),
    ],
    ids=str,
)
def test_einsum(subscripts: str, shapes: Any) -> None:
    check(np.einsum, subscripts, *(draw(*shape) for shape in shapes))


@pytest.mark.parametrize("optimize", [True, "optimal", False, ["einsum_path", (0, 1), (0, 1)]])
def test_optimize(optimize: Any) -> None:
    check(np.einsum, "ij,jk,kl->il", draw(2, 3), draw(3, 4), draw(4, 2), optimize=optimize)


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,ij->ij", [(2, 1), (2, 3)]),
        ("ij,jk->ik", [(2, 1), (3, 4)]),
        ("ij,jk->ik", [(2, 3), (1, 4)]),
        ("i,i->", [(1,), (3,)]),
        ("i,i,i->", [(1,), (3,), (1,)]),
        ("i,i->", [(1,), (1,)]),
    ],
    ids=str,
)
def test_lengths_of_one_stretch(subscripts: str, shapes: Any) -> None:
    rule = lookup(np.einsum)
    assert rule is not None
    x = [draw(*shape) for shape in shapes]
    full = np.broadcast_shapes(*shapes) if subscripts[1] == "," or "ij->" in subscripts else None
    g = np.asarray(draw(*np.shape(np.einsum(subscripts, *x))))
    got = rule.vjps["operands"](g, None, subscripts, *x)
    for k, shape in enumerate(shapes):
        wide = list(full or ((2, 3), (3, 4))[k])

        def stretched(each: Any, k: int = k, wide: Any = wide) -> Any:
            parts = [*x[:k], np.broadcast_to(each, wide), *x[k + 1 :]]
            return np.vdot(g, np.einsum(subscripts, *parts))

        expected = [stretched(np.reshape(unit, shape)) for unit in np.eye(int(np.prod(shape)))]
        np.testing.assert_allclose(np.ravel(unbroadcast(got[k], shape)), expected, rtol=1e-12)
        assert np.shape(unbroadcast(got[k], shape)) == shape


def test_complex_operands() -> None:
    a, b = draw(2, 3) + 1j * draw(2, 3), draw(3, 4) + 1j * draw(3, 4)
    check(np.einsum, "ij,jk->ik", a, b)


def test_lists_of_subscripts_are_refused() -> None:
    rule = lookup(np.einsum)
    assert rule is not None
    with pytest.raises(NotImplementedError, match="subscripts as a string"):
        rule.vjps["operands"](draw(), None, draw(3), [0], draw(3), [0])


def test_labels_write_the_result_in_order() -> None:
    assert labels("ba,C", (2, 1)) == (["ba", "C"], "Cab")
    assert labels("...a,b...", (2, 3)) == (["da", "bcd"], "cdab")


def test_what_nobody_reads_is_computed_only_where_it_may_raise() -> None:
    def fun(v: Any, s: Any) -> Any:
        return np.sum(np.einsum("ij,j,kj->ik", v, s, v))

    gradient = grad(fun)
    gradient(np.ones((2, 3)), np.ones(3))
    assert "    np.einsum(" not in gradient.source
    for s in (np.ones(4), np.ones((3, 1))):
        with pytest.raises(ValueError, match="operand"):
            gradient(np.ones((2, 3)), s)
    np.testing.assert_allclose(gradient(np.ones((2, 3)), np.ones(1)), np.full((2, 3), 4.0))
