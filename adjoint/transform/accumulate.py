"""Adjoints: where contributions meet, in the shape and dtype of their variable.

An adjoint may be smaller than its variable and broadcast to it: the adjoint of ``x`` in ``sum(x)``
is a number until something needs its shape.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from adjoint import runtime
from adjoint.analyses.popped import Popped
from adjoint.ir.builder import Builder
from adjoint.ir.dicts import EMPTY, ZEROS, is_dict
from adjoint.ir.lengths import ONE, Length
from adjoint.ir.lists import COPY_LIST, NEW_LIST
from adjoint.ir.nodes import Const, Let, Operand, Pack, Role, Var
from adjoint.ir.operands import strip, type_of
from adjoint.ir.ops import Op, call, method, operation
from adjoint.ir.updates import list_depth
from adjoint.ir.values import (
    INT,
    Array,
    Growing,
    ListOf,
    Maybe,
    Scalar,
    TupleOf,
    Type,
    Unknown,
    adjoint_type,
    is_complex,
    rank,
    same_shape,
    shape_of,
)
from adjoint.transform.masks import Mask, common

__all__ = [
    "Adjoints",
    "adjoint_type",
    "cast",
    "complete",
    "fit",
    "is_nothing",
    "same_shape",
    "writable",
    "zero",
    "zeros_in",
]


@dataclass(eq=False)
class Adjoints:
    """The adjoints known at a point of the backward sweep, by variable.

    `parts` are those of the items of results that are tuples; `masks` says of
    cotangents which elements are zero because they were not taken;
    `written` are variables in memory that the primal writes in place;
    `repeatable` says how variables are computed that would be the same if that were done again;
    `reads` are the variables that hold the parts whose cotangents were added last to the keys;
    `popped` are values that were pushed by a sweep, `pushed` the masks of their cotangents, by the
    statement that pushed them; `lasting` are variables that no loop changes;
    `named` are the variables that hold such items right after they were made;
    `distinct` are vectors of integers without repeats; `names` are those of inputs the user did
    not name, such as attributes.
    """

    builder: Builder
    values: dict[Var, Operand] = field(default_factory=dict)
    parts: dict[Var, dict[int, Operand]] = field(default_factory=dict)
    named: Mapping[Var, Mapping[int, Var]] = field(default_factory=dict)
    masks: dict[Operand, Mask] = field(default_factory=dict)
    reads: dict[Operand, Var] = field(default_factory=dict)
    popped: Mapping[Var, Popped] = field(default_factory=dict)
    pushed: dict[Let, Mask] = field(default_factory=dict)
    lasting: frozenset[Var] = frozenset()
    distinct: frozenset[Var] = frozenset()
    names: Mapping[Var, str] = field(default_factory=dict)
    written: frozenset[Var] = frozenset()
    repeatable: Mapping[Var, Let] = field(default_factory=dict)

    def name(self, variable: Var) -> str:
        """The name after which the adjoint of a variable is called: ``w`` for ``model.w``."""
        name = variable.name or self.names.get(variable, "")
        return f"{name or 't'}_stack" if variable.role is Role.STACK else name

    def add(self, variable: Var, value: Operand) -> None:
        """Add a contribution, which has the dtype of the variable and broadcasts to its shape."""
        old = self.values.get(variable)
        if old is None or is_nothing(self.builder, old):
            self.values[variable] = self._named(variable, value)
            return
        if isinstance(variable.type, Growing):
            add = runtime.add_dicts if is_dict(variable.type) else runtime.add_lists
            made = self.builder.let(
                call(add), (old, value), name=self.name(variable), type_=type_of(old)
            )
        else:
            made = self.builder.let(operation(operator.add), (old, value), name=self.name(variable))
            masks = [self.masks.get(each, ()) for each in (old, value)]
            self.masks[made] = common(self.builder, masks, self.written)
        self.values[variable] = made

    def _named(self, variable: Var, value: Operand) -> Operand:
        if isinstance(value, Var) and value.role is Role.ADJOINT and not value.name:
            value.name = self.name(variable)
        return value

    def pop(self, variable: Var) -> Operand | None:
        """The complete adjoint of a variable whose definition is reached, or None if it is zero."""
        return self.values.pop(variable, None)

    def inside(self) -> Adjoints:
        """No adjoints yet, for the trip of a loop."""
        return replace(self, values={}, parts={})

    def copy(self) -> Adjoints:
        """The same adjoints, for one arm of a branch."""
        return replace(self, values=dict(self.values))


def is_nothing(builder: Builder, value: Operand) -> bool:
    """Whether a contribution is zero, as a rule says where a function is level."""
    if isinstance(value, Const):
        return isinstance(value.value, int | float) and value.value == 0
    made = builder.definitions.get(value) if isinstance(value, Var) else None
    return made is not None and made.op.function is np.zeros_like


def zeros_in(builder: Builder, held: Operand, type_: ListOf, name: str = "") -> Operand:
    """A list of zeros like a list of this type: ``[0.0] * len(xs)`` of numbers."""
    if type_.item is not None and rank(strip(type_.item)) == 0:
        length = builder.let(call(len), (held,), type_=INT)
        args = (Pack("list", (Const(0.0),)), length)
        return builder.let(operation(operator.mul), args, name=name, type_=type_)
    op = call(runtime.zeros_in_list if list_depth(type_) == 1 else runtime.zeros_in_lists)
    return builder.let(op, (held,), name=name, type_=type_)


def zero(builder: Builder, like: Var) -> Operand:
    """A zero adjoint for a variable."""
    type_ = like.type.value if isinstance(like.type, Maybe) else like.type
    if like.role is Role.STACK and not _is_copied(builder, like):  # all of it will be popped
        name, empty = f"{like.name or 't'}_stack", Pack("list", ())
        return builder.let(NEW_LIST, (empty,), name=name, type_=adjoint_type(type_))
    if is_dict(type_):
        return builder.let(ZEROS, EMPTY, name=like.name, type_=adjoint_type(type_))
    if isinstance(type_, ListOf):
        zeros = adjoint_type(type_)
        assert isinstance(zeros, ListOf), "of a list"
        return zeros_in(builder, like, zeros, like.name)
    if rank(type_) == 0:
        return Const(0.0)
    return builder.let(call(np.zeros_like), (like,), name=like.name, type_=adjoint_type(type_))


def _is_copied(builder: Builder, stack: Var) -> bool:
    """Whether a stack is popped from copies, so that it is itself not empty in the end."""
    made = builder.definitions.values()
    return any(let.op == COPY_LIST and let.args[0] is stack for let in made)


def complete(builder: Builder, value: Operand, whole: Var) -> Operand:
    """`value` broadcast to the whole shape of `whole`."""
    wanted = whole.type.value if isinstance(whole.type, Maybe) else whole.type
    found = type_of(value)
    if rank(wanted) == 0 or isinstance(wanted, Growing) or isinstance(found, Growing | TupleOf):
        return value
    if same_shape(found, wanted, builder.facts):
        return value
    if isinstance(wanted, Unknown) or isinstance(found, Unknown) or rank(wanted) is None:
        if _is_fitted(builder, value, whole):
            return value
        return builder.let(call(runtime.unbroadcast), (value, whole), type_=wanted)
    if rank(found) == 0 and isinstance(wanted, Array) and wanted.dtype != _dtype(found):
        return builder.let(call(np.full_like), (whole, value), type_=wanted)
    shape = builder.shape(whole)
    type_ = Array(_dtype(found), shape_of(wanted)) if isinstance(wanted, Array) else wanted
    return builder.let(call(np.broadcast_to), (value, shape), type_=type_)


def _is_fitted(builder: Builder, value: Operand, whole: Var) -> bool:
    """Whether a value was given the shape and dtype of `whole` before, or is a sum of such."""
    made = builder.definitions.get(value) if isinstance(value, Var) else None
    match made:
        case Let(op=Op(function=runtime.unbroadcast), args=(_, like)):
            return like is whole
        case Let(op=Op(function=operator.add), args=(first, second)):
            return all(_is_fitted(builder, each, whole) for each in (first, second))
        case _:
            return False


def writable(builder: Builder, value: Operand, whole: Var) -> Operand:
    """`value` as the adjoint of `whole`, to be written in: whole, and complex if that is."""
    made = complete(builder, value, whole)
    wanted = whole.type.value if isinstance(whole.type, Maybe) else whole.type
    is_array = isinstance(wanted, Array) and not wanted.scalar
    if is_array and is_complex(wanted) and not is_complex(type_of(made)):
        assert isinstance(wanted, Array)
        cast = (made, Const(wanted.dtype))
        return builder.let(method(np.ndarray.astype, "astype"), cast)
    return made


def _dtype(value: Type) -> np.dtype[np.generic]:
    if isinstance(value, Array):
        return value.dtype
    return np.dtype(complex if isinstance(value, Scalar) and value.kind == "complex" else float)


def fit(builder: Builder, value: Operand, variable: Var, result: Type | None) -> Operand:
    """A contribution in the shape and dtype of its variable.

    Parameters
    ----------
    result
        Of an elementwise operation, the type of its result: the contribution has that shape, or
        one that broadcasts to it. None where the contribution has its own whole shape.
    """
    wanted = variable.type.value if isinstance(variable.type, Maybe) else variable.type
    value = _peeled(builder, value, wanted)
    found = type_of(value)
    if isinstance(wanted, Growing | TupleOf) or isinstance(found, Growing | TupleOf):
        return value
    if _is_unknown(wanted) or _is_unknown(found) or (result is not None and _is_unknown(result)):
        return _fit_at_run_time(builder, value, variable, result)
    whole = shape_of(found) if result is None else shape_of(result)
    assert whole is not None
    value = _sum_to(builder, value, wanted, whole, variable)
    return cast(builder, value, wanted)


def _is_unknown(value: Type) -> bool:
    return rank(value) is None


def _fit_at_run_time(
    builder: Builder, value: Operand, variable: Var, result: Type | None
) -> Operand:
    if isinstance(type_of(value), Scalar) and isinstance(variable.type, Scalar):
        return value
    return builder.let(
        call(runtime.unbroadcast), (value, variable), type_=adjoint_type(variable.type)
    )


def _peeled(builder: Builder, value: Operand, wanted: Type) -> Operand:
    """What is broadcast to the whole shape of the variable, without the broadcast.

    That stays where it is, as another variable may get it too.
    """
    if not isinstance(value, Var) or not builder.statements:
        return value
    last = builder.statements[-1]
    if (
        not isinstance(last, Let)
        or last.target is not value
        or last.op.function is not np.broadcast_to
    ):
        return value
    inner = last.args[0]
    if not same_shape(value.type, wanted, builder.facts) or rank(type_of(inner)) is None:
        return value
    return inner


def _sum_to(
    builder: Builder, value: Operand, wanted: Type, whole: tuple[Length, ...], variable: Var
) -> Operand:
    """Sum over the axes along which the variable was broadcast."""
    target, found = shape_of(wanted), shape_of(type_of(value))
    assert target is not None
    assert found is not None
    width = max(len(whole), len(target))
    axes, unsure = _broadcast_axes(builder, whole, target, width)
    if unsure:
        value = _whole_value(builder, value, whole, variable)
        made, given = adjoint_type(variable.type), type_of(value)
        if isinstance(made, Array) and isinstance(given, Array) and given.dtype.kind == "f":
            made = replace(made, dtype=given.dtype)  # it is cast to that of the variable later
        return builder.let(call(runtime.unbroadcast), (value, variable), type_=made)
    if not axes:
        return value
    padded = (ONE,) * (width - len(found)) + found
    summed = [axis for axis in axes if padded[axis] != ONE]
    value = _scaled(builder, value, [whole[axis] for axis in axes if axis not in summed])
    own = [axis - (width - len(found)) for axis in summed]
    return _summed(builder, value, own, len(found), len(target), width)


def _whole_value(
    builder: Builder, value: Operand, whole: tuple[Length, ...], variable: Var
) -> Operand:
    found = shape_of(type_of(value))
    if found is not None and len(found) == len(whole):
        return value
    lengths = tuple(builder.length_operand(size) for size in whole)
    type_ = Array(_dtype(type_of(value)), whole)
    return builder.let(call(np.broadcast_to), (value, Pack("tuple", lengths)), type_=type_)


def _broadcast_axes(
    builder: Builder, whole: tuple[Length, ...], target: tuple[Length, ...], width: int
) -> tuple[list[int], bool]:
    axes, unsure = [], False
    for axis in range(width):
        full = whole[axis - (width - len(whole))] if axis >= width - len(whole) else ONE
        inside = axis >= width - len(target)
        own = target[axis - (width - len(target))] if inside else ONE
        if full == ONE and inside:
            continue
        if not inside or own == ONE:
            axes.append(axis)
        elif builder.facts.equal(full, own) is not True:
            unsure = True
    return axes, unsure


def _scaled(builder: Builder, value: Operand, lengths: list[Length]) -> Operand:
    """The sum of a value over axes that it was never spread over."""
    for size in lengths:
        if size != ONE:
            value = builder.let(operation(operator.mul), (value, builder.length_operand(size)))
    return value


def _summed(
    builder: Builder, value: Operand, axes: list[int], count: int, target: int, width: int
) -> Operand:
    """Sum over `axes`; those that the target does not have are dropped."""
    missing = width - target
    offset = width - count
    drop = [axis for axis in range(count) if axis + offset < missing]
    keep = tuple(axis for axis in axes if axis not in drop)
    if keep:
        axis = keep[0] if len(keep) == 1 else keep
        value = builder.let(
            call(np.sum), (value,), (("axis", Const(axis)), ("keepdims", Const(True)))
        )
    if drop and len(drop) == count:
        return builder.let(call(np.sum), (value,))
    if drop:
        axis = drop[0] if len(drop) == 1 else tuple(drop)
        return builder.let(call(np.sum), (value,), (("axis", Const(axis)),))
    return value


def cast(builder: Builder, value: Operand, wanted: Type) -> Operand:
    """`value` in the dtype of `wanted`."""
    found = type_of(value)
    if is_complex(found) and not is_complex(wanted):
        value = builder.let(call(np.real), (value,))
        found = type_of(value)
    if not isinstance(wanted, Array) or not isinstance(found, Array) or found.dtype == wanted.dtype:
        return value
    if wanted.dtype.kind == "c" and found.dtype.kind != "c":
        return value
    if found.scalar:
        return builder.let(call(wanted.dtype.type), (value,))
    return builder.let(method(np.ndarray.astype, "astype"), (value, Const(wanted.dtype)))
