"""Derivatives that a function itself takes: ``grad(g)(x)`` in staged code.

The function that is differentiated is interpreted in its place, apart; what was written for it is
differentiated (`transform.inner`), and the sweeps are written down as statements of the function
around it. They are differentiated in turn like any others, and what was assumed of arguments is in
the one guard.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Sequence
from typing import Any

import gast

from adjoint.ir.nodes import Const, Operand
from adjoint.markers import Derives
from adjoint.source.bindings import bindings_of
from adjoint.stage.apart import interpreted, write
from adjoint.stage.buffers import photograph
from adjoint.stage.context import Frame, Stage
from adjoint.stage.cotangents import fitted
from adjoint.stage.derivative_arguments import gradient_of, handed_back, inputs_of
from adjoint.stage.forward_derivatives import call_tangent
from adjoint.stage.holomorphic import check_holomorphic, check_kind, seeds_of
from adjoint.stage.outside import is_static
from adjoint.stage.values import (
    BoundMethod,
    Closure,
    DerivativeValue,
    ObjectValue,
    PullbackValue,
    Static,
    Steps,
    TupleValue,
    Value,
)

__all__ = ["call_derivative", "call_pullback", "derivative_of", "derived"]

NAMES = ("fun", "argnums")
DIRECTIONS = ("primals", "tangents")


def derivative_of(stage: Stage, held: Any) -> DerivativeValue:
    """The derivative that an object of this library is, as `grad` returns it."""
    function = _entered(stage, held.__adjoint_primal__)
    return DerivativeValue(
        function, held.__adjoint_derives__, held.argnums, held.has_aux, held.holomorphic
    )


def _entered(stage: Stage, function: Any) -> Value:
    """What an object of this library was made of."""
    if is_static(function):
        return Static(function)
    name = type(function).__name__.lower()
    return stage.inputs.external(("differentiated", id(function)), name, lambda: function)


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
    names = ("fun", *DIRECTIONS) if derives.mode == "jvp" else NAMES
    if not isinstance(function, types.FunctionType):  # what ``jvp(fun)`` is outside
        args = [_entered(stage, function.__wrapped__), *args]
    given = dict(zip(names, args, strict=False)) | kwargs
    of = given.pop("fun", None)
    directions = [given.pop(name) for name in DIRECTIONS if name in given]
    options = {name: _known(stage, frame, node, value) for name, value in given.items()}
    if of is None:
        stage.refuse(
            frame, node, f"{function.__name__} without a function, inside one",
            "give it the function",
        )  # fmt: skip
    derivative = DerivativeValue(of, derives, **options)
    if not directions:
        return derivative
    return (yield call_tangent(stage, frame, node, derivative, directions))


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
    """The gradient of a function of one number, and perhaps its value; or what `jvp` gives."""
    if derivative.derives.mode == "jvp":
        return (yield call_tangent(stage, frame, node, derivative, args))
    single = isinstance(derivative.argnums, int | str)
    argnums = [derivative.argnums] if single else list(derivative.argnums)
    asked = [_asked(stage, frame, node, derivative.function, a, args, kwargs) for a in argnums]
    swept = yield _swept(stage, frame, node, derivative, args, kwargs, asked)
    value, aux, inner, given = swept
    inputs = [variable for part in given for variable in inputs_of(part)]
    check_kind(stage, frame, node, derivative, inputs, stage.type(value))
    seeds, before = seeds_of(stage, derivative, stage.type(value)), len(stage.builder.statements)
    found = iter(_pulled(stage, frame, node, inner, seeds))
    check_holomorphic(stage, frame, node, stage.builder.statements[before:], seeds)
    gradients = tuple(gradient_of(part, found) for part in given)
    whole = gradients[0] if single else TupleValue(gradients)
    if derivative.derives.value:
        whole = TupleValue((value if aux is None else TupleValue((value, aux)), whole))
    elif aux is not None:
        whole = TupleValue((whole, aux))
    return handed_back(stage, frame, node, whole)


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
    swept = yield _swept(stage, frame, node, derivative, primals, kwargs, asked)
    value, aux, inner, given = swept
    pullback = PullbackValue(inner, value, tuple(given))
    value = handed_back(stage, frame, node, value)
    return TupleValue((value, pullback) if aux is None else (value, pullback, aux))


def call_pullback(
    stage: Stage, frame: Frame, node: gast.AST, pullback: PullbackValue, args: list[Value]
) -> Value:
    """The gradients for one cotangent, a tuple."""
    (given,) = args
    given = photograph(stage, given)
    cotangents = tuple(fitted(stage, frame, node, pullback.out, given, "the cotangent"))
    found = iter(_pulled(stage, frame, node, pullback.inner, cotangents))
    gradients = TupleValue(tuple(gradient_of(part, found) for part in pullback.given))
    return handed_back(stage, frame, node, gradients)


# -- the sweeps ------------------------------------------------------------------------------------


def _swept(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: Sequence[Value],
    kwargs: dict[str, Value],
    asked: Sequence[int | str],
) -> Steps:
    """Interpret a call apart, differentiate what was written, and write the forward sweep.

    Returns what the function returns, what writes the backward sweep, the arguments that are asked
    for, and what was returned beside.
    """
    apart = yield interpreted(stage, frame, node, derivative, args, kwargs, asked)
    with stage.builder.at(stage.place(frame, node)):
        is_given = derivative.derives.mode == "vjp" or derivative.holomorphic
        seeds = [None if is_given else Const(1.0)] * apart.count
        inner = stage.differentiate(stage.builder, apart.block, apart.inputs, seeds)
    write(stage, inner.forward.statements)
    return *apart.rebuilt(inner.results), inner, apart.given


def _pulled(
    stage: Stage, frame: Frame, node: gast.AST, inner: Any, cotangents: Sequence[Operand]
) -> tuple[Operand, ...]:
    """The gradients for these cotangents, after the backward sweep was written."""
    builder = stage.builder
    with builder.at(stage.place(frame, node)), builder.block() as statements:
        gradients: tuple[Operand, ...] = inner.pull(builder, cotangents)
        written = list(statements)
    write(stage, written)
    return gradients
