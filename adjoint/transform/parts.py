"""Questions about the statements of a sweep: what they read of arrays, and what depends on them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from adjoint.ir.builder import Builder
from adjoint.ir.lists import TOP, is_slice_of_list
from adjoint.ir.memory import shared_operands
from adjoint.ir.nodes import Block, Const, Let, Statement, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import Form, part_op
from adjoint.ir.recalls import is_recall
from adjoint.ir.values import INT, Array, TupleOf, is_differentiable, rank
from adjoint.ir.walk import all_blocks, all_reads, expand_lets, reads
from adjoint.rules import lookup

__all__ = [
    "depending_on",
    "is_arithmetic_of_numbers",
    "is_array_of_constants",
    "read_by_lets",
    "takes_part",
    "with_parts",
]


def is_arithmetic_of_numbers(let: Let) -> bool:
    """Whether a statement computes a number from numbers or lengths, and costs next to nothing."""
    if let.op.effect or let.target is None or rank(let.target.type) != 0:
        return False
    if let.op.function is len:
        return isinstance(type_of(let.args[0]), Array)
    plain = let.op.form is Form.OPERATOR or let.op.function is abs
    return plain and all(rank(type_of(a)) == 0 for a in let.args)


#: What makes an array of numbers that are told.
_MAKERS: frozenset[Callable[..., Any]] = frozenset(
    {
        np.array, np.asarray, np.eye, np.identity, np.tri, np.zeros, np.ones, np.full, np.arange,
        np.linspace,
    }
)  # fmt: skip


def is_array_of_constants(let: Let) -> bool:
    """Whether a statement makes an array of constants and of lengths, as ``np.eye(n)``."""
    if let.op.function not in _MAKERS or let.op.form is not Form.CALL or let.op.effect:
        return False
    return all(type_of(v) == INT for v in reads(let))


def read_by_lets(group: Iterable[Statement]) -> list[Var]:
    """The variables that the statements of a group read, without those in loops and branches."""
    lets = (s for s in group if isinstance(s, Let) and not is_recall(s))
    return list(dict.fromkeys(v for let in lets for v in reads(let)))


def takes_part(let: Let) -> bool:
    """Whether a statement reads a part or a view of one array."""
    if not let.args or not isinstance(let.args[0], Var) or let.op.effect or let.op.updates:
        return False
    if let.op == TOP or is_slice_of_list(let):  # of a stack, which is another by then; a new list
        return False
    if let.op.form is Form.INVOKE:  # what it is given, and that is written, it does not show
        return False
    is_shape = let.op.form is Form.ATTRIBUTE and let.op.name == "shape"
    is_index = let.op.form is Form.INDEX
    return is_shape or is_index or any(v is let.args[0] for v in shared_operands(let))


def depending_on(group: list[Statement], variables: Iterable[Var]) -> set[Statement]:
    """The statements of a group that read one of the variables, or what was computed from it."""
    marked = set(variables)
    found: set[Statement] = set()
    for statement in group:
        if any(v in marked for v in all_reads(statement)):
            found.add(statement)
            if isinstance(statement, Let) and statement.target is not None:
                marked.add(statement.target)
    return found


def with_parts(builder: Builder, block: Block) -> Block:
    """A block in which each part of a result that is a tuple has a variable.

    A tuple is no value that a derivative can be taken of; its parts are.
    """
    named = named_items(block)

    def change(let: Let) -> Sequence[Statement]:
        if let.target is None or let.op.form is not Form.CALL:
            return (let,)
        return (let, *_unnamed(builder, let, named.get(let.target, {})))

    return expand_lets(block, change)


def _unnamed(builder: Builder, let: Let, named: Container[int]) -> Iterator[Let]:
    """The statements that read the other parts of a result."""
    assert let.target is not None
    if not isinstance(let.target.type, TupleOf):
        return
    rule = lookup(let.op.function)
    names = rule.solver.parts if rule is not None and rule.solver is not None else ()
    for k, type_ in enumerate(let.target.type.items):
        if k not in named and is_differentiable(type_):
            op = part_op(names[k] if names else "")
            part = builder.var(type_, role=let.target.role)
            yield Let(part, op, (let.target, Const(k)), (), let.place)


def named_items(body: Block) -> dict[Var, dict[int, Var]]:
    """The variables that hold the items of a result which is a tuple, in the block it is in."""
    found: dict[Var, dict[int, Var]] = {}
    for block in all_blocks(body):
        here: dict[Var, dict[int, Var]] = {}
        for statement in block.statements:
            match statement:
                case Let(Var(type=TupleOf()) as target):
                    here[target] = {}
                case Let(Var() as target, op, (Var() as owner, Const(position))) if owner in here:
                    if op.form is Form.INDEX:
                        here[owner].setdefault(position, target)
        found |= here
    return found
