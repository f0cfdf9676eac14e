"""The text of a module: statements, line breaks and comments.

`print_module` writes a tree of the standard library's `ast` as a person would: parentheses
only where they are needed, lines within 88 columns, comments above statements and beside
them. What it has written is parsed again and compared with the tree, so a mistake of the
printer is an error at once and never another program.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeGuard

from adjoint.emit.one_line import OneLine, one_line, parameters
from adjoint.emit.precedence import BINARY, NAMED, TEST, YIELD, as_written
from adjoint.emit.wrap import STEP, Names, Part, Piece, fitted

COMMENT_WIDTH: Final = 100
# Code wider than this does not push the comments of the lines around it to the right.
ALIGNED_CODE_WIDTH: Final = 50
SHORTEST_CUT: Final = 12

_DEFINITIONS = (ast.FunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
# These hold nothing that astunparse's own methods would write wrongly.
_AS_ASTUNPARSE_WRITES = (ast.Import, ast.Global, ast.Nonlocal, ast.Pass, ast.Break, ast.Continue)
# What a tree may say that its text does not.
_NOT_IN_TEXT: Final = frozenset({"ctx", "kind", "type_comment", "type_ignores"})


@dataclass(frozen=True, slots=True)
class Comment:
    """Remarks on a statement: lines above it, and text behind it; both without the `#`."""

    above: tuple[str, ...] = ()
    trailing: str = ""


_NO_COMMENT: Final = Comment()


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed statement or header: its text (perhaps over several lines) and its comment.

    Lines that follow one another in one suite, with nothing in between, share a `run`.
    """

    text: str
    indent: int
    run: int
    comment: str = ""


def print_module(tree: ast.Module, comments: Mapping[ast.stmt, Comment]) -> str:
    """Return the source text of a module.

    Parameters
    ----------
    tree
        A module of the standard library's `ast`. Its nodes are given their positions in the text.
    comments
        The remarks on statements of the tree, at any depth.

    Raises
    ------
    AssertionError
        If the tree holds what has no text (an infinite constant, a kind of statement that
        the compiler never emits), or if the text would be read back as another tree.

    Examples
    --------
    >>> import ast
    >>> tree = ast.parse("y = -(x[(..., slice(None))] ** 2)")
    >>> print(print_module(tree, {tree.body[0]: Comment(("forward",), "line 3")}), end="")
    # forward
    y = -x[..., slice(None)] ** 2  # line 3
    """
    printer = Printer(comments)
    printer.module(tree)
    text = "\n".join(_with_comments(printer.lines)) + "\n"
    if not printer.lines:
        text = ""
    difference = first_difference(tree, ast.parse(text))
    assert difference is None, f"printed text is read as another tree: {difference}\n{text}"
    return text


