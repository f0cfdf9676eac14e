"""Items of a list beside None: the position in the list tells, and is -1 where there is none.

::

    head = None                                  head = -1
    for v in x:                                  for v in x:
        head = Node(v, head)             ->          node_value.append(v); node_next.append(head)
                                                     head = len(node_value) - 1
    while head is not None: ...                  while head != -1: ...

That is one of several things told apart by a number (see `alternatives`), which has one of its
numbers for None, and any other stands for the item that is there.
"""

from __future__ import annotations

from typing import Any, TypeGuard

from adjoint.ir.nodes import Const, Operand, Var
from adjoint.stage.lists.positions import is_from_begin
from adjoint.stage.lists.put_in import at_place
from adjoint.stage.objects.sameness import is_numbered, numbers_of
from adjoint.stage.values import NONE, DictValue, ObjectValue, OneOf, Static, Value, View

__all__ = ["NOWHERE", "is_optional", "item_beside_none", "optional_item", "position_of"]

#: The position that stands for None.
NOWHERE = -1
_THERE = 0


def optional_item(item: Value, position: Var) -> OneOf:
    """The item of a list at a position, or None where that is none."""
    return OneOf(position, {NOWHERE: NONE, _THERE: item})


def is_optional(value: Any) -> TypeGuard[OneOf]:
    """Whether a value is an item of a list, or None, as its position tells."""
    return isinstance(value, OneOf) and value.items.get(NOWHERE) is NONE


def item_beside_none(value: Any) -> Any:
    """The item that a value is where it is not None; None if it is no item of a list.

    Its position is surely counted from the begin.
    """
    value = at_place(value)
    if is_optional(value):
        value = value.items[_THERE]
    if not isinstance(value, DictValue | ObjectValue) or value.place is None:
        return None
    view: View = value.place.view
    is_one = is_numbered(view) and len(numbers_of(view.path)) == len(view.path) == 1
    return value if is_one and is_from_begin(view.base, 0, view.path[0]) else None


def position_of(value: Any) -> Var | Static:
    """The position of an item, or of None."""
    if is_optional(value):
        return value.number
    item = item_beside_none(value)
    if item is None:
        return Static(NOWHERE)
    index: Operand = item.place.index
    assert isinstance(index, Var | Const), "a position is a number"
    return Static(index.value) if isinstance(index, Const) else index
