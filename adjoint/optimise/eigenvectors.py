"""Products of eigenvectors that are functions of the matrix: ``(v * s) @ v.T``, with `s` of values.

Products with a vector, ``v @ (s * (v.T @ b))`` and ``np.sum(s * (v.T @ b) ** 2)``, are too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import MATRIX_PRODUCTS, POWERS, PRODUCTS, QUOTIENTS
from adjoint.ir.elements import is_elementwise
from adjoint.ir.indices import index_items, takes_all
from adjoint.ir.infer import type_of
from adjoint.ir.nodes import Const, Let, Operand, Pack, Var
from adjoint.ir.ops import Form
from adjoint.ir.subscripts import kept_axes
from adjoint.ir.values import Array, rank
from adjoint.ir.walk import reads
from adjoint.rules import Kind, lookup
from adjoint.rules.decompositions import EIGH
from adjoint.rules.spectral import spectral, spectral_form, spectral_product

__all__ = ["Factors", "Finder", "Found"]

_TRANSPOSES = (np.transpose, np.swapaxes, np.matrix_transpose)


@dataclass(frozen=True, slots=True)
class Factors:
    """A product element by element: what multiplies, what divides, and which vectors ``v.T @ b``.

    A vector that is an axis longer is named without that axis.
    """

    above: tuple[Operand, ...] = ()
    below: tuple[Operand, ...] = ()
    vectors: tuple[Operand, ...] = ()

    def times(self, other: Factors) -> Factors:
        """The product of both."""
        return Factors(
            self.above + other.above, self.below + other.below, self.vectors + other.vectors
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A function of a matrix.

    Attributes
    ----------
    function
        Which of `adjoint.rules.spectral` it is.
    a, values, v
        The matrix, the variables that hold its eigenvalues, and its eigenvectors.
    scale
        What `s` is the product of.
    lets
        The statements that compute that from the values.
    b
        The vector or matrix that it is multiplied by.
    """

    function: Callable[..., Any]
    a: Operand
    values: tuple[Var, ...]
    v: Var
    scale: Factors
    lets: tuple[Let, ...]
    b: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Finder:
    """What the variables of a function are, and which of them change."""

    lets: Mapping[Var | None, Let]
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
        left, right = self._scaled(first), self._scaled_rows(second)
        if left is None or right is None or left[0] is not right[0]:
            return None
        return self._found(spectral, left[0], left[1].times(right[1]), ())

    def _times(self, first: Operand, second: Operand) -> Found | None:
        """``v @ (s * (v.T @ b))``."""
        left = self._scaled(first)
        if left is None:
            return None
        v, factors = left
        right = self._factors(second, v, rank(type_of(second)) or 0)
        if right is None or len(right.vectors) != 1:
            return None
        factors = factors.times(right)
        return self._found(spectral_product, v, replace(factors, vectors=()), factors.vectors)

    def _form(self, first: Operand, second: Operand | None) -> Found | None:
        """``np.sum(s * (v.T @ b) ** 2)``, or ``(v.T @ b) @ (s * (v.T @ b))``."""
        if rank(type_of(first)) != 1:
            return None
        v = self._eigenvectors_in(first) or (self._eigenvectors_in(second) if second else None)
        if v is None:
            return None
        factors = self._factors(first, v, 1)
        others = self._factors(second, v, 1) if second is not None else Factors()
        if factors is None or others is None:
            return None
        factors = factors.times(others)
        if len(factors.vectors) != 2 or factors.vectors[0] is not factors.vectors[1]:
            return None
        return self._found(spectral_form, v, replace(factors, vectors=()), factors.vectors[:1])

    def _sum_of_products(self, script: Operand, *operands: Operand) -> Found | None:
        """``np.einsum("ij,j,kj->ik", v, s, v)``, or with ``b`` in the place of the axis `k`."""
        terms = _terms(script, len(operands))
        if terms is None:
            return None
        given = [*zip(terms, operands, strict=False)]
        turned = [self._with_columns(term, each) for term, each in given]
        vectors = [each for each in turned if each is not None]
        if len(vectors) != 2 or vectors[0][1] is not vectors[1][1]:
            return None
        (first, v, factors), (second, _, others) = vectors
        rest = [pair for pair, each in zip(given, turned, strict=True) if each is None]
        column, ends = first[1], (first[0], second[0])
        scale = Factors(tuple(each for term, each in rest if term == column))
        if column != second[1] or len({column, *ends}) < 3 or column in terms[-1]:
            return None
        factors = factors.times(others).times(scale)
        match [(term, each) for term, each in rest if term != column]:
            case [] if sorted(terms[-1]) == sorted(ends):
                return self._found(spectral, v, factors, ())
            case [(term, b)] if _is_product(term, terms[-1], ends):
                return self._found(spectral_product, v, factors, (b,))
        return None

    def _with_columns(self, term: str, operand: Operand) -> tuple[str, Operand, Factors] | None:
        """The letters of the rows and columns of eigenvectors, these, and what scales them."""
        if len(term) != 2:
            return None
        for letters, known in (
            (term, self._scaled(operand)),
            (term[::-1], self._scaled_rows(operand)),
        ):
            if known is not None:
                return letters, *known
        return None

    def _found(
        self,
        function: Callable[..., Any],
        v: Operand,
        scale: Factors,
        b: tuple[Operand, ...],
    ) -> Found | None:
        matrix = self._decomposed(v, 1)
        if matrix is None or not isinstance(v, Var) or not _is_real(v):
            return None
        axes = (rank(v.type) or 0) - 1
        if axes != 1 and function is not spectral:
            return None
        if not all(rank(type_of(each)) != 0 and _is_real(each) for each in b):
            return None
        lets: dict[Operand, Let] = {}
        scales = (*scale.above, *scale.below)
        if not any(_is_real(s, axes) for s in scales):
            return None
        if not all(rank(type_of(s)) in (0, axes) for s in scales):
            return None
        if not all(self._follow(s, matrix, lets) for s in scales):
            return None
        read = dict.fromkeys(u for let in lets.values() for u in reads(let) if rank(u.type) == axes)
        vectors = (s for s in (*scales, *read) if isinstance(s, Var) and rank(s.type) == axes)
        values = tuple(dict.fromkeys(u for u in vectors if self._holds_values(u, matrix)))
        known = [*values, *scales, *lets, *b, v, matrix.args[0]]
        if not values or any(u in self.changing for u in known if isinstance(u, Var)):
            return None
        return Found(function, matrix.args[0], values, v, scale, tuple(lets.values()), b)

    # -- what an operand is ----------------------------------------------------------------------

    def _made(self, operand: Operand | None, *functions: Callable[..., Any]) -> Let | None:
        let = self.lets.get(operand) if isinstance(operand, Var) else None
        if let is None or let.kwargs or let.op.stopped or let.op.function not in functions:
            return None
        return let

    def _turned(self, operand: Operand) -> Operand | None:
        """What an operand is the transpose of, conjugate or not."""
        let = self._made(operand, *_TRANSPOSES, np.conjugate, np.ndarray.conj)
        if let is None or (let.op.function in _TRANSPOSES and not _turns_matrices(let)):
            return None
        of = let.args[0]
        if let.op.function in _TRANSPOSES:
            conjugate = self._made(of, np.conjugate, np.ndarray.conj)
            return conjugate.args[0] if conjugate else of
        return self._turned(of) if len(let.args) == 1 else None

    def _scaled(self, operand: Operand) -> tuple[Operand, Factors] | None:
        """`v` and what scales its columns: ``v``, ``v * s``, ``v / s``, ``v @ np.diag(s)``."""
        if self._decomposed(operand, 1) is not None:
            return operand, Factors()
        let = self._made(operand, *PRODUCTS, *QUOTIENTS, *MATRIX_PRODUCTS)
        if let is None:
            return None
        first, second = let.args
        if let.op.function in MATRIX_PRODUCTS:
            return _times(self._scaled(first), above=self._diagonal(second))
        left, right = self._column_scale(first), self._column_scale(second)
        if let.op.function in QUOTIENTS:
            return _times(self._scaled(first), below=right)
        return _times(self._scaled(first), above=right) or _times(self._scaled(second), above=left)

    def _scaled_rows(self, operand: Operand) -> tuple[Operand, Factors] | None:
        """The same of the transpose: ``v.T``, ``s[:, None] * v.T``, ``np.diag(s) @ v.T``."""
        of = self._turned(operand)
        if of is not None:
            return self._scaled(of)
        let = self._made(operand, *PRODUCTS, *QUOTIENTS, *MATRIX_PRODUCTS)
        if let is None:
            return None
        first, second = let.args
        if let.op.function in MATRIX_PRODUCTS:
            return _times(self._scaled_rows(second), above=self._diagonal(first))
        left, right = self._row_scale(first), self._row_scale(second)
        if let.op.function in QUOTIENTS:
            return _times(self._scaled_rows(first), below=right)
        return _times(self._scaled_rows(first), above=right) or _times(
            self._scaled_rows(second), above=left
        )

    def _diagonal(self, operand: Operand) -> Operand | None:
        diagonal = self._made(operand, np.diag)
        return diagonal.args[0] if diagonal is not None and len(diagonal.args) == 1 else None

    def _row_scale(self, operand: Operand) -> Operand | None:
        return operand if rank(type_of(operand)) == 0 else self._column(operand)

    def _column_scale(self, operand: Operand) -> Operand | None:
        """What scales the columns of a matrix: in a batch, what was given an axis for the rows."""
        if (rank(type_of(operand)) or 0) < 2:
            return operand
        return self._without_axis(operand, -2)

    def _column(self, operand: Operand) -> Operand | None:
        """The vector, or those of a batch, that was given an axis behind."""
        return self._without_axis(operand, -1)

    def _without_axis(self, operand: Operand, axis: int) -> Operand | None:
        """What an operand was before an index that adds this axis alone; it counts from behind."""
        let = self._made(operand, operator.getitem)
        if let is None:
            return None
        items, axes = index_items(let.args[1]), rank(type_of(operand)) or 0
        if len(items) < -axis or not _is_const(items[axis], None):
            return None
        others = [item for item in items if item is not items[axis]]
        dots = [item for item in others if _is_const(item, Ellipsis)]
        is_whole = all(takes_all(item) for item in others if item not in dots)
        return let.args[0] if is_whole and (dots == list(items[:1]) or len(items) == axes) else None

    def _projected(self, operand: Operand) -> tuple[Operand, Factors] | None:
        """`v`, and the factors of ``v.T @ b``, or of ``b @ v``; `v` may be scaled."""
        let = self._made(operand, *MATRIX_PRODUCTS)
        if let is None:
            return None
        first, second = let.args
        if rank(type_of(first)) == 2:
            return _times(self._scaled_rows(first), vector=second)
        return _times(self._scaled(second), vector=first)

    def _eigenvectors_in(self, operand: Operand) -> Operand | None:
        """The eigenvectors by which some vector in a product is projected."""
        known = self._projected(operand)
        if known is not None:
            return known[0]
        let = self._made(operand, *PRODUCTS, *QUOTIENTS, *POWERS, np.square)
        found = (self._eigenvectors_in(each) for each in (let.args if let else ()))
        return next((v for v in found if v is not None), None)

    def _factors(self, product: Operand, v: Operand, axes: int) -> Factors | None:
        """The factors of a product of vectors ``v.T @ b`` of so many axes with other things."""
        known = self._projected(product)
        if known is not None:
            return known[1] if known[0] is v else None
        if self._eigenvectors_in(product) is None:
            s = product if axes == 1 else self._row_scale(product)
            return None if s is None else Factors((s,))
        let = self._made(product, *PRODUCTS, *QUOTIENTS, *POWERS, np.square)
        if let is None:
            return None
        first = self._factors(let.args[0], v, axes)
        if let.op.function is np.square or let.op.function in POWERS:
            is_square = let.op.function is np.square or _is_two(let.args[1])
            return first.times(first) if first is not None and is_square else None
        second = self._factors(let.args[1], v, axes)
        if first is None or second is None:
            return None
        if let.op.function in QUOTIENTS:
            if second.vectors or second.below:
                return None
            second = Factors(below=second.above)
        return first.times(second)

    def _holds_values(self, operand: Operand, matrix: Let) -> bool:
        """Whether an operand holds the eigenvalues of a matrix that was decomposed."""
        again = self._made(operand, np.linalg.eigvalsh)
        is_same = again is not None and len(again.args) == 1 and again.args[0] is matrix.args[0]
        return is_same or self._decomposed(operand, 0) is matrix

    def _decomposed(self, operand: Operand | None, position: int) -> Let | None:
        """The ``eigh`` of which an operand is the item at a position."""
        item = self._made(operand, operator.getitem)
        if item is None or not isinstance(item.args[1], Const) or item.args[1].value != position:
            return None
        return self._made(item.args[0], *EIGH)

    def _follow(self, s: Operand, matrix: Let, lets: dict[Operand, Let]) -> bool:
        """Find what computes `s` from eigenvalues, each element from the one in its place."""
        if rank(type_of(s)) == 0 or s in lets or self._holds_values(s, matrix):
            return True
        let = self.lets.get(s) if isinstance(s, Var) else None
        if let is None or let.kwargs or let.op.stopped or not _is_elementwise(let):
            return False
        if not all(self._follow(argument, matrix, lets) for argument in let.args):
            return False
        lets[s] = let
        return True


