"""Symbolic operands on which rules run: NumPy calls on a handle write statements."""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from adjoint.ir.broadcasting import as_length
from adjoint.ir.builder import Builder
from adjoint.ir.indices import is_basic_index
from adjoint.ir.lengths import Facts, Length
from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Var
from adjoint.ir.operands import strip, type_of
from adjoint.ir.ops import ALIAS, GETITEM, Op, attribute, call, method, operation
from adjoint.ir.updates import update_at, update_place
from adjoint.ir.values import Array, Scalar, TupleOf, Type, is_complex, rank, rank_among

__all__ = ["ADD_AT", "Handle", "RunTimeFact", "handle", "operand"]


class RunTimeFact(Exception):
    """A rule asked for something that is known at run time only."""


#: Ufuncs that are written as operators.
_OPERATORS: dict[Any, Callable[..., Any]] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.power: operator.pow,
    np.negative: operator.neg,
    np.matmul: operator.matmul,
    np.less: operator.lt,
    np.less_equal: operator.le,
    np.greater: operator.gt,
    np.greater_equal: operator.ge,
    np.equal: operator.eq,
    np.not_equal: operator.ne,
    np.floor_divide: operator.floordiv,
    np.bitwise_and: operator.and_,
    np.bitwise_or: operator.or_,
    np.invert: operator.invert,
}

#: What the rule of a function of `math` is written with, where all operands are Python numbers.
_MATH: dict[Any, Callable[..., Any]] = {
    getattr(np, name): getattr(math, other)
    for name, other in {
        "sin": "sin", "cos": "cos", "tan": "tan", "exp": "exp", "log": "log", "sqrt": "sqrt",
        "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "expm1": "expm1", "log1p": "log1p",
        "log2": "log2", "log10": "log10", "absolute": "fabs", "exp2": "exp2", "hypot": "hypot",
    }.items()
    if hasattr(math, other)
}  # fmt: skip


