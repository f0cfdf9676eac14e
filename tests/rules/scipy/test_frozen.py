"""Distributions with their parameters bound, and what `adjoint.rules.scipy.moments` has of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special, stats
from scipy.stats import gamma, norm

from adjoint import Unsupported, check_grads, grad, value_and_grad
from adjoint.rules import lookup
from tests.rules.harness import check
from tests.sampling import is_taken

lookup(special.gamma)
RNG = np.random.default_rng(61)
X, LOC, SCALE = np.array([0.3, 0.7, 0.9]), np.array([[0.05], [-0.1]]), 1.3

#: Each with its shapes.
FAMILIES: list[Any] = [
    (stats.norm, ()),
    (stats.logistic, ()),
    (stats.laplace, ()),
    (stats.t, (3.5,)),
    (stats.uniform, ()),
    (stats.expon, ()),
    (stats.gamma, (2.3,)),
    (stats.chi2, (3.1,)),
    (stats.beta, (2.2, 1.4)),
    (stats.lognorm, (0.7,)),
]
by_name = [family[0].name for family in FAMILIES]
WEIGHTS = RNG.normal(size=(2, 3))


def order_of(distribution: Any, method: str) -> int:
    """To which order a method is checked: a third of them to second order, `make test-all` all."""
    return 2 if is_taken(distribution.name + method, 3) else 1


@pytest.mark.parametrize("family", FAMILIES, ids=by_name)
@pytest.mark.parametrize("method", ["logpdf", "pdf", "cdf", "logcdf", "sf", "logsf"])
@pytest.mark.sampled(6)
def test_methods_of_a_value(family: Any, method: str) -> None:
    distribution, shapes = family

    def frozen(x: Any, loc: Any, scale: Any, *given: Any) -> Any:
        made = distribution(*given, loc=loc, scale=scale)
        return np.sum(WEIGHTS * getattr(made, method)(x))

    x = X + np.array([0.01, 0.02, 0.03])  # not where the density of Laplace has its kink
    order = order_of(distribution, method)
    check_grads(frozen, (x, LOC, SCALE, *shapes), order=order, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("family", FAMILIES, ids=by_name)
@pytest.mark.parametrize("method", ["ppf", "isf"])
@pytest.mark.sampled(6)
def test_quantiles(family: Any, method: str) -> None:
    distribution, shapes = family

    def frozen(q: Any, loc: Any, scale: Any, *given: Any) -> Any:
        made = distribution(*given, loc=loc, scale=scale)
        return np.sum(WEIGHTS * getattr(made, method)(q))

    order = order_of(distribution, method)
    check_grads(frozen, (X - 0.02, LOC, SCALE, *shapes), order=order, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("family", FAMILIES, ids=by_name)
@pytest.mark.parametrize("method", ["mean", "var", "std", "median", "entropy"])
@pytest.mark.sampled(6)
def test_moments(family: Any, method: str) -> None:
    distribution, shapes = family

    def frozen(loc: Any, scale: Any, *given: Any) -> Any:
        made = distribution(*given, loc=loc, scale=scale)
        return np.sum(WEIGHTS[:, :1] * getattr(made, method)())

    order = order_of(distribution, method)
    check_grads(frozen, (LOC, SCALE, *shapes), order=order, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("method", ["logpmf", "pmf", "cdf", "logcdf", "sf", "logsf"])
@pytest.mark.sampled(2)
def test_counts(method: str) -> None:
    k, p = np.array([0, 1, 4]), np.array([0.3, 0.7, 0.9])
    lower = np.array([1.5, 0.0, 3.0])
    for counts in (k,) if method.endswith("pmf") else (k, lower):
        check_grads(
            lambda mu, k=counts: np.sum(WEIGHTS * getattr(stats.poisson(mu), method)(k)),
            (p + 1,), order=2, rtol=1e-4, atol=1e-6,
        )  # fmt: skip
        check_grads(
            lambda p, k=counts: np.sum(WEIGHTS * getattr(stats.binom(6, p, loc=1), method)(k + 1)),
            (p,), order=2, rtol=1e-4, atol=1e-6,
        )  # fmt: skip


def test_moments_of_counts() -> None:
    p = np.array([0.3, 0.7, 0.9])
    for method in ("mean", "var", "std"):
        check(getattr(stats.poisson, method), p + 1)
        check(getattr(stats.binom, method), 5, p, argnums=[1])


PRIOR = stats.norm(0.5, 2.0)
SPREAD = stats.gamma(2.0, scale=np.array([1.0, 2.0, 3.0]))
ROWS = stats.multivariate_normal(np.zeros(2), np.array([[2.0, 0.3], [0.3, 1.0]]))
SIMPLEX = stats.dirichlet(np.array([1.5, 2.0, 3.0]))


def test_made_outside() -> None:
    check_grads(lambda x: PRIOR.logpdf(x), (0.7,), order=2)
    check_grads(lambda x: np.sum(SPREAD.logpdf(x) * x), (X,), order=2)
    check_grads(lambda x: np.sum(ROWS.logpdf(x) ** 2), (RNG.normal(size=(4, 2)),), order=2)
    check_grads(lambda x: ROWS.pdf(x), (RNG.normal(size=2),), order=2)
    assert grad(lambda s: s * SIMPLEX.logpdf([0.2, 0.3, 0.5]))(2.0) == pytest.approx(
        SIMPLEX.logpdf([0.2, 0.3, 0.5])
    )


def test_draws_of_one_with_a_generator_of_its_own() -> None:
    own = stats.norm(0.5, 2.0)

    def drawn(s: Any) -> Any:
        return s * np.sum(own.rvs(3))

    own.random_state = 5
    expected = np.sum(own.rvs(3))
    own.random_state = 5
    assert grad(drawn)(2.0) == expected


def test_given_as_an_argument() -> None:
    def log_posterior(x: Any, prior: Any) -> Any:
        return np.sum(prior.logpdf(x))

    gradient = grad(log_posterior)
    for prior in (stats.norm(0.5, 2.0), stats.norm(loc=1.0), stats.t(4.0, 0.5), stats.norm(2)):
        x, h = X, 1e-6
        slopes = (prior.logpdf(x + h) - prior.logpdf(x - h)) / (2 * h)
        np.testing.assert_allclose(gradient(x, prior), slopes, rtol=1e-7)


class Model:
    """Distributions in a list and an attribute."""

    def __init__(self, mu: Any, s: Any) -> None:
        self.noise = norm(mu, s)
        self.parts = [norm(mu, s), gamma(2.0, scale=s)]

    def value(self, x: Any) -> Any:
        total = self.noise.logpdf(x)
        for part in self.parts:
            total = total + part.logpdf(x)
        return np.sum(total)


def test_kept_in_structures() -> None:
    def log_density(distribution: Any, x: Any) -> Any:
        return distribution.logpdf(x)

    check_grads(lambda m, s, x: Model(m, s).value(x), (0.2, 1.5, X), order=2)
    check_grads(lambda m, s: np.sum(log_density(norm(m, s), X)), (0.2, 1.5), order=2)


def test_variants_of_vectors() -> None:
    rows, mean = RNG.normal(size=(4, 3)), RNG.normal(size=3)
    half = RNG.normal(size=(3, 3))

    def by_matrix(x: Any, mean: Any, half: Any) -> Any:
        return np.sum(stats.multivariate_normal(mean, half @ half.T).logpdf(x) ** 2)

    def by_variances(x: Any, mean: Any, variances: Any) -> Any:
        return np.sum(stats.multivariate_normal(mean, variances).logpdf(x) ** 2)

    def entropy(mean: Any, half: Any) -> Any:
        return stats.multivariate_normal(mean, half @ half.T).entropy() ** 2

    check_grads(by_matrix, (rows, mean, half), order=2, rtol=1e-4)
    check_grads(by_matrix, (rows[0], mean, half), order=2, rtol=1e-4)
    check_grads(by_variances, (rows, mean, mean**2 + 0.5), order=2)
    check_grads(by_variances, (rows, mean, 0.7), order=2)
    check_grads(by_variances, (rows[0], mean, mean**2 + 0.5), order=2)
    check_grads(entropy, (mean, half), order=2, rtol=1e-4)


def test_a_covariance_that_is_written_once_it_is_bound() -> None:
    def loss(a: Any) -> Any:
        cov = a @ a.T + np.eye(3)
        made = stats.multivariate_normal(X, cov)
        cov[0, 0] = 50.0
        return made.logpdf(X[::-1]) + np.sum(cov**2)

    a = RNG.normal(size=(3, 3))
    assert value_and_grad(loss)(a)[0] == pytest.approx(loss(a), rel=1e-12)
    check_grads(loss, (a,), rtol=1e-4)


def test_dirichlet() -> None:
    alpha, weights = np.array([0.7, 1.1, 2.2]), RNG.normal(size=3)

    def density(a: Any) -> Any:
        return stats.dirichlet(a).logpdf(np.array([0.2, 0.3, 0.5])) ** 2

    def moments(a: Any) -> Any:
        made = stats.dirichlet(a)
        return np.sum(weights * made.mean()) + np.sum(weights * made.var()) ** 2 + made.entropy()

    value = stats.dirichlet(alpha)
    expected = weights @ value.mean() + (weights @ value.var()) ** 2 + value.entropy()
    assert moments(alpha) == pytest.approx(expected)
    check_grads(density, (alpha,), order=2, rtol=1e-4)
    check_grads(moments, (alpha,), order=2, rtol=1e-4)


class Ramp(stats.rv_continuous):
    """A distribution of the user's own, with the name of another."""

    def _pdf(self, x: Any) -> Any:
        return 2 * x


