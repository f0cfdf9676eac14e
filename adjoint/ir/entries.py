"""The copies that a function makes, where it begins, of what it changes of what it is given."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from itertools import chain

import numpy as np

from adjoint.ir.lists import COPY_ITEMS, COPY_LIST
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Function, Let, Operand, Var
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import ListOf
from adjoint.ir.walk import all_reads, leaf_operands, operand_vars

__all__ = [
    "COPY",
    "copies_at_entry",
    "handing_over",
    "holds_numbers",
    "is_handed_over",
    "may_be_part",
    "params_held",
    "sparing_parts",
]

COPY = Op(np.copy, Form.METHOD, "copy")


def copies_at_entry(function: Function) -> dict[int, Let]:
    """Return the copies of parameters that are read nowhere else, by their position.

    They stand where the function is defined, and not in a line of it (see `stage.calls.changes`).
    """
    copies = _copies(function)
    read = _read(function, {*copies.values()})
    return {k: copies[p] for k, p in enumerate(function.params) if p in copies and p not in read}


def params_held(function: Function) -> list[Var]:
    """Return the parameters that are read at any time, and not only copied where it begins."""
    read = _read(function, {*_copies(function).values()})
    return [param for param in function.params if param in read]


def _copies(function: Function) -> dict[Operand, Let]:
    """The copies that are made at the begin, by what is copied; of no list of arrays or lists."""
    return {
        let.args[0]: let
        for let in function.body.statements
        if isinstance(let, Let) and let.place == function.place and _is_copy(let.op)
        if let.target is not None and holds_numbers(let.target)
    }


def _read(function: Function, besides: Set[Let]) -> set[Var]:
    statements = (s for s in function.body.statements if s not in besides)
    read = set(chain.from_iterable(map(all_reads, statements)))
    return read.union(*map(operand_vars, leaf_operands(function.body.leaf)))


def holds_numbers(variable: Var) -> bool:
    """Return whether a variable is no list of arrays or lists."""
    item = variable.type.item if isinstance(variable.type, ListOf) else None
    return item is None or is_immutable(item)


def _is_copy(op: Op) -> bool:
    return op in (COPY, COPY_ITEMS, COPY_LIST)


def handing_over(copy: Op) -> Op:
    """Return the operation that copies for a call, which is spared where no one else reads it."""
    return replace(copy, fresh=True)


def sparing_parts(copy: Op) -> Op:
    """Return such an operation that is also spared where it copies a part of an array.

    The function does not hold on to what it is given once it has returned.
    """
    return replace(copy, fresh=True, proven=True)


def is_handed_over(let: Let) -> bool:
    """Return whether a statement makes such a copy."""
    return let.op.fresh and _is_copy(replace(let.op, fresh=False, proven=False))


def may_be_part(let: Let) -> bool:
    """Return whether such a copy may be spared where it is of a part."""
    return is_handed_over(let) and let.op.proven
