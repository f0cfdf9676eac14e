"""What the guard looks at of tangents: each is like the part of an argument that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from adjoint.ir.nodes import Var
from adjoint.ir.values import Array, ListOf, Scalar, Type, is_differentiable
from adjoint.source.parameters import part_of
from adjoint.stage.inputs.from_outside import Inputs
from adjoint.stage.inputs.reachable import inputs_in
from adjoint.stage.run import Staged
from adjoint.stage.trail import Cell
from adjoint.stage.values import (
    Buffer,
    DictValue,
    ListValue,
    ObjectValue,
    RunTimeList,
    TupleValue,
    Value,
    View,
)

__all__ = ["expect_directions"]


def expect_directions(staged: Staged, asked: Sequence[str], names: Mapping[str, str]) -> None:
    """Add to the conditions of the guard what tangents must be.

    Parameters
    ----------
    asked
        The arguments that have a tangent: ``x``, or ``args[1]`` of ``*args``.
    names
        For each such argument, the parameter that holds the tangent.
    """
    for each in asked:
        name, position = part_of(each)
        value = staged.arguments[name]
        if position is not None:
            assert isinstance(value, TupleValue)
            value = value.items[position]
        rest, tangents = each.removeprefix(name), dict[Cell, str]()
        _expect(staged.inputs, value, names[name] + rest, name + rest, tangents)
        staged.inputs.identities.expect_as_many(tangents)


def _expect(
    inputs: Inputs, value: Value, tangent: str, primal: str, tangents: dict[Cell, str]
) -> None:
    """Hold that a tangent has the structure of its value, and its leaves the types.

    What is one object, list or dict has one of the `tangents`.
    """
    if isinstance(value, Cell):
        if value in tangents:
            inputs.expect(f"{tangent} is {tangents[value]}")
            return
        tangents[value] = tangent
    parts: list[tuple[str, Value]] = []
    match value:
        case Var(type=type_) | Buffer(leaf=Var(type=type_)) | View(leaf=Var(type=type_)):
            _expect_leaf(inputs, type_, tangent, primal)
        case RunTimeList():
            _expect_leaf(inputs, value.slots["held"].type, tangent, primal)
        case TupleValue(items):
            parts = [(f"[{k}]", item) for k, item in enumerate(items)]
        case ListValue():
            parts = [(f"[{k}]", item) for k, item in enumerate(value.slots["items"])]
        case DictValue():
            parts = [(f"[{inputs.key(key)}]", item) for key, item in value.slots["items"].items()]
        case ObjectValue():
            parts = [(f".{name}", value.slots[name]) for name in value.slots if name in value.seen]
        case _:
            pass
    parts = [(step, part) for step, part in parts if _holds_floats(part)]
    if parts and isinstance(value, TupleValue | ListValue):
        inputs.expect(f"len({tangent}) == len({primal})")
    for step, part in parts:
        _expect(inputs, part, tangent + step, primal + step, tangents)


def _holds_floats(value: Value) -> bool:
    return any(is_differentiable(each.type) for each in inputs_in(value))


def _expect_leaf(inputs: Inputs, type_: Type, tangent: str, primal: str) -> None:
    if not is_differentiable(type_):
        return
    match type_:
        case Scalar(kind):
            inputs.expect(f"type({tangent}) is {kind}")
        case Array(dtype, _, scalar):
            inputs.expect_type(tangent, dtype.type if scalar else np.ndarray)
            if not scalar:
                inputs.expect_dtype(tangent, dtype)
                inputs.expect(f"{tangent}.shape == {primal}.shape")
        case ListOf():
            inputs.expect(f"type({tangent}) is list")
            inputs.expect(f"len({tangent}) == len({primal})")
        case _:
            pass
