"""What is given to a function for its derivative alone, and is not printed, goes in the end."""

from __future__ import annotations

import inspect
from collections import Counter
from dataclasses import replace

from adjoint.analyses.hidden import hidden_arguments
from adjoint.ir.nodes import Const, Function, Let, Operand, Statement, Var
from adjoint.ir.ops import ALIAS
from adjoint.ir.walk import all_statements, count_uses, expand_lets, operand_vars
from adjoint.rules import lookup

__all__ = ["drop_hidden"]


def drop_hidden(function: Function) -> Function:
    """Return `function` without operands that are not printed, and what was computed for them.

    ::

        rows = np.repeat(np.arange(m), np.diff(indptr))
        y = product(a, x, data, rows, indices)              ->      y = product(a, x)

    What is dropped was not computed by the user's function, so it may go even where it may raise.
    """
    hidden = {let: found for let in _calls(function) if (found := hidden_arguments(let))}
    if not hidden:
        return function
    uses = Counter(count_uses(function))
    lost: list[Var] = []
    for operands in hidden.values():
        for operand in operands.values():
            lost.extend(operand_vars(operand))
    gone = _unused(function, uses, lost)

    def change(let: Let) -> tuple[Statement, ...]:
        if let in gone:
            return ()
        return (_without(let, hidden[let]),) if let in hidden else (let,)

    body = expand_lets(function.body, change)
    front = function.body.statements[: max(function.split, 0)]
    return replace(function, body=body, split=function.split - sum(s in gone for s in front))


def _calls(function: Function) -> list[Let]:
    return [s for s in all_statements(function.body) if isinstance(s, Let)]


def _without(let: Let, hidden: dict[str, Operand]) -> Let:
    signature = inspect.signature(let.op.function)
    given = signature.bind(*let.args, **dict(let.kwargs))
    text = rule.written.text if (rule := lookup(let.op.function)) and rule.written else ""
    if text in given.arguments:  # what is printed as one of its operands is that
        return replace(let, op=ALIAS, args=(given.arguments[text],), kwargs=())
    given.arguments.pop("options", None)
    for name in given.arguments:
        if name in hidden:
            given.arguments[name] = Const(None)
    return replace(let, args=given.args, kwargs=tuple(given.kwargs.items()))


def _unused(function: Function, uses: Counter[Var], lost: list[Var]) -> set[Let]:
    """The statements whose results were only for what lost its readers, which it then loses too."""
    defined = {let.target: let for let in _calls(function) if let.target is not None}
    gone: set[Let] = set()
    while lost:
        variable = lost.pop()
        uses[variable] -= 1
        let = defined.get(variable)
        if uses[variable] > 0 or let is None or let in gone or let.op.effect or let.op.updates:
            continue
        gone.add(let)
        for operand in (*let.args, *(value for _, value in let.kwargs)):
            lost.extend(operand_vars(operand))
    return gone
