"""Values of the forward sweep that the backward sweep keeps, or computes again.

Which is better is not known where a value is read: that depends on what is kept anyway. A recall
stands for both: its first operand is the value as it was kept, the others are what it can be
computed from again. These are read *weakly*: nothing is kept for their sake. `settled` decides.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint.ir.nodes import Block, Const, Let, Operand, Statement, Var
from adjoint.ir.ops import Form, Op
from adjoint.ir.values import Array
from adjoint.ir.walk import (
    all_blocks,
    all_statements,
    leaf_operands,
    operand_vars,
    reads,
)

__all__ = ["LONGEST", "Recipe", "is_recall", "recall", "recipe_of", "strong_reads", "weakly_read"]

#: What costs no more than to write an array and to read it again: about the time of that each.
_CHEAP: frozenset[Callable[..., Any]] = frozenset(
    {
        operator.add, operator.sub, operator.mul, operator.neg, operator.pos, operator.abs,
        operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge,
        operator.and_, operator.or_, operator.invert, np.add, np.subtract, np.multiply,
        np.negative, np.square, np.abs, np.maximum, np.minimum, np.where,
        np.logical_and, np.logical_or, np.logical_not,
    }
)  # fmt: skip
#: To keep an array of 200 x 200 takes as long as 6 sums of two, and the memory besides.
LONGEST = 8


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """How a value of the forward sweep is computed: by statements, from some variables."""

    of: Var
    statements: tuple[Let, ...]
    sources: tuple[Var, ...]

    def __call__(self, *_: Any) -> Any:
        raise AssertionError("a recall is settled before anything is emitted")


def recipe_of(
    variable: Var, definitions: Mapping[Var, Let], *, depth: int = LONGEST
) -> Recipe | None:
    """How an array is computed by elementwise arithmetic, or None if it is not, or at some cost.

    It is computed from numbers, and from what is not computed so itself. With a depth of 1 it is
    computed by one statement, from whatever this reads.
    """
    statements: dict[Let, None] = {}
    sources: dict[Var, None] = {}
    waiting: list[tuple[Var, bool]] = [(variable, False)]
    while waiting:
        each, is_done = waiting.pop()
        let = definitions.get(each)
        if let is None or not _is_cheap(let) or (depth == 1 and each is not variable):
            sources[each] = None
        elif is_done:
            statements[let] = None
        elif let not in statements:
            waiting.append((each, True))
            waiting.extend((v, False) for v in reads(let))
        if len(statements) > depth:
            return None
    return Recipe(variable, tuple(statements), tuple(sources)) if statements else None


def _is_cheap(let: Let) -> bool:
    type_ = let.target.type if let.target is not None else None
    if not isinstance(type_, Array) or not type_.shape or let.kwargs or let.op.effect:
        return False
    if let.op.form not in (Form.OPERATOR, Form.CALL):
        return False
    return let.op.function in _CHEAP or _is_square(let)


def _is_square(let: Let) -> bool:
    exponent = let.args[1] if let.op.function is operator.pow else None
    return isinstance(exponent, Const) and type(exponent.value) is int and exponent.value == 2


def recall(recipe: Recipe) -> Op:
    """The operation that is given a value, and what it is computed from."""
    return Op(recipe, Form.CALL, "recall", proven=True)


def is_recall(statement: Statement) -> bool:
    """Whether a statement stands for a value that is kept or computed again."""
    return isinstance(statement, Let) and isinstance(statement.op.function, Recipe)


# -- weak reads ------------------------------------------------------------------------------------


def weakly_read(statements: Iterable[Statement]) -> dict[Let, frozenset[Var]]:
    """Return the recalls, and what is computed for them alone, with the values they are for."""
    statements = tuple(statements)
    everything = list(all_statements(Block(statements)))
    if not any(map(is_recall, everything)):
        return {}
    strong: set[Var] = set()
    values: dict[Var, set[Var]] = {}
    found: dict[Let, frozenset[Var]] = {}
    blocks = all_blocks(Block(statements))
    strong.update(v for b in blocks for o in leaf_operands(b.leaf) for v in operand_vars(o))
    for statement in reversed(everything):
        weak: Iterable[Operand] = ()
        if is_recall(statement):
            assert isinstance(statement, Let)
            assert isinstance(statement.op.function, Recipe)
            found[statement] = frozenset({statement.op.function.of})
            strong.update(operand_vars(statement.args[0]))
            weak = statement.args[1:]
        elif isinstance(statement, Let) and _is_for_recalls(statement, strong, values):
            assert statement.target is not None
            found[statement] = frozenset(values[statement.target])
            weak = (*statement.args, *(value for _, value in statement.kwargs))
        else:
            strong.update(reads(statement))
            continue
        for variable in (v for operand in weak for v in operand_vars(operand)):
            values.setdefault(variable, set()).update(found[statement])
    return found


def _is_for_recalls(let: Let, strong: Container[Var], values: Mapping[Var, object]) -> bool:
    is_pure = not let.op.effect and not let.op.updates and let.target is not None
    return is_pure and let.target in values and let.target not in strong


def strong_reads(block: Block) -> Iterator[Var]:
    """Return the variables that a block reads other than weakly, in order."""
    weak = weakly_read(block.statements)
    for inner in all_blocks(block):
        for statement in inner.statements:
            if is_recall(statement):
                assert isinstance(statement, Let)
                yield from operand_vars(statement.args[0])
            elif not isinstance(statement, Let) or statement not in weak:
                yield from reads(statement)
        for operand in leaf_operands(inner.leaf):
            yield from operand_vars(operand)
