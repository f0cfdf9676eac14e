"""Generators of random numbers that are made inside, and arrays that they shuffle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.operands import strip
from adjoint.ir.ops import GETITEM, call
from adjoint.ir.values import OPAQUE, Array
from adjoint.stage.arrays.writes import write
from adjoint.stage.calls.native_iterables import Native
from adjoint.stage.calls.opaque_calls import call_opaque
from adjoint.stage.context import Frame, Stage
from adjoint.stage.equivalents.numpy_equivalents import numbered
from adjoint.stage.inputs.access import Access
from adjoint.stage.values import NONE, Static, Steps, Value

__all__ = ["RANDOM", "RANDOMNESS", "drawn_from", "permuted", "shuffle"]

RANDOM = (np.random.Generator, np.random.RandomState)


def _made(function: Callable[..., Any], sample: Callable[[], Any]) -> Native:
    """``function(seed)``: what it is now is a generator that answers what its methods are."""

    def native(
        stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
    ) -> Steps:
        operands, pairs = stage.operands(args, kwargs, frame, node)
        with stage.builder.at(stage.place(frame, node)):
            made = stage.builder.let(
                call(function, effect=True), operands, pairs, type_=OPAQUE, name="rng"
            )
        access = Access(stage.builder, stage.prologue, "", root=made)
        return Static(sample(), variable=made, access=access)
        yield

    return native


RANDOMNESS: dict[Any, Native] = {
    np.random.default_rng: _made(np.random.default_rng, np.random.default_rng),
    np.random.Generator: _made(np.random.Generator, np.random.default_rng),
    np.random.RandomState: _made(np.random.RandomState, np.random.RandomState),
}


def shuffle(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """``rng.shuffle(x)``: the rows of an array in an order that is drawn once.

    NumPy's ``permutation(n)`` is ``arange(n)`` shuffled, and so is as many draws.
    """
    axis = kwargs.get("axis", args[1] if len(args) > 1 else Static(0))
    held = stage.operand(args[0], frame, node)
    type_ = strip(stage.type(args[0]))
    along_first = isinstance(axis, Static) and axis.value == 0
    if not isinstance(held, Var) or not isinstance(type_, Array) or not along_first:
        stage.refuse(
            frame, node, "something else than the rows of an array is shuffled",
            "index with rng.permutation(len(x)), or move the axis to the front",
        )  # fmt: skip
    draw = Static(function.value.__self__.permutation, access=function.access)
    order = call_opaque(stage, frame, node, draw, [_count(stage, frame, node, held, 0)], {})
    at = _named(stage, frame, node, order, "order")
    with stage.builder.at(stage.place(frame, node)):
        moved = stage.builder.let(GETITEM, (held, at))
    write(stage, frame, node, args[0], Const(Ellipsis), moved)
    return NONE
    yield


def drawn_from(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    """``rng.choice(x, …)`` and ``rng.permutation(x)``: which items is drawn, and these are taken.

    NumPy draws them as it draws as many whole numbers.
    """
    axis = kwargs.get("axis", Static(0))
    held = stage.operand(args[0], frame, node) if args else None
    if not isinstance(held, Var) or not _has_floats(held) or not isinstance(axis, Static):
        return call_opaque(stage, frame, node, function, args, kwargs)
    rest = {name: value for name, value in kwargs.items() if name != "axis"}
    count = _count(stage, frame, node, held, axis.value)
    places = call_opaque(stage, frame, node, function, [count, *args[1:]], rest)
    at = _named(stage, frame, node, places, "drawn")
    with stage.builder.at(stage.place(frame, node)):
        if axis.value == 0:
            return stage.builder.let(GETITEM, (held, at))
        return stage.builder.let(call(np.take), (held, at, Const(axis.value)))


def permuted(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Static,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """``rng.permuted(x, axis=…)``: the numbers of the elements are permuted, and these are taken.

    NumPy permutes them as it does the elements.
    """
    held = stage.operand(args[0], frame, node) if args else None
    if not isinstance(held, Var) or not _has_floats(held) or "out" in kwargs:
        return call_opaque(stage, frame, node, function, args, kwargs)
    numbers = yield stage.call(frame, node, Static(numbered), [args[0]], {})
    places = call_opaque(stage, frame, node, function, [numbers, *args[1:]], kwargs)
    at = _named(stage, frame, node, places, "drawn")
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(call(np.take), (held, at))


def _has_floats(held: Var) -> bool:
    type_ = strip(held.type)
    is_array = isinstance(type_, Array) and not type_.scalar and type_.shape != ()
    return is_array and isinstance(type_, Array) and type_.dtype.kind in "fc"


def _count(stage: Stage, frame: Frame, node: gast.AST, held: Var, axis: int) -> Value:
    with stage.builder.at(stage.place(frame, node)):
        count = stage.builder.length(held, axis)
    number = Static(count.value) if isinstance(count, Const) else count
    assert isinstance(number, Static | Var), "a length is a number or a variable"
    return number


def _named(stage: Stage, frame: Frame, node: gast.AST, value: Value, name: str) -> Operand:
    at = stage.operand(value, frame, node)
    if isinstance(at, Var):
        at.name = at.name or name
    return at
