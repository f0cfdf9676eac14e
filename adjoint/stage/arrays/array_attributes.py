"""Writing attributes of arrays: ``x.shape = s``, ``x.flat = e``, ``z.real = e``."""

from __future__ import annotations

import operator

import gast
import numpy as np

from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.ops import call, method
from adjoint.ir.values import Array, shape_of
from adjoint.stage.arrays.buffers import read, tell_apart
from adjoint.stage.arrays.layouts import layout_of, shows_in_shape
from adjoint.stage.arrays.memory import SHAPE
from adjoint.stage.arrays.unbuffered import refuse_in_turn
from adjoint.stage.arrays.writers import write_flat
from adjoint.stage.arrays.writes import write
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.flow.aliases import replace_version
from adjoint.stage.objects.known_classes import has_attribute
from adjoint.stage.values import Buffer, Order, Value

__all__ = ["set_array_attribute"]

_WHOLE = Const(Ellipsis)


def set_array_attribute(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, name: str, value: Value
) -> None:
    """``owner.name = value`` of an array."""
    operand = stage.operand(value, frame, node)
    match name:
        case "flat":
            refuse_in_turn(stage, frame, node, owner, value)
            write_flat(stage, frame, node, owner, None, operand)
        case "shape" if isinstance(owner, Buffer):
            _set_shape(stage, frame, node, owner, operand)
        case "shape" if isinstance(owner, Var):
            write(stage, frame, node, owner, _WHOLE, operand)
        case "real" | "imag" if not isinstance(stage.type(owner), Array):
            stage.refuse(
                frame, node, f"the {name} part of an array is written that may be real or complex",
                "make the array a complex one from the start: z = x.astype(complex)",
            )  # fmt: skip
        case "real" if _is_real(stage, owner):
            write(stage, frame, node, owner, _WHOLE, operand)
        case "real" | "imag":
            _write_part(stage, frame, node, owner, name, operand)
        case _ if has_attribute(owner, name) is False:
            error = AttributeError(f"no attribute {name!r} can be given to a number or an array")
            raise PrimalRaises(error, stage.place(frame, node))
        case _:
            stage.refuse(
                frame, node, f"the attribute {name!r} of an array is written",
                "make a new array with the function that does the same",
            )  # fmt: skip


def _set_shape(stage: Stage, frame: Frame, node: gast.AST, owner: Buffer, shape: Operand) -> None:
    """``owner.shape = shape``, which NumPy does where it needs no copy."""
    place = stage.place(frame, node)
    with stage.builder.at(place):
        held = read(stage, owner, frame, node)
        made = stage.builder.let(method(np.reshape, "reshape"), (held, shape))
        made.name = held.name
    axes, new = layout_of(stage, owner), shape_of(made.type)
    shown = None if new is None else shows_in_shape(stage.builder.facts, axes, new)
    if shown is False:
        error = AttributeError(
            "Incompatible shape for in-place modification. Use `.reshape()` to make a copy with"
            " the desired shape."
        )
        raise PrimalRaises(error, place)
    if shown is None:
        tell_apart(stage, owner)
        stage.refuse(
            frame, node, "whether this array can be given another shape in its place depends on"
            " how it lies in memory, which is not known",
            "give the array in the other shape a name: y = x.reshape(shape)",
        )  # fmt: skip
    replace_version(stage, owner, made)
    stage.trail.set(owner, SHAPE, Order())


def _is_real(stage: Stage, owner: Value) -> bool:
    type_ = stage.type(owner)
    return isinstance(type_, Array) and type_.dtype.kind != "c"


def _write_part(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, name: str, operand: Operand
) -> None:
    """Write the real or the imaginary part: the other stays."""
    builder = stage.builder
    with builder.at(stage.place(frame, node)):
        held = stage.operand(owner, frame, node)
        if isinstance(operand, Pack):  # numbers in a list, or a list of lists
            operand = builder.let(call(np.array), (operand,))
        real = operand if name == "real" else builder.let(call(np.real), (held,))
        imag = operand if name == "imag" else builder.let(call(np.imag), (held,))
        whole = builder.binary(operator.add, real, builder.binary(operator.mul, Const(1j), imag))
    write(stage, frame, node, owner, _WHOLE, whole)
