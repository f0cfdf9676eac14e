"""The stacks on which the forward sweep keeps what the backward sweep pops."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from adjoint.ir.memory import is_push
from adjoint.ir.nodes import Block, Define, Function, Let, Loop, Operand, Role
from adjoint.ir.walk import blocks

__all__ = ["Stack", "StackUse", "stacks_of"]


@dataclass(frozen=True, slots=True, eq=False)
class StackUse:
    """A push or a pop: the loops around it, and the statements that stand before it."""

    let: Let
    loops: tuple[Loop, ...]
    block: Block
    position: int


@dataclass(slots=True, eq=False)
class Stack:
    """A stack with the statement that makes it, and what is done with it."""

    made: StackUse
    pushes: list[StackUse] = field(default_factory=list)
    pops: list[StackUse] = field(default_factory=list)
    copies: list[Let] = field(default_factory=list)  # of it, for a sweep that may run again


def stacks_of(function: Function) -> list[Stack]:
    """Return the stacks of a function, in the order in which they are made."""
    found: dict[Operand, Stack] = {}
    waiting: list[tuple[Block, tuple[Loop, ...]]] = [(function.body, ())]
    while waiting:
        block, loops = waiting.pop(0)
        for position, statement in enumerate(block.statements):
            is_loop = isinstance(statement, Loop) and not isinstance(statement.head, Define)
            inner = (*loops, statement) if isinstance(statement, Loop) and is_loop else loops
            waiting.extend((each, inner) for each in blocks(statement))
            if isinstance(statement, Let) and _is_of_stack(statement, found):
                _note(StackUse(statement, loops, block, position), found)
    return list(dict.fromkeys(found.values()))


def _is_of_stack(let: Let, found: Container[Operand]) -> bool:
    is_stack = let.target is not None and let.target.role is Role.STACK
    return is_stack or (bool(let.args) and let.args[0] in found)


def _note(use: StackUse, found: dict[Operand, Stack]) -> None:
    """Note what a statement does with a stack."""
    let = use.let
    stack = found.get(let.args[0]) if let.args else None
    if let.target is not None and let.target.role is Role.STACK:
        if stack is not None:
            stack.copies.append(let)
        found[let.target] = stack or Stack(use)
    elif stack is not None:
        uses = stack.pushes if is_push(let) else stack.pops
        uses.append(use)
