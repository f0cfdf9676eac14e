"""Methods and operators of sparse matrices, read in the place of SciPy's own.

They work on what `sparse_making` has of a matrix, and write what `sparse_products` has.
"""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from scipy import sparse

from adjoint.rules.directives import itself, refuse, same_length
from adjoint.rules.registry import instead, matrices
from adjoint.rules.scipy import sparse_products as op
from adjoint.rules.scipy.pairs import matched
from adjoint.rules.scipy.sparse_making import (
    TRANSPOSED,
    Parts,
    as_array,
    class_of,
    converted,
    held,
    is_sparse,
    make_compressed,
    make_of_coordinates,
    own_class,
    parts_of,
)

__all__: list[str] = []

# Operators and methods ------------------------------------------------------------------------


def matmul(self: Any, other: Any) -> Any:
    """``A @ other``."""
    if is_sparse(other):
        return _matrix_product(self, other)
    if hasattr(self, "entries"):
        return op.product(self.matrix, as_array(other), self.entries, self.rows, self.columns)
    return op.product(itself(self), as_array(other))


def rmatmul(self: Any, other: Any) -> Any:
    """``other @ A``."""
    other = as_array(other)
    if hasattr(self, "entries"):
        return op.product_from_left(other, self.matrix, self.entries, self.rows, self.columns)
    return op.product_from_left(other, itself(self))


def _matrix_product(a: Any, b: Any) -> Any:
    first = parts_of(a)
    second = parts_of(b)
    matrix = op.times(first.matrix, second.matrix)
    left, right = matched(first.columns, second.rows)
    entries = first.entries[left] * second.entries[right]
    names = (type(a).__name__[:3], type(b).__name__[:3])
    keeps = names[0] in ("csc", "bsr") or names == ("dia", "dia")
    made = Parts(matrix, entries, first.rows[left], second.columns[right])
    return class_of(a, names[0] if keeps else "csr")(made)


def multiply(self: Any, other: Any) -> Any:
    """``A * other`` of sparse arrays, ``A.multiply(other)``."""
    if is_sparse(other):
        return _multiplied(self, other)
    if np.ndim(other) == 0:
        return _scaled(self, other)
    parts = parts_of(self)
    other = as_array(other)
    factors = np.broadcast_to(other, np.shape(parts.matrix))[parts.rows, parts.columns]
    matrix = op.multiplied(parts.matrix, other)
    made = Parts(matrix, parts.entries * factors, parts.rows, parts.columns)
    return class_of(self, "coo")(made)


def _multiplied(a: Any, b: Any) -> Any:
    """Two matrices of one shape, element by element."""
    first = parts_of(a)
    second = parts_of(b)
    m, n = np.shape(first.matrix)
    others = np.shape(second.matrix)
    if not (same_length(m, others[0]) and same_length(n, others[1])):
        refuse("two sparse matrices of different shapes are multiplied", "repeat the smaller one")
    matrix = op.multiplied(first.matrix, second.matrix)
    places = first.rows * n + first.columns
    left, right = matched(places, second.rows * n + second.columns)
    entries = first.entries[left] * second.entries[right]
    return class_of(a, "csr")(Parts(matrix, entries, first.rows[left], first.columns[left]))


def _scaled(a: Any, factor: Any) -> Any:
    parts = parts_of(a)
    matrix = op.scaled(parts.matrix, factor)
    return own_class(a)(Parts(matrix, parts.entries * factor, parts.rows, parts.columns))


def matrix_multiply(self: Any, other: Any) -> Any:
    """``A * other`` of sparse matrices: the product of matrices, but with a number."""
    if not is_sparse(other) and np.ndim(other) == 0:
        return _scaled(self, other)
    return matmul(self, other)


def matrix_multiply_from_left(self: Any, other: Any) -> Any:
    """``other * A`` of sparse matrices."""
    return _scaled(self, other) if np.ndim(other) == 0 else rmatmul(self, other)


def divide(self: Any, other: Any) -> Any:
    """``A / other``."""
    if is_sparse(other) or np.ndim(other) != 0:
        refuse("a sparse matrix is divided by what is no number", "divide its values")
    parts = parts_of(self)
    matrix = op.shrunk(parts.matrix, other)
    return own_class(self)(Parts(matrix, parts.entries / other, parts.rows, parts.columns))


def negative(self: Any) -> Any:
    """``-A``."""
    parts = parts_of(self)
    matrix = op.negated(parts.matrix)
    return own_class(self)(Parts(matrix, -parts.entries, parts.rows, parts.columns))


def add(self: Any, other: Any) -> Any:
    """``A + other``."""
    if isinstance(other, numbers.Number):  # sum([A, B]) begins with 0
        return self
    if not is_sparse(other):
        return _dense(self) + other
    a = parts_of(self)
    b = parts_of(other)
    return own_class(self)(_joined(op.added(a.matrix, b.matrix), a, b, b.entries))


def subtract(self: Any, other: Any) -> Any:
    """``A - other``."""
    if not is_sparse(other):
        return _dense(self) - other
    a = parts_of(self)
    b = parts_of(other)
    return own_class(self)(_joined(op.subtracted(a.matrix, b.matrix), a, b, -b.entries))


def subtract_from(self: Any, other: Any) -> Any:
    """``other - A``."""
    return other - _dense(self)


