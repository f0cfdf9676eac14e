"""Products of eigenvectors that are functions of the matrix: ``(v * s) @ v.T``, with `s` of values.

Products with a vector, ``v @ (s * (v.T @ b))`` and ``np.sum(s * (v.T @ b) ** 2)``, are too, and so
are products of left and right singular vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import MATRIX_PRODUCTS
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.subscripts import kept_axes
from adjoint.ir.values import rank
from adjoint.ir.walk import reads
from adjoint.optimise.scaled_vectors import Factors, Part, Vectors, is_complex, is_real
from adjoint.rules.decompositions import SVD
from adjoint.rules.singular import singular, singular_product
from adjoint.rules.spectral import spectral, spectral_form, spectral_product

__all__ = ["Finder", "Found"]

#: The functions of matrices by eigenvalues, and those by singular values.
_BY_SINGULAR_VALUES: dict[Callable[..., Any], Callable[..., Any]] = {
    spectral: singular,
    spectral_product: singular_product,
}


@dataclass(frozen=True, slots=True)
class Found:
    """A function of a matrix.

    Attributes
    ----------
    function
        Which of `adjoint.rules.spectral` it is.
    decomposed, values
        The decomposition of the matrix, and the variables that hold its values.
    left, right
        The vectors of which `left` has those on the left of the product; they are the same of a
        symmetric matrix.
    scale
        What `s` is the product of; of nothing if it is 1.
    lets
        The statements that compute that from the values.
    b
        The vector or matrix that it is multiplied by.
    is_transposed
        Whether it is a function of the transposed matrix: ``(vh.T * s) @ u.T``.
    squared
        Of what the vectors are the eigenvectors, where they are singular ones and `left` and
        `right` the same: ``a @ a.T``, of which they are "columns", or ``a.T @ a``, "rows".
    taken
        The indices that took these values and vectors of all, one after the other.
    all_values, all_vectors
        The variables that hold all of these; of the values where something is computed from them.
    """

    function: Callable[..., Any]
    decomposed: Let
    values: tuple[Var, ...]
    left: Var
    right: Var
    scale: Factors
    lets: tuple[Let, ...]
    b: tuple[Operand, ...]
    is_transposed: bool
    squared: str = ""
    taken: tuple[Operand, ...] = ()
    all_values: tuple[Var, ...] = ()
    all_vectors: tuple[Var, ...] = ()


@dataclass(frozen=True, slots=True)
class Finder:
    """What the variables of a function are, and which of them change."""

    vectors: Vectors
    changing: Container[Var]

    def find(self, product: Let) -> Found | None:
        """The parts of a product, if it is a function of a symmetric matrix."""
        if product.op.stopped or product.target is None:
            return None
        if product.op.function is np.einsum and {k for k, _ in product.kwargs} <= {"optimize"}:
            return self._sum_of_products(*product.args)
        if product.kwargs:
            return None
        if product.op.function is np.sum and len(product.args) == 1:
            return self._form(product.args[0], None)
        if product.op.function not in MATRIX_PRODUCTS:
            return None
        first, second = product.args
        ranks = rank(type_of(first)), rank(type_of(second))
        if product.op.function is np.dot and max(ranks[0] or 3, ranks[1] or 3) > 2:
            return None  # which is no product of the matrices of two batches
        if ranks == (1, 1):
            return self._form(first, second)
        return self._matrix(first, second) or self._times(first, second)

    # -- the three forms -------------------------------------------------------------------------

    def _matrix(self, first: Operand, second: Operand) -> Found | None:
        """``(v * s) @ v.T``."""
        left, right = self.vectors.scaled(first), self.vectors.scaled_rows(second)
        if left is None or right is None:
            return None
        return self._found(spectral, left[0], right[0], left[1].times(right[1]), ())

    def _times(self, first: Operand, second: Operand) -> Found | None:
        """``v @ (s * (v.T @ b))``, or a vector ``(s * (b @ v)) @ v.T``."""
        if rank(type_of(first)) == 1:
            left, projected = self.vectors.scaled_rows(second), first
        else:
            left, projected = self.vectors.scaled(first), second
        right = self.vectors.projecting(projected) if left is not None else None
        if left is None or right is None:
            return None
        others = self.vectors.factors(projected, right, rank(type_of(projected)) or 0)
        if others is None or len(others.vectors) != 1:
            return None
        factors = replace(left[1].times(others), vectors=())
        return self._found(spectral_product, left[0], right, factors, others.vectors)

    def _form(self, first: Operand, second: Operand | None) -> Found | None:
        """``np.sum(s * (v.T @ b) ** 2)``, or ``(v.T @ b) @ (s * (v.T @ b))``."""
        if rank(type_of(first)) != 1:
            return None
        v = self.vectors.projecting(first) or (self.vectors.projecting(second) if second else None)
        if v is None:
            return None
        factors = self.vectors.factors(first, v, 1)
        others = self.vectors.factors(second, v, 1) if second is not None else Factors()
        if factors is None or others is None:
            return None
        factors = factors.times(others)
        if len(factors.vectors) != 2 or factors.vectors[0] is not factors.vectors[1]:
            return None
        vectors = factors.vectors[:1]
        return self._found(spectral_form, v, v, replace(factors, vectors=()), vectors)

    def _sum_of_products(self, script: Operand, *operands: Operand) -> Found | None:
        """``np.einsum("ij,j,kj->ik", v, s, v)``, or with ``b`` in the place of the axis `k`."""
        terms = _terms(script, len(operands))
        if terms is None:
            return None
        given = [*zip(terms, operands, strict=False)]
        turned = [self._with_columns(term, each) for term, each in given]
        vectors = [each for each in turned if each is not None]
        if len(vectors) != 2:
            return None
        (first, left, factors), (second, right, others) = vectors
        if first[0] != terms[-1][:1]:
            left, right = right, left
        rest = [pair for pair, each in zip(given, turned, strict=True) if each is None]
        column, ends = first[1], (first[0], second[0])
        scale = Factors(tuple(each for term, each in rest if term == column))
        if column != second[1] or len({column, *ends}) < 3 or column in terms[-1]:
            return None
        factors = factors.times(others).times(scale)
        match [(term, each) for term, each in rest if term != column]:
            case [] if sorted(terms[-1]) == sorted(ends):
                return self._found(spectral, left, right, factors, ())
            case [(term, b)] if _is_product(term, terms[-1], ends):
                return self._found(spectral_product, left, right, factors, (b,))
        return None

    def _with_columns(self, term: str, operand: Operand) -> tuple[str, Operand, Factors] | None:
        """The letters of the rows and columns of eigenvectors, these, and what scales them."""
        if len(term) != 2 or not is_real(operand):
            return None
        for letters, known in (
            (term, self.vectors.scaled(operand)),
            (term[::-1], self.vectors.scaled_rows(operand)),
        ):
            if known is not None:
                return letters, *known
        return None

    def _found(
        self,
        function: Callable[..., Any],
        left: Operand,
        right: Operand,
        scale: Factors,
        b: tuple[Operand, ...],
    ) -> Found | None:
        part, other = self.vectors.part(left), self.vectors.part(right)
        if part is None or other is None or not part.belongs_to(other):
            return None
        matrix, is_same = part.decomposed, part == other
        squared = part.name if matrix.op.function in SVD and is_same else ""
        if matrix.op.function in SVD and not squared:
            if function not in _BY_SINGULAR_VALUES:
                return None
            function = _BY_SINGULAR_VALUES[function]
        assert isinstance(left, Var), "it is an item"
        assert isinstance(right, Var), "it is an item"
        axes = (rank(left.type) or 0) - 1
        if not is_real(left) and (squared or not (is_complex(left) and function is spectral)):
            return None
        if axes != 1 and (squared or function not in (spectral, singular)):
            return None
        if not all(rank(type_of(each)) != 0 and is_real(each) for each in b):
            return None
        computed = self._computed((*scale.above, *scale.below), part, axes)
        if computed is None or not (computed[0] or not is_same):
            return None
        values, lets = computed
        known = [*values, *scale.above, *scale.below, *(let.target for let in lets)]
        of = [self.vectors.part(u) for u in values]
        all_values = tuple(each.whole for each in of if each is not None)[:1]
        all_vectors = tuple(dict.fromkeys((part.whole, other.whole)))
        known += (*self.vectors.asked(part), *all_values, *all_vectors)
        if self._may_change(*known, *b, left, right, matrix.args[0]):
            return None
        is_transposed = part.name == "rows" and not squared
        whole = part.taken, all_values, all_vectors
        return Found(
            function, matrix, values, left, right, scale, lets, b, is_transposed, squared, *whole
        )

    def _computed(
        self, scales: tuple[Operand, ...], part: Part, axes: int
    ) -> tuple[tuple[Var, ...], tuple[Let, ...]] | None:
        """The values of a matrix by which some vectors are scaled, and what computes that.

        There are none where nothing scales the vectors.
        """
        if not scales:
            return (), ()
        lets: dict[Operand, Let] = {}
        if not any(is_real(s, axes) for s in scales):
            return None
        if not all(rank(type_of(s)) in (0, axes) for s in scales):
            return None
        if not all(self.vectors.follow(s, part, lets) for s in scales):
            return None
        read = dict.fromkeys(u for let in lets.values() for u in reads(let) if rank(u.type) == axes)
        vectors = (s for s in (*scales, *read) if isinstance(s, Var) and rank(s.type) == axes)
        values = tuple(dict.fromkeys(u for u in vectors if self.vectors.holds_values(u, part)))
        return (values, tuple(lets.values())) if values else None

    def _may_change(self, *operands: Operand | None) -> bool:
        return any(u in self.changing for u in operands if isinstance(u, Var))


def _terms(script: Operand, count: int) -> list[str] | None:
    """The letters of each operand of a sum of products, and those of the result at the end."""
    if not isinstance(script, Const) or not isinstance(script.value, str) or "." in script.value:
        return None
    given, result = kept_axes(script.value)
    terms = [*given.split(","), result]
    return terms if len(terms) == count + 1 else None


def _is_product(term: str, result: str, ends: tuple[str, str]) -> bool:
    """Whether ``b`` of these letters takes the place of the one end, and the other is kept."""
    new = term[1:]
    return new not in ends and any(
        term[:1] == gone and result == kept + new for gone, kept in (ends, ends[::-1])
    )
