"""``jacobian``, ``jacfwd`` and ``elementwise_grad`` in staged code.

A sweep is written into a loop over the numbers of a result or an argument (see
`derivative_equivalents`): backwards with rows, forwards with columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import gast
import numpy as np

from adjoint.errors import BadArgument
from adjoint.ir.lengths import known_equal
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.ops import call
from adjoint.ir.values import Array, Scalar, is_complex, is_differentiable
from adjoint.stage.context import Frame, Stage, describe
from adjoint.stage.derivatives.apart import (
    Apart,
    interpret_apart,
    reversed_sweep,
    with_aux,
    write,
    write_all,
)
from adjoint.stage.derivatives.asked import asked_of
from adjoint.stage.derivatives.derivative_arguments import handed_back, value_of
from adjoint.stage.equivalents.derivative_equivalents import columns, ones, rows
from adjoint.stage.objects.structures import leaf_values, map_leaves, parts_of
from adjoint.stage.values import (
    NONE,
    DerivativeValue,
    PullbackValue,
    Static,
    Steps,
    TupleValue,
    Value,
)

__all__ = ["call_elementwise", "call_jacfwd", "call_jacobian"]


def _interpret(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """The function interpreted apart, at arguments that must be of real numbers."""
    if derivative.holomorphic:
        stage.refuse(
            frame, node, "the Jacobian of a holomorphic function, inside a function",
            "take and return the real and imaginary part",
        )  # fmt: skip
    asked = asked_of(stage, frame, node, derivative, args, kwargs)
    return (yield interpret_apart(stage, frame, node, derivative, args, kwargs, asked))


def call_jacobian(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """``jacobian(fun)(*args)``, row by row."""
    apart = yield _interpret(stage, frame, node, derivative, args, kwargs)
    sweep, value, aux = reversed_sweep(stage, frame, node, apart, [None] * apart.count)
    made: list[Value] = []
    leaves = list(leaf_values(apart.result))
    _check(stage, frame, node, [*leaves, *apart.inputs])
    inputs = TupleValue(tuple(apart.inputs))
    outs = list(leaf_values(value))  # a result of a rule of its own is another variable now
    for k, out in enumerate(outs):
        if not is_differentiable(stage.type(leaves[k])):
            made.append(NONE)
            continue
        pull = _of_leaf(stage, outs, k, sweep, apart.inputs)
        pullback = PullbackValue(pull, leaves[k])
        found = yield stage.call(frame, node, Static(rows), [pullback, out, inputs], {})
        by_input = dict(zip(apart.inputs, _parts(found), strict=True))
        made.append(_arguments(derivative, apart, by_input))
    parts = iter(made)
    whole = map_leaves(apart.result, lambda leaf: next(parts))
    return with_aux(whole, aux)


def _of_leaf(
    stage: Stage,
    leaves: Sequence[Value],
    k: int,
    sweep: Callable[[Sequence[Operand]], Mapping[Var, Value]],
    inputs: Sequence[Var],
) -> Callable[[Sequence[Operand]], Value]:
    """What takes a cotangent of leaf `k` of a result to those of all inputs."""

    def pull(cotangent: Sequence[Operand]) -> Value:
        given = [_zero(stage, leaf) for leaf in leaves]
        given[k] = cotangent[0]
        found = sweep(given)
        return TupleValue(tuple(found[v] for v in inputs))

    return pull


def _zero(stage: Stage, leaf: Value) -> Operand:
    if isinstance(leaf, Var) and isinstance(leaf.type, Array) and not leaf.type.scalar:
        return stage.builder.let(call(np.zeros_like), (leaf,))
    return Const(0.0)


def call_jacfwd(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """``jacfwd(fun)(*args)``, column by column."""
    apart = yield _interpret(stage, frame, node, derivative, args, kwargs)
    builder = stage.builder
    _check(stage, frame, node, [*leaf_values(apart.result), *apart.inputs])
    with builder.at(stage.place(frame, node)):
        linear = stage.transforms.linearise(
            builder, stage.program, apart.block, apart.inputs, apart.count
        )
    write(stage, linear.forward.statements)
    value, aux = apart.value(linear.results)
    outs = list(leaf_values(value))
    moving = [k for k, out in enumerate(outs) if is_differentiable(stage.type(out))]
    found: dict[int, dict[Var, Value]] = {k: {} for k in moving}
    for j, argument in enumerate(apart.inputs):

        def push(tangent: Sequence[Operand], j: int = j) -> Value:
            slopes = write_all(stage, frame, node, lambda: linear.push(builder, j, tangent[0]))
            return TupleValue(tuple(value_of(outs[k], slopes[k]) for k in moving))

        results = TupleValue(tuple(_shaped(stage, outs[k], apart.inputs) for k in moving))
        pushing = PullbackValue(push, argument)
        made = yield stage.call(frame, node, Static(columns), [pushing, argument, results], {})
        for k, column in zip(moving, _parts(made), strict=True):
            found[k][argument] = column
    parts = iter(
        [_arguments(derivative, apart, found[k]) if k in found else NONE for k in range(len(outs))]
    )
    whole = map_leaves(apart.result, lambda leaf: next(parts))
    return with_aux(whole, aux)


def _shaped(stage: Stage, out: Value, inputs: Sequence[Var]) -> Value:
    """A result, or an input of its type, so that its shape may be read where it is not needed."""
    wanted = stage.type(out)
    for each in inputs:
        match wanted, each.type:
            case Array(dtype, tuple(shape)), Array(other, tuple(own)) if dtype == other:
                if known_equal(own, shape, stage.builder.facts):
                    return each
    return out


def call_elementwise(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """``elementwise_grad(fun)(*args)``: one sweep backwards, with ones."""
    apart = yield _interpret(stage, frame, node, derivative, args, kwargs)
    if parts_of(apart.result) is not None:
        raise BadArgument(
            f"the function returns {describe(apart.result)}, and not an array",
            stage.place(frame, node),
            "return one array or number, or use jacobian",
        )
    _check(stage, frame, node, [apart.result])
    sweep, value, aux = reversed_sweep(stage, frame, node, apart, [None])
    cotangent = yield stage.call(frame, node, Static(ones), [value], {})
    with stage.builder.at(stage.place(frame, node)):
        gradients = sweep([stage.operand(cotangent, frame, node)])
    whole = handed_back(stage, frame, node, _arguments(derivative, apart, gradients))
    return with_aux(whole, aux)


def _parts(value: Value) -> list[Value]:
    return [part for _, part in parts_of(value) or ()]


def _arguments(derivative: DerivativeValue, apart: Apart, found: Mapping[Var, Value]) -> Value:
    """The derivatives by the arguments that are asked for, in their structure."""
    made = apart.derivatives(found)
    return made[0] if derivative.single else TupleValue(made)


def _check(stage: Stage, frame: Frame, node: gast.AST, leaves: Sequence[Value]) -> None:
    """Refuse what has no Jacobian: lists that grow, complex numbers, unknown ranks."""
    for leaf in leaves:
        type_ = stage.type(leaf)
        if not is_differentiable(type_):
            continue
        if is_complex(type_):
            stage.refuse(
                frame, node, "the Jacobian of a complex result, or by a complex argument, is asked"
                " for inside a function",
                "take and return the real and imaginary part",
            )  # fmt: skip
        if not isinstance(type_, Scalar) and not (
            isinstance(type_, Array) and type_.shape is not None
        ):
            stage.refuse(
                frame, node, f"the Jacobian of {describe(leaf)} is asked for",
                "make it an array whose rank is known",
            )  # fmt: skip
