"""Makes what may fail tell whether it did, so that the backward sweep can take the same way.

Before::                              After::

    try (ZeroDivisionError)               try (ZeroDivisionError)
        t = 1 / x                             t = 1 / x
        yield t                               yield t, False
    caught: yield 0.0                     caught: yield 0.0, True
    joins y                               joins y, failed
"""

from __future__ import annotations

from adjoint.errors import Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.memory import is_push
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Let,
    Loop,
    Next,
    Operand,
    Role,
    Statement,
    Stop,
    Var,
    Yield,
)
from adjoint.ir.ops import Form
from adjoint.ir.values import BOOL
from adjoint.ir.walk import all_statements, loop_leaves, targets
from adjoint.transform.exits import normalise_exits, yielding
from adjoint.transform.single_trips import without_single_trips

__all__ = [
    "as_swept",
    "begun",
    "failure",
    "is_else",
    "kept_behind",
    "remember_failures",
    "way_taken",
]


def remember_failures(block: Block, builder: Builder) -> Block:
    """A block in which each branch of style "try" has the join that tells whether it failed.

    Its loops are left at the end of a trip only: see `exits`.
    """
    return _block(block, builder, ())


def as_swept(block: Block, builder: Builder) -> Block:
    """A block as the sweeps take it: in whole trips, and what may fail tells whether it did."""
    block = normalise_exits(without_single_trips(block, builder), builder)
    return remember_failures(block, builder)


def way_taken(branch: Branch) -> Operand:
    """What tells the way through a branch after it; its test, where there is one way only."""
    return failure(branch) or branch.test


def failure(branch: Branch) -> Var | None:
    """What tells whether the branch failed; nothing does where one arm never comes to its end."""
    then, other = branch.then.leaf, branch.other.leaf
    if branch.style != "try" or not isinstance(then, Yield) or not isinstance(other, Yield):
        return None
    pairs = zip(branch.joins, then.values, other.values, strict=True)
    return next((join for join, *values in pairs if _tells(*values)), None)


def _tells(failed: Operand, done: Operand) -> bool:
    """Whether a join of these values is true where the branch failed, and false elsewhere."""
    if not isinstance(failed, Const) or not isinstance(done, Const):
        return False
    return failed.value is True and done.value is False


def kept_behind(block: Block) -> Block:
    """The arm of what may fail, in which values are kept for the backward sweep once it has not.

    Raises
    ------
    Unsupported
        If a loop or branch in what may fail keeps something on a stack from outside: what is
        made in one arm and read behind it.
    """
    at = next(k for k, s in enumerate(block.statements) if is_else(s))
    inside, rest = block.statements[:at], block.statements[at + 1 :]
    own = {target for s in all_statements(Block((*inside,))) for target in targets(s)}
    for statement in inside:
        if isinstance(statement, Let):
            continue
        for inner in all_statements(Block((statement,))):
            if isinstance(inner, Let) and is_push(inner) and inner.args[0] not in own:
                raise Unsupported(
                    "this may fail halfway, in a loop, and the gradient needs a value of it",
                    statement.place,
                    "compute the value before the try or behind it",
                )
    kept = [s for s in inside if isinstance(s, Let) and is_push(s)]
    tried = [s for s in inside if not (isinstance(s, Let) and is_push(s))]
    return Block((*tried, block.statements[at], *kept, *rest), block.leaf)


def begun(arm: Block) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """The statements of an arm up to where it is known which it is, and the others."""
    firsts = [k + 1 for k, s in enumerate(arm.statements) if _begins(s)]
    at = firsts[0] if firsts else 0
    return arm.statements[:at], arm.statements[at:]


def _begins(statement: Statement) -> bool:
    return isinstance(statement, Let) and statement.op.form in (Form.ELSE, Form.CAUGHT)


def is_else(statement: Statement) -> bool:
    """Whether what stands before this statement may fail, and what follows is done if not."""
    return isinstance(statement, Let) and statement.op.form is Form.ELSE


def _block(block: Block, builder: Builder, names: tuple[str, ...]) -> Block:
    """A block with this done; `names` are of what the loop around carries."""
    if _ends_in_attempt(block):
        made = yielding(block, builder, list(names))
        assert isinstance(made.leaf, Yield)
        block = Block(made.statements, Next(made.leaf.values[1:]))
    statements: list[Statement] = []
    for statement in block.statements:
        match statement:
            case Branch(test, then, other, joins, place, style):
                then, other = _block(then, builder, names), _block(other, builder, names)
                made_branch = Branch(test, then, other, joins, place, style)
                statements.append(_telling(made_branch, builder))
            case Loop(head, params, inits, body, outs, code, place):
                body = _block(body, builder, tuple(p.name for p in params))
                statements.append(Loop(head, params, inits, body, outs, code, place))
            case Let():
                statements.append(statement)
    return Block(tuple(statements), block.leaf)


def _ends_in_attempt(block: Block) -> bool:
    """Whether a trip ends with something that may fail, and goes on to the next either way."""
    last = block.statements[-1] if block.statements else None
    if not isinstance(block.leaf, Stop) or not isinstance(last, Branch) or last.style != "try":
        return False
    arms = (last.then, last.other)
    return all(any(isinstance(leaf, Next) for leaf in loop_leaves(arm)) for arm in arms)


def _telling(branch: Branch, builder: Builder) -> Branch:
    two_ways = isinstance(branch.then.leaf, Yield) and isinstance(branch.other.leaf, Yield)
    if branch.style != "try" or not two_ways or failure(branch):
        return branch
    failed = builder.var(BOOL, "failed", Role.PRIMAL)
    then, other = _with(branch.then, True), _with(branch.other, False)
    return Branch(branch.test, then, other, (*branch.joins, failed), branch.place, branch.style)


def _with(block: Block, value: bool) -> Block:
    assert isinstance(block.leaf, Yield)
    return Block(block.statements, Yield((*block.leaf.values, Const(value))))
