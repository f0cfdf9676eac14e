"""The decisions about registers: which classes have one, and which functions are handed them."""

from __future__ import annotations

from adjoint.stage.context import Key, Restart, Stage
from adjoint.stage.values import Records, RunTimeList

__all__ = [
    "HANDED",
    "NOT_REGISTERED",
    "REGISTERED",
    "are_handed",
    "hand_registers",
    "registers_here",
]

#: The kind of decision that the objects of a class are in a register.
REGISTERED = "registered"
#: The decision that there are no registers: something could not be done with one.
NOT_REGISTERED = ("not registered",)
#: The decision that a function that stays one is handed the registers.
HANDED = "registers handed"


def are_handed(stage: Stage, function: Key) -> bool:
    """Whether a function that stays one is handed the registers."""
    return (HANDED, function) in stage.decisions


def hand_registers(stage: Stage, function: Key) -> None:
    """Start again with a function being handed the registers, if it is not."""
    if not are_handed(stage, function):
        raise Restart((HANDED, function))


def registers_here(stage: Stage) -> dict[Key, RunTimeList | Records]:
    """The registers, in the function that is being staged."""
    if stage.without_registers is not None:
        hand_registers(stage, stage.without_registers)
    return stage.registers
