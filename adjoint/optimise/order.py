"""Puts statements of the backward sweep where they need no second name.

What is brought back from the forward sweep comes first. What takes over the name of an adjoint
comes after all that still reads the adjoint, within the statements of one line of the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adjoint.errors import Place
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import is_pop, written
from adjoint.ir.nodes import Block, Branch, Function, Let, Loop, Role, Statement, Var
from adjoint.ir.ops import Form
from adjoint.ir.rebuild import map_blocks, with_body, with_statements
from adjoint.ir.trampoline import Step, run
from adjoint.ir.walk import all_reads, all_statements, reads, writes

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
    return with_body(function, with_statements(function.body, whole))


def _block(block: Block, unstable: frozenset[Var], around: Place | None = None) -> Step[Block]:
    made: list[Statement] = []
    for statement in block.statements:
        if isinstance(statement, Branch):
            statement = yield map_blocks(statement, lambda arm: _block(arm, unstable, around))
        elif isinstance(statement, Loop):
            statement = yield _loop(statement, unstable)
        made.append(statement)
    if around is not None:
        made = _joined(_restored_first(made, unstable), around)
    return with_statements(block, _sunk(made, unstable))


def _loop(loop: Loop, unstable: frozenset[Var]) -> Step[Loop]:
    def block(inner: Block) -> Step[Block]:
        return _block(inner, unstable, loop.place if inner is loop.body else None)

    made: Loop = yield map_blocks(loop, block)
    return made


# -- what is brought back --------------------------------------------------------------------------


def _restored_first(statements: Sequence[Statement], unstable: frozenset[Var]) -> list[Statement]:
    """The statements with what brings back a value of the forward sweep at the start.

    Unless its name is still read for another value before: then it stays where it is.
    """
    made: list[Statement] = []
    for statement in statements:
        at = len(made)
        if isinstance(statement, Let) and _restores(statement, unstable):
            while at and _may_swap(made[at - 1], statement):
                at -= 1
            if at and _clashes(made[at - 1], statement):
                at = len(made)
        made.insert(at, statement)
    for at in reversed(range(len(made) - 1)):
        let = made[at]
        if isinstance(let, Let) and _restores(let, unstable):
            made[at] = replace(let, place=made[at + 1].place)
    return made


def _restores(let: Let, unstable: frozenset[Var]) -> bool:
    """Whether `let` pops a value, or computes again what the user named."""
    if is_pop(let):
        return True
    target = let.target
    is_primal = target is not None and target.role is Role.PRIMAL and bool(target.name)
    if not is_primal or let.op.effect or let.op.updates:
        return False
    return not any(v in unstable for v in reads(let))


def _may_swap(before: Statement, let: Let) -> bool:
    if isinstance(before, Let) and (before.op.effect or is_pop(before)):
        return False
    written_before = {v for inner in all_statements(Block((before,))) for v in writes(inner)}
    if any(v in written_before for v in reads(let)):
        return False
    is_same_stack = is_pop(let) and let.args[0] in _all_variables(before)
    return not is_same_stack and not _clashes(before, let)


def _clashes(before: Statement, let: Let) -> bool:
    target = let.target
    return target is not None and any(_are_namesakes(v, target) for v in _all_variables(before))


def _all_variables(statement: Statement) -> list[Var]:
    made = [v for inner in all_statements(Block((statement,))) for v in writes(inner)]
    return [*all_reads(statement), *made]


def _are_namesakes(a: Var, b: Var) -> bool:
    return bool(a.name) and (a.role, a.name) == (b.role, b.name)


def _joined(statements: list[Statement], around: Place) -> list[Statement]:
    """The statements with sums into an item of the loop's header in the line of their term."""
    made = list(statements)
    places = {v: s.place for s in statements if isinstance(s, Let) for v in writes(s)}
    for at, statement in enumerate(made):
        if not isinstance(statement, Let) or statement.op.form is not Form.UPDATE_INDEX:
            continue
        term = statement.args[-1]
        is_of_header = statement.place.line == around.line
        if is_of_header and isinstance(term, Var) and term in places:
            made[at] = replace(statement, place=places[term])
    return made


# -- adjoints --------------------------------------------------------------------------------------


def _sunk(statements: list[Statement], unstable: frozenset[Var]) -> list[Statement]:
    """The statements with those that take over a name after the readers of its old value."""
    made = list(statements)
    computed = _computed_from(made)
    for at in reversed(range(len(made))):
        let = made[at]
        if not isinstance(let, Let) or not _takes_over(let, unstable):
            continue
        between = made[at + 1 : _end(made, at, let)]
        needed = _with_old_value(computed, let, at + len(between))
        readers = [k for k, s in enumerate(between) if any(v in needed for v in all_reads(s))]
        if readers:
            end = at + 2 + readers[-1]
            made[at:end] = [*made[at + 1 : end], let]
    return made


def _computed_from(statements: Sequence[Statement]) -> dict[Var, list[tuple[int, Var]]]:
    """For each variable, what is computed from it without an effect, and where."""
    found: dict[Var, list[tuple[int, Var]]] = {}
    for position, s in enumerate(statements):
        if isinstance(s, Let) and s.target is not None and not s.op.effect and not s.op.updates:
            for variable in reads(s):
                found.setdefault(variable, []).append((position, s.target))
    return found


def _with_old_value(
    computed: dict[Var, list[tuple[int, Var]]], let: Let, last: int
) -> dict[Var, None]:
    """The adjoint that `let` takes over, and what is computed from it and may go in its place."""
    todo = [v for v in reads(let) if let.target is not None and _are_namesakes(v, let.target)]
    found = dict.fromkeys(todo)
    while todo:
        for position, target in computed.get(todo.pop(), ()):
            if position <= last and target is not let.target and target not in found:
                found[target] = None
                todo.append(target)
    return found


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
        if is_elsewhere or any(v is let.target for v in all_reads(statement)):
            break
        end += 1
    return end
