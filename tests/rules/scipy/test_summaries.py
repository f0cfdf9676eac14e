"""The summaries of `adjoint.rules.scipy.summaries`, and families of one more shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.rules.whole import check_program

RNG = np.random.default_rng(29)
X, Y = np.abs(RNG.normal(size=5)) + 0.3, RNG.normal(size=5)
M = np.abs(RNG.normal(size=(3, 4))) + 0.2


def regression(x: Any, y: Any) -> Any:
    slope, intercept, r, test, spread = stats.linregress(x, y)
    return slope + intercept * r + test * spread


CASES: list[Any] = [
    *(
        (lambda a, f=f, axis=axis: f(a, axis=axis), M)
        for f in (
            stats.zscore, stats.gmean, stats.hmean, stats.skew, stats.kurtosis, stats.variation,
            stats.sem, stats.entropy,
        )
        for axis in (0, 1, None)
    ),
    (lambda a: stats.zscore(a, ddof=1), np.asarray(X, np.float32)),
    (lambda a, w: stats.gmean(a, weights=w), X, 2 * X),
    (lambda a, w: stats.hmean(a, weights=w, keepdims=True), X, 2 * X),
    (lambda a: stats.pmean(a, 3, axis=1), M),
    (lambda a: stats.moment(a, 3, axis=1), M),
    (lambda a: stats.skew(a, bias=False), X),
    (lambda a: stats.kurtosis(a, bias=False, fisher=False), X),
    (lambda a, b: stats.entropy(a, b, base=2), X, X * X + 0.1),
    (lambda a: stats.trim_mean(a, 0.3, axis=1), M),
    (lambda a: stats.iqr(a, axis=1), M),
    (lambda a, b: stats.pearsonr(a, b).statistic, X, Y),
    (lambda a, b: stats.pearsonr(a, b).pvalue, X, Y),
    (lambda a, b: stats.linregress(a, b).slope, X, Y),
    (regression, X, Y),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
@pytest.mark.sampled(2)
def test_summaries(case: Any) -> None:
    fun, *args = case
    check_program(fun, *args)


FAMILIES: list[Any] = [
    (stats.gumbel_r,), (stats.gumbel_l,), (stats.hypsecant,), (stats.halfnorm,),
    (stats.halfcauchy,), (stats.halflogistic,), (stats.rayleigh,), (stats.maxwell,),
    (stats.weibull_min, 1.7), (stats.pareto, 2.3), (stats.powerlaw, 1.6), (stats.invgamma, 2.2),
    (stats.chi, 3.1), (stats.genpareto, 0.3), (stats.genextreme, -0.3), (stats.genextreme, 0.2),
    (stats.skewnorm, 1.4),
]  # fmt: skip
#: Where the density of each is not zero.
PLACES = {"pareto": X + 1.3, "powerlaw": X / 4 + 0.1}


@pytest.mark.parametrize("name", ["logpdf", "pdf", "cdf", "logsf", "ppf", "isf"])
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family[0].name)
@pytest.mark.sampled(2)
def test_families(family: Any, name: str) -> None:
    distribution, *shapes = family
    function = getattr(distribution, name)
    at = X / 5 if name in ("ppf", "isf") else PLACES.get(distribution.name, X)
    second = name in ("logpdf", "cdf")
    if shapes:
        check_program(lambda x, s, m, d: function(x, s, m, d), at, *shapes, 0.03, 1.2,
                      second_order=second)  # fmt: skip
    else:
        check_program(lambda x, m, d: function(x, m, d), at, 0.03, 1.2, second_order=second)


def test_angles() -> None:
    check_program(lambda x, k, m: stats.vonmises.logpdf(x, k, m), X, 1.3, 0.1)
    check_program(lambda x, m: stats.vonmises.cdf(x, 1.3, m), X, 0.1)


@pytest.mark.parametrize("name", ["pmf", "logpmf", "cdf", "sf"])
def test_counts(name: str) -> None:
    k = np.array([1, 2, 4])
    of_n, of_g, of_b = (getattr(d, name) for d in (stats.nbinom, stats.geom, stats.bernoulli))
    check_program(lambda p: of_n(k, 4, p), 0.3)
    check_program(lambda p: of_g(k, p), 0.3)
    check_program(lambda p: of_b(k - k, p), 0.3)
