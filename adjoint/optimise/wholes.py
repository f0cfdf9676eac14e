"""Hands on whole lists that were taken apart."""

from __future__ import annotations

from dataclasses import replace

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Const, Function, Let, Operand, Pack, Var
from adjoint.ir.ops import GETITEM, Form
from adjoint.ir.values import TupleOf
from adjoint.ir.walk import all_statements
from adjoint.optimise.dead import remove_dead
from adjoint.optimise.edit import replace_lets

__all__ = ["hand_on_wholes"]


def hand_on_wholes(function: Function, facts: Facts) -> Function:
    """Return `function` with the list that a call returned where another gets all its items.

    Derivatives are written for the items, so this is done when there are no more to be taken. ::

        parts = np.split(m, 2)                  parts = np.split(m, 2)
        t = parts[0]
        t_1 = parts[1]                  ->
        w = np.vstack([t, t_1])                 w = np.vstack(parts)

    What is called reads the list and does not keep it. A list that is returned stays a new one.
    """
    if function.split < 0:
        return function
    taken = {
        let.target: let
        for let in all_statements(function.body)
        if isinstance(let, Let) and let.op == GETITEM and _is_list(let.args[0])
    }
    changes: dict[Let, tuple[Let, ...]] = {}
    for let in all_statements(function.body) if taken else ():
        if not isinstance(let, Let) or let.op.form is not Form.CALL:
            continue
        args = tuple(_whole(arg, taken) or arg for arg in let.args)
        if args != let.args:
            changes[let] = (replace(let, args=args),)
    return remove_dead(replace_lets(function, changes), facts) if changes else function


def _is_list(operand: Operand) -> bool:
    return isinstance(operand, Var) and isinstance(operand.type, TupleOf)


def _whole(operand: Operand, taken: dict[Var | None, Let]) -> Var | None:
    """The list of which an operand has all items in their order."""
    if not isinstance(operand, Pack) or operand.kind not in ("list", "tuple"):
        return None
    lets = [taken.get(item) if isinstance(item, Var) else None for item in operand.items]
    owner = lets[0].args[0] if lets and lets[0] is not None else None
    if not isinstance(owner, Var) or not isinstance(owner.type, TupleOf):
        return None
    is_same_kind = issubclass(owner.type.cls, list) is (operand.kind == "list")
    if not is_same_kind or len(owner.type.items) != len(lets):
        return None
    in_order = all(let is not None and _takes(let, owner, at) for at, let in enumerate(lets))
    return owner if in_order else None


def _takes(let: Let, owner: Var, position: int) -> bool:
    of, at = let.args
    return of is owner and isinstance(at, Const) and at.value == position
