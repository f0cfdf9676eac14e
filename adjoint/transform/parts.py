"""Questions about the statements of a sweep: what they read of arrays, and what depends on them."""

from __future__ import annotations

from collections.abc import Iterable

from adjoint.ir.infer import type_of
from adjoint.ir.lists import TOP
from adjoint.ir.memory import shared_operands
from adjoint.ir.nodes import Let, Statement, Var
from adjoint.ir.ops import Form
from adjoint.ir.recalls import is_recall
from adjoint.ir.values import rank
from adjoint.ir.walk import all_reads, reads

__all__ = ["depending_on", "is_arithmetic_of_numbers", "read_by_lets", "takes_part"]


def is_arithmetic_of_numbers(let: Let) -> bool:
    """Whether a statement computes a number from numbers, and costs next to nothing."""
    if let.op.effect or let.target is None or rank(let.target.type) != 0:
        return False
    plain = let.op.form is Form.OPERATOR or let.op.function in (len, abs)
    return plain and all(rank(type_of(a)) == 0 for a in let.args)


def read_by_lets(group: Iterable[Statement]) -> list[Var]:
    """The variables that the statements of a group read, without those in loops and branches."""
    lets = (s for s in group if isinstance(s, Let) and not is_recall(s))
    return list(dict.fromkeys(v for let in lets for v in reads(let)))


def takes_part(let: Let) -> bool:
    """Whether a statement reads a part or a view of one array."""
    if not let.args or not isinstance(let.args[0], Var) or let.op.effect or let.op.updates:
        return False
    if let.op == TOP:  # of a stack, which is another by then
        return False
    if let.op.form is Form.INVOKE:  # what it is given, and that is written, it does not show
        return False
    is_shape = let.op.form is Form.ATTRIBUTE and let.op.name == "shape"
    is_index = let.op.form is Form.INDEX
    return is_shape or is_index or any(v is let.args[0] for v in shared_operands(let))


def depending_on(group: list[Statement], variables: Iterable[Var]) -> set[Statement]:
    """The statements of a group that read one of the variables, or what was computed from it."""
    marked = set(variables)
    found: set[Statement] = set()
    for statement in group:
        if any(v in marked for v in all_reads(statement)):
            found.add(statement)
            if isinstance(statement, Let) and statement.target is not None:
                marked.add(statement.target)
    return found
