"""The rules of `adjoint.rules.scipy.special` and `special_incomplete`."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from scipy import special

from adjoint import Unsupported, grad
from adjoint.rules import lookup, registered
from adjoint.rules.scipy import incomplete
from tests.rules.harness import check

RNG = np.random.default_rng(51)
X, Y = np.array([0.3, 0.7, 0.9]), np.array([[0.4], [0.8]])
MATRIX = RNG.normal(size=(3, 4))

OWN = ("adjoint.rules.scipy.special", "adjoint.rules.scipy.special_incomplete")
ORDERS = {"n", "d"}
GIVEN: dict[Any, Any] = {
    special.zeta: (X + 2, X + 1),
    special.gammainc: (X + 0.5, X),
    special.gammaincc: (X + 0.5, X),
    special.betainc: (X + 0.5, Y, X),
    special.betaincc: (X + 0.5, Y, X),
    special.gammaincinv: (X + 0.5, Y),
    special.gammainccinv: (X + 0.5, Y),
    special.betaincinv: (X + 0.5, Y + 1, X),
    special.stdtr: (X + 2, Y - 0.6),
    special.stdtrit: (X + 2, Y),
    special.chdtr: (X + 2, X),
    special.chdtrc: (X + 2, X),
    special.logsumexp: (MATRIX,),
    special.softmax: (MATRIX,),
    special.log_softmax: (MATRIX,),
    special.loggamma: (X + 1,),
}


def own_rules() -> list[Any]:
    lookup(special.gamma)  # declares them
    return [
        rule
        for rule in registered()
        if rule.vjps
        and next(iter(rule.vjps.values())).__module__ in OWN
        and not hasattr(incomplete, rule.function.__name__)  # see test_incomplete
    ]


def arguments(rule: Any) -> list[Any]:
    if rule.function in GIVEN:
        return list(GIVEN[rule.function])
    vjp = next(iter(rule.vjps.values()))
    given: list[Any] = []
    for parameter in list(inspect.signature(vjp).parameters.values())[2:]:
        if parameter.default is not parameter.empty:
            break
        given.append(2 if parameter.name in ORDERS else (X, Y, X + 0.1)[len(given)])
    return given


@pytest.mark.parametrize("rule", own_rules(), ids=lambda rule: rule.function.__name__)
def test_rule(rule: Any) -> None:
    check(rule.function, *arguments(rule))


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 1)])
def test_along_axes(axis: Any) -> None:
    check(special.softmax, MATRIX, axis=axis)
    check(special.log_softmax, MATRIX, axis=axis)
    check(special.logsumexp, MATRIX, axis=axis)
    check(special.logsumexp, MATRIX, axis=axis, keepdims=True)
    check(special.logsumexp, MATRIX, axis=axis, b=np.abs(MATRIX))


def test_far_out() -> None:
    far = np.array([1e4, 0.0, -1e4])
    for function in (special.softmax, special.log_softmax):
        assert np.all(np.isfinite(grad(lambda x, f=function: np.sum(X * f(x)))(far)))
    nothing = grad(special.logsumexp)(np.full(3, -np.inf))
    np.testing.assert_array_equal(nothing, np.zeros(3))
    np.testing.assert_allclose(grad(special.logsumexp)(np.array([-np.inf, 0.0])), [0.0, 1.0])


def test_nothing_times_the_logarithm_of_nothing() -> None:
    by_y = grad(lambda y: np.sum(special.xlogy(np.array([0.0, 2.0]), y)))
    np.testing.assert_allclose(by_y(np.array([0.0, 4.0])), [0.0, 0.5])


def test_written_with_the_names_that_scipy_has() -> None:
    gradient = grad(lambda x: np.sum(Y * special.gammaln(x)))
    gradient(X)
    assert "from scipy.special import" in gradient.source


def test_what_has_no_closed_form_is_refused() -> None:
    with pytest.raises(Unsupported, match="hyp2f1 is not differentiated by its argument number 1"):
        grad(lambda a: np.sum(special.hyp2f1(a, 2.0, 3.0, 0.3)))(X)
