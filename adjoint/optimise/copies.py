"""Copies of what is not ours, made where its memory comes in; and none of what is."""

from __future__ import annotations

import copy as copying
import itertools
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from adjoint.errors import Place
from adjoint.ir.dicts import COPY_DICT, is_dict, updates_dict
from adjoint.ir.entries import is_handed_over
from adjoint.ir.lists import COPY_ITEMS
from adjoint.ir.memory import is_immutable, is_push, is_view
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Exit,
    Function,
    Let,
    Loop,
    Next,
    Operand,
    Pack,
    Role,
    Statement,
    Stop,
    Var,
)
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form, call, method
from adjoint.ir.trampoline import Step, run
from adjoint.ir.updates import is_stored, way_of_edit
from adjoint.ir.values import Array, ListOf, Maybe, Unknown, rank
from adjoint.ir.walk import (
    all_statements,
    count_uses,
    derived_lets,
    map_block,
    next_number,
    substitute,
)
from adjoint.optimise.borrowing import borrowed
from adjoint.optimise.edit import replace_lets, replace_reads
from adjoint.optimise.handed_parts import is_put_back
from adjoint.optimise.lifetimes import Lifetimes, Point
from adjoint.optimise.unbound import unbound_where_handed_on

__all__ = ["copy_views", "copy_where_needed", "fill_copies", "spare_copies"]

#: What writes into an array or list, in so many words.
_WRITES = (Form.UPDATE, Form.UPDATE_INDEX, Form.UPDATE_AT, Form.UPDATE_METHOD)


# -- of views --------------------------------------------------------------------------------------


def copy_views(function: Function) -> Function:
    """Copy views that are still read after what they show has been written.

    ::

        d_t = d_a[1:]               d_t = d_a[1:].copy()
        d_a[1:] = 0           ->    d_a[1:] = 0
        d_x = 2 * d_t               d_x = 2 * d_t

    Not so where the array itself is copied before it is written, since it is read later as well.
    """
    lifetimes = Lifetimes.of(function)
    shown = {let: views for let in _updates(function) if (views := _views_after(let, lifetimes))}
    if not shown:
        return function
    copies = _named_copies(itertools.chain.from_iterable(shown.values()), function)
    read = _reading(function, copies)
    lifetimes = Lifetimes.of(read)
    copied = {let.target for let in _updates(read) if _is_copied_before(let, lifetimes)}
    kept = [view for let, views in shown.items() if let.target not in copied for view in views]
    copies = _named_copies(kept, function)
    return _with_copies(_reading(function, copies), copies)


def _updates(function: Function) -> Iterator[Let]:
    for statement in all_statements(function.body):
        if isinstance(statement, Let) and statement.op.updates:
            yield statement


def _views_after(update: Let, lifetimes: Lifetimes) -> list[Var]:
    """The views of what is updated that are read after that."""
    old = update.args[0]
    found = lifetimes.followers(old, update) if isinstance(old, Var) else []
    made = ((view, lifetimes.definition.get(view)) for view in found)
    return [view for view, let in made if isinstance(let, Let) and is_view(let)]


def _is_copied_before(update: Let, lifetimes: Lifetimes) -> bool:
    """Whether it is a copy that is updated, so that views still show what was there."""
    old = update.args[0]
    return isinstance(old, Var) and (old, update) in borrowed(old, update, lifetimes)


def _named_copies(views: Iterable[Var], function: Function) -> dict[Var, Var]:
    numbers = itertools.count(next_number(function))
    found = dict.fromkeys(views)
    return {view: Var(next(numbers), view.name, view.type, view.role) for view in found}


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


# -- where memory comes in -------------------------------------------------------------------------


def copy_where_needed(function: Function) -> Function:
    """Insert copies, so that every update of a place is of memory that is ours."""
    lifetimes = Lifetimes.of(function)
    needed: dict[Point, list[Var]] = {}
    for statement in all_statements(function.body):
        if isinstance(statement, Let) and _is_write(statement):
            old = statement.args[0]
            edits = statement.op.form is Form.UPDATE_METHOD and not way_of_edit(statement)
            items = not edits and not updates_dict(statement)
            found = borrowed(old, statement, lifetimes, items=items) if isinstance(old, Var) else ()
            _merge(needed, found)
    return _with_copies_at(function, needed)


