"""Statements that are written anew, with variables of their own, wherever they are needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adjoint.ir.builder import Builder
from adjoint.ir.nodes import Block, Let, Operand, Role, Var, Yield
from adjoint.ir.walk import all_statements, map_block, substitute, writes

__all__ = ["Template", "write_anew"]


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
    made = {v: _renewed(builder, v) for s in all_statements(block) for v in writes(s)}
    table: dict[Var, Operand] = {**known, **made}
    copy = map_block(block, lambda operand: substitute(operand, table), lambda v: made[v])
    for statement in copy.statements:
        builder.append(statement)
    for statement in all_statements(copy):
        if isinstance(statement, Let) and statement.target is not None:
            builder.definitions[statement.target] = statement
    assert isinstance(copy.leaf, Yield)
    return copy.leaf.values


def _renewed(builder: Builder, variable: Var) -> Var:
    """A variable for what another held; what was an adjoint is now a value like any other."""
    if variable.role is not Role.ADJOINT:
        return builder.var(variable.type, variable.name, variable.role)
    name = f"d_{variable.name}" if variable.name else ""
    return builder.var(variable.type, name, Role.PRIMAL)
