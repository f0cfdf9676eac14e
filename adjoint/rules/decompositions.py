"""Rules for the decompositions of ``numpy.linalg``, and for what is computed from them.

The formulas are those of M. B. Giles, "Collected matrix derivative results for forward and reverse
mode algorithmic differentiation" (2008), section 3, where nothing else is said. With complex
matrices `g` is df/dx - i df/dy, so that its conjugate is the gradient that the literature writes.

A decomposition is fixed up to a choice: the order and sign of vectors, their phase if they are
complex, the basis in the space of a repeated value. The rules are for functions that do not depend
on it. Where two values are equal, the derivative by the turn of their vectors is 0 / 0. It is 0 of
a function of the vectors alone, and of one that reads neither value nor vector of them; of others
it is not known here, and is nan (decision 027); see `spectral` for functions of the matrix.
A result that nothing was computed from has None in the place of its cotangent.
"""

from __future__ import annotations

import operator
from functools import partial, reduce
from typing import Any

import numpy as np

from adjoint.rules.products import conjugate, matrix_transposed
from adjoint.rules.registry import one_triangle, vjp, written
from adjoint.rules.scipy.dispatch import dispatched

__all__ = [
    "EIGH",
    "SVD",
    "adjoint_matrix",
    "columns",
    "gaps_of",
    "gradient",
    "hermitian_part",
    "on_diagonal",
    "rounding",
    "rows",
    "same_values",
]


def adjoint_matrix(x: Any) -> Any:
    """Return the conjugate transpose of the matrices `x`.

    Examples
    --------
    >>> adjoint_matrix(np.array([[1, 2j], [0, 1]]))
    array([[1.-0.j, 0.-0.j],
           [0.-2.j, 1.-0.j]])
    """
    return conjugate(matrix_transposed(x))


def columns(values: Any) -> Any:
    """Return values so that they scale the columns of matrices.

    Examples
    --------
    >>> columns(np.ones((5, 3))).shape
    (5, 1, 3)
    """
    return values if np.ndim(values) == 1 else np.expand_dims(values, -2)


def rows(values: Any) -> Any:
    """Return values so that they scale the rows of matrices.

    Examples
    --------
    >>> rows(np.ones((5, 3))).shape
    (5, 3, 1)
    """
    return np.expand_dims(values, -1)


def on_diagonal(values: Any) -> Any:
    """Matrices with `values` on their diagonals, for adding to other matrices."""
    dtype = {} if _is_wide(values) else {"dtype": values.dtype}
    return columns(values) * np.eye(np.shape(values)[-1], like=values, **dtype)


def _is_wide(x: Any) -> bool:
    """Whether floats of NumPy's own precision leave that of `x` as it is."""
    return bool(x.dtype.itemsize >= np.dtype(float).itemsize)


def rounding(values: Any) -> Any:
    """Return by how much values may differ that are equal but for rounding."""
    if np.ndim(values) == 1:
        largest = np.max(np.abs(values), initial=0.0)
    else:
        largest = np.max(np.abs(values), axis=-1, initial=0.0)[..., None, None]
    return 64 * np.finfo(values.dtype).eps * largest


def same_values(values: Any) -> Any:
    """Which values are equal up to rounding."""
    return np.abs(columns(values) - rows(values)) <= rounding(values)


def gaps_of(values: Any, same: Any) -> Any:
    """The inverse of ``values[j] - values[i]``, and 0 where these are the same."""
    gap = columns(values) - rows(values)
    return np.where(same, 0, 1 / np.where(same, 1, gap))


def _repeated(same: Any) -> Any:
    """Which values are there more than once."""
    return np.sum(same, axis=-1) > 1


def _with_values(
    turned: Any, doubtful: Any, d_values: Any, d_vectors: list[Any], beside: bool
) -> Any:
    """What the vectors contribute, and the values on its diagonal.

    The `doubtful` values make it nan if anything was computed from them or their vectors, unless
    it is a function of vectors alone; that is not known of vectors `beside` values.
    """
    if d_values is None and not beside:
        return turned
    read = [np.any(d != 0, axis=-2) for d in d_vectors]
    if d_values is None:
        return turned * columns(_nan_where(doubtful & reduce(operator.or_, read), turned))
    read.append(d_values != 0)
    known = _nan_where(doubtful & reduce(operator.or_, read), d_values)
    return turned + on_diagonal(d_values * known)


