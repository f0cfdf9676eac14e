"""Adjoints where arms and trips end: whole, in the shape that their variables have there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adjoint.ir.builder import Builder
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import UNDEF, Block, Const, Operand, Statement, Var
from adjoint.ir.operands import type_of
from adjoint.ir.values import Type, Unknown, join_types, rank, same_shape
from adjoint.ir.walk import all_statements, writes
from adjoint.transform.accumulate import Adjoints, adjoint_type, writable, zero
from adjoint.transform.bound import Paths
from adjoint.transform.memory import Memory

__all__ = ["Arm", "Whole", "changed", "joined_type"]

Arm = tuple[list[Statement], Adjoints, Memory]
"""What an arm of the backward sweep writes, and the adjoints and the memory at its end."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Writes adjoints whole; `paths` says where a variable has a value, and so a shape."""

    builder: Builder
    paths: Paths

    def at_end(
        self, variable: Var, found: Adjoints, arms: Sequence[Arm], given: Sequence[Var]
    ) -> Operand:
        """The adjoint at the end of an arm; none of a variable that is not bound on that path."""
        value = found.values.get(variable)
        if not self.paths.may_be_bound(variable):
            return UNDEF
        if value is None:
            return self.zero(self._like(variable, arms, given))
        return self.complete(value, variable)

    def complete(self, value: Operand, variable: Var) -> Operand:
        """The adjoint whole, and complex if that is: trips and arms may leave it to be written."""
        return writable(self.builder, value, variable) if self._has_shape(variable) else value

    def zero(self, like: Var) -> Operand:
        """A zero adjoint for a variable, where that has a value."""
        if not self._has_shape(like):
            return Const(0.0)
        return self.paths.where_bound(self.builder, like, lambda: zero(self.builder, like))

    def _has_shape(self, variable: Var) -> bool:
        """Whether an adjoint can be given the shape of a variable here.

        That of a carried name, which may have no value yet and whose rank is known at run time
        only, is what is added to it, or 0.
        """
        known = rank(adjoint_type(variable.type)) is not None
        return known or not isinstance(variable.type, Unknown) or self.paths.is_bound(variable)

    def _like(self, variable: Var, arms: Sequence[Arm], given: Sequence[Var]) -> Var:
        """What has the shape of a variable: of one that may be unbound, an adjoint elsewhere."""
        if variable not in self.paths.late:
            return variable
        made = [Block(tuple(statements)) for statements, _, _ in arms]
        inside = {v for block in made for s in all_statements(block) for v in writes(s)}
        for other in (*(found.values.get(variable) for _, found, _ in arms), *given):
            if not isinstance(other, Var) or other in inside:
                continue
            if same_shape(other.type, variable.type, self.builder.facts):
                return other
        return variable


def changed(outer: Adjoints, arms: Sequence[Arm]) -> list[Var]:
    """The variables whose adjoint some arm changes."""
    found = [adjoints for _, adjoints, _ in arms]
    names = dict.fromkeys(v for each in found for v in each.values)
    return [
        v for v in names if any(each.values.get(v) is not outer.values.get(v) for each in found)
    ]


def joined_type(variable: Var, arms: Sequence[Arm], facts: Facts) -> Type:
    """The type that the adjoint of a variable has behind a branch."""
    wanted = adjoint_type(variable.type)
    if rank(wanted) != 0:
        return wanted
    held = [adjoints.values[variable] for _, adjoints, _ in arms if variable in adjoints.values]
    joined = type_of(held[0])
    for other in held[1:]:
        joined = join_types(joined, type_of(other), facts)
    return joined
