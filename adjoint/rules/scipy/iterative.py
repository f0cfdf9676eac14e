"""Rules for ``scipy.sparse.linalg``: systems that are solved step by step, and exponentials.

What is found is taken for the solution: its derivative is that of `adjoint.rules.scipy.
sparse_linalg`, where the system with the transposed matrix is solved in the same way, up to the
same tolerance. What the search begins with has no influence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg as dense_linalg
from scipy import sparse
from scipy.sparse import linalg

from adjoint.rules.directives import itself, refuse
from adjoint.rules.elementwise import is_complex
from adjoint.rules.products import outer_sum
from adjoint.rules.registry import instead, vjp, written
from adjoint.rules.scatter import shaped_like
from adjoint.rules.scipy.dispatch import dispatched
from adjoint.rules.scipy.sparse_products import dense, of_pairs, transposed

__all__: list[str] = []

Function = Callable[..., Any]
transposed_, dense_ = dispatched(transposed), dispatched(dense)
expm_frechet = dispatched(dense_linalg.expm_frechet)

# Systems --------------------------------------------------------------------------------------


def _solving(solve: Function, is_symmetric: bool, of_arrays: bool) -> Function:
    """The function that a call of a solver is, of a sparse matrix or of an array."""

    def iterated(
        matrix: Any, b: Any, x0: Any = None, rtol: Any = 1e-5, atol: Any = 0.0,
        maxiter: Any = None, entries: Any = None, rows: Any = None, columns: Any = None,
    ) -> Any:  # fmt: skip
        if sparse.issparse(matrix) or of_arrays:
            return solve(matrix, b, x0)
        return np.zeros(np.shape(b), np.result_type(matrix, b)), 0  # see `sparse_products`

    def by_b(
        g: Any, ans: Any, matrix: Any, b: Any, x0: Any = None, rtol: Any = 1e-5, atol: Any = 0.0,
        maxiter: Any = None, entries: Any = None, rows: Any = None, columns: Any = None,
    ) -> Any:  # fmt: skip
        if g[0] is None:
            return np.zeros_like(b)
        if is_symmetric and is_complex(b):
            raise NotImplementedError(f"{solve.__name__} of complex numbers: use spsolve(A, b)")
        if not is_symmetric:
            matrix = np.transpose(matrix) if of_arrays else transposed_(matrix)
        given = (None, rtol, atol, maxiter)
        places = () if entries is None else (entries, columns, rows)
        return dispatched(iterated)(matrix, g[0], *given, *places)[0]

    def by_matrix(g: Any, ans: Any, matrix: Any, b: Any, *given: Any) -> Any:
        return -outer_sum(by_b(g, ans, matrix, b, *given), ans[0])

    def by_entries(
        g: Any, ans: Any, matrix: Any, b: Any, x0: Any = None, rtol: Any = 1e-5, atol: Any = 0.0,
        maxiter: Any = None, entries: Any = None, rows: Any = None, columns: Any = None,
    ) -> Any:  # fmt: skip
        d_b = by_b(g, ans, matrix, b, x0, rtol, atol, maxiter, entries, rows, columns)
        return -of_pairs(d_b, ans[0], rows, columns, entries)

    def by_start(g: Any, ans: Any, matrix: Any, b: Any, x0: Any = None, *given: Any) -> Any:
        return np.zeros_like(x0)

    own: Any = {"matrix": by_matrix} if of_arrays else {"entries": by_entries}
    vjp(iterated, b=by_b, x0=by_start, **own)
    bound = "rtol=rtol, " if solve is linalg.minres else "rtol=rtol, atol=atol, "
    written(
        iterated,
        f"{solve.__name__}(matrix, b, x0=x0, {bound}maxiter=maxiter)",
        **{solve.__name__: solve},
    )
    return iterated


def _equivalent(solve: Function, is_symmetric: bool) -> Function:
    of_sparse, of_array = (_solving(solve, is_symmetric, each) for each in (False, True))

    def read(
        A: Any, b: Any, x0: Any = None, *, rtol: Any = 1e-5, atol: Any = 0.0,  # noqa: N803
        maxiter: Any = None, **others: Any,
    ) -> Any:  # fmt: skip
        """As the solver of ``scipy.sparse.linalg``."""
        if others or np.ndim(b) != 1:
            refuse(
                "a solver with a preconditioner, a callback or other options, or of a column",
                "solve with spsolve(A, b), or splu(A).solve(b)",
            )
        given = (b, x0, rtol, atol, maxiter)
        if hasattr(A, "entries"):
            return of_sparse(A.matrix, *given, A.entries, A.rows, A.columns)
        return of_array(A, *given) if isinstance(A, np.ndarray) else of_sparse(itself(A), *given)

    return read


for _name in ("cg", "minres", "cgs", "bicg", "bicgstab", "gmres", "lgmres", "qmr", "gcrotmk",
              "tfqmr"):  # fmt: skip
    _solve = getattr(linalg, _name)
    instead(_solve, _equivalent(_solve, _name in ("cg", "minres")))


# Exponentials ---------------------------------------------------------------------------------
# A. H. Al-Mohy, N. J. Higham, "Computing the Frechet derivative of the matrix exponential" (2009).


def exponential_times(
    matrix: Any, b: Any, entries: Any = None, rows: Any = None, columns: Any = None
) -> Any:
    """``expm_multiply(matrix, b)``."""
    if sparse.issparse(matrix):
        return linalg.expm_multiply(matrix, b)
    return np.zeros(np.shape(b), np.result_type(matrix, b))


exponential_times_ = dispatched(exponential_times)


def _exponential_b(
    g: Any, ans: Any, matrix: Any, b: Any, entries: Any = None, rows: Any = None,
    columns: Any = None,
) -> Any:  # fmt: skip
    places = () if entries is None else (entries, columns, rows)
    return exponential_times_(transposed_(matrix), g, *places)


def _exponential_entries(
    g: Any, ans: Any, matrix: Any, b: Any, entries: Any = None, rows: Any = None,
    columns: Any = None,
) -> Any:  # fmt: skip
    whole = dense_(matrix, entries, rows, columns)
    d_whole = expm_frechet(whole.T, outer_sum(g, b), compute_expm=False)
    return shaped_like(d_whole[rows, columns], entries)


vjp(exponential_times, b=_exponential_b, entries=_exponential_entries)
written(exponential_times, "expm_multiply(matrix, b)", expm_multiply=linalg.expm_multiply)


def expm_multiply(A: Any, B: Any, *times: Any, **options: Any) -> Any:  # noqa: N803
    """As ``scipy.sparse.linalg.expm_multiply`` of one time."""
    if times or options:
        refuse("expm_multiply at several times, or with options", "call it for each t * A")
    if hasattr(A, "entries"):
        return exponential_times(A.matrix, B, A.entries, A.rows, A.columns)
    if isinstance(A, np.ndarray):
        return dense_linalg.expm(A) @ B
    return exponential_times(itself(A), B)


instead(linalg.expm_multiply, expm_multiply)
