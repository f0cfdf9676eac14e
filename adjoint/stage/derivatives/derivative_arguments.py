"""The arguments of a derivative that a function takes, and what is handed back for them."""

from __future__ import annotations

import itertools
from typing import Any

import gast
import numpy as np

from adjoint.ir.lists import COPY_LIST
from adjoint.ir.memory import makes_memory
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.ops import RENEWED, call, method
from adjoint.ir.values import FLOAT, Array, ListOf, Scalar, is_differentiable
from adjoint.rules.registry import is_matrix
from adjoint.stage.arrays.buffers import noted_array
from adjoint.stage.context import Frame, Stage
from adjoint.stage.derivatives.cotangents import TO_FLOATS
from adjoint.stage.inputs.closed import ADVICE, RING_ADVICE, closed_in, closed_text, ring_text
from adjoint.stage.objects.likenesses import Likenesses
from adjoint.stage.objects.structures import leaf_values, map_leaves, parts_of
from adjoint.stage.values import Buffer, ObjectValue, RunTimeList, Static, Value

__all__ = [
    "handed_back",
    "inputs_of",
    "renewed",
    "replaced",
    "value_of",
    "variables_of",
    "writable",
]

COPY = method(np.copy, "copy")


def variables_of(value: Value | None) -> list[Var]:
    """The variables of what is handed on beside the value."""
    leaves = [] if value is None else leaf_values(value)
    found = [leaf.slots["held"] if isinstance(leaf, RunTimeList) else leaf for leaf in leaves]
    return [leaf for leaf in found if isinstance(leaf, Var)]


def replaced(leaf: Value, found: Any) -> Value:
    return value_of(leaf, next(found)) if isinstance(leaf, Var | RunTimeList) else leaf


def value_of(leaf: Value, operand: Operand) -> Value:
    """The value that an operand holds now, in the place of `leaf`."""
    if isinstance(operand, Var) and isinstance(operand.type, ListOf):
        return RunTimeList({"held": operand})
    if isinstance(operand, Var):
        return operand
    return Static(operand.value) if isinstance(operand, Const) else leaf


def renewed(likenesses: Likenesses, value: Value, promote: bool, key: int | str) -> Value:
    """An argument with variables of its own: the function may know the same value otherwise.

    A whole number that is an argument may be promoted to a float; one in a structure is none of
    what is differentiated by, as from outside.
    """
    promote = promote and parts_of(value) is None and not isinstance(value, ObjectValue)
    stage, frame, node = likenesses.stage, likenesses.frame, likenesses.node
    if isinstance(value, ObjectValue) and is_matrix(value.cls):
        stage.refuse(
            frame, node, "a derivative with respect to a sparse matrix, inside a function",
            "make the matrix inside, of its values: csr_array((data, indices, indptr), shape=…)",
        )  # fmt: skip

    for closed in closed_in(value):
        stage.refuse(frame, node, closed_text(closed), ADVICE)
    if (text := ring_text(value)) is not None:
        stage.refuse(frame, node, text, RING_ADVICE)

    def change(leaf: Value, text: str) -> Value:
        return _own(stage, frame, node, leaf, promote, text)

    with stage.builder.at(stage.place(frame, node)):
        return likenesses.renewed(likenesses.snapshot(value), str(key), change)


def _own(
    stage: Stage, frame: Frame, node: gast.AST, leaf: Value, promote: bool, position: str
) -> Value:
    builder, type_ = stage.builder, stage.type(leaf)
    if isinstance(leaf, RunTimeList):
        held = leaf.slots["held"]
        made = builder.let(COPY_LIST, (held,), type_=held.type, name=held.name)
        return RunTimeList({"held": made})
    name = leaf.name if isinstance(leaf, Var) else ""
    whole = isinstance(type_, Scalar) and type_.kind in ("int", "bool")
    if whole and promote:
        if isinstance(leaf, Static):
            return builder.let(RENEWED, (Const(float(leaf.value)),), type_=FLOAT)
        return builder.let(call(float), (stage.operand(leaf, frame, node),), type_=FLOAT, name=name)
    if promote and isinstance(type_, Array) and type_.dtype.kind in "iub":
        return builder.let(TO_FLOATS, (stage.operand(leaf, frame, node), Const(float)), name=name)
    if not is_differentiable(type_):
        return leaf
    made = builder.let(RENEWED, (stage.operand(leaf, frame, node),), type_=type_, name=name)
    if not isinstance(type_, Array) or type_.scalar:
        return made
    stage.sites[made] = stage.key(frame, node, f"buffer {position}")
    return made


def writable(likenesses: Likenesses, value: Value) -> Value:
    """An argument as the function gets it: what it writes into is a copy."""
    stage = likenesses.stage

    def change(leaf: Value) -> Value:
        if not isinstance(leaf, Var) or stage.sites.get(leaf) not in stage.decisions:
            return leaf
        order = (("order", Const("K")),)
        held = stage.builder.let(COPY, (leaf,), order, name=leaf.name)
        return Buffer({"held": held}, origin=held)

    with stage.builder.at(stage.place(likenesses.frame, likenesses.node)):
        return likenesses.handed(value, change)


def inputs_of(value: Value) -> list[Var]:
    """The variables of an argument by which is differentiated."""
    found = []
    for leaf in leaf_values(value):
        held: Any = leaf
        if isinstance(leaf, RunTimeList):
            held = leaf.slots["held"]
        if isinstance(held, Var) and is_differentiable(held.type):
            found.append(held)
    return found


def handed_back(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Value:
    """What a derivative returns, each array in it free to be written."""
    numbers = itertools.count()

    def note(leaf: Value) -> Value:
        if not isinstance(leaf, Var) or not isinstance(leaf.type, Array) or leaf.type.scalar:
            return leaf
        key = stage.key(frame, node, f"buffer result {next(numbers)}")
        definition = stage.builder.definitions.get(leaf)
        is_new = definition is not None and makes_memory(definition) and leaf not in stage.sites
        if key in stage.decisions and not is_new:
            leaf = stage.builder.let(COPY, (leaf,), type_=leaf.type, name=leaf.name)
        elif not is_new:  # as if it were
            leaf = stage.builder.let(RENEWED, (leaf,), type_=leaf.type, name=leaf.name)
        return noted_array(stage, key, leaf)

    with stage.builder.at(stage.place(frame, node)):
        return map_leaves(value, note)