def _nan_where(unknown: Any, like: Any) -> Any:
    """A factor in the precision of `like`: nan, or 1."""
    factor = np.where(unknown, np.nan, 1)
    return factor if _is_wide(like) else factor.astype(like.dtype)


def hermitian_part(x: Any) -> Any:
    """Return the part of `x` that a change of a symmetric (or Hermitian) matrix meets.

    Examples
    --------
    >>> hermitian_part(np.array([[1.0, 2.0], [0.0, 1.0]]))
    array([[1., 1.],
           [1., 1.]])
    """
    return 0.5 * (x + adjoint_matrix(x))


# Vectors of what was asked for values -----------------------------------------------------------
# The gradient of a function of values alone is made of vectors beside the cotangent of the values.
# These vary together, also where the vectors are all that a decomposition is asked for.


def _eigh_of_values(a: Any, UPLO: Any = "L") -> Any:  # noqa: N803 (NumPy's own name)
    return np.linalg.eigh(a, UPLO)


def _eig_of_values(a: Any) -> Any:
    return np.linalg.eig(a)


def _svd_of_values(a: Any) -> Any:
    return np.linalg.svd(a, full_matrices=False)


#: What gives eigenvalues and eigenvectors of a symmetric matrix.
EIGH = (np.linalg.eigh, _eigh_of_values)
#: What gives singular values and vectors.
SVD = (np.linalg.svd, _svd_of_values)

eigh_of_values = dispatched(_eigh_of_values)
eig_of_values = dispatched(_eig_of_values)
svd_of_values = dispatched(_svd_of_values)


# Eigenvalues of symmetric and Hermitian matrices -----------------------------------------------
# As for cholesky: the cotangent is that of a symmetric matrix, see `triangles`.


def _eigh(
    g: Any,
    ans: Any,
    a: Any,
    UPLO: Any = "L",  # noqa: N803 (NumPy's own name)
    *,
    beside: bool = False,
) -> Any:
    d_values, d_vectors = g
    values, vectors = ans
    if d_vectors is None:
        return conjugate(vectors * columns(d_values)) @ matrix_transposed(vectors)
    same = same_values(values)
    turned = gaps_of(values, same) * (matrix_transposed(vectors) @ d_vectors)
    inner = _with_values(turned, _repeated(same), d_values, [d_vectors], beside)
    return hermitian_part(conjugate(vectors) @ inner @ matrix_transposed(vectors))


def _eigvalsh(g: Any, ans: Any, a: Any, UPLO: Any = "L") -> Any:  # noqa: N803 (NumPy's own name)
    _, vectors = eigh_of_values(a) if UPLO == "L" else eigh_of_values(a, UPLO)
    return conjugate(vectors * columns(g)) @ matrix_transposed(vectors)


def _is_upper(a: Any, UPLO: Any = "L") -> bool:  # noqa: N803 (NumPy's own name)
    return UPLO in ("U", "u")


vjp(np.linalg.eigh, a=_eigh)
vjp(np.linalg.eigvalsh, a=_eigvalsh)
vjp(_eigh_of_values, a=partial(_eigh, beside=True))
written(_eigh_of_values, "eigh(a, UPLO=UPLO)", eigh=np.linalg.eigh)
for _function in (np.linalg.eigh, np.linalg.eigvalsh, _eigh_of_values):
    one_triangle(_function, _is_upper)


# Eigenvalues of general matrices ---------------------------------------------------------------


def _require_complex(a: Any, name: str) -> None:
    if a.dtype.kind != "c":
        raise NotImplementedError(
            f"np.linalg.{name} of a real matrix is real or complex by its values; "
            f"write np.linalg.{name}(a + 0j), or np.linalg.eigh of a symmetric matrix"
        )


def _eig(g: Any, ans: Any, a: Any, *, beside: bool = False) -> Any:
    """Of vectors as LAPACK's geev returns them: of length 1, and their largest element real."""
    _require_complex(a, "eig")
    d_values, d_vectors = g
    values, vectors = ans
    inner: Any = 0.0
    if d_vectors is None:
        inner = on_diagonal(d_values)
    else:
        same = same_values(values)
        turned = matrix_transposed(vectors) @ _free(d_vectors, vectors)
        turned = gaps_of(values, same) * turned
        inner = _with_values(turned, _repeated(same), d_values, [d_vectors], beside)
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


