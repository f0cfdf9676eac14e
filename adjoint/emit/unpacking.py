"""Which statements print as one that unpacks: ``u, s, vh = np.linalg.svd(a)``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adjoint.emit.operands import path_count
from adjoint.emit.uses import Uses
from adjoint.ir.nodes import Const, Function, Let, Operand, Statement
from adjoint.ir.ops import GETITEM, Form
from adjoint.ir.values import TupleOf
from adjoint.ir.walk import all_statements, expand_lets

__all__ = ["gathered", "is_number", "parts_after", "unpacking"]


def is_number(operand: Operand, value: int) -> bool:
    """Whether an operand is this number."""
    return isinstance(operand, Const) and operand.value == value


def parts_after(printed: Sequence[Statement], position: int, uses: Uses) -> Sequence[Let]:
    """The statements that take the result of the one at `position` apart, if all do that."""
    whole = printed[position]
    if not isinstance(whole, Let) or whole.target is None:
        return ()
    if not isinstance(whole.target.type, TupleOf):
        return ()
    parts: list[Let] = []
    for let in printed[position + 1 :]:
        takes_part = isinstance(let, Let) and (let.op == GETITEM or let.op.form is Form.PART)
        if not isinstance(let, Let) or not takes_part or let.args[0] is not whole.target:
            break
        parts.append(let)
    alone = len(parts) == uses.of(whole.target)
    several = len(parts) > 1 or (bool(parts) and parts[0].op.form is Form.PART)
    all_named = len(parts) == len(whole.target.type.items) or uses.underscore_is_free
    return parts if alone and several and all_named and _rising(parts) else ()


def _rising(parts: Sequence[Let]) -> bool:
    """Whether items are taken each once, in their order."""
    places = [let.args[1].value for let in parts if isinstance(let.args[1], Const)]
    return len(places) == len(parts) and places == sorted(set(places)) and places[0] >= 0


def gathered(function: Function) -> Function:
    """The function with the parts of what its own functions return right behind the call, in order.

    ::

        whole = f_vjp(x, n)
        y = x + 1                     t, f_back = f_vjp(x, n)
        f_back = whole[1]       ->    y = x + 1
        t = whole[0]
    """
    parts: dict[Operand | None, list[Let]] = {}
    for statement in all_statements(function.body):
        if isinstance(statement, Let) and statement.op.form is Form.PART:
            parts.setdefault(statement.args[0], []).append(statement)
    if not parts:
        return function

    def change(let: Let) -> Sequence[Statement]:
        if let.op.form is Form.PART:
            return ()
        return (let, *sorted(parts.get(let.target, ()), key=_position))

    front = replace(function.body, statements=function.body.statements[: max(function.split, 0)])
    split = len(expand_lets(front, change).statements) if function.split >= 0 else -1
    return replace(function, body=expand_lets(function.body, change), split=split)


def _position(part: Let) -> int:
    position = part.args[1]
    assert isinstance(position, Const), "which part it is, is known"
    return int(position.value)


def unpacking(printed: Sequence[Statement], position: int) -> Sequence[Let]:
    """The statements from `position` on that together take a container apart."""
    first = printed[position]
    if not isinstance(first, Let) or path_count(first) < 2:
        return ()
    run: list[Let] = []
    for number, let in enumerate(printed[position : position + path_count(first)]):
        if not isinstance(let, Let) or path_count(let) != path_count(first):
            return ()
        if let.args[0] is not first.args[0] or not is_number(let.args[1], number):
            return ()
        run.append(let)
    return run if len(run) == path_count(first) else ()
