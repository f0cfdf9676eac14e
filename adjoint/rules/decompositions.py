"""Rules for the decompositions of ``numpy.linalg``, and for what is computed from them.

The formulas are those of M. B. Giles, "Collected matrix derivative results for forward and reverse
mode algorithmic differentiation" (2008), section 3, where nothing else is said. With complex
matrices `g` is df/dx - i df/dy, so that its conjugate is the gradient that the literature writes.

A decomposition is fixed up to a choice: the order and sign of vectors, their phase if they are
complex, the basis in the space of a repeated value. The rules are for functions that do not depend
on it; what it would decide (differences of equal values in a denominator) contributes nothing.
A result that nothing was computed from has None in the place of its cotangent.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from adjoint.rules.products import conjugate, matrix_transposed, outer_sum
from adjoint.rules.registry import vjp, zero_derivative

__all__ = ["adjoint_matrix", "hermitian_part"]


def adjoint_matrix(x: Any) -> Any:
    """Return the conjugate transpose of the matrices `x`.

    Examples
    --------
    >>> adjoint_matrix(np.array([[1, 2j], [0, 1]]))
    array([[1.-0.j, 0.-0.j],
           [0.-2.j, 1.-0.j]])
    """
    return conjugate(matrix_transposed(x))


def _columns(values: Any) -> Any:
    """Values that scale the columns of matrices."""
    return values if np.ndim(values) == 1 else np.expand_dims(values, -2)


def _rows(values: Any) -> Any:
    """Values that scale the rows of matrices."""
    return np.expand_dims(values, -1)


def _on_diagonal(values: Any) -> Any:
    """Matrices with `values` on their diagonals, for adding to other matrices."""
    wide = values.dtype.itemsize >= np.dtype(float).itemsize
    dtype = {} if wide else {"dtype": values.dtype}
    return _columns(values) * np.eye(np.shape(values)[-1], like=values, **dtype)


def _gaps(values: Any) -> Any:
    """The inverse of ``values[j] - values[i]``, and 0 where these are equal up to rounding."""
    gap = _columns(values) - _rows(values)
    if np.ndim(values) == 1:
        largest = np.max(np.abs(values), initial=0.0)
    else:
        largest = np.max(np.abs(values), axis=-1, initial=0.0)[..., None, None]
    same = np.abs(gap) <= 64 * np.finfo(values.dtype).eps * largest
    return np.where(same, 0, 1 / np.where(same, 1, gap))


def hermitian_part(x: Any) -> Any:
    """Return the part of `x` that a change of a symmetric (or Hermitian) matrix meets.

    Examples
    --------
    >>> hermitian_part(np.array([[1.0, 2.0], [0.0, 1.0]]))
    array([[1., 1.],
           [1., 1.]])
    """
    return 0.5 * (x + adjoint_matrix(x))


# Eigenvalues of symmetric and Hermitian matrices -----------------------------------------------
# As for cholesky: NumPy reads one triangle, the cotangent is symmetric.


def _eigh(g: Any, ans: Any, a: Any, UPLO: Any = "L") -> Any:  # noqa: N803 (NumPy's own name)
    d_values, d_vectors = g
    values, vectors = ans
    if d_vectors is None:
        return conjugate(vectors * _columns(d_values)) @ matrix_transposed(vectors)
    inner = _gaps(values) * (matrix_transposed(vectors) @ d_vectors)
    if d_values is not None:
        inner = inner + _on_diagonal(d_values)
    return hermitian_part(conjugate(vectors) @ inner @ matrix_transposed(vectors))


def _eigvalsh(g: Any, ans: Any, a: Any, UPLO: Any = "L") -> Any:  # noqa: N803 (NumPy's own name)
    _, vectors = np.linalg.eigh(a) if UPLO == "L" else np.linalg.eigh(a, UPLO)
    return conjugate(vectors * _columns(g)) @ matrix_transposed(vectors)


vjp(np.linalg.eigh, a=_eigh)
vjp(np.linalg.eigvalsh, a=_eigvalsh)


# Eigenvalues of general matrices ---------------------------------------------------------------


def _require_complex(a: Any, name: str) -> None:
    if a.dtype.kind != "c":
        raise NotImplementedError(
            f"np.linalg.{name} of a real matrix is real or complex by its values; "
            f"write np.linalg.{name}(a + 0j), or np.linalg.eigh of a symmetric matrix"
        )


def _eig(g: Any, ans: Any, a: Any) -> Any:
    """Of vectors as LAPACK's geev returns them: of length 1, and their largest element real."""
    _require_complex(a, "eig")
    d_values, d_vectors = g
    values, vectors = ans
    inner: Any = 0.0
    if d_vectors is not None:
        inner = _gaps_of_complex(values) * (matrix_transposed(vectors) @ _free(d_vectors, vectors))
    if d_values is not None:
        inner = inner + _on_diagonal(d_values)
    return np.linalg.solve(matrix_transposed(vectors), inner @ matrix_transposed(vectors))


