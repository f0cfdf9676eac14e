"""The abstract value of a result, found by running the operation on specimens.

NumPy itself knows best which dtype, rank and kind a call returns, so it is asked: each operand is
replaced by a small specimen of its kind and dtype, with an own length for each symbol, and the
function is called. The lengths of the result are read off by doing this twice with different
lengths: one that agrees with a length of the operands both times is that length. Where a length is
more than a copy (broadcasting, reshaping, slicing, joining), `shapes` says it.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from adjoint.ir.broadcasting import broadcast_shapes
from adjoint.ir.dtypes import of_each_dtype
from adjoint.ir.elements import FLOATS, is_elementwise, of_elementwise
from adjoint.ir.filter_shapes import filtered_place
from adjoint.ir.indices import index_items
from adjoint.ir.lengths import Facts, Length
from adjoint.ir.matrix_shapes import MATRIX_SHAPES
from adjoint.ir.nodes import Const, Operand, Pack, SliceOf
from adjoint.ir.operands import strip, type_of
from adjoint.ir.shapes import KEEP_DTYPE, SHAPES
from adjoint.ir.specimen_calls import Keywords, SpecimenCalls
from adjoint.ir.values import (
    BOOL,
    FLOAT,
    INT,
    NOTHING,
    OPAQUE,
    UNKNOWN,
    Array,
    DictOf,
    ListOf,
    Opaque,
    Scalar,
    Type,
    Unknown,
    is_text,
    join_types,
    length_computed,
    shape_of,
)
from adjoint.ir.walk import operand_vars

__all__ = ["infer"]

#: Functions of which an array of one element tells the dtype, where the shape is known.
ONE_SUFFICES = frozenset({np.concatenate, np.tensordot})


def infer(
    function: Callable[..., Any], args: Sequence[Operand], kwargs: Keywords, facts: Facts
) -> Type:
    """The abstract value of ``function(*args, **kwargs)``.

    Where the call would raise whatever the values are, the result is unknown: the statement stays,
    and raises when it is run.
    """
    operands = [*args, *(value for _, value in kwargs)]
    owner = type_of(args[0]) if args else OPAQUE
    if function is operator.getitem and isinstance(owner, ListOf):
        return _of_list(owner, args[1])
    if function is operator.getitem and isinstance(owner, DictOf):
        return owner.item or UNKNOWN
    if function is sum and owner == ListOf(None):
        return type_of(operands[1]) if len(operands) > 1 else INT
    types = [type_of(leaf) for operand in operands for leaf in operand_vars(operand)]
    if any(map(is_text, types)) and function in _COMPARISONS and all(map(_is_single, args)):
        return BOOL
    if NOTHING in types and is_elementwise(function):
        return NOTHING if function not in _COMPARISONS else BOOL  # it raises
    if any(isinstance(t, Unknown | Opaque) or _rankless(t) for t in types):
        results = list(_of_each_dtype(function, args, kwargs, facts))
        return _joined(results, facts) if results else _of_unknown(function, types)
    if function in (max, min) and not kwargs:
        choices = args[0].items if isinstance(args[0], Pack) and len(args) == 1 else args
        if len(choices) > 1:
            return _joined([type_of(a) for a in choices], facts)
    size = length_computed(function, [type_of(a) for a in args])
    if size is not None:
        return Scalar("int", size)
    shape = _shape(function, args, kwargs, facts)
    first = types[0] if types else OPAQUE
    if shape is not None and function in KEEP_DTYPE and isinstance(first, Array):
        is_item = function is operator.getitem and not shape and not _has_dots(args[1])
        return Array(first.dtype, shape, is_item)
    if shape is not None and not kwargs and is_elementwise(function):
        found = of_elementwise(function, args, shape)
        if found is not None:
            return found
    specimens = SpecimenCalls(function, args, kwargs, facts)
    by_shape = is_elementwise(function) or function in ONE_SUFFICES
    by_shape = by_shape or filtered_place(function) is not None
    specimens.unit = shape is not None and by_shape
    return specimens.result(shape)


def _is_single(operand: Operand) -> bool:
    """Whether an operand is a text, or anything else that is no array."""
    type_ = type_of(operand)
    return is_text(type_) or isinstance(type_, Scalar) or operand == Const(None)


def _of_list(owner: ListOf, index: Operand) -> Type:
    """What an index takes from a list: an item, or a list of some."""
    if isinstance(index, SliceOf) or (isinstance(index, Const) and isinstance(index.value, slice)):
        return owner
    return owner.item or UNKNOWN


def _joined(types: Sequence[Type], facts: Facts) -> Type:
    """One of several values, which may be of several kinds: ``max(x, 3)``."""
    return functools.reduce(lambda a, b: join_types(a, b, facts), types)


def _of_each_dtype(
    function: Callable[..., Any], args: Sequence[Operand], kwargs: Keywords, facts: Facts
) -> Iterator[Type]:
    """What a call makes of operands of one of several dtypes: a result for each of these."""
    for operands in of_each_dtype([*args, *(value for _, value in kwargs)]):
        named = zip((name for name, _ in kwargs), operands[len(args) :], strict=True)
        yield infer(function, operands[: len(args)], list(named), facts)


_COMPARISONS = (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge)


def _of_unknown(function: Callable[..., Any], types: Sequence[Type]) -> Type:
    if function in FLOATS:
        return FLOAT
    return OPAQUE if all(isinstance(t, Opaque) for t in types) else UNKNOWN


def _rankless(value: Type) -> bool:
    if isinstance(value, ListOf):
        return value.item is None or _rankless(value.item) or isinstance(value.item, Unknown)
    return isinstance(value, Array) and value.shape is None


def _shape(
    function: Callable[..., Any], args: Sequence[Operand], kwargs: Keywords, facts: Facts
) -> tuple[Length, ...] | None:
    rule = SHAPES.get(function) or MATRIX_SHAPES.get(function)
    try:
        if rule is not None:
            return rule(facts, *args, **dict(kwargs))
    except (TypeError, IndexError, ValueError):  # a call that NumPy refuses as well
        return None
    if is_elementwise(function):
        return broadcast_shapes(facts, [_shape_of(a) for a in args])
    place = filtered_place(function)
    return None if place is None or place >= len(args) else _shape_of(args[place])


def _shape_of(operand: Operand) -> tuple[Length, ...] | None:
    """The shape that NumPy sees in an operand: nested lists are arrays."""
    if isinstance(operand, Pack) and operand.kind in ("list", "tuple") and operand.items:
        inner = _shape_of(operand.items[0])
        return None if inner is None else (Length(len(operand.items)), *inner)
    return shape_of(strip(type_of(operand)))


def _has_dots(index: Operand) -> bool:
    """Whether ``...`` is in an index: with it, one element is an array, and a view."""
    return any(isinstance(i, Const) and i.value is Ellipsis for i in index_items(index))
