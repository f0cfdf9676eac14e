"""The forward sweep with tangents: each statement is followed by the statement of its tangent.

The function is written as it stands, in its order. Branches and loops carry the tangents of what
they carry; a write is preceded by that into the shadow (see `forward_writes`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from adjoint.analyses.activity import Activity
from adjoint.analyses.versions import is_write
from adjoint.ir.builder import Builder
from adjoint.ir.memory import written_items
from adjoint.ir.nodes import (
    Block,
    Branch,
    Exit,
    Function,
    Leaf,
    Let,
    Loop,
    Next,
    Operand,
    Statement,
    Stop,
    Var,
    Yield,
)
from adjoint.ir.ops import Callee, Form
from adjoint.ir.walk import all_reads, called, leaf_operands
from adjoint.transform.attempts import begun, way_taken
from adjoint.transform.bound import paths_of
from adjoint.transform.choices import repeatable
from adjoint.transform.forward_writes import push_forward_write
from adjoint.transform.pushforwards import push_forward
from adjoint.transform.solvers import push_forward_solver, solver_of
from adjoint.transform.tangent_calls import TangentCalls
from adjoint.transform.tangents import Tangents, active_items, free_name, tangent_type

__all__ = ["Forward", "functions_with_tangents"]


@dataclass(eq=False)
class Forward:
    """The sweep of one function.

    Attributes
    ----------
    carried
        Of each loop around what is written: which of its carried variables have a tangent.
    bound
        The names that have a value.
    """

    builder: Builder
    active: Activity
    tangents: Tangents
    calls: TangentCalls
    carried: list[Sequence[int]] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)

    def statements(self, statements: Sequence[Statement]) -> None:
        """Write statements with their tangents."""
        for statement in statements:
            with self.builder.at(statement.place):
                match statement:
                    case Let():
                        self.let(statement)
                    case Branch():
                        self.branch(statement)
                    case Loop():
                        self.loop(statement)

    def let(self, let: Let) -> None:
        """Write a statement that is no branch or loop."""
        if let.op.form in (Form.INVOKE, Form.PART):
            self.calls.push_forward(self.tangents, let)
            return
        active = let.target in self.active and let.target not in self.tangents
        if active and is_write(let):
            push_forward_write(self.builder, self.tangents, let)
        self.builder.append(let)
        if active and not is_write(let):
            self._with_tangent(let)
        if let.target is not None:
            self.bound.add(let.target.name)

    def _with_tangent(self, let: Let) -> None:
        """Write the tangent of the statement written last: behind it, as a rule.

        Before it where the statement gives its name a new value, which the tangent does not read:
        it may read what the name held before.
        """
        with self.builder.block() as written:
            self._push_forward(let)
        program = self.builder.statements
        is_new = let.target is None or not let.target.name or let.target.name not in self.bound
        read = {v for statement in written for v in all_reads(statement)}
        if is_new or let.target in read:
            program.extend(written)
        else:
            program[-1:] = [*written, let]

    def _push_forward(self, let: Let) -> None:
        if solver_of(let) is not None:
            push_forward_solver(self.builder, self.tangents, self.calls, let)
        else:
            push_forward(self.builder, self.tangents, let)

    # -- branches ----------------------------------------------------------------------------------

    def branch(self, branch: Branch) -> None:
        """Write a branch; a join has a tangent where a value of one of the arms has one."""
        arms = []
        for number, block in enumerate((branch.then, branch.other)):
            with self._inside(branch, number), self.builder.block() as written:
                self._arm(branch, block)
                arms.append((block, written))
        shadowed = [k for k in range(len(branch.joins)) if self._is_shadowed(branch, k)]
        shadows = [self._shadow(branch.joins[k]) for k in shadowed]
        ends = []
        for number, (block, written) in enumerate(arms):
            with self._inside(branch, number):
                ends.append(self._ended(block, written, shadowed))
        then, other = ends
        joins = (*branch.joins, *shadows)
        self.builder.append(Branch(branch.test, then, other, joins, branch.place, branch.style))
        for k, shadow in zip(shadowed, shadows, strict=True):
            self.tangents.hand_on(branch.joins[k], shadow)

    def _inside(self, branch: Branch, number: int) -> AbstractContextManager[None]:
        return self.tangents.paths.inside(way_taken(branch), number)

    def _arm(self, branch: Branch, block: Block) -> None:
        """Write an arm; what is tried is tried alone, its tangents come behind it."""
        is_tried = branch.style == "try" and block is branch.other
        inside = begun(block)[0] if is_tried else ()
        lets = [s for s in inside if isinstance(s, Let) and self._is_followed(s)]
        if len(lets) < len(inside):
            lets = []  # what a branch or loop reads has its tangent before it
        for let in lets:
            self.builder.append(let)
        for let in lets:
            if let.target in self.active:
                with self.builder.at(let.place):
                    self._push_forward(let)
        self.statements(block.statements[len(lets) :])

    def _is_followed(self, let: Let) -> bool:
        """Whether the tangent of a statement may come after it: a call hands it back itself."""
        return not is_write(let) and let.op.form not in (Form.INVOKE, Form.PART)

    def _is_shadowed(self, branch: Branch, position: int) -> bool:
        ends = (b.leaf for b in (branch.then, branch.other) if isinstance(b.leaf, Yield))
        is_active = branch.joins[position] in self.active
        return is_active and any(end.values[position] in self.tangents for end in ends)

    def _shadow(self, variable: Var) -> Var:
        """A variable for the tangent of one that is carried or joined."""
        return self.builder.var(tangent_type(variable.type), variable.name)

    def _ended(self, block: Block, written: list[Statement], shadowed: Sequence[int]) -> Block:
        """A block whose end hands on tangents beside the values they belong to."""
        with self.builder.block() as statements:
            statements.extend(written)
            leaf = self._leaf(block.leaf, shadowed)
        return Block(tuple(statements), leaf)

    def _leaf(self, leaf: Leaf, shadowed: Sequence[int]) -> Leaf:
        match leaf:
            case Stop():
                return leaf
            case Yield(values):
                return Yield(
                    (*values, *(self.tangents.whole_and_writable(values[k]) for k in shadowed))
                )
            case Next(values) | Exit(_, _, values):
                tangents = (self.tangents.whole_and_writable(values[k]) for k in self.carried[-1])
                return replace(leaf, values=(*values, *tangents))

    # -- loops -------------------------------------------------------------------------------------

    def loop(self, loop: Loop) -> None:
        """Write a loop; it carries the tangents of the active variables that it carries."""
        pairs = list(zip(loop.params, loop.outs, strict=True))
        carried = [k for k, (p, out) in enumerate(pairs) if p in self.active or out in self.active]
        inits = tuple(self.tangents.whole_and_writable(loop.inits[k]) for k in carried)
        params = tuple(self._shadow(loop.params[k]) for k in carried)
        outs = tuple(self._shadow(loop.outs[k]) for k in carried)
        for k, param in zip(carried, params, strict=True):
            self.tangents.hand_on(loop.params[k], param)
        self.carried.append(carried)
        self.bound.update(param.name for param in loop.params)
        with self.builder.block() as written:
            self.statements(loop.body.statements)
            body = self._ended(loop.body, list(written), ())
        self.carried.pop()
        self.builder.append(
            replace(
                loop,
                params=(*loop.params, *params),
                inits=(*loop.inits, *inits),
                body=body,
                outs=(*loop.outs, *outs),
            )
        )
        for k, out in zip(carried, outs, strict=True):
            self.tangents.hand_on(loop.outs[k], out)


# -- functions that are called ---------------------------------------------------------------------


def functions_with_tangents(
    main: Function, calls: TangentCalls, program: Mapping[Callee, Function]
) -> dict[Callee, Function]:
    """The functions that are called from `main`, directly or not, in the order of the calls.

    Those that take no tangents are of the `program`.
    """
    found: dict[Callee, Function] = {}
    waiting = called(main)
    while waiting:
        callee = waiting.pop(0)
        if callee not in found:
            primal = calls.primal_of(callee)
            made = program[callee] if primal is None else _with_tangents(primal, calls)
            found[callee] = made
            waiting += called(made)
    return found


def _with_tangents(callee: Callee, calls: TangentCalls) -> Function:
    """A function of arguments and tangents that returns its results and their tangents.

    ::

                                            f_jvp(x, n, x_dot)
        f(x, n)                               t, t_dot = f_jvp(x, n - 1, x_dot)
          t = f(x, n - 1)         ->          u = x * t
          u = x * t                           u_dot = x_dot * t + x * t_dot
          yield u                             yield u, u_dot
    """
    builder, function = calls.builder, calls.functions[callee]
    results = leaf_operands(function.body.leaf)
    for result in results:
        if isinstance(result, Var):
            result.name = result.name or "out"
    params = [function.params[k] for k in calls.active_params(callee)]
    with builder.at(function.place), builder.block() as statements:
        given = [
            builder.var(tangent_type(p.type), free_name(p.name, function.params)) for p in params
        ]
        items = active_items(function.body, calls.active)
        known: dict[Var, Operand] = dict(zip(params, given, strict=True))
        again = repeatable(function.body, written_items(function))
        tangents = Tangents(builder, paths_of(function.body), known, items, repeatable=again)
        sweep = Forward(builder, calls.active, tangents, calls)
        sweep.bound.update(param.name for param in function.params)
        sweep.statements(function.body.statements)
        shadows = [tangents.whole_and_writable(results[k]) for k in calls.active_results(callee)]
        body = Block(tuple(statements), Yield((*results, *shadows)))
    name, split = calls.with_tangents[callee].name, len(body.statements)
    return Function(name, (*function.params, *given), (), body, function.place, split)
