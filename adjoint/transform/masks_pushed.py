"""Masks of cotangents that go through a stack, from the trips that popped to those that pushed.

The condition is one of values that were popped. In the trip that pushed them, it is the same of
what was pushed.
"""

from __future__ import annotations

from dataclasses import replace

from adjoint.analyses.popped import Popped
from adjoint.ir.builder import Builder
from adjoint.ir.elements import is_elementwise
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.ops import Form
from adjoint.transform.accumulate import Adjoints
from adjoint.transform.masks import Mask

__all__ = ["as_pushed"]

#: How many functions a condition may be made by.
_DEPTH = 4


def as_pushed(builder: Builder, adjoints: Adjoints, push: Let) -> Mask:
    """The mask of the cotangent of what a statement pushed, by conditions that are known there."""
    mask = adjoints.pushed.get(push, ())
    if not mask:
        return ()
    popped = next(each for each in adjoints.popped.values() if each.push is push)
    found = []
    for taken in mask:
        condition = _in_trip(builder, adjoints, taken.condition, popped, _DEPTH)
        if condition is not None:
            found.append(replace(taken, condition=condition))
    return tuple(found)


def _in_trip(
    builder: Builder, adjoints: Adjoints, value: Operand, trip: Popped, depth: int
) -> Operand | None:
    """A value of the trip that popped, in the trip that pushed; None if it is not known there."""
    if isinstance(value, Const) or value in adjoints.lasting:
        return None if value in adjoints.written else value
    if not isinstance(value, Var) or depth == 0:
        return None
    other = adjoints.popped.get(value)
    if other is not None:
        in_step = other.here is trip.here and other.there is trip.there
        return other.push.args[1] if in_step else None
    if trip.numbers is not None and value is trip.numbers[0]:
        return trip.numbers[1]
    made = builder.definitions.get(value)
    if made is None or made.kwargs or not _is_of_elements(made):
        return None
    if made.op.form is Form.ALIAS:
        return _in_trip(builder, adjoints, made.args[0], trip, depth)
    args = [_in_trip(builder, adjoints, each, trip, depth - 1) for each in made.args]
    known = [each for each in args if each is not None]
    return builder.let(made.op, known) if len(known) == len(args) else None


def _is_of_elements(made: Let) -> bool:
    """Whether a statement computes element by element, or reads some of an array."""
    return made.op.form in (Form.ALIAS, Form.INDEX) or is_elementwise(made.op.function)
