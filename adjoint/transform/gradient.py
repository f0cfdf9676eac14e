"""The gradient function: the forward sweep, the backward sweep, and what is handed back."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint import runtime
from adjoint.analyses.activity import activity
from adjoint.errors import NotScalar, Unsupported, ZeroGradientWarning
from adjoint.ir.builder import Builder
from adjoint.ir.infer import type_of
from adjoint.ir.lengths import ONE
from adjoint.ir.nodes import Block, Const, Function, Let, Operand, Pack, Role, Var, Yield
from adjoint.ir.ops import Form, Op, call
from adjoint.ir.values import OPAQUE, Array, ListOf, Maybe, Opaque, Scalar, Unknown, is_differentiable
from adjoint.ir.walk import all_statements
from adjoint.stage.calls import CALLED
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
from adjoint.transform.accumulate import Adjoints, complete, zero
from adjoint.transform.exits import normalise_exits
from adjoint.transform.keep import Keeper
from adjoint.transform.reverse import Reverse

__all__ = ["Wanted", "gradient_function", "primal_function"]

OWN = Op(np.copy, Form.METHOD, "copy")


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
    params = tuple(staged.inputs.variables[name] for name in staged.arguments if name in staged.inputs.variables)
    keywords = tuple(staged.inputs.variables[name] for name in staged.inputs.externals)
    return Function(staged.name, params, keywords, body, staged.place)


def _results(staged: Staged, wanted: Wanted) -> tuple[Operand, Operand]:
    value, aux = staged.result, Const(None)
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
            "return a number, or (number, aux) with has_aux=True; for many outputs a Jacobian is meant",
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
    assert isinstance(primal.body.leaf, Yield)
    result, aux = primal.body.leaf.values[:2]
    leaves = _asked(staged, wanted)
    body = normalise_exits(Block(primal.body.statements, Yield()), builder)
    active = activity(body, leaves, (result,))
    _check_scalar(staged, result, active)
    definitions = {s.target: s for s in all_statements(body) if isinstance(s, Let) and s.target is not None}
    keeper = Keeper(builder, definitions)
    builder.role = Role.ADJOINT
    builder.stopped = False
    with builder.at(staged.place), builder.block() as backward:
        sweep = Reverse(builder, active, keeper, Adjoints(builder), frozenset(leaves))
        if isinstance(result, Var) and result in active:
            sweep.adjoints.values[result] = Const(1.0)
        sweep.statements(body.statements)
        with builder.at(staged.place):
            _warn_if_zero(staged, wanted, sweep.adjoints)
            gradients = [_structure(staged, sweep.adjoints, staged.arguments[a]) for a in wanted.arguments]
        returned = _returned(wanted, result, aux, gradients)
        statements = list(backward)
    forward = keeper.rewrite(body)
    whole = (*forward.statements, *statements)
    name = f"{staged.name if staged.name.isidentifier() else 'fun'}_grad"
    return Function(
        name, primal.params, primal.keywords, Block(whole, Yield((returned,))), staged.place,
        split=len(forward.statements),
    )  # fmt: skip


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
    for argument in wanted.arguments:
        for variable in _inputs_in(staged.arguments[argument]):
            if is_differentiable(variable.type):
                found.setdefault(variable)
    return list(found)


def _inputs_in(value: Value) -> Sequence[Var]:
    match value:
        case Var():
            return [value]
        case RunTimeList():
            return [value.slots["list"]]
        case TupleValue(items):
            return [v for item in items for v in _inputs_in(item)]
        case ListValue():
            return [v for item in value.slots["items"] for v in _inputs_in(item)]
        case DictValue():
            return [v for item in value.slots["items"].values() for v in _inputs_in(item)]
        case ObjectValue():
            return [v for item in value.slots.values() for v in _inputs_in(item)]
        case _:
            return []


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
            lengths = ", ".join(map(str, shape))
            raise NotScalar(
                f"{staged.name} returns an array of shape ({lengths}), and a gradient needs one number",
                staged.place,
                "return a number, such as its sum or mean; for many outputs a Jacobian is meant",
            )
        case _:
            pass


def _warn_if_zero(staged: Staged, wanted: Wanted, adjoints: Adjoints) -> None:
    for argument in wanted.arguments:
        inputs = _inputs_in(staged.arguments[argument])
        if not any(variable in adjoints.values for variable in inputs):
            message = f"the result of {staged.name} does not depend on {argument}: its gradient is zero"
            warnings.warn(
                ZeroGradientWarning(
                    message, staged.place, "check the function, or leave the argument out of argnums"
                ),
                stacklevel=2,
            )


# -- what is handed back -----------------------------------------------------------------------------


def _structure(staged: Staged, adjoints: Adjoints, value: Value) -> Operand:
    """The gradient with respect to an argument, in the argument's structure."""
    builder = staged.builder
    match value:
        case Var():
            return _leaf(builder, adjoints, value, staged)
        case RunTimeList():
            held = value.slots["list"]
            found = adjoints.values.get(held)
            return zero(builder, held) if found is None else found
        case TupleValue(items, cls):
            parts = [_structure(staged, adjoints, item) for item in items]
            return Pack("tuple", tuple(parts)) if cls is tuple else _named(staged, value, parts)
        case ListValue():
            items = value.slots["items"]
            return Pack("list", tuple(_structure(staged, adjoints, item) for item in items))
        case DictValue():
            entries = value.slots["items"]
            parts = [_structure(staged, adjoints, item) for item in entries.values()]
            return Pack("dict", tuple(parts), tuple(Const(key) for key in entries))
        case ObjectValue():
            return _object(staged, adjoints, value)
        case _:
            return Const(None)


