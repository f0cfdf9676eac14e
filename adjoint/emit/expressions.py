"""Expressions of the IR as expressions of Python's `ast`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from adjoint.emit.nesting import Nesting, repeats_test
from adjoint.emit.spelling import Spelling, written_form
from adjoint.emit.written import filled
from adjoint.errors import Place
from adjoint.ir.nodes import Branch, Const, Let, Operand, Pack, Role, SliceOf, Undef, Var, Yield
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form
from adjoint.ir.values import TupleOf
from adjoint.rules.rule import Written

__all__ = ["BINARY_OPERATORS", "Expressions", "assigned", "loaded", "negated"]

BINARY_OPERATORS: dict[str, Callable[[], ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
    "**": ast.Pow,
    "@": ast.MatMult,
    "<<": ast.LShift,
    ">>": ast.RShift,
    "&": ast.BitAnd,
    "|": ast.BitOr,
    "^": ast.BitXor,
}
_UNARY: dict[str, Callable[[], ast.unaryop]] = {
    "-": ast.USub,
    "+": ast.UAdd,
    "~": ast.Invert,
    "not": ast.Not,
}
_COMPARE: dict[str, Callable[[], ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    "==": ast.Eq,
    "!=": ast.NotEq,
    ">": ast.Gt,
    ">=": ast.GtE,
    "is": ast.Is,
    "is not": ast.IsNot,
    "in": ast.In,
    "not in": ast.NotIn,
}
_BOOLEAN: dict[str, Callable[[], ast.boolop]] = {"and": ast.And, "or": ast.Or}
_NEGATED: dict[type[ast.cmpop], Callable[[], ast.cmpop]] = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_SPREAD = ("reshape", "transpose")


def loaded(name: str) -> ast.Name:
    """A name that is read."""
    return ast.Name(name, ast.Load())


def assigned(name: str) -> ast.Name:
    """A name that is assigned."""
    return ast.Name(name, ast.Store())


def negated(test: ast.expr) -> ast.expr:
    """``not test``, without a double negation.

    Examples
    --------
    >>> [ast.unparse(negated(ast.parse(t, mode="eval").body)) for t in ("not a", "a is b", "a < b")]
    ['a', 'a is not b', 'not a < b']
    """
    match test:
        case ast.UnaryOp(ast.Not(), operand):
            return operand
        case ast.Compare(left, [relation], [right]) if type(relation) in _NEGATED:
            return ast.Compare(left, [_NEGATED[type(relation)]()], [right])
        case _:
            return ast.UnaryOp(ast.Not(), test)


class Expressions:
    """Builds expressions, with what was put back into its place.

    Attributes
    ----------
    places
        Where those come from that were put back.
    """

    def __init__(self, nesting: Nesting, spelling: Spelling, names: Mapping[Var, str]) -> None:
        self._nesting, self._spelling, self._names = nesting, spelling, names
        self.places: dict[ast.expr, Place] = {}

    def operand(self, operand: Operand) -> ast.expr:
        """An operand: a name, a literal, a display, or the expression that is printed in place."""
        match operand:
            case Var():
                return self._variable(operand)
            case Const(value, spelling):
                return self._spelling.constant(value, spelling)
            case Pack("dict", items, keys):
                shown: list[ast.expr | None] = [self.operand(key) for key in keys]
                return ast.Dict(shown, [self.operand(item) for item in items])
            case Pack(kind, items):
                return self._display(kind, [self.operand(item) for item in items])
            case SliceOf(start, stop, step):
                is_plain = isinstance(step, Const) and step.value is None
                given = (start, stop) if is_plain else (start, stop, step)
                parts = [self.operand(part) for part in given]
                return ast.Call(self._spelling.builtin("slice"), parts, [])
            case Undef():
                raise AssertionError("a name that is not bound has no expression")

    def _variable(self, var: Var) -> ast.expr:
        definition = self._nesting.inlined.get(var)
        match definition:
            case None:
                return loaded(self._names[var])
            case Let():
                made = self.let(definition)
            case Branch():
                made = self.conditional(definition)
        self.places[made] = definition.place
        return made

    def _display(self, kind: str, items: list[ast.expr]) -> ast.expr:
        match kind:
            case "starred":
                return ast.Starred(items[0], ast.Load())
            case "tuple":
                return ast.Tuple(items, ast.Load())
            case "list":
                return ast.List(items, ast.Load())
            case _:
                return ast.Set(items) if items else ast.Call(self._spelling.builtin("set"), [], [])

    def let(self, let: Let) -> ast.expr:
        """The right side of a statement."""
        op, args = let.op, let.args
        match op.form:
            case Form.CALL if (form := written_form(op.function)) is not None:
                return self._filled(form, let)
            case Form.CALL | Form.INVOKE:
                return self._call(self._spelling.function(op.function), let, args)
            case Form.APPLY:
                return self._call(self.operand(args[0]), let, args[1:])
            case Form.OPERATOR:
                return self._operator(let)
            case Form.METHOD:
                called = ast.Attribute(self.operand(args[0]), op.name, ast.Load())
                return self._call(called, let, _spread(op.name, args[1:]))
            case Form.ATTRIBUTE:
                return ast.Attribute(self.operand(args[0]), op.name, ast.Load())
            case Form.INDEX if op.name and isinstance(type_of(args[0]), TupleOf):
                return ast.Attribute(self.operand(args[0]), op.name, ast.Load())
            case Form.INDEX | Form.PART:
                return self.item(args[0], args[1], ast.Load())
            case Form.PATH:
                return self._path(let)
            case Form.ALIAS | Form.LITERAL:
                return self.operand(args[0])
            case Form.FORMAT:
                return self._format(args)
            case _:
                raise AssertionError(f"{op.form} is a statement")

    def _filled(self, form: Written, let: Let) -> ast.expr:
        """A call that is printed by a text."""
        others = {name: self._spelling.function(f) for name, f in form.names.items()}
        return filled(form, let, others, self.operand)

    def _call(self, called: ast.expr, let: Let, args: tuple[Operand, ...]) -> ast.expr:
        keywords = [ast.keyword(name, self.operand(value)) for name, value in let.kwargs]
        return ast.Call(called, [self.operand(a) for a in args], keywords)

    def _path(self, let: Let) -> ast.expr:
        name = let.args[1]
        if let.op.name == "attr":
            assert isinstance(name, Const), "an attribute is known"
            return ast.Attribute(self.operand(let.args[0]), str(name.value), ast.Load())
        return self.item(let.args[0], name, ast.Load())

    def item(self, value: Operand, index: Operand, context: ast.expr_context) -> ast.Subscript:
        """``value[index]``."""
        return ast.Subscript(self.operand(value), self.index(index), context)

    def index(self, index: Operand) -> ast.expr:
        """What stands between the brackets."""
        match index:
            case Pack("tuple", items):
                return ast.Tuple([self.index(item) for item in items], ast.Load())
            case SliceOf(start, stop, step):
                return ast.Slice(*(self._bound(part) for part in (start, stop, step)))
            case Const(slice() as part):
                return self.index(SliceOf(Const(part.start), Const(part.stop), Const(part.step)))
            case Const(tuple() as parts):
                return self.index(Pack("tuple", tuple(Const(part) for part in parts)))
            case _:
                return self.operand(index)

    def _bound(self, part: Operand) -> ast.expr | None:
        absent = isinstance(part, Const) and part.value is None
        return None if absent else self.operand(part)

    def _operator(self, let: Let) -> ast.expr:
        name, args = let.op.name, let.args
        flag = self._flag_test(name, args)
        if flag is not None:
            return flag
        shown = [self.operand(arg) for arg in args]
        if len(shown) == 1:
            return _unary(name, shown[0])
        if name in _COMPARE:
            return ast.Compare(shown[0], [_COMPARE[name]()], [shown[1]])
        if name in _BOOLEAN:
            return boolean(_BOOLEAN[name](), shown)
        return ast.BinOp(shown[0], BINARY_OPERATORS[name](), shown[1])

    def _flag_test(self, name: str, args: tuple[Operand, ...]) -> ast.expr | None:
        """A comparison of the code of a loop with one exit: that code is a bool."""
        match args:
            case (Var(role=Role.FLAG) as code, Const(int() as value)) if name in ("==", "!="):
                exits = self._nesting.uses.exits.get(code, [])
                if len(exits) != 1:
                    return None
                if value not in (0, exits[0].code):
                    return ast.Constant(name == "!=")
                left = (name == "==") == (value != 0)
                return self.operand(code) if left else negated(self.operand(code))
            case _:
                return None

    def conditional(self, branch: Branch) -> ast.expr:
        """A branch as an expression."""
        join = self._nesting.conditionals[branch]
        position = branch.joins.index(join)
        assert isinstance(branch.then.leaf, Yield), "an arm of an expression yields"
        assert isinstance(branch.other.leaf, Yield), "an arm of an expression yields"
        then, other = branch.then.leaf.values[position], branch.other.leaf.values[position]
        test = self.operand(branch.test)
        if repeats_test(branch, join):
            operator, right = (ast.And(), then) if branch.style == "and" else (ast.Or(), other)
            return boolean(operator, [test, self.operand(right)])
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return ast.IfExp(test.operand, self.operand(other), self.operand(then))
        return ast.IfExp(test, self.operand(then), self.operand(other))

    def _format(self, parts: tuple[Operand, ...]) -> ast.expr:
        values: list[ast.expr] = []
        for part in parts:
            match part:
                case Const(str() as text):
                    values.append(ast.Constant(text))
                case Pack("tuple", (value, Const(conversion), spec)):
                    shown = self._format_spec(spec)
                    values.append(ast.FormattedValue(self.operand(value), int(conversion), shown))
                case _:
                    values.append(ast.FormattedValue(self.operand(part), -1, None))
        return ast.JoinedStr(_without_seams(values))

    def _format_spec(self, spec: Operand) -> ast.JoinedStr | None:
        if isinstance(spec, Const):
            return ast.JoinedStr([ast.Constant(spec.value)]) if spec.value else None
        shown = self.operand(spec)
        return (
            shown
            if isinstance(shown, ast.JoinedStr)
            else ast.JoinedStr([ast.FormattedValue(shown, -1, None)])
        )


def boolean(operator: ast.boolop, operands: list[ast.expr]) -> ast.BoolOp:
    """``a and b and c`` as the one operation it is parsed as."""
    values: list[ast.expr] = []
    for operand in operands:
        same = isinstance(operand, ast.BoolOp) and type(operand.op) is type(operator)
        values += operand.values if same and isinstance(operand, ast.BoolOp) else [operand]
    return ast.BoolOp(operator, values)


def _unary(name: str, operand: ast.expr) -> ast.expr:
    return ast.UnaryOp(_UNARY[name](), operand)


def _spread(name: str, args: tuple[Operand, ...]) -> tuple[Operand, ...]:
    """``x.reshape(-1, 1)`` for ``x.reshape((-1, 1))``."""
    match args:
        case (Pack("tuple", items),) if name in _SPREAD and items:
            return items
        case _:
            return args


def _without_seams(values: list[ast.expr]) -> list[ast.expr]:
    """Adjacent texts as one, as they are parsed."""
    joined: list[ast.expr] = []
    for value in values:
        last: Any = joined[-1] if joined else None
        if isinstance(value, ast.Constant) and isinstance(last, ast.Constant):
            joined[-1] = ast.Constant(str(last.value) + str(value.value))
        elif not (isinstance(value, ast.Constant) and value.value == ""):
            joined.append(value)
    return joined
