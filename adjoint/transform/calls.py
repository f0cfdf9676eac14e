"""Calls of functions of the program: forward they also return a pullback, backward it is called.

t = f(x, n)        ->        t, f_back = f_vjp(x, n)
                             …
                             d_x += f_back(d_t)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from adjoint.analyses.activity import Activity
from adjoint.ir.builder import Builder
from adjoint.ir.memory import written
from adjoint.ir.nodes import Block, Const, Function, Let, Operand, Role, Statement, Var
from adjoint.ir.ops import MAKE, PART, Callee, Form, method
from adjoint.ir.values import OPAQUE, Array, ListOf, TupleOf, Type
from adjoint.ir.walk import all_statements, expand_lets, leaf_operands, operand_vars
from adjoint.transform.accumulate import Adjoints, adjoint_type, complete, zero

__all__ = ["OWN_PART", "Calls"]

#: A pullback returns arrays of its own.
PULL, OWN_PART = replace(MAKE, fresh=True), replace(PART, fresh=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    """A call in the forward sweep: its pullback, and the results that have a cotangent."""

    let: Let
    callee: Callee
    back: Var
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
    """

    builder: Builder
    active: Activity
    functions: Mapping[Callee, Function]
    pullbacks: dict[Callee, Callee] = field(default_factory=dict)
    _made: dict[Var, _Call] = field(default_factory=dict)
    _copies: set[Statement] = field(default_factory=set)

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
        unstable = written(Function("", (), (), body, self.builder.place))
        parts: dict[Var, dict[int, Var]] = {}
        for statement in all_statements(body):
            if isinstance(statement, Let) and statement.op.form is Form.PART:
                whole, position = statement.args
                assert isinstance(whole, Var)
                assert isinstance(position, Const)
                assert statement.target is not None
                parts.setdefault(whole, {})[position.value] = statement.target
        replaced: set[Operand | None] = set()  # calls whose parts are taken behind them

        def change(let: Let) -> Sequence[Statement]:
            if let.op.form is Form.INVOKE and self._is_active(let, parts):
                replaced.add(let.target)
                return self._with_pullback(let, parts, unstable)
            if let.op.form is Form.PART and let.args[0] in replaced:
                return ()
            return (let,)

        return expand_lets(body, change)

    def _is_active(self, let: Let, parts: Mapping[Var, Mapping[int, Var]]) -> bool:
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
        args = tuple(self._as_it_is(a, let, unstable, made) for a in let.args)
        op = replace(let.op, function=own, fresh=False)  # the pullback holds on to the arguments
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
                made.append(Let(result, method(np.copy, "copy"), (part,), (), let.place))
                self._copies.add(made[-1])
        results = tuple(held[k] for k in self.active_results(callee))
        self._made[whole] = _Call(let, callee, back, results)
        return made

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
        copied = list.copy if isinstance(operand.type, ListOf) else np.copy
        copy = self._var(operand.type)
        made.append(Let(copy, method(copied, "copy"), (operand,), (), let.place))
        return copy

    # -- backward ----------------------------------------------------------------------------------

    def pull_back(self, adjoints: Adjoints, let: Let) -> None:
        """Add what a call contributes to its arguments, and forget the adjoints of its results."""
        call = self._made.get(let.target) if let.target is not None else None
        if call is None:
            return
        given = [adjoints.pop(result) for result in call.results]
        if all(g is None for g in given):
            return
        cotangents = [
            complete(self.builder, zero(self.builder, r) if g is None else g, r)
            for r, g in zip(call.results, given, strict=True)
        ]
        args = [call.let.args[k] for k in self.active_params(call.callee)]
        types = [adjoint_type(self._type(k, call)) for k in self.active_params(call.callee)]
        whole = types[0] if len(types) == 1 else TupleOf(tuple(types))
        found = self.builder.let(PULL, (call.back, *cotangents), type_=whole)
        for position, (arg, type_) in enumerate(zip(args, types, strict=True)):
            if isinstance(arg, Var) and arg in self.active:
                part = found
                if len(types) > 1:
                    part = self.builder.let(OWN_PART, (found, Const(position)), type_=type_)
                adjoints.add(arg, part)

    def _type(self, position: int, call: _Call) -> Type:
        arg = call.let.args[position]
        return (
            arg.type if isinstance(arg, Var) else self.functions[call.callee].params[position].type
        )
