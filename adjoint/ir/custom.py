"""Calls of functions that have a rule of their own, as they stand in a program.

A call ``y = f(x)`` is written as its own statements between two marks, with one statement that says
what the derivative is::

    x_in = enter(x)                     no derivative passes here
    …                                   the statements of `f`, which make `out` from `x_in`
    rule = rule((x), (known), (out))    `rule` depends on x, by the rule
    y = taken(out, rule)                y is `out`, and depends on `rule`

The sweeps ask the rule for what is between `rule` and x: reverse mode for the gradients of x, given
the cotangents of y, forward mode for the tangents. After that the marks are settled: what remains
is `f` itself, through which a further derivative passes as through any other code.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adjoint.ir.nodes import Block, Function, Let, Operand, Statement, Var
from adjoint.ir.ops import RENEWED, Form, Op
from adjoint.ir.templates import Template
from adjoint.ir.walk import all_statements, expand_lets

__all__ = [
    "SAME",
    "CustomCall",
    "Rule",
    "Taken",
    "calls_passed",
    "enter",
    "is_renewed",
    "rules_in",
    "settled",
    "settled_block",
    "settled_let",
    "taken",
]


#: What is one with its argument, also if the user named both.
SAME = Op(lambda value: value, Form.ALIAS)


@dataclass(frozen=True, slots=True, eq=False)
class CustomCall:
    """One call of a function that has a rule of its own; `name` is that of the function."""

    name: str

    def __call__(self, value: Any) -> Any:
        """An argument, as the function is given it."""
        return value


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """The derivative of one call.

    Attributes
    ----------
    inputs, known, outs
        The variables that the statement of the rule reads: what is differentiated by, what else the
        rule needs, and what was computed. They are those of the time when it was written.
    backward, forward
        What makes the statements from cotangents of `outs` to gradients of `inputs`, and from
        tangents of `inputs` to those of `outs`. It may refuse.
    """

    call: CustomCall
    inputs: tuple[Var, ...]
    known: tuple[Var, ...]
    outs: tuple[Var, ...]
    backward: Callable[[], Template]
    forward: Callable[[], Template]

    def __call__(self, *_: Any) -> Any:
        raise AssertionError("a rule is settled before anything is emitted")

    def table(self, let: Let) -> Mapping[Var, Operand]:
        """What the variables of the rule are now, where its statement reads them."""
        now = [item for pack in let.args for item in pack.items]  # type: ignore[union-attr]
        return dict(zip((*self.inputs, *self.known, *self.outs), now, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """The result of a call at a position."""

    call: CustomCall
    position: int

    def __call__(self, value: Any, rule: Any) -> Any:
        return value


def enter(call: CustomCall) -> Op:
    """What hands an argument to a function that has a rule."""
    return Op(call, Form.ALIAS, stopped=True)


def taken(call: CustomCall, position: int) -> Op:
    """What takes a result from it."""
    return Op(Taken(call, position), Form.ALIAS)


def is_renewed(let: Let) -> bool:
    """Whether a statement gives a name of its own to what may not be written under it."""
    return let.op == RENEWED or isinstance(let.op.function, CustomCall | Taken)


def rules_in(statements: Sequence[Statement]) -> list[Let]:
    """The statements that say the derivative of a call."""
    return [s for s in statements if isinstance(s, Let) and isinstance(s.op.function, Rule)]


def settled_let(let: Let, calls: Container[CustomCall] | None = None) -> Let | None:
    """A statement without the mark that it is of a call; None if it is the mark alone.

    With `calls`, the marks of these only.
    """
    function = let.op.function
    call = function if isinstance(function, CustomCall) else getattr(function, "call", None)
    if not isinstance(call, CustomCall) or (calls is not None and call not in calls):
        return let
    if isinstance(function, Rule):
        return None
    source, target = let.args[0], let.target
    assert target is not None
    if isinstance(source, Var):  # they are one, whichever of the two the user named
        source.name = source.name or target.name
    return replace(let, op=SAME, args=(source,))


def calls_passed(block: Block, active: Container[Var]) -> frozenset[CustomCall]:
    """The calls of functions with a rule of their own that a derivative passes through."""
    found = rules_in(list(all_statements(block)))
    rules = [s.op.function for s in found if s.target is not None and s.target in active]
    return frozenset(rule.call for rule in rules if isinstance(rule, Rule))


def settled_block(block: Block, calls: Container[CustomCall]) -> Block:
    """A block without the marks of these calls."""

    def change(let: Let) -> Sequence[Statement]:
        found = settled_let(let, calls)
        return () if found is None else (found,)

    return expand_lets(block, change)


def settled(function: Function) -> Function:
    """A function without the marks of calls."""
    if not rules_in([*all_statements(function.body)]):
        return function
    body: Block = expand_lets(function.body, _settled)
    split = function.split
    if split > 0:
        split -= len(rules_in(function.body.statements[:split]))
    return replace(function, body=body, split=split)


def _settled(let: Let) -> Sequence[Statement]:
    found = settled_let(let)
    return () if found is None else (found,)
