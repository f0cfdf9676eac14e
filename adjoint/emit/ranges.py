"""What counted loops run over."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from adjoint.emit.spelling import Spelling

__all__ = ["range_of"]


def range_of(bounds: Sequence[ast.expr], spelling: Spelling, *, reverse: bool) -> ast.expr:
    """Return ``range(start, stop, step)``, or what runs through it backwards.

    A range that counts down by 1 runs upwards when it is reversed::

        reversed(range(n - 2, -1, -1))        range(n - 1)
        reversed(range(n, k, -1))             range(k + 1, n + 1)
    """
    start, stop, step = bounds
    if reverse and _number(step) == -1:
        start, stop, step, reverse = _one_more(stop), _one_more(start), ast.Constant(1), False
    written = [start, stop, step] if _number(step) != 1 else [start, stop]
    if len(written) == 2 and _number(start) == 0:
        written = [stop]
    trips = ast.Call(spelling.builtin("range"), written, [])
    return ast.Call(spelling.builtin("reversed"), [trips], []) if reverse else trips


def _one_more(bound: ast.expr) -> ast.expr:
    number = _number(bound)
    if number is not None:
        return _constant(number + 1)
    match bound:
        case ast.BinOp(left, ast.Add() | ast.Sub() as sign, right) if _number(right) is not None:
            shift = int(_number(right) or 0)
            shift = (shift if isinstance(sign, ast.Add) else -shift) + 1
            added = ast.Sub() if shift < 0 else ast.Add()
            return left if shift == 0 else ast.BinOp(left, added, ast.Constant(abs(shift)))
        case _:
            return ast.BinOp(bound, ast.Add(), ast.Constant(1))


def _number(bound: ast.expr) -> int | None:
    """The integer that a bound is written as, or None."""
    match bound:
        case ast.UnaryOp(ast.USub(), ast.Constant(value)) if type(value) is int:
            return -value
        case ast.Constant(value) if type(value) is int:
            return value
        case _:
            return None


def _constant(number: int) -> ast.expr:
    if number >= 0:
        return ast.Constant(number)
    return ast.UnaryOp(ast.USub(), ast.Constant(-number))
