"""Where a value that may be None is known not to be.

Two things tell: a test, and an operation before it that would have raised.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from adjoint.ir.nodes import Block, Branch, Const, Let, Operand, Var
from adjoint.ir.operands import strip, type_of
from adjoint.ir.values import Maybe, rank
from adjoint.ir.walk import blocks, map_operands, reads, substitute

__all__ = ["presence", "without_none"]

#: With None as an operand and a number as the other these raise a TypeError.
_STRICT: frozenset[Callable[..., Any]] = frozenset(
    {
        operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod,
        operator.pow, operator.neg, operator.lt, operator.le, operator.gt, operator.ge, abs, float,
    }
)  # fmt: skip
_NOT_NONE = {operator.is_: False, operator.is_not: True}


def presence(body: Block) -> Mapping[Let, frozenset[Var]]:
    """Return the variables that are not None, for each statement that reads one that may be.

    ::

        t = best > 0
        s = np.sin(best)        best is not None here
    """
    found: dict[Let, frozenset[Var]] = {}
    waiting: list[tuple[Block, frozenset[Var]]] = [(body, frozenset())]
    while waiting:
        block, present = waiting.pop()
        tests: dict[Operand, Let] = {}
        for statement in block.statements:
            match statement:
                case Let(target):
                    if any(isinstance(v.type, Maybe) for v in reads(statement)):
                        found[statement] = present
                        present |= frozenset(_proved(statement))
                    if target is not None:
                        tests[target] = statement
                case Branch(test):
                    for arm, holds in ((statement.then, True), (statement.other, False)):
                        waiting.append((arm, present | frozenset(_told(tests.get(test), holds))))
                case _:
                    waiting.extend((inner, present) for inner in blocks(statement))
    return found


def _proved(let: Let) -> Iterator[Var]:
    """The variables that would have made `let` raise, had they been None."""
    if let.op.function not in _STRICT or let.kwargs:
        return
    if all(rank(strip(type_of(operand))) == 0 for operand in let.args):
        yield from (v for v in reads(let) if isinstance(v.type, Maybe))


def _told(test: Let | None, holds: bool) -> Iterator[Var]:
    """The variable that is not None if a test holds, or if it does not."""
    if test is None or _NOT_NONE.get(test.op.function) is not holds:
        return
    of, none = test.args
    if isinstance(of, Var) and isinstance(none, Const) and none.value is None:
        yield of


def without_none(let: Let, present: frozenset[Var]) -> Let:
    """Return `let` with stand-ins, of the type without None, for the variables in `present`."""
    known = {v: replace(v, type=strip(v.type)) for v in reads(let) if v in present}
    if not known:
        return let
    made = map_operands(let, lambda operand: substitute(operand, known))
    assert isinstance(made, Let), "a statement stays of its kind"
    return made
