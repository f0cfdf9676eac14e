"""How tightly the operators of Python bind, and how they are written.

The levels are those of the Python grammar, lowest first. An expression is put in
parentheses when its own level is below the one its place in the text requires.
"""

from __future__ import annotations

import ast
import cmath
from typing import Final

YIELD: Final = 0
NAMED: Final = 1
TEST: Final = 2
OR: Final = 3
AND: Final = 4
NOT: Final = 5
COMPARE: Final = 6
BIT_OR: Final = 7
BIT_XOR: Final = 8
BIT_AND: Final = 9
SHIFT: Final = 10
ARITHMETIC: Final = 11
TERM: Final = 12
FACTOR: Final = 13
POWER: Final = 14
ATOM: Final = 16

BINARY: Final[dict[type[ast.operator], tuple[str, int]]] = {
    ast.BitOr: ("|", BIT_OR),
    ast.BitXor: ("^", BIT_XOR),
    ast.BitAnd: ("&", BIT_AND),
    ast.LShift: ("<<", SHIFT),
    ast.RShift: (">>", SHIFT),
    ast.Add: ("+", ARITHMETIC),
    ast.Sub: ("-", ARITHMETIC),
    ast.Mult: ("*", TERM),
    ast.MatMult: ("@", TERM),
    ast.Div: ("/", TERM),
    ast.FloorDiv: ("//", TERM),
    ast.Mod: ("%", TERM),
    ast.Pow: ("**", POWER),
}

UNARY: Final[dict[type[ast.unaryop], tuple[str, int]]] = {
    ast.Not: ("not ", NOT),
    ast.USub: ("-", FACTOR),
    ast.UAdd: ("+", FACTOR),
    ast.Invert: ("~", FACTOR),
}

BOOLEAN: Final[dict[type[ast.boolop], tuple[str, int]]] = {
    ast.And: ("and", AND),
    ast.Or: ("or", OR),
}

COMPARISON: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}

_LEVELS: Final[dict[type[ast.expr], int]] = {
    ast.NamedExpr: NAMED,
    ast.Yield: YIELD,
    ast.YieldFrom: YIELD,
    ast.Lambda: TEST,
    ast.IfExp: TEST,
    ast.Compare: COMPARE,
}


def precedence(node: ast.expr) -> int:
    """Return the level of the outermost operation of an expression.

    Examples
    --------
    >>> import ast
    >>> sum_ = ast.parse("a + b", mode="eval").body
    >>> product = ast.parse("a * b", mode="eval").body
    >>> precedence(sum_) < precedence(product)
    True
    """
    if isinstance(node, ast.BinOp):
        return BINARY[type(node.op)][1]
    if isinstance(node, ast.UnaryOp):
        return UNARY[type(node.op)][1]
    if isinstance(node, ast.BoolOp):
        return BOOLEAN[type(node.op)][1]
    if isinstance(node, ast.Constant):
        written = as_written(node)
        return ATOM if isinstance(written, ast.Constant) else precedence(written)
    return _LEVELS.get(type(node), ATOM)


def as_written(node: ast.Constant) -> ast.expr:
    """Return the expression that Python reads where this constant is printed.

    Python has no negative literals, no literals with two parts and none for tuples,
    so `Constant(-2)` is read back as `-` applied to `2`.

    Examples
    --------
    >>> import ast
    >>> ast.dump(as_written(ast.Constant(-2)))
    'UnaryOp(op=USub(), operand=Constant(value=2))'
    """
    value: object = node.value
    if type(value) is int or type(value) is float:
        assert value - value == 0, "inf and nan have no literal: write np.inf or np.nan"
        return _negated(-value) if str(value)[0] == "-" else node
    if type(value) is complex:
        return _complex_as_written(value)
    if type(value) is tuple:
        return ast.Tuple([ast.Constant(item) for item in value], ast.Load())
    assert value is None or value is ... or type(value) in (bool, str, bytes), (
        f"no literal for a {type(value).__name__}"
    )
    return node


def _negated(value: float | complex) -> ast.UnaryOp:
    return ast.UnaryOp(ast.USub(), ast.Constant(value))


def _complex_as_written(value: complex) -> ast.expr:
    """Return a literal, a negated literal (`-2j` is not `0 - 2j`) or a sum of two parts."""
    assert cmath.isfinite(value), "inf and nan have no literal: write np.inf or np.nan"
    part = complex(0.0, abs(value.imag))
    if repr(value) == repr(part):
        return ast.Constant(value)
    if repr(value) == repr(-part) or repr(value.real) == "-0.0":
        return _negated(-value)
    operator = ast.Sub() if repr(value.imag)[0] == "-" else ast.Add()
    return ast.BinOp(ast.Constant(value.real), operator, ast.Constant(part))


def operand_levels(node: ast.BinOp) -> tuple[int, int]:
    """Return the levels asked of the left and the right operand.

    Every operator but `**` groups to the left; `**` binds less tightly than a sign on its right.
    """
    level = BINARY[type(node.op)][1]
    return (POWER + 1, FACTOR) if level == POWER else (level, level + 1)


def object_level(node: ast.Attribute) -> int:
    """Return the level asked of the object: `1.real` is not Python, `(1).real` is."""
    value = node.value
    number = isinstance(value, ast.Constant) and type(value.value) in (int, float, complex)
    return ATOM + 1 if number else ATOM