def _free(d_vectors: Any, vectors: Any) -> Any:
    """What is left of the cotangent once length and phase of the vectors are held."""
    real = np.where(np.imag(vectors) == 0, np.abs(vectors), 0)
    held = np.arange(np.shape(vectors)[-1], like=vectors)[:, None] == np.expand_dims(
        np.argmax(real, axis=-2), -2
    )
    along = np.sum(d_vectors * vectors, axis=-2, keepdims=True)
    turn = np.imag(along) / np.sum(np.where(held, np.real(vectors), 0), axis=-2, keepdims=True)
    return d_vectors - np.real(along) * np.conj(vectors) - 1j * np.where(held, turn, 0)


def _gaps_of_complex(values: Any) -> Any:
    gap = _columns(values) - _rows(values)
    return np.where(gap == 0, 0, 1 / np.where(gap == 0, 1, gap))


def _eigvals(g: Any, ans: Any, a: Any) -> Any:
    _require_complex(a, "eigvals")
    _, vectors = np.linalg.eig(a)
    transposed = matrix_transposed(vectors)
    return np.linalg.solve(transposed, _rows(g) * transposed)


vjp(np.linalg.eig, a=_eig)
vjp(np.linalg.eigvals, a=_eigvals)


# Singular values -------------------------------------------------------------------------------


def _svd(
    g: Any,
    ans: Any,
    a: Any,
    full_matrices: bool = True,
    compute_uv: bool = True,
    hermitian: bool = False,
) -> Any:
    if not compute_uv:
        return _svdvals(g, ans, a)
    d_u, d_s, d_vh = g
    u, s, vh = ans
    wide = full_matrices and not _is_square(a)
    if d_u is None and d_vh is None:
        if wide:
            k = np.shape(s)[-1]
            u, vh = u[..., :k], vh[..., :k, :]
        return conjugate((u * _columns(d_s)) @ vh)
    if wide:
        raise NotImplementedError(
            "the vectors that full_matrices=True adds are not determined; "
            "write np.linalg.svd(a, full_matrices=False)"
        )
    return conjugate(_svd_gradient(_gradient(d_u), d_s, _gradient(d_vh), u, s, vh, _is_square(a)))


def _gradient(g: Any) -> Any:
    return None if g is None else conjugate(g)


def _is_square(a: Any) -> bool:
    rows, columns = np.shape(a)[-2:]
    return bool(rows <= columns) and bool(rows >= columns)


def _svd_gradient(d_u: Any, d_s: Any, d_vh: Any, u: Any, s: Any, vh: Any, square: bool) -> Any:
    """The gradient by Z.-Q. Wan and S.-X. Zhang, "Automatic differentiation for complex valued SVD"
    (2019), equation 1, with the part of the thin form by J. Townsend (2016), equation 36."""
    gaps = _gaps(s**2)
    inverse = 1 / (s + (s == 0))
    inner: Any = 0.0
    if d_u is not None:
        rotated = gaps * (adjoint_matrix(u) @ d_u)
        inner = inner + (rotated + adjoint_matrix(rotated)) * _columns(s)
    if d_vh is not None:
        turned = vh @ adjoint_matrix(d_vh)
        rotated = gaps * turned
        inner = inner + _rows(s) * (rotated + adjoint_matrix(rotated))
        if u.dtype.kind == "c":
            phase = np.imag(np.linalg.diagonal(turned))
            inner = inner - 1j * _on_diagonal(phase * inverse)
    if d_s is not None:
        inner = inner + _on_diagonal(d_s)
    d_a = u @ inner @ vh
    if square:
        return d_a
    if d_u is not None:
        scaled = d_u * _columns(inverse)
        d_a = d_a + (scaled - u @ (adjoint_matrix(u) @ scaled)) @ vh
    if d_vh is not None:
        scaled = _rows(inverse) * d_vh
        d_a = d_a + u @ (scaled - (scaled @ adjoint_matrix(vh)) @ vh)
    return d_a


def _svdvals(g: Any, ans: Any, x: Any) -> Any:
    u, _, vh = np.linalg.svd(x, full_matrices=False)
    return conjugate((u * _columns(g)) @ vh)