def _turns_matrices(let: Let) -> bool:
    """Whether a statement exchanges the last two axes, and no others."""
    axes = rank(type_of(let.args[0])) or 0
    match let.op.function, let.args[1:]:
        case np.swapaxes, (Const(first), Const(second)):
            return {first % axes, second % axes} == {axes - 2, axes - 1}
        case np.transpose, ():
            return axes == 2
        case np.transpose, (Const(tuple() as order),):
            return order == (*range(axes - 2), axes - 1, axes - 2)
        case np.transpose, (Pack(_, items),):
            order = tuple(item.value if isinstance(item, Const) else None for item in items)
            return order == (*range(axes - 2), axes - 1, axes - 2)
        case np.matrix_transpose, ():
            return True
        case _:
            return False


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


def _times(
    scaled: tuple[Operand, Factors] | None,
    *,
    above: Operand | None = None,
    below: Operand | None = None,
    vector: Operand | None = None,
) -> tuple[Operand, Factors] | None:
    """Scaled eigenvectors, times another factor, if that is known for one."""
    further = [() if each is None else (each,) for each in (above, below, vector)]
    if scaled is None or not any(further):
        return None
    return scaled[0], scaled[1].times(Factors(*further))


def _is_const(operand: Operand, value: Any) -> bool:
    return isinstance(operand, Const) and operand.value is value


def _is_two(operand: Operand) -> bool:
    return isinstance(operand, Const) and type(operand.value) in (int, float) and operand.value == 2


def _is_elementwise(let: Let) -> bool:
    rule = lookup(let.op.function)
    is_plain = let.op.form in (Form.CALL, Form.OPERATOR) and not let.op.effect
    if rule is None or not is_plain:
        return False
    return rule.kind is Kind.ELEMENTWISE or (
        rule.kind is Kind.ZERO and is_elementwise(let.op.function)
    )


def _is_real(operand: Operand, axes: int | None = None) -> bool:
    type_ = type_of(operand)
    is_float = isinstance(type_, Array) and type_.dtype.kind == "f"
    return is_float and axes in (None, rank(type_))
