"""The rules of `adjoint.rules.norms`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adjoint.rules import lookup
from tests.rules.harness import check
from tests.rules.opaque import wrapped

RNG = np.random.default_rng(17)
VECTOR = RNG.normal(size=4)
MATRIX = RNG.normal(size=(3, 4))
CUBE = RNG.normal(size=(2, 3, 4))

VECTOR_ORDERS = [None, 2, 1, 0, np.inf, -np.inf, 3, 1.5, 0.5, -1, -2.5]
MATRIX_ORDERS = [None, "fro", 1, -1, np.inf, -np.inf]


@pytest.fixture(autouse=True)
def _orders_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python floats are the orders here: known when a rule runs, unlike the results of NumPy."""
    monkeypatch.setattr(
        "tests.rules.harness.wrapped", lambda x: x if type(x) is float else wrapped(x)
    )


KEEPDIMS = [{}, {"keepdims": True}]


@pytest.mark.parametrize("keepdims", KEEPDIMS, ids=str)
@pytest.mark.parametrize("x", [VECTOR, MATRIX, CUBE, VECTOR[:1]], ids=np.shape)
def test_norm_of_all(x: Any, keepdims: Any) -> None:
    check(np.linalg.norm, x, **keepdims)


@pytest.mark.parametrize("order", VECTOR_ORDERS)
@pytest.mark.parametrize("keepdims", KEEPDIMS, ids=str)
@pytest.mark.parametrize(
    ("x", "axis"),
    [(VECTOR, None), (VECTOR, 0), (VECTOR, (0,)), (MATRIX, 0), (MATRIX, -1), (CUBE, 1)],
    ids=repr,
)
def test_norm_of_vectors(x: Any, axis: Any, order: Any, keepdims: Any) -> None:
    check(np.linalg.norm, x, order, axis=axis, **keepdims)


@pytest.mark.parametrize("order", MATRIX_ORDERS)
@pytest.mark.parametrize("keepdims", KEEPDIMS, ids=str)
@pytest.mark.parametrize(
    ("x", "axis"),
    [(MATRIX, None), (MATRIX, (0, 1)), (MATRIX, (1, 0)), (CUBE, (0, 2)), (CUBE, (-1, -2))],
    ids=repr,
)
def test_norm_of_matrices(x: Any, axis: Any, order: Any, keepdims: Any) -> None:
    check(np.linalg.norm, x, order, axis, **keepdims)


@pytest.mark.parametrize("options", [{}, {"ord": 1}, {"ord": np.inf}, {"ord": 3}], ids=str)
@pytest.mark.parametrize("axis", [None, 0, (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("keepdims", KEEPDIMS, ids=str)
def test_vector_norm(options: Any, axis: Any, keepdims: Any) -> None:
    check(np.linalg.vector_norm, CUBE, axis=axis, **options, **keepdims)


@pytest.mark.parametrize("options", [{}, {"ord": 1}, {"ord": -np.inf}], ids=str)
@pytest.mark.parametrize("keepdims", KEEPDIMS, ids=str)
def test_matrix_norm(options: Any, keepdims: Any) -> None:
    check(np.linalg.matrix_norm, CUBE, **options, **keepdims)


@pytest.mark.parametrize("order", [None, 2, 1, 3, 1.5, 0.5])
def test_complex(order: Any) -> None:
    check(np.linalg.norm, VECTOR + 1j * VECTOR[::-1], order)


def _cotangent(x: Any, *args: Any) -> Any:
    rule = lookup(np.linalg.norm)
    assert rule is not None
    return rule.vjps["x"](1.0, np.linalg.norm(x, *args), x, *args)


@pytest.mark.parametrize("order", [None, 2, 1, np.inf, 3, 1.5, 0.5])
def test_zero_at_zero(order: Any) -> None:
    np.testing.assert_array_equal(_cotangent(np.zeros(3), order), np.zeros(3))


@pytest.mark.parametrize("order", MATRIX_ORDERS)
def test_zero_at_the_zero_matrix(order: Any) -> None:
    np.testing.assert_array_equal(_cotangent(np.zeros((2, 2)), order), np.zeros((2, 2)))


@pytest.mark.parametrize("order", [3, 1.5, 0.5])
def test_an_element_of_zero(order: Any) -> None:
    d_x = _cotangent(np.array([0.0, 2.0]), order)
    assert d_x[0] == 0
    assert np.isfinite(d_x).all()


def test_ties_share_evenly() -> None:
    np.testing.assert_array_equal(_cotangent(np.array([2.0, -2.0, 1.0]), np.inf), [0.5, -0.5, 0])
    ties = _cotangent(np.array([[1.0, 2.0], [3.0, -2.0]]), 1)
    np.testing.assert_array_equal(ties, [[0.5, 0.5], [0.5, -0.5]])


def test_an_order_that_is_not_known_is_refused() -> None:
    rule = lookup(np.linalg.norm)
    assert rule is not None
    with pytest.raises(NotImplementedError, match="must be known when the code is made"):
        rule.vjps["x"](1.0, 1.0, VECTOR, np.array(2))


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 4), (4, 2)], ids=str)
def test_norms_by_singular_values(shape: Any, complex_: bool) -> None:
    x = RNG.normal(size=shape) + (1j * RNG.normal(size=shape) if complex_ else 0)
    for ord in (2, -2, "nuc"):
        check(np.linalg.norm, x, ord=ord, axis=(-2, -1))
        check(np.linalg.norm, x, ord, (-1, -2), True)
        check(np.linalg.matrix_norm, x, ord=ord)
    for p in (None, 2, -2):
        check(np.linalg.cond, x, p)
    if shape[-2] == shape[-1]:
        for p in (1, -1, "fro"):
            check(np.linalg.cond, x, p)


def test_nuclear_norm_over_axes_that_are_not_the_last() -> None:
    check(np.linalg.norm, RNG.normal(size=(3, 2, 4)), "nuc", (0, 2))