def _eigvals(g: Any, ans: Any, a: Any) -> Any:
    _require_complex(a, "eigvals")
    _, vectors = eig_of_values(a)
    transposed = matrix_transposed(vectors)
    return np.linalg.solve(transposed, rows(g) * transposed)


vjp(np.linalg.eig, a=_eig)
vjp(np.linalg.eigvals, a=_eigvals)
vjp(_eig_of_values, a=partial(_eig, beside=True))
written(_eig_of_values, "eig(a)", eig=np.linalg.eig)


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
        return conjugate((u * columns(d_s)) @ vh)
    if wide:
        raise NotImplementedError(
            "the vectors that full_matrices=True adds are not determined; "
            "write np.linalg.svd(a, full_matrices=False)"
        )
    return _svd_gradient(g, ans, a)


def gradient(g: Any) -> Any:
    """The gradient that the literature writes, or None."""
    return None if g is None else conjugate(g)


def _is_square(a: Any) -> bool:
    rows, columns = np.shape(a)[-2:]
    return bool(rows <= columns) and bool(rows >= columns)


def _svd_gradient(g: Any, ans: Any, a: Any, *, beside: bool = False) -> Any:
    """Of ``da = u @ d @ vh`` in the space of the vectors: these turn by

        u.H @ du + dvh @ vh.H = (d + d.H) / (s[j] - s[i])
        u.H @ du - dvh @ vh.H = (d - d.H) / (s[j] + s[i])

    of which the second is there where values are equal. The rest, of the thin form, is by
    J. Townsend, "Differentiating the singular value decomposition" (2016), equation 36.
    """
    u, s, vh = ans
    d_u, d_s, d_vh = map(gradient, g)
    same, square = same_values(s), _is_square(a)
    doubtful = _repeated(same) if square else _repeated(same) | (s == 0)
    columns = [d for d in (d_u, None if d_vh is None else matrix_transposed(d_vh)) if d is not None]
    turned = _turned(d_u, d_vh, u, s, vh, same)
    d_a = u @ _with_values(turned, doubtful, d_s, columns, beside) @ vh
    return conjugate(d_a if square else d_a + _outside(d_u, d_vh, u, s, vh))


def _turned(d_u: Any, d_vh: Any, u: Any, s: Any, vh: Any, same: Any) -> Any:
    left: Any = None if d_u is None else adjoint_matrix(u) @ d_u
    right: Any = None if d_vh is None else vh @ adjoint_matrix(d_vh)
    if right is None:
        both, apart = left, left
    elif left is None:
        both, apart = right, -right
    else:
        both, apart = left + right, left - right
    total = columns(s) + rows(s)
    together = 0.5 * gaps_of(s, same) * both
    apart = 0.5 / np.where(total == 0, 1, total) * apart
    return together + adjoint_matrix(together) + apart - adjoint_matrix(apart)


def _outside(d_u: Any, d_vh: Any, u: Any, s: Any, vh: Any) -> Any:
    """What turns the vectors out of the space that they span."""
    inverse = np.where(s == 0, 0, 1 / np.where(s == 0, 1, s))
    d_a: Any = 0.0
    if d_u is not None:
        scaled = d_u * columns(inverse)
        d_a = d_a + (scaled - u @ (adjoint_matrix(u) @ scaled)) @ vh
    if d_vh is not None:
        scaled = rows(inverse) * d_vh
        d_a = d_a + u @ (scaled - (scaled @ adjoint_matrix(vh)) @ vh)
    return d_a


def _svdvals(g: Any, ans: Any, x: Any) -> Any:
    u, _, vh = svd_of_values(x)
    return conjugate((u * columns(g)) @ vh)


vjp(np.linalg.svd, a=_svd)
vjp(np.linalg.svdvals, x=_svdvals)
vjp(_svd_of_values, a=partial(_svd_gradient, beside=True))
written(_svd_of_values, "svd(a, full_matrices=False)", svd=np.linalg.svd)
