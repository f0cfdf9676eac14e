"""Functions of lists that are known not to raise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Let, Operand, Pack
from adjoint.ir.operands import type_of
from adjoint.ir.values import ListOf, TupleOf, shape_of
from adjoint.optimise.fitting import all_known, broadcast, is_known

__all__ = ["OF_SEQUENCES"]


def _is_number(operand: Operand) -> bool:
    """Whether an operand surely is a number, of Python or of NumPy."""
    found = type_of(operand)
    return is_known(found) and shape_of(found) == ()


def _holds_numbers(operand: Operand) -> bool:
    if isinstance(operand, Pack):
        return operand.kind in ("list", "tuple") and all(map(_is_number, operand.items))
    match type_of(operand):
        case ListOf(item) if item is not None:
            return is_known(item) and shape_of(item) == ()
        case TupleOf(items):
            return all(is_known(item) and shape_of(item) == () for item in items)
        case _:
            return False


def _length(let: Let, facts: Facts) -> bool:
    found = type_of(let.args[0])
    return isinstance(found, ListOf | TupleOf) or bool(shape_of(found))


def _total(let: Let, facts: Facts) -> bool:
    """``sum`` of numbers, or of arrays whose shapes fit."""
    of, *start = let.args
    if let.kwargs or not all(map(_is_number, start)):
        return False
    if not isinstance(of, Pack) or of.kind not in ("list", "tuple"):
        shape = shape_of(type_of(of))
        return _holds_numbers(of) or (all_known([of]) and shape is not None and len(shape) == 1)
    shapes = [shape_of(type_of(item)) or () for item in of.items]
    return all_known(of.items) and broadcast(facts, shapes)


def _to_array(let: Let, facts: Facts) -> bool:
    """``np.array`` of numbers, or of lists of as many numbers each."""
    of = let.args[0]
    if len(let.args) > 1 or let.kwargs:
        return False
    rows = of.items if isinstance(of, Pack) and of.kind in ("list", "tuple") else ()
    if rows and all(isinstance(row, Pack) for row in rows):
        lengths = {len(row.items) for row in rows if isinstance(row, Pack)}
        return len(lengths) == 1 and all(map(_holds_numbers, rows))
    return _holds_numbers(of) or all_known([of])


OF_SEQUENCES: dict[Callable[..., Any], Callable[[Let, Facts], bool]] = {
    len: _length,
    sum: _total,
    **dict.fromkeys((np.array, np.asarray), _to_array),
}
