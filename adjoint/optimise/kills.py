"""Moves the zeros that the backward sweep writes behind what still reads the place.

What was overwritten has no adjoint before that, so its place is set to zero. Done at once, what was
there must be copied first; done after the contributions of the statement, it need not, as long as
these go to other places. What goes to the same place is written in its stead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from adjoint.analyses.regions import Numbers, Range, Region, are_apart, is_length
from adjoint.ir.lengths import Facts, Length
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Block, Branch, Const, Function, Let, Loop, Role, Statement, Var, While
from adjoint.ir.ops import Form
from adjoint.ir.trampoline import Step, run
from adjoint.ir.walk import all_reads, count_uses, reads
from adjoint.optimise.dead_writes import same_place

__all__ = ["sink_kills"]


def sink_kills(function: Function, facts: Facts) -> Function:
    """Return `function` with zeros written last among the statements of a line.

    ::

        d_t = d_p[:, -1]                    d_t = d_p[:, -1]
        d_p_1 = (d_p[:, -1] = 0)      ->    d_p_1 = (d_p[:, -2] += d_t)
        d_p_2 = (d_p_1[:, -2] += d_t)       d_p_2 = (d_p_1[:, -1] = 0)

        d_t = 2 * d_p[:, -1]                d_t = 2 * d_p[:, -1]
        d_p_1 = (d_p[:, -1] = 0)      ->    d_p_1 = (d_p[:, -1] = d_t)
        d_p_2 = (d_p_1[:, -1] += d_t)
    """
    if function.split < 0:
        return function
    front = function.body.statements[: function.split]
    back = Block(function.body.statements[function.split :], function.body.leaf)
    sinking = _Sinking(Numbers.of(function.body), count_uses(function), facts)
    made = run(sinking.block(back))
    return replace(function, body=replace(made, statements=(*front, *made.statements)))


class _Sinking:
    def __init__(self, numbers: Numbers, uses: Mapping[Var, int], facts: Facts) -> None:
        self._numbers, self._uses, self._facts = numbers, uses, facts

    def block(self, block: Block) -> Step[Block]:
        made: list[Statement] = []
        for statement in block.statements:
            match statement:
                case Let():
                    made.append(statement)
                case Branch():
                    then = yield self.block(statement.then)
                    other = yield self.block(statement.other)
                    made.append(replace(statement, then=then, other=other))
                case Loop(head):
                    if isinstance(head, While):
                        head = While((yield self.block(head.test)))
                    body = yield self.block(statement.body)
                    made.append(replace(statement, head=head, body=body))
        for at in reversed(range(len(made))):
            let = made[at]
            if isinstance(let, Let) and _is_kill(let) and self._is_shown(let, made[:at]):
                self._sink(made, at)
        self._fill(made)
        return replace(block, statements=tuple(made))

    def _fill(self, statements: list[Statement]) -> None:
        """Write at once what is added to a place that was set to zero."""
        for kill in [s for s in statements if isinstance(s, Let) and _is_kill(s)]:
            at = next((k for k, s in enumerate(statements) if _updates(s, kill.target)), None)
            if at is None or self._uses.get(kill.target) != 1:  # type: ignore[arg-type]
                continue
            added = statements[at]
            assert isinstance(added, Let)
            adds = added.op.form is Form.UPDATE_INDEX and added.op.name == "+"
            if adds and same_place(kill, added):
                args = (kill.args[0], *added.args[1:])
                statements[at] = replace(added, op=kill.op, args=args)
                statements.remove(kill)

    def _is_shown(self, kill: Let, before: list[Statement]) -> bool:
        """Whether there is a view of what is set to zero."""
        return any(
            isinstance(s, Let) and s.op.form is Form.INDEX and s.args[0] is kill.args[0]
            and s.target is not None and not is_immutable(s.target.type)
            for s in before
        )  # fmt: skip

    def _sink(self, statements: list[Statement], at: int) -> None:
        kill = statements[at]
        assert isinstance(kill, Let)
        line = (kill.place.function, kill.place.line)
        while at + 1 < len(statements):
            following = statements[at + 1]
            if (following.place.function, following.place.line) != line:
                return
            swapped = self._swapped(kill, following)
            if swapped is None:
                return
            statements[at], kill = swapped
            statements[at + 1] = kill
            at += 1

    def _swapped(self, kill: Let, following: Statement) -> tuple[Statement, Let] | None:
        """The two in the other order, or None where that would not be the same."""
        if not any(v is kill.target for v in all_reads(following)):
            return following, kill
        if not isinstance(following, Let) or following.target is None:
            return None
        updates = following.op.form in (Form.UPDATE_INDEX, Form.UPDATE_AT)
        if not updates or following.args[0] is not kill.target:
            return None
        assert kill.target is not None
        if self._uses.get(kill.target) != 1 or list(reads(following)).count(kill.target) != 1:
            return None
        old = kill.args[0]
        assert isinstance(old, Var)
        regions = [self._numbers.region(old, let.args[1]) for let in (kill, following)]
        if not self._are_apart(regions[0], regions[1]):
            return None
        first = replace(following, target=kill.target, args=(old, *following.args[1:]))
        return first, replace(kill, target=following.target, args=(kill.target, *kill.args[1:]))

    def _are_apart(self, a: Region, b: Region) -> bool:
        """Whether two parts have no element in common, if lengths are as in the example call."""
        if are_apart(a, b, self._numbers.bounds):
            return True
        gaps = (gap for m, n in zip(a or (), b or (), strict=False) for gap in _gaps(m, n))
        return any(self._is_filled(gap) for gap in gaps)

    def _is_filled(self, gap: Length) -> bool:
        """Whether a distance between positions is 0 or more by the lengths of axes alone."""
        if not all(is_length(symbol) for symbol, _ in gap.terms) or not gap.has_example:
            return False
        # It is asked of every call: only if it holds.
        return gap.evaluate() >= 0 and self._facts.at_least(gap - gap.const, -gap.const) is True


def _gaps(a: Range, b: Range) -> Iterator[Length]:
    """How far one range ends before the other begins, either way."""
    if a is not None and b is not None:
        yield a[0] - b[1]
        yield b[0] - a[1]


def _updates(statement: Statement, version: Var | None) -> bool:
    return isinstance(statement, Let) and statement.op.updates and statement.args[0] is version


def _is_kill(let: Let) -> bool:
    """Whether a statement sets a place of an adjoint to zero."""
    if let.op.form is not Form.UPDATE_INDEX or let.op.name or let.target is None:
        return False
    value = let.args[-1]
    return let.target.role is Role.ADJOINT and isinstance(value, Const) and value.value == 0
