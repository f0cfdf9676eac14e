"""The functions of the program that a derivative calls: as they were, or with a pullback."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from adjoint.analyses.activity import activity
from adjoint.ir.builder import Builder
from adjoint.ir.memory import is_immutable
from adjoint.ir.nodes import Block, Function, Operand, Pack, Role, Var, Yield
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Callee, call
from adjoint.ir.values import Array, ListOf
from adjoint.ir.walk import called
from adjoint.stage.context import Transforms
from adjoint.transform.accumulate import adjoint_type, writable, zero
from adjoint.transform.attempts import as_swept
from adjoint.transform.calls import Calls
from adjoint.transform.derived import Derived
from adjoint.transform.leaves import OWN
from adjoint.transform.sweeps import Sweeps, sweeps_of

__all__ = ["calls_of", "functions_called", "name_results", "seeded"]


def calls_of(
    builder: Builder,
    body: Block,
    inputs: Sequence[Var],
    results: Sequence[Operand],
    functions: Mapping[Callee, Function],
    transforms: Transforms,
) -> Calls:
    """What a derivative of `results` by `inputs` passes through, in a body and in what it calls.

    `transforms` are for functions that are handed to a solver.

    Raises
    ------
    Unsupported
        If what depends on an input is handed to a function without a rule.
    """
    whole = {callee: _with_whole_trips(f, builder) for callee, f in functions.items()}
    derived = Derived(builder, whole, transforms)
    return Calls(builder, activity(body, inputs, results, whole), whole, derived)


def _with_whole_trips(function: Function, builder: Builder) -> Function:
    body = as_swept(function.body, builder)
    return replace(function, body=body)


def functions_called(
    main: Function, calls: Calls, names: Mapping[Var, str], *, again: bool
) -> dict[Callee, Function]:
    """The functions that are called from `main`, directly or not, in the order of the calls.

    Parameters
    ----------
    names
        Of inputs that the user did not name.
    again
        Whether a pullback may be called more than once.
    """
    found: dict[Callee, Function] = {}
    waiting = called(main)
    while waiting:
        callee = waiting.pop(0)
        if callee not in found:
            primal = next((p for p, own in calls.pullbacks.items() if own is callee), None)
            if primal is None:
                found[callee] = calls.functions[callee]
            else:
                found[callee] = replace(_with_pullback(primal, calls, names), again=again)
            waiting += called(found[callee])
    return found


def _with_pullback(callee: Callee, calls: Calls, names: Mapping[Var, str]) -> Function:
    """The two sweeps of a function, from its arguments and cotangents to results and cotangents.

    `optimise` makes the backward sweep a function that is defined inside (`Function.cotangents`).

    ::

        f(x, n)                               f_vjp(x, n)
          t = f(x, n - 1)         ->            t, f_back = f_vjp(x, n - 1)
          u = x * t                             u = x * t
          yield u                               -- backward(d_u) --
                                                d_x = d_u * t + f_back(d_u * x)
                                                yield (u), (), d_x
    """
    builder, function = calls.builder, calls.functions[callee]
    leaf = function.body.leaf
    assert isinstance(leaf, Yield), "a function that is called returns"
    name_results(leaf.values)
    params = [function.params[k] for k in calls.active_params(callee)]
    body = Block(function.body.statements, Yield())
    with builder.at(function.place), builder.block() as backward:
        sweeps = sweeps_of(calls, body, params, names)
        cotangents = seeded(sweeps, [leaf.values[k] for k in calls.active_results(callee)])
        sweeps.backward()
        with builder.at(function.place):
            gradients = [_own(sweeps, param) for param in params]
        statements = tuple(backward)
    forward = sweeps.forward().statements
    given = gradients[0] if len(gradients) == 1 else Pack("tuple", tuple(gradients))
    returned = Yield((Pack("tuple", leaf.values), Pack("tuple", ()), given))
    return Function(
        calls.pullbacks[callee].name, (*function.params, *cotangents), (),
        Block((*forward, *statements), returned), function.place, len(forward), cotangents,
    )  # fmt: skip


def name_results(results: Iterable[Operand]) -> None:
    """Give those results of a function a name that the user gave none."""
    for result in results:
        if isinstance(result, Var):
            result.name = result.name or "out"


def seeded(sweeps: Sweeps, results: Iterable[Operand]) -> tuple[Var, ...]:
    """The cotangents of results that are active, as the adjoints the sweep begins with."""
    made: list[Var] = []
    for result in results:
        assert isinstance(result, Var), "a result that is active is a variable"
        builder = sweeps.reverse.builder
        given = builder.var(adjoint_type(result.type), result.name, Role.ADJOINT)
        made.append(given)
        sweeps.seed(result, given)
    return tuple(made)


def _own(sweeps: Sweeps, param: Var) -> Operand:
    """The cotangent of a parameter: whole, and in memory of its own."""
    builder, found = sweeps.reverse.builder, sweeps.adjoints.values.get(param)
    if found is None:
        return zero(builder, param)
    whole = writable(builder, found, param)
    if is_immutable(param.type) or isinstance(param.type, ListOf):
        return whole
    own = OWN if isinstance(param.type, Array) else call(copy.copy)
    return builder.let(own, (whole,), name=sweeps.adjoints.name(param), type_=type_of(whole))
