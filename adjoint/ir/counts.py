"""Whole numbers that are never negative, by how they are computed: lengths, positions, counts."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence

import numpy as np

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Op
from adjoint.ir.values import Scalar

__all__ = ["counts_up", "is_counted"]

#: What returns how many there are, or where something is.
_COUNTS = frozenset({len, np.size, np.ndim, np.argmax, np.argmin, np.count_nonzero})
_OF_ALL = frozenset({operator.add, operator.mul, operator.floordiv, min})


def is_counted(facts: Facts, operand: Operand) -> bool:
    """Whether an operand is a whole number that is surely not negative."""
    if isinstance(operand, Const):
        return type(operand.value) is int and operand.value >= 0
    type_ = type_of(operand)
    return isinstance(type_, Scalar) and type_.length is not None and facts.is_start(type_.length)


def counts_up(
    op: Op, args: Sequence[Operand], definitions: Mapping[Var, Let], facts: Facts
) -> bool:
    """Return whether the whole number that an operation computes is never negative.

    ::

        len(w) // 2         True
        len(w) - 1          False
    """
    match op.function, tuple(args):
        case function, _ if function in _COUNTS:
            return True
        case operator.getitem, (Var() as shape, _):
            made = definitions.get(shape)
            return made is not None and made.op.function is np.shape
        case builtin, (Var() as number,) if builtin is int:
            made = definitions.get(number)
            return made is not None and made.op.function in _COUNTS
        case operator.mod, (_, divisor):  # it has the sign of what it is divided by
            return is_counted(facts, divisor)
        case function, numbers if function is max:
            return any(is_counted(facts, number) for number in numbers)
        case function, numbers if function in _OF_ALL:
            return all(is_counted(facts, number) for number in numbers)
        case _:
            return False
