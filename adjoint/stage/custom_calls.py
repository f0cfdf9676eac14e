"""What a call of a function with a rule of its own is given, and what is taken from it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, NoReturn

import gast
import numpy as np

from adjoint.ir.custom import CustomCall, Rule, enter, taken
from adjoint.ir.lists import COPY_LIST
from adjoint.ir.memory import makes_memory
from adjoint.ir.nodes import Block, Const, Operand, Pack, Var
from adjoint.ir.ops import RENEWED, Form, Op, method
from adjoint.ir.values import FLOAT, Array, ListOf, Scalar, is_differentiable, rank
from adjoint.ir.walk import all_reads, all_statements, leaf_operands, operand_vars, writes
from adjoint.stage.buffers import photograph
from adjoint.stage.context import AlwaysRaises, Frame, PrimalRaises, Stage, describe
from adjoint.stage.structures import map_leaves, parts_of
from adjoint.stage.trail import Mark
from adjoint.stage.values import Buffer, RunTimeList, Static, Steps, Value

__all__ = [
    "Argument",
    "Site",
    "checked",
    "entered",
    "free_in",
    "interpreted",
    "is_none",
    "renewed",
    "result_of",
    "taken_results",
]

COPY = method(np.copy, "copy")


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """Where a call stands, what it is a call of, and the state before it."""

    stage: Stage
    frame: Frame
    node: gast.AST
    call: CustomCall
    mark: Mark

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

    `leaves` are the numbers and arrays by which is differentiated, None where a leaf is none.
    """

    entered: Value
    leaves: tuple[Var | None, ...]
    fixed: bool


def entered(site: Site, position: int, value: Value, fixed: bool) -> Argument:
    given = photograph(site.stage, value)
    if fixed:
        return Argument(given, (), True)
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

    return Argument(map_leaves(given, change), tuple(leaves), False)


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


def is_none(value: Value) -> bool:
    return isinstance(value, Static) and value.value is None


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
    return site.operand(gradient)


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


def taken_results(site: Site, rule: Rule, out: Value) -> Value:
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
        if key not in stage.decisions:
            return made
        if not _is_new(site, held):
            site.refuse(
                f"what {site.name} returns is written, and may be what it was given",
                "write into a copy: y = f(x).copy()",
            )
        return Buffer({"held": made})

    return map_leaves(out, take)


def _is_new(site: Site, variable: Var) -> bool:
    """Whether an array is in memory of its own, as far as that can be seen."""
    let = site.stage.builder.definitions.get(variable)
    while let is not None and let.op.form is Form.ALIAS and not let.op.stopped:
        source = let.args[0]
        let = site.stage.builder.definitions.get(source) if isinstance(source, Var) else None
    return let is not None and makes_memory(let)


def free_in(block: Block, own: set[Var]) -> tuple[Var, ...]:
    """The variables that a block reads, but for its own and these."""
    own = own | {v for s in all_statements(block) for v in writes(s)}
    read = (v for s in block.statements for v in all_reads(s))
    handed_on = (v for value in leaf_operands(block.leaf) for v in operand_vars(value))
    return tuple(dict.fromkeys(v for v in (*read, *handed_on) if v not in own))