class Handle(np.lib.mixins.NDArrayOperatorsMixin):
    """An operand of the IR that behaves as an array does in the text of a rule."""

    __slots__ = ("_builder", "_math", "_operand")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, builder: Builder, value: Operand, math_: bool = False) -> None:
        self._builder, self._operand, self._math = builder, value, math_

    # -- NumPy's protocols -------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: Any, method_: str, *inputs: Any, **kwargs: Any) -> Any:
        if "out" in kwargs:
            return NotImplemented
        if method_ != "__call__":
            return self._write(call(getattr(ufunc, method_)), inputs, kwargs)
        if self._may_divide_by_zero(ufunc, inputs):
            return self._write(call(ufunc), inputs)
        if ufunc in (np.minimum, np.maximum):
            chosen = self._chosen(ufunc is np.maximum, *inputs)
            if chosen is not None:
                return chosen
        if ufunc in _OPERATORS and not kwargs:
            return self._write(operation(_OPERATORS[ufunc]), inputs)
        if self._math and ufunc in _MATH and all(self._is_scalar(x) for x in inputs):
            return self._write(call(_MATH[ufunc]), inputs)
        return self._write(call(ufunc), inputs, kwargs)

    def __array_function__(
        self, func: Callable[..., Any], types: Any, args: Any, kwargs: Mapping[str, Any]
    ) -> Any:
        special = _SPECIAL.get(func)
        if special is not None:
            made = special(*args, **kwargs)
            if made is not NotImplemented:
                return made
        if func is np.eye:  # asked for with like=, it hands on all that was not given
            kwargs = {k: v for k, v in kwargs.items() if v is not _USUAL_EYE[k].default}
        return self._write(call(func), args, kwargs)

    def _write(self, op: Op, args: Any, kwargs: Mapping[str, Any] | None = None) -> Any:
        pairs = [(name, operand(value)) for name, value in (kwargs or {}).items()]
        made = self._builder.let(op, [operand(x) for x in args], pairs)
        return self._wrap(made)

    def _may_divide_by_zero(self, ufunc: Any, inputs: Any) -> bool:
        """Whether an operator of Python's numbers may raise where NumPy's function does not."""
        if not self._builder.numpy_division or not all(map(self._is_scalar, inputs)):
            return False
        exponent = inputs[1] if ufunc is np.power else -1
        return ufunc in (np.divide, np.power) and not (
            isinstance(exponent, int | float) and exponent >= 0
        )

    def _chosen(self, larger: bool, x: Any, y: Any) -> Any:
        """The smaller or larger of two lengths, where it is known which that is."""
        first, second = (as_length(operand(each)) for each in (x, y))
        if first is None or second is None:
            return None
        is_larger = self._builder.facts.at_least(first - second, 0)
        return None if is_larger is None else x if is_larger is larger else y

    def _wrap(self, value: Operand) -> Handle:
        return Handle(self._builder, value, self._math)

    @staticmethod
    def _is_scalar(value: Any) -> bool:
        return isinstance(_type(value), Scalar)

    # -- what a rule may ask -----------------------------------------------------------------------

    def _rank(self) -> int:
        known = rank_among(_type(self))
        if known is None:
            raise RunTimeFact("the rank of an argument")
        return known

    @property
    def ndim(self) -> int:
        """The rank, which must be known."""
        return self._rank()

    @property
    def dtype(self) -> Any:
        """The dtype, which must be known."""
        value = _type(self)
        match value:
            case Array(dtype):
                return dtype
            case Scalar(kind):
                return np.dtype(
                    {"bool": bool, "int": int, "float": float, "complex": complex}[kind]
                )
            case _:
                raise RunTimeFact("the dtype of an argument")

    @property
    def may_be_complex(self) -> bool:
        """Whether it holds complex numbers, as far as is known.

        Where it is not known, what the rule makes of complex numbers is cast at run time.
        """
        value = _type(self)
        return is_complex(value) or not isinstance(value, Array | Scalar)

    @property
    def shape(self) -> Any:
        """The shape: a tuple of lengths where the rank is known."""
        value, known = operand(self), rank(_type(self))
        if known is None:
            return self._wrap(self._builder.let(call(np.shape), (value,)))
        return Shape(self, known)

    @property
    def size(self) -> Any:
        """The number of elements."""
        value = operand(self)
        type_ = _type(self)
        if isinstance(type_, Scalar) or rank(type_) == 0:
            return 1
        form = attribute(np.size, "size") if isinstance(type_, Array) else call(np.size)
        return self._wrap(self._builder.let(form, (value,)))

    @property
    def T(self) -> Any:  # noqa: N802  (NumPy's name)
        """The transpose."""
        return self._write(attribute(np.transpose, "T"), (self,))

    def astype(self, dtype: Any) -> Any:
        """The same in another dtype."""
        return self._write(method(np.ndarray.astype, "astype"), (self, dtype))

    def __getitem__(self, index: Any) -> Any:
        return self._write(GETITEM, (self, index))

    def __len__(self) -> int:
        value = _type(self)
        if isinstance(value, TupleOf):
            return len(value.items)
        raise RunTimeFact("a length")

    def __iter__(self) -> Any:
        value = _type(self)
        if isinstance(value, TupleOf):
            return iter([self[i] for i in range(len(value.items))])
        raise RunTimeFact("the items of an argument")

    def __bool__(self) -> bool:
        raise RunTimeFact("the value of an argument")

    __float__ = __int__ = __index__ = __bool__

    def scatter(self, g: Any, index: Any, onto: Any = None, distinct: bool = False) -> Any:
        """The cotangent of this for ``self[index]``: zeros to which `g` is added at `index`."""
        old = operand(np.zeros_like(self) if onto is None else onto)
        if is_complex(_type(g)) and not is_complex(type_of(old)):
            old = operand(self._wrap(old).astype(np.result_type(g)))
        at = operand(index)
        op = ADD_AT_INDEX if distinct or is_basic_index(at) else ADD_AT
        made = self._builder.let(op, (old, at, operand(g)), type_=type_of(old))
        return self._wrap(made)

    def shaped_like(self, like: Any) -> Any:
        """This, of which it is known from elsewhere that it has the shape of `like`."""
        own, other = operand(self), _type(like)
        if not isinstance(other, Array) or not isinstance(_type(self), Array):
            return self
        type_ = Array(self.dtype, other.shape)
        return self._wrap(self._builder.let(ALIAS, (own,), type_=type_))


ADD_AT = update_at("+")
ADD_AT_INDEX = update_place("+")


class Shape(tuple[Any, ...]):
    """The lengths of a handle; handed on whole it prints as ``x.shape``."""

    owner: Handle

    def __new__(cls, owner: Handle, count: int) -> Shape:
        made = super().__new__(cls, [_axis(owner, axis) for axis in range(count)])
        made.owner = owner
        return made


class _Length(Handle):
    """One length, written only if it is used."""

    __slots__ = ("_made", "axis", "owner")

    def __init__(self, owner: Handle, axis: int) -> None:
        super().__init__(owner._builder, Const(axis), owner._math)
        self.owner, self.axis = owner, axis
        self._made: Operand | None = None

    # Two lengths are compared here and now: where algebra does not tell, the example call does,
    # and the code is for arguments that compare alike.

    def __ge__(self, other: Any) -> Any:
        return self._known(other, lambda a, b, f: f.at_least(a - b, 0), super().__ge__)

    def __gt__(self, other: Any) -> Any:
        return self._known(other, lambda a, b, f: f.at_least(a - b, 1), super().__gt__)

    def __le__(self, other: Any) -> Any:
        return self._known(other, lambda a, b, f: f.at_least(b - a, 0), super().__le__)

    def __lt__(self, other: Any) -> Any:
        return self._known(other, lambda a, b, f: f.at_least(b - a, 1), super().__lt__)

    def _known(
        self,
        other: Any,
        compare: Callable[[Length, Length, Facts], bool | None],
        otherwise: Callable[[Any], Any],
    ) -> Any:
        here, there = _length_of(self), _length_of(other)
        answer = None
        if here is not None and there is not None:
            answer = compare(here, there, self._builder.facts)
        return otherwise(other) if answer is None else answer


