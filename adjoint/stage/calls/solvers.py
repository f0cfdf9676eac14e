"""Calls of solvers, to which functions are handed: these become functions of the emitted module."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gast
import numpy as np

from adjoint.errors import Unsupported
from adjoint.ir.lengths import Length
from adjoint.ir.nodes import Block, Const, Function, Operand, Pack, Var, Yield
from adjoint.ir.ops import Callee, Op, part_op
from adjoint.ir.ops import call as call_op
from adjoint.ir.values import Array, Scalar, TupleOf, Type, is_differentiable, rank
from adjoint.markers import Derives
from adjoint.rules import Solver, lookup
from adjoint.stage.calls.functions import Kept, kept_function
from adjoint.stage.calls.inline import entered
from adjoint.stage.calls.signature_types import HANDED
from adjoint.stage.context import AlwaysRaises, Frame, Restart, Stage, describe
from adjoint.stage.derivatives.asked import parameter_names
from adjoint.stage.derivatives.orders_of_roots import deepest
from adjoint.stage.equivalents.derivative_equivalents import followed
from adjoint.stage.values import (
    NONE,
    BoundMethod,
    Closure,
    DerivativeValue,
    DictValue,
    ListValue,
    PartialValue,
    Static,
    Steps,
    TupleValue,
    Value,
)

__all__ = ["call_solver"]

NAMES = ("solver", "function", "given", "like", "args", "options", "called", "stationary")


@dataclass(frozen=True, slots=True)
class _Handed:
    """A function that is handed over: what it is staged as, and what it reads from outside."""

    callee: Callee
    function: Function
    own: tuple[Var, ...]
    captured: tuple[tuple[Var, Operand], ...]


def call_solver(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    """A call of `adjoint.rules.solvers.solved`, written as that of the solver it stands for."""
    found = dict(zip(NAMES, args, strict=False)) | kwargs
    solver, given, like = found["solver"], _items(found["given"]), found["like"]
    assert isinstance(solver, Static)
    assert isinstance(found["options"], DictValue)
    called = found.get("called", NONE)
    options = _without_refused(stage, frame, node, solver.value, found["options"])
    functions: dict[str, Closure] = {"": _closure(found["function"])}
    functions |= {k: v for k, v in options.items() if isinstance(v, Closure)}
    handed: dict[str, _Handed] = {}
    names = parameter_names(called)[len(given) :]
    for key, function in functions.items():
        name = key or _name(called)
        handed[key] = yield _handed(stage, frame, node, function, given, name)
        _name_arguments(function, names, handed[key])
    callees, outside = _with_one_signature(stage, handed)
    operands, pairs = stage.operands(_items(found["args"]), _plain(options), frame, node)
    pairs += [(k, Const(callees[k])) for k in functions if k]
    pairs.append(("args", Pack("tuple", outside)))
    written = (solver.value, [Const(callees[""]), *operands], pairs, like)
    orders, zero = deepest(stage), _zero_at(found.get("stationary", NONE))
    if not outside or (zero is None and not (orders and _rule(solver.value).root)):
        return _written(stage, frame, node, *written)
    before, stage.builder.stopped = stage.builder.stopped, True
    made = _written(stage, frame, node, *written)
    stage.builder.stopped = before
    return (yield _followed(stage, frame, node, made, zero or functions[""], orders))


def _zero_at(stationary: Value) -> DerivativeValue | None:
    """The gradient that is zero at what is returned, if there is one."""
    if not isinstance(stationary, Closure):
        return None
    return DerivativeValue(stationary, Derives("grad"))


def _rule(solver: Any) -> Solver:
    rule = lookup(solver)
    assert rule is not None and rule.solver is not None, "a solver has a rule of its own"
    return rule.solver


def _followed(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    made: Value,
    function: Closure | DerivativeValue,
    orders: int,
) -> Steps:
    """A root with all derivatives that are taken of it here."""
    x = made.items[0] if isinstance(made, TupleValue) else made
    is_number = rank(stage.type(x)) == 0
    slope = DerivativeValue(function, Derives("grad" if is_number else "jacobian"))
    steps = TupleValue((NONE,) * (orders + stage.is_differentiated))
    found = yield stage.call(frame, node, Static(followed), [x, function, slope, steps], {})
    return TupleValue((found, *made.items[1:])) if isinstance(made, TupleValue) else found


def _without_refused(
    stage: Stage, frame: Frame, node: gast.AST, solver: Any, options: DictValue
) -> dict[str, Value]:
    """The options, of which those that are refused ask for nothing."""
    kept: dict[str, Value] = {}
    for name, value in options.slots["items"].items():
        advice = _rule(solver).refused.get(name)
        if advice is None:
            kept[name] = value
        elif not (isinstance(value, Static) and not value.value):
            stage.refuse(frame, node, f"{name}= of {solver.__name__}", advice)
    return kept


def _is_tuple(value: Value) -> bool:
    return isinstance(value, TupleValue) or (
        isinstance(value, Static) and isinstance(value.value, tuple)
    )


def _items(value: Value) -> list[Value]:
    """The items of a tuple, which may be known now."""
    if isinstance(value, TupleValue):
        return list(value.items)
    assert isinstance(value, Static)
    return [Static(item) for item in value.value]


def _closure(value: Value) -> Closure:
    assert isinstance(value, Closure), "what stands for a solver hands a function of its own over"
    return value


def _plain(options: dict[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in options.items() if not isinstance(value, Closure)}


def _name(function: Value) -> str:
    """What the user calls a function."""
    match function:
        case Closure():
            return function.name
        case BoundMethod(inner) | PartialValue(inner) | DerivativeValue(inner):
            return _name(inner)
        case Static(held):
            return getattr(held, "__name__", "fun")
        case _:
            return "fun"


# -- the functions ---------------------------------------------------------------------------------


def _handed(
    stage: Stage, frame: Frame, node: gast.AST, function: Closure, given: Sequence[Value], name: str
) -> Steps:
    """Stage a function for what the solver will give it."""
    own = [_parameter(stage, value) for value in given]
    inner = entered(stage, frame, node, function, list(own), {})
    inner.name = name
    inner.identity = (HANDED, name, *inner.identity[2:])
    try:
        kept, signature = yield kept_function(stage, frame, node, inner, function.node)
    except AlwaysRaises:
        stage.refuse(frame, node, f"{name} raises whenever it is called", "call another function")
    except Unsupported:
        if stage.wanted:
            raise Restart(*stage.wanted) from None
        raise
    _check(stage, frame, node, name, kept)
    operands = signature.operands[len(own) :]
    if isinstance(kept.result, Static):  # a number, whatever the solver gives it
        returned = Yield((Const(kept.result.value),))
        body = Block(kept.function.body.statements, returned)
        kept.function = replace(kept.function, body=body)
    params = kept.signature.params[len(own) :]
    captured = tuple(zip(params, operands, strict=True))
    return _Handed(kept.callee, kept.function, tuple(kept.signature.params[: len(own)]), captured)


def _name_arguments(function: Closure, names: Sequence[str], handed: _Handed) -> None:
    """Call what the user hands over as ``args`` what the user's function calls it."""
    given = function.frame.names.slots.get("arg")
    if not isinstance(given, TupleValue):
        return
    taken = {param.name for param, _ in handed.captured}
    for name, item in zip(names, given.items, strict=False):
        params = [p for p, operand in handed.captured if operand is item]
        if len(params) == 1 and name not in taken:
            params[0].name = name
            taken.add(name)


