"""Derivatives that a function itself takes: ``grad(g)(x)`` in staged code.

The function that is differentiated is interpreted in its place, apart (`apart`); what was written
for it is differentiated (`transform.inner`, `transform.inner_tangents`), and the sweeps are written
down as statements of the function around it. They are differentiated in turn like any others, and
what was assumed of arguments is in the one guard.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gast

from adjoint.ir.nodes import Const
from adjoint.ir.values import Array, Maybe, Scalar, Unknown
from adjoint.markers import Derives
from adjoint.stage.context import Frame, Stage, describe
from adjoint.stage.derivatives.apart import (
    interpret_apart,
    reversed_sweep,
    with_aux,
)
from adjoint.stage.derivatives.asked import asked_of, known_option
from adjoint.stage.derivatives.derivative_arguments import handed_back
from adjoint.stage.derivatives.holomorphic import check_holomorphic, check_kind, seeds_of
from adjoint.stage.derivatives.jacobians import call_elementwise, call_jacfwd, call_jacobian
from adjoint.stage.derivatives.linear_maps import along, call_jvp, call_pullback, call_vjp
from adjoint.stage.inputs.outside import is_static
from adjoint.stage.objects.structures import parts_of
from adjoint.stage.values import DerivativeValue, Static, Steps, TupleValue, Value

__all__ = ["call_derivative", "call_pullback", "derivative_of", "derived"]

#: The options of what takes derivatives, in their order.
OPTIONS = ("fun", "argnums")
GRADIENT = Derives("grad")


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
        return (yield call_vjp(stage, frame, node, args, kwargs))
    given = dict(zip(OPTIONS, args, strict=False)) | kwargs
    of = given.pop("fun", None)
    if of is None:
        stage.refuse(
            frame, node, f"{function.__name__} without a function, inside one",
            "give it the function",
        )  # fmt: skip
    if derives.mode == "jvp":
        return (yield _jvp(stage, frame, node, of, args[1:], kwargs))
    options = {name: known_option(stage, frame, node, name, value) for name, value in given.items()}
    return DerivativeValue(of, derives, **options)


def _jvp(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    of: Value,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """``jvp(fun)``, or ``jvp(fun, primals, tangents)``."""
    given = {name: value for name, value in kwargs.items() if name != "fun"}
    has_aux = known_option(stage, frame, node, "has_aux", given.pop("has_aux", Static(False)))
    derivative = DerivativeValue(of, Derives("jvp"), has_aux=bool(has_aux))
    if args or given:
        return (yield call_jvp(stage, frame, node, derivative, args, given))
    return derivative


def call_derivative(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """Call what `grad` or one of its kin returned."""
    way = _WAYS[derivative.derives.mode]
    return (yield way(stage, frame, node, derivative, args, kwargs))


def _returned(stage: Stage, result: Value) -> str:
    """What a function returns that has no gradient, for messages."""
    type_ = stage.type(result)
    if isinstance(type_, Array) and type_.shape:
        axes = len(type_.shape)
        return f"an array of {axes} {'axis' if axes == 1 else 'axes'}"
    return describe(result)


def _gradient(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """The gradient of a function of one number, and perhaps its value."""
    asked = asked_of(stage, frame, node, derivative, args, kwargs)
    apart = yield interpret_apart(stage, frame, node, derivative, args, kwargs, asked)
    if not _is_number(stage.type(apart.result)):
        returned = _returned(stage, apart.result)
        stage.refuse(
            frame, node, f"the gradient of a function that returns {returned}",
            "a gradient needs one number, and so do hessian and hvp; for many outputs use vjp, "
            "or jacobian",
        )  # fmt: skip
    kind = stage.type(apart.result)
    check_kind(stage, frame, node, derivative, apart.inputs, kind)
    known = None if derivative.holomorphic else Const(1.0)
    pull, value, aux = reversed_sweep(stage, frame, node, apart, [known])
    seeds, before = seeds_of(stage, derivative, kind), len(stage.builder.statements)
    found = pull(seeds)
    check_holomorphic(stage, frame, node, stage.builder.statements[before:], seeds)
    gradients = apart.derivatives(found)
    whole: Value = gradients[0] if derivative.single else TupleValue(gradients)
    if derivative.derives.value:
        whole = TupleValue((with_aux(value, aux), whole))
    else:
        whole = with_aux(whole, aux)
    return handed_back(stage, frame, node, whole)


def _is_number(type_: Any) -> bool:
    inside = type_.value if isinstance(type_, Maybe) else type_
    if isinstance(inside, Array):
        return inside.shape is not None and all(n.known and n.const == 1 for n in inside.shape)
    return isinstance(inside, Scalar | Unknown)


def _hessian(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """The Jacobian of the gradient, forward over reverse."""
    of = replace(derivative, function=replace(derivative, derives=GRADIENT))
    return (yield call_jacfwd(stage, frame, node, of, args, kwargs))


def _hvp(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    args: list[Value],
    kwargs: dict[str, Value],
) -> Steps:
    """The tangent of the gradient along the last argument."""
    if not args:
        stage.refuse(
            frame, node, "hvp is given no vector by position",
            "pass the vector last, behind the arguments that are given by position",
        )  # fmt: skip
    *primals, direction = args
    asked = asked_of(stage, frame, node, derivative, primals, kwargs)
    directions = [direction]
    if not derivative.single:
        parts = parts_of(direction)
        directions = [part for _, part in parts or ()]
        if len(directions) != len({*asked}):
            stage.refuse(
                frame, node, f"the vector of hvp is {describe(direction)}, and"
                f" {len({*asked})} arguments are asked for",
                "give a tuple with a vector for each",
            )  # fmt: skip
    of = replace(derivative, function=replace(derivative, derives=GRADIENT))
    given = dict(zip(asked, directions, strict=True))
    _, tangent, _ = yield along(stage, frame, node, of, primals, kwargs, given)
    return handed_back(stage, frame, node, tangent)


_WAYS = {
    "grad": _gradient,
    "jvp": call_jvp,
    "jacobian": call_jacobian,
    "jacfwd": call_jacfwd,
    "elementwise": call_elementwise,
    "hessian": _hessian,
    "hvp": _hvp,
}
