"""Removes what nothing needs.

Needed are the result, effects, and in the forward sweep whatever may raise: where the primal raises
the gradient raises. Everything else is needed only if something needed reads it. Carried variables
that feed nothing but themselves are found by assuming that nothing is needed until it is shown to
be. A stack is needed if a popped value is, or if something tests it; then all its pushes and pops
are, since their order matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeVar

from adjoint.ir.lengths import Facts
from adjoint.ir.memory import is_pop, is_push, written
from adjoint.ir.nodes import (
    UNDEF,
    Block,
    Branch,
    Exit,
    For,
    Function,
    Leaf,
    Let,
    Loop,
    Next,
    Operand,
    Role,
    Statement,
    Stop,
    Var,
    While,
    Yield,
)
from adjoint.ir.ops import GETITEM, Form
from adjoint.ir.rebuild import map_blocks, with_statements
from adjoint.ir.trampoline import Step, run
from adjoint.ir.walk import (
    all_blocks,
    all_statements,
    blocks,
    is_derived,
    leaf_operands,
    loop_leaves,
    operand_vars,
    reads,
    writes,
)
from adjoint.optimise.proofs import may_be_shown_elsewhere, shown, shows_too
from adjoint.optimise.raising import Known, may_raise

__all__ = ["needed", "remove_dead"]

T = TypeVar("T")


def remove_dead(function: Function, facts: Facts) -> Function:
    """Return `function` without the statements, carried variables and joins that nothing needs.

    ::

        t = np.sin(x)                     d_t = np.cos(x)
        s = np.sum(t)             ->      return d_t
        d_t = np.cos(x)
        return d_t
    """
    return _Sweep(_needs(function, facts)).function(function)


def needed(function: Function, facts: Facts, unless: Callable[[Let], bool]) -> Set[Var]:
    """Return the variables that are needed, not counting first arguments where `unless` holds."""
    return _needs(function, facts, unless).variables


def _needs(
    function: Function, facts: Facts, unless: Callable[[Let], bool] = lambda _: False
) -> _Needs:
    private = _private_stacks(function)
    needs = _Needs(_survey(function, private), unless)
    needs.need(leaf_operands(function.body.leaf))
    known = Known(function.body)
    for statement in _roots(function, facts, known, private):
        needs.keep(statement)
    needs.spread()
    _keep_proofs(function, facts, known, needs)
    return needs


@dataclass(slots=True)
class _Survey:
    """Where everything is: `loops` maps each loop to the branches in it that may leave a trip."""

    definition: dict[Var, Statement] = field(default_factory=dict)
    parent: dict[Statement, Statement | None] = field(default_factory=dict)
    stack_uses: dict[Operand, list[Let]] = field(default_factory=dict)
    deciders: dict[Loop, dict[Branch, None]] = field(default_factory=dict)


def _survey(function: Function, private: Set[Var]) -> _Survey:
    survey = _Survey()
    waiting: list[tuple[Block, Statement | None, Loop | None]] = [(function.body, None, None)]
    while waiting:
        block, parent, loop = waiting.pop()
        if loop is not None and isinstance(parent, Branch) and not isinstance(block.leaf, Yield):
            _note_decider(survey, parent, loop)
        for statement in block.statements:
            survey.parent[statement] = parent
            for variable in writes(statement):
                survey.definition[variable] = statement
            if isinstance(statement, Let):
                if private and _is_private(statement, private):
                    survey.stack_uses.setdefault(statement.args[0], []).append(statement)
                continue
            inner = statement if isinstance(statement, Loop) else loop
            waiting.extend((b, statement, inner) for b in blocks(statement))
    return survey


def _note_decider(survey: _Survey, branch: Branch, loop: Loop) -> None:
    """Note the branch, and those around it, which decide how a trip of `loop` ends."""
    noted = survey.deciders.setdefault(loop, {})
    statement: Statement | None = branch
    while isinstance(statement, Branch) and statement not in noted:
        noted[statement] = None
        statement = survey.parent[statement]


def _private_stacks(function: Function) -> frozenset[Var]:
    """The stacks that begin empty and are never known under a second name."""
    everything = all_statements(function.body)
    found = {s.target for s in everything if isinstance(s, Let) and _is_new_stack(s)}
    if not found:
        return frozenset()
    shared: set[Var] = set()
    for block in all_blocks(function.body):
        for statement in block.statements:
            shared.update(_given_away(statement))
        shared.update(chain.from_iterable(map(operand_vars, leaf_operands(block.leaf))))
    return frozenset(v for v in found if v is not None) - shared


def _is_new_stack(let: Let) -> bool:
    is_stack = let.target is not None and let.target.role is Role.STACK
    return is_stack and let.op.form is Form.LITERAL and not any(True for _ in reads(let))


def _given_away(statement: Statement) -> Iterable[Var]:
    if is_push(statement) or is_pop(statement):
        return list(reads(statement))[1:]
    if isinstance(statement, Let):
        keeps = (Form.ALIAS, Form.LITERAL, Form.PATH)
        return reads(statement) if statement.op.form in keeps or statement.op.effect else ()
    if isinstance(statement, Loop):
        return chain.from_iterable(map(operand_vars, statement.inits))
    return ()


def _roots(function: Function, facts: Facts, known: Known, private: Set[Var]) -> Iterable[Let]:
    """The statements that are run for what they do, not for what they return."""
    split = function.split if function.split >= 0 else len(function.body.statements)
    for index, top in enumerate(function.body.statements):
        for statement in (top,) if isinstance(top, Let) else all_statements(Block((top,))):
            if not isinstance(statement, Let) or _is_private(statement, private):
                continue
            if statement.op.effect or statement.target is None:
                yield statement
            elif index >= split or statement.target.role.derived:
                continue
            elif not may_be_shown_elsewhere(statement) and may_raise(statement, facts, known):
                yield statement


def _is_private(let: Let, private: Set[Var]) -> bool:
    return (is_push(let) or is_pop(let)) and let.args[0] in private


class _Needs:
    """What was found to be needed so far, and what that still has to be followed from.

    The first argument of a statement that `unless` tells is not needed by it.
    """

    def __init__(self, survey: _Survey, unless: Callable[[Let], bool]) -> None:
        self.survey = survey
        self._unless = unless
        self.variables: set[Var] = set()
        self.statements: set[Statement] = set()
        self._waiting: list[Var] = []

    def need(self, values: Iterable[Operand]) -> None:
        """Note that `values` are needed."""
        for variable in chain.from_iterable(map(operand_vars, values)):
            if variable not in self.variables:
                self.variables.add(variable)
                self._waiting.append(variable)

    def spread(self) -> None:
        """Note what everything noted so far needs in its turn."""
        while self._waiting:
            variable = self._waiting.pop()
            statement = self.survey.definition.get(variable)
            if statement is not None:
                self.keep(statement)
                self._need_sources(statement, variable)
            for use in self.survey.stack_uses.get(variable, ()):
                self.keep(use)

    def keep(self, statement: Statement | None) -> None:
        """Note that a statement is needed, with the statements around it."""
        while statement is not None and statement not in self.statements:
            self.statements.add(statement)
            match statement:
                case Let():
                    skipped = 1 if self._unless(statement) else 0
                    pairs = (value for _, value in statement.kwargs)
                    self.need((*statement.args[skipped:], *pairs))
                case Branch(test):
                    self.need((test,))
                case Loop():
                    self._keep_loop(statement)
            statement = self.survey.parent[statement]

    def _keep_loop(self, loop: Loop) -> None:
        if isinstance(loop.head, For):
            self.need((loop.head.start, loop.head.stop, loop.head.step))
        elif isinstance(loop.head, While):
            self.need(leaf_operands(loop.head.test.leaf))
        for branch in self.survey.deciders.get(loop, ()):
            if branch not in self.statements:
                self.statements.add(branch)
                self.need((branch.test,))

    def _need_sources(self, statement: Statement, variable: Var) -> None:
        """Note the values that come to be in a join, a carried variable or an out."""
        match statement:
            case Branch(joins=joins) if variable in joins:
                at = joins.index(variable)
                for arm in (statement.then, statement.other):
                    if isinstance(arm.leaf, Yield) and arm.leaf.values:
                        self.need((arm.leaf.values[at],))
            case Loop(params=params, outs=outs) if variable in params or variable in outs:
                at = (params if variable in params else outs).index(variable)
                self.need((params[at], statement.inits[at]))
                for leaf in loop_leaves(statement.body):
                    if isinstance(leaf, Next) or variable in outs:
                        self.need((leaf.values[at],))


def _keep_proofs(function: Function, facts: Facts, known: Known, needs: _Needs) -> None:
    """Keep what alone shows, in the forward sweep, that a divisor is not 0 or an index in range.

    Another statement that is needed may show it as well. Where the function is derived again, one
    of a derivative that is taken inside may not be needed afterwards.
    """
    is_last = function.split >= 0
    split = function.split if function.split >= 0 else len(function.body.statements)
    unsettled = [
        let
        for let in _lets(function.body.statements[:split])
        if may_be_shown_elsewhere(let) and let not in needs.statements and not _is_derived(let)
    ]
    if not unsettled:
        return
    unstable = written(function)
    proofs: dict[object, list[Let]] = {}
    for let in _lets(function.body.statements):
        if (what := shown(let)) is not None and (is_last or not is_derived(let)):
            proofs.setdefault(what, []).append(let)
    for let in unsettled:
        if let in needs.statements or not may_raise(let, facts, known):
            continue
        # What is in an array that is read changes nothing: only its shape counts.
        depends = operand_vars(let.args[1]) if let.op == GETITEM else reads(let)
        alike = [] if any(v in unstable for v in depends) else proofs.get(shown(let), [])
        if not _is_repeated(let, alike, needs, facts):
            needs.keep(let)
            needs.spread()


def _is_derived(let: Let) -> bool:
    return let.target is not None and let.target.role.derived


def _lets(statements: tuple[Statement, ...]) -> Iterator[Let]:
    return (s for s in all_statements(Block(statements)) if isinstance(s, Let))


def _is_repeated(let: Let, alike: Iterable[Let], needs: _Needs, facts: Facts) -> bool:
    """Whether a needed statement that shows the same runs whenever `let` runs."""
    around = _parents(let, needs.survey)
    return any(
        other is not let
        and other in needs.statements
        and needs.survey.parent[other] in around
        and shows_too(other, let, facts)
        for other in alike
    )


def _parents(statement: Statement, survey: _Survey) -> list[Statement | None]:
    # An arm is not told from its sibling here: a branch counts only for what is outside of it.
    found: list[Statement | None] = []
    parent = survey.parent[statement]
    while parent is not None:
        found += [] if isinstance(parent, Branch) else [parent]
        parent = survey.parent[parent]
    return [*found, None]


@dataclass(frozen=True, slots=True)
class _Carried:
    """Which carried variables of a loop stay, and which of its outs are read."""

    params: list[bool]
    outs: list[bool]


class _Sweep:
    """Writes the function again without what is not needed."""

    def __init__(self, needs: _Needs) -> None:
        self._needs = needs

    def function(self, function: Function) -> Function:
        dropped = [s not in self._needs.statements for s in function.body.statements]
        split = function.split - sum(dropped[: max(function.split, 0)])
        body = run(self._block(function.body, None, None))
        return function if body is function.body else replace(function, body=body, split=split)

    def _block(
        self, block: Block, yields: list[bool] | None, carried: _Carried | None
    ) -> Step[Block]:
        made: list[Statement] = []
        for statement in block.statements:
            if statement not in self._needs.statements:
                continue
            match statement:
                case Let():
                    made.append(statement)
                case Branch():
                    made.append((yield self._branch(statement, carried)))
                case Loop():
                    made.append((yield self._loop(statement)))
        return with_statements(block, made, _leaf(block.leaf, yields, carried))

    def _branch(self, branch: Branch, carried: _Carried | None) -> Step[Branch]:
        used = [join in self._needs.variables for join in branch.joins]
        if not all(used):
            branch = replace(branch, joins=_only(branch.joins, used))
        made: Branch = yield map_blocks(branch, lambda arm: self._block(arm, used, carried))
        return made

    def _loop(self, loop: Loop) -> Step[Loop]:
        used = [
            param in self._needs.variables or out in self._needs.variables
            for param, out in zip(loop.params, loop.outs, strict=True)
        ]
        carried = _Carried(used, [out in self._needs.variables for out in loop.outs])
        code = loop.code if loop.code in self._needs.variables else None
        if not all(used) or code is not loop.code:
            loop = replace(
                loop,
                params=_only(loop.params, used),
                inits=_only(loop.inits, used),
                outs=_only(loop.outs, used),
                code=code,
            )
        made: Loop = yield map_blocks(loop, lambda block: self._block(block, None, carried))
        return made


def _leaf(leaf: Leaf, yields: list[bool] | None, carried: _Carried | None) -> Leaf:
    match leaf:
        case Stop():
            return leaf
        case Yield(values):
            kept = values if yields is None or not values else _only(values, yields)
        case Next(values):
            assert carried is not None, "a leaf of a loop outside of one"
            kept = _only(values, carried.params)
        case Exit(values=values):
            assert carried is not None, "a leaf of a loop outside of one"
            pairs = zip(values, carried.outs, strict=True)
            # What an unread out is given may itself be gone.
            read = tuple(value if is_read else UNDEF for value, is_read in pairs)
            kept = _only(read, carried.params)
    return leaf if kept == leaf.values else replace(leaf, values=kept)


def _only(values: tuple[T, ...], used: list[bool]) -> tuple[T, ...]:
    return tuple(value for value, is_used in zip(values, used, strict=True) if is_used)
