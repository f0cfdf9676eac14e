"""Adds into memory that is ours, in place of making new memory for every sum.

Whose memory it is, `borrowing` says; `copies` makes it ours where it is not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from adjoint.ir.lengths import Facts
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Block, Function, Let, Role, Statement, Var
from adjoint.ir.ops import INPLACE, Form, Op
from adjoint.ir.updates import as_new_array, as_operator
from adjoint.ir.values import Array, same_shape
from adjoint.ir.walk import all_statements, derived_lets, next_number
from adjoint.optimise.borrowing import borrowed
from adjoint.optimise.copies import copy_views, copy_where_needed, fill_copies, spare_copies
from adjoint.optimise.edit import replace_lets
from adjoint.optimise.lifetimes import Lifetimes
from adjoint.optimise.signs import number

__all__ = ["own"]

_SUMS: dict[Callable[..., Any], str] = {
    operator.add: "+",
    np.add: "+",
    operator.sub: "-",
    np.subtract: "-",
}
_FACTORS: dict[Callable[..., Any], str] = {operator.mul: "*", operator.truediv: "/"}


def own(function: Function, facts: Facts) -> Function:
    """Return `function` with the sums of its derivatives updated in place, where that is safe.

    ::

        d_x = 2 * x                 d_x = 2 * x
        d_x_1 = d_x + d_y     ->    d_x += d_y

    An update that was written in place before, of memory that is not ours, gets a copy first; and a
    copy of what is ours, and read by no one else, goes.
    """
    if function.split < 0:
        return spare_copies(function)
    function = copy_where_needed(copy_views(_rebind(function)))
    return _update_where_safe(fill_copies(spare_copies(function)), facts)


def _rebind(function: Function) -> Function:
    """Make a new array where one that is still needed would be changed as a whole.

    ::

        x_stack.append(x)           x_stack.append(x)
        x *= a                ->    x = x * a

    Where it has no axes, that is ``np.array(x * a)``.
    """
    lifetimes = Lifetimes.of(function)
    changes: dict[Let, tuple[Let, ...]] = {}
    number = next_number(function)
    for statement in all_statements(function.body):
        if not isinstance(statement, Let) or statement.op.form is not Form.UPDATE:
            continue
        old = statement.args[0]
        if isinstance(old, Var) and borrowed(old, statement, lifetimes):
            made = as_operator(statement)
            again = (made,) if made is not None else as_new_array(statement, number)
            if again is not None:
                changes[statement] = again
                number += 1
    return replace_lets(function, changes)


def _update_where_safe(function: Function, facts: Facts) -> Function:
    """Turn sums and products into updates of an operand."""
    lifetimes = Lifetimes.of(function)
    changes: dict[Let, tuple[Let]] = {}
    for statement in derived_lets(function):
        turned = _number_last(statement)
        symbol = _symbol(turned)
        if symbol is None:
            continue
        old = turned.args[0]
        assert isinstance(old, Var)
        if not _may_take_over(old, statement, lifetimes, facts):
            continue
        if symbol in "*/" and _is_term(statement, lifetimes):
            continue
        if lifetimes.definition.get(old) in changes or not _reads_well(old, statement, lifetimes):
            op = Op(INPLACE[symbol], Form.UPDATE, symbol, stopped=statement.op.stopped)
            changes[statement] = (replace(turned, op=op),)
    return replace_lets(function, changes)


def _number_last(let: Let) -> Let:
    """``0.5 * d -> d * 0.5``, which could be ``d *= 0.5``."""
    is_product = let.op.function is operator.mul and len(let.args) == 2 and not let.kwargs
    if not is_product or number(let.args[0]) is None:
        return let
    return replace(let, args=let.args[::-1])


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
    if not target.name and is_immutable(target.type):
        return None
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
    return same_shape(before, after, facts) and not borrowed(old, let, lifetimes, views=False)


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
    is_tangent = let.target is not None and let.target.role is Role.TANGENT
    return _is_same_line(first, let) and all(
        _is_for_one(s, lifetimes) or (is_tangent and _is_of_program(s)) for s in between
    )


def _is_of_program(statement: Statement) -> bool:
    """Whether a statement is of the program itself, and changes nothing that a tangent reads."""
    if not isinstance(statement, Let) or statement.op.effect or statement.op.updates:
        return False
    return statement.target is not None and not statement.target.role.derived


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
