"""A rule of one mode, made of that of the other: it is linear, and so can be transposed."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.ir.nodes import Block, Let, Var, Yield
from adjoint.ir.ops import ALIAS
from adjoint.ir.templates import Template
from adjoint.ir.values import FLOAT
from adjoint.ir.walk import leaf_operands
from adjoint.stage.derivatives.custom_calls import Site
from adjoint.stage.derivatives.linearity import nonlinear_in

__all__ = ["transposed"]


def transposed(site: Site, template: Template, like: Sequence[Var], what: str) -> Template:
    """The rule of the other mode, from one that is linear; `like` are of the shapes of its input.

    The rule is reversed, at the values of `like`: since it is linear, none of them is read.
    """
    place = nonlinear_in(template.block, template.given, site.stage.builder.definitions)
    if place is not None:
        mode, other = ("forward", "jvp") if what == "bwd" else ("reverse", "vjp")
        raise site.stage.unsupported(
            f"{what} of {site.name} is not seen to be linear, and {mode} mode, which is asked for,"
            " would follow from it only then",
            place,
            f"make {site.name} a custom_{other}, or write {what} so that it is linear in what it is"
            " given",
        )
    stage, builder = site.stage, site.stage.builder
    ends = leaf_operands(template.block.leaf)
    with builder.at(stage.place(site.frame, site.node)):
        with builder.block() as written:
            written.extend(template.block.statements)
            asked = [builder.let(ALIAS, (v,), type_=v.type) for v in ends if isinstance(v, Var)]
            block = Block(tuple(written), Yield(tuple(asked)))
        inner = stage.transforms.differentiate(
            builder, {}, block, template.given, [None] * len(asked)
        )
        found = iter(inner.cotangents)
        given = [next(found) if isinstance(v, Var) else builder.var(FLOAT) for v in ends]
        here = zip(template.given, like, strict=True)
        first = (Let(stand_in, ALIAS, (of,), (), builder.place) for stand_in, of in here)
    statements = (*first, *inner.forward.statements, *inner.backward.statements)
    return Template(tuple(given), Block(statements, inner.backward.leaf))
