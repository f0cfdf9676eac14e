"""Calls of solvers: the derivative of what they solve is solved for, by the rule of the solver.

    y = odeint(decay, y0, t, args=(k,))

backward is

    d_y0, d_k = ode_adjoint(decay, decay_vjp, ..., d_y, (k,))

where ``decay_vjp`` is what a call of ``decay`` becomes in a gradient (see `calls`): a rule cannot
look into the function that is handed over, but it has the pullback of that, and its tangent.
"""

from __future__ import annotations

from typing import Any

from adjoint.errors import Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.handed import handed_over, with_arguments
from adjoint.ir.handles import handle, operand
from adjoint.ir.nodes import Const, Let, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form, part_op
from adjoint.ir.values import ListOf, TupleOf
from adjoint.ir.walk import operand_vars
from adjoint.rules import Solver, lookup
from adjoint.transform.accumulate import Adjoints, complete, fit
from adjoint.transform.by_rule import run_rule
from adjoint.transform.calls import Calls
from adjoint.transform.handed import Handed
from adjoint.transform.rule_arguments import signature_of, spelled
from adjoint.transform.tangent_calls import TangentCalls
from adjoint.transform.tangents import Tangents

__all__ = ["pull_back_solver", "push_forward_solver", "solver_of"]


def solver_of(let: Let) -> Solver | None:
    """What is known about the solver that a statement calls with a function of the program."""
    if let.op.form is not Form.CALL or not handed_over(let):
        return None
    rule = lookup(let.op.function)
    return None if rule is None else rule.solver


def _active_arguments(let: Let, calls: Calls | TangentCalls) -> list[int]:
    """The positions of the arguments whose parameter is differentiated."""
    callee, args = handed_over(let)[0], with_arguments(let)
    if callee not in calls.functions:
        raise Unsupported(
            f"{spelled(let)} in a rule that is read in the other mode",
            let.place,
            "give a rule of the mode that is asked for, with custom_vjp or custom_jvp",
        )
    if not calls.active_results(callee):
        return []
    offset = len(calls.functions[callee].params) - len(args)
    found = [k - offset for k in calls.active_params(callee) if k >= offset]
    for k in found:
        if isinstance(type_of(args[k]), ListOf):
            raise Unsupported(
                f"{callee.name}, which {spelled(let)} calls, reads a list whose length is known at"
                " run time only",
                let.place,
                "make an array of it: np.array(xs)",
            )
    return found


def _refuse_others(let: Let, active: Any) -> None:
    """Refuse an argument that the rule of the solver has no derivative for."""
    rule = lookup(let.op.function)
    assert rule is not None
    assert rule.solver is not None
    names = list(signature_of(let.op.function).parameters)
    given = [*zip(names, let.args, strict=False), *let.kwargs]
    for name, value in given:
        if name not in (*rule.vjps, "args") and any(v in active for v in operand_vars(value)):
            raise Unsupported(
                f"{rule.solver.described or spelled(let)} is not differentiated by its argument"
                f" {name}",
                let.place,
                "hand that stop_gradient(…)",
            )


def _part(builder: Builder, adjoints: Adjoints | None, let: Let, position: int) -> Var:
    """A part of the result, read where it is not at hand."""
    assert let.target is not None
    assert isinstance(let.target.type, TupleOf)
    named = {} if adjoints is None else adjoints.named.get(let.target, {})
    if position in named:
        return named[position]
    solver = solver_of(let)
    name = solver.parts[position] if solver is not None and solver.parts else ""
    type_ = let.target.type.items[position]
    return builder.let(part_op(name), (let.target, Const(position)), type_=type_)


class _Parts:
    """The parts of a result, read as they are asked for."""

    def __init__(self, builder: Builder, adjoints: Adjoints | None, let: Let) -> None:
        self.builder, self.adjoints, self.let = builder, adjoints, let

    def __getitem__(self, position: int) -> Any:
        return handle(self.builder, _part(self.builder, self.adjoints, self.let, position))


