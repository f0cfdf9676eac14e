"""Functions and attributes that return a view of an array, and the way back from the view."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import gast
import numpy as np

from adjoint.ir.memory import shares_memory
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.operands import strip
from adjoint.ir.ops import Form, Op, attribute, call, method
from adjoint.ir.values import Array, TupleOf, rank, shape_of
from adjoint.stage.arrays.buffers import read, view_of
from adjoint.stage.arrays.flat import FLAT
from adjoint.stage.arrays.layouts import UNKNOWN, is_packed, layout_of, shows_in_shape, static_of
from adjoint.stage.arrays.places import sizes_of_row, turned_back
from adjoint.stage.arrays.snapshots import arrays_in
from adjoint.stage.context import Frame, Stage
from adjoint.stage.values import Buffer, Step, TupleValue, Value, View

__all__ = ["VIEWS", "Way", "attribute_view", "not_followed", "view_by"]

Back = Callable[[Stage, Var], Callable[[Var], Var]]


class Way(Enum):
    """What a function that may return a view has returned, if that cannot be written through."""

    ITSELF = auto()
    COPY = auto()
    READ_ONLY = auto()  # a view
    UNSURE = auto()  # a view or a copy


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    """What a function returned that may return a view, and its arguments after the array."""

    stage: Stage
    op: Op
    owner: Buffer | View
    made: Var
    args: Sequence[Operand]
    kwargs: Mapping[str, Operand]

    def given(self, position: int | None, name: str, default: Any = None) -> Any:
        """An argument as it is known now; `UNKNOWN` where it is not."""
        if position is not None and len(self.args) > position:
            return static_of(self.args[position])
        return static_of(self.kwargs[name]) if name in self.kwargs else default

    @property
    def keeps_dtype(self) -> bool | None:
        """Whether the result has the dtype of the array; None if that is unknown."""
        old, new = self.stage.type(self.owner), self.made.type
        if isinstance(old, Array) and isinstance(new, Array):
            return old.dtype == new.dtype
        return None if self.given(0, "dtype") is not None else True

    @property
    def is_complex(self) -> bool | None:
        """Whether the array is one of complex numbers; None if that is unknown."""
        type_ = strip(self.stage.type(self.owner))
        return type_.dtype.kind == "c" if isinstance(type_, Array) else None


Rule = Callable[[_Call], "Back | Way"]


def attribute_view(
    stage: Stage, frame: Frame, node: gast.AST, owner: Buffer | View, name: str
) -> Value | None:
    """``owner.T`` and its like, or None where the attribute is no view."""
    if name == "flat":  # whatever the layout is
        return view_by(stage, frame, node, FLAT, owner, [Const(-1)], back=_back_in_shape)
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
    args: Sequence[Operand],
    kwargs: Sequence[tuple[str, Operand]] = (),
    back: Back | Way | None = None,
) -> Value:
    """The view of `owner` that an operation returns, or the copy, or the array itself."""
    place = stage.place(frame, node)
    with stage.builder.at(place):
        held = read(stage, owner, frame, node)
        with stage.builder.block() as statements:
            made = stage.builder.let(op, (held, *args), kwargs)
    way = back or VIEWS[op.function](_Call(stage, op, owner, made, args, dict(kwargs)))
    if way is Way.ITSELF and op.function is not np.asarray_chkfinite:
        return owner
    for statement in statements:
        stage.builder.append(statement)
    if isinstance(made.type, Array) and made.type.scalar:
        return made
    if way is Way.ITSELF:
        return owner
    if way is Way.COPY:
        return _own(stage, frame, node, made)
    through = None if isinstance(way, Way) else way
    sure = way is not Way.UNSURE
    with stage.builder.at(place):
        sizes = sizes_of_row(stage.builder, held, made) if through is not None else ()
    step = Step(tuple(args), op, through, sure, made.type, tuple(kwargs), sizes)
    return view_of(stage, owner, step, made)


def _own(stage: Stage, frame: Frame, node: gast.AST, made: Var) -> Var:
    """What is a copy, so that the reader of the IR sees that too."""
    if not shares_memory(stage.builder.definitions[made]):
        return made
    order = (("order", Const("K")),) if rank(made.type) != 1 else ()
    with stage.builder.at(stage.place(frame, node)):
        return stage.builder.let(method(np.copy, "copy"), (made,), order)


def not_followed(
    stage: Stage, frame: Frame, node: gast.AST, args: Sequence[Value], made: Value
) -> Value:
    """What a function returned of which no more is said: one of NumPy's may return a view.

    Raises
    ------
    Unsupported
        If it may be a view of one of several arrays, or of one that is not the first argument.
    """
    lenders = [array for value in args for array in arrays_in(value)]
    let = _call_of(stage, made) if lenders else None
    if let is None or let.target is None or not _may_show(stage, let, lenders):
        return made
    if lenders[0] is args[0] and len(lenders) == 1 and isinstance(let.target.type, Array):
        step = Step(let.args[1:], let.op, None, False, let.target.type, let.kwargs)
        return view_of(stage, lenders[0], step, let.target)
    stage.refuse(
        frame, node, f"what np.{let.op.function.__name__} returns may be a view of an array that"
        " is written", "give it copies: x.copy()",
    )  # fmt: skip


def _call_of(stage: Stage, made: Value) -> Let | None:
    """The statement that made an array, or the tuple that is here in its parts."""
    first = made.items[0] if isinstance(made, TupleValue) and made.items else made
    let = stage.builder.definitions.get(first) if isinstance(first, Var) else None
    if let is not None and first is not made and isinstance(let.args[0], Var):
        return stage.builder.definitions.get(let.args[0])
    return let


def _may_show(stage: Stage, let: Let, lenders: Sequence[Buffer | View]) -> bool:
    """Whether a call may return views of arrays: they have a dtype of those."""
    module = getattr(let.op.function, "__module__", None) or "numpy"  # of methods there is none
    if let.op.form not in (Form.CALL, Form.METHOD) or not module.startswith("numpy"):
        return False
    if let.target is None or not shares_memory(let):
        return False
    if let.op.function in (np.ndarray.view, np.ndarray.getfield):
        return True
    found = let.target.type
    parts = found.items if isinstance(found, TupleOf) else (found,)
    known = {each.dtype for each in map(stage.type, lenders) if isinstance(each, Array)}
    return any(not isinstance(part, Array) or part.dtype in known for part in parts)


# -- the ways back ---------------------------------------------------------------------------------


def _by(op: Op, *args: Operand, **kwargs: Operand) -> Back:
    """Back by an operation on the view."""
    pairs = tuple(kwargs.items())
    return lambda stage, old: lambda new: stage.builder.let(op, (new, *args), pairs)


def _transposed(seen: _Call) -> Back | Way:
    axes = seen.given(0, "axes")
    if axes is None:
        return _by(attribute(np.transpose, "T"))
    if axes is UNKNOWN:
        return Way.READ_ONLY
    return turned_back([axis % len(axes) for axis in axes])


def _same_again(seen: _Call) -> Back | Way:
    """Of a function that undoes itself when it is called with the same arguments."""
    return _by(call(seen.op.function), *seen.args, **seen.kwargs)


def _moved(seen: _Call) -> Back | Way:
    given = dict(zip(("source", "destination"), seen.args, strict=False)) | dict(seen.kwargs)
    return _by(call(np.moveaxis), given["destination"], given["source"])


def _rotated(seen: _Call) -> Back | Way:
    turns, axes = seen.given(0, "k", 1), seen.given(1, "axes", (0, 1))
    if turns is UNKNOWN or axes is UNKNOWN:
        return Way.READ_ONLY
    return _by(call(np.rot90), Const(-turns), Const(tuple(axes)))


def _rolled(seen: _Call) -> Back | Way:
    axis, start = seen.given(0, "axis"), seen.given(1, "start", 0)
    width = rank(seen.made.type)
    if axis is UNKNOWN or start is UNKNOWN or width is None:
        return Way.READ_ONLY
    axis, start = axis % width, start + width if start < 0 else start
    return _by(call(np.moveaxis), Const(start - 1 if start > axis else start), Const(axis))


def _reshaped(seen: _Call) -> Back | Way:
    order, shape = seen.given(1, "order", "C"), shape_of(seen.made.type)
    if "copy" in seen.kwargs or order not in ("C", "F") or shape is None:
        return Way.UNSURE
    axes = layout_of(seen.stage, seen.owner)
    if order == "F":
        axes, shape = axes[::-1], shape[::-1]
    return _shown(shows_in_shape(seen.stage.builder.facts, axes, shape), order)


def _in_a_row(seen: _Call) -> Back | Way:
    """`ravel` hands out what is in one piece: also of a row with gaps it makes a copy."""
    order, axes = seen.given(0, "order", "C"), layout_of(seen.stage, seen.owner)
    if order not in ("C", "F") or shape_of(seen.stage.type(seen.owner)) is None:
        return Way.UNSURE
    in_order = axes[::-1] if order == "F" else axes
    return _shown(is_packed(seen.stage.builder.facts, in_order), order)


def _shown(shown: bool | None, order: str) -> Back | Way:
    if shown is None:
        return Way.UNSURE
    in_order = _back_in_shape if order == "C" else _back_in_columns
    return in_order if shown else Way.COPY


def _unit_axes(seen: _Call) -> Back | Way:
    """Back from a view with axes of length 1 more or fewer: always a view."""
    return _back_in_shape


def _back_in_shape(stage: Stage, old: Var) -> Callable[[Var], Var]:
    shape = stage.builder.shape(old)
    reshape = method(np.reshape, "reshape")
    return lambda new: stage.builder.let(reshape, (new, shape), type_=old.type)


def _back_in_columns(stage: Stage, old: Var) -> Callable[[Var], Var]:
    shape, order = stage.builder.shape(old), (("order", Const("F")),)
    reshape = method(np.reshape, "reshape")
    return lambda new: stage.builder.let(reshape, (new, shape), order, type_=old.type)


def _real_part(seen: _Call) -> Back | Way:
    if not seen.is_complex:
        return Way.READ_ONLY if seen.is_complex is None else Way.ITSELF

    def back(stage: Stage, old: Var) -> Callable[[Var], Var]:
        builder = stage.builder
        imag = builder.binary(operator.mul, Const(1j), builder.let(call(np.imag), (old,)))
        return lambda new: builder.binary(operator.add, new, imag)

    return back


def _imaginary_part(seen: _Call) -> Back | Way:
    if not seen.is_complex:
        return Way.READ_ONLY  # zeros, of real numbers

    def back(stage: Stage, old: Var) -> Callable[[Var], Var]:
        builder = stage.builder
        real = builder.let(call(np.real), (old,))
        return lambda new: builder.binary(
            operator.add, real, builder.binary(operator.mul, Const(1j), new)
        )

    return back


def _in_bytes(seen: _Call) -> Back | Way:
    """Complex numbers shown as the floats that they are made of, or such as complex numbers."""
    old, new = seen.stage.type(seen.owner), seen.made.type
    if not isinstance(old, Array) or not isinstance(new, Array):
        return Way.UNSURE
    if old.dtype == new.dtype:
        return Way.ITSELF
    if not {old.dtype.kind, new.dtype.kind} <= {"f", "c"}:
        return Way.READ_ONLY
    if np.finfo(old.dtype).dtype != np.finfo(new.dtype).dtype:
        return Way.READ_ONLY
    return _by(Op(np.ndarray.view, Form.METHOD, "view", proven=True), Const(old.dtype.type))


def _conjugated(seen: _Call) -> Back | Way:
    """The method hands real numbers back as they are, the function does not."""
    if seen.op.form is not Form.METHOD or seen.is_complex:
        return Way.COPY
    return Way.UNSURE if seen.is_complex is None else Way.ITSELF


def _read_only(seen: _Call) -> Back | Way:
    return Way.READ_ONLY


def _diagonal_or_matrix(seen: _Call) -> Back | Way:
    """Of a matrix its diagonal is shown, of a vector a matrix is made."""
    width = rank(seen.stage.type(seen.owner))
    return Way.UNSURE if width is None else Way.READ_ONLY if width == 2 else Way.COPY


# -- arrays that may be handed back as they are ----------------------------------------------------


def _laid_out(seen: _Call, order: str) -> Way:
    """The array itself, where it lies in this order, or else a copy."""
    axes = layout_of(seen.stage, seen.owner)
    packed = is_packed(seen.stage.builder.facts, axes[:: 1 if order == "C" else -1])
    if packed is None or not axes:
        return Way.UNSURE
    return Way.ITSELF if packed else Way.COPY


def _in_order(order: str) -> Rule:
    """Of a function that copies what does not lie in this order, or has another dtype."""

    def rule(seen: _Call) -> Back | Way:
        if seen.keeps_dtype is None:
            return Way.UNSURE
        return _laid_out(seen, order) if seen.keeps_dtype else Way.COPY

    return rule


def _as_it_is(copy: bool | None, order_at: int | None) -> Rule:
    """Of a function that copies by default, or where it has to."""

    def rule(seen: _Call) -> Back | Way:
        order = seen.given(order_at, "order") or "K"
        copied = seen.given(None, "copy", copy)
        if copied is True or seen.keeps_dtype is False:
            return Way.COPY
        if (
            seen.keeps_dtype is None
            or copied is UNKNOWN
            or order not in ("K", "C", "F")
            or seen.given(None, "ndmin", 0)
        ):
            return Way.UNSURE
        return Way.ITSELF if order == "K" else _laid_out(seen, order)

    return rule


def _required(seen: _Call) -> Back | Way:
    asked = seen.given(1, "requirements") or ()
    if seen.keeps_dtype is False:
        return Way.COPY
    if seen.keeps_dtype is None or asked is UNKNOWN:
        return Way.UNSURE
    names = {asked.upper()} if isinstance(asked, str) else {name.upper() for name in asked}
    names -= {"W", "WRITEABLE"}
    if not names:
        return Way.ITSELF
    if names <= {"C", "C_CONTIGUOUS", "CONTIGUOUS"}:
        return _laid_out(seen, "C")
    return _laid_out(seen, "F") if names <= _FORTRAN else Way.UNSURE


_FORTRAN = {"F", "F_CONTIGUOUS", "FORTRAN"}

#: What each function returns that may return a view.
VIEWS: dict[Any, Rule] = {
    np.transpose: _transposed,
    np.matrix_transpose: _same_again,
    np.linalg.matrix_transpose: _same_again,
    np.swapaxes: _same_again,
    np.moveaxis: _moved,
    np.rollaxis: _rolled,
    np.rot90: _rotated,
    np.flip: _same_again,
    np.fliplr: _same_again,
    np.flipud: _same_again,
    np.reshape: _reshaped,
    np.ravel: _in_a_row,
    np.squeeze: _unit_axes,
    np.expand_dims: _unit_axes,
    np.atleast_1d: _unit_axes,
    np.atleast_2d: _unit_axes,
    np.atleast_3d: _unit_axes,
    np.diag: _diagonal_or_matrix,
    np.diagonal: _read_only,
    np.linalg.diagonal: _read_only,
    np.broadcast_to: _read_only,
    np.real: _real_part,
    np.imag: _imaginary_part,
    np.conj: _conjugated,
    np.ndarray.view: _in_bytes,
    np.asarray: _as_it_is(None, 1),
    np.asanyarray: _as_it_is(None, 1),
    np.asarray_chkfinite: _as_it_is(None, 1),
    np.array: _as_it_is(True, None),
    np.ndarray.astype: _as_it_is(True, 1),
    **({np.astype: _as_it_is(True, None)} if hasattr(np, "astype") else {}),
    np.ascontiguousarray: _in_order("C"),
    np.asfortranarray: _in_order("F"),
    np.require: _required,
}
