"""Text that is made of numbers: it may be shown, and must not become a number again."""

from __future__ import annotations

import operator

from adjoint.ir.nodes import Const, Let, Var
from adjoint.ir.ops import Form
from adjoint.ir.values import ListOf, Opaque, Type
from adjoint.rules import lookup

__all__ = ["is_text", "makes_text"]

_FUNCTIONS = (str, repr, format, ascii)
#: How a method of text is reached and called.
_OF_TEXT = (Form.METHOD, Form.ATTRIBUTE, Form.APPLY)


def is_text(value: Type) -> bool:
    """Whether a value is text made of numbers, or a list of it."""
    return isinstance(value.item if isinstance(value, ListOf) else value, Opaque)


def makes_text(let: Let) -> bool:
    """Whether a statement writes what it is given into text.

    So do ``f"{x}"``, ``"%g" % x``, ``"{}".format(x)``, and methods of text that was made so. An
    exception holds what it is made with, and is followed as a text is.
    """
    if let.op.form is Form.FORMAT or let.op.function in _FUNCTIONS or _makes_exception(let):
        return True
    match let.args:
        case [Const(str()), *_]:
            return let.op.form is Form.METHOD or let.op.function in (operator.mod, operator.add)
        case [Var(type=Opaque()), *_] if let.target is None or is_text(let.target.type):
            return let.op.form in _OF_TEXT and lookup(let.op.function) is None
        case _:
            return False


def _makes_exception(let: Let) -> bool:
    made = let.op.function
    return isinstance(made, type) and issubclass(made, BaseException)
