"""Minima and least squares of `adjoint.rules.scipy.optimize`: where a gradient is zero.

The minima are found up to their tolerance, and the differences of two lose as many digits as the
step is small: steps are large here, and tolerances of searches small.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import least_squares, minimize, minimize_scalar

from adjoint import Unsupported, grad, jvp, vjp

RNG = np.random.default_rng(3)
A, Y, START = RNG.normal(size=(5, 3)), RNG.normal(size=5), np.zeros(3)
STEP = 1e-3


def cost(w: Any, t: Any, y: Any) -> Any:
    return np.sum((A @ w - y) ** 2) + t * np.sum(w**4) + t * np.sum(w**2)


def slope(w: Any, t: Any, y: Any) -> Any:
    return 2 * A.T @ (A @ w - y) + 4 * t * w**3 + 2 * t * w


def with_args(t: Any, y: Any) -> Any:
    found = minimize(cost, START, args=(t, y), jac=slope, method="BFGS", options={"gtol": 1e-12})
    return found.x


def with_a_closure(t: Any, y: Any) -> Any:
    found = minimize(lambda w: cost(w, t, y), START, jac=lambda w: slope(w, t, y), tol=1e-13)
    return found.x * found.fun


def of_one_number(t: Any, y: Any) -> Any:
    def along(x: Any) -> Any:
        return (x - t) ** 4 + np.sum((x * y - 2 * t) ** 2)

    return minimize_scalar(along, tol=1e-12).x


def squares(t: Any, y: Any) -> Any:
    def residuals(w: Any) -> Any:
        return np.concatenate([A @ w - y, np.sqrt(t) * np.sin(w)])

    close: dict[str, float] = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-14}
    found = least_squares(residuals, START, **close)
    return found.x * found.cost + found["fun"][:3]


@pytest.mark.parametrize("fun", [with_args, with_a_closure, of_one_number, squares])
def test_both_modes(fun: Any) -> None:
    t, y, direction = 0.7, Y, (1.0, np.cos(np.arange(5.0)))
    out, pullback = vjp(fun, t, y)
    np.testing.assert_allclose(out, fun(t, y), rtol=1e-12)
    ends = [
        fun(t + h * direction[0], y + h * direction[1]) for h in (2 * STEP, STEP, -STEP, -2 * STEP)
    ]
    expected = (8 * (ends[1] - ends[2]) - (ends[0] - ends[3])) / (12 * STEP)
    tangent = jvp(fun, (t, y), direction)[1]
    np.testing.assert_allclose(tangent, expected, rtol=2e-5, atol=1e-6)
    weights = np.cos(np.arange(np.size(out)) + 0.3).reshape(np.shape(out))[()]
    d_t, d_y = pullback(weights)
    np.testing.assert_allclose(d_t + d_y @ direction[1], np.sum(weights * tangent), rtol=1e-9)


def test_twice() -> None:
    def total(t: Any) -> Any:
        return np.sum(np.sin(with_args(t, Y)))

    first = grad(total)
    expected = (first(0.7 + STEP) - first(0.7 - STEP)) / (2 * STEP)
    assert grad(first)(0.7) == pytest.approx(expected, rel=1e-4)


def test_a_minimum_that_is_not_differentiated_needs_no_hessian() -> None:
    flat = np.ones((3, 2))

    def loss(x: Any, y: Any) -> Any:
        return np.sum(x * minimize(lambda w: np.sum((flat @ w - y) ** 2), np.zeros(2)).x)

    assert np.all(np.isfinite(grad(loss)(np.ones(2), Y[:3])))
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        grad(loss, argnums=1)(np.ones(2), Y[:3])


def test_the_search_is_the_users() -> None:
    gradient = grad(lambda t: np.sum(with_args(t, Y)))
    gradient(0.7)
    text = str(gradient.source)
    assert "sol = minimize(" in text and 'method="BFGS"' in text


def with_slope(w: Any, t: Any) -> Any:
    return np.sum((w - t) ** 2), 2 * (w - t)


@pytest.mark.parametrize(
    ("fun", "message"),
    [
        (lambda t: minimize(cost, START, (t, Y), bounds=[(0, 1)] * 3).x, "at a bound"),
        (lambda t: minimize_scalar(lambda x: (x - t) ** 2, bounds=(0, 1)).x, "between bounds"),
        (lambda t: minimize(with_slope, START, t, jac=True).x, "return the value alone"),
        (lambda t: least_squares(lambda w: A @ w - t, START, loss="cauchy").x, "leave it away"),
    ],
)
def test_what_is_refused(fun: Any, message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        grad(lambda t: np.sum(fun(t)))(0.7)
