"""Functions and methods that write into an array that they are given."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from adjoint.ir.builder import Builder
from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.ops import GETITEM, attribute, call, method, operation
from adjoint.ir.values import Array, rank, same_shape
from adjoint.stage.arrays.buffers import read
from adjoint.stage.arrays.unbuffered import (
    refuse_in_turn,
    refuse_on_diagonal,
    refuse_unbuffered,
)
from adjoint.stage.arrays.writes import write
from adjoint.stage.context import Frame, PrimalRaises, Stage
from adjoint.stage.values import NONE, Buffer, Static, Value, View

__all__ = [
    "WRITERS",
    "WRITING_METHODS",
    "broadcast_like",
    "call_writer",
    "write_at_mask",
    "write_flat",
    "write_out",
]

Writer = Callable[..., Value]
_WHOLE = Const(Ellipsis)


# -- places ----------------------------------------------------------------------------------------


def write_flat(
    stage: Stage, frame: Frame, node: gast.AST, owner: Value, index: Operand | None, value: Operand
) -> None:
    """Write into an array as if it were flat, whatever its layout."""
    if not isinstance(owner, Buffer | View) or rank(stage.type(owner)) == 1:
        write(stage, frame, node, owner, index or _WHOLE, value)
        return
    with stage.builder.at(stage.place(frame, node)):
        held = read(stage, owner, frame, node)
        if index is None:
            whole = value
            if rank(_type(value)) != 0 or isinstance(value, Pack):
                size = stage.builder.let(attribute(np.size, "size"), (held,))
                whole = _in_shape_of(stage.builder, _in_turn(stage.builder, value, size), held)
        else:
            builder = stage.builder
            at = builder.binary(
                operator.mod, index, builder.let(attribute(np.size, "size"), (held,))
            )
            at = builder.let(call(np.unravel_index), (at, builder.shape(held)))
            write(stage, frame, node, owner, at, value)
            return
    write(stage, frame, node, owner, _WHOLE, whole)


def _in_shape_of(builder: Builder, value: Operand, like: Var) -> Operand:
    shape = builder.shape(like)
    if isinstance(value, Var) and isinstance(value.type, Array):
        return builder.let(method(np.reshape, "reshape"), (value, shape))
    return value


# -- functions -------------------------------------------------------------------------------------


def _copyto(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Value:
    target, source = args[:2]
    where = kwargs.get("where")
    refuse_unbuffered(stage, frame, node, target, _WHOLE, source)
    value = stage.operand(source, frame, node)
    if where is None or (isinstance(where, Static) and where.value is True):
        write(stage, frame, node, target, _WHOLE, value)
    else:
        _write_where(stage, frame, node, target, stage.operand(where, frame, node), value)
    return NONE


def _write_where(
    stage: Stage, frame: Frame, node: gast.AST, target: Value, mask: Operand, value: Operand
) -> None:
    """``target[mask] = value[mask]``, each broadcast to the shape of the target."""
    builder = stage.builder
    held = stage.operand(target, frame, node)
    assert isinstance(held, Var)
    with builder.at(stage.place(frame, node)):
        mask = broadcast_like(builder, mask, held)
        if rank(_type(value)) != 0:
            value = builder.let(GETITEM, (broadcast_like(builder, value, held), mask))
    write(stage, frame, node, target, mask, value)


def _type(operand: Operand) -> Any:
    return operand.type if isinstance(operand, Var) else Array(np.dtype(float), ())


def broadcast_like(builder: Builder, value: Operand, like: Var) -> Operand:
    """`value` in the shape of `like`."""
    if isinstance(value, Var) and same_shape(value.type, like.type, builder.facts):
        return value
    return builder.let(call(np.broadcast_to), (value, builder.shape(like)))


def _put(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Value:
    target, index, value = args[:3]
    mode = stage.need_static(kwargs.get("mode", args[3] if len(args) > 3 else Static("raise")))
    if not isinstance(mode, Static):
        stage.refuse(frame, node, "np.put with a mode that is not known", "write x[i] = v")
    at, new = stage.operand(index, frame, node), stage.operand(value, frame, node)
    held = stage.operand(target, frame, node)
    builder = stage.builder
    with builder.at(stage.place(frame, node)):
        if isinstance(at, Pack):
            at = builder.let(call(np.array), (at,))
        at = _brought_inside(builder, at, held, mode.value)
        if rank(_type(new)) != 0 or isinstance(new, Pack):
            new = _in_turn(builder, new, builder.let(call(np.size), (at,)))
            new = _in_shape_of(builder, new, at) if isinstance(at, Var) else new
    write_flat(stage, frame, node, target, at, new)
    return NONE


def _brought_inside(builder: Builder, at: Operand, held: Operand, mode: Any) -> Operand:
    """Places as ``np.put`` takes them: what is outside wraps around, or is clipped to the ends."""
    if mode == "raise":
        return at
    size = builder.let(call(np.size), (held,))
    if mode == "wrap":
        return builder.binary(operator.mod, at, size)
    last = builder.binary(operator.sub, size, Const(1))
    return builder.let(call(np.clip), (at, Const(0), last))


def _in_turn(builder: Builder, values: Operand, count: Operand) -> Var:
    """`count` of the values, one after the other, again from the first when they are used up."""
    if isinstance(values, Pack):
        values = builder.let(call(np.array), (values,))
    turns = builder.binary(
        operator.mod,
        builder.let(call(np.arange), (count,)),
        builder.let(call(np.size), (values,)),
    )
    flat = builder.let(method(np.ravel, "ravel"), (values,))
    return builder.let(GETITEM, (flat, turns))


def _place(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Value:
    """``np.place``: the values one after the other, again from the first when they are used up."""
    target, mask, values = args[:3]
    builder = stage.builder
    refuse_in_turn(stage, frame, node, target, values)
    where, new = stage.operand(mask, frame, node), stage.operand(values, frame, node)
    with builder.at(stage.place(frame, node)):
        if isinstance(new, Pack) or rank(_type(new)) != 0:
            new = _in_turn(builder, new, builder.let(call(np.count_nonzero), (where,)))
    write(stage, frame, node, target, where, new)
    return NONE


def _putmask(stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any) -> Value:
    target, mask, values = args[:3]
    where, new = stage.operand(mask, frame, node), stage.operand(values, frame, node)
    held = stage.operand(target, frame, node)
    builder = stage.builder
    with builder.at(stage.place(frame, node)):
        if isinstance(new, Pack):
            new = builder.let(call(np.array), (new,))
        if rank(_type(new)) != 0 and same_shape(_type(new), _type(held), builder.facts):
            new = builder.let(GETITEM, (new, where))
        elif rank(_type(new)) != 0:
            flat = builder.let(method(np.ravel, "ravel"), (new,))
            turns = builder.binary(
                operator.mod,
                builder.let(call(np.flatnonzero), (where,)),
                builder.let(call(np.size), (new,)),
            )
            new = builder.let(GETITEM, (flat, turns))
    write(stage, frame, node, target, where, new)
    return NONE


def _fill_diagonal(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any
) -> Value:
    target, value, wrap = [*args, kwargs.get("wrap", Static(False))][:3]
    held = stage.operand(target, frame, node)
    wraps = stage.need_static(wrap)
    shape = held.type.shape if isinstance(held, Var) and isinstance(held.type, Array) else None
    if not isinstance(held, Var) or shape is None or not isinstance(wraps, Static):
        stage.refuse(
            frame, node, "np.fill_diagonal of an array whose axes are known at run time only",
            "write x[i, i] = v with i = np.arange(n)",
        )  # fmt: skip
    facts = stage.builder.facts
    square = all(facts.equal(shape[0], each) is True for each in shape[1:])
    if len(shape) > 2 and not square:
        stage.refuse(
            frame, node, "np.fill_diagonal of an array of more than two axes, which may differ",
            "write x[i, i, i] = v with i = np.arange(n)",
        )  # fmt: skip
    places: tuple[Operand, ...]
    with stage.builder.at(stage.place(frame, node)):
        if wraps.value and len(shape) == 2 and not square:
            places = _wrapped_diagonal(stage.builder, held)
        else:
            places = (_diagonal(stage.builder, held, square=square),) * len(shape)
    refuse_on_diagonal(stage, frame, node, target, value)
    write(stage, frame, node, target, Pack("tuple", places), stage.operand(value, frame, node))
    return NONE


def _diagonal(builder: Builder, held: Var, *, square: bool) -> Operand:
    """The numbers along the diagonal of an array."""
    count = builder.length(held, 0)
    if not square:
        count = builder.let(call(min), (count, builder.length(held, 1)))
    return builder.let(call(np.arange), (count,))


def _wrapped_diagonal(builder: Builder, held: Var) -> tuple[Operand, Operand]:
    """The places of the diagonal of a tall matrix, which begins again below its end."""
    columns = builder.length(held, 1)
    step = builder.let(operation(operator.add), (columns, Const(1)))
    size = builder.let(call(np.size), (held,))
    numbers = builder.let(call(np.arange), (Const(0), size, step))
    parts = builder.let(call(divmod), (numbers, columns))
    return builder.let(GETITEM, (parts, Const(0))), builder.let(GETITEM, (parts, Const(1)))


def _put_along_axis(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: Any
) -> Value:
    target, indices, values = args[:3]
    axis = stage.need_static(kwargs.get("axis", args[3] if len(args) > 3 else Static(-1)))
    held = stage.operand(target, frame, node)
    at = stage.operand(indices, frame, node)
    builder = stage.builder
    if not isinstance(axis, Static) or axis.value is None or not isinstance(held, Var):
        stage.refuse(frame, node, "np.put_along_axis without an axis", "name the axis")
    width = rank(held.type) or 0
    with builder.at(stage.place(frame, node)):
        items = [_counter(builder, held, k, width) for k in range(width)]
    items[axis.value] = at
    value = stage.operand(values, frame, node)
    write(stage, frame, node, target, Pack("tuple", tuple(items)), value)
    return NONE


def _counter(builder: Builder, held: Var, axis: int, width: int) -> Operand:
    """The numbers along one axis, in the shape that broadcasts along the others."""
    numbers = builder.let(call(np.arange), (builder.length(held, axis),))
    shape = tuple(Const(-1 if k == axis else 1) for k in range(width))
    return builder.let(method(np.reshape, "reshape"), (numbers, Pack("tuple", shape)))


#: Functions of NumPy that write into their first argument.
#: The functions that write into their first argument, and the names of what they cannot do without.
WRITERS: dict[Any, tuple[Writer, tuple[str, ...]]] = {
    np.copyto: (_copyto, ("dst", "src")),
    np.put: (_put, ("a", "ind", "v")),
    np.place: (_place, ("arr", "mask", "vals")),
    np.putmask: (_putmask, ("a", "mask", "values")),
    np.fill_diagonal: (_fill_diagonal, ("a", "val")),
    np.put_along_axis: (_put_along_axis, ("arr", "indices", "values")),
}


def call_writer(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Any,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Value:
    """A function that writes into its first argument, with its arguments by position or name."""
    writer, names = WRITERS[function]
    named = dict(kwargs)
    given = [*args, *(named.pop(name) for name in names[len(args) :] if name in named)]
    if len(given) < len(names):
        error = TypeError(f"{function.__name__}() missing a required argument")
        raise PrimalRaises(error, stage.place(frame, node))
    return writer(stage, frame, node, given, named)


# -- methods ---------------------------------------------------------------------------------------


def _fill(stage: Stage, frame: Frame, node: gast.AST, owner: Value, args: list[Value]) -> None:
    write(stage, frame, node, owner, _WHOLE, stage.operand(args[0], frame, node))


def _sort(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Value,
    args: list[Value],
    axis: Value | None = None,
    **_: Value,  # by which algorithm, for which equal numbers are in the same order
) -> None:
    axis = stage.need_static(args[0] if args else axis or Static(-1))
    held = stage.operand(owner, frame, node)
    along = stage.operand(axis, frame, node)
    builder = stage.builder
    with builder.at(stage.place(frame, node)):
        pairs = (("axis", along), ("kind", Const("stable")))
        order = builder.let(call(np.argsort), (held,), pairs)
        ordered = builder.let(call(np.take_along_axis), (held, order, along))
    write(stage, frame, node, owner, _WHOLE, ordered)


def _partition(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Value,
    args: list[Value],
    **kwargs: Value,
) -> None:
    held = stage.operand(owner, frame, node)
    operands = [held, *(stage.operand(a, frame, node) for a in args)]
    pairs = [(k, stage.operand(stage.need_static(v), frame, node)) for k, v in kwargs.items()]
    with stage.builder.at(stage.place(frame, node)):
        parted = stage.builder.let(call(np.partition), operands, pairs)
    write(stage, frame, node, owner, _WHOLE, parted)


def _put_method(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    owner: Value,
    args: list[Value],
    **kwargs: Value,
) -> None:
    given = dict(zip(("indices", "values", "mode"), args, strict=False)) | kwargs
    mode = {"mode": given["mode"]} if "mode" in given else {}
    _put(stage, frame, node, [owner, given["indices"], given["values"]], mode)


WRITING_METHODS: dict[str, Callable[..., None]] = {
    "fill": _fill, "sort": _sort, "partition": _partition, "put": _put_method,
}  # fmt: skip


# -- out= ------------------------------------------------------------------------------------------


def write_out(stage: Stage, frame: Frame, node: gast.AST, out: Value, value: Value) -> Value:
    """What a function with ``out=`` returns: `out`, into which its result was written."""
    write(stage, frame, node, out, _WHOLE, stage.operand(value, frame, node))
    return out


def write_at_mask(
    stage: Stage, frame: Frame, node: gast.AST, out: Value, mask: Operand, value: Value
) -> None:
    """Write the results at the elements that ``where=`` takes."""
    held = stage.operand(out, frame, node)
    assert isinstance(held, Var)
    with stage.builder.at(stage.place(frame, node)):
        taken = broadcast_like(stage.builder, mask, held)
    write(stage, frame, node, out, taken, stage.operand(value, frame, node))
