"""Makes calls once that the rules of several arguments make alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Hashable
from dataclasses import replace

from adjoint.ir.alike import likeness
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import written
from adjoint.ir.nodes import Block, Function, Let, Operand, Statement, Var
from adjoint.ir.ops import Form
from adjoint.ir.walk import all_blocks, all_statements, blocks, derived_lets
from adjoint.optimise.dead import remove_dead
from adjoint.optimise.edit import replace_lets, replace_reads
from adjoint.rules import Kind, lookup

__all__ = ["share_calls"]

_VALUES = frozenset({Form.CALL, Form.OPERATOR, Form.METHOD, Form.ATTRIBUTE, Form.INDEX})


def share_calls(function: Function, facts: Facts) -> Function:
    """Return `function` with what a derivative calls twice in a block, with the same, called once.

    ::

        d_a = -np.outer(np.linalg.solve(a.T, g), x)         d_b = np.linalg.solve(a.T, g)
        d_b = np.linalg.solve(a.T, g)                 ->    d_a = -np.outer(d_b, x)

    Products and sums stay: to hold one for a second reader costs as much.
    """
    derived = set(derived_lets(function))
    if not derived:
        return function
    changing = written(function)
    changes: dict[Let, tuple[Let, ...]] = {}
    known: dict[Var, Operand] = {}
    for block in all_blocks(function.body):
        for first, *again in _alike(block, derived, changing):
            results = [let.target for let in (first, *again) if let.target]
            result = next((v for v in results if v.name), results[0])
            changes.update(dict.fromkeys(again, ()))
            changes[first] = (replace(first, target=result),)
            known.update((v, result) for v in results if v is not result)
    if not known:
        return function
    return remove_dead(replace_reads(replace_lets(function, changes), known), facts)


def _alike(
    block: Block, derived: Container[Statement], changing: Container[Var]
) -> list[list[Let]]:
    """Calls of the block that return the same, each list in the order in which they run."""
    numbers, calls = _Numbers(changing), defaultdict[Var, list[Let]](list)
    for statement in block.statements:
        numbers.writes += _may_write(statement)
        if not isinstance(statement, Let) or not _is_value(statement):
            continue
        same = numbers.add(statement)
        if statement in derived and statement.target not in changing and _is_costly(statement):
            calls[same].append(statement)
    return [lets for lets in calls.values() if len(lets) > 1]


def _may_write(statement: Statement) -> bool:
    within = (s for block in blocks(statement) for s in all_statements(block))
    return any(isinstance(s, Let) and (s.op.updates or s.op.effect) for s in (statement, *within))


def _is_value(let: Let) -> bool:
    """Whether a statement does nothing but compute a value."""
    return let.target is not None and not let.op.effect and let.op.form in _VALUES


def _is_costly(let: Let) -> bool:
    rule = lookup(let.op.function)
    return let.op.form is Form.CALL and rule is not None and rule.kind is not Kind.ZERO


class _Numbers:
    """Tells which values are the same.

    Attributes
    ----------
    writes
        How often something may have been written so far.
    """

    def __init__(self, changing: Container[Var]) -> None:
        self.writes = 0
        self._changing = changing
        self._first: dict[Hashable, Var] = {}
        self._same: dict[Var, Var] = {}

    def add(self, let: Let) -> Var:
        """The first variable that holds what the statement computes."""
        named = [(name, self._key(value)) for name, value in let.kwargs]
        key = (let.op.function, let.op.form, let.op.name, *map(self._key, let.args), *named)
        assert let.target is not None
        self._same[let.target] = self._first.setdefault(key, let.target)
        return self._same[let.target]

    def _key(self, operand: Operand) -> Hashable:
        return likeness(operand, self._number)

    def _number(self, variable: Var) -> Hashable:
        same = self._same.get(variable, variable)
        return (same, self.writes) if variable in self._changing else same
