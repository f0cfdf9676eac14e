"""Where the lines of a generated module come from, for what is raised there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from adjoint.errors import Origins, Place, Stretch

__all__ = ["origins"]


def origins(statements: Mapping[ast.stmt, Place], expressions: Mapping[ast.expr, Place]) -> Origins:
    """The origins of a module, whose nodes have the positions of its text.

    Of a statement with a body this is that of its head; what is inside has its own.

    Examples
    --------
    >>> from adjoint.errors import Place
    >>> here = Place("f.py", 12, 4, 12, 9, "    y = x", "f")
    >>> made = ast.parse("for i in range(3):\\n    y = x").body[0]
    >>> [(line, str(place)) for line, place in origins({made: here}, {}).lines.items()]
    [(1, 'f.py:12:5')]
    """
    lines = {line: place for node, place in statements.items() for line in _lines(node)}
    stretches = {found: p for node, p in expressions.items() for found in _stretch(node)}
    return Origins(lines, stretches)


def _lines(node: ast.stmt) -> range:
    if not hasattr(node, "lineno"):  # it was left out
        return range(0)
    body = getattr(node, "body", None)
    last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
    return range(node.lineno, max(last, node.lineno) + 1)


def _stretch(node: ast.expr) -> Iterator[Stretch]:
    if hasattr(node, "lineno"):
        end = node.end_lineno or node.lineno
        yield node.lineno, end, node.col_offset, node.end_col_offset or node.col_offset
