"""Abstract values: what is known at compile time of a value that is computed later."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adjoint.ir.lengths import Facts, Length, product_of

__all__ = [
    "BOOL",
    "COMPLEX",
    "FLOAT",
    "INT",
    "NOTHING",
    "OPAQUE",
    "TEXT",
    "UNKNOWN",
    "Array",
    "DictOf",
    "Growing",
    "ListOf",
    "Maybe",
    "Opaque",
    "Scalar",
    "TupleOf",
    "Type",
    "Unknown",
    "adjoint_type",
    "among",
    "is_array_of_one",
    "is_complex",
    "is_differentiable",
    "is_text",
    "join_types",
    "length_computed",
    "rank",
    "rank_among",
    "same_shape",
    "with_lengths",
]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A Python number. `length` is the value of an int as a length, where it has one."""

    kind: str  # "bool", "int", "float" or "complex"
    length: Length | None = None


@dataclass(frozen=True, slots=True)
class Array:
    """A NumPy array of known dtype, or a NumPy scalar; `shape` is None if the rank is unknown."""

    dtype: np.dtype[Any]
    shape: tuple[Length, ...] | None
    scalar: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """A number or an array of any dtype and rank.

    Where it is an array of this `shape` that has one of some `dtypes`, what is computed with it may
    be known all the same: a real or complex array times a complex one is complex.
    """

    dtypes: tuple[np.dtype[Any], ...] = ()
    shape: tuple[Length, ...] | None = None


@dataclass(frozen=True, slots=True)
class ListOf:
    """A Python list whose length is known at run time only; `item` is None while it is empty.

    Its whole numbers may be any: what one of them is as a length says nothing of the others.
    """

    item: Type | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "item", _any_number(self.item))


@dataclass(frozen=True, slots=True)
class DictOf:
    """A Python dict whose keys are known at run time only; both are None while it is empty.

    Of one that is `sparse`, as those of adjoints are, what is missing is the number 0.
    """

    key: Type | None
    item: Type | None
    sparse: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "item", _any_number(self.item))


@dataclass(frozen=True, slots=True)
class TupleOf:
    """A tuple or list of known length that one operation returns; `cls` is its class."""

    items: tuple[Type, ...]
    cls: type = tuple


@dataclass(frozen=True, slots=True)
class Maybe:
    """`value`, or None."""

    value: Type


@dataclass(frozen=True, slots=True)
class Opaque:
    """Any other Python object; nothing is differentiated through it.

    Of None, of a text and of a member of an enumeration the class is known: they never change.
    """

    cls: type | None = None


Type = Scalar | Array | Unknown | ListOf | DictOf | TupleOf | Maybe | Opaque
#: What holds items that are added and taken out at run time.
Growing = ListOf | DictOf

BOOL, INT, FLOAT, COMPLEX = (Scalar(kind) for kind in ("bool", "int", "float", "complex"))
UNKNOWN = Unknown()
OPAQUE, TEXT, NOTHING = Opaque(), Opaque(str), Opaque(type(None))
_ORDER = ("bool", "int", "float", "complex")
#: Of so many dtypes an array may be one, before its dtype is any.
_DTYPES = 3


def _any_number(item: Type | None) -> Type | None:
    """What is held, of which a whole number may be any."""
    is_length = isinstance(item, Scalar) and item.length is not None
    return Scalar(item.kind) if isinstance(item, Scalar) and is_length else item


def is_complex(value: Type) -> bool:
    """Whether a value is surely a complex number, or an array of them."""
    match value:
        case Maybe(item):
            return is_complex(item)
        case Array(dtype):
            return dtype.kind == "c"
        case _:
            return value == COMPLEX


def is_array_of_one(value: Type) -> bool:
    """Whether a value is an array without axes, which is no number: it is written in place."""
    return isinstance(value, Array) and value.shape == () and not value.scalar


def is_text(value: Type) -> bool:
    """Whether a value is a text, or a member of an enumeration."""
    return isinstance(value, Opaque) and value.cls not in (None, type(None))


def is_differentiable(value: Type) -> bool:
    """Whether a derivative with respect to such a value can be other than nothing."""
    match value:
        case Scalar(kind):
            return kind in ("float", "complex")
        case Array(dtype):
            return dtype.kind in "fc"
        case ListOf(item) | DictOf(item=item):
            return item is not None and is_differentiable(item)
        case Maybe(item):
            return is_differentiable(item)
        case TupleOf(items):
            return any(is_differentiable(item) for item in items)
        case Unknown():
            return True
        case _:
            return False


