"""Says of the matrices that `cholesky` and `eigh` are given which triangle of them is read."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any, cast

from adjoint.analyses.symmetric import is_symmetric
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import written
from adjoint.ir.nodes import Const, Function, Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import call
from adjoint.ir.walk import all_statements, derived_lets, next_number
from adjoint.optimise.edit import replace_lets
from adjoint.rules import lookup
from adjoint.rules.triangles import mirrored

__all__ = ["use_triangles"]


def use_triangles(function: Function, facts: Facts) -> Function:
    """Return `function` with each matrix known of which one triangle is read.

    ::

        w, v = np.linalg.eigh(a)          ->     t = mirrored(a, False)
                                                 w, v = np.linalg.eigh(t)

    A matrix that is symmetric by how it is computed stays as it is: what flows back into its other
    triangle there comes to the same. It is printed as it was.
    """
    lets = {s.target: s for s in all_statements(function.body) if isinstance(s, Let)}
    read = {let: upper for let in lets.values() if (upper := _reads_upper(let)) is not None}
    if not read:
        return function
    derived, in_place = frozenset(derived_lets(function)), written(function)
    top = frozenset(function.body.statements)  # what stands there is known in all that follows
    changes: dict[Let, list[Let]] = {}
    known: dict[tuple[Operand, bool], Var] = {}
    number = next_number(function)
    for let, upper in read.items():
        a = let.args[0]
        made = lets.get(a) if isinstance(a, Var) else None
        is_known = made is not None and made.op.function is mirrored
        if let in derived or is_known or is_symmetric(a, lets, in_place):
            continue
        half, new = known.get((a, upper)), []
        if half is None:
            half = Var(number, "", type_of(a))
            number += 1
            new = [Let(half, call(mirrored), (a, Const(upper)), (), let.place)]
            if let in top:
                known[a, upper] = half
        changes[let] = [*new, replace(let, args=(half, *let.args[1:]))]
    return replace_lets(function, changes)


def _reads_upper(let: Let) -> bool | None:
    """Whether a call reads the upper triangle of its first argument; None where it reads all."""
    rule = lookup(let.op.function)
    if rule is None or rule.triangle is None:
        return None
    given = inspect.signature(rule.triangle).bind(
        *map(_known, let.args), **{name: _known(value) for name, value in let.kwargs}
    )
    return cast("bool | None", rule.triangle(*given.args, **given.kwargs))


def _known(operand: Operand) -> Any:
    return operand.value if isinstance(operand, Const) else operand
