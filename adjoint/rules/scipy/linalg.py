"""Rules for ``scipy.linalg``.

Matrices that are said to be symmetric have symmetric cotangents, as in `adjoint.rules.linalg`.
Formulas are those of M. B. Giles, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008), where nothing else is said.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from adjoint.rules.decompositions import hermitian_part
from adjoint.rules.elementwise import is_complex
from adjoint.rules.products import matrix_transposed, outer_sum
from adjoint.rules.registry import instead, linear, lookup, one_triangle, vjp
from adjoint.rules.scatter import scatter
from adjoint.rules.scipy.dispatch import dispatched

__all__: list[str] = []

solve = dispatched(linalg.solve)
solve_triangular = dispatched(linalg.solve_triangular)
solve_banded = dispatched(linalg.solve_banded)
solve_sylvester = dispatched(linalg.solve_sylvester)
cho_solve = dispatched(linalg.cho_solve)
expm, logm = dispatched(linalg.expm), dispatched(linalg.logm)
expm_frechet = dispatched(linalg.expm_frechet)


def _require_one_matrix(a: Any, name: str) -> None:
    if np.ndim(a) != 2:
        raise NotImplementedError(f"scipy.linalg.{name} of a batch of matrices")


def _require_real(a: Any, name: str) -> None:
    if a.dtype.kind == "c":
        raise NotImplementedError(f"scipy.linalg.{name} of a complex matrix")


_GENERAL = ("gen", "general", "banded")
_SYMMETRIC = ("sym", "symmetric", "her", "hermitian", "pos", "positive definite")
#: What is read of a matrix that is said to be triangular.
_TRIANGLES = {"lower triangular": np.tril, "upper triangular": np.triu}


# Linear systems -------------------------------------------------------------------------------


def _solve_b(
    g: Any,
    ans: Any,
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    assume_a: Any = None,
    transposed: bool = False,
) -> Any:
    a = _TRIANGLES[assume_a](a) if assume_a in _TRIANGLES else a
    if _reads_one_triangle(a, assume_a):
        flags = {"lower": True} if lower else {}
        return solve(a, g, **flags, assume_a=assume_a)
    matrix = matrix_transposed(a) if transposed else a
    return _of_numpy(np.linalg.solve, "b")(g, ans, matrix, b)


def _solve_a(
    g: Any,
    ans: Any,
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    assume_a: Any = None,
    transposed: bool = False,
) -> Any:
    if _reads_one_triangle(a, assume_a):
        d_b = _solve_b(g, ans, a, b, lower, assume_a=assume_a)
        return hermitian_part(-outer_sum(d_b, ans))
    part = _TRIANGLES.get(assume_a)
    read = a if part is None else part(a)
    d_a = _of_numpy(np.linalg.solve)(g, ans, matrix_transposed(read) if transposed else read, b)
    d_a = matrix_transposed(d_a) if transposed else d_a
    return d_a if part is None else part(d_a)


def _reads_one_triangle(a: Any, assume_a: Any) -> bool:
    if assume_a in (None, *_GENERAL, *_TRIANGLES):
        return False
    if assume_a not in _SYMMETRIC:
        raise NotImplementedError(f"scipy.linalg with assume_a={assume_a!r}")
    _require_one_matrix(a, f"solve with assume_a={assume_a!r}")
    _require_real(a, f"solve with assume_a={assume_a!r}")
    return True


def _which_triangle(lower: Any, assume_a: Any) -> bool | None:
    return not lower if assume_a in _SYMMETRIC else None


def _is_transposed(trans: Any, a: Any) -> bool:
    if trans in (2, "C"):
        _require_real(a, "solve_triangular with trans='C'")
    return trans in (1, "T", 2, "C")


def _solve_triangular_b(
    g: Any,
    ans: Any,
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    given = {"trans": 0 if _is_transposed(trans, a) else 1, "lower": lower}
    flags = {key: value for key, value in given.items() if value}
    if unit_diagonal:
        flags["unit_diagonal"] = True
    if np.ndim(b) == 1 and np.ndim(a) > 2:  # a batch of vectors must not be taken for a matrix
        return np.squeeze(solve_triangular(a, np.expand_dims(g, -1), **flags), -1)
    return solve_triangular(a, g, **flags)


def _solve_triangular_a(
    g: Any,
    ans: Any,
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    d_b = _solve_triangular_b(g, ans, a, b, trans, lower, unit_diagonal)
    if np.ndim(b) == 1 and np.ndim(a) > 2:
        d_b, ans = np.expand_dims(d_b, -1), np.expand_dims(ans, -1)
    d_a = -outer_sum(ans, d_b) if _is_transposed(trans, a) else -outer_sum(d_b, ans)
    if unit_diagonal:
        return np.tril(d_a, -1) if lower else np.triu(d_a, 1)
    return np.tril(d_a) if lower else np.triu(d_a)


def _transposed_bands(l_and_u: Any, ab: Any) -> Any:
    """The diagonals of the transposed matrix, as solve_banded takes them."""
    below, above = l_and_u
    diagonals = range(-below, above + 1)
    return np.stack([np.roll(ab[above - k], -k) if k else ab[above] for k in diagonals])


def _solve_banded_b(g: Any, ans: Any, l_and_u: Any, ab: Any, b: Any) -> Any:
    below, above = l_and_u
    return solve_banded((above, below), _transposed_bands(l_and_u, ab), g)


def _solve_banded_ab(g: Any, ans: Any, l_and_u: Any, ab: Any, b: Any) -> Any:
    below, above = l_and_u
    d_b = _solve_banded_b(g, ans, l_and_u, ab, b)
    rows = []
    for k in range(above, -below - 1, -1):
        product = -(np.roll(d_b, k, axis=0) if k else d_b) * ans
        row = product if np.ndim(ans) == 1 else np.sum(product, axis=1)
        column = np.arange(np.shape(ab)[1], like=ab)
        if k > 0:
            row = np.where(column >= k, row, 0)
        elif k < 0:
            row = np.where(column < np.shape(ab)[1] + k, row, 0)
        rows.append(row)
    return np.stack(rows)


def _cho_solve_b(
    g: Any, ans: Any, c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True
) -> Any:
    return cho_solve(c_and_lower, g)


def _cho_solve_c(
    g: Any, ans: Any, c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True
) -> Any:
    c, lower = c_and_lower
    if not isinstance(lower, (bool, int)):
        raise NotImplementedError("which triangle cho_solve reads must be known now")
    _require_real(c, "cho_solve")
    product = outer_sum(cho_solve(c_and_lower, g), ans)
    both = product + product.T
    return [-np.tril(both @ np.tril(c)) if lower else -np.triu(np.triu(c) @ both), None]


vjp(linalg.solve, a=_solve_a, b=_solve_b)
one_triangle(
    linalg.solve,
    lambda a, b, lower=False, *_, assume_a=None, **__: _which_triangle(lower, assume_a),
)
vjp(linalg.solve_triangular, a=_solve_triangular_a, b=_solve_triangular_b)
vjp(linalg.solve_banded, ab=_solve_banded_ab, b=_solve_banded_b)
vjp(linalg.cho_solve, c_and_lower=_cho_solve_c, b=_cho_solve_b)


def _solve_sylvester_q(g: Any, ans: Any, a: Any, b: Any, q: Any) -> Any:
    if is_complex(a) != is_complex(b) or (is_complex(q) and not is_complex(a)):
        raise NotImplementedError(
            "scipy.linalg.solve_sylvester of real and complex matrices together, which SciPy does"
            " not solve; add 0j to those that are real"
        )
    return solve_sylvester(a.T, b.T, g)


vjp(
    linalg.solve_sylvester,
    a=lambda g, ans, a, b, q: -_solve_sylvester_q(g, ans, a, b, q) @ ans.T,
    b=lambda g, ans, a, b, q: -ans.T @ _solve_sylvester_q(g, ans, a, b, q),
    q=_solve_sylvester_q,
)


# Inverse, determinant, factors ----------------------------------------------------------------


def _inv(
    g: Any,
    ans: Any,
    a: Any,
    overwrite_a: bool = False,
    check_finite: bool = True,
    *,
    assume_a: Any = None,
    lower: bool = False,
) -> Any:
    d_a = _of_numpy(np.linalg.inv)(g, ans, a)
    if assume_a in _TRIANGLES:
        return _TRIANGLES[assume_a](d_a)
    return hermitian_part(d_a) if _reads_one_triangle(a, assume_a) else d_a


def _det(g: Any, ans: Any, a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return _of_numpy(np.linalg.det)(g, ans, a)


def _cholesky(
    g: Any,
    ans: Any,
    a: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    check_finite: bool = True,
) -> Any:
    return _of_numpy(np.linalg.cholesky)(g, ans, a, upper=not lower)


def _of_numpy(function: Any, name: str = "a") -> Any:
    rule = lookup(function)
    assert rule is not None, f"{function} has a rule"
    return rule.vjps[name]


def _lu(
    g: Any,
    ans: Any,
    a: Any,
    permute_l: bool = False,
    overwrite_a: bool = False,
    check_finite: bool = True,
    p_indices: bool = False,
) -> Any:
    """S. F. Walter and L. Lehmann, "Algorithmic differentiation of linear algebra functions with
    application in optimum experimental design" (2010), section 4; the permutation is held."""
    rows, columns = np.shape(a)[-2:]
    if permute_l or p_indices or np.ndim(a) != 2 or not (rows <= columns and rows >= columns):
        raise NotImplementedError("scipy.linalg.lu other than of one square matrix, as p, l, u")
    _, d_l, d_u = g
    p, lower, upper = ans
    inner: Any = 0.0
    if d_l is not None:
        inner = inner + np.tril(lower.T @ d_l, -1)
    if d_u is not None:
        inner = inner + np.triu(d_u @ upper.T)
    left = solve_triangular(lower, inner, trans=1, lower=True, unit_diagonal=True)
    return p @ solve_triangular(upper, left.T).T


