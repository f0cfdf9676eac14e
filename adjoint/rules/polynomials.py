"""Rules of polynomials, which are arrays of coefficients, that of the highest power first."""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.decompositions import adjoint_matrix
from adjoint.rules.least_squares import require_all_values
from adjoint.rules.nested import as_array, is_nested, unpack
from adjoint.rules.products import conjugate, outer_sum
from adjoint.rules.registry import linear, vjp

__all__: list[str] = []


def _count(p: Any) -> Any:
    if is_nested(p):
        return len(p)
    return np.shape(p)[0] if np.ndim(p) else 1


def _falling(n: Any, like: Any) -> Any:
    """The numbers from n down to 1."""
    return np.arange(n, 0, -1, like=like)


# --- values -----------------------------------------------------------------------------------


def _polyval_p(g: Any, ans: Any, p: Any, x: Any) -> Any:
    if not is_nested(x) and np.ndim(x) == 0:
        like = {} if is_nested(p) else {"like": p}
        return unpack(g * x ** np.arange(_count(p) - 1, -1, -1, **like), p)
    x = x if is_nested(p) else as_array(x, p)
    powers = np.vander(x if np.ndim(x) == 1 else np.reshape(x, -1), _count(p))
    return unpack((np.reshape(g, -1) if np.ndim(x) != 1 else g) @ powers, p)


def _polyval_x(g: Any, ans: Any, p: Any, x: Any) -> Any:
    return g * np.polyval(np.polyder(p), x)


vjp(np.polyval, p=_polyval_p, x=_polyval_x)


def _vander(g: Any, ans: Any, x: Any, N: Any = None, increasing: bool = False) -> Any:  # noqa: N803
    count = np.shape(x)[0] if N is None else N
    if isinstance(count, int) and count == 0:
        return np.zeros_like(x)
    below = max(count - 1, 0) if isinstance(count, int) else np.maximum(count - 1, 0)
    if increasing:
        lower = np.vander(x, below, increasing=True)
        return (g[:, 1:] * lower) @ np.arange(1, count, like=g)
    return (g[:, :-1] * np.vander(x, below)) @ _falling(count - 1, g)


vjp(np.vander, x=_vander)


# --- derivative and integral ------------------------------------------------------------------


def _known(m: Any) -> int:
    if not isinstance(m, int):
        raise NotImplementedError("the order of the derivative must be known")
    return m


def _polyder(g: Any, ans: Any, p: Any, m: Any = 1) -> Any:
    for order in range(_known(m), 0, -1):
        g = np.append(g * _falling(_count(p) - order, g), 0)
    return unpack(g, p)


def _polyint(g: Any, ans: Any, p: Any, m: Any = 1, k: Any = None) -> Any:
    for order in range(_known(m), 0, -1):
        g = g[:-1] / _falling(_count(p) + order - 1, g)
    return unpack(g, p)


def _polyint_k(g: Any, ans: Any, p: Any, m: Any = 1, k: Any = None) -> Any:
    """Each constant is the last coefficient of the integral to which it is added."""
    parts = []
    for order in range(_known(m), 0, -1):
        parts.append(g[-1])
        g = g[:-1] / _falling(_count(p) + order - 1, g)
    parts.reverse()
    if is_nested(k):
        return parts if len(k) == len(parts) else [sum(parts)]
    if np.ndim(k) == 0:
        return sum(parts)
    return np.stack(parts)


linear(np.polyder, p=_polyder)
linear(np.polyint, p=_polyint, k=_polyint_k)


# --- arithmetic -------------------------------------------------------------------------------


def _last(g: Any, p: Any, sign: int = 1) -> Any:
    """The coefficients of `g` that `p` has: the shorter polynomial lacks the highest powers."""
    count = _count(p)
    part = g[-1:] if isinstance(count, int) and count == 1 else g[np.shape(g)[0] - count :]
    part = part if sign > 0 else -part
    return unpack(part, p) if is_nested(p) or np.ndim(p) else part[0]


