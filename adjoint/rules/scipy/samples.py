"""More functions of samples of ``scipy.stats``: distances of two, and means on a circle.

C. Villani, "Topics in Optimal Transportation" (2003), section 2.2; K. V. Mardia, P. E. Jupp,
"Directional Statistics" (2000), section 2.2.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special, stats

from adjoint.rules.directives import refuse
from adjoint.rules.registry import instead

__all__: list[str] = []

# Distances of two distributions ---------------------------------------------------------------


def _shares(values: Any, weights: Any, places: Any) -> Any:
    """Which share of some values, or of their weight, is not above each of some places."""
    values = np.asarray(values)
    if weights is None:
        return np.searchsorted(np.sort(values), places, "right") / np.size(values)
    order = np.argsort(values)
    total = np.concatenate([np.zeros(1), np.cumsum(np.asarray(weights)[order])])
    return total[np.searchsorted(values[order], places, "right")] / total[-1]


def _apart(u_values: Any, v_values: Any, u_weights: Any, v_weights: Any) -> tuple[Any, Any]:
    """How far both distribution functions are apart between the values, and how far these are."""
    places = np.sort(np.concatenate([np.asarray(u_values), np.asarray(v_values)]))
    below = places[:-1]
    gap = _shares(u_values, u_weights, below) - _shares(v_values, v_weights, below)
    return gap, np.diff(places)


def wasserstein_distance(
    u_values: Any, v_values: Any, u_weights: Any = None, v_weights: Any = None
) -> Any:
    """As ``scipy.stats.wasserstein_distance``."""
    gap, steps = _apart(u_values, v_values, u_weights, v_weights)
    return np.vdot(np.abs(gap), steps)


def energy_distance(
    u_values: Any, v_values: Any, u_weights: Any = None, v_weights: Any = None
) -> Any:
    """As ``scipy.stats.energy_distance``."""
    gap, steps = _apart(u_values, v_values, u_weights, v_weights)
    return math.sqrt(2) * np.sqrt(np.vdot(np.square(gap), steps))


# On a circle ----------------------------------------------------------------------------------


def _require_plain(nan_policy: Any, others: Any) -> None:
    if nan_policy != "propagate" or others:
        refuse("a summary that leaves nan out, or keeps axes", "leave them out before")


def _means(samples: Any, period: Any, axis: Any) -> tuple[Any, Any]:
    turned = np.asarray(samples) * (2.0 * math.pi / period)
    return np.mean(np.sin(turned), axis=axis), np.mean(np.cos(turned), axis=axis)


def circmean(
    samples: Any, high: Any = 2 * math.pi, low: Any = 0, axis: Any = None,
    nan_policy: Any = "propagate", **others: Any,
) -> Any:  # fmt: skip
    """As ``scipy.stats.circmean``."""
    _require_plain(nan_policy, others)
    period = high - low
    sine, cosine = _means(samples, period, axis)
    return (np.arctan2(sine, cosine) * (period / (2.0 * math.pi)) - low) % period + low


def circvar(
    samples: Any, high: Any = 2 * math.pi, low: Any = 0, axis: Any = None,
    nan_policy: Any = "propagate", **others: Any,
) -> Any:  # fmt: skip
    """As ``scipy.stats.circvar``."""
    _require_plain(nan_policy, others)
    sine, cosine = _means(samples, high - low, axis)
    return 1.0 - np.hypot(sine, cosine)


def circstd(
    samples: Any, high: Any = 2 * math.pi, low: Any = 0, axis: Any = None,
    nan_policy: Any = "propagate", *, normalize: Any = False, **others: Any,
) -> Any:  # fmt: skip
    """As ``scipy.stats.circstd``."""
    _require_plain(nan_policy, others)
    sine, cosine = _means(samples, high - low, axis)
    spread = np.sqrt(-2 * np.log(np.hypot(sine, cosine)))
    return spread if normalize else spread * ((high - low) / (2.0 * math.pi))


# Transformed ----------------------------------------------------------------------------------


def zmap(
    scores: Any, compare: Any, axis: Any = 0, ddof: Any = 0, nan_policy: Any = "propagate"
) -> Any:
    """As ``scipy.stats.zmap``."""
    _require_plain(nan_policy, ())
    compare = np.asarray(compare)
    center = np.mean(compare, axis=axis, keepdims=True)
    return (scores - center) / np.std(compare, axis=axis, ddof=ddof, keepdims=True)


def boxcox(x: Any, lmbda: Any = None, alpha: Any = None, optimizer: Any = None) -> Any:
    """As ``scipy.stats.boxcox`` with an exponent."""
    if lmbda is None:
        refuse("scipy.stats.boxcox with an exponent that it looks for", "pass lmbda=")
    return special.boxcox(x, lmbda)


for _function in (
    wasserstein_distance, energy_distance, circmean, circvar, circstd, zmap, boxcox,
):  # fmt: skip
    instead(getattr(stats, _function.__name__), _function)