def _answer(builder: Builder, adjoints: Adjoints | None, let: Let) -> Any:
    assert let.target is not None
    if isinstance(let.target.type, TupleOf):
        return _Parts(builder, adjoints, let)
    return handle(builder, let.target)


def _arguments(builder: Builder, let: Let) -> tuple[list[Any], dict[str, Any]]:
    return (
        [handle(builder, a) for a in let.args],
        {name: handle(builder, a) for name, a in let.kwargs},
    )


# -- backward --------------------------------------------------------------------------------------


def pull_back_solver(builder: Builder, adjoints: Adjoints, calls: Calls, let: Let) -> None:
    """Add what a solver contributes to its arguments, and forget the adjoint of its result."""
    solver = solver_of(let)
    assert solver is not None
    g = _cotangent(builder, adjoints, let)
    if g is None:
        return
    _refuse_others(let, calls.active)
    arguments = _active_arguments(let, calls)
    handed = Handed(builder, calls, let, tuple(arguments), frozenset(calls.active.varied))
    args, options = _arguments(builder, let)
    answer = _answer(builder, adjoints, let)

    def form(g: Any, ans: Any, *args: Any, **options: Any) -> Any:
        return solver.vjp(g, ans, handed, *args, **options)

    made = run_rule(let, form, g, answer, args, options)
    for k, d in zip(arguments, made.pop("args", ()), strict=True):
        _add(builder, adjoints, calls, with_arguments(let)[k], d)
    names = list(signature_of(let.op.function).parameters)
    given = dict(zip(names, let.args, strict=False)) | dict(let.kwargs)
    for name, d in made.items():
        _add(builder, adjoints, calls, given[name], d)


def _cotangent(builder: Builder, adjoints: Adjoints, let: Let) -> Any:
    """The cotangent of the result: of one with parts a list, with None for those without."""
    assert let.target is not None
    if not isinstance(let.target.type, TupleOf):
        g = adjoints.pop(let.target)
        return None if g is None else handle(builder, complete(builder, g, let.target))
    held = adjoints.parts.pop(let.target, None)
    if held is None:
        return None
    return [
        handle(builder, complete(builder, held[k], _part(builder, adjoints, let, k)))
        if k in held
        else None
        for k in range(len(let.target.type.items))
    ]


def _add(builder: Builder, adjoints: Adjoints, calls: Calls, to: Operand, d: Any) -> None:
    match to:
        case Var() if to in calls.active and d is not None:
            adjoints.add(to, fit(builder, operand(d), to, None))
        case Pack(_, items) if d is not None:
            for item, part in zip(items, d, strict=True):
                _add(builder, adjoints, calls, item, part)
        case _:
            pass


# -- forward ---------------------------------------------------------------------------------------


def push_forward_solver(
    builder: Builder, tangents: Tangents, calls: TangentCalls, let: Let
) -> None:
    """Write the tangent of what a solver returns."""
    solver = solver_of(let)
    assert solver is not None
    assert let.target is not None
    given = [*let.args, *(value for _, value in let.kwargs)]
    if not any(value in tangents for value in given):
        return
    _refuse_others(let, calls.active)
    arguments = _active_arguments(let, calls)
    dots = tuple(handle(builder, tangents.whole(with_arguments(let)[k])) for k in arguments)
    handed = Handed(builder, calls, let, tuple(arguments), frozenset(tangents.values), dots)
    args, options = _arguments(builder, let)

    def form(t: Any, ans: Any, *args: Any, **options: Any) -> Any:
        return solver.jvp(t, ans, handed, *args, **options)

    def dot(value: Any) -> Any:
        return handle(builder, tangents.whole(operand(value)))

    made = run_rule(let, form, dot, _answer(builder, None, let), args, options)
    if isinstance(made, list):
        items = tuple(Const(0.0) if part is None else operand(part) for part in made)
        tangents.define(let.target, Pack("tuple", items))
    else:
        tangents.define(let.target, operand(made))