def _length_of(value: Any) -> Length | None:
    """The length that a rule's value is, if it is one."""
    if isinstance(value, int):
        return Length(value)
    if not isinstance(value, _Length):
        return None
    of = _type(value.owner)
    return of.shape[value.axis] if isinstance(of, Array) and of.shape is not None else None


def _axis(owner: Handle, axis: int) -> Any:
    value = _type(owner)
    if isinstance(value, Array) and value.shape is not None and value.shape[axis].known:
        return value.shape[axis].const
    return _Length(owner, axis)


def _type(value: Any) -> Type:
    """The type of what a rule has: None it is not, or the operation itself had refused it."""
    return strip(type_of(operand(value)))


def operand(value: Any) -> Operand:
    """The operand that a rule's value is."""
    match value:
        case _Length():
            if value._made is None:
                owner = operand(value.owner)
                assert isinstance(owner, Var)
                value._made = value._builder.length(owner, value.axis)
            return value._made
        case Handle():
            return value._operand
        case Shape():
            return value.owner._builder.shape(operand(value.owner)) if len(value) else Const(())
        case slice():
            return SliceOf(operand(value.start), operand(value.stop), operand(value.step))
        case tuple() | list() if any(map(_is_symbolic, value)):
            kind = "tuple" if isinstance(value, tuple) else "list"
            return Pack(kind, tuple(operand(item) for item in value))
        case dict():
            items = tuple(operand(item) for item in value.values())
            return Pack("dict", items, tuple(map(operand, value)))
        case np.generic():
            return Const(value.item())
        case _:
            return Const(value)


def _is_symbolic(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return any(map(_is_symbolic, value))
    return isinstance(value, Handle | slice) or value is Ellipsis or value is None


def handle(builder: Builder, value: Operand, math_: bool = False) -> Any:
    """What a rule is given for an operand: a number, a plain structure, or a handle."""
    match value:
        case Const(constant):
            return constant
        case Pack("dict", items, keys) if all(isinstance(key, Const) for key in keys):
            pairs = zip(keys, items, strict=True)
            return {handle(builder, k): handle(builder, v, math_) for k, v in pairs}
        case Pack("dict"):
            return Handle(builder, value, math_)
        case Pack(kind, items):
            made = [handle(builder, item, math_) for item in items]
            return tuple(made) if kind == "tuple" else made
        case SliceOf(start, stop, step):
            return slice(*(handle(builder, part, math_) for part in (start, stop, step)))
        case _:
            return Handle(builder, value, math_)


# -- functions that are written in another form, or answered at once -------------------------------


def _transpose(a: Any, axes: Any = None) -> Any:
    if axes is not None or not isinstance(a, Handle) or not isinstance(_type(a), Array):
        return NotImplemented
    return a.T


def _reshape(a: Any, shape: Any, **kwargs: Any) -> Any:
    if kwargs or not isinstance(a, Handle) or not isinstance(_type(a), Array):
        return NotImplemented
    return a._write(method(np.reshape, "reshape"), (a, shape))


def _expand_dims(a: Any, axis: Any) -> Any:
    known = rank(_type(a))
    axes = axis if isinstance(axis, tuple) else (axis,)
    if not isinstance(a, Handle) or not known:
        return NotImplemented
    total = known + len(axes)
    places = sorted(i % total for i in axes)
    items: list[Any] = [None if i in places else slice(None) for i in range(total)]
    while items and items[-1] == slice(None):
        items.pop()
    return a[tuple(items) if len(items) > 1 else items[0]]


def _ndim(a: Any) -> Any:
    return a.ndim if isinstance(a, Handle) else NotImplemented


def _shape(a: Any) -> Any:
    return a.shape if isinstance(a, Handle) else NotImplemented


def _size(a: Any, axis: int | None = None) -> Any:
    return (a.size if axis is None else a.shape[axis]) if isinstance(a, Handle) else NotImplemented


def _iscomplexobj(a: Any) -> Any:
    return a.dtype.kind == "c" if isinstance(a, Handle) else NotImplemented


def _zeros_like(a: Any, dtype: Any = None) -> Any:
    """Of a number of Python's a number: NumPy makes an array without axes."""
    return 0.0 if dtype is None and _type(a) == Scalar("float") else NotImplemented


_USUAL_EYE = inspect.signature(np.eye).parameters

_SPECIAL: dict[Callable[..., Any], Callable[..., Any]] = {
    np.transpose: _transpose,
    np.reshape: _reshape,
    np.expand_dims: _expand_dims,
    np.ndim: _ndim,
    np.shape: _shape,
    np.size: _size,
    np.iscomplexobj: _iscomplexobj,
    np.zeros_like: _zeros_like,
    np.isrealobj: lambda a: not _iscomplexobj(a),
}
