"""Which variables surely hold Python numbers, and not NumPy scalars of the same value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adjoint.ir.nodes import Block, Branch, Const, Let, Loop, Operand, Statement, Undef, Var, Yield
from adjoint.ir.ops import Form
from adjoint.ir.values import Maybe, Scalar
from adjoint.ir.walk import all_statements, loop_leaves

__all__ = ["plain_numbers"]

_PLAIN_RESULTS = (float, complex, int, len)


def plain_numbers(
    inputs: Iterable[Var], statements: Iterable[Statement], stacks: Mapping[Var, Var]
) -> frozenset[Var]:
    """The variables that hold Python numbers.

    Parameters
    ----------
    inputs
        Variables that do so because the guard looks at their type.
    stacks
        For each stack, the variable that is pushed on it.
    """
    every = list(all_statements(Block(tuple(statements))))
    sources = {v: s for v, s in _sources(every, stacks) if _is_scalar(v)}
    plain = {*inputs, *sources}
    while True:
        wrong = [
            v for v, operands in sources.items() if v in plain and not _all_plain(operands, plain)
        ]
        if not wrong:
            return frozenset(plain)
        plain.difference_update(wrong)


def _is_scalar(variable: Var) -> bool:
    type_ = variable.type.value if isinstance(variable.type, Maybe) else variable.type
    return isinstance(type_, Scalar)


def _all_plain(operands: Iterable[Operand | None], plain: set[Var]) -> bool:
    return all(_is_plain(o, plain) for o in operands)


def _is_plain(operand: Operand | None, plain: set[Var]) -> bool:
    match operand:
        case Const(value):
            return value is None or type(value) in (bool, int, float, complex)
        case Undef():
            return True
        case Var():
            return operand in plain
        case _:
            return False


def _sources(
    statements: Iterable[Statement], stacks: Mapping[Var, Var]
) -> Iterable[tuple[Var, list[Operand | None]]]:
    for statement in statements:
        match statement:
            case Let(target) if target is not None:
                yield target, _of_let(statement, stacks)
            case Branch(joins=joins):
                leaves = [
                    b.leaf.values
                    for b in (statement.then, statement.other)
                    if isinstance(b.leaf, Yield)
                ]
                for position, join in enumerate(joins):
                    yield join, [values[position] for values in leaves]
            case Loop():
                yield from _of_loop(statement)


def _of_let(let: Let, stacks: Mapping[Var, Var]) -> list[Operand | None]:
    function = let.op.function
    if function in _PLAIN_RESULTS or getattr(function, "__module__", "") in ("math", "cmath"):
        return []
    if let.op.form is Form.OPERATOR or let.op.form is Form.ALIAS or function is abs:
        return list(let.args)
    if let.op.form is Form.METHOD and let.op.name == "pop" and let.args[0] in stacks:
        assert isinstance(let.args[0], Var)
        return [stacks[let.args[0]]]
    return [None]


def _of_loop(loop: Loop) -> Iterable[tuple[Var, list[Operand | None]]]:
    ends = [leaf.values for leaf in loop_leaves(loop.body)]
    for position, (param, init, out) in enumerate(
        zip(loop.params, loop.inits, loop.outs, strict=True)
    ):
        values: list[Operand | None] = [init, *(end[position] for end in ends)]
        yield param, values
        yield out, values