def _is_write(let: Let) -> bool:
    """Whether a statement writes into what may be read later: a stack is taken down once."""
    if let.op.form is not Form.UPDATE_STACK:
        return let.op.form in _WRITES
    return isinstance(let.args[0], Var) and let.args[0].role is not Role.STACK


def _merge(needed: dict[Point, list[Var]], wrong: Iterable[tuple[Var, Point]]) -> None:
    for variable, point in wrong:
        if variable not in needed.setdefault(point, []):
            needed[point].append(variable)


def _with_copies_at(function: Function, needed: Mapping[Point, Sequence[Var]]) -> Function:
    """`function` with variables copied before the points that are to have them for themselves."""
    if not needed:
        return function
    copier, at = _Copier(needed, function), max(function.split, 0)
    front = run(copier.block(Block(function.body.statements[:at])))
    back = run(copier.block(Block(function.body.statements[at:], function.body.leaf)))
    body = replace(back, statements=(*front.statements, *back.statements))
    split = len(front.statements) if function.split >= 0 else function.split
    return replace(function, body=body, split=split)


def spare_copies(function: Function) -> Function:
    """Hand on what is copied itself, where no one would know the difference.

    Where that is only so on some ways to the copy, it is made on the others::

        if t:                           if t:
            d_x = 2 * x                     d_x = 2 * x
        else:                           else:
            d_x = w               ->        d_x = w.copy()
        d_x = d_x.copy()

    So are those that are there for what a function changes (see `taken`).
    """
    lifetimes = Lifetimes.of(function)
    known: dict[Var, Operand] = {}
    gone: dict[Let, tuple[Let, ...]] = {}
    needed: dict[Point, list[Var]] = {}
    lets = (s for s in all_statements(function.body) if isinstance(s, Let))
    for statement in dict.fromkeys((*derived_lets(function), *filter(is_handed_over, lets))):
        of = _copied(statement)
        if statement.target is None or of is None:
            continue
        if is_put_back(statement, lifetimes):
            known[statement.target] = known.get(of, of)
            gone[statement] = ()
            continue
        wrong = borrowed(of, statement, lifetimes, views=False)
        if _is_better_there(wrong, of, statement, lifetimes):
            known[statement.target] = known.get(of, of)
            gone[statement] = ()
            _merge(needed, wrong)
    if not known:
        return function
    function = replace_lets(_with_copies_at(function, needed), gone)
    return replace_reads(function, known)


def fill_copies(function: Function) -> Function:
    """Write copies of a number that is broadcast as arrays full of it.

    ::

        t = np.broadcast_to(d, x.shape)
        d_x = t.copy()                        ->    d_x = np.full(x.shape, d)
    """
    uses = count_uses(function)
    changes: dict[Let, tuple[Let, ...]] = {}
    numbers: dict[Var, Let] = {}
    for let in derived_lets(function):
        target, of = let.target, _copied(let)
        if target is not None and _is_number_everywhere(let) and uses.get(target) == 1:
            numbers[target] = let
        elif of in numbers:
            changes |= {numbers[of]: (), let: (_full(numbers[of], let),)}
    return replace_lets(function, changes)


def _is_number_everywhere(let: Let) -> bool:
    if let.op.function is not np.broadcast_to or let.kwargs:
        return False
    number = type_of(let.args[0])
    return rank(number) == 0 and is_immutable(number)


def _full(broadcast: Let, copy: Let) -> Let:
    value, shape = broadcast.args
    if isinstance(value, Const) and type(value.value) is float and value.value == 1:
        return replace(copy, op=call(np.ones), args=(shape,), kwargs=())
    return replace(copy, op=call(np.full), args=(shape, value), kwargs=())


def _copied(statement: Let) -> Var | None:
    """The variable of which `statement` is a copy."""
    is_copy = statement.op.form is Form.METHOD and statement.op.name == "copy"
    of = statement.args[0] if is_copy and not statement.op.effect else None
    return of if isinstance(of, Var) else None


def _is_better_there(
    wrong: Sequence[tuple[Var, Point]], of: Var, copy: Let, lifetimes: Lifetimes
) -> bool:
    """Whether copies where memory is wrong are as few as `copy` is, and run no more often."""
    if not wrong:
        return True
    if len(wrong) != 1 or not isinstance(of.type, Array):
        return False
    point = wrong[0][1]
    if isinstance(point, Let) or (isinstance(point, Block) and isinstance(point.leaf, Next)):
        return False
    loop = lifetimes.loop_around[point]
    if isinstance(point, Block) and isinstance(point.leaf, Exit):
        assert loop is not None, "an exit leaves a loop"
        loop = lifetimes.loop_around[loop]
    return loop is lifetimes.loop_around[copy]


