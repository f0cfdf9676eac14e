"""Matrices that are symmetric by how they are computed.

Such as ``x @ x.T + 0.1 * np.eye(n)``. Each expression is written down twice, as it stands and
transposed; it is symmetric if both are one. Both are taken to pieces alike, so that a matrix that
is made of transposed parts in another order is seen to be: ``(x @ s @ x.T).T`` is ``x @ s @ x.T``.
"""

from __future__ import annotations

import operator
from collections.abc import Container, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint.ir.alike import likeness
from adjoint.ir.arithmetic import DIFFERENCES, MATRIX_PRODUCTS, POWERS, PRODUCTS, QUOTIENTS, SUMS
from adjoint.ir.elements import is_elementwise
from adjoint.ir.indices import index_items, takes_all
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form
from adjoint.ir.values import Array, rank
from adjoint.ir.walk import reads

__all__ = ["is_symmetric"]

#: How deep an expression is taken to pieces.
_DEPTH = 24
_TRANSPOSES = frozenset({np.transpose, np.swapaxes, np.matrix_transpose})
#: Square matrices that are symmetric whatever they are made of.
_ALWAYS: frozenset[Any] = frozenset({np.cov, np.corrcoef, np.identity, np.zeros, np.ones})
#: Those that are so if they are given one argument, or a vector.
_DIAGONAL: frozenset[Any] = frozenset({np.eye, np.diag, np.diagflat})
_COPIES = frozenset({np.copy, np.array, np.asarray, np.ascontiguousarray})
_REDUCED = frozenset({np.sum, np.mean, np.max, np.min, np.prod, np.linalg.norm})
_EVEN = frozenset({np.square, np.abs, abs, operator.abs, np.fabs, np.cos, np.cosh})
_COMMUTATIVE = SUMS | PRODUCTS | {np.maximum, np.minimum, np.hypot, np.logaddexp}

_Pieces = tuple[Any, ...]


def is_symmetric(
    matrix: Operand, definitions: Mapping[Var | None, Let], written: Container[Var]
) -> bool:
    """Return whether a real square matrix is its own transpose, up to rounding.

    Parameters
    ----------
    matrix
        A matrix, and no batch of them.
    definitions
        How variables were computed.
    written
        The variables whose memory is written in place: what is computed from them is not looked
        into.
    """
    if not _is_real(matrix) or rank(type_of(matrix)) != 2:
        return False
    expressions = _Expressions(definitions, written)
    return expressions.of(matrix, False, _DEPTH) == expressions.of(matrix, True, _DEPTH)


def _is_real(matrix: Operand) -> bool:
    type_ = type_of(matrix)
    return isinstance(type_, Array) and type_.dtype.kind in "fiub"


