"""What a rewrite rule may see of the function around a statement, and what it answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Const, Let, Operand, Var
from adjoint.ir.ops import Op, operation
from adjoint.ir.values import Array, Scalar, Type, same_shape

__all__ = ["Result", "Rule", "Surroundings", "same_type"]

#: An operand that the target stands for; statements, the last of which defines the target; or
#: nothing, where the rule does not apply.
Result = Operand | tuple[Let, ...] | None


@dataclass(slots=True)
class Surroundings:
    """The statements that were written before the one that is looked at.

    Attributes
    ----------
    uses
        How often each variable is read, kept right while statements are rewritten.
    unstable
        Variables in memory that is written in place: they must not be read at another point.
    python_numbers
        Variables that hold a number of Python, and not one of NumPy.
    loop
        A number for the innermost loop; `loops` has that of each definition.
    writes
        The numbers of writes so far, into what the program has and into what derivatives have,
        which share no memory; `before` has those of each definition.
    """

    facts: Facts
    uses: dict[Var, int]
    unstable: frozenset[Var]
    numbers: itertools.count[int]
    lets: dict[Var, Let] = field(default_factory=dict)
    loops: dict[Var, int] = field(default_factory=dict)
    loop: int = 0
    writes: tuple[int, int] = (0, 0)
    before: dict[Var, tuple[int, int]] = field(default_factory=dict)
    python_numbers: frozenset[Var] = frozenset()

    def definition(self, operand: Operand) -> Let | None:
        """The statement that defines `operand`, if what it reads can as well be read here."""
        let = self.lets.get(operand) if isinstance(operand, Var) else None
        if let is None or let.op.effect or let.op.updates:
            return None
        assert isinstance(operand, Var), "what is defined is a variable"
        before = self.before[operand]
        if before == self.writes or all(self._is_as_it_was(arg, before) for arg in let.args):
            return let
        return None

    def _is_as_it_was(self, operand: Operand, before: tuple[int, int]) -> bool:
        if not isinstance(operand, Var) or operand not in self.unstable:
            return True
        kind = int(operand.role.derived)
        return before[kind] == self.writes[kind]

    def note_write(self, target: Var | None = None) -> None:
        """Note that the memory of a variable may be written here, or any."""
        program, derived = self.writes
        into_program = target is None or not target.role.derived
        into_derived = target is None or target.role.derived
        self.writes = (program + into_program, derived + into_derived)

    def only_for(self, operand: Operand) -> Let | None:
        """The same, if no one else needs its result and it does not come to run more often."""
        let = self.definition(operand)
        if let is None or not isinstance(operand, Var) or self.uses.get(operand) != 1:
            return None
        return let if self.loops[operand] == self.loop else None

    def temporary(self, let: Let, type_: Type | None = None) -> Var:
        """A new unnamed variable for a part of `let`."""
        assert let.target is not None
        return Var(next(self.numbers), "", type_ or let.target.type, let.target.role)

    def write(
        self,
        let: Let,
        function: Callable[..., Any],
        args: Sequence[Operand],
        target: Var | None = None,
    ) -> Let:
        """`function`, an operator, of `args` in place of `let`."""
        op = replace(operation(function), stopped=let.op.stopped, derived=let.op.derived)
        return Let(target or let.target, op, tuple(args), (), let.place)

    def apply(self, let: Let, op: Op, args: Sequence[Operand]) -> Let:
        """`op`, which stood in another statement, of `args` in place of `let`.

        A quotient stays what it was: ``/`` of Python's numbers raises where ``np.divide`` does not.
        """
        op = replace(op, stopped=let.op.stopped, derived=let.op.derived)
        return Let(let.target, op, tuple(args), (), let.place)

    def change(self, let: Let, op: Op, args: Sequence[Operand], target: Var | None = None) -> Let:
        """`op` of `args` in place of `let`, with its keywords."""
        return Let(target or let.target, op, tuple(args), let.kwargs, let.place)


Rule = Callable[[Let, Surroundings], Result]


def same_type(value: Operand, target: Var, facts: Facts) -> bool:
    """Whether `value` is known to be of the kind, dtype and shape of `target`."""
    if isinstance(value, Const):
        kind = target.type.kind if isinstance(target.type, Scalar) else None
        return kind == type(value.value).__name__
    if not isinstance(value, Var):
        return False
    a, b = value.type, target.type
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        return a.kind == b.kind
    if not isinstance(a, Array) or not isinstance(b, Array):
        return False
    return a.dtype == b.dtype and a.scalar == b.scalar and same_shape(a, b, facts)
