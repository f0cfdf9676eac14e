"""The stacks of a backward sweep that may be written several times: each time it pops from copies.

Before::                              After::

    x = x_stack.pop()                     x_stack_1 = x_stack.copy()
                                          x = x_stack_1.pop()
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from adjoint.ir.builder import Builder
from adjoint.ir.lists import COPY_LIST
from adjoint.ir.memory import is_pop
from adjoint.ir.nodes import Block, Branch, Let, Role, Statement, Var
from adjoint.ir.walk import all_reads, expand_lets, targets

__all__ = ["copied_stacks"]


def copied_stacks(
    builder: Builder, backward: Block, forward: Block, versions: Mapping[Var, Var]
) -> tuple[Block, Mapping[Var, Var]]:
    """The backward sweep with stacks of its own, and what each of the forward sweep is in it.

    Parameters
    ----------
    versions
        What the stacks hold after the forward sweep.
    """
    everywhere = {v for statement in forward.statements for v in targets(statement)}
    inner = expand_lets(backward, lambda let: _popped_as_copy(builder, let))
    copies = _Copies(builder, everywhere, versions)
    return copies.block(inner), copies.own


def _popped_as_copy(builder: Builder, let: Let) -> Sequence[Statement]:
    """A stack that is an item of another is popped as a copy: that other has it still."""
    target = let.target
    if target is None or target.role is not Role.STACK or not is_pop(let):
        return (let,)
    held = builder.var(target.type, target.name, Role.STACK)
    return (replace(let, target=held), Let(target, COPY_LIST, (held,), (), let.place))


@dataclass(eq=False)
class _Copies:
    """Puts the copies before what pops from them.

    A stack that is not there `everywhere` was made in an arm, and is copied in the arm that reads
    it.
    """

    builder: Builder
    everywhere: set[Var]
    versions: Mapping[Var, Var]
    own: dict[Var, Var] = field(default_factory=dict)

    def block(self, block: Block) -> Block:
        made: list[Statement] = []
        for statement in block.statements:
            read = dict.fromkeys(v for v in all_reads(statement) if v in self.versions)
            for stack in read:
                if stack not in self.own and self._is_here(stack, statement):
                    made.append(self._copied(stack))
            if isinstance(statement, Branch):
                then, other = self.block(statement.then), self.block(statement.other)
                statement = replace(statement, then=then, other=other)
            made.append(statement)
        return replace(block, statements=tuple(made))

    def _is_here(self, stack: Var, statement: Statement) -> bool:
        return stack in self.everywhere or not isinstance(statement, Branch)

    def _copied(self, stack: Var) -> Let:
        held = self.versions[stack]
        own = self.own[stack] = self.builder.var(held.type, held.name, held.role)
        return Let(own, COPY_LIST, (held,), (), self.builder.place)