def _qr(
    g: Any,
    ans: Any,
    a: Any,
    overwrite_a: bool = False,
    lwork: Any = None,
    mode: str = "full",
    pivoting: bool = False,
    check_finite: bool = True,
) -> Any:
    if pivoting or mode not in ("full", "economic"):
        raise NotImplementedError(f"scipy.linalg.qr with mode={mode!r}, pivoting={pivoting}")
    return _of_numpy(np.linalg.qr)(g, ans, a, "complete" if mode == "full" else "reduced")


vjp(linalg.inv, a=_inv)
one_triangle(
    linalg.inv, lambda a, *_, assume_a=None, lower=False, **__: _which_triangle(lower, assume_a)
)
vjp(linalg.det, a=_det)
vjp(linalg.cholesky, a=_cholesky)
one_triangle(linalg.cholesky, lambda a, lower=False, *_, **__: not lower)
vjp(linalg.lu, a=_lu)
vjp(linalg.qr, a=_qr)


def cho_factor(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> Any:
    """As ``scipy.linalg.cho_factor``, with zeros where that leaves what it finds."""
    return linalg.cholesky(a, lower=lower), lower


instead(linalg.cho_factor, cho_factor)


# Functions of matrices ------------------------------------------------------------------------


def _by_block(function: Any) -> Any:
    """The rule of a function of matrices: its derivative is a block of that of a larger matrix.

    N. J. Higham, "Functions of Matrices" (2008), equation 3.16.
    """

    def cotangent(g: Any, ans: Any, A: Any) -> Any:  # noqa: N803 (SciPy's own name)
        n, turned = np.shape(A)[-1], matrix_transposed(A)
        made = function(np.block([[turned, g], [np.zeros_like(A), turned]]))
        return made[:n, n:] if np.ndim(A) == 2 else made[..., :n, n:]

    return cotangent


def _expm(g: Any, ans: Any, A: Any) -> Any:  # noqa: N803 (SciPy's own name)
    if np.ndim(A) > 2:
        return _by_block(expm)(g, ans, A)
    return expm_frechet(A.T, g, compute_expm=False)


def _expm_frechet_a(
    g: Any,
    ans: Any,
    A: Any,  # noqa: N803
    E: Any,  # noqa: N803
    method: Any = None,
    compute_expm: bool = True,
    check_finite: bool = True,
) -> Any:
    """The derivative is a block of the exponential of a larger matrix, as above."""
    if compute_expm:
        raise NotImplementedError("scipy.linalg.expm_frechet without compute_expm=False")
    n, zeros = np.shape(A)[0], np.zeros_like(A)
    whole = np.block([[A.T, zeros], [E.T, A.T]])
    made = expm_frechet(whole, np.block([[zeros, g], [zeros, zeros]]), compute_expm=False)
    return made[:n, :n] + made[n:, n:]


def _expm_frechet_e(
    g: Any,
    ans: Any,
    A: Any,  # noqa: N803
    E: Any,  # noqa: N803
    method: Any = None,
    compute_expm: bool = True,
    check_finite: bool = True,
) -> Any:
    if compute_expm:
        raise NotImplementedError("scipy.linalg.expm_frechet without compute_expm=False")
    return expm_frechet(A.T, g, compute_expm=False)


def _logm(g: Any, ans: Any, A: Any, **_: Any) -> Any:  # noqa: N803 (SciPy's own name)
    if A.dtype.kind != "c":
        raise NotImplementedError(
            "scipy.linalg.logm of a real matrix is real or complex by its values; "
            "write scipy.linalg.logm(a + 0j)"
        )
    return _by_block(logm)(g, ans, A)


def _sqrtm(g: Any, ans: Any, A: Any, **_: Any) -> Any:  # noqa: N803 (SciPy's own name)
    if A.dtype.kind != "c":
        raise NotImplementedError(
            "scipy.linalg.sqrtm of a real matrix is real or complex by its values; "
            "write scipy.linalg.sqrtm(a + 0j)"
        )
    return solve_sylvester(ans.T, ans.T, g)


vjp(linalg.expm, A=_expm)
vjp(linalg.expm_frechet, A=_expm_frechet_a, E=_expm_frechet_e)
vjp(linalg.sqrtm, A=_sqrtm)
vjp(linalg.logm, A=_logm)
for _function in (linalg.cosm, linalg.sinm, linalg.tanm, linalg.coshm, linalg.sinhm, linalg.tanhm):
    vjp(_function, A=_by_block(dispatched(_function)))


# Matrices from parts --------------------------------------------------------------------------


def _block_diag(g: Any, ans: Any, *arrs: Any) -> list[Any]:
    parts = []
    row: Any = 0
    column: Any = 0
    for a in arrs:
        rows, columns = (1, *np.shape(a))[-2:] if np.ndim(a) else (1, 1)
        part = g[row : row + rows, column : column + columns]
        parts.append(part if np.ndim(a) == 2 else np.reshape(part, np.shape(a)))
        row, column = row + rows, column + columns
    return parts


def _below_diagonal(g: Any) -> Any:
    """By how much rows are below the diagonal."""
    rows, columns = np.shape(g)
    return np.arange(rows, like=g)[:, None] - np.arange(columns, like=g)


def _toeplitz_c(g: Any, ans: Any, c: Any, r: Any = None) -> Any:
    below = _below_diagonal(g)
    if r is not None:
        return scatter(np.tril(g), np.maximum(below, 0), c)
    _require_real(c, "toeplitz")
    return scatter(g, np.abs(below), c)


def _toeplitz_r(g: Any, ans: Any, c: Any, r: Any = None) -> Any:
    return scatter(np.triu(g, 1), np.maximum(-_below_diagonal(g), 0), r)


linear(linalg.block_diag, arrs=_block_diag)
linear(linalg.toeplitz, c=_toeplitz_c, r=_toeplitz_r)
