"""How often each variable is used, counting only what will be printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from adjoint.emit.operands import leaf_values, let_operands, user_names, variables
from adjoint.ir.nodes import (
    Block,
    Branch,
    Exit,
    For,
    Function,
    Let,
    Loop,
    Operand,
    Stop,
    Var,
    While,
    Yield,
)

__all__ = ["Uses", "count_uses"]


@dataclass(slots=True)
class Uses:
    """Uses of variables, and how loops are left.

    Attributes
    ----------
    count
        The number of uses; a variable without any is absent.
    exits
        Of the code of a loop, all exits of that loop.
    underscore_is_free
        Whether no variable of the user's is an underscore.
    """

    count: dict[Var, int] = field(default_factory=dict)
    exits: dict[Var, list[Exit]] = field(default_factory=dict)
    underscore_is_free: bool = True

    def of(self, var: Var) -> int:
        """The number of uses of a variable."""
        return self.count.get(var, 0)

    def add(self, operands: Iterable[Operand]) -> None:
        """Count the variables in operands."""
        for operand in operands:
            for var in variables(operand):
                self.count[var] = self.count.get(var, 0) + 1

    def live_joins(self, branch: Branch) -> list[int]:
        """The positions of the joins that are used."""
        return [k for k, join in enumerate(branch.joins) if self.of(join)]

    def live_params(self, loop: Loop) -> list[int]:
        """The positions of the carried variables that are used, inside or after the loop."""
        pairs = enumerate(zip(loop.params, loop.outs, strict=True))
        return [k for k, (param, out) in pairs if self.of(param) or self.of(out)]


def count_uses(function: Function) -> Uses:
    """The uses in a function.

    Counted from the end, so that the value of a join nobody uses is no use.
    """
    uses = Uses(underscore_is_free="_" not in user_names(function))
    _block(function.body, uses, [], leaf_values(function.body))
    return uses


def _block(block: Block, uses: Uses, loops: list[Loop], values: Iterable[Operand]) -> None:
    uses.add(values)
    for statement in reversed(block.statements):
        match statement:
            case Let():
                uses.add(let_operands(statement))
            case Branch():
                for arm in (statement.other, statement.then):
                    _arm(arm, statement, uses, loops)
                uses.add((statement.test,))
            case Loop():
                _loop(statement, uses, loops)


def _arm(arm: Block, branch: Branch, uses: Uses, loops: list[Loop]) -> None:
    match arm.leaf:
        case Yield(values):
            # Without joins an arm may still yield nothing or one value that nobody takes.
            live = [values[k] for k in uses.live_joins(branch)]
            _block(arm, uses, loops, live)
        case Exit(_, _, values) as leaf:
            code = loops[-1].code
            if code is not None:
                uses.exits.setdefault(code, []).append(leaf)
            _block(arm, uses, loops, values)
        case _:
            _block(arm, uses, loops, leaf_values(arm))


def _loop(loop: Loop, uses: Uses, loops: list[Loop]) -> None:
    inner = [*loops, loop]
    match loop.body.leaf:
        case Exit() as leaf if loop.code is not None:
            uses.exits.setdefault(loop.code, []).append(leaf)
        case Stop() | _:
            pass
    _block(loop.body, uses, inner, leaf_values(loop.body))
    match loop.head:
        case While(test):
            _block(test, uses, inner, leaf_values(test))
        case For(_, start, stop, step):
            uses.add((start, stop, step))
    uses.add(loop.inits[k] for k in uses.live_params(loop))
