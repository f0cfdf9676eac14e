"""Members of enumerations: ``Color["RED"]`` and ``Color(1)``."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import gast

from adjoint.ir.nodes import Var
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.equivalents.enumeration_equivalents import check_value
from adjoint.stage.objects.sameness import is_number
from adjoint.stage.values import OneOf, Static, Steps, TupleValue, Value

__all__ = ["member", "member_by_value"]


def member_by_value(stage: Stage, frame: Frame, node: gast.AST, cls: Any, told: Value) -> Steps:
    """``Color(1)``: one of several members, if the value is known at run time only.

    The number that tells which it is, is the value.
    """
    known = stage.need_static(told)
    if isinstance(known, Var) and is_number(known) and _is_plain(cls):
        members = {stage.alternatives.number(Static(each)): Static(each) for each in cls}
        if all(each.value.value == number for number, each in members.items()):
            values = TupleValue(tuple(map(Static, members)))
            name = Static(cls.__qualname__)
            yield stage.call(frame, node, Static(check_value), [known, values, name], {})
            return OneOf(known, members)
    return member(stage, frame, node, cls, cls, known)


def _is_plain(cls: Any) -> bool:
    """Whether an enumeration has no members but those that are written, of which each has a value
    of its own.
    """
    missing = getattr(cls._missing_, "__func__", None)
    own = getattr(enum.Enum._missing_, "__func__", None)
    return not issubclass(cls, enum.Flag) and missing is own


def member(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    cls: type,
    find: Callable[[Any], Any],
    told: Value,
) -> Value:
    """What `find` finds in a class, by a name or value that must be known now."""
    known = stage.need_static(told)
    if not isinstance(known, Static):
        stage.refuse(
            frame, node, f"which {cls.__name__} this is, is known at run time only",
            "write a branch for each",
        )  # fmt: skip
    try:
        return Static(find(known.value))
    except (KeyError, ValueError) as error:
        raise PrimalRaises(error, stage.place(frame, node)) from error
