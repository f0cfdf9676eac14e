"""Finds functions of matrices that are written with eigenvalues or singular values."""

from __future__ import annotations

import operator
from dataclasses import replace

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
    shape = shape_of(type_of(found.left))
    return shape is not None and facts.equal(shape[0], shape[1]) is True


def _write(builder: Builder, let: Let, found: Found) -> None:
    """Write the product as a function of the matrix."""
    assert let.target is not None
    value = Var(builder.count, "", let.target.type)
    builder.count += 1
    builder.append(replace(let, target=value, op=replace(let.op, stopped=True)))
    begin = len(builder.statements)
    values = found.values or (_singular_values(builder, found.decomposed),)
    s = _scale(builder, found)
    made = tuple(each for each in builder.statements[begin:] if isinstance(each, Let))
    by = slope(builder, (*found.lets, *made), s, values) if isinstance(s, Var) else Const(0)
    matrix = found.decomposed.args[0], *dict.fromkeys((found.left, found.right))
    if found.is_transposed:
        matrix = tuple(operand(matrix_transposed(handle(builder, each))) for each in matrix)
    a, *vectors = matrix
    if found.squared:
        args = (value, *_of_squares(builder, found, values[0], s, by), *found.b)
    else:
        args = (value, a, values[0], *vectors, s, by, *found.b)
    builder.append(replace(let, op=call(found.function), args=args, kwargs=()))


def _of_squares(
    builder: Builder, found: Found, values: Var, s: Operand, by: Operand
) -> tuple[Operand, ...]:
    """The function as one of ``a @ a.T``, whose eigenvalues are squares of the singular ones."""
    a, w, v = (handle(builder, each) for each in (found.decomposed.args[0], values, found.left))
    of_columns = found.squared == "columns"
    matrix = a @ matrix_transposed(a) if of_columns else matrix_transposed(a) @ a
    v = v if of_columns else matrix_transposed(v)
    slope = handle(builder, by) / np.where(w > 0, 2 * w, np.nan)
    return tuple(map(operand, (matrix, w * w, v, handle(builder, s), slope)))


def _singular_values(builder: Builder, decomposed: Let) -> Var:
    assert decomposed.target is not None, "its items are read"
    return builder.let(GETITEM, (decomposed.target, Const(1)))


def _scale(builder: Builder, found: Found) -> Operand:
    """What scales the vectors, as one vector, or 1."""
    first, *others = sorted(found.scale.above, key=lambda s: rank(type_of(s)) == 0) or [Const(1)]
    for other in others:
        first = builder.binary(operator.mul, first, other)
    for divisor in found.scale.below:
        first = builder.binary(operator.truediv, first, divisor)
    return first
