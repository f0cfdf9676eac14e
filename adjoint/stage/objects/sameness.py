"""Whether two values are known to be the same, or are alike but for whole numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Const, Operand, Pack, SliceOf, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import Array, Growing, Maybe, Scalar, Unknown, among, join_types
from adjoint.stage.values import (
    BoundMethod,
    Closure,
    DictValue,
    Given,
    NativeMethod,
    ObjectValue,
    OneOf,
    PartialValue,
    Placed,
    Records,
    Static,
    Step,
    Target,
    TupleValue,
    View,
)

__all__ = [
    "at_zero",
    "has_number",
    "holds_code",
    "is_like",
    "is_numbered",
    "is_whole_number",
    "numbers_of",
    "same_type",
    "same_value",
    "with_numbers",
]


def same_value(a: Any, b: Any) -> bool:
    """Whether two values are known to be the same."""
    if a is b:
        return True
    match a, b:
        case Static(), Static():
            return _same_object(a.value, b.value)
        case Closure(), Closure():
            return _same_function(a, b) and all(map(same_value, _defaults(a), _defaults(b)))
        case PartialValue(f, x, k), PartialValue(g, y, m):
            parts = [(f, g), *zip(x, y, strict=False), *((v, m.get(n)) for n, v in k.items())]
            return len(x) == len(y) and [*k] == [*m] and all(same_value(*p) for p in parts)
        case BoundMethod(), BoundMethod():
            return same_value(a.function, b.function) and same_value(a.owner, b.owner)
        case NativeMethod(), NativeMethod():
            return a.name == b.name and same_value(a.owner, b.owner)
        case View(), View():
            return a.base is b.base and _same_path(a.path, b.path)
        case OneOf(number, items), OneOf(other, more):
            same = number is other and [*items] == [*more]
            return same and all(same_value(item, more[k]) for k, item in items.items())
        case (DictValue(place=Placed() as p), DictValue(place=Placed() as q)) | (
            ObjectValue(place=Placed() as p),
            ObjectValue(place=Placed() as q),
        ):
            return same_value(p.owner, q.owner) and same_value(p.view, q.view)
        case tuple(), tuple():
            return len(a) == len(b) and all(map(same_value, a, b))
        case Target(), Target():
            return type(a.item) is type(b.item) and same_value(a.view, b.view)
        case Given(), Given():
            return a == b
        case Records(_, x), Records(_, y):
            return len(x) == len(y) and all(map(same_value, x, y))
        case TupleValue(x, c), TupleValue(y, d):
            return c is d and len(x) == len(y) and all(map(same_value, x, y))
        case _:
            return False


def is_like(a: Sequence[Step], b: Sequence[Step], *, steps: bool = False) -> bool:
    """Whether two ways lead to views of one kind: they differ in whole numbers at most.

    With `steps` these may be steps of slices.
    """
    return len(a) == len(b) and all(
        _same_order(m, n) and (_same_turn(m, n) or _is_like_step(m, n, steps))
        for m, n in zip(a, b, strict=True)
    )


def _is_like_step(a: Step, b: Step, steps: bool) -> bool:
    """Whether two steps are indices that differ in whole numbers at most."""
    if a.op is not None or b.op is not None or len(a.operands) != len(b.operands):
        return False
    pairs = zip(a.operands, b.operands, strict=True)
    return all(_is_like_index(x, y, steps) for x, y in pairs)


def _same_turn(a: Step, b: Step) -> bool:
    """Whether two steps are one operation that shows an array in another way."""
    return a.op is not None and a.op is b.op and a.back is b.back and a.operands == b.operands


def _same_order(a: Step, b: Step) -> bool:
    """Whether two steps lead to items of a list as it was at one time."""
    return len(a.order) == len(b.order) and all(
        slot == other and was is now
        for (slot, was), (other, now) in zip(a.order, b.order, strict=True)
    )


def _is_like_index(a: Operand, b: Operand, steps: bool) -> bool:
    if isinstance(a, Pack) and isinstance(b, Pack):
        same = a.kind == b.kind and len(a.items) == len(b.items)
        return same and all(
            _is_like_index(x, y, steps) for x, y in zip(a.items, b.items, strict=True)
        )
    if isinstance(a, SliceOf) and isinstance(b, SliceOf):
        pairs = [(a.start, b.start), (a.stop, b.stop), (a.step, b.step)]
        same = steps or _same_operand(a.step, b.step)
        return same and all(_is_like_index(x, y, steps) for x, y in pairs)
    return _same_operand(a, b) or (is_whole_number(a) and is_whole_number(b))


def has_number(step: Step) -> bool:
    return any(is_whole_number(item) for index in step.operands for item in _parts(index))


#: What stands for a bound of a slice that is another for each item of a list.
_BOUND = Var(-1, "", Scalar("int"))


def numbers_of(path: Sequence[Step]) -> list[Operand]:
    """The whole numbers in the indices of a way to a view, and the bounds of its slices.

    Slices by constants belong to the way, if it has other numbers.
    """
    has_others = _has_others(path)
    return [
        number
        for item in _items_of(path)
        if not (has_others and _is_fixed(item))
        for number in ((item.start, item.stop) if isinstance(item, SliceOf) else (item,))
        if is_number(number)
    ]


def _has_others(path: Sequence[Step]) -> bool:
    return not all(map(_is_fixed, _items_of(path)))


def _is_fixed(item: Operand) -> bool:
    """Whether a part of an index has no number, or is a slice by constants."""
    if isinstance(item, SliceOf):
        return isinstance(item.start, Const) and isinstance(item.stop, Const)
    return not is_number(item)


def _items_of(path: Sequence[Step]) -> Iterator[Operand]:
    return (item for step in path for index in step.operands for item in _items(index))


def _items(index: Operand) -> Iterator[Operand]:
    if isinstance(index, Pack):
        yield from itertools.chain.from_iterable(map(_items, index.items))
    else:
        yield index


def is_numbered(view: View) -> bool:
    """Whether all that a way has besides what is known now are whole numbers."""
    return not view.is_pooled and all(
        step.op is None and all(map(_is_plain, step.operands)) for step in view.path
    )


def _is_plain(index: Operand) -> bool:
    match index:
        case Pack(items=items):
            return all(map(_is_plain, items))
        case SliceOf(start, stop, step):
            bounds = all(
                isinstance(bound, Const) or is_whole_number(bound) for bound in (start, stop)
            )
            return bounds and isinstance(step, Const)
        case _:
            return isinstance(index, Const) or is_number(index)


def is_number(index: Operand) -> bool:
    """Whether an index is a whole number, of Python's or of NumPy's."""
    type_ = type_of(index)
    is_numpys = isinstance(type_, Array) and type_.scalar and type_.dtype.kind in "iu"
    return is_whole_number(index) or is_numpys


def with_numbers(path: Sequence[Step], numbers: Iterable[Operand]) -> tuple[Step, ...]:
    """A way to a view with other whole numbers in its indices."""
    rest = iter(numbers)
    return _with_numbers(path, lambda is_bound: next(rest))


def at_zero(path: Sequence[Step]) -> tuple[Step, ...]:
    """A way to a view with zeros for its whole numbers; bounds of slices are any."""
    return _with_numbers(path, lambda is_bound: _BOUND if is_bound else Const(0))


def _with_numbers(path: Sequence[Step], number: Callable[[bool], Operand]) -> tuple[Step, ...]:
    has_others = _has_others(path)

    def changed(operand: Operand, is_bound: bool) -> Operand:
        return number(is_bound) if is_number(operand) else operand

    def index(operand: Operand) -> Operand:
        match operand:
            case Pack(items=items):
                return replace(operand, items=tuple(map(index, items)))
            case SliceOf(start, stop, step) if not (has_others and _is_fixed(operand)):
                return SliceOf(changed(start, True), changed(stop, True), step)
            case SliceOf():
                return operand
            case _:
                return changed(operand, False)

    return tuple(replace(step, operands=tuple(map(index, step.operands))) for step in path)


def _parts(index: Operand) -> Iterator[Operand]:
    """The numbers that an index is made of, and what else there is in it."""
    match index:
        case Pack(items=items):
            yield from itertools.chain.from_iterable(map(_parts, items))
        case SliceOf(start, stop, _):
            yield from (start, stop)
        case _:
            yield index


def is_whole_number(operand: Operand) -> bool:
    if isinstance(operand, Const):
        return type(operand.value) is int
    type_ = type_of(operand)
    return isinstance(operand, Var) and isinstance(type_, Scalar) and type_.kind == "int"


def _same_path(a: Sequence[Step], b: Sequence[Step]) -> bool:
    if len(a) != len(b):
        return False
    return all(
        m is n or (m.op is n.op and m.keywords == n.keywords == () and _same_order(m, n)
                   and len(m.operands) == len(n.operands)
                   and all(map(_same_operand, m.operands, n.operands)))
        for m, n in zip(a, b, strict=True)
    )  # fmt: skip


def _same_operand(a: Operand, b: Operand) -> bool:
    match a, b:
        case Const(x), Const(y):
            return _same_object(x, y)
        case SliceOf(), SliceOf():
            pairs = ((a.start, b.start), (a.stop, b.stop), (a.step, b.step))
            return all(_same_operand(x, y) for x, y in pairs)
        case Pack(kind, items), Pack(other, more):
            return (
                kind == other and len(items) == len(more) and all(map(_same_operand, items, more))
            )
        case _:
            return a is b


def holds_code(items: Iterable[Any], within: tuple[Any, ...] = ()) -> bool:
    """Whether there is what no list at run time holds: functions, objects that came in, rings.

    `within` are the objects and dicts that the items are in.
    """
    return any(_is_code(item, within) for item in items)


def _is_code(value: Any, within: tuple[Any, ...]) -> bool:
    match value:
        case ObjectValue() | DictValue() if any(value is each for each in within):
            return True
        case ObjectValue():
            parts = value.slots.values()
            return value.real is not None or holds_code(parts, (*within, value))
        case DictValue():
            return holds_code(value.slots["items"].values(), (*within, value))
        case TupleValue(items):
            return holds_code(items, within)
        case _:
            return isinstance(value, Closure | BoundMethod | PartialValue)


def _same_function(a: Closure, b: Closure) -> bool:
    """Whether two functions are one but for the defaults of their parameters."""
    attributes = a.attributes is b.attributes or not (a.attributes.slots or b.attributes.slots)
    return a.node is b.node and a.frame is b.frame and attributes


def _defaults(function: Closure) -> tuple[Any, ...]:
    return (*function.defaults, *function.kw_defaults)


def _same_object(a: object, b: object) -> bool:
    if a is b:
        return True
    if type(a) is not type(b) or isinstance(a, np.ndarray):
        return False
    if isinstance(a, float):
        return repr(a) == repr(b)  # tells 0.0 from -0.0, and nan is nan
    try:
        return bool(a == b)
    except Exception:
        return False


def same_type(facts: Facts, found: Any, assumed: Any) -> bool:
    """Whether a value of the type found is one of the type assumed, as far as lengths are known."""
    if isinstance(found, Scalar) and isinstance(assumed, Scalar):
        return found.kind == assumed.kind
    if isinstance(assumed, Unknown) and assumed.dtypes and among(found):
        return all(any(same_type(facts, a, b) for b in among(assumed)) for a in among(found))
    if isinstance(found, Array) and isinstance(assumed, Array) and found.shape and assumed.shape:
        if (found.dtype, len(found.shape)) != (assumed.dtype, len(assumed.shape)):
            return False
        pairs = zip(found.shape, assumed.shape, strict=True)
        return all(a == b or facts.may_vary(b) or facts.equal(a, b) is True for a, b in pairs)
    if isinstance(assumed, Maybe):
        return same_type(facts, found.value if isinstance(found, Maybe) else found, assumed.value)
    if found == assumed or join_types(assumed, found, facts) == assumed:
        return True
    is_growing = isinstance(found, Growing) and type(found) is type(assumed)
    if not is_growing or found.item is None or assumed.item is None:
        return False
    whole = join_types(assumed, replace(found, item=assumed.item), facts) == assumed
    return whole and same_type(facts, found.item, assumed.item)
