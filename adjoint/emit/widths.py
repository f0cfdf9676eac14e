"""How wide an expression will be, estimated before variables have names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adjoint.emit.operands import let_operands
from adjoint.emit.precedence import ATOM, BINARY, COMPARE, FACTOR, POWER, TEST, UNARY
from adjoint.emit.spelling import Spelling, written_form
from adjoint.emit.written import filled
from adjoint.ir.nodes import Branch, Const, Let, Operand, Pack, Role, SliceOf, Undef, Var
from adjoint.ir.ops import Form, Op
from adjoint.rules.rule import Written

__all__ = ["Cost", "Widths", "base_name", "least_levels", "level_of"]

_BINARY, _UNARY = dict(BINARY.values()), dict(UNARY.values())


@dataclass(frozen=True, slots=True)
class Cost:
    """The width of an expression in columns, and how deep operations are nested in it.

    `level` is how tightly it binds: see `precedence`.
    """

    width: int
    depth: int
    level: int = ATOM


def base_name(var: Var) -> str:
    """The name of a variable before clashes are settled.

    Examples
    --------
    >>> from adjoint.ir.values import FLOAT
    >>> [base_name(Var(0, "x", FLOAT, role)) for role in (Role.ADJOINT, Role.STACK, Role.TANGENT)]
    ['d_x', 'x_stack', 'x_dot']
    """
    name = var.name or "t"
    match var.role:
        case Role.PRIMAL:
            return name
        case Role.ADJOINT:
            return f"d_{name}"
        case Role.TANGENT:
            return f"{name}_dot"
        case Role.STACK:
            return f"{name}_stack"
        case Role.RECORD:
            return f"{name}_old"
        case Role.INDEX:
            return var.name or "i"
        case Role.FLAG:
            return var.name or "returned"


class Widths:
    """Widths of operands, given the costs of those variables that are printed in place.

    Of variables that are `named` the name is known; others are taken to have their plain one.
    """

    def __init__(
        self, spelling: Spelling, inlined: Mapping[Var, Cost], named: Mapping[Var, str]
    ) -> None:
        self._spelling, self._inlined, self._named = spelling, inlined, named

    def name(self, var: Var) -> int:
        """The width of the name of a variable."""
        return len(self._named.get(var) or base_name(var))

    def operand(self, operand: Operand) -> int:
        """The width of an operand."""
        match operand:
            case Var():
                cost = self._inlined.get(operand)
                return cost.width if cost is not None else self.name(operand)
            case Const(value, spelling):
                return self._constant(value, spelling)
            case Pack("dict", items, keys):
                return 2 + self.joined(items) + self.joined(keys)
            case Pack(_, items):
                return 2 + self.joined(items)
            case SliceOf(start, stop, step):
                return 2 + sum(0 if _absent(p) else self.operand(p) for p in (start, stop, step))
            case Undef():
                return 0

    def parentheses(self, var: Var, least: int) -> int:
        """The width of the parentheses around a variable's definition where it is printed."""
        cost = self._inlined.get(var)
        return 2 if cost is not None and cost.level < least else 0

    def joined(self, operands: Iterable[Operand]) -> int:
        """The width of operands with commas between them."""
        widths = [self.operand(operand) for operand in operands]
        return sum(widths) + 2 * max(0, len(widths) - 1)

    def let(self, let: Let) -> int:
        """The width of the right side of a statement."""
        op = let.op
        keywords = sum(len(name) + 1 for name, _ in let.kwargs)
        if op.form is Form.PATH:
            return 3 + self.joined(let.args)
        total = self.joined(let_operands(let)) + keywords
        total += sum(self.parentheses(v, level) for v, level in least_levels(let).items())
        match op.form:
            case Form.CALL if (form := written_form(op.function)) is not None:
                return self._written(form, let)
            case Form.CALL:
                return total + 2 + _width(self._spelling.function(op.function))
            case Form.OPERATOR:  # with a space on either side, where ", " was counted
                return total + len(op.name)
            case Form.ATTRIBUTE:
                return total + len(op.name) + 1
            case Form.INDEX:
                return total - _brackets(let.args[1])
            case Form.UPDATE_INDEX:
                return total + len(op.name) + 1 - _brackets(let.args[1])
            case Form.UPDATE:
                return total + len(op.name) + 1
            case Form.ALIAS | Form.LITERAL:
                return total
            case Form.UPDATE_AT:
                return total + 2 + _width(self._spelling.path("np.add.at"))
            case _:
                return total + len(op.name) + 4

    def _written(self, form: Written, let: Let) -> int:
        """The width of a call that is printed by a text."""
        read: list[Operand] = []

        def nothing(operand: Operand) -> ast.expr:
            read.append(operand)
            return ast.Name("", ast.Load())

        # Asking for a function also makes its import known.
        others = {name: self._spelling.function(f) for name, f in form.names.items()}
        around = ast.unparse(filled(form, let, others, nothing))
        return len(around) + sum(map(self.operand, read))

    def _constant(self, value: object, spelling: str) -> int:
        # Asking for the text also makes the imports known that it needs.
        return _width(self._spelling.constant(value, spelling))


def _width(tree: ast.expr) -> int:
    """How wide an expression is printed."""
    match tree:
        case ast.Name(name):
            return len(name)
        case ast.Attribute(ast.expr() as of, name) if not isinstance(of, ast.Constant):
            return _width(of) + 1 + len(name)
        case ast.Constant(bool() | int() | float() | None as value):
            return len(repr(value))
        case _:
            return len(ast.unparse(tree))


def level_of(definition: Let | Branch) -> int:
    """How tightly what computes a value binds."""
    match definition:
        case Branch():
            return TEST
        case Let(op=Op(form=Form.OPERATOR, name=symbol), args=(_,)):
            return _UNARY.get(symbol, FACTOR)
        case Let(op=Op(form=Form.OPERATOR, name=symbol)):
            return _BINARY.get(symbol, COMPARE)
        case _:
            return ATOM


def least_levels(let: Let) -> dict[Var, int]:
    """How tightly operands must bind that are printed without parentheses."""
    level, form = level_of(let), let.op.form
    levels: tuple[int, ...] = ()
    if form is Form.OPERATOR and len(let.args) == 1:
        levels = (level,)
    elif form is Form.OPERATOR:
        levels = (ATOM, FACTOR) if level == POWER else (level, level + 1)
    elif form in (Form.METHOD, Form.ATTRIBUTE, Form.INDEX):
        levels = (ATOM,)
    pairs = zip(let.args, levels, strict=False)
    return {operand: least for operand, least in pairs if isinstance(operand, Var)}


def _brackets(index: Operand) -> int:
    """The width of the parentheses of a tuple, which has none inside brackets."""
    return 2 if isinstance(index, Pack) and index.kind == "tuple" and index.items else 0


def _absent(part: Operand) -> bool:
    return isinstance(part, Const) and part.value is None
