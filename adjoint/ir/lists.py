"""Stacks of the sweeps as values: a push or pop gives the new stack, which takes over the old."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

import numpy as np

from adjoint import runtime
from adjoint.ir.nodes import Let
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form, Op, call, method
from adjoint.ir.values import ListOf, rank

__all__ = [
    "AS_LIST",
    "COPY_ITEMS",
    "COPY_LIST",
    "DROP",
    "JOIN_LISTS",
    "NEW_LIST",
    "PUSHED",
    "TOP",
    "TO_LIST",
    "is_slice_of_list",
    "proven",
]


def _dropped(items: list[Any], last: Any) -> list[Any]:
    return items[:-1]


def _pushed(items: list[Any], last: Any) -> list[Any]:
    return [*items, last]


NEW_LIST = Op(list, Form.LITERAL, "list")
COPY_LIST = method(list.copy, "copy")
#: A list with copies of the arrays that are in it.
COPY_ITEMS = call(runtime.copy_items)

#: Of the rows of an array, and of its numbers: those of a list that was made an array.
AS_LIST = call(list)
TO_LIST = method(np.ndarray.tolist, "tolist")

#: ``xs + ys`` of lists, which is no sum.
JOIN_LISTS = Op(operator.concat, Form.OPERATOR, "+", proven=True)

PUSHED = Op(_pushed, Form.UPDATE_STACK, "append")

#: The last item of a stack that is not empty. What is popped is `TOP` of the stack, and then `DROP`
#: of the stack and that item.
TOP = Op(operator.getitem, Form.INDEX, "top", proven=True)
DROP = Op(_dropped, Form.UPDATE_STACK, "pop")


def proven(op: Op) -> Op:
    """`op` where it cannot raise; what never does is what it was."""
    if op in (COPY_ITEMS, COPY_LIST, AS_LIST, TO_LIST) or op.form in (
        Form.ALIAS,
        Form.UPDATE_STACK,
    ):
        return op
    return replace(op, proven=True)


def is_slice_of_list(let: Let) -> bool:
    """Whether a statement makes a list of a part of another: ``xs[1:]``."""
    if let.op.form is not Form.INDEX or let.op == TOP:
        return False
    owner, index = map(type_of, let.args)
    return isinstance(owner, ListOf) and rank(index) != 0
