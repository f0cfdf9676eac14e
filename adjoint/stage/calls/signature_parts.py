"""Parts of an array that a function is handed, other parts of which it is handed too.

What it writes into one of them is seen in the others, so the array itself is handed over, once, and
the parts are taken inside::

    smooth(a[1:], a[:-1], x)        ->      smooth(a, x), which writes a[1:][0] = a[:-1][1]
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adjoint.ir.nodes import Operand, Pack, SliceOf, Var
from adjoint.stage.context import Restart
from adjoint.stage.values import Buffer, View

if TYPE_CHECKING:
    from adjoint.stage.calls.signatures import Signature

__all__ = ["WHOLE", "part_of"]

#: The decision that a part of an array is handed over as the whole, and the way to the part.
WHOLE = "whole"


def part_of(signature: Signature, name: str, value: View) -> View:
    """A part of an array that is handed over as a whole, since other parts of it are too."""
    assert isinstance(value.base, Buffer), "a part of an array"
    whole = signature.array(f"{name}_whole", value.base)
    if not isinstance(whole, Buffer):
        assert isinstance(whole, Var), "an array"
        raise Restart(signature.stage.sites[whole])
    own = signature.types.own
    path = tuple(
        replace(
            step,
            operands=tuple(_index(signature, name, operand) for operand in step.operands),
            type=None if step.type is None else own(step.type),
            order=(),
        )
        for step in value.path
    )
    return View(whole, path, own(value.type))


def _index(signature: Signature, name: str, operand: Operand) -> Operand:
    """An index, with parameters in the place of its numbers."""
    match operand:
        case Var():
            signature.key.append("number")
            found = signature.leaf(name, operand)
            return signature.stage.operand(found, signature.caller, signature.node)
        case Pack(kind, items):
            signature.key.append((kind, len(items)))
            return replace(operand, items=tuple(_index(signature, name, i) for i in items))
        case SliceOf(start, stop, step):
            signature.key.append("slice")
            return SliceOf(*(_index(signature, name, part) for part in (start, stop, step)))
        case _:
            signature.key.append(repr(operand))
            return operand
