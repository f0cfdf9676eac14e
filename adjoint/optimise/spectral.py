"""Finds functions of symmetric matrices that are written with eigenvalues."""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adjoint.ir.builder import Builder
from adjoint.ir.elements import is_elementwise
from adjoint.ir.infer import type_of
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import written
from adjoint.ir.nodes import Const, Function, Let, Operand, Pack, SliceOf, Var
from adjoint.ir.ops import Form, call
from adjoint.ir.values import Array, rank
from adjoint.ir.walk import all_statements, derived_lets, next_number, reads
from adjoint.optimise.edit import replace_lets
from adjoint.rules import Kind, lookup
from adjoint.rules.spectral import spectral
from adjoint.transform.slopes import slope

__all__ = ["use_spectral"]

_PRODUCTS = (operator.matmul, np.matmul, np.dot)
_MULTIPLY = (operator.mul, np.multiply)


def use_spectral(function: Function, facts: Facts) -> Function:
    """Return `function` with each ``(v * s) @ v.T`` known for a function of the matrix.

    ::

        w, v = np.linalg.eigh(a)              w, v = np.linalg.eigh(a)
        s = np.sqrt(w)                        s = np.sqrt(w)
        b = (v * s) @ v.T              ->     t = (v * s) @ v.T, through which nothing passes
                                              b = spectral(t, a, w, v, s, 0.5 / s)

    So that ``v @ np.diag(s) @ v.T`` and the like. It is printed as it was.
    """
    lets = {s.target: s for s in all_statements(function.body) if isinstance(s, Let)}
    if not any(let.op.function is np.linalg.eigh for let in lets.values()):
        return function
    finder = _Finder(lets, written(function))
    derived = frozenset(derived_lets(function))
    changes: dict[Let, list[Let]] = {}
    number = next_number(function)
    for let in lets.values():
        found = None if let in derived else finder.find(let)
        if found is not None:
            builder = Builder(facts, let.place)
            builder.count = number
            _write(builder, let, found)
            changes[let] = [s for s in builder.statements if isinstance(s, Let)]
            number = builder.count
    return replace_lets(function, changes)


@dataclass(frozen=True, slots=True)
class _Found:
    """The parts of ``(v * s) @ v.T``: `values` are the variables that hold the eigenvalues of `a`.

    `lets` compute `s` from them.
    """

    a: Operand
    values: tuple[Var, ...]
    v: Var
    s: Var
    lets: tuple[Let, ...]


def _write(builder: Builder, let: Let, found: _Found) -> None:
    """Write the product as a function of the matrix."""
    assert let.target is not None
    value = Var(builder.count, "", let.target.type)
    builder.count += 1
    builder.append(replace(let, target=value, op=replace(let.op, stopped=True)))
    by = slope(builder, found.lets, found.s, found.values)
    args = (value, found.a, found.values[0], found.v, found.s, by)
    builder.append(replace(let, op=call(spectral), args=args))


@dataclass(frozen=True, slots=True)
class _Finder:
    """What the variables of a function are, and which of them change."""

    lets: Mapping[Var | None, Let]
    changing: Container[Var]

    def find(self, product: Let) -> _Found | None:
        """The parts of a product, if it is one of eigenvectors."""
        if product.op.stopped or product.kwargs or product.op.function not in _PRODUCTS:
            return None
        first, second = product.args
        v = self._turned(second)
        s = self._scale(first, v, turned=False)
        if v is None:
            v, s = first, self._scale(second, first, turned=True)
        matrix = self._decomposed(v, 1)
        if matrix is None or not isinstance(v, Var) or not isinstance(s, Var):
            return None
        lets: dict[Operand, Let] = {}
        if not (_is_real(v, 2) and _is_real(s, 1) and self._follow(s, matrix, lets)):
            return None
        read = dict.fromkeys(v for let in lets.values() for v in reads(let) if rank(v.type) == 1)
        values = tuple(u for u in (s, *read) if self._holds_values(u, matrix))
        known = [*values, *lets, v, matrix.args[0]]
        if not values or any(u in self.changing for u in known if isinstance(u, Var)):
            return None
        return _Found(matrix.args[0], values, v, s, tuple(lets.values()))

    def _made(self, operand: Operand | None, *functions: Callable[..., Any]) -> Let | None:
        let = self.lets.get(operand) if isinstance(operand, Var) else None
        if let is None or let.kwargs or let.op.stopped or let.op.function not in functions:
            return None
        return let

    def _turned(self, operand: Operand) -> Operand | None:
        """What an operand is the transpose of, conjugate or not."""
        let = self._made(operand, np.transpose, np.conjugate, np.ndarray.conj)
        if let is None or len(let.args) > 1:
            return None
        of = let.args[0]
        if let.op.function is np.transpose:
            conjugate = self._made(of, np.conjugate, np.ndarray.conj)
            return conjugate.args[0] if conjugate else of
        return self._turned(of)

    def _scale(self, factor: Operand, v: Operand | None, *, turned: bool) -> Operand | None:
        """What scales the columns of `v`, or the rows of its transpose."""
        if (let := self._made(factor, *_MULTIPLY, *_PRODUCTS)) is None:
            return None
        pairs = [let.args[::-1] if turned else let.args]
        if let.op.function in _MULTIPLY:
            pairs.append(pairs[0][::-1])
        for one, other in pairs:
            if v is not None and (self._turned(one) if turned else one) is v:
                if let.op.function in _PRODUCTS:
                    diagonal = self._made(other, np.diag)
                    return diagonal.args[0] if diagonal and len(diagonal.args) == 1 else None
                return self._column(other) if turned else other
        return None

    def _column(self, operand: Operand) -> Operand | None:
        """The vector that was given a second axis."""
        let = self._made(operand, operator.getitem)
        if let is None:
            return None
        match let.args[1]:
            case Pack("tuple", (SliceOf(Const(None), Const(None), Const(None)), Const(None))):
                return let.args[0]
            case _:
                return None

    def _holds_values(self, operand: Operand, matrix: Let) -> bool:
        """Whether an operand holds the eigenvalues of a matrix that was decomposed."""
        again = self._made(operand, np.linalg.eigvalsh)
        is_same = again is not None and len(again.args) == 1 and again.args[0] is matrix.args[0]
        return is_same or self._decomposed(operand, 0) is matrix

    def _decomposed(self, operand: Operand, position: int) -> Let | None:
        """The ``eigh`` of which an operand is the item at a position."""
        item = self._made(operand, operator.getitem)
        if item is None or not isinstance(item.args[1], Const) or item.args[1].value != position:
            return None
        return self._made(item.args[0], np.linalg.eigh)

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


def _is_elementwise(let: Let) -> bool:
    rule = lookup(let.op.function)
    is_plain = let.op.form in (Form.CALL, Form.OPERATOR) and not let.op.effect
    if rule is None or not is_plain:
        return False
    return rule.kind is Kind.ELEMENTWISE or (
        rule.kind is Kind.ZERO and is_elementwise(let.op.function)
    )


def _is_real(operand: Operand, axes: int) -> bool:
    type_ = type_of(operand)
    return isinstance(type_, Array) and type_.dtype.kind == "f" and rank(type_) == axes
