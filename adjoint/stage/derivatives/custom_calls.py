"""What a call of a function with a rule of its own is given, and what is taken from it."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import gast
import numpy as np

from adjoint.ir.custom import CustomCall, Rule, enter, taken
from adjoint.ir.lists import COPY_LIST
from adjoint.ir.memory import makes_memory, shared_operands
from adjoint.ir.nodes import Block, Const, Operand, Pack, Var
from adjoint.ir.ops import RENEWED, Form, Op, call, method, operation
from adjoint.ir.values import (
    BOOL,
    FLOAT,
    OPAQUE,
    Array,
    ListOf,
    Scalar,
    is_differentiable,
    rank,
    same_shape,
)
from adjoint.ir.walk import all_reads, all_statements, leaf_operands, operand_vars, writes
from adjoint.stage.arrays.snapshots import arrays_in, photograph
from adjoint.stage.context import AlwaysRaises, Frame, PrimalRaises, Stage, describe
from adjoint.stage.flow.aliases import meet
from adjoint.stage.objects.structures import map_leaves, parts_of
from adjoint.stage.trail import Mark
from adjoint.stage.values import Buffer, Meeting, RunTimeList, Steps, Value, View

__all__ = [
    "Argument",
    "Site",
    "checked",
    "entered",
    "free_in",
    "interpreted",
    "renewed",
    "result_of",
    "taken_results",
]

COPY = method(np.copy, "copy")


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """Where a call stands, what it is a call of, and the state before it.

    `first` is a number that only variables from after it have, or more.
    """

    stage: Stage
    frame: Frame
    node: gast.AST
    call: CustomCall
    mark: Mark
    first: int

    @classmethod
    def of(cls, stage: Stage, frame: Frame, node: gast.AST, name: str) -> Site:
        """The site of a call that begins now."""
        first = stage.builder.var(OPAQUE).number
        return cls(stage, frame, node, CustomCall(name), stage.trail.mark(), first)

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.call.name

    def refuse(self, message: str, advice: str) -> NoReturn:
        """Refuse the call."""
        self.stage.refuse(self.frame, self.node, message, advice)

    def operand(self, value: Value) -> Operand:
        """The operand that holds a value."""
        return self.stage.operand(value, self.frame, self.node)


# -- what is given ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Argument:
    """An argument of the call: as it was given, and as the rule is given it.

    `leaves` are the numbers and arrays by which is differentiated, None where a leaf is none;
    `arrays` are those in it that are written somewhere in the program.
    """

    entered: Value
    leaves: tuple[Var | None, ...]
    fixed: bool
    arrays: tuple[Buffer | View, ...]


def entered(site: Site, position: int, value: Value, fixed: bool) -> Argument:
    """An argument by names of its own, which no derivative passes."""
    given = photograph(site.stage, value)
    arrays = tuple(arrays_in(value))
    if fixed:
        return Argument(given, (), True, arrays)
    leaves: list[Var | None] = []
    number = itertools.count()

    def change(leaf: Value) -> Value:
        held = _held(leaf)
        if held is None or not is_differentiable(held.type):
            leaves.append(None)
            return leaf
        leaves.append(held)
        made = site.stage.builder.let(enter(site.call), (held,), type_=held.type)
        text = f"argument {position} {next(number)}"
        return _again(site, leaf, made, text, f"{site.name} has a rule of its own, and writes into")

    return Argument(map_leaves(given, change), tuple(leaves), False, arrays)


def _held(leaf: Value) -> Var | None:
    if isinstance(leaf, RunTimeList):
        held: Var = leaf.slots["held"]
        return held
    return leaf if isinstance(leaf, Var) else None


def _again(site: Site, leaf: Value, made: Var, text: str, refusal: str = "") -> Value:
    """A leaf by another name; if it is written under that, it is a copy, or refused."""
    stage = site.stage
    if isinstance(leaf, RunTimeList):
        return RunTimeList({"held": stage.builder.let(COPY_LIST, (made,), type_=made.type)})
    if not isinstance(made.type, Array) or made.type.scalar:
        return made
    key = stage.sites[made] = stage.key(site.frame, site.node, f"buffer {text}")
    if key not in stage.decisions:
        return made
    if refusal:
        site.refuse(f"{refusal} an array that it is given", "write into a copy, and return that")
    return Buffer({"held": stage.builder.let(COPY, (made,), (("order", Const("K")),))})


def renewed(site: Site, value: Value, what: str) -> Value:
    """A value as a rule is given it, which may write into it."""
    number = itertools.count()

    def change(leaf: Value) -> Value:
        held = _held(leaf)
        if held is None or isinstance(held.type, Scalar):
            return leaf
        made = site.stage.builder.let(RENEWED, (held,), type_=held.type)
        return _again(site, leaf, made, f"{what} {next(number)}")

    return map_leaves(photograph(site.stage, value), change)


# -- what a rule does ------------------------------------------------------------------------------


def interpreted(site: Site, function: Value, args: list[Value], what: str, mark: Mark) -> Steps:
    """Interpret a part of a rule, which must not write into what was there at the mark."""
    stage = site.stage
    try:
        made = yield stage.call(site.frame, site.node, function, args, {})
    except (PrimalRaises, AlwaysRaises) as raised:
        error = getattr(raised, "error", None)
        if what == "fwd" and not isinstance(error, TypeError):
            raise  # as the function itself does
        said = "always raises" if error is None else f"raises {error!r}"
        site.refuse(f"{what} of {site.name} {said}", _SIGNATURES[what])
    _refuse_writes(site, mark, what)
    return made


_SIGNATURES = {
    "fwd": "it is called as the function is: fwd(*args) -> out, residuals",
    "bwd": "it is called so: bwd(*nondiff_args, residuals, cotangent) -> gradients",
    "the rule": "it is called so: rule(cotangent, result, *args) -> gradients",
    "jvp": "it is called so: jvp(*nondiff_args, primals, tangents) -> out, out_dot",
}


def _refuse_writes(site: Site, mark: Mark, what: str) -> None:
    older = [cell for cell, _ in site.stage.trail.changes(mark) if cell.birth < mark.birth]
    if any(cell is not site.stage.read for cell in older):
        site.refuse(
            f"{what} of {site.name} writes into what is outside of it",
            "return what it computes, and write into copies",
        )


def checked(site: Site, leaf: Var, gradient: Value, text: str, like: str = "argument") -> Operand:
    """A gradient, or a tangent, that is of the shape of what it is of, as far as that is known."""
    if parts_of(gradient) is not None:
        site.refuse(
            f"{text} is {describe(gradient)}, and not a number or array",
            f"return one number or array, as the {like} is",
        )
    type_, wanted = site.stage.type(gradient), leaf.type
    is_list = isinstance(wanted, ListOf)
    if is_list is not isinstance(type_, ListOf):
        site.refuse(
            f"{text} is {describe(gradient)}, and not like the {like}",
            f"return what has the structure of the {like}",
        )
    if not is_list and _differ(site, type_, wanted):
        site.refuse(
            f"{text} has {_shape(type_)}, and the {like} has {_shape(wanted)}",
            f"return an array of the shape of the {like}: sum over what was broadcast, or multiply"
            " with np.ones_like",
        )
    operand = site.operand(gradient)
    if not is_list and not _agree(site, type_, wanted):
        _assert_shape(site, operand, leaf, f"{text} is not of the shape of the {like}")
    return operand


def _agree(site: Site, type_: Any, wanted: Any) -> bool:
    """Whether two shapes are known to be one; or nothing is, as no example is there."""
    if site.stage.inputs.unknown or (rank(type_) == 0 and rank(wanted) == 0):
        return True
    return same_shape(type_, wanted, site.stage.builder.facts)


def _assert_shape(site: Site, value: Operand, of: Var, message: str) -> None:
    """Look at a shape when the code runs."""
    builder = site.stage.builder
    shapes = [builder.let(call(np.shape), (each,), type_=OPAQUE) for each in (value, of)]
    test = builder.let(operation(operator.eq), shapes, type_=BOOL)
    builder.effect(Op(AssertionError, Form.ASSERT, effect=True), (test, Const(message)))


def _differ(site: Site, type_: Any, wanted: Any) -> bool:
    """Whether two shapes are known to be different."""
    if rank(type_) is None or rank(wanted) is None:
        return False
    if rank(type_) != rank(wanted):
        return True
    pairs = zip(getattr(type_, "shape", ()), getattr(wanted, "shape", ()), strict=True)
    return any(site.stage.builder.facts.equal(m, n) is False for m, n in pairs)


def _shape(type_: Any) -> str:
    count = rank(type_)
    return "no axes" if not count else f"the shape ({', '.join(map(str, type_.shape))})"


# -- what is taken ---------------------------------------------------------------------------------


def result_of(leaf: Value) -> Var | None:
    """The variable of a result that may depend on what is differentiated."""
    held = _held(leaf)
    return held if held is not None and is_differentiable(held.type) else None


def taken_results(site: Site, rule: Rule, out: Value, arguments: Sequence[Argument]) -> Value:
    """Write what the derivative is, and take the results."""
    if not rule.inputs or not rule.outs:
        return out
    stage, builder = site.stage, site.stage.builder
    packs = [Pack("tuple", each) for each in (rule.inputs, rule.known, rule.outs)]
    token = builder.let(Op(rule, Form.RULE), packs, type_=FLOAT)
    number = itertools.count()

    def take(leaf: Value) -> Value:
        held = result_of(leaf)
        if held is None:
            return leaf
        position = next(number)
        made = builder.let(taken(site.call, position), (held, token), type_=held.type)
        if isinstance(leaf, RunTimeList):
            return RunTimeList({"held": made})
        if not isinstance(made.type, Array) or made.type.scalar:
            return made
        key = stage.sites[made] = stage.key(site.frame, site.node, f"buffer result {position}")
        is_twice = rule.outs.count(held) > 1
        return _in_memory(site, arguments, held, made, key in stage.decisions, is_twice)

    return map_leaves(out, take)


def _in_memory(
    site: Site,
    arguments: Sequence[Argument],
    result: Var,
    made: Var,
    is_written: bool,
    is_twice: bool,
) -> Value:
    """An array that is returned, which may be one that is written elsewhere, or written itself."""
    stage = site.stage
    lenders = _lenders(site, result)
    if is_written and (is_twice or lenders is None or lenders):
        site.refuse(
            f"what {site.name} returns is written, and may be what it was given",
            "write into a copy: y = f(x).copy()",
        )
    given = tuple(array for a in arguments for array in a.arrays)
    if given and (lenders is None or lenders):
        return meet(
            made, given, Meeting(pools=False)
        )  # if one is written, the other is not read any more
    if any(stage.sites.get(v) in stage.decisions for v in lenders or ()):
        site.refuse(
            f"{site.name} has a rule of its own, and may return an array that is written elsewhere",
            "let it return a copy",
        )
    return Buffer({"held": made}) if is_written else made


def _lenders(site: Site, variable: Var) -> set[Var] | None:
    """What is older than the call, and an array may share its memory with.

    None where that cannot be said.
    """
    stage, found = site.stage, {variable}
    waiting = [variable]
    while waiting:
        each = waiting.pop()
        let = stage.builder.definitions.get(each)
        if each in stage.meetings:
            lent = [v for v in stage.meetings[each] if isinstance(v, Var)]
        elif let is not None:
            lent = [] if makes_memory(let) else list(shared_operands(let))
        elif each in stage.sites:
            lent = []
        else:
            return None
        waiting += [v for v in lent if v not in found]
        found.update(lent)
    return {v for v in found if v.number < site.first}


def free_in(block: Block, own: set[Var]) -> tuple[Var, ...]:
    """The variables that a block reads, but for its own and these."""
    own = own | {v for s in all_statements(block) for v in writes(s)}
    read = (v for s in block.statements for v in all_reads(s))
    handed_on = (v for value in leaf_operands(block.leaf) for v in operand_vars(value))
    return tuple(dict.fromkeys(v for v in (*read, *handed_on) if v not in own))
