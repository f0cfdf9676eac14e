"""Adds into memory that is ours, in place of making new memory for every sum.

Whether memory is ours is a matter of the whole program: it must be made here, no other name for it
may be read later, and in a loop that must hold for every trip.
"""

from __future__ import annotations

import itertools
import operator
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from adjoint import runtime
from adjoint.errors import Place
from adjoint.ir.lengths import Facts
from adjoint.ir.memory import is_immutable, is_push, is_view, makes_memory
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Function,
    Let,
    Loop,
    Operand,
    Role,
    Statement,
    Stop,
    Var,
)
from adjoint.ir.ops import INPLACE, Form, Op, call, method
from adjoint.ir.trampoline import Step, run
from adjoint.ir.updates import as_operator, is_stored
from adjoint.ir.values import Array, ListOf, rank, same_shape
from adjoint.ir.walk import all_statements, derived_lets, map_block, next_number, substitute
from adjoint.optimise.edit import replace_lets
from adjoint.optimise.lifetimes import Lifetimes, Point

__all__ = ["own"]

_SUMS: dict[Callable[..., Any], str] = {
    operator.add: "+",
    np.add: "+",
    operator.sub: "-",
    np.subtract: "-",
}
_FACTORS: dict[Callable[..., Any], str] = {operator.mul: "*", operator.truediv: "/"}
_PLACES = (Form.UPDATE_INDEX, Form.UPDATE_AT)


def own(function: Function, facts: Facts) -> Function:
    """Return `function` with the sums of its derivatives updated in place, where that is safe.

    ::

        d_x = 2 * x                 d_x = 2 * x
        d_x_1 = d_x + d_y     ->    d_x += d_y

    An update that was written in place before, of memory that is not ours, gets a copy first; and a
    copy of what is ours, and read by no one else, goes.
    """
    if function.split < 0:
        return function
    function = _copy_where_needed(_copy_views(_rebind(function)))
    return _update_where_safe(_drop_copies(function), facts)


# -- whose memory ----------------------------------------------------------------------------------


def _borrowed(
    variable: Var, point: Point, lifetimes: Lifetimes, *, views: bool = True
) -> list[tuple[Var, Point]]:
    """Return where memory that is not ours, or is still needed, gets into what `point` takes over.

    What a carried variable holds depends on what it held before. All is assumed to be ours until
    something is found that is not, which is then found at its source. A source is a variable, and
    the point that hands it on: to an update, into a loop, or by a leaf. Without `views` the memory
    must be all of an array.
    """
    wrong: list[tuple[Var, Point]] = []
    seen: set[tuple[Var, Point]] = set()
    waiting: deque[tuple[Operand, Point]] = deque([(variable, point)])
    while waiting:
        operand, at = waiting.popleft()
        if not isinstance(operand, Var) or (operand, at) in seen or is_immutable(operand.type):
            continue
        seen.add((operand, at))
        before = _before(operand, lifetimes, views)
        if before is None or not lifetimes.ends_at(operand, at, with_memory=True):
            wrong.append((operand, at))
        else:
            waiting.extend(before)
    return wrong


def _before(variable: Var, lifetimes: Lifetimes, views: bool) -> list[tuple[Operand, Point]] | None:
    """What `variable` has its memory from: nothing if it is new, None if that is not known."""
    definition = lifetimes.definition.get(variable)
    if not isinstance(definition, Let):
        return lifetimes.sources(variable)
    if definition.op.updates or (views and is_view(definition)):
        stored = [definition.args[-1]] if is_stored(definition) else []
        return [(held, definition) for held in (definition.args[0], *stored)]
    return [] if makes_memory(definition) else None


# -- writes of the forward sweep -------------------------------------------------------------------


def _rebind(function: Function) -> Function:
    """Make a new array where one that is still needed would be changed as a whole.

    ::

        x_stack.append(x)           x_stack.append(x)
        x *= a                ->    x = x * a
    """
    lifetimes = Lifetimes.of(function)
    changes: dict[Let, tuple[Let]] = {}
    for statement in all_statements(function.body):
        if not isinstance(statement, Let) or statement.op.form is not Form.UPDATE:
            continue
        old = statement.args[0]
        if isinstance(old, Var) and _borrowed(old, statement, lifetimes):
            made = as_operator(statement)
            if made is not None:
                changes[statement] = (made,)
    return replace_lets(function, changes)


def _copy_views(function: Function) -> Function:
    """Copy views that are still read after what they show has been written.

    ::

        d_t = d_a[1:]               d_t = d_a[1:].copy()
        d_a[1:] = 0           ->    d_a[1:] = 0
        d_x = 2 * d_t               d_x = 2 * d_t
    """
    lifetimes = Lifetimes.of(function)
    numbers = itertools.count(next_number(function))
    copies: dict[Var, Var] = {}
    for statement in all_statements(function.body):
        if not isinstance(statement, Let) or not statement.op.updates:
            continue
        old = statement.args[0]
        for view in lifetimes.followers(old, statement) if isinstance(old, Var) else ():
            made = lifetimes.definition.get(view)
            if isinstance(made, Let) and is_view(made) and view not in copies:
                copies[view] = Var(next(numbers), view.name, view.type, view.role)
    return _with_copies(_reading(function, copies), copies)


