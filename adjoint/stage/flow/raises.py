"""What a statement may raise, where something waits for it."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from adjoint.ir.nodes import Let, Operand, Statement, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import BINARY, INPLACE, Form
from adjoint.ir.values import Array, Unknown, rank
from adjoint.stage.context import Stage

__all__ = ["Classes", "may_lead_to", "writes_numbers"]

Classes = tuple[type[BaseException], ...]

_DIVISIONS = (operator.truediv, operator.floordiv, operator.mod)
_QUIET = (Form.FORMAT, Form.ENTER, Form.TRY, Form.FINALLY, Form.LEAVE, Form.CAUGHT, Form.ELSE)
#: What NumPy raises of numbers, under ``np.errstate(all="raise")`` or where warnings are errors.
_OF_NUMBERS = (FloatingPointError, RuntimeWarning)
_ARITHMETIC = frozenset({*BINARY.values(), *INPLACE.values()})


def may_lead_to(stage: Stage, statement: Statement, wanted: Classes) -> Classes:
    """Of the classes of what a statement may raise, those that are waited for, or may be."""
    if not isinstance(statement, Let):
        return ()
    possible = _of_numbers(stage, statement, wanted)
    if not stage.is_harmless(statement):
        possible += _possible(stage, statement)
    return tuple(p for p in possible if any(issubclass(p, c) or issubclass(c, p) for c in wanted))


def _waited_for(stage: Stage, wanted: Classes) -> Classes:
    """What numbers may raise by how NumPy is set, of what a handler waits for.

    It may be set anywhere if the handler names that, and else only if it is seen to be.
    """
    if stage.numbers_raise and any(issubclass(FloatingPointError, c) for c in wanted):
        return (FloatingPointError,)
    return tuple(c for c in _OF_NUMBERS if c in wanted)


def _of_numbers(stage: Stage, let: Let, wanted: Classes) -> Classes:
    """What arithmetic on arrays raises by how NumPy is set."""
    named = _waited_for(stage, wanted)
    if not named or not (isinstance(let.op.function, np.ufunc) or let.op.function in _ARITHMETIC):
        return ()
    types = [type_of(a) for a in let.args]
    return named if any(isinstance(t, Array | Unknown) for t in types) else ()


def writes_numbers(stage: Stage, statement: Statement, wanted: Classes) -> bool:
    """Whether an array is written although numbers may raise: NumPy writes first, then raises."""
    if not isinstance(statement, Let) or not statement.op.updates:
        return False
    is_array = isinstance(type_of(statement.args[0]), Array | Unknown)
    return is_array and bool(_waited_for(stage, wanted))


def _possible(stage: Stage, let: Let) -> Classes:
    function, form = let.op.function, let.op.form
    if form is Form.RAISE:
        return _of_raise(stage, let)
    if form is Form.ASSERT:
        return (AssertionError,)
    if function in (print, isinstance) or form in _QUIET:
        return ()
    if isinstance(function, type) and issubclass(function, BaseException):
        return ()
    if form in (Form.UPDATE, Form.UPDATE_INDEX) and rank(type_of(let.args[-1])) == 0:
        return (IndexError, KeyError, TypeError)  # a number fits into any place
    if function in _DIVISIONS:
        return (ZeroDivisionError,)
    if function is operator.pow:
        return (ZeroDivisionError, OverflowError)
    if form is Form.INDEX:
        return (IndexError, KeyError, TypeError)
    module = getattr(function, "__module__", "") or ""
    if module == "math":
        return (ValueError, OverflowError)
    if module.startswith("numpy.linalg"):
        return (np.linalg.LinAlgError, ValueError)
    return (BaseException,)


def _of_raise(stage: Stage, let: Let) -> Classes:
    raised: Operand | None = let.args[0] if let.args else None
    held = stage.builder.definitions.get(raised) if isinstance(raised, Var) else None
    cls: Any = held.op.function if held is not None else None
    return (cls,) if isinstance(cls, type) and issubclass(cls, BaseException) else (BaseException,)