vjp(np.linalg.svd, a=_svd)
vjp(np.linalg.svdvals, x=_svdvals)


# QR --------------------------------------------------------------------------------------------


def _qr(g: Any, ans: Any, a: Any, mode: str = "reduced") -> Any:
    if mode == "r":
        q, r = np.linalg.qr(a)
        return conjugate(_qr_gradient(None, conjugate(g), a, q, r))
    if mode not in ("reduced", "complete"):
        raise NotImplementedError(f"np.linalg.qr with mode={mode!r} has no derivative")
    rows, columns = np.shape(a)[-2:]
    if mode == "complete" and not bool(rows <= columns):
        raise NotImplementedError(
            "the columns that mode='complete' adds are not determined; leave the mode away"
        )
    d_q, d_r = map(_gradient, g)
    return conjugate(_qr_gradient(d_q, d_r, a, *ans))


def _qr_gradient(d_q: Any, d_r: Any, a: Any, q: Any, r: Any) -> Any:
    """The gradient by H.-J. Liao and others, "Differentiable programming tensor networks" (2019),
    equation 23, and for more columns than rows equation 26."""
    rows, columns = np.shape(a)[-2:]
    if bool(columns <= rows):
        return _tall_qr_gradient(d_q, d_r, q, r)
    if d_r is None:
        d_left = _tall_qr_gradient(d_q, None, q, r[..., :rows])
        return np.concatenate((d_left, np.zeros_like(a[..., rows:])), axis=-1)
    d_right = d_r[..., rows:]
    moved = a[..., rows:] @ adjoint_matrix(d_right)
    d_q = moved if d_q is None else d_q + moved
    d_left = _tall_qr_gradient(d_q, d_r[..., :rows], q, r[..., :rows])
    return np.concatenate((d_left, q @ d_right), axis=-1)


def _tall_qr_gradient(d_q: Any, d_r: Any, q: Any, r: Any) -> Any:
    inner: Any = 0.0
    if d_r is not None:
        inner = inner + r @ adjoint_matrix(d_r)
    if d_q is not None:
        inner = inner - adjoint_matrix(d_q) @ q
    total = q @ _mirrored(inner)
    if d_q is not None:
        total = d_q + total
    return adjoint_matrix(np.linalg.solve(r, adjoint_matrix(total)))


def _mirrored(x: Any) -> Any:
    """The lower triangle of `x`, reflected into the upper one."""
    below = np.tril(x, -1)
    if x.dtype.kind == "c":
        return below + adjoint_matrix(below) + _on_diagonal(np.real(np.linalg.diagonal(x)))
    return np.tril(x) + matrix_transposed(below)


vjp(np.linalg.qr, a=_qr)


# Least squares ---------------------------------------------------------------------------------
# G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
# problems whose variables separate" (1973), equation 4.12. The rank is held.


def _pinv(
    g: Any, ans: Any, a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None
) -> Any:
    if hermitian:
        raise NotImplementedError("np.linalg.pinv: leave hermitian=True away")
    d_p, p = conjugate(g), ans
    left = adjoint_matrix(d_p) @ p @ adjoint_matrix(p)
    right = adjoint_matrix(p) @ p @ adjoint_matrix(d_p)
    through = adjoint_matrix(p) @ d_p @ adjoint_matrix(p)
    return conjugate(left - a @ (p @ left) + right - (right @ p) @ a - through)


def _solution(g: Any) -> Any:
    """The cotangent of what lstsq finds, whose other results are refused."""
    d_x, d_residuals, _, d_s = g
    if d_residuals is not None or d_s is not None:
        raise NotImplementedError(
            "np.linalg.lstsq is differentiated in its first result only; write "
            "np.sum((b - a @ x) ** 2, axis=0) and np.linalg.svdvals(a) for the others"
        )
    return d_x


def _lstsq_a(g: Any, ans: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    p, x, d_x = np.linalg.pinv(a), ans[0], conjugate(_solution(g))
    d_b = adjoint_matrix(p) @ d_x
    unseen = d_x - p @ (a @ d_x)
    fitted = outer_sum(b - a @ x, conjugate(p @ d_b)) - outer_sum(d_b, conjugate(x))
    return conjugate(fitted + outer_sum(adjoint_matrix(p) @ x, conjugate(unseen)))


def _lstsq_b(g: Any, ans: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    return matrix_transposed(np.linalg.pinv(a)) @ _solution(g)


vjp(np.linalg.pinv, a=_pinv)
vjp(np.linalg.lstsq, a=_lstsq_a, b=_lstsq_b)
zero_derivative(np.linalg.matrix_rank)
