"""Calls hand over arrays that the function changes: it need not copy them where it begins.

A function that stays one writes into copies of what it is given, and returns them (see
`stage.calls.changes`). The copy is made where it is called instead, and only if the array is still
needed there, so that a recursion in place stays in place. So it is with the cotangents that its
pullback changes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from adjoint.ir.entries import COPY, copies_at_entry, handing_over, sparing_parts
from adjoint.ir.handed import handed_over
from adjoint.ir.memory import sharing
from adjoint.ir.nodes import Define, Function, Let, Loop, Operand, Statement, Var
from adjoint.ir.ops import Callee, Form, Op
from adjoint.ir.values import Array
from adjoint.ir.walk import all_statements, next_number
from adjoint.optimise.edit import replace_lets

__all__ = ["hand_over", "hand_over_cotangents", "pullback_of"]

_Kind = TypeVar("_Kind")
#: How an argument is copied where it is not handed over: the operation, and its keywords.
_Copy = tuple[Op, tuple[tuple[str, Operand], ...]]


def hand_over(
    main: Function, functions: Mapping[Callee, Function]
) -> tuple[Function, dict[Callee, Function]]:
    """Return functions that own what they change of what they are given.

    ::

        def fill(out, i):                         def fill(out, i):
            out = out.copy()                          out[i] = i
            out[i] = i                  ->            …
            …                                         t = out.copy()
            t = fill(out, i - 1)                      t = fill(t, i - 1)

    Copies of what is not read again go with those that the sweeps make (see `copies`).
    """
    elsewhere = set(itertools.chain.from_iterable(map(_handed_on, (main, *functions.values()))))
    taken = {
        callee: found
        for callee, function in functions.items()
        if callee not in elsewhere and (found := copies_at_entry(function))
    }

    def copied(let: Let) -> Mapping[int, _Copy]:
        own = _of_callee(let, Form.INVOKE, taken)
        return {position: (handing_over(copy.op), copy.kwargs) for position, copy in own.items()}

    if not taken:
        return main, {**functions}
    return _calling(main, copied), {
        callee: _calling(_owning(function, taken.get(callee, {})), copied)
        for callee, function in functions.items()
    }


def _of_callee(let: Let, form: Form, found: Mapping[Callee, dict[int, _Kind]]) -> dict[int, _Kind]:
    """What was found of the function that a statement of this form calls."""
    callee = let.op.function
    return found.get(callee, {}) if let.op.form is form and isinstance(callee, Callee) else {}


def _handed_on(function: Function) -> Iterator[Callee]:
    """The functions that `function` hands to others, which call them."""
    lets = (s for s in all_statements(function.body) if isinstance(s, Let))
    return itertools.chain.from_iterable(map(handed_over, lets))


def _owning(function: Function, copies: Mapping[int, Let]) -> Function:
    """A function that is given what it had copied."""
    owned = {k: let.target for k, let in copies.items() if let.target is not None}
    params = tuple(owned.get(k, param) for k, param in enumerate(function.params))
    function = replace_lets(function, dict.fromkeys(copies.values(), ()))
    return replace(function, params=params, owned=tuple(owned.values()))


def hand_over_cotangents(
    main: Function, functions: Mapping[Callee, Function]
) -> tuple[Function, dict[Callee, Function]]:
    """Return functions whose pullbacks own those cotangents that they change, or hand back.

    So it is of functions that own what they change: its cotangent goes through them alike.

    ::

        def back(d_a):                            def back(d_a):
            d_a = d_a.copy()            ->            d_a[k] *= 2
            d_a[k] *= 2                               …
            …                                     d_a = f_back(d_a.copy())
        d_a = f_back(d_a)
    """
    taken = {callee: found for callee, f in functions.items() if (found := _changed(f))}

    def copied(let: Let) -> Mapping[int, _Copy]:
        own = _of_callee(let, Form.APPLY, taken)
        return {position + 1: (sparing_parts(COPY), ()) for position in own}

    if not taken:
        return main, {**functions}
    return _calling(main, copied), {
        callee: replace(
            _calling(function, copied), owned=(*function.owned, *taken.get(callee, {}).values())
        )
        for callee, function in functions.items()
    }


def _changed(function: Function) -> dict[int, Var]:
    """The cotangents that the pullback of a function changes or hands back, by their position."""
    define = pullback_of(function)
    if define is None or not function.owned:
        return {}
    ends = {v for s in all_statements(define.body) for v in _taken_over(s)}
    assert isinstance(define.head, Define)
    cotangents = enumerate(define.head.params)
    arrays = {k: v for k, v in cotangents if isinstance(v.type, Array) and v.type.shape}
    return {k: v for k, v in arrays.items() if not ends.isdisjoint(sharing(function, (v,)))}


def pullback_of(function: Function) -> Loop | None:
    """The statement that defines the pullback inside of a function."""
    loops = (s for s in function.body.statements if isinstance(s, Loop))
    return next((loop for loop in loops if isinstance(loop.head, Define)), None)


def _taken_over(statement: Statement) -> Iterator[Operand]:
    """What a statement writes into, or copies so that it is no one else's."""
    if isinstance(statement, Let) and (statement.op.updates or statement.op == COPY):
        yield statement.args[0]


def _calling(function: Function, copied: Callable[[Let], Mapping[int, _Copy]]) -> Function:
    """A function that calls those that own what they are given, with copies."""
    numbers = itertools.count(next_number(function))
    changes: dict[Let, Sequence[Let]] = {}
    for let in all_statements(function.body):
        copies = copied(let) if isinstance(let, Let) else {}
        if isinstance(let, Let) and copies:
            changes[let] = [*_with_copies(let, copies, numbers)]
    return replace_lets(function, changes)


def _with_copies(let: Let, copies: Mapping[int, _Copy], numbers: Iterator[int]) -> Iterable[Let]:
    args: list[Operand] = [*let.args]
    for position, (op, kwargs) in copies.items():
        of = args[position]
        assert isinstance(of, Var), "what a function writes into is no constant"
        made = args[position] = Var(next(numbers), of.name, of.type, of.role)
        yield Let(made, op, (of,), kwargs, let.place)
    yield replace(let, args=tuple(args))
