"""What is asked for, in what was staged: the arguments, and the part of the result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adjoint.errors import BadArgument, NotScalar, Unsupported
from adjoint.ir.nodes import Const, Operand, Var
from adjoint.ir.values import is_differentiable
from adjoint.rules.registry import is_matrix
from adjoint.source.parameters import part_of
from adjoint.stage.inputs.closed import ADVICE, RING_ADVICE, closed_in, closed_text, ring_text
from adjoint.stage.inputs.reachable import inputs_in
from adjoint.stage.run import Staged
from adjoint.stage.values import DictValue, ObjectValue, TupleValue, Value
from adjoint.transform.outputs import rebuilt
from adjoint.transform.wanted import Wanted

__all__ = ["argument", "asked_inputs", "main_value", "rebuilt_aux", "refuse_closed"]


def argument(staged: Staged, asked: str) -> Value:
    """The value of the argument that is asked for: ``x``, ``args[1]`` or ``kwargs['w']``."""
    name, key = part_of(asked)
    value = staged.arguments[name]
    if key is None:
        return value
    assert isinstance(value, TupleValue | DictValue)
    items: Any = value.items if isinstance(value, TupleValue) else value.slots["items"]
    found: Value = items[key]
    return found


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


def refuse_closed(staged: Staged, asked: str) -> None:
    """Refuse to differentiate by an argument that holds floats where they are not reached.

    Raises
    ------
    BadArgument
        If there are such.
    """
    for value in closed_in(argument(staged, asked)):
        raise BadArgument(closed_text(value), staged.place, ADVICE)


def _refuse_ring(staged: Staged, asked: str) -> None:
    text = ring_text(argument(staged, asked))
    if text is not None:
        raise BadArgument(text, staged.place, RING_ADVICE)


def _refuse_matrix(staged: Staged, asked: str) -> None:
    value = argument(staged, asked)
    if isinstance(value, ObjectValue) and is_matrix(value.cls):
        raise Unsupported(
            f"the gradient with respect to {asked} is asked for, and {asked} is a sparse matrix",
            staged.place,
            "make the matrix inside, of its values: csr_array((data, indices, indptr), shape=…)",
        )


def asked_inputs(staged: Staged, wanted: Wanted) -> list[Var]:
    """The float inputs that a gradient is asked for."""
    found: dict[Var, None] = {}
    for asked in wanted.arguments:
        _refuse_matrix(staged, asked)
        refuse_closed(staged, asked)
        _refuse_ring(staged, asked)
        for variable in inputs_in(argument(staged, asked)):
            if is_differentiable(variable.type):
                found.setdefault(variable)
    return list(found)