class Printer(OneLine):
    """Write statements as lines."""

    def __init__(self, comments: Mapping[ast.stmt, Comment]) -> None:
        super().__init__()
        self.lines: list[_Line] = []
        self._comments = comments
        self._indent = 0
        self._run = 0

    def fill(self, text: str = "") -> None:
        """Begin a statement; the stock methods call this."""
        self.write(text)

    def module(self, tree: ast.Module) -> None:
        """Write the statements of a module, with the blank lines between them."""
        previous: ast.stmt | None = None
        for statement in tree.body:
            if previous is not None:
                documented = previous is tree.body[0] and _is_string(previous)
                self._blank(_blank_lines_between(previous, statement, documented))
            self._statement(statement, documents=previous is None)
            previous = statement

    def _blank(self, count: int) -> None:
        if count:
            self._run += 1
            self.lines.extend(_Line("", 0, self._run) for _ in range(count))
            self._run += 1

    def _suite(self, body: list[ast.stmt], owner: ast.stmt | None = None) -> None:
        assert body, "a suite needs a statement"
        self._indent += STEP
        self._run += 1
        previous: ast.stmt | None = None
        for statement in body:
            if previous is not None:
                apart = isinstance(previous, _DEFINITIONS) or isinstance(statement, _DEFINITIONS)
                self._blank(int(apart))
            self._statement(statement, documents=owner is not None and previous is None)
            previous = statement
        self._indent -= STEP
        self._run += 1

    def _statement(self, node: ast.stmt, documents: bool) -> None:
        if documents and _is_string(node):
            self._line(node, [_docstring(ast.literal_eval(node.value))])
        elif isinstance(node, _AS_ASTUNPARSE_WRITES):
            self.dispatch(node)
            self._line(node, [self.taken()])
        else:
            own = f"_{type(node).__name__}" in Printer.__dict__
            assert own, f"the printer has no rule for {type(node).__name__}"
            self.dispatch(node)

    def _line(self, node: ast.stmt | None, pieces: Sequence[Piece], above: bool = True) -> None:
        """Write a statement, or the header of a compound one, with the comments on it."""
        comment = _NO_COMMENT if node is None else self._comments.get(node, _NO_COMMENT)
        if above:
            self._above(comment)
        text = fitted(pieces, self._indent)
        self.lines.append(_Line(text, self._indent, self._run, _cleaned(comment.trailing)))

    def _above(self, comment: Comment) -> None:
        if comment.above:
            self._run += 1
            texts = [f"# {_cleaned(text)}".rstrip() for text in comment.above]
            self.lines.extend(_Line(text, self._indent, self._run) for text in texts)
            self._run += 1

    def _Expr(self, node: ast.Expr) -> None:
        self._line(node, [_assigned(node.value)])

    def _Assign(self, node: ast.Assign) -> None:
        pieces: list[Piece] = []
        for target in node.targets:
            pieces += [Part(target, bare=True), " = "]
        unpacks = any(isinstance(target, (ast.Tuple, ast.List)) for target in node.targets)
        self._line(node, [*pieces, _assigned(node.value, bare=unpacks)])

    def _AugAssign(self, node: ast.AugAssign) -> None:
        symbol = BINARY[type(node.op)][0]
        self._line(node, [Part(node.target), f" {symbol}= ", _assigned(node.value)])

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        in_parentheses = isinstance(node.target, ast.Name) and not node.simple
        before, after = ("(", "): ") if in_parentheses else ("", ": ")
        pieces: list[Piece] = [before, Part(node.target), after, Part(node.annotation)]
        if node.value is not None:
            pieces += [" = ", _assigned(node.value)]
        self._line(node, pieces)

    def _Return(self, node: ast.Return) -> None:
        self._line(node, ["return", *_following(" ", node.value, bare=True)])

    def _Delete(self, node: ast.Delete) -> None:
        self._line(node, ["del ", *_separated(node.targets)])

    def _Raise(self, node: ast.Raise) -> None:
        cause = _following(" from ", node.cause)
        self._line(node, ["raise", *_following(" ", node.exc), *cause])

    def _Assert(self, node: ast.Assert) -> None:
        self._line(node, ["assert ", Part(node.test), *_following(", ", node.msg)])

    def _ImportFrom(self, node: ast.ImportFrom) -> None:
        names = [item.name + (f" as {item.asname}" if item.asname else "") for item in node.names]
        source = "." * (node.level or 0) + (node.module or "")
        self._line(node, [f"from {source} import ", Names(tuple(names), ("", ""))])

    def _If(self, node: ast.If) -> None:
        self._line(node, ["if ", Part(node.test, NAMED), ":"])
        self._suite(node.body)
        while len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            node = node.orelse[0]
            self._line(node, ["elif ", Part(node.test, NAMED), ":"])
            self._suite(node.body)
        self._clause("else:", node.orelse)

    def _While(self, node: ast.While) -> None:
        self._line(node, ["while ", Part(node.test, NAMED), ":"])
        self._suite(node.body)
        self._clause("else:", node.orelse)

    def _For(self, node: ast.For) -> None:
        target = Part(node.target, bare=True)
        self._line(node, ["for ", target, " in ", Part(node.iter), ":"])
        self._suite(node.body)
        self._clause("else:", node.orelse)

    def _With(self, node: ast.With) -> None:
        pieces: list[Piece] = []
        for item in node.items:
            pieces += [", " if pieces else "with ", Part(item.context_expr)]
            pieces += _following(" as ", item.optional_vars)
        self._line(node, [*pieces, ":"])
        self._suite(node.body)

    def _Try(self, node: ast.Try) -> None:
        self._line(node, ["try:"])
        self._suite(node.body)
        for handler in node.handlers:
            name = f" as {handler.name}" if handler.name else ""
            self._line(None, ["except", *_following(" ", handler.type), f"{name}:"])
            self._suite(handler.body)
        self._clause("else:", node.orelse)
        self._clause("finally:", node.finalbody)

    def _clause(self, header: str, body: list[ast.stmt]) -> None:
        if body:
            self._line(None, [header])
            self._suite(body)

    def _FunctionDef(self, node: ast.FunctionDef) -> None:
        self._decorators(node)
        head = f"def {node.name}{_type_parameters(node)}"
        names = Names(tuple(parameters(node.args)))
        returns = _following(" -> ", node.returns)
        self._line(node, [head, names, *returns, ":"], above=False)
        self._suite(node.body, node)

    def _ClassDef(self, node: ast.ClassDef) -> None:
        self._decorators(node)
        named = [
            ("**" if k.arg is None else f"{k.arg}=") + one_line(k.value) for k in node.keywords
        ]
        bases = Names((*(one_line(base) for base in node.bases), *named))
        head = f"class {node.name}{_type_parameters(node)}"
        self._line(node, [head, bases if bases.items else "", ":"], above=False)
        self._suite(node.body, node)

    def _decorators(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        self._above(self._comments.get(node, _NO_COMMENT))
        for decorator in node.decorator_list:
            self._line(None, ["@", Part(decorator, NAMED)])


def _blank_lines_between(previous: ast.stmt, following: ast.stmt, documented: bool) -> int:
    if isinstance(previous, _DEFINITIONS) or isinstance(following, _DEFINITIONS):
        return 2
    imports_end = isinstance(previous, _IMPORTS) and not isinstance(following, _IMPORTS)
    return 1 if imports_end or documented else 0


def _assigned(node: ast.expr, bare: bool = False) -> Part:
    """Return the right side of an assignment, where `yield` needs no parentheses but `:=` does."""
    is_yield = isinstance(node, (ast.Yield, ast.YieldFrom))
    return Part(node, YIELD if is_yield else TEST, bare)


def _following(before: str, node: ast.expr | None, bare: bool = False) -> list[Piece]:
    """Return the pieces of an optional expression and the text that announces it."""
    return [] if node is None else [before, Part(node, TEST, bare)]


def _separated(nodes: Iterable[ast.expr]) -> list[Piece]:
    pieces: list[Piece] = []
    for node in nodes:
        pieces += [", ", Part(node)] if pieces else [Part(node)]
    return pieces


def _type_parameters(node: ast.FunctionDef | ast.ClassDef) -> str:
    # New in Python 3.12; in a hand-made tree the field may be missing there too.
    declared: list[ast.AST] = getattr(node, "type_params", None) or []
    return f"[{', '.join(map(ast.unparse, declared))}]" if declared else ""


def _is_string(node: ast.stmt) -> TypeGuard[ast.Expr]:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def _docstring(value: str) -> str:
    """Return a literal in triple quotes; line breaks stay, what cannot be seen is escaped."""
    shown = [c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in value]
    escaped = "".join("\\\\" if c == "\\" else c for c in shown)
    # Three quotes in a row, or one before the closing three, would end the literal early.
    escaped = re.sub(r'"{3,}|"+\Z', lambda quotes: r"\"" * len(quotes[0]), escaped)
    return f'"""{escaped}"""'


def _cleaned(text: str) -> str:
    """Return the text of a comment on one line."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def _with_comments(lines: Iterable[_Line]) -> Iterator[str]:
    """Yield the lines with their comments beside them, aligned within each run."""
    for _, group in groupby(lines, key=lambda line: line.run):
        run = list(group)
        widths = [_last_width(line) for line in run if line.comment and "\n" not in line.text]
        column = max((w for w in widths if w <= ALIGNED_CODE_WIDTH), default=0) + 2
        for line in run:
            yield _beside(line, 0 if "\n" in line.text else column)


def _last_width(line: _Line) -> int:
    """Return the column where the statement ends."""
    _, line_break, last = line.text.rpartition("\n")
    return len(last) if line_break else line.indent + len(last)


def _beside(line: _Line, column: int) -> str:
    """Return a statement with its comment: whole, else cut, else above it."""
    margin = " " * line.indent if line.text else ""
    text = margin + line.text
    if not line.comment:
        return text
    end = _last_width(line)
    comment = "# " + line.comment
    aligned = max(column - end, 2)
    for gap in (aligned, 2):
        if end + gap + len(comment) <= COMMENT_WIDTH:
            return text + " " * gap + comment
    room = COMMENT_WIDTH - end - aligned
    if room >= len("# ...") + SHORTEST_CUT:
        return text + " " * aligned + _cut(comment, room)
    return f"{margin}{_cut(comment, COMMENT_WIDTH - line.indent)}\n{text}"


def _cut(comment: str, width: int) -> str:
    shortest = len("# ...") + SHORTEST_CUT
    if len(comment) <= max(width, shortest):
        return comment
    return comment[: max(width, shortest) - len("...")].rstrip() + "..."


def first_difference(expected: ast.AST, found: ast.AST) -> str | None:
    """Return where two trees differ, or None; the spelling of numbers is ignored.

    What agrees is given the positions of what was found.

    Examples
    --------
    >>> import ast
    >>> first_difference(ast.parse("a - b"), ast.parse("a + b"))
    'BinOp.op: Sub() and Add()'
    """
    pending: list[tuple[str, object, object]] = [("Module", expected, found)]
    while pending:
        where, one, other = pending.pop()
        if isinstance(one, ast.Constant):
            one = as_written(one)
        if isinstance(one, ast.AST) and type(one) is type(other):
            if isinstance(one, ast.stmt | ast.expr):
                ast.copy_location(one, other)
            pending += _fields_of_both(one, other)
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            pending += [(where, *pair) for pair in zip(one, other, strict=True)]
        elif type(one) is not type(other) or one != other:
            return f"{where}: {_shown(one)} and {_shown(other)}"
    return None


def _fields_of_both(one: ast.AST, other: object) -> Iterator[tuple[str, object, object]]:
    kind = type(one).__name__
    for field in one._fields:
        if field not in _NOT_IN_TEXT:
            value, read = getattr(one, field, None), getattr(other, field, None)
            # A field left out of a hand-made tree is read back as what it defaults to.
            if value is not None or field == "value" or read not in (None, [], 0, -1):
                yield f"{kind}.{field}", value, read


def _shown(value: object) -> str:
    return ast.dump(value) if isinstance(value, ast.AST) else repr(value)
