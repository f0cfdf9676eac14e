"""The rules of `adjoint.rules.scipy.families` and `positive_families`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from scipy import stats

from adjoint import grad
from adjoint.rules import lookup
from tests.rules.harness import check

lookup(stats.norm.pdf)
FAMILIES: dict[str, tuple[float, ...]] = {
    "exponnorm": (1.5,), "johnsonsu": (0.4, 1.3), "dweibull": (1.7,), "dgamma": (1.6,),
    "gennorm": (1.4,), "loggamma": (1.3,), "moyal": (), "genlogistic": (0.8,),
    "powernorm": (2.3,), "laplace_asymmetric": (1.6,), "skewcauchy": (0.3,),
    "norminvgauss": (1.4, 0.5), "invgauss": (0.7,), "wald": (), "levy": (), "f": (3.3, 4.7),
    "gompertz": (0.8,), "fisk": (2.2,), "burr": (1.8, 0.9), "burr12": (1.8, 0.9),
    "gengamma": (1.4, 1.7), "nakagami": (1.2,), "betaprime": (1.4, 2.2), "lomax": (1.8,),
    "foldnorm": (0.7,), "rice": (0.9,), "exponweib": (1.4, 1.7), "halfgennorm": (1.6,),
    "alpha": (0.9,), "loglaplace": (1.8,), "exponpow": (1.6,), "invweibull": (1.9,),
    "fatiguelife": (0.8,), "mielke": (1.8, 2.6), "truncnorm": (-0.7, 1.3), "truncexpon": (1.9,),
    "johnsonsb": (0.4, 1.3), "weibull_max": (1.7,), "levy_l": (), "semicircular": (),
    "cosine": (), "arcsine": (), "anglit": (), "bradford": (1.4,), "triang": (0.4,),
    "chi": (1.7,), "invgamma": (2.2,), "weibull_min": (1.7,), "genpareto": (0.3,),
}  # fmt: skip
LOC, SCALE, Q = 0.15, 1.3, np.array([0.1, 0.45, 0.6, 0.9])
BEYOND, STEP = np.array([-7.3, 11.0]), 1e-6


def rules_of(name: str, shapes: tuple[float, ...], function: Any, first: Any) -> None:
    """Each cotangent of one function, on arrays, against differences."""
    distribution = getattr(stats, name)
    rule = lookup(getattr(distribution, function))
    assert rule is not None
    given = [first, *shapes, LOC, SCALE]
    names = [next(iter(rule.vjps)), *(distribution.shapes or "").split(", "), "loc", "scale"]
    ans = rule.function(*given)
    for place, parameter in enumerate(filter(None, names)):
        if parameter not in rule.vjps or not np.all(np.isfinite(given[place])):
            continue
        ends = [
            rule.function(*given[:place], given[place] + step, *given[place + 1 :])
            for step in (STEP, -STEP)
        ]
        expected = (ends[0] - ends[1]) / (2 * STEP)
        found = rule.vjps[parameter](np.ones_like(ans), ans, *given) + 0 * Q[0]
        known = np.isfinite(expected) & np.isfinite(ans)
        np.testing.assert_allclose(
            found[known], expected[known], rtol=2e-5, atol=1e-6, err_msg=f"{function} {parameter}"
        )


@pytest.mark.parametrize("name", FAMILIES)
def test_on_arrays(name: str) -> None:
    shapes, distribution = FAMILIES[name], getattr(stats, name)
    with warnings.catch_warnings(action="ignore"):
        inside = distribution.ppf(Q, *shapes, LOC, SCALE)
        for function in ("pdf", "logpdf", "cdf", "sf", "logcdf"):
            rules_of(name, shapes, function, np.concatenate([inside, BEYOND]))
        rules_of(name, shapes, "logsf", inside)
        for function in ("ppf", "isf"):
            rules_of(name, shapes, function, Q)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.sampled(8)
def test_compiled(name: str) -> None:
    shapes, distribution = FAMILIES[name], getattr(stats, name)
    x = distribution.ppf(Q, *shapes, LOC, SCALE)
    for function in (distribution.logpdf, distribution.cdf, distribution.ppf):
        first = Q if function == distribution.ppf else x
        rule = lookup(function)
        assert rule is not None
        named = (distribution.shapes or "").split(", ") if shapes else []
        known = [k + 1 for k, shape in enumerate(named) if shape in rule.vjps]
        check(function, first, *shapes, LOC, SCALE, argnums=[0, *known, len(named) + 1])


@pytest.mark.parametrize("bounds", [(-np.inf, 1.3), (0.5, np.inf), (8.0, 9.0), (-9.0, -8.0)])
def test_truncated_far_out(bounds: tuple[float, float]) -> None:
    with warnings.catch_warnings(action="ignore"):
        x = stats.truncnorm.ppf(Q, *bounds, LOC, SCALE)
        for function in ("logpdf", "cdf", "logsf"):
            rules_of("truncnorm", bounds, function, x)


FAR = [
    ("exponweib", "logsf", 25.0), ("powernorm", "logsf", 70.0), ("powernorm", "cdf", -70.0),
    ("gompertz", "cdf", -1e3), ("moyal", "pdf", -2e3), ("loggamma", "pdf", 2e3),
    ("gumbel_r", "pdf", -2e3), ("gumbel_l", "pdf", 2e3),
]  # fmt: skip


@pytest.mark.parametrize(("name", "function", "x"), FAR)
def test_far_out(name: str, function: str, x: float) -> None:
    with warnings.catch_warnings(action="ignore"):
        rules_of(name, FAMILIES.get(name, ()), function, np.array([x]))


@pytest.mark.parametrize("name", ["truncnorm", "truncexpon"])
def test_quantiles_at_bounds(name: str) -> None:
    for function in ("ppf", "isf"):
        rules_of(name, FAMILIES[name], function, np.array([0.0, 1.0]))


def test_where_a_support_begins() -> None:
    for family in (stats.halfgennorm.pdf, stats.halfgennorm.logpdf):
        expected = (family(0.0, 1.6 + STEP) - family(0.0, 1.6 - STEP)) / (2 * STEP)
        np.testing.assert_allclose(grad(lambda b, f=family: f(0.0, b))(1.6), expected, rtol=1e-6)


def test_left_out_outside_of_the_support() -> None:
    x = np.array([-1.0, 0.5, 2.0])
    for family in (stats.expon.logcdf, stats.lomax(2.0).logcdf, stats.gamma(2.0).logcdf):

        def total(x: Any, f: Any = family) -> Any:
            return np.sum(np.where(x > 0, f(x), 0))

        with warnings.catch_warnings(action="ignore"):
            found = grad(total)(x)
        assert found[0] == 0
        slope = (family(x[1:] + STEP) - family(x[1:] - STEP)) / (2 * STEP)
        np.testing.assert_allclose(found[1:], slope, rtol=1e-6)


def test_nothing_outside_of_the_support() -> None:
    for name in ("invgamma", "chi"):
        family = getattr(stats, name)
        assert grad(lambda a, f=family: f.cdf(-1.0, a))(2.2) == 0
