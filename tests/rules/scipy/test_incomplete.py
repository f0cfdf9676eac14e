"""The derivatives of incomplete functions by their shapes, in `adjoint.rules.scipy.incomplete`.

The distribution functions of SciPy have about 14 digits. A difference of eight points of them with
a step h has an error of about (h * v)**8 / 630, where v is the largest of the scores, and of
2e-14 / h for rounding: with h = 0.02 and v = 6 both are near 1e-11.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special, stats

from adjoint import Unsupported, grad, hessian, jvp
from adjoint.rules.scipy.incomplete import betainc_by_a, gammainc_by_a, stdtr_by_df

SHAPES = [0.01, 0.3, 0.95, 1.0, 1.05, 2.5, 40.0, 700.0, 3e4]
DISTANCES = np.array([-5.0, -2.0, -0.5, -0.01, 0.0, 0.01, 0.5, 2.0, 5.0])


def slope(fun: Callable[[Any], Any], a: float, h: float) -> Any:
    """The derivative of `fun` by a difference of eight points."""
    weights = zip((4 / 5, -1 / 5, 4 / 105, -1 / 280), (1, 2, 3, 4), strict=True)
    return sum(w * (fun(a + k * h) - fun(a - k * h)) for w, k in weights) / h


def around(a: float) -> Any:
    return a + DISTANCES * np.sqrt(a) if a > 30 else a * np.exp(DISTANCES)


@pytest.mark.parametrize("a", SHAPES)
def test_of_gamma_by_differences(a: float) -> None:
    x = around(a)
    h = 0.02 * min(a, np.sqrt(a))
    expected = slope(lambda a: special.gammainc(a, x), a, h)
    found = gammainc_by_a(a, x)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=2e-13 / h)
    again = slope(lambda a: gammainc_by_a(a, x), a, h)
    np.testing.assert_allclose(gammainc_by_a(a, x, 2), again, rtol=1e-7, atol=2e-13 / h**2)


@pytest.mark.parametrize("b", [0.02, 0.6, 1.0, 3.0, 200.0])
@pytest.mark.parametrize("a", [0.02, 0.6, 1.0, 3.0, 200.0])
def test_of_beta_by_differences(a: float, b: float) -> None:
    x = special.expit(np.log(a / b) + DISTANCES / (1 + np.sqrt(min(a, b) / 10)))
    h = 0.02 * min(a, np.sqrt(a))
    expected = slope(lambda a: special.betainc(a, b, x), a, h)
    np.testing.assert_allclose(betainc_by_a(a, b, x, 1 - x), expected, rtol=1e-9, atol=2e-13 / h)


@pytest.mark.parametrize("df", [0.2, 1.0, 3.3, 30.0])
def test_of_student_by_differences(df: float) -> None:
    t = np.array([-30.0, -3.0, -1.5, -1.4999, -0.1, 0.0, 0.7, 1.6, 2.5, 100.0])
    expected = slope(lambda df: special.stdtr(df, t), df, 0.02 * min(df, 1.0))
    np.testing.assert_allclose(stdtr_by_df(df, t), expected, rtol=1e-9, atol=1e-11)


def test_far_out_all_digits_are_there() -> None:
    """Where differences have none left: by quadrature of density times score, on one side."""

    def beyond(a: float, x: float) -> float:
        score = special.digamma(a)
        return -integrate.quad(
            lambda t: (np.log(t) - score) * np.exp((a - 1) * np.log(t) - t - special.gammaln(a)),
            x, x + 60, epsabs=0, epsrel=1e-11, limit=200,
        )[0]  # fmt: skip

    def below(a: float, x: float) -> float:
        score = special.digamma(a)
        return integrate.quad(
            lambda t: (np.log(t) - score) * np.exp((a - 1) * np.log(t) - t - special.gammaln(a)),
            0, x, epsabs=0, epsrel=1e-11, limit=200,
        )[0]  # fmt: skip

    for a, x in ((2.0, 40.0), (0.3, 30.0), (25.0, 120.0)):
        assert gammainc_by_a(a, x) == pytest.approx(beyond(a, x), rel=1e-10)
    for a, x in ((2.0, 1e-8), (25.0, 0.5), (5.0, 1e-3)):
        assert gammainc_by_a(a, x) == pytest.approx(below(a, x), rel=1e-10)
    # x**a / gamma(a + 1), as far as doubles tell.
    a, x = 0.001, 1e-300
    power = np.exp(special.xlogy(a, x) - special.gammaln(a + 1))
    expected = power * (np.log(x) - special.digamma(a + 1))
    assert gammainc_by_a(a, x) == pytest.approx(expected, rel=1e-13)
    # Of a beta distribution with a shape of 1: x**a, and 1 - (1 - x)**b.
    for x in (1e-200, 1e-5, 0.3, 1 - 1e-9):
        found = betainc_by_a(3.0, 1.0, x, 1 - x)
        assert found == pytest.approx(x**3 * np.log(x), rel=1e-10)
        found = betainc_by_a(1e-3, 1.0, x, 1 - x)
        assert found == pytest.approx(x**1e-3 * np.log(x), rel=1e-10)
    # Of many degrees of freedom, the normal density times t * (1 + t**2) / (4 * df**2).
    assert stdtr_by_df(1e6, 1.0) == pytest.approx(
        np.exp(-0.5) / np.sqrt(2 * np.pi) / 2e12, rel=1e-5
    )


def test_at_ends_and_outside() -> None:
    assert gammainc_by_a(2.0, 0.0) == gammainc_by_a(2.0, np.inf) == gammainc_by_a(2.0, -1.0) == 0
    assert betainc_by_a(2.0, 3.0, 0.0, 1.0) == betainc_by_a(2.0, 3.0, 1.0, 0.0) == 0
    assert stdtr_by_df(2.0, 0.0) == stdtr_by_df(2.0, np.inf) == stdtr_by_df(2.0, -np.inf) == 0
    assert np.isnan(gammainc_by_a(-1.0, 2.0))
    assert np.isnan(gammainc_by_a(1.0, np.nan))
    assert np.isnan(betainc_by_a(0.0, 1.0, 0.5, 0.5))
    assert np.isnan(betainc_by_a(1.0, 1.0, np.nan, np.nan))
    assert np.isnan(stdtr_by_df(-2.0, 1.0))
    assert np.isnan(stdtr_by_df(2.0, np.nan))
    assert gammainc_by_a(np.ones((2, 1)), np.ones(3)).shape == (2, 3)


def test_a_fit_of_a_censored_sample() -> None:
    data, limit = np.array([0.3, 1.2, 0.7, 2.1, 1.6]), 2.5

    def loss(p: Any) -> Any:
        a, scale = np.exp(p)
        seen = np.sum(stats.gamma.logpdf(data, a, scale=scale))
        return -seen - 3 * stats.gamma.logsf(limit, a, scale=scale)

    p, t = np.array([0.2, -0.1]), np.array([0.5, -1.0])
    gradient = grad(loss)
    found = np.sum(gradient(p) * t)
    assert found == pytest.approx((loss(p + 1e-5 * t) - loss(p - 1e-5 * t)) / 2e-5, rel=1e-8)
    assert jvp(loss, (p,), (t,))[1] == pytest.approx(found, rel=1e-12)
    bent = (gradient(p + 1e-5 * t) - gradient(p - 1e-5 * t)) / 2e-5
    np.testing.assert_allclose(hessian(loss)(p) @ t, bent, rtol=1e-7)
    assert "def gammainc_by_a(a, x, order=1):" in gradient.source
    assert "adjoint" not in gradient.source


def test_a_quantile_by_its_shapes() -> None:
    for family, shapes in ((stats.t, (4.0,)), (stats.gamma, (2.5,)), (stats.beta, (2.0, 0.7))):

        def risk(*given: Any, family: Any = family) -> Any:
            return family.ppf(0.95, *given)

        found = grad(risk, tuple(range(len(shapes))))(*shapes)
        for k, d in enumerate(found):
            ends = [
                risk(*(a + s * 1e-5 if j == k else a for j, a in enumerate(shapes)))
                for s in (1, -1)
            ]
            assert d == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-7)


def test_what_is_refused() -> None:
    def third(a: Any) -> Any:
        return grad(lambda a: np.sum(hessian(lambda a: special.gammainc(a, 0.3))(a)))(a)

    with pytest.raises(Unsupported, match="by its shapes twice at most"):
        third(1.5)


def test_an_interval_by_shape_and_scale() -> None:
    def width(df: Any, scale: Any) -> Any:
        low, high = stats.t.interval(0.9, df, loc=1.0, scale=scale)
        inner, outer = stats.gamma(df, scale=scale).interval(0.5)
        return (high - low) ** 2 + 3 * outer - inner

    d_df, d_scale = grad(width, (0, 1))(3.0, 2.0)
    ends = [(width(3.0 + s, 2.0), width(3.0, 2.0 + s)) for s in (1e-5, -1e-5)]
    assert d_df == pytest.approx((ends[0][0] - ends[1][0]) / 2e-5, rel=1e-7)
    assert d_scale == pytest.approx((ends[0][1] - ends[1][1]) / 2e-5, rel=1e-7)
