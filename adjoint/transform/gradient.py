"""The gradient function: the forward sweep, the backward sweep, and what is handed back."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from adjoint.errors import NotScalar, ZeroGradientWarning
from adjoint.ir.lengths import ONE
from adjoint.ir.nodes import Block, Const, Function, Operand, Pack, Var, Yield
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Callee, call, method
from adjoint.ir.values import (
    UNKNOWN,
    Array,
    Maybe,
    Scalar,
    Unknown,
    is_complex,
    is_differentiable,
)
from adjoint.ir.walk import map_block, substitute
from adjoint.stage.inputs.reachable import inputs_in
from adjoint.stage.run import Staged
from adjoint.stage.values import DictValue, ListValue, RunTimeList, Static, TupleValue, Value
from adjoint.transform.accumulate import Adjoints, adjoint_type
from adjoint.transform.asked import argument, asked_inputs, main_value, rebuilt_aux
from adjoint.transform.callees import calls_of, functions_called
from adjoint.transform.holomorphic import check_complex, check_linear
from adjoint.transform.outputs import external_variables
from adjoint.transform.results import Results
from adjoint.transform.sweeps import sweeps_of
from adjoint.transform.wanted import Wanted
from adjoint.transform.whole import backward_of, identifier, leaf_names, normalised, plain_in

__all__ = ["gradient_function", "returned_value"]


def returned_value(staged: Staged, wanted: Wanted) -> Value:
    """What a function returns that is to be differentiated: a number, and perhaps something more.

    Raises
    ------
    NotScalar
        If it is not one number, or with `has_aux` not a pair.
    """
    value = main_value(staged, wanted)
    if not isinstance(value, Var | Static) or not _is_number(staged, value):
        raise NotScalar(
            f"{staged.name} returns {_described(value)}, and a gradient needs one number",
            staged.place,
            "return a number, or (number, aux) with has_aux=True;"
            " for many outputs a Jacobian is meant",
        )
    return staged.result


def _is_number(staged: Staged, value: Value) -> bool:
    type_ = staged.stage.type(value)
    if isinstance(type_, Maybe):
        type_ = type_.value
    return isinstance(type_, Scalar | Array | Unknown)


def _described(value: Value) -> str:
    match value:
        case Static(None):
            return "None"
        case TupleValue(items):
            return f"{len(items)} values"
        case DictValue():
            return "a dict"
        case ListValue() | RunTimeList():
            return "a list"
        case _:
            return "something that is no number"


def gradient_function(
    staged: Staged, primal: Function, functions: Mapping[Callee, Function], wanted: Wanted
) -> tuple[Function, dict[Callee, Function]]:
    """The gradient function of a primal that was staged and cleaned, and what it calls."""
    builder = staged.builder
    body, results = normalised(staged, primal)
    leaves, names = asked_inputs(staged, wanted), leaf_names(staged)
    transforms = staged.stage.transforms
    calls = calls_of(builder, body, leaves, results[:1], functions, transforms)
    sweeps = sweeps_of(calls, body, leaves, names)
    _check_scalar(staged, results[0], wanted.holomorphic)
    if wanted.holomorphic:
        check_complex(staged, leaves, results[:1])
    seed = builder.var(adjoint_type(type_of(results[0])), "out")
    with backward_of(staged) as backward:
        sweeps.seed(results[0], seed if wanted.holomorphic else _one(staged, results[0]))
        sweeps.backward()
        with builder.at(staged.place):
            _warn_if_zero(staged, wanted, sweeps.adjoints)
            parts = Results(
                staged, sweeps.adjoints, plain_in(staged, primal, body, backward, sweeps.keeper)
            )
            gradients = [parts.gradient(asked) for asked in wanted.arguments]
            aux = rebuilt_aux(staged, wanted, results[1:])
        returned = _returned(wanted, results[0], aux, gradients)
        statements = tuple(backward)
    forward = sweeps.forward().statements
    whole = Block((*forward, *statements), Yield((returned,)))
    name, keywords = f"{identifier(staged)}_grad", external_variables(staged)
    made = Function(name, primal.params, keywords, whole, staged.place, split=len(forward))
    called = functions_called(made, calls, names, again=False)
    if wanted.holomorphic:
        check_linear(staged, whole, (seed,), called)
        made = replace(made, body=map_block(whole, lambda v: substitute(v, {seed: Const(1.0)})))
    return made, called


def _one(staged: Staged, result: Operand) -> Operand:
    """The cotangent of the result; of one that is known at run time only, made so that it raises
    where that is more than one number. It is no array, of which several lists may hold the one.
    """
    if not isinstance(type_of(result), Unknown):
        return Const(1.0)
    builder = staged.builder
    with builder.at(staged.place):
        ones = builder.let(call(np.ones_like), (result,))
        return builder.let(method(np.ndarray.item, "item"), (ones,), type_=UNKNOWN)


def _returned(wanted: Wanted, result: Operand, aux: Operand, gradients: list[Operand]) -> Operand:
    grad = gradients[0] if wanted.single else Pack("tuple", tuple(gradients))
    if wanted.value and wanted.has_aux:
        return Pack("tuple", (Pack("tuple", (result, aux)), grad))
    if wanted.value:
        return Pack("tuple", (result, grad))
    return Pack("tuple", (grad, aux)) if wanted.has_aux else grad


def _check_scalar(staged: Staged, result: Operand, holomorphic: bool) -> None:
    type_ = type_of(result)
    if is_complex(type_) and not holomorphic:
        raise NotScalar(
            f"{staged.name} returns a complex number",
            staged.place,
            "return its real part, or the square of its absolute value; for the complex derivative"
            " of a holomorphic function pass holomorphic=True",
        )
    match type_:
        case Array(_, shape) if shape is not None and any(axis != ONE for axis in shape):
            lengths = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
            raise NotScalar(
                f"{staged.name} returns an array of shape ({lengths}),"
                " and a gradient needs one number",
                staged.place,
                "return a number, such as its sum or mean; for many outputs a Jacobian is meant",
            )
        case _:
            pass


def _warn_if_zero(staged: Staged, wanted: Wanted, adjoints: Adjoints) -> None:
    for asked in wanted.arguments if staged.stage.is_whole else ():
        inputs = inputs_in(argument(staged, asked))
        if any(variable in adjoints.values for variable in inputs):
            continue
        message = f"the result of {staged.name} does not depend on {asked}: its gradient is zero"
        advice = "check the function, or leave the argument out of argnums"
        if not any(is_differentiable(variable.type) for variable in inputs):
            message = f"there are no floats in {asked}, which {staged.name} is differentiated by"
            advice = "whole numbers in a structure are held fixed: write 1.0 for 1"
        warnings.warn(ZeroGradientWarning(message, staged.place, advice), stacklevel=2)
