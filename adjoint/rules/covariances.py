"""Rules of the covariance and the correlation of variables."""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.elementwise import is_complex
from adjoint.rules.nested import as_array, unpack
from adjoint.rules.products import conjugate
from adjoint.rules.registry import vjp
from adjoint.rules.scatter import shaped_like

__all__: list[str] = []


def _table(m: Any, rowvar: Any) -> Any:
    """`m` with a row for each variable."""
    if np.ndim(m) < 2:
        return np.reshape(m, (1, -1))
    return m if rowvar else np.transpose(m)


def _rows(m: Any, y: Any, rowvar: Any) -> Any:
    if y is None:
        return m if np.ndim(m) == 1 else _table(m, rowvar)
    return np.concatenate([_table(m, rowvar), _table(y, rowvar)])


def _split(d_rows: Any, m: Any, y: Any, rowvar: Any) -> list[Any]:
    """The parts of `d_rows` that belong to `m` and to `y`, in their shapes."""
    if y is None:
        return [d_rows if rowvar or np.ndim(m) < 2 else np.transpose(d_rows), None]
    count = np.shape(_table(m, rowvar))[0]
    parts = d_rows[:count], d_rows[count:]
    return [
        np.reshape(part, -1) if np.ndim(x) < 2 else part if rowvar else np.transpose(part)
        for part, x in zip(parts, (m, y), strict=True)
    ]


def _centred(rows: Any, weights: Any) -> Any:
    if np.ndim(rows) == 1:
        return rows - (np.mean(rows) if weights is None else np.average(rows, weights=weights))
    if weights is None:
        return rows - np.mean(rows, axis=1, keepdims=True)
    return rows - np.average(rows, axis=1, weights=weights, keepdims=True)


def _scale(rows: Any, bias: Any, ddof: Any, fweights: Any, aweights: Any) -> tuple[Any, Any]:
    """What the products are divided by, and the weights of the observations."""
    ddof = (0 if bias else 1) if ddof is None else ddof
    if fweights is None and aweights is None:
        return np.shape(rows)[-1] - ddof, None
    fweights, aweights = (as_array(w, rows) for w in (fweights, aweights))
    weights = fweights if aweights is None else aweights
    if fweights is not None and aweights is not None:
        weights = fweights * aweights
    total = np.sum(weights)
    if aweights is None:
        return total - ddof, weights
    return total - ddof * np.sum(weights * aweights) / total, weights


def _cov(
    g: Any,
    m: Any,
    y: Any,
    rowvar: Any,
    bias: Any,
    ddof: Any,
    fweights: Any,
    aweights: Any,
) -> list[Any]:
    rows = _rows(m, y, rowvar)
    freedom, weights = _scale(rows, bias, ddof, fweights, aweights)
    away = _centred(rows, weights)
    if weights is not None:
        away = away * weights
    both, away = _both_ways(g) / freedom, conjugate(away)
    # The deviations add up to 0, so that the mean takes nothing of this away.
    return _split(both * away if np.ndim(g) == 0 else both @ away, m, y, rowvar)


def _both_ways(g: Any) -> Any:
    """The cotangent of a product with itself, transposed (and conjugated), by the first factor."""
    if np.ndim(g) == 0:
        return 2 * np.real(g) if is_complex(g) else 2 * g
    return g + conjugate(np.transpose(g))


def _part(k: int) -> Any:
    def cotangent(
        g: Any,
        ans: Any,
        m: Any,
        y: Any = None,
        rowvar: Any = True,
        bias: Any = False,
        ddof: Any = None,
        fweights: Any = None,
        aweights: Any = None,
        *,
        dtype: Any = None,
    ) -> Any:
        return _cov(g, m, y, rowvar, bias, ddof, fweights, aweights)[k]

    return cotangent


def _cov_aweights(
    g: Any,
    ans: Any,
    m: Any,
    y: Any = None,
    rowvar: Any = True,
    bias: Any = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """By the weights of the observations: each scales a product, and what all are divided by."""
    rows = _rows(m, y, rowvar)
    freedom, weights = _scale(rows, bias, ddof, fweights, aweights)
    away = _centred(rows, weights)
    if np.ndim(g) == 0:
        products = g * (np.abs(away) ** 2 if is_complex(away) else away**2)
        total = g * ans
    else:
        products = np.sum(away * shaped_like(g @ conjugate(away), away), axis=0)
        total = np.sum(g * ans)
    d_freedom = 1
    ddof = (0 if bias else 1) if ddof is None else ddof
    importance = as_array(aweights, rows)
    if not isinstance(ddof, int) or ddof != 0:
        size = np.sum(weights)
        lost = ddof * np.sum(weights * importance) / size
        d_freedom = 1 + (lost - 2 * ddof * importance) / size
    d_weights = (products - total * d_freedom) / freedom
    d_weights = np.real(d_weights) if is_complex(d_weights) else d_weights
    return unpack(d_weights if fweights is None else as_array(fweights, rows) * d_weights, aweights)


vjp(np.cov, m=_part(0), y=_part(1), aweights=_cov_aweights)


def _corrcoef(g: Any, x: Any, y: Any, rowvar: Any) -> list[Any]:
    rows = _rows(x, y, rowvar)
    if np.ndim(g) == 0:
        return [np.zeros_like(x), None]  # of one variable with itself
    away = _centred(rows, None)
    squares = np.abs(away) ** 2 if is_complex(away) else away**2
    length = np.sqrt(np.sum(squares, axis=1, keepdims=True))
    unit = away / length
    d_unit = _both_ways(g) @ conjugate(unit)
    along = np.sum(d_unit * unit, axis=1, keepdims=True)
    along = np.real(along) if is_complex(along) else along
    d_rows = (d_unit - conjugate(unit) * along) / length
    return _split(d_rows, x, y, rowvar)


def _correlated(k: int) -> Any:
    def cotangent(
        g: Any, ans: Any, x: Any, y: Any = None, rowvar: Any = True, *, dtype: Any = None
    ) -> Any:
        return _corrcoef(g, x, y, rowvar)[k]

    return cotangent


vjp(np.corrcoef, x=_correlated(0), y=_correlated(1))