def adjoint_type(primal: Type) -> Type:
    """The type of the adjoint of a variable, or of a cotangent of it."""
    match primal:
        case Maybe(value):
            return adjoint_type(value)
        case Scalar(kind):
            return Scalar(kind) if kind == "complex" else FLOAT
        case ListOf(item):
            return ListOf(None if item is None else adjoint_type(item))
        case DictOf(key, item):
            return DictOf(key, None if item is None else _adjoint_in_dict(item), sparse=True)
        case Unknown(dtypes, shape) if dtypes:
            return Unknown(_adjoint_dtypes(dtypes), shape)
        case _:
            return primal


def _adjoint_dtypes(dtypes: Sequence[np.dtype[Any]]) -> tuple[np.dtype[Any], ...]:
    """The dtypes that an adjoint may have: that of a complex array may be real."""
    own = [dtype if dtype.kind in "fc" else np.dtype(float) for dtype in dtypes]
    return tuple(dict.fromkeys((*own, *(np.empty(0, dtype).real.dtype for dtype in own))))


def _adjoint_in_dict(item: Type) -> Type:
    """The type of an adjoint in a dict, which is the number 0 for a key that nothing has read."""
    made = adjoint_type(item)
    return made if rank(made) == 0 else UNKNOWN


def rank(value: Type) -> int | None:
    """The number of axes, or None where it is unknown.

    >>> rank(FLOAT)
    0
    """
    match value:
        case Scalar():
            return 0
        case Array(_, shape) if shape is not None:
            return len(shape)
        case _:
            return None


def rank_among(value: Type) -> int | None:
    """The number of axes of all that a value may be one of, or None where it is unknown."""
    return rank(next(iter(among(value)), value))


def shape_of(value: Type) -> tuple[Length, ...] | None:
    """The lengths of the axes, or None where the rank is unknown."""
    return () if isinstance(value, Scalar) else value.shape if isinstance(value, Array) else None


def same_shape(a: Type, b: Type, facts: Facts) -> bool:
    """Whether two values are known to have one shape."""
    first, second = shape_of(a), shape_of(b)
    if first is None or second is None or len(first) != len(second):
        return False
    return all(facts.equal(m, n) is True for m, n in zip(first, second, strict=True))


def with_lengths(value: Type, change: Callable[[Length], Length]) -> Type:
    """An abstract value whose axes have other lengths, also of what it holds.

    >>> show = with_lengths(ListOf(Array(np.dtype(float), (Length(3),))), lambda n: n + 1)
    >>> show == ListOf(Array(np.dtype(float), (Length(4),)))
    True
    """

    def within(part: Type | None) -> Type | None:
        return None if part is None else with_lengths(part, change)

    match value:
        case Array(_, shape) | Unknown(_, shape) if shape is not None:
            return replace(value, shape=tuple(map(change, shape)))
        case ListOf(item):
            return ListOf(within(item))
        case DictOf(key, item, sparse):
            return DictOf(within(key), within(item), sparse)
        case TupleOf(items, cls):
            return TupleOf(tuple(with_lengths(item, change) for item in items), cls)
        case Maybe(inner):
            return Maybe(with_lengths(inner, change))
        case _:
            return value


def join_types(a: Type, b: Type, facts: Facts) -> Type:
    """The least abstract value that describes both."""
    if a == b:
        return a
    if NOTHING in (a, b):
        other = b if a == NOTHING else a
        return other if isinstance(other, Maybe | Opaque) else Maybe(other)
    match a, b:
        case Maybe(x), Maybe(y):
            return Maybe(join_types(x, y, facts))
        case (Maybe(x), y) | (y, Maybe(x)):
            return Maybe(join_types(x, y, facts))
        case Scalar(x), Scalar(y):
            return _join_scalars(a, b)
        case Array(), Array() if a.dtype == b.dtype:
            return _join_arrays(a, b, facts)
        case (Array() | Unknown(), Array() | Unknown()):
            return _join_dtypes(among(a), among(b), facts)
        case (Array(dtype, (), True), Scalar("float")) | (Scalar("float"), Array(dtype, (), True)):
            return a if isinstance(a, Array) and dtype == np.float64 else _number(dtype)
        case (Array(dtype, (), True), Scalar("int")) | (Scalar("int"), Array(dtype, (), True)):
            return _number(dtype)  # as a whole number and a float of Python's are a float
        case ListOf(x), ListOf(y):
            return ListOf(_joined(x, y, facts))
        case DictOf(k, x, sparse), DictOf(m, y):
            return DictOf(_joined_keys(k, m, facts), _joined_items(x, y, facts), sparse)
        case (Opaque(), _) | (_, Opaque()):
            return OPAQUE
        case _:
            return UNKNOWN


