"""Which variables hold a number of Python, and not one of NumPy.

The adjoint of a Python float is a Python float by its type, but in a loop it may start as 0.0 and
have a scalar of NumPy added to it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from adjoint.ir.nodes import Branch, Const, Function, Let, Loop, Next, Operand, Statement, Var
from adjoint.ir.ops import BINARY, COMPARE, INPLACE, Form
from adjoint.ir.remembered import remembered
from adjoint.ir.values import Scalar
from adjoint.ir.walk import all_statements, blocks, leaf_operands, loop_leaves, writes

__all__ = ["python_numbers"]

_OPERATORS: frozenset[Callable[..., Any]] = frozenset(
    {*BINARY.values(), *INPLACE.values(), *COMPARE.values(), operator.neg, operator.pos}
)
_NUMBERS = (bool, int, float, complex)


@remembered
def python_numbers(function: Function) -> frozenset[Var]:
    """Return the variables that surely hold a Python number at run time.

    All of that type are taken to, until one is found that is not, and those that get its value.
    """
    readers: dict[Var, list[Var]] = {}
    held: set[Var] = set(function.params) | set(function.keywords)
    wrong: list[Var] = []
    for statement in all_statements(function.body):
        held.update(v for v in writes(statement) if isinstance(v.type, Scalar))
        for variable, sources in _sources(statement):
            if sources is None or not all(map(_may_be_python, sources)):
                wrong.append(variable)
            for source in sources or ():
                if isinstance(source, Var):
                    readers.setdefault(source, []).append(variable)
    while wrong:
        variable = wrong.pop()
        if variable in held:
            held.remove(variable)
            wrong.extend(readers.get(variable, ()))
    return frozenset(v for v in held if isinstance(v.type, Scalar))


def _may_be_python(operand: Operand) -> bool:
    if isinstance(operand, Const):
        return type(operand.value) in _NUMBERS
    return isinstance(operand, Var) and isinstance(operand.type, Scalar)


def _sources(statement: Statement) -> Iterator[tuple[Var, Sequence[Operand] | None]]:
    """The operands that decide what kind of number a variable holds; None if it is of NumPy."""
    match statement:
        case Let(target):
            if target is not None:
                yield target, _of_let(statement)
        case Branch(joins=joins):
            for arm in blocks(statement):
                values = leaf_operands(arm.leaf)
                yield from ((j, (value,)) for j, value in zip(joins, values, strict=False))
        case Loop(params=params, inits=inits, outs=outs):
            for param, init, out in zip(params, inits, outs, strict=True):
                yield param, (init,)
                yield out, (param,)
            for leaf in loop_leaves(statement.body):
                ends = params if isinstance(leaf, Next) else outs
                yield from ((v, (value,)) for v, value in zip(ends, leaf.values, strict=True))


def _of_let(let: Let) -> Sequence[Operand] | None:
    assert let.target is not None
    if not let.target.role.derived or getattr(let.op.function, "__module__", "") == "math":
        return ()  # the types of the primal come from its values
    if let.op.function in (float, int, len):
        return ()
    if let.op.form is Form.ALIAS or let.op.function in _OPERATORS:
        return let.args
    return None
