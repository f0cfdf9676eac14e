"""The lengths of results where they are more than copies of the operands' lengths."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.ir.broadcasting import as_length, broadcast_shapes, operand_shape
from adjoint.ir.indices import item_shape
from adjoint.ir.lengths import ONE, Facts, Length, factors_of, product_of
from adjoint.ir.nodes import Const, Operand, Pack, Var
from adjoint.ir.values import Array, Scalar, TupleOf

__all__ = ["AT_PLACES", "COUNTS", "KEEP_DTYPE", "SELECTING", "SHAPES"]

Shape = tuple[Length, ...]


def _elementwise(facts: Facts, *operands: Operand) -> Shape | None:
    return broadcast_shapes(facts, [operand_shape(operand) for operand in operands])


def _lengths_of(facts: Facts, shape: Operand) -> Shape | None:
    if isinstance(shape, Const) and isinstance(shape.value, tuple):
        return tuple(map(Length, shape.value))
    if isinstance(shape, Var) and isinstance(shape.type, TupleOf):  # ``x.shape``
        parts = [item.length if isinstance(item, Scalar) else None for item in shape.type.items]
        return tuple(facts.fresh() if axis is None else axis for axis in parts)
    items = shape.items if isinstance(shape, Pack) else (shape,)
    axes = [as_length(item) for item in items]
    known = [facts.fresh() if axis is None else axis for axis in axes]
    return None if isinstance(shape, Var) and axes == [None] else tuple(known)


def _creation(facts: Facts, shape: Operand, *_: Operand, **__: Operand) -> Shape | None:
    return _lengths_of(facts, shape)


def _second(facts: Facts, _: Operand, shape: Operand, *__: Operand, **___: Operand) -> Shape | None:
    return _lengths_of(facts, shape)


def _reshape(facts: Facts, a: Operand, shape: Operand, **_: Operand) -> Shape | None:
    old, new = operand_shape(a), _lengths_of(facts, shape)
    if old is None or new is None:
        return None
    free = [i for i, axis in enumerate(new) if axis == Length(-1)]
    if not free:
        return new
    rest = [axis for i, axis in enumerate(new) if i not in free]
    remaining = _divide(facts, list(old), rest)
    return tuple(remaining if i in free else axis for i, axis in enumerate(new))


def _divide(facts: Facts, total: list[Length], parts: list[Length]) -> Length:
    """The product of `total` over the product of `parts`, by cancelling what is equal."""
    rest, taken = ([f for n in each for f in factors_of(n) if f != ONE] for each in (total, parts))
    for part in taken:
        if part not in rest:
            return facts.fresh(("divide", tuple(total), tuple(parts)))
        rest.remove(part)
    return product_of(rest) or facts.fresh(("product", tuple(rest)))


_FIRST_AXIS = Const(0)


def _concatenate(
    facts: Facts, arrays: Operand, axis: Operand = _FIRST_AXIS, **_: Operand
) -> Shape | None:
    if not isinstance(arrays, Pack) or not isinstance(axis, Const):
        return None
    shapes = [operand_shape(item) for item in arrays.items]
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes) or not known or axis.value is None:
        return None
    total = Length(0)
    for shape in known:
        total = total + shape[axis.value]
    at = axis.value % len(known[0])
    return (*known[0][:at], total, *known[0][at + 1 :])


def _arange(facts: Facts, *bounds: Operand, **named: Operand) -> Shape | None:
    if not bounds or not named.keys().isdisjoint(("start", "stop", "step")):
        return (facts.fresh(),)
    numbers = [b.value for b in bounds if isinstance(b, Const) and type(b.value) in (int, float)]
    if len(numbers) == len(bounds) <= 3:
        begin, end, step = (0, *numbers, 1) if len(numbers) == 1 else (*numbers, 1)[:3]
        return (Length(max(0, math.ceil((end - begin) / step))),)
    if len(bounds) > 2 and isinstance(bounds[2], Const) and bounds[2].value == -1:
        bounds = (bounds[1], bounds[0])  # as many as in the other direction
    if len(bounds) > 2:
        return (facts.fresh(),)
    start = as_length(bounds[0]) if len(bounds) == 2 else Length(0)
    stop = as_length(bounds[-1])
    if start is None or stop is None or not facts.at_least(stop - start, 0):
        return (facts.fresh(),)
    return (stop - start,)


_LAST_AXIS, _ONE, _NONE = Const(-1), Const(1), Const(None)


def _diff(
    facts: Facts, a: Operand, n: Operand = _ONE, axis: Operand = _LAST_AXIS, **ends: Operand
) -> Shape | None:
    shape = operand_shape(a)
    if shape is None or ends or not isinstance(n, Const) or not isinstance(axis, Const):
        return None
    at = axis.value % len(shape)
    if not facts.at_least(shape[at] - Length(n.value), 0):
        return None
    return (*shape[:at], shape[at] - Length(n.value), *shape[at + 1 :])


def _padded(
    facts: Facts, array: Operand, width: Operand, *_: Operand, **__: Operand
) -> Shape | None:
    shape = operand_shape(array)
    if shape is None:
        return None
    is_dict = isinstance(width, Pack) and width.kind == "dict"
    pairs = _by_axis(width, len(shape)) if is_dict else _parts(width)
    if is_dict and not pairs:
        return None
    if len(pairs) == 2 and not any(map(_parts, pairs)):
        pairs = (width,)
    if not pairs:
        pairs = (Pack("tuple", (width, width)),)
    if len(pairs) not in (1, len(shape)):
        return None
    padded = []
    for size, pair in zip(shape, pairs * (len(shape) // len(pairs)), strict=True):
        ends = [as_length(end) for end in _parts(pair)]
        if len(ends) != 2 or None in ends:
            return None
        padded.append(sum((end for end in ends if end is not None), size))
    return tuple(padded)


def _by_axis(width: Operand, count: int) -> tuple[Operand, ...]:
    """The widths that a dict gives for some axes, as pairs for all."""
    if not isinstance(width, Pack) or width.kind != "dict":
        return ()
    pairs = zip(width.keys, width.items, strict=True)
    given = {key.value % count: w for key, w in pairs if isinstance(key, Const)}
    if len(given) < len(width.keys):
        return ()
    widths = [given.get(axis, Const(0)) for axis in range(count)]
    return tuple(w if len(_parts(w)) == 2 else Pack("tuple", (w, w)) for w in widths)


def _parts(operand: Operand) -> tuple[Operand, ...]:
    if isinstance(operand, Const) and isinstance(operand.value, tuple | list):
        return tuple(map(Const, operand.value))
    return operand.items if isinstance(operand, Pack) else ()


def _delete(
    facts: Facts, arr: Operand, at: Operand, axis: Operand = _NONE, **_: Operand
) -> Shape | None:
    """Of one element."""
    return _longer(facts, arr, at, axis, Length(-1))


def _insert(
    facts: Facts, arr: Operand, at: Operand, values: Operand, axis: Operand = _NONE, **_: Operand
) -> Shape | None:
    """Of a number, or of a row of numbers, into a vector."""
    shape, added = operand_shape(arr), operand_shape(values)
    if shape is None or added is None or len(shape) != 1 or len(added) > 1:
        return None
    return _longer(facts, arr, at, axis, added[0] if added else ONE)


def _is_one_place(at: Operand) -> bool:
    if isinstance(at, Const):
        return type(at.value) is int
    return isinstance(at, Var) and isinstance(at.type, Scalar) and at.type.kind == "int"


def _longer(facts: Facts, arr: Operand, at: Operand, axis: Operand, by: Length) -> Shape | None:
    shape = operand_shape(arr)
    if shape is None or not _is_one_place(at):
        return None
    if not isinstance(axis, Const) or (axis.value is None and len(shape) != 1):
        return None
    k = (axis.value or 0) % len(shape)
    return (*shape[:k], shape[k] + by, *shape[k + 1 :])


_FULL, _VALID = Const("full"), Const("valid")


def _convolve(facts: Facts, a: Operand, v: Operand, mode: Operand = _FULL) -> Shape | None:
    shapes = [operand_shape(x) or _shape_of_list(x) for x in (a, v)]
    if any(shape is None or len(shape) != 1 for shape in shapes):
        return None
    n, m = (shape[0] for shape in shapes if shape is not None)
    if facts.at_least(m - n, 0) and not facts.at_least(n - m, 0):
        n, m = m, n
    if not (facts.at_least(n - m, 0) and facts.at_least(m, 1)) or not isinstance(mode, Const):
        return None
    sizes = {"full": n + m - ONE, "same": n, "valid": n - m + ONE}
    return (sizes[mode.value],) if mode.value in sizes else None


def _shape_of_list(x: Operand) -> Shape | None:
    count = len(_parts(x))
    return (Length(count),) if count else None


def _correlate(facts: Facts, a: Operand, v: Operand, mode: Operand = _VALID) -> Shape | None:
    return _convolve(facts, a, v, mode)


#: Functions whose result has the dtype of their first argument.
KEEP_DTYPE: frozenset[Callable[..., Any]] = frozenset(
    {operator.getitem, np.reshape, np.broadcast_to, np.delete}
)

#: Functions whose integers are lengths of their operands.
COUNTS: frozenset[Callable[..., Any]] = frozenset({len, np.size, np.shape})

#: Functions whose result is as long as the values say.
SELECTING: frozenset[Callable[..., Any]] = frozenset(
    {
        np.nonzero, np.flatnonzero, np.argwhere, np.compress, np.ndarray.compress, np.extract,
        np.unique, np.where, np.intersect1d, np.union1d, np.setdiff1d, np.trim_zeros,
        np.bincount, np.repeat,
    }
)  # fmt: skip

#: The same where the second argument is an array of these kinds: a mask, or places that may repeat.
AT_PLACES: dict[Callable[..., Any], str] = {
    operator.getitem: "b",
    np.insert: "b",
    np.delete: "biu",
}


def _tensordot(facts: Facts, a: Operand, b: Operand, axes: Operand | None = None) -> Shape | None:
    first, second = operand_shape(a), operand_shape(b)
    count = 2 if axes is None else axes.value if isinstance(axes, Const) else None
    if first is None or second is None or not isinstance(count, int):
        return None
    return (*first[: len(first) - count], *second[count:])


def _covariance(
    facts: Facts, m: Operand, y: Operand = _NONE, rowvar: Operand = _ONE, *_: Operand,
    **__: Operand,
) -> Shape | None:  # fmt: skip
    if y == _NONE or not isinstance(rowvar, Const):
        return None
    first, second = (_variables(operand_shape(x), bool(rowvar.value)) for x in (m, y))
    return None if first is None or second is None else (first + second,) * 2


def _variables(shape: Shape | None, rowvar: bool) -> Length | None:
    """How many variables a table has."""
    if shape is None or len(shape) > 2:
        return None
    return Length(1) if len(shape) < 2 else shape[0 if rowvar else 1]


def _viewed(facts: Facts, a: Operand, dtype: Operand) -> Shape | None:
    """Of an array whose bytes are read as numbers of half the size, or of twice that."""
    if not isinstance(a, Var) or not isinstance(a.type, Array) or not isinstance(dtype, Const):
        return None
    old, new = a.type.dtype.itemsize, np.dtype(dtype.value).itemsize
    shape = a.type.shape
    if not shape or old == new:
        return shape
    last = (
        shape[-1] * (old // new) if old > new else _divide(facts, [shape[-1]], [Length(new // old)])
    )
    return (*shape[:-1], last)


#: The shape of the result, by function; None from a rule means that it is not known.
SHAPES: dict[Callable[..., Any], Callable[..., Shape | None]] = {
    operator.getitem: item_shape,
    np.where: lambda facts, *args: (
        _elementwise(facts, *args) if len(args) == 3 else (facts.fresh(),)
    ),
    np.reshape: _reshape,
    np.ndarray.view: _viewed,
    np.concatenate: _concatenate,
    np.diff: _diff,
    np.pad: _padded,
    np.convolve: _convolve,
    np.delete: _delete,
    np.insert: _insert,
    np.correlate: _correlate,
    np.broadcast_to: _second,
    np.tensordot: _tensordot,
    np.arange: _arange,
    np.cov: _covariance,
    np.corrcoef: _covariance,
    **dict.fromkeys((np.zeros, np.ones, np.empty, np.full), _creation),
}