def _reading(function: Function, copies: Mapping[Var, Var]) -> Function:
    """`function` with the copies read where views were, except by the program itself.

    There it would change how sums are rounded: a copy may lie otherwise in memory.
    """
    statements, leaf = function.body.statements, function.body.leaf
    shadows = {view: copy for view, copy in copies.items() if view.role is Role.TANGENT}

    def copied(operand: Operand) -> Operand:
        return substitute(operand, copies)

    front = Block(statements[: function.split])
    front = map_block(front, lambda operand: substitute(operand, shadows)) if shadows else front
    back = map_block(Block(statements[function.split :], leaf), copied)
    body = replace(back, statements=(*front.statements, *back.statements))
    pushes = [s for s in all_statements(front) if isinstance(s, Let) and is_push(s)]
    pushed = {push: (replace(push, args=tuple(map(copied, push.args))),) for push in pushes}
    return replace_lets(replace(function, body=body), pushed)


def _with_copies(function: Function, copies: Mapping[Var, Var]) -> Function:
    """`function` with each of the copies made where its original is."""
    changes: dict[Let, tuple[Let, ...]] = {}
    for let in all_statements(function.body):
        copy = copies.get(let.target) if isinstance(let, Let) and let.target else None
        if isinstance(let, Let) and copy is not None:
            assert let.target is not None
            changes[let] = (let, _copy_of(let.target, copy, let.place))
    return replace_lets(function, changes)


def _copy_of(original: Var, copy: Var, place: Place) -> Let:
    """The statement that copies an array; in its own layout where that could matter."""
    if isinstance(copy.type, ListOf):
        flat = copy.type.item is None or is_immutable(copy.type.item)
        op = method(np.copy, "copy") if flat else call(runtime.copy_items)
        return Let(copy, op, (original,), (), place)
    in_layout = copy.role is Role.PRIMAL and rank(copy.type) != 1
    order = (("order", Const("K")),) if in_layout else ()
    return Let(copy, method(np.copy, "copy"), (original,), order, place)


# -- copies ----------------------------------------------------------------------------------------


def _copy_where_needed(function: Function) -> Function:
    """Insert copies, so that every update of a place is of memory that is ours."""
    lifetimes = Lifetimes.of(function)
    needed: dict[Point, list[Var]] = {}
    for statement in all_statements(function.body):
        if not isinstance(statement, Let) or not _writes(statement, function):
            continue
        old = statement.args[0]
        for variable, point in _borrowed(old, statement, lifetimes) if isinstance(old, Var) else ():
            if variable not in needed.setdefault(point, []):
                needed[point].append(variable)
    if not needed:
        return function
    copier = _Copier(needed, function)
    front = run(copier.block(Block(function.body.statements[: function.split])))
    back = run(copier.block(Block(function.body.statements[function.split :], function.body.leaf)))
    body = replace(back, statements=(*front.statements, *back.statements))
    return replace(function, body=body, split=len(front.statements))


def _writes(let: Let, function: Function) -> bool:
    """Whether a statement writes into an array, in so many words."""
    return let.op.form in _PLACES or let.op.form is Form.UPDATE


def _drop_copies(function: Function) -> Function:
    """Hand on what is copied itself, where no one would know the difference."""
    lifetimes = Lifetimes.of(function)
    known: dict[Var, Operand] = {}
    gone: dict[Let, tuple[Let, ...]] = {}
    for statement in derived_lets(function):
        if statement.target is None:
            continue
        is_copy = statement.op.form is Form.METHOD and statement.op.name == "copy"
        of = statement.args[0] if is_copy and not statement.op.effect else None
        if isinstance(of, Var) and not _borrowed(of, statement, lifetimes, views=False):
            known[statement.target] = known.get(of, of)
            gone[statement] = ()
    if not known:
        return function
    function = replace_lets(function, gone)
    body = map_block(function.body, lambda operand: substitute(operand, known))
    return replace(function, body=body)


