"""Derivatives that a function itself takes: ``grad(g)(x)`` in staged code.

The function that is differentiated is interpreted in its place, apart; what was written for it is
differentiated (`transform.inner`), and the sweeps are written down as statements of the function
around it. They are differentiated in turn like any others, and what was assumed of arguments is in
the one guard.
"""

from __future__ import annotations

import inspect
import itertools
import types
from collections.abc import Iterable, Sequence
from typing import Any

import gast
import numpy as np

from adjoint.ir.lists import COPY_LIST
from adjoint.ir.nodes import Block, Const, Operand, Statement, Var, Yield
from adjoint.ir.ops import RENEWED, call, method
from adjoint.ir.values import FLOAT, Array, Maybe, Scalar, Unknown, is_differentiable
from adjoint.ir.walk import stopped
from adjoint.markers import Derives
from adjoint.source.bindings import bindings_of
from adjoint.stage.buffers import photograph
from adjoint.stage.context import AlwaysRaises, Frame, Stage, describe
from adjoint.stage.cotangents import TO_FLOATS, fitted
from adjoint.stage.holomorphic import check_holomorphic, check_kind, seeds_of
from adjoint.stage.outside import is_static
from adjoint.stage.structures import leaf_values, map_leaves
from adjoint.stage.values import (
    NONE,
    BoundMethod,
    Buffer,
    Closure,
    DerivativeValue,
    ObjectValue,
    PullbackValue,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
)

__all__ = ["call_derivative", "call_pullback", "derivative_of", "derived"]

COPY = method(np.copy, "copy")
NAMES = ("fun", "argnums")


def derivative_of(stage: Stage, held: Any) -> DerivativeValue:
    """The derivative that an object of this library is, as `grad` returns it."""
    function = held.__adjoint_primal__
    value: Value = Static(function)
    if not is_static(function):
        name = type(function).__name__.lower()
        value = stage.inputs.external(("differentiated", id(function)), name, lambda: function)
    return DerivativeValue(
        value, held.__adjoint_derives__, held.argnums, held.has_aux, held.holomorphic
    )


