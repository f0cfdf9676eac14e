"""What is given to a function for its derivative alone."""

from __future__ import annotations

import inspect

from adjoint.ir.nodes import Let, Operand, Var
from adjoint.ir.ops import Form
from adjoint.ir.walk import operand_vars, reads
from adjoint.rules import lookup

__all__ = ["hidden_arguments", "passing"]


def hidden_arguments(let: Let) -> dict[str, Operand]:
    """The operands of a call that are not printed, by parameter or keyword.

    The result depends on those alone by which the rule differentiates.
    """
    rule = lookup(let.op.function) if let.op.form is Form.CALL else None
    if rule is None or rule.written is None:
        return {}
    hides = rule.written.hides
    return {name: value for name, value in _arguments(let).items() if hides(name)}


def passing(let: Let) -> tuple[Var, ...]:
    """The variables that a statement reads and that its result depends on."""
    hidden = hidden_arguments(let)
    if not hidden:
        return reads(let)
    rule = lookup(let.op.function)
    assert rule is not None
    found = [v for name, v in _arguments(let).items() if name in rule.vjps or name not in hidden]
    return tuple(v for operand in found for v in operand_vars(operand))


def _arguments(let: Let) -> dict[str, Operand]:
    given = inspect.signature(let.op.function).bind(*let.args, **dict(let.kwargs)).arguments
    options = given.pop("options", {})
    return {**given, **options}
