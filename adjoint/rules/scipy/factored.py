"""Rules for ``scipy.linalg``: factors that are kept, bands, polar factors, Riccati equations."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from adjoint.rules.directives import refuse
from adjoint.rules.elementwise import is_complex
from adjoint.rules.products import outer_sum
from adjoint.rules.registry import instead, refused, vjp
from adjoint.rules.scipy.dispatch import dispatched

__all__: list[str] = []

lu_solve = dispatched(linalg.lu_solve)
solve_triangular = dispatched(linalg.solve_triangular)
solveh_banded = dispatched(linalg.solveh_banded)
solve_sylvester = dispatched(linalg.solve_sylvester)


# Factors that are kept ------------------------------------------------------------------------
# S. F. Walter and L. Lehmann, "Algorithmic differentiation of linear algebra functions with
# application in optimum experimental design" (2010), section 4. The permutation is held.


def _permuted(lu: Any, piv: Any, x: Any, *, back: bool = False) -> Any:
    """The rows of `x` in the order in which the factors have them, or brought back from that."""
    unit = np.eye(np.shape(lu)[0], like=lu)
    return lu_solve((unit, piv), x, trans=1) if back else lu_solve((unit, piv), x)


def _lower_solve(lu: Any, x: Any, **transposed: int) -> Any:
    return solve_triangular(lu, x, **transposed, lower=True, unit_diagonal=True)


def _lu_factor(
    g: Any, ans: Any, a: Any, overwrite_a: bool = False, check_finite: bool = True
) -> Any:
    if np.ndim(a) != 2:
        raise NotImplementedError("scipy.linalg.lu_factor of a batch of matrices")
    d_lu, (lu, piv) = g[0], ans
    if d_lu is None:
        return np.zeros_like(a)
    d_lower = np.tril(d_lu, -1)
    inner = np.tril(np.tril(lu, -1).T @ d_lower, -1) + d_lower
    inner = inner + np.triu(np.triu(d_lu) @ np.triu(lu).T)
    left = _lower_solve(lu, inner, trans=1)
    return _permuted(lu, piv, solve_triangular(lu, left.T).T, back=True)


def _is_transposed(trans: Any) -> bool:
    if trans not in (0, 1):
        raise NotImplementedError("scipy.linalg.lu_solve with trans=2: conjugate what goes in")
    return bool(trans)


def _lu_solve_b(
    g: Any, ans: Any, lu_and_piv: Any, b: Any, trans: Any = 0, overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:  # fmt: skip
    return lu_solve(lu_and_piv, g) if _is_transposed(trans) else lu_solve(lu_and_piv, g, trans=1)


def _lu_solve_factors(
    g: Any, ans: Any, lu_and_piv: Any, b: Any, trans: Any = 0, overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:  # fmt: skip
    """Of ``P L U x = b``, or of the transposed system, by L and U, which are in one array."""
    lu, piv = lu_and_piv
    if _is_transposed(trans):
        above = solve_triangular(lu, b, trans=1)
        g_below, below = _permuted(lu, piv, g), _permuted(lu, piv, ans)
        g_above = _lower_solve(lu, g_below)
        d_upper = outer_sum(above, solve_triangular(lu, g_above))
        return [-np.triu(d_upper) - np.tril(outer_sum(below, g_above), -1), None]
    g_above = solve_triangular(lu, g, trans=1)
    above = _lower_solve(lu, _permuted(lu, piv, b))
    d_lower = outer_sum(_lower_solve(lu, g_above, trans=1), above)
    return [-np.triu(outer_sum(g_above, ans)) - np.tril(d_lower, -1), None]


vjp(linalg.lu_factor, a=_lu_factor)
vjp(linalg.lu_solve, lu_and_piv=_lu_solve_factors, b=_lu_solve_b)


# Symmetric bands ------------------------------------------------------------------------------


def _require_real_bands(ab: Any) -> None:
    if is_complex(ab):
        raise NotImplementedError("scipy.linalg.solveh_banded of a complex matrix: solve_banded")


def _solveh_banded_b(
    g: Any, ans: Any, ab: Any, b: Any, overwrite_ab: bool = False, overwrite_b: bool = False,
    lower: bool = False, check_finite: bool = True,
) -> Any:  # fmt: skip
    _require_real_bands(ab)
    return solveh_banded(ab, g, lower=lower) if lower else solveh_banded(ab, g)


def _solveh_banded_ab(
    g: Any, ans: Any, ab: Any, b: Any, overwrite_ab: bool = False, overwrite_b: bool = False,
    lower: bool = False, check_finite: bool = True,
) -> Any:  # fmt: skip
    """Each element off the diagonal stands for two of the matrix."""
    d_b = _solveh_banded_b(g, ans, ab, b, lower=lower)
    count, n = np.shape(ab)
    column, k = np.arange(n, like=ab), np.arange(count, like=ab)[:, None]
    row = column + k if lower else column + k - (count - 1)
    held, at = (row >= 0) & (row < n), np.clip(row, 0, n - 1)
    products = d_b[at] * ans + d_b * ans[at]
    if np.ndim(ans) > 1:
        products = np.sum(products, axis=-1)
    return -np.where(held, np.where(row == column, 0.5, 1) * products, 0)


vjp(linalg.solveh_banded, ab=_solveh_banded_ab, b=_solveh_banded_b)


# Polar factors --------------------------------------------------------------------------------


def polar(a: Any, side: Any = "right") -> Any:
    """As ``scipy.linalg.polar``; N. J. Higham, "Functions of Matrices" (2008), section 8.1."""
    if np.ndim(a) != 2:
        refuse("scipy.linalg.polar of a batch of matrices", "take each by itself")
    w, _, vh = np.linalg.svd(a, full_matrices=False)
    u = w @ vh
    turned = np.conj(u.T)
    return (u, turned @ a) if side == "right" else (u, a @ turned)


def orthogonal_procrustes(A: Any, B: Any, check_finite: Any = True) -> Any:  # noqa: N803
    """As ``scipy.linalg.orthogonal_procrustes``."""
    if np.ndim(A) != 2 or np.ndim(B) != 2:
        refuse("scipy.linalg.orthogonal_procrustes of a batch", "take each by itself")
    u, w, vh = np.linalg.svd((B.T @ np.conj(A)).T)
    return u @ vh, np.sum(w)


instead(linalg.polar, polar)
instead(linalg.orthogonal_procrustes, orthogonal_procrustes)


# Riccati equations ----------------------------------------------------------------------------
# The change of the solution solves the Lyapunov equation of the closed loop: T.-C. Kao and G. A.
# Hennequin, "Automatic differentiation of Sylvester, Lyapunov, and algebraic Riccati equations"
# (2020), sections 4 and 5.


def _require_plain(e: Any, s: Any, *matrices: Any) -> None:
    if e is not None or s is not None or any(map(is_complex, matrices)):
        raise NotImplementedError("a Riccati equation with e, s, or complex matrices")


def _of_matrix(name: str, d_a: Any, d_q: Any, feedback: Any) -> Any:
    """What goes to one of the four matrices, by what goes to `a` and `q`."""
    if name == "b":
        return -d_a @ feedback.T
    if name == "r":
        return feedback @ d_q @ feedback.T
    return d_a if name == "a" else d_q


def _continuous(name: str) -> Any:
    def rule(
        g: Any, ans: Any, a: Any, b: Any, q: Any, r: Any, e: Any = None, s: Any = None,
        balanced: Any = True,
    ) -> Any:  # fmt: skip
        _require_plain(e, s, a, b, q, r)
        feedback = np.linalg.solve(r, b.T @ ans)
        closed = a - b @ feedback
        y = solve_sylvester(closed, closed.T, -(g + g.T) / 2)
        return _of_matrix(name, 2 * ans @ y, y, feedback)

    return rule


def _discrete_lyapunov(a: Any, q: Any) -> Any:
    """The solution of ``x = a @ x @ a.T + q``, by a bilinear transformation."""
    unit = np.eye(np.shape(a)[0], like=a)
    inverse = np.linalg.inv(a.T + unit)
    turned = (a.T - unit) @ inverse
    return solve_sylvester(turned.T, turned, -2 * np.linalg.solve(a + unit, q) @ inverse)


def _discrete(name: str) -> Any:
    def rule(
        g: Any, ans: Any, a: Any, b: Any, q: Any, r: Any, e: Any = None, s: Any = None,
        balanced: Any = True,
    ) -> Any:  # fmt: skip
        _require_plain(e, s, a, b, q, r)
        feedback = np.linalg.solve(r + b.T @ ans @ b, b.T @ ans @ a)
        closed = a - b @ feedback
        y = _discrete_lyapunov(closed, (g + g.T) / 2)
        return _of_matrix(name, 2 * ans @ closed @ y, y, feedback)

    return rule


vjp(linalg.solve_continuous_are, **{name: _continuous(name) for name in "abqr"})
vjp(linalg.solve_discrete_are, **{name: _discrete(name) for name in "abqr"})


# Bases ----------------------------------------------------------------------------------------


refused(
    "its basis is one of many, and jumps from one to another; use np.linalg.eigh of a symmetric"
    " matrix, or functions of the matrix: solve, expm, sqrtm",
    linalg.schur, linalg.hessenberg, linalg.qz, linalg.ordqz, linalg.rsf2csf, linalg.cdf2rdf,
    linalg.cossin, linalg.ldl, linalg.matrix_balance,
)  # fmt: skip
refused(
    "its vectors are one basis of many of a space; write the projector on that space, or"
    " np.linalg.svd",
    linalg.null_space, linalg.orth,
)  # fmt: skip
