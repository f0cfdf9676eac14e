"""The backward sweep: statements in reverse order, branches by the same test, loops backwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from adjoint.analyses.activity import Activity
from adjoint.ir.builder import Builder
from adjoint.ir.nodes import (
    UNDEF,
    Block,
    Branch,
    Const,
    For,
    Let,
    Loop,
    Next,
    Operand,
    Role,
    Statement,
    Stop,
    Var,
    Yield,
)
from adjoint.ir.operands import type_of
from adjoint.ir.ops import ALIAS, Form
from adjoint.ir.values import INT, UNKNOWN, Unknown, rank, same_shape
from adjoint.ir.walk import all_reads, all_statements, loop_leaves, operand_vars, writes
from adjoint.transform.accumulate import Adjoints, adjoint_type
from adjoint.transform.attempts import is_else, way_taken
from adjoint.transform.bound import Paths
from adjoint.transform.calls import Calls
from adjoint.transform.keep import Keeper
from adjoint.transform.memory import Memory
from adjoint.transform.overwritten import is_another_each_trip
from adjoint.transform.path_ends import Arm, Whole, changed, joined_type
from adjoint.transform.pullbacks import pull_back
from adjoint.transform.solvers import pull_back_solver, solver_of

__all__ = ["Reverse"]


@dataclass(eq=False)
class Reverse:
    """The backward sweep of one function.

    `paths` says where a variable has a value; `nesting` is the number of loops around what is
    written, `begin` where the group of the statement that is reversed begins.
    """

    builder: Builder
    active: Activity
    keeper: Keeper
    adjoints: Adjoints
    leaves: frozenset[Var]
    memory: Memory
    paths: Paths
    calls: Calls
    nesting: int = 0
    begin: int = 0

    @property
    def whole(self) -> Whole:
        """What writes adjoints whole, where arms and trips end."""
        return Whole(self.builder, self.paths)

    # -- blocks ------------------------------------------------------------------------------------

    def statements(self, statements: tuple[Statement, ...]) -> None:
        """Reverse the statements of a block."""
        self.memory.begin(statements)
        outer = self.begin
        may_fail = False
        for statement in reversed(statements):
            may_fail = may_fail or is_else(statement)
            self.begin = len(self.builder.statements)
            with self.builder.at(statement.place), self._kept(statement, may_fail):
                match statement:
                    case Let():
                        self.let(statement)
                    case Branch():
                        self.branch(statement)
                    case Loop():
                        self.loop(statement)
            if isinstance(statement, Let) and statement.op.updates:
                self.memory.undo(statement, self.begin)
            else:
                self.settle()
        self.begin = outer

    def _kept(self, statement: Statement, may_fail: bool) -> AbstractContextManager[None]:
        """Where what a statement keeps is put: no stack from outside has what failed halfway."""
        is_outermost = self.nesting == 0 and isinstance(statement, Loop)
        alone = is_outermost or (may_fail and not isinstance(statement, Let))
        return self.keeper.stacks_of_its_own(statement) if alone else nullcontext()

    def settle(self) -> None:
        """Have what was written so far for a statement read memory as it is now."""
        self.memory.settle(self.begin)
        self.begin = len(self.builder.statements)

    def let(self, let: Let) -> None:
        """Reverse a statement that is no branch or loop."""
        if let.op.form is Form.INVOKE:
            self.calls.pull_back(self.adjoints, let)
        elif self.calls.only_names(let):
            return
        elif let.target in self.active and let.target not in self.leaves:
            if solver_of(let) is not None:
                pull_back_solver(self.builder, self.adjoints, self.calls, let)
                return
            pull_back(self.builder, self.adjoints, self.active, let)

    # -- branches ----------------------------------------------------------------------------------

    def branch(self, branch: Branch) -> None:
        """Reverse a branch by the same test."""
        cotangents = [(j, self.adjoints.pop(j)) for j in branch.joins if j in self.active]
        live = [b for b in (branch.then, branch.other) if not isinstance(b.leaf, Stop)]
        if len(live) == 1:  # the other arm raised
            assert isinstance(live[0].leaf, Yield)
            self.memory.hand_back(branch.joins, live[0].leaf.values)
            self._enter_arm(branch, live[0], cotangents)
            self.settle()
            self.statements(live[0].statements)
            self.begin = len(self.builder.statements)  # each has been settled where it is
            return
        arms: list[Arm] = []
        then, other = self.memory.taken(branch.then), self.memory.taken(branch.other)
        test = way_taken(branch)
        for block, own, others in ((branch.then, then, other), (branch.other, other, then)):
            with self._arm(arms, test):
                self.memory.stay(v for v in others if v not in own)
                assert isinstance(block.leaf, Yield)
                self.memory.hand_back(branch.joins, block.leaf.values)
                self._enter_arm(branch, block, cotangents)
                self.statements(block.statements)
        given = tuple(g for _, g in cotangents if isinstance(g, Var))
        self.join(test, arms, (branch.then, branch.other), branch.joins, given)

    @contextmanager
    def _arm(self, arms: list[Arm], test: Operand) -> Iterator[None]:
        """Write an arm of the backward sweep, from the state before it."""
        adjoints, memory = self.adjoints, self.memory
        self.adjoints, self.memory = adjoints.copy(), memory.copy()
        with self.paths.inside(test, len(arms)), self.builder.block() as statements:
            yield
            arms.append((statements, self.adjoints, self.memory))
        self.adjoints, self.memory = adjoints, memory

    def _enter_arm(
        self, branch: Branch, block: Block, cotangents: list[tuple[Var, Operand | None]]
    ) -> None:
        assert isinstance(block.leaf, Yield)
        values = dict(zip(branch.joins, block.leaf.values, strict=True))
        for join, g in cotangents:
            value = values[join]
            if g is not None and isinstance(value, Var) and value in self.active:
                self.adjoints.add(value, self._as_for(g, join, value))

    def _as_for(self, g: Operand, join: Var, value: Var) -> Operand:
        """The cotangent of a join as one of the value: they may differ in type."""
        if join.type == value.type or rank(value.type) == 0:
            return g
        if rank(join.type) == rank(value.type) and same_shape(
            type_of(g), join.type, self.builder.facts
        ):
            # It is whole: on this path the join has the shape of the value.
            return self.builder.let(ALIAS, (g,), type_=adjoint_type(value.type))
        whole = value if join in self.paths.joined else join  # what may have no value is not kept
        return self.whole.complete(g, whole) if rank(join.type) is None else g

    def join(
        self,
        test: Operand,
        arms: list[Arm],
        forward: tuple[Block, Block] | None,
        handed_on: tuple[Var, ...] = (),
        given: tuple[Var, ...] = (),
    ) -> None:
        """Write a branch of the backward sweep, and merge the adjoints of its arms.

        `handed_on` are the joins of the branch that is reversed, `given` their cotangents.
        """
        outer = self.adjoints
        names = changed(outer, arms)
        joins = [
            self.builder.var(joined_type(v, arms, self.builder.facts), self.adjoints.name(v))
            for v in names
        ]
        restored = self.memory.meet([memory for _, _, memory in arms])
        held = [self.builder.var(v.type, v.name, Role.PRIMAL) for v in restored]
        blocks = []
        for position, (statements, found, memory) in enumerate(arms):
            with self.builder.block() as written:
                written.extend(statements)
                with self.paths.inside(test, position):
                    bound = self.paths.may_be_bound
                    values = (
                        *(self.whole.at_end(v, found, arms, given) for v in names),
                        *(memory.holders[v] if bound(v) else UNDEF for v in restored),
                    )
                kept = self.keeper.resolve(
                    forward[position] if forward else None,
                    list(written),
                    Yield(values),
                    None if self.nesting else handed_on,
                )
            blocks.append(kept)
        if any(block.statements for block in blocks) or names or restored:
            every = (*joins, *held)
            self.builder.append(Branch(test, blocks[0], blocks[1], every, self.builder.place))
        for variable, join in zip(names, joins, strict=True):
            outer.values[variable] = join
        self.settle()
        for version, variable in zip(restored, held, strict=True):
            self.memory.hold(version, variable)
        self.adjoints = outer

    # -- loops -------------------------------------------------------------------------------------

    def loop(self, loop: Loop) -> None:
        """Reverse a loop. The trip that leaves it computes what the others do: see `exits`."""
        carried = [
            (p, i, o)
            for p, i, o in zip(loop.params, loop.inits, loop.outs, strict=True)
            if p in self.active or o in self.active
        ]
        moves = self.memory.moves(loop)
        if not carried and not self._touches(loop) and not moves:
            return
        seeds = {p: self.adjoints.pop(o) for p, _, o in carried}
        self._trips(loop, carried, seeds, moves)

    def _touches(self, loop: Loop) -> bool:
        return any(o in self.active for o in loop.outs)

    def _trips(
        self,
        loop: Loop,
        carried: list[tuple[Var, Operand, Var]],
        seeds: dict[Var, Operand | None],
        moves: Mapping[Var, Var],
    ) -> None:
        shared = self._shared(loop, {p for p, _, _ in carried})
        params, inits = self._starts(loop, carried, seeds, shared)
        count = len(params)
        for variable in moves:
            out = loop.outs[loop.params.index(variable)]
            params.append(self.builder.var(variable.type, variable.name, Role.PRIMAL))
            inits.append(self.memory.holders.get(out, out))
        outer, memory = self.adjoints, self.memory
        self.adjoints, self.memory = outer.inside(), memory.copy()
        self.nesting += 1
        with self.builder.block() as statements:
            self.memory.enter(loop, dict(zip(moves, params[count:], strict=True)))
            values = self._trip(loop, carried, shared, params[:count])
            values += tuple(self.memory.holders[variable] for variable in moves)
            written = list(statements)
            index = self._index(loop)
            block, extra = self.keeper.resolve_loop(loop, written, Next(values), index)
        self.nesting -= 1
        self.adjoints, self.memory = outer, memory
        params.extend(e.param for e in extra)
        inits.extend(e.init for e in extra)
        outs = tuple(self.builder.var(p.type, p.name, p.role) for p in params)
        head = self.keeper.head(loop, index)
        self.builder.append(
            Loop(head, tuple(params), tuple(inits), block, outs, None, self.builder.place)
        )
        for variable, out in zip(shared, outs[len(carried) : count], strict=True):
            self.adjoints.values[variable] = out
        self.settle()
        self._leave(loop, carried, moves, outs[: len(carried)], outs[count : count + len(moves)])

    def _starts(
        self,
        loop: Loop,
        carried: list[tuple[Var, Operand, Var]],
        seeds: dict[Var, Operand | None],
        shared: list[Var],
    ) -> tuple[list[Var], list[Operand]]:
        """The adjoints that the loop of the backward sweep carries, and what they begin with."""
        params: list[Var] = []
        inits: list[Operand] = []
        other = {o for p, _, o in carried if is_another_each_trip(loop, p, o)}
        for variable, start in [
            *((o, seeds[p]) for p, _, o in carried),
            *((v, self.adjoints.pop(v)) for v in shared),
        ]:
            whole = self.whole
            inits.append(whole.zero(variable) if start is None else whole.complete(start, variable))
            type_ = UNKNOWN if variable in other else adjoint_type(variable.type)
            params.append(self.builder.var(type_, self.adjoints.name(variable)))
        return params, inits

    def _leave(
        self,
        loop: Loop,
        carried: list[tuple[Var, Operand, Var]],
        moves: Mapping[Var, Var],
        adjoints: tuple[Var, ...],
        held: tuple[Var, ...],
    ) -> None:
        """Hand what the loop of the backward sweep ends with to what the loop began with."""
        for variable, out in zip(moves, held, strict=True):
            init = loop.inits[loop.params.index(variable)]
            if isinstance(init, Var):
                self.memory.hold(init, out)
        for (_, init, _), out in zip(carried, adjoints, strict=True):
            if isinstance(init, Var) and init in self.active:
                self.adjoints.add(init, out)

    def _index(self, loop: Loop) -> Var:
        if isinstance(loop.head, For) and loop.head.index.name:
            return self.builder.var(INT, loop.head.index.name, Role.PRIMAL)
        return self.builder.var(INT, "", Role.INDEX)

    def _shared(self, loop: Loop, params: set[Var]) -> list[Var]:
        """Active variables from outside that the body reads."""
        inside = _defined(loop)
        found: dict[Var, None] = {}
        for statement in loop.body.statements:
            for variable in all_reads(statement):
                if variable in self.active and variable not in inside:
                    found.setdefault(variable)
        for leaf in loop_leaves(loop.body):
            for value in leaf.values:
                for variable in operand_vars(value):
                    if variable in self.active and variable not in inside:
                        found.setdefault(variable)
        return list(found)

    def _trip(
        self,
        loop: Loop,
        carried: list[tuple[Var, Operand, Var]],
        shared: list[Var],
        params: list[Var],
    ) -> tuple[Operand, ...]:
        """Reverse one complete trip; the adjoints before it."""
        for variable, param in zip(shared, params[len(carried) :], strict=True):
            self.adjoints.values[variable] = param
        after = {p: d for (p, _, _), d in zip(carried, params, strict=False)}
        self._path(loop.body, loop, after)
        values: list[Operand] = []
        for (p, _, o), d in zip(carried, params, strict=False):
            value = self.adjoints.pop(p)
            if isinstance(d.type, Unknown):
                values.append(Const(0.0) if value is None else value)
            elif value is None:
                values.append(self.whole.zero(o))
            else:
                values.append(self.whole.complete(value, o))
        for variable in shared:
            value = self.adjoints.values.get(variable)
            assert value is not None
            values.append(self.whole.complete(value, variable))
        return tuple(values)

    def _path(self, block: Block, loop: Loop, after: Mapping[Var, Operand]) -> None:
        """Reverse the way through a block to the ends of complete trips."""
        match block.leaf:
            case Next(values):
                self.memory.end_trip(loop, values)
                self._seed(loop.params, values, after)
                self.statements(block.statements)
            case Stop() if block.statements and isinstance(block.statements[-1], Branch):
                tail = block.statements[-1]
                assert isinstance(tail, Branch)
                self._tail(tail, loop, after)
                self.statements(block.statements[:-1])
            case _:
                self.statements(block.statements)

    def _tail(self, branch: Branch, loop: Loop, after: Mapping[Var, Operand]) -> None:
        """Reverse a branch that ends a trip: only the arms that go on to the next trip count."""
        ways = [b for b in (branch.then, branch.other) if _goes_on(b)]
        if len(ways) == 1:
            here = self.paths.inside(way_taken(branch), int(ways[0] is branch.other))
            with here, self.builder.at(branch.place):
                self._path(ways[0], loop, after)
            return
        if not ways:
            return
        arms: list[Arm] = []
        for block in ways:
            with self._arm(arms, way_taken(branch)):
                self._path(block, loop, after)
        self.join(way_taken(branch), arms, (ways[0], ways[1]))

    def _seed(
        self, targets: tuple[Var, ...], values: tuple[Operand, ...], after: Mapping[Var, Operand]
    ) -> None:
        for target, value in zip(targets, values, strict=True):
            g = after.get(target)
            if g is not None and isinstance(value, Var) and value in self.active:
                self.adjoints.add(value, g)


def _defined(loop: Loop) -> set[Var]:
    inside = {v for s in all_statements(loop.body) for v in writes(s)}
    inside.update(loop.params)
    if isinstance(loop.head, For):
        inside.add(loop.head.index)
    return inside


def _goes_on(block: Block) -> bool:
    return any(isinstance(leaf, Next) for leaf in loop_leaves(block))