@dataclass(frozen=True, slots=True)
class _Expressions:
    """The pieces of expressions, with their first two axes in order or `turned`."""

    definitions: Mapping[Var | None, Let]
    written: Container[Var]

    def of(self, value: Operand, turned: bool, depth: int) -> _Pieces:
        let = self.definitions.get(value) if isinstance(value, Var) else None
        if let is None or depth == 0 or any(v in self.written for v in (value, *reads(let))):
            return ("value", value, turned)
        return self._made(let, turned, depth - 1) or ("value", value, turned)

    def _made(self, let: Let, turned: bool, depth: int) -> _Pieces | None:
        """What a statement computes; None where it is not looked into."""
        function, args = let.op.function, let.args
        if let.op.updates or let.op.effect or let.op.stopped or not args:
            return None
        if is_elementwise(function) and not let.kwargs:
            return self._of_elements(let, turned, depth)
        if function in MATRIX_PRODUCTS and not let.kwargs:
            return self._product(args, turned, depth)
        if let.op.form is Form.INDEX:
            return self._with_new_axis(args, turned, depth)
        if function in _REDUCED and rank(type_of(args[0])) == 3 and _is_along_last(let):
            pieces = self.of(args[0], turned, depth)
            if function is np.linalg.norm:
                pieces = _without_sign(pieces)
            rest = tuple((name, likeness(value)) for name, value in let.kwargs)
            return (function, *map(likeness, args[1:]), rest, pieces)
        return self._matrix(let, turned, depth)

    def _matrix(self, let: Let, turned: bool, depth: int) -> _Pieces | None:
        function, args = let.op.function, let.args
        of = rank(type_of(args[0]))
        if function in _TRANSPOSES and of == 2:
            return self.of(args[0], not turned, depth)
        if function in _ALWAYS or (function in _DIAGONAL and _is_plain(let) and of in (0, 1)):
            return ("symmetric", let.target)
        if (function is np.linalg.inv or function in _COPIES) and _is_plain(let) and of == 2:
            return (function, self.of(args[0], turned, depth))
        if function is np.outer and _is_plain(let, 2) and _are_vectors(args):
            sides = (self._along(v, k, turned, depth) for k, v in enumerate(args))
            return _unordered(np.multiply, sides)
        return None

    def _of_elements(self, let: Let, turned: bool, depth: int) -> _Pieces | None:
        """A vector beside a matrix goes along its second axis, rows beside three axes do."""
        function, axes = let.op.function, rank(type_of(let.target)) if let.target else None
        pieces = []
        for each in let.args:
            of = rank(type_of(each))
            if of == 0 or (of == 1 and axes == 3):
                pieces.append(("same", self._alike(each, depth)))
            elif of is not None and axes in (2, 3) and of == axes - 1:
                pieces.append(self._along(each, 1, turned, depth))
            elif of == axes:
                pieces.append(self.of(each, turned, depth))
            else:
                return None
        if function in DIFFERENCES:
            return (np.subtract, *pieces)
        if _is_even(let):
            return (function, _without_sign(pieces[0]), *pieces[1:])
        return _unordered(function, pieces) if function in _COMMUTATIVE else (function, *pieces)

    def _product(self, args: tuple[Operand, ...], turned: bool, depth: int) -> _Pieces | None:
        """The factors of a product in their order, and before it the numbers that scale them."""
        if any(rank(type_of(each)) != 2 for each in args):
            return None
        factors: list[_Pieces] = []
        scales: list[_Pieces] = []
        for each in reversed(args) if turned else args:
            numbers, pieces = _scaled(self.of(each, turned, depth))
            scales += numbers
            factors += pieces[1:] if pieces[0] is np.matmul else (pieces,)
        product = (np.matmul, *factors)
        return _unordered(np.multiply, (*scales, product)) if scales else product

    def _along(self, value: Operand, axis: int, turned: bool, depth: int) -> _Pieces:
        """A vector, or rows of a matrix, along one of the first two axes."""
        return ("along", 1 - axis if turned else axis, self._alike(value, depth))

    def _with_new_axis(self, args: tuple[Operand, ...], turned: bool, depth: int) -> _Pieces | None:
        """``x[:, None]`` and ``x[None]``, of a vector or of the rows of a matrix."""
        items = index_items(args[1])
        new = [k for k, item in enumerate(items) if isinstance(item, Const) and item.value is None]
        others = [item for k, item in enumerate(items) if k not in new]
        if len(new) != 1 or new[0] > 1 or not all(map(takes_all, others)):
            return None
        is_row = rank(type_of(args[0])) in (1, 2)
        return self._along(args[0], 1 - new[0], turned, depth) if is_row else None

    def _alike(self, value: Operand, depth: int) -> Hashable:
        """What values share that are computed alike."""

        def computed(variable: Var) -> Hashable:
            let = self.definitions.get(variable)
            if let is None or depth == 0 or let.op.updates or let.op.effect:
                return variable
            if any(v in self.written for v in (variable, *reads(let))):
                return variable
            args = tuple(self._alike(each, depth - 1) for each in let.args)
            rest = tuple((name, self._alike(each, depth - 1)) for name, each in let.kwargs)
            return (let.op.function, let.op.form, let.op.name, args, rest)

        return likeness(value, computed)


def _scaled(pieces: _Pieces) -> tuple[list[_Pieces], _Pieces]:
    """The numbers that scale a matrix, and what they scale."""
    if pieces[0] is np.multiply:
        numbers = [each for each in pieces[1:] if each[0] == "same"]
        rest = [each for each in pieces[1:] if each[0] != "same"]
        return numbers, rest[0] if len(rest) == 1 else (np.multiply, *rest)
    if pieces[0] in QUOTIENTS and pieces[2][0] == "same":
        return [("over", *pieces[2][1:])], pieces[1]
    return [], pieces


def _without_sign(pieces: _Pieces) -> _Pieces:
    """A difference of which only the size counts."""
    return _unordered(np.subtract, pieces[1:]) if pieces[0] is np.subtract else pieces


def _unordered(function: Any, pieces: Iterable[_Pieces]) -> _Pieces:
    """Operands in an order of their own; those of sums of sums, and products, are of one."""
    kind = np.add if function in SUMS else np.multiply if function in PRODUCTS else function
    parts: list[_Pieces] = []
    for each in pieces:
        parts += each[1:] if each[0] is kind and kind in (np.add, np.multiply) else (each,)
    return (kind, *sorted(parts, key=repr))


def _is_even(let: Let) -> bool:
    if let.op.function in POWERS:
        exponent = let.args[1]
        return isinstance(exponent, Const) and exponent.value in (2, 4, 6)
    return let.op.function in _EVEN


def _is_along_last(let: Let) -> bool:
    """Whether a reduction of an array with three axes is along the last."""
    given = [*let.args[1:2], *(value for name, value in let.kwargs if name == "axis")]
    others = [name for name, _ in let.kwargs if name not in ("axis", "ord")]
    at = given[0] if len(given) == 1 and len(let.args) <= 2 else None
    return isinstance(at, Const) and at.value in (2, -1) and not others


def _is_plain(let: Let, count: int = 1) -> bool:
    return len(let.args) == count and not let.kwargs


def _are_vectors(args: Iterable[Operand]) -> bool:
    return all(rank(type_of(each)) == 1 for each in args)
