"""What is the caller's own of what functions return, and what their pullbacks hold on to."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from adjoint.ir.entries import holds_numbers, is_handed_over, sparing_parts
from adjoint.ir.memory import ignores_contents, sharing
from adjoint.ir.nodes import Const, Function, Let, Operand, Statement, Var
from adjoint.ir.ops import Callee, Form
from adjoint.ir.values import Array, ListOf
from adjoint.ir.walk import all_statements, blocks, leaf_operands, operand_vars, reads
from adjoint.optimise.borrowing import borrowed
from adjoint.optimise.edit import replace_lets
from adjoint.optimise.lifetimes import Lifetimes
from adjoint.optimise.taken import pullback_of

__all__ = ["note_own_results"]


@dataclass(frozen=True, slots=True)
class _Whose:
    """Of a function: the positions of results that are the caller's own, and of what is held."""

    own: frozenset[int]
    held: frozenset[int] = frozenset()


def note_own_results(
    main: Function, functions: Mapping[Callee, Function]
) -> tuple[Function, dict[Callee, Function]]:
    """Return functions in which it is noted whose the memory is that they hand to each other.

    What a call returns is fresh where the function made it, or was given it, and its pullback does
    not read it. Parts of an array may be handed over where the pullback reads nothing of what the
    function was given. Of functions that call each other that is assumed, until one is found for
    which it is not so.
    """
    if not any(function.owned for function in functions.values()):
        return main, {**functions}
    whose = {callee: _Whose(_results(f)) for callee, f in functions.items()}
    while True:
        noted = {callee: _noting(function, whose) for callee, function in functions.items()}
        found = {callee: _whose(noted[callee], each, whose) for callee, each in whose.items()}
        if found == whose:
            return _noting(main, whose), noted
        whose = found


def _results(function: Function) -> frozenset[int]:
    """The positions of the results that can be written in place."""
    values = enumerate(leaf_operands(function.body.leaf))
    return frozenset(k for k, v in values if isinstance(v, Var) and _is_memory(v))


def _is_memory(variable: Var) -> bool:
    return isinstance(variable.type, Array) or (
        isinstance(variable.type, ListOf) and holds_numbers(variable)
    )


def _noting(function: Function, whose: Mapping[Callee, _Whose]) -> Function:
    """A function in which that is noted of what it calls."""
    own: dict[Operand, frozenset[int]] = {}
    copies: dict[Operand, Let] = {}
    changes: dict[Let, Sequence[Let]] = {}
    for let in all_statements(function.body):
        if not isinstance(let, Let) or let.target is None:
            continue
        callee, is_own = let.op.function, False
        if is_handed_over(let):
            copies[let.target] = let
        elif let.op.form is Form.INVOKE and isinstance(callee, Callee):
            own[let.target] = whose[callee].own
            is_own = _is_memory(let.target) and 0 in whose[callee].own
            left = {arg for k, arg in enumerate(let.args) if k not in whose[callee].held}
            changes.update((copies[a], (_sparing(copies[a]),)) for a in left if a in copies)
        elif let.op.form is Form.PART and isinstance(let.args[1], Const):
            is_own = let.args[1].value in own.get(let.args[0], ())
        if is_own and not let.op.fresh:
            changes[let] = (replace(let, op=replace(let.op, fresh=True)),)
    return replace_lets(function, changes)


def _sparing(copy: Let) -> Let:
    return replace(copy, op=sparing_parts(copy.op))


def _whose(function: Function, assumed: _Whose, whose: Mapping[Callee, _Whose]) -> _Whose:
    """What is own and held, given what is assumed of the function and those that it calls."""
    lifetimes, end = Lifetimes.of(function), function.body
    returned, define = leaf_operands(end.leaf), pullback_of(function)
    inside = () if define is None else all_statements(define.body)
    read = {v for statement in inside for v in _looked_at(statement)}

    def is_own(result: Operand) -> bool:
        assert isinstance(result, Var), "an array or list is returned"
        is_read = not read.isdisjoint(sharing(function, (result,)))
        return not is_read and not borrowed(result, end, lifetimes, views=False)

    read.update(_handed_to_holders(function, whose))
    own = frozenset(k for k in assumed.own if is_own(returned[k]))
    owned = {k: param for k, param in enumerate(function.params) if param in function.owned}
    held = {k for k, p in owned.items() if not read.isdisjoint(sharing(function, (p,)))}
    return _Whose(own, assumed.held | held)


def _handed_to_holders(function: Function, whose: Mapping[Callee, _Whose]) -> Iterator[Var]:
    """The arrays that are handed to functions whose pullbacks hold on to them."""
    copies: dict[Operand, Operand] = {}
    for let in all_statements(function.body):
        if not isinstance(let, Let):
            continue
        callee = let.op.function
        if is_handed_over(let) and let.target is not None:
            copies[let.target] = let.args[0]
        elif let.op.form is Form.INVOKE and isinstance(callee, Callee):
            given = (copies.get(let.args[k]) for k in sorted(whose[callee].held))
            yield from (array for array in given if isinstance(array, Var))


def _looked_at(statement: Statement) -> Iterable[Var]:
    """The variables of which a statement reads more than the shape."""
    if isinstance(statement, Let):
        return () if ignores_contents(statement) else reads(statement)
    leaves = itertools.chain.from_iterable(leaf_operands(block.leaf) for block in blocks(statement))
    return (*reads(statement), *itertools.chain.from_iterable(map(operand_vars, leaves)))