def _parameter(stage: Stage, example: Value) -> Var:
    """A variable for what the solver hands over; its lengths are taken as known."""
    type_ = stage.type(example)
    facts = stage.builder.facts
    if isinstance(type_, Array):
        for size in type_.shape or ():
            if size.has_example:
                facts.equal(size, Length(size.evaluate()))
        shape = None if type_.shape is None else tuple(map(facts.canonical, type_.shape))
        type_ = Array(type_.dtype, shape, type_.scalar)
    return stage.builder.var(type_)


def _check(stage: Stage, frame: Frame, node: gast.AST, name: str, kept: Kept) -> None:
    if kept.function is None:
        stage.refuse(
            frame, node, f"{name} calls the solver that calls it", "write the recursion as a loop"
        )
    if kept.effect:
        stage.refuse(
            frame, node, f"{name}, which a solver calls, does more than return a value: how often"
            " it is called is not known", "take prints and draws out of it",
        )  # fmt: skip
    is_number = isinstance(kept.result, Static) and isinstance(kept.result.value, int | float)
    if not is_number and not isinstance(kept.result, Var):
        what = "nothing" if kept.result is None else describe(kept.result)
        stage.refuse(
            frame, node, f"{name}, which a solver calls, returns {what}",
            "return numbers that depend on what it is given",
        )  # fmt: skip


