"""Reads, writes and substitutes: what passes ask of statements, and how they rewrite them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from adjoint.ir.handed import handed_over
from adjoint.ir.nodes import (
    Block,
    Branch,
    Define,
    Exit,
    For,
    Function,
    Leaf,
    Let,
    Loop,
    Next,
    Operand,
    Pack,
    Role,
    SliceOf,
    Statement,
    Stop,
    Var,
    While,
)
from adjoint.ir.ops import Callee
from adjoint.ir.remembered import remembered
from adjoint.ir.trampoline import Step, run

__all__ = [
    "all_blocks",
    "all_reads",
    "all_statements",
    "blocks",
    "called",
    "count_uses",
    "definitions",
    "derived_lets",
    "expand_lets",
    "head_vars",
    "is_derived",
    "leaf_operands",
    "loop_leaves",
    "map_block",
    "map_leaf",
    "map_operand",
    "map_operands",
    "next_number",
    "operand_vars",
    "operands",
    "reads",
    "rename",
    "stopped",
    "substitute",
    "targets",
    "writes",
]

Mapper = Callable[[Operand], Operand]


def operand_vars(operand: Operand) -> tuple[Var, ...]:
    """Return the variables in an operand, from left to right.

    Examples
    --------
    >>> from adjoint.ir.nodes import Const, Pack
    >>> from adjoint.ir.values import FLOAT
    >>> x = Var(1, "x", FLOAT)
    >>> list(operand_vars(Pack("tuple", (x, Const(2), Pack("list", (x,))))))
    [x.1, x.1]
    """
    match operand:
        case Var():
            return (operand,)
        case Pack(_, items, keys):
            return tuple(chain.from_iterable(map(operand_vars, (*items, *keys))))
        case SliceOf(start, stop, step):
            return (*operand_vars(start), *operand_vars(stop), *operand_vars(step))
        case _:
            return ()


def leaf_operands(leaf: Leaf) -> tuple[Operand, ...]:
    """Return the values that a leaf hands on."""
    return () if isinstance(leaf, Stop) else leaf.values


def operands(statement: Statement) -> tuple[Operand, ...]:
    """Return the operands of a statement itself, without those of its blocks, in order."""
    match statement:
        case Let(_, _, args, kwargs):
            return (*args, *(value for _, value in kwargs)) if kwargs else args
        case Branch(test):
            return (test,)
        case Loop(For(_, start, stop, step), _, inits):
            return (start, stop, step, *inits)
        case Loop(_, _, inits):
            return inits


@remembered
def reads(statement: Statement) -> tuple[Var, ...]:
    """Return the variables that a statement itself reads; one read twice comes twice."""
    return tuple(chain.from_iterable(map(operand_vars, operands(statement))))


def all_reads(statement: Statement) -> Iterator[Var]:
    """Return the variables read by a statement and everything in its blocks, leaves included."""
    yield from reads(statement)
    for inner in blocks(statement):
        for block in all_blocks(inner):
            for child in block.statements:
                yield from reads(child)
            yield from chain.from_iterable(map(operand_vars, leaf_operands(block.leaf)))


def writes(statement: Statement) -> tuple[Var, ...]:
    """Return the variables that a statement itself defines, without those of its blocks."""
    match statement:
        case Let(target):
            return () if target is None else (target,)
        case Branch():
            return statement.joins
        case Loop(head, code=code):
            end = () if code is None else (code,)
            return (*head_vars(head), *statement.params, *statement.outs, *end)


def head_vars(head: For | While | Define) -> tuple[Var, ...]:
    """The variables that the head of a loop itself defines."""
    match head:
        case For(index):
            return (index,)
        case Define(params):
            return params
        case While():
            return ()


def targets(statement: Statement) -> tuple[Var, ...]:
    """The variables that a statement defines for those after it."""
    match statement:
        case Let(target):
            return () if target is None else (target,)
        case Branch(joins=joins):
            return joins
        case Loop(outs=outs, code=code):
            return outs if code is None else (*outs, code)


def blocks(statement: Statement) -> tuple[Block, ...]:
    """Return the blocks of a statement, in the order in which they may run."""
    match statement:
        case Let():
            return ()
        case Branch():
            return (statement.then, statement.other)
        case Loop(While(test)):
            return (test, statement.body)
        case Loop():
            return (statement.body,)


def all_blocks(block: Block) -> Iterator[Block]:
    """Return `block` and every block inside it, outer before inner, in source order."""
    waiting = [block]
    while waiting:
        block = waiting.pop()
        yield block
        inner = [b for s in block.statements if not isinstance(s, Let) for b in blocks(s)]
        waiting.extend(reversed(inner))


def all_statements(block: Block) -> Iterator[Statement]:
    """Return every statement of `block` and of the blocks inside it, in source order."""
    waiting = [iter(block.statements)]
    while waiting:
        for statement in waiting[-1]:
            yield statement
            if not isinstance(statement, Let):
                waiting.extend(iter(inner.statements) for inner in reversed(blocks(statement)))
                break
        else:
            waiting.pop()


def loop_leaves(body: Block) -> Iterator[Next | Exit]:
    """Return the ends of the trips of a loop: leaves of `body` and of the arms in it."""
    waiting = [body]
    while waiting:
        block = waiting.pop()
        if isinstance(block.leaf, Next | Exit):
            yield block.leaf
        arms = [b for s in block.statements if isinstance(s, Branch) for b in blocks(s)]
        waiting.extend(reversed(arms))


def map_operand(operand: Operand, change: Callable[[Var], Operand]) -> Operand:
    """Return `operand` with `change` applied to each variable in it."""
    match operand:
        case Var():
            return change(operand)
        case Pack(kind, items, keys):
            return Pack(
                kind,
                tuple(map_operand(item, change) for item in items),
                tuple(map_operand(key, change) for key in keys),
            )
        case SliceOf(start, stop, step):
            return SliceOf(*(map_operand(part, change) for part in (start, stop, step)))
        case _:
            return operand


def substitute(operand: Operand, mapping: Mapping[Var, Operand]) -> Operand:
    """Return `operand` with its variables replaced as `mapping` says.

    Examples
    --------
    >>> from adjoint.ir.values import FLOAT
    >>> x, y = Var(1, "x", FLOAT), Var(2, "y", FLOAT)
    >>> substitute(x, {x: y})
    y.2
    """
    if mapping and any(variable in mapping for variable in operand_vars(operand)):
        return map_operand(operand, lambda variable: mapping.get(variable, variable))
    return operand


def map_operands(statement: Statement, change: Mapper) -> Statement:
    """Return a statement with `change` applied to its own operands; its blocks stay."""
    match statement:
        case Let(target, op, args, kwargs, place):
            pairs = tuple((name, change(value)) for name, value in kwargs)
            return Let(target, op, tuple(map(change, args)), pairs, place)
        case Branch(test):
            return replace(statement, test=change(test))
        case Loop(head, _, inits):
            if isinstance(head, For):
                start, stop, step = change(head.start), change(head.stop), change(head.step)
                head = replace(head, start=start, stop=stop, step=step)
            return replace(statement, head=head, inits=tuple(map(change, inits)))


def map_leaf(leaf: Leaf, change: Mapper) -> Leaf:
    """Return a leaf with `change` applied to its values."""
    match leaf:
        case Stop():
            return leaf
        case _:
            values = tuple(map(change, leaf.values))
            return leaf if values == leaf.values else replace(leaf, values=values)


def map_block(block: Block, change: Mapper, define: Callable[[Var], Var] | None = None) -> Block:
    """Return `block` with `change` applied to every operand, and `define` to every definition."""
    return run(_map_block(block, change, define or (lambda variable: variable)))


def _map_block(block: Block, change: Mapper, define: Callable[[Var], Var]) -> Step[Block]:
    made: list[Statement] = []
    for statement in block.statements:
        mapped = map_operands(statement, change)
        if isinstance(mapped, Let):
            made.append(_with_target(mapped, define))
        else:
            made.append((yield _map_inside(mapped, change, define)))
    return Block(tuple(made), map_leaf(block.leaf, change))


def _with_target(let: Let, define: Callable[[Var], Var]) -> Let:
    defined = None if let.target is None else define(let.target)
    if defined is let.target:
        return let
    return Let(defined, let.op, let.args, let.kwargs, let.place)


def _map_inside(
    statement: Branch | Loop, change: Mapper, define: Callable[[Var], Var]
) -> Step[Statement]:
    match statement:
        case Branch():
            then = yield _map_block(statement.then, change, define)
            other = yield _map_block(statement.other, change, define)
            joins = tuple(map(define, statement.joins))
            return replace(statement, then=then, other=other, joins=joins)
        case Loop(head):
            new_head: For | While | Define
            match head:
                case While(test):
                    new_head = While((yield _map_block(test, change, define)))
                case For(index):
                    new_head = replace(head, index=define(index))
                case Define(params):
                    new_head = Define(tuple(map(define, params)))
            return replace(
                statement,
                head=new_head,
                params=tuple(map(define, statement.params)),
                body=(yield _map_block(statement.body, change, define)),
                outs=tuple(map(define, statement.outs)),
                code=None if statement.code is None else define(statement.code),
            )


def expand_lets(block: Block, change: Callable[[Let], Sequence[Statement]]) -> Block:
    """Return `block` with each `Let`, in it or in its blocks, replaced by what `change` makes."""
    return run(_expand_block(block, change))


def _expand_block(block: Block, change: Callable[[Let], Sequence[Statement]]) -> Step[Block]:
    made: list[Statement] = []
    for statement in block.statements:
        match statement:
            case Let():
                made.extend(change(statement))
            case Branch():
                then = yield _expand_block(statement.then, change)
                other = yield _expand_block(statement.other, change)
                made.append(replace(statement, then=then, other=other))
            case Loop(head):
                if isinstance(head, While):
                    head = While((yield _expand_block(head.test, change)))
                body = yield _expand_block(statement.body, change)
                made.append(replace(statement, head=head, body=body))
    return Block(tuple(made), block.leaf)


def rename(block: Block, mapping: Mapping[Var, Var]) -> Block:
    """Return `block` with variables replaced where they are defined and where they are read."""
    return map_block(
        block,
        lambda operand: substitute(operand, mapping),
        lambda variable: mapping.get(variable, variable),
    )


def stopped(statement: Statement) -> Statement:
    """Return a statement through which, with all that is in it, no derivative passes."""
    return _stopped(Block((statement,))).statements[0]


def _stopped(block: Block) -> Block:
    made: list[Statement] = []
    for statement in block.statements:
        match statement:
            case Let(op=op):
                made.append(replace(statement, op=replace(op, stopped=True)))
            case Branch(_, then, other):
                made.append(replace(statement, then=_stopped(then), other=_stopped(other)))
            case Loop(head, body=body):
                if isinstance(head, While):
                    head = While(_stopped(head.test))
                made.append(replace(statement, head=head, body=_stopped(body)))
    return replace(block, statements=tuple(made))


def count_uses(function: Function) -> dict[Var, int]:
    """Return how often each variable is read; one that is never read is absent."""
    return dict(_counts(function))


@remembered
def _counts(function: Function) -> Mapping[Var, int]:
    counts: Counter[Var] = Counter()
    for block in all_blocks(function.body):
        counts.update(chain.from_iterable(map(reads, block.statements)))
        counts.update(chain.from_iterable(map(operand_vars, leaf_operands(block.leaf))))
    return counts


def definitions(function: Function) -> dict[Var, Statement]:
    """Return the statement that defines each variable; parameters of the function are absent."""
    return {v: statement for statement in all_statements(function.body) for v in writes(statement)}


def derived_lets(function: Function) -> Iterator[Let]:
    """Return the statements that compute derivatives: the backward sweep, and tangents.

    Of a function without derivatives there are none.
    """
    if function.split < 0:
        return
    statements = function.body.statements
    front, back = statements[: function.split], statements[function.split :]
    for statement in all_statements(Block(front)):
        if isinstance(statement, Let) and is_derived(statement):
            yield statement
    yield from (s for s in all_statements(Block(back)) if isinstance(s, Let))


def is_derived(let: Let) -> bool:
    """Return whether a statement computes a tangent, or is of a derivative that is taken inside."""
    is_tangent = let.target is not None and let.target.role is Role.TANGENT
    return is_tangent or let.op.derived


def called(function: Function) -> list[Callee]:
    """Return the functions of the program that `function` calls or hands on, once, in order."""
    lets = (s for s in all_statements(function.body) if isinstance(s, Let))
    found = chain.from_iterable((s.op.function, *handed_over(s)) for s in lets)
    return list(dict.fromkeys(callee for callee in found if isinstance(callee, Callee)))


@remembered
def next_number(function: Function) -> int:
    """Return a number that no variable of `function` has, nor any above it."""
    variables = chain(
        function.params,
        function.keywords,
        chain.from_iterable(map(writes, all_statements(function.body))),
    )
    return max((variable.number for variable in variables), default=-1) + 1
