"""Expressions that cost nothing: printed wherever they are used, however often.

Places in an argument (``model.w``), shapes (``x.shape[0]``, ``len(x)``), the way a loop was left,
and the neighbours of an index (``i + 1``), unless what they read is written.
"""

from __future__ import annotations

from collections import Counter

from adjoint.emit.operands import statements, variables, written
from adjoint.emit.uses import Uses
from adjoint.ir.nodes import Block, Const, For, Function, Let, Loop, Operand, Role, Var
from adjoint.ir.ops import Form
from adjoint.ir.values import Array, Scalar

__all__ = ["trivial_lets"]

_SHAPES = frozenset({"shape", "size", "ndim", "dtype"})


def trivial_lets(function: Function, uses: Uses) -> list[Let]:
    """The statements that are not printed, in order; counts a further use of what they read.

    The further use keeps what they read from being put in place, and so repeated, with them.
    """
    search = _Search(function, uses)
    found = [s for s in statements(function.body) if isinstance(s, Let) and search.accepts(s)]
    for let in found:
        uses.add(operand for operand in let.args if operand not in search.trivial)
    return found


class _Search:
    def __init__(self, function: Function, uses: Uses) -> None:
        self._uses = uses
        self._parts: dict[Operand, None] = {}  # that are not named
        self.trivial: dict[Operand, Form] = {}
        self._definitions: Counter[tuple[Role, str]] = Counter()
        self._overwritten: dict[Var, None] = {}
        self._counters: dict[Var, None] = {}  # whose name nothing else in their loop has
        for param in (*function.params, *function.keywords):
            self._definitions[param.role, param.name] += 1
        for statement in statements(function.body):
            for var in written(statement):
                self._definitions[var.role, var.name] += 1
            self._note_overwritten(statement)

    def _note_overwritten(self, statement: object) -> None:
        match statement:
            case Let(target=Var(name="") as target, op=op) if op.form is Form.INDEX:
                self._parts[target] = None
            case Let(op=op, args=args) if op.updates:
                self._overwritten.update(dict.fromkeys(variables(args[0])))
            case Loop(head=head, inits=inits, body=body):
                for init in inits:
                    self._overwritten.update(dict.fromkeys(variables(init)))
                if isinstance(head, For) and not _defines(body, head.index):
                    self._counters[head.index] = None

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
                # ``x[1:].shape`` is one expression, if no one else reads ``x[1:]``.
                goes_in = isinstance(source, Var) and self._is_part_of_one_use(source)
                return let.op.name in _SHAPES and self._is_stable(source) and not goes_in
            case Form.INDEX:
                # Of a shape; an item of an argument is a place, and may be written.
                return source is not None and self._is_axis(source, let.args[1])
            case Form.ALIAS:
                return isinstance(source, Const)
            case Form.CALL:
                is_length = let.op.function is len and _is_array(source)
                return is_length and self._is_stable(source)
            case Form.OPERATOR:
                return self._is_neighbour(let)
            case _:
                return False

    def _is_part_of_one_use(self, source: Var) -> bool:
        return source in self._parts and self._uses.of(source) == 1

    def _is_neighbour(self, let: Let) -> bool:
        """Whether `let` is ``i + 1``, or tells how a loop was left."""
        match let.args:
            case (Var(role=Role.FLAG), Const()):
                return let.op.name in ("==", "!=")
            case (Var() as source, Const(int())) if let.op.name in ("+", "-"):
                is_integer = isinstance(source.type, Scalar) and source.type.kind == "int"
                is_named = bool(source.name) and self._is_stable(source)
                return is_integer and (source in self._counters or is_named)
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


def _is_array(operand: Operand | None) -> bool:
    return isinstance(operand, Var) and isinstance(operand.type, Array)


def _defines(body: Block, namesake: Var) -> bool:
    """Whether a block defines a variable of this name."""
    key = (namesake.role, namesake.name)
    return any((v.role, v.name) == key for s in statements(body) for v in written(s))
