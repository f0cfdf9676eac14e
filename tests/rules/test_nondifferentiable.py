"""The list of `adjoint.rules.nondifferentiable`."""

from __future__ import annotations

import inspect
import math
import operator
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, grad
from adjoint.rules import Kind, lookup, nondifferentiable, registered

# Away from whole numbers, ties and each other.
X = np.array([-1.7, 0.4, 2.3])
Y = np.array([0.9, -0.6, 1.2])
MOVE = 1e-6

ONE = [
    *(np.floor, np.ceil, np.rint, np.round, np.around, np.trunc, np.sign, np.signbit, np.spacing),
    *(np.isnan, np.isinf, np.isfinite, np.isposinf, np.isneginf, np.isreal, np.iscomplex, np.all),
    *(np.any, np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.nonzero),
    *(np.flatnonzero, np.argwhere, np.count_nonzero, np.logical_not, np.shape, np.ndim, np.size),
    *(np.isrealobj, np.iscomplexobj, np.isscalar, np.result_type, len),
]
TWO = [
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.isclose),
    *(np.allclose, np.array_equal, np.array_equiv, np.isin, np.floor_divide, np.logical_and),
    *(np.logical_or, np.logical_xor, operator.lt, operator.le, operator.eq, operator.ne),
    *(operator.gt, operator.ge, operator.floordiv),
]
NUMBER = [
    *(math.floor, math.ceil, math.trunc, math.isnan, math.isinf, math.isfinite, round, int, bool),
    *(operator.not_, operator.truth, math.ulp),
]


def is_zero(fun: Any) -> bool:
    rule = lookup(fun)
    return rule is not None and rule.kind is Kind.ZERO


@pytest.mark.parametrize("fun", ONE, ids=lambda fun: fun.__name__)
def test_does_not_change_with_its_argument(fun: Any) -> None:
    assert is_zero(fun)
    np.testing.assert_array_equal(fun(X), fun(X + MOVE))


@pytest.mark.parametrize("fun", TWO, ids=lambda fun: fun.__name__)
def test_does_not_change_with_its_arguments(fun: Any) -> None:
    assert is_zero(fun)
    np.testing.assert_array_equal(fun(X, Y), fun(X + MOVE, Y))
    np.testing.assert_array_equal(fun(X, Y), fun(X, Y + MOVE))


@pytest.mark.parametrize("fun", NUMBER, ids=lambda fun: fun.__name__)
def test_does_not_change_with_a_number(fun: Any) -> None:
    assert is_zero(fun)
    assert fun(1.3) == fun(1.3 + MOVE)


def test_places_in_sorted_bins() -> None:
    bins = np.array([-1.0, 0.0, 1.0, 2.0])
    cases: list[Any] = [(np.searchsorted, (bins, X)), (np.digitize, (X, bins))]
    for fun, args in cases:
        assert is_zero(fun)
        np.testing.assert_array_equal(fun(*args), fun(*(arg + MOVE for arg in args)))


@pytest.mark.parametrize(
    "fun",
    [print, str, repr, format, isinstance, any, all, operator.and_, operator.invert, math.gcd],
)
def test_is_listed(fun: Any) -> None:
    assert is_zero(fun)


@pytest.mark.parametrize("fun", [np.bincount, np.nextafter, math.nextafter, np.abs, float])
def test_is_not_listed(fun: Any) -> None:
    # bincount adds up weights, the next number moves with its argument.
    assert not is_zero(fun)


def test_no_rule_of_kind_zero_has_a_vjp() -> None:
    assert all(not rule.vjps for rule in registered() if rule.kind is Kind.ZERO)
    assert "zero" in (inspect.getdoc(nondifferentiable) or "")


def test_matrices_are_refused_by_name() -> None:
    def turned(x: Any) -> Any:
        m = np.matrix([[0.0, -1.0], [1.0, 0.0]])
        return np.sum(m * np.matrix(x))

    with pytest.raises(Unsupported, match="matrices are not followed; use arrays and @"):
        grad(turned)(np.ones((2, 1)))
