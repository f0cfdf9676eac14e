"""Registers of objects as a function that calls itself is handed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adjoint.ir.nodes import Var
from adjoint.stage.lists.handed_registers import hand_registers, registers_here
from adjoint.stage.lists.optional_items import is_optional, optional_item, position_of
from adjoint.stage.lists.placed import placed_at
from adjoint.stage.lists.registers import register_of
from adjoint.stage.values import Records, RunTimeList, Value

if TYPE_CHECKING:
    from adjoint.stage.calls.signatures import Signature

__all__ = ["enter_registers", "registered"]


def enter_registers(signature: Signature) -> None:
    """Hand over the registers: objects in them are handed over by their numbers."""
    if signature.is_of_solver:
        signature.refuse(f"objects that are made in loops are handed to {signature.name}")
    for register, value in registers_here(signature.stage).items():
        signature.key.append(value.layout if isinstance(value, Records) else None)
        lists = value.lists if isinstance(value, Records) else (value,)
        made = tuple(_register_list(signature, each) for each in lists)
        signature.registers[register] = (
            Records(value.layout, made) if isinstance(value, Records) else made[0]
        )


def _register_list(signature: Signature, theirs: Any) -> RunTimeList:
    """A list of a register: its items may be changed."""
    made = signature.run_time_list(theirs.slots["held"].name or "objects", theirs)
    assert isinstance(made, RunTimeList), "it is a list here too"
    made.written, made.register = True, theirs.register
    made.of_objects = theirs.of_objects
    return made


def registered(signature: Signature, name: str, value: Value) -> Value:
    """An object of a register, or None, by its number."""
    hand_registers(signature.stage, signature.identity)
    register, may_be_none = register_of(value), is_optional(value)
    signature.key.append((register, may_be_none))
    operand = signature.stage.operand(position_of(value), signature.caller, signature.node)
    position = signature.stage.operand(
        signature.leaf(name, operand), signature.caller, signature.node
    )
    own = signature.registers[register]
    assert isinstance(own, Records), "objects are in it"
    item = placed_at(signature.stage, signature.caller, signature.node, own, position)
    if not may_be_none:
        return item
    assert isinstance(position, Var), "it is handed over"
    return optional_item(item, position)
