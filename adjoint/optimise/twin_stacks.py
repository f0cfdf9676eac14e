"""One stack for a value that is kept twice."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from adjoint.ir.lengths import Facts
from adjoint.ir.memory import written
from adjoint.ir.nodes import Block, Function, Let, Operand, Var
from adjoint.ir.walk import count_uses
from adjoint.optimise.edit import replace_lets, replace_reads
from adjoint.optimise.stacks import Stack, stacks_of

__all__ = ["merge_twin_stacks"]


def merge_twin_stacks(function: Function, facts: Facts) -> Function:
    """Return `function` with what is pushed twice and popped twice pushed and popped once.

    ::

        y_stack.append(y)                y_stack.append(y)
        a_stack.append(y)                ...
        ...                      ->      y = y_stack.pop()
        y = y_stack.pop()                d_x = d_y * y
        a = a_stack.pop()
        d_x = d_y * a
    """
    if function.split < 0:
        return function
    twins = list(_twins(function))
    if not twins:
        return function
    changes: dict[Let, Sequence[Let]] = {}
    known: dict[Var, Operand] = {}
    uses = count_uses(function)
    for first, second in twins:
        if any(let in changes for stack in (first, second) for let in _lets(stack)):
            continue
        kept, dropped = (first, second) if _is_plain(second, uses) else (second, first)
        if not _is_plain(dropped, uses):
            continue
        pops = first.pops[0].let, second.pops[0].let
        assert pops[0].target is not None
        assert pops[1].target is not None
        changes.update(dict.fromkeys(_lets(dropped), ()))
        changes[pops[1]], known[pops[1].target] = (), pops[0].target
        if kept is second:
            changes[pops[0]] = (replace(pops[0], args=pops[1].args),)
    return replace_reads(replace_lets(function, changes), known)


def _twins(function: Function) -> Iterator[tuple[Stack, Stack]]:
    """Pairs of stacks that hold the same at all times; what is popped first is of the first."""
    groups: dict[tuple[Var, Block, Block, Block], list[Stack]] = {}
    for stack in stacks_of(function):
        if len(stack.pushes) == len(stack.pops) == 1:
            push, pop = stack.pushes[0], stack.pops[0]
            value = push.let.args[1]
            if isinstance(value, Var):
                key = (value, push.block, pop.block, stack.made.block)
                groups.setdefault(key, []).append(stack)
    twins = {key: group for key, group in groups.items() if len(group) > 1}
    unstable = written(function) if twins else frozenset()
    for (value, *_), group in twins.items():
        if value in unstable:
            continue
        yield from itertools.pairwise(sorted(group, key=lambda stack: stack.pops[0].position))


def _lets(stack: Stack) -> tuple[Let, ...]:
    return stack.made.let, stack.pushes[0].let, stack.pops[0].let


def _is_plain(stack: Stack, uses: Mapping[Var, int]) -> bool:
    """Whether nothing else is done with a stack: a loop may run until it is empty."""
    made = stack.made.let.target
    return made is not None and uses.get(made) == 2
