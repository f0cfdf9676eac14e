"""Operations that write into an array or a list, as functions from the old one to the new one.

The new version takes over the storage of the old one, and both must end in one name. An update of a
place has the array, the indices that lead to the place one after the other, and the value::

    a[1:-1][k] += e        a_1 = update_place("+")(a, 1:-1, k, e)

The first of the indices into a list leads to an item; what is put there is held by the list.
An edit of a list that is in another has the way to it before all else::

    rows[i].append(e)      rows_1 = APPEND(rows, way(i), e)

Two items of a list that change places are one edit, which is its own inverse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from adjoint.ir.lengths import ONE, Length
from adjoint.ir.lists import PUSHED
from adjoint.ir.nodes import Let, Operand, Pack, Var
from adjoint.ir.operands import type_of
from adjoint.ir.ops import BINARY, INPLACE, Form, Op, call, operation
from adjoint.ir.values import Array, Growing, Scalar, Type, is_array_of_one, shape_of

__all__ = [
    "APPEND",
    "DISCARD",
    "EXCHANGE",
    "INSERT",
    "POP_ITEM",
    "SET_DEFAULT",
    "UFUNCS",
    "as_new_array",
    "as_operator",
    "edit_of",
    "is_exchange",
    "is_stored",
    "list_depth",
    "path_of",
    "path_of_edit",
    "update_at",
    "update_place",
    "update_whole",
    "way_of_edit",
    "written_value",
]

#: The ufunc whose `at` adds, subtracts, … one element after the other.
UFUNCS: dict[str, np.ufunc] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}


def _place_updater(symbol: str) -> Callable[..., Any]:
    def updated(old: Any, *path_and_value: Any) -> Any:
        *path, last, value = path_and_value
        new = old.copy()
        place = new
        for index in path:
            place = place[index]
        place[last] = BINARY[symbol](place[last], value) if symbol else value
        return new

    return updated


@cache
def update_place(symbol: str = "") -> Op:
    """``old[index] op= value``; a plain assignment where there is no symbol."""
    return Op(_place_updater(symbol), Form.UPDATE_INDEX, symbol)


@cache
def update_whole(symbol: str) -> Op:
    """``old op= value`` of a whole array."""
    return Op(INPLACE[symbol], Form.UPDATE, symbol)


def _at_updater(symbol: str) -> Callable[..., Any]:
    def updated(old: Any, index: Any, value: Any) -> Any:
        new = old.copy()
        UFUNCS[symbol].at(new, index, value)
        return new

    return updated


@cache
def update_at(symbol: str) -> Op:
    """``np.add.at(old, index, value)``: an element that is selected twice is added to twice."""
    return Op(_at_updater(symbol), Form.UPDATE_AT, symbol)


def as_operator(let: Let, *, known: bool = False) -> Let | None:
    """``x = x op e`` for ``x op= e``, if that has the same dtype and raises no less; else None.

    `known` says that it does.
    """
    made = replace(let, op=replace(operation(BINARY[let.op.name]), stopped=let.op.stopped))
    return made if known or _keeps_type(let) else None


def as_new_array(let: Let, number: int) -> tuple[Let, Let] | None:
    """``x = np.array(x op e)`` for ``x op= e`` of an array without axes, as the sum is a number.

    That is a variable with this number.
    """
    old = type_of(let.args[0])
    if not isinstance(old, Array) or not is_array_of_one(old) or not _keeps_dtype(let):
        return None
    made = Var(number, "", replace(old, scalar=True))
    computed = replace(let, target=made, op=operation(BINARY[let.op.name]))
    return computed, replace(let, op=call(np.array), args=(made,))


def _keeps_type(let: Let) -> bool:
    return _keeps_dtype(let) and not is_array_of_one(type_of(let.args[0]))


def _keeps_dtype(let: Let) -> bool:
    old, value = (type_of(a) for a in let.args)
    if not _fits_as_it_lies(shape_of(value), shape_of(old)):
        return False
    if not isinstance(old, Array | Scalar) or not isinstance(value, Array | Scalar):
        return False
    if isinstance(old, Scalar):
        return True
    return bool(np.result_type(*map(_specimen, (old, value))) == old.dtype)


def _fits_as_it_lies(value: tuple[Length, ...] | None, old: tuple[Length, ...] | None) -> bool:
    """Whether a value is known to fit, and leaves the order in memory to the array.

    One of several axes that is broadcast has a say in the order of a new array.
    """
    if value is None or old is None or len(value) > len(old):
        return False
    pairs = list(zip(reversed(value), reversed(old), strict=False))
    along = [n for n, _ in pairs if n != ONE]
    return value == old or (len(along) <= 1 and all(n in (ONE, m) for n, m in pairs))


def _specimen(value: Array | Scalar) -> Any:
    if isinstance(value, Array):
        return value.dtype
    return {"bool": True, "int": 1, "float": 1.0, "complex": 1j}[value.kind]


_WAY = "way"

APPEND = Op(list.append, Form.UPDATE_METHOD, "append")
INSERT = Op(list.insert, Form.UPDATE_METHOD, "insert")
POP_ITEM = Op(list.pop, Form.UPDATE_METHOD, "pop")
"""``xs.pop(i)``, of which the result is the list: the item is read before."""
DISCARD = Op(dict.pop, Form.UPDATE_METHOD, "pop")
"""``d.pop(k)``, of which the result is the dict without that key."""
SET_DEFAULT = Op(dict.setdefault, Form.UPDATE_METHOD, "setdefault")
"""``d.setdefault(k, e)``, of which the result is the dict."""


def _exchanged(items: list[Any], i: Any, j: Any) -> list[Any]:
    new = items.copy()
    new[i], new[j] = new[j], new[i]
    return new


EXCHANGE = Op(_exchanged, Form.UPDATE_METHOD, "exchange")
"""``xs[i], xs[j] = xs[j], xs[i]``; its path are both positions."""

_PUTTING_NOTHING = (list.pop, dict.pop, _exchanged)


def is_exchange(let: Let) -> bool:
    """Whether two items of a list change places."""
    return let.op.function is _exchanged


def is_stored(let: Let) -> bool:
    """Whether a list or dict holds from now on what an update writes."""
    if let.op.form is Form.UPDATE_METHOD:
        return let.op.function not in _PUTTING_NOTHING
    if let.op.form is Form.UPDATE_STACK:
        return let.op == PUSHED
    plain = let.op.form is Form.UPDATE_INDEX and not let.op.name
    return plain and 0 < len(path_of(let)) <= list_depth(type_of(let.args[0]))


def list_depth(value: Type | None) -> int:
    """How many lists and dicts there are around an array or number."""
    depth = 0
    while isinstance(value, Growing):
        value, depth = value.item, depth + 1
    return depth


def path_of(let: Let) -> Sequence[Operand]:
    """The indices that lead to the place that an update writes."""
    return let.args[1:-1]


def edit_of(owner: Operand, way: tuple[Operand, ...], *rest: Operand) -> tuple[Operand, ...]:
    """The operands of an edit of the list that the indices of `way` lead to."""
    return (owner, Pack(_WAY, way), *rest) if way else (owner, *rest)


def way_of_edit(let: Let) -> tuple[Operand, ...]:
    """The indices that lead to the list that an edit changes; nothing where it is the owner."""
    first = let.args[1] if len(let.args) > 1 else None
    return first.items if isinstance(first, Pack) and first.kind == _WAY else ()


def path_of_edit(let: Let) -> tuple[Operand, ...]:
    """Where an item is added or taken out, or both exchanged; nothing where that is the end."""
    rest = let.args[2:] if way_of_edit(let) else let.args[1:]
    return rest if let.op.function in _PUTTING_NOTHING else rest[:-1]


def written_value(let: Let) -> Operand:
    """The value that an update writes, adds or multiplies by."""
    return let.args[-1]
