"""The module ``statistics``, read as the sums that its functions are.

They add up exactly, as ``math.fsum`` does; the last digit of a quotient or a root may differ.
"""

from __future__ import annotations

import math
import statistics
from typing import Any, NamedTuple

import numpy as np

from adjoint.rules.directives import refuse
from adjoint.rules.registry import instead

__all__: list[str] = []


class Line(NamedTuple):
    """What ``statistics.linear_regression`` returns."""

    slope: Any
    intercept: Any


def _sequence(data: Any) -> Any:
    return data if isinstance(data, list | tuple | np.ndarray) else list(data)


def mean(data: Any) -> Any:
    """As ``statistics.mean``."""
    data = _sequence(data)
    return math.fsum(data) / len(data)


def fmean(data: Any, weights: Any = None) -> Any:
    """As ``statistics.fmean``."""
    data = _sequence(data)
    if weights is None:
        return math.fsum(data) / len(data)
    weights = _sequence(weights)
    return math.fsum([x * w for x, w in zip(data, weights, strict=True)]) / math.fsum(weights)


def geometric_mean(data: Any) -> Any:
    """As ``statistics.geometric_mean``."""
    return math.exp(mean([math.log(x) for x in data]))


def harmonic_mean(data: Any, weights: Any = None) -> Any:
    """As ``statistics.harmonic_mean``, of numbers above 0."""
    data = _sequence(data)
    if weights is None:
        return len(data) / math.fsum([1 / x for x in data])
    weights = _sequence(weights)
    return math.fsum(weights) / math.fsum([w / x for x, w in zip(data, weights, strict=True)])


def median(data: Any) -> Any:
    """As ``statistics.median``."""
    return np.median(np.array(_sequence(data)))


def _squares(data: Any, center: Any) -> Any:
    center = mean(data) if center is None else center
    return math.fsum([(x - center) ** 2 for x in data])


def variance(data: Any, xbar: Any = None) -> Any:
    """As ``statistics.variance``."""
    data = _sequence(data)
    return _squares(data, xbar) / (len(data) - 1)


def pvariance(data: Any, mu: Any = None) -> Any:
    """As ``statistics.pvariance``."""
    data = _sequence(data)
    return _squares(data, mu) / len(data)


def stdev(data: Any, xbar: Any = None) -> Any:
    """As ``statistics.stdev``."""
    return math.sqrt(variance(data, xbar))


def pstdev(data: Any, mu: Any = None) -> Any:
    """As ``statistics.pstdev``."""
    return math.sqrt(pvariance(data, mu))


def _products(x: Any, y: Any) -> Any:
    of_x, of_y = mean(x), mean(y)
    return math.fsum([(a - of_x) * (b - of_y) for a, b in zip(x, y, strict=True)])


def covariance(x: Any, y: Any) -> Any:
    """As ``statistics.covariance``."""
    return _products(x, y) / (len(x) - 1)


def correlation(x: Any, y: Any, *, method: Any = "linear") -> Any:
    """As ``statistics.correlation``."""
    if method != "linear":
        refuse("the correlation of ranks", "it is constant between jumps: say stop_gradient(…)")
    return _products(x, y) / math.sqrt(_squares(x, None) * _squares(y, None))


def linear_regression(x: Any, y: Any, *, proportional: Any = False) -> Any:
    """As ``statistics.linear_regression``."""
    if proportional:
        product = math.fsum([a * b for a, b in zip(x, y, strict=True)])
        return Line(product / math.fsum([a * a for a in x]), 0.0)
    slope = _products(x, y) / _squares(x, None)
    return Line(slope, mean(y) - slope * mean(x))


for _equivalent in (
    mean, fmean, geometric_mean, harmonic_mean, median, variance, pvariance, stdev, pstdev,
    covariance, correlation, linear_regression,
):  # fmt: skip
    instead(getattr(statistics, _equivalent.__name__), _equivalent)
