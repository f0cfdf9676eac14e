"""Summaries of samples of ``scipy.stats``, read as the arithmetic that they are."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from adjoint.rules.directives import refuse, same_length
from adjoint.rules.registry import instead

__all__: list[str] = []


class Correlation(NamedTuple):
    """What ``scipy.stats.pearsonr`` returns."""

    statistic: Any
    pvalue: Any


class Line(NamedTuple):
    """What ``scipy.stats.linregress`` returns."""

    slope: Any
    intercept: Any
    rvalue: Any
    pvalue: Any
    stderr: Any


def _ready(a: Any, axis: Any, nan_policy: Any) -> tuple[Any, Any]:
    """The array and the axis, with all laid flat where that is None."""
    if nan_policy != "propagate":
        refuse("a summary that leaves nan out", "leave them out before, or use np.nanmean")
    a = np.asarray(a)
    return (np.ravel(a), 0) if axis is None else (a, axis)


def _weighted_mean(a: Any, axis: Any, weights: Any, keepdims: Any) -> Any:
    if weights is None:
        return np.mean(a, axis=axis, keepdims=keepdims)
    return np.average(a, axis=axis, weights=weights, keepdims=keepdims)


def zscore(a: Any, axis: Any = 0, ddof: Any = 0, nan_policy: Any = "propagate") -> Any:
    """As ``scipy.stats.zscore``."""
    shape = np.shape(a)
    a, along = _ready(a, axis, nan_policy)
    center = np.mean(a, axis=along, keepdims=True)
    made = (a - center) / np.std(a, axis=along, ddof=ddof, keepdims=True)
    return np.reshape(made, shape) if axis is None else made


def gmean(
    a: Any, axis: Any = 0, dtype: Any = None, weights: Any = None, *,
    nan_policy: Any = "propagate", keepdims: Any = False,
) -> Any:  # fmt: skip
    """As ``scipy.stats.gmean``."""
    a, axis = _ready(a, axis, nan_policy)
    return np.exp(_weighted_mean(np.log(a), axis, weights, keepdims))


def hmean(
    a: Any, axis: Any = 0, dtype: Any = None, *, weights: Any = None,
    nan_policy: Any = "propagate", keepdims: Any = False,
) -> Any:  # fmt: skip
    """As ``scipy.stats.hmean``."""
    a, axis = _ready(a, axis, nan_policy)
    return 1 / _weighted_mean(1 / a, axis, weights, keepdims)


def pmean(
    a: Any, p: Any, *, axis: Any = 0, dtype: Any = None, weights: Any = None,
    nan_policy: Any = "propagate", keepdims: Any = False,
) -> Any:  # fmt: skip
    """As ``scipy.stats.pmean``, of a power that is not 0."""
    a, axis = _ready(a, axis, nan_policy)
    return _weighted_mean(a**p, axis, weights, keepdims) ** (1 / p)


def moment(
    a: Any, order: Any = 1, axis: Any = 0, nan_policy: Any = "propagate", *, center: Any = None,
    keepdims: Any = False,
) -> Any:  # fmt: skip
    """As ``scipy.stats.moment``."""
    a, axis = _ready(a, axis, nan_policy)
    middle = np.mean(a, axis=axis, keepdims=True) if center is None else center
    return np.mean((a - middle) ** order, axis=axis, keepdims=keepdims)


def skew(
    a: Any, axis: Any = 0, bias: Any = True, nan_policy: Any = "propagate", *, keepdims: Any = False
) -> Any:
    """As ``scipy.stats.skew``."""
    a, axis = _ready(a, axis, nan_policy)
    apart = a - np.mean(a, axis=axis, keepdims=True)
    spread = np.mean(apart**2, axis=axis, keepdims=keepdims)
    value = np.mean(apart**3, axis=axis, keepdims=keepdims) / spread**1.5
    n = np.shape(a)[axis]
    return value if bias else value * np.sqrt(n * (n - 1)) / (n - 2)


def kurtosis(
    a: Any, axis: Any = 0, fisher: Any = True, bias: Any = True, nan_policy: Any = "propagate", *,
    keepdims: Any = False,
) -> Any:  # fmt: skip
    """As ``scipy.stats.kurtosis``."""
    a, axis = _ready(a, axis, nan_policy)
    apart = a - np.mean(a, axis=axis, keepdims=True)
    spread = np.mean(apart**2, axis=axis, keepdims=keepdims)
    value = np.mean(apart**4, axis=axis, keepdims=keepdims) / spread**2
    n = np.shape(a)[axis]
    if not bias:
        value = ((n**2 - 1) * value - 3 * (n - 1) ** 2) / ((n - 2) * (n - 3)) + 3
    return value - 3 if fisher else value


def variation(
    a: Any, axis: Any = 0, nan_policy: Any = "propagate", ddof: Any = 0, *, keepdims: Any = False
) -> Any:
    """As ``scipy.stats.variation``."""
    a, axis = _ready(a, axis, nan_policy)
    spread = np.std(a, axis=axis, ddof=ddof, keepdims=keepdims)
    return spread / np.mean(a, axis=axis, keepdims=keepdims)


def sem(
    a: Any, axis: Any = 0, ddof: Any = 1, nan_policy: Any = "propagate", *, keepdims: Any = False
) -> Any:
    """As ``scipy.stats.sem``."""
    a, axis = _ready(a, axis, nan_policy)
    return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims) / np.sqrt(np.shape(a)[axis])


def entropy(
    pk: Any, qk: Any = None, base: Any = None, axis: Any = 0, *, nan_policy: Any = "propagate",
    keepdims: Any = False,
) -> Any:  # fmt: skip
    """As ``scipy.stats.entropy``."""
    p, axis = _ready(pk, axis, nan_policy)
    p = p / np.sum(p, axis=axis, keepdims=True)
    some = np.where(p > 0, p, 1)
    if qk is None:
        terms = -p * np.log(some)
    else:
        q = np.asarray(qk) / np.sum(qk, axis=axis, keepdims=True)
        terms = np.where(p > 0, p * np.log(some / np.where(p > 0, q, 1)), 0)
    value = np.sum(terms, axis=axis, keepdims=keepdims)
    return value if base is None else value / np.log(base)


def trim_mean(
    a: Any, proportiontocut: Any, axis: Any = 0, *, nan_policy: Any = "propagate",
    keepdims: Any = False,
) -> Any:  # fmt: skip
    """As ``scipy.stats.trim_mean``."""
    a, axis = _ready(a, axis, nan_policy)
    n = np.shape(a)[axis]
    cut = int(proportiontocut * n)
    kept = np.moveaxis(np.sort(a, axis=axis), axis, 0)[cut : n - cut]
    value = np.mean(kept, axis=0)
    return np.expand_dims(value, axis) if keepdims else value


def iqr(x: Any, axis: Any = None, rng: Any = (25, 75), scale: Any = 1.0) -> Any:
    """As ``scipy.stats.iqr``, without its other options."""
    high, low = np.percentile(x, rng[1], axis=axis), np.percentile(x, rng[0], axis=axis)
    return (high - low) / scale


def pearsonr(x: Any, y: Any) -> Any:
    """As ``scipy.stats.pearsonr``."""
    x, y = np.asarray(x), np.asarray(y)
    if same_length(len(x), 2):
        refuse("the correlation of two points", "it is 1 or -1, and its derivative is zero")
    x, y = x - np.mean(x), y - np.mean(y)
    r = x @ y / (np.linalg.norm(x) * np.linalg.norm(y))
    half = len(x) / 2 - 1
    return Correlation(r, 2 * stats.beta.sf(np.abs(r), half, half, loc=-1, scale=2))


def linregress(x: Any, y: Any) -> Any:
    """As ``scipy.stats.linregress``."""
    x, y = np.asarray(x), np.asarray(y)
    if same_length(len(x), 2):
        refuse("the regression of two points", "write the line through them")
    of_x, of_y = x - np.mean(x), y - np.mean(y)
    slope = of_x @ of_y / (of_x @ of_x)
    r = of_x @ of_y / (np.linalg.norm(of_x) * np.linalg.norm(of_y))
    freedom = len(x) - 2
    t = r * np.sqrt(freedom / (1 - r * r))
    spread = np.sqrt((1 - r * r) * (of_y @ of_y) / (of_x @ of_x) / freedom)
    test = 2 * stats.t.sf(np.abs(t), freedom)
    return Line(slope, np.mean(y) - slope * np.mean(x), r, test, spread)


for _function in (
    zscore, gmean, hmean, pmean, moment, skew, kurtosis, variation, sem, entropy, trim_mean, iqr,
    pearsonr, linregress,
):  # fmt: skip
    instead(getattr(stats, _function.__name__), _function)
