"""Writes statements."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from adjoint.errors import Place, Unsupported
from adjoint.ir.counts import counts_up
from adjoint.ir.infer import infer
from adjoint.ir.lengths import Facts, Length, Symbol
from adjoint.ir.nodes import Block, Const, Leaf, Let, Operand, Role, SliceOf, Statement, Var, Yield
from adjoint.ir.operands import strip, type_of
from adjoint.ir.ops import GETITEM, Op, attribute, operation
from adjoint.ir.specimens import identity
from adjoint.ir.values import Array, Growing, Scalar, Type, shape_of, with_lengths

__all__ = ["Builder", "Watch"]

Watch = Callable[[Statement, bool], Statement]

_WHOLE = Const(None)


class Builder:
    """Appends statements to the block that is being written, and numbers variables.

    Attributes
    ----------
    facts
        What is known of lengths.
    place
        Where the statements that are written now come from.
    role
        What new variables are for.
    stopped
        Whether no derivative passes through what is written now.
    watch
        What looks at each statement before it is written, and may write another in its place; it is
        told whether the statement is new, or was made elsewhere.
    definitions
        The statement that defines each variable.
    changes
        For the variable that a change of what may be a number or an array defines, the one that
        held it, and how the change is refused if that matters (see `analyses.shared_changes`).
    numpy_division
        Whether the text of a rule divides Python numbers as NumPy does, without an exception at 0.
    """

    def __init__(self, facts: Facts, place: Place) -> None:
        self.facts, self.place = facts, place
        self.role = Role.PRIMAL
        self.stopped = False
        self.watch: Watch | None = None
        self.numpy_division = False
        self.count = 0
        self._statements: list[Statement] = []
        self._open: list[list[Statement]] = [self._statements]
        self.definitions: dict[Var, Let] = {}
        self.changes: dict[Var, tuple[Var, Unsupported]] = {}
        self._carriers: dict[Symbol, tuple[Var, int]] = {}

    def var(self, type_: Type, name: str = "", role: Role | None = None) -> Var:
        """A new variable."""
        if isinstance(type_, Scalar) and type_.kind == "int" and type_.length is None:
            type_ = Scalar("int", self.facts.fresh())
        made = Var(self.count, name, type_, role or self.role)
        self.count += 1
        self._note_lengths(made)
        return made

    def _note_lengths(self, made: Var) -> None:
        if made.role is Role.PRIMAL and isinstance(made.type, Array):
            for axis, symbol in _symbols(made.type):
                if symbol.example < 0:  # an earlier variable may be of an attempt given up
                    self._carriers[symbol] = (made, axis)
                self._carriers.setdefault(symbol, (made, axis))

    def carry_lengths(self, there: Iterable[Var]) -> None:
        """Have lengths read from what is `there`, where the variable that had them first is gone.

        ``v = u[::2]`` is dead where ``w = u[::2]`` is read in its place: that ``n`` is the length
        of `w` then.
        """
        variables = tuple(there)
        found = set(variables)
        gone = {s for s, (v, _) in self._carriers.items() if v in self.definitions}
        gone = {s for s in gone if self._carriers[s][0] not in found}
        for variable in variables:
            for axis, symbol in _symbols(variable.type):
                if symbol in gone:
                    self._carriers[symbol] = (variable, axis)
                    gone.remove(symbol)

    def append(self, statement: Statement) -> None:
        """Write a statement that was made elsewhere."""
        self._write(statement, new=False)

    def _write(self, statement: Statement, *, new: bool) -> Statement:
        if self.watch is not None:
            statement = self.watch(statement, new)
        self._statements.append(statement)
        return statement

    def let(
        self,
        op: Op,
        args: Sequence[Operand],
        kwargs: Sequence[tuple[str, Operand]] = (),
        *,
        name: str = "",
        type_: Type | None = None,
        role: Role | None = None,
    ) -> Var:
        """Write ``target = op(*args, **kwargs)``; the type is inferred where none is given."""
        if type_ is None:
            type_ = infer(op.function, args, kwargs, self.facts)
        type_ = self._of_item(op, args, type_)
        if self.stopped and not op.stopped:
            op = replace(op, stopped=True)
        target = self.var(type_, name, role)
        made = self._write(Let(target, op, tuple(args), tuple(kwargs), self.place), new=True)
        assert isinstance(made, Let), "a Let is watched"
        self.definitions[target] = made
        size = target.type.length if isinstance(target.type, Scalar) else None
        if size is not None and counts_up(op, args, self.definitions, self.facts):
            self.facts.note_start(size)
        return target

    def _of_item(self, op: Op, args: Sequence[Operand], type_: Type) -> Type:
        """The type of what is read; an item of a list whose lengths vary has some of its own."""
        is_item = op.function is operator.getitem and isinstance(type_of(args[0]), Growing)
        if not is_item or isinstance(type_, Growing) or self.role is not Role.PRIMAL:
            return type_
        axes = itertools.count()
        where = (operator.getitem, *map(identity, args))
        return with_lengths(type_, lambda n: self.facts.of_item(n, (*where, next(axes))))

    def effect(
        self, op: Op, args: Sequence[Operand], kwargs: Sequence[tuple[str, Operand]] = ()
    ) -> None:
        """Write a statement that is run for its effect."""
        self._write(Let(None, op, tuple(args), tuple(kwargs), self.place), new=True)

    @property
    def statements(self) -> list[Statement]:
        """The statements of the block that is being written."""
        return self._statements

    @contextmanager
    def block(self) -> Iterator[list[Statement]]:
        """Write into a new block, whose statements are the list given."""
        outer, self._statements = self._statements, []
        self._open.append(self._statements)
        try:
            yield self._statements
        finally:
            self._open.pop()
            self._statements = outer

    @contextmanager
    def within(self, statements: list[Statement]) -> Iterator[None]:
        """Write at the end of a block that is open, around the one that is being written."""
        assert self.is_open(statements), "a block around this one"
        outer, self._statements = self._statements, statements
        try:
            yield
        finally:
            self._statements = outer

    def is_open(self, statements: list[Statement]) -> bool:
        """Whether what these statements define can be read here: their block is still written."""
        return any(block is statements for block in self._open)

    def finish(self, leaf: Leaf | None = None) -> Block:
        """The statements written so far in this block, as a block."""
        return Block(tuple(self._statements), leaf or Yield())

    @contextmanager
    def at(self, place: Place) -> Iterator[None]:
        """Write statements that come from `place`."""
        outer, self.place = self.place, place
        try:
            yield
        finally:
            self.place = outer

    def binary(self, function: Callable[..., Any], left: Operand, right: Operand) -> Var:
        """Write ``left op right``."""
        return self.let(operation(function), (left, right))

    def shape(self, value: Operand) -> Var:
        """Write ``value.shape``."""
        return self.let(attribute(np.shape, "shape"), (value,))

    def length(self, value: Var, axis: int) -> Operand:
        """The operand that is the length of an axis; a number where it is known."""
        shape = shape_of(strip(value.type))
        assert shape is not None
        return self.length_operand(shape[axis], (value, axis))

    def length_operand(self, size: Length, fallback: tuple[Var, int] | None = None) -> Operand:
        """An operand for a length: a number, or the axis of the variable that had it first.

        A variable that was computed may be gone by now, which `fallback` is not.
        """
        if size.known:
            return Const(size.const)
        carrier = fallback
        symbol = _symbol(size)
        if symbol is not None:
            known = self._carriers.get(symbol, fallback)
            is_given = known is not None and known[0] not in self.definitions
            carrier = known if (symbol.example >= 0 and is_given) or fallback is None else fallback
        assert carrier is not None, "a length that no variable has"
        value, axis = carrier
        return self.let(GETITEM, (self.shape(value), Const(axis)), type_=Scalar("int", size))

    def whole_slice(self) -> SliceOf:
        """``:``."""
        return SliceOf(_WHOLE, _WHOLE, _WHOLE)


def _symbols(type_: Type) -> Iterator[tuple[int, Symbol]]:
    """The axes of an array whose length is a symbol, with it."""
    shape = type_.shape if isinstance(type_, Array) else None
    for axis, size in enumerate(shape or ()):
        symbol = _symbol(size)
        if symbol is not None:
            yield axis, symbol


def _symbol(size: Length) -> Symbol | None:
    """The symbol that a length is, if it is one alone."""
    is_one = size.const == 0 and len(size.terms) == 1 and size.terms[0][1] == 1
    return size.terms[0][0] if is_one else None