class _Copier:
    """Writes copies of variables before the points that are to have them for themselves."""

    def __init__(self, needed: Mapping[Point, Sequence[Var]], function: Function) -> None:
        self._needed, self._place = needed, function.place
        self._numbers = itertools.count(next_number(function))

    def block(self, block: Block) -> Step[Block]:
        made: list[Statement] = []
        for statement in block.statements:
            copied = self._with_copies(statement, made)
            made.append((yield self._inside(copied)))
        if block not in self._needed or isinstance(block.leaf, Stop):
            return Block(tuple(made), block.leaf)
        place = made[-1].place if made else self._place
        values = self._copy(block.leaf.values, self._needed[block], place, made)
        return Block(tuple(made), replace(block.leaf, values=values))

    def _inside(self, statement: Statement) -> Step[Statement]:
        match statement:
            case Let():
                return statement
            case Branch():
                then = yield self.block(statement.then)
                other = yield self.block(statement.other)
                return replace(statement, then=then, other=other)
            case Loop(head):
                body = yield self.block(statement.body)
                return replace(statement, head=head, body=body)

    def _with_copies(self, statement: Statement, made: list[Statement]) -> Statement:
        variables = self._needed.get(statement, ())
        match statement:
            case Let(args=args) if variables:
                old = self._copy(args[:1], variables, statement.place, made)
                last = args[-1:] if is_stored(statement) else ()
                stored = self._copy(last, variables, statement.place, made)
                return replace(statement, args=(*old, *args[1 : len(args) - len(last)], *stored))
            case Loop(inits=inits) if variables:
                copies = self._copy(inits, variables, statement.place, made)
                return replace(statement, inits=copies)
            case _:
                return statement

    def _copy(
        self,
        values: Sequence[Operand],
        variables: Sequence[Var],
        place: Place,
        made: list[Statement],
    ) -> tuple[Operand, ...]:
        """`values`, with a copy of its own for each of `variables` among them."""
        copied: list[Operand] = []
        for value in values:
            if isinstance(value, Var) and value in variables:
                copy = Var(next(self._numbers), value.name, value.type, value.role)
                made.append(_copy_of(value, copy, place))
                copied.append(copy)
            else:
                copied.append(value)
        return tuple(copied)


# -- updates ---------------------------------------------------------------------------------------


def _update_where_safe(function: Function, facts: Facts) -> Function:
    """Turn sums and products into updates of their first operand."""
    lifetimes = Lifetimes.of(function)
    changes: dict[Let, tuple[Let]] = {}
    for statement in derived_lets(function):
        symbol = _symbol(statement)
        if symbol is None:
            continue
        old = statement.args[0]
        assert isinstance(old, Var)
        if not _may_take_over(old, statement, lifetimes, facts):
            continue
        if symbol in "*/" and _is_term(statement, lifetimes):
            continue
        if lifetimes.definition.get(old) in changes or not _reads_well(old, statement, lifetimes):
            op = Op(INPLACE[symbol], Form.UPDATE, symbol, stopped=statement.op.stopped)
            changes[statement] = (replace(statement, op=op),)
    return replace_lets(function, changes)


def _symbol(statement: Statement) -> str | None:
    """The operator of an update of an adjoint that `statement` could be."""
    if not isinstance(statement, Let) or statement.kwargs or len(statement.args) != 2:
        return None
    target, old = statement.target, statement.args[0]
    if statement.op.form not in (Form.OPERATOR, Form.CALL) or not isinstance(old, Var):
        return None
    if target is None or (target.role, target.name) != (old.role, old.name):
        return None
    if not target.role.derived:
        return None
    # ``t = 2 * t`` of a temporary is put where it is used; an update could not be.
    return (_SUMS | _FACTORS if target.name else _SUMS).get(statement.op.function)


def _may_take_over(old: Var, let: Let, lifetimes: Lifetimes, facts: Facts) -> bool:
    assert let.target is not None
    before, after = old.type, let.target.type
    if is_immutable(before) and is_immutable(after):  # rebinding, which no one else can see
        return lifetimes.ends_at(old, let, with_memory=False)
    if not isinstance(before, Array) or not isinstance(after, Array):
        return False
    if before.dtype != after.dtype or before.scalar or after.scalar:
        return False
    return same_shape(before, after, facts) and not _borrowed(old, let, lifetimes, views=False)


def _reads_well(old: Var, let: Let, lifetimes: Lifetimes) -> bool:
    """Whether ``d = a + b`` says in one line what would be ``d = a`` and ``d += b``."""
    first = lifetimes.definition.get(old)
    if not isinstance(first, Let) or first.op.effect or first.op.updates:
        return False
    block = lifetimes.within[let]
    if lifetimes.reads.get(old) != [let] or lifetimes.within[first] is not block:
        return False
    assert isinstance(block, Block), "a statement stands in a block"
    between = block.statements[block.statements.index(first) + 1 : block.statements.index(let)]
    return _is_same_line(first, let) and all(_is_for_one(s, lifetimes) for s in between)


def _is_term(let: Let, lifetimes: Lifetimes) -> bool:
    """Whether a product is for a sum in the same line alone: ``d = d * a + b``."""
    readers = lifetimes.reads.get(let.target, []) if let.target is not None else []
    reader = readers[0] if len(readers) == 1 else None
    return isinstance(reader, Let) and _symbol(reader) is not None and _is_same_line(let, reader)


def _is_for_one(statement: Statement, lifetimes: Lifetimes) -> bool:
    """Whether a statement may be put back into the only one that reads its result."""
    if not isinstance(statement, Let) or statement.op.effect or statement.op.updates:
        return False
    return statement.target is not None and len(lifetimes.reads.get(statement.target, [])) == 1


def _is_same_line(a: Let, b: Let) -> bool:
    return (a.place.function, a.place.line) == (b.place.function, b.place.line)