def _joined_keys(a: Type | None, b: Type | None, facts: Facts) -> Type | None:
    """The type of the keys of both, of tuples part by part; what differs is not known."""
    match a, b:
        case TupleOf(first), TupleOf(second) if len(first) == len(second):
            pairs = zip(first, second, strict=True)
            return TupleOf(tuple(_joined_keys(x, y, facts) or OPAQUE for x, y in pairs))
        case TupleOf(), None | TupleOf():
            return a if b is None else OPAQUE
        case (TupleOf(), _) | (_, TupleOf()):
            return b if a is None else OPAQUE
        case _:
            return _joined(a, b, facts)


def _joined_items(a: Type | None, b: Type | None, facts: Facts) -> Type | None:
    """The type of what two dicts hold: a whole number among floats is as good as one."""
    match a, b:
        case (Array(dtype, (), True) as wide, Scalar("bool" | "int")) | (
            Scalar("bool" | "int"),
            Array(dtype, (), True) as wide,
        ) if dtype.kind == "f":
            return wide
        case _:
            joined = _joined(a, b, facts)
            mixed = joined == OPAQUE and not all(t in (None, OPAQUE, TEXT) for t in (a, b))
            return UNKNOWN if mixed else joined


def _joined(a: Type | None, b: Type | None, facts: Facts) -> Type | None:
    """The type of what both hold, of which one may be empty."""
    return (a if b is None else b) if a is None or b is None else join_types(a, b, facts)


def _number(dtype: np.dtype[Any]) -> Type:
    return Array(dtype, (), True) if dtype == np.float64 else UNKNOWN


def _join_scalars(a: Scalar, b: Scalar) -> Type:
    return Scalar(max(a.kind, b.kind, key=_ORDER.index))


def among(value: Type) -> tuple[Array, ...]:
    """The arrays that a value may be one of, of one shape; none where it may be any."""
    match value:
        case Unknown(dtypes, shape):
            return tuple(Array(dtype, shape) for dtype in dtypes)
        case Array(_, shape, scalar) if shape is not None and not scalar:
            return (value,)
        case _:
            return ()


def _join_dtypes(a: tuple[Array, ...], b: tuple[Array, ...], facts: Facts) -> Type:
    """One among several arrays; any, where they differ in more than dtype and lengths."""
    dtypes = tuple(dict.fromkeys(each.dtype for each in (*a, *b)))
    if not a or not b or len(dtypes) > _DTYPES:
        return UNKNOWN
    shape = _join_shapes(a[0].shape, b[0].shape, facts)
    return UNKNOWN if shape is None else Unknown(dtypes, shape)


def _join_arrays(a: Array, b: Array, facts: Facts) -> Type:
    """The type of both of two arrays of one dtype."""
    shape = _join_shapes(a.shape, b.shape, facts)
    return Array(a.dtype, shape, shape is not None and a.scalar and b.scalar)


def _join_shapes(
    a: tuple[Length, ...] | None, b: tuple[Length, ...] | None, facts: Facts
) -> tuple[Length, ...] | None:
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple(
        m if facts.equal(m, n) is True else facts.any_length() for m, n in zip(a, b, strict=True)
    )


def length_computed(function: Callable[..., Any], types: Sequence[Type]) -> Length | None:
    """The result of adding, subtracting or scaling lengths, as a length."""
    if function not in (operator.add, operator.sub, operator.mul) or len(types) != 2:
        return None
    a, b = (t.length if isinstance(t, Scalar) and t.kind == "int" else None for t in types)
    if a is None or b is None:
        return None
    if function is operator.add:
        return a + b
    if function is operator.sub:
        return a - b
    return product_of([a, b])
