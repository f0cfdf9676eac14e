"""What a statement reads and writes, and which variables may share memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from adjoint.ir.nodes import (
    Block,
    Branch,
    Const,
    Exit,
    Function,
    Let,
    Loop,
    Next,
    Operand,
    Pack,
    Role,
    SliceOf,
    Statement,
    Stop,
    Undef,
    Var,
    While,
    Yield,
)
from adjoint.ir.ops import Form
from adjoint.ir.values import Array, Scalar
from adjoint.ir.walk import head_vars

__all__ = [
    "Aliases",
    "Summary",
    "blocks",
    "leaf_values",
    "let_operands",
    "path_count",
    "statements",
    "summarise",
    "tried",
    "user_names",
    "variables",
    "written",
]

_FRESH_FORMS = (Form.OPERATOR, Form.FORMAT)
# fmt: off
_FRESH_NAMES = frozenset(
    {
        "sum", "mean", "std", "var", "prod", "dot", "vdot", "inner", "outer", "matmul",
        "tensordot", "einsum", "copy", "where", "concatenate", "stack", "zeros", "ones",
        "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like", "cumsum",
        "cumprod", "norm", "inv", "solve", "max", "min", "amax", "amin", "argmax", "argmin",
        "argsort", "sort", "repeat", "tile", "arange", "linspace", "eye", "len", "float",
        "int",
    }
)
# fmt: on


def variables(operand: Operand) -> Iterator[Var]:
    """The variables in an operand, in order of evaluation."""
    match operand:
        case Var():
            yield operand
        case Pack("dict", items, keys):
            for key, item in zip(keys, items, strict=True):
                yield from variables(key)
                yield from variables(item)
        case Pack(_, items):
            for item in items:
                yield from variables(item)
        case SliceOf(start, stop, step):
            yield from variables(start)
            yield from variables(stop)
            yield from variables(step)
        case Const() | Undef():
            pass


def path_count(let: Let) -> int:
    """How many items the container has whose item a path is, or 0 where that is not said."""
    if let.op.form is not Form.PATH:
        return 0
    for name, operand in let.kwargs:
        if name == "count" and isinstance(operand, Const):
            return int(operand.value)
    return 0


def let_operands(let: Let) -> tuple[Operand, ...]:
    """The operands that are printed."""
    if let.op.form is Form.PATH:
        return let.args
    return (*let.args, *(value for _, value in let.kwargs))


def leaf_values(block: Block) -> tuple[Operand, ...]:
    """The values that the end of a block hands on."""
    match block.leaf:
        case Yield(values) | Next(values) | Exit(_, _, values):
            return values
        case Stop():
            return ()


def blocks(statement: Statement) -> tuple[Block, ...]:
    """The blocks inside a statement, in the order in which they are printed."""
    match statement:
        case Let():
            return ()
        case Branch(_, then, other):
            return (then, other)
        case Loop(While(test), body=body):
            return (test, body)
        case Loop(body=body):
            return (body,)


def tried(branch: Branch) -> tuple[Block, Block]:
    """What a branch of style "try" tries, and what is run where that does not raise."""
    inside = branch.other.statements
    at = next(i for i, s in enumerate(inside) if isinstance(s, Let) and s.op.form is Form.ELSE)
    return Block(inside[:at]), Block(inside[at + 1 :], branch.other.leaf)


def statements(block: Block) -> Iterator[Statement]:
    """All statements of a block and of the blocks inside it, in order."""
    for statement in block.statements:
        yield statement
        for inner in blocks(statement):
            yield from statements(inner)


def written(statement: Statement) -> Iterator[Var]:
    """The variables that a statement itself defines."""
    match statement:
        case Let(target):
            if target is not None:
                yield target
        case Branch(joins=joins):
            yield from joins
        case Loop(head=head, params=params, outs=outs, code=code):
            yield from head_vars(head)
            yield from params
            yield from outs
            if code is not None:
                yield code


def user_names(function: Function) -> dict[str, None]:
    """The names the user gave: of arguments and of variables."""
    names = {param.name: None for param in (*function.params, *function.keywords)}
    for statement in statements(function.body):
        for var in written(statement):
            if var.name and var.role is Role.PRIMAL:
                names[var.name] = None
    return names


def _has_memory(var: Var) -> bool:
    match var.type:
        case Scalar():
            return False
        case Array(scalar=scalar):
            return not scalar
        case _:
            return True


class Aliases:
    """Classes of variables that may share memory; a doubt counts as yes."""

    def __init__(self, function: Function) -> None:
        self._parent: dict[Var, Var] = {}
        for statement in statements(function.body):
            match statement:
                case Let():
                    self._let(statement)
                case Branch(_, then, other, joins):
                    for arm in (then, other):
                        self._meet_all(joins, leaf_values(arm))
                case Loop():
                    self._loop(statement)

    def root(self, var: Var) -> Var:
        """The variable that stands for the class of `var`."""
        root = var
        while root in self._parent:
            root = self._parent[root]
        while var is not root:
            self._parent[var], var = root, self._parent[var]
        return root

    def _meet(self, a: Var, b: Operand) -> None:
        for var in variables(b):
            if _has_memory(a) and _has_memory(var):
                first, second = self.root(a), self.root(var)
                if first is not second:
                    self._parent[second] = first

    def _meet_all(self, targets: Iterable[Var], values: Iterable[Operand]) -> None:
        for target, value in zip(targets, values, strict=False):
            self._meet(target, value)

    def _let(self, let: Let) -> None:
        if let.target is None or _is_fresh(let):
            return
        shared = let.args[:1] if let.op.updates else let_operands(let)
        for operand in shared:
            self._meet(let.target, operand)

    def _loop(self, loop: Loop) -> None:
        self._meet_all(loop.params, loop.inits)
        self._meet_all(loop.params, loop.outs)
        for leaf in _leaves(loop.body):
            match leaf:
                case Next(values):
                    self._meet_all(loop.params, values)
                case Exit(_, _, values):
                    self._meet_all(loop.outs, values)
                case _:
                    pass


def _leaves(block: Block) -> Iterator[Yield | Next | Exit | Stop]:
    """The ends of a loop's body: of itself and of the arms in it, not of loops inside."""
    yield block.leaf
    for statement in block.statements:
        if isinstance(statement, Branch):
            yield from _leaves(statement.then)
            yield from _leaves(statement.other)


def _is_fresh(let: Let) -> bool:
    if let.op.form in _FRESH_FORMS or isinstance(let.op.function, np.ufunc):
        return not let.op.updates
    name = let.op.name or getattr(let.op.function, "__name__", "")
    return let.op.form in (Form.CALL, Form.METHOD) and name in _FRESH_NAMES


@dataclass(frozen=True, slots=True)
class Summary:
    """What running a statement does to the statements that are moved past it."""

    effect: bool
    updated: tuple[Var, ...]
    renamed: tuple[tuple[Role, str], ...]


def summarise(statement: Statement, inner: Iterable[Summary]) -> Summary:
    """The effects, updates and named definitions of a statement and of all in it."""
    effect, updated = False, list[Var]()
    names = {(var.role, var.name): None for var in written(statement) if var.name}
    for part in inner:
        effect = effect or part.effect
        updated += part.updated
        names.update(dict.fromkeys(part.renamed))
    match statement:
        case Let(op=op, args=args, target=target):
            effect = op.effect or target is None or op.form in (Form.RAISE, Form.ASSERT)
            updated += variables(args[0]) if op.updates else ()
        case Loop(inits=inits):
            for init in inits:
                updated += variables(init)
    return Summary(effect, tuple(updated), tuple(names))
