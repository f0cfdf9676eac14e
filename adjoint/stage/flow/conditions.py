"""Expressions with two arms: conditional ones, ``and`` and ``or``."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import gast

from adjoint.ir.nodes import Operand, Var
from adjoint.ir.values import ListOf
from adjoint.stage.context import AlwaysRaises, Frame, Stage
from adjoint.stage.flow.branches import Outcome, arm, join_arms, other_arm
from adjoint.stage.lists.list_methods import is_listed
from adjoint.stage.operators import is_full, truth, unary
from adjoint.stage.values import ObjectValue, RunTimeDict, Static, Steps, Value

__all__ = ["Chosen", "choose", "chosen", "refuse_early", "short_circuit", "tested"]


class Chosen(gast.expr):  # type: ignore[misc]
    """The arm that a conditional expression has where its statement is run once for each.

    The test was evaluated before the statement, at `since`.
    """

    _fields = ("arm", "since")


def chosen(stage: Stage, frame: Frame, node: Chosen) -> Steps:
    """The value of the arm, if the test would still be what it was."""
    if any(cell.birth < node.since.birth for cell, _ in stage.trail.changes(node.since)):
        refuse_early(stage, frame, node)
    return (yield stage.evaluate(frame, node.arm))


def refuse_early(stage: Stage, frame: Frame, node: gast.AST) -> NoReturn:
    """Refuse a conditional expression whose test cannot be evaluated before its statement."""
    stage.refuse(
        frame, node,
        "which of two different things this is depends on what the statement does before it",
        "give the one that is chosen a name, in a statement of its own before this one",
    )  # fmt: skip


def choose(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    test: Value,
    then: Callable[[], Steps],
    other: Callable[[], Steps],
    style: str,
) -> Steps:
    """The value of an expression that has two arms."""
    decided = yield truth(stage, frame, node, test)
    if isinstance(decided, Static):
        return (yield then() if decided.value else other())
    operand: Operand = decided
    arms = [(yield arm(stage, then, operand)), (yield other_arm(stage, other, operand))]
    place, key = stage.place(frame, node), stage.key(frame, node, "split")
    value = join_arms(stage, decided, arms, place, (key,), style)
    if isinstance(value, Outcome) and all(a.raises for a in arms):
        raise AlwaysRaises
    return value


def tested(stage: Stage, frame: Frame, node: gast.AST) -> Steps:
    """The value of an expression of which the truth alone is asked for."""
    if isinstance(node, gast.BoolOp):
        return (yield _tested_from(stage, frame, node, 0))
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.Not):
        value = yield tested(stage, frame, node.operand)
        return (yield unary(stage, frame, node, "not", value))
    return (yield stage.evaluate(frame, node))


def _tested_from(stage: Stage, frame: Frame, node: gast.BoolOp, position: int) -> Steps:
    """``a and b and …`` from a position on, of what `tested` gives."""
    value = yield tested(stage, frame, node.values[position])
    if isinstance(value, ObjectValue | RunTimeDict) or is_listed(value):
        value = yield _is_full(stage, frame, node.values[position], value)
    if position == len(node.values) - 1:
        return value
    style = "and" if isinstance(node.op, gast.And) else "or"

    def rest() -> Steps:
        return (yield _tested_from(stage, frame, node, position + 1))

    return (yield short_circuit(stage, frame, node, value, rest, style))


def _is_full(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Steps:
    """Whether there is something in a list: no list, where it may be one of several values."""
    decided = yield truth(stage, frame, node, value)
    if not isinstance(decided, Var) or not isinstance(decided.type, ListOf):
        return decided
    return is_full(stage, frame, node, decided)


def short_circuit(
    stage: Stage, frame: Frame, node: gast.AST, first: Value, rest: Callable[[], Steps], style: str
) -> Steps:
    """``first and rest`` or ``first or rest``."""
    decided = yield truth(stage, frame, node, first)
    if isinstance(decided, Static):
        return (yield rest()) if bool(decided.value) == (style == "and") else first

    def same() -> Steps:
        return first
        yield

    arms = (rest, same) if style == "and" else (same, rest)
    return (yield choose(stage, frame, node, decided, *arms, style))
