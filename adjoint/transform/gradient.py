"""The gradient function: the forward sweep, the backward sweep, and what is handed back."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adjoint.analyses.activity import activity
from adjoint.analyses.plain import plain_numbers
from adjoint.analyses.versions import is_write, versions_of
from adjoint.errors import NotScalar, Unsupported, ZeroGradientWarning
from adjoint.ir.infer import type_of
from adjoint.ir.lengths import ONE
from adjoint.ir.memory import written
from adjoint.ir.nodes import (
    Block,
    Const,
    Function,
    Let,
    Loop,
    Operand,
    Pack,
    Role,
    Statement,
    Undef,
    Var,
    Yield,
)
from adjoint.ir.values import Array, Maybe, Scalar, Unknown, is_differentiable
from adjoint.ir.walk import all_statements
from adjoint.stage.run import Staged
from adjoint.stage.values import (
    DictValue,
    ListValue,
    ObjectValue,
    RunTimeList,
    Static,
    TupleValue,
    Value,
)
from adjoint.transform.accumulate import Adjoints
from adjoint.transform.exits import normalise_exits
from adjoint.transform.keep import Keeper
from adjoint.transform.memory import Memory
from adjoint.transform.results import Results, inputs_in
from adjoint.transform.reverse import Reverse
from adjoint.transform.single_trips import without_single_trips

__all__ = ["Wanted", "gradient_function", "primal_function"]


#: Functions that return integers without repeats.
DISTINCT = frozenset({np.arange, np.argsort, np.flatnonzero})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a gradient function is to return.

    `arguments` are the names of the arguments to differentiate; `single` tells that there is one,
    whose gradient is handed back alone; `value` that the function's value comes first; `has_aux`
    that the function returns a pair whose second part is handed on.
    """

    arguments: tuple[str, ...]
    single: bool = True
    value: bool = False
    has_aux: bool = False


def primal_function(staged: Staged, wanted: Wanted) -> Function:
    """The function as it was staged; it yields the result, the auxiliary result and all inputs."""
    result, aux = _results(staged, wanted)
    leaves = tuple(leaf.variable for leaf in staged.inputs.leaves.values())
    values = (result, aux, *leaves)
    body = Block((*staged.stage.prologue, *staged.builder.statements), Yield(values))
    params = tuple(
        staged.inputs.variables[name]
        for name in staged.arguments
        if name in staged.inputs.variables
    )
    return Function(staged.name, params, _keywords(staged), body, staged.place)


def argument(staged: Staged, asked: str) -> Value:
    """The value of the argument that is asked for: ``x``, or ``args[1]`` of ``*args``."""
    name, _, position = asked.partition("[")
    value = staged.arguments[name]
    if not position:
        return value
    assert isinstance(value, TupleValue)
    return value.items[int(position.rstrip("]"))]


def _keywords(staged: Staged) -> tuple[Var, ...]:
    return tuple(staged.inputs.variables[name] for name in staged.inputs.externals)


def _results(staged: Staged, wanted: Wanted) -> tuple[Operand, Operand]:
    value: Value = staged.result
    aux: Operand = Const(None)
    if wanted.has_aux:
        if not isinstance(value, TupleValue) or len(value.items) != 2:
            raise NotScalar(
                f"{staged.name} does not return a pair, as has_aux=True promises",
                staged.place,
                "return loss, aux",
            )
        aux = _whole(staged, value.items[1])
        value = value.items[0]
    if not isinstance(value, Var | Static) or not _is_number(staged, value):
        raise NotScalar(
            f"{staged.name} returns {_described(value)}, and a gradient needs one number",
            staged.place,
            "return a number, or (number, aux) with has_aux=True;"
            " for many outputs a Jacobian is meant",
        )
    return _whole(staged, value), aux


def _whole(staged: Staged, value: Value) -> Operand:
    if isinstance(value, ObjectValue) and value.access is None:
        raise Unsupported(
            f"an object of class {value.cls.__name__} that is made inside is returned",
            staged.place,
            "return its parts in a tuple or dict",
        )
    return staged.stage.operand(value, None, None)  # type: ignore[arg-type]


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


