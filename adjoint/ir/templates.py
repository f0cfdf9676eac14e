"""Statements that are written anew, with variables of their own, wherever they are needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adjoint.errors import Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.lists import proven
from adjoint.ir.nodes import Block, Let, Operand, Role, Statement, Var, Yield
from adjoint.ir.ops import Form
from adjoint.ir.walk import all_statements, expand_lets, map_block, rename, substitute, writes

__all__ = ["Template", "done_again", "renewed", "settled", "write_anew"]


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Statements from what is `given` to what their block yields."""

    given: tuple[Var, ...]
    block: Block

    def write(
        self, builder: Builder, given: Sequence[Operand], known: Mapping[Var, Operand]
    ) -> tuple[Operand, ...]:
        """Write the statements; `known` are what other variables are by now."""
        return write_anew(
            builder, self.block, {**known, **dict(zip(self.given, given, strict=True))}
        )


def write_anew(builder: Builder, block: Block, known: Mapping[Var, Operand]) -> tuple[Operand, ...]:
    """Write the statements of a block with new variables; what it yields."""
    block = expand_lets(block, _as_proven)
    made = {v: renewed(builder, v) for s in all_statements(block) for v in writes(s)}
    table: dict[Var, Operand] = {**known, **made}
    copy = map_block(block, lambda operand: substitute(operand, table), lambda v: made[v])
    for statement in copy.statements:
        builder.append(statement)
    _note(builder, copy)
    assert isinstance(copy.leaf, Yield)
    return copy.leaf.values


def settled(
    builder: Builder, once: Sequence[Statement], rest: Block
) -> tuple[Sequence[Statement], Block]:
    """Statements that are written in front of a template, with new variables, and the template."""
    front = expand_lets(Block(tuple(once)), _as_proven)
    made = {v: renewed(builder, v) for s in all_statements(front) for v in writes(s)}
    front = rename(front, made)
    _note(builder, front)
    return front.statements, rename(rest, made)


#: Forms of operations with an effect that may be repeated: they only lead the way.
_LEADING = frozenset(
    {
        *(Form.RAISE, Form.ASSERT, Form.ELSE, Form.CAUGHT, Form.ALIAS),
        *(Form.ENTER, Form.TRY, Form.FINALLY, Form.LEAVE),
    }
)


def done_again(block: Block, message: str, advice: str) -> Block:
    """A block as it is done again: what it printed is not printed twice.

    Raises
    ------
    Unsupported
        With `message` and `advice`, if it draws, or has another effect whose value is needed.
    """

    def again(let: Let) -> tuple[Statement, ...]:
        if let.op.form in _LEADING or let.op.tried:
            return (let,)
        if not let.op.effect:
            return (replace(let, op=proven(let.op)),)
        if let.target is None:
            return ()
        raise Unsupported(f"{message}, and what has an effect would be repeated", let.place, advice)

    return expand_lets(block, again)


def _as_proven(let: Let) -> tuple[Let]:
    """What computes a derivative does not raise where the function itself did not."""
    if let.target is None or not let.target.role.derived:
        return (let,)
    op = proven(let.op)
    return (replace(let, op=replace(op, derived=True) if op is not let.op else op),)


def _note(builder: Builder, block: Block) -> None:
    for statement in all_statements(block):
        if isinstance(statement, Let) and statement.target is not None:
            builder.definitions[statement.target] = statement


def renewed(builder: Builder, variable: Var) -> Var:
    """A variable for what another held; what was of a derivative is now a value like any other."""
    match variable.role:
        case Role.ADJOINT:
            name = f"d_{variable.name}"
        case Role.TANGENT:
            name = f"{variable.name}_dot"
        case _:
            return builder.var(variable.type, variable.name, variable.role)
    return builder.var(variable.type, name if variable.name else "", Role.PRIMAL)
