"""Functions that are called from what is differentiated inside a function.

What a derivative of them needs are functions of the program like any others, of values alone: a
further derivative passes through them.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence

from adjoint.errors import Place, Unsupported
from adjoint.ir.builder import Builder
from adjoint.ir.handed import handed_over
from adjoint.ir.nodes import Block, Function, Let, Var, Yield
from adjoint.ir.ops import Callee
from adjoint.ir.templates import renewed, write_anew
from adjoint.ir.walk import all_statements

__all__ = ["Functions", "of_values", "reached"]

Functions = MutableMapping[Callee, Function]
"""The functions of the program so far."""


def reached(block: Block, program: Functions) -> dict[Callee, Function]:
    """The functions that a block calls or hands to a solver, directly or not.

    A solver in a rule of the user's may be handed one that is not known here: see `solvers`.

    Raises
    ------
    Unsupported
        If one of them is not known yet: it calls itself in a derivative of itself.
    """
    found: dict[Callee, Function] = {}
    waiting = [block]
    while waiting:
        for callee, place, is_handed in _calls(waiting.pop(0)):
            if callee not in program and is_handed:
                continue
            if callee not in program:
                raise Unsupported(
                    "a function that calls itself, in a derivative of itself",
                    place,
                    "write the recursion as a loop",
                )
            if callee not in found:
                found[callee] = program[callee]
                waiting.append(found[callee].body)
    return found


def _calls(block: Block) -> Iterator[tuple[Callee, Place, bool]]:
    """The functions, with the place, and whether they are handed to a solver."""
    for let in all_statements(block):
        if isinstance(let, Let):
            yield from ((callee, let.place, True) for callee in handed_over(let))
            if isinstance(let.op.function, Callee):
                yield let.op.function, let.place, False


def of_values(
    builder: Builder, name: str, params: Sequence[Var], block: Block, place: Place
) -> Function:
    """A function with these statements, in which what was of a derivative is as any other value.

    It is all a backward sweep: what it writes into is not its own until that is seen to.
    """
    made: dict[Var, Var] = {}
    taken: set[str] = set()
    for param in params:
        own = made[param] = renewed(builder, param)
        own.name = _free(own.name, taken)
    watch, builder.watch = builder.watch, None
    with builder.block() as statements:
        values = write_anew(builder, block, dict(made))
    builder.watch = watch
    body = Block(tuple(statements), Yield(values))
    return Function(name, tuple(made.values()), (), body, place, split=0)


def _free(name: str, taken: set[str]) -> str:
    candidate, number = name, 0
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    taken.add(candidate)
    return candidate
