"""What the backward sweep wrote, before what it reads is brought back: what of it is needed."""

from __future__ import annotations

from adjoint.ir.nodes import Block, Let, Next, Operand, Statement, Var, Yield
from adjoint.ir.recalls import Recipe, strong_reads, weakly_read
from adjoint.ir.walk import (
    all_reads,
    expand_lets,
    leaf_operands,
    map_block,
    operand_vars,
    reads,
    substitute,
)

__all__ = ["strongly_read", "sweep", "without_recalls"]


def sweep(statements: list[Statement], leaf: Yield | Next) -> list[Statement]:
    """The statements without those whose result no one reads."""
    live = {v for operand in leaf_operands(leaf) for v in operand_vars(operand)}
    kept: list[Statement] = []
    for statement in reversed(statements):
        unused = (
            isinstance(statement, Let) and statement.target not in live and not statement.op.effect
        )
        if not unused:
            kept.append(statement)
            live.update(all_reads(statement))
    return kept[::-1]


def strongly_read(statements: list[Statement], leaf: Yield | Next) -> list[Var]:
    """What statements and their leaf read, for which something is kept."""
    return list(dict.fromkeys(strong_reads(Block(tuple(statements), leaf))))


def without_recalls(block: Block, missing: set[Var]) -> Block:
    """A block that reads as they were kept the values that need a missing variable."""
    weak = weakly_read(block.statements)
    wrong = {of for let, values in weak.items() if missing & set(reads(let)) for of in values}
    known: dict[Var, Operand] = {}
    for let in reversed(weak):  # the first in the block comes first
        recipe = let.op.function
        if isinstance(recipe, Recipe) and recipe.of in wrong and let.target is not None:
            known[let.target] = substitute(let.args[0], known)
    block = expand_lets(block, lambda let: () if let in weak and weak[let] <= wrong else (let,))
    return map_block(block, lambda operand: substitute(operand, known))
