"""Dicts by keys known at run time only, and the dicts of their adjoints.

The adjoint of a dict is a `defaultdict`: what was never read at a key has none there. So nothing is
asked of the keys of the dict itself, which may be others by then.
"""

from __future__ import annotations

from collections import defaultdict

from adjoint.ir.nodes import Const, Let
from adjoint.ir.ops import Form, Op, call, method
from adjoint.ir.values import DictOf, Type

__all__ = ["COPY_DICT", "EMPTY", "GET", "KEYS", "NEW_DICT", "ZEROS", "is_dict", "updates_dict"]

NEW_DICT = Op(dict, Form.LITERAL, "dict")
COPY_DICT = method(dict.copy, "copy")
GET = method(dict.get, "get")

#: A list of the keys, in the order in which they came. It has a name, since it is not `AS_LIST`.
KEYS = Op(list, Form.CALL, "keys")

#: A dict that has zero for each key.
ZEROS = call(defaultdict)
EMPTY = (Const(float),)


def is_dict(value: Type) -> bool:
    """Whether a value is a dict by keys that are known at run time only."""
    return isinstance(value, DictOf)


def updates_dict(let: Let) -> bool:
    """Whether a statement writes into such a dict, or takes a key out."""
    return let.op.updates and let.target is not None and is_dict(let.target.type)
