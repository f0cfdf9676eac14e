"""What two values share that are computed alike, by different statements."""

from __future__ import annotations

from collections.abc import Container, Hashable
from functools import partial

import numpy as np

from adjoint.ir.alike import likeness
from adjoint.ir.builder import Builder
from adjoint.ir.nodes import Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import shape_of
from adjoint.ir.walk import reads

__all__ = ["computation"]

#: How many statements one after the other are compared.
_DEPTH = 4


def computation(builder: Builder, value: Operand, written: Container[Var]) -> Hashable:
    """What is equal for values that the same functions compute of the same variables.

    What is in memory that the program writes, as are those in `written`, may be another each time.
    """

    def of_variable(variable: Var, depth: int) -> Hashable:
        made = builder.definitions.get(variable)
        if depth == 0 or made is None or made.op.updates or made.op.effect:
            return variable
        if made.op.function is np.shape and (shape := shape_of(type_of(made.args[0]))) is not None:
            return np.shape, shape
        if any(v in written for v in reads(made)):
            return variable
        operands = (*made.args, *(operand for _, operand in made.kwargs))
        keywords = tuple(key for key, _ in made.kwargs)
        inner = partial(of_variable, depth=depth - 1)
        return made.op.function, keywords, *(likeness(each, inner) for each in operands)

    return likeness(value, partial(of_variable, depth=_DEPTH))