def _with_one_signature(
    stage: Stage, handed: dict[str, _Handed]
) -> tuple[dict[str, Callee], tuple[Operand, ...]]:
    """The functions with the same parameters each, and what is handed to these."""
    first = handed[""]
    if len(handed) == 1:
        return {"": first.callee}, tuple(operand for _, operand in first.captured)
    every = [pair for each in handed.values() for pair in each.captured]
    made: dict[str, Callee] = {}
    for key, each in handed.items():
        mine = {param for param, _ in each.captured}
        others = [
            p if p in mine else stage.builder.var(p.type, f"{p.name}_{n}")
            for n, (p, _) in enumerate(every)
        ]
        function = replace(each.function, params=(*each.own, *others))
        made[key] = Callee(each.callee.name)
        kept = next(k for k in stage.functions.values() if k.callee is each.callee)
        stage.functions[HANDED, made[key]] = replace(kept, callee=made[key], function=function)
    return made, tuple(operand for _, operand in every)


# -- the call --------------------------------------------------------------------------------------


def _written(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    solver: Any,
    args: Sequence[Operand],
    pairs: Sequence[tuple[str, Operand]],
    like: Value,
) -> Value:
    """The call of a solver; what it returns, or the parts of that."""
    several = _is_tuple(like)
    items = _items(like) if several else [like]
    lengths = defaultdict[Any, Length](stage.builder.facts.fresh)
    types = [_type(stage, item, lengths) for item in items]
    rule = _rule(solver)
    with stage.builder.at(stage.place(frame, node)):
        type_ = TupleOf(tuple(types)) if several else types[0]
        name = "sol" if rule.parts else ""
        made = stage.builder.let(call_op(solver), args, pairs, type_=type_, name=name)
        if not several:
            return made
        names = rule.parts[: len(types)] or ("",) * len(types)
        parts = [
            stage.builder.let(_part_op(name, type_), (made, Const(k)), type_=type_)
            for k, (name, type_) in enumerate(zip(names, types, strict=True))
        ]
    return TupleValue(tuple(parts))


def _type(stage: Stage, like: Value, lengths: Mapping[Any, Length]) -> Type:
    """The type of what a solver returns, or of a part of it."""
    if _is_tuple(like):
        return TupleOf(tuple(_type(stage, item, lengths) for item in _items(like)))
    if not isinstance(like, ListValue):
        type_ = stage.type(like)
        return replace(type_, length=None) if isinstance(type_, Scalar) else type_
    axes: list[Length] = []
    for item in like.slots["items"]:
        shape = getattr(stage.type(item), "shape", None)
        axes.append(shape[0] if shape else lengths[getattr(item, "value", None)])
    return Array(np.dtype(float), tuple(axes))


def _part_op(name: str, type_: Type) -> Op:
    """A part that is no number or array of numbers is not followed by a derivative."""
    is_followed = is_differentiable(type_) and not isinstance(type_, TupleOf)
    return replace(part_op(name), stopped=not is_followed)
