"""How many derivatives a root has that a function finds: as many as are taken of it anywhere."""

from __future__ import annotations

from adjoint.ir.nodes import Let
from adjoint.ir.ops import Callee
from adjoint.ir.walk import all_statements, called
from adjoint.rules import lookup
from adjoint.stage.context import Stage

__all__ = ["deepest", "finds_roots"]


def deepest(stage: Stage) -> int:
    """How many derivatives, one in the other, are taken of what is staged now, here or elsewhere.

    A function that is staged once may be called in a derivative later.
    """
    decided: list[int] = [key[1] for key in stage.decisions if key[0] == "depth"]
    return max([stage.depth, *decided])


def finds_roots(stage: Stage, callee: Callee) -> bool:
    """Whether a function calls what finds a root, of which it has so many derivatives only."""
    waiting, seen = [callee], set[Callee]()
    while waiting:
        callee = waiting.pop()
        function = stage.program.get(callee)
        if function is None or callee in seen:
            continue
        seen.add(callee)
        rules = [lookup(s.op.function) for s in all_statements(function.body) if isinstance(s, Let)]
        if any(rule and rule.solver and rule.solver.root for rule in rules):
            return True
        waiting += called(function)
    return False
