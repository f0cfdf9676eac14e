"""Expressions on one line, with parentheses only where precedence asks for them."""

from __future__ import annotations

import ast

from astunparse import Unparser

from adjoint.emit.precedence import (
    ATOM,
    BINARY,
    BIT_OR,
    BOOLEAN,
    COMPARE,
    COMPARISON,
    NAMED,
    OR,
    TEST,
    UNARY,
    as_written,
    object_level,
    operand_levels,
    precedence,
)

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def one_line(node: ast.expr, level: int = TEST, bare: bool = False) -> str:
    """Return the text of an expression on one line.

    Parameters
    ----------
    node
        An expression of the standard library's `ast`.
    level
        The lowest level that its place allows without parentheses.
    bare
        Whether a tuple of two or more may go without parentheses, as in `return a, b`.

    Examples
    --------
    >>> import ast
    >>> one_line(ast.parse("((a) - (b - c)) * x[(..., slice(None))]", mode="eval").body)
    '(a - (b - c)) * x[..., slice(None)]'
    """
    printer = OneLine()
    printer.place(node, level, bare)
    return printer.taken()


def parameters(arguments: ast.arguments) -> list[str]:
    """Return the parameters of a function, each as text, with the `/` and `*` between them."""
    positional = arguments.posonlyargs + arguments.args
    without_default = len(positional) - len(arguments.defaults)
    defaults = [None] * without_default + arguments.defaults
    items = [_parameter(*pair) for pair in zip(positional, defaults, strict=True)]
    if arguments.posonlyargs:
        items.insert(len(arguments.posonlyargs), "/")
    if arguments.vararg is not None:
        items.append("*" + _parameter(arguments.vararg, None))
    elif arguments.kwonlyargs:
        items.append("*")
    keyword_only = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    items += [_parameter(*pair) for pair in keyword_only]
    if arguments.kwarg is not None:
        items.append("**" + _parameter(arguments.kwarg, None))
    return items


def _parameter(node: ast.arg, default: ast.expr | None) -> str:
    annotation = "" if node.annotation is None else ": " + one_line(node.annotation)
    if default is None:
        return node.arg + annotation
    equals = " = " if annotation else "="
    return node.arg + annotation + equals + one_line(default)


def string_literal(value: str | bytes) -> str:
    """Return a literal in double quotes, unless single quotes save escapes."""
    text = repr(value)
    double = b'"' in value if isinstance(value, bytes) else '"' in value
    start = text.index(text[-1])
    return text if double else f'{text[:start]}"{text[start + 1 : -1]}"'


def _formatted_string(node: ast.JoinedStr) -> str:
    text = ast.unparse(node)
    inner = text[2:-1]
    if text.startswith("f'") and not any(mark in inner for mark in "'\"\\\n"):
        return f'f"{inner}"'
    return text


