"""Statements of the IR as statements of Python's `ast`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adjoint.emit.clauses import Clause, clauses_of
from adjoint.emit.expressions import Expressions, assigned, negated
from adjoint.emit.nesting import Nesting
from adjoint.emit.operands import tried
from adjoint.emit.ranges import range_of
from adjoint.emit.spelling import Spelling
from adjoint.emit.stores import Stores, is_popped
from adjoint.emit.unpacking import parts_after, unpacking
from adjoint.emit.widths import base_name
from adjoint.errors import Place
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Define,
    Exit,
    For,
    Function,
    Let,
    Loop,
    Next,
    Operand,
    Pack,
    Statement,
    Stop,
    Var,
    While,
    Yield,
)
from adjoint.ir.ops import Form
from adjoint.ir.values import Scalar, TupleOf

__all__ = ["Names", "Tree", "build"]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of variables, and whether any of the user's is an underscore."""

    of: dict[Var, str]
    underscore_is_free: bool = True


@dataclass(frozen=True, slots=True)
class Tree:
    """A function as a tree.

    Attributes
    ----------
    definition
        The function.
    forward, backward
        The statements before and after the begin of the backward sweep; all are `forward` where
        there is none.
    places
        Where statements come from; one that only moves a value has no place.
    inside
        Where expressions in them come from, that were statements of their own.
    """

    definition: ast.FunctionDef
    forward: list[ast.stmt]
    backward: list[ast.stmt]
    places: dict[ast.stmt, Place]
    inside: dict[ast.expr, Place]


def build(function: Function, nesting: Nesting, spelling: Spelling, names: Names) -> Tree:
    """The tree of a function."""
    builder = _Builder(nesting, spelling, names)
    split = function.split if function.split >= 0 else len(function.body.statements)
    forward = builder.statements(function.body.statements[:split], tail=False)
    backward = builder.statements(function.body.statements[split:], tail=False)
    result = builder.result(function.body)
    (backward if function.split >= 0 else forward).extend(result)
    body = [*forward, *backward] or [ast.Pass()]
    params = [base_name(param) for param in function.params]
    keywords = [param.name for param in function.keywords]
    definition = _definition(function.name, params, keywords, body)
    return Tree(definition, forward, backward, builder.places, builder.expressions.places)


def _definition(
    name: str, params: Sequence[str], keywords: Sequence[str], body: list[ast.stmt]
) -> ast.FunctionDef:
    # Parsed, since newer versions of Python expect fields that older ones do not have.
    definition = ast.parse("def f(): pass").body[0]
    assert isinstance(definition, ast.FunctionDef), "this is a function"
    definition.name, definition.body = name, body
    definition.args = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(param) for param in params],
        vararg=None,
        kwonlyargs=[ast.arg(keyword) for keyword in keywords],
        kw_defaults=[None for _ in keywords],
        kwarg=None,
        defaults=[],
    )
    return definition


