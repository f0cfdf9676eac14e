"""Sparse matrices that a program makes: what they are made of, and the functions that make them.

One has `entries` at `rows` and `columns`, whatever its format; `matrix` is the object itself. One
that came in has none of these, and is constant.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from adjoint.rules.directives import itself, refuse, same_length, unwritten
from adjoint.rules.registry import instead
from adjoint.rules.scipy import sparse_products as op

__all__ = [
    "TRANSPOSED",
    "Parts",
    "as_array",
    "class_of",
    "converted",
    "held",
    "is_sparse",
    "keep",
    "make_compressed",
    "make_of_coordinates",
    "own_class",
    "parts_of",
]

ARRAYS = {cls.__name__[:3]: cls for cls in op.CLASSES if issubclass(cls, sparse.sparray)}
MATRICES = {cls.__name__[:3]: cls for cls in op.CLASSES if issubclass(cls, sparse.spmatrix)}
#: The format of the transposed matrix.
TRANSPOSED = {**{name: name for name in ARRAYS}, "csr": "csc", "csc": "csr", "dok": "coo"}
WITH_SHAPE = "name the shape: shape=(m, n)"
COPY = "hand over a copy: data.copy()"

# Parts ----------------------------------------------------------------------------------------


class Parts:
    """What a matrix is made of, where it is made of another."""

    def __init__(self, matrix: Any, entries: Any, rows: Any, columns: Any) -> None:
        self.matrix = matrix
        self.entries = entries
        self.rows = rows
        self.columns = columns


def keep(self: Any, parts: Any) -> None:
    """Note what a matrix is made of."""
    self.matrix = parts.matrix
    self.entries = parts.entries
    self.rows = parts.rows
    self.columns = parts.columns


def is_sparse(value: Any) -> bool:
    return isinstance(value, (sparse.sparray, sparse.spmatrix))


def held(a: Any) -> Any:
    """The matrix itself."""
    return a.matrix if hasattr(a, "entries") else itself(a)


def parts_of(a: Any) -> Any:
    if hasattr(a, "entries"):
        return a
    matrix = itself(a)
    rows, columns, entries = op.found(matrix)
    return Parts(matrix, entries, rows, columns)


def class_of(a: Any, name: Any) -> Any:
    return MATRICES[name] if isinstance(a, sparse.spmatrix) else ARRAYS[name]


def own_class(a: Any) -> Any:
    """The class of a matrix that is made of another: a dict of entries is none of ours."""
    return class_of(a, "coo") if isinstance(a, (sparse.dok_array, sparse.dok_matrix)) else type(a)


def as_array(value: Any) -> Any:
    return np.array(value) if isinstance(value, (tuple, list)) else value


# Making ---------------------------------------------------------------------------------------


def make_compressed(
    self: Any, arg1: Any, shape: Any = None, dtype: Any = None, copy: Any = False
) -> None:
    """As ``csr_array(…)``, ``csc_array(…)``."""
    if isinstance(arg1, tuple) and len(arg1) == 3:
        if shape is None:
            refuse("a sparse matrix whose shape follows from its indices", WITH_SHAPE)
        data, indices, pointers = arg1
        data = _values(data, dtype)
        indices = as_array(indices)
        pointers = as_array(pointers)
        matrix = op.of_rows[type(self)](data, indices, pointers, shape)
        major = np.repeat(np.arange(np.shape(pointers)[0] - 1), np.diff(pointers))
        if isinstance(self, (sparse.csr_array, sparse.csr_matrix)):
            keep(self, Parts(matrix, data, major, indices))
        else:
            keep(self, Parts(matrix, data, indices, major))
    else:
        make_of_coordinates(self, arg1, shape, dtype)


def make_of_coordinates(
    self: Any, arg1: Any, shape: Any = None, dtype: Any = None, copy: Any = False
) -> None:
    """As ``coo_array(…)``."""
    if isinstance(arg1, Parts):
        keep(self, arg1)
    elif is_sparse(arg1):
        keep(self, converted(arg1, type(self).__name__[:3], dtype))
    elif isinstance(arg1, tuple) and len(arg1) == 2 and isinstance(arg1[1], (tuple, list)):
        if len(arg1[1]) != 2:
            refuse("a sparse array of one axis", "use a vector")
        if shape is None:
            refuse("a sparse matrix whose shape follows from its indices", WITH_SHAPE)
        data = _values(arg1[0], dtype)
        rows = as_array(arg1[1][0])
        columns = as_array(arg1[1][1])
        matrix = op.of_coordinates[type(self)](data, rows, columns, shape)
        keep(self, Parts(matrix, data, rows, columns))
    elif isinstance(arg1, tuple):
        refuse(
            "a sparse matrix of this is not followed",
            "make it of values and their places: csr_array((data, (rows, columns)), shape=(m, n))",
        )
    else:
        data = _values(arg1, dtype)
        rows, columns = np.indices(np.shape(data))
        matrix = op.of_dense[type(self)](data)
        keep(self, Parts(matrix, np.ravel(data), np.ravel(rows), np.ravel(columns)))


def _values(data: Any, dtype: Any) -> Any:
    data = as_array(unwritten(data, COPY))
    return data if dtype is None else data.astype(dtype)


def converted(a: Any, name: Any, dtype: Any = None) -> Any:
    if dtype is not None:
        refuse("a sparse matrix is converted to another dtype", "convert its values before")
    parts = parts_of(a)
    return Parts(op.converted(parts.matrix, name), parts.entries, parts.rows, parts.columns)


def diags_array(
    diagonals: Any, /, *, offsets: Any = 0, shape: Any = None, format: Any = None,
    dtype: Any = None,
) -> Any:  # fmt: skip
    """As ``sparse.diags_array``."""
    return _diagonals(ARRAYS, diagonals, offsets, shape, format, dtype)


def diags(
    diagonals: Any, offsets: Any = 0, shape: Any = None, format: Any = None, dtype: Any = None
) -> Any:
    """As ``sparse.diags``."""
    return _diagonals(MATRICES, diagonals, offsets, shape, format, dtype)


def _diagonals(
    classes: Any, diagonals: Any, offsets: Any, shape: Any, format: Any, dtype: Any
) -> Any:
    if dtype is not None:
        diagonals = np.asarray(diagonals).astype(dtype)
    if isinstance(offsets, (tuple, list)):
        places = offsets
    elif np.ndim(offsets) == 0:
        places = [offsets]
        diagonals = [diagonals] if np.ndim(diagonals[0]) == 0 else diagonals
    else:
        refuse("sparse.diags with an array of offsets", "write the offsets as a list")
    if shape is None:
        shape = _square(np.shape(diagonals[0])[0], abs(places[0]))
    m, n = shape
    entries = []
    rows = []
    columns = []
    for values, k in zip(diagonals, places, strict=True):
        length = _length(m, n, k)
        place = np.arange(length)
        entries.append(_along(values, length))
        rows.append(_moved(place, max(-k, 0)))
        columns.append(_moved(place, max(k, 0)))
    make = op.of_diagonals[
        (sparse.diags if classes is MATRICES else sparse.diags_array, format is not None)
    ]
    matrix = make(diagonals, places, (m, n), format)
    name = "dia" if format is None else format
    return classes[name](Parts(matrix, _row(entries), _row(rows), _row(columns)))


def _row(parts: Any) -> Any:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _square(length: Any, k: Any) -> Any:
    size = length if k == 0 else length + k
    return size, size


def _length(m: Any, n: Any, k: Any) -> Any:
    """The length of a diagonal."""
    if same_length(m, n):
        return m if k == 0 else m - abs(k)
    return min(m + min(k, 0), n - max(k, 0))


def _moved(place: Any, by: Any) -> Any:
    return place if by == 0 else place + by


def _along(values: Any, length: Any) -> Any:
    if np.ndim(values) == 0:
        return np.full(length, values)
    return values if same_length(np.shape(values)[0], length) else np.full(length, values[0])


def eye_array(m: Any, n: Any = None, *, k: Any = 0, dtype: Any = float, format: Any = None) -> Any:
    """As ``sparse.eye_array``."""
    return _unit(ARRAYS, m, n, k, dtype, format)


def eye(m: Any, n: Any = None, k: Any = 0, dtype: Any = float, format: Any = None) -> Any:
    """As ``sparse.eye``."""
    return _unit(MATRICES, m, n, k, dtype, format)


def identity(n: Any, dtype: Any = "d", format: Any = None) -> Any:
    """As ``sparse.identity``."""
    return _unit(MATRICES, n, n, 0, float if dtype == "d" else dtype, format)


def _unit(classes: Any, m: Any, n: Any, k: Any, dtype: Any, format: Any) -> Any:
    if dtype is not float:
        refuse("sparse.eye with a dtype", "leave dtype= away")
    width = m if n is None else n
    place = np.arange(_length(m, width, k))
    function = sparse.eye if classes is MATRICES else sparse.eye_array
    make = op.of_unit[(function, format is not None)]
    matrix = make(m, width, k, format)
    name = "dia" if format is None else format
    ones = np.ones(_length(m, width, k))
    return classes[name](Parts(matrix, ones, _moved(place, max(-k, 0)), _moved(place, max(k, 0))))


def kron(A: Any, B: Any, format: Any = None) -> Any:  # noqa: N803 (SciPy's own names)
    """As ``sparse.kron`` of two sparse matrices."""
    a = parts_of(A)
    b = parts_of(B)
    m, n = np.shape(b.matrix)
    entries = np.ravel(a.entries[:, None] * b.entries)
    rows = np.ravel(a.rows[:, None] * m + b.rows)
    columns = np.ravel(a.columns[:, None] * n + b.columns)
    shape = (np.shape(a.matrix)[0] * m, np.shape(a.matrix)[1] * n)
    cls = class_of(A, "coo" if format is None else format)
    return cls((entries, (rows, columns)), shape=shape)


instead(sparse.diags_array, diags_array)
instead(sparse.diags, diags)
instead(sparse.eye_array, eye_array)
instead(sparse.eye, eye)
instead(sparse.identity, identity)
instead(sparse.kron, kron)
