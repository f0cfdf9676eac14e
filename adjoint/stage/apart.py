"""A call that a function differentiates itself, interpreted apart from what is around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Block, Const, Operand, Statement, Var, Yield
from adjoint.ir.ops import call
from adjoint.ir.values import Array, Maybe, Scalar, Unknown
from adjoint.ir.walk import stopped
from adjoint.stage.buffers import photograph
from adjoint.stage.context import AlwaysRaises, Frame, Stage, describe
from adjoint.stage.derivative_arguments import (
    inputs_of,
    renewed,
    replaced,
    value_of,
    variables_of,
    writable,
)
from adjoint.stage.structures import leaf_values, map_leaves
from adjoint.stage.values import DerivativeValue, Poison, Steps, TupleValue, Value

__all__ = ["Apart", "interpreted", "write"]


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """What was written for a call.

    Attributes
    ----------
    block
        The statements; it yields the leaves of the result, and then what was returned beside.
    count
        How many leaves the result has.
    inputs
        The variables by which is differentiated, and `given`: the arguments that they are in.
    result, aux
        What was returned, and beside it.
    """

    block: Block
    count: int
    inputs: list[Var]
    given: list[Value]
    result: Value
    aux: Value | None

    def rebuilt(self, results: Iterable[Operand]) -> tuple[Value, Value | None]:
        """The result and what was returned beside, of what the block yields in another place."""
        found = iter(results)
        value = map_leaves(self.result, lambda leaf: value_of(leaf, next(found)))
        aux = self.aux
        return value, None if aux is None else map_leaves(aux, lambda leaf: replaced(leaf, found))


def interpreted(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: Sequence[Value],
    kwargs: dict[str, Value],
    asked: Sequence[int | str],
) -> Steps:
    """Interpret a call into a block of its own; what it writes into is taken back."""
    builder = stage.builder
    args, kwargs = list(args), dict(kwargs)
    held: dict[int | str, Value] = {}
    for key in asked:
        given = args[key] if isinstance(key, int) else kwargs[key]
        if key not in held:
            promotes = derivative.derives.mode != "vjp"
            held[key] = renewed(stage, frame, node, given, promotes, key)
    inputs = [leaf for value in held.values() for leaf in inputs_of(value)]
    mark, stopped_around = stage.trail.mark(), builder.stopped
    builder.stopped = False
    with builder.block() as statements:
        for key, given in held.items():
            where: Any = args if isinstance(key, int) else kwargs
            where[key] = writable(stage, frame, node, given)
        try:
            result = yield stage.call(frame, node, derivative.function, args, kwargs)
        except AlwaysRaises:
            written = list(statements)
            result = None
        else:
            result, aux = _returned(stage, frame, node, derivative, result)
            values = tuple(stage.operand(leaf, frame, node) for leaf in leaf_values(result))
            written = list(statements)
    builder.stopped = stopped_around
    if result is None:
        write(stage, written)
        raise AlwaysRaises
    stage.trail.roll_back(mark)
    block = Block(tuple(written), Yield((*values, *variables_of(aux))))
    return Apart(block, len(values), inputs, [held[key] for key in asked], result, aux)


def _returned(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    result: Value,
) -> tuple[Value, Value | None]:
    """What is differentiated of a result, and what was returned beside."""
    if isinstance(result, Poison):  # which of two it is, is decided, and staging starts again
        stage.decide(result, frame, node)
    result, aux = photograph(stage, result), None
    if derivative.has_aux:
        result, aux = _pair(stage, frame, node, result)
    if derivative.derives.mode != "grad":
        return result, aux
    if not _is_number(stage.type(result)):
        stage.refuse(
            frame, node, f"the gradient of a function that returns {describe(result)}",
            "a gradient needs one number; for many outputs use vjp",
        )  # fmt: skip
    if isinstance(stage.type(result), Unknown):  # of more than one number, this raises
        given = (stage.operand(result, frame, node), Const(()))
        result = stage.builder.let(call(np.reshape), given)
    return result, aux


def write(stage: Stage, statements: Iterable[Statement]) -> None:
    """Write statements; under ``no_grad`` no derivative of the function around passes through."""
    for statement in statements:
        stage.builder.append(stopped(statement) if stage.builder.stopped else statement)


def _is_number(type_: Any) -> bool:
    inside = type_.value if isinstance(type_, Maybe) else type_
    if isinstance(inside, Array):
        return inside.shape is not None and all(n.known and n.const == 1 for n in inside.shape)
    return isinstance(inside, Scalar | Unknown)


def _pair(stage: Stage, frame: Frame, node: gast.AST, result: Value) -> tuple[Value, Value]:
    if not isinstance(result, TupleValue) or len(result.items) != 2:
        stage.refuse(
            frame, node, "a function with has_aux=True returns no pair", "return value, aux"
        )
    return result.items[0], result.items[1]
