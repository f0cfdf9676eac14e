"""Lines that are too long, broken inside brackets.

A statement comes as pieces: fixed text, expressions, lists of names. It is first written
on one line. If that is too long, one piece is broken: inside the brackets of its outermost
call, subscript or display, or, for a chain of operators, before the operators and inside
parentheses that are added for it. A line is broken inside brackets and nowhere else, so the
breaks cannot change what the text means.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from adjoint.emit.items import (
    Item,
    arguments,
    chain_of,
    comprehension_items,
    display_items,
    prefixed,
)
from adjoint.emit.one_line import one_line
from adjoint.emit.precedence import ATOM, TEST, YIELD, object_level, precedence

CODE_WIDTH: Final = 88
STEP: Final = 4


@dataclass(frozen=True, slots=True)
class Part:
    """An expression inside a statement, and what its place allows without parentheses."""

    node: ast.expr
    level: int = TEST
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """A list that is no expression (parameters, imported names) and its brackets on one line."""

    items: tuple[str, ...]
    brackets: tuple[str, str] = ("(", ")")


Piece = str | Part | Names


@dataclass(frozen=True, slots=True)
class Room:
    """Where a text starts and what is around it.

    `indent` is the indentation of its first line, `column` where it starts in that line,
    `after` how many columns must stay free behind it. `bracketed` says that it stands inside
    brackets, where a line may be broken anywhere.
    """

    indent: int
    column: int
    after: int = 0
    bracketed: bool = False

    def holds(self, text: str) -> bool:
        """Return whether a text fits; one with a line break in a string is left as it is."""
        return "\n" in text or self.column + len(text) + self.after <= CODE_WIDTH


@dataclass(frozen=True, slots=True)
class Brackets:
    """A pair of brackets: whether commas go between the items, and after a single one."""

    opening: str
    closing: str
    comma: bool = True
    after_single: bool = False

    def flat(self, items: Sequence[Item | str]) -> str:
        """Return the content on one line."""
        texts = [item if isinstance(item, str) else item.flat() for item in items]
        single = self.after_single and len(items) == 1
        return (", " if self.comma else " ").join(texts) + ("," if single else "")


_CALL: Final = Brackets("(", ")")
_INDEX: Final = Brackets("[", "]", comma=False)
_INDICES: Final = Brackets("[", "]", after_single=True)
_DISPLAYS: Final[dict[type[ast.expr], Brackets]] = {
    ast.Tuple: Brackets("(", ")", after_single=True),
    ast.List: Brackets("[", "]"),
    ast.Set: Brackets("{", "}"),
    ast.Dict: Brackets("{", "}"),
    ast.ListComp: Brackets("[", "]", comma=False),
    ast.SetComp: Brackets("{", "}", comma=False),
    ast.DictComp: Brackets("{", "}", comma=False),
    ast.GeneratorExp: Brackets("(", ")", comma=False),
}


def fitted(pieces: Sequence[Piece], indent: int) -> str:
    """Return the text of a statement within 88 columns, where it can be had.

    Continuation lines carry their indentation, the first line does not.

    Examples
    --------
    >>> import ast
    >>> call = ast.parse(f"f({'x' * 40}, {'y' * 38})", mode="eval").body
    >>> print(fitted(["return ", Part(call)], 0))
    return f(
        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
    )
    """
    flat = [_flat(piece) for piece in pieces]
    if Room(indent, indent).holds("".join(flat)):
        return "".join(flat)
    everything = set(range(len(pieces)))
    best, least = "", -1
    for chosen in [*({k} for k in _by_preference(pieces)), everything]:
        text = _with_broken(pieces, flat, chosen, indent)
        excess = _overflow(text, indent)
        if least < 0 or excess < least:
            best, least = text, excess
        if excess == 0:
            break
    return best


def _by_preference(pieces: Sequence[Piece]) -> list[int]:
    """Return the places of what can be broken: lists of names, then expressions, last first."""
    names = [k for k, piece in enumerate(pieces) if isinstance(piece, Names)]
    parts = [k for k, piece in enumerate(pieces) if isinstance(piece, Part)]
    return names + parts[::-1]


def _overflow(text: str, indent: int) -> int:
    first, *rest = text.split("\n")
    widest = max(indent + len(first), *map(len, rest), 0)
    return max(0, widest - CODE_WIDTH)


def _with_broken(
    pieces: Sequence[Piece], flat: Sequence[str], chosen: set[int], indent: int
) -> str:
    text = ""
    for position, piece in enumerate(pieces):
        if position not in chosen or isinstance(piece, str):
            text += flat[position]
            continue
        # Where everything is broken, only the mark behind this piece must fit on its last line.
        following = flat[position + 1 :] if len(chosen) == 1 else flat[position + 1 : position + 2]
        column = _end_column(text, indent)
        text += _broken_piece(piece, flat[position], Room(indent, column, len("".join(following))))
    return text


def _end_column(text: str, column: int) -> int:
    """Return the column where a text ends that starts at `column`."""
    last_break = text.rfind("\n")
    return column + len(text) if last_break < 0 else len(text) - last_break - 1


def _flat(piece: Piece) -> str:
    match piece:
        case str():
            return piece
        case Part(node, level, bare):
            return one_line(node, level, bare)
        case Names(items, (opening, closing)):
            return opening + ", ".join(items) + closing


def _broken_piece(piece: Part | Names, flat: str, room: Room) -> str:
    if isinstance(piece, Names):
        return _enclosed(_CALL, piece.items, room)
    if room.holds(flat):
        return flat
    text = broken(piece.node, piece.level, room)
    if "\n" not in text and not isinstance(piece.node, (ast.Constant, ast.JoinedStr)):
        # A long name or chain of attributes has no brackets to break: it gets a pair.
        alone = _grouped(piece.node, room)
        return alone if _overflow(alone, room.column) == 0 else text
    return text


def broken(node: ast.expr, level: int, room: Room) -> str:
    """Return the text of an expression, over several lines where it does not fit in one."""
    flat = one_line(node, level)
    if room.holds(flat) or isinstance(node, (ast.Constant, ast.JoinedStr, ast.Name)):
        return flat
    if precedence(node) < level:
        return _grouped(node, room)
    chain = chain_of(node)
    if not chain:
        return _broken_inside(node, room)
    if room.bracketed:
        return _one_a_line(chain, room)
    return _hugging(node, room) or _grouped(node, room)


def _broken_inside(node: ast.expr, room: Room) -> str:
    match node:
        case ast.Call(args=[ast.GeneratorExp() as only], keywords=[]):
            brackets = _DISPLAYS[ast.GeneratorExp]
            return _behind(node.func, comprehension_items(only), brackets, room)
        case ast.Call():
            return _behind(node.func, arguments(node), _CALL, room)
        case ast.Subscript(slice=ast.Tuple(elts=[_, *_] as elements)):
            return _behind(node.value, [Item("", e) for e in elements], _INDICES, room)
        case ast.Subscript():
            return _behind(node.value, [Item("", node.slice)], _INDEX, room)
        case ast.Attribute():
            tail = "." + node.attr
            value_room = replace(room, after=room.after + len(tail))
            return broken(node.value, object_level(node), value_room) + tail
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict():
            return _enclosed(_DISPLAYS[type(node)], display_items(node), room)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return _enclosed(_DISPLAYS[type(node)], comprehension_items(node), room)
        case _:
            item = prefixed(node)
            return one_line(node) if item is None else _item_text(item, room)


def _behind(head: ast.expr, items: list[Item], brackets: Brackets, room: Room) -> str:
    """Return a call or subscript, broken in its last brackets if what is before them fits."""
    if not items:
        pair = brackets.opening + brackets.closing
        return broken(head, ATOM, replace(room, after=room.after + len(pair))) + pair
    before = broken(head, ATOM, replace(room, after=len(brackets.opening)))
    rest = replace(room, column=_end_column(before, room.column))
    tail = brackets.opening + brackets.flat(items) + brackets.closing
    if "\n" in before and rest.holds(tail):
        return before + tail
    return before + _enclosed(brackets, items, rest)


def _enclosed(brackets: Brackets, items: Sequence[Item | str], room: Room) -> str:
    """Return the brackets with their content on lines of its own: one, or one for each item."""
    if not items:
        return brackets.opening + brackets.closing
    inner = Room(room.indent + STEP, room.indent + STEP, bracketed=True)
    content = brackets.flat(items)
    if not inner.holds(content):
        mark = "," if brackets.comma else ""
        content = _one_a_line(items, replace(inner, after=len(mark)), mark)
    return _on_lines_of_its_own(content, brackets.opening, brackets.closing, room)


def _grouped(node: ast.expr, room: Room) -> str:
    """Return an expression in parentheses of its own, broken inside."""
    inner = Room(room.indent + STEP, room.indent + STEP, bracketed=True)
    return _on_lines_of_its_own(broken(node, YIELD, inner), "(", ")", room)


def _on_lines_of_its_own(content: str, opening: str, closing: str, room: Room) -> str:
    return f"{opening}\n{' ' * (room.indent + STEP)}{content}\n{' ' * room.indent}{closing}"


def _one_a_line(items: Sequence[Item | str], room: Room, mark: str = "") -> str:
    """Return items one under the other, each with `mark` behind it."""
    lines = []
    for position, item in enumerate(items):
        last = position == len(items) - 1
        after = max(room.after, len(mark)) if last else len(mark)
        column = room.indent if position else room.column
        line_room = Room(room.indent, column, after, bracketed=True)
        lines.append(item if isinstance(item, str) else _item_text(item, line_room))
    return f"{mark}\n{' ' * room.indent}".join(lines) + mark


def _item_text(item: Item, room: Room) -> str:
    value_room = replace(room, column=room.column + len(item.lead))
    alone = not item.bracketed and bool(chain_of(item.node))
    if alone and not value_room.holds(one_line(item.node, item.level)):
        return item.lead + _grouped(item.node, room)
    return item.lead + broken(item.node, item.level, value_room)


def _hugging(node: ast.expr, room: Room) -> str | None:
    """Return `a * f(` broken in the brackets behind its only operator, or None.

    With a long operand before the operator, or several operators, the reader is better
    served by one operand a line.
    """
    if not isinstance(node, ast.BinOp):
        return None
    left, right = chain_of(node)[0], chain_of(node)[-1]
    short = isinstance(node.left, (ast.Name, ast.Constant, ast.Attribute))
    if not short or not isinstance(node.right, (ast.Call, ast.List, ast.ListComp)):
        return None
    lead = f"{left.flat()} {right.lead}"
    text = lead + broken(node.right, right.level, replace(room, column=room.column + len(lead)))
    return text if "\n" in text and _overflow(text, room.column) == 0 else None
