"""Eigenvectors and singular vectors in a program, and what they are scaled and multiplied by."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from adjoint.ir.alike import likeness
from adjoint.ir.arithmetic import MATRIX_PRODUCTS, POWERS, PRODUCTS, QUOTIENTS
from adjoint.ir.elements import is_elementwise
from adjoint.ir.indices import index_items, takes_all
from adjoint.ir.nodes import Const, Let, Operand, Pack, SliceOf, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form
from adjoint.ir.values import Array, Type, rank
from adjoint.ir.walk import operand_vars, reads
from adjoint.rules import Kind, lookup
from adjoint.rules.decompositions import EIGH, SVD

__all__ = ["Factors", "Part", "Vectors", "is_complex", "is_real"]

#: Of what each decomposition gives: the values, and vectors as the columns or rows of a matrix.
_PARTS: dict[Callable[..., Any], tuple[str, ...]] = {
    **dict.fromkeys(EIGH, ("values", "columns")),
    **dict.fromkeys(SVD, ("columns", "values", "rows")),
}
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
class Part:
    """What an operand is of a decomposition.

    Attributes
    ----------
    name
        Whether it has "values", or vectors as its "columns" or "rows".
    decomposed
        The decomposition.
    whole
        The variable that holds all of the values or vectors of that name.
    taken
        The indices by which some of the values, or their vectors, were taken, one after the other.
    written
        The same, so that it can be compared with that of another part.
    """

    name: str
    decomposed: Let
    whole: Var = field(compare=False)
    taken: tuple[Operand, ...] = field(default=(), compare=False)
    written: tuple[Hashable, ...] = ()

    def belongs_to(self, other: Part) -> bool:
        """Whether this has the values or vectors of the same places as `other`."""
        return self.decomposed is other.decomposed and self.written == other.written


@dataclass(frozen=True, slots=True)
class Vectors:
    """What operands are by the statements of a program that define them."""

    lets: Mapping[Var | None, Let]

    def _made(self, operand: Operand | None, *functions: Callable[..., Any]) -> Let | None:
        let = self.lets.get(operand) if isinstance(operand, Var) else None
        if let is None or let.kwargs or let.op.stopped or let.op.function not in functions:
            return None
        return let

    def _turned(self, operand: Operand) -> Operand | None:
        """What an operand is the transpose of; of complex vectors the conjugate transpose."""
        of, is_conjugate = self._transposed(operand)
        return of if of is not None and (is_conjugate or is_real(of)) else None

    def _transposed(self, operand: Operand) -> tuple[Operand | None, bool]:
        """What an operand is the transpose of, and whether it is conjugate."""
        let = self._made(operand, *_TRANSPOSES, np.conjugate, np.ndarray.conj)
        if let is None or (let.op.function in _TRANSPOSES and not _turns_matrices(let)):
            return None, False
        of = let.args[0]
        if let.op.function in _TRANSPOSES:
            conjugate = self._made(of, np.conjugate, np.ndarray.conj)
            return (conjugate.args[0], True) if conjugate else (of, False)
        of_all, is_conjugate = self._transposed(of) if len(let.args) == 1 else (None, False)
        return of_all, not is_conjugate

    def scaled(self, operand: Operand) -> tuple[Operand, Factors] | None:
        """`v` and what scales its columns: ``v``, ``v * s``, ``v / s``, ``v @ np.diag(s)``."""
        if self._is_part(operand, "columns"):
            return operand, Factors()
        of = self._turned(operand)
        if of is not None:
            return self.scaled_rows(of)
        let = self._made(operand, *PRODUCTS, *QUOTIENTS, *MATRIX_PRODUCTS)
        if let is None:
            return None
        first, second = let.args
        if let.op.function in MATRIX_PRODUCTS:
            return _times(self.scaled(first), above=self._diagonal(second))
        left, right = self._column_scale(first), self._column_scale(second)
        if let.op.function in QUOTIENTS:
            return _times(self.scaled(first), below=right)
        return _times(self.scaled(first), above=right) or _times(self.scaled(second), above=left)

    def scaled_rows(self, operand: Operand) -> tuple[Operand, Factors] | None:
        """The same of rows: ``v.T``, ``vh``, ``s[:, None] * v.T``, ``np.diag(s) @ v.T``."""
        if self._is_part(operand, "rows"):
            return operand, Factors()
        of = self._turned(operand)
        if of is not None:
            return self.scaled(of)
        let = self._made(operand, *PRODUCTS, *QUOTIENTS, *MATRIX_PRODUCTS)
        if let is None:
            return None
        first, second = let.args
        if let.op.function in MATRIX_PRODUCTS:
            return _times(self.scaled_rows(second), above=self._diagonal(first))
        left, right = self._row_scale(first), self._row_scale(second)
        if let.op.function in QUOTIENTS:
            return _times(self.scaled_rows(first), below=right)
        return _times(self.scaled_rows(first), above=right) or _times(
            self.scaled_rows(second), above=left
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
            return _times(self.scaled_rows(first), vector=second)
        return _times(self.scaled(second), vector=first)

    def projecting(self, operand: Operand) -> Operand | None:
        """The eigenvectors by which some vector in a product is projected."""
        known = self._projected(operand)
        if known is not None:
            return known[0]
        let = self._made(operand, *PRODUCTS, *QUOTIENTS, *POWERS, np.square)
        found = (self.projecting(each) for each in (let.args if let else ()))
        return next((v for v in found if v is not None), None)

    def factors(self, product: Operand, v: Operand, axes: int) -> Factors | None:
        """The factors of a product of vectors ``v.T @ b`` of so many axes with other things."""
        known = self._projected(product)
        if known is not None:
            return known[1] if known[0] is v else None
        if self.projecting(product) is None:
            s = product if axes == 1 else self._row_scale(product)
            return None if s is None else Factors((s,))
        let = self._made(product, *PRODUCTS, *QUOTIENTS, *POWERS, np.square)
        if let is None:
            return None
        first = self.factors(let.args[0], v, axes)
        if let.op.function is np.square or let.op.function in POWERS:
            is_square = let.op.function is np.square or _is_two(let.args[1])
            return first.times(first) if first is not None and is_square else None
        second = self.factors(let.args[1], v, axes)
        if first is None or second is None:
            return None
        if let.op.function in QUOTIENTS:
            if second.vectors or second.below:
                return None
            second = Factors(below=second.above)
        return first.times(second)

    def holds_values(self, operand: Operand, vectors: Part) -> bool:
        """Whether an operand holds the values of vectors."""
        again = self._made(operand, np.linalg.eigvalsh, np.linalg.svdvals)
        matrix = vectors.decomposed
        if again is not None and len(again.args) == 1 and again.args[0] is matrix.args[0]:
            is_singular = again.op.function is np.linalg.svdvals
            return is_singular == (matrix.op.function in SVD) and not vectors.taken
        part = self.part(operand)
        return part is not None and part.name == "values" and part.belongs_to(vectors)

    def _is_part(self, operand: Operand, name: str) -> bool:
        part = self.part(operand)
        return part is not None and part.name == name

    def part(self, operand: Operand | None) -> Part | None:
        """Which part of a decomposition an operand is."""
        item = self._made(operand, operator.getitem)
        if item is None:
            return None
        of, index = item.args
        assert item.target is not None, "it has a value"
        let = self.lets.get(of) if isinstance(of, Var) else None
        if let is None or let.op.stopped or let.op.function not in _PARTS:
            return self._some(self.part(of), type_of(of), index)
        is_plain = {name for name, _ in let.kwargs} <= {"full_matrices"} and len(let.args) < 3
        parts = dict(enumerate(_PARTS[let.op.function]))
        name = parts.get(index.value) if isinstance(index, Const) else None
        return Part(name, let, item.target) if is_plain and name is not None else None

    def _some(self, of: Part | None, type_: Type, index: Operand) -> Part | None:
        """Some of the values of one matrix, or of their vectors: ``w[:k]``, ``v[:, order]``."""
        if of is None or rank(type_) != (1 if of.name == "values" else 2):
            return None
        items = list(index_items(index))
        axis = 1 if of.name == "columns" else 0
        if len(items) <= axis or not _takes_some(items[axis]):
            return None
        taken = items.pop(axis)
        if not all(map(takes_all, items)):
            return None
        written = likeness(taken, self._computation)
        return replace(of, taken=(*of.taken, taken), written=(*of.written, written))

    def asked(self, part: Part) -> list[Var]:
        """What tells which values or vectors a part has, and what that was computed of."""
        taken = [v for index in part.taken for v in operand_vars(index)]
        return [*taken, *(v for of in taken if of in self.lets for v in reads(self.lets[of]))]

    def _computation(self, variable: Var) -> Hashable:
        """What is equal for tests of the same values, as ``w > 0`` is twice."""
        let = self.lets.get(variable)
        if let is None or let.kwargs or not _is_elementwise(let):
            return variable
        return let.op.function, *map(likeness, let.args)

    def follow(self, s: Operand, vectors: Part, lets: dict[Operand, Let]) -> bool:
        """Find what computes `s` from eigenvalues, each element from the one in its place."""
        if rank(type_of(s)) == 0 or s in lets or self.holds_values(s, vectors):
            return True
        let = self.lets.get(s) if isinstance(s, Var) else None
        if let is None or let.kwargs or let.op.stopped or not _is_elementwise(let):
            return False
        if not all(self.follow(argument, vectors, lets) for argument in let.args):
            return False
        lets[s] = let
        return True


def _takes_some(index: Operand) -> bool:
    """Whether an index takes some of the places along an axis, in any order."""
    match index:
        case Const(value):
            return isinstance(value, slice)
        case Var(_, _, Array(dtype, shape)):
            return dtype.kind in "iub" and shape is not None and len(shape) == 1
        case _:
            return isinstance(index, SliceOf)


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


def is_real(operand: Operand, axes: int | None = None) -> bool:
    """Whether an operand is an array of real floats, with so many axes if these are given."""
    return _is_array(operand, "f") and axes in (None, rank(type_of(operand)))


def is_complex(operand: Operand) -> bool:
    """Whether an operand is an array of complex numbers."""
    return _is_array(operand, "c")


def _is_array(operand: Operand, kind: str) -> bool:
    type_ = type_of(operand)
    return isinstance(type_, Array) and type_.dtype.kind == kind
