"""What is computed with sparse matrices, one function each, printed as one writes it.

A matrix has `entries` at `rows` and `columns`; several at one place add up. They are given to each
function behind what it computes with, so that a derivative passes through them, and are not
printed: the matrix itself was made of them. Of a matrix that does not depend on anything there are
none.

The interpreter takes a sparse matrix for an array, so that what is said here of types is said of
arrays: that is what the bodies are for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from adjoint.rules.registry import jvp, refused, total, vjp, written, zero_derivative
from adjoint.rules.scatter import shaped_like
from adjoint.rules.scipy.dispatch import dispatched
from adjoint.rules.scipy.pairs import matched

__all__ = [
    "added",
    "converted",
    "dense",
    "diagonal",
    "found",
    "made_dense",
    "multiplied",
    "negated",
    "of_columns",
    "of_coordinates",
    "of_dense",
    "of_diagonals",
    "of_pairs",
    "of_rows",
    "of_unit",
    "product",
    "product_from_left",
    "scaled",
    "shrunk",
    "subtracted",
    "summed",
    "times",
    "transposed",
]

# Of matrices alone ----------------------------------------------------------------------------


def transposed(matrix: Any) -> Any:
    """``matrix.T``."""
    return matrix.T


def found(matrix: Any) -> Any:
    """The rows, columns and values of what is not zero: ``sparse.find(matrix)``."""
    if sparse.issparse(matrix):
        return sparse.find(matrix)
    rows, columns = np.nonzero(matrix)
    return rows, columns, matrix[rows, columns]


found.__adjoint_selects__ = True  # type: ignore[attr-defined]  # the values tell how many


def added(matrix: Any, other: Any) -> Any:
    """The sum of two matrices."""
    return matrix + other


def subtracted(matrix: Any, other: Any) -> Any:
    """The difference of two matrices."""
    return matrix - other


def times(matrix: Any, other: Any) -> Any:
    """The product of two matrices."""
    return matrix @ other


def scaled(matrix: Any, factor: Any) -> Any:
    """A matrix times a number."""
    return matrix * factor


def shrunk(matrix: Any, divisor: Any) -> Any:
    """A matrix divided by a number."""
    return matrix / divisor


def negated(matrix: Any) -> Any:
    """``-matrix``."""
    return -matrix


def multiplied(matrix: Any, other: Any) -> Any:
    """A matrix times an array, element by element."""
    return matrix * other


def converted(matrix: Any, format_: Any) -> Any:
    """A matrix in another format."""
    return matrix


transposed_, found_ = dispatched(transposed), dispatched(found)

zero_derivative(
    transposed, found, matched, added, subtracted, times, scaled, shrunk, negated, multiplied,
    converted,
)  # fmt: skip
total(transposed, found, negated, converted)
written(transposed, "matrix.T")
written(found, "find(matrix)", find=sparse.find)
written(added, "matrix + other")
written(subtracted, "matrix - other")
written(times, "matrix @ other")
written(scaled, "matrix * factor")
written(shrunk, "matrix / divisor")
written(negated, "-matrix")
written(multiplied, "matrix.multiply(other)")
written(converted, "matrix.asformat(format_)")

# Matrices that are made -----------------------------------------------------------------------

CLASSES: tuple[Any, ...] = tuple(
    getattr(sparse, f"{name}_{kind}")
    for name in ("csr", "csc", "coo", "bsr", "dia", "lil", "dok")
    for kind in ("array", "matrix")
)


def _maker(cls: type, text: str) -> Any:
    """A function that makes a matrix of a class of what the text says."""

    def made(data: Any, first: Any, second: Any, shape: Any) -> Any:
        return np.zeros(shape, data.dtype)

    zero_derivative(made)
    written(made, f"{cls.__name__}({text}, shape=shape)", **{cls.__name__: cls})
    return made


def _dense_maker(cls: type) -> Any:
    def made(data: Any) -> Any:
        return np.copy(data)

    zero_derivative(made)
    written(made, f"{cls.__name__}(data)", **{cls.__name__: cls})
    return made


def _diagonals_maker(make: Any, formatted: bool) -> Any:
    def made(diagonals: Any, offsets: Any, shape: Any, format_: Any) -> Any:
        return np.zeros(shape, np.result_type(float, *diagonals))

    zero_derivative(made)
    text = "offsets=offsets, shape=shape" + (", format=format_" if formatted else "")
    written(made, f"{make.__name__}(diagonals, {text})", **{make.__name__: make})
    return made


def _unit_maker(make: Any, formatted: bool) -> Any:
    def made(m: Any, n: Any, k: Any = 0, format_: Any = None) -> Any:
        return np.eye(m, n, k)

    zero_derivative(made)
    total(made)
    text = "m, n, k=k" + (", format=format_" if formatted else "")
    written(made, f"{make.__name__}({text})", **{make.__name__: make})
    return made


#: By the function of SciPy that makes it, and whether a format is named.
of_diagonals = {
    (make, formatted): _diagonals_maker(make, formatted)
    for make in (sparse.diags, sparse.diags_array)
    for formatted in (False, True)
}
of_unit = {
    (make, formatted): _unit_maker(make, formatted)
    for make in (sparse.eye, sparse.eye_array)
    for formatted in (False, True)
}
#: By class: what makes it of values and their places, of compressed rows or columns, of an array.
of_coordinates = {cls: _maker(cls, "(data, (first, second))") for cls in CLASSES}
of_rows = {cls: _maker(cls, "(data, first, second)") for cls in CLASSES}
of_columns = of_rows
of_dense = {cls: _dense_maker(cls) for cls in CLASSES}

# With arrays ----------------------------------------------------------------------------------


def product(matrix: Any, x: Any, entries: Any = None, rows: Any = None, columns: Any = None) -> Any:
    """``matrix @ x``."""
    if sparse.issparse(matrix):
        return matrix @ x
    return np.zeros((np.shape(matrix)[0], *np.shape(x)[1:]), np.result_type(matrix, x))


def of_pairs(left: Any, right: Any, rows: Any, columns: Any, entries: Any) -> Any:
    """For each entry, ``left`` of its row times ``right`` of its column, summed over the rest."""
    pairs = left[rows] * right[columns]
    return shaped_like(pairs if np.ndim(left) == 1 else np.sum(pairs, axis=1), entries)


def _require_vectors(x: Any) -> None:
    if np.ndim(x) not in (1, 2):
        raise NotImplementedError("a sparse matrix times what is no vector and no matrix")


def _product_x(
    g: Any, ans: Any, matrix: Any, x: Any, entries: Any = None, rows: Any = None,
    columns: Any = None,
) -> Any:  # fmt: skip
    _require_vectors(x)
    return product_(transposed_(matrix), g, entries, columns, rows)


def _product_entries(
    g: Any, ans: Any, matrix: Any, x: Any, entries: Any = None, rows: Any = None,
    columns: Any = None,
) -> Any:  # fmt: skip
    _require_vectors(x)
    return of_pairs(g, x, rows, columns, entries)


def product_from_left(
    x: Any, matrix: Any, entries: Any = None, rows: Any = None, columns: Any = None
) -> Any:
    """``x @ matrix``."""
    if sparse.issparse(matrix):
        return x @ matrix
    return np.zeros((*np.shape(x)[:-1], np.shape(matrix)[1]), np.result_type(matrix, x))


def _from_left_x(
    g: Any, ans: Any, x: Any, matrix: Any, entries: Any = None, rows: Any = None,
    columns: Any = None,
) -> Any:  # fmt: skip
    _require_vectors(x)
    return product_from_left_(g, transposed_(matrix), entries, columns, rows)


def _from_left_entries(
    g: Any, ans: Any, x: Any, matrix: Any, entries: Any = None, rows: Any = None,
    columns: Any = None,
) -> Any:  # fmt: skip
    _require_vectors(x)
    if np.ndim(x) == 1:
        return of_pairs(x, g, rows, columns, entries)
    return of_pairs(x.T, g.T, rows, columns, entries)


def dense(matrix: Any, entries: Any = None, rows: Any = None, columns: Any = None) -> Any:
    """``matrix.toarray()``."""
    return matrix.toarray() if sparse.issparse(matrix) else np.copy(matrix)


def diagonal(
    matrix: Any, k: Any = 0, entries: Any = None, rows: Any = None, columns: Any = None
) -> Any:
    """``matrix.diagonal(k)``."""
    return matrix.diagonal(k)


def _diagonal_entries(
    g: Any, ans: Any, matrix: Any, k: Any = 0, entries: Any = None, rows: Any = None,
    columns: Any = None,
) -> Any:  # fmt: skip
    taken = columns - rows == k
    read = g[np.where(taken, np.minimum(rows, columns), 0)]
    return shaped_like(np.where(taken, read, 0), entries)


def summed(matrix: Any, entries: Any = None) -> Any:
    """``matrix.sum()``."""
    return matrix.sum()


product_, product_from_left_ = dispatched(product), dispatched(product_from_left)

vjp(product, x=_product_x, entries=_product_entries)
jvp(product, x=lambda t, ans, matrix, x, *parts: product_(matrix, t, *parts))
vjp(product_from_left, x=_from_left_x, entries=_from_left_entries)
jvp(product_from_left, x=lambda t, ans, x, matrix, *parts: product_from_left_(t, matrix, *parts))
vjp(
    dense,
    entries=lambda g, ans, matrix, entries=None, rows=None, columns=None: shaped_like(
        g[rows, columns], entries
    ),
)
vjp(diagonal, entries=_diagonal_entries)
vjp(summed, entries=lambda g, ans, matrix, entries=None: g * np.ones_like(entries))
written(product, "matrix @ x")
written(product_from_left, "x @ matrix")
written(dense, "matrix.toarray()")
written(diagonal, "matrix.diagonal(k=k)")
written(summed, "matrix.sum()")

# What is not followed -------------------------------------------------------------------------


def made_dense(matrix: Any, entries: Any) -> Any:
    """``matrix.todense()``: an object of ``np.matrix``."""
    return None


refused("np.matrix is not followed; write A.toarray()", made_dense)
written(made_dense, "matrix.todense()")
