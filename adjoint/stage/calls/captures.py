"""Functions that stay functions are given what they read beside their arguments.

An attribute of an argument or a global that is read in such a function becomes a parameter of it,
and of every function that calls it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from adjoint.ir.handed import handed_over, with_arguments
from adjoint.ir.nodes import Block, Function, Let, Pack, Statement, Var
from adjoint.ir.ops import Callee, Form
from adjoint.ir.walk import all_statements, called, expand_lets, map_block, substitute
from adjoint.stage.calls.functions import outside
from adjoint.stage.context import Stage

__all__ = ["close_functions"]


def close_functions(stage: Stage) -> dict[Callee, Function]:
    """Hand captured variables to all functions that are called; the functions, closed."""
    functions = _whole(stage.program)
    if not functions:
        return {}
    whole = Function("", (), (), Block(tuple(stage.builder.statements)), stage.builder.place)
    captured = _captured(functions, [whole, *functions.values()])
    names = {leaf.variable: text for text, leaf in stage.inputs.leaves.items()}
    closing = _Closing(stage, captured, names)
    statements = closing.calls(Block(tuple(stage.builder.statements)), {}).statements
    stage.builder.statements[:] = statements
    return {callee: closing.function(callee, f) for callee, f in functions.items()}


def _whole(program: Mapping[Callee, Function]) -> dict[Callee, Function]:
    """The functions without those that call what was given up."""
    found = dict(program)
    while True:
        stale = [c for c, f in found.items() if any(other not in found for other in called(f))]
        if not stale:
            return found
        for callee in stale:
            del found[callee]


def _captured(
    functions: Mapping[Callee, Function], every: Iterable[Function]
) -> dict[Callee, dict[Var, None]]:
    """What each function captures; those that one solver is handed capture the same."""
    found = {callee: outside(function) for callee, function in functions.items()}
    lets = (s for f in every for s in all_statements(f.body) if isinstance(s, Let))
    together = [handed for let in lets if len(handed := handed_over(let)) > 1]
    while True:
        before = sum(map(len, found.values()))
        for callee, function in functions.items():
            for other in called(function):
                found[callee].update(found[other])
        for handed in together:
            both = {v: None for callee in handed for v in found[callee]}
            in_order = sorted(both, key=lambda variable: variable.number)
            found.update((callee, dict.fromkeys(in_order)) for callee in handed)
        if sum(map(len, found.values())) == before:
            return found


@dataclass(frozen=True, slots=True)
class _Closing:
    stage: Stage
    captured: Mapping[Callee, Mapping[Var, None]]
    names: Mapping[Var, str]

    def function(self, callee: Callee, function: Function) -> Function:
        """The function with a parameter for each variable that it captures."""
        taken = {param.name for param in function.params}
        table: dict[Var, Var] = {}
        for variable in self.captured[callee]:
            name = _free(variable.name or self._word(variable), taken)
            table[variable] = self.stage.builder.var(variable.type, name)
        body = self.calls(function.body, table)
        return replace(function, params=(*function.params, *table.values()), body=body)

    def _word(self, variable: Var) -> str:
        """The last word of the access of an attribute or item."""
        words = re.findall(r"[A-Za-z_]\w*", self.names.get(variable, ""))
        return words[-1] if words else "given"

    def calls(self, block: Block, table: Mapping[Var, Var]) -> Block:
        """A block in which every call hands over what is captured."""

        def given(let: Let) -> tuple[Statement, ...]:
            handed = handed_over(let)
            if handed:
                return (_with_more(let, self.captured[handed[0]]),)
            if let.op.form is not Form.INVOKE:
                return (let,)
            assert isinstance(let.op.function, Callee)
            return (replace(let, args=(*let.args, *self.captured[let.op.function])),)

        block = expand_lets(block, given)
        return map_block(block, lambda operand: substitute(operand, table)) if table else block


def _with_more(let: Let, captured: Iterable[Var]) -> Let:
    """A call of a solver, which calls the function that is handed to it with more arguments."""
    args = Pack("tuple", (*with_arguments(let), *captured))
    return replace(let, kwargs=tuple((k, args if k == "args" else v) for k, v in let.kwargs))


def _free(name: str, taken: set[str]) -> str:
    candidate, number = name, 0
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    taken.add(candidate)
    return candidate
