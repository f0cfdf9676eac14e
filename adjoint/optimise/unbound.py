"""Gives what some path leaves unbound a value there, where zeros are made like it: None, or ().

What a function binds in a loop it reads where the loop has made a trip. The backward sweep makes
zeros like it before it asks for the trips: where there was none no one reads them.

The parts of a name that is None at first are not bound either (see `stage.alternatives`), and may
be given to another name all the same.

What such a variable hands on may be None from then on, where no one has read it.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import chain

import numpy as np

from adjoint import runtime
from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import (
    UNDEF,
    Block,
    Branch,
    Const,
    Function,
    Leaf,
    Let,
    Loop,
    Operand,
    Pack,
    Statement,
    Var,
    Yield,
)
from adjoint.ir.rebuild import map_blocks
from adjoint.ir.trampoline import Step, run
from adjoint.ir.values import ListOf, Maybe
from adjoint.ir.walk import all_statements, blocks, leaf_operands, loop_leaves, reads, writes
from adjoint.optimise.lifetimes import Point

__all__ = ["bind_unbound", "unbound_where_handed_on"]

_NONE = Const(None)
_NO_ITEMS = Const(())
_ZEROS = (np.zeros_like, runtime.zeros_in_list, runtime.zeros_in_lists)


def bind_unbound(function: Function, facts: Facts) -> Function:
    """Return `function` with None for what is not bound where zeros are made like it.

    ::

                                    s = None
        for i in range(n):          for i in range(n):
            s = w[i] ** 2   ->          s = w[i] ** 2
        ...                         ...
        d_s = np.zeros_like(s)      d_s = np.zeros_like(s)
    """
    statements = list(all_statements(function.body))
    sources = _sources(statements)
    if not any(value is UNDEF for values in sources.values() for value in values):
        return function
    lets = [s for s in statements if isinstance(s, Let)]
    asked = {v for let in lets if let.op.function in _ZEROS for v in reads(let)}
    asked |= _counted_for_zeros(lets)
    asked.update(v for statement in statements for v in _moved(statement, sources))
    needed = _unbound(asked, sources)
    return replace(function, body=run(_block(function.body, needed))) if needed else function


def _counted_for_zeros(lets: Sequence[Let]) -> set[Var]:
    """The lists whose items are counted for as many zeros: ``d_xs = [0.0] * len(xs)``."""
    counts = {let.args[1] for let in lets if let.op.function is operator.mul and _is_zero(let)}
    return {v for let in lets if let.target in counts for v in reads(let)}


def _is_zero(let: Let) -> bool:
    match let.args[0]:
        case Pack("list", (Const(0.0),)):
            return True
    return False


def _sources(statements: Iterable[Statement]) -> dict[Var, list[Operand]]:
    """What each join of a branch and each variable of a loop is given, on all ways."""
    sources: dict[Var, list[Operand]] = {}
    for statement in statements:
        for target, value in _flow(statement):
            sources.setdefault(target, []).append(value)
    return sources


def _flow(statement: Statement) -> Iterator[tuple[Var, Operand]]:
    """What the joins of a branch and the variables of a loop get on each way."""
    match statement:
        case Branch(joins=joins):
            for arm in (statement.then, statement.other):
                if isinstance(arm.leaf, Yield):
                    yield from zip(joins, arm.leaf.values, strict=True)
        case Loop(params=params, inits=inits, outs=outs):
            yield from zip(params, inits, strict=True)
            yield from zip(outs, params, strict=True)
            for leaf in loop_leaves(statement.body):
                yield from zip(params, leaf_operands(leaf), strict=True)
        case _:
            pass


def _moved(statement: Statement, sources: Mapping[Var, Sequence[Operand]]) -> Iterator[Var]:
    """The variables that are given to others of which the statement has several."""
    if isinstance(statement, Let):
        return
    inside = {v for s in _inside(statement) for v in writes(s)}
    match statement:
        case Branch(joins=joins):
            for join in joins:
                roots = set(_roots(sources.get(join, ()), inside, sources))
                if len(roots) > 1:  # one of them goes by the name of the join already
                    yield from roots
        case Loop(params=params):
            for param in params:
                given = _roots(sources.get(param, ()), inside, sources)
                yield from (v for v in given if v is not param)


def _inside(statement: Branch | Loop) -> Iterator[Statement]:
    return chain.from_iterable(map(all_statements, blocks(statement)))


def _roots(
    values: Iterable[Operand], inside: Collection[Var], sources: Mapping[Var, Sequence[Operand]]
) -> Iterator[Var]:
    """The variables from before that may be one of these values."""
    seen: set[Operand] = set()
    waiting = [*values]
    while waiting:
        value = waiting.pop()
        if not isinstance(value, Var) or value in seen:
            continue
        seen.add(value)
        if value not in inside:
            yield value
        else:
            waiting.extend(sources.get(value, ()))


def _unbound(asked: Collection[Var], sources: dict[Var, list[Operand]]) -> set[Var]:
    """The variables among those asked for, and where they come from, that may not be bound."""
    found: set[Var] = set()
    waiting = [*asked]
    while waiting:
        variable = waiting.pop()
        if variable not in found:
            found.add(variable)
            waiting.extend(v for v in sources.get(variable, ()) if isinstance(v, Var))
    return {v for v in found if any(value is UNDEF for value in sources.get(v, ()))}


def _block(block: Block, needed: set[Var], joins: tuple[Var, ...] = ()) -> Step[Block]:
    made: list[Statement] = []
    for statement in block.statements:
        if isinstance(statement, Branch):
            arm = functools.partial(_block, needed=needed, joins=statement.joins)
            statement = yield map_blocks(statement, arm)
        elif isinstance(statement, Loop):
            pairs = zip(statement.params, statement.inits, strict=True)
            inits = tuple(_bound(p, init, needed) for p, init in pairs)
            statement = replace(statement, inits=inits)
            statement = yield map_blocks(statement, functools.partial(_block, needed=needed))
        made.append(statement)
    return Block(tuple(made), _leaf(block.leaf, needed, joins))


def _leaf(leaf: Leaf, needed: set[Var], joins: tuple[Var, ...]) -> Leaf:
    if not isinstance(leaf, Yield) or not joins:
        return leaf
    pairs = zip(joins, leaf.values, strict=True)
    return Yield(tuple(_bound(join, value, needed) for join, value in pairs))


def _bound(variable: Var, value: Operand, needed: set[Var]) -> Operand:
    if value is not UNDEF or variable not in needed:
        return value
    return _NO_ITEMS if isinstance(variable.type, ListOf) else _NONE


def unbound_where_handed_on(function: Function) -> Mapping[Point, Set[Var]]:
    """Return the variables that may be None where a block ends, or a loop begins.

    They are those that some path leaves unbound, and that nothing has read on the way there. A
    value that the program itself lets be None is not meant: its type tells.
    """
    unbound = _may_be_none(_sources(all_statements(function.body)))
    found: dict[Point, Set[Var]] = {}
    waiting: list[tuple[Block, Set[Var]]] = [(function.body, unbound)] if unbound else []
    while waiting:
        block, left = waiting.pop()
        for statement in block.statements:
            if isinstance(statement, Loop):
                found[statement] = left
            waiting.extend((inner, left) for inner in blocks(statement))
            if isinstance(statement, Let) and statement.op.function not in _ZEROS:
                left = left - {*reads(statement)}
        found[block] = left
    return found


def _may_be_none(sources: Mapping[Var, Sequence[Operand]]) -> Set[Var]:
    readers: dict[Operand, list[Var]] = {}
    for target, values in sources.items():
        for value in values:
            readers.setdefault(_NONE if _is_none(value) else value, []).append(target)
    found: set[Var] = set()
    waiting: list[Operand] = [_NONE]
    while waiting:
        new = (v for v in readers.get(waiting.pop(), ()) if not isinstance(v.type, Maybe))
        added = {*new} - found
        found |= added
        waiting.extend(added)
    return found


def _is_none(value: Operand) -> bool:
    return (
        value is UNDEF or value is _NO_ITEMS or (isinstance(value, Const) and value.value is None)
    )
