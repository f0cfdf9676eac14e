"""Calls in what is differentiated again: the pullback is a function of what the call was given.

It runs the function once more, so that all that it keeps is in values::

    f(x, n)                               f_pullback(x, n, d_u)
      t = f(x, n - 1)                       t = f(x, n - 1)
      u = x * t                 ->          d_x = d_u * t + f_pullback(x, n - 1, d_u * x)
      yield u                               yield d_x
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from adjoint.ir.nodes import Block, Const, Let, Operand, Role, Statement, Var
from adjoint.ir.ops import PART, Callee, Form, Op
from adjoint.ir.values import TupleOf, Type
from adjoint.ir.walk import expand_lets
from adjoint.transform.calls import Calls, Pulled, parts_in

__all__ = ["CallsAgain"]


@dataclass(eq=False)
class CallsAgain(Calls):
    """The calls that a derivative passes through, which is differentiated again."""

    _parts: dict[Var, dict[int, Var]] = field(default_factory=dict)

    def forward(self, body: Block) -> Block:
        """The body, in which all results are taken that have a cotangent."""
        if not self.functions:
            return body
        self._parts = parts_in(body)

        def change(let: Let) -> Sequence[Statement]:
            if let.op.form is not Form.INVOKE or not self.is_active(let, self._parts):
                return (let,)
            return (let, *self._taken(let))

        return expand_lets(body, change)

    def _taken(self, let: Let) -> Sequence[Statement]:
        callee, target = let.op.function, let.target
        assert isinstance(callee, Callee)
        assert target is not None
        self.pullbacks.setdefault(callee, Callee(f"{callee.name}_pullback"))
        made: list[Statement] = []
        held = {0: target}
        if isinstance(target.type, TupleOf):
            held = self._parts.setdefault(target, {})
            for k in self.active_results(callee):
                if k not in held:
                    held[k] = self.builder.var(target.type.items[k], "", Role.PRIMAL)
                    made.append(Let(held[k], PART, (target, Const(k)), (), let.place))
        results = tuple(held[k] for k in self.active_results(callee))
        self.made[target] = Pulled(let, callee, None, results)
        return made

    def only_names(self, let: Let) -> bool:
        """Whether a statement only takes a result from a call, whose adjoint waits for the call."""
        return let.op.form is Form.PART

    def pulled(self, call: Pulled, cotangents: Sequence[Operand], type_: Type) -> Var:
        """Write the call of the pullback."""
        op = Op(self.pullbacks[call.callee], Form.INVOKE, fresh=True)
        return self.builder.let(op, (*call.let.args, *cotangents), type_=type_)
