"""Puts statements of the backward sweep where they need no second name.

What was popped comes first. What takes over the name of an adjoint comes after all that still reads
the adjoint; both stay within the statements of one line of the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Block, Branch, Function, Let, Loop, Role, Statement, Var, While
from adjoint.ir.trampoline import Step, run
from adjoint.ir.walk import all_reads, all_statements, reads, writes
from adjoint.optimise.memory import is_pop, written

__all__ = ["reorder"]


def reorder(function: Function, facts: Facts) -> Function:
    """Return `function` with its backward sweep in the order that needs fewest names.

    ::

        d_s_1 = d_s * a                     s = s_stack.pop()
        s = s_stack.pop()           ->      d_a = d_s * s
        d_a = d_s * s                       d_s = d_s * a
    """
    if function.split < 0:
        return function
    statements = function.body.statements
    back = Block(statements[function.split :], function.body.leaf)
    body = run(_block(back, written(function)))
    whole = (*statements[: function.split], *body.statements)
    return replace(function, body=replace(body, statements=whole))


def _block(block: Block, unstable: frozenset[Var]) -> Step[Block]:
    made: list[Statement] = []
    for statement in block.statements:
        match statement:
            case Let():
                made.append(statement)
            case Branch():
                then = yield _block(statement.then, unstable)
                other = yield _block(statement.other, unstable)
                made.append(replace(statement, then=then, other=other))
            case Loop(head):
                if isinstance(head, While):
                    head = While((yield _block(head.test, unstable)))
                body = yield _block(statement.body, unstable)
                made.append(replace(statement, head=head, body=body))
    return Block(tuple(_sunk(_popped_first(made), unstable)), block.leaf)


# -- pops ------------------------------------------------------------------------------------------


def _popped_first(statements: Sequence[Statement]) -> list[Statement]:
    """The statements with every pop as early as its name is free, in the line it is for."""
    made: list[Statement] = []
    for statement in statements:
        at = len(made)
        if isinstance(statement, Let) and is_pop(statement):
            while at and _may_swap(made[at - 1], statement):
                at -= 1
        made.insert(at, statement)
    for at in reversed(range(len(made) - 1)):
        pop = made[at]
        if isinstance(pop, Let) and is_pop(pop):
            made[at] = replace(pop, place=made[at + 1].place)
    return made


def _may_swap(before: Statement, pop: Let) -> bool:
    if isinstance(before, Let) and (before.op.effect or is_pop(before)):
        return False
    stack, target = pop.args[0], pop.target
    assert target is not None
    names = list(_all_variables(before))
    return stack not in names and not any(_are_namesakes(v, target) for v in names)


def _all_variables(statement: Statement) -> Iterable[Var]:
    yield from all_reads(statement)
    for inner in all_statements(Block((statement,))):
        yield from writes(inner)


def _are_namesakes(a: Var, b: Var) -> bool:
    return bool(a.name) and (a.role, a.name) == (b.role, b.name)


# -- adjoints --------------------------------------------------------------------------------------


def _sunk(statements: list[Statement], unstable: frozenset[Var]) -> list[Statement]:
    """The statements with those that take over a name after the readers of its old value."""
    made = list(statements)
    for at in reversed(range(len(made))):
        let = made[at]
        if not isinstance(let, Let) or not _takes_over(let, unstable):
            continue
        end = _end(made, at, let)
        old = [v for v in reads(let) if let.target is not None and _are_namesakes(v, let.target)]
        between = made[at + 1 : end]
        if any(v in old for s in between for v in all_reads(s)):
            made[at:end] = [*between, let]
    return made


def _takes_over(let: Let, unstable: frozenset[Var]) -> bool:
    """Whether `let` can be run later, and makes the next value of an adjoint that it reads."""
    if let.target is None or let.op.effect or let.op.updates or let.target.role is not Role.ADJOINT:
        return False
    if any(v in unstable for v in reads(let)):
        return False
    return any(_are_namesakes(v, let.target) for v in reads(let))


def _end(statements: Sequence[Statement], at: int, let: Let) -> int:
    """Where the statements of the same line end, or the result of `let` is read."""
    end = at + 1
    line = (let.place.function, let.place.line)
    while end < len(statements):
        statement = statements[end]
        is_elsewhere = (statement.place.function, statement.place.line) != line
        if is_elsewhere or let.target in all_reads(statement):
            break
        end += 1
    return end
