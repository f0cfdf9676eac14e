"""Loops that are left in the middle of a trip, so that the last trip is like the others.

The rest of the trip is put under the test that it was not left, and the exit moves to the end: the
backward sweep then has whole trips only.

Before::

    for i in range(n):              for i in range(n):
        x = x * a                       x = x * a
        if x > 50:                      if x > 50:
            exit 1 (x)                      code, x = 1, x
        else:                           else:
            x = x + b                       code, x = 0, x + b
            next (x)                    if code == 1: exit 1 (x)
                                        else: next (x)
"""

from __future__ import annotations

from adjoint.ir.builder import Builder
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Exit,
    Let,
    Loop,
    Next,
    Operand,
    Role,
    Statement,
    Stop,
    Undef,
    Var,
    Yield,
)
from adjoint.ir.operands import type_of
from adjoint.ir.ops import COMPARE, operation
from adjoint.ir.values import BOOL, INT, Type, join_types
from adjoint.ir.walk import loop_leaves

__all__ = ["normalise_exits", "yielding"]


def normalise_exits(block: Block, builder: Builder) -> Block:
    """A block in which every loop is left only at the end of a trip."""
    statements: list[Statement] = []
    for statement in block.statements:
        match statement:
            case Branch(test, then, other, joins, place, style):
                then, other = normalise_exits(then, builder), normalise_exits(other, builder)
                statements.append(Branch(test, then, other, joins, place, style))
            case Loop(head, params, inits, body, outs, code, place):
                body = normalise_exits(body, builder)
                loop = Loop(head, params, inits, body, outs, code, place)
                statements.append(_normalise(loop, builder))
            case Let():
                statements.append(statement)
    return Block(tuple(statements), block.leaf)


def _normalise(loop: Loop, builder: Builder) -> Loop:
    exits = [leaf for leaf in loop_leaves(loop.body) if isinstance(leaf, Exit)]
    if not exits or _is_plain(loop.body):
        return loop
    names = [p.name for p in loop.params]
    body = yielding(loop.body, builder, names)
    tail = body.statements[-1]
    assert isinstance(tail, Branch)
    code, *values = tail.joins
    with builder.at(loop.place), builder.block() as statements:
        statements.extend(body.statements)
        leaf = _leave(builder, code, [(e.code, e.kind) for e in exits], tuple(values))
        made = Block(tuple(statements), leaf)
    return Loop(loop.head, loop.params, loop.inits, made, loop.outs, loop.code, loop.place)


def _leave(
    builder: Builder, code: Var, exits: list[tuple[int, str]], values: tuple[Operand, ...]
) -> Stop | Next:
    if not exits:
        return Next(values)
    (number, kind), *rest = exits
    test = builder.let(
        operation(COMPARE["=="]), (code, Const(number)), type_=BOOL, role=Role.PRIMAL
    )
    with builder.block() as statements:
        leaf = _leave(builder, code, rest, values)
        other = Block(tuple(statements), leaf)
    builder.append(Branch(test, Block((), Exit(number, kind, values)), other, (), builder.place))
    return Stop()


def _is_plain(block: Block) -> bool:
    """Whether the trip that leaves computes just what a complete one does."""
    if not isinstance(block.leaf, Stop) or not block.statements:
        return False
    tail = block.statements[-1]
    if not isinstance(tail, Branch) or tail.joins:
        return False
    arms = (tail.then, tail.other)
    if any(arm.statements or not isinstance(arm.leaf, Next | Exit) for arm in arms):
        return False
    values = [arm.leaf.values for arm in arms if isinstance(arm.leaf, Next | Exit)]
    return all(_same(a, b) for a, b in zip(*values, strict=True))


def _same(a: Operand, b: Operand) -> bool:
    return a is b or isinstance(a, Undef) or isinstance(b, Undef)


def yielding(block: Block, builder: Builder, names: list[str]) -> Block:
    """The block with its exits and its end turned into a code and values that are yielded."""
    match block.leaf:
        case Next(values):
            return Block(block.statements, Yield((Const(0), *values)))
        case Exit(code, _, values):
            return Block(block.statements, Yield((Const(code), *values)))
        case Stop() if block.statements and isinstance(block.statements[-1], Branch):
            return _yielding_tail(block, builder, names)
        case _:
            return block


def _yielding_tail(block: Block, builder: Builder, names: list[str]) -> Block:
    tail = block.statements[-1]
    assert isinstance(tail, Branch)
    then = yielding(tail.then, builder, names)
    other = yielding(tail.other, builder, names)
    ends = [b.leaf.values for b in (then, other) if isinstance(b.leaf, Yield)]
    if not ends:
        return block
    joins = [builder.var(INT, "done", Role.PRIMAL)]
    for position, name in enumerate(names, 1):
        joins.append(
            builder.var(_type([end[position] for end in ends], builder), name, Role.PRIMAL)
        )
    made = Branch(tail.test, then, other, tuple(joins), tail.place, tail.style)
    return Block((*block.statements[:-1], made), Yield(tuple(joins)))


def _type(values: list[Operand], builder: Builder) -> Type:
    known = [type_of(v) for v in values if not isinstance(v, Undef)]
    joined = known[0] if known else INT
    for other in known[1:]:
        joined = join_types(joined, other, builder.facts)
    return joined
