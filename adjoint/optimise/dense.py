"""Gives an array of its own to what reads an array of one number wrong.

``np.broadcast_to(1.0, shape)`` keeps one number for all elements. Functions that are declared
`dense` take that for something else (see `adjoint.rules.registry.dense`). What the program itself
hands to them is left as it is.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Function, Let, Role, Var
from adjoint.ir.ops import call
from adjoint.ir.walk import all_statements, next_number
from adjoint.optimise.edit import replace_lets
from adjoint.rules import lookup

__all__ = ["make_dense"]

_COPY = call(np.ascontiguousarray)


def make_dense(function: Function, facts: Facts) -> Function:
    """Return `function` with a copy made of what is broadcast and handed to such a function.

    ::

        d_x = correlate(d_t, w)    ->    t = np.ascontiguousarray(d_t)
                                         d_x = correlate(t, w)
    """
    lets = [s for s in all_statements(function.body) if isinstance(s, Let)]
    broadcast = {let.target for let in lets if let.op.function is np.broadcast_to}
    readers = [let for let in lets if broadcast.intersection(let.args) and _is_dense(let)]
    numbers = itertools.count(next_number(function))
    changes: dict[Let, tuple[Let, ...]] = {}
    for let in readers:
        if _is_of_program(function, let):
            continue
        copies = {
            arg: Var(next(numbers), "", arg.type, arg.role)
            for arg in let.args
            if isinstance(arg, Var) and arg in broadcast
        }
        made = [Let(copy, _COPY, (arg,), (), let.place) for arg, copy in copies.items()]
        args = tuple(copies.get(a, a) if isinstance(a, Var) else a for a in let.args)
        changes[let] = (*made, replace(let, args=args))
    return replace_lets(function, changes)


def _is_of_program(function: Function, let: Let) -> bool:
    """Whether a statement computes what the program does, and no derivative."""
    if let.target is not None and let.target.role is Role.TANGENT:
        return False
    statements = function.body.statements
    forward = statements[: function.split] if function.split >= 0 else statements
    return let in all_statements(replace(function.body, statements=forward))


def _is_dense(let: Let) -> bool:
    rule = lookup(let.op.function)
    return rule is not None and rule.dense
