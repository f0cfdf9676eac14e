"""Functions and attributes that return a view of an array, and the way back from the view."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Var
from adjoint.ir.ops import Op, attribute, call, method
from adjoint.ir.values import Array, is_complex, rank, shape_of
from adjoint.stage.buffers import read, view_of
from adjoint.stage.context import Frame, Stage
from adjoint.stage.values import Buffer, RunTimeList, Step, Value, View

__all__ = ["VIEWS", "attribute_view", "view_by"]

Back = Callable[[Stage, Var], Callable[[Var], Var]]


def attribute_view(
    stage: Stage, frame: Frame, node: gast.AST, owner: Buffer | View, name: str
) -> Value | None:
    """``owner.T`` and its like, or None where the attribute is no view."""
    if name == "flat":  # whatever the layout is
        op = method(np.reshape, "reshape")
        return view_by(stage, frame, node, op, owner, [Const(-1)], back=_back_in_shape)
    if name == "real" and not is_complex(stage.type(owner)):
        return owner
    functions: dict[str, Any] = {
        "T": np.transpose, "mT": np.matrix_transpose, "real": np.real, "imag": np.imag,
    }  # fmt: skip
    function = functions.get(name)
    if function is None:
        return None
    return view_by(stage, frame, node, attribute(function, name), owner, [])


def view_by(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    op: Op,
    owner: Buffer | View,
    args: list[Operand],
    back: Back | None = None,
) -> Value:
    """The view of `owner` that an operation returns; what it returns may also be a copy."""
    with stage.builder.at(stage.place(frame, node)):
        held = read(stage, owner, frame, node)
        made = stage.builder.let(op, (held, *args))
    if isinstance(made.type, Array) and made.type.scalar:
        return made
    if op.function in _ITSELF:
        return owner
    if op.function in (np.ravel, np.reshape) and back is None and _copies(stage, owner, made, op):
        with stage.builder.at(stage.place(frame, node)):
            return stage.builder.let(
                method(np.copy, "copy"), (made,)
            )  # to the reader of the IR too
    back = back or VIEWS[op.function](owner, made, args)
    sure = back is not None or op.function in _ALWAYS_VIEWS
    return view_of(stage, owner, Step(tuple(args), op, back, sure), made)


# -- the ways back ---------------------------------------------------------------------------------


def _transposed(owner: Buffer | View, made: Var, args: list[Operand]) -> Back | None:
    if not args:
        return _by(attribute(np.transpose, "T"))
    axes = _static(args[0])
    if axes is None:
        return _by(attribute(np.transpose, "T"))
    if not isinstance(axes, tuple):
        return None
    inverse = tuple(int(axis) for axis in np.argsort([a % len(axes) for a in axes]))
    return _by(method(np.transpose, "transpose"), Const(inverse))


def _by(op: Op, *args: Operand) -> Back:
    """Back by an operation on the view."""
    return lambda stage, old: lambda new: stage.builder.let(op, (new, *args))


def _same_again(function: Callable[..., Any]) -> Callable[..., Back | None]:
    """Of a function that undoes itself when it is called with the same arguments."""

    def back(owner: Buffer | View, made: Var, args: list[Operand]) -> Back | None:
        return _by(Op(function), *args)

    return back


def _moved(owner: Buffer | View, made: Var, args: list[Operand]) -> Back | None:
    source, target = args
    return _by(Op(np.moveaxis), target, source)


def _reshaped(owner: Buffer | View, made: Var, args: list[Operand]) -> Back | None:
    """Back from a reshaped view; None where it may be a copy, since the layout is not known."""
    if not _is_contiguous(owner):
        return None
    return _back_in_shape


def _copies(stage: Stage, owner: Buffer | View, made: Var, op: Op) -> bool:
    """Whether laying out an array in one row surely copies it."""
    shape = shape_of(stage.type(owner))
    if shape is None or rank(made.type) != 1 or _is_contiguous(owner):
        return False
    if len(shape) == 1:
        return False
    facts = stage.builder.facts
    wide = all(facts.at_least(axis, 2) is True for axis in shape)
    return wide and _is_scattered(owner)


def _is_scattered(owner: Buffer | View) -> bool:
    """Whether the items of an array with two or more in each axis surely do not lie in C order."""
    base, path = (owner.base, owner.path) if isinstance(owner, View) else (owner, ())
    if not path:
        return base.contiguous is False
    *before, last = path
    inner = View(base, tuple(before), base.slots["held"].type) if before else base
    if last.op is not None and last.op.function is np.transpose and not last.operands:
        return _is_contiguous(inner)
    return last.op is None and _is_contiguous(inner) and _takes_part_of_last(last.operands[0])


def _takes_part_of_last(index: Operand) -> bool:
    """Whether an index with all of the first axis takes a part of another."""
    items = index.items if isinstance(index, Pack) else (index,)
    parts = [i for i in items if isinstance(i, SliceOf)]
    return len(parts) == len(items) > 1 and not _is_whole(parts[-1])


def _is_whole(part: SliceOf) -> bool:
    bounds = (part.start, part.stop, part.step)
    return all(isinstance(p, Const) and p.value is None for p in bounds)


def _real_part(owner: Buffer | View, made: Var, args: list[Operand]) -> Back | None:
    def back(stage: Stage, old: Var) -> Callable[[Var], Var]:
        builder = stage.builder
        imag = builder.binary(operator.mul, Const(1j), builder.let(call(np.imag), (old,)))
        return lambda new: builder.binary(operator.add, new, imag)

    return back


def _imaginary_part(owner: Buffer | View, made: Var, args: list[Operand]) -> Back | None:
    def back(stage: Stage, old: Var) -> Callable[[Var], Var]:
        builder = stage.builder
        real = builder.let(call(np.real), (old,))
        return lambda new: builder.binary(
            operator.add, real, builder.binary(operator.mul, Const(1j), new)
        )

    return back


def _unit_axes(owner: Buffer | View, made: Var, args: list[Operand]) -> Back | None:
    """Back from a view with axes of length 1 more or fewer: always a view."""
    return _back_in_shape


def _back_in_shape(stage: Stage, old: Var) -> Callable[[Var], Var]:
    shape = stage.builder.shape(old)
    reshape = method(np.reshape, "reshape")
    return lambda new: stage.builder.let(reshape, (new, shape), type_=old.type)


def _no_way_back(owner: Buffer | View, made: Var, args: list[Operand]) -> Back | None:
    return None


def _is_contiguous(owner: Buffer | RunTimeList | View) -> bool:
    """Whether an array surely lies in C order in one piece."""
    base, path = (owner.base, owner.path) if isinstance(owner, View) else (owner, ())
    if any(step.op is not None or not _is_leading(step.operands[0]) for step in path):
        return False
    return base.contiguous is True


def _is_leading(index: Operand) -> bool:
    """Whether an index takes whole items of the first axes."""
    items = index.items if isinstance(index, Pack) else (index,)
    return all(isinstance(i, Var) or (isinstance(i, Const) and type(i.value) is int) for i in items)


def _static(operand: Operand) -> Any:
    if isinstance(operand, Const):
        return operand.value
    if isinstance(operand, Pack) and all(isinstance(i, Const) for i in operand.items):
        return tuple(i.value for i in operand.items if isinstance(i, Const))
    return False


#: Functions whose result is a view, though one that cannot be written.
_ALWAYS_VIEWS: tuple[Any, ...] = (np.diagonal, np.broadcast_to)

#: Functions that hand back the very array.
_ITSELF: tuple[Any, ...] = (np.asarray, np.asanyarray)

#: The way back from the view that each function returns.
VIEWS: dict[Any, Callable[[Buffer | View, Var, list[Operand]], Back | None]] = {
    np.transpose: _transposed,
    np.matrix_transpose: _same_again(np.matrix_transpose),
    np.swapaxes: _same_again(np.swapaxes),
    np.moveaxis: _moved,
    np.flip: _same_again(np.flip),
    np.fliplr: _same_again(np.fliplr),
    np.flipud: _same_again(np.flipud),
    np.reshape: _reshaped,
    np.ravel: _reshaped,
    np.squeeze: _unit_axes,
    np.expand_dims: _unit_axes,
    np.diagonal: _no_way_back,
    np.broadcast_to: _no_way_back,
    np.real: _real_part,
    np.imag: _imaginary_part,
    np.asarray: _no_way_back,
    np.asanyarray: _no_way_back,
    np.atleast_1d: _unit_axes,
    np.atleast_2d: _unit_axes,
    np.atleast_3d: _unit_axes,
    np.ascontiguousarray: _no_way_back,
}
