"""Which operands are written alike."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np

from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Var

__all__ = ["likeness"]

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
