"""Derivatives inside a function: the sweeps of a part of it, as statements like any others.

What comes out is in the language that came in: all that the sweeps keep is in values, so that what
is written for a derivative can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adjoint.ir.builder import Builder
from adjoint.ir.memory import makes_memory
from adjoint.ir.nodes import Block, Function, Let, Operand, Role, Var, Yield
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Callee, call
from adjoint.ir.templates import done_again, settled, write_anew
from adjoint.ir.values import Array, rank
from adjoint.ir.walk import leaf_operands
from adjoint.stage.context import Transforms
from adjoint.transform.accumulate import adjoint_type, writable, zero
from adjoint.transform.attempts import as_swept
from adjoint.transform.callees import calls_of, name_results, seeded
from adjoint.transform.calls_again import CallsAgain
from adjoint.transform.derived import Derived
from adjoint.transform.inner_calls import Functions, of_values, reached
from adjoint.transform.leaves import OWN
from adjoint.transform.own_stacks import copied_stacks
from adjoint.transform.parting import parted, rewritten
from adjoint.transform.stacks import stacks_as_values
from adjoint.transform.sweeps import Sweeps, sweeps_of

__all__ = ["Inner", "differentiated", "whole_and_own"]

Simplify = Callable[[Function], Function]


@dataclass(frozen=True, slots=True, eq=False)
class Inner:
    """A part of a function, differentiated.

    Attributes
    ----------
    forward
        The part itself, with what is kept for the backward sweep.
    results
        What it computes.
    cotangents
        The variables that stand for the cotangents of the results, in `backward`.
    backward
        The backward sweep; it yields the gradients.
    """

    forward: Block
    results: tuple[Operand, ...]
    cotangents: tuple[Var, ...]
    backward: Block

    def pull(self, builder: Builder, cotangents: Sequence[Operand]) -> tuple[Operand, ...]:
        """Write the backward sweep for these cotangents; the gradients."""
        given = zip(self.cotangents, cotangents, strict=bool(self.cotangents))
        return write_anew(builder, self.backward, dict(given))


def differentiated(
    builder: Builder,
    program: Functions,
    block: Block,
    inputs: Sequence[Var],
    seeds: Sequence[Operand | None],
    simplify: Simplify,
    transforms: Transforms,
) -> Inner:
    """Differentiate a part of a function.

    Parameters
    ----------
    program
        The functions that it may call; those that its derivative needs are added.
    block
        The part.
    inputs
        The variables from before it, by which is differentiated.
    seeds
        For each of the first values that it yields, which are differentiated, its cotangent, where
        that is known: the backward sweep is then written once. None: it may be written again.
    simplify
        What takes a function and cleans it.
    transforms
        What differentiates parts of functions that are handed to a solver.

    Raises
    ------
    Unsupported
        If what depends on an input is handed to a function without a rule.
    """
    functions = reached(block, program)
    body = as_swept(block, builder)
    assert isinstance(body.leaf, Yield)
    results = body.leaf.values
    inside = Block(body.statements, Yield())
    made = calls_of(builder, inside, inputs, results[: len(seeds)], functions, transforms)
    derived = Derived(builder, program, transforms)
    calls = CallsAgain(builder, made.active, made.functions, derived, again=True)
    sweeps = sweeps_of(calls, inside, inputs, {}, recalls=False)
    role, stopped = builder.role, builder.stopped
    builder.role, builder.stopped = Role.ADJOINT, False
    cotangents = [
        builder.var(adjoint_type(type_of(result)), _name(result)) if seed is None else seed
        for result, seed in zip(results, seeds, strict=False)
    ]
    with builder.block() as statements:
        for result, cotangent in zip(results, cotangents, strict=False):
            sweeps.seed(result, cotangent)
        sweeps.backward()
        gradients = _gradients(builder, sweeps, inputs)
        backward = tuple(statements)
    _add_pullbacks(calls, program, simplify)
    builder.role, builder.stopped = role, stopped
    forward = sweeps.forward().statements
    params = tuple(c for c in cotangents if isinstance(c, Var))
    whole = Block((*forward, *backward), Yield((*results, *gradients)))
    cleaned = simplify(Function("", params, (), whole, builder.place, len(forward)))
    return _cut(builder, cleaned, params, len(results))


def _add_pullbacks(calls: CallsAgain, program: Functions, simplify: Simplify) -> None:
    """Write the pullbacks that a sweep calls, and those that they call."""
    written: set[Callee] = set()
    while fresh := [callee for callee in calls.pullbacks if callee not in written]:
        for callee in fresh:
            written.add(callee)
            program[calls.pullbacks[callee]] = _pullback(callee, calls, simplify)


def _pullback(callee: Callee, calls: CallsAgain, simplify: Simplify) -> Function:
    """The function from arguments and cotangents to the cotangents of the arguments."""
    builder, function = calls.builder, calls.functions[callee]
    params = [function.params[k] for k in calls.active_params(callee)]
    results = leaf_operands(function.body.leaf)
    name_results(results)
    message = "a function that calls itself is differentiated twice"
    advice = "take prints and draws out of it"
    body = done_again(Block(function.body.statements), message, advice)
    with builder.at(function.place), builder.block() as statements:
        sweeps = sweeps_of(calls, body, params, {}, recalls=False)
        cotangents = seeded(sweeps, [results[k] for k in calls.active_results(callee)])
        sweeps.backward()
        gradients = _gradients(builder, sweeps, params)
        backward = tuple(statements)
    front = sweeps.forward().statements
    every = (*function.params, *cotangents)
    whole = Block((*front, *backward), Yield(gradients))
    cleaned = simplify(Function("", every, (), whole, function.place, len(front)))
    block, _ = stacks_as_values(builder, cleaned.body)
    return of_values(builder, calls.pullbacks[callee].name, every, block, function.place)


def _cut(builder: Builder, function: Function, cotangents: tuple[Var, ...], count: int) -> Inner:
    """The two sweeps of a function that yields `count` results and then the gradients."""
    statements, leaf = function.body.statements, function.body.leaf
    assert isinstance(leaf, Yield)
    front = Block(statements[: function.split], Yield(leaf.values[:count]))
    back = Block(statements[function.split :], Yield(leaf.values[count:]))
    forward, versions = stacks_as_values(builder, front)
    own = copied_stacks(builder, back, front, versions) if cotangents else (back, versions)
    backward, _ = stacks_as_values(builder, *own)
    assert isinstance(forward.leaf, Yield)
    results = forward.leaf.values
    if cotangents:
        once, rest = parted(backward.statements, cotangents, rewritten(backward.statements))
        settled_before, backward = settled(builder, once, replace(backward, statements=tuple(rest)))
        forward = Block((*forward.statements, *settled_before), Yield(results))
    return Inner(forward, results, cotangents, backward)


def _name(result: Operand) -> str:
    return result.name if isinstance(result, Var) else ""


def _gradients(builder: Builder, sweeps: Sweeps, inputs: Sequence[Var]) -> tuple[Operand, ...]:
    """The gradients, each whole and in memory of its own."""
    found: list[Operand] = []
    for leaf in inputs:
        value = sweeps.adjoints.values.get(leaf)
        if value is None:
            value = zero(builder, leaf)
        found.append(whole_and_own(builder, value, leaf, found))
    return tuple(found)


def whole_and_own(
    builder: Builder, value: Operand, leaf: Var, others: Sequence[Operand]
) -> Operand:
    """A derivative of the shape of `leaf`, in memory that none of the `others` has."""
    if not isinstance(leaf.type, Array) or leaf.type.scalar or rank(leaf.type) is None:
        return value
    if rank(type_of(value)) == 0 and rank(leaf.type) != 0:
        return builder.let(call(np.full_like), (leaf, value), name=leaf.name)
    whole = writable(builder, value, leaf)
    made = _maker(builder, whole)
    if made is not None and made not in {_maker(builder, other) for other in others}:
        return whole
    return builder.let(OWN, (whole,), name=leaf.name)


def _maker(builder: Builder, value: Operand) -> Let | None:
    """What made the memory of a value, if that is new: what is written into keeps its memory."""
    definition = builder.definitions.get(value) if isinstance(value, Var) else None
    while definition is not None and definition.op.updates:
        of = definition.args[0]
        definition = builder.definitions.get(of) if isinstance(of, Var) else None
    return definition if definition is not None and makes_memory(definition) else None
