"""Finds functions of matrices that are written with eigenvalues or singular values."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from adjoint.ir.builder import Builder
from adjoint.ir.handles import handle, operand
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import written
from adjoint.ir.nodes import Const, Function, Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, call
from adjoint.ir.values import rank, shape_of
from adjoint.ir.walk import all_statements, derived_lets, next_number
from adjoint.optimise.edit import replace_lets
from adjoint.optimise.eigenvectors import Finder, Found
from adjoint.optimise.scaled_vectors import Vectors
from adjoint.rules.decompositions import EIGH, SVD
from adjoint.rules.products import matrix_transposed
from adjoint.transform.slopes import slope

__all__ = ["use_spectral"]


def use_spectral(function: Function, facts: Facts) -> Function:
    """Return `function` with each ``(v * s) @ v.T`` known for a function of the matrix.

    ::

        w, v = np.linalg.eigh(a)              w, v = np.linalg.eigh(a)
        s = np.sqrt(w)                        s = np.sqrt(w)
        b = (v * s) @ v.T              ->     t = (v * s) @ v.T, through which nothing passes
                                              b = spectral(t, a, w, v, s, 0.5 / s)

    So ``v @ np.diag(s) @ v.T`` and the like, products of it with a vector, and those of ``u`` and
    ``vh`` of a singular value decomposition. It is printed as it was.
    """
    lets = {s.target: s for s in all_statements(function.body) if isinstance(s, Let)}
    if not any(let.op.function in (*EIGH, *SVD) for let in lets.values()):
        return function
    finder = Finder(Vectors(lets), written(function))
    derived = frozenset(derived_lets(function))
    changes: dict[Let, list[Let]] = {}
    number = next_number(function)
    for let in lets.values():
        found = None if let in derived else finder.find(let)
        if found is not None and not (found.squared and not _are_all(facts, found)):
            builder = Builder(facts, let.place)
            builder.count = number
            _write(builder, let, found)
            changes[let] = [s for s in builder.statements if isinstance(s, Let)]
            number = builder.count
    return replace_lets(function, changes)


def _are_all(facts: Facts, found: Found) -> bool:
    """Whether there are as many singular vectors as the matrix has rows, or columns."""
    shape = shape_of(found.all_vectors[0].type)
    return shape is not None and facts.equal(shape[0], shape[1]) is True


def _write(builder: Builder, let: Let, found: Found) -> None:
    """Write the product as a function of the matrix."""
    assert let.target is not None
    value = Var(builder.count, "", let.target.type)
    builder.count += 1
    builder.append(replace(let, target=value, op=replace(let.op, stopped=True)))
    begin = len(builder.statements)
    values = found.values or (_all_values(builder, found.decomposed),)
    s = _scale(builder, found)
    made = tuple(each for each in builder.statements[begin:] if isinstance(each, Let))
    by = slope(builder, (*found.lets, *made), s, values) if isinstance(s, Var) else Const(0)
    w, matrix = values[0], [found.decomposed.args[0], *dict.fromkeys((found.left, found.right))]
    if found.taken:
        w = (found.all_values or values)[0]
        matrix[1:] = _all_vectors(builder, found, w)
        s, by = _among_all(builder, w, found.taken, s, by)
    if found.is_transposed:
        matrix = [operand(matrix_transposed(handle(builder, each))) for each in matrix]
    a, *vectors = matrix
    if found.squared:
        args = (value, *_of_squares(builder, found.squared, a, w, *vectors, s, by), *found.b)
    else:
        args = (value, a, w, *vectors, s, by, *found.b)
    builder.append(replace(let, op=call(found.function), args=args, kwargs=()))


def _all_values(builder: Builder, decomposed: Let) -> Var:
    assert decomposed.target is not None, "its items are read"
    place = int(decomposed.op.function in SVD)
    return builder.let(GETITEM, (decomposed.target, Const(place)))


def _all_vectors(builder: Builder, found: Found, w: Var) -> tuple[Operand, ...]:
    """The vectors of a decomposition of which some were taken: as many as it has values."""
    if found.decomposed.op.function in EIGH:
        return found.all_vectors
    begins_with_rows = found.is_transposed or found.squared == "rows"
    axes = (0, 1) if begins_with_rows else (1, 0)

    def thin(vectors: Var, axis: int) -> Operand:
        shape, wanted = shape_of(vectors.type), shape_of(w.type)
        if shape and wanted and builder.facts.equal(shape[axis], wanted[0]) is True:
            return vectors
        whole, count = handle(builder, vectors), np.shape(handle(builder, w))[0]
        return operand(whole[:, :count] if axis else whole[:count])

    return tuple(itertools.starmap(thin, zip(found.all_vectors, axes, strict=False)))


def _among_all(
    builder: Builder, w: Var, taken: Sequence[Operand], s: Operand, by: Operand
) -> tuple[Operand, Operand]:
    """What scales the vectors that were taken, for all: 0 where these are others.

    Between two equal values of which one was taken there is no slope.
    """
    within, indices = [handle(builder, w)], [handle(builder, each) for each in taken]
    for index in indices[:-1]:
        within.append(within[-1][index])

    def among_all(part: Any) -> Any:
        for of, index in zip(reversed(within), reversed(indices), strict=True):
            part = of.scatter(part, index)
        return part

    chosen, slopes = among_all(1.0), among_all(handle(builder, by))
    slopes = np.where(chosen[:, None] == chosen, slopes, np.nan)
    return operand(among_all(handle(builder, s))), operand(slopes)


def _of_squares(builder: Builder, squared: str, *operands: Operand) -> tuple[Operand, ...]:
    """The function as one of ``a @ a.T``, whose eigenvalues are squares of the singular ones."""
    a, w, v, s, by = (handle(builder, each) for each in operands)
    of_columns = squared == "columns"
    matrix = a @ matrix_transposed(a) if of_columns else matrix_transposed(a) @ a
    v = v if of_columns else matrix_transposed(v)
    return tuple(map(operand, (matrix, w * w, v, s, by / np.where(w > 0, 2 * w, np.nan))))


def _scale(builder: Builder, found: Found) -> Operand:
    """What scales the vectors, as one vector, or 1."""
    first, *others = sorted(found.scale.above, key=lambda s: rank(type_of(s)) == 0) or [Const(1)]
    for other in others:
        first = builder.binary(operator.mul, first, other)
    for divisor in found.scale.below:
        first = builder.binary(operator.truediv, first, divisor)
    return first