class _Builder:
    def __init__(self, nesting: Nesting, spelling: Spelling, names: Names) -> None:
        self.nesting, self.spelling, self.names = nesting, spelling, names
        self.expressions = Expressions(nesting, spelling, names.of)
        self.stores = Stores(nesting, spelling, self.expressions, names.of)
        self.places: dict[ast.stmt, Place] = {}
        self.loops: list[Loop] = []

    def statements(self, given: Sequence[Statement], *, tail: bool) -> list[ast.stmt]:
        """Statements; `tail` says that a loop's next trip follows the last of them."""
        printed = [statement for statement in given if self.nesting.prints(statement)]
        made: list[ast.stmt] = []
        position = 0
        while position < len(printed):
            parts = parts_after(printed, position, self.nesting.uses)
            if parts:
                made.append(self._apart(printed[position], parts))
                position += 1 + len(parts)
                continue
            run = unpacking(printed, position)
            if run:
                made.append(self._unpack(run))
                position += len(run)
                continue
            statement = printed[position]
            if is_popped(printed[position : position + 2]):
                made.append(self._placed(self.stores.pop(statement), statement.place))
                position += 2
                continue
            if isinstance(statement, Let) and statement.op.form in OPENING:
                block, position = self._protected(printed, position)
                made += block
                continue
            made += self._statement(statement, tail and position == len(printed) - 1)
            position += 1
        return made

    def _protected(self, printed: Sequence[Statement], start: int) -> tuple[list[ast.stmt], int]:
        """A ``with``, or a ``try`` with a ``finally``; and where what comes after it begins."""
        opening = printed[start]
        assert isinstance(opening, Let), "what opens is a Let"
        middle, end = _closing(printed, start)
        inner = self.statements(printed[start + 1 : middle], tail=False)
        final = self.statements(printed[middle + 1 : end], tail=False)
        if opening.op.form is Form.TRY:
            if not inner or not final:
                return [*inner, *final], end + 1
            return [self._placed(ast.Try(inner, [], [], final), opening.place)], end + 1
        if opening.op.name == "quiet" and not inner:
            return [], end + 1
        used = opening.target is not None and self.nesting.uses.of(opening.target)
        name = assigned(self.names.of[opening.target]) if opening.target and used else None
        item = ast.withitem(self.expressions.operand(opening.args[0]), name)
        entered = ast.With([item], inner or [ast.Pass()])
        return [self._placed(entered, opening.place)], end + 1

    def _statement(self, statement: Statement, tail: bool) -> list[ast.stmt]:
        match statement:
            case Let():
                return self._let(statement)
            case Branch():
                return self._branch(statement, tail)
            case Loop():
                return self._loop(statement)

    def result(self, body: Block) -> list[ast.stmt]:
        """The return statement."""
        values = body.leaf.values if isinstance(body.leaf, Yield) else ()
        if not values:
            return []
        value = values[0] if len(values) == 1 else Pack("tuple", values)
        made = ast.Return(self.expressions.operand(value))
        self._place_of_value(made, value)
        return [made]

    def _placed(self, statement: ast.stmt, place: Place) -> ast.stmt:
        self.places[statement] = place
        return statement

    def _moves(self, pairs: Iterable[tuple[Var, Operand]]) -> list[ast.stmt]:
        """A parallel assignment."""
        made = []
        for statement, values in self.stores.moves(pairs):
            made.append(statement)
            for value in values:
                self._place_of_value(statement, value)
        return made

    def _place_of_value(self, statement: ast.stmt, value: Operand) -> None:
        definition = self.nesting.inlined.get(value) if isinstance(value, Var) else None
        if definition is not None:
            self.places[statement] = definition.place

    def _let(self, let: Let) -> list[ast.stmt]:
        made = self._statement_of(let)
        return [] if made is None else [self._placed(made, let.place)]

    def _statement_of(self, let: Let) -> ast.stmt | None:
        match let.op.form:
            case Form.CAUGHT:
                return None  # it stands in the head of its handler
            case Form.RAISE:
                cause = self.expressions.operand(let.args[1]) if len(let.args) > 1 else None
                raised = self.expressions.operand(let.args[0]) if let.args else None
                return ast.Raise(raised, cause)
            case Form.RETURN:
                return ast.Return(self.expressions.operand(let.args[0]))
            case Form.ASSERT:
                message = self.expressions.operand(let.args[1]) if len(let.args) > 1 else None
                return ast.Assert(self.expressions.operand(let.args[0]), message)
            case Form.UPDATE | Form.UPDATE_INDEX | Form.UPDATE_AT:
                return self.stores.update(let)
            case Form.UPDATE_METHOD | Form.UPDATE_STACK:
                return self.stores.update_list(let)
        target = let.target
        value = self.expressions.let(let)
        if target is None or self.nesting.uses.of(target) == 0:
            return ast.Expr(value)
        name = self.names.of[target]
        if isinstance(value, ast.Name) and value.id == name:
            return None
        again = (
            _added_to(name, value) if target.role.derived and is_immutable(target.type) else None
        )
        return again or ast.Assign([assigned(name)], value)

    def _unpack(self, run: Sequence[Let]) -> ast.stmt:
        targets: list[ast.expr] = []
        for let in run:
            assert let.target is not None, "an item that is unpacked has a name"
            targets.append(assigned(self.names.of[let.target]))
        source = self.expressions.operand(run[0].args[0])
        made = ast.Assign([ast.Tuple(targets, ast.Store())], source)
        return self._placed(made, run[0].place)

    def _apart(self, whole: Statement, parts: Sequence[Let]) -> ast.stmt:
        """``u, s, vh = np.linalg.svd(a)``, with an underscore for what is not used."""
        assert isinstance(whole, Let), "a call"
        assert isinstance(whole.target, Var) and isinstance(whole.target.type, TupleOf), "of parts"
        names = ["_"] * len(whole.target.type.items)
        for let in parts:
            assert let.target is not None and isinstance(let.args[1], Const), "a part has a name"
            if self.nesting.uses.of(let.target):
                names[let.args[1].value] = self.names.of[let.target]
        targets: list[ast.expr] = [assigned(name) for name in names]
        made = ast.Assign([ast.Tuple(targets, ast.Store())], self.expressions.let(whole))
        return self._placed(made, whole.place)

    def _branch(self, branch: Branch, tail: bool) -> list[ast.stmt]:
        if branch.style == "try":
            return [self._try(branch, tail)]
        join = self.nesting.conditionals.get(branch)
        if join is not None:
            value = self.expressions.conditional(branch)
            if not self.nesting.uses.of(join):
                return [self._placed(ast.Expr(value), branch.place)]
            made = ast.Assign([assigned(self.names.of[join])], value)
            return [self._placed(made, branch.place)]
        if leaves_at_once(branch.then):
            then = self._arm(branch.then, branch, tail=False)
            other = self._arm(branch.other, branch, tail=tail)
            only_goes_on = len(then) == 1 and bool(other)
            if only_goes_on or not isinstance(branch.then.leaf, Next):
                return [*self._if(branch, then, []), *other]
        then = self._arm(branch.then, branch, tail=tail)
        other = self._arm(branch.other, branch, tail=tail)
        return self._if(branch, then, other)

    def _try(self, branch: Branch, tail: bool) -> ast.stmt:
        inside, rest = tried(branch)
        body = self.statements(inside.statements, tail=False)
        clauses = clauses_of(branch, lambda test: self.nesting.uses.of(test) > 1)
        handlers = [self._clause(clause, branch, tail) for clause in clauses]
        otherwise = self._arm(rest, branch, tail=tail)
        made = ast.Try(body or [ast.Pass()], handlers, otherwise, [])
        return self._placed(made, branch.place)

    def _clause(self, clause: Clause, branch: Branch, tail: bool) -> ast.ExceptHandler:
        """A handler, in which it is known what was caught."""
        body: list[ast.stmt] = []
        for block, of in clause.parts:
            made = self.statements(block.statements, tail=False)
            body += made if of is None else [*made, *self._end(block, of, tail=False)]
        body += self._end(branch.then, branch, tail=tail)
        display = Pack("tuple", clause.classes)
        caught = self.expressions.operand(
            clause.classes[0] if len(clause.classes) == 1 else display
        )
        first = branch.then.statements[0] if branch.then.statements else None
        name = None
        if isinstance(first, Let) and first.op.form is Form.CAUGHT and first.target is not None:
            held = self.names.of.get(first.target)
            name = held if held is not None and _reads(body, held) else None
        return ast.ExceptHandler(caught, name, body or [ast.Pass()])

    def _if(self, branch: Branch, then: list[ast.stmt], other: list[ast.stmt]) -> list[ast.stmt]:
        test = self.expressions.operand(branch.test)
        if not then and other:
            test, then, other = negated(test), other, []
        if not then:
            known = isinstance(branch.test, Const)
            harmless = isinstance(branch.test, Var) and isinstance(branch.test.type, Scalar)
            if known or (harmless and isinstance(test, ast.Name)):
                return []
            then = [ast.Pass()]
        return [self._placed(ast.If(test, then, other), branch.place)]

    def _arm(self, arm: Block, branch: Branch, *, tail: bool) -> list[ast.stmt]:
        made = self.statements(arm.statements, tail=tail)
        return made + self._end(arm, branch, tail=tail)

    def _end(self, arm: Block, branch: Branch, *, tail: bool) -> list[ast.stmt]:
        """What an arm hands on, or where it goes."""
        match arm.leaf:
            case Yield(values):
                live = self.nesting.uses.live_joins(branch)
                return self._moves([(branch.joins[k], values[k]) for k in live])
            case _:
                return self._jump(arm.leaf, tail)

    def _jump(self, leaf: Yield | Next | Exit | Stop, tail: bool) -> list[ast.stmt]:
        """The end of a block that goes on to the next trip or leaves the loop."""
        match leaf:
            case Next(values):
                loop = self.loops[-1]
                live = self.nesting.uses.live_params(loop)
                copies = self._moves([(loop.params[k], values[k]) for k in live])
                return copies if tail else [*copies, ast.Continue()]
            case Exit(code, _, values):
                loop = self.loops[-1]
                live = [k for k, out in enumerate(loop.outs) if self.nesting.uses.of(out)]
                copies = self._moves([(loop.outs[k], values[k]) for k in live])
                return [*copies, *self._flag(loop, code), ast.Break()]
            case Yield() | Stop():
                return []

    def _flag(self, loop: Loop, code: int) -> list[ast.stmt]:
        if loop.code is None or not self.nesting.uses.of(loop.code):
            return []
        single = len(self.nesting.uses.exits.get(loop.code, [])) <= 1
        value = ast.Constant(bool(code) if single else code)
        return [ast.Assign([assigned(self.names.of[loop.code])], value)]

    def _loop(self, loop: Loop) -> list[ast.stmt]:
        live = self.nesting.uses.live_params(loop)
        made = self._moves([(loop.params[k], loop.inits[k]) for k in live])
        made += [] if isinstance(loop.head, Define) else self._flag(loop, 0)
        self.loops.append(loop)
        match loop.head:
            case For():
                made.append(self._placed(self._for(loop, loop.head), loop.place))
            case While(test):
                made.append(self._placed(self._while(loop, test), loop.place))
            case Define():
                made.append(self._function(loop, loop.head))
        self.loops.pop()
        return made

    def _body(self, loop: Loop) -> list[ast.stmt]:
        made = self.statements(loop.body.statements, tail=True)
        return made + self._jump(loop.body.leaf, tail=True)

    def _for(self, loop: Loop, head: For) -> ast.For:
        is_read = self.nesting.uses.of(head.index) > 0
        named = is_read or not self.names.underscore_is_free
        index = self.names.of[head.index] if named else "_"
        bounds = [*map(self.expressions.operand, (head.start, head.stop, head.step))]
        trips = range_of(bounds, self.spelling, reverse=head.reverse and is_read)
        return ast.For(assigned(index), trips, self._body(loop) or [ast.Pass()], [])

    def _function(self, loop: Loop, head: Define) -> ast.FunctionDef:
        assert loop.code is not None, "a function that is defined has a name"
        params = [self.names.of[param] for param in head.params]
        return _definition(self.names.of[loop.code], params, [], self._body(loop) or [ast.Pass()])

    def _while(self, loop: Loop, test: Block) -> ast.While:
        assert isinstance(test.leaf, Yield), "the test of a loop yields one value"
        before = self.statements(test.statements, tail=False)
        condition = self.expressions.operand(test.leaf.values[0])
        body = self._body(loop)
        if not before:
            return ast.While(condition, body or [ast.Pass()], [])
        leave = ast.If(negated(condition), [ast.Break()], [])
        return ast.While(ast.Constant(True), [*before, leave, *body], [])


