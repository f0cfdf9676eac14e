"""Says of the matrices that `cholesky` and `eigh` are given which triangle of them is read."""

from __future__ import annotations

import inspect
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from adjoint.analyses.symmetric import is_symmetric
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import written
from adjoint.ir.nodes import Const, Function, Let, Operand, Statement, Var
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
    derived = frozenset(derived_lets(function))
    marks = _Marks(lets, written(function), frozenset(function.body.statements))
    marks.number = next_number(function)
    return replace_lets(
        function, {let: marks.put(let, upper) for let, upper in read.items() if let not in derived}
    )


@dataclass(slots=True)
class _Marks:
    """What puts marks on matrices: one for all that read the same triangle of one."""

    lets: Mapping[Var | None, Let]
    in_place: Container[Var]
    #: The statements of the function itself: what they define is known in all that follow.
    top: Container[Statement]
    number: int = 0
    known: dict[tuple[Var, bool], Var] = field(default_factory=dict)

    def put(self, let: Let, upper: bool) -> list[Let]:
        """A call with marks on its matrices, and the statements that make them."""
        made: list[Let] = []
        args = list(let.args)
        for k, a in enumerate(args[: _count(let)]):
            if isinstance(a, Var) and not self._is_both(a):
                args[k] = self._half(a, upper, let, made)
        return [*made, replace(let, args=tuple(args))]

    def _is_both(self, a: Var) -> bool:
        """Whether the triangles of a matrix are the same, or it has a mark."""
        made = self.lets.get(a)
        is_marked = made is not None and made.op.function is mirrored
        return is_marked or is_symmetric(a, self.lets, self.in_place)

    def _half(self, a: Var, upper: bool, let: Let, made: list[Let]) -> Var:
        if (a, upper) in self.known:
            return self.known[a, upper]
        half = Var(self.number, "", a.type)
        self.number += 1
        made.append(Let(half, call(mirrored), (a, Const(upper)), (), let.place))
        if let in self.top:
            self.known[a, upper] = half
        return half


def _reads_upper(let: Let) -> bool | None:
    """Whether a call reads the upper triangle of its first argument; None where it reads all."""
    rule = lookup(let.op.function)
    if rule is None or rule.triangle is None:
        return None
    given = inspect.signature(rule.triangle).bind(
        *map(_known, let.args), **{name: _known(value) for name, value in let.kwargs}
    )
    return cast("bool | None", rule.triangle(*given.args, **given.kwargs))


def _count(let: Let) -> int:
    """How many of its first arguments it reads so."""
    rule = lookup(let.op.function)
    return 0 if rule is None else min(rule.halves, len(let.args))


def _known(operand: Operand) -> Any:
    return operand.value if isinstance(operand, Const) else operand
