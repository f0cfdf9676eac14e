"""Names that are another array in each trip of a loop, and never the one of the trip before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from adjoint.ir.nodes import Loop, Statement, Var
from adjoint.ir.values import shape_of
from adjoint.ir.walk import all_reads, leaf_operands, loop_leaves, operand_vars

__all__ = ["is_another_each_trip"]


def is_another_each_trip(loop: Loop, param: Var, out: Var) -> bool:
    """Whether each trip gives a name another array, which may be of another length.

    Before the last trip its adjoint is zero: a number, since there is nothing of its shape.
    """
    if all(size.has_example for size in shape_of(out.type) or ()):  # the same in each trip
        return False
    read = {v for s in loop.body.statements for v in _needed(s)}
    ends = (leaf_operands(leaf) for leaf in loop_leaves(loop.body))
    return param not in read and not any(
        param in operand_vars(value) for values in ends for value in values
    )


def _needed(statement: Statement) -> Iterator[Var]:
    """What a statement reads, but for what a loop begins with and never looks at."""
    found = Counter(all_reads(statement))
    if isinstance(statement, Loop):
        ways = zip(statement.params, statement.inits, statement.outs, strict=True)
        found -= Counter(
            init
            for param, init, out in ways
            if isinstance(init, Var) and is_another_each_trip(statement, param, out)
        )
    yield from found
