"""What was pushed of that which is popped from the stacks of a sweep.

Such a function is the derivative of another; the trips of its second loop pop what those of the
first pushed::

    for i in range(n):                   for _ in range(n):
        t_stack.append(t)                    t_1 = t_stack.pop()         t_1 was t
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adjoint.ir.alike import likeness
from adjoint.ir.lists import DROP, PUSHED, TOP
from adjoint.ir.nodes import Block, Define, For, Let, Loop, Operand, Role, Var, While
from adjoint.ir.walk import all_blocks, all_statements, loop_leaves

__all__ = ["Popped", "popped_in"]


@dataclass(frozen=True, slots=True, eq=False)
class Popped:
    """A value that is popped, with the statement that pushed it; each is the only one of a stack.

    `here` and `there` are the blocks of both: what was popped in one was pushed in the other, in
    the same trip as all else of these blocks. `numbers` are those of the trips of their loops, one
    of which is the other backwards.
    """

    push: Let
    here: Block
    there: Block
    numbers: tuple[Var, Var] | None


def popped_in(body: Block) -> Mapping[Var, Popped]:
    """Return the values that are popped, each from a stack that is pushed at one place."""
    pushes: dict[Var, list[tuple[Let, Block]]] = defaultdict(list)
    tops: dict[Var, list[tuple[Let, Block]]] = defaultdict(list)
    inside = [
        (s, block) for block in all_blocks(body) for s in block.statements if isinstance(s, Let)
    ]
    if not any(let.op == PUSHED for let, _ in inside):
        return {}
    stack_of = _stacks(body)
    for let, block in inside:
        owner = let.args[0] if let.args else None
        if isinstance(owner, Var) and owner in stack_of and let.op in (PUSHED, TOP):
            (pushes if let.op == PUSHED else tops)[stack_of[owner]].append((let, block))
    heads = {s.body: s.head for s in all_statements(body) if isinstance(s, Loop)}
    made: dict[Var, Popped] = {}
    for stack, found in tops.items():
        if len(found) == len(pushes[stack]) == 1:
            ((top, here),), ((push, there),) = found, pushes[stack]
            assert top.target is not None
            numbers = _same_numbers(heads.get(here), heads.get(there))
            made[top.target] = Popped(push, here, there, numbers)
    return made


def _same_numbers(
    here: For | While | Define | None, there: For | While | Define | None
) -> tuple[Var, Var] | None:
    """The numbers of the trips of two loops, of which one runs backwards through the other's."""
    if not isinstance(here, For) or not isinstance(there, For) or here.reverse is there.reverse:
        return None
    ends = [tuple(map(likeness, (head.start, head.stop, head.step))) for head in (here, there)]
    return (here.index, there.index) if ends[0] == ends[1] else None


def _stacks(body: Block) -> dict[Var, Var]:
    """Of each variable that holds a stack, one that stands for all that hold the same."""
    first: dict[Var, Var] = {}

    def root(variable: Var) -> Var:
        while first.setdefault(variable, variable) is not variable:
            variable = first[variable]
        return variable

    for one, other in _handed_on(body):
        first[root(one)] = root(other)
    return {variable: root(variable) for variable in tuple(first)}


def _handed_on(body: Block) -> Iterator[tuple[Var, Var]]:
    """Pairs of variables that hold the same stack, one after the other."""
    for statement in all_statements(body):
        if isinstance(statement, Let) and statement.op in (PUSHED, DROP):
            yield from _stack_pair(statement.target, statement.args[0])
        elif isinstance(statement, Loop):
            for position, param in enumerate(statement.params):
                yield from _stack_pair(param, statement.inits[position])
                yield from _stack_pair(param, statement.outs[position])
                for leaf in loop_leaves(statement.body):
                    yield from _stack_pair(param, leaf.values[position])


def _stack_pair(one: Operand | None, other: Operand) -> Iterator[tuple[Var, Var]]:
    if isinstance(one, Var) and isinstance(other, Var) and Role.STACK in (one.role, other.role):
        yield one, other