def _named(staged: Staged, value: TupleValue, parts: Sequence[Operand]) -> Operand:
    cls: Any = value.cls
    owner = staged.inputs.constant(cls)
    pairs = tuple(zip(cls._fields, parts, strict=True))
    return staged.builder.let(Op(CALLED, Form.CALL), (owner,), pairs, type_=OPAQUE)


def _object(staged: Staged, adjoints: Adjoints, value: ObjectValue) -> Operand:
    """An object like the argument: the attributes that were read, and zeros for the others."""
    held = value.slots
    pairs = [(name, _structure(staged, adjoints, held[name])) for name in _seen(value)]
    owner = value.access.variable()
    return staged.builder.let(call(runtime.like), (owner,), pairs, type_=OPAQUE)


def _seen(value: ObjectValue) -> list[str]:
    return [name for name in value.slots if name in value.seen and _matters(value.slots[name])]


def _matters(value: Value) -> bool:
    return any(is_differentiable(v.type) for v in _inputs_in(value))


def _leaf(builder: Builder, adjoints: Adjoints, leaf: Var, staged: Staged) -> Operand:
    """The gradient of one input: of its shape and dtype, owned, writable and distinct."""
    if not is_differentiable(leaf.type) or isinstance(leaf.type, Opaque):
        return Const(None)
    value = adjoints.values.get(leaf)
    if value is None:
        value = zero(builder, leaf)
    match leaf.type:
        case Scalar("float"):
            return _as_float(builder, value)
        case Scalar("complex"):
            return value
        case Array(dtype, (), True):
            return _as_scalar(builder, value, dtype)
        case Array(_, shape) if shape is not None:
            return _as_array(builder, value, leaf)
        case ListOf():
            return value
        case _:
            return complete(builder, value, leaf)


def _as_float(builder: Builder, value: Operand) -> Operand:
    if isinstance(value, Const):
        return Const(float(value.value))
    if type_of(value) == Scalar("float"):
        return value
    return builder.let(call(float), (value,), type_=Scalar("float"))


def _as_scalar(builder: Builder, value: Operand, dtype: np.dtype[Any]) -> Operand:
    found = type_of(value)
    if isinstance(found, Array) and found.scalar and found.dtype == dtype:
        return value
    return builder.let(Op(dtype.type), (value,), type_=Array(dtype, (), True))


def _as_array(builder: Builder, value: Operand, leaf: Var) -> Operand:
    assert isinstance(leaf.type, Array)
    found = type_of(value)
    whole = isinstance(found, Array) and not found.scalar and found.shape is not None
    if not whole or _rank(found) < _rank(leaf.type):
        return _full(builder, value, leaf)
    value = complete(builder, value, leaf)
    return builder.let(OWN, (value,), name=leaf.name)


def _rank(value: Any) -> int:
    return len(value.shape) if isinstance(value, Array) and value.shape is not None else 0


def _full(builder: Builder, value: Operand, leaf: Var) -> Operand:
    """An array of one number, or of a smaller array spread out."""
    if isinstance(value, Const) and value.value == 1:
        return builder.let(call(np.ones_like), (leaf,), name=leaf.name)
    if isinstance(value, Const) and value.value == 0:
        return builder.let(call(np.zeros_like), (leaf,), name=leaf.name)
    return builder.let(call(np.full_like), (leaf, value), name=leaf.name)

