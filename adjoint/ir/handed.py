"""Functions of the program that are handed to what a statement calls: to a solver."""

from __future__ import annotations

from adjoint.ir.nodes import Const, Let, Operand, Pack
from adjoint.ir.ops import Callee

__all__ = ["handed_over", "with_arguments"]


def handed_over(let: Let) -> list[Callee]:
    """Return the functions of the program that `let` hands to the function that it calls."""
    operands = (*let.args, *(value for _, value in let.kwargs))
    constants = (operand.value for operand in operands if isinstance(operand, Const))
    return [value for value in constants if isinstance(value, Callee)]


def with_arguments(let: Let) -> tuple[Operand, ...]:
    """Return what the functions are to be called with, after what the solver gives them."""
    found = dict(let.kwargs)["args"]
    assert isinstance(found, Pack), "the arguments are a display"
    return found.items
