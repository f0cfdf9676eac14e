"""Expressions with two arms: conditional ones, ``and`` and ``or``."""

from __future__ import annotations

from collections.abc import Callable

import gast

from adjoint.stage.branches import Outcome, arm, join_arms
from adjoint.stage.context import AlwaysRaises, Frame, Stage
from adjoint.stage.operators import truth
from adjoint.stage.values import Static, Steps, Value

__all__ = ["choose", "short_circuit"]


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
    arms = [(yield arm(stage, then)), (yield arm(stage, other))]
    place, key = stage.place(frame, node), stage.key(frame, node, "split")
    value = join_arms(stage, decided, arms, place, (key,), style)
    if isinstance(value, Outcome) and all(a.raises for a in arms):
        raise AlwaysRaises
    return value


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
