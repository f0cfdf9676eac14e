"""Rules for the distributions of counts of ``scipy.stats``, in their parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

from adjoint.rules.nested import as_array
from adjoint.rules.registry import elementwise, of_real, total
from adjoint.rules.scipy.dispatch import dispatched
from adjoint.rules.scipy.signatures import signed

__all__: list[str] = []

Function = Callable[..., Any]


def _counts(distribution: Any, names: tuple[str, ...], density: Function, below: Function) -> None:
    """Declare the rules of a family of counts, by its last shape.

    `density` is the derivative of the logarithm of the density, `below` that of the distribution
    function divided by the density at the largest count that is below.
    """
    pmf, logpmf = dispatched(distribution.pmf), dispatched(distribution.logpmf)

    def lower(k: Any, loc: Any) -> Any:
        return np.floor(k - loc) + loc

    def cumulated(sign: int) -> Function:
        return lambda g, ans, k, *p: (
            sign * g * pmf(lower(k, p[-1]), *p) * below(lower(k, p[-1]), *p)
        )

    def log_cumulated(sign: int) -> Function:
        return lambda g, ans, k, *p: (
            sign * g * np.exp(logpmf(lower(k, p[-1]), *p) - ans) * below(lower(k, p[-1]), *p)
        )

    def of_arrays(rule: Function) -> Function:
        return lambda g, ans, k, *p: rule(g, ans, as_array(k, g), *p)

    rules: dict[Any, Function] = {
        distribution.logpmf: lambda g, ans, *p: g * density(*p),
        distribution.pmf: lambda g, ans, *p: g * ans * density(*p),
        distribution.cdf: cumulated(1),
        distribution.sf: cumulated(-1),
        distribution.logcdf: log_cumulated(1),
        distribution.logsf: log_cumulated(-1),
    }
    for function, rule in rules.items():
        vjps: Any = {names[-1]: signed(of_arrays(rule), ("k", *names), counted=True)}
        elementwise(function, **vjps)
        total(function)
        of_real(function)


_counts(
    stats.poisson,
    ("mu",),
    lambda k, mu, loc: (k - loc) / mu - 1,
    lambda k, mu, loc: -1,
)
_counts(
    stats.binom,
    ("n", "p"),
    lambda k, n, p, loc: (k - loc) / p - (n - k + loc) / (1 - p),
    lambda k, n, p, loc: -(n - k + loc) / (1 - p),
)

_counts(
    stats.nbinom,
    ("n", "p"),
    lambda k, n, p, loc: n / p - (k - loc) / (1 - p),
    lambda k, n, p, loc: (n + k - loc) / p,
)
_counts(
    stats.geom,
    ("p",),
    lambda k, p, loc: 1 / p - (k - loc - 1) / (1 - p),
    lambda k, p, loc: (k - loc) / p,
)
_counts(
    stats.bernoulli,
    ("p",),
    lambda k, p, loc: (k - loc) / p - (1 - k + loc) / (1 - p),
    lambda k, p, loc: -(1 - k + loc) / (1 - p),
)
