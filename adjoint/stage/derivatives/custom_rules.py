"""The rules of functions that have their own, as statements.

They are interpreted as the function would be: ``fwd`` in the place of the call, ``bwd`` apart, as a
template that the backward sweep writes where it comes to the call (see `ir.custom`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from adjoint.ir.custom import Rule
from adjoint.ir.infer import infer
from adjoint.ir.nodes import Block, Function, Operand, Statement, Var, Yield
from adjoint.ir.ops import MAKE, Callee, call
from adjoint.ir.templates import Template, done_again
from adjoint.ir.values import UNKNOWN, adjoint_type
from adjoint.ir.walk import all_reads, all_statements, writes
from adjoint.ir.walk import called as called_by
from adjoint.stage.arrays.snapshots import photograph
from adjoint.stage.calls.functions import outside
from adjoint.stage.context import describe, is_spelled
from adjoint.stage.derivatives.custom_calls import (
    Argument,
    Site,
    checked,
    free_in,
    interpreted,
    renewed,
    result_of,
    taken_results,
)
from adjoint.stage.derivatives.transposition import transposed
from adjoint.stage.equivalents.derivative_equivalents import gradients_again
from adjoint.stage.objects.structures import leaf_values, map_leaves, parts_of
from adjoint.stage.values import (
    NONE,
    ListValue,
    RunTimeList,
    Static,
    Steps,
    TupleValue,
    Value,
    is_none,
)

__all__ = ["WAYS", "by_given", "called"]


def by_vjp(site: Site, fun: Value, parts: dict[str, Value], arguments: Sequence[Argument]) -> Steps:
    """Interpret ``fwd`` in the place of the call, and ``bwd`` apart."""
    made = yield interpreted(site, parts["fwd"], [a.entered for a in arguments], "fwd", site.mark)
    if not isinstance(made, TupleValue) or len(made.items) != 2:
        site.refuse(
            f"fwd of {site.name} returns {describe(made)}, where the result and the residuals are"
            " needed",
            "let it return a pair: return out, residuals",
        )
    out, residuals = photograph(site.stage, made.items[0]), made.items[1]
    fixed = [a.entered for a in arguments if a.fixed]

    def given(cotangents: Value) -> list[Value]:
        return [*fixed, renewed(site, residuals, "residual"), cotangents]

    return (yield _pulled_back(site, parts["bwd"], arguments, out, given, "bwd"))


def called(site: Site, fun: Any, like: Any, args: Sequence[Value]) -> Var:
    """A call of a function that is not read."""
    builder = site.stage.builder
    operands = [site.operand(value) for value in args]
    type_ = UNKNOWN if like is None else infer(like, operands, (), builder.facts)
    if is_spelled(fun):
        return builder.let(call(fun), operands, type_=type_)
    return builder.let(MAKE, [site.stage.inputs.constant(fun), *operands], type_=type_)


def by_given(site: Site, pullback: Value, out: Value, arguments: Sequence[Argument]) -> Steps:
    """Interpret the rule that a function was given, apart from where it is called."""

    def given(cotangent: Value) -> list[Value]:
        known = renewed(site, TupleValue((out, *(a.entered for a in arguments))), "known")
        assert isinstance(known, TupleValue)
        return [cotangent, *known.items]

    return (yield _pulled_back(site, pullback, arguments, out, given, "the rule"))


def _pulled_back(
    site: Site,
    function: Value,
    arguments: Sequence[Argument],
    out: Value,
    given: Callable[[Value], list[Value]],
    what: str,
    revised: Callable[[Block], Block] = lambda block: block,
) -> Steps:
    """The results of a call, whose gradients `function` gives; `given` are its arguments.

    `revised` makes of the statements what is written for them.
    """
    results = [held for leaf in leaf_values(out) if (held := result_of(leaf)) is not None]
    cotangents, block, inputs = yield _backward(site, function, arguments, out, given, what)
    block = revised(block)
    _refuse_capturing(site, block, what)
    template = Template(cotangents, block)
    known = free_in(block, {*cotangents, *inputs, *results})
    rule = Rule(
        site.call, inputs, known, tuple(results),
        lambda: template, lambda: transposed(site, template, results, what),
    )  # fmt: skip
    return taken_results(site, rule, out, arguments)


def _refuse_capturing(site: Site, block: Block, what: str) -> None:
    """Refuse functions that stay functions and read what they are not given: see `captures`."""
    functions = {k.callee: k.function for k in site.stage.functions.values()}
    waiting = [Function("", (), (), block, site.stage.builder.place)]
    seen: set[Callee] = set()
    while waiting:
        for callee in called_by(waiting.pop()):
            function = functions.get(callee)
            if function is None or outside(function):
                site.refuse(
                    f"{what} calls {callee.name}, which reads an attribute or a global array",
                    "hand it what it reads as arguments",
                )
            if callee not in seen:
                seen.add(callee)
                waiting.append(function)


def by_jvp(site: Site, fun: Value, parts: dict[str, Value], arguments: Sequence[Argument]) -> Steps:
    """Interpret the rule in the place of the call; what depends on the tangents stands apart."""
    stage, builder = site.stage, site.stage.builder
    inputs = [leaf for a in arguments for leaf in a.leaves if leaf is not None]
    given = [builder.var(adjoint_type(leaf.type)) for leaf in inputs]
    with builder.block() as statements:
        out, tangent = yield _with_tangents(site, parts["jvp"], arguments, given)
        out = photograph(stage, out)
        yields = tuple(_tangents(site, out, photograph(stage, tangent), "the tangent"))
        first, second = _parted(statements, given)
    made = {v for s in second for inner in all_statements(Block((s,))) for v in writes(inner)}
    for statement in first:
        builder.append(statement)
    results = [held for leaf in leaf_values(out) if (held := result_of(leaf)) is not None]
    if any(held in made for held in results):  # it is computed together with the tangent
        out = yield interpreted(site, fun, [a.entered for a in arguments], "fwd", site.mark)
        out = photograph(stage, out)
        results = [held for leaf in leaf_values(out) if (held := result_of(leaf)) is not None]
    _refuse_capturing(site, Block(second), "jvp")
    template = Template(tuple(given), Block(second, Yield(yields)))
    rule = Rule(
        site.call, tuple(inputs), free_in(template.block, {*given, *inputs, *results}),
        tuple(results), lambda: transposed(site, template, inputs, "jvp"), lambda: template,
    )  # fmt: skip
    return taken_results(site, rule, out, arguments)


def _with_tangents(
    site: Site, jvp: Value, arguments: Sequence[Argument], given: Sequence[Var]
) -> Steps:
    """What the rule of a `custom_jvp` returns, for tangents that are `given`."""
    directions = iter(given)
    leaves = iter([leaf for a in arguments if not a.fixed for leaf in a.leaves])

    def tangent(leaf: Value) -> Value:
        if next(leaves) is None:
            return Static(0.0)
        made = next(directions)
        return RunTimeList({"held": made}) if isinstance(leaf, RunTimeList) else made

    tangents = [map_leaves(a.entered, tangent) for a in arguments if not a.fixed]
    fixed = [a.entered for a in arguments if a.fixed]
    primals = TupleValue(tuple(a.entered for a in arguments if not a.fixed))
    pair = (primals, renewed(site, TupleValue(tuple(tangents)), "tangent"))
    made = yield interpreted(site, jvp, [*fixed, *pair], "jvp", site.mark)
    if not isinstance(made, TupleValue) or len(made.items) != 2:
        site.refuse(
            f"jvp of {site.name} returns {describe(made)}, where the result and its tangent are"
            " needed",
            "let it return a pair: return out, out_dot",
        )
    return made.items


def _tangents(site: Site, out: Value, tangent: Value, text: str) -> Iterator[Operand]:
    """The tangent of each result that may have one."""
    parts = parts_of(out)
    if parts is None:
        held = result_of(out)
        if held is not None:
            given = Static(0.0) if is_none(tangent) else tangent
            yield checked(site, held, given, f"{text} in jvp of {site.name}", "result")
        return
    found = dict(parts_of(tangent) or ())
    if list(found) != [key for key, _ in parts]:
        site.refuse(
            f"{text} in jvp of {site.name} is {describe(tangent)}, and the result has"
            f" {len(parts)} parts",
            "return a tangent in the structure of the result",
        )
    for key, part in parts:
        yield from _tangents(site, part, found[key], f"{text}[{key!r}]")


def _parted(
    statements: Sequence[Statement], given: Sequence[Var]
) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """The statements that do not depend on what is given, and those that do."""
    depending: set[Var] = set(given)
    first: list[Statement] = []
    second: list[Statement] = []
    for statement in statements:
        if any(v in depending for v in all_reads(statement)):
            inside = all_statements(Block((statement,)))
            depending.update(v for each in inside for v in writes(each))
            second.append(statement)
        else:
            first.append(statement)
    return tuple(first), tuple(second)


def _backward(
    site: Site,
    function: Value,
    arguments: Sequence[Argument],
    out: Value,
    arguments_of: Callable[[Value], list[Value]],
    what: str,
) -> Steps:
    """The statements from cotangents to gradients, and the arguments that these are of."""
    stage, builder = site.stage, site.stage.builder
    given: list[Var] = []

    def cotangent(leaf: Value) -> Value:
        held = result_of(leaf)
        if held is None:
            return Static(0.0) if isinstance(leaf, Static) and _is_float(leaf.value) else NONE
        given.append(builder.var(adjoint_type(held.type)))
        return RunTimeList({"held": given[-1]}) if isinstance(leaf, RunTimeList) else given[-1]

    mark, stopped = stage.trail.mark(), builder.stopped
    watch, builder.watch, builder.stopped = builder.watch, None, False
    with builder.block() as statements:
        cotangents = renewed(site, map_leaves(out, cotangent), "cotangent")
        made = yield interpreted(site, function, arguments_of(cotangents), what, mark)
        pairs = list(_gradients(site, [a for a in arguments if not a.fixed], made, what))
        written = tuple(statements)
    builder.stopped, builder.watch = stopped, watch
    stage.trail.roll_back(mark)
    block = Block(written, Yield(tuple(gradient for _, gradient in pairs)))
    return tuple(given), block, tuple(leaf for leaf, _ in pairs)


def _is_float(value: Any) -> bool:
    return isinstance(value, float | complex | np.floating | np.ndarray)


def _gradients(
    site: Site, arguments: Sequence[Argument], made: Value, what: str
) -> Iterator[tuple[Var, Operand]]:
    """The leaves of the arguments that have a gradient, and that."""
    made, count = photograph(site.stage, made), len(arguments)
    if what == "the rule" and count == 1 and parts_of(made) is None:
        made = TupleValue((made,))
    items = parts_of(made) if isinstance(made, TupleValue | ListValue) else None
    if what == "the rule" and all(is_none(gradient) for _, gradient in (items or [])[count:]):
        items = (items or [])[:count] or None  # an argument that has its default has none
    if items is None or len(items) != count:
        found = describe(made) if items is None else f"{len(items)} gradients"
        site.refuse(
            f"{what} of {site.name} returns {found}, and is to return a tuple with a gradient for"
            f" each of {count} arguments",
            f"return a tuple of {count}, with None for an argument that has no gradient",
        )
    for position, (argument, (_, gradient)) in enumerate(zip(arguments, items, strict=True)):
        leaves = iter(argument.leaves)
        text = f"the gradient of argument {position} in {what} of {site.name}"
        yield from _leaf_gradients(site, argument.entered, leaves, gradient, text)


def _leaf_gradients(
    site: Site, of: Value, leaves: Iterator[Var | None], gradient: Value, text: str
) -> Iterator[tuple[Var, Operand]]:
    parts = parts_of(of)
    if parts is None:
        leaf = next(leaves)
        if leaf is not None and not is_none(gradient):
            yield leaf, checked(site, leaf, gradient, text)
        return
    found = dict(parts_of(gradient) or ())
    whole = is_none(gradient)
    if not whole and list(found) != [key for key, _ in parts]:
        site.refuse(
            f"{text} is {describe(gradient)}, and the argument has {len(parts)} parts",
            "return gradients in the structure of the argument, or None",
        )
    for key, part in parts:
        inner = NONE if whole else found[key]
        yield from _leaf_gradients(site, part, leaves, inner, f"{text}[{key!r}]")


def by_doing_again(
    site: Site, fun: Value, parts: dict[str, Value], arguments: Sequence[Argument]
) -> Steps:
    """Interpret the function in the place of the call, and once more with its backward sweep."""
    out = yield interpreted(site, fun, [a.entered for a in arguments], "fwd", site.mark)
    out = photograph(site.stage, out)

    def given(cotangents: Value) -> list[Value]:
        again = renewed(site, TupleValue(tuple(a.entered for a in arguments)), "argument again")
        return [fun, again, cotangents]

    def revised(block: Block) -> Block:
        advice = f"draw outside of {site.name}, and pass what was drawn"
        return done_again(block, f"{site.name} is a checkpoint, and is run again", advice)

    function = Static(gradients_again)
    return (yield _pulled_back(site, function, arguments, out, given, "the checkpoint", revised))


#: How the rule of each kind is interpreted.
WAYS: dict[str, Callable[[Site, Value, dict[str, Value], Sequence[Argument]], Steps]] = {
    "custom_vjp": by_vjp,
    "custom_jvp": by_jvp,
    "checkpoint": by_doing_again,
}
