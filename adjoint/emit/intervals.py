"""When each variable is needed: ranges of positions in the order of printing.

Statement number p reads at 2p and writes at 2p + 1, so a variable that ends where another begins
can hand on its name. A variable has holes: in an arm of a branch that does not lead to its use.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from adjoint.emit.nesting import Nesting
from adjoint.emit.operands import let_operands, tried
from adjoint.emit.unpacking import parts_after
from adjoint.ir.nodes import (
    Block,
    Branch,
    Define,
    Exit,
    For,
    Function,
    Let,
    Loop,
    Next,
    Operand,
    Statement,
    Stop,
    Var,
    While,
    Yield,
)
from adjoint.ir.ops import Form

__all__ = ["Ranges", "live_ranges"]


@dataclass(slots=True)
class Ranges:
    """Disjoint half-open ranges in order.

    Examples
    --------
    >>> ranges = Ranges()
    >>> ranges.add(1, 4)
    >>> ranges.add(9, 12)
    >>> ranges.add(4, 6)
    >>> list(zip(ranges.starts, ranges.ends))
    [(1, 6), (9, 12)]
    """

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def add(self, start: int, end: int) -> None:
        """Add a range; what touches it becomes one with it."""
        first = bisect_left(self.ends, start)
        last = bisect_right(self.starts, end)
        if first < last:
            start = min(start, self.starts[first])
            end = max(end, self.ends[last - 1])
        self.starts[first:last] = [start]
        self.ends[first:last] = [end]

    def meets(self, start: int, end: int) -> bool:
        """Whether any position between is in these ranges."""
        first = bisect_right(self.ends, start)
        return first < len(self.starts) and self.starts[first] < end

    def overlaps(self, other: Ranges) -> bool:
        """Whether the two have a position in common."""
        few, many = (self, other) if len(self.starts) <= len(other.starts) else (other, self)
        return any(many.meets(start, end) for start, end in few.pairs())

    def end_at(self, position: int) -> int:
        """Where the range ends that holds a position; the position itself where none does."""
        at = bisect_right(self.starts, position) - 1
        return max(self.ends[at], position) if at >= 0 else position

    def pairs(self) -> Iterable[tuple[int, int]]:
        """The ranges as (start, end)."""
        return zip(self.starts, self.ends, strict=True)

    def update(self, other: Ranges) -> None:
        """Add all ranges of another."""
        for start, end in other.pairs():
            self.add(start, end)


def live_ranges(function: Function, nesting: Nesting) -> dict[Var, Ranges]:
    """The ranges of all variables that need a name, in order of definition."""
    scan = _Scan(nesting)
    for param in (*function.params, *function.keywords):
        scan.define(param)
    statements, split = function.body.statements, max(function.split, 0)
    scan.statements(statements[:split])  # the sweeps are printed apart
    scan.statements(statements[split:])
    leaf = function.body.leaf
    if isinstance(leaf, Yield):
        scan.step()
        scan.use(leaf.values)
    return scan.ranges


@dataclass(slots=True)
class _OpenLoop:
    head: int  # where its carried variables are born; what is older comes from outside
    needed: dict[Var, None] = field(default_factory=dict)


class _Scan:
    def __init__(self, nesting: Nesting) -> None:
        self.nesting = nesting
        self.ranges: dict[Var, Ranges] = {}
        self._position = 0
        self._born: dict[Var, int] = {}
        self._arms: list[tuple[int, int]] = []  # position of the branch, of the arm's begin
        self._loops: list[_OpenLoop] = []
        self._carried: list[Loop] = []

    def step(self) -> int:
        self._position += 1
        return self._position

    def define(self, var: Var) -> None:
        self._born.setdefault(var, self._position)
        self._write(var)

    def _write(self, var: Var) -> None:
        start = 2 * self._position + 1
        self.ranges.setdefault(var, Ranges()).add(start, start + 1)

    def use(self, operands: Iterable[Operand]) -> None:
        for var in self.nesting.leaves(operands):
            self._use(var)

    def _use(self, var: Var) -> None:
        born = self._born[var]
        for loop in self._loops:
            if loop.head > born:
                # Every trip reads it: it is needed until the outermost such loop has ended.
                loop.needed.setdefault(var)
                return
        self._live_until(var, 2 * self._position + 1, self._arms)

    def _live_until(self, var: Var, end: int, arms: list[tuple[int, int]]) -> None:
        """Make a variable live from its birth to `end`, on the path that leads there."""
        ranges, born = self.ranges[var], self._born[var]
        for branch, begin in reversed(arms):
            if begin <= born:
                break
            ranges.add(2 * begin, end)
            end = 2 * branch + 1
        ranges.add(2 * born + 1, end)

    def block(self, block: Block) -> None:
        self.statements(block.statements)

    def statements(self, given: Sequence[Statement]) -> None:
        printed = [s for s in given if self.nesting.prints(s)]
        position = 0
        while position < len(printed):
            parts = parts_after(printed, position, self.nesting.uses)
            if parts:
                self._apart(printed[position], parts)
            else:
                self._statement(printed[position])
            position += 1 + len(parts)

    def _apart(self, whole: Statement, parts: Sequence[Let]) -> None:
        """A statement whose result is taken apart where it is assigned."""
        assert isinstance(whole, Let), "a call"
        self.step()
        self.use(let_operands(whole))
        for let in parts:
            if let.target is not None:
                self.define(let.target)

    def _statement(self, statement: Statement) -> None:
        match statement:
            case Let(target):
                self.step()
                self.use(let_operands(statement))
                if target is not None:
                    self.define(target)
            case Branch():
                self._branch(statement)
            case Loop():
                self._loop(statement)

    def _branch(self, branch: Branch) -> None:
        begin = self.step()
        join = self.nesting.conditionals.get(branch)
        if join is not None:
            for var in self.nesting.reads[join]:
                self._use(var)
            self.define(join)
            return
        self.use((branch.test,))
        joins = [branch.joins[k] for k in self.nesting.uses.live_joins(branch)]
        other = branch.other
        if branch.style == "try":
            inside, other = tried(branch)
            self.block(inside)  # a handler finds all that it reads: it is needed up to here
            begin = self._position
        for arm in (branch.then, other):
            self._arm(arm, branch, joins, begin)
        self.step()
        for var in joins:
            self.define(var)

    def _arm(self, arm: Block, branch: Branch, joins: list[Var], begin: int) -> None:
        self._arms.append((begin, self.step()))
        self.block(arm)
        self.step()
        caught = arm.statements[0] if arm.statements else None
        if isinstance(caught, Let) and caught.op.form is Form.CAUGHT and caught.target is not None:
            self._use(caught.target)  # Python itself takes the name away here
        match arm.leaf:
            case Yield(values):
                self.use(values[k] for k in self.nesting.uses.live_joins(branch))
                for join in joins:
                    self._write(join)
            case _:
                self._jump(arm)
        self._arms.pop()

    def _jump(self, block: Block) -> None:
        """The end of a block that goes on to the next trip or leaves the loop."""
        match block.leaf:
            case Next(values):
                loop = self._carried[-1]
                live = self.nesting.uses.live_params(loop)
                self.use(values[k] for k in live)
                for k in live:
                    self._write(loop.params[k])
            case Exit(_, _, values):
                loop = self._carried[-1]
                live = [k for k, out in enumerate(loop.outs) if self.nesting.uses.of(out)]
                self.use(values[k] for k in live)
                for k in live:
                    self._write(loop.outs[k])
            case Yield() | Stop():
                pass

    def _loop(self, loop: Loop) -> None:
        live = self.nesting.uses.live_params(loop)
        params = [loop.params[k] for k in live]
        head = self.step()
        self.use(loop.inits[k] for k in live)
        for var in params:
            self.define(var)
        if loop.code is not None and self.nesting.uses.of(loop.code):
            self.define(loop.code)
        self._trips(loop, params, head)
        self.step()
        self._close(loop, params)

    def _trips(self, loop: Loop, params: list[Var], head: int) -> None:
        self.step()
        if isinstance(loop.head, For):
            self.use((loop.head.start, loop.head.stop, loop.head.step))
        self._reach(params)
        self._loops.append(_OpenLoop(head))
        self._carried.append(loop)
        match loop.head:
            case While(test):
                self.block(test)
                self.step()
                if isinstance(test.leaf, Yield):
                    self.use(test.leaf.values)
                self._reach(params)
            case For(index):
                self.step()
                self.define(index)
            case Define(given):
                self.step()
                for param in given:
                    self.define(param)
        self.block(loop.body)
        self.step()
        self._jump(loop.body)

    def _reach(self, params: list[Var]) -> None:
        """The loop may end here: then the carried variables are what it hands on."""
        for var in params:
            self._live_until(var, 2 * self._position + 1, self._arms)

    def _close(self, loop: Loop, params: list[Var]) -> None:
        closed = self._loops.pop()
        self._carried.pop()
        for var in params:
            self._write_before(var)
        for var in closed.needed:
            self._use(var)
        if loop.code is not None and self.nesting.uses.of(loop.code):
            self._use(loop.code)
        for k in self.nesting.uses.live_params(loop):
            self.define(loop.outs[k])

    def _write_before(self, var: Var) -> None:
        """A carried variable goes around: it has its value where the loop ends."""
        self.ranges[var].add(2 * self._position, 2 * self._position + 1)
