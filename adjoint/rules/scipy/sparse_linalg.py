"""Rules for ``scipy.sparse.linalg``: systems with a sparse matrix, solved directly.

With ``A x = b`` and the solution ``l`` of ``A.T l = g``, what `b` is given is ``l``, and an entry
of `A` gets minus ``l`` of its row times ``x`` of its column: the gradient has the pattern of the
matrix.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from adjoint.rules.directives import itself, refuse, same_length
from adjoint.rules.registry import instead, refused, vjp, written, zero_derivative
from adjoint.rules.scipy.dispatch import dispatched
from adjoint.rules.scipy.sparse_products import of_pairs, transposed

__all__: list[str] = []

# One system -----------------------------------------------------------------------------------


def solved(matrix: Any, b: Any, entries: Any = None, rows: Any = None, columns: Any = None) -> Any:
    """``spsolve(matrix, b)``."""
    if sparse.issparse(matrix):
        return linalg.spsolve(matrix, b)
    return np.zeros(np.shape(b), np.result_type(matrix, b))


def _solved_b(
    g: Any, ans: Any, matrix: Any, b: Any, entries: Any = None, rows: Any = None,
    columns: Any = None,
) -> Any:  # fmt: skip
    return solved_(transposed_(matrix), g, entries, columns, rows)


def _solved_entries(
    g: Any, ans: Any, matrix: Any, b: Any, entries: Any = None, rows: Any = None,
    columns: Any = None,
) -> Any:  # fmt: skip
    d_b = solved_(transposed_(matrix), g, entries, columns, rows)
    return -of_pairs(d_b, ans, rows, columns, entries)


solved_, transposed_ = dispatched(solved), dispatched(transposed)
vjp(solved, b=_solved_b, entries=_solved_entries)
written(solved, "spsolve(matrix, b)", spsolve=linalg.spsolve)


def spsolve(A: Any, b: Any, permc_spec: Any = None, use_umfpack: Any = True) -> Any:  # noqa: N803
    """As ``scipy.sparse.linalg.spsolve``."""
    if permc_spec is not None or use_umfpack is not True:
        refuse("spsolve with permc_spec or use_umfpack", "leave these away")
    if isinstance(b, (sparse.sparray, sparse.spmatrix)):
        refuse("spsolve with a sparse right side", "write spsolve(A, b.toarray())")
    if np.ndim(b) == 2 and same_length(np.shape(b)[1], 1):
        refuse("spsolve with one column", "hand it a vector: spsolve(A, b[:, 0])")
    if hasattr(A, "entries"):
        return solved(A.matrix, b, A.entries, A.rows, A.columns)
    return solved(itself(A), b)


# Several systems with one matrix --------------------------------------------------------------


def factored(matrix: Any) -> Any:
    """``splu(matrix)``."""
    return matrix


def solved_by(lu: Any, b: Any, entries: Any = None, rows: Any = None, columns: Any = None) -> Any:
    """``lu.solve(b)``."""
    if isinstance(lu, np.ndarray):
        return np.zeros(np.shape(b), np.result_type(lu, b))
    return lu.solve(b)


def solved_back(lu: Any, b: Any, entries: Any = None, rows: Any = None, columns: Any = None) -> Any:
    """``lu.solve(b, "T")``, the solution with the transposed matrix."""
    if isinstance(lu, np.ndarray):
        return np.zeros(np.shape(b), np.result_type(lu, b))
    return lu.solve(b, "T")


def _by_b(
    g: Any, ans: Any, lu: Any, b: Any, entries: Any = None, rows: Any = None, columns: Any = None
) -> Any:
    return solved_back_(lu, g, entries, rows, columns)


def _by_entries(
    g: Any, ans: Any, lu: Any, b: Any, entries: Any = None, rows: Any = None, columns: Any = None
) -> Any:
    return -of_pairs(_by_b(g, ans, lu, b, entries, rows, columns), ans, rows, columns, entries)


def _back_b(
    g: Any, ans: Any, lu: Any, b: Any, entries: Any = None, rows: Any = None, columns: Any = None
) -> Any:
    return solved_by_(lu, g, entries, rows, columns)


def _back_entries(
    g: Any, ans: Any, lu: Any, b: Any, entries: Any = None, rows: Any = None, columns: Any = None
) -> Any:
    return -of_pairs(ans, _back_b(g, ans, lu, b, entries, rows, columns), rows, columns, entries)


solved_by_, solved_back_ = dispatched(solved_by), dispatched(solved_back)
zero_derivative(factored)
vjp(solved_by, b=_by_b, entries=_by_entries)
vjp(solved_back, b=_back_b, entries=_back_entries)
written(factored, "splu(matrix)", splu=linalg.splu)
written(solved_by, "lu.solve(b)")
written(solved_back, "lu.solve(b, 'T')")


class Factored:
    """What ``splu(A)`` gives: the factors, and the entries of the matrix."""

    def __init__(self, A: Any) -> None:  # noqa: N803 (SciPy's own name)
        self.of = A
        self.lu = factored(A.matrix if hasattr(A, "entries") else itself(A))

    def solve(self, rhs: Any, trans: Any = "N") -> Any:
        """Solve a system with the matrix, or with the transposed one."""
        solve = solved_by if trans == "N" else solved_back
        if trans not in ("N", "T"):
            refuse("splu(A).solve with trans='H'", "pass trans='T'")
        if hasattr(self.of, "entries"):
            return solve(self.lu, rhs, self.of.entries, self.of.rows, self.of.columns)
        return solve(self.lu, rhs)


def splu(A: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N803
    """As ``scipy.sparse.linalg.splu``."""
    if args or kwargs:
        refuse("splu with options", "leave these away")
    return Factored(A)


def factorized(A: Any) -> Any:  # noqa: N803
    """As ``scipy.sparse.linalg.factorized``."""
    return Factored(A).solve


instead(linalg.spsolve, spsolve)
instead(linalg.splu, splu)
instead(linalg.factorized, factorized)

refused(
    "solve the normal equations with spsolve(A.T @ A, A.T @ b)",
    linalg.lsqr, linalg.lsmr, effect=True,
)  # fmt: skip
refused(
    "it needs the eigenvectors that it does not find; use np.linalg.eigh(A.toarray())",
    linalg.eigs, linalg.eigsh, linalg.svds, effect=True,
)  # fmt: skip
refused("solve with spsolve(A, x)", linalg.inv, effect=True)
refused("use scipy.linalg.expm(A.toarray())", linalg.expm, effect=True)
