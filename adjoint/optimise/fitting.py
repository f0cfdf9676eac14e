"""Whether types are known well enough, and shapes proved to fit, for an operation not to raise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adjoint.ir.lengths import ONE, Facts, Length
from adjoint.ir.nodes import Operand
from adjoint.ir.operands import type_of
from adjoint.ir.values import Array, Scalar, TupleOf, Type, shape_of

__all__ = ["all_known", "broadcast", "fit", "fits", "is_complex", "is_known", "pad"]

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


def fit(args: Iterable[Operand], facts: Facts) -> bool:
    """Whether operands are numbers that broadcast."""
    types = [type_of(a) for a in args]
    return all(map(is_known, types)) and broadcast(facts, [shape_of(t) or () for t in types])


def fits(value: Shape | None, place: Shape | None, facts: Facts) -> bool:
    """Whether what has the first shape broadcasts to the second."""
    if value is None or place is None or len(value) > len(place):
        return False
    pairs = zip(pad(value, len(place)), place, strict=True)
    return all(facts.equal(a, b) is True or facts.equal(a, ONE) is True for a, b in pairs)


def is_complex(operand: Operand) -> bool:
    """Whether an operand may be complex, or is no number."""
    type_ = type_of(operand)
    if isinstance(type_, Array):
        return type_.dtype.kind not in "biuf"
    return isinstance(type_, Scalar) and type_.kind == "complex"
