"""What `holomorphic=True` promises of a derivative inside a function, held or refused."""

from __future__ import annotations

from collections.abc import Sequence

import gast

from adjoint.ir.holomorphic import real_linear
from adjoint.ir.nodes import Block, Const, Operand, Statement, Var
from adjoint.ir.ops import RENEWED
from adjoint.ir.values import Type, adjoint_type, is_complex, is_differentiable
from adjoint.stage.context import Frame, Stage
from adjoint.stage.values import DerivativeValue

__all__ = ["check_holomorphic", "check_kind", "seeds_of"]


def check_kind(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    derivative: DerivativeValue,
    inputs: Sequence[Var],
    result: Type,
) -> None:
    """Refuse a complex result that was not announced, and real numbers where it was."""
    if not derivative.holomorphic and is_complex(result):
        stage.refuse(
            frame, node, "the gradient of a function that returns a complex number",
            "return its real part, or pass holomorphic=True for the complex derivative",
        )  # fmt: skip
    reals = [v for v in inputs if is_differentiable(v.type) and not is_complex(v.type)]
    if derivative.holomorphic and (reals or not is_complex(result)):
        stage.refuse(
            frame, node, "holomorphic=True, with a real " + ("argument" if reals else "result"),
            "leave holomorphic=True out",
        )  # fmt: skip


def seeds_of(stage: Stage, derivative: DerivativeValue, result: Type) -> tuple[Var, ...]:
    """The cotangent of a holomorphic result, under a name that can be followed; else nothing."""
    if not derivative.holomorphic:
        return ()
    return (stage.builder.let(RENEWED, (Const(1.0),), type_=adjoint_type(result)),)


def check_holomorphic(
    stage: Stage,
    frame: Frame,
    node: gast.AST,
    statements: Sequence[Statement],
    seeds: Sequence[Operand],
) -> None:
    """Refuse a backward sweep that conjugates its cotangent, or makes it real."""
    cotangents = [seed for seed in seeds if isinstance(seed, Var)]
    if real_linear(Block(tuple(statements)), cotangents) is not None:
        stage.refuse(
            frame, node, "holomorphic=True, of a function whose derivative goes through a"
            " conjugate or a real number",
            "use vjp, which takes each direction by itself, or return a real number",
        )  # fmt: skip
