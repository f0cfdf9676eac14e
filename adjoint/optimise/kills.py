"""Moves the zeros that the backward sweep writes behind what still reads the place.

What was overwritten has no adjoint before that, so its place is set to zero. Done at once, what was
there must be copied first; done after the contributions of the statement, it need not, as long as
these go to other places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adjoint.analyses.regions import Numbers
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Block, Function, Let, Statement, Var
from adjoint.ir.ops import Form
from adjoint.ir.rebuild import map_blocks, with_body, with_statements
from adjoint.ir.trampoline import Step, run
from adjoint.ir.walk import all_reads, count_uses, reads
from adjoint.optimise.places import are_places_apart, is_kill

__all__ = ["sink_kills"]


def sink_kills(function: Function, facts: Facts) -> Function:
    """Return `function` with zeros written last among the statements of a line.

    ::

        d_t = d_p[:, -1]                    d_t = d_p[:, -1]
        d_p_1 = (d_p[:, -1] = 0)      ->    d_p_1 = (d_p[:, -2] += d_t)
        d_p_2 = (d_p_1[:, -2] += d_t)       d_p_2 = (d_p_1[:, -1] = 0)
    """
    if function.split < 0:
        return function
    front = function.body.statements[: function.split]
    back = Block(function.body.statements[function.split :], function.body.leaf)
    sinking = _Sinking(Numbers.of(function.body), count_uses(function), facts)
    made = run(sinking.block(back))
    return with_body(function, with_statements(function.body, (*front, *made.statements)))


class _Sinking:
    def __init__(self, numbers: Numbers, uses: Mapping[Var, int], facts: Facts) -> None:
        self._numbers, self._uses, self._facts = numbers, uses, facts

    def block(self, block: Block) -> Step[Block]:
        made: list[Statement] = []
        for statement in block.statements:
            if not isinstance(statement, Let):
                statement = yield map_blocks(statement, self.block)
            made.append(statement)
        for at in reversed(range(len(made))):
            let = made[at]
            if isinstance(let, Let) and is_kill(let) and self._is_shown(let, made[:at]):
                self._sink(made, at)
        return with_statements(block, made)

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
        if not are_places_apart(kill, following, self._numbers, self._facts):
            return None
        first = replace(following, target=kill.target, args=(kill.args[0], *following.args[1:]))
        return first, replace(kill, target=following.target, args=(kill.target, *kill.args[1:]))
