"""The rules of `adjoint.rules.scipy.stats`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from adjoint import Unsupported, grad, jvp, value_and_grad
from adjoint.rules import lookup
from tests.rules.harness import check

lookup(special.gamma)
RNG = np.random.default_rng(53)
X, LOC, SCALE = np.array([0.3, 0.7, 0.9]), np.array([[0.05], [-0.1]]), 1.3

FAMILIES: list[Any] = [
    (stats.norm, ()),
    (stats.logistic, ()),
    (stats.laplace, ()),
    (stats.cauchy, ()),
    (stats.t, (3.5,)),
    (stats.uniform, ()),
    (stats.expon, ()),
    (stats.gamma, (2.3,)),
    (stats.chi2, (3.1,)),
    (stats.beta, (2.2, 1.4)),
    (stats.lognorm, (0.7,)),
]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family[0].name)
@pytest.mark.parametrize("name", ["logpdf", "pdf", "cdf", "logcdf"])
@pytest.mark.sampled(2)
def test_family(family: Any, name: str) -> None:
    distribution, shapes = family
    check(getattr(distribution, name), X, *shapes, LOC, SCALE)
    check(getattr(distribution, name), X, *shapes, loc=0.01, scale=SCALE, argnums=[0])


@pytest.mark.parametrize("family", FAMILIES[5:], ids=lambda family: family[0].name)
def test_outside_the_support(family: Any) -> None:
    distribution, shapes = family
    with np.errstate(all="ignore"):
        for function in (distribution.logpdf, distribution.pdf):
            slope = grad(lambda x, f=function: np.sum(f(x, *shapes)[1:]))(np.array([-1.0, 0.5]))
            assert slope[0] == 0 and np.isfinite(slope[1])


def test_counts() -> None:
    k, p = np.array([0, 1, 4]), np.array([0.3, 0.7, 0.9])
    for function in (stats.poisson.logpmf, stats.poisson.pmf):
        check(function, k, p + 1, argnums=[1])
    for function in (stats.binom.logpmf, stats.binom.pmf):
        check(function, k, 5, p, argnums=[2])


def test_vectors() -> None:
    half, mean, rows = RNG.normal(size=(3, 3)), RNG.normal(size=3), RNG.normal(size=(4, 3))
    cov = half @ half.T + np.eye(3)
    for function in (stats.multivariate_normal.logpdf, stats.multivariate_normal.pdf):
        check(function, rows, mean, cov, argnums=[0, 1])
        check(function, mean, 0 * mean, cov, argnums=[0, 1])
    d_cov = grad(lambda c: np.sum(stats.multivariate_normal.logpdf(rows, mean, c)))(cov)
    step = 1e-6 * (half + half.T)
    change = [np.sum(stats.multivariate_normal.logpdf(rows, mean, cov + s * step)) for s in (1, -1)]
    np.testing.assert_allclose(np.sum(d_cov * step), (change[0] - change[1]) / 2, rtol=1e-6)


def test_dirichlet() -> None:
    x, alpha = np.array([0.2, 0.3, 0.5]), np.array([0.7, 1.1, 2.2])
    value, d_alpha = value_and_grad(lambda alpha: stats.dirichlet.logpdf(x, alpha))(alpha)
    assert value == pytest.approx(stats.dirichlet.logpdf(x, alpha))
    for k, unit in enumerate(np.eye(3) * 1e-6):
        ends = [stats.dirichlet.logpdf(x, alpha + s * unit) for s in (1, -1)]
        assert d_alpha[k] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6)
    with pytest.raises(ValueError, match="simplex"):
        grad(lambda x: stats.dirichlet.logpdf(x, alpha))(2 * x)


def test_a_likelihood() -> None:
    data = RNG.normal(size=20)
    norm = stats.norm

    def loss(p: Any) -> Any:
        mu, log_s = p
        return -np.sum(norm.logpdf(data, mu, np.exp(log_s)))

    gradient = grad(loss)
    d_p = gradient(np.array([0.3, 0.1]))
    z = (data - 0.3) / np.exp(0.1)
    np.testing.assert_allclose(d_p, [-np.sum(z) / np.exp(0.1), np.sum(1 - z**2)], rtol=1e-12)
    assert "norm.logpdf(data, mu, " in gradient.source or "cdf" not in gradient.source


@pytest.mark.filterwarnings("ignore:Casting complex values")
@pytest.mark.parametrize(
    "fun",
    [
        lambda z: np.real(stats.norm.logpdf(z)),
        lambda z: stats.norm.cdf(0.3, z),
        lambda z: stats.norm(z, 1.0).pdf(0.3),
        lambda z: stats.uniform.ppf(0.3, 0.1, z),
        lambda z: stats.poisson.pmf(2, z),
        lambda z: stats.multivariate_normal.logpdf(np.ones(2), np.array([z, 1.0])),
    ],
)
def test_of_complex_numbers_is_refused(fun: Any) -> None:
    for derivative in (lambda: grad(fun)(0.5 + 1j), lambda: jvp(fun, (0.5 + 1j,), (1j,))):
        with pytest.raises(Unsupported, match="for real numbers only"):
            derivative()


def test_counts_in_a_list() -> None:
    mu = np.array([0.3, 0.7, 1.4])
    found = grad(lambda mu: np.sum(stats.poisson.logpmf([1, 0, 3], mu)))(mu)
    np.testing.assert_allclose(found, np.array([1, 0, 3]) / mu - 1)


@pytest.mark.parametrize("family", [stats.gamma, stats.chi2, stats.weibull_min, stats.exponweib])
@pytest.mark.parametrize("name", ["cdf", "sf", "logsf"])
def test_where_the_density_is_infinite(family: Any, name: str) -> None:
    """Nothing is below the end, whatever the shapes and the scale are."""
    shapes = [0.7] * family.numargs
    with np.errstate(all="ignore"):
        slope = grad(lambda p: np.sum(getattr(family, name)(np.zeros(2), *p[:-1], 0, p[-1])))
        np.testing.assert_array_equal(slope(np.array([*shapes, 1.3])), 0)


def test_quantiles_of_a_circle() -> None:
    check(stats.vonmises.ppf, np.array([0.2, 0.7]), 2.0, 0.1, argnums=[0, 2])


ENDS: dict[str, Any] = {
    "gamma": lambda x, a: np.where(x > 0, stats.gamma.logpdf(x, a), 0.0),
    "beta": lambda x, a: np.where(x > 0, stats.beta.pdf(x, a, 0.6, -0.0, 2.5), 0.0),
    "quantile": lambda x, a: np.where(x > 0, stats.weibull_min.ppf(x / 3, a), 0.0),
    "zeta": lambda x, a: a * np.where(x > 0, special.zeta(2.0, x), 0.0),
    "hyp2f1": lambda x, a: a * np.where(x > 0, special.hyp2f1(1.0, 2.0, 3.0, 1 - x / 3), 0.0),
}


@pytest.mark.parametrize("name", ENDS)
def test_what_is_not_taken_at_an_end(name: str) -> None:
    """Nothing passes where it is not, and elsewhere what passes without the others."""
    function, weights = ENDS[name], np.array([1.0, 2.0, 3.0, 4.0])
    x, taken = np.array([0.0, 0.5, 0.0, 2.0]), [1, 3]

    def loss(x: Any, weights: Any, a: Any) -> Any:
        return np.sum(weights * function(x, a))

    with np.errstate(all="ignore"):
        d_x, d_a = grad(loss, argnums=(0, 2))(x, weights, 0.7)
        part_x, part_a = grad(loss, argnums=(0, 2))(x[taken], weights[taken], 0.7)
    np.testing.assert_array_equal(d_x[[0, 2]], 0)
    np.testing.assert_allclose(d_x[taken], part_x, rtol=1e-12)
    assert d_a == pytest.approx(part_a, rel=1e-12)
