"""Statements that write: into an array or list, and names that take the values of others."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adjoint.emit.expressions import BINARY_OPERATORS, Expressions, assigned, loaded
from adjoint.emit.nesting import Nesting
from adjoint.emit.spelling import Spelling
from adjoint.ir.lists import DROP, TOP
from adjoint.ir.nodes import Let, Operand, Statement, Undef, Var
from adjoint.ir.ops import Form
from adjoint.ir.updates import is_exchange, path_of_edit, way_of_edit

__all__ = ["Stores", "is_popped"]

_UFUNCS = {
    "+": "np.add",
    "-": "np.subtract",
    "*": "np.multiply",
    "/": "np.divide",
}


def is_popped(pair: Sequence[Statement]) -> bool:
    """Whether two statements read the last item of a list, and take it from the list."""
    match pair:
        case [Let(Var() as item, op, args), Let(op=drop, args=dropped)]:
            return op == TOP and drop == DROP and dropped[0] is args[0] and dropped[1] is item
    return False


@dataclass(frozen=True, slots=True, eq=False)
class Stores:
    """Makes the statements of one function that write; `names` are those of its variables."""

    nesting: Nesting
    spelling: Spelling
    expressions: Expressions
    names: Mapping[Var, str]

    def update(self, let: Let) -> ast.stmt:
        """A write into an array: ``a += e``, ``a[i] = e``, ``np.add.at(a, i, e)``."""
        old, *path, value = let.args
        assert isinstance(old, Var), "what is updated has a name"
        name = self.names[old]
        owner: ast.expr = loaded(name)
        for index in path[:-1]:
            owner = ast.Subscript(owner, self.expressions.index(index), ast.Load())
        shown = self.expressions.operand(value)
        symbol = let.op.name.removesuffix("=")
        if let.op.form is Form.UPDATE_AT:
            called = ast.Attribute(self.spelling.path(_UFUNCS[symbol or "+"]), "at", ast.Load())
            where = self.expressions.operand(path[-1])
            return ast.Expr(ast.Call(called, [owner, where, shown], []))
        target: ast.Name | ast.Subscript = assigned(name)
        if path:
            target = ast.Subscript(owner, self.expressions.index(path[-1]), ast.Store())
        if not symbol:
            return ast.Assign([target], shown)
        return ast.AugAssign(target, BINARY_OPERATORS[symbol](), shown)

    def update_list(self, let: Let) -> ast.stmt:
        """An item added to a list, or taken out: ``xs.append(e)``, ``rows[i].append(e)``."""
        old, *rest = let.args
        assert isinstance(old, Var), "what is updated has a name"
        owner: ast.expr = loaded(self.names[old])
        way = way_of_edit(let)
        for index in way:
            owner = ast.Subscript(owner, self.expressions.index(index), ast.Load())
        if is_exchange(let):
            return self._exchange(owner, let)
        given = [] if let.op == DROP else rest[1:] if way else rest
        shown = [self.expressions.operand(value) for value in given]
        called = ast.Attribute(owner, let.op.name, ast.Load())
        return ast.Expr(ast.Call(called, shown, []))

    def _exchange(self, owner: ast.expr, let: Let) -> ast.stmt:
        """``xs[i], xs[j] = xs[j], xs[i]``."""
        first, second = path_of_edit(let)

        def both(*places: Operand, store: bool) -> ast.expr:
            context = ast.Store() if store else ast.Load()
            shown: list[ast.expr] = [
                ast.Subscript(owner, self.expressions.index(place), context) for place in places
            ]
            return ast.Tuple(shown, context)

        return ast.Assign([both(first, second, store=True)], both(second, first, store=False))

    def pop(self, top: Statement) -> ast.stmt:
        """The last item of a list, which is then taken from it."""
        assert isinstance(top, Let) and top.target is not None, "what is popped has a name"
        popped = ast.Attribute(self.expressions.operand(top.args[0]), "pop", ast.Load())
        return ast.Assign([assigned(self.names[top.target])], ast.Call(popped, [], []))

    def moves(
        self, pairs: Iterable[tuple[Var, Operand]]
    ) -> Iterator[tuple[ast.stmt, Sequence[Operand]]]:
        """A parallel assignment, one after the other as long as that means the same.

        Each statement comes with the values that it assigns.
        """
        pending = [pair for pair in pairs if not self._is_no_copy(*pair)]
        while pending:
            free = next((k for k, pair in enumerate(pending) if self._is_free(pair, pending)), None)
            if free is None:
                targets: list[ast.expr] = [assigned(self.names[target]) for target, _ in pending]
                values = [value for _, value in pending]
                left = ast.Tuple(targets, ast.Store())
                right = ast.Tuple([self.expressions.operand(v) for v in values], ast.Load())
                yield ast.Assign([left], right), values
                return
            target, value = pending.pop(free)
            shown = self.expressions.operand(value)
            yield ast.Assign([assigned(self.names[target])], shown), (value,)

    def _is_no_copy(self, target: Var, value: Operand) -> bool:
        if isinstance(value, Undef):
            return True
        if not isinstance(value, Var) or value in self.nesting.inlined:
            return False
        return self.names[value] == self.names[target]

    def _is_free(self, pair: tuple[Var, Operand], pending: list[tuple[Var, Operand]]) -> bool:
        name = self.names[pair[0]]
        others = [other[1] for other in pending if other is not pair]
        return all(self.names[var] != name for var in self.nesting.leaves(others))
