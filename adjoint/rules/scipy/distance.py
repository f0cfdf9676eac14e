"""Distances of ``scipy.spatial``, read as the arithmetic that they are.

A distance of two vectors that are equal has the derivative 0, as their norm has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import spatial
from scipy.spatial import distance

from adjoint.rules.directives import refuse, same_length
from adjoint.rules.registry import instead, zero_derivative

__all__: list[str] = []

Function = Callable[..., Any]

# Of vectors, the last axis --------------------------------------------------------------------


def _weighted(d: Any, w: Any) -> Any:
    return d if w is None else w * d


def _euclidean(u: Any, v: Any, w: Any = None) -> Any:
    if w is None:
        return np.linalg.norm(u - v, axis=-1)
    return np.linalg.norm(np.sqrt(w) * (u - v), axis=-1)


def _sqeuclidean(u: Any, v: Any, w: Any = None) -> Any:
    return np.sum(_weighted((u - v) ** 2, w), axis=-1)


def _cityblock(u: Any, v: Any, w: Any = None) -> Any:
    return np.sum(_weighted(np.abs(u - v), w), axis=-1)


def _chebyshev(u: Any, v: Any, w: Any = None) -> Any:
    if w is not None:
        refuse("the distance 'chebyshev' with weights", "write np.max of what counts")
    return np.max(np.abs(u - v), axis=-1)


def _minkowski(u: Any, v: Any, p: Any = 2, w: Any = None) -> Any:
    if w is None:
        return np.linalg.norm(u - v, ord=p, axis=-1)
    return np.linalg.norm(w ** (1 / p) * (u - v), ord=p, axis=-1)


def _cosine(u: Any, v: Any, w: Any = None) -> Any:
    both = np.sum(_weighted(u * v, w), axis=-1)
    of_u, of_v = np.sum(_weighted(u * u, w), axis=-1), np.sum(_weighted(v * v, w), axis=-1)
    return 1 - both / np.sqrt(of_u * of_v)


def _correlation(u: Any, v: Any, w: Any = None) -> Any:
    if w is not None:
        refuse("the distance 'correlation' with weights", "write it with np.average")
    u = u - np.mean(u, axis=-1, keepdims=True)
    return _cosine(u, v - np.mean(v, axis=-1, keepdims=True))


def _braycurtis(u: Any, v: Any, w: Any = None) -> Any:
    apart = np.sum(_weighted(np.abs(u - v), w), axis=-1)
    return apart / np.sum(_weighted(np.abs(u + v), w), axis=-1)


def _canberra(u: Any, v: Any, w: Any = None) -> Any:
    size = np.abs(u) + np.abs(v)
    return np.sum(_weighted(np.abs(u - v) / np.where(size == 0, 1, size), w), axis=-1)


def _seuclidean(u: Any, v: Any, V: Any) -> Any:  # noqa: N803 (SciPy's own name)
    return np.linalg.norm((u - v) / np.sqrt(V), axis=-1)


def _mahalanobis(u: Any, v: Any, VI: Any) -> Any:  # noqa: N803 (SciPy's own name)
    apart = u - v
    squared = np.sum(apart @ VI * apart, axis=-1)
    return np.where(squared == 0, 0, np.sqrt(np.where(squared == 0, 1, squared)))


def _jensenshannon(u: Any, v: Any, base: Any = None) -> Any:
    p, q = u / np.sum(u, axis=-1, keepdims=True), v / np.sum(v, axis=-1, keepdims=True)
    middle = (p + q) / 2
    both = np.sum(_relative(p, middle) + _relative(q, middle), axis=-1)
    return np.sqrt((both if base is None else both / np.log(base)) / 2)


def _relative(p: Any, q: Any) -> Any:
    return np.where(p > 0, p * np.log(np.where(p > 0, p, 1) / np.where(q > 0, q, 1)), 0)


_OF_VECTORS: dict[str, Function] = {
    "euclidean": _euclidean, "sqeuclidean": _sqeuclidean, "cityblock": _cityblock,
    "chebyshev": _chebyshev, "minkowski": _minkowski, "cosine": _cosine,
    "correlation": _correlation, "braycurtis": _braycurtis, "canberra": _canberra,
    "seuclidean": _seuclidean, "mahalanobis": _mahalanobis, "jensenshannon": _jensenshannon,
}  # fmt: skip


def _of_two(measure: Function) -> Function:
    """The distance of two vectors that may be lists."""

    def read(u: Any, v: Any, *args: Any, **keywords: Any) -> Any:
        return measure(np.asarray(u), np.asarray(v), *args, **keywords)

    return read


for _name, _of_vectors in _OF_VECTORS.items():
    instead(getattr(distance, _name), _of_two(_of_vectors))
zero_derivative(
    distance.hamming, distance.jaccard, distance.is_valid_dm, distance.is_valid_y,
    distance.num_obs_dm, distance.num_obs_y,
)  # fmt: skip

# Of rows of matrices --------------------------------------------------------------------------


def _chosen(metric: Any) -> Any:
    if not isinstance(metric, str):
        return metric
    if metric not in _OF_VECTORS:
        refuse(f"the distance {metric!r} of rows", "write it as arithmetic on x[:, None] and y")
    return _OF_VECTORS[metric]


def _require_parameters(metric: Any, keywords: Any) -> None:
    """SciPy takes these from all of the rows where they are not given."""
    if metric == "seuclidean" and "V" not in keywords:
        refuse("the distance 'seuclidean' without V=", "give the variances: V=np.var(x, 0, ddof=1)")
    if metric == "mahalanobis" and "VI" not in keywords:
        refuse("the distance 'mahalanobis' without VI=", "give the inverse of the covariance")


def cdist(XA: Any, XB: Any, metric: Any = "euclidean", **keywords: Any) -> Any:  # noqa: N803
    """As ``scipy.spatial.distance.cdist``."""
    _require_parameters(metric, keywords)
    of_a, of_b = np.asarray(XA), np.asarray(XB)
    return _chosen(metric)(of_a[:, None], of_b, **keywords)


def pdist(X: Any, metric: Any = "euclidean", **keywords: Any) -> Any:  # noqa: N803
    """As ``scipy.spatial.distance.pdist``: each pair of rows once."""
    _require_parameters(metric, keywords)
    rows = np.asarray(X)
    first, second = np.triu_indices(len(rows), 1)
    return _chosen(metric)(rows[first], rows[second], **keywords)


def squareform(X: Any, force: Any = "no", checks: Any = True) -> Any:  # noqa: N803
    """As ``scipy.spatial.distance.squareform``."""
    X = np.asarray(X)  # noqa: N806
    if np.ndim(X) == 2:
        return X[np.triu_indices(len(X), 1)]
    if same_length(len(X), 0):
        return np.zeros((1, 1))
    count = int(np.ceil(np.sqrt(len(X) * 2)))
    square = np.zeros((count, count), X.dtype)
    square[np.triu_indices(count, 1)] = X
    return square + square.T


def distance_matrix(x: Any, y: Any, p: Any = 2, threshold: Any = 1000000) -> Any:
    """As ``scipy.spatial.distance_matrix``."""
    x, y = np.asarray(x), np.asarray(y)
    return np.linalg.norm(x[:, None] - y, ord=p, axis=-1)


def minkowski_distance_p(x: Any, y: Any, p: Any = 2.0) -> Any:
    """As ``scipy.spatial.minkowski_distance_p``."""
    apart = np.abs(np.asarray(y) - np.asarray(x))
    if p == np.inf:
        return np.max(apart, axis=-1)
    return np.sum(apart if p == 1 else apart**p, axis=-1)


def minkowski_distance(x: Any, y: Any, p: Any = 2.0) -> Any:
    """As ``scipy.spatial.minkowski_distance``."""
    return np.linalg.norm(np.asarray(y) - np.asarray(x), ord=p, axis=-1)


instead(distance.cdist, cdist)
instead(distance.pdist, pdist)
instead(distance.squareform, squareform)
instead(spatial.distance_matrix, distance_matrix)
instead(spatial.minkowski_distance, minkowski_distance)
instead(spatial.minkowski_distance_p, minkowski_distance_p)
