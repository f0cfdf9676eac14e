"""Which statements print as one that unpacks: ``u, s, vh = np.linalg.svd(a)``."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.emit.operands import path_count
from adjoint.emit.uses import Uses
from adjoint.ir.nodes import Const, Let, Operand, Statement
from adjoint.ir.ops import GETITEM
from adjoint.ir.values import TupleOf

__all__ = ["is_number", "parts_after", "unpacking"]


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
        if not isinstance(let, Let) or let.op != GETITEM or let.args[0] is not whole.target:
            break
        parts.append(let)
    alone = len(parts) == uses.of(whole.target)
    return parts if alone and len(parts) > 1 and _rising(parts) else ()


def _rising(parts: Sequence[Let]) -> bool:
    """Whether items are taken each once, in their order."""
    places = [let.args[1].value for let in parts if isinstance(let.args[1], Const)]
    return len(places) == len(parts) and places == sorted(set(places)) and places[0] >= 0


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
