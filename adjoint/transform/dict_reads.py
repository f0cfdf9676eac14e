"""What reading a dict by a key known at run time contributes.

The adjoint of a dict has zero for each key, until something is added there. So it is the same
whether the key was in the dict: of one that was not, nothing was written before that could take it.
"""

from __future__ import annotations

import operator

from adjoint.analyses.activity import Activity
from adjoint.ir.builder import Builder
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, operation
from adjoint.ir.updates import update_place
from adjoint.ir.values import rank
from adjoint.ir.walk import targets
from adjoint.transform.accumulate import Adjoints, zero

__all__ = ["pull_back_read"]


def pull_back_read(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """Add the cotangent of ``d[key]``, or of ``d.get(key)``, to the adjoint of `d` at the key."""
    owner, key, *_ = let.args
    if not isinstance(owner, Var) or owner not in active:
        return
    held = adjoints.pop(owner)
    if held is None:
        held = zero(builder, owner)
    before = _before_kill(builder, held, key)
    if before is not None and _is_taken(builder, g, before, key):
        adjoints.values[owner] = before
        return
    op, value = update_place("+"), g
    if before is not None:
        op, held = update_place(), before
    elif rank(type_of(g)) != 0:  # what is there may be shared, or the number 0
        there = builder.let(GETITEM, (held, key))
        op, value = update_place(), builder.let(operation(operator.add), (there, g))
    name, type_ = adjoints.name(owner), type_of(held)
    adjoints.values[owner] = builder.let(op, (held, key, value), name=name, type_=type_)


def _before_kill(builder: Builder, held: Operand, key: Operand) -> Operand | None:
    """The adjoint of a dict before that at a key was set to zero, if that was done last here."""
    made = builder.definitions.get(held) if isinstance(held, Var) else None
    if made is None or made.op != update_place() or made.args[1] is not key:
        return None
    if not any(held in targets(statement) for statement in builder.statements):
        return None  # it was done outside of the branch that is written
    before, _, value = made.args
    return before if isinstance(value, Const) and value.value == 0 else None


def _is_taken(builder: Builder, g: Operand, before: Operand, key: Operand) -> bool:
    """Whether a cotangent is what stood at a key."""
    made = builder.definitions.get(g) if isinstance(g, Var) else None
    return made is not None and made.op == GETITEM and made.args == (before, key)
