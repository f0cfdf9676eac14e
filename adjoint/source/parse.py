"""The tree of a function, with line numbers and columns as in its file."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from typing import Any

import gast

from adjoint.errors import Place
from adjoint.source.compiled import private_class
from adjoint.source.read import FunctionSource

PIECE_DEPTH = 16
"""How deep a piece of a tree may be that is handed to gast, which spends six frames a level."""

PLACEHOLDER = "\0"
"""How the names begin that stand for pieces cut out; no name in a source can."""

PRIVATE_FIELDS = ("id", "attr", "name", "asname", "rest")
"""The fields of gast nodes that hold names, which in a class may be private to it."""


def parse(source: FunctionSource) -> gast.AST:
    """Return the gast tree of a function: a FunctionDef, AsyncFunctionDef or Lambda.

    Decorators are left out. Names private to a class (`self.__w` in class `Net`) are spelled out
    (`self._Net__w`), since outside of the class that is what they are called. Columns count
    bytes, as those of `ast` do.
    """
    tree = to_gast(_lambda_tree(source) if source.columns else _def_tree(source))
    owner = private_class(source.function.__code__)
    if owner is not None and "__" in source.text:
        _spell_out(tree, owner)
    return tree


def place(source: FunctionSource, node: gast.AST, callers: tuple[Place, ...] = ()) -> Place:
    """Return the place of a node; of one without a position, that of its first part with one.

    Parameters
    ----------
    source
        The source the node was parsed from.
    node
        A node of its tree.
    callers
        The call sites through which the function was reached, outermost first.
    """
    positioned = next((part for part in _preorder(node) if _has_position(part)), None)
    if positioned is None:
        start, line, end_line, end = 0, source.first_line, source.first_line, 0
    else:
        line, end_line = positioned.lineno, positioned.end_lineno
        start = _characters(source.line(line), positioned.col_offset)
        end = _characters(source.line(end_line), positioned.end_col_offset)
    return Place(source.file, line, start, end_line, end, source.line(line), source.name, callers)


def to_gast(tree: ast.AST) -> gast.AST:
    """Return the tree as gast; `tree` is taken apart and must not be used any more.

    gast converts recursively and would overflow the stack on a sum of some hundred terms. So the
    tree is cut into shallow pieces with a name in the place of each piece cut out, the pieces
    are converted one by one, and put together again.
    """
    pieces = [gast.ast_to_gast(piece) for piece in _cut_up(tree)]
    todo = pieces[:1] if len(pieces) > 1 else []
    while todo:
        node = todo.pop()
        for field, index, child in _children(node):
            if isinstance(child, gast.Name) and child.id.startswith(PLACEHOLDER):
                child = pieces[int(child.id.removeprefix(PLACEHOLDER))]
                _replace(node, field, index, child)
            todo.append(child)
    return pieces[0]


def _cut_up(tree: ast.AST) -> list[ast.AST]:
    """Return the tree and what was cut out of it, each no deeper than PIECE_DEPTH."""
    pieces = [tree]
    todo = [(tree, 0)]
    while todo:
        node, depth = todo.pop()
        for field, index, child in _children(node):
            if depth >= PIECE_DEPTH and isinstance(child, (ast.expr, ast.stmt, ast.pattern)):
                # The name stands for statements and patterns too: gast does not look at kinds.
                _replace(node, field, index, ast.Name(f"{PLACEHOLDER}{len(pieces)}", ast.Load()))
                pieces.append(child)
                todo.append((child, 0))
            else:
                todo.append((child, depth + 1))
    return pieces


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, Any]]:
    """Yield the nodes in the fields of a node, each with its field and its index in a list."""
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            yield field, None, value
        elif isinstance(value, list):
            for index, element in enumerate(value):
                if isinstance(element, ast.AST):
                    yield field, index, element


def _replace(node: ast.AST, field: str, index: int | None, child: ast.AST) -> None:
    if index is None:
        setattr(node, field, child)
    else:
        getattr(node, field)[index] = child


def _def_tree(source: FunctionSource) -> ast.AST:
    """Return the tree of a def, without its decorators."""
    # The header gives an indented block something to be in, so that no line need be changed.
    header = ["if 1:"] if source.indent else []
    margin = [""] * (source.first_line - 1 - len(header))
    module = _parsed("\n".join([*margin, *header, *source.lines, ""]))
    top = module.body[0]
    node = top.body[0] if isinstance(top, ast.If) else top
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)), "read() found a def here"
    node.decorator_list = []
    return node


def _lambda_tree(source: FunctionSource) -> ast.AST:
    """Return the tree of a lambda."""
    assert source.columns is not None, "the source of a lambda has columns"
    # In parentheses on lines of their own, behind as many blanks as there were bytes.
    module = _parsed(f"(\n{' ' * source.columns[0]}{source.lambda_text}\n)")
    ast.increment_lineno(module, source.first_line - 2)
    statement = module.body[0]
    assert isinstance(statement, ast.Expr), "a lambda in parentheses is an expression"
    return statement.value


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        # The user saw the compiler's warnings when the module was imported.
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _spell_out(tree: gast.AST, owner: str) -> None:
    """Replace the names in the tree that are private to the class by their full names."""
    todo = [(child, owner) for _, _, child in _children(tree)]
    while todo:
        node, around = todo.pop()
        for field, _, child in _children(node):
            inner = isinstance(node, gast.ClassDef) and field == "body"
            todo.append((child, node.name if inner else around))
        for field in PRIVATE_FIELDS:
            value = getattr(node, field, None)
            if isinstance(value, str):
                setattr(node, field, _spelled_out(value, around))
        if isinstance(node, (gast.Global, gast.Nonlocal)):
            node.names = [_spelled_out(name, around) for name in node.names]


def _spelled_out(name: str, owner: str) -> str:
    """Return the full name of a private name, and any other name as it is.

    >>> _spelled_out("__w", "_Net"), _spelled_out("__init__", "Net"), _spelled_out("w", "Net")
    ('_Net__w', '__init__', 'w')
    """
    private = name.startswith("__") and not name.endswith("__") and "." not in name
    stripped = owner.lstrip("_")
    return f"_{stripped}{name}" if private and stripped else name


def _preorder(node: gast.AST) -> Iterator[Any]:
    """Yield the node and all below it, in the order of the text."""
    todo = [node]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(child for _, _, child in reversed(list(_children(node))))


def _has_position(node: gast.AST) -> bool:
    return getattr(node, "lineno", None) is not None and hasattr(node, "end_col_offset")


def _characters(line: str, column: int) -> int:
    """Return a column counted in bytes as one counted in characters."""
    return len(line.encode()[:column].decode(errors="ignore"))
