"""What a derivative is asked of: which arguments, and which part of what the function returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from adjoint.errors import NotScalar
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.values import is_differentiable
from adjoint.stage.run import Staged
from adjoint.stage.values import TupleValue, Value
from adjoint.transform.outputs import rebuilt
from adjoint.transform.results import inputs_in

__all__ = ["Wanted", "argument", "asked_inputs", "main_value", "rebuilt_aux"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a derivative is to return.

    `arguments` are the names of the arguments to differentiate; `single` tells that there is one,
    whose gradient is handed back alone; `value` that the function's value comes first; `has_aux`
    that the function returns a pair whose second part is handed on. `mode` is ``"grad"`` for the
    gradient of one number, ``"vjp"`` for the value and a function from cotangents to gradients.
    """

    arguments: tuple[str, ...]
    single: bool = True
    value: bool = False
    has_aux: bool = False
    mode: Literal["grad", "vjp"] = "grad"


def argument(staged: Staged, asked: str) -> Value:
    """The value of the argument that is asked for: ``x``, or ``args[1]`` of ``*args``."""
    name, _, position = asked.partition("[")
    value = staged.arguments[name]
    if not position:
        return value
    assert isinstance(value, TupleValue)
    return value.items[int(position.rstrip("]"))]


def main_value(staged: Staged, wanted: Wanted) -> Value:
    """What is differentiated of what a function returns: all, or without `has_aux` its first part.

    Raises
    ------
    NotScalar
        If it is not a pair, as `has_aux` says.
    """
    value: Value = staged.result
    if not wanted.has_aux:
        return value
    if not isinstance(value, TupleValue) or len(value.items) != 2:
        raise NotScalar(
            f"{staged.name} does not return a pair, as has_aux=True promises",
            staged.place,
            "return loss, aux",
        )
    return value.items[0]


def rebuilt_aux(staged: Staged, wanted: Wanted, leaves: Sequence[Operand]) -> Operand:
    """What the function returns beside what is differentiated; None where that is nothing."""
    if not wanted.has_aux:
        return Const(None)
    assert isinstance(staged.result, TupleValue)
    return rebuilt(staged, staged.result.items[1], iter(leaves))


def asked_inputs(staged: Staged, wanted: Wanted) -> list[Var]:
    """The float inputs that a gradient is asked for."""
    found: dict[Var, None] = {}
    for asked in wanted.arguments:
        for variable in inputs_in(argument(staged, asked)):
            if is_differentiable(variable.type):
                found.setdefault(variable)
    return list(found)
