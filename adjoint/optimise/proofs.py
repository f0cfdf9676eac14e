"""What a statement shows by not raising, and which other statement shows the same.

A division of Python numbers shows that the divisor is not 0, an index that it is in range. An
update of an array of the same shape at the same index shows that too: ``d_x[i] += e`` for ``x[i]``.
"""

from __future__ import annotations

from adjoint.ir.alike import likeness
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Let
from adjoint.ir.operands import type_of
from adjoint.ir.ops import GETITEM, Form
from adjoint.ir.values import Array, same_shape
from adjoint.optimise.safe_calls import is_scalar_division

__all__ = ["may_be_shown_elsewhere", "shown", "shows_too"]


def may_be_shown_elsewhere(let: Let) -> bool:
    """Whether what `let` shows may be shown by another statement."""
    return is_scalar_division(let) or (let.op == GETITEM and shown(let) is not None)


def shown(let: Let) -> object:
    """The divisor that `let` shows not to be 0, or the index that it shows to be in range."""
    if is_scalar_division(let):
        return let.args[1]
    is_index = let.op == GETITEM or let.op.form in (Form.UPDATE_INDEX, Form.UPDATE_AT)
    return likeness(let.args[1]) if is_index and isinstance(type_of(let.args[0]), Array) else None


def shows_too(other: Let, let: Let, facts: Facts) -> bool:
    """Whether `other`, which has the same divisor or index, shows what `let` shows."""
    if let.op != GETITEM:
        return True
    a, b = type_of(let.args[0]), type_of(other.args[0])
    return isinstance(a, Array) and isinstance(b, Array) and same_shape(a, b, facts)
