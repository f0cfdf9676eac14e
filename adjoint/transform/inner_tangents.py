"""Tangents inside a function: the forward sweep of a part of it, as statements like any others.

Along given directions the part is written once, each statement with its tangent. Along directions
that change (`linearised`), what does not depend on them is written before, once::

    y = sin(x)            y = sin(x)
    z = y * y      ->     t = cos(x)
                          along x_dot:
                              y_dot = x_dot * t
                              z_dot = 2 * y * y_dot
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from adjoint.analyses.activity import activity
from adjoint.ir.builder import Builder
from adjoint.ir.custom import calls_passed, settled_block
from adjoint.ir.memory import written_items
from adjoint.ir.nodes import Block, Const, Function, Operand, Role, Statement, Var, Yield
from adjoint.ir.operands import type_of
from adjoint.ir.templates import done_again, settled, write_anew
from adjoint.ir.values import Opaque, is_differentiable
from adjoint.ir.walk import all_statements, map_block, targets, writes
from adjoint.stage.context import Transforms
from adjoint.transform.bound import paths_of
from adjoint.transform.choices import repeatable
from adjoint.transform.derived import Derived
from adjoint.transform.forward import Forward, functions_with_tangents
from adjoint.transform.inner import whole_and_own
from adjoint.transform.inner_calls import Functions, of_values, reached
from adjoint.transform.parting import managers, parted, rewritten
from adjoint.transform.tangent_calls import TangentCalls
from adjoint.transform.tangents import Tangents, active_items, tangent_type

__all__ = ["Linear", "linearised", "pushed_forward"]

Simplify = Callable[[Function], Function]


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A part of a function, and what computes its tangent along any direction of one input.

    Attributes
    ----------
    forward
        The part itself, as far as it does not change from direction to direction.
    results
        What it computes.
    directions
        For each input the variable that stands for its tangent.
    along
        For each input what computes the tangents of the results; it yields them.
    """

    forward: Block
    results: tuple[Operand, ...]
    directions: tuple[Var, ...]
    along: tuple[Block, ...]

    def push(self, builder: Builder, k: int, direction: Operand) -> tuple[Operand, ...]:
        """Write the tangents of the results along a direction of input `k`."""
        return write_anew(builder, self.along[k], {self.directions[k]: direction})


def pushed_forward(
    builder: Builder,
    program: Functions,
    block: Block,
    inputs: Sequence[Var],
    directions: Sequence[Operand],
    count: int,
    simplify: Simplify,
    transforms: Transforms,
) -> tuple[tuple[Operand, ...], tuple[Operand, ...]]:
    """Write a part of a function with tangents; the values it yields, and tangents of the first.

    Parameters
    ----------
    program
        The functions that it may call; those that its tangents need are added.
    block
        The part.
    inputs, directions
        The variables from before it that have a tangent, and the tangents.
    count
        How many of the values that it yields have a tangent.
    simplify
        What takes a function and cleans it.
    transforms
        What differentiates parts of functions that are handed to a solver.
    """
    assert isinstance(block.leaf, Yield)
    given = tuple(builder.var(tangent_type(v.type), v.name, Role.TANGENT) for v in inputs)
    statements, tangents = _swept(builder, program, block, inputs, given, count, transforms)
    values = (*block.leaf.values, *tangents)
    whole = Function("", given, (), Block(tuple(statements), Yield(values)), builder.place)
    cleaned = simplify(whole).body
    found = write_anew(builder, cleaned, dict(zip(given, directions, strict=True)))
    beside = len(found) - len(tangents)
    return found[:beside], found[beside:]


