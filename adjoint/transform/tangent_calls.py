"""Calls of functions of the program in forward mode: tangents are more arguments and results.

t = f(x, n)        ->        t, t_dot = f_jvp(x, n, x_dot)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from adjoint.analyses.activity import Activity
from adjoint.ir.builder import Builder
from adjoint.ir.nodes import Const, Function, Let, Role, Var
from adjoint.ir.ops import PART, Callee, Form
from adjoint.ir.values import TupleOf
from adjoint.ir.walk import leaf_operands, operand_vars
from adjoint.transform.derived import Derived
from adjoint.transform.tangents import Tangents, tangent_type

__all__ = ["TangentCalls"]


@dataclass(eq=False)
class TangentCalls:
    """The calls that a tangent passes through.

    Attributes
    ----------
    functions
        All functions of the program, as they were staged.
    derived
        What makes other functions of them.
    again
        Whether what is written may be differentiated again.
    with_tangents
        For each that such a call is of, the function that takes and returns tangents as well.
    """

    builder: Builder
    active: Activity
    functions: Mapping[Callee, Function]
    derived: Derived
    again: bool = False
    with_tangents: dict[Callee, Callee] = field(default_factory=dict)
    _written: dict[Var, tuple[Callee, Var]] = field(default_factory=dict)

    def active_params(self, callee: Callee) -> list[int]:
        """The positions of the parameters that have a tangent."""
        return [k for k, p in enumerate(self.functions[callee].params) if p in self.active]

    def active_results(self, callee: Callee) -> list[int]:
        """The positions of the results that have a tangent."""
        values = leaf_operands(self.functions[callee].body.leaf)
        return [k for k, o in enumerate(values) if any(v in self.active for v in operand_vars(o))]

    def primal_of(self, callee: Callee) -> Callee | None:
        """The function that another is made of, if that takes tangents."""
        return next((p for p, own in self.with_tangents.items() if own is callee), None)

    def push_forward(self, tangents: Tangents, let: Let) -> None:
        """Write a call, or the part of one, with tangents if it has some."""
        if let.op.form is Form.PART:
            self._part(tangents, let)
            return
        callee, target = let.op.function, let.target
        assert isinstance(callee, Callee)
        asked = bool(self.active_results(callee)) and not let.op.stopped
        params = self.active_params(callee)
        if target is None or not asked or not any(let.args[k] in tangents for k in params):
            self.builder.append(let)
            return
        own = self.with_tangents.setdefault(callee, Callee(f"{callee.name}_jvp"))
        several = isinstance(target.type, TupleOf)
        types = target.type.items if isinstance(target.type, TupleOf) else (target.type,)
        shadows = tuple(tangent_type(types[k]) for k in self.active_results(callee))
        whole = self.builder.var(TupleOf((*types, *shadows)), role=Role.PRIMAL)
        args = (*let.args, *(tangents.whole_and_writable(let.args[k]) for k in params))
        op = replace(let.op, function=own, fresh=False)  # a tangent may be one that was given
        self.builder.append(Let(whole, op, args, (), let.place))
        self._written[target] = callee, whole
        if not several:
            self._part(tangents, Let(target, PART, (target, Const(0)), (), let.place))

    def _part(self, tangents: Tangents, let: Let) -> None:
        """A result of a call, and its tangent."""
        owner, position = let.args
        assert isinstance(owner, Var)
        assert isinstance(position, Const)
        if owner not in self._written:
            self.builder.append(let)
            return
        callee, whole = self._written[owner]
        self.builder.append(replace(let, args=(whole, position)))
        results = self.active_results(callee)
        if position.value in results and let.target in self.active:
            assert let.target is not None
            assert isinstance(whole.type, TupleOf)
            count = len(whole.type.items) - len(results)
            place = Const(count + results.index(position.value))
            shadow = self.builder.let(
                PART, (whole, place), name=let.target.name, type_=whole.type.items[place.value]
            )
            tangents.define(let.target, shadow)
