"""What equivalents say to the interpreter: see `adjoint.rules.directives`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from adjoint.ir.broadcasting import as_length
from adjoint.ir.lengths import Facts, Length
from adjoint.rules import directives
from adjoint.stage.calls.native_iterables import Native
from adjoint.stage.context import Frame, Stage
from adjoint.stage.operators import compare
from adjoint.stage.values import Buffer, ObjectValue, Static, Steps, Value, View

__all__ = ["DIRECTIVES"]


def _is_written(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any
) -> Steps:
    return Static(isinstance(args[0], Buffer | View))
    yield


def _itself(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    value = args[0]
    if not isinstance(value, ObjectValue):
        return value
    if getattr(value.real, "ndim", 2) != 2:
        stage.refuse(frame, node, "a sparse array of one axis", "make it a vector outside")
    return stage.operand(value, frame, node)
    yield


def _refuse(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    what, advice = (str(a.value) for a in args if isinstance(a, Static))
    stage.refuse(frame, node, what, advice)
    yield


def _of_lengths(
    sign: str, compared: Callable[[Facts, Length, Length], bool | None]
) -> Callable[..., Steps]:
    """A comparison of two lengths, which the example call decides where algebra does not."""

    def directive(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any
    ) -> Steps:
        first, second = (as_length(stage.operand(value, frame, node)) for value in args)
        answer = None
        if first is not None and second is not None:
            answer = compared(stage.builder.facts, first, second)
        if answer is None:
            return (yield compare(stage, frame, node, sign, *args))
        return Static(answer)

    return directive


def _unwritten(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Steps:
    value, advice = args
    if isinstance(value, Buffer | View):
        assert isinstance(advice, Static)
        what = "an array that is written in place becomes a part of another object"
        stage.refuse(frame, node, what, str(advice.value))
    return value
    yield


DIRECTIVES: dict[Any, Native] = {
    directives.is_as_long: _of_lengths(">=", lambda facts, a, b: facts.at_least(a - b, 0)),
    directives.is_written: _is_written,
    directives.itself: _itself,
    directives.refuse: _refuse,
    directives.same_length: _of_lengths("==", Facts.equal),
    directives.unwritten: _unwritten,
}
