"""Forward mode that a function uses itself: ``jvp(g, (x,), (x_dot,))`` in staged code."""

from __future__ import annotations

from collections.abc import Sequence

import gast

from adjoint.ir.nodes import Operand, Var
from adjoint.stage.apart import interpreted, write
from adjoint.stage.buffers import photograph
from adjoint.stage.context import Frame, Stage
from adjoint.stage.cotangents import fitted
from adjoint.stage.derivative_arguments import handed_back, inputs_of, value_of
from adjoint.stage.structures import leaf_values, map_leaves
from adjoint.stage.values import (
    NONE,
    DerivativeValue,
    ListValue,
    Static,
    Steps,
    TupleValue,
    Value,
)

__all__ = ["call_tangent"]


def call_tangent(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    given: Sequence[Value],
) -> Steps:
    """The result of a function at `primals` and its tangent along `tangents`, which are `given`."""
    primals, tangents = (_several(stage, frame, node, value) for value in given)
    if len(primals) != len(tangents):
        stage.refuse(
            frame, node, f"{len(primals)} arguments and {len(tangents)} tangents are given",
            "give a tangent for each argument, or None for one that is held fixed",
        )  # fmt: skip
    asked = [k for k, t in enumerate(tangents) if not (isinstance(t, Static) and t.value is None)]
    apart = yield interpreted(stage, frame, node, derivative, primals, {}, asked)
    along: list[Operand] = []
    for k, argument in zip(asked, apart.given, strict=True):
        along += _directions(stage, frame, node, argument, tangents[k])
    builder = stage.builder
    with builder.at(stage.place(frame, node)):
        inner = stage.differentiate(builder, apart.block, apart.inputs, [None] * apart.count, along)
        with builder.block() as statements:
            yielded = inner.pull(builder, ())
            written = list(statements)
    write(stage, written)
    value, _ = apart.rebuilt(yielded[: apart.count])
    found = iter(yielded[apart.count :])
    tangent = map_leaves(apart.result, lambda leaf: value_of(NONE, next(found)))
    return handed_back(stage, frame, node, TupleValue((value, tangent)))


def _several(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> list[Value]:
    match photograph(stage, value):
        case TupleValue(items):
            return list(items)
        case ListValue() as found:
            return list(found.slots["items"])
        case Static(tuple() | list() as held):
            return [Static(item) for item in held]
        case _:
            stage.refuse(
                frame, node, "the primals and tangents of jvp are no tuples",
                "write jvp(f, (x,), (x_dot,)), also for one argument",
            )  # fmt: skip


def _directions(
    stage: Stage, frame: Frame, node: gast.AST, argument: Value, tangent: Value
) -> list[Operand]:
    """The tangents of the inputs in an argument."""
    given = fitted(stage, frame, node, argument, photograph(stage, tangent), "the tangent")
    return [
        operand
        for leaf, operand in zip(leaf_values(argument), given, strict=True)
        if any(isinstance(v, Var) for v in inputs_of(leaf))
    ]
