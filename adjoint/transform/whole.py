"""What gradient functions and pullback functions have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from adjoint.analyses.plain import plain_numbers
from adjoint.ir.nodes import Block, Function, Operand, Role, Statement, Var, Yield
from adjoint.ir.values import Scalar
from adjoint.ir.walk import all_statements, targets
from adjoint.stage.run import Staged
from adjoint.transform.attempts import as_swept
from adjoint.transform.keep import Keeper

__all__ = ["backward_of", "identifier", "leaf_names", "normalised", "plain_in"]


def normalised(staged: Staged, primal: Function) -> tuple[Block, tuple[Operand, ...]]:
    """The body of a primal as the sweeps take it, without its results; and these."""
    builder = staged.builder
    body = as_swept(primal.body, builder)
    assert isinstance(body.leaf, Yield)
    made = (target for s in body.statements for target in targets(s))
    inside = (target for s in all_statements(body) for target in targets(s))
    builder.carry_lengths((*primal.params, *made, *inside))
    count = len(body.leaf.values) - len(staged.inputs.leaves)
    return Block(body.statements, Yield()), body.leaf.values[:count]


@contextmanager
def backward_of(staged: Staged) -> Iterator[list[Statement]]:
    """Write a backward sweep: the list of its statements."""
    builder = staged.builder
    builder.role = Role.ADJOINT
    builder.stopped = False
    with builder.at(staged.place), builder.block() as backward:
        yield backward


def identifier(staged: Staged) -> str:
    """The name of the function, if it is one: a lambda has none."""
    return staged.name if staged.name.isidentifier() else "fun"


def leaf_names(staged: Staged) -> dict[Var, str]:
    """Names for the adjoints of attributes and items: the last word of their access."""
    words = {
        leaf.variable: re.findall(r"[A-Za-z_]\w*", text)
        for text, leaf in staged.inputs.leaves.items()
    }
    return {variable: found[-1] for variable, found in words.items() if found}


def plain_in(
    staged: Staged,
    primal: Function,
    body: Block,
    backward: list[Statement],
    keeper: Keeper,
    cotangents: Sequence[Var] = (),
) -> frozenset[Var]:
    """The variables that surely hold Python numbers."""
    inputs = [leaf.variable for leaf in staged.inputs.leaves.values()]
    pushed = {stack: variable for variable, stack in keeper.pushes.items()}
    numbers = [v for v in (*inputs, *primal.params, *cotangents) if isinstance(v.type, Scalar)]
    return plain_numbers(numbers, (*body.statements, *backward), pushed)
