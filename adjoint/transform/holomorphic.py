"""What `holomorphic=True` promises, held or refused: complex numbers, and no conjugates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from adjoint.errors import BadArgument, Unsupported
from adjoint.ir.holomorphic import real_linear
from adjoint.ir.nodes import Block, Function, Operand, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Callee
from adjoint.ir.values import Array, Scalar, Type, is_complex, is_differentiable
from adjoint.stage.run import Staged

__all__ = ["check_complex", "check_linear"]


def check_complex(staged: Staged, inputs: Sequence[Var], results: Iterable[Operand]) -> None:
    """Refuse real arguments and real results.

    Raises
    ------
    BadArgument
        If there is one.
    """
    for variable in inputs:
        if _is_real(variable.type):
            raise BadArgument(
                f"holomorphic=True needs complex arguments, and {_name(staged, variable)} of"
                f" {staged.name} is {_described(variable.type)}",
                staged.place,
                "give it a complex number or array, or leave holomorphic=True out",
            )
    for result in results:
        if _is_real(type_of(result)):
            raise BadArgument(
                f"holomorphic=True needs a complex result, and {staged.name} returns"
                f" {_described(type_of(result))}",
                staged.place,
                "leave holomorphic=True out: of a real result the gradient needs no promise",
            )


def _name(staged: Staged, variable: Var) -> str:
    texts = (text for text, leaf in staged.inputs.leaves.items() if leaf.variable is variable)
    return next(texts, variable.name)


def _is_real(type_: Type) -> bool:
    known = isinstance(type_, Array | Scalar)
    return known and is_differentiable(type_) and not is_complex(type_)


def _described(type_: Type) -> str:
    return f"an array of {type_.dtype}" if isinstance(type_, Array) else "a float"


def check_linear(
    staged: Staged,
    body: Block,
    cotangents: Iterable[Var],
    functions: Mapping[Callee, Function],
) -> None:
    """Refuse what has no complex derivative.

    Raises
    ------
    Unsupported
        At the statement whose derivative is linear over the real numbers only.
    """
    bodies = [(body, tuple(cotangents)), *((f.body, f.cotangents) for f in functions.values())]
    for block, given in bodies:
        found = real_linear(block, given)
        if found is not None:
            raise Unsupported(
                f"{staged.name} is not holomorphic, as holomorphic=True promises: its derivative"
                " goes through a conjugate, or what is or may be a real number, here",
                found.place,
                "use jvp or vjp, which take each direction by itself, or return a real number",
            )
