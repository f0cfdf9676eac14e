"""Whether types are known well enough, and shapes proved to fit, for an operation not to raise."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.ir.infer import type_of
from adjoint.ir.lengths import ONE, Facts, Length
from adjoint.ir.nodes import Operand
from adjoint.ir.values import Array, Scalar, TupleOf, Type

__all__ = ["all_known", "broadcast", "is_known", "pad"]

Shape = tuple[Length, ...]


def is_known(value: Type) -> bool:
    match value:
        case Scalar():
            return True
        case Array():
            return value.shape is not None and value.dtype.kind in "bifcu"
        case TupleOf(items):
            return all(map(is_known, items))
        case _:
            return False


def all_known(operands: Sequence[Operand]) -> bool:
    return all(is_known(type_of(operand)) for operand in operands)


def broadcast(facts: Facts, shapes: Sequence[Shape]) -> bool:
    """Whether the shapes are proved to broadcast together."""
    result: Shape = ()
    for shape in shapes:
        width = max(len(result), len(shape))
        pairs = zip(pad(result, width), pad(shape, width), strict=True)
        axes = [_meet(facts, a, b) for a, b in pairs]
        if None in axes:
            return False
        result = tuple(axis for axis in axes if axis is not None)
    return True


def pad(shape: Shape, width: int) -> Shape:
    return (ONE,) * (width - len(shape)) + shape


def _meet(facts: Facts, a: Length, b: Length) -> Length | None:
    if a == ONE:
        return b
    if b == ONE or facts.equal(a, b) is True:
        return a
    if facts.equal(a, ONE) is True:
        return b
    return a if facts.equal(b, ONE) is True else None
