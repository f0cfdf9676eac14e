"""The shapes of operands, and of what they are broadcast to."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.ir.lengths import ONE, Facts, Length
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.values import Scalar, shape_of

__all__ = ["as_length", "broadcast_shapes", "operand_shape"]

Shape = tuple[Length, ...]


def broadcast_shapes(facts: Facts, shapes: Sequence[Shape | None]) -> Shape | None:
    """The shape of operands broadcast together; None where one is unknown or they do not agree."""
    result: Shape = ()
    for shape in shapes:
        if shape is None:
            return None
        width = max(len(result), len(shape))
        padded = zip(_pad(result, width), _pad(shape, width), strict=True)
        axes = [_broadcast(facts, a, b) for a, b in padded]
        if any(axis is None for axis in axes):
            return None
        result = tuple(axis for axis in axes if axis is not None)
    return result


def _pad(shape: Shape, width: int) -> Shape:
    return (ONE,) * (width - len(shape)) + shape


def _broadcast(facts: Facts, a: Length, b: Length) -> Length | None:
    if a == b or b == ONE:
        return a
    if a == ONE:
        return b
    if facts.equal(a, b):
        return a
    one_a, one_b = facts.equal(a, ONE), facts.equal(b, ONE)
    if one_a:
        return b
    if one_b:
        return a
    if one_a is False and one_b is False:
        return a if facts.equal(a, b) is None else None
    return facts.fresh(("broadcast", a, b))


def operand_shape(operand: Operand) -> Shape | None:
    """The shape of an operand that is a number or an array, where it is known."""
    if isinstance(operand, Const):
        return () if isinstance(operand.value, int | float | complex) else None
    return shape_of(operand.type) if isinstance(operand, Var) else None


def as_length(operand: Operand) -> Length | None:
    """The length that an integer operand is, where it is one."""
    if isinstance(operand, Const) and isinstance(operand.value, int):
        return Length(int(operand.value))
    if isinstance(operand, Var) and isinstance(operand.type, Scalar):
        return operand.type.length
    return None