def _dense(a: Any) -> Any:
    if isinstance(a, sparse.spmatrix):
        refuse("a sparse matrix and an array are added: that is an np.matrix", "write A.toarray()")
    return toarray(a)


def _joined(matrix: Any, a: Any, b: Any, others: Any) -> Any:
    entries = np.concatenate((a.entries, others))
    rows = np.concatenate((a.rows, b.rows))
    return Parts(matrix, entries, rows, np.concatenate((a.columns, b.columns)))


def toarray(self: Any, order: Any = None, out: Any = None) -> Any:
    """``A.toarray()``."""
    if out is not None:
        refuse("A.toarray(out=…)", "assign what is returned: x[...] = A.toarray()")
    if hasattr(self, "entries"):
        return op.dense(self.matrix, self.entries, self.rows, self.columns)
    return op.dense(itself(self))


def todense(self: Any, order: Any = None, out: Any = None) -> Any:
    """``A.todense()``."""
    if isinstance(self, sparse.sparray):
        return toarray(self, order, out)
    parts = parts_of(self)
    return op.made_dense(parts.matrix, parts.entries)


def diagonal(self: Any, k: Any = 0) -> Any:
    """``A.diagonal(k)``."""
    if hasattr(self, "entries"):
        return op.diagonal(self.matrix, k, self.entries, self.rows, self.columns)
    return op.diagonal(itself(self), k)


def sum_(self: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """``A.sum(axis)``."""
    if dtype is not None or out is not None:
        refuse("A.sum with dtype= or out=", "leave these away")
    if axis is None:
        return op.summed(held(self), self.entries if hasattr(self, "entries") else None)
    if isinstance(self, spmatrix):
        refuse("A.sum(axis) is an np.matrix", "write A @ np.ones(n), or np.ones(m) @ A")
    m, n = np.shape(held(self))
    return matmul(self, np.ones(n)) if axis in (1, -1) else rmatmul(self, np.ones(m))


def mean(self: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """``A.mean(axis)``."""
    m, n = np.shape(held(self))
    total = sum_(self, axis, dtype, out)
    if axis is None:
        return total / (m * n)
    return total / n if axis in (1, -1) else total / m


def transpose(self: Any, axes: Any = None, copy: Any = False) -> Any:
    """``A.transpose()``."""
    name = TRANSPOSED[type(self).__name__[:3]]
    parts = parts_of(self)
    cls = class_of(self, name)
    return cls(Parts(op.transposed(parts.matrix), parts.entries, parts.columns, parts.rows))


def asformat(self: Any, format: Any, copy: Any = False) -> Any:
    """``A.asformat(format)``."""
    if format is None or type(self).__name__[:3] == format:
        return self
    return class_of(self, format)(converted(self, format))


def tocsr(self: Any, copy: Any = False) -> Any:
    """``A.tocsr()``."""
    return asformat(self, "csr")


def tocsc(self: Any, copy: Any = False) -> Any:
    """``A.tocsc()``."""
    return asformat(self, "csc")


def tocoo(self: Any, copy: Any = False) -> Any:
    """``A.tocoo()``."""
    return asformat(self, "coo")


def the_same(self: Any) -> Any:
    """``A.copy()``: nothing that is followed changes a matrix."""
    return self


def shape(self: Any) -> Any:
    """``A.shape``."""
    return np.shape(held(self))


def ndim(self: Any) -> Any:
    """``A.ndim``."""
    return np.ndim(held(self))


def transposed(self: Any) -> Any:
    """``A.T``."""
    return transpose(self)


def issparse(x: Any) -> bool:
    """As ``sparse.issparse``."""
    return is_sparse(x)


# What stands for what -------------------------------------------------------------------------

spmatrix: Any = sparse.spmatrix
_METHODS: dict[str, Any] = {
    "__matmul__": matmul,
    "__rmatmul__": rmatmul,
    "dot": matmul,
    "multiply": multiply,
    "__truediv__": divide,
    "__neg__": negative,
    "__add__": add,
    "__radd__": add,
    "__sub__": subtract,
    "__rsub__": subtract_from,
    "toarray": toarray,
    "todense": todense,
    "diagonal": diagonal,
    "sum": sum_,
    "mean": mean,
    "transpose": transpose,
    "asformat": asformat,
    "tocsr": tocsr,
    "tocsc": tocsc,
    "tocoo": tocoo,
    "copy": the_same,
}
_PROPERTIES: dict[str, Any] = {"shape": shape, "ndim": ndim, "T": transposed}


def _declare() -> None:
    """Have the methods of all classes read as those here; several classes share some."""
    declared: set[Any] = set()

    def stand_in(own: Any, other: Any) -> None:
        if own not in declared:
            declared.add(own)
            instead(own, other)

    for cls in op.CLASSES:
        for name, method in _METHODS.items():
            stand_in(getattr(cls, name), method)
        for name, getter in _PROPERTIES.items():
            stand_in(getattr(cls, name).fget, getter)
        is_array = issubclass(cls, sparse.sparray)
        stand_in(cls.__mul__, multiply if is_array else matrix_multiply)
        stand_in(cls.__rmul__, multiply if is_array else matrix_multiply_from_left)
        compressed = cls.__name__[:3] in ("csr", "csc")
        stand_in(cls.__init__, make_compressed if compressed else make_of_coordinates)


matrices(*op.CLASSES)
_declare()
instead(sparse.issparse, issparse)