def gradient_function(staged: Staged, primal: Function, wanted: Wanted) -> Function:
    """The gradient function of a primal that was staged and cleaned."""
    builder = staged.builder
    body = normalise_exits(without_single_trips(primal.body, builder), builder)
    assert isinstance(body.leaf, Yield)
    result, aux = body.leaf.values[:2]
    body = Block(body.statements, Yield())
    leaves = _asked(staged, wanted)
    kept = frozenset(s for s in all_statements(body) if isinstance(s, Let) and is_write(s))
    active = activity(body, leaves, (result,))
    _check_scalar(staged, result, active)
    definitions = {
        s.target: s for s in all_statements(body) if isinstance(s, Let) and s.target is not None
    }
    versions = versions_of(body)
    memory = Memory(builder, versions, kept, definitions)
    keeper = Keeper(
        builder, definitions, unbound=_unbound(body), saved=memory.saved, versions=versions.members
    )
    distinct = frozenset(v for v, let in definitions.items() if let.op.function in DISTINCT)
    unstable = written(replace(primal, body=body))
    adjoints = Adjoints(builder, distinct=distinct, names=_names(staged), written=unstable)
    builder.role = Role.ADJOINT
    builder.stopped = False
    with builder.at(staged.place), builder.block() as backward:
        sweep = Reverse(builder, active, keeper, adjoints, frozenset(leaves), memory)
        if isinstance(result, Var) and result in active:
            sweep.adjoints.values[result] = Const(1.0)
        sweep.statements(body.statements)
        with builder.at(staged.place):
            _warn_if_zero(staged, wanted, sweep.adjoints)
            results = Results(
                staged, sweep.adjoints, _plain(staged, primal, body, backward, keeper)
            )
            gradients = [results.structure(argument(staged, a)) for a in wanted.arguments]
        returned = _returned(wanted, result, aux, gradients)
        statements = list(backward)
    forward = keeper.rewrite(body)
    whole = (*forward.statements, *statements)
    name = f"{staged.name if staged.name.isidentifier() else 'fun'}_grad"
    return Function(
        name, primal.params, _keywords(staged), Block(whole, Yield((returned,))), staged.place,
        split=len(forward.statements),
    )  # fmt: skip


def _unbound(body: Block) -> frozenset[Var]:
    """The variables that some path leaves without a value."""
    found: set[Var] = set()
    for statement in all_statements(body):
        if isinstance(statement, Loop):
            pairs = zip(statement.params, statement.inits, strict=True)
            found.update(p for p, init in pairs if isinstance(init, Undef) or init in found)
    return frozenset(found)


def _names(staged: Staged) -> dict[Var, str]:
    """Names for the adjoints of attributes and items: the last word of their access."""
    words = {
        leaf.variable: re.findall(r"[A-Za-z_]\w*", text)
        for text, leaf in staged.inputs.leaves.items()
    }
    return {variable: found[-1] for variable, found in words.items() if found}


def _plain(
    staged: Staged, primal: Function, body: Block, backward: list[Statement], keeper: Keeper
) -> frozenset[Var]:
    inputs = [leaf.variable for leaf in staged.inputs.leaves.values()]
    pushed = {stack: variable for variable, stack in keeper.pushes.items()}
    numbers = [v for v in (*inputs, *primal.params) if isinstance(v.type, Scalar)]
    return plain_numbers(numbers, (*body.statements, *backward), pushed)


def _returned(wanted: Wanted, result: Operand, aux: Operand, gradients: list[Operand]) -> Operand:
    grad = gradients[0] if wanted.single else Pack("tuple", tuple(gradients))
    if wanted.value and wanted.has_aux:
        return Pack("tuple", (Pack("tuple", (result, aux)), grad))
    if wanted.value:
        return Pack("tuple", (result, grad))
    return Pack("tuple", (grad, aux)) if wanted.has_aux else grad


def _asked(staged: Staged, wanted: Wanted) -> list[Var]:
    """The float inputs that a gradient is asked for."""
    found: dict[Var, None] = {}
    for asked in wanted.arguments:
        for variable in inputs_in(argument(staged, asked)):
            if is_differentiable(variable.type):
                found.setdefault(variable)
    return list(found)


def _check_scalar(staged: Staged, result: Operand, active: Any) -> None:
    type_ = type_of(result)
    match type_:
        case Scalar("complex") | Array(np.dtype(kind="c")):
            raise NotScalar(
                f"{staged.name} returns a complex number",
                staged.place,
                "return its real part, or the square of its absolute value",
            )
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
    for asked in wanted.arguments:
        inputs = inputs_in(argument(staged, asked))
        if not any(variable in adjoints.values for variable in inputs):
            message = (
                f"the result of {staged.name} does not depend on {asked}: its gradient is zero"
            )
            warnings.warn(
                ZeroGradientWarning(
                    message,
                    staged.place,
                    "check the function, or leave the argument out of argnums",
                ),
                stacklevel=2,
            )
