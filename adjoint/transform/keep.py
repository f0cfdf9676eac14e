"""What the backward sweep of a loop needs of each trip of the forward sweep.

The backward code of a trip is written first, reading the forward variables as if they were there.
What it reads then says what must be brought back: a value that is cheap (a view, a shape, a
comparison, arithmetic of numbers) is computed again from others that are there; any other is pushed
on a stack where it is defined, and popped where it is first needed. A variable after trip t is the
one before trip t + 1, and is kept once.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from adjoint.ir.builder import Builder
from adjoint.ir.custom import Taken
from adjoint.ir.lists import TOP
from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Exit,
    For,
    Let,
    Loop,
    Next,
    Operand,
    Role,
    Statement,
    Var,
    While,
    Yield,
)
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import INT, ListOf, TupleOf, rank
from adjoint.ir.walk import (
    all_reads,
    all_statements,
    leaf_operands,
    loop_leaves,
    operand_vars,
    reads,
    rename,
    targets,
    writes,
)
from adjoint.transform.bound import Paths
from adjoint.transform.memory import Saved
from adjoint.transform.parts import is_arithmetic_of_numbers, is_array_of_constants
from adjoint.transform.swept import strongly_read, sweep, without_recalls

__all__ = ["Carried", "Keeper"]

POP = Op(list.pop, Form.METHOD, "pop", effect=True)
_CHEAP_FORMS = frozenset({Form.ATTRIBUTE, Form.PATH, Form.ALIAS})


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """A forward variable that the backward loop carries from trip to trip."""

    param: Var
    init: Operand


@dataclass(eq=False)
class Keeper:
    """What is kept, and how the forward sweep must be changed to keep it.

    Attributes
    ----------
    pushes
        The stack of each variable that is pushed where it is defined.
    stacks
        The stacks made before a statement: an outermost loop, or what stands in a `try` in one.
    paths
        Where variables have a value. One that may have none where it is defined, or that another
        arm defines, is pushed in the arm of the branch that reads it.
    late
        The stacks of these, by the forward arm.
    inside
        What each of these statements defines.
    counters
        Of loops whose trips are counted: the parameter and the out.
    saved
        What is kept of places before they are written.
    versions
        The versions of arrays that are written: they are not read again where they are needed.
    in_parts
        Whether results that are tuples are kept part by part.
    """

    builder: Builder
    definitions: dict[Var, Let]
    paths: Paths
    pushes: dict[Var, Var] = field(default_factory=dict)
    stacks: dict[Statement, list[Var]] = field(default_factory=dict)
    counters: dict[Loop, tuple[Var, Var]] = field(default_factory=dict)
    late: dict[Block, dict[Var, Var]] = field(default_factory=dict)
    outermost: Statement | None = None
    inside: dict[Statement, frozenset[Var]] = field(default_factory=dict)
    saved: Mapping[Let, Saved] = field(default_factory=dict)
    versions: Container[Var] = ()
    in_parts: bool = False

    @contextmanager
    def stacks_of_its_own(self, statement: Statement) -> Iterator[None]:
        """What a statement keeps is on stacks made before it, which are then kept themselves."""
        outermost, self.outermost = self.outermost, statement
        yield
        self.outermost = outermost

    # -- restoring ---------------------------------------------------------------------------------

    def resolve(
        self,
        forward: Block | None,
        statements: list[Statement],
        leaf: Yield,
        joins: tuple[Var, ...] | None,
    ) -> Block:
        """An arm of the backward sweep that brings back what its forward arm defined.

        What has no value on all ways to the arm is kept in it. Outside of loops all is still
        there; what the arm had handed on is read from `joins`.
        """
        swept = sweep(statements, leaf)
        if forward is None:
            return Block(tuple(swept), leaf)
        if joins is not None:
            return rename(Block(tuple(swept), leaf), self._handed_on(forward, joins))
        own = self._defined(forward.statements)
        read = [v for v in strongly_read(swept, leaf) if v not in own]
        late = [v for v in read if v in self._kept_inside() and not self.paths.is_bound(v)]
        own.update(dict.fromkeys(late))
        for variable in late:
            self._stack(variable, forward)
        return self._restored(own, swept, leaf, {}, arm=forward)

    def _kept_inside(self) -> frozenset[Var]:
        """What is defined in the statement whose stacks are its own."""
        assert self.outermost is not None
        if self.outermost not in self.inside:
            statements = all_statements(Block((self.outermost,)))
            self.inside[self.outermost] = frozenset(v for s in statements for v in writes(s))
        return self.inside[self.outermost]

    def _handed_on(self, forward: Block, joins: tuple[Var, ...]) -> dict[Var, Var]:
        """The joins that are, after an arm, what was defined in it."""
        own = self._defined(forward.statements)
        pairs = zip(leaf_operands(forward.leaf), joins, strict=False)
        return {
            value: join
            for value, join in pairs
            if isinstance(value, Var) and value in own and value.type == join.type
            if value not in self.versions and join not in self.versions
        }

    def resolve_loop(
        self, loop: Loop, statements: list[Statement], leaf: Next, index: Var
    ) -> tuple[Block, list[Carried]]:
        """The body of a backward loop that brings back what a forward trip defined."""
        swept = sweep(statements, leaf)
        own = {**self._defined(loop.body.statements), **dict.fromkeys(loop.params)}
        ready: dict[Var, Var] = {}
        if isinstance(loop.head, For):
            own[loop.head.index] = None
            if not _has_exit(loop):
                ready[loop.head.index] = index
        extra = self._carried(loop, own, swept, leaf, ready)
        block = self._restored(own, swept, leaf, ready, dict(extra))
        return block, [e for _, e in extra]

    def _carried(
        self,
        loop: Loop,
        own: dict[Var, None],
        statements: list[Statement],
        leaf: Next,
        ready: dict[Var, Var],
    ) -> list[tuple[Var, Carried]]:
        """Variables needed both before and after a trip: carried, so that they are kept once."""
        ends = [each for each in loop_leaves(loop.body) if isinstance(each, Next)]
        if len(ends) != 1:
            return []
        pushed = self._pushed(own, statements, leaf, ready)
        found = []
        for param, after, out in zip(loop.params, ends[0].values, loop.outs, strict=True):
            if (
                param in pushed
                and isinstance(after, Var)
                and after in pushed
                and after not in ready
            ):
                carried = self.builder.var(after.type, param.name, Role.PRIMAL)
                ready[after] = carried
                found.append((param, Carried(carried, out)))
        return found

    def _pushed(
        self,
        own: dict[Var, None],
        statements: list[Statement],
        leaf: Yield | Next,
        ready: dict[Var, Var],
        late: Container[Var] = (),
    ) -> dict[Var, None]:
        """The variables that must be pushed so that all that is read can be brought back."""
        needed = [v for v in strongly_read(statements, leaf) if v in own and v not in ready]
        pushed = {v: None for v in needed if v in late or not self._is_cheap(v)}
        for variable in sorted(needed, key=lambda v: v.number):  # what it is computed of, first
            if variable not in pushed and not self._recomputes(variable, own, pushed, ready):
                pushed[variable] = None
        return pushed

    def _is_cheap(self, variable: Var) -> bool:
        let = self.definitions.get(variable)
        if let is None or let.op.effect or let.op.updates or let.op == TOP:
            return False
        if isinstance(let.op.function, Taken):  # what it is in a further derivative
            return False
        if any(v in self.versions for v in reads(let)):
            return False  # it may hold something else by then
        if self.in_parts and let.args and isinstance(type_of(let.args[0]), TupleOf):
            return False
        if let.op.form in _CHEAP_FORMS or (let.op.form is Form.INDEX and _is_view(let)):
            return True
        if is_array_of_constants(let):
            return variable not in self.versions
        return is_arithmetic_of_numbers(let)

    def _recomputes(
        self, variable: Var, own: dict[Var, None], pushed: dict[Var, None], ready: dict[Var, Var]
    ) -> bool:
        """Whether a cheap variable can be computed from what is there anyway."""
        for used in reads(self.definitions[variable]):
            if used in pushed or used in ready or (used not in own and self.paths.is_bound(used)):
                continue
            if used not in own:
                return False
            if not self._is_cheap(used) or not self._recomputes(used, own, pushed, ready):
                return False
        return True

    def _restored(
        self,
        own: dict[Var, None],
        statements: list[Statement],
        leaf: Yield | Next,
        ready: dict[Var, Var],
        carried: dict[Var, Carried] | None = None,
        arm: Block | None = None,
    ) -> Block:
        late = {} if arm is None else self.late.get(arm, {})
        pushed = self._pushed(own, statements, leaf, ready, late)
        for param in carried or {}:
            pushed.setdefault(param)
        missing = self._missing(own, statements, leaf, pushed, ready)
        table = dict(ready)
        written: list[Statement] = []
        for statement in statements:
            for variable in dict.fromkeys(all_reads(statement)):
                if variable not in missing:
                    self._bring_back(variable, own, pushed, table, written, arm)
            written.append(statement)
        for operand in leaf_operands(leaf):
            for variable in operand_vars(operand):
                self._bring_back(variable, own, pushed, table, written, arm)
        end: Yield | Next = leaf
        if carried:
            for param in carried:
                self._bring_back(param, own, pushed, table, written)
            assert isinstance(leaf, Next)
            end = Next((*leaf.values, *carried))
        block = rename(Block(tuple(written), end), table)
        return without_recalls(block, missing) if missing else block

    def _missing(
        self,
        own: dict[Var, None],
        statements: list[Statement],
        leaf: Yield | Next,
        pushed: dict[Var, None],
        ready: dict[Var, Var],
    ) -> set[Var]:
        """The variables that are not there, and for which alone nothing is kept.

        Only what may be computed again reads them.
        """
        strong = set(strongly_read(statements, leaf))
        weak = {v for s in statements for v in all_reads(s) if v in own and v not in strong}
        there = (ready, pushed)
        return {
            v
            for v in weak
            if not any(v in each for each in there)
            if not self.paths.is_bound(v)
            or not (self._is_cheap(v) and self._recomputes(v, own, pushed, ready))
        }

    def _bring_back(
        self,
        variable: Var,
        own: dict[Var, None],
        pushed: dict[Var, None],
        table: dict[Var, Var],
        written: list[Statement],
        arm: Block | None = None,
    ) -> None:
        if variable not in own or variable in table:
            return
        role = Role.STACK if variable.role is Role.STACK else Role.PRIMAL
        made = self.builder.var(variable.type, variable.name, role)
        if variable in pushed:
            is_late = arm is not None and variable in self.late.get(arm, {})
            stack = self._stack(variable, arm if is_late else None)
            place = written[-1].place if written else self.builder.place
            written.append(Let(made, POP, (stack,), (), place))
        else:
            let = self.definitions[variable]
            for used in reads(let):
                self._bring_back(used, own, pushed, table, written, arm)
            written.append(Let(made, let.op, let.args, let.kwargs, let.place))
        table[variable] = made

    def _stack(self, variable: Var, arm: Block | None = None) -> Var:
        """The stack of a variable; `arm` is where it is pushed, if not where it is defined."""
        pushes = self.pushes if arm is None else self.late.setdefault(arm, {})
        if variable not in pushes:
            stack = self.builder.var(ListOf(variable.type), self._name(variable), Role.STACK)
            pushes[variable] = stack
            assert self.outermost is not None
            # What is popped last was pushed first.
            self.stacks.setdefault(self.outermost, []).insert(0, stack)
        return pushes[variable]

    def _name(self, variable: Var) -> str:
        """The name of a variable; of what a place held, that of the array."""
        if variable.name or variable.role is Role.INDEX:
            return variable.name or "i"
        return next((s.array.name for s in self.saved.values() if s.variable is variable), "")

    def targets(self, statement: Statement) -> Sequence[Var]:
        """What a statement defines, with what is kept beside it."""
        found = (*targets(statement), *self.stacks.get(statement, ()))
        if isinstance(statement, Loop) and statement in self.counters:
            return (*found, self.counters[statement][1])
        if isinstance(statement, Let) and statement in self.saved:
            return (*found, self.saved[statement].variable)
        return found

    def _defined(self, statements: Iterable[Statement]) -> dict[Var, None]:
        """What statements and their arms define, without the insides of loops."""
        found: dict[Var, None] = {}
        for statement in statements:
            found.update(dict.fromkeys(self.targets(statement)))
            if isinstance(statement, Branch):
                found.update(self._defined(statement.then.statements))
                found.update(self._defined(statement.other.statements))
        return found

    # -- heads -------------------------------------------------------------------------------------

    def head(self, loop: Loop, index: Var) -> For | While:
        """The head of the backward loop."""
        if isinstance(loop.head, For) and not _has_exit(loop):
            forward = loop.head
            back = not forward.reverse  # a sweep that is itself reversed goes forward
            return For(index, forward.start, forward.stop, forward.step, reverse=back)
        stack = self._once_a_trip(loop) if loop is self.outermost else None
        if stack is not None:
            return While(Block((), Yield((stack,))))
        if loop not in self.counters:
            self.counters[loop] = (
                self.builder.var(INT, "trips", Role.PRIMAL),
                self.builder.var(INT, "trips", Role.PRIMAL),
            )
        return For(index, Const(0), self.counters[loop][1], Const(1))

    def _once_a_trip(self, loop: Loop) -> Var | None:
        """A stack on which every trip pushes once."""
        top = [*loop.params, *(s.target for s in loop.body.statements if isinstance(s, Let))]
        for statement in loop.body.statements:
            top += statement.joins if isinstance(statement, Branch) else ()
        if isinstance(loop.head, For):
            top.append(loop.head.index)
        return next((self.pushes[v] for v in top if v is not None and v in self.pushes), None)


def _has_exit(loop: Loop) -> bool:
    return any(isinstance(leaf, Exit) for leaf in loop_leaves(loop.body))


def _is_view(let: Let) -> bool:
    index = let.args[1]
    return all(rank(v.type) == 0 for v in operand_vars(index))
