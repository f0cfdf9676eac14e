"""Expressions that cost nothing: printed wherever they are used, however often.

Places in an argument (``model.w``) and shapes (``x.shape[0]``), unless what they read is written.
"""

from __future__ import annotations

from collections import Counter

from adjoint.emit.operands import statements, variables, written
from adjoint.emit.uses import Uses
from adjoint.ir.nodes import Const, Function, Let, Loop, Operand, Role, Var
from adjoint.ir.ops import Form

__all__ = ["trivial_lets"]

_SHAPES = frozenset({"shape", "size", "ndim", "dtype"})


def trivial_lets(function: Function, uses: Uses) -> list[Let]:
    """The statements that are not printed, in order; counts a further use of what they read.

    The further use keeps what they read from being put in place, and so repeated, with them.
    """
    search = _Search(function)
    found = [s for s in statements(function.body) if isinstance(s, Let) and search.accepts(s)]
    for let in found:
        uses.add(operand for operand in let.args if operand not in search.trivial)
    return found


class _Search:
    def __init__(self, function: Function) -> None:
        self.trivial: dict[Operand, Form] = {}
        self._definitions: Counter[tuple[Role, str]] = Counter()
        self._overwritten: dict[Var, None] = {}
        for param in (*function.params, *function.keywords):
            self._definitions[param.role, param.name] += 1
        for statement in statements(function.body):
            for var in written(statement):
                self._definitions[var.role, var.name] += 1
            self._note_overwritten(statement)

    def _note_overwritten(self, statement: object) -> None:
        match statement:
            case Let(op=op, args=args) if op.updates:
                self._overwritten.update(dict.fromkeys(variables(args[0])))
            case Loop(inits=inits):
                for init in inits:
                    self._overwritten.update(dict.fromkeys(variables(init)))

    def accepts(self, let: Let) -> bool:
        target = let.target
        if target is None or target.name or let.op.effect or target in self._overwritten:
            return False
        if self._is_trivial(let):
            self.trivial[target] = let.op.form
            return True
        return False

    def _is_trivial(self, let: Let) -> bool:
        source = let.args[0] if let.args else None
        match let.op.form:
            case Form.PATH:
                return True
            case Form.ATTRIBUTE:
                return let.op.name in _SHAPES and self._is_stable(source)
            case Form.INDEX:
                # Of a shape; an item of an argument is a place, and may be written.
                return source is not None and self._is_axis(source, let.args[1])
            case Form.ALIAS:
                return isinstance(source, Const)
            case _:
                return False

    def _is_axis(self, source: Operand, axis: Operand) -> bool:
        return self.trivial.get(source) is Form.ATTRIBUTE and isinstance(axis, Const)

    def _is_stable(self, source: Operand | None) -> bool:
        if not isinstance(source, Var) or source in self._overwritten:
            return False
        if source in self.trivial:
            return True
        return not source.name or self._definitions[source.role, source.name] == 1
