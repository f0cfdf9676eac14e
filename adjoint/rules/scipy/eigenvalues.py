"""Eigenvalues of ``scipy.linalg`` alone: of two symmetric matrices, and of tridiagonal ones.

Of two matrices, ``a @ v == b @ v * w``, the vectors are such that ``v.T @ b @ v`` is the identity.
A change of `b` counts as one of `a` by ``-w`` times it, and shrinks the vectors by half of what
they meet: R. L. Fox and M. P. Kapoor, "Rates of change of eigenvalues and eigenvectors" (1968).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from adjoint.rules.decompositions import (
    columns,
    gaps_of,
    hermitian_part,
    on_diagonal,
    same_values,
)
from adjoint.rules.directives import refuse
from adjoint.rules.products import conjugate, matrix_transposed
from adjoint.rules.registry import instead, one_triangle, vjp, written

__all__ = ["eigh_of_two"]


# Of two matrices ------------------------------------------------------------------------------


def eigh_of_two(a: Any, b: Any, lower: Any = True) -> Any:
    """Return the eigenvalues and the vectors of `a` and `b`."""
    return linalg.eigh(a, b, lower=lower)


def _turned(g: Any, ans: Any) -> Any:
    """The cotangent of a matrix between the vectors.

    It is nan where the vectors of one value are not told apart.
    """
    d_values, d_vectors = g
    values, vectors = ans
    same = same_values(values)
    others = same ^ np.eye(np.shape(values)[-1], dtype=bool, like=values)
    gaps = np.where(others, np.nan, gaps_of(values, same))
    inner = gaps * (matrix_transposed(vectors) @ d_vectors)
    return inner if d_values is None else inner + on_diagonal(d_values)


def _outside(inner: Any, vectors: Any) -> Any:
    return hermitian_part(conjugate(vectors) @ inner @ matrix_transposed(vectors))


def _of_values(weights: Any, vectors: Any) -> Any:
    return conjugate(vectors * columns(weights)) @ matrix_transposed(vectors)


def _by_a(g: Any, ans: Any, a: Any, b: Any, lower: Any = True) -> Any:
    return _of_values(g[0], ans[1]) if g[1] is None else _outside(_turned(g, ans), ans[1])


def _by_b(g: Any, ans: Any, a: Any, b: Any, lower: Any = True) -> Any:
    values, vectors = ans
    if g[1] is None:
        return -_of_values(g[0] * values, vectors)
    shrunk = 0.5 * np.real(np.sum(vectors * g[1], axis=-2))
    return -_outside(_turned(g, ans) * columns(values) + on_diagonal(shrunk), vectors)


vjp(eigh_of_two, a=_by_a, b=_by_b)
written(eigh_of_two, "eigh(a, b, lower=lower)", eigh=linalg.eigh)
one_triangle(eigh_of_two, lambda a, b, lower=True: not lower, matrices=2)

# Of tridiagonal matrices ----------------------------------------------------------------------


def _of_tridiagonal(d: Any, e: Any) -> Any:
    return linalg.eigh_tridiagonal(d, e)


def _by_d(g: Any, ans: Any, d: Any, e: Any) -> Any:
    vectors = ans[1]
    if g[1] is None:
        return vectors**2 @ g[0]
    return np.sum((vectors @ _turned(g, ans)) * vectors, axis=1)


def _by_e(g: Any, ans: Any, d: Any, e: Any) -> Any:
    """Of both elements beside the diagonal."""
    above, below = ans[1][:-1], ans[1][1:]
    if g[1] is None:
        return 2 * (above * below) @ g[0]
    inner = _turned(g, ans)
    return np.sum((above @ inner) * below + (below @ inner) * above, axis=1)


vjp(_of_tridiagonal, d=_by_d, e=_by_e)
written(_of_tridiagonal, "eigh_tridiagonal(d, e)", eigh_tridiagonal=linalg.eigh_tridiagonal)


def eigh_tridiagonal(
    d: Any, e: Any, eigvals_only: Any = False, select: Any = "a", select_range: Any = None,
    check_finite: Any = True, tol: Any = 0.0, lapack_driver: Any = "auto",
) -> Any:  # fmt: skip
    """As ``scipy.linalg.eigh_tridiagonal`` of all eigenvalues."""
    if select not in ("a", "all", 0):
        refuse("eigenvalues of a tridiagonal matrix with select=", "take a part of all of them")
    values, vectors = _of_tridiagonal(d, e)
    return values if eigvals_only else (values, vectors)


def eigvalsh_tridiagonal(
    d: Any, e: Any, select: Any = "a", select_range: Any = None, check_finite: Any = True,
    tol: Any = 0.0, lapack_driver: Any = "auto",
) -> Any:  # fmt: skip
    """As ``scipy.linalg.eigvalsh_tridiagonal`` of all eigenvalues."""
    return eigh_tridiagonal(d, e, True, select)


instead(linalg.eigh_tridiagonal, eigh_tridiagonal)
instead(linalg.eigvalsh_tridiagonal, eigvalsh_tridiagonal)
