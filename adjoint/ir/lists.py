"""Stacks of the sweeps as values: a push or pop gives the new stack, which takes over the old."""

from __future__ import annotations

import operator
from typing import Any

from adjoint.ir.ops import Form, Op, method

__all__ = ["COPY_LIST", "DROP", "NEW_LIST", "PUSHED", "TOP"]


def _dropped(items: list[Any], last: Any) -> list[Any]:
    return items[:-1]


def _pushed(items: list[Any], last: Any) -> list[Any]:
    return [*items, last]


NEW_LIST = Op(list, Form.LITERAL, "list")
COPY_LIST = method(list.copy, "copy")
PUSHED = Op(_pushed, Form.UPDATE_STACK, "append")

#: The last item of a stack that is not empty. What is popped is `TOP` of the stack, and then `DROP`
#: of the stack and that item.
TOP = Op(operator.getitem, Form.INDEX, "top", proven=True)
DROP = Op(_dropped, Form.UPDATE_STACK, "pop")