def derived(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Any,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """A call of `grad` or one of its kin."""
    derives = function.__adjoint_derives__
    if derives.mode == "vjp":
        return (yield _vjp(stage, frame, node, args, kwargs))
    given = dict(zip(NAMES, args, strict=False)) | kwargs
    of = given.pop("fun", None)
    options = {name: _known(stage, frame, node, value) for name, value in given.items()}
    if of is None:
        stage.refuse(
            frame, node, f"{function.__name__} without a function, inside one",
            "give it the function",
        )  # fmt: skip
    return DerivativeValue(of, derives, **options)


def _known(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Any:
    match value:
        case Static(held):
            return held
        case TupleValue(items) if all(isinstance(item, Static) for item in items):
            return tuple(item.value for item in items if isinstance(item, Static))
        case _:
            stage.refuse(frame, node, "argnums is known at run time only", "write the numbers down")


# -- gradients -------------------------------------------------------------------------------------


def call_derivative(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """The gradient of a function of one number, and perhaps its value."""
    single = isinstance(derivative.argnums, int | str)
    argnums = [derivative.argnums] if single else list(derivative.argnums)
    asked = [_asked(stage, frame, node, derivative.function, a, args, kwargs) for a in argnums]
    swept = yield _swept(stage, frame, node, derivative, args, kwargs, asked)
    value, inner, given, aux = swept
    check_kind(stage, frame, node, derivative, _all_inputs(given), stage.type(value))
    seeds, before = seeds_of(stage, derivative, stage.type(value)), len(stage.builder.statements)
    found = iter(_pulled(stage, frame, node, inner, seeds))
    check_holomorphic(stage, frame, node, stage.builder.statements[before:], seeds)
    gradients = tuple(_gradient(part, found) for part in given)
    whole = gradients[0] if single else TupleValue(gradients)
    if derivative.derives.value:
        return TupleValue((value if aux is None else TupleValue((value, aux)), whole))
    return whole if aux is None else TupleValue((whole, aux))


def _all_inputs(given: Sequence[Value]) -> list[Var]:
    return [variable for value in given for variable in _inputs(value)]


def _is_number(type_: Any) -> bool:
    inside = type_.value if isinstance(type_, Maybe) else type_
    if isinstance(inside, Array):
        return inside.shape is not None and all(n.known and n.const == 1 for n in inside.shape)
    return isinstance(inside, Scalar | Unknown)


def _asked(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    function: Value,
    asked: Any,
    args: Sequence[Value],
    kwargs: dict[str, Value],
) -> int | str:
    """Where the argument that is asked for was given: a position, or a keyword."""
    if isinstance(asked, int) and 0 <= asked < len(args):
        return asked
    names = parameter_names(function)
    if isinstance(asked, int) and names and -len(names) <= asked < len(names):
        asked = names[asked]
    if asked in kwargs:
        return str(asked)
    if asked in names and names.index(asked) < len(args):
        return names.index(asked)
    stage.refuse(
        frame, node, f"the gradient with respect to {asked} is asked for, which is not given here",
        "pass the argument",
    )  # fmt: skip


def parameter_names(function: Value) -> list[str]:
    """The names of the parameters that a function may be given by position."""
    match function:
        case Static(types.MethodType() as held):
            return parameter_names(Static(held.__func__))[1:]
        case Static(types.FunctionType() as held):
            return [p.name for p in bindings_of(held).parameters]
        case Static(held) if hasattr(held, "__adjoint_primal__"):
            return parameter_names(Static(held.__adjoint_primal__))
        case Static(held):
            return list(inspect.signature(held).parameters)
        case Closure():
            args = function.node.args
            return [a.id for a in (*args.posonlyargs, *args.args)]
        case DerivativeValue(inner):
            return parameter_names(inner)
        case BoundMethod(inner):
            return parameter_names(inner)[1:]
        case ObjectValue():
            return parameter_names(Static(vars(function.cls)["__call__"]))[1:]
        case _:
            return []


# -- pullbacks -------------------------------------------------------------------------------------


def _vjp(
    stage: Stage, frame: Frame, node: gast.AST, args: list[Value], kwargs: dict[str, Value]
) -> Steps:
    """``vjp(fun, *primals)``: the value and the pullback."""
    function, *primals = args
    kwargs = dict(kwargs)
    has_aux = bool(_known(stage, frame, node, kwargs.pop("has_aux", Static(False))))
    asked = tuple(range(len(primals)))
    derivative = DerivativeValue(function, Derives("vjp"), asked, has_aux)
    swept = yield _swept(stage, frame, node, derivative, primals, kwargs, asked, pullback=True)
    value, inner, given, aux = swept
    pullback = PullbackValue(inner, value, tuple(given))
    return TupleValue((value, pullback) if aux is None else (value, pullback, aux))


def call_pullback(
    stage: Stage, frame: Frame, node: gast.AST, pullback: PullbackValue, args: list[Value]
) -> Value:
    """The gradients for one cotangent, a tuple."""
    (given,) = args
    given = photograph(stage, given)
    cotangents = tuple(fitted(stage, frame, node, pullback.out, given, "the cotangent"))
    found = iter(_pulled(stage, frame, node, pullback.inner, cotangents))
    return TupleValue(tuple(_gradient(part, found) for part in pullback.given))


# -- the sweeps ------------------------------------------------------------------------------------


def _swept(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: Sequence[Value],
    kwargs: dict[str, Value],
    asked: Sequence[int | str],
    *,
    pullback: bool = False,
) -> Steps:
    """Interpret a call apart, differentiate what was written, and write the forward sweep.

    Returns what the function returns, what writes the backward sweep, the arguments that are asked
    for, and what was returned beside.
    """
    builder = stage.builder
    args, kwargs = list(args), dict(kwargs)
    held: dict[int | str, Value] = {}
    for key in asked:
        given = args[key] if isinstance(key, int) else kwargs[key]
        if key not in held:
            held[key] = _renewed(stage, frame, node, given, not pullback, key)
    inputs = [leaf for value in held.values() for leaf in _inputs(value)]
    mark, stopped = stage.trail.mark(), builder.stopped
    builder.stopped = False
    with builder.block() as statements:
        for key, given in held.items():
            where: Any = args if isinstance(key, int) else kwargs
            where[key] = _writable(stage, frame, node, given)
        try:
            result = yield stage.call(frame, node, derivative.function, args, kwargs)
        except AlwaysRaises:
            written = list(statements)
            result = None
        else:
            result, aux = _returned(stage, frame, node, derivative, result, pullback)
            leaves = list(leaf_values(result))
            values = tuple(stage.operand(leaf, frame, node) for leaf in leaves)
            written = list(statements)
    builder.stopped = stopped
    if result is None:
        _write(stage, written)
        raise AlwaysRaises
    stage.trail.roll_back(mark)
    block = Block(tuple(written), Yield((*values, *_variables(aux))))
    with builder.at(stage.place(frame, node)):
        seeds = [None if pullback or derivative.holomorphic else Const(1.0)] * len(values)
        inner = stage.differentiate(builder, block, inputs, seeds)
    _write(stage, inner.forward.statements)
    found = iter(inner.results)
    value = map_leaves(result, lambda leaf: _value_of(leaf, next(found)))
    beside = None if aux is None else map_leaves(aux, lambda leaf: _replaced(leaf, found))
    return value, inner, [held[key] for key in asked], beside


def _returned(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    result: Value,
    pullback: bool,
) -> tuple[Value, Value | None]:
    """What is differentiated of a result, and what was returned beside."""
    result, aux = photograph(stage, result), None
    if derivative.has_aux:
        result, aux = _pair(stage, frame, node, result)
    if pullback:
        return result, aux
    if not _is_number(stage.type(result)):
        stage.refuse(
            frame, node, f"the gradient of a function that returns {describe(result)}",
            "a gradient needs one number; for many outputs use vjp",
        )  # fmt: skip
    if isinstance(stage.type(result), Unknown):  # of more than one number, this raises
        given = (stage.operand(result, frame, node), Const(()))
        result = stage.builder.let(call(np.reshape), given)
    return result, aux


def _write(stage: Stage, statements: Iterable[Statement]) -> None:
    """Write statements; under ``no_grad`` no derivative of the function around passes through."""
    for statement in statements:
        stage.builder.append(stopped(statement) if stage.builder.stopped else statement)


def _pulled(
    stage: Stage, frame: Frame, node: gast.AST, inner: Any, cotangents: Sequence[Operand]
) -> tuple[Operand, ...]:
    """The gradients for these cotangents, after the backward sweep was written."""
    builder = stage.builder
    with builder.at(stage.place(frame, node)), builder.block() as statements:
        gradients: tuple[Operand, ...] = inner.pull(builder, cotangents)
        written = list(statements)
    _write(stage, written)
    return gradients


def _pair(stage: Stage, frame: Frame, node: gast.AST, result: Value) -> tuple[Value, Value]:
    if not isinstance(result, TupleValue) or len(result.items) != 2:
        stage.refuse(
            frame, node, "a function with has_aux=True returns no pair", "return value, aux"
        )
    return result.items[0], result.items[1]


def _variables(value: Value | None) -> list[Var]:
    """The variables of what is handed on beside the value."""
    leaves = [] if value is None else leaf_values(value)
    found = [leaf.slots["held"] if isinstance(leaf, RunTimeList) else leaf for leaf in leaves]
    return [leaf for leaf in found if isinstance(leaf, Var)]


def _replaced(leaf: Value, found: Any) -> Value:
    return _value_of(leaf, next(found)) if isinstance(leaf, Var | RunTimeList) else leaf


def _value_of(leaf: Value, operand: Operand) -> Value:
    """The value that an operand holds now, in the place of `leaf`."""
    if isinstance(leaf, RunTimeList) and isinstance(operand, Var):
        return RunTimeList({"held": operand})
    if isinstance(operand, Var):
        return operand
    return Static(operand.value) if isinstance(operand, Const) else leaf


def _renewed(
    stage: Stage, frame: Frame, node: gast.AST, value: Value, promote: bool, key: int | str
) -> Value:
    """An argument with variables of its own: the function may know the same value otherwise."""

    numbers = itertools.count()

    def change(leaf: Value) -> Value:
        if isinstance(leaf, ObjectValue):
            stage.refuse(
                frame, node, "a derivative with respect to an object, inside a function",
                "give the numbers and arrays of the object as arguments",
            )  # fmt: skip
        return _own(stage, frame, node, leaf, promote, f"{key} {next(numbers)}")

    with stage.builder.at(stage.place(frame, node)):
        return map_leaves(photograph(stage, value), change)


def _own(
    stage: Stage, frame: Frame, node: gast.AST, leaf: Value, promote: bool, position: str
) -> Value:
    builder, type_ = stage.builder, stage.type(leaf)
    if isinstance(leaf, RunTimeList):
        held = leaf.slots["held"]
        made = builder.let(COPY_LIST, (held,), type_=held.type, name=held.name)
        return RunTimeList({"held": made})
    name = leaf.name if isinstance(leaf, Var) else ""
    whole = isinstance(type_, Scalar) and type_.kind in ("int", "bool")
    if whole and promote:
        if isinstance(leaf, Static):
            return builder.let(RENEWED, (Const(float(leaf.value)),), type_=FLOAT)
        return builder.let(call(float), (stage.operand(leaf, frame, node),), type_=FLOAT, name=name)
    if promote and isinstance(type_, Array) and type_.dtype.kind in "iub":
        return builder.let(TO_FLOATS, (stage.operand(leaf, frame, node), Const(float)), name=name)
    if not is_differentiable(type_):
        return leaf
    made = builder.let(RENEWED, (stage.operand(leaf, frame, node),), type_=type_, name=name)
    if not isinstance(type_, Array) or type_.scalar:
        return made
    stage.sites[made] = stage.key(frame, node, f"buffer {position}")
    return made


def _writable(stage: Stage, frame: Frame, node: gast.AST, value: Value) -> Value:
    """An argument as the function gets it: what it writes into is a copy."""

    def change(leaf: Value) -> Value:
        if not isinstance(leaf, Var) or stage.sites.get(leaf) not in stage.decisions:
            return leaf
        order = (("order", Const("K")),)
        return Buffer({"held": stage.builder.let(COPY, (leaf,), order, name=leaf.name)})

    with stage.builder.at(stage.place(frame, node)):
        return map_leaves(value, change)


def _inputs(value: Value) -> list[Var]:
    """The variables of an argument by which is differentiated."""
    found = []
    for leaf in leaf_values(value):
        held: Any = leaf
        if isinstance(leaf, RunTimeList):
            held = leaf.slots["held"]
        if isinstance(held, Var) and is_differentiable(held.type):
            found.append(held)
    return found


def _gradient(given: Value, found: Any) -> Value:
    """The gradient with respect to an argument, in its structure."""

    def change(leaf: Value) -> Value:
        return _value_of(leaf, next(found)) if _inputs(leaf) else NONE

    return map_leaves(given, change)