class OneLine(Unparser):  # type: ignore[misc]  # astunparse carries no types
    """Write one expression on one line."""

    def __init__(self) -> None:
        # The stock initialiser prints at once, to a file; this one only collects.
        self._parts: list[str] = []

    def write(self, text: str) -> None:
        """Append a piece of text."""
        self._parts.append(text)

    def taken(self) -> str:
        """Return what has been written, and forget it."""
        text = "".join(self._parts)
        self._parts.clear()
        return text

    def dispatch(self, tree: ast.AST) -> None:
        """Write one node by the method named after its type."""
        method = getattr(self, "_" + type(tree).__name__, None)
        assert method is not None, f"the printer has no rule for {type(tree).__name__}"
        method(tree)

    def place(self, node: ast.expr, level: int, bare: bool = False) -> None:
        """Write an expression where the text allows `level` without parentheses."""
        if bare and isinstance(node, ast.Tuple) and len(node.elts) > 1:
            self._series(node.elts)
        elif precedence(node) < level:
            self.write("(")
            self.dispatch(node)
            self.write(")")
        else:
            self.dispatch(node)

    def _series(self, nodes: list[ast.expr], level: int = TEST) -> None:
        for position, node in enumerate(nodes):
            if position:
                self.write(", ")
            self.place(node, level)

    def _Constant(self, node: ast.Constant) -> None:
        written = as_written(node)
        if not isinstance(written, ast.Constant):
            self.dispatch(written)
        elif isinstance(written.value, (str, bytes)):
            self.write(string_literal(written.value))
        else:
            self.write("..." if written.value is ... else repr(written.value))

    def _JoinedStr(self, node: ast.JoinedStr) -> None:
        self.write(_formatted_string(node))

    def _BinOp(self, node: ast.BinOp) -> None:
        left, right = operand_levels(node)
        self.place(node.left, left)
        self.write(f" {BINARY[type(node.op)][0]} ")
        self.place(node.right, right)

    def _UnaryOp(self, node: ast.UnaryOp) -> None:
        symbol, level = UNARY[type(node.op)]
        self.write(symbol)
        self.place(node.operand, level)

    def _BoolOp(self, node: ast.BoolOp) -> None:
        symbol, level = BOOLEAN[type(node.op)]
        for position, value in enumerate(node.values):
            if position:
                self.write(f" {symbol} ")
            self.place(value, level + 1)

    def _Compare(self, node: ast.Compare) -> None:
        self.place(node.left, COMPARE + 1)
        for operator, value in zip(node.ops, node.comparators, strict=True):
            self.write(f" {COMPARISON[type(operator)]} ")
            self.place(value, COMPARE + 1)

    def _IfExp(self, node: ast.IfExp) -> None:
        self.place(node.body, OR)
        self.write(" if ")
        self.place(node.test, OR)
        self.write(" else ")
        self.place(node.orelse, TEST)

    def _NamedExpr(self, node: ast.NamedExpr) -> None:
        self.write(node.target.id + " := ")
        self.place(node.value, TEST)

    def _Lambda(self, node: ast.Lambda) -> None:
        self.write(lambda_head(node))
        self.place(node.body, TEST)

    def _Yield(self, node: ast.Yield) -> None:
        self.write("yield")
        if node.value is not None:
            self.write(" ")
            self.place(node.value, TEST, bare=True)

    def _YieldFrom(self, node: ast.YieldFrom) -> None:
        self.write("yield from ")
        self.place(node.value, TEST)

    def _Starred(self, node: ast.Starred) -> None:
        self.write("*")
        self.place(node.value, BIT_OR)

    def _Attribute(self, node: ast.Attribute) -> None:
        self.place(node.value, object_level(node))
        self.write("." + node.attr)

    def _Call(self, node: ast.Call) -> None:
        self.place(node.func, ATOM)
        match node:
            case ast.Call(args=[ast.GeneratorExp() as only], keywords=[]):
                self.dispatch(only)
            case _:
                self.write("(")
                self._series(node.args, NAMED)
                self.write(", " if node.args and node.keywords else "")
                self._keywords(node.keywords)
                self.write(")")

    def _keywords(self, keywords: list[ast.keyword]) -> None:
        for position, item in enumerate(keywords):
            if position:
                self.write(", ")
            self.write("**" if item.arg is None else f"{item.arg}=")
            self.place(item.value, TEST)

    def _Subscript(self, node: ast.Subscript) -> None:
        self.place(node.value, ATOM)
        self.write("[")
        if isinstance(node.slice, ast.Tuple) and node.slice.elts:
            self._series(node.slice.elts)
            self.write("," if len(node.slice.elts) == 1 else "")
        else:
            self.place(node.slice, TEST)
        self.write("]")

    def _Slice(self, node: ast.Slice) -> None:
        if node.lower is not None:
            self.place(node.lower, TEST)
        self.write(":")
        if node.upper is not None:
            self.place(node.upper, TEST)
        if node.step is not None:
            self.write(":")
            self.place(node.step, TEST)

    def _Tuple(self, node: ast.Tuple) -> None:
        self.write("(")
        self._series(node.elts)
        self.write(",)" if len(node.elts) == 1 else ")")

    def _List(self, node: ast.List) -> None:
        self.write("[")
        self._series(node.elts)
        self.write("]")

    def _Set(self, node: ast.Set) -> None:
        assert node.elts, "an empty set has no literal: write set()"
        self.write("{")
        self._series(node.elts)
        self.write("}")

    def _Dict(self, node: ast.Dict) -> None:
        self.write("{")
        for position, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            if position:
                self.write(", ")
            self.write(dict_head(key))
            self.place(value, TEST if key is not None else BIT_OR)
        self.write("}")

    def _comprehension_in(self, brackets: str, node: Comprehension) -> None:
        self.write(brackets[0])
        if isinstance(node, ast.DictComp):
            self.write(dict_head(node.key))
            self.place(node.value, TEST)
        else:
            self.place(node.elt, TEST)
        for generator in node.generators:
            self.write(" ")
            self.dispatch(generator)
        self.write(brackets[1])

    def _ListComp(self, node: ast.ListComp) -> None:
        self._comprehension_in("[]", node)

    def _SetComp(self, node: ast.SetComp) -> None:
        self._comprehension_in("{}", node)

    def _DictComp(self, node: ast.DictComp) -> None:
        self._comprehension_in("{}", node)

    def _GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension_in("()", node)

    def _comprehension(self, node: ast.comprehension) -> None:
        self.write("for ")
        self.place(node.target, TEST, bare=True)
        self.write(" in ")
        self.place(node.iter, OR)
        for test in node.ifs:
            self.write(" if ")
            self.place(test, OR)


def lambda_head(node: ast.Lambda) -> str:
    """Return a lambda's text up to its body."""
    return " ".join(["lambda", ", ".join(parameters(node.args))]).rstrip() + ": "


def dict_head(key: ast.expr | None) -> str:
    """Return the text before a value in a dict display; no key stands for `**`."""
    return "**" if key is None else one_line(key) + ": "
