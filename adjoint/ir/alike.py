"""Which operands are written alike."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

import numpy as np

from adjoint.ir.nodes import Const, Let, Operand, Pack, SliceOf, Var
from adjoint.ir.ops import Form

__all__ = ["likeness", "likeness_computed"]

#: What is told by its repr. Anything else is the same where it is one object.
_TOLD = (bool, int, float, complex, str, slice, type(None), type(Ellipsis))


def likeness(
    operand: Operand, of_variable: Callable[[Var], Hashable] = lambda variable: variable
) -> Hashable:
    """What two operands share that are written alike, of variables that `of_variable` finds alike.

    Examples
    --------
    >>> one, same, other = SliceOf(Const(1), Const(None), Const(2)), Const(2), Const(2.0)
    >>> likeness(one) == likeness(SliceOf(Const(1), Const(None), same))
    True
    >>> likeness(same) == likeness(other)
    False
    """
    match operand:
        case Var():
            return of_variable(operand)
        case Const(value) if type(value) in _TOLD or isinstance(value, np.generic):
            return type(value).__name__, repr(value)
        case Const(value):
            return id(value)
        case Pack(kind, items, keys):
            return kind, *(likeness(item, of_variable) for item in (*items, *keys))
        case SliceOf(start, stop, step):
            return "slice", *(likeness(part, of_variable) for part in (start, stop, step))
        case _:
            return operand


def likeness_computed(operand: Operand, definitions: Mapping[Var, Let]) -> Hashable:
    """The same, where what operators compute of alike operands is alike, as ``i + 1`` twice is."""

    def of_variable(variable: Var) -> Hashable:
        let = definitions.get(variable)
        if let is None or let.op.form is not Form.OPERATOR or let.kwargs:
            return variable
        return let.op.function, *(likeness(arg, of_variable) for arg in let.args)

    return likeness(operand, of_variable)
