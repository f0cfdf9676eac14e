"""Calls of solvers: the derivative of what they solve is solved for, by the rule of the solver.

    y = odeint(decay, y0, t, args=(k,))

backward is

    d_y0, d_k = ode_adjoint(decay, decay_vjp, ..., d_y, (k,))

where ``decay_vjp`` is what a call of ``decay`` becomes in a gradient (see `calls`): a rule cannot
look into the function that is handed over, but it has the pullback of that, and its tangent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adjoint.errors import Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.handed import handed_over, with_arguments
from adjoint.ir.handles import Handle, handle, operand
from adjoint.ir.infer import type_of
from adjoint.ir.nodes import Const, Let, Operand, Pack, Var
from adjoint.ir.ops import Callee, Form, Op, call, part_op
from adjoint.ir.values import ListOf, TupleOf, Type
from adjoint.ir.walk import leaf_operands, operand_vars
from adjoint.rules import Solver, lookup
from adjoint.transform.accumulate import Adjoints, adjoint_type, complete, fit
from adjoint.transform.by_rule import run_rule, signature_of, spelled
from adjoint.transform.calls import OWN_PART, Calls
from adjoint.transform.tangent_calls import TangentCalls
from adjoint.transform.tangents import Tangents

__all__ = ["Handed", "pull_back_solver", "push_forward_solver", "solver_of"]


def solver_of(let: Let) -> Solver | None:
    """What is known about the solver that a statement calls with a function of the program."""
    if let.op.form is not Form.CALL or not handed_over(let):
        return None
    rule = lookup(let.op.function)
    return None if rule is None else rule.solver


@dataclass(frozen=True, slots=True)
class Handed:
    """What the rule of a solver is told of the function that is handed over.

    Attributes
    ----------
    pullback
        The function that returns the value and its pullback; None if the value does not depend on
        what is differentiated. The pullback gives cotangents of the state, if the solver has one,
        and then of the arguments that are `active`.
    tangent
        The function that takes tangents of these as well, after the arguments, and returns the
        value and its tangent.
    active
        The arguments that are differentiated, of those that the function is called with after what
        the solver gives it.
    dots
        The tangents of these.
    """

    builder: Builder
    calls: Calls | TangentCalls
    let: Let
    pullback: Callee | None
    tangent: Callee | None
    active: tuple[Any, ...]
    dots: tuple[Any, ...]
    asked: frozenset[Var]

    def asks(self, value: Any) -> bool:
        """Whether a derivative by this argument of the solver is asked for."""
        return isinstance(value, Handle) and operand(value) in self.asked

    def call(self, *given: Any) -> Any:
        """Write a call of the function itself with what the solver could give it."""
        callee = handed_over(self.let)[0]
        (result,) = leaf_operands(self.calls.functions[callee].body.leaf)
        args = (*map(operand, given), *with_arguments(self.let))
        made = self.builder.let(Op(callee, Form.INVOKE), args, type_=type_of(result))
        return Handle(self.builder, made)

    def cotangents(
        self, helper: Callable[..., Any], like: tuple[Any, ...], *args: Any, **options: Any
    ) -> Any:
        """Write a call that returns cotangents of what is `like`, and of the active arguments."""
        types = [adjoint_type(type_of(operand(v))) for v in (*like, *self.active)]
        made = operand(self._write(helper, TupleOf(tuple(types)), args, options))
        return [
            Handle(self.builder, self.builder.let(OWN_PART, (made, Const(k)), type_=type_))
            for k, type_ in enumerate(types)
        ]

    def write(self, helper: Callable[..., Any], like: Any, *args: Any, **options: Any) -> Any:
        """Write a call that returns what has the type of `like`."""
        return self._write(helper, adjoint_type(type_of(operand(like))), args, options)

    def _write(
        self,
        helper: Callable[..., Any],
        type_: Type,
        args: Sequence[Any],
        options: Mapping[str, Any],
    ) -> Handle:
        pairs = [(name, operand(value)) for name, value in options.items()]
        operands = [operand(value) for value in args]
        return Handle(self.builder, self.builder.let(call(helper), operands, pairs, type_=type_))


def _active_arguments(let: Let, calls: Calls | TangentCalls) -> list[tuple[Operand, bool]]:
    """The arguments whose parameter is differentiated, each with whether it is so in this call."""
    callee, args = handed_over(let)[0], with_arguments(let)
    offset = len(calls.functions[callee].params) - len(args)
    found = [args[k - offset] for k in calls.active_params(callee) if k >= offset]
    for each in found:
        if isinstance(type_of(each), ListOf):
            raise Unsupported(
                f"{callee.name}, which {spelled(let)} calls, reads a list whose length is known at"
                " run time only",
                let.place,
                "make an array of it: np.array(xs)",
            )
    return [(a, any(v in calls.active for v in operand_vars(a))) for a in found]


def _refuse_others(let: Let, active: Any) -> None:
    """Refuse an argument that the rule of the solver has no derivative for."""
    rule = lookup(let.op.function)
    assert rule is not None
    names = list(signature_of(let.op.function).parameters)
    given = [*zip(names, let.args, strict=False), *let.kwargs]
    for name, value in given:
        if name not in (*rule.vjps, "args") and any(v in active for v in operand_vars(value)):
            raise Unsupported(
                f"{spelled(let)} is not differentiated by its argument {name}",
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
    callee = handed_over(let)[0]
    depends = bool(calls.active_results(callee))
    arguments = _active_arguments(let, calls) if depends else []
    pullback = calls.pullbacks.setdefault(callee, _named(callee, "vjp")) if depends else None
    values = tuple(handle(builder, a) for a, _ in arguments)
    handed = Handed(builder, calls, let, pullback, None, values, (), frozenset(calls.active.varied))
    args, options = _arguments(builder, let)
    answer = _answer(builder, adjoints, let)

    def form(g: Any, ans: Any, *args: Any, **options: Any) -> Any:
        return solver.vjp(g, ans, handed, *args, **options)

    made = run_rule(let, form, g, answer, args, options)
    found = list(zip(arguments, made.pop("args", ()), strict=True))
    for (argument, is_active), d in found:
        if is_active:
            _add(builder, adjoints, calls, argument, d)
    names = list(signature_of(let.op.function).parameters)
    given = dict(zip(names, let.args, strict=False)) | dict(let.kwargs)
    for name, d in made.items():
        _add(builder, adjoints, calls, given[name], d)


def _named(callee: Callee, suffix: str) -> Callee:
    return Callee(f"{callee.name}_{suffix}")


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
    callee = handed_over(let)[0]
    depends = bool(calls.active_results(callee))
    arguments = [a for a, _ in _active_arguments(let, calls)] if depends else []
    tangent = calls.with_tangents.setdefault(callee, _named(callee, "jvp")) if depends else None
    values = tuple(handle(builder, a) for a in arguments)
    dots = tuple(handle(builder, tangents.whole(a)) for a in arguments)
    handed = Handed(builder, calls, let, None, tangent, values, dots, frozenset(tangents.values))
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
