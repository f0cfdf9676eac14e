"""The clauses of a ``try``: handlers that are told apart by what was caught, as they were written.

::

    except (A, B) as error:               except A:
        if isinstance(error, A):              first
            first                 ->      except B:
        else:                                 second
            second
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from adjoint.ir.nodes import Block, Branch, Const, Let, Operand, Pack, Statement, Var
from adjoint.ir.ops import ALIAS, Form

__all__ = ["Clause", "clauses_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """A clause: the classes that it waits for, and its parts.

    The parts are run one after the other: statements, or the arm of a branch.
    """

    classes: tuple[Operand, ...]
    parts: tuple[tuple[Block, Branch | None], ...]


def clauses_of(branch: Branch, is_read: Callable[[Var], bool]) -> list[Clause]:
    """The clauses of a branch of style "try"; one where its handlers are not told apart.

    `is_read` tells whether what was asked of the error is read other than by the branch it decides.
    """
    assert isinstance(branch.test, Pack), "the test of a try is a display of classes"
    whole = Clause(branch.test.items, ((Block(branch.then.statements), None),))
    found: list[Clause] = []
    last = whole
    while (made := _divided(last, is_read)) is not None:
        first, last = made
        found.append(first)
    return [*found, last]


def _divided(clause: Clause, is_read: Callable[[Var], bool]) -> tuple[Clause, Clause] | None:
    """A clause as one for what its first test asks, and one for what is left."""
    for k, (block, of) in enumerate(clause.parts):
        found = _test_in(block.statements)
        if found is None:
            continue
        at, inner = found
        asked = _classes(inner.test, block.statements)
        left = tuple(c for c in clause.classes if not _is_among(c, asked))
        if not left or not all(_is_among(c, clause.classes) for c in asked):
            return None
        assert isinstance(inner.test, Var), "what was asked is a variable"
        keep = is_read(inner.test)
        after = Block(block.statements[at + 1 :], block.leaf)
        arms = []
        for arm, holds, classes in ((inner.then, True, asked), (inner.other, False, left)):
            before = Block(_known(block.statements[:at], inner.test, holds, keep=keep))
            parts = (
                *clause.parts[:k], (before, None), (arm, inner), (after, of),
                *clause.parts[k + 1 :],
            )  # fmt: skip
            arms.append(Clause(classes, parts))
        return arms[0], arms[1]
    return None


def _test_in(statements: Sequence[Statement]) -> tuple[int, Branch] | None:
    """Where a branch asks what was caught."""
    tests = {s.target for s in statements if isinstance(s, Let) and _asks(s)}
    for at, statement in enumerate(statements):
        if isinstance(statement, Branch) and statement.style != "try" and statement.test in tests:
            return at, statement
    return None


def _asks(let: Let) -> bool:
    return let.op.form is Form.CALL and let.op.function is isinstance and not let.kwargs


def _classes(test: Operand, statements: Sequence[Statement]) -> tuple[Operand, ...]:
    let = next(s for s in statements if isinstance(s, Let) and s.target is test)
    wanted = let.args[1]
    return wanted.items if isinstance(wanted, Pack) else (wanted,)


def _known(
    statements: Sequence[Statement], test: Var, holds: bool, *, keep: bool
) -> tuple[Statement, ...]:
    """Statements in which it is known what a test would give."""
    made: list[Statement] = []
    for statement in statements:
        if not isinstance(statement, Let) or statement.target is not test:
            made.append(statement)
        elif keep:
            made.append(replace(statement, op=ALIAS, args=(Const(holds),)))
    return tuple(made)


def _is_among(cls: Operand, classes: Sequence[Operand]) -> bool:
    values = [c.value for c in classes if isinstance(c, Const)]
    return isinstance(cls, Const) and any(cls.value is value for value in values)
