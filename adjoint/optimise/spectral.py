"""Finds functions of symmetric matrices that are written with eigenvalues."""

from __future__ import annotations

import operator
from dataclasses import replace

from adjoint.ir.builder import Builder
from adjoint.ir.infer import type_of
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import written
from adjoint.ir.nodes import Const, Function, Let, Var
from adjoint.ir.ops import call
from adjoint.ir.values import rank
from adjoint.ir.walk import all_statements, derived_lets, next_number
from adjoint.optimise.edit import replace_lets
from adjoint.optimise.eigenvectors import Finder, Found
from adjoint.rules.decompositions import EIGH
from adjoint.transform.slopes import slope

__all__ = ["use_spectral"]


def use_spectral(function: Function, facts: Facts) -> Function:
    """Return `function` with each ``(v * s) @ v.T`` known for a function of the matrix.

    ::

        w, v = np.linalg.eigh(a)              w, v = np.linalg.eigh(a)
        s = np.sqrt(w)                        s = np.sqrt(w)
        b = (v * s) @ v.T              ->     t = (v * s) @ v.T, through which nothing passes
                                              b = spectral(t, a, w, v, s, 0.5 / s)

    So ``v @ np.diag(s) @ v.T`` and the like, and products of it with a vector. It is printed as it
    was.
    """
    lets = {s.target: s for s in all_statements(function.body) if isinstance(s, Let)}
    if not any(let.op.function in EIGH for let in lets.values()):
        return function
    finder = Finder(lets, written(function))
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


def _write(builder: Builder, let: Let, found: Found) -> None:
    """Write the product as a function of the matrix."""
    assert let.target is not None
    value = Var(builder.count, "", let.target.type)
    builder.count += 1
    builder.append(replace(let, target=value, op=replace(let.op, stopped=True)))
    begin = len(builder.statements)
    s = _scale(builder, found)
    made = tuple(each for each in builder.statements[begin:] if isinstance(each, Let))
    by = slope(builder, (*found.lets, *made), s, found.values)
    args = (value, found.a, found.values[0], found.v, s, by, *found.b)
    builder.append(replace(let, op=call(found.function), args=args, kwargs=()))


def _scale(builder: Builder, found: Found) -> Var:
    """What scales the eigenvectors, as one vector."""
    first, *others = sorted(found.scale.above, key=lambda s: rank(type_of(s)) == 0) or [Const(1)]
    for other in others:
        first = builder.binary(operator.mul, first, other)
    for divisor in found.scale.below:
        first = builder.binary(operator.truediv, first, divisor)
    assert isinstance(first, Var), "one of the factors is a vector"
    return first
