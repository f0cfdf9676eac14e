"""Loops whose first trip always leaves them, written without the loop.

No trip of such a loop hands on to another, so the backward sweep has none to go back through.

Before::

    for i in range(n):              if 0 < n:
        x = x * a[i]                    x = x * a[0]
        exit 1 (x)

A ``while True`` leaves no test behind: what its trip computes is there in any case.
"""

from __future__ import annotations

from adjoint.ir.builder import Builder
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Define,
    Exit,
    For,
    Let,
    Loop,
    Operand,
    Role,
    Statement,
    Var,
    While,
    Yield,
)
from adjoint.ir.ops import COMPARE, call, operation
from adjoint.ir.trampoline import Step, run
from adjoint.ir.values import BOOL, INT, UNKNOWN
from adjoint.ir.walk import loop_leaves, map_block, operand_vars, substitute
from adjoint.transform.exits import yielding

__all__ = ["without_single_trips"]


def without_single_trips(block: Block, builder: Builder) -> Block:
    """A block in which every loop that is left has a way to a second trip."""
    same: dict[Var, Operand] = {}
    made = run(_block(block, builder, same))
    return map_block(made, lambda operand: _resolved(operand, same)) if same else made


def _resolved(operand: Operand, same: dict[Var, Operand]) -> Operand:
    while any(variable in same for variable in operand_vars(operand)):
        operand = substitute(operand, same)
    return operand


def _block(block: Block, builder: Builder, same: dict[Var, Operand]) -> Step[Block]:
    made: list[Statement] = []
    for statement in block.statements:
        match statement:
            case Branch(test, then, other, joins, place, style):
                then = yield _block(then, builder, same)
                other = yield _block(other, builder, same)
                made.append(Branch(test, then, other, joins, place, style))
            case Loop(head, params, inits, body, outs, code, place):
                body = yield _block(body, builder, same)
                loop = Loop(head, params, inits, body, outs, code, place)
                made.extend(_once(loop, builder, same) if _is_single(loop) else [loop])
            case Let():
                made.append(statement)
    return Block(tuple(made), block.leaf)


def _is_single(loop: Loop) -> bool:
    leaves = list(loop_leaves(loop.body))
    return bool(leaves) and all(isinstance(leaf, Exit) for leaf in leaves)


def _once(loop: Loop, builder: Builder, same: dict[Var, Operand]) -> list[Statement]:
    """The only trip of a loop, under the test that there is one; `same` is added to."""
    same.update(zip(loop.params, loop.inits, strict=True))
    with builder.at(loop.place), builder.block() as statements:
        test = _entered(loop.head, builder, same)
        trip = yielding(loop.body, builder, [p.name for p in loop.params])
        assert isinstance(trip.leaf, Yield)
        code, *values = trip.leaf.values
        if isinstance(test, Const) and test.value:
            same.update(zip(loop.outs, values, strict=True))
            if loop.code is not None:
                same[loop.code] = code
            return [*statements, *trip.statements]
        codes = () if loop.code is None else (loop.code,)
        then = Block(trip.statements, Yield((*values, *([code] if codes else []))))
        other = Block((), Yield((*loop.inits, *([Const(0)] if codes else []))))
        builder.append(Branch(test, then, other, (*loop.outs, *codes), loop.place))
    return statements


def _entered(head: For | While | Define, builder: Builder, same: dict[Var, Operand]) -> Operand:
    """Whether there is a trip; what is computed for it is written down."""
    if isinstance(head, While):
        for statement in head.test.statements:
            builder.append(statement)
        assert isinstance(head.test.leaf, Yield)
        return head.test.leaf.values[0]
    assert isinstance(head, For), "a function that is defined is no loop of the user's"
    same[head.index] = head.start
    bounds = (head.start, head.stop, head.step)
    if all(isinstance(bound, Const) for bound in bounds):
        return Const(len(range(*(bound.value for bound in bounds if isinstance(bound, Const)))) > 0)
    if isinstance(head.step, Const):
        ways = (head.stop, head.start) if head.step.value > 0 else (head.start, head.stop)
    else:
        trips = builder.let(call(range), bounds, type_=UNKNOWN, role=Role.PRIMAL)
        ways = (builder.let(call(len), (trips,), type_=INT, role=Role.PRIMAL), Const(0))
    return builder.let(operation(COMPARE[">"]), ways, type_=BOOL, role=Role.PRIMAL)
