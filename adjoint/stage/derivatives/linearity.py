"""Whether statements are linear in what they are given, as far as that can be seen.

A rule for one mode makes that for the other, if it is linear: so a constant that is added, a sign,
or a test of what is given must be found, and what is not known to be linear counts as not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adjoint import runtime
from adjoint.errors import Place
from adjoint.ir.arithmetic import DIFFERENCES, PRODUCTS, QUOTIENTS, SUMS
from adjoint.ir.lists import COPY_ITEMS, COPY_LIST
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    For,
    Let,
    Loop,
    Next,
    Operand,
    Pack,
    Statement,
    Stop,
    Undef,
    Var,
    While,
)
from adjoint.ir.ops import Form
from adjoint.ir.values import is_differentiable
from adjoint.ir.walk import all_reads, leaf_operands, loop_leaves, operand_vars
from adjoint.rules import Kind, lookup

__all__ = ["nonlinear_in"]

_ALONE: frozenset[Callable[..., Any]] = frozenset(
    {
        operator.neg, operator.pos, np.negative, np.positive, np.conj, np.conjugate, np.real,
        np.imag, float, complex,
    }
)  # fmt: skip
#: Functions that are linear in one argument alone, by its position.
_IN_ONE: dict[Callable[..., Any], int] = {np.linalg.solve: 1}
#: Functions that give the same for whatever is in an array.
_OF_SHAPE: frozenset[Callable[..., Any]] = frozenset(
    {
        np.shape, np.size, np.ndim, len, np.zeros_like, np.ones_like, np.empty_like,
    }
)  # fmt: skip
_ZEROS: frozenset[Callable[..., Any]] = frozenset({np.zeros, np.zeros_like})
_HELPERS = frozenset({runtime.unbroadcast, runtime.add_lists, runtime.split_like})
_STRUCTURAL = (Form.ALIAS, Form.PART, Form.LITERAL)
_UPDATES = (Form.UPDATE, Form.UPDATE_INDEX, Form.UPDATE_AT)


def nonlinear_in(
    block: Block, given: Sequence[Var], definitions: Mapping[Var, Let]
) -> Place | None:
    """The first place in a block that is not known to be linear in `given`; None if there is none.

    What the block yields must be linear as well: a constant that is not zero is not. `definitions`
    are those of variables from before it, which may be zero.
    """
    seen = _Seen(set(given), definitions)
    place = seen.block(block)
    if place is not None:
        return place
    results = [v for v in leaf_operands(block.leaf) if not _is_none(v)]
    if all(map(seen.is_linear, results)):
        return None
    last = block.statements[-1:] or ()
    return last[0].place if last else Place("", 0, 0, 0, 0, "", "")


def _is_none(value: Operand) -> bool:
    return isinstance(value, Const) and value.value is None


@dataclass(eq=False)
class _Seen:
    """What was found so far: variables that are linear in what is given, and those that are 0."""

    linear: set[Var]
    definitions: Mapping[Var, Let]
    zeros: set[Var] = field(default_factory=set)

    def depends(self, operands: Iterable[Operand]) -> bool:
        """Whether one of these depends on what is given."""
        return any(v in self.linear for o in operands for v in operand_vars(o))

    def is_linear(self, value: Operand) -> bool:
        """Whether a value is linear in what is given, or zero."""
        match value:
            case Var():
                if value in self.linear or value in self.zeros:
                    return True
                let = self.definitions.get(value)
                return let is not None and not let.op.updates and self._is_zero(let)
            case Const(held):
                return np.ndim(held) == 0 and isinstance(held, int | float | complex) and held == 0
            case Pack(_, items):
                return all(map(self.is_linear, items))
            case Undef():
                return True
            case _:
                return False

    # -- statements --------------------------------------------------------------------------------

    def block(self, block: Block) -> Place | None:
        """The first place in a block that is not linear."""
        for statement in block.statements:
            if not self.statement(statement):
                return statement.place
        return None

    def statement(self, statement: Statement) -> bool:
        """Whether a statement is linear; what it defines is noted."""
        match statement:
            case Let():
                return self.let(statement)
            case Branch():
                return self.branch(statement)
            case Loop():
                return self.loop(statement)

    def branch(self, branch: Branch) -> bool:
        """Both arms must be linear, and decide by something else."""
        if branch.style == "try" or self.depends((branch.test,)):
            return not any(v in self.linear for v in all_reads(branch))
        arms = (branch.then, branch.other)
        if any(self.block(arm) is not None for arm in arms):
            return False
        values = [leaf_operands(arm.leaf) for arm in arms if not isinstance(arm.leaf, Stop)]
        return all(self.meet(join, met) for join, *met in zip(branch.joins, *values, strict=True))

    def meet(self, variable: Var, values: Sequence[Operand]) -> bool:
        """Note what a variable is that is one of these values; whether they go together."""
        if self.depends(values):
            self.linear.add(variable)
            return all(map(self.is_linear, values))
        if all(map(self.is_linear, values)):
            self.zeros.add(variable)
        return True

    def loop(self, loop: Loop) -> bool:
        """What a loop carries must be linear from trip to trip."""
        flows = [*zip(loop.params, loop.inits, strict=True)]
        flows += zip(loop.outs, loop.params, strict=True)
        for leaf in loop_leaves(loop.body):
            targets = loop.params if isinstance(leaf, Next) else loop.outs
            flows += zip(targets, leaf_operands(leaf), strict=True)
        zeros = {p for p, init in zip(loop.params, loop.inits, strict=True) if self.is_linear(init)}
        linear, others = set(self.linear), set(self.zeros)
        while True:
            self.linear, self.zeros = set(linear), others | zeros
            if not self._settles(loop, flows):
                return False
            wrong = {v for v, value in flows if v in zeros and not self.is_linear(value)}
            if not wrong:
                return all(self.is_linear(value) for v, value in flows if v in self.linear)
            zeros -= wrong

    def _settles(self, loop: Loop, flows: Sequence[tuple[Var, Operand]]) -> bool:
        """Go round until nothing more depends on what is given; whether the trips are linear."""
        before = -1
        while len(self.linear) > before:
            before = len(self.linear)
            self.linear.update(v for v, value in flows if self.depends((value,)))
            if self._decides(loop) or self.block(loop.body) is not None:
                return False
        return True

    def _decides(self, loop: Loop) -> bool:
        """Whether the number of trips depends on what is given."""
        match loop.head:
            case For(_, start, stop, step):
                return self.depends((start, stop, step))
            case While(test):
                inside = (v for s in test.statements for v in all_reads(s))
                return self.depends(leaf_operands(test.leaf)) or any(
                    v in self.linear for v in inside
                )
            case _:
                return True

    # -- operations --------------------------------------------------------------------------------

    def let(self, let: Let) -> bool:
        """Whether an operation is linear in what depends on what is given."""
        used = self.depends((*let.args, *(value for _, value in let.kwargs)))
        if let.target is not None and self._is_zero(let):
            self.zeros.add(let.target)
        if not used or let.op.function in _OF_SHAPE or _is_plain_attribute(let):
            return True
        if let.op.effect or let.op.stopped or let.target is None:
            return False
        self.linear.add(let.target)
        return self._is_linear_op(let)

    def _is_zero(self, let: Let) -> bool:
        """Whether an operation gives zeros, where nothing is infinite."""
        if let.op.function in PRODUCTS:
            return any(self.is_linear(a) and not self.depends((a,)) for a in let.args)
        if let.op.form is Form.LITERAL:
            return self.is_linear(let.args[0]) and not self.depends(let.args)
        return let.op.function in _ZEROS

    def _is_linear_op(self, let: Let) -> bool:
        first, *rest = let.args
        if let.op.form in _STRUCTURAL or let.op in (COPY_ITEMS, COPY_LIST):
            return self.is_linear(first)
        if let.op.form is Form.INDEX:
            return not self.depends(rest)
        if let.op.form in _UPDATES:
            return self._is_linear_update(let)
        if let.op.form is Form.UPDATE_METHOD and let.op.name == "append":
            return all(map(self.is_linear, let.args))
        if let.op.function in _HELPERS:
            return not self.depends(rest[-1:])
        rule = lookup(let.op.function)
        if rule is None:
            return False
        if self.depends(value for _, value in let.kwargs):
            return False
        match rule.kind:
            case Kind.LINEAR | Kind.REARRANGEMENT:
                return let.op.function is not np.full_like and all(map(self._fits, let.args))
            case Kind.MULTILINEAR:
                return self._count(_factors(let)) == 1
            case _:
                return self._is_linear_elementwise(let)

    def _is_linear_elementwise(self, let: Let) -> bool:
        function, (first, *rest) = let.op.function, let.args
        if let.kwargs:
            return False
        if function in SUMS | DIFFERENCES:
            return all(map(self.is_linear, let.args))
        if function in PRODUCTS:
            return self._count(let.args) == 1
        if function in QUOTIENTS or function in _ALONE:
            return not self.depends(rest)
        if function is np.where:
            return not self.depends((first,)) and all(map(self.is_linear, rest))
        position = _IN_ONE.get(function)
        others = [a for k, a in enumerate(let.args) if k != position]
        return position is not None and not self.depends(others)

    def _is_linear_update(self, let: Let) -> bool:
        owner, *path, value = let.args
        if self.depends(path):
            return False
        if let.op.name in ("", "+", "-"):
            return self.is_linear(owner) and self.is_linear(value)
        return let.op.name in ("*", "/") and not self.depends((value,))

    def _fits(self, value: Operand) -> bool:
        """Whether an argument of a linear function is linear, or says how and not with what."""
        if self.depends((value,)):
            return self.is_linear(value)
        if isinstance(value, Const):
            return not isinstance(value.value, float | complex) or value.value == 0
        numbers = [v for v in operand_vars(value) if is_differentiable(v.type)]
        return all(map(self.is_linear, numbers))

    def _count(self, operands: Iterable[Operand]) -> int:
        return sum(self.depends((each,)) for each in operands)


def _factors(let: Let) -> Iterable[Operand]:
    """The operands of a product, also where they are in a list."""
    for value in let.args:
        yield from value.items if isinstance(value, Pack) else (value,)


def _is_plain_attribute(let: Let) -> bool:
    return let.op.form is Form.ATTRIBUTE and let.op.name in ("shape", "size", "ndim", "dtype")