# -- writing them down -----------------------------------------------------------------------------


def _copy_of(original: Var, copy: Var, place: Place, *, is_bound: bool = True) -> Let:
    """The statement that copies an array; in its own layout where that could matter."""
    if is_dict(copy.type):  # what it holds is never written in place
        return Let(copy, COPY_DICT, (original,), (), place)
    if isinstance(copy.type, ListOf):
        flat = copy.type.item is None or is_immutable(copy.type.item)
        op = method(np.copy, "copy") if flat else COPY_ITEMS
        return Let(copy, op, (original,), (), place)
    if isinstance(copy.type, Unknown | Maybe) or not is_bound:  # it may be a number, or None
        return Let(copy, call(copying.copy), (original,), (), place)
    if copy.role.derived and rank(copy.type) == 0:  # it may be a number where it is a sum
        return Let(copy, call(np.array), (original,), (), place)
    in_layout = copy.role is Role.PRIMAL and rank(copy.type) != 1
    order = (("order", Const("K")),) if in_layout else ()
    return Let(copy, method(np.copy, "copy"), (original,), order, place)


class _Copier:
    """Writes copies of variables before the points that are to have them for themselves."""

    def __init__(self, needed: Mapping[Point, Sequence[Var]], function: Function) -> None:
        self._needed, self._place = needed, function.place
        self._unbound = unbound_where_handed_on(function)
        self._numbers = itertools.count(next_number(function))

    def block(self, block: Block, receivers: Sequence[Var] = ()) -> Step[Block]:
        made: list[Statement] = []
        for statement in block.statements:
            copied = self._with_copies(statement, made)
            made.append((yield self._inside(copied)))
        if block not in self._needed or isinstance(block.leaf, Stop):
            return Block(tuple(made), block.leaf)
        place = made[-1].place if made else self._place
        needed, unbound = self._needed[block], self._unbound.get(block, ())
        values = self._copy(block.leaf.values, receivers, needed, place, made, unbound)
        return Block(tuple(made), replace(block.leaf, values=values))

    def _inside(self, statement: Statement) -> Step[Statement]:
        match statement:
            case Let():
                return statement
            case Branch():
                then = yield self.block(statement.then, statement.joins)
                other = yield self.block(statement.other, statement.joins)
                return replace(statement, then=then, other=other)
            case Loop(head):
                body = yield self.block(statement.body, statement.params)
                return replace(statement, head=head, body=body)

    def _with_copies(self, statement: Statement, made: list[Statement]) -> Statement:
        variables = self._needed.get(statement, ())
        match statement:
            case Let(args=(Pack(items=items) as display,)) if variables:
                items = self._copy(items, (), variables, statement.place, made)
                return replace(statement, args=(replace(display, items=items),))
            case Let(args=args) if variables:
                old = self._copy(args[:1], (), variables, statement.place, made)
                last = args[-1:] if is_stored(statement) else ()
                stored = self._copy(last, (), variables, statement.place, made)
                return replace(statement, args=(*old, *args[1 : len(args) - len(last)], *stored))
            case Loop(inits=inits) if variables:
                params, unbound = statement.params, self._unbound.get(statement, ())
                copies = self._copy(inits, params, variables, statement.place, made, unbound)
                return replace(statement, inits=copies)
            case _:
                return statement

    def _copy(
        self,
        values: Sequence[Operand],
        receivers: Sequence[Var],
        variables: Sequence[Var],
        place: Place,
        made: list[Statement],
        unbound: Container[Var] = (),
    ) -> tuple[Operand, ...]:
        """`values`, with a copy of its own for each of `variables` among them."""
        copied: list[Operand] = []
        for at, value in enumerate(values):
            if isinstance(value, Var) and value in variables:
                named = receivers[at] if at < len(receivers) and receivers[at].name else value
                copy = Var(next(self._numbers), named.name, value.type, named.role)
                made.append(_copy_of(value, copy, place, is_bound=value not in unbound))
                copied.append(copy)
            else:
                copied.append(value)
        return tuple(copied)
