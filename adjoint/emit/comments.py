"""Comments that say where statements come from."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from adjoint.emit.printer import Comment
from adjoint.errors import Place

__all__ = ["comments"]


@dataclass(slots=True)
class _Remarks:
    trailing: dict[ast.stmt, str] = field(default_factory=dict)
    above: dict[ast.stmt, str] = field(default_factory=dict)


def comments(
    forward: list[ast.stmt],
    backward: list[ast.stmt],
    places: Mapping[ast.stmt, Place],
    definition: Place,
) -> dict[ast.stmt, Comment]:
    """The comments of a function.

    In the backward part, the first statement of each source line quotes that line; in the forward
    part, only statements of inlined functions name the function.

    Parameters
    ----------
    forward, backward
        The statements of the two parts.
    places
        Where statements come from.
    definition
        The place of the ``def``; lines are counted from it.
    """
    remarks = _Remarks()
    if forward and backward:
        remarks.above[forward[0]] = "forward"
        remarks.above[backward[0]] = "backward"
    _name_inlined(forward, places, remarks)
    _quote_lines(backward, places, definition, remarks)
    return {
        statement: Comment(_lines(remarks.above, statement), remarks.trailing.get(statement, ""))
        for statement in _in_order([*forward, *backward])
        if statement in remarks.above or statement in remarks.trailing
    }


def _lines(above: Mapping[ast.stmt, str], statement: ast.stmt) -> tuple[str, ...]:
    return (above[statement],) if statement in above else ()


def _in_order(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in statements:
        yield statement
        match statement:
            case ast.If(_, body, orelse) | ast.For(_, _, body, orelse) | ast.While(_, body, orelse):
                yield from _in_order(body)
                yield from _in_order(orelse)
            case ast.FunctionDef(body=body):
                yield from _in_order(body)
            case ast.With(_, body):
                yield from _in_order(body)
            case ast.Try(body, handlers, orelse, finalbody):
                for part in (body, *(handler.body for handler in handlers), orelse, finalbody):
                    yield from _in_order(part)


def _name_inlined(
    statements: list[ast.stmt], places: Mapping[ast.stmt, Place], remarks: _Remarks
) -> None:
    current: tuple[object, ...] = ()
    for statement in _in_order(statements):
        place = places.get(statement)
        if place is None:
            continue
        key = (place.file, place.function, place.callers)
        if key != current and place.callers:
            remarks.trailing[statement] = place.function
        current = key


def _quote_lines(
    statements: list[ast.stmt],
    places: Mapping[ast.stmt, Place],
    definition: Place,
    remarks: _Remarks,
) -> None:
    current: tuple[object, ...] = ()
    for statement in _in_order(statements):
        place = _first_inside(statement, places)
        if place is None:
            continue
        key = (place.file, place.function, place.line)
        if key != current and not _is_whole_function(place, definition):
            remarks.trailing[statement] = _quotation(place, definition)
        current = key


def _first_inside(statement: ast.stmt, places: Mapping[ast.stmt, Place]) -> Place | None:
    """The place of a statement; of a compound one, that of the first statement in it.

    The head of a reversed loop belongs to the line whose adjoint comes first.
    """
    body = getattr(statement, "body", ())
    for inner in body:
        found = _first_inside(inner, places)
        if found is not None:
            return found
    return places.get(statement)


def _is_whole_function(place: Place, definition: Place) -> bool:
    """Whether a statement belongs to no line: it puts together what is handed back."""
    return (place.line, place.column) == (definition.line, definition.column) and not place.callers


def _quotation(place: Place, definition: Place) -> str:
    text = place.text.strip()
    if place.callers:
        return f"{place.function}: {text}"
    return f"{place.line - definition.line + 1}: {text}"
