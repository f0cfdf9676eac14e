"""Which expressions of a function are printed where they are used: what `nest` finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adjoint.emit.operands import variables
from adjoint.emit.uses import Uses
from adjoint.emit.widths import base_name
from adjoint.ir.nodes import Block, Branch, Let, Loop, Operand, Var, Yield
from adjoint.ir.ops import Form

__all__ = ["LINE_WIDTH", "Nesting", "repeats_test", "yielded"]

LINE_WIDTH = 88


@dataclass(slots=True)
class Nesting:
    """Which variables have no line of their own.

    Attributes
    ----------
    inlined
        The definitions of the variables that are printed where they are used.
    conditionals
        The branches that are printed as an expression, with the one join that is its value.
    reads
        Of each variable that is, or could be, printed in place, the variables it reads.
    uses
        How often variables are used.
    lines
        Of statements that something was put back into, the width and the variables they read.
    """

    uses: Uses
    inlined: dict[Var, Let | Branch] = field(default_factory=dict)
    conditionals: dict[Branch, Var] = field(default_factory=dict)
    reads: dict[Var, tuple[Var, ...]] = field(default_factory=dict)
    lines: list[tuple[int, list[Var]]] = field(default_factory=list)

    def is_too_wide(self, named: Mapping[Var, str]) -> bool:
        """Whether something was put back that the names of variables leave no room for."""
        return any(
            width <= LINE_WIDTH < width + sum(len(named[v]) - len(base_name(v)) for v in read)
            for width, read in self.lines
        )

    def leaves(self, operands: Iterable[Operand]) -> list[Var]:
        """The variables that operands read by name."""
        found: dict[Var, None] = {}
        for operand in operands:
            for var in variables(operand):
                found.update(dict.fromkeys(self.reads[var] if var in self.inlined else (var,)))
        return list(found)

    def prints(self, statement: Let | Branch | Loop) -> bool:
        """Whether a statement is printed on a line of its own."""
        match statement:
            case Let(target):
                if target is None or statement.op.effect:
                    return True
                unused = self.uses.of(target) == 0
                costless = statement.op.form in (Form.PATH, Form.ALIAS)
                return target not in self.inlined and not (unused and costless)
            case Branch():
                return self.conditionals.get(statement) not in self.inlined
            case Loop():
                return True


def repeats_test(branch: Branch, join: Var) -> bool:
    """Whether a branch is an ``and`` or ``or``: one arm hands on the test itself."""
    position = branch.joins.index(join)
    match branch.style:
        case "and":
            return yielded(branch.other, position) is branch.test and not branch.other.statements
        case "or":
            return yielded(branch.then, position) is branch.test and not branch.then.statements
        case _:
            return False


def yielded(arm: Block, position: int) -> Operand:
    """What an arm that is an expression hands on to one of the joins."""
    assert isinstance(arm.leaf, Yield), "an arm that is an expression yields"
    return arm.leaf.values[position]
