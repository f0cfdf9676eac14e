"""Calls of functions with a rule: their arguments are made what the rule expects."""

from __future__ import annotations

import math
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Operand, Var
from adjoint.ir.ops import Form, Op
from adjoint.ir.ops import call as call_op
from adjoint.rules import Kind, lookup
from adjoint.stage.arrays import IN_PLACE
from adjoint.stage.context import Frame, Stage
from adjoint.stage.opaque_calls import call_opaque
from adjoint.stage.operations import static_call, write
from adjoint.stage.values import ListValue, ObjectValue, RunTimeList, Static, Steps, Value

__all__ = ["AXIS_SECOND", "IN_PLACE", "call_rule"]

#: Functions whose result is a size or a count more often than a value: known now where they can be.
WHOLE_NUMBERS = frozenset(
    getattr(math, name)
    for name in ("ceil", "floor", "comb", "factorial", "gcd", "isqrt", "lcm", "perm", "trunc")
)
PRINTING = frozenset({print})
AXIS_SECOND = frozenset(
    getattr(np, name)
    for name in (
        "sum", "mean", "prod", "max", "min", "amax", "amin", "var", "std", "ptp", "cumsum",
        "cumprod", "argmax", "argmin", "any", "all", "expand_dims", "squeeze", "flip", "argsort",
    )
)  # fmt: skip
_TAKES_LISTS = frozenset(
    getattr(np, name)
    for name in (
        "array", "asarray", "asanyarray", "concatenate", "stack", "hstack", "vstack",
        "column_stack", "dstack", "block", "broadcast_arrays", "einsum", "meshgrid", "ix_",
        "select", "choose",
    )
)  # fmt: skip


def call_rule(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    held: Any,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """Write the call of a function that has a rule, or that NumPy or SciPy may have without one."""
    if "out" in kwargs and not _is_none(kwargs["out"]):
        stage.refuse(frame, node, IN_PLACE, "leave out= away and use what is returned")
    if isinstance(held, np.ufunc) and len(args) > held.nin:
        stage.refuse(frame, node, IN_PLACE, "leave out= away and use what is returned")
    kwargs = {k: v for k, v in kwargs.items() if not (k == "out" and _is_none(v))}
    for position, value in enumerate(args):
        if isinstance(value, ObjectValue):
            found = yield _protocol(stage, frame, node, value)
            args = [*args[:position], found, *args[position + 1 :]]
    keys = ("axis", "keepdims", "ord", "ddof", "dtype", "order", "indices_or_sections")
    kwargs = {k: stage.need_static(v) if k in keys else v for k, v in kwargs.items()}
    args = _static_axes(stage, held, args)
    rule = lookup(held)
    if rule is None:
        return call_opaque(stage, frame, node, Static(held), args, kwargs)
    if rule.kind is Kind.ZERO and held in PRINTING:
        return _effect(stage, frame, node, held, args, kwargs)
    arrays = [_as_array(stage, frame, node, held, value) for value in args]
    if held in WHOLE_NUMBERS and all(isinstance(v, Static) for v in (*arrays, *kwargs.values())):
        return static_call(stage, frame, node, held, arrays, kwargs)
    return write(stage, frame, node, call_op(held), arrays, kwargs)


def _static_axes(stage: Stage, held: Any, args: list[Value]) -> list[Value]:
    """An axis that came in as a number is needed now."""
    if held in AXIS_SECOND and len(args) > 1:
        return [args[0], stage.need_static(args[1]), *args[2:]]
    return args


def _is_none(value: Value) -> bool:
    return isinstance(value, Static) and value.value is None


def _protocol(stage: Stage, frame: Frame, node: gast.AST, value: ObjectValue) -> Steps:
    """An object handed to NumPy: what its ``__array__`` or ``__float__`` makes of it."""
    for special in ("__array__", "__float__"):
        if hasattr(value.cls, special):
            function = Static(getattr(value.cls, special))
            return (yield stage.call(frame, node, function, [value], {}))
    return value


def _as_array(stage: Stage, frame: Frame, node: gast.AST, held: Any, value: Value) -> Value:
    """A list of run-time values where NumPy expects an array: ``np.mean([a, b])``."""
    if held in _TAKES_LISTS or not getattr(held, "__module__", "").startswith("numpy"):
        return value
    known = isinstance(value, ListValue) and isinstance(held, np.ufunc)
    if known or (isinstance(value, ListValue | RunTimeList) and _holds_numbers(stage, value)):
        return write(stage, frame, node, call_op(np.array), [value], {})
    return value


def _holds_numbers(stage: Stage, value: Value) -> bool:
    if isinstance(value, RunTimeList):
        return True
    items = value.slots["items"] if isinstance(value, ListValue) else ()
    return any(
        isinstance(i, Var) or (isinstance(i, ListValue) and _holds_numbers(stage, i)) for i in items
    )


def _effect(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    held: Any,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    operands = [_shown(stage, frame, node, a) for a in args]
    pairs = [(k, _shown(stage, frame, node, v)) for k, v in kwargs.items()]
    with stage.builder.at(stage.place(frame, node)):
        stage.builder.effect(Op(held, Form.CALL, effect=True), operands, pairs)
    return Static(None)


def _shown(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Operand:
    return stage.operand(value, frame, node)