def linearised(
    builder: Builder,
    program: Functions,
    block: Block,
    inputs: Sequence[Var],
    count: int,
    transforms: Transforms,
) -> Linear:
    """A part of a function, with what computes tangents along directions of one input each.

    Parameters are those of `pushed_forward`.

    Raises
    ------
    Unsupported
        If something that draws would be run for each direction.
    """
    assert isinstance(block.leaf, Yield)
    directions = tuple(builder.var(tangent_type(v.type), v.name, Role.TANGENT) for v in inputs)
    primal = frozenset(v for s in all_statements(block) for v in writes(s))
    results = block.leaf.values[:count]
    functions = reached(block, program)
    passed = calls_passed(block, activity(Block(block.statements), inputs, results, functions))
    before: list[Statement] = [*settled_block(block, passed).statements]
    along = []
    for variable, direction in zip(inputs, directions, strict=True):
        statements, tangents = _swept(
            builder, program, block, (variable,), (direction,), count, transforms
        )
        unstable = rewritten(statements)
        known = primal - unstable - managers(statements)
        once, again = parted(statements, [direction], unstable, known)
        own = {v: builder.var(v.type, v.name, v.role) for s in again for v in targets(s)}
        own = {v: copy for v, copy in own.items() if v in known}
        repeated = tuple(copy for s in again for copy in _repeated(s, own))
        factors = [s for s in once if not known.issuperset(writes(s))]
        front, rest = settled(builder, factors, Block(repeated, Yield(tangents)))
        before += front
        along.append(rest)
    return Linear(Block(tuple(before), Yield()), block.leaf.values, directions, tuple(along))


def _swept(
    builder: Builder,
    program: Functions,
    block: Block,
    inputs: Sequence[Var],
    directions: Sequence[Operand],
    count: int,
    transforms: Transforms,
) -> tuple[Sequence[Statement], tuple[Operand, ...]]:
    """The statements of a block with their tangents, and the tangents of what it yields."""
    assert isinstance(block.leaf, Yield)
    results = block.leaf.values[:count]
    functions = reached(block, program)
    active = activity(Block(block.statements), inputs, results, functions)
    derived = Derived(builder, program, transforms)
    calls = TangentCalls(builder, active, functions, derived, again=True)
    given = dict(zip(inputs, directions, strict=True))
    again = repeatable(block, written_items(Function("", (), (), block, builder.place)))
    items = active_items(block, active)
    tangents = Tangents(builder, paths_of(block), given, items, repeatable=again)
    role, stopped = builder.role, builder.stopped
    builder.role, builder.stopped = Role.TANGENT, False
    found: list[Operand] = []
    with builder.block() as statements:
        Forward(builder, active, tangents, calls).statements(block.statements)
        for result in results:
            found.append(_tangent(builder, tangents, result, found))
    _add_functions(builder, program, calls, Block(tuple(statements)))
    builder.role, builder.stopped = role, stopped
    settled_now = settled_block(Block(tuple(statements)), calls_passed(block, active))
    return settled_now.statements, tuple(found)


def _add_functions(builder: Builder, program: Functions, calls: TangentCalls, block: Block) -> None:
    """Write the functions with tangents that a block calls, and those that they call."""
    main = Function("", (), (), block, builder.place)
    for callee, made in functions_with_tangents(main, calls, program).items():
        if calls.primal_of(callee) is not None:
            passed = calls_passed(made.body, calls.active)
            body = settled_block(made.body, passed)
            program[callee] = of_values(builder, made.name, made.params, body, made.place)


def _tangent(
    builder: Builder, tangents: Tangents, result: Operand, others: Sequence[Operand]
) -> Operand:
    """The tangent of a result, whole and in memory of its own; any number for what has none."""
    type_ = type_of(result)
    if not is_differentiable(type_) or isinstance(type_, Opaque):
        return Const(0.0)
    whole = tangents.whole(result)
    return whole_and_own(builder, whole, result, others) if isinstance(result, Var) else whole


def _repeated(statement: Statement, own: Mapping[Var, Var]) -> tuple[Statement, ...]:
    """A statement as it is done again: without what it prints, and with targets of its own."""
    block = done_again(
        Block((statement,), Yield()),
        "a forward derivative is taken along many directions",
        "use jacrev, or do it outside the function",
    )

    def define(variable: Var) -> Var:
        return own.get(variable, variable)

    return map_block(block, lambda operand: operand, define).statements
