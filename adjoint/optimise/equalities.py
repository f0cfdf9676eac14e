"""Tests whether a whole number is a certain one, or a value None.

What is known of it from one test is known wherever it is asked again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adjoint.ir.nodes import Const, Let, Loop, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import COMPARE, GETITEM, operation
from adjoint.ir.values import ListOf, Scalar
from adjoint.ir.walk import all_statements, blocks

__all__ = ["Equalities", "Equality", "turned"]

#: That a variable is a number, or None.
Equality = tuple[Var, int | None]

_EQUAL, _OTHER = operation(COMPARE["=="]), operation(COMPARE["!="])
_IS, _IS_NOT = operation(COMPARE["is"]), operation(COMPARE["is not"])
_CONTRARY = {_EQUAL: _OTHER, _OTHER: _EQUAL, _IS: _IS_NOT, _IS_NOT: _IS}


@dataclass(eq=False)
class Equalities:
    """What is asked of whole numbers and of None, by the statements of a function up to some point.

    What was read of one version of a list at one position is one number: the `first` that was.
    """

    asks: dict[Operand, tuple[Equality, bool, Let]] = field(default_factory=dict)
    first: dict[Operand, Var] = field(default_factory=dict)
    _reads: dict[tuple[Operand, Operand], Var] = field(default_factory=dict)
    _counts: set[Operand] = field(default_factory=set)

    def copy(self) -> Equalities:
        """One that knows the same."""
        return Equalities({**self.asks}, {**self.first}, {**self._reads}, {*self._counts})

    def note(self, let: Let) -> None:
        """Note what a statement reads or asks."""
        if let.target is None:
            return
        if let.op.function is GETITEM.function and _is_read_of_list(let):
            index = let.args[1]
            key = (let.args[0], self.first.get(index, index))
            self.first[let.target] = self._reads.setdefault(key, let.target)
        if let.op.function is len:
            self._counts.add(let.target)
        found = _asked(let)
        if found is not None:
            variable, value, truth = found
            self.asks[let.target] = ((self.first.get(variable, variable), value), truth, let)

    def holds(self, test: Operand, known: Mapping[Any, bool]) -> bool | None:
        """What a test is known to be by what is known of numbers."""
        if test not in self.asks:
            return None
        equality, truth, _ = self.asks[test]
        is_equal = known.get(equality)
        return None if is_equal is None else is_equal == truth

    def differs(self, operand: Operand, value: int | None, known: Mapping[Any, bool]) -> bool:
        """Whether an operand is known not to be a number, or not to be None."""
        if isinstance(operand, Const):
            return type(operand.value) is int and operand.value != value
        if operand in self._counts and value is not None and value < 0:
            return True
        return known.get((self.first.get(operand, operand), value)) is False

    def of_joins(
        self, joins: Sequence[Var], pairs: Sequence[tuple[Operand, ...]], known: Sequence[Any]
    ) -> Iterator[tuple[Equality, bool]]:
        """What joins are known not to be, given what is known at the end of each arm."""
        values = dict.fromkeys(value for (_, value), _, _ in self.asks.values())
        for join, pair in zip(joins, pairs, strict=True):
            for value in values if _is_whole(join) else ():
                if all(self.differs(p, value, k) for p, k in zip(pair, known, strict=True)):
                    yield (join, value), False

    def of_outs(self, outs: Mapping[Var, Var], known: Any) -> Iterator[tuple[Equality, bool]]:
        """What a loop that its test ends hands on, given what is known of what it carries."""
        values = dict.fromkeys(value for (_, value), _, _ in self.asks.values())
        for (variable, out), value in itertools.product(outs.items(), values):
            if known.get((variable, value)) is False:
                yield (out, value), False

    def candidates(self, loop: Loop, known: Mapping[Any, bool]) -> list[Equality]:
        """What a carried number is asked to be in a loop, and is not as the loop begins."""
        inits = dict(zip(loop.params, loop.inits, strict=True))
        lets = (s for block in blocks(loop) for s in all_statements(block) if isinstance(s, Let))
        found = (_asked(let) for let in lets)
        each = dict.fromkeys((v, value) for v, value, _ in filter(None, found) if v in inits)
        return [(v, value) for v, value in each if self.differs(inits[v], value, known)]


def _is_read_of_list(let: Let) -> bool:
    """Whether a statement reads a whole number of a list."""
    return isinstance(type_of(let.args[0]), ListOf) and _is_whole(let.target)


def _asked(let: Let) -> tuple[Var, int | None, bool] | None:
    """What a statement asks of a variable, and what its truth says of that; or None."""
    if let.op not in _CONTRARY or len(let.args) != 2:
        return None
    variable, constant = let.args
    if not isinstance(variable, Var) or not isinstance(constant, Const):
        return None
    is_number = let.op in (_EQUAL, _OTHER)
    if is_number and not (_is_whole(variable) and type(constant.value) is int):
        return None
    if not is_number and constant.value is not None:
        return None
    return variable, constant.value, let.op in (_EQUAL, _IS)


def _is_whole(variable: Var | None) -> bool:
    type_ = None if variable is None else variable.type
    return isinstance(type_, Scalar) and type_.kind == "int"


def turned(let: Let, target: Var) -> Let:
    """The statement that asks the contrary of another."""
    return Let(target, _CONTRARY[let.op], let.args, (), let.place)
