"""The derivative of what is computed element by element, as values beside it."""

from __future__ import annotations

import operator
from collections.abc import Container, Sequence

from adjoint.ir.builder import Builder
from adjoint.ir.handles import handle, operand
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.values import rank
from adjoint.rules import lookup
from adjoint.transform.by_rule import form_of, run_rule
from adjoint.transform.rule_arguments import bound_arguments

__all__ = ["slope"]


def slope(builder: Builder, lets: Sequence[Let], of: Var, by: Container[Operand]) -> Operand:
    """Write the derivative of each element of a variable by the one in its place of some others.

    Parameters
    ----------
    lets
        The statements, each of an elementwise function, that compute `of` from `by`, in order.
    by
        Variables that hold the same.
    """
    slopes: dict[Operand, Operand] = {of: Const(1)}
    for let in reversed(lets):
        rule = lookup(let.op.function)
        if rule is None or let.target is None or let.target not in slopes:
            continue
        g, ans = handle(builder, slopes.pop(let.target)), handle(builder, let.target)
        args = [handle(builder, a) for a in let.args]
        for name, bound in bound_arguments(let, rule):
            if isinstance(bound, Var) and rank(bound.type) == rank(of.type):
                made = operand(
                    run_rule(let, form_of(let, rule, name, has_ans=True), g, ans, args, {})
                )
                slopes[bound] = _sum(builder, slopes.get(bound), made)
    total: Operand | None = None
    for part in (value for variable, value in slopes.items() if variable in by):
        total = _sum(builder, total, part)
    return total or Const(0)


def _sum(builder: Builder, old: Operand | None, new: Operand) -> Operand:
    return new if old is None else builder.binary(operator.add, old, new)