def _factor(g: Any, p: Any, other: Any) -> Any:
    # The product drops leading zeros.
    dropped = _count(p) + _count(other) - 1 - np.shape(g)[0]
    whole = np.pad(g, (dropped, 0))
    if not is_nested(other) and np.ndim(other) == 0:
        return g * conjugate(other)
    other = np.conj(other) if is_nested(other) else conjugate(other)  # correlate takes that back
    return unpack(np.correlate(whole, other, "valid"), p)


linear(np.polyadd, a1=lambda g, ans, a1, a2: _last(g, a1), a2=lambda g, ans, a1, a2: _last(g, a2))
linear(
    np.polysub, a1=lambda g, ans, a1, a2: _last(g, a1), a2=lambda g, ans, a1, a2: _last(g, a2, -1)
)
vjp(  # the product of zeros has fewer coefficients
    np.polymul,
    a1=lambda g, ans, a1, a2: _factor(g, a1, a2),
    a2=lambda g, ans, a1, a2: _factor(g, a2, a1),
)


# --- least squares ----------------------------------------------------------------------------


def _fit_parts(
    g: Any, ans: Any, x: Any, y: Any, deg: Any, rcond: Any, full: Any, w: Any, cov: Any
) -> tuple[Any, Any, Any, Any]:
    """With A the weighted powers of `x` and b the weighted `y`: the residual, A, and the cotangents
    of the right and the left side, for the solution of least squares. The residual is conjugated.

    G. H. Golub, V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
    problems whose variables separate" (1973), theorem 4.3.
    """
    if full is not False or cov is not False or is_nested(deg) or np.ndim(deg):
        raise NotImplementedError("np.polyfit with full=, cov= or a list of degrees")
    require_all_values(rcond, "polyfit")
    powers = np.vander(x, deg + 1)
    weight = w if w is None or np.ndim(y) == 1 else np.expand_dims(w, -1)
    matrix = powers if w is None else powers * np.expand_dims(w, -1)
    sizes = np.sqrt(np.sum(np.abs(matrix) ** 2, axis=0))  # as NumPy does: powers are far apart
    inverse = np.linalg.pinv(matrix / sizes) / np.expand_dims(sizes, -1)
    solved = inverse @ (adjoint_matrix(inverse) @ conjugate(g))
    residual = y - powers @ ans
    residual = residual if w is None else weight * residual
    return powers, matrix, solved, conjugate(residual)


def _fit_y(
    g: Any,
    ans: Any,
    x: Any,
    y: Any,
    deg: Any,
    rcond: Any = None,
    full: Any = False,
    w: Any = None,
    cov: Any = False,
) -> Any:
    _, matrix, solved, _ = _fit_parts(g, ans, x, y, deg, rcond, full, w, cov)
    d_b = conjugate(matrix @ solved)
    if w is None:
        return d_b
    return d_b * (w if np.ndim(y) == 1 else np.expand_dims(w, -1))


def _fit_x(
    g: Any,
    ans: Any,
    x: Any,
    y: Any,
    deg: Any,
    rcond: Any = None,
    full: Any = False,
    w: Any = None,
    cov: Any = False,
) -> Any:
    _, matrix, solved, residual = _fit_parts(g, ans, x, y, deg, rcond, full, w, cov)
    d_b = conjugate(matrix @ solved)
    d_matrix = outer_sum(residual, solved) - outer_sum(d_b, ans)
    if w is not None:
        d_matrix = d_matrix * np.expand_dims(w, -1)
    return _vander(d_matrix, None, x, deg + 1)


def _fit_w(
    g: Any,
    ans: Any,
    x: Any,
    y: Any,
    deg: Any,
    rcond: Any = None,
    full: Any = False,
    w: Any = None,
    cov: Any = False,
) -> Any:
    powers, matrix, solved, residual = _fit_parts(g, ans, x, y, deg, rcond, full, w, cov)
    # The weight scales a row of the matrix and of the right side: both have the same residual.
    plain = y - powers @ ans
    d_w = conjugate(matrix @ solved) * plain + (powers @ solved) * residual
    return d_w if np.ndim(y) == 1 else np.sum(d_w, axis=1)


vjp(np.polyfit, x=_fit_x, y=_fit_y, w=_fit_w)
