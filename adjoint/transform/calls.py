"""Calls of functions of the program: forward they also return a pullback, backward it is called.

t = f(x, n)        ->        t, f_back = f_vjp(x, n)
                             …
                             d_x += f_back(d_t)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from adjoint.analyses.activity import Activity
from adjoint.ir.builder import Builder
from adjoint.ir.entries import copies_at_entry, handing_over, params_held
from adjoint.ir.lists import COPY_ITEMS, COPY_LIST
from adjoint.ir.memory import is_immutable, written, written_through
from adjoint.ir.nodes import Block, Const, Function, Let, Operand, Role, Statement, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import MAKE, PART, Callee, Form, Op, method
from adjoint.ir.updates import is_stored
from adjoint.ir.values import OPAQUE, Array, ListOf, TupleOf, Type
from adjoint.ir.walk import (
    all_statements,
    expand_lets,
    leaf_operands,
    operand_vars,
)
from adjoint.transform.accumulate import Adjoints, adjoint_type, writable, zero
from adjoint.transform.derived import Derived

__all__ = ["OWN_PART", "Calls", "Pulled", "parts_in"]

COPY = method(np.copy, "copy")
#: A pullback returns arrays of its own.
PULL, OWN_PART = replace(MAKE, fresh=True), replace(PART, fresh=True)


@dataclass(frozen=True, slots=True, eq=False)
class Pulled:
    """A call in the forward sweep, and the results that have a cotangent.

    `back` is its pullback, where the call returns one.
    """

    let: Let
    callee: Callee
    back: Var | None
    results: tuple[Var, ...]


@dataclass(eq=False)
class Calls:
    """The calls that a derivative passes through.

    Attributes
    ----------
    functions
        All functions of the program, as they were staged.
    pullbacks
        For each that such a call is of, the function that returns a pullback as well.
    derived
        What makes other functions of them.
    again
        Whether what is written may be differentiated again.
    """

    builder: Builder
    active: Activity
    functions: Mapping[Callee, Function]
    derived: Derived
    again: bool = False
    pullbacks: dict[Callee, Callee] = field(default_factory=dict)
    made: dict[Var, Pulled] = field(default_factory=dict)
    _copies: set[Statement] = field(default_factory=set)
    _into_items: bool = False  # whether arrays in lists are written

    def only_names(self, let: Let) -> bool:
        """Whether a statement only takes a result from a call, whose adjoint waits for the call."""
        return let.op.form is Form.PART or let in self._copies

    def active_params(self, callee: Callee) -> list[int]:
        """The positions of the parameters that a pullback gives a cotangent of."""
        return [k for k, p in enumerate(self.functions[callee].params) if p in self.active]

    def active_results(self, callee: Callee) -> list[int]:
        """The positions of the results that a pullback takes the cotangents of."""
        values = leaf_operands(self.functions[callee].body.leaf)
        return [k for k, o in enumerate(values) if any(v in self.active for v in operand_vars(o))]

    # -- forward -----------------------------------------------------------------------------------

    def forward(self, body: Block) -> Block:
        """A body in which the calls are of functions that return a pullback as well."""
        if not self.functions:
            return body
        whole = Function("", (), (), body, self.builder.place)
        unstable = written(whole)
        new = unstable.intersection(_new_results(body))
        unstable -= new - written_through(whole, new)
        self._into_items = any(map(_writes_into_item, all_statements(body)))
        parts = parts_in(body)
        replaced: set[Operand | None] = set()  # calls whose parts are taken behind them

        def change(let: Let) -> Sequence[Statement]:
            if let.op.form is Form.INVOKE and self.is_active(let, parts):
                replaced.add(let.target)
                return self._with_pullback(let, parts, unstable)
            if let.op.form is Form.PART and let.args[0] in replaced:
                return ()
            return (let,)

        return expand_lets(body, change)

    def is_active(self, let: Let, parts: Mapping[Var, Mapping[int, Var]]) -> bool:
        """Whether a derivative passes through a call."""
        callee = let.op.function
        assert isinstance(callee, Callee)
        if let.target is None or let.op.stopped:
            return False
        results = parts.get(let.target, {0: let.target})
        given = (let.args[k] for k in self.active_params(callee))
        asked = (results.get(k) for k in self.active_results(callee))
        return any(v in self.active for v in given) and any(v in self.active for v in asked)

    def _with_pullback(
        self,
        let: Let,
        parts: Mapping[Var, Mapping[int, Var]],
        unstable: frozenset[Var],
    ) -> Sequence[Statement]:
        callee, target = let.op.function, let.target
        assert isinstance(callee, Callee)
        assert target is not None
        own = self.pullbacks.setdefault(callee, Callee(f"{callee.name}_vjp"))
        single = not isinstance(target.type, TupleOf) or target not in parts
        types = (target.type,) if single else target.type.items  # type: ignore[union-attr]
        whole = self._var(TupleOf((*types, OPAQUE)))
        back = self._var(OPAQUE, f"{callee.name}_back")
        held = {0: target} if single else dict(parts[target])
        made: list[Statement] = []
        held_on = params_held(self.functions[callee])
        args = tuple(
            self._as_it_is(arg, let, unstable, made) if param in held_on else arg
            for param, arg in zip(self.functions[callee].params, let.args, strict=True)
        )
        op = replace(let.op, function=own, fresh=all(is_immutable(p.type) for p in held_on))
        made.append(Let(whole, op, args, let.kwargs, let.place))
        made.append(Let(back, PART, (whole, Const(len(types))), (), let.place))
        for k in self.active_results(callee):
            held.setdefault(k, self._var(types[k]))
        for k, result in held.items():
            part = result
            if result in unstable:  # it is written, and the pullback may hold on to it
                part = self._var(result.type)
            made.append(Let(part, PART, (whole, Const(k)), (), let.place))
            if part is not result:
                copying = handing_over(self._copying(part))
                made.append(Let(result, copying, (part,), (), let.place))
                self._copies.add(made[-1])
        results = tuple(held[k] for k in self.active_results(callee))
        self.made[whole] = Pulled(let, callee, back, results)
        return made

    def handed(self, body: Block) -> Iterator[Var]:
        """The arrays and lists that a body hands to functions that change them."""
        taken = {callee: copies_at_entry(function) for callee, function in self.functions.items()}
        taken |= {own: taken[callee] for callee, own in self.pullbacks.items()}
        for let in all_statements(body):
            callee = let.op.function if isinstance(let, Let) else None
            if isinstance(let, Let) and isinstance(callee, Callee) and callee in taken:
                given = (let.args[position] for position in taken[callee])
                yield from (array for array in given if isinstance(array, Var))

    def _var(self, type_: Type, name: str = "") -> Var:
        return self.builder.var(type_, name, Role.PRIMAL)

    def _as_it_is(
        self, operand: Operand, let: Let, unstable: frozenset[Var], made: list[Statement]
    ) -> Operand:
        """What the pullback will read must stay as it is now: of what is written, a copy."""
        if not isinstance(operand, Var) or operand not in unstable:
            return operand
        if not isinstance(operand.type, Array | ListOf):
            return operand
        copy = self._var(operand.type)
        made.append(Let(copy, self._copying(operand), (operand,), (), let.place))
        return copy

    def _copying(self, operand: Var) -> Op:
        """What makes a copy that no write here changes."""
        if not isinstance(operand.type, ListOf):
            return COPY
        deep = self._into_items and not _holds_numbers(operand.type)
        return COPY_ITEMS if deep else COPY_LIST

    # -- backward ----------------------------------------------------------------------------------

    def pull_back(self, adjoints: Adjoints, let: Let) -> None:
        """Add what a call contributes to its arguments, and forget the adjoints of its results."""
        made = self.made.get(let.target) if let.target is not None else None
        if made is None:
            return
        given = [adjoints.pop(result) for result in made.results]
        if all(g is None for g in given):
            return
        cotangents = [
            writable(self.builder, zero(self.builder, r) if g is None else g, r)
            for r, g in zip(made.results, given, strict=True)
        ]
        args = [made.let.args[k] for k in self.active_params(made.callee)]
        types = [adjoint_type(self._type(k, made)) for k in self.active_params(made.callee)]
        whole = types[0] if len(types) == 1 else TupleOf(tuple(types))
        found = self.pulled(made, cotangents, whole)
        for position, (arg, type_) in enumerate(zip(args, types, strict=True)):
            if isinstance(arg, Var) and arg in self.active:
                part = found
                if len(types) > 1:
                    part = self.builder.let(OWN_PART, (found, Const(position)), type_=type_)
                adjoints.add(arg, part)

    def pulled(self, call: Pulled, cotangents: Sequence[Operand], type_: Type) -> Var:
        """Write the call of the pullback."""
        assert call.back is not None, "the pullback was returned by the call"
        op = replace(PULL, function=self.pullbacks[call.callee])  # it tells whose pullback it is
        return self.builder.let(op, (call.back, *cotangents), type_=type_)

    def _type(self, position: int, made: Pulled) -> Type:
        arg = made.let.args[position]
        return (
            arg.type if isinstance(arg, Var) else self.functions[made.callee].params[position].type
        )


def _new_results(body: Block) -> Iterator[Var]:
    """The arrays that functions made, taken from their calls."""
    lets = (s for s in all_statements(body) if isinstance(s, Let) and s.op.fresh)
    for let in lets:
        if let.target is not None and let.op.form in (Form.INVOKE, Form.PART):
            yield let.target


def parts_in(body: Block) -> dict[Var, dict[int, Var]]:
    """Of each call with several results: those that are taken, by their position."""
    parts: dict[Var, dict[int, Var]] = {}
    for statement in all_statements(body):
        if isinstance(statement, Let) and statement.op.form is Form.PART:
            whole, position = statement.args
            assert isinstance(whole, Var)
            assert isinstance(position, Const)
            assert statement.target is not None
            parts.setdefault(whole, {})[position.value] = statement.target
    return parts


def _writes_into_item(statement: Statement) -> bool:
    """Whether a statement writes into an array that is in a list."""
    if not isinstance(statement, Let) or not statement.op.updates or is_stored(statement):
        return False
    in_list = isinstance(type_of(statement.args[0]), ListOf)
    return in_list and statement.op.form is not Form.UPDATE_METHOD


def _holds_numbers(value: Type) -> bool:
    return not isinstance(value, ListOf) or value.item is None or is_immutable(value.item)