def test_what_is_refused() -> None:
    own = Ramp(a=0, b=1, name="norm")
    outside = own(0.1)
    for function in (lambda x: own(0.1).logpdf(x), lambda x: outside.logpdf(x)):
        with pytest.raises(Unsupported, match="has no derivative rule"):
            grad(function)(0.5)
    with pytest.raises(Unsupported, match="has no derivative rule"):
        grad(lambda s: np.sum(stats.norm(0.0, s).rvs(3)))(2.0)
    with pytest.raises(Unsupported, match="multivariate_normal_frozen object is handed to code"):
        grad(lambda x: stats.multivariate_normal(X, 1.0).logcdf(x))(X)


def test_a_gradient_reads_as_by_hand() -> None:
    def loss(mu: Any, s: Any, x: Any) -> Any:
        return -np.sum(stats.norm(mu, s).logpdf(x))

    gradient = grad(loss, argnums=(0, 1))
    gradient(0.1, 2.0, X)
    assert "norm" not in gradient.source.split("def ")[1].replace("stats.norm(mu, s)", "")


def test_a_covariance_that_may_be_singular() -> None:
    def density(x: Any, mean: Any, half: Any) -> Any:
        return stats.multivariate_normal.logpdf(x, mean, half @ half.T, True)

    half = np.array([[1.2, 0.3], [-0.4, 0.9]])
    check_grads(density, (X[:2], X[1:3], half), order=2)
    check_grads(density, (np.outer(X, X[:2]), X[1:3], half))
    line = np.array([[1.0, 2.0], [2.0, 4.0]])
    found = grad(lambda s: stats.multivariate_normal.logpdf(s * line[0], None, line, True))(0.7)
    assert found == pytest.approx(-0.7)  # on the line it is a density of one variable


def test_whether_a_covariance_may_be_singular_is_known() -> None:
    with pytest.raises(Unsupported, match="must be known now"):
        grad(lambda x, n: stats.multivariate_normal.logpdf(x, None, np.eye(2), n > 1))(X[:2], 2)
