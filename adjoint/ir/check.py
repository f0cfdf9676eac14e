"""The verifier: what every pass may rely on, and has to leave true.

- A variable is assigned once, and read only after that.
- What is defined in a loop (its index and carried variables as well) is not read outside it.
- What is defined in one arm of a `Branch` is not read in the other. It may be read after the
  branch: the reverse sweep takes the path that the forward sweep took.
- The numbers of values agree: joins and `Yield`, inits, params, outs, `Next` and `Exit`.
- What an update has taken over is not read again under its old name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
    While,
    Yield,
)
from adjoint.ir.ops import Form
from adjoint.ir.show import show
from adjoint.ir.trampoline import Step, run
from adjoint.ir.walk import head_vars, leaf_operands, loop_leaves, operand_vars, operands

__all__ = ["verify"]

#: Updates of lists, which are never copied.
_OF_LISTS = (Form.UPDATE_METHOD, Form.UPDATE_STACK)

Path = tuple[tuple[int, int], ...]


def verify(function: Function, *, owned: bool = True) -> None:
    """Raise an `AssertionError` that shows the IR, if `function` breaks a rule of the IR.

    Before `optimise.ownership` has copied what must be (`owned` is false), arrays may still be read
    that an update has taken over.

    Examples
    --------
    >>> from adjoint.errors import Place
    >>> from adjoint.ir.values import FLOAT
    >>> here = Place("f.py", 1, 0, 1, 5, "x", "f")
    >>> x, y = Var(0, "x", FLOAT), Var(1, "y", FLOAT)
    >>> try:
    ...     verify(Function("f", (x,), (), Block((), Yield((y,))), here))
    ... except AssertionError as error:
    ...     print(error)
    y.1 is read where it is not defined
    f(x.0: float)
      yield y.1
    """
    checker = _Checker(function, owned)
    checker.define((*function.params, *function.keywords))
    checker.require(
        -1 <= function.split <= len(function.body.statements), "split is outside the body"
    )
    # A primal on its way to the reverse sweep yields more than its result.
    run(checker.block(function.body, len(leaf_operands(function.body.leaf)), None))


class _Checker:
    """What is visible at the point that the check has reached.

    Attributes
    ----------
    path
        The arms that lead to this point: number of the branch, number of the arm.
    killed
        The path to the update that took a variable over.
    scopes
        What was defined since each enclosing block that ends visibility began.
    """

    def __init__(self, function: Function, owned: bool) -> None:
        self.function, self.owned = function, owned
        self.assigned: set[Var] = set()
        self.visible: set[Var] = set()
        self.killed: dict[Var, Path] = {}
        self.path: Path = ()
        self.scopes: list[list[Var]] = [[]]
        self.loop_of: dict[Var, int] = {}
        self.loops: list[Loop] = []
        self.branches = 0

    def require(self, condition: bool, message: str) -> None:
        if not condition:
            raise AssertionError(f"{message}\n{show(self.function)}")

    def define(self, variables: Iterable[Var]) -> None:
        for variable in variables:
            self.require(variable not in self.assigned, f"{variable!r} is assigned twice")
            self.assigned.add(variable)
            self.visible.add(variable)
            self.scopes[-1].append(variable)
            self.loop_of[variable] = len(self.loops)

    def read(self, values: Iterable[Operand]) -> None:
        for value in values:
            for variable in operand_vars(value):
                self.require(
                    variable in self.visible, f"{variable!r} is read where it is not defined"
                )
                self.require(
                    not self.is_dead(variable), f"{variable!r} is read after it was updated"
                )

    def is_dead(self, variable: Var) -> bool:
        """Whether an update that has surely run here took it over.

        Another branch may lead down the path on which it was not updated, so that only an update
        on this path, or a read on a path common to both arms, is wrong.
        """
        path = self.killed.get(variable)
        if path is None:
            return False
        common = min(len(path), len(self.path))
        return path[:common] == self.path[:common]

    def block(self, block: Block, yields: int | None, loop: Loop | None) -> Step[bool]:
        """Check a block and return whether it is left before its end on every path."""
        left = False
        for statement in block.statements:
            self.require(not left, "a statement that is never reached")
            left = yield self.statement(statement, loop)
        if left:
            self.require(not leaf_operands(block.leaf), "a leaf with values is never reached")
            return True
        self.leaf(block.leaf, yields, loop)
        return not isinstance(block.leaf, Yield)

    def statement(self, statement: Statement, loop: Loop | None) -> Step[bool]:
        self.read(operands(statement))
        match statement:
            case Let():
                self.let(statement)
            case Branch():
                left: bool = yield self.branch(statement, loop)
                return left
            case Loop():
                yield self.loop(statement)
        return False

    def let(self, let: Let) -> None:
        if let.op.updates:
            old = let.args[0]
            self.require(let.target is not None, f"an update of {old!r} without a target")
            if isinstance(old, Var):
                self.require(
                    self.loop_of[old] == len(self.loops),
                    f"{old!r} is updated in a loop that it comes from outside of",
                )
                if self.owned or let.op.form in _OF_LISTS:
                    self.killed[old] = self.path
        if let.target is not None:
            self.define((let.target,))

    def branch(self, branch: Branch, loop: Loop | None) -> Step[bool]:
        left = True
        outer, number = self.path, self.branches
        self.branches += 1
        hidden: list[list[Var]] = []
        for arm, block in enumerate((branch.then, branch.other)):
            self.path = (*outer, (number, arm))
            self.scopes.append([])
            left = (yield self.block(block, len(branch.joins), loop)) and left
            hidden.append(self.scopes.pop())
            self.visible.difference_update(hidden[-1])
        self.path = outer
        for variables in hidden:
            self.visible.update(variables)
            self.scopes[-1].extend(variables)
        self.define(branch.joins)
        return left

    def loop(self, loop: Loop) -> Step[None]:
        self.require(len(loop.params) == len(loop.inits), "a loop's params and inits differ")
        self.require(len(loop.params) == len(loop.outs), "a loop's params and outs differ")
        codes = [leaf.code for leaf in loop_leaves(loop.body) if isinstance(leaf, Exit)]
        self.require(0 not in codes, "the code 0 is for a loop that ran to its end")
        self.require(len(set(codes)) == len(codes), "two exits of one loop have one code")
        self.scopes.append([])
        self.loops.append(loop)
        self.define(head_vars(loop.head))
        self.define(loop.params)
        if isinstance(loop.head, While):
            yield self.block(loop.head.test, 1, None)
        yield self.block(loop.body, None, loop)
        self.loops.pop()
        self.visible.difference_update(self.scopes.pop())
        self.define((*loop.outs, *(() if loop.code is None else (loop.code,))))

    def leaf(self, leaf: Leaf, yields: int | None, loop: Loop | None) -> None:
        match leaf:
            case Stop():
                return
            case Yield(values):
                self.require(yields is not None, "a trip that ends in a yield")
                self.agree(values, yields, "yield")
            case Next(values):
                self.require(loop is not None, "next outside of a loop")
                self.agree(values, len(loop.params) if loop else 0, "next")
            case Exit(values=values):
                self.require(loop is not None, "exit outside of a loop")
                self.agree(values, len(loop.outs) if loop else 0, "exit")
        self.read(leaf.values)

    def agree(self, values: Sequence[Operand], wanted: int | None, what: str) -> None:
        self.require(len(values) == wanted, f"{what} of {len(values)} values where {wanted} go")
