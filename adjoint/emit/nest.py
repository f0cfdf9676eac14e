"""Puts expressions that are used once back where they are used.

::

    t = x @ w                     y = x @ w + b
    y = t + b

An expression goes back if nothing it reads is written and nothing that has an effect runs in
between. It moves within its block only: never into a loop or the arm of a branch. What the user
named keeps its line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from adjoint.emit.nesting import LINE_WIDTH, Nesting, repeats_test, yielded
from adjoint.emit.operands import Aliases, Summary, let_operands, summarise, variables
from adjoint.emit.spelling import Spelling, is_helper
from adjoint.emit.trivial import trivial_lets
from adjoint.emit.uses import count_uses
from adjoint.emit.widths import Cost, Widths, least_levels, level_of
from adjoint.ir.nodes import (
    Block,
    Branch,
    Exit,
    For,
    Function,
    Let,
    Loop,
    Next,
    Operand,
    Pack,
    Role,
    Stop,
    Undef,
    Var,
    While,
    Yield,
)
from adjoint.ir.ops import Form
from adjoint.ir.values import TupleOf

__all__ = ["nest"]

DEEPEST = 12
_INDENT = 4
_STATEMENTS = (
    *(form for form in Form if form.name.startswith("UPDATE")),
    *(Form.PART, Form.RAISE, Form.RETURN, Form.ASSERT),
    *(Form.ENTER, Form.TRY, Form.FINALLY, Form.LEAVE),
    *(Form.ELSE, Form.CAUGHT),
)


def nest(function: Function, spelling: Spelling, named: Mapping[Var, str]) -> Nesting:
    """Which expressions of a function are printed where they are used.

    How wide they are depends on the names of variables, which depend on which of them are printed:
    those that are `named` have that name, and the others are taken to have their plain one.
    """
    nesting = Nesting(count_uses(function))
    _Nester(nesting, spelling, Aliases(function), named).function(function)
    return nesting


@dataclass(slots=True)
class _Frame:
    """One block on the way: at which statement what was written last."""

    indent: int
    effect: int = -1
    updated: dict[Var, int] = field(default_factory=dict)
    renamed: dict[tuple[Role, str], dict[Var | None, int]] = field(default_factory=dict)
    candidates: dict[Var, int] = field(default_factory=dict)
    summaries: list[Summary] = field(default_factory=list)

    def note(self, position: int, summary: Summary, aliases: Aliases, target: Var | None) -> None:
        if summary.effect:
            self.effect = position
        for var in summary.updated:
            self.updated[aliases.root(var)] = position
        for key in summary.renamed:
            self.renamed.setdefault(key, {})[target] = position
        self.summaries.append(summary)


class _Nester:
    def __init__(
        self,
        nesting: Nesting,
        spelling: Spelling,
        aliases: Aliases,
        named: Mapping[Var, str],
    ) -> None:
        self.nesting, self.uses = nesting, nesting.uses
        self.spelling, self.aliases = spelling, aliases
        self.definitions: dict[Var, Let | Branch] = {}
        self.costs: dict[Var, Cost] = {}  # of what could be printed in place
        self.inlined_costs: dict[Var, Cost] = {}
        self.widths = Widths(spelling, self.inlined_costs, named)
        self.destinations: tuple[Var, ...] = ()  # the carried variables of the loop around
        self.returned: tuple[Operand, ...] = ()

    def function(self, function: Function) -> None:
        for let in trivial_lets(function, self.uses):
            assert let.target is not None
            self._record(let.target, let, let_operands(let), self.widths.let(let))
            self._inline(let.target)
        leaf = function.body.leaf
        self.returned = leaf.values if isinstance(leaf, Yield) else ()
        frame = self._block(function.body, 1)
        self._settle(self.returned, len("return "), frame, structure=_is_display(self.returned))

    def _block(self, block: Block, indent: int) -> _Frame:
        frame = _Frame(indent)
        for position, statement in enumerate(block.statements):
            match statement:
                case Let():
                    inner = self._let(statement, position, frame)
                case Branch():
                    inner = self._branch(statement, position, frame)
                case Loop():
                    inner = self._loop(statement, frame)
            summary = summarise(statement, inner)
            if _is_bookkeeping(statement):  # nothing but its own stack is changed
                summary = replace(summary, effect=False)
            target = statement.target if isinstance(statement, Let) else None
            frame.note(position, summary, self.aliases, target)
        return frame

    def _let(self, let: Let, position: int, frame: _Frame) -> list[Summary]:
        target, op = let.target, let.op
        lead = 0
        if target is not None and self.returned == (target,) and self.uses.of(target) == 1:
            lead = len("return ")  # where it will stand
        elif target is not None and not op.updates:
            lead = self.widths.name(target) + len(" = ")
        operands = let_operands(let)
        if target in self.nesting.inlined:
            return []
        rest = self.widths.let(let) - self.widths.joined(operands)
        settled = operands[1:] if op.updates or self._names_receiver(let) else operands
        structure = op.form is Form.LITERAL or is_helper(op.function)
        self._settle(settled, lead + rest, frame, structure=structure, least=least_levels(let))
        if target is not None:
            self._record(target, let, operands, self.widths.let(let))
            several = op.form in (Form.INVOKE, Form.APPLY) and isinstance(target.type, TupleOf)
            if not op.effect and not several and op.form not in _STATEMENTS:
                frame.candidates[target] = position
        return []

    def _names_receiver(self, let: Let) -> bool:
        """Whether a name reads better than ``(2 / t.size * t).reshape(...)``.

        What the user wrote so stays so.
        """
        if let.op.form not in (Form.METHOD, Form.ATTRIBUTE, Form.INDEX) or not let.args:
            return False
        receiver = let.args[0]
        if not isinstance(receiver, Var) or receiver.role is not Role.ADJOINT:
            return False
        made = self.definitions.get(receiver)
        return isinstance(made, Let) and made.op.form is Form.OPERATOR

    def _record(
        self, var: Var, definition: Let | Branch, operands: Sequence[Operand], width: int
    ) -> None:
        inside = [
            self.inlined_costs[v].depth
            for o in operands
            for v in variables(o)
            if v in self.inlined_costs
        ]
        self.definitions[var] = definition
        self.costs[var] = Cost(width, 1 + max(inside, default=0), level_of(definition))
        self.nesting.reads[var] = tuple(self.nesting.leaves(operands))

    def _inline(self, var: Var) -> None:
        self.nesting.inlined[var] = self.definitions[var]
        self.inlined_costs[var] = self.costs[var]

    def _settle(
        self,
        operands: Iterable[Operand],
        lead: int,
        frame: _Frame,
        *,
        structure: bool = False,
        least: Mapping[Var, int] = MappingProxyType({}),
    ) -> None:
        """Put back into a statement what it alone uses; `lead` is the width of the rest of it.

        What binds less tightly than its `least` level there is printed in parentheses.
        """
        operands = tuple(operands)
        settled = len(self.nesting.inlined)
        width = frame.indent * _INDENT + lead + self.widths.joined(operands)
        for operand in operands:
            for var in variables(operand):
                if self._keeps_line(var, structure) or not self._may_move(var, frame):
                    continue
                cost = self.costs[var]
                grown = width - self.widths.name(var) + cost.width
                grown += 2 if cost.level < least.get(var, 0) else 0
                if grown <= LINE_WIDTH:
                    self._inline(var)
                    width = grown
        if len(self.nesting.inlined) > settled:
            self.nesting.lines.append((width, self.nesting.leaves(operands)))

    def _keeps_line(self, var: Var, structure: bool) -> bool:
        return bool(var.name) and (structure or var.role is not Role.ADJOINT)

    def _may_move(self, var: Var, frame: _Frame) -> bool:
        """Whether the definition of `var` can be run here, at the end of the block so far."""
        position = frame.candidates.get(var)
        if position is None or frame.effect > position or self.uses.of(var) != 1:
            return False
        if var in self.nesting.inlined or self.costs[var].depth >= DEEPEST:
            return False
        for read in self.nesting.reads[var]:
            if frame.updated.get(self.aliases.root(read), -1) > position:
                return False
            later = frame.renamed.get((read.role, read.name), {}) if read.name else {}
            if any(at > position and not self._may_go(v, frame) for v, at in later.items()):
                return False
        return True

    def _may_go(self, var: Var | None, frame: _Frame) -> bool:
        """Whether a variable has no line of its own, or may lose it yet."""
        if var is None or var in self.nesting.inlined:
            return var is not None
        return var in frame.candidates and var.role is Role.ADJOINT and self.uses.of(var) == 1

    def _branch(self, branch: Branch, position: int, frame: _Frame) -> list[Summary]:
        wanted = [branch.joins[k] for k in self.uses.live_joins(branch)]
        as_expression = (
            len(wanted) == 1
            and branch.style != "try"
            and (branch.style != "if" or wanted[0].role is Role.ADJOINT)
        )
        inner: list[Summary] = []
        for arm in (branch.then, branch.other):
            arm_frame = self._block(arm, frame.indent + _further_in(arm, branch))
            self._leaf(arm, branch, arm_frame, as_expression)
            inner += arm_frame.summaries
        if as_expression and self._is_conditional(branch, wanted[0], frame):
            self._conditional(branch, wanted[0], position, frame)
        else:
            self._settle((branch.test,), len("if :"), frame)
        return inner

    def _leaf(self, arm: Block, branch: Branch, frame: _Frame, as_expression: bool) -> None:
        match arm.leaf:
            case Yield(values):
                live = self.uses.live_joins(branch)
                kept = [values[k] for k in live]
                if as_expression:
                    self._settle(kept, len(" = "), frame)
                else:
                    self._hand_on(kept, [branch.joins[k] for k in live], frame)
            case Next(values) | Exit(_, _, values):
                self._hand_on(values, self.destinations, frame)
            case Stop():
                pass

    def _is_conditional(self, branch: Branch, join: Var, frame: _Frame) -> bool:
        position = branch.joins.index(join)
        width = self.widths.name(join) + 3 + frame.indent * _INDENT
        for arm in (branch.then, branch.other):
            if not isinstance(arm.leaf, Yield) or any(map(self.nesting.prints, arm.statements)):
                return False
            value = arm.leaf.values[position]
            if isinstance(value, Undef) or (isinstance(value, Var) and _namesakes(value, join)):
                return False  # an arm that changes nothing is left out of an ``if``
            width += self.widths.operand(value)
        return width + self.widths.operand(branch.test) + len(" if  else ") <= LINE_WIDTH

    def _conditional(self, branch: Branch, join: Var, position: int, frame: _Frame) -> None:
        values = [yielded(arm, branch.joins.index(join)) for arm in (branch.then, branch.other)]
        if repeats_test(branch, join):
            values = [value for value in values if value is not branch.test]
            if isinstance(branch.test, Var):
                self.uses.count[branch.test] -= 1
        lead = self.widths.name(join) + 3 + len(" if  else ")
        self._settle((branch.test,), lead + self.widths.joined(values), frame)
        operands = (branch.test, *values)
        width = self.widths.joined(operands) + len(" if  else ")
        self.nesting.conditionals[branch] = join
        self._record(join, branch, operands, width)
        frame.candidates[join] = position

    def _loop(self, loop: Loop, frame: _Frame) -> list[Summary]:
        live = self.uses.live_params(loop)
        self._hand_on([loop.inits[k] for k in live], [loop.params[k] for k in live], frame)
        inner: list[Summary] = []
        match loop.head:
            case While(test):
                inner += self._test(test, frame)
            case For(index, start, stop, step, reverse):
                self.spelling.builtin("range")
                if reverse and self.uses.of(index):
                    self.spelling.builtin("reversed")
                self._settle((start, stop, step), len("for i in reversed(range()):"), frame)
        outer, self.destinations = self.destinations, loop.params
        body = self._block(loop.body, frame.indent + 1)
        match loop.body.leaf:
            case Next(values) | Exit(_, _, values):
                self._hand_on(values, loop.params, body)
            case _:
                pass
        self.destinations = outer
        return inner + body.summaries

    def _test(self, test: Block, frame: _Frame) -> list[Summary]:
        inside = self._block(test, frame.indent)
        assert isinstance(test.leaf, Yield), "the test of a loop yields one value"
        self._settle(test.leaf.values, len("while :"), inside)
        return inside.summaries

    def _hand_on(self, values: Sequence[Operand], targets: Sequence[Var], frame: _Frame) -> None:
        """Put back into a parallel assignment what could not have the name of its target.

        Everything else gets that name by meeting it, and keeps its line.
        """
        for value in values:
            self.widths.operand(value)
        for value, target in zip(values, targets, strict=True):
            if not isinstance(value, Var) or not self._may_move(value, frame):
                continue
            other_name = bool(value.name) and value.name != target.name
            if other_name and value.role is not Role.ADJOINT:
                continue
            if value.role is not target.role:  # the two never have one name
                self._inline(value)
                continue
            others = (v for o in values if o is not value for v in self.nesting.leaves([o]))
            if other_name or any(_namesakes(other, target) for other in others):
                self._inline(value)


def _is_bookkeeping(statement: Let | Branch | Loop) -> bool:
    """Whether a statement only keeps something for the backward sweep, or pops it."""
    of = statement.args[0] if isinstance(statement, Let) and statement.args else None
    if not isinstance(statement, Let) or not isinstance(of, Var):
        return False
    is_method = statement.op.form is Form.METHOD and statement.op.name in ("append", "pop")
    return of.role is Role.RECORD or (of.role is Role.STACK and is_method)


def _further_in(arm: Block, branch: Branch) -> int:
    """How much deeper an arm is indented: not at all if it will be an ``elif``."""
    last = arm.statements[-1] if arm.statements else None
    return 0 if arm is branch.other and isinstance(last, Branch) else 1


def _is_display(values: Sequence[Operand]) -> bool:
    return any(isinstance(value, Pack) for value in values)


def _namesakes(a: Var, b: Var) -> bool:
    return bool(a.name) and (a.role, a.name) == (b.role, b.name)
