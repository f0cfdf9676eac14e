"""Random draws are differentiable in their parameters, and happen once."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, jvp, value_and_grad

STEP = 1e-6
LOW, HIGH = np.array([0.3, -0.4, 1.2]), np.array([1.5, 0.9, 2.5])
COV = np.array([[2.0, 0.3], [0.3, 1.0]])
WEIGHTS = np.cos(np.arange(12.0))

DRAWS: list[Any] = [
    (lambda rng, a, b: rng.normal(a, b), LOW, HIGH),
    (lambda rng, a, b: rng.normal(a, b, size=4), 0.3, 1.2),
    (lambda rng, a, b: rng.normal(loc=a, scale=b, size=(2, 3)), LOW, 1.2),
    (lambda rng, a, b: rng.uniform(a, b), LOW, HIGH),
    (lambda rng, a, b: rng.uniform(a, high=b, size=3), 0.2, 1.2),
    (lambda rng, a: rng.exponential(a), HIGH),
    (lambda rng, a: rng.rayleigh(a, 5), 1.5),
    (lambda rng, a, b: rng.laplace(a, b), LOW, HIGH),
    (lambda rng, a, b: rng.logistic(a, b), LOW, HIGH),
    (lambda rng, a, b: rng.gumbel(a, b), LOW, HIGH),
    (lambda rng, a, b: rng.lognormal(a, b), LOW, HIGH),
    (lambda rng, a: rng.weibull(a), HIGH),
    (lambda rng, a: rng.power(a), HIGH),
    (lambda rng, a: rng.pareto(a), HIGH),
    (lambda rng, a: rng.multivariate_normal(a, COV), HIGH[:2]),
    (lambda rng, a: rng.multivariate_normal(a, COV, size=4), HIGH[:2]),
]


def weighted(draw: Callable[..., Any]) -> Callable[..., Any]:
    def total(rng: Any, *parameters: Any) -> Any:
        drawn = draw(rng, *parameters)
        return np.sum(WEIGHTS[: np.size(drawn)] * np.ravel(drawn))

    return total


def differences(total: Any, make: Any, args: tuple[Any, ...], place: int) -> Any:
    found = np.zeros(np.shape(args[place]))
    for index in np.ndindex(found.shape):
        ends = []
        for step in (STEP, -STEP):
            moved = np.array(args[place], dtype=float)
            moved[index] += step
            ends.append(total(make(), *args[:place], moved, *args[place + 1 :]))
        found[index] = (ends[0] - ends[1]) / (2 * STEP)
    return found


@pytest.mark.parametrize(
    "make", [lambda: np.random.default_rng(5), lambda: np.random.RandomState(5)]
)
@pytest.mark.parametrize(("draw", "args"), [(draw, tuple(args)) for draw, *args in DRAWS])
def test_parameters(make: Any, draw: Any, args: tuple[Any, ...]) -> None:
    total = weighted(draw)
    places = tuple(range(1, len(args) + 1))
    rng = make()
    value, gradients = value_and_grad(total, argnums=places)(rng, *args)
    twin = make()
    assert value == total(twin, *args)
    assert rng.random() == twin.random(), "it is drawn as often as the function draws"
    for place, gradient in enumerate(gradients):
        expected = differences(total, make, args, place)
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8)
    tangents = tuple(np.ones_like(a) if np.ndim(a) else 1.0 for a in args)
    _, tangent = jvp(total, (make(), *args), (None, *tangents))
    np.testing.assert_allclose(tangent, sum(np.sum(g) for g in gradients), rtol=1e-9)


@pytest.mark.parametrize("size", [None, 3])
def test_covariance_by_its_cholesky_factor(size: Any) -> None:
    def total(rng: Any, mean: Any, cov: Any) -> Any:
        cov = 0.5 * (cov + cov.T)
        drawn = rng.multivariate_normal(mean, cov, size, method="cholesky")
        return np.sum(WEIGHTS[: np.size(drawn)] * np.ravel(drawn))

    def make() -> Any:
        return np.random.default_rng(5)

    args = (HIGH[:2], COV)
    _, gradients = value_and_grad(total, argnums=(1, 2))(make(), *args)
    for place, gradient in enumerate(gradients):
        expected = differences(total, make, args, place)
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8)


def test_covariance_by_another_factor_is_refused() -> None:
    def total(rng: Any, cov: Any) -> Any:
        return np.sum(rng.multivariate_normal(np.zeros(2), cov))

    with pytest.raises(Unsupported, match="method='cholesky'"):
        value_and_grad(total, argnums=1)(np.random.default_rng(5), COV)


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda rng, a: rng.poisson(a), "its derivative is zero"),
        (lambda rng, a: rng.binomial(5, a), "its derivative is zero"),
        (lambda rng, a: rng.choice(2, 3, p=a), "its derivative is zero"),
        (lambda rng, a: rng.gamma(a), "draw noise"),
        (lambda rng, a: rng.beta(a, 2.0), "draw noise"),
    ],
)
def test_other_draws_are_refused_and_say_why(draw: Any, said: str) -> None:
    with pytest.raises(Unsupported, match=said):
        value_and_grad(lambda rng, a: np.sum(draw(rng, a)) * np.sum(a), argnums=1)(
            np.random.default_rng(5), np.array([0.4, 0.5])
        )


def test_the_global_generator_is_drawn_from_once() -> None:
    def total(a: Any) -> Any:
        return np.sum(np.random.normal(a, 2.0, size=3)) ** 2

    np.random.seed(3)
    value, gradient = value_and_grad(total)(0.5)
    after = np.random.random()
    np.random.seed(3)
    assert value == total(0.5)
    assert after == np.random.random()
    np.random.seed(3)
    np.testing.assert_allclose(gradient, 2 * 3 * np.sum(np.random.normal(0.5, 2.0, size=3)))


def test_draws_in_a_loop_are_kept_apart() -> None:
    def walk(rng: Any, drift: Any, scale: Any) -> Any:
        x = 0.0
        for _ in range(4):
            x = x + rng.normal(drift, scale) * x + rng.uniform(0.0, scale)
        return x

    def make() -> Any:
        return np.random.default_rng(5)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, gradients = value_and_grad(walk, argnums=(1, 2))(make(), 0.3, 1.2)
    for place, gradient in enumerate(gradients):
        expected = differences(walk, make, (0.3, 1.2), place)
        np.testing.assert_allclose(gradient, expected, rtol=1e-6)
