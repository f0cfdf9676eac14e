"""Forward mode inside a function: a part of it with tangents, as statements like any others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adjoint.analyses.activity import activity
from adjoint.errors import Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.infer import type_of
from adjoint.ir.memory import makes_memory
from adjoint.ir.nodes import Block, Const, Function, Let, Operand, Role, Var, Yield
from adjoint.ir.ops import Callee
from adjoint.ir.values import Array, is_differentiable
from adjoint.ir.walk import all_statements
from adjoint.transform.forward import Forward
from adjoint.transform.inner import Inner
from adjoint.transform.results import OWN
from adjoint.transform.tangent_calls import TangentCalls
from adjoint.transform.tangents import Tangents

__all__ = ["pushed_forward"]


def pushed_forward(
    builder: Builder,
    block: Block,
    inputs: Sequence[Var],
    count: int,
    along: Sequence[Operand],
    simplify: Callable[[Function], Function],
) -> Inner:
    """What computes a part of a function together with its tangent, to be written once.

    ::

        y = sin(x)                    y = sin(x)
        yield y          ->           y_dot = x_dot * cos(x)
                                      yield y, y_dot

    Parameters
    ----------
    block
        The part; of what it yields, the first `count` have a tangent, behind all of it.
    inputs, along
        Variables from before it, and the tangent of each.
    simplify
        What takes a function and cleans it.

    Raises
    ------
    Unsupported
        If what depends on an input is handed to a function without a rule.
    """
    _refuse(block)
    assert isinstance(block.leaf, Yield)
    results = block.leaf.values
    role, stopped = builder.role, builder.stopped
    builder.role, builder.stopped = Role.TANGENT, False
    tangents = Tangents(builder)
    for variable, tangent in zip(inputs, along, strict=True):
        tangents.define(variable, tangent)
    active = activity(block, inputs, results[:count], {})
    sweep = Forward(builder, active, tangents, TangentCalls(builder, active, {}))
    with builder.block() as statements:
        sweep.statements(block.statements)
        shadows: list[Operand] = []
        for result in results[:count]:
            shadows.append(_handed_over(builder, tangents, result, shadows))
        whole = Block(tuple(statements), Yield((*results, *shadows)))
    builder.role, builder.stopped = role, stopped
    cleaned = simplify(Function("", (), (), whole, builder.place))
    return Inner(Block((), Yield(())), (), (), cleaned.body)


def _handed_over(
    builder: Builder, tangents: Tangents, result: Operand, others: Sequence[Operand]
) -> Operand:
    """The tangent of a result, in memory of its own; None of what is no float."""
    type_ = type_of(result)
    if not is_differentiable(type_):
        return Const(None)
    whole = tangents.whole(result)
    if not isinstance(type_, Array) or type_.scalar:
        return whole
    definition = builder.definitions.get(whole) if isinstance(whole, Var) else None
    if definition is not None and makes_memory(definition) and whole not in others:
        return whole
    return builder.let(OWN, (whole,), name=result.name if isinstance(result, Var) else "")


def _refuse(block: Block) -> None:
    for statement in all_statements(block):
        if isinstance(statement, Let) and isinstance(statement.op.function, Callee):
            raise Unsupported(
                "a function that calls itself, in one whose derivative is differentiated",
                statement.place,
                "write the recursion as a loop",
            )
