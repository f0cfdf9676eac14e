"""Makes calls once that the rules of several arguments make alike, or the program itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from adjoint.ir.alike import likeness
from adjoint.ir.arithmetic import MATRIX_PRODUCTS
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import written
from adjoint.ir.nodes import Block, Function, Let, Operand, Statement, Var
from adjoint.ir.ops import Form
from adjoint.ir.values import Array
from adjoint.ir.walk import all_blocks, all_statements, blocks, derived_lets, reads, writes
from adjoint.optimise.dead import remove_dead
from adjoint.optimise.edit import replace_lets, replace_reads
from adjoint.rules import Kind, lookup
from adjoint.transform.rule_arguments import named_arguments

__all__ = ["share_calls"]

_CALLS = frozenset({Form.CALL, Form.METHOD})
_VALUES = frozenset({*_CALLS, Form.OPERATOR, Form.ATTRIBUTE, Form.INDEX})


def share_calls(function: Function, facts: Facts) -> Function:
    """Return `function` with what a derivative calls twice in a block, with the same, called once.

    ::

        d_a = -np.outer(np.linalg.solve(a.T, g), x)         d_b = np.linalg.solve(a.T, g)
        d_b = np.linalg.solve(a.T, g)                 ->    d_a = -np.outer(d_b, x)

    And with what the program has called before, in whatever spelling: ``x.mean(0)``; so for
    products of matrices. Products and sums by element stay, but those of the program that a
    derivative reads: to hold another costs as much.
    """
    derived = set(derived_lets(function))
    if not derived:
        return function
    changing = written(function)
    held = {variable for let in derived for variable in reads(let)}
    changes: dict[Let, tuple[Let, ...]] = {}
    known: dict[Var, Operand] = {}
    for block in all_blocks(function.body):
        for first, *again in _alike(block, derived, changing, held):
            if first not in derived:
                result = first.target
                assert result is not None, "it is a value"
            else:
                results = [let.target for let in (first, *again) if let.target]
                result = next((v for v in results if v.name), results[0])
                changes[first] = (replace(first, target=result),)
            changes.update(dict.fromkeys(again, ()))
            gone = [v for let in (first, *again) for v in writes(let)]
            known.update((v, result) for v in gone if v is not result)
    if not known:
        return function
    return remove_dead(replace_reads(replace_lets(function, changes), known), facts)


def _alike(
    block: Block, derived: Container[Statement], changing: Container[Var], held: Container[Var]
) -> list[list[Let]]:
    """Calls of the block that return the same, each list in the order in which they run.

    And what operators make of the same, where the program's own array is `held` for a derivative.
    """
    numbers, calls = _Numbers(changing), defaultdict[Var, list[Let]](list)
    for statement in block.statements:
        numbers.writes += _may_write(statement)
        if not isinstance(statement, Let) or not _is_value(statement):
            continue
        same = numbers.add(statement)
        if statement.target in changing:
            continue
        if statement not in derived:
            is_there = statement.target in held and _is_array_made(statement)
            if same not in calls and (is_there or _is_costly(statement)):
                calls[same] = [statement]  # the program calls as often as it says
        elif same in calls or _is_costly(statement):
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
    if let.op.function in MATRIX_PRODUCTS:
        return True
    if let.op.form not in _CALLS or rule is None:
        return False
    return rule.kind is not Kind.ZERO and let.op.function is not np.copy


def _is_array_made(let: Let) -> bool:
    is_read = let.op.form in (Form.INDEX, Form.ATTRIBUTE)
    return let.target is not None and isinstance(let.target.type, Array) and not is_read


def _spelled_out(let: Let, key: Callable[[Operand], Hashable]) -> Iterator[Hashable]:
    """The arguments of a call by the names that its rule has for them."""
    rule = lookup(let.op.function)
    vjp = None if rule is None else next(iter(rule.vjps.values()), None)
    try:
        named = dict(let.kwargs) if vjp is None else named_arguments(vjp, let)
    except TypeError:  # the rule does not take what the function does
        named, vjp = dict(let.kwargs), None
    if vjp is None:
        yield from map(key, let.args)
    for name, value in named.items():
        yield name, *_keys(value, key)


def _keys(given: Any, key: Callable[[Operand], Hashable]) -> Iterator[Hashable]:
    """Of what is given to a parameter, also to ``*args`` and ``**kwargs``."""
    if isinstance(given, dict):
        yield from ((name, key(value)) for name, value in given.items())
    else:
        yield from map(key, given if isinstance(given, tuple) else (given,))


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
        assert let.target is not None
        if _is_costly(let):
            key = (let.op.function, "called", *_spelled_out(let, self._key))
        else:
            named = [(name, self._key(value)) for name, value in let.kwargs]
            key = (let.op.function, let.op.form, let.op.name, *map(self._key, let.args), *named)
        self._same[let.target] = self._first.setdefault(key, let.target)
        return self._same[let.target]

    def _key(self, operand: Operand) -> Hashable:
        return likeness(operand, self._number)

    def _number(self, variable: Var) -> Hashable:
        same = self._same.get(variable, variable)
        return (same, self.writes) if variable in self._changing else same
