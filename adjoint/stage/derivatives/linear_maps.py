"""``vjp`` and ``jvp`` in staged code: pullbacks, and tangents along a direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import gast

from adjoint.ir.nodes import Operand, Var
from adjoint.ir.values import is_differentiable
from adjoint.markers import Derives
from adjoint.stage.arrays.snapshots import photograph
from adjoint.stage.context import Frame, Stage
from adjoint.stage.derivatives.apart import (
    interpret_apart,
    reversed_sweep,
    write_all,
)
from adjoint.stage.derivatives.asked import known_option
from adjoint.stage.derivatives.cotangents import fitted
from adjoint.stage.derivatives.derivative_arguments import handed_back, inputs_of, value_of
from adjoint.stage.objects.likenesses import like_given
from adjoint.stage.objects.structures import leaf_values, map_leaves, parts_of
from adjoint.stage.values import (
    NONE,
    DerivativeValue,
    PullbackValue,
    Static,
    Steps,
    TupleValue,
    Value,
    is_none,
)

__all__ = ["along", "call_jvp", "call_pullback", "call_vjp"]


def call_vjp(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    """``vjp(fun, *primals)``: the value and the pullback."""
    function, *primals = args
    kwargs = dict(kwargs)
    has_aux = bool(
        known_option(stage, frame, node, "has_aux", kwargs.pop("has_aux", Static(False)))
    )
    asked = tuple(range(len(primals)))
    derivative = DerivativeValue(function, Derives("vjp"), asked, has_aux)
    apart = yield interpret_apart(
        stage, frame, node, derivative, primals, kwargs, asked, promote=False
    )
    sweep, value, aux = reversed_sweep(stage, frame, node, apart, [None] * apart.count)

    def pull(cotangents: Sequence[Operand]) -> Value:
        found = sweep(cotangents)
        return TupleValue(apart.derivatives(found))

    pullback = PullbackValue(pull, value)
    value = handed_back(stage, frame, node, value)
    return TupleValue((value, pullback) if aux is None else (value, pullback, aux))


def call_pullback(
    stage: Stage, frame: Frame, node: gast.AST, pullback: PullbackValue, args: list[Value]
) -> Steps:
    """What a pullback returns for one cotangent."""
    (given,) = args
    given = yield like_given(stage, frame, node, pullback.out, photograph(stage, given))
    cotangents = tuple(fitted(stage, frame, node, pullback.out, given, "the cotangent"))
    return handed_back(stage, frame, node, pullback.pull(cotangents))


def call_jvp(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
) -> Steps:
    """``jvp(fun)(primals, tangents)``: the value and its tangent."""
    given = dict(zip(("primals", "tangents"), args, strict=False)) | dict(kwargs)
    rest = {name: value for name, value in given.items() if name not in ("primals", "tangents")}
    primals, tangents = (_items(stage, frame, node, given, n) for n in ("primals", "tangents"))
    if len(primals) != len(tangents):
        stage.refuse(
            frame, node, f"{len(primals)} arguments and {len(tangents)} tangents are given",
            "give a tangent for each argument, or None for one that is held fixed",
        )  # fmt: skip
    directions: dict[int | str, Value] = {
        k: tangent for k, tangent in enumerate(tangents) if not is_none(tangent)
    }
    value, moved, aux = yield along(stage, frame, node, derivative, primals, rest, directions)
    given_back = TupleValue((value, moved) if aux is None else (value, moved, aux))
    return handed_back(stage, frame, node, given_back)


def along(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    tangents: Mapping[int | str, Value],
) -> Steps:
    """A call along directions: the value, its tangent, and what is beside.

    Parameters
    ----------
    tangents
        The direction of each argument that has one, by its position or keyword.
    """
    apart = yield interpret_apart(stage, frame, node, derivative, args, dict(kwargs), [*tangents])
    directions: dict[Var, Operand] = {}
    for given, own in zip(tangents.values(), apart.given, strict=True):
        tangent = yield like_given(stage, frame, node, own, photograph(stage, given))
        operands = fitted(stage, frame, node, own, tangent, "the tangent")
        for leaf, operand in zip(leaf_values(own), operands, strict=True):
            directions.update(dict.fromkeys(inputs_of(leaf), operand))
    found: list[Operand] = []

    def make() -> tuple[Operand, ...]:
        values: tuple[Operand, ...]
        values, slopes = stage.transforms.push_forward(
            stage.builder,
            stage.program,
            apart.block,
            [*directions],
            [*directions.values()],
            apart.count,
        )
        found.extend(slopes)
        return values

    value, aux = apart.value(write_all(stage, frame, node, make))
    slopes = iter(found)
    moved = map_leaves(apart.result, lambda leaf: _tangent(stage, leaf, next(slopes)))
    return value, moved, aux


def _tangent(stage: Stage, leaf: Value, operand: Operand) -> Value:
    """The tangent of a part of a result: None where that holds no floats."""
    return value_of(leaf, operand) if is_differentiable(stage.type(leaf)) else NONE


def _items(
    stage: Stage, frame: Frame, node: gast.AST, given: Mapping[str, Value], name: str
) -> list[Value]:
    """The parts of an argument of ``jvp``."""
    value = given.get(name)
    if isinstance(value, Static) and isinstance(value.value, tuple | list):
        return [Static(part) for part in value.value]
    parts = None if value is None else parts_of(value)
    if parts is None:
        stage.refuse(
            frame, node, "the primals and tangents of jvp are no tuples",
            "write jvp(f, (x,), (x_dot,)), also for one argument",
        )  # fmt: skip
    return [part for _, part in parts]