OPENING = (Form.ENTER, Form.TRY)


def _closing(printed: Sequence[Statement], start: int) -> tuple[int, int]:
    """Where the body ends that begins at `start`, and where its clean-up ends."""
    depth, middle = 0, -1
    for position in range(start, len(printed)):
        statement = printed[position]
        form = statement.op.form if isinstance(statement, Let) else None
        depth += form in OPENING
        if form is Form.FINALLY and depth == 1:
            middle = position
        depth -= form is Form.LEAVE
        if depth == 0:
            return (position if middle < 0 else middle), position
    raise AssertionError("what is opened in a block is left in it")


def leaves_at_once(arm: Block) -> bool:
    """Whether what follows an arm need not stand in an ``else``."""
    match arm.leaf:
        case Exit():
            return True
        case Next():
            return not arm.statements
        case Stop():
            last = arm.statements[-1] if arm.statements else None
            return isinstance(last, Let) and last.op.form is Form.RAISE
        case Yield():
            return False


def _reads(body: Sequence[ast.AST], name: str) -> bool:
    parts = (part for statement in body for part in ast.walk(statement))
    return any(isinstance(part, ast.Name) and part.id == name for part in parts)


def _added_to(name: str, value: ast.expr) -> ast.stmt | None:
    """``d = d + e`` as ``d += e``, which is the same of a number."""
    match value:
        case ast.BinOp(ast.Name(first), ast.Add() | ast.Sub() | ast.Mult() | ast.Div() as op, rest):
            if first == name and not _reads([rest], name):
                return ast.AugAssign(assigned(name), op, rest)
    return None
