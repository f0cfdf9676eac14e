"""What is done once, and what is done again for each cotangent or direction.

Of a sweep that is written as a template, some statements do not depend on the variable that is
filled in::

    along x_dot                          t = cos(x)
        t = cos(x)            ->         along x_dot
        y_dot = x_dot * t                    y_dot = x_dot * t
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from adjoint.ir.memory import sharing
from adjoint.ir.nodes import Block, Function, Let, Statement, Var, Yield
from adjoint.ir.ops import Form
from adjoint.ir.values import Array, ListOf
from adjoint.ir.walk import all_reads, all_statements, operand_vars, reads, targets
from adjoint.rules import lookup

__all__ = ["managers", "parted", "rewritten"]


def parted(
    statements: Sequence[Statement],
    changing: Iterable[Var],
    unstable: Container[Var],
    known: Container[Var] = frozenset(),
) -> tuple[list[Statement], list[Statement]]:
    """The statements that may be done once, and those that must be done again.

    Parameters
    ----------
    changing
        The variables that are filled in.
    unstable
        Those whose memory is written: what makes, reads or writes it is done again.
    known
        Those that are known from before, even if what defines them here is done again.
    """
    moving = set(changing)
    once: list[Statement] = []
    again: list[Statement] = []
    for unit in _units(statements):
        made = [v for statement in unit for v in targets(statement)]
        touched = (v for s in unit for v in (*all_reads(s), *targets(s)))
        if any(v in moving or v in unstable for v in touched):
            again.extend(_managers_out_of(once, unit))
            again.extend(unit)
            moving.update(v for v in made if v not in known)
        else:
            once.extend(unit)
    return once, again


def _units(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    """What is done together: a statement, or all from where a ``with`` opens to its end."""
    unit: list[Statement] = []
    depth = 0
    for statement in statements:
        unit.append(statement)
        if isinstance(statement, Let):
            depth += statement.op.form in (Form.ENTER, Form.TRY)
            depth -= statement.op.form is Form.LEAVE
        if not depth:
            yield unit
            unit = []


def _managers_out_of(once: list[Statement], unit: Iterable[Statement]) -> Iterator[Statement]:
    """Take out of `once` what makes the managers of a unit."""
    entered = managers(unit)
    for statement in [s for s in once if entered.intersection(targets(s))]:
        once.remove(statement)
        yield statement


def managers(statements: Iterable[Statement]) -> frozenset[Var]:
    """The managers of the ``with`` that open in these statements: each is entered once."""
    lets = (s for s in statements if isinstance(s, Let) and s.op.form is Form.ENTER)
    return frozenset(v for let in lets for v in reads(let))


def rewritten(statements: Sequence[Statement]) -> frozenset[Var]:
    """The variables that may share memory with something that these statements write."""
    block = Block(tuple(statements), Yield())
    place = statements[0].place if statements else None
    if place is None:
        return frozenset()
    whole = Function("", (), (), block, place)
    return sharing(whole, (v for s in all_statements(block) for v in _written_by(s)))


def _written_by(statement: Statement) -> Iterator[Var]:
    """The variables whose memory a statement writes, as far as is known."""
    if not isinstance(statement, Let):
        return
    function = statement.op.function
    opaque = statement.op.effect and function is not print and lookup(function) is None
    if statement.op.updates:
        yield from operand_vars(statement.args[0])
        yield from targets(statement)
    elif opaque or any(name == "out" for name, _ in statement.kwargs):
        yield from (v for v in reads(statement) if isinstance(v.type, Array | ListOf))
